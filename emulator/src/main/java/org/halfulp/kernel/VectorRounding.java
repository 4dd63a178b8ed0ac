package org.halfulp.kernel;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/** {@link ScalarRounding} by vectors, step for step; what fills no vector is left to it. */
final class VectorRounding extends ScalarRounding {
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
  private static final int LANES = D.length();

  private final boolean nearest; // with fraction bits: no parity of exponents

  VectorRounding(Quantizer q) {
    super(q);
    nearest = mode == RoundingMode.RNE && oddFlip == 0;
  }

  /** Whether vectors are worth it: a JVM without them offers vectors of one element. */
  static boolean isWide() {
    return LANES >= 2;
  }

  @Override
  void round(double[] in, int from, double[] out, int to, int n, long[] draws) {
    int whole = D.loopBound(n);
    if (!isFloat) {
      if (draws != null) {
        drawnFixed(in, from, out, to, whole, draws);
      } else {
        fixed(in, from, out, to, whole);
      }
    } else if (draws != null) {
      drawnFloat(in, from, out, to, whole, draws);
    } else if (nearest) {
      nearestFloat(in, from, out, to, whole);
    } else if (mode == RoundingMode.RTZ) {
      truncatedFloat(in, from, out, to, whole);
    } else {
      anyFloat(in, from, out, to, whole);
    }
    roundFrom(whole, in, from, out, to, n, draws);
  }

  private void nearestFloat(double[] in, int from, double[] out, int to, int n) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector b = x.reinterpretAsLongs();
      LongVector a = b.and(MAGNITUDE);
      LongVector normal = a.add(upPlus).add(a.lanewise(LSHR, drop).and(1)).and(keep);
      DoubleVector small = a.reinterpretAsDoubles().add(magic).sub(magic);
      finish(x, b, a, normal, small, out, to + i);
    }
  }

  private void truncatedFloat(double[] in, int from, double[] out, int to, int n) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector b = x.reinterpretAsLongs();
      LongVector a = b.and(MAGNITUDE);
      DoubleVector y = a.reinterpretAsDoubles();
      DoubleVector near = y.add(magic).sub(magic);
      DoubleVector small = near.sub(quantum, near.compare(GT, y));
      finish(x, b, a, a.and(keep), small, out, to + i);
    }
  }

  private void anyFloat(double[] in, int from, double[] out, int to, int n) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector b = x.reinterpretAsLongs();
      LongVector a = b.and(MAGNITUDE);
      VectorMask<Long> negative = b.compare(LT, 0);
      LongVector odd =
          a.lanewise(LSHR, drop).and(1).compare(NE, oddFlip).toVector().reinterpretAsLongs();
      LongVector up = odd.and(oddWeight).add(upPlus).add(upMinus - upPlus, negative);
      LongVector normal = a.add(up).and(keep);
      DoubleVector small = onGrid(b.and(yMask).reinterpretAsDoubles());
      finish(x, b, a, normal, small, out, to + i);
    }
  }

  private void drawnFloat(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector r = LongVector.fromArray(L, draws, i);
      LongVector b = x.reinterpretAsLongs();
      LongVector a = b.and(MAGNITUDE);
      LongVector normal = a.add(r.lanewise(LSHL, drawShift)).and(keep);
      DoubleVector small = drawn(a.reinterpretAsDoubles(), r);
      finish(x, b, a, normal, small, out, to + i);
    }
  }

  /** Chooses between the two ranges, then what overflows, infinities and NaN; the sign. */
  private void finish(
      DoubleVector x,
      LongVector b,
      LongVector a,
      LongVector normal,
      DoubleVector small,
      double[] out,
      int to) {
    LongVector result =
        normal.blend(small.reinterpretAsLongs().and(MAGNITUDE), a.compare(LT, leastNormal));
    VectorMask<Long> over = result.compare(GT, most);
    VectorMask<Long> infinite = a.compare(EQ, INFINITY);
    if (overPlus == overMinus && infPlus == infMinus) {
      result = result.blend(overPlus, over).blend(infPlus, infinite);
    } else {
      VectorMask<Long> negative = b.compare(LT, 0);
      LongVector beyond = LongVector.broadcast(L, overPlus).blend(overMinus, negative);
      LongVector infinity = LongVector.broadcast(L, infPlus).blend(infMinus, negative);
      result = result.blend(beyond, over).blend(infinity, infinite);
    }
    DoubleVector signed = result.or(b.and(SIGN)).reinterpretAsDoubles().add(zero);
    signed.blend(nan, x.compare(NE, x)).intoArray(out, to);
  }

  private void fixed(double[] in, int from, double[] out, int to, int n) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector b = clamped(x).reinterpretAsLongs();
      finishFixed(x, b, onGrid(b.and(yMask).reinterpretAsDoubles()), out, to + i);
    }
  }

  private void drawnFixed(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      DoubleVector y = clamped(x);
      LongVector r = LongVector.fromArray(L, draws, i);
      finishFixed(x, y.reinterpretAsLongs(), drawn(y, r), out, to + i);
    }
  }

  private DoubleVector clamped(DoubleVector x) {
    DoubleVector y = x.blend(largest, x.compare(GT, largest));
    return y.blend(least, y.compare(LT, least));
  }

  private void finishFixed(DoubleVector x, LongVector b, DoubleVector grid, double[] out, int to) {
    LongVector result = grid.reinterpretAsLongs().and(MAGNITUDE).or(b.and(SIGN));
    DoubleVector signed = result.reinterpretAsDoubles().add(zero);
    signed.blend(nan, x.compare(NE, x)).intoArray(out, to);
  }

  private DoubleVector onGrid(DoubleVector y) {
    DoubleVector s = y.add(magic);
    DoubleVector near = s.sub(magic);
    LongVector even = s.reinterpretAsLongs().and(1).sub(1).or(evenGate);
    DoubleVector d = y.sub(near).reinterpretAsLongs().and(even).reinterpretAsDoubles();
    return near.add(quantum, d.compare(GT, raise)).sub(quantum, d.compare(LT, lower));
  }

  private DoubleVector drawn(DoubleVector y, LongVector r) {
    DoubleVector s = y.add(magic);
    LongVector floor = s.reinterpretAsLongs().sub(1, s.sub(magic).compare(GT, y).cast(L));
    return floor.add(r).and(keepDrawn).reinterpretAsDoubles().sub(magic);
  }
}
