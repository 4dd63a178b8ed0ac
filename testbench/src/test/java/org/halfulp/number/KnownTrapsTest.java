package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Cases that widely used libraries got wrong, each by hand from the standards. */
class KnownTrapsTest {
  private static final int INEXACT = 1;
  private static final int UNDERFLOW = 2;
  private static final int OVERFLOW = 4;
  private static final int DIVIDE_BY_ZERO = 8;
  private static final int INVALID = 16;

  private static final FloatFormat F16 = FloatFormat.FLOAT16;
  private static final FloatFormat F32 = FloatFormat.FLOAT32;

  private static Format format(String name) {
    return FormatName.parse(name).format();
  }

  private static Rounded round(double x, String to, RoundingMode mode) {
    return new Quantizer(format(to), mode).round(Real.of(x), 0);
  }

  private static Rounded round(double x, String to, RoundingMode mode, OverflowRule rule) {
    return new Quantizer(format(to), mode, rule, 0, false).round(Real.of(x), 0);
  }

  private static Rounded r(long code, int flags) {
    return new Rounded(code, flags);
  }

  @Test
  void ocpE4m3StopsAt448() {
    assertEquals(r(0x7E, 0), round(448, "e4m3", RoundingMode.RNE));
    assertEquals(r(0x7E, INEXACT), round(463.9, "e4m3", RoundingMode.RNE));
    // 464 is the tie with 480, whose code is NaN's: even is 480, so it overflows
    assertEquals(r(0x7E, INEXACT), round(464, "e4m3", RoundingMode.RNE));
    assertEquals(r(0x7F, OVERFLOW | INEXACT), round(464, "e4m3", RoundingMode.RNA));
    assertEquals(r(0x7F, OVERFLOW | INEXACT), round(480, "e4m3", RoundingMode.RNE));
    assertEquals(
        r(0x7E, OVERFLOW | INEXACT), round(480, "e4m3", RoundingMode.RNE, OverflowRule.FINITE));
  }

  @Test
  void theTieAtTheTopOfE4m3GoesToTheEvenCode() {
    // 448 is 1.75 * 2^8 with the even significand 14; 480 would be 15.
    assertEquals(0x7E, round(464, "e4m3", RoundingMode.RNE).code());
    // In e4m3:ieee 240 is 15 * 16, odd, so its tie 248 overflows to Inf.
    assertEquals(r(0x78, OVERFLOW | INEXACT), round(248, "e4m3:ieee", RoundingMode.RNE));
    assertEquals(r(0x77, INEXACT), round(247.99, "e4m3:ieee", RoundingMode.RNE));
  }

  @Test
  void nearestEvenIsNotTiesAway() {
    assertEquals(0x38, round(1.0625, "e4m3", RoundingMode.RNE).code());
    assertEquals(0x39, round(1.0625, "e4m3", RoundingMode.RNA).code());
    assertEquals(0x3A, round(1.1875, "e4m3", RoundingMode.RNE).code());
  }

  @Test
  void justBelowTheSmallestNormalRoundsUpToIt() {
    assertEquals(r(0x08, INEXACT), round(0x1.FFp-7, "e4m3", RoundingMode.RNE));
    assertEquals(r(0x07, 0), round(0x1.Cp-7, "e4m3", RoundingMode.RNE));
    assertEquals(r(0x08, INEXACT | UNDERFLOW), round(0x1.Ep-7, "e4m3", RoundingMode.RNE));
  }

  @Test
  void thereIsNoDoubleRoundingThroughBinary32() {
    // 1 + 2^-4 + 2^-40 lies above the tie of E4M3; binary32 would put it on the tie.
    double x = 1 + 0x1p-4 + 0x1p-40;
    assertEquals(0x38, round((float) x, "e4m3", RoundingMode.RNE).code());
    assertEquals(0x39, round(x, "e4m3", RoundingMode.RNE).code());
    // The same with a product of float32s into float16.
    Quantizer half = new Quantizer(F16, RoundingMode.RNE);
    long a = Float.floatToRawIntBits(1 + 0x1p-11f);
    long b = Float.floatToRawIntBits(1 + 0x1p-23f);
    assertEquals(0x3C01, Arithmetic.mul(F32, a, b, half, 0).code());
  }

