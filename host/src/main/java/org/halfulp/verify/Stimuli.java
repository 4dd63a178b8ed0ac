package org.halfulp.verify;

/** Beats by their index: any range of them can be made, and made again, by any thread. */
public interface Stimuli {
  /** How many beats; {@link Long#MAX_VALUE} if there is no end. */
  long beats();

  /**
   * Writes beats into columns as {@link Twin#respond} takes them.
   *
   * @param from index of the first beat
   */
  void fill(long from, int beats, long[][] columns);

  /** Whether every input that matters is among them. */
  default boolean exhausts() {
    return false;
  }

  /** Different inputs (one lane each) among all beats, if that is known from their making. */
  default long distinct() {
    return -1;
  }

  /** SplitMix64's finalizer (Steele, Lea, Flood 2014). */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
