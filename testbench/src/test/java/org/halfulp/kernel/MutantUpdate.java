package org.halfulp.kernel;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;

/**
 * The update unit a third time, on integers in units of 2^-{@value #SCALE}, with a fault to seed.
 * Knows rne and sr, and hands NaN and infinite operands to {@link UpdateUnit#exactly}.
 */
final class MutantUpdate implements UpdateCampaign.Updater {
  /** What is wrong. */
  enum Fault {
    NONE,
    STICKY_DROPPED,
    TIES_AWAY,
    OVERFLOW_WRAPS,
    DRAW_REVERSED,
    STREAM_ONE_STEP_AHEAD,
    STREAM_BIT_SHIFTED,
    UNUSED_LANES_IDLE,
    LANES_SWAPPED,
    PRODUCT_ROUNDED_TWICE,
    DAZ_IGNORED,
    SUBNORMALS_KEPT,
    MINUS_ZERO_LOST,
    TINY_BEFORE_ROUNDING
  }

  private static final int SCALE = 600;

  private final UpdateUnit unit;
  private final int lanes;
  private final Fault fault;
  private final List<RandomBits> weightStreams = new ArrayList<>();
  private final List<RandomBits> productStreams = new ArrayList<>();

  MutantUpdate(UpdateUnit unit, int lanes, long seed, Fault fault) {
    this.unit = unit;
    this.lanes = lanes;
    this.fault = fault;
    for (int l = 0; l < lanes; l++) {
      int from = fault == Fault.LANES_SWAPPED && (l ^ 1) < lanes ? l ^ 1 : l;
      weightStreams.add(stream(seed, 7, from));
      productStreams.add(stream(seed, 6, from));
    }
  }

  private RandomBits stream(long seed, int number, int lane) {
    RandomBits stream = new RandomBits(RandomBits.seed(seed, number, lane));
    if (fault == Fault.STREAM_BIT_SHIFTED) {
      stream.draw(1);
    }
    return stream;
  }

  @Override
  public void update(long[] w, long[] g, long step, long[] out, int[] flags, int n) {
    int beats = (n + lanes - 1) / lanes;
    for (int i = 0; i < beats * lanes; i++) {
      if (i >= n && fault == Fault.UNUSED_LANES_IDLE) {
        return;
      }
      long r = draw(unit.weight(), weightStreams.get(i % lanes));
      long rp =
          unit.product().isEmpty() ? 0 : draw(unit.product().get(), productStreams.get(i % lanes));
      if (i < n) {
        Rounded result = one(w[i], g[i], step, r, rp);
        out[i] = result.code();
        flags[i] = result.flags();
      }
    }
  }

  private long draw(Quantizer q, RandomBits stream) {
    if (q.randomBits() == 0) {
      return 0;
    }
    long r = stream.draw(q.randomBits());
    if (fault == Fault.STREAM_ONE_STEP_AHEAD) {
      return RandomBits.next(stream.state(), q.randomBits());
    }
    return fault == Fault.DRAW_REVERSED ? Long.reverse(r) >>> 64 - q.randomBits() : r;
  }

  private Rounded one(long w, long g, long step, long r, long rp) {
    double weight = value(unit.weight().format(), w);
    double gradient = value(unit.gradient(), g);
    if (!(Math.abs(weight) <= Double.MAX_VALUE) || !(Math.abs(gradient) <= Double.MAX_VALUE)) {
      return unit.exactly(w, g, step, r, rp);
    }
    // step * gradient, in units of 2^-SCALE: the step's fraction bits come off the gradient's scale
    BigInteger p = units(gradient).multiply(BigInteger.valueOf(step));
    p = p.shiftRight(unit.step().fracBits());
    boolean minusP = negative(gradient) && unit.gradient() instanceof FloatFormat;
    int flags = 0;
    if (unit.product().isPresent()) {
      Rounded product = round(unit.product().get(), p, minusP, rp);
      flags = product.flags();
      double rounded = value(unit.product().get().format(), product.code());
      if (!(Math.abs(rounded) <= Double.MAX_VALUE)) {
        return unit.exactly(w, g, step, r, rp);
      }
      p = units(rounded);
      minusP = negative(rounded);
    } else if (fault == Fault.PRODUCT_ROUNDED_TWICE) {
      double rounded = value(unit.weight().format(), round(unit.weight(), p, minusP, r).code());
      if (!(Math.abs(rounded) <= Double.MAX_VALUE)) {
        return unit.exactly(w, g, step, r, rp);
      }
      p = units(rounded);
      minusP = negative(rounded);
    }
    boolean zeroNegative = weight == 0 && negative(weight) && !minusP && p.signum() == 0;
    Rounded result = round(unit.weight(), units(weight).subtract(p), zeroNegative, r);
    return new Rounded(result.code(), result.flags() | flags);
  }

  private static boolean negative(double x) {
    return Double.doubleToRawLongBits(x) < 0;
  }

