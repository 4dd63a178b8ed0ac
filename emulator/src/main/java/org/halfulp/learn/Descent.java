package org.halfulp.learn;

/** An iteration towards a minimum. */
public interface Descent {
  /** Makes one step. */
  void step();

  /** The server's estimate, for reading: x^_t, of accelerated descent y^_t. */
  double[] estimate();

  /** Values that were outside their quantizer's range so far. */
  long saturations();

  /** The largest value over its range so far, 1 if none was outside. */
  double overload();
}
