package org.halfulp.kernel;

import java.util.Arrays;
import org.halfulp.number.Format;

/**
 * Exact sums of products in doubles. {@link #run} leaves the sum of row i as {@code nearest[i] +
 * error[i]}, the first the double nearest to it; where the error is NaN it could not.
 *
 * <p>The products are multiples of {@code 2^l} below {@code 2^h}, by their formats or, failing
 * that, by the tensors' largest and smallest values. With {@code k = ceil(log2 n)}:
 *
 * <ul>
 *   <li>{@code h + k - l <= 53}: every partial sum is a double, in whatever order.
 *   <li>{@code h + 2k - l <= 104}: each sum is kept in two parts. The upper one starts from {@code
 *       1.5 * 2^K}, {@code K = h + k + 2}, and cannot leave that binade, since n products and their
 *       roundings stay below {@code 2^(K-1)}; so it gathers multiples of its last place {@code u =
 *       2^(K-52)}. What each product loses there is at most {@code u/2}, and n of these are below
 *       {@code 2^53} units of {@code 2^l}: the lower part is exact too (Demmel and Nguyen 2013 on
 *       one such extraction).
 * </ul>
 *
 * <p>Slow twin: {@link ExactSum}. Not thread-safe.
 */
final class ExactDot {
  private static final long LEAST = 1 << 18; // multiply-adds that are worth a thread

  private final Format left;
  private final Format right;
  private final Extent ofFormats;
  private final ScalarSums loops;
  private final double[] range = new double[2];
  private Extent scanned; // of the last matrix, null if it did not matter
  private ExactDot sameMatrix; // whose last matrix is the next one here, or null
  private int threads = 1;

  double[] nearest = new double[0];
  double[] error = new double[0];

  /**
   * @param left format of the matrix, null if its values are any doubles; {@code right} of the
   *     vector
   */
  ExactDot(Format left, Format right) {
    this(left, right, true);
  }

  /**
   * @param vectors whether to use vectors where the JVM has them
   */
  ExactDot(Format left, Format right, boolean vectors) {
    loops = LoopChoice.sums(vectors);
    this.left = left;
    this.right = right;
    ofFormats = Extent.of(left).times(Extent.of(right));
  }

  void sameMatrixAs(ExactDot other) {
    sameMatrix = other;
  }

  void threads(int most) {
    threads = most;
  }

  void reserve(int rows) {
    if (nearest.length < rows) {
      nearest = new double[rows];
      error = new double[rows];
    }
  }

  /** See {@link DotProduct#run}. */
  void run(double[] a, int aRow, int aStep, double[] b, int rows, int n) {
    reserve(rows);
    Extent products = ofFormats;
    boolean dense = aStep == 1 && aRow == n || aRow == 1 && aStep == rows;
    if (dense && parts(products, n) == 0) {
      scanned = sameMatrix == null ? null : sameMatrix.scanned;
      if (scanned == null) {
        scanned = extent(left, a, rows * n);
      }
      products = scanned.times(extent(right, b, n));
    } else {
      scanned = null;
    }
    run(parts(products, n), products.high(), a, aRow, aStep, b, rows, n);
  }

  /** Doubles that hold the sum of {@code n} such products: 1 or 2, or 0 if that is not known. */
  static int parts(Extent products, int n) {
    Extent sum = products.sum(n);
    return sum.fits(53) ? 1 : sum.sum(n).fits(104) ? 2 : 0;
  }

  /** {@link #run} in so many parts, of products below {@code 2^high}. */
  void run(int parts, int high, double[] a, int aRow, int aStep, double[] b, int rows, int n) {
    if (parts == 0) {
      Arrays.fill(error, 0, rows, Double.NaN);
      return;
    }
    double start = Math.scalb(1.5, high + Extent.log2(n) + 2);
    int ranges = RowRanges.count(threads, rows, (long) rows * n, LEAST);
    RowRanges.each(
        ranges, rows, (part, first, end) -> range(parts, start, a, aRow, aStep, b, first, end, n));
  }

  private void range(
      int parts,
      double start,
      double[] a,
      int aRow,
      int aStep,
      double[] b,
      int first,
      int end,
      int n) {
    if (parts == 1) {
      Arrays.fill(error, first, end, 0);
      if (aRow == 1) {
        loops.columns(a, aStep, b, first, end, n, nearest);
      } else {
        loops.rows(a, aRow, aStep, b, first, end, n, nearest);
      }
    } else if (aRow == 1) {
      loops.columnsInTwo(a, aStep, b, first, end, n, start, nearest, error);
    } else {
      loops.rowsInTwo(a, aRow, aStep, b, first, end, n, start, nearest, error);
    }
    for (int i = first; i < end; i++) {
      if (parts == 2) {
        normalize(i);
      }
      if (!(Math.abs(nearest[i]) <= Double.MAX_VALUE)) {
        error[i] = Double.NaN; // an infinity or NaN among the terms
      }
    }
  }

  /** Of the values of a format in {@code x[0..n)}. */
  private Extent extent(Format format, double[] x, int n) {
    loops.range(x, n, range);
    return Extent.of(format).between(range[0], range[1]);
  }

  /** Both parts as the nearest double and the rest. */
  private void normalize(int i) {
    double upper = nearest[i];
    double lower = error[i];
    double s = upper + lower;
    double t = s - upper;
    nearest[i] = s;
    error[i] = (upper - (s - t)) + (lower - t);
  }
}
