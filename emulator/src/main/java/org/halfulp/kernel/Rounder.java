package org.halfulp.kernel;

import org.halfulp.number.Arithmetic;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;

/**
 * {@link Quantizer} on doubles. Not thread-safe: {@link #flags} belongs to the last rounding.
 *
 * <p>A sum that is not a double is first rounded to odd (53 bits), which no later rounding to at
 * most 50 bits, random ones included, can tell from the exact sum (Boldo and Melquiond 2008).
 * Formats beyond that bound, or whose exponents reach the ends of binary64, take the slow twin.
 */
public final class Rounder {
  private static final long HIDDEN = 1L << 52;
  private static final long FRACTION = HIDDEN - 1;

  private final Quantizer quantizer;
  private Decoder decoder; // null until a value is asked for: its table is large
  private final RoundingMode mode;
  private final int randomBits;
  private final boolean fastFloat;
  private final boolean fastFixed;

  // float
  private final int fracBits;
  private final int emin;
  private final boolean subnormals;
  private final long maxFinite;
  private final long signBit;
  private final boolean negativeZero;
  // fixed
  private final double scale;
  private final int guard;
  private final long smallest;
  private final long mask;
  private final boolean wrap;
  // What is added below the last place before truncation: without branches, see roundFloat.
  private final int drop; // bits below the last place: of a normal double, of a fixed |v|
  private final long upPlus;
  private final long upMinus;
  private final long oddBit; // 1 where the last place adds itself (rne)
  private final long drawMask;
  private final int drawShift;
  private final long leastNormal; // bits of 2^emin as a double; above all doubles for rto
  private final Rounded overflowPlus;
  private final Rounded overflowMinus;
  private final long base; // what turns a normal double's bits into a code with drop more bits

  private int flags;

  public Rounder(Quantizer quantizer) {
    this.quantizer = quantizer;
    this.mode = quantizer.rounding();
    this.randomBits = quantizer.randomBits();
    this.maxFinite = quantizer.format().maxFinite();
    this.mask = quantizer.format().mask();
    if (quantizer.format() instanceof FloatFormat f) {
      fastFloat =
          f.signed()
              && f.fracBits() + randomBits + 3 <= 52
              && f.emin() - f.fracBits() >= -900
              && f.emax() <= 900;
      fastFixed = false;
      fracBits = f.fracBits();
      emin = f.emin();
      subnormals = f.subnormals();
      signBit = 1L << (f.width() - 1);
      negativeZero = f.family().negativeZero();
      scale = 0;
      guard = 0;
      smallest = 0;
      wrap = false;
    } else {
      FixedFormat f = (FixedFormat) quantizer.format();
      guard = randomBits + 2;
      fastFloat = false;
      fastFixed = f.width() + guard <= 52 && Math.abs(f.fracBits()) <= 400;
      fracBits = f.fracBits();
      scale = fastFixed ? Math.scalb(1.0, fracBits + guard) : 0;
      long least = f.signed() ? -1L << (f.width() - 1) : 0;
      smallest = f.signed() && quantizer.overflow() == OverflowRule.SYMMETRIC ? least + 1 : least;
      wrap = quantizer.overflow() == OverflowRule.WRAP;
      emin = 0;
      subnormals = true;
      signBit = 0;
      negativeZero = false;
    }
    drop = fastFloat ? 52 - fracBits : guard;
    long all = fastFloat || fastFixed ? (1L << drop) - 1 : 0;
    long half = all / 2 + 1;
    // A float's magnitude is rounded, a fixed value as two's complement: toward zero is up there.
    upPlus =
        switch (mode) {
          case RNE, HALF_DOWN, HALF_ZERO -> half - 1;
          case RNA, HALF_UP -> half;
          case RUP -> all;
          case RTZ, RDN, RTO, SR -> 0;
        };
    upMinus =
        switch (mode) {
          case RNE, HALF_DOWN -> half - 1;
          case RNA -> fastFloat ? half : half - 1;
          case HALF_UP, HALF_ZERO -> half;
          case RTZ -> fastFloat ? 0 : all;
          case RUP -> fastFloat ? 0 : all;
          case RDN -> fastFloat ? all : 0;
          case RTO, SR -> 0;
        };
    oddBit = mode == RoundingMode.RNE ? 1 : 0;
    drawMask = (1L << randomBits) - 1;
    drawShift = Math.max(drop - randomBits, 0);
    leastNormal = mode == RoundingMode.RTO ? Long.MAX_VALUE : (long) (emin + 1023) << 52;
    base = (long) (emin + 1022) << 52;
    overflowPlus = fastFloat ? beyond(false) : null;
    overflowMinus = fastFloat ? beyond(true) : null;
  }

  public Quantizer quantizer() {
    return quantizer;
  }

  /** Whether the format lies within the bounds of the fast path. */
  public boolean isFast() {
    return fastFloat || fastFixed;
  }

  /** Flags of the last rounding. */
  public int flags() {
    return flags;
  }

