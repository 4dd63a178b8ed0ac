package org.halfulp.learn;

import org.halfulp.kernel.SgdUpdate;

/**
 * What updates the weight codes of a step: the emulator, or both twins in lockstep. Velocities, if
 * there is momentum, are its own; they start at code 0.
 */
@FunctionalInterface
public interface WeightUpdate {

  /**
   * @param w weight codes, length n, updated in place
   * @param g gradient codes, length n
   * @param step the step's code
   */
  void update(long[] w, long[] g, long step);

  /** Whether it may be given values in place of their codes: {@link #updateValues}. */
  default boolean takesValues() {
    return false;
  }

  /**
   * The same of values.
   *
   * @param w the weights' values, length n, updated in place
   * @param g the gradient's values, length n
   */
  default void updateValues(double[] w, double[] g, long step) {
    throw new UnsupportedOperationException("this update takes codes");
  }

  /** The emulator's, without momentum. */
  static WeightUpdate emulated(SgdUpdate unit) {
    return emulated(unit, 0);
  }

  /**
   * The emulator's.
   *
   * @param mu the momentum factor's code; unread without momentum
   */
  static WeightUpdate emulated(SgdUpdate unit, long mu) {
    return new WeightUpdate() {
      private int[] flags = new int[0];
      private long[] v = new long[0];

      @Override
      public boolean takesValues() {
        return unit.takesValues();
      }

      @Override
      public void updateValues(double[] w, double[] g, long step) {
        unit.update(w, g, step, w.length);
      }

      @Override
      public void update(long[] w, long[] g, long step) {
        if (flags.length < w.length) {
          flags = new int[w.length];
          v = new long[w.length];
        }
        if (unit.unit().momentum().isPresent()) {
          unit.update(w, v, g, step, mu, w, flags, w.length);
        } else {
          unit.update(w, g, step, w, flags, w.length);
        }
      }
    };
  }
}
