package org.halfulp.kernel;

/** Where the random bits of a tensor's elements come from. */
@FunctionalInterface
public interface Draws {
  /** The draws of the next {@code n} elements into {@code out[0]} and on. */
  void next(long[] out, int n);
}
