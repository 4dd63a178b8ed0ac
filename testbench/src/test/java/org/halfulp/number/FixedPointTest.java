package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.halfulp.number.SmallFormats.Tally;
import org.junit.jupiter.api.Test;

/**
 * Fixed point against BigDecimal: the exact value in quanta, rounded by {@code setScale}, then
 * clamped or reduced.
 */
class FixedPointTest {
  private static final List<RoundingMode> MODES =
      List.of(
          RoundingMode.RNE,
          RoundingMode.RNA,
          RoundingMode.RTZ,
          RoundingMode.RUP,
          RoundingMode.RDN,
          RoundingMode.RTO,
          RoundingMode.SR,
          RoundingMode.HALF_UP,
          RoundingMode.HALF_DOWN,
          RoundingMode.HALF_ZERO);

  private static final List<OverflowRule> RULES =
      List.of(OverflowRule.SATURATE, OverflowRule.SYMMETRIC, OverflowRule.WRAP);

  /** Expected code and flags. */
  private record Expected(BigInteger code, int flags) {}

  /** Rounds {@code x}, which is already in quanta of the result. */
  private static BigInteger rounded(BigDecimal x, RoundingMode mode, int randomBits, long r) {
    BigDecimal floor = x.setScale(0, java.math.RoundingMode.FLOOR);
    BigDecimal whole =
        switch (mode) {
          case RNE -> x.setScale(0, java.math.RoundingMode.HALF_EVEN);
          case RNA -> x.setScale(0, java.math.RoundingMode.HALF_UP); // BigDecimal's "up" is away
          case RTZ -> x.setScale(0, java.math.RoundingMode.DOWN);
          case RUP -> x.setScale(0, java.math.RoundingMode.CEILING);
          case RDN -> floor;
          case RTO ->
              floor.compareTo(x) == 0 || floor.toBigInteger().testBit(0)
                  ? floor
                  : floor.add(BigDecimal.ONE);
          case SR -> // add R just below the last place, truncate
              x.multiply(two(randomBits))
                  .setScale(0, java.math.RoundingMode.FLOOR)
                  .add(BigDecimal.valueOf(r))
                  .divide(two(randomBits))
                  .setScale(0, java.math.RoundingMode.FLOOR);
          case HALF_UP -> x.add(new BigDecimal("0.5")).setScale(0, java.math.RoundingMode.FLOOR);
          case HALF_DOWN ->
              x.subtract(new BigDecimal("0.5")).setScale(0, java.math.RoundingMode.CEILING);
          case HALF_ZERO -> x.setScale(0, java.math.RoundingMode.HALF_DOWN);
        };
    return whole.toBigInteger();
  }

  private static BigDecimal two(int exponent) {
    BigDecimal power = new BigDecimal(BigInteger.TWO.pow(Math.abs(exponent)));
    return exponent >= 0 ? power : BigDecimal.ONE.divide(power);
  }

  private static Expected expected(BigDecimal value, Quantizer q, long r) {
    FixedFormat f = (FixedFormat) q.format();
    BigDecimal x = value.multiply(two(f.fracBits()));
    BigInteger n = rounded(x, q.rounding(), q.randomBits(), r);
    BigInteger modulus = BigInteger.TWO.pow(f.width());
    BigInteger largest = (f.signed() ? modulus.shiftRight(1) : modulus).subtract(BigInteger.ONE);
    BigInteger smallest = f.signed() ? modulus.shiftRight(1).negate() : BigInteger.ZERO;
    if (q.overflow() == OverflowRule.SYMMETRIC && f.signed()) {
      smallest = largest.negate();
    }
    int flags = new BigDecimal(n).compareTo(x) == 0 ? 0 : 1;
    if (n.compareTo(largest) > 0 || n.compareTo(smallest) < 0) {
      flags = 4 | 1;
      if (q.overflow() != OverflowRule.WRAP) {
        n = n.signum() < 0 ? smallest : largest;
      }
    }
    return new Expected(n.mod(modulus), flags);
  }

