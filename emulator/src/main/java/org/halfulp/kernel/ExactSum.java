package org.halfulp.kernel;

import java.math.BigInteger;
import java.util.Arrays;
import org.halfulp.number.Real;

/**
 * An exact sum of doubles and of products of doubles: a fixed-point register of 32-bit digits over
 * the whole range of such products (Kulisch 2013), each digit in a long so that carries wait.
 *
 * <p>A sum of value zero is +0. Not thread-safe; {@link #clear} readies it for the next sum.
 */
public final class ExactSum {
  /** Weight of the register's lowest bit: below the square of the smallest subnormal. */
  private static final int LOW = -2176;

  private static final int DIGITS = (2176 + 2048 + 64) / 32 + 2;
  private static final int MAX_TERMS = 1 << 29;

  private final long[] digits = new long[DIGITS];
  private int from = DIGITS; // digits outside [from, to) are zero
  private int to;
  private int terms;
  private double special; // the sum of the terms that are not finite

  public void clear() {
    if (from < to) {
      Arrays.fill(digits, from, to, 0);
    }
    from = DIGITS;
    to = 0;
    terms = 0;
    special = 0;
  }

  public void add(double x) {
    addProduct(x, 1.0);
  }

  /** Adds {@code a*b} exactly. */
  public void addProduct(double a, double b) {
    long abits = Double.doubleToRawLongBits(a);
    long bbits = Double.doubleToRawLongBits(b);
    int ae = (int) (abits >>> 52) & 0x7FF;
    int be = (int) (bbits >>> 52) & 0x7FF;
    if (ae == 0x7FF || be == 0x7FF) {
      special += a * b;
      return;
    }
    long as = abits & 0xFFFFFFFFFFFFFL | (ae == 0 ? 0 : 1L << 52);
    long bs = bbits & 0xFFFFFFFFFFFFFL | (be == 0 ? 0 : 1L << 52);
    if (as == 0 || bs == 0) {
      return;
    }
    if (++terms > MAX_TERMS) {
      carry();
      terms = 1;
    }
    int offset = Math.max(ae, 1) + Math.max(be, 1) - 2 * 1075 - LOW;
    int index = offset >>> 5;
    int shift = offset & 31;
    long high = Math.multiplyHigh(as, bs); // below 2^42
    long low = as * bs;
    long d0 = (low & 0xFFFFFFFFL) << shift; // below 2^63
    long d1 = (low >>> 32) << shift;
    long d2 = (high & 0xFFFFFFFFL) << shift;
    long d3 = (high >>> 32) << shift;
    long sign = (abits ^ bbits) >> 63; // 0 or -1
    digits[index] += ((d0 & 0xFFFFFFFFL) ^ sign) - sign;
    digits[index + 1] += (((d0 >>> 32) + (d1 & 0xFFFFFFFFL)) ^ sign) - sign;
    digits[index + 2] += (((d1 >>> 32) + (d2 & 0xFFFFFFFFL)) ^ sign) - sign;
    digits[index + 3] += (((d2 >>> 32) + (d3 & 0xFFFFFFFFL)) ^ sign) - sign;
    digits[index + 4] += ((d3 >>> 32) ^ sign) - sign;
    from = Math.min(from, index);
    to = Math.max(to, index + 5);
  }

  private void negate() {
    for (int i = from; i < to; i++) {
      digits[i] = -digits[i];
    }
  }

  /** Brings every digit but the top one into [0, 2^32). */
  private void carry() {
    if (from >= to) {
      return;
    }
    int last = Math.min(to + 2, DIGITS - 1);
    for (int i = from; i < last; i++) {
      digits[i + 1] += digits[i] >> 32;
      digits[i] &= 0xFFFFFFFFL;
    }
    to = last + 1;
  }

  /** The sum, exactly. Slow but plain; the twin of {@link #toOdd}. */
  public Real toReal() {
    if (special != 0 || Double.isNaN(special)) {
      return Real.of(special);
    }
    carry();
    BigInteger sum = BigInteger.ZERO;
    for (int i = to - 1; i >= from; i--) {
      sum = sum.shiftLeft(32).add(BigInteger.valueOf(digits[i]));
    }
    return Real.of(sum.signum() < 0, sum.abs(), LOW + 32 * Math.min(from, DIGITS));
  }

  /** The sum rounded to odd in binary64: exact, or the neighbour whose last bit is 1. */
  public double toOdd() {
    if (special != 0 || Double.isNaN(special)) {
      return special;
    }
    carry();
    boolean negative = from < to && digits[to - 1] < 0;
    if (negative) {
      negate();
      carry();
    }
    int top = to - 1;
    while (top >= from && digits[top] == 0) {
      top--;
    }
    if (top < from) {
      return 0;
    }
    // The top 96 bits hold at least 65 significant ones; the rest is sticky.
    long d0 = digits[top];
    long d1 = top - 1 >= from ? digits[top - 1] : 0;
    long d2 = top - 2 >= from ? digits[top - 2] : 0;
    int lead = Long.numberOfLeadingZeros(d0); // at least 32: carry() left it below 2^32
    long upper = d0 << 32 | d1; // has lead - 32 leading zeros
    int up = lead - 32;
    long word = up == 0 ? upper : upper << up | d2 << 32 >>> (64 - up);
    boolean sticky = (up == 0 ? d2 : d2 << (32 + up)) != 0;
    for (int i = top - 3; i >= from && !sticky; i--) {
      sticky = digits[i] != 0;
    }
    // word: 64 bits, top bit set, weight of its lowest bit:
    int exponent = LOW + 32 * (top - 1) - up;
    long significand = word >>> 11;
    sticky |= (word & 0x7FF) != 0;
    exponent += 11;
    int tooSmall = -1074 - exponent; // bits below the smallest subnormal double
    if (tooSmall > 0) {
      int cut = Math.min(tooSmall, 60);
      sticky |= (significand & (1L << cut) - 1) != 0;
      significand >>>= cut;
      exponent = -1074;
    }
    if (sticky) {
      significand |= 1;
    }
    double magnitude = exponent > 971 ? Double.MAX_VALUE : significand * Math.scalb(1.0, exponent);
    if (negative) {
      negate(); // back, so that the sum may go on
    }
    return negative ? -magnitude : magnitude;
  }
}
