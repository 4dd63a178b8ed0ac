package org.halfulp.kernel;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.S2I;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;

/**
 * Twice as many lanes as doubles have, where binary32 is wide enough: products are exact, sums too
 * or rounded to odd, which a rounding to at most 22 bits cannot tell from the exact one (Boldo and
 * Melquiond 2008).
 */
final class VectorShortOperation extends ShortOperation {
  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
  private static final int LANES = F.length();
  private static final VectorSpecies<Short> S = // as many elements
      LANES < 4 ? null : VectorSpecies.of(short.class, VectorShape.forBitSize(16 * LANES));
  private static final int CHUNK = 512;
  private static final int MAGNITUDE = Integer.MAX_VALUE;
  private static final int SIGN = Integer.MIN_VALUE;
  private static final int INFINITY = 0xFF << 23;
  private static final int NAN = 0xFF8 << 19;
  private static final int ONE = 1 << 23; // of the exponent

  private final Op op;
  private final boolean exact; // sums are
  private final FloatFormat[] operands;
  private final FloatFormat result;
  private final VectorSingles rounding;
  private final Elementwise slow; // of what fills no vector
  private final float[][] values;
  private final MethodHandle decoding = LoneLoop.of(MethodHandles.lookup(), "decode");
  private final MethodHandle oddSum = LoneLoop.of(MethodHandles.lookup(), "oddSum");
  private final MethodHandle encoding = LoneLoop.of(MethodHandles.lookup(), "encode");

  VectorShortOperation(Op op, List<Format> operands, Quantizer to) {
    this.op = op;
    this.operands = operands.stream().map(FloatFormat.class::cast).toArray(FloatFormat[]::new);
    result = (FloatFormat) to.format();
    exact = op == Op.MUL || isExact(sum(op, operands));
    rounding = new VectorSingles(to);
    slow = new Elementwise(op, operands, to);
    values = new float[operands.size()][CHUNK];
  }

  static boolean isWide() {
    return LANES >= 4;
  }

  /** Whether all operands, products and sums lie within the bounds of this class. */
  static boolean fits(Op op, List<Format> operands, Quantizer to) {
    if (op == Op.CONVERT
        || !operands.stream().allMatch(VectorShortOperation::isPlain)
        || !isPlain(to.format())
        || !to.format().hasNan()
        || to.draws()
        || !VectorSingles.fits(to)) {
      return false;
    }
    if (op == Op.MUL) {
      return isExact(product(operands));
    }
    if (op == Op.FMA && !isExact(product(operands))) {
      return false;
    }
    Extent first = op == Op.FMA ? product(operands) : Extent.of(operands.get(0));
    Extent last = Extent.of(operands.get(operands.size() - 1));
    return isModerate(first) && isModerate(last);
  }

  private static Extent product(List<Format> operands) {
    return Extent.of(operands.get(0)).times(Extent.of(operands.get(1)));
  }

  private static Extent sum(Op op, List<Format> operands) {
    return op == Op.FMA
        ? product(operands).plus(Extent.of(operands.get(2)))
        : Extent.of(operands.get(0)).plus(Extent.of(operands.get(1)));
  }

  private static boolean isExact(Extent e) {
    return e.digits() <= 24 && e.low() >= -120 && e.high() <= 120;
  }

  /** A sum of two such values neither overflows nor loses an error to underflow. */
  private static boolean isModerate(Extent e) {
    return e.low() >= -120 && e.high() <= 120;
  }

  private static boolean isPlain(Format of) {
    return of instanceof FloatFormat f
        && f.width() <= 16
        && f.signed()
        && f.subnormals()
        && !f.daz()
        && f.family().negativeZero()
        && f.fracBits() >= 1
        && f.expBits() <= 8
        && f.minNormal() == 1L << f.fracBits()
        && f.emin() == 1 - f.bias()
        && f.emin() >= -126
        && f.emax() < 127;
  }

  @Override
  void apply(short[][] in, int from, short[] out, int to, int n) {
    int whole = F.loopBound(n);
    try {
      for (int i = 0; i < whole; i += CHUNK) {
        int size = Math.min(CHUNK, whole - i);
        for (int o = 0; o < in.length; o++) {
          decoding.invokeExact(this, operands[o], in[o], from + i, values[o], size);
        }
        float[] r = values[0];
        if (op == Op.MUL || op == Op.FMA) {
          multiply(r, values[1], r, size);
        }
        if (op != Op.MUL) {
          sum(r, values[in.length - 1], op == Op.SUB ? -1 : 1, r, size);
        }
        rounding.round(r, 0, r, 0, size, null);
        encoding.invokeExact(this, r, out, to + i, size);
      }
    } catch (Throwable e) {
      throw LoneLoop.unchecked(e);
    }
    for (int i = whole; i < n; i++) {
      long c = in.length > 2 ? in[2][from + i] & operands[2].mask() : 0;
      long b = in[1][from + i] & operands[1].mask();
      out[to + i] = (short) slow.apply(in[0][from + i] & operands[0].mask(), b, c, 0);
    }
  }