  private static void compare(
      Tally tally, String what, BigDecimal value, Quantizer q, long r, Rounded got) {
    Expected want = expected(value, q, r);
    BigInteger code = new BigInteger(Long.toUnsignedString(got.code()));
    tally.add(1);
    if (!code.equals(want.code) || got.flags() != want.flags) {
      tally.mismatch(
          () ->
              "%s = %s to %s r=%d: %s %s, not %s %s"
                  .formatted(
                      what,
                      value.toPlainString(),
                      q,
                      r,
                      q.format().hex(got.code()),
                      Flags.describe(got.flags()),
                      want.code.toString(16),
                      Flags.describe(want.flags)));
    }
  }

  private static BigDecimal value(FixedFormat f, long code) {
    BigInteger integer = new BigInteger(Long.toUnsignedString(code));
    if (f.signed() && integer.testBit(f.width() - 1)) {
      integer = integer.subtract(BigInteger.TWO.pow(f.width()));
    }
    return new BigDecimal(integer).multiply(two(-f.fracBits()));
  }

  private static List<FixedFormat> small() {
    List<FixedFormat> formats = new ArrayList<>();
    for (boolean signed : new boolean[] {true, false}) {
      for (int width : new int[] {1, 2, 3, 5, 8}) {
        for (int fraction : new int[] {-3, 0, 1, width, width + 3}) {
          formats.add(new FixedFormat(signed, width, fraction));
        }
      }
    }
    return formats;
  }

  @Test
  void decodesEveryCode() {
    long checked = 0;
    for (FixedFormat f : small()) {
      for (long code = 0; code <= f.mask(); code++) {
        assertEquals(value(f, code).doubleValue(), f.toDouble(code));
        checked++;
      }
      assertThrows(IllegalArgumentException.class, () -> f.decode(f.mask() + 1));
    }
    // Per width 2^width codes, five fractions, signed and unsigned.
    assertEquals(2 * 5 * (2 + 4 + 8 + 32 + 256), checked);
  }

  @Test
  void convertsBetweenEverySmallPair() {
    Tally tally = new Tally();
    long expected = 0;
    int[] bits = {1, 2, 3, 8};
    for (FixedFormat to : small()) {
      for (OverflowRule rule : RULES) {
        for (RoundingMode mode : MODES) {
          for (int n : mode == RoundingMode.SR ? bits : new int[] {0}) {
            Quantizer q = new Quantizer(to, mode, rule, n, false);
            for (FixedFormat from : small()) {
              if (from.width() < 5) {
                continue;
              }
              expected += from.mask() + 1;
              for (long code = 0; code <= from.mask(); code++) {
                long r = code * 37 + to.width() & (1L << n) - 1;
                Rounded got = Arithmetic.convert(from, code, q, r);
                compare(tally, from.hex(code), value(from, code), q, r, got);
              }
            }
          }
        }
      }
    }
    tally.check(expected);
    assertEquals(50L * 3 * 13 * (10 * 32 + 10 * 256), expected);
  }

  @Test
  void convertsEverySmallFloat() {
    Tally tally = new Tally();
    long expected = 0;
    for (String name : List.of("e4m3fn", "e5m2", "e3m4", "e2m1fn", "binary8p4se")) {
      FloatFormat from = (FloatFormat) FormatName.parse(name).format();
      for (FixedFormat to : small()) {
        for (OverflowRule rule : RULES) {
          for (RoundingMode mode : MODES) {
            int n = mode == RoundingMode.SR ? 4 : 0;
            Quantizer q = new Quantizer(to, mode, rule, n, false);
            for (long code = 0; code <= from.mask(); code++) {
              double x = from.toDouble(code);
              if (Double.isNaN(x)) {
                long nan = code;
                assertThrows(NanException.class, () -> Arithmetic.convert(from, nan, q, 0));
                continue;
              }
              long r = code * 7 & (1L << n) - 1;
              Rounded got = Arithmetic.convert(from, code, q, r);
              expected++;
              if (Double.isInfinite(x)) {
                infinite(tally, to, rule, x < 0, got);
              } else {
                compare(tally, from.hex(code), new BigDecimal(x), q, r, got);
              }
            }
          }
        }
      }
    }
    tally.check(expected);
    assertEquals(50L * 3 * 10 * (254 + 250 + 226 + 16 + 255), expected);
  }

