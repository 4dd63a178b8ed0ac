package org.halfulp.kernel;

import java.util.Arrays;

/**
 * The inner loops of sums of products; {@link ExactDot} and {@link RoundedDot} say what they are
 * for. {@link VectorSums} does the same by vectors.
 */
class ScalarSums {
  static final long MAGNITUDE = Long.MAX_VALUE;
  static final long INFINITY = 0x7FFL << 52;

  private static final int COLUMNS = 512; // of both parts in the first-level cache

  /**
   * {@code out[i] = sum over j of a[i*aRow + j*aStep] * b[j]}, first <= i < end, in any order: for
   * sums that are all exact.
   */
  void rows(double[] a, int aRow, int aStep, double[] b, int first, int end, int n, double[] out) {
    int i = first;
    for (; i < end - 3; i += 4) {
      fourRows(a, i * aRow, aRow, aStep, b, n, out, i);
    }
    for (; i < end; i++) {
      out[i] = row(a, i * aRow, aStep, b, n);
    }
  }

  static double row(double[] a, int from, int aStep, double[] b, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int at = from;
    int j = 0;
    for (; j < n - 3; j += 4) {
      s0 = Math.fma(a[at], b[j], s0);
      s1 = Math.fma(a[at + aStep], b[j + 1], s1);
      s2 = Math.fma(a[at + 2 * aStep], b[j + 2], s2);
      s3 = Math.fma(a[at + 3 * aStep], b[j + 3], s3);
      at += 4 * aStep;
    }
    for (; j < n; j++) {
      s0 = Math.fma(a[at], b[j], s0);
      at += aStep;
    }
    return (s0 + s1) + (s2 + s3);
  }

  private static void fourRows(
      double[] a, int from, int aRow, int aStep, double[] b, int n, double[] out, int i) {
    int at0 = from;
    int at1 = at0 + aRow;
    int at2 = at1 + aRow;
    int at3 = at2 + aRow;
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    double t0 = 0;
    double t1 = 0;
    double t2 = 0;
    double t3 = 0;
    int j = 0;
    if (aStep == 1) {
      for (; j < n - 1; j += 2) {
        double x = b[j];
        double y = b[j + 1];
        s0 = Math.fma(a[at0 + j], x, s0);
        s1 = Math.fma(a[at1 + j], x, s1);
        s2 = Math.fma(a[at2 + j], x, s2);
        s3 = Math.fma(a[at3 + j], x, s3);
        t0 = Math.fma(a[at0 + j + 1], y, t0);
        t1 = Math.fma(a[at1 + j + 1], y, t1);
        t2 = Math.fma(a[at2 + j + 1], y, t2);
        t3 = Math.fma(a[at3 + j + 1], y, t3);
      }
    }
    for (; j < n; j++) {
      double x = b[j];
      s0 = Math.fma(a[at0 + j * aStep], x, s0);
      s1 = Math.fma(a[at1 + j * aStep], x, s1);
      s2 = Math.fma(a[at2 + j * aStep], x, s2);
      s3 = Math.fma(a[at3 + j * aStep], x, s3);
    }
    out[i] = s0 + t0;
    out[i + 1] = s1 + t1;
    out[i + 2] = s2 + t2;
    out[i + 3] = s3 + t3;
  }

  /**
   * The same in two parts, the upper one counted from {@code start}: multiples of its last place,
   * and what they leave.
   */
  void rowsInTwo(
      double[] a,
      int aRow,
      int aStep,
      double[] b,
      int first,
      int end,
      int n,
      double start,
      double[] upper,
      double[] lower) {
    int i = first;
    for (; i < end - 3; i += 4) {
      fourRowsInTwo(a, i * aRow, aRow, aStep, b, n, start, upper, lower, i);
    }
    for (; i < end; i++) {
      double h = start;
      double l = 0;
      int at = i * aRow;
      for (int j = 0; j < n; j++) {
        double x = a[at];
        double y = b[j];
        double s = Math.fma(x, y, h);
        l += Math.fma(x, y, h - s);
        h = s;
        at += aStep;
      }
      upper[i] = h - start;
      lower[i] = l;
    }
  }

  private static void fourRowsInTwo(
      double[] a,
      int from,
      int aRow,
      int aStep,
      double[] b,
      int n,
      double start,
      double[] upper,
      double[] lower,
      int i) {
    int at0 = from;
    int at1 = at0 + aRow;
    int at2 = at1 + aRow;
    int at3 = at2 + aRow;
    double h0 = start;
    double h1 = start;
    double h2 = start;
    double h3 = start;
    double l0 = 0;
    double l1 = 0;
    double l2 = 0;
    double l3 = 0;
    for (int j = 0; j < n; j++) {
      double y = b[j];
      double x = a[at0];
      double s = Math.fma(x, y, h0);
      l0 += Math.fma(x, y, h0 - s);
      h0 = s;
      x = a[at1];
      s = Math.fma(x, y, h1);
      l1 += Math.fma(x, y, h1 - s);
      h1 = s;
      x = a[at2];
      s = Math.fma(x, y, h2);
      l2 += Math.fma(x, y, h2 - s);
      h2 = s;
      x = a[at3];
      s = Math.fma(x, y, h3);
      l3 += Math.fma(x, y, h3 - s);
      h3 = s;
      at0 += aStep;
      at1 += aStep;
      at2 += aStep;
      at3 += aStep;
    }
    upper[i] = h0 - start;
    lower[i] = l0;
    upper[i + 1] = h1 - start;
    lower[i + 1] = l1;
    upper[i + 2] = h2 - start;
    lower[i + 2] = l2;
    upper[i + 3] = h3 - start;
    lower[i + 3] = l3;
  }

