package org.halfulp.learn;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.halfulp.kernel.WalshHadamard;
import org.halfulp.learn.RandomFeatures.Weights;

/**
 * One draw of a regression on random features, learned with normal weights and with their signs:
 * {@code x ~ N(0, diag(spectrum))}, {@code y = <theta, x> + N(0, noise)}, {@code theta_i =
 * 1/sqrt(d)}: the expected error is that of a theta uniform on the sphere, with less spread.
 * Samples and weights are of one seed, the same for both kinds of weights.
 */
public final class FeatureTrial {
  private static final int CHUNK = 1000; // test points at a time

  /**
   * What is drawn.
   *
   * @param spectrum eigenvalues, length d
   * @param widths of the layers
   * @param rotated whether the first layer sees {@code H D x} in place of x, D random signs, H of
   *     Walsh and Hadamard in the next power of two, scaled so that its sums keep their variance
   * @param samples n
   * @param tests fresh samples for the error
   * @param noise variance of the labels
   * @param lambda of the ridge
   */
  public record Problem(
      double[] spectrum,
      int[] widths,
      Activation activation,
      boolean rotated,
      int samples,
      int tests,
      double noise,
      double lambda) {}

  private final Problem problem;
  private final double[] theta;
  private final double[] signs; // D; empty: not rotated
  private final int inputs; // of the first layer
  private final Map<Weights, RandomFeatures> features = new EnumMap<>(Weights.class);
  private final Map<Weights, Double> errors = new EnumMap<>(Weights.class);

  public FeatureTrial(Problem problem, long seed) {
    this.problem = problem;
    int d = problem.spectrum.length;
    SplittableRandom seeds = new SplittableRandom(seed);
    Random data = new Random(seeds.nextLong());
    Random rotation = new Random(seeds.nextLong());
    long weights = seeds.nextLong();
    theta = new double[d];
    Arrays.fill(theta, 1 / Math.sqrt(d));
    signs = new double[problem.rotated ? d : 0];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = rotation.nextBoolean() ? 1 : -1;
    }
    inputs = problem.rotated ? WalshHadamard.size(d) : d;
    Map<Weights, double[]> last = new EnumMap<>(Weights.class);
    double[] y = new double[problem.samples];
    double[] x = sample(y, data);
    for (Weights kind : Weights.values()) {
      RandomFeatures f =
          RandomFeatures.draw(
              inputs, problem.widths, problem.activation, kind, new Random(weights));
      features.put(kind, f);
      double[] z = f.of(x, problem.samples);
      last.put(kind, Ridge.fit(z, problem.samples, f.outputs(), y, 1, problem.lambda));
      errors.put(kind, 0.0);
    }
    for (int done = 0; done < problem.tests; done += CHUNK) {
      double[] labels = new double[Math.min(CHUNK, problem.tests - done)];
      double[] points = sample(labels, data);
      for (Weights kind : Weights.values()) {
        double[] z = features.get(kind).of(points, labels.length);
        double sum = squares(z, last.get(kind), labels);
        errors.merge(kind, sum / problem.tests, Double::sum);
      }
    }
  }

  private static double squares(double[] z, double[] w, double[] y) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      double residual = y[i];
      for (int j = 0; j < w.length; j++) {
        residual -= z[i * w.length + j] * w[j];
      }
      sum += residual * residual;
    }
    return sum;
  }

  /** Inputs of the first layer, row-major; fills in their labels. */
  private double[] sample(double[] y, Random random) {
    int d = theta.length;
    double[] x = new double[y.length * inputs];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < d; j++) {
        double v = Math.sqrt(problem.spectrum[j]) * random.nextGaussian();
        x[i * inputs + j] = v;
        y[i] += theta[j] * v;
      }
      y[i] += Math.sqrt(problem.noise) * random.nextGaussian();
      rotate(x, i * inputs);
    }
    return x;
  }

  private void rotate(double[] x, int from) {
    int d = signs.length;
    if (d == 0) {
      return;
    }
    for (int j = 0; j < d; j++) {
      x[from + j] *= signs[j] / Math.sqrt(d);
    }
    WalshHadamard.transform(x, from, inputs);
  }

  /** Mean squared error on fresh samples, their noise included. */
  public double error(Weights kind) {
    return errors.get(kind);
  }

  public double[] theta() {
    return theta.clone();
  }

  /**
   * Weights of a layer, row-major; those of the first one as they act on x, whether it is rotated
   * or not: {@code h_1 = act(W x / sqrt(d))}.
   */
  public double[] weights(Weights kind, int layer) {
    double[] w = features.get(kind).weights(layer);
    if (layer > 0 || !problem.rotated) {
      return w;
    }
    int d = theta.length;
    int rows = w.length / inputs;
    double[] own = new double[rows * d];
    for (int r = 0; r < rows; r++) { // (H w)_j D_j, H being symmetric
      double[] row = Arrays.copyOfRange(w, r * inputs, (r + 1) * inputs);
      WalshHadamard.transform(row, 0, inputs);
      for (int j = 0; j < d; j++) {
        own[r * d + j] = row[j] * signs[j] / Math.sqrt(inputs);
      }
    }
    return own;
  }
}
