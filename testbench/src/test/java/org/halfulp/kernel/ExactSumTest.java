package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.halfulp.number.FloatFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** {@link ExactSum} against sums of {@link Real}s. */
class ExactSumTest {
  private static final Quantizer ODD =
      new Quantizer(FloatFormat.FLOAT64, RoundingMode.RTO, OverflowRule.NONE, 0, false);

  private final ExactSum sum = new ExactSum();
  private long compared;

  private void check(Real expected, String what) {
    compared++;
    double odd = Double.longBitsToDouble(ODD.round(expected, 0).code());
    assertEquals(
        Double.toHexString(odd), Double.toHexString(sum.toOdd()), () -> what + " " + expected);
    Real actual = sum.toReal();
    assertEquals(expected.kind(), actual.kind(), what);
    assertEquals(0, expected.compareTo(actual), () -> what + " " + expected + " got " + actual);
    if (compared % 3 == 0) { // asking twice changes nothing
      assertEquals(Double.toHexString(odd), Double.toHexString(sum.toOdd()), what);
    }
  }

  private static double random(Cases cases, int low, int high) {
    double x = Math.scalb(1 + cases.random().nextDouble(), cases.between(low, high));
    if (cases.oneIn(4)) {
      x = Math.scalb(1.0, Math.getExponent(x));
    }
    return cases.random().nextBoolean() ? x : -x;
  }

  @Test
  void equalsExactSumsOverTheWholeRange() {
    Cases cases = new Cases(11);
    for (int i = 0; i < 20_000; i++) {
      sum.clear();
      Real expected = Real.zero(false);
      int low = cases.between(-1074, 1000);
      int high = Math.min(1023, low + (cases.oneIn(3) ? 2000 : 60));
      int terms = cases.between(0, 12);
      double first = 0;
      for (int k = 0; k < terms; k++) {
        double a = random(cases, low, high);
        double b = cases.oneIn(2) ? 1 : random(cases, low, high);
        if (k == 0) {
          first = a;
        } else if (cases.oneIn(4)) { // cancellation
          a = -first;
          b = 1;
        }
        sum.addProduct(a, b);
        expected = expected.add(Real.of(a).multiply(Real.of(b)), false);
        if (cases.oneIn(3)) {
          check(expected, "after term " + k); // and goes on
        }
      }
      check(expected, terms + " terms");
    }
    assertTrue(compared > 40_000, "compared " + compared);
  }

  @Test
  void cancelsToPlusZero() {
    for (double x : new double[] {1, Double.MIN_VALUE, Double.MAX_VALUE, 0x1.fffffffffffffp-700}) {
      sum.clear();
      sum.addProduct(x, x);
      sum.add(-x);
      sum.addProduct(-x, x);
      sum.add(x);
      check(Real.zero(false), "cancelled " + x);
      assertEquals(0, Double.doubleToRawLongBits(sum.toOdd()));
      sum.add(-0.0);
      assertEquals(0, Double.doubleToRawLongBits(sum.toOdd()));
    }
  }

  @Test
  void sumsTheExtremeProducts() {
    sum.clear();
    Real expected = Real.zero(false);
    for (int i = 0; i < 1000; i++) {
      sum.addProduct(Double.MAX_VALUE, -Double.MAX_VALUE);
      sum.addProduct(Double.MIN_VALUE, Double.MIN_VALUE);
      Real most = Real.of(Double.MAX_VALUE);
      Real least = Real.of(Double.MIN_VALUE);
      expected =
          expected.add(most.multiply(most).negate(), false).add(least.multiply(least), false);
    }
    check(expected, "extreme products");
    assertEquals(-Double.MAX_VALUE, sum.toOdd());
  }

  @Test
  void roundsToOddBelowTheSmallestDouble() {
    sum.clear();
    sum.addProduct(Double.MIN_VALUE, Double.MIN_VALUE);
    assertEquals(Double.MIN_VALUE, sum.toOdd());
    sum.add(2 * Double.MIN_VALUE);
    assertEquals(3 * Double.MIN_VALUE, sum.toOdd());
    sum.addProduct(Double.MIN_VALUE, -2 * Double.MIN_VALUE);
    assertEquals(Double.MIN_VALUE, sum.toOdd());
  }

  @Test
  void staysExactOverAMillionTerms() {
    Cases cases = new Cases(12);
    sum.clear();
    Real expected = Real.zero(false);
    for (int block = 0; block < 10; block++) {
      double a = random(cases, -30, 30);
      double b = random(cases, -30, 30);
      for (int i = 0; i < 1 << 17; i++) {
        sum.addProduct(a, b);
      }
      expected = expected.add(Real.of(a).multiply(Real.of(b)).multiply(Real.of(1, 17)), false);
      check(expected, "block " + block);
    }
  }

  @Test
  void infinitiesAndNanStay() {
    sum.clear();
    sum.add(Double.NEGATIVE_INFINITY);
    sum.addProduct(1e300, 1e300);
    assertEquals(Double.NEGATIVE_INFINITY, sum.toOdd());
    assertTrue(sum.toReal().isInfinite());
    sum.add(Double.POSITIVE_INFINITY);
    assertTrue(Double.isNaN(sum.toOdd()));
    assertTrue(sum.toReal().isNan());
    sum.clear();
    sum.addProduct(0, Double.POSITIVE_INFINITY);
    assertTrue(sum.toReal().isNan());
    sum.clear();
    check(Real.zero(false), "cleared after NaN");
    sum.add(3);
    check(Real.of(3, 0), "reused after NaN");
  }
}
