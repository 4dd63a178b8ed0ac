package org.halfulp.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Locale;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;

/** A rational number in lowest terms, {@code denominator > 0}: values and errors, for people. */
record Exact(BigInteger numerator, BigInteger denominator) implements Comparable<Exact> {
  static final Exact ZERO = new Exact(BigInteger.ZERO, BigInteger.ONE);

  /** Decimal digits that a value may take before it is written in hexadecimal. */
  private static final int MOST_DIGITS = 25;

  static Exact of(BigInteger numerator, BigInteger denominator) {
    BigInteger common = numerator.gcd(denominator);
    if (common.signum() == 0) {
      return new Exact(numerator, denominator);
    }
    if (denominator.signum() < 0) {
      common = common.negate();
    }
    return new Exact(numerator.divide(common), denominator.divide(common));
  }

  /** {@code integer * 2^exponent}. */
  static Exact scaled(BigInteger integer, int exponent) {
    return exponent >= 0
        ? new Exact(integer.shiftLeft(exponent), BigInteger.ONE)
        : of(integer, BigInteger.ONE.shiftLeft(-exponent));
  }

  static Exact of(BigDecimal value) {
    BigInteger unscaled = value.unscaledValue();
    int scale = value.scale();
    return scale <= 0
        ? new Exact(unscaled.multiply(BigInteger.TEN.pow(-scale)), BigInteger.ONE)
        : of(unscaled, BigInteger.TEN.pow(scale));
  }

  /** The value of a finite code. */
  static Exact of(Format format, long code) {
    return format instanceof FixedFormat fixed
        ? scaled(fixed.integer(code), -fixed.fracBits())
        : of(new BigDecimal(format.toDouble(code))); // each float code is exact in binary64
  }

  int signum() {
    return numerator.signum();
  }

  Exact minus(Exact other) {
    return of(
        numerator.multiply(other.denominator).subtract(other.numerator.multiply(denominator)),
        denominator.multiply(other.denominator));
  }

  Exact dividedBy(Exact other) {
    return of(numerator.multiply(other.denominator), denominator.multiply(other.numerator));
  }

  Exact abs() {
    return new Exact(numerator.abs(), denominator);
  }

  @Override
  public int compareTo(Exact other) {
    return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
  }

  /** floor(log2 |x|), x not 0. */
  int top() {
    BigInteger n = numerator.abs();
    int guess = n.bitLength() - denominator.bitLength(); // the answer, or one more than it
    BigInteger left = guess < 0 ? n.shiftLeft(-guess) : n;
    BigInteger right = guess > 0 ? denominator.shiftLeft(guess) : denominator;
    return left.compareTo(right) >= 0 ? guess : guess - 1;
  }

  /** Whether the denominator is a power of two. */
  boolean isDyadic() {
    return denominator.bitCount() == 1;
  }

  /** log2 of the denominator of a dyadic number. */
  int fractionBits() {
    return denominator.bitLength() - 1;
  }

  /**
   * Decimal where that is exact and short; else hexadecimal or a fraction with "about" a decimal.
   */
  @Override
  public String toString() {
    if (signum() == 0) {
      return "0";
    }
    if (numerator.bitLength() <= 2048 && denominator.bitLength() <= 80) {
      try {
        BigDecimal decimal =
            new BigDecimal(numerator).divide(new BigDecimal(denominator)).stripTrailingZeros();
        if (decimal.precision() <= MOST_DIGITS) {
          return decimal(decimal);
        }
      } catch (ArithmeticException e) {
        // no finite decimal
      }
    }
    if (isDyadic()) {
      return hexadecimal() + " (about " + about() + ")";
    }
    String fraction = numerator + "/" + denominator;
    return fraction.length() <= 24 ? fraction + " (about " + about() + ")" : "about " + about();
  }

  /** To six significant digits. */
  String about() {
    return decimal(
        new BigDecimal(numerator)
            .divide(new BigDecimal(denominator), new MathContext(6))
            .stripTrailingZeros());
  }

  private static String decimal(BigDecimal value) {
    int magnitude = value.precision() - value.scale() - 1; // floor(log10 |value|)
    if (magnitude >= -7 && magnitude < 16) {
      return value.toPlainString();
    }
    String digits = value.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    return "%s%se%d".formatted(value.signum() < 0 ? "-" : "", mantissa, magnitude);
  }

  /** {@code -0x1.8p-3}; dyadic numbers other than zero only. */
  private String hexadecimal() {
    BigInteger odd = numerator.abs();
    int bits = odd.bitLength() - 1;
    int pad = Math.floorMod(-bits, 4);
    String digits = odd.clearBit(bits).shiftLeft(pad).toString(16);
    digits = "0".repeat((bits + pad) / 4 - Math.min(digits.length(), (bits + pad) / 4)) + digits;
    digits = bits == 0 ? "" : digits.replaceFirst("0+$", "");
    return "%s0x1%sp%d"
        .formatted(
            numerator.signum() < 0 ? "-" : "",
            digits.isEmpty() ? "" : "." + digits,
            bits - fractionBits())
        .toLowerCase(Locale.ROOT);
  }

  /** The value of any code as people read it: {@code 0.1015625}, {@code -0}, {@code NaN}. */
  static String describe(Format format, long code) {
    var real = format.decode(code);
    if (real.isNan()) {
      return real.isSignaling() ? "NaN (signaling)" : "NaN";
    }
    if (real.isInfinite() || real.isZero()) {
      return real.toString();
    }
    return of(format, code).toString();
  }
}
