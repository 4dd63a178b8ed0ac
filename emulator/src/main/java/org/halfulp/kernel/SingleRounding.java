package org.halfulp.kernel;

/** Rounding of floats to floats of a format; without vectors they go by way of doubles. */
abstract class SingleRounding {
  /**
   * {@code out[to + i]} is the value that {@code in[from + i]} rounds to.
   *
   * @param draws one an element; null unless stochastic
   */
  abstract void round(float[] in, int from, float[] out, int to, int n, long[] draws);

  abstract boolean hasNan(float[] values, int from, int n);
}