  @Test
  void upOfANegativeUnderflowIsMinusZero() {
    assertEquals(r(0x80, UNDERFLOW | INEXACT), round(-0x1p-20, "e4m3", RoundingMode.RUP));
    assertEquals(r(0x81, UNDERFLOW | INEXACT), round(-0x1p-20, "e4m3", RoundingMode.RDN));
    assertEquals(r(0x00, UNDERFLOW | INEXACT), round(0x1p-20, "e4m3", RoundingMode.RDN));
    // A format without -0 has the one zero; 0x80 would be NaN.
    assertEquals(r(0x00, UNDERFLOW | INEXACT), round(-0x1p-20, "e4m3fnuz", RoundingMode.RUP));
  }

  @Test
  void infinitiesAndOverflowsAreToldApart() {
    double inf = Double.POSITIVE_INFINITY;
    int lost = OVERFLOW | INEXACT;
    assertEquals(r(0x7C, 0), round(inf, "e5m2", RoundingMode.RTZ, OverflowRule.NONE));
    assertEquals(r(0x7B, lost), round(inf, "e5m2", RoundingMode.RNE, OverflowRule.FINITE));
    assertEquals(r(0x7C, 0), round(inf, "e5m2", RoundingMode.RNE, OverflowRule.PROPAGATE));
    assertEquals(r(0x7C, lost), round(1e9, "e5m2", RoundingMode.RNE, OverflowRule.NONE));
    assertEquals(r(0x7B, lost), round(1e9, "e5m2", RoundingMode.RNE, OverflowRule.PROPAGATE));
    assertEquals(r(0xFB, lost), round(-1e9, "e5m2", RoundingMode.RUP, OverflowRule.NONE));
    assertEquals(r(0xFC, lost), round(-1e9, "e5m2", RoundingMode.RDN, OverflowRule.NONE));
    assertEquals(r(0x7F, lost), round(inf, "e4m3", RoundingMode.RNE, OverflowRule.PROPAGATE));
    assertEquals(r(0x7F, lost), round(-inf, "e4m3", RoundingMode.RNE, OverflowRule.NONE));
    assertEquals(r(0x0F, lost), round(-inf, "e2m1", RoundingMode.RNE, OverflowRule.NONE));
  }

  @Test
  void toOddOverflowsToTheLargestFiniteValue() {
    assertEquals(r(0x7B, OVERFLOW | INEXACT), round(1e9, "e5m2", RoundingMode.RTO));
    assertEquals(r(0xFBFF, OVERFLOW | INEXACT), round(-1e9, "float16", RoundingMode.RTO));
    // 65504 is odd: what lies between it and 65536 stays there, without overflow
    assertEquals(r(0x7BFF, INEXACT), round(65535, "float16", RoundingMode.RTO));
  }

  @Test
  void e8m0AtThreeGoesToTheEvenCode() {
    assertEquals(r(128, INEXACT), round(3, "e8m0", RoundingMode.RNE)); // 2, not 4
    assertEquals(r(129, INEXACT), round(3, "e8m0", RoundingMode.RNA));
    assertEquals(r(128, INEXACT), round(1.5, "e8m0", RoundingMode.RNE)); // 2, not 1
    assertEquals(r(130, INEXACT), round(6, "e8m0", RoundingMode.RNE)); // 8, not 4
  }

  @Test
  void nextToAPowerOfTwoTheExponentIsRight() {
    for (int k = -126; k <= 127; k++) {
      double power = Math.scalb(1.0, k);
      assertEquals(r(k + 127, 0), round(power, "e8m0", RoundingMode.RTZ));
      assertEquals(r(k + 127, INEXACT), round(Math.nextUp(power), "e8m0", RoundingMode.RTZ));
      assertEquals(r(k + 126, INEXACT), round(Math.nextDown(power), "e8m0", RoundingMode.RTZ));
    }
  }

