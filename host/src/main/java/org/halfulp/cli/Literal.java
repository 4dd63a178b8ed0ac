package org.halfulp.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halfulp.input.InputException;
import org.halfulp.number.Format;

/**
 * A number as somebody wrote it, read exactly.
 *
 * @param written the text
 * @param code the code, if it was written as one; then the rest is unused
 * @param special {@code inf} or {@code nan}, or empty
 * @param magnitude the absolute value of a finite number
 */
record Literal(String written, Long code, String special, boolean negative, Exact magnitude) {
  private static final int LONGEST = 2000;
  private static final int LARGEST_DECIMAL_EXPONENT = 5000;
  private static final int LARGEST_BINARY_EXPONENT = 20000;

  private static final Pattern HEX_FLOAT =
      Pattern.compile("0x([0-9a-f]*)(?:\\.([0-9a-f]*))?(?:p([+-]?\\d{1,6}))?");
  private static final Pattern DECIMAL = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d{1,9})?");
  private static final Pattern POWER = Pattern.compile("(?:(\\d+)\\*)?2\\^(-?\\d{1,6})");

  /** Reads a value, or a code of {@code format}. */
  static Literal parse(String written, Format format) {
    String shown = written.length() <= 40 ? written : written.substring(0, 40) + "...";
    if (written.length() > LONGEST) {
      throw new InputException("value '%s' is longer than %d characters".formatted(shown, LONGEST));
    }
    String text = written.strip().toLowerCase(Locale.ROOT);
    String code = codeDigits(text);
    if (code != null) {
      return new Literal(
          text, code(shown, code, text.startsWith("0b"), format), "", false, Exact.ZERO);
    }
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    switch (digits) {
      case "inf", "infinity" -> {
        return new Literal(text, null, "inf", negative, Exact.ZERO);
      }
      case "nan" -> {
        return new Literal(text, null, "nan", false, Exact.ZERO);
      }
      default -> {}
    }
    int slash = digits.indexOf('/');
    Exact magnitude =
        slash < 0
            ? number(shown, digits)
            : quotient(
                shown,
                number(shown, digits.substring(0, slash)),
                number(shown, digits.substring(slash + 1)));
    return new Literal(text, null, "", negative, magnitude);
  }

  /**
   * The digits of what is written as a code: {@code 0x7e}, {@code 0b0111_1110}, {@code code:7e}.
   */
  private static String codeDigits(String text) {
    if (text.startsWith("code:")) {
      return text.substring(text.startsWith("code:0x") ? 7 : 5);
    }
    if (text.startsWith("0b") || text.startsWith("0x") && !text.matches(".*[.p].*")) {
      return text.substring(2);
    }
    return null;
  }

  private static long code(String shown, String digits, boolean binary, Format format) {
    String plain = digits.replace("_", "");
    if (!plain.matches(binary ? "[01]+" : "[0-9a-f]+")) {
      throw new InputException(
          "'%s' is not a code; a code is 0x and hex digits, or 0b and bits".formatted(shown));
    }
    BigInteger code = new BigInteger(plain, binary ? 2 : 16);
    if (code.bitLength() > format.width()) {
      throw new InputException(
          "code '%s' does not fit %s, which has %d bits"
              .formatted(shown, format.name(), format.width()));
    }
    return code.longValue();
  }

  private static Exact quotient(String shown, Exact numerator, Exact denominator) {
    if (denominator.signum() == 0) {
      throw new InputException("value '%s' divides by zero".formatted(shown));
    }
    return numerator.dividedBy(denominator);
  }

  private static Exact number(String shown, String digits) {
    if (DECIMAL.matcher(digits).matches()) {
      BigDecimal decimal;
      try {
        decimal = new BigDecimal(digits);
      } catch (NumberFormatException e) { // an exponent beyond int
        throw tooFar(shown);
      }
      if (decimal.signum() == 0) {
        return Exact.ZERO;
      }
      if (Math.abs((long) decimal.precision() - decimal.scale()) > LARGEST_DECIMAL_EXPONENT) {
        throw tooFar(shown);
      }
      return Exact.of(decimal);
    }
    Matcher power = POWER.matcher(digits);
    if (power.matches()) {
      BigInteger factor = power.group(1) == null ? BigInteger.ONE : new BigInteger(power.group(1));
      return Exact.scaled(factor, binaryExponent(shown, power.group(2)));
    }
    Matcher hex = HEX_FLOAT.matcher(digits);
    if (hex.matches()) {
      String fraction = hex.group(2) == null ? "" : hex.group(2);
      String all = hex.group(1) + fraction;
      if (!all.isEmpty()) {
        int exponent = hex.group(3) == null ? 0 : binaryExponent(shown, hex.group(3));
        return Exact.scaled(new BigInteger(all, 16), exponent - 4 * fraction.length());
      }
    }
    throw new InputException(
        ("'%s' is not a value; write a decimal (0.1, -3e-5), a fraction (1/3), a hex float"
                + " (0x1.8p-3), a power (2^-9), inf, nan, or a code (0x7e, 0b01111110)")
            .formatted(shown));
  }

  private static int binaryExponent(String shown, String digits) {
    int exponent = Integer.parseInt(digits);
    if (Math.abs(exponent) > LARGEST_BINARY_EXPONENT) {
      throw tooFar(shown);
    }
    return exponent;
  }

  private static InputException tooFar(String shown) {
    return new InputException(
        "value '%s' is too large or too small; magnitudes from 1e-%d to 1e%d are read"
            .formatted(shown, LARGEST_DECIMAL_EXPONENT, LARGEST_DECIMAL_EXPONENT));
  }

  Exact value() {
    return negative
        ? new Exact(magnitude.numerator().negate(), magnitude.denominator())
        : magnitude;
  }

  /** The exact value, or what was written where that is shorter. */
  @Override
  public String toString() {
    String sign = negative ? "-" : "";
    if (!special.isEmpty()) {
      return special.equals("nan") ? "NaN" : sign + "Inf";
    }
    String exact = magnitude.signum() == 0 ? sign + "0" : value().toString();
    return exact.startsWith("about") && written.length() <= 60 ? written : exact;
  }
}