  /** The value of a code of this rounder's format. */
  public double value(long code) {
    if (decoder == null) {
      decoder = Decoder.of(quantizer.format());
    }
    return decoder.value(code);
  }

  /**
   * The code of {@code x}. Slow twin: {@link Quantizer#round}.
   *
   * @param r the draw, in {@code [0, 2^randomBits)}; ignored unless stochastic
   */
  public long round(double x, long r) {
    if (!(Math.abs(x) <= Double.MAX_VALUE)) {
      return slow(Real.of(x), r);
    }
    return fastFloat ? roundFloat(x, r) : fastFixed ? roundFixed(x, r) : slow(Real.of(x), r);
  }

  /** The code of the exact sum {@code a + b}. Slow twin: {@link Arithmetic#add}. */
  public long roundSum(double a, double b, long r) {
    double s = a + b;
    if (!isFast() || !(Math.abs(s) <= Double.MAX_VALUE)) {
      return slow(Arithmetic.add(Real.of(a), Real.of(b), quantizer, r));
    }
    double t = s - a;
    double e = (a - (s - t)) + (b - t);
    if (e == 0) {
      if (s == 0 && mode == RoundingMode.RDN && fastFloat && !sameSignZeros(a, b)) {
        s = -0.0;
      }
    } else if (wrap) {
      return slow(Arithmetic.add(Real.of(a), Real.of(b), quantizer, r));
    } else {
      s = toOdd(s, e);
    }
    return fastFloat ? roundFloat(s, r) : roundFixed(s, r);
  }

  private static boolean sameSignZeros(double a, double b) {
    return a == 0 && Double.doubleToRawLongBits(a) == Double.doubleToRawLongBits(b);
  }

  /** The code of the exact {@code a*b + c}. Slow twin: {@link Arithmetic#fma}. */
  public long roundFma(double a, double b, double c, long r) {
    double p = a * b;
    if (isExactProduct(a, b, p)) {
      return roundSum(p, c, r);
    }
    return slow(Arithmetic.fma(Real.of(a), Real.of(b), Real.of(c), quantizer, r));
  }

  /** The code of the exact product. Slow twin: {@link Arithmetic#mul}. */
  public long roundProduct(double a, double b, long r) {
    double p = a * b;
    if (isExactProduct(a, b, p)) {
      return round(p, r);
    }
    return slow(Arithmetic.mul(Real.of(a), Real.of(b), quantizer, r));
  }

  /** Above 2^-900 the error term cannot underflow; a NaN or Inf product fails the comparison. */
  static boolean isExactProduct(double a, double b, double p) {
    double magnitude = Math.abs(p);
    return magnitude >= 0x1p-900
        ? magnitude <= Double.MAX_VALUE && Math.fma(a, b, -p) == 0
        : (a == 0 || b == 0) && p == 0;
  }

  /**
   * The code of an exact sum of products, or of its negative. Slow twin: {@link Quantizer#round}.
   */
  public long round(ExactSum sum, boolean negate, long r) {
    if (isFast() && !wrap) {
      double x = sum.toOdd();
      return round(negate ? -x : x, r);
    }
    Real x = sum.toReal();
    return slow(negate ? x.negate() : x, r);
  }

  /** {@code s} = nearest(s + e), e != 0: the one of the two neighbours whose last bit is 1. */
  static double toOdd(double s, double e) {
    long bits = Double.doubleToRawLongBits(s);
    if ((bits & 1) != 0) {
      return s;
    }
    return Double.longBitsToDouble(e > 0 == s > 0 ? bits + 1 : bits - 1);
  }

  private long slow(Real x, long r) {
    return slow(quantizer.round(x, r));
  }

  private long slow(Rounded rounded) {
    flags = rounded.flags();
    return rounded.code();
  }

  private long roundFloat(double x, long r) {
    long bits = Double.doubleToRawLongBits(x);
    long magnitude = bits & Long.MAX_VALUE;
    if (magnitude < leastNormal) {
      return roundSmallFloat(bits, r);
    }
    // |exponent field | fracBits | drop|, and a carry out of the fraction raises the exponent
    long wide = magnitude - base;
    long up = bits < 0 ? upMinus : upPlus;
    long code = wide + up + (wide >>> drop & oddBit) + ((r & drawMask) << drawShift) >>> drop;
    if (code > maxFinite) {
      return overflow(bits < 0);
    }
    flags = wide << 64 - drop == 0 ? 0 : Flags.INEXACT;
    return code | bits >> 63 & signBit;
  }