  @Test
  void theScaleFormatHasNoZero() {
    assertEquals(r(0, UNDERFLOW | INEXACT), round(0, "e8m0", RoundingMode.RNE));
    assertEquals(r(0, UNDERFLOW | INEXACT), round(0x1p-200, "e8m0", RoundingMode.RNE));
    assertEquals(r(0, 0), round(0x1p-127, "e8m0", RoundingMode.RNE));
    assertEquals(r(0xFF, INVALID), round(-1, "e8m0", RoundingMode.RNE));
    assertEquals(
        r(0, OVERFLOW | INEXACT), round(-1, "e8m0", RoundingMode.RNE, OverflowRule.FINITE));
    assertEquals(r(0xFF, OVERFLOW | INEXACT), round(0x1p128, "e8m0", RoundingMode.RNE));
  }

  @Test
  void unsignedFormatsRefuseNegativesButNotTinyOnes() {
    assertEquals(r(0xFF, INVALID), round(-1, "binary8p4ue", RoundingMode.RNE));
    assertEquals(r(0, UNDERFLOW | INEXACT), round(-1e-9, "binary8p4ue", RoundingMode.RNE));
    assertEquals(r(0xFF, INVALID), round(-1e-9, "binary8p4ue", RoundingMode.RDN));
    assertEquals(r(0, 0), round(-0.0, "binary8p4ue", RoundingMode.RDN));
  }

  @Test
  void tininessIsSeenAfterRounding() {
    // float16: 2^-14 - 2^-26 rounds at 11 bits to 2^-14, so no underflow; 2^-14 - 2^-25 is at 11
    // bits exactly itself, so it is tiny, though it is delivered as 2^-14.
    assertEquals(r(0x400, INEXACT), round(0x1p-14 - 0x1p-26, "float16", RoundingMode.RNE));
    assertEquals(
        r(0x400, INEXACT | UNDERFLOW), round(0x1p-14 - 0x1p-25, "float16", RoundingMode.RNE));
    assertEquals(
        r(0x3FF, INEXACT | UNDERFLOW), round(0x1p-14 - 0x1p-26, "float16", RoundingMode.RTZ));
    // Exact subnormals do not underflow.
    assertEquals(r(0x3FF, 0), round(0x1p-14 - 0x1p-24, "float16", RoundingMode.RNE));
  }

  @Test
  void subnormalsOffDecidesBetweenZeroAndTheSmallestNormal() {
    String off = "e4m3fn:nosub";
    int tiny = UNDERFLOW | INEXACT;
    assertEquals(r(0, tiny), round(0x1p-7, off, RoundingMode.RNE)); // the tie, 0 is even
    assertEquals(r(0x08, tiny), round(0x1p-7, off, RoundingMode.RNA));
    assertEquals(r(0x08, tiny), round(0x1.2p-7, off, RoundingMode.RNE));
    assertEquals(r(0, tiny), round(0x1.Ep-8, off, RoundingMode.RNE));
    assertEquals(r(0x08, tiny), round(0x1p-30, off, RoundingMode.RTO));
    assertEquals(r(0x08, tiny), round(0x1p-30, off, RoundingMode.RUP));
    assertEquals(r(0x80, tiny), round(-0x1p-30, off, RoundingMode.RUP));
    assertEquals(r(0x88, tiny), round(-0x1p-30, off, RoundingMode.RDN));
    assertEquals(r(0, tiny), round(0x1.Fp-7, off, RoundingMode.RTZ));
    // v = |x| / 2^emin: three quarters with 2 bits goes away for R = 1, 2, 3
    Quantizer sr = new Quantizer(format(off), RoundingMode.SR, OverflowRule.NONE, 2, false);
    for (int draw = 0; draw < 4; draw++) {
      assertEquals(draw == 0 ? 0 : 0x08, sr.round(Real.of(0x1.8p-7), draw).code());
    }
    // Operands keep their value: 0x07 + 0x07 is a normal number
    Format f = format(off);
    assertEquals(0x0E, Arithmetic.add(f, 7, 7, new Quantizer(f, RoundingMode.RNE), 0).code());
  }

