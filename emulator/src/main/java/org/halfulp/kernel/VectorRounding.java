package org.halfulp.kernel;

import static jdk.incubator.vector.VectorOperators.D2F;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/** {@link ScalarRounding} by vectors, step for step; what fills no vector is left to it. */
final class VectorRounding extends ScalarRounding {
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
  private static final int LANES = D.length();

  private static final VectorSpecies<Float> F = // as many elements
      VectorSpecies.of(float.class, VectorShape.forBitSize(32 * LANES));
  private static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, D.vectorShape());
  private static final VectorSpecies<Short> S = VectorSpecies.of(short.class, D.vectorShape());
  private static final VectorSpecies<Byte> B = VectorSpecies.of(byte.class, D.vectorShape());
  static final VectorShuffle<Integer> INTS = inOrder(I);
  private static final VectorShuffle<Short> SHORTS = inOrder(S);
  private static final VectorShuffle<Byte> BYTES = inOrder(B);

  private final IntVector leastNormals;
  private final IntVector leastExponents; // of sums

  private final long leastSum; // of fixed point
  private final long largestSum;

  private final MethodHandle loop;
  private final MethodHandle encoding;

  VectorRounding(Quantizer q) {
    super(q);
    loop = LoneLoop.of(MethodHandles.lookup(), loop(q.draws()));
    encoding = LoneLoop.of(MethodHandles.lookup(), isFloat ? "encodeFloats" : "encodeFixed");
    leastNormals = LongVector.broadcast(L, leastNormal).reinterpretAsInts();
    leastSum = bits(least + magic);
    largestSum = bits(largest + magic);
    leastExponents = isFloat ? leastNormals : IntVector.zero(I);
  }

  /** {@code k} long vectors hold narrow codes side by side in each element; this sorts them. */
  private static <E> VectorShuffle<E> inOrder(VectorSpecies<E> narrow) {
    int perLong = narrow.length() / LANES;
    return VectorShuffle.fromOp(narrow, p -> p % LANES * perLong + p / LANES);
  }

  /** Whether vectors are worth it: a JVM without them offers vectors of one element. */
  static boolean isWide() {
    return LANES >= 2;
  }

  private String loop(boolean draws) {
    if (!isFloat) {
      return draws ? "drawnFixed" : mode == RoundingMode.RNE ? "nearestFixed" : "anyFixed";
    }
    if (draws) {
      return floats ? "drawnFloats" : "drawnAnyFloat";
    }
    if (floats && mode == RoundingMode.RNE) {
      return overPlus == infPlus && nan != 0 ? "nearestFloatsAlike" : "nearestFloats";
    }
    return floats && mode == RoundingMode.RTZ ? "truncatedFloats" : "anyFloat";
  }

  @Override
  void round(double[] in, int from, double[] out, int to, int n, long[] draws) {
    int whole = D.loopBound(n);
    try {
      loop.invokeExact(this, in, from, out, to, whole, draws);
    } catch (Throwable e) {
      throw LoneLoop.unchecked(e);
    }
    roundFrom(whole, in, from, out, to, n, draws);
  }

  private void nearestFloats(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector b = x.reinterpretAsLongs();
      DoubleVector a = b.and(MAGNITUDE).reinterpretAsDoubles();
      DoubleVector c = exponent(b).add(toMagic).reinterpretAsDoubles();
      DoubleVector r = a.add(c).sub(c).blend(value(overPlus), a.compare(GT, lastInRange));
      finish(x, b, a, r).intoArray(out, to + i);
    }
  }

  /** The same where infinities go as what overflows does; (NaN + c) - c is NaN. */
  private void nearestFloatsAlike(
      double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      LongVector b = DoubleVector.fromArray(D, in, from + i).reinterpretAsLongs();
      DoubleVector a = b.and(MAGNITUDE).reinterpretAsDoubles();
      DoubleVector c = exponent(b).add(toMagic).reinterpretAsDoubles();
      DoubleVector r = a.add(c).sub(c).blend(value(overPlus), a.compare(GT, lastInRange));
      withSign(r, b).intoArray(out, to + i);
    }
  }

  private void truncatedFloats(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector b = x.reinterpretAsLongs();
      DoubleVector a = b.and(MAGNITUDE).reinterpretAsDoubles();
      LongVector e = exponent(b);
      DoubleVector c = e.add(toMagic).reinterpretAsDoubles();
      DoubleVector near = a.add(c).sub(c);
      DoubleVector quanta = e.add(toQuantum).reinterpretAsDoubles();
      DoubleVector r = near.blend(near.sub(quanta), near.compare(GT, a));
      r = r.blend(value(overPlus), a.compare(GT, lastInRange));
      finish(x, b, a, r).intoArray(out, to + i);
    }
  }

  /**
   * All in one method, and short: one that Java does not inline has its vectors as objects, and
   * then takes three times as long.
   */
  private void drawnFloats(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector b = x.reinterpretAsLongs();
      DoubleVector a = b.and(MAGNITUDE).reinterpretAsDoubles();
      LongVector c = exponent(b).add(toMagic);
      DoubleVector s = a.add(c.reinterpretAsDoubles());
      DoubleVector near = s.sub(c.reinterpretAsDoubles());
      // The nearest one where that is above x is one too many.
      DoubleVector r =
          s.reinterpretAsLongs()
              .add(near.reinterpretAsLongs().compare(GT, a.reinterpretAsLongs()).toVector())
              .add(LongVector.fromArray(L, draws, i))
              .and(keepDrawn)
              .reinterpretAsDoubles()
              .sub(c.reinterpretAsDoubles());
      // Where c has left the doubles r is large or NaN.
      DoubleVector.broadcast(D, value(overPlus))
          .blend(r, r.compare(LE, value(most)))
          .blend(value(infPlus), a.compare(EQ, Double.POSITIVE_INFINITY))
          .reinterpretAsLongs()
          .or(b.and(SIGN))
          .reinterpretAsDoubles()
          .add(zero)
          .blend(nan, x.compare(NE, x))
          .intoArray(out, to + i);
    }
  }

  @Override
  int accumulates() {
    return super.accumulates() * LANES;
  }

  @Override
  boolean accumulate(
      double[] a,
      int at,
      int step,
      double[] b,
      int from,
      int n,
      boolean exact,
      double[] s,
      int rows) {
    if (rows % LANES != 0) {
      return super.accumulate(a, at, step, b, from, n, exact, s, rows);
    }
    if (!exact) {
      inexactSums(a, at, step, b, from, n, s, rows);
    } else {
      exactSums(a, at, step, b, from, n, s, rows);
    }
    return !hasNan(s, 0, rows);
  }

  /** What is beyond the range becomes NaN, and stays so. */
  private void exactSums(
      double[] a, int at, int step, double[] b, int from, int n, double[] s, int rows) {
    for (int j = 0; j < n; j++) {
      DoubleVector y = DoubleVector.broadcast(D, b[from + j]);
      int k = at + j * step;
      for (int i = 0; i < rows; i += LANES) {
        DoubleVector t =
            DoubleVector.fromArray(D, a, k + i).fma(y, DoubleVector.fromArray(D, s, i));
        LongVector bits = t.reinterpretAsLongs();
        DoubleVector c =
            bits.and(exponents)
                .reinterpretAsInts()
                .max(leastExponents)
                .reinterpretAsLongs()
                .add(toSumMagic)
                .reinterpretAsDoubles();
        t.add(c)
            .sub(c)
            .reinterpretAsLongs()
            .or(bits.and(signs))
            .reinterpretAsDoubles()
            .blend(Double.NaN, bits.and(MAGNITUDE).reinterpretAsDoubles().compare(GT, lastSum))
            .intoArray(s, i);
      }
    }
  }

  /** See {@link ScalarRounding#accumulate}. */
  private void inexactSums(
      double[] a, int at, int step, double[] b, int from, int n, double[] s, int rows) {
    for (int j = 0; j < n; j++) {
      DoubleVector y = DoubleVector.broadcast(D, b[from + j]);
      int k = at + j * step;
      for (int i = 0; i < rows; i += LANES) {
        DoubleVector sum = DoubleVector.fromArray(D, s, i);
        DoubleVector p = DoubleVector.fromArray(D, a, k + i).mul(y);
        DoubleVector t = p.add(sum);
        LongVector bits = t.reinterpretAsLongs();
        DoubleVector c =
            bits.and(exponents)
                .reinterpretAsInts()
                .max(leastExponents)
                .reinterpretAsLongs()
                .add(toSumMagic)
                .reinterpretAsDoubles();
        t.add(c)
            .sub(c)
            .reinterpretAsLongs()
            .or(bits.and(signs))
            .reinterpretAsDoubles()
            .blend(Double.NaN, bits.and(MAGNITUDE).reinterpretAsDoubles().compare(GT, lastSum))
            .blend(Double.NaN, sum.sub(t.sub(p)).compare(NE, 0))
            .intoArray(s, i);
      }
    }
  }

  /** Exponent field of x, or of the smallest normal value below that, in place. */
  private LongVector exponent(LongVector b) {
    // Both have 32 zeros at the end, so that halves compare as the whole does.
    return b.and(INFINITY).reinterpretAsInts().max(leastNormals).reinterpretAsLongs();
  }

  private DoubleVector finish(DoubleVector x, LongVector b, DoubleVector a, DoubleVector r) {
    DoubleVector all = r.blend(value(infPlus), a.compare(EQ, Double.POSITIVE_INFINITY));
    return withSign(all, b).blend(nan, x.compare(NE, x));
  }

  private DoubleVector withSign(DoubleVector r, LongVector b) {
    return r.reinterpretAsLongs().or(b.and(SIGN)).reinterpretAsDoubles().add(zero);
  }

  private void anyFloat(double[] in, int from, double[] out, int to, int n, long[] draws) {
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

  private void drawnAnyFloat(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector r = LongVector.fromArray(L, draws, i);
      LongVector b = x.reinterpretAsLongs();
      LongVector a = b.and(MAGNITUDE);
      LongVector normal = a.add(r.lanewise(LSHL, drawShift)).and(keep);
      DoubleVector c = DoubleVector.broadcast(D, magic);
      DoubleVector small = drawn(a.reinterpretAsDoubles(), c, r).reinterpretAsDoubles().sub(c);
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
    VectorMask<Long> negative = b.compare(LT, 0);
    LongVector beyond = LongVector.broadcast(L, overPlus).blend(overMinus, negative);
    LongVector infinity = LongVector.broadcast(L, infPlus).blend(infMinus, negative);
    result =
        result.blend(beyond, result.compare(GT, most)).blend(infinity, a.compare(EQ, INFINITY));
    DoubleVector signed = result.or(b.and(SIGN)).reinterpretAsDoubles().add(zero);
    signed.blend(nan, x.compare(NE, x)).intoArray(out, to);
  }

  /**
   * Sums with {@code magic} are in order as numbers and as bits, below zero or beyond its binade
   * too, so that what is out of range can be clamped after them, by two instructions.
   */
  private void nearestFixed(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      DoubleVector near = inRange(x.add(magic).reinterpretAsLongs()).sub(magic);
      near.blend(nan, x.compare(NE, x)).intoArray(out, to + i);
    }
  }

  private DoubleVector inRange(LongVector sums) {
    return sums.min(largestSum).max(leastSum).reinterpretAsDoubles();
  }

  private void anyFixed(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector b = clamped(x).reinterpretAsLongs();
      finishFixed(x, b, onGrid(b.and(yMask).reinterpretAsDoubles()), out, to + i);
    }
  }

  private void drawnFixed(double[] in, int from, double[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector x = DoubleVector.fromArray(D, in, from + i);
      LongVector sums =
          drawn(x, DoubleVector.broadcast(D, magic), LongVector.fromArray(L, draws, i));
      DoubleVector grid = inRange(sums).sub(magic);
      grid.blend(nan, x.compare(NE, x)).intoArray(out, to + i);
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

  /** Plus c. */
  private LongVector drawn(DoubleVector y, DoubleVector c, LongVector r) {
    DoubleVector s = y.add(c);
    DoubleVector lost = y.sub(s.sub(c)).add(0.0); // +0 where nothing is, for the sign is read
    LongVector floor = s.reinterpretAsLongs().sub(lost.reinterpretAsLongs().lanewise(LSHR, 63));
    return floor.add(r).and(keepDrawn);
  }

  @Override
  void encode(double[] in, long[] out, int n) {
    int whole = D.loopBound(n);
    try {
      encoding.invokeExact(this, in, out, whole);
    } catch (Throwable e) {
      throw LoneLoop.unchecked(e);
    }
    for (int i = whole; i < n; i++) {
      out[i] = code(in[i]);
    }
  }

  private void encodeFixed(double[] in, long[] out, int n) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector s = DoubleVector.fromArray(D, in, i).add(codeMagic);
      s.reinterpretAsLongs().sub(bits(codeMagic)).and(mask).intoArray(out, i);
    }
  }

  private void encodeFloats(double[] in, long[] out, int n) {
    for (int i = 0; i < n; i += LANES) {
      LongVector b = DoubleVector.fromArray(D, in, i).reinterpretAsLongs();
      LongVector a = b.and(MAGNITUDE);
      LongVector normal = a.sub(base).lanewise(LSHR, drop);
      LongVector small =
          a.reinterpretAsDoubles().add(codeMagic).reinterpretAsLongs().sub(bits(codeMagic));
      LongVector code = normal.blend(small, a.compare(LT, leastNormal));
      LongVector sign = b.lanewise(LSHR, signShift).and(signBit);
      code.blend(infCode, a.compare(EQ, INFINITY))
          .or(sign)
          .blend(nanCode, a.compare(GT, INFINITY))
          .intoArray(out, i);
    }
  }

  @Override
  void pack(long[] in, byte[] out, int to, int n) {
    int whole = B.loopBound(n);
    for (int i = 0; i < whole; i += 8 * LANES) {
      LongVector word = LongVector.fromArray(L, in, i);
      for (int k = 1; k < 8; k++) {
        word = word.or(LongVector.fromArray(L, in, i + k * LANES).lanewise(LSHL, 8 * k));
      }
      word.reinterpretAsBytes().rearrange(BYTES).intoArray(out, to + i);
    }
    for (int i = whole; i < n; i++) {
      out[to + i] = (byte) in[i];
    }
  }

  @Override
  void pack(long[] in, short[] out, int to, int n) {
    int whole = S.loopBound(n);
    for (int i = 0; i < whole; i += 4 * LANES) {
      LongVector word = LongVector.fromArray(L, in, i);
      for (int k = 1; k < 4; k++) {
        word = word.or(LongVector.fromArray(L, in, i + k * LANES).lanewise(LSHL, 16 * k));
      }
      word.reinterpretAsShorts().rearrange(SHORTS).intoArray(out, to + i);
    }
    for (int i = whole; i < n; i++) {
      out[to + i] = (short) in[i];
    }
  }

  @Override
  void pack(long[] in, int[] out, int to, int n) {
    int whole = I.loopBound(n);
    for (int i = 0; i < whole; i += 2 * LANES) {
      LongVector word = LongVector.fromArray(L, in, i);
      for (int k = 1; k < 2; k++) {
        word = word.or(LongVector.fromArray(L, in, i + k * LANES).lanewise(LSHL, 32 * k));
      }
      word.reinterpretAsInts().rearrange(INTS).intoArray(out, to + i);
    }
    for (int i = whole; i < n; i++) {
      out[to + i] = (int) in[i];
    }
  }

  @Override
  boolean hasNan(double[] values, int from, int n) {
    int whole = D.loopBound(n);
    for (int i = from; i < from + whole; i += LANES) {
      DoubleVector v = DoubleVector.fromArray(D, values, i);
      if (v.compare(NE, v).anyTrue()) {
        return true;
      }
    }
    return super.hasNan(values, from + whole, n - whole);
  }

  @Override
  void widen(float[] in, int from, double[] out, int n) {
    int i = 0;
    for (; i + F.length() <= n; i += F.length()) {
      FloatVector v = FloatVector.fromArray(F, in, from + i);
      ((DoubleVector) v.convertShape(F2D, D, 0)).intoArray(out, i);
    }
    for (; i < n; i++) {
      out[i] = in[from + i];
    }
  }

  @Override
  void narrow(double[] in, float[] out, int to, int n) {
    int i = 0;
    for (; i + F.length() <= n; i += F.length()) {
      DoubleVector v = DoubleVector.fromArray(D, in, i);
      ((FloatVector) v.convertShape(D2F, F, 0)).intoArray(out, to + i);
    }
    for (; i < n; i++) {
      out[to + i] = (float) in[i];
    }
  }
}
