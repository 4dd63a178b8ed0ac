package org.halfulp.kernel;

import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;

/**
 * Rounding of doubles to doubles of a format, and such doubles to codes, without a branch that
 * depends on a finite value: mixed exponents cost what equal ones do.
 *
 * <p>A normal result is made by an integer addition and a mask on the double's bits. Below the
 * smallest normal value, and everywhere in fixed point, the place of the last bit is fixed: {@code
 * (x + c) - c} with {@code c = 1.5 * 2^52} quanta rounds to the nearest multiple, ties to even,
 * what it lost is exact, and the other modes correct it by a quantum.
 *
 * <p>{@link VectorRounding} does the same by vectors. Slow twin: {@link Quantizer#round}.
 */
class ScalarRounding {
  static final long SIGN = Long.MIN_VALUE;
  static final long MAGNITUDE = Long.MAX_VALUE;
  static final long INFINITY = 0x7FFL << 52;

  final boolean isFloat;
  final RoundingMode mode;

  // ---- the normal range ----
  final int drop; // bits below the last place
  final long keep;
  final long upPlus;
  final long upMinus;
  final long oddWeight; // added where the kept bits are odd
  final long
      oddFlip; // without fraction bits the code's parity is not that of the double's exponent
  final int drawShift;
  final long leastNormal;
  final long most; // largest finite magnitude
  final long overPlus;
  final long overMinus;
  final long infPlus;
  final long infMinus;
  final double nan; // what NaN becomes

  // ---- the fixed grid ----
  final double quantum;
  final double magic; // 1.5 * 2^52 quanta; 2^-N of that for random rounding
  final long keepDrawn;
  final long yMask; // magnitudes, or signed values where the direction is
  final double raise; // what lost more than this goes up a quantum
  final double lower; // what lost less than this goes down one
  final long evenGate; // 0: only even multiples move
  final double least; // of fixed point
  final double largest;
  final double zero; // -0, or +0 where the format has no -0

  // ---- both as one ----
  // Where 1.5 * 2^52 quanta of x are a double, and even multiples have even codes, all of the
  // range goes as the fixed grid does, with a quantum for each x.
  final boolean floats;
  final long toMagic; // from x's exponent, as bits; 2^-N of it for random rounding
  final long toQuantum;
  final double lastInRange; // the largest double that does not overflow, or most

  // ---- sums: fixed point as floats of one exponent ----
  final long exponents;
  final long toSumMagic;
  final long signs; // of zeros that underflow makes
  final double lastSum;

  // ---- codes ----
  final long base;
  final double codeMagic;
  final long nanCode;
  final long infCode;
  final int signShift; // 63 - place of the sign bit
  final long signBit;
  final long mask;

  /** Whether the quantizer lies within the bounds of these loops. */
  static boolean fits(Quantizer q) {
    int n = q.randomBits();
    if (q.format() instanceof FloatFormat f) {
      return f.emin() >= -1022
          && f.fracBits() + n <= 50
          && lastExponent(f) - n >= -1074
          && lastExponent(f) + 53 <= 1023;
    }
    FixedFormat f = (FixedFormat) q.format();
    return q.overflow() != OverflowRule.WRAP
        && f.width() + n <= 50
        && f.fracBits() >= -960
        && f.fracBits() + n <= 1000;
  }

  /** Of the quantum below the smallest normal value. */
  private static int lastExponent(FloatFormat f) {
    return f.subnormals() ? f.emin() - f.fracBits() : f.emin();
  }

