package org.halfulp.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.halfulp.kernel.Perturbation;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

class FeatureMomentsTest {
  private static Quantizer sr(Format format, int bits) {
    OverflowRule rule = format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
    return new Quantizer(format, RoundingMode.SR, rule, bits, false);
  }

  private static Quantizer nearest(Format format) {
    OverflowRule rule = format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
    return new Quantizer(format, RoundingMode.RNE, rule, 0, false);
  }

  private static final int POINTS = 32; // of Simpson's rule, for one deviation

  /**
   * Every draw of {@link Quantizer#round} by itself: a step function of x, whose steps are found by
   * bisection. Between them Simpson's rule.
   */
  private static FeatureMoments slow(Quantizer q, double variance) {
    double sd = Math.sqrt(variance);
    double[] m = new double[5];
    int draws = 1 << q.randomBits();
    for (int r = 0; r < draws; r++) {
      double before = -9;
      for (int i = 1; i <= 72; i++) {
        double u = -9 + i * 0.25;
        split(q, r, sd, before, value(q, r, sd, before), u, value(q, r, sd, u), m);
        before = u;
      }
    }
    double v = variance;
    return new FeatureMoments(
        m[0] / draws, m[1] * v / draws, m[2] * sd / draws, m[3] / draws, m[4] * sd / draws);
  }

  private static double value(Quantizer q, int r, double sd, double u) {
    return q.format().toDouble(q.round(Real.of(u * sd), r).code());
  }

  private static void split(
      Quantizer q, int r, double sd, double a, double low, double b, double high, double[] m) {
    if (low == high) {
      int n = 2 * (1 + (int) ((b - a) * POINTS));
      double h = (b - a) / n;
      for (int i = 0; i <= n; i++) {
        double u = a + i * h;
        double weight = (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2) * h / 3;
        double w = weight * Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI);
        m[0] += w * low * low;
        m[1] += w * low * low * u * u;
        m[2] += w * low * low * low * u;
        m[3] += w * low * low * low * low;
        m[4] += w * low * u;
      }
    } else if (b - a > 1e-9) {
      double c = (a + b) / 2;
      double middle = value(q, r, sd, c);
      split(q, r, sd, a, low, c, middle, m);
      split(q, r, sd, c, middle, b, high, m);
    }
  }

  @Test
  void theClosedFormsAgreeWithQuadratureOverTheExactRounding() {
    List<Quantizer> quantizers = new ArrayList<>();
    for (Format f :
        List.of(
            new FixedFormat(true, 4, 1), // saturates
            new FixedFormat(true, 12, 7), // cells taken together
            new FixedFormat(false, 5, 3),
            FloatFormat.of(5, 2, Family.IEEE),
            FloatFormat.of(4, 3, Family.FN).withSubnormals(false),
            FloatFormat.of(2, 1, Family.FINITE),
            FloatFormat.of(5, 5, Family.IEEE))) {
      quantizers.add(nearest(f));
      quantizers.add(sr(f, 1)); // biased
      quantizers.add(sr(f, 2));
    }
    for (Quantizer q : quantizers) {
      for (double variance : new double[] {1.7, 1e-3}) {
        FeatureMoments fast = FeatureMoments.of(q, variance);
        FeatureMoments slow = slow(q, variance);
        String what = q + " at " + variance;
        assertClose(slow.second(), fast.second(), what);
        assertClose(slow.k22(), fast.k22(), what);
        assertClose(slow.k31(), fast.k31(), what);
        assertClose(slow.k4(), fast.k4(), what);
        assertClose(slow.cross(), fast.cross(), what);
      }
    }
  }

  private static void assertClose(double expected, double actual, String what) {
    assertEquals(expected, actual, 1e-6 * Math.abs(expected) + 1e-15, what);
  }

  /** With 16 random bits the probability is a line, its steps are an end term. */
  @Test
  void manyRandomBitsAgreeWithTheUnbiasedIntegral() {
    for (int bits : new int[] {5, 8, 16, 32}) {
      Quantizer q = sr(new FixedFormat(true, 16, 2), bits);
      FeatureMoments m = FeatureMoments.of(q, 1);
      double delta = 0.25;
      double steps = Math.scalb(1.0, -bits);
      // a shift of half a step down, and the sawtooth within a step, which goes with x
      assertEquals(
          1 + delta * delta / 6, m.second(), delta * delta * steps * steps + 1e-9, q::toString);
      assertEquals(1, m.cross(), 1e-9 + delta * delta * steps * steps, q::toString);
    }
  }

  /** Relative variance of minifloat stochastic rounding on Gaussian data, times 2^2m. */
  @Test
  void relativeVarianceOfMinifloats() {
    double[] expected = {0.0879, 0.0898, 0.0903, 0.0905};
    int[] fractions = {1, 2, 3, 5};
    for (int i = 0; i < 4; i++) {
      int m = fractions[i];
      Quantizer q = sr(FloatFormat.of(5, m, Family.IEEE), 24);
      double fixed = (FeatureMoments.of(q, 1).second() - 1) * Math.scalb(1.0, 2 * m);
      double octave =
          ErrorVariance.of(Perturbation.of(q)).multiplicative() * Math.scalb(1.0, 2 * m);
      assertEquals(expected[i], fixed, 5.1e-5, "m = " + m);
      assertEquals(fixed, octave, 6e-4, "m = " + m);
    }
    // many bits: the mean of 2^-2m / 6 over the square of a value log-uniform in [1, 2)
    Quantizer many = sr(FloatFormat.of(5, 9, Family.IEEE), 24);
    double octave = ErrorVariance.of(Perturbation.of(many)).multiplicative();
    assertEquals(1 / (16 * Math.log(2)), octave * Math.scalb(1.0, 18), 1e-6);
  }

  @Test
  void fixedPointErrorVariances() {
    FixedFormat f = new FixedFormat(true, 8, 4);
    double delta = 1.0 / 16;
    assertEquals(delta * delta / 6, ErrorVariance.of(Perturbation.of(sr(f, 32))).additive(), 1e-15);
    assertEquals(
        delta * delta / 12, ErrorVariance.of(Perturbation.of(nearest(f))).additive(), 1e-15);
  }

  @Test
  void whatHasNoMomentsIsRefused() {
    Quantizer infinite = new Quantizer(FloatFormat.of(2, 1, Family.IEEE), RoundingMode.RNE);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> FeatureMoments.of(infinite, 1))
            .getMessage()
            .contains("finite"));
    Quantizer wraps =
        new Quantizer(new FixedFormat(true, 4, 2), RoundingMode.RNE, OverflowRule.WRAP, 0, false);
    assertThrows(IllegalArgumentException.class, () -> FeatureMoments.of(wraps, 1));
    Quantizer directed = new Quantizer(FloatFormat.FLOAT16, RoundingMode.RTZ);
    assertThrows(IllegalArgumentException.class, () -> FeatureMoments.of(directed, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> FeatureMoments.of(nearest(FloatFormat.of(8, 0, Family.FNU)), 1));
    assertThrows(
        IllegalArgumentException.class, () -> FeatureMoments.of(nearest(FloatFormat.FLOAT16), 0));
  }
}
