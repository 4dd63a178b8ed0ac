package org.halfulp.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleSupplier;
import org.halfulp.learn.DescentRun;
import org.halfulp.learn.DifferentialDescent;
import org.halfulp.learn.LeastSquares;
import org.halfulp.learn.UniformQuantizer;
import org.junit.jupiter.api.Test;

/** Cycles of step sizes against their polynomials on a grid, and DQ-GD that takes them. */
class ChebyshevStepsTest {
  @Test
  void aCycleContractsByItsPolynomial() {
    for (double kappa : new double[] {1.5, 10, 100, 1e4}) {
      for (int length = 1; length <= 16; length *= 2) {
        ChebyshevSteps steps = new ChebyshevSteps(3 * kappa, 3, length);
        double most = 0;
        for (int i = 0; i <= 20_000; i++) {
          double curvature = 3 + (3 * kappa - 3) * i / 20_000;
          most = Math.max(most, polynomial(steps, length, curvature));
        }
        // the largest values are at both ends, so that the grid meets them
        assertEquals(
            most, Math.pow(steps.contraction(), length), 1e-9 * most, kappa + " " + length);
      }
    }
    GradientMethod gd = GradientMethod.GD;
    ChebyshevSteps one = new ChebyshevSteps(17, 2, 1);
    assertEquals(gd.stepSize(17, 2), one.step(5), 1e-15);
    assertEquals(gd.contraction(8.5), one.contraction(), 1e-15);
    // many steps contract as the heavy ball does
    ChebyshevSteps many = new ChebyshevSteps(100, 1, 64);
    assertEquals(GradientMethod.HB.contraction(100), many.contraction(), .01);
    assertTrue(many.contraction() > GradientMethod.HB.contraction(100));
  }

  private static double polynomial(ChebyshevSteps steps, int degree, double curvature) {
    double p = 1;
    for (int t = 0; t < degree; t++) {
      p *= 1 - steps.step(t) * curvature;
    }
    return Math.abs(p);
  }

  /** With a quantizer too fine to matter a range is L D times the largest |p_t|, by a grid. */
  @Test
  void rangesFollowThePartialProducts() {
    for (int length : new int[] {1, 4, 16}) {
      ChebyshevSteps steps = new ChebyshevSteps(50, 1, length);
      DoubleSupplier ranges = steps.ranges(2, 1e-15);
      for (int t = 0; t < 3 * length; t++) {
        double most = 0;
        for (int i = 0; i <= 100_000; i++) {
          double curvature = 1 + 49.0 * i / 100_000;
          double inCycle = polynomial(steps, t % length, curvature);
          most = Math.max(most, inCycle);
        }
        most *= Math.pow(steps.contraction(), length * (t / length));
        assertEquals(100 * most, ranges.getAsDouble(), 1e-4 * 100 * most, length + " " + t);
      }
    }
    DoubleSupplier own = new ChebyshevSteps(50, 1, 1).ranges(2, .3);
    DoubleSupplier papers = DifferentialRange.of(GradientMethod.GD, 50, 1, 2, .3);
    for (int t = 0; t < 50; t++) {
      double r = papers.getAsDouble();
      assertEquals(r, own.getAsDouble(), 1e-12 * r);
    }
  }

  /** No value leaves its range, and runs contract within their bound. */
  @Test
  void quantizedRunsKeepTheirRangesAndBound() {
    int runs = 0;
    for (int length : new int[] {1, 2, 4, 8, 16}) {
      for (int levels : new int[] {5, 8, 32, 1024}) {
        Random random = new Random(length * 31 + levels);
        double[] a = LeastSquares.gaussian(32, 16, 100, random);
        LeastSquares f = LeastSquares.of(a, 32, 16, random.doubles(32, -1, 1).toArray());
        double[] start = random.doubles(16, -1, 1).toArray();
        double[] best = f.minimizer();
        double distance = DescentRun.distance(start, best);
        ChebyshevSteps steps = new ChebyshevSteps(f.smooth(), f.convex(), length);
        double c = UniformQuantizer.contraction(16, levels);
        UniformQuantizer quantizer = new UniformQuantizer(levels);
        DescentRun run =
            DescentRun.of(
                DifferentialDescent.varying(
                    f, start, steps::step, quantizer, steps.ranges(distance, c)),
                best,
                1e-9,
                5000);
        assertEquals(0, run.saturations(), length + " " + levels);
        assertTrue(run.tail() < steps.bound(c) + .004, () -> length + " " + levels + " " + run);
        assertTrue(run.error() < 1e-9);
        runs++;
      }
    }
    assertEquals(20, runs);
  }

  @Test
  void refusesWhatIsNoCycle() {
    for (int length : new int[] {0, 3, 128, -4}) {
      assertThrows(IllegalArgumentException.class, () -> new ChebyshevSteps(2, 1, length));
    }
    assertThrows(IllegalArgumentException.class, () -> new ChebyshevSteps(1, 2, 4));
    ChebyshevSteps steps = new ChebyshevSteps(2, 1, 4);
    assertThrows(IllegalArgumentException.class, () -> steps.ranges(0, .1));
    assertThrows(IllegalArgumentException.class, () -> steps.ranges(1, 0));
  }
}