  ScalarRounding(Quantizer q) {
    Format format = q.format();
    mode = q.rounding();
    int n = q.randomBits();
    isFloat = format instanceof FloatFormat;
    boolean negativeZero = false;
    mask = format.mask();
    int last;
    if (format instanceof FloatFormat read) {
      FloatFormat f = read.withDaz(false); // results are not operands yet
      drop = 52 - f.fracBits();
      leastNormal = (long) (f.emin() + 1023) << 52;
      most = bits(f.toDouble(f.maxFinite()));
      boolean zeroField = f.minNormal() == 0;
      base = leastNormal - (zeroField ? 0 : 1L << 52);
      oddFlip = f.fracBits() > 0 ? 0 : base >>> 52 & 1;
      last = lastExponent(f);
      codeMagic = Math.scalb(1.5, f.emin() - f.fracBits() + 52);
      overPlus = delivered(f, q, Real.of(1, f.emax() + 2));
      infPlus = delivered(f, q, Real.infinity(false));
      if (f.signed()) {
        overMinus = delivered(f, q, Real.of(-1, f.emax() + 2));
        infMinus = delivered(f, q, Real.infinity(true));
      } else { // any negative value: see ArrayQuantizer
        overMinus = most;
        infMinus = most;
      }
      negativeZero = f.family().negativeZero();
      nanCode = f.hasNan() ? f.nan() : 0;
      infCode = f.hasInfinity() ? f.infinity(false) : 0;
      signShift = f.signed() ? 64 - f.width() : 0;
      signBit = f.signed() ? 1L << f.width() - 1 : 0;
      least = 0;
      largest = 0;
    } else {
      FixedFormat f = (FixedFormat) format;
      drop = 0;
      leastNormal = 0;
      most = 0;
      base = 0;
      oddFlip = 0;
      last = -f.fracBits();
      codeMagic = Math.scalb(1.5, 52 - f.fracBits());
      overPlus = overMinus = infPlus = infMinus = 0;
      nanCode = infCode = 0;
      signShift = 0;
      signBit = 0;
      largest = f.toDouble(f.maxFinite());
      double smallest = f.signed() ? f.toDouble(1L << f.width() - 1) : 0;
      boolean symmetric = f.signed() && q.overflow() == OverflowRule.SYMMETRIC;
      least = symmetric ? smallest + Math.scalb(1.0, last) : smallest;
    }
    quantum = Math.scalb(1.0, last);
    zero = negativeZero ? -0.0 : 0.0;
    nan = format.hasNan() || !q.nanToZero() ? Double.NaN : 0.0;
    magic = Math.scalb(1.5, last + 52 - n);
    long all = (1L << drop) - 1;
    keep = ~all;
    keepDrawn = -1L << n;
    drawShift = drop - n;
    long half = all / 2 + 1;
    double tie = Math.nextDown(quantum / 2);
    double never = Double.POSITIVE_INFINITY;
    boolean signed = false;
    long gate = -1;
    switch (mode) {
      case RNE -> {
        upPlus = upMinus = half - 1;
        oddWeight = 1;
        raise = never;
        lower = -never;
      }
      case RNA -> {
        upPlus = upMinus = half;
        oddWeight = 0;
        raise = tie;
        lower = -never;
      }
      case RTZ -> {
        upPlus = upMinus = oddWeight = 0;
        raise = never;
        lower = 0;
      }
      case RUP -> {
        signed = true;
        upPlus = all;
        upMinus = oddWeight = 0;
        raise = 0;
        lower = -never;
      }
      case RDN -> {
        signed = true;
        upMinus = all;
        upPlus = oddWeight = 0;
        raise = never;
        lower = 0;
      }
      case RTO -> {
        upPlus = upMinus = all;
        oddWeight = -all;
        raise = 0;
        lower = 0;
        gate = 0;
      }
      case SR -> {
        signed = !isFloat;
        upPlus = upMinus = oddWeight = 0;
        raise = never;
        lower = -never;
      }
      case HALF_UP -> {
        signed = true;
        upPlus = upMinus = oddWeight = 0;
        raise = tie;
        lower = -never;
      }
      case HALF_DOWN -> {
        signed = true;
        upPlus = upMinus = oddWeight = 0;
        raise = never;
        lower = -tie;
      }
      case HALF_ZERO -> {
        upPlus = upMinus = oddWeight = 0;
        raise = never;
        lower = -tie;
      }
      default -> throw new AssertionError(mode);
    }
    evenGate = gate;
    yMask = signed ? -1 : MAGNITUDE;
    toMagic = ((long) drop - q.randomBits() << 52) + (1L << 51);
    toQuantum = (long) drop - 52 << 52;
    floats =
        isFloat
            && drop < 52
            && overPlus == overMinus
            && infPlus == infMinus
            && most >= leastNormal
            && Math.getExponent(value(most)) + drop + 1 <= 1023
            && leastNormal + toQuantum > 0
            && quantum == value(leastNormal + toQuantum);
    long tieAbove = most + (drop == 0 ? 0 : 1L << drop - 1);
    boolean tieFits = (most >>> drop & 1) == 0;
    lastInRange =
        mode != RoundingMode.RNE ? value(most) : tieFits ? value(tieAbove) : value(tieAbove - 1);
    exponents = isFloat ? INFINITY : 0;
    toSumMagic = isFloat ? toMagic : bits(magic);
    signs = bits(zero) & SIGN;
    lastSum = isFloat ? lastInRange : largest;
  }

