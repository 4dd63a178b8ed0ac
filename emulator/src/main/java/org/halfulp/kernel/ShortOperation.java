package org.halfulp.kernel;

/** An operation on codes of at most 16 bits, by way of binary32. */
abstract class ShortOperation {
  /** {@code out[to + i]} from the i-th code of each operand from {@code from} on, i below n. */
  abstract void apply(short[][] in, int from, short[] out, int to, int n);
}
