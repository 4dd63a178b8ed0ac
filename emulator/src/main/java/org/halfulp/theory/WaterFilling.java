package org.halfulp.theory;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * Naively quantized gradient descent over K workers that share R bits a coordinate: the rates by
 * water-filling, the bound they reach, the ranges. Lin, Kostina and Hassibi, arXiv 2002.02508v3,
 * (60) to (69).
 *
 * @param smooth L_k of each worker
 * @param convex mu, the mean of the mu_k
 * @param rates R_k of each worker, bits a coordinate
 * @param waterLevel nu; every L_k above it gets log2(L_k / nu) bits, the others none
 */
public record WaterFilling(double[] smooth, double convex, double[] rates, double waterLevel) {

  /** The rates {@code R_k = max(0, log2(L_k / nu))} that add up to {@code rate}; (66), (67). */
  public static WaterFilling of(double[] smooth, double convex, double rate) {
    check(smooth, convex);
    if (!(rate >= 0 && rate <= 1e6)) {
      throw new IllegalArgumentException("the shared rate must be in [0, 1e6], got " + rate);
    }
    double[] sorted = smooth.clone();
    Arrays.sort(sorted);
    double sum = 0;
    double level = 0; // log2 nu
    for (int n = 1; n <= sorted.length; n++) { // the n largest get bits
      sum += GradientMethod.log2(sorted[sorted.length - n]);
      level = (sum - rate) / n;
      if (n == sorted.length || level >= GradientMethod.log2(sorted[sorted.length - n - 1])) {
        break;
      }
    }
    double[] rates = new double[smooth.length];
    for (int k = 0; k < rates.length; k++) {
      rates[k] = Math.max(0, GradientMethod.log2(smooth[k]) - level);
    }
    return new WaterFilling(smooth.clone(), convex, rates, Math.pow(2, level));
  }

  /** The same rate for every worker. */
  public static WaterFilling equal(double[] smooth, double convex, double rate) {
    check(smooth, convex);
    double[] rates = new double[smooth.length];
    Arrays.fill(rates, rate / smooth.length);
    return new WaterFilling(smooth.clone(), convex, rates, Double.NaN);
  }

  private static void check(double[] smooth, double convex) {
    if (smooth.length == 0) {
      throw new IllegalArgumentException("at least one worker is needed, got none");
    }
    for (double l : smooth) {
      if (!(l > 0 && l <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException("each L_k must be positive and finite, got " + l);
      }
    }
    GradientMethod.checkCurvature(Arrays.stream(smooth).average().orElseThrow(), convex);
  }

  /** L, the mean of the L_k; (60). */
  public double meanSmooth() {
    return Arrays.stream(smooth).average().orElseThrow();
  }

  /** Whole levels of each worker's scalar quantizer, {@code floor(2^R_k)}. */
  public int[] levels() {
    int[] levels = new int[rates.length];
    for (int k = 0; k < levels.length; k++) {
      if (rates[k] > 30) {
        throw new IllegalArgumentException("at most 30 bits make levels, got " + rates[k]);
      }
      // a rate that is whole but for its last places makes its power of two
      levels[k] = (int) Math.floor(Math.pow(2, rates[k]) * (1 + 1e-12));
    }
    return levels;
  }

  /** The bound on the contraction factor at the real rates; (68), (69). */
  public double bound(double rho) {
    return bound(rho, Arrays.stream(rates).map(r -> Math.pow(2, r)).toArray());
  }

  /** The bound with whole {@link #levels}. */
  public double boundOfLevels(double rho) {
    return bound(rho, Arrays.stream(levels()).asDoubleStream().toArray());
  }

  private double bound(double rho, double[] levels) {
    double mean = meanSmooth();
    double sum = 0;
    for (int k = 0; k < levels.length; k++) {
      sum += smooth[k] / levels[k];
    }
    return GradientMethod.GD.contraction(mean / convex)
        + GradientMethod.GD.stepSize(mean, convex) * rho / levels.length * sum;
  }

  /**
   * The ranges {@code r_t = factor^t L_k D} of worker k; (65).
   *
   * @param factor the contraction factor that is promised: {@link #bound} or {@link #boundOfLevels}
   */
  public DoubleSupplier ranges(int k, double distance, double factor) {
    return new DoubleSupplier() {
      private int t;

      @Override
      public double getAsDouble() {
        return Math.pow(factor, t++) * smooth[k] * distance;
      }
    };
  }
}
