package org.halfulp.kernel;

/** Decoding of arrays; without vectors {@link Decoder} takes its table. */
abstract class ArrayDecoding {
  /** {@code out[to + i]} is the value of the code {@code codes[from + i]}, for i below n. */
  abstract void decode(short[] codes, int from, double[] out, int to, int n);
}
