package org.halfulp.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.halfulp.learn.Activation;
import org.halfulp.learn.RandomFeatures;
import org.halfulp.learn.RandomFeatures.Weights;
import org.halfulp.learn.Ridge;
import org.junit.jupiter.api.Test;

class FeatureTheoryTest {
  private static final double LAMBDA = .01;
  private static final double NOISE = .1;
  private static final int DRAWS = 8;

  private static double[] constant(int n, double v) {
    double[] a = new double[n];
    Arrays.fill(a, v);
    return a;
  }

  private static double drawn(
      double[] spectrum,
      double[] theta,
      int[] widths,
      Activation act,
      Weights kind,
      int n,
      int seed) {
    RandomFeatures f = RandomFeatures.draw(spectrum.length, widths, act, kind, new Random(seed));
    List<double[]> w = new ArrayList<>();
    for (int l = 0; l < widths.length; l++) {
      w.add(f.weights(l));
    }
    return FeatureTheory.drawn(spectrum, theta, w, widths, act).error(n, LAMBDA, NOISE);
  }

  @Test
  void momentsOfActivationsWithClosedForms() {
    for (double r : new double[] {.3, 1, 4}) {
      ActivationMoments sign = ActivationMoments.of(Activation.SIGN, r);
      assertEquals(0, sign.mean(), 1e-13);
      assertEquals(Math.sqrt(2 / Math.PI / r), sign.linear(), 1e-12);
      assertEquals(1 - 2 / Math.PI, sign.residual(), 1e-12);
      ActivationMoments relu = ActivationMoments.of(Activation.RELU, r);
      double mean = Math.sqrt(r / (2 * Math.PI));
      assertEquals(mean - 1 / Math.sqrt(2 * Math.PI), relu.mean(), 1e-12);
      assertEquals(.5, relu.linear(), 1e-12);
      assertEquals(r / 2 - mean * mean - r / 4, relu.residual(), 1e-12);
      DoubleUnaryOperator cubic = z -> z * z * z - 2 * z + 5;
      ActivationMoments c = ActivationMoments.of(cubic, r);
      assertEquals(5, c.mean(), 1e-12);
      assertEquals(3 * r - 2, c.linear(), 1e-11);
      assertEquals(6 * r * r * r, c.residual(), 1e-9 * r * r * r);
    }
  }

  /** With many more samples than inputs and no layer: noise (1 + d / n) and little else. */
  @Test
  void withoutLayersItIsRidgeRegression() {
    double[] theta = constant(100, .1);
    double[] spectrum = constant(100, 1);
    FeatureTheory none = FeatureTheory.limit(spectrum, theta, new int[0], Activation.TANH);
    // lambda -> 0, d < n: sigma^2 / (1 - d / n), exactly, the mean of inverse Wishart matrices in
    // the limit
    assertEquals(NOISE / (1 - .25), none.error(400, 1e-12, NOISE), 1e-9);
    assertEquals(1 + NOISE, none.error(400, 1e9, NOISE), 1e-6);
  }

  /**
   * Three computations of one number: matrices with the drawn weights, narrow and wide, and the
   * limit; and they see interpolation, where D + t D' is near n.
   */
  @Test
  void drawnWeightsComeNearTheLimit() {
    int d = 60;
    double[] spectrum = constant(d, 1);
    double[] theta = constant(d, 1 / Math.sqrt(d));
    for (int[] widths : new int[][] {{40}, {300}, {120, 100}, {60, 180}}) {
      for (Activation act : Activation.values()) {
        double limit = FeatureTheory.limit(spectrum, theta, widths, act).error(120, LAMBDA, NOISE);
        for (Weights kind : Weights.values()) {
          double mean = 0;
          for (int seed = 0; seed < DRAWS; seed++) {
            mean += drawn(spectrum, theta, widths, act, kind, 120, seed) / DRAWS;
          }
          assertEquals(1, mean / limit, .09, act + " " + kind + " " + Arrays.toString(widths));
        }
      }
    }
    FeatureTheory peak = FeatureTheory.limit(spectrum, theta, new int[] {120}, Activation.SIGN);
    FeatureTheory beyond = FeatureTheory.limit(spectrum, theta, new int[] {1200}, Activation.SIGN);
    assertTrue(peak.error(120, LAMBDA, NOISE) > 3 * beyond.error(120, LAMBDA, NOISE));
  }

