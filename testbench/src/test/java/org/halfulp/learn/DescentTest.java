package org.halfulp.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.halfulp.input.MatrixMarket;
import org.halfulp.learn.DifferentialDescent.Form;
import org.halfulp.theory.DifferentialRange;
import org.halfulp.theory.GradientMethod;
import org.halfulp.theory.WaterFilling;
import org.junit.jupiter.api.Test;

/**
 * The methods of Lin, Kostina and Hassibi, arXiv 2002.02508v3, against figures of a prototype that
 * shares no code with them.
 */
class DescentTest {
  private static final MatrixMarket.Matrix ASH331 =
      MatrixMarket.read(Path.of("..", "examples", "ash331.mtx"));

  private static LeastSquares survey() {
    double[] y = new double[331];
    for (int i = 0; i < y.length; i++) {
      y[i] = (7 * (i + 1) % 11 - 5) / 5.0;
    }
    return LeastSquares.of(ASH331.values(), ASH331.rows(), ASH331.columns(), y);
  }

  static DifferentialDescent quantized(
      LeastSquares f,
      double[] start,
      double distance,
      GradientMethod method,
      int levels,
      double alpha,
      boolean powersOfTwo) {
    double l = f.smooth();
    double mu = f.convex();
    return DifferentialDescent.quantized(
        f,
        start,
        Form.valueOf(method.name()),
        method.stepSize(l, mu),
        method.momentum(l / mu),
        new UniformQuantizer(levels),
        new DifferentialRange(
            method,
            l,
            mu,
            distance,
            UniformQuantizer.contraction(f.columns(), levels),
            alpha,
            powersOfTwo));
  }

  static DifferentialDescent unquantized(LeastSquares f, double[] start, GradientMethod method) {
    double l = f.smooth();
    double mu = f.convex();
    return DifferentialDescent.unquantized(
        f, start, Form.valueOf(method.name()), method.stepSize(l, mu), method.momentum(l / mu));
  }

  @Test
  void theSurveyIsTheMatrixThatItShouldBe() {
    LeastSquares f = survey();
    assertEquals(331, f.rows());
    assertEquals(104, f.columns());
    int ones = 0;
    int[] ofColumn = new int[104];
    for (int i = 0; i < 331; i++) {
      int ofRow = 0;
      for (int j = 0; j < 104; j++) {
        double v = ASH331.values()[i * 104 + j];
        assertTrue(v == 0 || v == 1);
        ofRow += (int) v;
        ofColumn[j] += (int) v;
      }
      assertEquals(2, ofRow);
      ones += ofRow;
    }
    assertEquals(662, ones);
    assertEquals(3, Arrays.stream(ofColumn).min().orElse(0));
    assertEquals(12, Arrays.stream(ofColumn).max().orElse(0));
    assertEquals(17.228200651987, f.smooth(), 1e-11);
    assertEquals(1.796781994557, f.convex(), 1e-11);
    double[] best = f.minimizer();
    assertEquals(2.672075709548, DescentRun.distance(best, new double[104]), 1e-11);
    assertEquals(50.350474385293, f.value(best), 1e-10);
  }

  /** No random numbers: relative errors at t = 10, 20, 50, 100 to five digits. */
  @Test
  void trajectoriesAreThoseOfThePrototype() {
    LeastSquares f = survey();
    trajectory(f, GradientMethod.GD, 0, 2.491091e-02, 1.564794e-03, 1.447241e-06, 3.773060e-11);
    trajectory(f, GradientMethod.AGD, 0, 1.176917e-02, 2.347468e-04, 2.875746e-09);
    trajectory(f, GradientMethod.HB, 0, 1.097971e-03, 1.331949e-06);
    trajectory(f, GradientMethod.GD, 8, 3.152662e+01, 3.584163e+02, 5.212144e+05, 9.735324e+10);
    trajectory(f, GradientMethod.GD, 32, 8.518010e-02, 1.089816e-02, 2.040941e-05, 5.784010e-10);
    trajectory(f, GradientMethod.GD, 256, 2.584056e-02, 1.753084e-03, 2.274448e-06, 6.587457e-11);
    trajectory(f, GradientMethod.AGD, 32, 8.795092e-01, 1.544230e-01, 4.492961e-04, 2.747891e-08);
    trajectory(f, GradientMethod.HB, 32, 1.623162e-02, 6.658836e-05, 1.655838e-12);
  }

