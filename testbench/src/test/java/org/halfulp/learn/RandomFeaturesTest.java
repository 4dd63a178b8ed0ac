package org.halfulp.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.halfulp.learn.RandomFeatures.Weights;
import org.junit.jupiter.api.Test;

class RandomFeaturesTest {
  private static final int INPUTS = 37;
  private static final int[] WIDTHS = {70, 65, 5};

  private static double[] normal(int n, Random random) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextGaussian();
    }
    return x;
  }

  /** Layer by layer with the weights as doubles, one sum after the other. */
  private static double[] plainly(RandomFeatures f, Activation act, double[] x) {
    double[] h = x;
    for (int l = 0; l < f.depth(); l++) {
      double[] w = f.weights(l);
      double[] next = new double[WIDTHS[l]];
      for (int j = 0; j < next.length; j++) {
        double sum = 0;
        for (int k = 0; k < h.length; k++) {
          sum += w[j * h.length + k] * h[k];
        }
        next[j] = act.applyAsDouble(sum / Math.sqrt(h.length));
      }
      h = next;
    }
    return h;
  }

  @Test
  void packedLayersEqualPlainOnesInEveryBit() {
    int rows = 300;
    double[] x = normal(rows * INPUTS, new Random(1));
    x[5] = 0;
    for (Activation act : Activation.values()) {
      for (Weights kind : Weights.values()) {
        RandomFeatures f = RandomFeatures.draw(INPUTS, WIDTHS, act, kind, new Random(2));
        double[] all = f.of(x, rows);
        for (int i = 0; i < rows; i += 13) {
          double[] one = java.util.Arrays.copyOfRange(x, i * INPUTS, (i + 1) * INPUTS);
          double[] expected = plainly(f, act, one);
          double[] got = java.util.Arrays.copyOfRange(all, i * 5, (i + 1) * 5);
          if (kind == Weights.SIGN) {
            assertArrayEquals(expected, got, act + " row " + i);
          } else {
            assertArrayEquals(expected, got, 1e-12, act + " row " + i);
          }
          assertArrayEquals(got, f.of(one, 1), "rows do not see each other");
        }
      }
    }
  }

  @Test
  void signsAreThoseOfTheNormalWeights() {
    RandomFeatures normal =
        RandomFeatures.draw(INPUTS, WIDTHS, Activation.TANH, Weights.NORMAL, new Random(3));
    RandomFeatures sign =
        RandomFeatures.draw(INPUTS, WIDTHS, Activation.TANH, Weights.SIGN, new Random(3));
    long count = 0;
    for (int l = 0; l < WIDTHS.length; l++) {
      double[] w = normal.weights(l);
      double[] s = sign.weights(l);
      assertEquals(w.length, s.length);
      for (int i = 0; i < w.length; i++) {
        assertEquals(w[i] >= 0 ? 1 : -1, s[i]);
      }
      count += w.length;
    }
    assertEquals(count, sign.weightBits());
    assertEquals(32 * sign.weightBits(), normal.weightBits());
  }

  @Test
  void zeroHasASign() {
    assertEquals(1, Activation.SIGN.applyAsDouble(0.0));
    assertEquals(1, Activation.SIGN.applyAsDouble(-0.0));
    assertEquals(-1, Activation.SIGN.applyAsDouble(-Double.MIN_VALUE));
  }

  @Test
  void ridgeIsAMinimum() {
    Random random = new Random(4);
    int outputs = 3;
    double lambda = .05;
    int[][] shapes = {{30, 8}, {8, 30}, {12, 12}, {1, 1}, {1000, 1010}}; // the last by blocks
    for (int[] shape : shapes) {
      int n = shape[0];
      int p = shape[1];
      double[] z = normal(n * p, random);
      double[] y = normal(n * outputs, random);
      double[] w = Ridge.fit(z, n, p, y, outputs, lambda);
      for (int o = 0; o < outputs; o++) {
        double[] residual = new double[n];
        for (int i = 0; i < n; i++) {
          residual[i] = -y[i * outputs + o];
          for (int k = 0; k < p; k++) {
            residual[i] += z[i * p + k] * w[k * outputs + o];
          }
        }
        for (int j = 0; j < p; j++) { // the gradient is 0
          double gradient = lambda * w[j * outputs + o];
          for (int i = 0; i < n; i++) {
            gradient += z[i * p + j] * residual[i] / n;
          }
          assertEquals(0, gradient, 1e-11);
        }
      }
    }
  }

  @Test
  void singularRidgeIsRefused() {
    double[] twice = {1, 1, 2, 2, 3, 3};
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Ridge.fit(twice, 3, 2, new double[] {1, 2, 3}, 1, 0));
    assertTrue(e.getMessage().contains("raise lambda"), e::getMessage);
    assertEquals(2, Ridge.fit(twice, 3, 2, new double[] {1, 2, 3}, 1, 1e-6).length);
    double[] infinite = {1, Double.POSITIVE_INFINITY};
    assertThrows(
        IllegalArgumentException.class, () -> Ridge.fit(infinite, 2, 1, new double[2], 1, 1));
    assertThrows(
        IllegalArgumentException.class, () -> Ridge.fit(twice, 3, 2, new double[3], 1, -1));
  }
}