  /** The wide last layer, through the smaller matrix, equals the same through its own. */
  @Test
  void bothWaysToTheLastLayerAgree() {
    int d = 12;
    double[] spectrum = new double[d];
    double[] theta = new double[d];
    for (int i = 0; i < d; i++) {
      spectrum[i] = 12.0 / (i + 1);
      theta[i] = i % 3 - 1;
    }
    Random random = new Random(6);
    double[] w = new double[d * d];
    for (int i = 0; i < w.length; i++) {
      w[i] = random.nextGaussian();
    }
    double square =
        FeatureTheory.drawn(spectrum, theta, List.of(w), new int[] {d}, Activation.TANH)
            .error(20, LAMBDA, NOISE);
    // a row more, of zeros, takes the other way and adds a feature of noise alone
    double[] more = Arrays.copyOf(w, w.length + d);
    double wide =
        FeatureTheory.drawn(spectrum, theta, List.of(more), new int[] {d + 1}, z -> 1.5 * z)
            .error(20, LAMBDA, NOISE);
    double narrow =
        FeatureTheory.drawn(spectrum, theta, List.of(w), new int[] {d}, z -> 1.5 * z)
            .error(20, LAMBDA, NOISE);
    assertEquals(narrow, wide, 1e-9 * narrow);
    assertTrue(square > NOISE && square < 100, "" + square);
  }

  /** Simulation: one layer, small, many draws. */
  @Test
  void simulationAgrees() {
    int d = 40;
    int n = 80;
    int p = 60;
    int test = 400;
    double[] spectrum = constant(d, 1);
    double[] theta = constant(d, 1 / Math.sqrt(d));
    for (Weights kind : Weights.values()) {
      double sum = 0;
      double predicted = 0;
      int runs = 40;
      for (int s = 0; s < runs; s++) {
        Random random = new Random(1000 + s);
        double[] x = new double[(n + test) * d];
        double[] y = new double[n + test];
        for (int i = 0; i < y.length; i++) {
          for (int j = 0; j < d; j++) {
            x[i * d + j] = random.nextGaussian();
            y[i] += theta[j] * x[i * d + j];
          }
          y[i] += Math.sqrt(NOISE) * random.nextGaussian();
        }
        RandomFeatures f = RandomFeatures.draw(d, new int[] {p}, Activation.TANH, kind, random);
        double[] z = f.of(x, n + test);
        double[] w = Ridge.fit(Arrays.copyOf(z, n * p), n, p, Arrays.copyOf(y, n), 1, LAMBDA);
        for (int i = n; i < n + test; i++) {
          double residual = y[i];
          for (int j = 0; j < p; j++) {
            residual -= z[i * p + j] * w[j];
          }
          sum += residual * residual / test / runs;
        }
        predicted +=
            FeatureTheory.drawn(
                        spectrum, theta, List.of(f.weights(0)), new int[] {p}, Activation.TANH)
                    .error(n, LAMBDA, NOISE)
                / runs;
      }
      assertEquals(1, sum / predicted, .06, kind + ": " + sum + " for " + predicted);
    }
  }

  @Test
  void badInputIsNamed() {
    double[] one = {1, 1};
    var even =
        assertThrows(
            IllegalArgumentException.class,
            () -> FeatureTheory.limit(one, one, new int[] {4}, Math::abs));
    assertTrue(even.getMessage().contains("no linear part"), even::getMessage);
    assertThrows(
        IllegalArgumentException.class,
        () -> FeatureTheory.limit(new double[] {1, 0}, one, new int[0], Math::abs));
    FeatureTheory t = FeatureTheory.limit(one, one, new int[0], Math::abs);
    assertThrows(IllegalArgumentException.class, () -> t.error(10, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> t.error(0, 1, 1));
  }
}
