package org.halfulp.learn;

import org.halfulp.kernel.SgdUpdate;

/** What updates the weight codes of a step: the emulator, or both twins in lockstep. */
@FunctionalInterface
public interface WeightUpdate {

  /**
   * @param w weight codes, length n, updated in place
   * @param g gradient codes, length n
   * @param step the step's code
   */
  void update(long[] w, long[] g, long step);

  /** The emulator's. */
  static WeightUpdate emulated(SgdUpdate unit) {
    return new WeightUpdate() {
      private int[] flags = new int[0];

      @Override
      public void update(long[] w, long[] g, long step) {
        if (flags.length < w.length) {
          flags = new int[w.length];
        }
        unit.update(w, g, step, w, flags, w.length);
      }
    };
  }
}
