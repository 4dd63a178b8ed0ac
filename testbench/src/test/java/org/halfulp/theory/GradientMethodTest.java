package org.halfulp.theory;

import static org.halfulp.theory.GradientMethod.AGD;
import static org.halfulp.theory.GradientMethod.GD;
import static org.halfulp.theory.GradientMethod.HB;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The theory of Lin, Kostina and Hassibi, arXiv 2002.02508v3, against numbers computed apart from
 * it, and against itself where it says a thing twice.
 */
class GradientMethodTest {
  private static final double ASH331 = 17.228200651987 / 1.796781994557;

  /** R1 and R2 of GD, AGD, HB and the rate that naive quantization needs, to the digits listed. */
  @Test
  void thresholdsAreThoseComputedElsewhere() {
    thresholds(ASH331, 104, 3.350, 3.652, 4.367, 4.725, 3.958, 5.143, 6.612);
    thresholds(10, 16, 2, 2.290, 3.028, 3.377, 2.623, 3.784, 5.322);
    thresholds(100, 16, 2, 2.029, 3.399, 3.499, 3.226, 3.604, 8.644);
    thresholds(10, 64, 3, 3.290, 4.028, 4.377, 3.623, 4.784, 6.322);
  }

  private static void thresholds(double kappa, int n, double... expected) {
    double rho = Math.sqrt(n);
    double[] got = {
      GD.convergentRate(kappa, rho), GD.losslessRate(kappa, rho),
      AGD.convergentRate(kappa, rho), AGD.losslessRate(kappa, rho),
      HB.convergentRate(kappa, rho), HB.losslessRate(kappa, rho),
      GradientMethod.naiveConvergentRate(kappa, rho)
    };
    assertArrayEquals(expected, got, 0.0006);
  }

  /** Bounds for ash331, n = 104, by levels M; factors above 1 promise nothing. */
  @Test
  void boundsAreThoseComputedElsewhere() {
    bound(GD, 11, .9271);
    bound(GD, 12, .8498);
    bound(GD, 16, .8111);
    bound(GD, 4096, .8111);
    bound(AGD, 24, .8874);
    bound(AGD, 32, .8228);
    bound(HB, 16, .9755);
    bound(HB, 24, .6961);
    bound(HB, 32, .5531);
    bound(HB, 64, .5118);
    double[][] naive = {{128, .9554}, {256, .8833}, {512, .8472}, {1024, .8292}, {4096, .8156}};
    for (double[] row : naive) {
      assertEquals(row[1], GradientMethod.naiveBound(ASH331, Math.sqrt(104) / row[0]), 6e-5);
    }
    for (GradientMethod method : GradientMethod.values()) {
      assertTrue(method.bound(ASH331, Math.sqrt(104) / 8) > 1, method::name);
    }
    // Gaussian, n = 16
    assertEquals(.8182, GD.bound(10, 4.0 / 8), 6e-5);
    assertEquals(.8269, AGD.bound(10, 4.0 / 16), 6e-5);
    assertEquals(.8030, HB.bound(10, 4.0 / 8), 6e-5);
    assertEquals(.5195, HB.bound(10, 4.0 / 16), 6e-5);
    assertEquals(.9802, GD.bound(100, 4.0 / 8), 6e-5);
    assertEquals(.9487, AGD.bound(100, 4.0 / 16), 6e-5);
    assertEquals(.8182, HB.bound(100, 4.0 / 16), 6e-5);
    assertEquals(.9318, GradientMethod.naiveBound(10, 4.0 / 64), 6e-5);
    assertEquals(.9957, GradientMethod.naiveBound(100, 4.0 / 512), 6e-5);
  }

  private static void bound(GradientMethod method, int levels, double expected) {
    assertEquals(expected, method.bound(ASH331, Math.sqrt(104) / levels), 6e-5);
  }