  private static void trajectory(
      LeastSquares f, GradientMethod method, int levels, double... expected) {
    double[] best = f.minimizer();
    double[] start = new double[104];
    double d = DescentRun.distance(best, start);
    DifferentialDescent run =
        levels == 0
            ? unquantized(f, start, method)
            : quantized(f, start, d, method, levels, 0, false);
    int[] at = {10, 20, 50, 100};
    int t = 0;
    for (int k = 0; k < expected.length; k++) {
      for (; t < at[k]; t++) {
        run.step();
      }
      double error = DescentRun.distance(run.estimate(), best) / d;
      int step = t;
      // the heavy ball's floor in binary64 is 5e-15, so what is small has fewer digits
      assertEquals(
          expected[k],
          error,
          5e-6 * expected[k] + (method == GradientMethod.HB ? 5e-15 : 1e-15),
          () -> "%s M = %d t = %d".formatted(method, levels, step));
    }
  }

  /** The tail's contraction on ash331 by levels M: prototype means over 500 instances. */
  @Test
  void contractionsOnTheSurveyAreThoseOfThePrototype() {
    double[][] rows = { // M, GD, AGD, HB with alpha = 0; 1: does not converge
      {8, 1, 1, 1},
      {11, .9271, 1, 1},
      {12, .8499, 1, 1},
      {16, .8112, 1, .9755},
      {24, .8111, .8874, .6961},
      {32, .8111, .8229, .5558},
      {64, .8112, .8228, .5234},
      {128, .8111, .8229, .5247},
      {256, .8111, .8228, .5249},
      {4096, .8111, .8229, .5250}
    };
    LeastSquares matrix = survey();
    for (double[] row : rows) {
      for (GradientMethod method : GradientMethod.values()) {
        double mean = 0;
        int instances = 6;
        for (int i = 0; i < instances; i++) {
          Instance at = Instance.of(matrix, 20021002 + i);
          int levels = (int) row[0];
          DescentRun run =
              DescentRun.of(
                  quantized(at.f, at.start, at.distance, method, levels, 0, false),
                  at.best,
                  1e-12,
                  10_000);
          mean += Math.min(1, run.tail()) / instances;
        }
        double expected = row[1 + method.ordinal()];
        double tolerance = method == GradientMethod.HB ? .005 : .002;
        String what = "%s M = %.0f".formatted(method, row[0]);
        assertEquals(expected, mean, tolerance, what);
      }
    }
  }

  @Test
  void naiveQuantizationNeedsManyMoreLevels() {
    double[][] rows = {{64, 1}, {128, .9554}, {256, .8833}, {512, .8468}, {1024, .8239}};
    LeastSquares matrix = survey();
    for (double[] row : rows) {
      double mean = 0;
      for (int i = 0; i < 6; i++) {
        Instance at = Instance.of(matrix, 20021002 + i);
        DescentRun run =
            DescentRun.of(naive(List.of(at.f), at, new int[] {(int) row[0]}), at.best, 1e-12, 5000);
        assertEquals(0, run.saturations());
        mean += Math.min(1, run.tail()) / 6;
      }
      assertEquals(row[1], mean, .002, "M = " + row[0]);
    }
  }

  private static NaiveDescent naive(List<LeastSquares> parts, Instance at, int[] levels) {
    double[] l = parts.stream().mapToDouble(LeastSquares::smooth).toArray();
    double mu = parts.stream().mapToDouble(LeastSquares::convex).average().orElseThrow();
    double mean = Arrays.stream(l).average().orElseThrow();
    double factor = GradientMethod.GD.contraction(mean / mu);
    double eta = GradientMethod.GD.stepSize(mean, mu);
    for (int k = 0; k < l.length; k++) {
      factor += eta / l.length * l[k] * Math.sqrt(at.start.length) / levels[k];
    }
    WaterFilling ranges = WaterFilling.equal(l, mu, 0);
    List<NaiveDescent.Worker> workers = new ArrayList<>();
    for (int k = 0; k < l.length; k++) {
      workers.add(
          new NaiveDescent.Worker(
              parts.get(k),
              new UniformQuantizer(levels[k]),
              ranges.ranges(k, at.distance, factor)));
    }
    return new NaiveDescent(workers, at.start, eta);
  }

