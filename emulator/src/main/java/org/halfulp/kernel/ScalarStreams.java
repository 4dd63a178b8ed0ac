package org.halfulp.kernel;

/**
 * Draws of several streams in turn, {@link org.halfulp.number.RandomBits} side by side. {@link
 * VectorStreams} does the same by vectors.
 */
class ScalarStreams {
  static final int MOST_LEAP = 60; // bits of a register's future that one word gives

  /** Registers side by side that these loops like best. */
  int width() {
    return 1;
  }

  /**
   * {@code out[from + i]} is a draw of the register {@code i mod states.length}, which then leaps.
   *
   * @param states updated
   * @param bits of a draw
   * @param leap bits that a register advances by with each draw; at most 60
   * @param n a multiple of the registers
   */
  void draw(long[] states, int bits, int leap, long[] out, int from, int n) {
    int registers = states.length;
    for (int l = 0; l < registers; l++) {
      long s = states[l];
      for (int i = l; i < n; i += registers) {
        long t = s ^ s << 1 ^ s << 3 ^ s << 4;
        out[from + i] = t >>> 64 - bits;
        s = s << leap | t >>> 64 - leap;
      }
      states[l] = s;
    }
  }
}