  private static void infinite(
      Tally tally, FixedFormat to, OverflowRule rule, boolean negative, Rounded got) {
    tally.add(1);
    BigInteger huge = BigInteger.TEN.pow(400);
    Quantizer clamping =
        new Quantizer(
            to,
            RoundingMode.RTZ,
            rule == OverflowRule.WRAP ? OverflowRule.SATURATE : rule,
            0,
            false);
    Expected end = expected(new BigDecimal(negative ? huge.negate() : huge), clamping, 0);
    long want = rule == OverflowRule.WRAP ? 0 : end.code.longValue();
    if (got.code() != want || got.flags() != 5) {
      tally.mismatch(() -> "Inf to " + to + " " + rule + ": " + to.hex(got.code()));
    }
  }

  @Test
  void addsSubtractsAndMultipliesEveryPairOfFiveBits() {
    Tally tally = new Tally();
    FixedFormat[] froms = {new FixedFormat(true, 5, 3), new FixedFormat(false, 5, 7)};
    FixedFormat[] tos = {
      new FixedFormat(true, 5, 2), new FixedFormat(true, 4, 6), new FixedFormat(false, 5, 3)
    };
    for (FixedFormat from : froms) {
      for (FixedFormat to : tos) {
        for (OverflowRule rule : RULES) {
          for (RoundingMode mode : MODES) {
            int n = mode == RoundingMode.SR ? 2 : 0;
            Quantizer q = new Quantizer(to, mode, rule, n, false);
            for (int i = 0; i < 1024; i++) {
              long a = i / 32;
              long b = i % 32;
              BigDecimal x = value(from, a);
              BigDecimal y = value(from, b);
              for (long r = 0; r < 1L << n; r++) {
                String what = from.hex(a) + " op " + from.hex(b);
                compare(tally, what, x.add(y), q, r, Arithmetic.add(from, a, b, q, r));
                compare(tally, what, x.subtract(y), q, r, Arithmetic.sub(from, a, b, q, r));
                compare(tally, what, x.multiply(y), q, r, Arithmetic.mul(from, a, b, q, r));
                long c = i * 11 & 31;
                BigDecimal z = x.multiply(y).add(value(from, c));
                compare(tally, what, z, q, r, Arithmetic.fma(from, a, b, c, q, r));
              }
            }
          }
        }
      }
    }
    tally.check(2L * 3 * 3 * (9 + 4) * 1024 * 4);
  }

  @Test
  void dividesEveryPairOfFiveBits() {
    // A quotient is no decimal fraction: cut it 60 bits below the quantum and mark the rest, which
    // no mode can tell from the exact value.
    Tally tally = new Tally();
    FixedFormat from = new FixedFormat(true, 5, 3);
    FixedFormat to = new FixedFormat(true, 6, 3);
    for (OverflowRule rule : RULES) {
      for (RoundingMode mode : MODES) {
        int n = mode == RoundingMode.SR ? 5 : 0;
        Quantizer q = new Quantizer(to, mode, rule, n, false);
        for (long a = 0; a < 32; a++) {
          for (long b = 0; b < 32; b++) {
            BigDecimal x = value(from, a);
            BigDecimal y = value(from, b);
            long r = a * 5 + b & (1L << n) - 1;
            if (y.signum() == 0) {
              if (x.signum() == 0) {
                long zero = a;
                assertThrows(NanException.class, () -> Arithmetic.div(from, zero, zero, q, r));
                continue;
              }
              Rounded got = Arithmetic.div(from, a, b, q, r);
              assertEquals(8 | 4 | 1, got.flags());
              infinite(tally, to, rule, x.signum() < 0, new Rounded(got.code(), 5));
              continue;
            }
            BigDecimal scaled = x.multiply(two(63));
            BigDecimal cut = scaled.divide(y, 0, java.math.RoundingMode.DOWN);
            boolean whole = cut.multiply(y).compareTo(scaled) == 0;
            BigDecimal marked =
                whole ? cut : cut.add(new BigDecimal(x.signum() * y.signum() * 0.5));
            Rounded got = Arithmetic.div(from, a, b, q, r);
            compare(tally, x + "/" + y, marked.multiply(two(-63)), q, r, got);
          }
        }
      }
    }
    tally.check(3L * 10 * (1024 - 1));
  }

