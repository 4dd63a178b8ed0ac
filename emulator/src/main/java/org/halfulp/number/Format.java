package org.halfulp.number;

/** A map from each of {@code 2^width} codes to a real number, a signed zero, an infinity or NaN. */
public sealed interface Format permits FloatFormat, FixedFormat {

  /** Bits of a code, 1..64. */
  int width();

  /** The canonical name, which {@link FormatName#parse} reads back. */
  String name();

  boolean signed();

  /**
   * The exact value of {@code code}, after DAZ if the format has it.
   *
   * @throws IllegalArgumentException if {@code code} has bits above {@link #width}
   */
  Real decode(long code);

  boolean hasNan();

  boolean hasInfinity();

  /** Largest finite code of positive sign. */
  long maxFinite();

  /** Mask of a code's bits. */
  default long mask() {
    return width() == 64 ? -1L : (1L << width()) - 1;
  }

  /** Hexadecimal digits of a code. */
  default int hexDigits() {
    return (width() + 3) / 4;
  }

  /** {@code code} as hexadecimal of the format's width: {@code 0x7e}. */
  default String hex(long code) {
    String digits = Long.toHexString(code);
    return "0x" + "0".repeat(Math.max(0, hexDigits() - digits.length())) + digits;
  }

  /**
   * Exact value as a double. Every float code fits; a wide fixed code may round to nearest even.
   */
  default double toDouble(long code) {
    return decode(code).toDouble();
  }

  /** Throws unless {@code code} fits the width. */
  default void check(long code) {
    if ((code & ~mask()) != 0) {
      throw new IllegalArgumentException(
          "code 0x%x does not fit %s, which has %d bits".formatted(code, name(), width()));
    }
  }
}