  private double value(Format format, long code) {
    boolean ignore = fault == Fault.DAZ_IGNORED && format instanceof FloatFormat;
    return (ignore ? ((FloatFormat) format).withDaz(false) : format).toDouble(code);
  }

  private static BigInteger units(double x) {
    if (x == 0) {
      return BigInteger.ZERO;
    }
    int e = Math.getExponent(x) - 52;
    long significand = (long) Math.scalb(x, -e);
    return BigInteger.valueOf(significand).shiftLeft(e + SCALE);
  }

  private Rounded round(Quantizer q, BigInteger x, boolean zeroNegative, long r) {
    return q.format() instanceof FloatFormat f
        ? roundFloat(q, f, x, zeroNegative, r)
        : roundFixed(q, (FixedFormat) q.format(), x, r);
  }

  /** Whether a magnitude cut at bit {@code cut} goes up. */
  private boolean up(Quantizer q, BigInteger x, int cut, boolean odd, long r) {
    BigInteger lost = x.mod(BigInteger.ONE.shiftLeft(cut));
    if (q.rounding() == RoundingMode.SR) {
      return lost.shiftRight(cut - q.randomBits()).longValueExact() + r >= 1L << q.randomBits();
    }
    BigInteger half = BigInteger.ONE.shiftLeft(cut - 1);
    if (fault == Fault.STICKY_DROPPED) {
      lost = lost.and(half);
    }
    int order = lost.compareTo(half);
    return order > 0 || order == 0 && (odd || fault == Fault.TIES_AWAY);
  }

  private Rounded roundFloat(
      Quantizer q, FloatFormat f, BigInteger x, boolean zeroNegative, long r) {
    long sign = 1L << f.width() - 1;
    boolean minusZero = f.family().negativeZero() && fault != Fault.MINUS_ZERO_LOST;
    if (x.signum() == 0) {
      return new Rounded(zeroNegative && minusZero ? sign : 0, 0);
    }
    boolean negative = x.signum() < 0;
    BigInteger a = x.abs();
    int top = a.bitLength() - 1 - SCALE;
    int m = f.fracBits();
    boolean flush = top < f.emin() && !f.subnormals() && fault != Fault.SUBNORMALS_KEPT;
    int e = Math.max(top, f.emin());
    int cut = (flush ? f.emin() : e - m) + SCALE;
    BigInteger kept = a.shiftRight(cut);
    int flags = a.getLowestSetBit() < cut ? Flags.INEXACT : 0;
    long n = kept.longValueExact();
    n += up(q, a, cut, (n & 1) != 0, r) ? 1 : 0;
    if (flags != 0 && top < f.emin() && tiny(q, f, a, top, r)) {
      flags |= Flags.UNDERFLOW;
    }
    long code = flush ? n << m : ((long) (e - f.emin()) << m) + n;
    if (code > f.maxFinite()) {
      if (fault == Fault.OVERFLOW_WRAPS) {
        return new Rounded(code & sign - 1 | (negative ? sign : 0), flags);
      }
      code = f.hasInfinity() ? f.infinity(false) : f.hasNan() ? f.nan() : f.maxFinite();
      boolean signed = f.hasInfinity() || !f.hasNan();
      return new Rounded(negative && signed ? code | sign : code, Flags.OVERFLOW | Flags.INEXACT);
    }
    return new Rounded(negative && (code != 0 || minusZero) ? code | sign : code, flags);
  }

  private boolean tiny(Quantizer q, FloatFormat f, BigInteger a, int top, long r) {
    if (fault == Fault.TINY_BEFORE_ROUNDING) {
      return true;
    }
    int cut = top - f.fracBits() + SCALE;
    BigInteger kept = a.shiftRight(cut);
    if (up(q, a, cut, kept.testBit(0), r)) {
      kept = kept.add(BigInteger.ONE);
    }
    return kept.shiftLeft(cut).bitLength() - 1 - SCALE < f.emin();
  }

  private Rounded roundFixed(Quantizer q, FixedFormat f, BigInteger x, long r) {
    int cut = SCALE - f.fracBits();
    BigInteger n = x.shiftRight(cut);
    int flags = x.signum() != 0 && x.getLowestSetBit() < cut ? Flags.INEXACT : 0;
    if (up(q, x, cut, n.testBit(0), r)) {
      n = n.add(BigInteger.ONE);
    }
    BigInteger most = BigInteger.ONE.shiftLeft(f.width() - 1);
    if (n.compareTo(most) >= 0 || n.compareTo(most.negate()) < 0) {
      flags = Flags.OVERFLOW | Flags.INEXACT;
      if (fault != Fault.OVERFLOW_WRAPS) {
        n = n.signum() < 0 ? most.negate() : most.subtract(BigInteger.ONE);
      }
    }
    return new Rounded(n.longValue() & f.mask(), flags);
  }
}
