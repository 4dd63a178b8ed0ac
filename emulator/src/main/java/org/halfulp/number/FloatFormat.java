package org.halfulp.number;

import java.math.BigInteger;

/**
 * A float format; section 1.1 of the contract.
 *
 * @param expBits exponent bits E, 1..11
 * @param fracBits fraction bits M, 0..52
 * @param subnormals whether results may be subnormal; operands may in any case
 * @param daz whether subnormal operands read as zero
 */
public record FloatFormat(
    int expBits, int fracBits, int bias, Family family, boolean subnormals, boolean daz)
    implements Format {

  public static final FloatFormat FLOAT16 = of(5, 10, Family.IEEE);
  public static final FloatFormat BFLOAT16 = of(8, 7, Family.IEEE);
  public static final FloatFormat FLOAT32 = of(8, 23, Family.IEEE);
  public static final FloatFormat FLOAT64 = of(11, 52, Family.IEEE);

  public FloatFormat {
    if (expBits < 1 || expBits > 11) {
      throw new IllegalArgumentException("exponent bits must be in [1, 11], got " + expBits);
    }
    if (fracBits < 0 || fracBits > 52) {
      throw new IllegalArgumentException("fraction bits must be in [0, 52], got " + fracBits);
    }
    if (family == Family.FNU && fracBits != 0) {
      throw new IllegalArgumentException("family fnu has no fraction bits, got " + fracBits);
    }
    if (Math.abs((long) bias) > 4096) {
      throw new IllegalArgumentException("bias must be in [-4096, 4096], got " + bias);
    }
    String shape = "e%dm%d:%s,bias=%d".formatted(expBits, fracBits, family, bias);
    long largest = largestFinite(expBits, fracBits, family);
    int firstNormal = family == Family.FNU ? 0 : 1;
    long hidden = 1L << fracBits;
    // With subnormals off, a format without a normal value has nothing but zero to give.
    if (largest < (subnormals ? 1 : hidden) && family != Family.FNU || largest < 0) {
      throw new IllegalArgumentException(shape + " has no finite value other than zero");
    }
    int emin = firstNormal - bias;
    int topField = (int) (largest >>> fracBits);
    int emax = Math.max(topField, firstNormal) - bias;
    if (emin - fracBits < -1074 || emax > 1023) {
      throw new IllegalArgumentException(
          "%s does not fit binary64: its values span 2^%d to 2^%d, the limits are 2^-1074 and 2^1023"
              .formatted(shape, emin - fracBits, emax));
    }
  }

  /** The format of the family's default bias, with subnormals, without DAZ. */
  public static FloatFormat of(int expBits, int fracBits, Family family) {
    if (expBits < 1 || expBits > 11) {
      throw new IllegalArgumentException("exponent bits must be in [1, 11], got " + expBits);
    }
    return new FloatFormat(expBits, fracBits, family.defaultBias(expBits), family, true, false);
  }

  public FloatFormat withSubnormals(boolean on) {
    return new FloatFormat(expBits, fracBits, bias, family, on, daz);
  }

  public FloatFormat withDaz(boolean on) {
    return new FloatFormat(expBits, fracBits, bias, family, subnormals, on);
  }

  public FloatFormat withBias(int newBias) {
    return new FloatFormat(expBits, fracBits, newBias, family, subnormals, daz);
  }

  /** The same format with both switches at their defaults. */
  FloatFormat withDefaults() {
    return new FloatFormat(expBits, fracBits, bias, family, true, false);
  }

  @Override
  public int width() {
    return (signed() ? 1 : 0) + expBits + fracBits;
  }

  @Override
  public boolean signed() {
    return family.signed();
  }

  @Override
  public String name() {
    return FormatName.canonical(this);
  }

  /** Exponent of the smallest normal value. */
  public int emin() {
    return firstNormalField() - bias;
  }

  /** Exponent of the largest finite value. */
  public int emax() {
    return Math.max((int) (maxFinite() >>> fracBits), firstNormalField()) - bias;
  }

  /** The exponent field of the smallest normal value: 1, or 0 in the family without zero. */
  int firstNormalField() {
    return family == Family.FNU ? 0 : 1;
  }

  public boolean hasZero() {
    return family != Family.FNU;
  }

  @Override
  public boolean hasNan() {
    return family != Family.FINITE && !(family == Family.IEEE && fracBits == 0);
  }

  @Override
  public boolean hasInfinity() {
    return family == Family.IEEE || family == Family.P3109 || family == Family.P3109_UE;
  }

  @Override
  public long maxFinite() {
    return largestFinite(expBits, fracBits, family);
  }

  private static long largestFinite(int expBits, int fracBits, Family family) {
    long allOnes = (1L << (expBits + fracBits)) - 1;
    return switch (family) {
      case IEEE -> (((1L << expBits) - 1) << fracBits) - 1;
      case FNUZ, FINITE, P3109_SF -> allOnes;
      case FN, P3109, P3109_UF, FNU -> allOnes - 1;
      case P3109_UE -> allOnes - 2;
    };
  }

  /** Code of the smallest normal value. */
  public long minNormal() {
    return (long) firstNormalField() << fracBits;
  }

  /** The sign bit, 0 for unsigned formats. */
  long signBit() {
    return signed() ? 1L << (expBits + fracBits) : 0;
  }

  /** The one NaN that results have. */
  public long nan() {
    long allOnes = (1L << (expBits + fracBits)) - 1;
    return switch (family) {
      case IEEE -> {
        if (fracBits == 0) {
          throw new NanException(this);
        }
        yield ((1L << expBits) - 1) << fracBits | 1L << (fracBits - 1);
      }
      case FN, P3109_UE, P3109_UF, FNU -> allOnes;
      case FNUZ, P3109, P3109_SF -> signBit();
      case FINITE -> throw new NanException(this);
    };
  }

  /** Code of the infinity; only if {@link #hasInfinity}. */
  public long infinity(boolean negative) {
    long allOnes = (1L << (expBits + fracBits)) - 1;
    long magnitude =
        switch (family) {
          case IEEE -> ((1L << expBits) - 1) << fracBits;
          case P3109 -> allOnes;
          case P3109_UE -> allOnes - 1;
          default -> throw new IllegalStateException(name() + " has no infinity");
        };
    return negative ? magnitude | signBit() : magnitude;
  }

  @Override
  public Real decode(long code) {
    check(code);
    boolean negative = (code & signBit()) != 0;
    long magnitude = code & ~signBit();
    long top = ((1L << expBits) - 1) << fracBits;
    switch (family) {
      case IEEE -> {
        if ((magnitude & top) == top) {
          long fraction = magnitude ^ top;
          return fraction == 0
              ? Real.infinity(negative)
              : Real.nan((fraction & 1L << (fracBits - 1)) == 0);
        }
      }
      case FN, P3109_UE, P3109_UF, FNU -> {
        if (magnitude == nan()) {
          return Real.nan(false);
        }
        if (family == Family.P3109_UE && magnitude == infinity(false)) {
          return Real.infinity(false);
        }
      }
      case FNUZ, P3109, P3109_SF -> {
        if (code == signBit()) {
          return Real.nan(false);
        }
        if (family == Family.P3109 && magnitude == infinity(false)) {
          return Real.infinity(negative);
        }
      }
      case FINITE -> {}
    }
    long field = magnitude >>> fracBits;
    long fraction = magnitude & ((1L << fracBits) - 1);
    if (field < firstNormalField()) {
      if (daz || fraction == 0) {
        return Real.zero(negative);
      }
      return Real.of(negative, BigInteger.valueOf(fraction), emin() - fracBits);
    }
    return Real.of(
        negative, BigInteger.valueOf(1L << fracBits | fraction), (int) field - bias - fracBits);
  }

  @Override
  public String toString() {
    return name();
  }
}