  /** Workers that share bits by water-filling keep its bound; so do equal shares. */
  @Test
  void workersContractWithinTheirBound() {
    double[] l = {8, 4, 2, 1};
    Random random = new Random(66);
    List<LeastSquares> parts = new ArrayList<>();
    double[] common = random.doubles(16, -1, 1).toArray();
    for (double smooth : l) {
      double[] a = LeastSquares.gaussian(32, 16, smooth, random);
      double[] y = new double[32];
      for (int i = 0; i < 32; i++) {
        for (int j = 0; j < 16; j++) {
          y[i] += a[i * 16 + j] * common[j];
        }
      }
      parts.add(LeastSquares.of(a, 32, 16, y));
    }
    double[] start = new double[16];
    Instance at = new Instance(parts.get(0), start, common, DescentRun.distance(start, common));
    WaterFilling filled = WaterFilling.of(l, 1, 20);
    DescentRun run = DescentRun.of(naive(parts, at, filled.levels()), common, 1e-12, 2000);
    assertEquals(0, run.saturations());
    double bound = filled.boundOfLevels(4);
    assertTrue(run.tail() < bound && run.tail() > bound - .06, () -> "tail " + run.tail());
    DescentRun equal =
        DescentRun.of(naive(parts, at, new int[] {32, 32, 32, 32}), common, 1e-12, 2000);
    assertTrue(equal.tail() > run.tail(), () -> equal + " is not slower than " + run);
  }

  /** Lemmas B.1, B.4, B.7 in binary64, and the estimates' distance from the iterates. */
  @Test
  void theWorkerStandsWhereTheUnquantizedMethodDoes() {
    for (GradientMethod method : GradientMethod.values()) {
      Instance at = Instance.of(survey(), 5);
      DifferentialDescent plain = unquantized(at.f, at.start, method);
      DifferentialDescent quantized =
          quantized(at.f, at.start, at.distance, method, 40, method.ordinal() / 2, false);
      double eta = method.stepSize(at.f.smooth(), at.f.convex());
      double moved = 0;
      for (int t = 0; t < 30; t++) {
        plain.step();
        quantized.step();
        assertArrayEquals(plain.point(), quantized.point(), 1e-12);
        double[] e = quantized.error();
        double[] expected = plain.estimate().clone();
        for (int i = 0; i < expected.length; i++) {
          expected[i] -= eta * e[i];
          moved = Math.max(moved, Math.abs(eta * e[i]));
        }
        assertArrayEquals(expected, quantized.estimate(), 1e-12);
      }
      assertTrue(moved > 0.01, "the errors were too small to test anything");
    }
  }

  /** Algorithm 5 with a constant step is DQ-GD; with a varying one its invariant holds as well. */
  @Test
  void theStepSizeMayVary() {
    Instance at = Instance.of(survey(), 9);
    double l = at.f.smooth();
    double eta = GradientMethod.GD.stepSize(l, at.f.convex());
    DifferentialDescent constant =
        DifferentialDescent.varying(
            at.f,
            at.start,
            t -> eta,
            new UniformQuantizer(32),
            DifferentialRange.of(
                GradientMethod.GD,
                l,
                at.f.convex(),
                at.distance,
                UniformQuantizer.contraction(104, 32)));
    DifferentialDescent fixed =
        quantized(at.f, at.start, at.distance, GradientMethod.GD, 32, 0, false);
    double[] plain = at.start.clone();
    double[] g = new double[104];
    DifferentialDescent varying =
        DifferentialDescent.varying(
            at.f,
            at.start,
            t -> eta / (1 + t % 3),
            new UniformQuantizer(1024),
            () -> 40 * at.distance);
    for (int t = 0; t < 40; t++) {
      constant.step();
      fixed.step();
      assertArrayEquals(fixed.estimate(), constant.estimate());
      varying.step();
      assertArrayEquals(plain, varying.point(), 1e-12);
      at.f.gradient(plain, g);
      for (int i = 0; i < 104; i++) {
        plain[i] -= eta / (1 + t % 3) * g[i];
      }
    }
    assertFalse(varying.saturations() > 0);
  }

