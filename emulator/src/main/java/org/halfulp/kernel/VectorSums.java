package org.halfulp.kernel;

import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.MIN;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link ScalarSums} by vectors; what fills no vector is left to it or to a plain loop. */
final class VectorSums extends ScalarSums {
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
  private static final int LANES = D.length();

  private final MethodHandle oddSums = LoneLoop.of(MethodHandles.lookup(), "wholeOddSums");

  static boolean isWide() {
    return LANES >= 2;
  }

  private static DoubleVector at(double[] x, int i) {
    return DoubleVector.fromArray(D, x, i);
  }

  @Override
  void rows(double[] a, int aRow, int aStep, double[] b, int first, int end, int n, double[] out) {
    int fours = first + (aStep == 1 && n >= LANES ? (end - first) / 4 * 4 : 0);
    for (int i = first; i < fours; i += 4) {
      fourRows(a, i * aRow, aRow, b, n, out, i);
    }
    for (int i = fours; i < end; i++) {
      out[i] = row(a, i * aRow, aStep, b, n);
    }
  }

  private static void fourRows(
      double[] a, int at0, int aRow, double[] b, int n, double[] out, int i) {
    int at1 = at0 + aRow;
    int at2 = at1 + aRow;
    int at3 = at2 + aRow;
    DoubleVector s0 = DoubleVector.zero(D);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    DoubleVector t0 = s0;
    DoubleVector t1 = s0;
    DoubleVector t2 = s0;
    DoubleVector t3 = s0;
    int j = 0;
    for (; j <= n - 2 * LANES; j += 2 * LANES) {
      DoubleVector x = at(b, j);
      DoubleVector y = at(b, j + LANES);
      s0 = at(a, at0 + j).fma(x, s0);
      s1 = at(a, at1 + j).fma(x, s1);
      s2 = at(a, at2 + j).fma(x, s2);
      s3 = at(a, at3 + j).fma(x, s3);
      t0 = at(a, at0 + j + LANES).fma(y, t0);
      t1 = at(a, at1 + j + LANES).fma(y, t1);
      t2 = at(a, at2 + j + LANES).fma(y, t2);
      t3 = at(a, at3 + j + LANES).fma(y, t3);
    }
    double r0 = s0.add(t0).reduceLanes(ADD);
    double r1 = s1.add(t1).reduceLanes(ADD);
    double r2 = s2.add(t2).reduceLanes(ADD);
    double r3 = s3.add(t3).reduceLanes(ADD);
    for (; j < n; j++) {
      r0 = Math.fma(a[at0 + j], b[j], r0);
      r1 = Math.fma(a[at1 + j], b[j], r1);
      r2 = Math.fma(a[at2 + j], b[j], r2);
      r3 = Math.fma(a[at3 + j], b[j], r3);
    }
    out[i] = r0;
    out[i + 1] = r1;
    out[i + 2] = r2;
    out[i + 3] = r3;
  }

