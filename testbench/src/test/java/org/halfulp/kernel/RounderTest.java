package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.NanException;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** {@link Rounder} against {@link Quantizer} and {@link Arithmetic} on exact values. */
class RounderTest {
  private long compared;

  private void check(
      Quantizer q, String what, Rounded expected, long code, int flags, double... operands) {
    compared++;
    if (expected.code() == code && expected.flags() == flags) {
      return;
    }
    StringBuilder text = new StringBuilder(q + " " + what);
    for (double x : operands) {
      text.append(' ').append(Cases.show(x));
    }
    Format f = q.format();
    assertEquals(
        f.hex(expected.code()) + " " + Flags.describe(expected.flags()),
        f.hex(code) + " " + Flags.describe(flags),
        text.toString());
  }

  /** All five entry points, {@code count} times each. */
  private void campaign(Cases cases, Quantizer q, int count) {
    Rounder fast = new Rounder(q);
    ExactSum sum = new ExactSum();
    for (int i = 0; i < count; i++) {
      Cases.Operand operand = cases.operand(q);
      double x = operand.x;
      long r = operand.r;
      check(q, "round r=" + r, q.round(Real.of(x), r), fast.round(x, r), fast.flags(), x);

      double b = cases.addend(x, q);
      double a = cases.random().nextBoolean() ? x : x - b;
      Rounded exact = Arithmetic.add(Real.of(a), Real.of(b), q, r);
      check(q, "sum", exact, fast.roundSum(a, b, r), fast.flags(), a, b, r);

      double u = cases.factor(q);
      double v = cases.factor(q);
      if (cases.oneIn(4) && u != 0) {
        v = x / u; // a product about the hard operand
      }
      exact = Arithmetic.mul(Real.of(u), Real.of(v), q, r);
      check(q, "product", exact, fast.roundProduct(u, v, r), fast.flags(), u, v, r);

      double c = cases.random().nextBoolean() ? x : x - u * v;
      exact = Arithmetic.fma(Real.of(u), Real.of(v), Real.of(c), q, r);
      check(q, "fma", exact, fast.roundFma(u, v, c, r), fast.flags(), u, v, c, r);

      if (i % 4 == 0) {
        exactSum(cases, q, fast, sum, a, b, u, v, r);
      }
    }
  }

  private void exactSum(
      Cases cases,
      Quantizer q,
      Rounder fast,
      ExactSum sum,
      double a,
      double b,
      double u,
      double v,
      long r) {
    if (!finite(a) || !finite(b) || !finite(u) || !finite(v)) {
      return;
    }
    sum.clear();
    sum.add(a);
    sum.add(b);
    sum.addProduct(u, v);
    sum.addProduct(-u, v);
    Real exact = Real.of(a).add(Real.of(b), false);
    if (exact.isZero()) {
      exact = Real.zero(false); // an exact sum of value zero is +0
    }
    boolean negate = cases.random().nextBoolean();
    Rounded expected = q.round(negate ? exact.negate() : exact, r);
    long code = fast.round(sum, negate, r);
    check(q, "exact sum negate=" + negate, expected, code, fast.flags(), a, b, r);
  }

  private static boolean finite(double x) {
    return Math.abs(x) <= Double.MAX_VALUE;
  }

  @Test
  void equalsTheSlowTwinInRandomFloatFormats() {
    Cases cases = new Cases(1);
    for (int i = 0; i < 1500; i++) {
      campaign(cases, cases.quantizer(cases.floatFormat(8, 23)), 200);
    }
    assertTrue(compared >= 1_200_000, "compared " + compared);
  }

  @Test
  void equalsTheSlowTwinInRandomFixedFormats() {
    Cases cases = new Cases(2);
    for (int i = 0; i < 1000; i++) {
      campaign(cases, cases.quantizer(cases.fixedFormat(!cases.oneIn(3), 32)), 200);
    }
    for (int i = 0; i < 200; i++) { // past the fast path as well
      campaign(cases, cases.quantizer(cases.fixedFormat(!cases.oneIn(3), 64)), 100);
    }
    assertTrue(compared >= 880_000, "compared " + compared);
  }

  @Test
  void equalsTheSlowTwinInPublishedFormatsAndUnsignedOnes() {
    Cases cases = new Cases(3);
    List<String> names =
        List.of(
            "float8_e4m3fn",
            "float8_e5m2",
            "float8_e4m3",
            "float8_e4m3fnuz",
            "float8_e5m2fnuz",
            "float8_e4m3b11fnuz",
            "float8_e8m0fnu",
            "float6_e2m3fn",
            "float6_e3m2fn",
            "float4_e2m1fn",
            "bfloat16",
            "float16",
            "tf32",
            "float32",
            "float64",
            "binary8p4se",
            "binary8p3sf",
            "binary8p4ue",
            "binary8p1uf",
            "q8.8",
            "uq0.8",
            "q-2.10",
            "q10.-2");
    for (String name : names) {
      Format format = FormatName.parse(name).format();
      for (int i = 0; i < 12; i++) {
        campaign(cases, cases.quantizer(format), 250);
      }
    }
    assertTrue(compared >= 270_000, "compared " + compared);
  }