  /** With alpha = 0 the heavy ball saturates and is told so; with 1 it never does. */
  @Test
  void saturationIsCounted() {
    LeastSquares matrix = survey();
    long zero = 0;
    for (int i = 0; i < 12; i++) {
      Instance at = Instance.of(matrix, 100 + i);
      DifferentialDescent unsafe =
          quantized(at.f, at.start, at.distance, GradientMethod.HB, 4096, 0, false);
      DescentRun run = DescentRun.of(unsafe, at.best, 1e-12, 1000);
      zero += run.saturations();
      assertEquals(run.saturations() > 0, run.overload() > 1);
      DifferentialDescent safe =
          quantized(at.f, at.start, at.distance, GradientMethod.HB, 4096, 1, false);
      DescentRun other = DescentRun.of(safe, at.best, 1e-12, 1000);
      assertEquals(0, other.saturations());
      assertTrue(other.error() < 1e-12);
      for (GradientMethod m : List.of(GradientMethod.GD, GradientMethod.AGD)) {
        assertEquals(
            0,
            DescentRun.of(
                    quantized(at.f, at.start, at.distance, m, 64, 0, false), at.best, 1e-12, 999)
                .saturations());
      }
    }
    assertTrue(zero > 0);
    UniformQuantizer q = new UniformQuantizer(4);
    double[] out = new double[5];
    q.quantize(new double[] {-2, -1, 0, .5, 1}, 1, out);
    assertArrayEquals(new double[] {-.75, -.75, .25, .75, .75}, out);
    assertEquals(1, q.saturations());
    assertEquals(2, q.overload());
    assertTrue(q.saturated());
  }

  /** Ranges that are powers of two need 24 levels where 16 would do, and end as fast. */
  @Test
  void powersOfTwoCostLessThanABit() {
    Instance at = Instance.of(survey(), 3);
    double[][] rows = {{16, 1}, {20, 1}, {24, .811}, {32, .811}};
    for (double[] row : rows) {
      DescentRun run =
          DescentRun.of(
              quantized(at.f, at.start, at.distance, GradientMethod.GD, (int) row[0], 0, true),
              at.best,
              1e-12,
              3000);
      assertEquals(row[1], Math.min(1, run.tail()), .006, "M = " + row[0]);
      assertEquals(0, run.saturations());
    }
  }

  @Test
  void gaussianMatricesHaveTheConditionThatWasChosen() {
    for (double kappa : new double[] {1, 10, 1000}) {
      double[] a = LeastSquares.gaussian(32, 16, kappa, new Random(4));
      LeastSquares f = LeastSquares.of(a, 32, 16, new double[32]);
      assertEquals(kappa, f.smooth(), 1e-10 * kappa);
      assertEquals(1, f.convex(), 1e-10);
    }
  }

  @Test
  void refusesProblemsWithoutOneMinimum() {
    message("dependent columns", new double[] {1, 1, 2, 2, 3, 3}, 3, 2);
    message("dependent columns", new double[4], 2, 2);
    message("at least as many rows", new double[] {1, 2}, 1, 2);
    message("needs rows and columns, got 0 x 2", new double[0], 0, 2);
    message("NaN in row 2, column 1", new double[] {1, 2, Double.NaN, 1}, 2, 2);
    assertThrows(IllegalArgumentException.class, () -> new UniformQuantizer(0));
    LeastSquares f = LeastSquares.of(new double[] {1, 0, 0, 2}, 2, 2, new double[2]);
    assertThrows(
        IllegalArgumentException.class,
        () -> DifferentialDescent.unquantized(f, new double[2], Form.GD, Double.NaN, 0));
    DifferentialDescent wild =
        DifferentialDescent.unquantized(f, new double[] {1, 1}, Form.GD, 3, 0);
    DescentRun run = DescentRun.of(wild, f.minimizer(), 1e-12, 1000);
    assertTrue(run.diverged() && run.steps() < 10, run::toString);
  }

  private static void message(String part, double[] a, int rows, int columns) {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> LeastSquares.of(a, rows, columns, new double[rows]));
    assertTrue(e.getMessage().contains(part), e::getMessage);
  }

  /** A random target and start of a matrix. */
  record Instance(LeastSquares f, double[] start, double[] best, double distance) {
    static Instance of(LeastSquares matrix, long seed) {
      Random random = new Random(seed);
      double[] y = new double[matrix.rows()];
      for (int i = 0; i < y.length; i++) {
        y[i] = random.nextGaussian();
      }
      double[] start = new double[matrix.columns()];
      for (int i = 0; i < start.length; i++) {
        start[i] = random.nextGaussian();
      }
      LeastSquares f = matrix.withTarget(y);
      double[] best = f.minimizer();
      return new Instance(f, start, best, DescentRun.distance(start, best));
    }
  }
}
