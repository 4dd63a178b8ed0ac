package org.halfulp.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;
import org.halfulp.learn.GaussianProblem;
import org.junit.jupiter.api.Test;

/**
 * Against a numpy prototype of the same formulas: half a unit of the last digit that it printed, a
 * whole one where it interpolated or took a difference.
 */
class RiskRecursionTest {
  private static final double STEP = 0.1;

  static QuantizedRegression problem(int d, double a, QuantizerSet q) {
    double[] target = new double[d];
    Arrays.fill(target, 1);
    return new QuantizedRegression(GaussianProblem.powerLaw(d, a), target, 1, q);
  }

  private static void assertDigits(double expected, double actual, double unit, String what) {
    assertEquals(expected, actual, 0.51 * unit, what);
  }

  @Test
  void riskAgainstStepsForFiveQuantizers() {
    long[] steps = {200, 1000, 5000, 20000};
    Object[][] rows = {
      {Perturbation.NONE, .23350, .10104, .04231, .01870},
      {Perturbation.additive(1e-3), .23478, .10364, .04774, .02844},
      {Perturbation.additive(1e-2), .24664, .12594, .08555, .07661},
      {Perturbation.elementwise(1e-3), .23386, .10122, .04239, .01874},
      {Perturbation.elementwise(1e-2), .23716, .10289, .04324, .01925}
    };
    for (Object[] row : rows) {
      QuantizerSet q = QuantizerSet.all((Perturbation) row[0]);
      RiskRecursion recursion = problem(200, 2, q).recursion(STEP, 1);
      for (int i = 0; i < 4; i++) {
        double risk = recursion.to(steps[i]).average();
        assertDigits((double) row[i + 1], risk, 1e-5, row[0] + " at " + steps[i]);
      }
    }
  }

  @Test
  void batchesAverageNoiseUnlessAVectorSharesIt() {
    double e = 0.05;
    QuantizerSet[] sets = {
      outputs(Perturbation.additive(e)),
      outputs(Perturbation.elementwise(e)),
      outputs(Perturbation.shared(e)),
      QuantizerSet.NONE.withParameter(Perturbation.additive(e))
    };
    double[][] average = {
      {5.11e-4, 8.63e-4, 8.63e-4, 5.26e-4},
      {5.87e-5, 8.81e-5, 1.24e-4, 9.20e-5},
      {7.27e-6, 1.08e-5, 4.85e-5, 4.39e-5}
    };
    double[][] last = {
      {9.4e-3, 2.2e-2, 2.2e-2, 1.4e-2},
      {1.1e-3, 2.2e-3, 4.9e-3, 4.1e-3},
      {1.3e-4, 2.7e-4, 3.2e-3, 3.0e-3}
    };
    int[] batches = {1, 8, 64};
    for (int b = 0; b < 3; b++) {
      RiskRecursion exact = problem(200, 2, QuantizerSet.NONE).recursion(STEP, batches[b]).to(2000);
      for (int k = 0; k < 4; k++) {
        RiskRecursion r = problem(200, 2, sets[k]).recursion(STEP, batches[b]).to(2000);
        String what = sets[k] + " in batches of " + batches[b];
        assertSignificant(average[b][k], r.average() - exact.average(), 3, what);
        assertSignificant(last[b][k], r.last() - exact.last(), 2, what);
      }
    }
  }

  private static QuantizerSet outputs(Perturbation p) {
    return QuantizerSet.NONE.withActivation(p).withResidual(p);
  }

  private static void assertSignificant(double expected, double actual, int digits, String what) {
    double unit = Math.pow(10, Math.floor(Math.log10(expected)) - digits + 1);
    assertDigits(expected, actual, 2 * unit, what);
  }

  @Test
  void stepLimits() {
    QuantizerSet added = QuantizerSet.dataOnly(Perturbation.additive(.01));
    assertEquals(.611, problem(200, 2, QuantizerSet.NONE).stepLimit(1), 6e-4);
    assertEquals(.443, problem(200, 2, added).stepLimit(1), 6e-4);
    assertEquals(.201, problem(800, 2, added).stepLimit(1), 6e-4);
    assertEquals(1.94, problem(200, 2, QuantizerSet.NONE).stepLimit(64), 6e-3);
    assertEquals(1.92, problem(200, 2, added).stepLimit(64), 6e-3);
    assertEquals(1.92, problem(800, 2, added).stepLimit(64), 6e-3);
    // the quantizers that do not touch the data matter too when their noise grows with it
    QuantizerSet all = QuantizerSet.all(Perturbation.shared(.1));
    for (QuantizerSet q : new QuantizerSet[] {QuantizerSet.NONE, added, all}) {
      for (int batch : new int[] {1, 8}) {
        QuantizedRegression p = problem(50, 2, q);
        double limit = p.stepLimit(batch);
        double[] below = new double[2];
        RiskRecursion stable = p.recursion(.98 * limit, batch).to(5000);
        below[0] = stable.last();
        below[1] = stable.to(10000).last();
        assertEquals(below[0], below[1], .1 * below[0], "converges below " + limit);
        RiskRecursion unstable = p.recursion(1.02 * limit, batch).to(5000);
        double before = unstable.last();
        assertTrue(unstable.to(10000).last() > 10 * before, "diverges above " + limit);
      }
    }
  }