  @Test
  void dazReadsSubnormalsAsZeroOfTheirSignAndLeavesResultsAlone() {
    Format daz = format("e4m3fn:daz");
    Quantizer q = new Quantizer(daz, RoundingMode.RNE);
    assertEquals(0.0, daz.toDouble(0x07));
    assertEquals(-0.0, daz.toDouble(0x87));
    assertEquals(r(0x80, 0), Arithmetic.add(daz, 0x87, 0x81, q, 0));
    assertEquals(r(0x08, 0), Arithmetic.add(daz, 0x08, 0x07, q, 0));
    assertEquals(
        r(0x7F, DIVIDE_BY_ZERO | OVERFLOW | INEXACT), Arithmetic.div(daz, 0x38, 0x01, q, 0));
    assertEquals(0x04, Arithmetic.mul(daz, 0x08, 0x30, q, 0).code()); // 2^-6 / 2, subnormal
  }

  @Test
  void signalingNansAreInvalidAndQuietOnesAreNot() {
    Quantizer q = new Quantizer(F16, RoundingMode.RNE);
    long quiet = 0xFE55;
    long signaling = 0xFC55;
    long one = 0x3C00;
    assertEquals(r(0x7E00, 0), Arithmetic.add(F16, quiet, one, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.add(F16, one, signaling, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.mul(F16, signaling, quiet, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.sqrt(F16, signaling, q, 0));
    assertEquals(r(0x7E00, 0), Arithmetic.sqrt(F16, quiet, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.convert(F16, signaling, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.fma(F16, one, one, signaling, q, 0));
    // e5m2's only signaling NaN is 0x7D; OCP E4M3 has none
    Format e5m2 = format("e5m2");
    assertEquals(INVALID, Arithmetic.convert(e5m2, 0x7D, q, 0).flags());
    assertEquals(0, Arithmetic.convert(e5m2, 0x7E, q, 0).flags());
    assertEquals(0, Arithmetic.convert(format("e4m3"), 0x7F, q, 0).flags());
    // An ieee format of one fraction bit has only a quiet NaN
    assertTrue(format("e2m1:ieee").decode(7).isNan());
    assertFalse(format("e2m1:ieee").decode(7).isSignaling());
  }

  @Test
  void fmaOfZeroInfinityAndNanIsInvalid() {
    Quantizer q = new Quantizer(F16, RoundingMode.RNE);
    assertEquals(r(0x7E00, INVALID), Arithmetic.fma(F16, 0, 0x7C00, 0x7E00, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.fma(F16, 0x7C00, 0, 0x3C00, q, 0));
    assertEquals(r(0x7E00, 0), Arithmetic.fma(F16, 0x3C00, 0x7C00, 0x7E00, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.fma(F16, 0x3C00, 0x7C00, 0xFC00, q, 0));
  }

  @Test
  void signsOfZeroFollowIeee754() {
    Quantizer nearest = new Quantizer(F16, RoundingMode.RNE);
    Quantizer down = new Quantizer(F16, RoundingMode.RDN);
    long one = 0x3C00;
    long minusOne = 0xBC00;
    long minusZero = 0x8000;
    assertEquals(r(0, 0), Arithmetic.add(F16, one, minusOne, nearest, 0));
    assertEquals(r(minusZero, 0), Arithmetic.add(F16, one, minusOne, down, 0));
    assertEquals(r(0, 0), Arithmetic.add(F16, 0, minusZero, nearest, 0));
    assertEquals(r(minusZero, 0), Arithmetic.add(F16, 0, minusZero, down, 0));
    assertEquals(r(0, 0), Arithmetic.add(F16, 0, 0, down, 0));
    assertEquals(r(minusZero, 0), Arithmetic.add(F16, minusZero, minusZero, nearest, 0));
    assertEquals(r(0, 0), Arithmetic.sub(F16, one, one, nearest, 0));
    assertEquals(r(minusZero, 0), Arithmetic.sub(F16, minusZero, 0, nearest, 0));
    assertEquals(r(minusZero, 0), Arithmetic.mul(F16, minusOne, 0, nearest, 0));
    assertEquals(r(minusZero, 0), Arithmetic.sqrt(F16, minusZero, nearest, 0));
    assertEquals(r(minusZero, 0), Arithmetic.fma(F16, minusOne, 0, minusZero, nearest, 0));
    assertEquals(r(0, 0), Arithmetic.fma(F16, minusOne, one, one, nearest, 0));
  }

  @Test
  void divisionByZeroAndInvalidAreTwoThings() {
    Quantizer q = new Quantizer(F16, RoundingMode.RNE);
    assertEquals(r(0xFC00, DIVIDE_BY_ZERO), Arithmetic.div(F16, 0xBC00, 0, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.div(F16, 0, 0x8000, q, 0));
    assertEquals(r(0x7C00, 0), Arithmetic.div(F16, 0x7C00, 0, q, 0));
    assertEquals(r(0x8000, 0), Arithmetic.div(F16, 0xBC00, 0x7C00, q, 0));
    assertEquals(r(0x7E00, INVALID), Arithmetic.sqrt(F16, 0xBC00, q, 0));
  }

  @Test
  void nanIsAnErrorWhereTheFormatHasNone() {
    for (String name : new String[] {"e2m1", "e3m2", "q4.4", "e4m0:ieee"}) {
      Format f = format(name);
      Quantizer strict = new Quantizer(f, RoundingMode.RNE);
      NanException e = assertThrows(NanException.class, () -> strict.round(Real.of(Double.NaN), 0));
      assertTrue(e.getMessage().contains(f.name()), e.getMessage());
      Quantizer lenient = new Quantizer(f, RoundingMode.RNE, OverflowRule.defaultFor(f), 0, true);
      assertEquals(r(0, INVALID), lenient.round(Real.of(Double.NaN), 0));
    }
  }

  @Test
  void stochasticRoundingOfFixedPointCarriesTowardPlusInfinity() {
    // -0.75 lies 1/4 above its floor -1: of the four draws of 2 bits one reaches 0.
    Quantizer fixed =
        new Quantizer(format("q8.0"), RoundingMode.SR, OverflowRule.SATURATE, 2, false);
    // In a float the magnitude counts: 3/4 of the way from 1 to 1.125 in three draws of four.
    Quantizer floating =
        new Quantizer(format("e4m3"), RoundingMode.SR, OverflowRule.NONE, 2, false);
    for (int draw = 0; draw < 4; draw++) {
      assertEquals(draw == 3 ? 0 : 0xFF, fixed.round(Real.of(-0.75), draw).code());
      assertEquals(draw >= 1 ? 0xB9 : 0xB8, floating.round(Real.of(-1.09375), draw).code());
    }
  }

  @Test
  void stochasticRoundingLeavesExactValuesAlone() {
    Quantizer sr = new Quantizer(F16, RoundingMode.SR, OverflowRule.NONE, 32, false);
    for (long code : new long[] {0, 0x8000, 1, 0x3FF, 0x400, 0x3C00, 0x7BFF}) {
      assertEquals(r(code, 0), Arithmetic.convert(F16, code, sr, 0xFFFFFFFFL));
    }
  }

  @Test
  void halfUpIsForFixedPointOnly() {
    assertThrows(IllegalArgumentException.class, () -> new Quantizer(F16, RoundingMode.HALF_UP));
    assertEquals(-2 & 0xFF, round(-2.5, "q8.0", RoundingMode.HALF_UP).code());
    assertEquals(-3 & 0xFF, round(-2.5, "q8.0", RoundingMode.HALF_DOWN).code());
    assertEquals(-3 & 0xFF, round(-2.5, "q8.0", RoundingMode.RNA).code());
    assertEquals(-2 & 0xFF, round(-2.5, "q8.0", RoundingMode.HALF_ZERO).code());
    assertEquals(2, round(2.5, "q8.0", RoundingMode.HALF_ZERO).code());
    assertEquals(3, round(2.5, "q8.0", RoundingMode.HALF_UP).code());
  }
}
