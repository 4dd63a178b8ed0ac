package org.halfulp.kernel;

import java.util.Objects;

/** The fast Walsh-Hadamard transform: additions only, n log2 n of them. */
public final class WalshHadamard {
  private WalshHadamard() {}

  /** The least power of two that is at least {@code n}, n in 1..2^30. */
  public static int size(int n) {
    if (n < 1 || n > 1 << 30) {
      throw new IllegalArgumentException("a length must be in [1, 2^30], got " + n);
    }
    return n == 1 ? 1 : Integer.highestOneBit(n - 1) << 1;
  }

  /**
   * {@code x <- H x} in place, H of Sylvester: {@code H[i][j]} is -1 where {@code i & j} has an odd
   * number of ones, else +1. Twice gives n x.
   *
   * @param n a power of two
   */
  public static void transform(double[] x, int from, int n) {
    Objects.checkFromIndexSize(from, n, x.length);
    if (size(n) != n) {
      throw new IllegalArgumentException("the length must be a power of two, got " + n);
    }
    for (int half = 1; half < n; half <<= 1) {
      for (int block = from; block < from + n; block += 2 * half) {
        for (int i = block; i < block + half; i++) {
          double a = x[i];
          double b = x[i + half];
          x[i] = a + b;
          x[i + half] = a - b;
        }
      }
    }
  }
}