  /** The bound of the fast path itself: M + N + 3 = 52, and width + N + 2 = 52 for fixed point. */
  @Test
  void sumsRoundedToOddAreAsGoodAsExactOnesAtTheBoundOfTheFastPath() {
    Cases cases = new Cases(4);
    List<Quantizer> edge = new ArrayList<>();
    for (int n = 1; n <= 32; n++) {
      Format f = FloatFormat.of(8, 49 - n, Family.IEEE);
      edge.add(new Quantizer(f, RoundingMode.SR, OverflowRule.NONE, n, true));
      edge.add(
          new Quantizer(
              FloatFormat.of(5, 49 - n, Family.FINITE).withSubnormals(false),
              RoundingMode.SR,
              OverflowRule.NONE,
              n,
              true));
      edge.add(
          new Quantizer(
              new FixedFormat(true, 50 - n, 20), RoundingMode.SR, OverflowRule.SATURATE, n, true));
    }
    for (RoundingMode mode : RoundingMode.values()) {
      if (mode != RoundingMode.SR) {
        edge.add(
            new Quantizer(new FixedFormat(true, 50, 20), mode, OverflowRule.SYMMETRIC, 0, true));
        if (!mode.fixedOnly()) {
          edge.add(new Quantizer(FloatFormat.of(9, 49, Family.IEEE), mode));
        }
      }
    }
    for (Quantizer q : edge) {
      assertTrue(new Rounder(q).isFast(), q.toString());
      campaign(cases, q, 1200);
    }
    assertTrue(compared >= 500_000, "compared " + compared);
  }

  @Test
  void leavesFormatsBeyondTheBoundToTheSlowTwin() {
    assertFalse(new Rounder(new Quantizer(FloatFormat.FLOAT64, RoundingMode.RNE)).isFast());
    assertFalse(
        new Rounder(new Quantizer(FloatFormat.of(8, 50, Family.IEEE), RoundingMode.RNE)).isFast());
    assertFalse(
        new Rounder(
                new Quantizer(FloatFormat.FLOAT32, RoundingMode.SR, OverflowRule.NONE, 27, false))
            .isFast());
    assertFalse(
        new Rounder(new Quantizer(new FixedFormat(true, 51, 0), RoundingMode.RNE)).isFast());
    for (FloatFormat f : List.of(FloatFormat.BFLOAT16, FloatFormat.FLOAT16, FloatFormat.FLOAT32)) {
      assertTrue(new Rounder(new Quantizer(f, RoundingMode.RNE)).isFast(), f.name());
    }
  }

  /** Every code of 8-bit formats, every tie between neighbours, both sides of it. */
  @Test
  void roundsEveryTieOfEightBitFormats() {
    for (Family family :
        List.of(Family.IEEE, Family.FN, Family.FNUZ, Family.FINITE, Family.P3109)) {
      for (int e = 1; e <= 7; e++) {
        FloatFormat f = FloatFormat.of(e, 7 - e, family);
        for (RoundingMode mode : RoundingMode.values()) {
          if (mode.fixedOnly()) {
            continue;
          }
          int bits = mode == RoundingMode.SR ? 3 : 0;
          for (OverflowRule rule :
              List.of(OverflowRule.NONE, OverflowRule.FINITE, OverflowRule.PROPAGATE)) {
            Quantizer q = new Quantizer(f, mode, rule, bits, true);
            Rounder fast = new Rounder(q);
            for (int code = 0; code < 256; code++) {
              double low = f.toDouble(code);
              double high = f.toDouble((code + 1) & 255);
              double tie = low + (high - low) / 2;
              for (double x : new double[] {low, tie, Math.nextUp(tie), Math.nextDown(tie)}) {
                long r = code & 7 >> 3 - bits;
                check(q, "tie r=" + r, q.round(Real.of(x), r), fast.round(x, r), fast.flags(), x);
              }
            }
          }
        }
      }
    }
    assertTrue(compared >= 5 * 6 * 7 * 3 * 1024, "compared " + compared);
  }

  @Test
  void nanIntoAFormatWithoutNanIsAnErrorInStrictUse() {
    Rounder strict = new Rounder(new Quantizer(new FixedFormat(true, 8, 4), RoundingMode.RNE));
    assertThrows(NanException.class, () -> strict.round(Double.NaN, 0));
    assertThrows(
        NanException.class,
        () -> strict.roundSum(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0));
    assertThrows(NanException.class, () -> strict.roundProduct(Double.POSITIVE_INFINITY, 0.0, 0));
  }
}