  private void decode(FloatFormat f, short[] codes, int from, float[] out, int n) {
    int toTop = 32 - f.width(); // the sign bit to that of a float
    int toField = 8 - f.expBits();
    int place = 23 - f.fracBits();
    int rebias = 127 - f.bias() << 23;
    float leastNormal = Math.scalb(1f, f.emin());
    int most = (int) (f.maxFinite() << place);
    int infinity = f.hasInfinity() ? (int) (f.infinity(false) << place) : -1;
    for (int i = 0; i < n; i += LANES) {
      IntVector c = (IntVector) ShortVector.fromArray(S, codes, from + i).convertShape(S2I, I, 0);
      IntVector t = c.lanewise(LSHL, toTop);
      IntVector m = t.and(MAGNITUDE).lanewise(LSHR, toField);
      IntVector normal = m.add(rebias);
      FloatVector small = normal.add(ONE).reinterpretAsFloats().sub(leastNormal);
      normal
          .blend(small.reinterpretAsInts(), m.compare(LT, ONE))
          .blend(NAN, m.compare(GT, most))
          .blend(INFINITY, m.compare(EQ, infinity))
          .or(t.and(SIGN))
          .reinterpretAsFloats()
          .intoArray(out, i);
    }
  }

  private static void multiply(float[] x, float[] y, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = x[i] * y[i];
    }
  }

  private void sum(float[] x, float[] y, float sy, float[] out, int n) throws Throwable {
    if (exact) {
      for (int i = 0; i < n; i++) {
        out[i] = x[i] + sy * y[i];
      }
    } else {
      oddSum.invokeExact(this, x, y, sy, out, n);
    }
  }

  /** See {@link ScalarSums#oddSum}. */
  private void oddSum(float[] x, float[] y, float sy, float[] out, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector u = FloatVector.fromArray(F, x, i);
      FloatVector v = FloatVector.fromArray(F, y, i).mul(sy);
      FloatVector s = u.add(v);
      FloatVector t = s.sub(u);
      IntVector lost = u.sub(s.sub(t)).add(v.sub(t)).reinterpretAsInts();
      IntVector magnitude = lost.and(MAGNITUDE);
      IntVector inexact = magnitude.sub(INFINITY).and(magnitude.neg()).lanewise(LSHR, 31);
      IntVector bits = s.reinterpretAsInts();
      IntVector below = lost.lanewise(XOR, bits).lanewise(LSHR, 31).and(inexact);
      bits.sub(below).or(inexact).reinterpretAsFloats().intoArray(out, i);
    }
  }

  /** Codes of floats that are values of the format. */
  private void encode(float[] in, short[] out, int to, int n) {
    FloatFormat f = result;
    int drop = 23 - f.fracBits();
    int rebias = 127 - f.bias() << 23;
    int leastNormal = f.emin() + 127 << 23;
    float magic = Math.scalb(1.5f, f.emin() - f.fracBits() + 23); // 2^23 quanta and half as many
    int magicBits = Float.floatToRawIntBits(magic);
    int infCode = (int) (f.hasInfinity() ? f.infinity(false) : 0);
    int nanCode = (int) f.nan();
    int signBit = 1 << f.width() - 1;
    for (int i = 0; i < n; i += LANES) {
      IntVector b = FloatVector.fromArray(F, in, i).reinterpretAsInts();
      IntVector a = b.and(MAGNITUDE);
      IntVector normal = a.sub(rebias).lanewise(LSHR, drop);
      IntVector small = a.reinterpretAsFloats().add(magic).reinterpretAsInts().sub(magicBits);
      IntVector code =
          normal
              .blend(small, a.compare(LT, leastNormal))
              .blend(infCode, a.compare(EQ, INFINITY))
              .or(b.lanewise(LSHR, 32 - f.width()).and(signBit))
              .blend(nanCode, a.compare(GT, INFINITY));
      ((ShortVector) code.convertShape(I2S, S, 0)).intoArray(out, to + i);
    }
  }
}
