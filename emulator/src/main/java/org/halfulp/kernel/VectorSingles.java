package org.halfulp.kernel;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/** {@link VectorRounding} in binary32, for the plain modes and SR of narrow formats. */
final class VectorSingles extends SingleRounding {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
  private static final int LANES = F.length();
  private static final int MAGNITUDE = Integer.MAX_VALUE;
  private static final int SIGN = Integer.MIN_VALUE;
  private static final int INFINITY = 0xFF << 23;

  private final ScalarRounding rules;
  private final boolean isFloat;
  private final boolean nearest;
  private final boolean floats; // see VectorRounding
  private final boolean alike; // infinities as what overflows, NaN as NaN
  private final int drop;
  private final int leastNormal;
  private final int most;
  private final float lastInRange;
  private final int toMagic;
  private final int drawShift;
  private final int keepDrawn;
  private final float drawnMagic;
  private final float magic;
  private final float quantum;
  private final float over;
  private final float inf;
  private final float nan;
  private final float zero;
  private final float least;
  private final float largest;
  private final MethodHandle loop;

  static boolean isWide() {
    return LANES >= 2;
  }

  static boolean fits(Quantizer q) {
    if (!ScalarRounding.fits(q)) {
      return false;
    }
    if (q.format() instanceof FloatFormat f) {
      boolean plain = q.rounding() == RoundingMode.RNE || q.rounding() == RoundingMode.RTZ;
      return (plain || q.draws())
          && f.signed()
          && !f.daz()
          && f.subnormals()
          && f.fracBits() >= 1
          && f.fracBits() + q.randomBits() <= 21
          && f.emin() >= -126
          && f.emin() - f.fracBits() >= -149
          && f.emax() <= 127
          && f.maxFinite() >= f.minNormal();
    }
    FixedFormat f = (FixedFormat) q.format();
    return q.rounding() == RoundingMode.RNE && f.width() <= 21 && Math.abs(f.fracBits()) <= 100;
  }

  VectorSingles(Quantizer q) {
    rules = new ScalarRounding(q);
    isFloat = rules.isFloat;
    nearest = q.rounding() == RoundingMode.RNE;
    quantum = (float) rules.quantum;
    magic = quantum * 0x1.8p23f;
    drawShift = rules.drawShift - 29;
    keepDrawn = (int) rules.keepDrawn;
    drawnMagic = Math.scalb(magic, -q.randomBits());
    nan = (float) rules.nan;
    zero = (float) rules.zero;
    least = (float) rules.least;
    largest = (float) rules.largest;
    drop = isFloat ? rules.drop - 29 : 0;
    leastNormal =
        isFloat ? Float.floatToRawIntBits((float) ScalarRounding.value(rules.leastNormal)) : 0;
    most = isFloat ? Float.floatToRawIntBits((float) ScalarRounding.value(rules.most)) : 0;
    over = (float) ScalarRounding.value(rules.overPlus);
    inf = (float) ScalarRounding.value(rules.infPlus);
    alike = rules.overPlus == rules.infPlus && nan != 0;
    toMagic = (drop << 23) + (1 << 22);
    floats = isFloat && Math.getExponent(value(most)) + drop + 1 <= 127;
    int tie = most + (isFloat ? 1 << drop - 1 : 0);
    lastInRange = (most >>> drop & 1) == 0 ? value(tie) : value(tie - 1);
    loop = LoneLoop.of(MethodHandles.lookup(), loop(q.draws()));
  }

  private static float value(int bits) {
    return Float.intBitsToFloat(bits);
  }

  private String loop(boolean draws) {
    if (draws) {
      return "drawn";
    }
    if (!isFloat) {
      return "nearestFixed";
    }
    if (!nearest) {
      return "truncatedFloat";
    }
    return !floats ? "nearestAnyFloat" : alike ? "nearestFloatsAlike" : "nearestFloats";
  }

  @Override
  void round(float[] in, int from, float[] out, int to, int n, long[] draws) {
    int whole = F.loopBound(n);
    try {
      loop.invokeExact(this, in, from, out, to, whole, draws);
    } catch (Throwable e) {
      throw LoneLoop.unchecked(e);
    }
    for (int i = whole; i < n; i++) {
      out[to + i] = (float) rules.round(in[from + i], draws == null ? 0 : draws[i]);
    }
  }

  private void nearestFloatsAlike(float[] in, int from, float[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      IntVector b = FloatVector.fromArray(F, in, from + i).reinterpretAsInts();
      FloatVector a = b.and(MAGNITUDE).reinterpretAsFloats();
      FloatVector c = b.and(INFINITY).max(leastNormal).add(toMagic).reinterpretAsFloats();
      FloatVector r = a.add(c).sub(c).blend(over, a.compare(GT, lastInRange));
      withSign(r, b).intoArray(out, to + i);
    }
  }