  @Test
  void approximationErrors() {
    double e = .03;
    QuantizedRegression added = problem(50, 2, QuantizerSet.dataOnly(Perturbation.additive(e)));
    double onTrue = 0;
    double onQuantized = 0;
    double norm = 0;
    for (double l : GaussianProblem.powerLaw(50, 2)) {
      onTrue += l * Math.pow(e / (l + e), 2);
      onQuantized += l * e / (l + e);
      norm += l;
    }
    assertEquals(onTrue, added.approximationOnTrueFeatures(), 1e-12);
    assertEquals(onQuantized, added.approximationOnQuantizedFeatures(), 1e-12);
    QuantizedRegression scaled = problem(50, 2, QuantizerSet.dataOnly(Perturbation.elementwise(e)));
    assertEquals(Math.pow(e / (1 + e), 2) * norm, scaled.approximationOnTrueFeatures(), 1e-12);
    assertEquals(e / (1 + e) * norm, scaled.approximationOnQuantizedFeatures(), 1e-12);
    // what the iterates go to is the best that quantized features allow
    QuantizedRegression few = problem(3, 1, QuantizerSet.dataOnly(Perturbation.additive(e)));
    RiskRecursion r = few.recursion(.1, 64).to(200_000);
    assertEquals(few.approximationOnQuantizedFeatures(), r.averageOnQuantizedFeatures(), 3e-5);
    assertEquals(few.approximationOnTrueFeatures(), r.average(), 3e-5);
  }

  @Test
  void boundsLieAFewTimesAboveTheExactRisk() {
    long[] steps = {200, 1000, 5000, 20000};
    double[] ratios = {4.1, 3.6, 3.4, 3.4};
    QuantizedRegression p = problem(200, 2, QuantizerSet.NONE);
    RiskRecursion r = p.recursion(STEP, 1);
    for (int i = 0; i < 4; i++) {
      double ratio = RiskBound.of(p, STEP, steps[i]).risk() / r.to(steps[i]).average();
      assertDigits(ratios[i], ratio, .1, "bound / exact at " + steps[i]);
    }
    assertThrows(IllegalArgumentException.class, () -> RiskBound.of(p, .3, 100));
  }

  @Test
  void theNoiseFloorLetsEveryDirectionIn() {
    QuantizedRegression p = problem(200, 2, QuantizerSet.dataOnly(Perturbation.additive(.01)));
    assertEquals(10, RiskBound.of(p, .05, 1000).effective());
    assertEquals(200, RiskBound.of(p, .05, 5000).effective());
    assertEquals(10, RiskBound.effectiveDimension(p.second(), .05, 1000));
  }

  @Test
  void bitsThatAFloatSavesAtEqualRisk() {
    double[][] expected = { // a, d, on true features, on quantized ones
      {2, 50, 3.29, 1.80}, {2, 200, 3.34, 1.83},
      {1.5, 50, 3.13, 2.05}, {1.5, 200, 3.50, 2.31}
    };
    for (double[] row : expected) {
      BitsAtEqualRisk bits =
          BitsAtEqualRisk.of(
              GaussianProblem.powerLaw((int) row[1], row[0]),
              ones((int) row[1]),
              1,
              STEP,
              1,
              5000,
              8);
      String what = "a = %s, d = %s".formatted(row[0], row[1]);
      assertDigits(row[2], bits.savedOnTrueFeatures(), .02, what);
      assertDigits(row[3], bits.savedOnQuantizedFeatures(), .02, what);
    }
  }

  private static double[] ones(int d) {
    double[] w = new double[d];
    Arrays.fill(w, 1);
    return w;
  }

  @Test
  void badProblemsAreRefused() {
    double[] one = {1};
    QuantizerSet none = QuantizerSet.NONE;
    assertThrows(
        IllegalArgumentException.class,
        () -> new QuantizedRegression(new double[] {0}, one, 1, none));
    assertThrows(
        IllegalArgumentException.class, () -> new QuantizedRegression(new double[2], one, 1, none));
    assertThrows(IllegalArgumentException.class, () -> new QuantizedRegression(one, one, -1, none));
    QuantizedRegression p = new QuantizedRegression(one, one, 1, none);
    assertThrows(IllegalArgumentException.class, () -> p.recursion(0, 1));
    assertThrows(IllegalArgumentException.class, () -> p.recursion(.1, 0));
  }
}