  @Override
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
    if (aStep != 1 || n < LANES) {
      super.rowsInTwo(a, aRow, aStep, b, first, end, n, start, upper, lower);
      return;
    }
    int i = first;
    for (; i < end - 3; i += 4) {
      fourRowsInTwo(a, i * aRow, aRow, b, n, start, upper, lower, i);
    }
    for (; i < end; i++) {
      rowInTwo(a, i * aRow, b, 0, n, start, 0, 0, upper, lower, i);
    }
  }

  /** Terms from {@code from} on of one row, to which others have contributed. */
  private static void rowInTwo(
      double[] a,
      int at,
      double[] b,
      int from,
      int n,
      double start,
      double others,
      double othersLower,
      double[] upper,
      double[] lower,
      int i) {
    double h = start;
    double l = othersLower;
    for (int j = from; j < n; j++) {
      double s = Math.fma(a[at + j], b[j], h);
      l += Math.fma(a[at + j], b[j], h - s);
      h = s;
    }
    upper[i] = others + (h - start);
    lower[i] = l;
  }

  private static void fourRowsInTwo(
      double[] a,
      int at0,
      int aRow,
      double[] b,
      int n,
      double start,
      double[] upper,
      double[] lower,
      int i) {
    int at1 = at0 + aRow;
    int at2 = at1 + aRow;
    int at3 = at2 + aRow;
    DoubleVector from = DoubleVector.broadcast(D, start);
    DoubleVector h0 = from;
    DoubleVector h1 = from;
    DoubleVector h2 = from;
    DoubleVector h3 = from;
    DoubleVector l0 = DoubleVector.zero(D);
    DoubleVector l1 = l0;
    DoubleVector l2 = l0;
    DoubleVector l3 = l0;
    int j = 0;
    for (; j <= n - LANES; j += LANES) {
      DoubleVector y = at(b, j);
      DoubleVector x = at(a, at0 + j);
      DoubleVector s = x.fma(y, h0);
      l0 = l0.add(x.fma(y, h0.sub(s)));
      h0 = s;
      x = at(a, at1 + j);
      s = x.fma(y, h1);
      l1 = l1.add(x.fma(y, h1.sub(s)));
      h1 = s;
      x = at(a, at2 + j);
      s = x.fma(y, h2);
      l2 = l2.add(x.fma(y, h2.sub(s)));
      h2 = s;
      x = at(a, at3 + j);
      s = x.fma(y, h3);
      l3 = l3.add(x.fma(y, h3.sub(s)));
      h3 = s;
    }
    double u0 = h0.sub(from).reduceLanes(ADD);
    double u1 = h1.sub(from).reduceLanes(ADD);
    double u2 = h2.sub(from).reduceLanes(ADD);
    double u3 = h3.sub(from).reduceLanes(ADD);
    rowInTwo(a, at0, b, j, n, start, u0, l0.reduceLanes(ADD), upper, lower, i);
    rowInTwo(a, at1, b, j, n, start, u1, l1.reduceLanes(ADD), upper, lower, i + 1);
    rowInTwo(a, at2, b, j, n, start, u2, l2.reduceLanes(ADD), upper, lower, i + 2);
    rowInTwo(a, at3, b, j, n, start, u3, l3.reduceLanes(ADD), upper, lower, i + 3);
  }

  @Override
  void columns(double[] a, int aStep, double[] b, int first, int end, int n, double[] out) {
    int i = first;
    for (; i <= end - 4 * LANES; i += 4 * LANES) {
      DoubleVector s0 = DoubleVector.zero(D);
      DoubleVector s1 = s0;
      DoubleVector s2 = s0;
      DoubleVector s3 = s0;
      for (int j = 0; j < n; j++) {
        int at = j * aStep + i;
        DoubleVector y = DoubleVector.broadcast(D, b[j]);
        s0 = at(a, at).fma(y, s0);
        s1 = at(a, at + LANES).fma(y, s1);
        s2 = at(a, at + 2 * LANES).fma(y, s2);
        s3 = at(a, at + 3 * LANES).fma(y, s3);
      }
      s0.intoArray(out, i);
      s1.intoArray(out, i + LANES);
      s2.intoArray(out, i + 2 * LANES);
      s3.intoArray(out, i + 3 * LANES);
    }
    for (; i < end; i++) {
      double s = 0;
      for (int j = 0; j < n; j++) {
        s = Math.fma(a[j * aStep + i], b[j], s);
      }
      out[i] = s;
    }
  }

  @Override
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
    int i = first;
    DoubleVector from = DoubleVector.broadcast(D, start);
    for (; i <= end - 2 * LANES; i += 2 * LANES) {
      DoubleVector h0 = from;
      DoubleVector h1 = from;
      DoubleVector l0 = DoubleVector.zero(D);
      DoubleVector l1 = l0;
      for (int j = 0; j < n; j++) {
        int at = j * aStep + i;
        DoubleVector y = DoubleVector.broadcast(D, b[j]);
        DoubleVector x0 = at(a, at);
        DoubleVector x1 = at(a, at + LANES);
        DoubleVector s0 = x0.fma(y, h0);
        DoubleVector s1 = x1.fma(y, h1);
        l0 = l0.add(x0.fma(y, h0.sub(s0)));
        l1 = l1.add(x1.fma(y, h1.sub(s1)));
        h0 = s0;
        h1 = s1;
      }
      h0.sub(from).intoArray(upper, i);
      h1.sub(from).intoArray(upper, i + LANES);
      l0.intoArray(lower, i);
      l1.intoArray(lower, i + LANES);
    }
    for (; i < end; i++) {
      double h = start;
      double l = 0;
      for (int j = 0; j < n; j++) {
        double x = a[j * aStep + i];
        double s = Math.fma(x, b[j], h);
        l += Math.fma(x, b[j], h - s);
        h = s;
      }
      upper[i] = h - start;
      lower[i] = l;
    }
  }

  /**
   * Magnitudes are in order as bits; less one, and with the sign flipped, zero is above all others.
   */
  @Override
  void range(double[] x, int n, double[] leastAndMost) {
    LongVector least = LongVector.broadcast(L, Long.MAX_VALUE);
    LongVector least2 = least;
    LongVector most = LongVector.zero(L);
    LongVector most2 = most;
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      LongVector x0 = at(x, i).reinterpretAsLongs().and(MAGNITUDE);
      LongVector x1 = at(x, i + LANES).reinterpretAsLongs().and(MAGNITUDE);
      most = most.max(x0);
      most2 = most2.max(x1);
      least = least.min(x0.add(Long.MAX_VALUE));
      least2 = least2.min(x1.add(Long.MAX_VALUE));
    }
    long smallest = least.min(least2).reduceLanes(MIN);
    long largest = most.max(most2).reduceLanes(MAX);
    for (; i < n; i++) {
      long magnitude = Double.doubleToRawLongBits(x[i]) & MAGNITUDE;
      largest = Math.max(largest, magnitude);
      smallest = Math.min(smallest, magnitude + Long.MAX_VALUE);
    }
    leastAndMost[0] =
        smallest == Long.MAX_VALUE
            ? Double.MAX_VALUE
            : Double.longBitsToDouble(smallest - Long.MAX_VALUE);
    leastAndMost[1] = Double.longBitsToDouble(largest);
  }

  @Override
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
    int whole = D.loopBound(n);
    try {
      oddSums.invokeExact(this, x, xAt, sx, y, yAt, sy, out, to, so, whole);
    } catch (Throwable e) {
      throw LoneLoop.unchecked(e);
    }
    super.oddSums(x, xAt + whole, sx, y, yAt + whole, sy, out, to + whole, so, n - whole);
  }

  private void wholeOddSums(
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
    for (int i = 0; i < n; i += LANES) {
      DoubleVector u = at(x, xAt + i).mul(sx);
      DoubleVector v = at(y, yAt + i).mul(sy);
      DoubleVector s = u.add(v);
      DoubleVector t = s.sub(u);
      LongVector lost = u.sub(s.sub(t)).add(v.sub(t)).reinterpretAsLongs();
      LongVector magnitude = lost.and(MAGNITUDE);
      LongVector inexact = magnitude.sub(INFINITY).and(magnitude.neg()).lanewise(LSHR, 63);
      LongVector bits = s.reinterpretAsLongs();
      LongVector below = lost.lanewise(XOR, bits).lanewise(LSHR, 63).and(inexact);
      bits.sub(below).or(inexact).reinterpretAsDoubles().mul(so).intoArray(out, to + i);
    }
  }
}
