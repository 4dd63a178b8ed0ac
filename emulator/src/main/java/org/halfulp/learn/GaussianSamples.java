package org.halfulp.learn;

import java.util.SplittableRandom;

/** Fresh samples of a {@link GaussianProblem}, the same for the same seed. Not thread-safe. */
public final class GaussianSamples {
  private final GaussianProblem problem;
  private final SplittableRandom random;
  private final double[] deviations;
  private final double noiseDeviation;

  public GaussianSamples(GaussianProblem problem, long seed) {
    this.problem = problem;
    random = new SplittableRandom(seed);
    deviations = new double[problem.dimension()];
    for (int j = 0; j < deviations.length; j++) {
      deviations[j] = Math.sqrt(problem.spectrum()[j]);
    }
    noiseDeviation = Math.sqrt(problem.noise());
  }

  /**
   * Draws rows.
   *
   * @param x takes the features, rows x d row-major
   * @param y takes the labels, length at least rows
   */
  public void draw(double[] x, double[] y, int rows) {
    int d = deviations.length;
    double[] target = problem.target();
    for (int i = 0; i < rows; i++) {
      double product = 0;
      for (int j = 0; j < d; j++) {
        double value = deviations[j] * random.nextGaussian();
        x[i * d + j] = value;
        product += value * target[j];
      }
      y[i] = product + noiseDeviation * random.nextGaussian();
    }
  }
}
