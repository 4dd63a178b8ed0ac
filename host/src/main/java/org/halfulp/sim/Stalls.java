package org.halfulp.sim;

/**
 * Pseudo-random idle cycles and back-pressure of a batch; the pattern depends on the seed and the
 * cycle number alone.
 *
 * @param inPercent chance that a cycle offers no new word, in [0, 95]
 * @param outPercent chance that a cycle has {@code out_ready} low, in [0, 95]
 */
public record Stalls(int inPercent, int outPercent, long seed) {
  /** A word offered and taken whenever the unit can. */
  public static final Stalls NONE = new Stalls(0, 0, 0);

  public Stalls {
    check("inPercent", inPercent);
    check("outPercent", outPercent);
  }

  private static void check(String name, int percent) {
    if (percent < 0 || percent > 95) {
      throw new IllegalArgumentException(name + " must be in [0, 95], got " + percent);
    }
  }
}