  /** {@link #rows} for {@code aRow} = 1: a block of neighbours at a time. */
  void columns(double[] a, int aStep, double[] b, int first, int end, int n, double[] out) {
    for (int from = first; from < end; from += COLUMNS) {
      int to = Math.min(from + COLUMNS, end);
      Arrays.fill(out, from, to, 0);
      int j = 0;
      for (; j < n - 3; j += 4) {
        int at = j * aStep;
        addFour(
            a,
            at,
            at + aStep,
            at + 2 * aStep,
            at + 3 * aStep,
            b[j],
            b[j + 1],
            b[j + 2],
            b[j + 3],
            out,
            from,
            to);
      }
      for (; j < n; j++) {
        addOne(a, j * aStep, b[j], out, from, to);
      }
    }
  }

  private static void addOne(double[] a, int at, double x, double[] s, int from, int to) {
    for (int i = from; i < to; i++) {
      s[i] = Math.fma(a[at + i], x, s[i]);
    }
  }

  private static void addFour(
      double[] a,
      int at0,
      int at1,
      int at2,
      int at3,
      double x0,
      double x1,
      double x2,
      double x3,
      double[] s,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      double two = Math.fma(a[at1 + i], x1, Math.fma(a[at0 + i], x0, s[i]));
      s[i] = Math.fma(a[at3 + i], x3, Math.fma(a[at2 + i], x2, two));
    }
  }

  /** {@link #rowsInTwo} for {@code aRow} = 1. */
  void columnsInTwo(
      double[] a,
      int aStep,
      double[] b,
      int first,
      int end,
      int n,
      double start,
      double[] upper,
      double[] lower) {
    for (int from = first; from < end; from += COLUMNS) {
      int to = Math.min(from + COLUMNS, end);
      Arrays.fill(upper, from, to, start);
      Arrays.fill(lower, from, to, 0);
      int j = 0;
      for (; j < n - 3; j += 4) {
        int at = j * aStep;
        addFourInTwo(
            a,
            at,
            at + aStep,
            at + 2 * aStep,
            at + 3 * aStep,
            b[j],
            b[j + 1],
            b[j + 2],
            b[j + 3],
            upper,
            lower,
            from,
            to);
      }
      for (; j < n; j++) {
        addOneInTwo(a, j * aStep, b[j], upper, lower, from, to);
      }
      for (int i = from; i < to; i++) {
        upper[i] -= start;
      }
    }
  }

  private static void addOneInTwo(
      double[] a, int at, double y, double[] upper, double[] lower, int from, int to) {
    for (int i = from; i < to; i++) {
      double x = a[at + i];
      double h = upper[i];
      double s = Math.fma(x, y, h);
      lower[i] += Math.fma(x, y, h - s);
      upper[i] = s;
    }
  }

  private static void addFourInTwo(
      double[] a,
      int at0,
      int at1,
      int at2,
      int at3,
      double y0,
      double y1,
      double y2,
      double y3,
      double[] upper,
      double[] lower,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      double x0 = a[at0 + i];
      double x1 = a[at1 + i];
      double x2 = a[at2 + i];
      double x3 = a[at3 + i];
      double h0 = upper[i];
      double h1 = Math.fma(x0, y0, h0);
      double h2 = Math.fma(x1, y1, h1);
      double h3 = Math.fma(x2, y2, h2);
      double h4 = Math.fma(x3, y3, h3);
      double l0 = Math.fma(x0, y0, h0 - h1);
      double l1 = Math.fma(x1, y1, h1 - h2);
      double l2 = Math.fma(x2, y2, h2 - h3);
      double l3 = Math.fma(x3, y3, h3 - h4);
      upper[i] = h4;
      lower[i] += (l0 + l1) + (l2 + l3);
    }
  }

  /**
   * The smallest of {@code x[0..n)} in magnitude that is not 0, the largest double if none is, and
   * the largest; NaN may or may not count.
   */
  void range(double[] x, int n, double[] leastAndMost) {
    double least = Double.MAX_VALUE;
    double most = 0;
    for (int i = 0; i < n; i++) {
      double magnitude = Math.abs(x[i]);
      if (magnitude > most) {
        most = magnitude;
      }
      if (magnitude < least && magnitude > 0) {
        least = magnitude;
      }
    }
    leastAndMost[0] = least;
    leastAndMost[1] = most;
  }

  /**
   * {@code out[to + i] = so * (sx * x[xAt + i] + sy * y[yAt + i])}, the sum rounded to odd; {@code
   * out} may be in the place of an operand.
   *
   * @param sx what makes exact products of all x, as {@code sy} of all y
   * @param so 1 or -1
   */
  void oddSums(
      double[] x,
      int xAt,
      double sx,
      double[] y,
      int yAt,
      double sy,
      double[] out,
      int to,
      double so,
      int n) {
    for (int i = 0; i < n; i++) {
      out[to + i] = so * oddSum(sx * x[xAt + i], sy * y[yAt + i]);
    }
  }

  /** The sum rounded to odd: by the error of the nearest one (Knuth's two-sum), no branch. */
  static double oddSum(double x, double y) {
    double s = x + y;
    double t = s - x;
    return toOdd(s, (x - (s - t)) + (y - t));
  }

  /** {@code s + e} rounded to odd, s being the double nearest to it; without a branch. */
  static double toOdd(double s, double e) {
    long bits = Double.doubleToRawLongBits(s);
    long lost = Double.doubleToRawLongBits(e);
    long magnitude = lost & MAGNITUDE;
    long inexact = -magnitude & magnitude - INFINITY; // negative unless e is 0 or not finite
    inexact >>= 63;
    long below = (lost ^ bits) >> 63 & inexact; // nearest is the farther one from zero
    return Double.longBitsToDouble(bits + below | inexact & 1);
  }
}