  private void nearestFloats(float[] in, int from, float[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, in, from + i);
      IntVector b = x.reinterpretAsInts();
      FloatVector a = b.and(MAGNITUDE).reinterpretAsFloats();
      FloatVector c = b.and(INFINITY).max(leastNormal).add(toMagic).reinterpretAsFloats();
      FloatVector r = a.add(c).sub(c).blend(over, a.compare(GT, lastInRange));
      finish(x, b, r).intoArray(out, to + i);
    }
  }

  private void nearestAnyFloat(float[] in, int from, float[] out, int to, int n, long[] draws) {
    int up = (1 << drop - 1) - 1;
    for (int i = 0; i < n; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, in, from + i);
      IntVector b = x.reinterpretAsInts();
      IntVector a = b.and(MAGNITUDE);
      IntVector normal = a.add(up).add(a.lanewise(LSHR, drop).and(1)).and(-1 << drop);
      FloatVector small = a.reinterpretAsFloats().add(magic).sub(magic);
      finish(x, b, chosen(a, normal, small)).intoArray(out, to + i);
    }
  }

  private void truncatedFloat(float[] in, int from, float[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, in, from + i);
      IntVector b = x.reinterpretAsInts();
      IntVector a = b.and(MAGNITUDE);
      FloatVector y = a.reinterpretAsFloats();
      FloatVector near = y.add(magic).sub(magic);
      FloatVector small = near.blend(near.sub(quantum), near.compare(GT, y));
      finish(x, b, chosen(a, a.and(-1 << drop), small)).intoArray(out, to + i);
    }
  }

  private void drawn(float[] in, int from, float[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, in, from + i);
      IntVector a = x.reinterpretAsInts().and(MAGNITUDE);
      IntVector d =
          LongVector.fromArray(L, draws, i)
              .or(LongVector.fromArray(L, draws, i + LANES / 2).lanewise(LSHL, 32))
              .reinterpretAsInts()
              .rearrange(VectorRounding.INTS);
      FloatVector s = a.reinterpretAsFloats().add(drawnMagic);
      FloatVector near = s.sub(drawnMagic);
      // The nearest one where that is above x is one too many.
      FloatVector small =
          s.reinterpretAsInts()
              .add(a.sub(near.reinterpretAsInts()).lanewise(ASHR, 31))
              .add(d)
              .and(keepDrawn)
              .reinterpretAsFloats()
              .sub(drawnMagic);
      IntVector r =
          a.add(d.lanewise(LSHL, drawShift))
              .and(-1 << drop)
              .blend(small.reinterpretAsInts(), a.compare(LT, leastNormal));
      r.blend(Float.floatToRawIntBits(over), r.compare(GT, most))
          .blend(Float.floatToRawIntBits(inf), a.compare(EQ, INFINITY))
          .or(x.reinterpretAsInts().and(SIGN))
          .reinterpretAsFloats()
          .add(zero)
          .blend(nan, x.compare(NE, x))
          .intoArray(out, to + i);
    }
  }

  private FloatVector chosen(IntVector a, IntVector normal, FloatVector small) {
    IntVector r = normal.blend(small.reinterpretAsInts(), a.compare(LT, leastNormal));
    return r.reinterpretAsFloats().blend(over, r.reinterpretAsFloats().compare(GT, value(most)));
  }

  private FloatVector finish(FloatVector x, IntVector b, FloatVector r) {
    FloatVector all =
        r.blend(inf, b.and(MAGNITUDE).reinterpretAsFloats().compare(EQ, Float.POSITIVE_INFINITY));
    return withSign(all, b).blend(nan, x.compare(NE, x));
  }

  private FloatVector withSign(FloatVector r, IntVector b) {
    return r.reinterpretAsInts().or(b.and(SIGN)).reinterpretAsFloats().add(zero);
  }

  private void nearestFixed(float[] in, int from, float[] out, int to, int n, long[] draws) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector x = FloatVector.fromArray(F, in, from + i);
      FloatVector y = x.blend(largest, x.compare(GT, largest));
      FloatVector near = y.blend(least, y.compare(LT, least)).add(magic).sub(magic).add(0f);
      near.blend(nan, x.compare(NE, x)).intoArray(out, to + i);
    }
  }

  @Override
  boolean hasNan(float[] values, int from, int n) {
    int i = from;
    for (; i + LANES <= from + n; i += LANES) {
      FloatVector v = FloatVector.fromArray(F, values, i);
      if (v.compare(NE, v).anyTrue()) {
        return true;
      }
    }
    for (; i < from + n; i++) {
      if (values[i] != values[i]) {
        return true;
      }
    }
    return false;
  }
}