  @Test
  void rootsOfEveryEightBits() {
    Tally tally = new Tally();
    FixedFormat from = new FixedFormat(false, 8, 5);
    FixedFormat to = new FixedFormat(false, 6, 4);
    for (RoundingMode mode : MODES) {
      int n = mode == RoundingMode.SR ? 5 : 0;
      Quantizer q = new Quantizer(to, mode, OverflowRule.SATURATE, n, false);
      for (long a = 0; a < 256; a++) {
        BigInteger square = BigInteger.valueOf(a).shiftLeft(95);
        BigInteger[] root = square.sqrtAndRemainder();
        BigDecimal marked = new BigDecimal(root[0]);
        marked = root[1].signum() == 0 ? marked : marked.add(new BigDecimal("0.5"));
        Rounded got = Arithmetic.sqrt(from, a, q, a & (1L << n) - 1);
        compare(tally, "sqrt " + a, marked.multiply(two(-50)), q, a & (1L << n) - 1, got);
      }
    }
    tally.check(10 * 256);
  }

  @Test
  void everyWidthAndManyFractions() {
    Tally tally = new Tally();
    Random random = new Random(64);
    FloatFormat f64 = FloatFormat.FLOAT64;
    int rounds = 30;
    for (int width = 1; width <= 64; width++) {
      for (boolean signed : new boolean[] {true, false}) {
        for (int round = 0; round < rounds; round++) {
          FixedFormat to = new FixedFormat(signed, width, random.nextInt(160) - 80);
          FixedFormat from = new FixedFormat(random.nextBoolean(), 64, to.fracBits() + 8);
          for (RoundingMode mode : MODES) {
            for (OverflowRule rule : RULES) {
              int n = mode == RoundingMode.SR ? 1 + random.nextInt(32) : 0;
              long r = random.nextLong() & (1L << n) - 1;
              Quantizer q = new Quantizer(to, mode, rule, n, false);
              // A few bits above the range to a few below the quantum; every fourth next to a tie.
              long wide = random.nextLong() >> random.nextInt(64);
              wide = round % 4 == 0 ? wide & -128 : wide;
              compare(tally, "wide", value(from, wide), q, r, Arithmetic.convert(from, wide, q, r));
              double x =
                  Math.scalb(random.nextGaussian(), random.nextInt(width + 6) - 3 - to.fracBits());
              long bits = Double.doubleToRawLongBits(x);
              compare(
                  tally, "double", new BigDecimal(x), q, r, Arithmetic.convert(f64, bits, q, r));
            }
          }
        }
      }
    }
    tally.check(64L * 2 * rounds * 10 * 3 * 2);
  }

  @Test
  void theEndsOfSixtyFourBits() {
    FixedFormat signed = new FixedFormat(true, 64, 0);
    FixedFormat unsigned = new FixedFormat(false, 64, 0);
    Quantizer toSigned = new Quantizer(signed, RoundingMode.RNE);
    Quantizer toUnsigned = new Quantizer(unsigned, RoundingMode.RNE);
    assertEquals(new Rounded(Long.MIN_VALUE, 0), Arithmetic.convert(signed, 1L << 63, toSigned, 0));
    assertEquals(new Rounded(0, 5), Arithmetic.convert(signed, -1, toUnsigned, 0));
    assertEquals(new Rounded(-1, 0), Arithmetic.convert(unsigned, -1, toUnsigned, 0));
    assertEquals(new Rounded(Long.MAX_VALUE, 5), Arithmetic.convert(unsigned, -1, toSigned, 0));
    Quantizer symmetric = new Quantizer(signed, RoundingMode.RNE, OverflowRule.SYMMETRIC, 0, false);
    assertEquals(
        new Rounded(Long.MIN_VALUE + 1, 5), Arithmetic.convert(signed, 1L << 63, symmetric, 0));
    assertEquals(0x1p64, unsigned.toDouble(-1));
    assertEquals(-0x1p63, signed.toDouble(1L << 63));
  }

  @Test
  void symmetricReachesItsEndByRoundingToo() {
    FixedFormat from = new FixedFormat(true, 8, 4);
    FixedFormat to = new FixedFormat(true, 4, 0);
    Quantizer q = new Quantizer(to, RoundingMode.RDN, OverflowRule.SYMMETRIC, 0, false);
    // -7.0625 floors to -8, the code that symmetric never gives
    assertEquals(new Rounded(0x9, 5), Arithmetic.convert(from, -113 & 0xFF, q, 0));
    assertEquals(new Rounded(0x9, 0), Arithmetic.convert(from, -112 & 0xFF, q, 0));
  }
}