  /** Below the smallest normal value, and anywhere to odd. */
  private long roundSmallFloat(long bits, long r) {
    boolean negative = bits < 0;
    long magnitude = bits & Long.MAX_VALUE;
    if (magnitude == 0) {
      flags = 0;
      return negative && negativeZero ? signBit : 0;
    }
    int e = (int) (magnitude >>> 52) - 1023;
    long significand = magnitude & FRACTION | HIDDEN; // of a subnormal double too: see drop
    if (subnormals && mode != RoundingMode.RTO) {
      // as a normal value of exponent emin, whose last bit is sticky below every draw's
      int shift = Math.min(emin - e, 60);
      long wide = significand >>> shift | (significand << 64 - shift != 0 ? 1 : 0);
      long code =
          wide
                  + (negative ? upMinus : upPlus)
                  + (wide >>> drop & oddBit)
                  + ((r & drawMask) << drawShift)
              >>> drop;
      if (code > maxFinite) {
        return overflow(negative);
      }
      flags =
          wide << 64 - drop == 0
              ? 0
              : isTiny(e, significand, negative, r)
                  ? Flags.INEXACT | Flags.UNDERFLOW
                  : Flags.INEXACT;
      return negative && (code != 0 || negativeZero) ? code | signBit : code;
    }
    int drop = 52 - fracBits;
    long code; // of the lower neighbour
    if (e >= emin) {
      // |hidden+fraction| has fracBits+1 bits, so the hidden bit adds 1 to the exponent field
      code = ((long) (e - emin) << fracBits) + (significand >>> drop);
    } else {
      drop += emin - e + (subnormals ? 0 : fracBits);
      if (drop > 62) { // 62 bits below the last place hold every draw; the rest is sticky
        int cut = Math.min(drop - 62, 53);
        significand = significand >>> cut | ((significand & (1L << cut) - 1) != 0 ? 1 : 0);
        drop = 62;
      }
      code = significand >>> drop;
    }
    long lost = significand & (1L << drop) - 1;
    int raised = 0;
    if (lost != 0) {
      raised = Flags.INEXACT;
      boolean away = away(lost, drop, negative, (code & 1) != 0, r);
      if (e < emin) {
        if (isTiny(e, significand, negative, r)) {
          raised |= Flags.UNDERFLOW;
        }
        code = subnormals ? code + (away ? 1 : 0) : away ? 1L << fracBits : 0;
      } else if (away) {
        code++;
      }
    }
    if (code > maxFinite) {
      return overflow(negative);
    }
    flags = raised;
    return negative && (code != 0 || negativeZero) ? code | signBit : code;
  }

  /** Tiny after rounding unless all ones just below 2^emin carry up to it. */
  private boolean isTiny(int e, long significand, boolean negative, long r) {
    if (e != emin - 1) {
      return true;
    }
    int drop = 52 - fracBits;
    long kept = significand >>> drop;
    if (kept != (2L << fracBits) - 1) {
      return true;
    }
    long lost = significand & (1L << drop) - 1;
    // The lower neighbour's last bit is 1; without fraction bits it is that of the exponent field
    // 0.
    return lost == 0 || !away(lost, drop, negative, fracBits > 0, r);
  }

  private boolean away(long lost, int drop, boolean negative, boolean odd, long r) {
    long half = 1L << (drop - 1);
    return switch (mode) {
      case RNE -> odd ? lost >= half : lost > half;
      case RNA -> lost >= half;
      case RTZ -> false;
      case RUP -> !negative;
      case RDN -> negative;
      case RTO -> !odd;
      case SR ->
          (drop >= randomBits ? lost >>> (drop - randomBits) : lost << (randomBits - drop)) + r
              >= 1L << randomBits;
      case HALF_UP, HALF_DOWN, HALF_ZERO -> throw new AssertionError("fixed only");
    };
  }

  private long overflow(boolean negative) {
    return slow(negative ? overflowMinus : overflowPlus);
  }

  /** What becomes of a value surely beyond the range in every mode. */
  private Rounded beyond(boolean negative) {
    double beyond = Math.scalb(1.0, ((FloatFormat) quantizer.format()).emax() + 2);
    return quantizer.round(Real.of(negative ? -beyond : beyond), 0);
  }

  private long roundFixed(double x, long r) {
    double scaled = x * scale;
    if (scaled == 0 && x != 0) { // underflow: anything of that sign below every guard bit will do
      scaled = Math.copySign(Double.MIN_VALUE, x);
    }
    if (!(Math.abs(scaled) < 0x1p62)) {
      return slow(Real.of(x), r);
    }
    long v = (long) scaled;
    if (v != scaled) { // floor, then to odd: the guard bits lie above
      v = (scaled < v ? v - 1 : v) | 1;
    }
    return roundFixed(v, r);
  }

  /** Bits that {@link #roundFixed(long, long)} wants below the last place; sticky the last. */
  int guard() {
    return guard;
  }

  /** The code of {@code v}, two's complement with {@link #guard} more fraction bits. */
  long roundFixed(long v, long r) {
    long lost = v << 64 - drop;
    long up = v < 0 ? upMinus : upPlus;
    long n = v + up + (v >> drop & oddBit) + ((r & drawMask) << drawShift) >> drop;
    if (mode == RoundingMode.RTO && lost != 0) {
      n |= 1;
    }
    if (n > maxFinite || n < smallest) {
      flags = Flags.OVERFLOW | Flags.INEXACT;
      return (wrap ? n : n > maxFinite ? maxFinite : smallest) & mask;
    }
    flags = lost == 0 ? 0 : Flags.INEXACT;
    return n & mask;
  }
}
