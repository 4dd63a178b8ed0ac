package org.halfulp.kernel;

import java.util.Arrays;
import java.util.Objects;

/**
 * A matrix of +1 and -1 in a bit an entry, and its products. Row {@code r} is {@link #words} longs;
 * column {@code c} is bit {@code c % 64} of long {@code c / 64}, 1 for +1. Bits after the last
 * column are 0 here and may be anything in an input.
 *
 * <p>The binary layers of Akhtiamov, Ghane and Hassibi, arXiv:2510.16250: weights of one bit, by
 * XNOR and popcount where the layer's input is +-1 as well, by sign-controlled addition where it is
 * not. RTL twins: {@code xnor_dot.v}, {@code sign_dot.v}.
 */
public final class SignMatrix {
  private static final int BLOCK = 64; // inputs side by side, so that additions go by vectors

  private final int rows;
  private final int columns;
  private final int words;
  private final long[] bits;

  private SignMatrix(int rows, int columns) {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "a sign matrix needs rows and columns, got %d x %d".formatted(rows, columns));
    }
    this.rows = rows;
    this.columns = columns;
    words = words(columns);
    if ((long) rows * words > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a sign matrix has fewer than 2^31 words, got %d x %d".formatted(rows, columns));
    }
    bits = new long[rows * words];
  }

  /**
   * The signs of a matrix, rows x columns row-major. Zero, of either sign, counts as +1.
   *
   * @throws IllegalArgumentException for NaN
   */
  public static SignMatrix of(double[] values, int rows, int columns) {
    SignMatrix m = new SignMatrix(rows, columns);
    if (values.length != (long) rows * columns) {
      throw new IllegalArgumentException(
          "%d values are not a matrix of %d x %d".formatted(values.length, rows, columns));
    }
    for (int r = 0; r < rows; r++) {
      pack(values, r * columns, columns, m.bits, r * m.words);
    }
    return m;
  }

  /** Longs that {@code n} signs take. */
  public static int words(int n) {
    return n + 63 >>> 6;
  }

  /**
   * The signs of {@code n} values, zero +1, into {@link #words} longs; padding is 0.
   *
   * @throws IllegalArgumentException for NaN
   */
  public static void pack(double[] values, int from, int n, long[] packed, int to) {
    Objects.checkFromIndexSize(from, n, values.length);
    Objects.checkFromIndexSize(to, words(n), packed.length);
    for (int i = 0; i < n; i += 64) {
      long word = 0;
      for (int k = Math.min(64, n - i) - 1; k >= 0; k--) {
        double v = values[from + i + k];
        if (v != v) {
          throw new IllegalArgumentException("value %d is NaN, which has no sign".formatted(i + k));
        }
        word = word << 1 | (v >= 0 ? 1 : 0);
      }
      packed[to + (i >> 6)] = word;
    }
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  /** Bits of the weights: one each. Binary32 takes 32 times as many. */
  public long weightBits() {
    return (long) rows * columns;
  }

  /** Bits that they take here, padding included. */
  public long storedBits() {
    return 64L * bits.length;
  }

  /** Entry of +1 or -1. */
  public int at(int row, int column) {
    Objects.checkIndex(row, rows);
    Objects.checkIndex(column, columns);
    return (bits[row * words + (column >> 6)] >>> column & 1) != 0 ? 1 : -1;
  }

  /** All entries, row-major. */
  public double[] toDoubles() {
    double[] all = new double[Math.multiplyExact(rows, columns)];
    for (int i = 0; i < all.length; i++) {
      all[i] = at(i / columns, i % columns);
    }
    return all;
  }

  /**
   * Products with one vector of signs, {@code 2 popcount(xnor) - columns}: exact.
   *
   * @param packed the vector, {@link #words} longs from {@code from} on
   * @param out written, {@code rows} values
   */
  public void dots(long[] packed, int from, int[] out) {
    Objects.checkFromIndexSize(from, words, packed.length);
    Objects.checkFromIndexSize(0, rows, out.length);
    for (int r = 0; r < rows; r++) {
      out[r] = dot(bits, r * words, packed, from, columns);
    }
  }

  /** {@code 2 popcount(xnor) - n} of two packed vectors of {@code n} signs. */
  public static int dot(long[] a, int aFrom, long[] b, int bFrom, int n) {
    int last = n - 1 >> 6;
    int equal = 0;
    for (int k = 0; k < last; k++) {
      equal += Long.bitCount(~(a[aFrom + k] ^ b[bFrom + k]));
    }
    equal += Long.bitCount(~(a[aFrom + last] ^ b[bFrom + last]) & -1L >>> -n);
    return 2 * equal - n;
  }

  /** Codes in fixed point, each added where its sign's bit is 1, else subtracted; exact. */
  public static long signedSum(long[] packed, int from, long[] codes, int n) {
    long sum = 0;
    for (int i = 0; i < n; i++) {
      long minus = (packed[from + (i >> 6)] >>> i & 1) - 1; // 0 or -1
      sum += (codes[i] ^ minus) - minus;
    }
    return sum;
  }

  /**
   * Products with vectors of reals: each value added or subtracted, in the order of the columns
   * from 0 on, in binary64. No multiplication, and the bits of the plain sum of products.
   *
   * @param x {@code inputs} vectors, row-major
   * @param out written, inputs x rows row-major
   */
  public void products(double[] x, int inputs, double[] out) {
    Objects.checkFromIndexSize(0, Math.multiplyExact(inputs, columns), x.length);
    Objects.checkFromIndexSize(0, Math.multiplyExact(inputs, rows), out.length);
    double[] turned = new double[columns * BLOCK];
    double[] sum = new double[BLOCK];
    for (int first = 0; first < inputs; first += BLOCK) {
      int n = Math.min(BLOCK, inputs - first);
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < columns; c++) {
          turned[c * BLOCK + i] = x[(first + i) * columns + c];
        }
      }
      for (int r = 0; r < rows; r++) {
        Arrays.fill(sum, 0);
        for (int c = 0; c < columns; c++) {
          int at = c * BLOCK;
          if ((bits[r * words + (c >> 6)] >>> c & 1) != 0) {
            for (int i = 0; i < BLOCK; i++) {
              sum[i] += turned[at + i];
            }
          } else {
            for (int i = 0; i < BLOCK; i++) {
              sum[i] -= turned[at + i];
            }
          }
        }
        for (int i = 0; i < n; i++) {
          out[(first + i) * rows + r] = sum[i];
        }
      }
    }
  }
}