  /** Converse (50) and (57): no bound of this file is below what no method can be. */
  @Test
  void boundsKeepAboveTheConverses() {
    assertEquals(.5, GradientMethod.converseWithMomentum(2, 1), 0);
    assertEquals(GD.contraction(10), GradientMethod.converseWithoutMomentum(10, 4), 0);
    for (double kappa : new double[] {1, 1.5, 10, 1000}) {
      for (double rate = 0.5; rate < 12; rate += 0.5) {
        for (double rho : new double[] {1, 4}) {
          double c = rho * Math.pow(2, -rate);
          assertTrue(GD.bound(kappa, c) >= GradientMethod.converseWithoutMomentum(kappa, rate));
          double converse = GradientMethod.converseWithMomentum(kappa, rate);
          assertTrue(HB.bound(kappa, c) >= converse);
          assertTrue(AGD.bound(kappa, c) >= converse);
        }
      }
    }
    // at rho = 1 DQ-GD reaches its converse
    assertEquals(
        GradientMethod.converseWithoutMomentum(10, 0.1), GD.bound(10, Math.pow(2, -0.1)), 1e-15);
  }

  /** R2 of DQ-AGD is below that of DQ-GD up to 2.1798; AGD is faster from 11.4445 on, not 11.83. */
  @Test
  void crossingsAreWhereTheyWereFound() {
    double r2 = root(k -> AGD.losslessRate(k, 1) - GD.losslessRate(k, 1), 1.5, 5);
    assertEquals(2.1798, r2, 6e-5);
    double faster = root(k -> AGD.contraction(k) - GD.contraction(k), 5, 20);
    assertEquals(11.4445, faster, 6e-5);
    for (double kappa = 1.001; kappa < 1e6; kappa *= 1.01) {
      double hb = HB.losslessRate(kappa, 1);
      assertTrue(hb > AGD.losslessRate(kappa, 1) && hb > GD.losslessRate(kappa, 1));
    }
  }

