package org.halfulp.kernel;

/** Rounding of floats to floats of a format; without vectors they go by way of doubles. */
abstract class SingleRounding {
  /** {@code out[to + i]} is the value that {@code in[from + i]} rounds to. */
  abstract void round(float[] in, int from, float[] out, int to, int n);

  abstract boolean hasNan(float[] values, int from, int n);
}
