package org.halfulp.kernel;

import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.S2L;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;

/**
 * Codes of 9 to 16 bits of floats by their bits: a table of so many doubles does not fit into the
 * first caches. Slow twin: {@link Format#toDouble}.
 */
final class VectorDecoding extends ArrayDecoding {
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
  private static final int LANES = L.length();
  private static final VectorSpecies<Short> S = // as many elements
      LANES < 4 ? null : VectorSpecies.of(short.class, VectorShape.forBitSize(16 * LANES));
  private static final long SIGN = Long.MIN_VALUE;
  private static final long ONE = 1L << 52; // of the exponent

  private final FloatFormat format;
  private final int toTop; // the sign bit to that of a double
  private final int toField; // then the fraction's first bit to that of a double
  private final long rebias;
  private final double leastNormal;
  private final boolean special;
  private final long most; // in place, as what follows
  private final long infinity; // or -1
  private final MethodHandle loop = LoneLoop.of(MethodHandles.lookup(), "decodeWhole");

  VectorDecoding(Format of) {
    format = (FloatFormat) of;
    toTop = 64 - format.width();
    toField = 11 - format.expBits();
    rebias = (1023L - format.bias()) << 52;
    leastNormal = Math.scalb(1.0, format.emin());
    int place = 52 - format.fracBits();
    most = format.maxFinite() << place;
    special = format.maxFinite() < (1L << format.width() - 1) - 1;
    infinity = format.hasInfinity() ? format.infinity(false) << place : -1;
  }

  static boolean isWide() {
    return LANES >= 4;
  }

  static boolean fits(Format of) {
    return of instanceof FloatFormat f
        && f.width() > 8
        && f.width() <= 16
        && f.signed()
        && f.subnormals()
        && !f.daz()
        && f.family().negativeZero()
        && f.expBits() >= 1
        && f.fracBits() >= 1
        && f.minNormal() == 1L << f.fracBits()
        && f.emin() == 1 - f.bias()
        && f.emin() > -1022
        && f.emax() < 1023;
  }

  @Override
  void decode(short[] codes, int from, double[] out, int to, int n) {
    int whole = L.loopBound(n);
    try {
      loop.invokeExact(this, codes, from, out, to, whole);
    } catch (Throwable e) {
      throw LoneLoop.unchecked(e);
    }
    for (int i = whole; i < n; i++) {
      out[to + i] = format.toDouble(codes[from + i] & format.mask());
    }
  }

  private void decodeWhole(short[] codes, int from, double[] out, int to, int n) {
    for (int i = 0; i < n; i += LANES) {
      LongVector c = (LongVector) ShortVector.fromArray(S, codes, from + i).convertShape(S2L, L, 0);
      LongVector t = c.lanewise(LSHL, toTop);
      LongVector m = t.and(Long.MAX_VALUE).lanewise(LSHR, toField);
      LongVector normal = m.add(rebias);
      DoubleVector small = normal.add(ONE).reinterpretAsDoubles().sub(leastNormal);
      LongVector r = normal.blend(small.reinterpretAsLongs(), m.compare(LT, ONE));
      if (special) {
        r =
            r.blend(0x7FF8L << 48, m.compare(GT, most))
                .blend(0x7FFL << 52, m.compare(EQ, infinity));
      }
      r.or(t.and(SIGN)).reinterpretAsDoubles().intoArray(out, to + i);
    }
  }
}