  private static double root(DoubleUnaryOperator f, double low, double high) {
    double sign = f.applyAsDouble(low);
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (f.applyAsDouble(middle) * sign > 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** 1 - 2/kappa and 1 - 2/sqrt(kappa) to first order, which the preprint misprints. */
  @Test
  void contractionsExpandAsTheyShould() {
    double kappa = 1e8;
    assertEquals(2, (1 - GD.contraction(kappa)) * kappa, 1e-6);
    assertEquals(2, (1 - HB.contraction(kappa)) * Math.sqrt(kappa), 1e-3);
  }

  /** The heavy ball's iteration [(1 + g) - eta h, -g; 1, 0] has spectral radius sigma; (134). */
  @Test
  void theHeavyBallContractsEveryCurvatureAlike() {
    for (double kappa : new double[] {1.5, 10, 1e4}) {
      double eta = HB.stepSize(kappa, 1);
      double gamma = HB.momentum(kappa);
      for (int i = 0; i <= 20; i++) {
        double h = 1 + (kappa - 1) * i / 20;
        double half = (1 + gamma - eta * h) / 2;
        double root = half * half - gamma;
        double radius = root <= 1e-12 ? Math.sqrt(gamma) : Math.abs(half) + Math.sqrt(root);
        assertEquals(HB.contraction(kappa), radius, 1e-6);
      }
    }
  }

  /** phi is what makes c phi the root of (37), and R1, R2 are where c phi is 1 and sigma. */
  @Test
  void theThresholdsAreWhereTheBoundTurns() {
    for (GradientMethod method : GradientMethod.values()) {
      for (double kappa : new double[] {1.2, 3, 50, 1e5}) {
        double gamma = method.momentum(kappa);
        double sigma = method.contraction(kappa);
        double rho = 3;
        double c1 = rho * Math.pow(2, -method.convergentRate(kappa, rho));
        assertEquals(1, method.quantizedContraction(kappa, c1), 1e-12);
        double c2 = rho * Math.pow(2, -method.losslessRate(kappa, rho));
        assertEquals(sigma, method.quantizedContraction(kappa, c2), 1e-12);
        double c = 0.3;
        double r = c * GradientMethod.phi(gamma, c);
        assertEquals(0, r * r - r * c * (1 + gamma) - c * gamma, 1e-14);
        assertEquals(r, method.quantizedContraction(kappa, c), 1e-14);
      }
    }
    double naive = 7 * Math.pow(2, -GradientMethod.naiveConvergentRate(20, 7));
    assertEquals(1, GradientMethod.naiveBound(20, naive), 1e-12);
  }

  @Test
  void rangesStartWhereTheyMust() {
    double l = 8;
    double d = 3;
    double g = AGD.momentum(8);
    double lambda = (1 + g + g / AGD.contraction(8)) * 3;
    assertEquals(l * d, DifferentialRange.of(GD, l, 1, d, .3).getAsDouble());
    assertEquals(l * d * lambda, DifferentialRange.of(AGD, l, 1, d, .3).getAsDouble(), 1e-12);
    assertEquals(
        Math.sqrt(2) * l * d,
        new DifferentialRange(HB, l, 1, d, .3, 0, false).getAsDouble(),
        1e-12);
    assertEquals( // e^alpha with alpha = 1
        Math.E * Math.sqrt(2) * l * d, DifferentialRange.of(HB, l, 1, d, .3).getAsDouble(), 1e-12);
    // r_1 by hand
    DifferentialRange agd = DifferentialRange.of(AGD, l, 1, d, .3);
    double r0 = agd.getAsDouble();
    assertEquals(AGD.contraction(8) * r0 + .3 * (1 + g) * r0, agd.getAsDouble(), 1e-12);
  }

  @Test
  void closedFormsEqualTheRecursions() {
    Random random = new Random(93);
    for (int i = 0; i < 200; i++) {
      double mu = 0.1 + random.nextDouble();
      double l = mu * (1.1 + 50 * random.nextDouble());
      double d = 0.1 + 10 * random.nextDouble();
      double c = 0.02 + 1.2 * random.nextDouble();
      for (GradientMethod method : GradientMethod.values()) {
        DifferentialRange ranges = new DifferentialRange(method, l, mu, d, c, 0, false);
        for (int t = 0; t < 60; t++) {
          double r = ranges.getAsDouble();
          double form =
              method == GD
                  ? RangeForms.gradientDescent(l, mu, d, c, t)
                  : RangeForms.withMomentum(method, l, mu, d, c, t);
          int at = t;
          assertEquals(r, form, 1e-9 * r, () -> method + " t = " + at + ", c = " + c);
        }
      }
    }
    assertThrows(IllegalArgumentException.class, () -> RangeForms.gradientDescent(3, 1, 1, .5, 4));
  }

  /** Ranges shrink by the bound's factor in the end, so the bound is one of a rate. */
  @Test
  void rangesContractByTheBound() {
    for (GradientMethod method : GradientMethod.values()) {
      for (double c : new double[] {.05, .3, .7}) {
        DifferentialRange ranges = new DifferentialRange(method, 10, 1, 1, c, 0, false);
        double before = 1;
        double r = 1;
        for (int t = 0; t < 400; t++) {
          before = r;
          r = ranges.getAsDouble();
        }
        assertEquals(method.bound(10, c), r / before, 1e-3);
      }
    }
  }

  @Test
  void powersOfTwoCoverTheRanges() {
    for (double m : new double[] {16, 24, 32}) {
      double c = Math.sqrt(104) / m;
      DifferentialRange exact = new DifferentialRange(GD, ASH331, 1, 2.7, c, 0, false);
      DifferentialRange powers = new DifferentialRange(GD, ASH331, 1, 2.7, c, 0, true);
      double p = 0;
      for (int t = 0; t < 200; t++) {
        double r = exact.getAsDouble();
        p = powers.getAsDouble();
        assertTrue(p >= r && Math.scalb(1.0, Math.getExponent(p)) == p);
      }
      // the price is at most a bit: 24 levels converge, 16 do not
      assertEquals(m >= 24, p < 1e-6, "M = " + m);
    }
    assertEquals(4, DifferentialRange.powerOfTwo(4));
    assertEquals(8, DifferentialRange.powerOfTwo(Math.nextUp(4.0)));
  }

  @Test
  void waterFillsTheWorkersAsComputedElsewhere() {
    double[] four = {8, 4, 2, 1};
    WaterFilling filled = WaterFilling.of(four, 1, 20);
    assertArrayEquals(new double[] {6.5, 5.5, 4.5, 3.5}, filled.rates(), 1e-12);
    assertArrayEquals(new int[] {90, 45, 22, 11}, filled.levels());
    assertEquals(.7278, filled.bound(4), 6e-5);
    assertEquals(.7304, filled.boundOfLevels(4), 6e-5);
    WaterFilling equal = WaterFilling.equal(four, 1, 20);
    assertArrayEquals(new int[] {32, 32, 32, 32}, equal.levels());
    assertEquals(.7763, equal.bound(4), 6e-5);
    assertEquals(.7763, equal.boundOfLevels(4), 6e-5);
    double[] wide = {16, 2, 1, .25};
    assertEquals(.9621, WaterFilling.of(wide, .2, 24).bound(4), 6e-5);
    assertEquals(.9628, WaterFilling.of(wide, .2, 24).boundOfLevels(4), 6e-5);
    assertEquals(1.0402, WaterFilling.equal(wide, .2, 24).bound(4), 6e-5);
    // equal L: the bound of one worker at R/K bits; (69)
    assertEquals(
        GradientMethod.naiveBound(5, 4 * Math.pow(2, -6)),
        WaterFilling.of(new double[] {5, 5, 5}, 1, 18).bound(4),
        1e-12);
  }

  /** Few bits leave the flattest workers dry, and the rates still add up. */
  @Test
  void waterLeavesTheFlattestDry() {
    WaterFilling dry = WaterFilling.of(new double[] {1, 64, 2, 32}, 1, 3);
    assertArrayEquals(new double[] {0, 2, 0, 1}, dry.rates(), 1e-12);
    assertEquals(16, dry.waterLevel(), 1e-12);
    assertArrayEquals(new int[] {1, 4, 1, 2}, dry.levels());
    Random random = new Random(66);
    for (int i = 0; i < 300; i++) {
      double[] l = random.doubles(1 + random.nextInt(6), .1, 20).toArray();
      double rate = 12 * random.nextDouble();
      double sum = 0;
      WaterFilling w = WaterFilling.of(l, .05, rate);
      for (int k = 0; k < l.length; k++) {
        sum += w.rates()[k];
        assertTrue(w.rates()[k] > 0 || l[k] <= w.waterLevel() * (1 + 1e-12));
      }
      assertEquals(rate, sum, 1e-9);
      assertTrue(w.bound(2) <= WaterFilling.equal(l, .05, rate).bound(2) + 1e-12);
    }
  }

  @Test
  void refusesWhatHasNoMeaning() {
    for (double kappa : new double[] {0.5, Double.NaN, Double.POSITIVE_INFINITY}) {
      var e = assertThrows(IllegalArgumentException.class, () -> HB.contraction(kappa));
      assertTrue(e.getMessage().contains("at least 1, got " + kappa), e::getMessage);
    }
    assertThrows(IllegalArgumentException.class, () -> GD.stepSize(1, 0));
    assertThrows(IllegalArgumentException.class, () -> DifferentialRange.of(GD, 2, 1, 0, .5));
    assertThrows(
        IllegalArgumentException.class, () -> new DifferentialRange(GD, 2, 1, 1, .5, 1, false));
    assertThrows(IllegalArgumentException.class, () -> WaterFilling.of(new double[0], 1, 4));
    assertEquals(0, GD.contraction(1));
    assertEquals(Double.POSITIVE_INFINITY, GD.losslessRate(1, 2));
    assertEquals(Math.sqrt(2), DifferentialRange.of(AGD, 1, 1, 1, .5).getAsDouble(), 1e-15);
  }
}
