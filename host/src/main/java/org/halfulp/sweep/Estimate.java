package org.halfulp.sweep;

import org.apache.commons.statistics.distribution.TDistribution;

/**
 * A mean over seeds.
 *
 * @param n values that it is of
 * @param halfWidth of the 95 % interval by Student's t; NaN for one value
 */
public record Estimate(double mean, double halfWidth, int n) {
  public static final Estimate NONE = new Estimate(Double.NaN, Double.NaN, 0);

  private static final double CONFIDENCE = 0.95;

  /** Infinite and NaN values make the mean so. */
  public static Estimate of(double[] values) {
    int n = values.length;
    if (n == 0) {
      return NONE;
    }
    double sum = 0;
    for (double x : values) {
      sum += x;
    }
    double mean = sum / n;
    if (n == 1) {
      return new Estimate(mean, Double.NaN, 1);
    }
    double squares = 0;
    for (double x : values) {
      squares += (x - mean) * (x - mean);
    }
    double error = Math.sqrt(squares / (n - 1) / n);
    double t = TDistribution.of(n - 1).inverseSurvivalProbability((1 - CONFIDENCE) / 2);
    return new Estimate(mean, t * error, n);
  }
}
