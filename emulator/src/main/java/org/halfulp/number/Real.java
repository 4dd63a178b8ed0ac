package org.halfulp.number;

import java.math.BigInteger;

/**
 * An exact intermediate result: a signed zero, an infinity, NaN, or {@code (-1)^negative *
 * (magnitude + s) * 2^exponent} with {@code s} = 0, or in (0, 1) when {@code sticky}.
 *
 * <p>Only division and square root set sticky, and they keep enough bits above it that no rounding
 * can see where in (0, 1) it lies.
 */
public final class Real {
  /** What sort of value. */
  public enum Kind {
    ZERO,
    FINITE,
    INFINITE,
    NAN
  }

  private static final Real PLUS_ZERO = new Real(Kind.ZERO, false, BigInteger.ZERO, 0, false);
  private static final Real MINUS_ZERO = new Real(Kind.ZERO, true, BigInteger.ZERO, 0, false);
  private static final Real PLUS_INFINITY =
      new Real(Kind.INFINITE, false, BigInteger.ZERO, 0, false);
  private static final Real MINUS_INFINITY =
      new Real(Kind.INFINITE, true, BigInteger.ZERO, 0, false);
  private static final Real QUIET_NAN = new Real(Kind.NAN, false, BigInteger.ZERO, 0, false);
  private static final Real SIGNALING_NAN = new Real(Kind.NAN, false, BigInteger.ONE, 0, false);

  private final Kind kind;
  private final boolean negative;
  private final BigInteger magnitude;
  private final int exponent;
  private final boolean sticky;

  private Real(Kind kind, boolean negative, BigInteger magnitude, int exponent, boolean sticky) {
    this.kind = kind;
    this.negative = negative;
    this.magnitude = magnitude;
    this.exponent = exponent;
    this.sticky = sticky;
  }

  public static Real zero(boolean negative) {
    return negative ? MINUS_ZERO : PLUS_ZERO;
  }

  public static Real infinity(boolean negative) {
    return negative ? MINUS_INFINITY : PLUS_INFINITY;
  }

  public static Real nan(boolean signaling) {
    return signaling ? SIGNALING_NAN : QUIET_NAN;
  }

  /** {@code (-1)^negative * magnitude * 2^exponent}; a zero magnitude keeps the sign. */
  public static Real of(boolean negative, BigInteger magnitude, int exponent) {
    return of(negative, magnitude, exponent, false);
  }

  static Real of(boolean negative, BigInteger magnitude, int exponent, boolean sticky) {
    if (magnitude.signum() == 0 && !sticky) {
      return zero(negative);
    }
    return new Real(Kind.FINITE, negative, magnitude, exponent, sticky);
  }

  /** {@code value * 2^exponent}, +0 for 0. */
  public static Real of(long value, int exponent) {
    return of(value < 0, BigInteger.valueOf(value).abs(), exponent);
  }

  /** The exact value of a double; a NaN becomes quiet. */
  public static Real of(double value) {
    if (Double.isNaN(value)) {
      return QUIET_NAN;
    }
    boolean negative = Double.doubleToRawLongBits(value) < 0;
    if (Double.isInfinite(value)) {
      return infinity(negative);
    }
    if (value == 0) {
      return zero(negative);
    }
    long bits = Double.doubleToRawLongBits(value);
    int field = (int) (bits >>> 52) & 0x7FF;
    long fraction = bits & 0xFFFFFFFFFFFFFL;
    long significand = field == 0 ? fraction : fraction | 1L << 52;
    return of(negative, BigInteger.valueOf(significand), Math.max(field, 1) - 1075);
  }

  public Kind kind() {
    return kind;
  }

  public boolean negative() {
    return negative;
  }

  public boolean isNan() {
    return kind == Kind.NAN;
  }

  public boolean isSignaling() {
    return this == SIGNALING_NAN;
  }

  public boolean isInfinite() {
    return kind == Kind.INFINITE;
  }

  public boolean isZero() {
    return kind == Kind.ZERO;
  }

  public boolean isFinite() {
    return kind == Kind.ZERO || kind == Kind.FINITE;
  }

  BigInteger magnitude() {
    return magnitude;
  }

  int exponent() {
    return exponent;
  }

  boolean sticky() {
    return sticky;
  }

  /** floor(log2 |x|) of a finite value other than zero. */
  int top() {
    return magnitude.bitLength() - 1 + exponent;
  }

  public Real negate() {
    return switch (kind) {
      case NAN -> this;
      case ZERO -> zero(!negative);
      case INFINITE -> infinity(!negative);
      case FINITE -> new Real(kind, !negative, magnitude, exponent, sticky);
    };
  }

  /**
   * The exact sum, an exact zero being +0, or -0 when {@code zeroNegative}, unless both are zeros
   * of one sign. Neither operand may be NaN, nor both infinite with opposite signs.
   */
  public Real add(Real other, boolean zeroNegative) {
    if (isInfinite() || other.isInfinite()) {
      return isInfinite() ? this : other;
    }
    if (isZero() && other.isZero()) {
      return negative == other.negative ? this : zero(zeroNegative);
    }
    if (isZero()) {
      return other;
    }
    if (other.isZero()) {
      return this;
    }
    int low = Math.min(exponent, other.exponent);
    BigInteger a = magnitude.shiftLeft(exponent - low);
    BigInteger b = other.magnitude.shiftLeft(other.exponent - low);
    if (negative == other.negative) {
      return of(negative, a.add(b), low);
    }
    int order = a.compareTo(b);
    if (order == 0) {
      return zero(zeroNegative);
    }
    return order > 0 ? of(negative, a.subtract(b), low) : of(other.negative, b.subtract(a), low);
  }

  /** The exact product; neither operand may be NaN, nor one zero and the other infinite. */
  public Real multiply(Real other) {
    boolean sign = negative != other.negative;
    if (isInfinite() || other.isInfinite()) {
      return infinity(sign);
    }
    if (isZero() || other.isZero()) {
      return zero(sign);
    }
    return of(sign, magnitude.multiply(other.magnitude), exponent + other.exponent);
  }

  /** Exact order by value; -0 equals +0. Not for NaN, nor sticky values. */
  public int compareTo(Real other) {
    if (isInfinite() || other.isInfinite()) {
      return Integer.compare(infiniteSign(), other.infiniteSign());
    }
    Real difference = add(other.negate(), false);
    return difference.isZero() ? 0 : difference.negative ? -1 : 1;
  }

  private int infiniteSign() {
    return isInfinite() ? negative ? -1 : 1 : 0;
  }

  /** The nearest double, ties to even. */
  public double toDouble() {
    return switch (kind) {
      case NAN -> Double.NaN;
      case INFINITE -> negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
      case ZERO -> negative ? -0.0 : 0.0;
      case FINITE -> {
        if (magnitude.bitLength() <= 53 && !sticky && exponent >= -1074 && top() < 1024) {
          double significand = negative ? -magnitude.longValue() : magnitude.longValue();
          yield significand * Math.scalb(1.0, exponent); // exact: a multiple of 2^-1074, 53 bits
        }
        Quantizer nearest = new Quantizer(FloatFormat.FLOAT64, RoundingMode.RNE);
        yield Double.longBitsToDouble(nearest.round(this, 0).code());
      }
    };
  }

  @Override
  public String toString() {
    return switch (kind) {
      case NAN -> "NaN";
      case INFINITE -> negative ? "-Inf" : "Inf";
      case ZERO -> negative ? "-0" : "0";
      case FINITE -> (negative ? "-" : "") + magnitude + (sticky ? "+" : "") + "*2^" + exponent;
    };
  }
}
