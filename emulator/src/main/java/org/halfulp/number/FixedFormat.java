package org.halfulp.number;

import java.math.BigInteger;

/**
 * A fixed-point format: the integer of a code times {@code 2^-fracBits}; section 1.2 of the
 * contract.
 *
 * @param width bits of a code, 1..64, the sign bit included
 * @param fracBits fraction bits F, any from -1024 to 1024; more than the width is legal
 */
public record FixedFormat(boolean signed, int width, int fracBits) implements Format {

  /** Largest magnitude of the fraction bits. */
  static final int MAX_FRACTION = 1024;

  public FixedFormat {
    if (width < 1 || width > 64) {
      throw new IllegalArgumentException("fixed-point width must be in [1, 64], got " + width);
    }
    if (fracBits < -MAX_FRACTION || fracBits > MAX_FRACTION) {
      throw new IllegalArgumentException("fraction bits must be in [-1024, 1024], got " + fracBits);
    }
  }

  /** Integer bits I, the sign bit included; may be negative. */
  public int intBits() {
    return width - fracBits;
  }

  @Override
  public String name() {
    return (signed ? "q" : "uq") + intBits() + "." + fracBits;
  }

  @Override
  public boolean hasNan() {
    return false;
  }

  @Override
  public boolean hasInfinity() {
    return false;
  }

  @Override
  public long maxFinite() {
    return signed ? mask() >>> 1 : mask();
  }

  /** The integer that {@code code} stands for. */
  public BigInteger integer(long code) {
    check(code);
    if (signed) {
      return BigInteger.valueOf(code << (64 - width) >> (64 - width));
    }
    return unsigned(code);
  }

  private static BigInteger unsigned(long code) {
    BigInteger low = BigInteger.valueOf(code & Long.MAX_VALUE);
    return code < 0 ? low.setBit(63) : low;
  }

  BigInteger largestInteger() {
    return unsigned(maxFinite());
  }

  BigInteger smallestInteger() {
    return signed ? BigInteger.ONE.shiftLeft(width - 1).negate() : BigInteger.ZERO;
  }

  @Override
  public Real decode(long code) {
    BigInteger integer = integer(code);
    return Real.of(integer.signum() < 0, integer.abs(), -fracBits);
  }

  @Override
  public String toString() {
    return name();
  }
}