  static long bits(double x) {
    return Double.doubleToRawLongBits(x);
  }

  static double value(long bits) {
    return Double.longBitsToDouble(bits);
  }

  /** The magnitude, as bits, that {@code q} makes of {@code x}. */
  private static long delivered(FloatFormat f, Quantizer q, Real x) {
    return bits(f.toDouble(q.round(x, 0).code())) & MAGNITUDE;
  }

  /**
   * {@code out[to + i]} is the value that {@code in[from + i]} rounds to.
   *
   * @param draws one an element; null unless stochastic
   */
  void round(double[] in, int from, double[] out, int to, int n, long[] draws) {
    roundFrom(0, in, from, out, to, n, draws);
  }

  /** Rows that {@link #accumulate} takes are one or a multiple of this; 0: it takes none. */
  int accumulates() {
    boolean takes = isFloat ? floats : least <= -largest;
    return takes && mode == RoundingMode.RNE ? 1 : 0;
  }

  /**
   * {@code n} steps j of {@code s[i] = round(s[i] + a[at + j*step + i] * b[from + j])}, i below
   * rows, for products that are doubles.
   *
   * <p>Where a sum is not, the double t nearest to p + s will do if s - (t - p) is 0. If it is not
   * and s is not the smaller one, p is so small against s, which is a value of the format, that s
   * is what both t and the sum round to. If s is smaller, it is the error of t.
   *
   * @param exact whether each sum before its rounding is a double; else the digits of a product and
   *     of the format are at most 50 in all
   * @param s updated; lost where the result is false
   * @return whether this was right: not where a sum overflowed or is NaN, nor where rounding the
   *     double nearest to it may not do
   */
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
    for (int i = 0; i < rows; i++) {
      s[i] = accumulate(a, at + i, step, b, from, n, exact, s[i]);
    }
    return !hasNan(s, 0, rows);
  }

  /**
   * The magic number of a sum's binade is mostly that of the one before, and a processor that
   * expects so need not wait for the exponent.
   */
  private double accumulate(
      double[] a, int at, int step, double[] b, int from, int n, boolean exact, double start) {
    double s = start;
    long before = -1;
    double c = 0;
    for (int j = 0; j < n; j++) {
      double p = a[at + j * step] * b[from + j];
      double t = p + s;
      long e = Math.max(bits(t) & exponents, leastNormal);
      if (e != before) {
        before = e;
        c = value(e + toSumMagic);
      }
      if (!(Math.abs(t) <= lastSum) || !exact && s - (t - p) != 0) {
        return Double.NaN;
      }
      s = t + c - c;
      if (s == 0) {
        s = value(bits(t) & signs);
      }
    }
    return s;
  }

  final void roundFrom(
      int start, double[] in, int from, double[] out, int to, int n, long[] draws) {
    if (isFloat) {
      for (int i = start; i < n; i++) {
        out[to + i] = roundFloat(in[from + i], draws == null ? 0 : draws[i]);
      }
    } else {
      for (int i = start; i < n; i++) {
        out[to + i] = roundFixed(in[from + i], draws == null ? 0 : draws[i]);
      }
    }
  }

  final double round(double x, long r) {
    return isFloat ? roundFloat(x, r) : roundFixed(x, r);
  }

  private double roundFloat(double x, long r) {
    long b = bits(x);
    long a = b & MAGNITUDE;
    long negative = b >> 63;
    if (a >= INFINITY) {
      long infinite = negative == 0 ? infPlus : infMinus;
      return a > INFINITY ? nan : value(infinite | b & SIGN);
    }
    long odd = -((a >>> drop ^ oddFlip) & 1) & oddWeight;
    long up = upPlus ^ (upPlus ^ upMinus) & negative;
    long normal = a + up + odd + (mode == RoundingMode.SR ? r << drawShift : 0) & keep;
    long small = bits(onGrid(value(b & yMask), r)) & MAGNITUDE;
    long isSmall = a - leastNormal >> 63;
    long result = normal ^ (normal ^ small) & isSmall;
    long over = overPlus ^ (overPlus ^ overMinus) & negative;
    result ^= (result ^ over) & most - result >> 63;
    return value(result | b & SIGN) + zero;
  }

  private double roundFixed(double x, long r) {
    double y = x > largest ? largest : x < least ? least : x;
    long b = bits(y);
    double grid = onGrid(value(b & yMask), r);
    double result = value(bits(grid) & MAGNITUDE | b & SIGN) + zero;
    return x != x ? nan : result;
  }

  /** {@code y} rounded to a multiple of the quantum. */
  private double onGrid(double y, long r) {
    double s = y + magic;
    double near = s - magic;
    double lost = y - near + 0.0; // +0 where nothing is, for the sign is read
    if (mode == RoundingMode.SR) {
      return value((bits(s) + (bits(lost) >> 63) + r & keepDrawn)) - magic;
    }
    double d = value(bits(lost) & ((bits(s) & 1) - 1 | evenGate));
    long up = bits(raise - d) >> 63 & bits(quantum);
    long down = bits(d - lower) >> 63 & bits(quantum);
    return near + value(up) - value(down);
  }

  /** The code of a double that {@link #round} gave. */
  final long code(double v) {
    long b = bits(v);
    long a = b & MAGNITUDE;
    if (!isFloat) {
      return bits(v + codeMagic) - bits(codeMagic) & mask;
    }
    if (a > INFINITY) {
      return nanCode;
    }
    long normal = a - base >>> drop;
    long small = bits(value(a) + codeMagic) - bits(codeMagic);
    long code = normal ^ (normal ^ small) & a - leastNormal >> 63;
    code = a == INFINITY ? infCode : code;
    return code | b >>> signShift & signBit;
  }

  /** Codes of values that {@link #round} gave. */
  void encode(double[] in, long[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = code(in[i]);
    }
  }

  void pack(long[] in, int[] out, int to, int n) {
    for (int i = 0; i < n; i++) {
      out[to + i] = (int) in[i];
    }
  }

  void pack(long[] in, short[] out, int to, int n) {
    for (int i = 0; i < n; i++) {
      out[to + i] = (short) in[i];
    }
  }

  void pack(long[] in, byte[] out, int to, int n) {
    for (int i = 0; i < n; i++) {
      out[to + i] = (byte) in[i];
    }
  }

  boolean hasNan(double[] values, int from, int n) {
    for (int i = from; i < from + n; i++) {
      if (values[i] != values[i]) {
        return true;
      }
    }
    return false;
  }

  void widen(float[] in, int from, double[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = in[from + i];
    }
  }

  void narrow(double[] in, float[] out, int to, int n) {
    for (int i = 0; i < n; i++) {
      out[to + i] = (float) in[i];
    }
  }
}
