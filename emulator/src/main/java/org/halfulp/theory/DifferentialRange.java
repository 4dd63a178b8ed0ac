package org.halfulp.theory;

import java.util.function.DoubleSupplier;

/**
 * The dynamic ranges {@code r_0, r_1, ...} of a differentially quantized method, which worker and
 * server compute alike without a word between them: {@link #getAsDouble} gives the next.
 *
 * <p>Lin, Kostina and Hassibi, arXiv 2002.02508v3, (22), (34), (45), indexed so that {@code r_0} is
 * {@code L D}, {@code L D lambda}, {@code sqrt(2) L D} (the preprint's indices start one late, and
 * its {@code t^alpha} would give {@code r_0 = 0}: here {@code (t + 1)^alpha}).
 */
public final class DifferentialRange implements DoubleSupplier {
  private final double first;
  private final double sigma;
  private final double gamma;
  private final double c;
  private final double alpha;
  private final boolean powersOfTwo;
  private int t;
  private double before; // r_{t-1}
  private double beforeThat; // r_{t-2}

  /**
   * @param smooth L
   * @param distance D, at least the distance of the start from the minimum; too large a D costs
   *     steps, too small a D lets the quantizer saturate
   * @param c rho 2^-R
   * @param alpha of the heavy ball alone, 0 to be as the figures of the paper, 1 to be safe: with 0
   *     the quantizer may saturate and the run may stop converging. The others want 0
   * @param powersOfTwo whether each range is rounded up to a power of two, which the recursion goes
   *     on from
   */
  public DifferentialRange(
      GradientMethod method,
      double smooth,
      double convex,
      double distance,
      double c,
      double alpha,
      boolean powersOfTwo) {
    GradientMethod.checkCurvature(smooth, convex);
    GradientMethod.checkC(c);
    if (!(distance > 0 && distance <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "the distance D from the minimum must be positive and finite, got " + distance);
    }
    if (!(alpha >= 0 && alpha <= 16) || method != GradientMethod.HB && alpha != 0) {
      throw new IllegalArgumentException(
          "alpha must be in [0, 16], and 0 but for HB; got %s for %s".formatted(alpha, method));
    }
    double kappa = smooth / convex;
    first = smooth * distance * method.rangeFactor(kappa);
    sigma = method.contraction(kappa);
    gamma = method.momentum(kappa);
    this.c = c;
    this.alpha = alpha;
    this.powersOfTwo = powersOfTwo;
  }

  /** {@link #DifferentialRange} with the safe alpha and ranges as they are. */
  public static DifferentialRange of(
      GradientMethod method, double smooth, double convex, double distance, double c) {
    return new DifferentialRange(
        method, smooth, convex, distance, c, method == GradientMethod.HB ? 1 : 0, false);
  }

  @Override
  public double getAsDouble() {
    double growth = alpha == 0 ? 1 : Math.pow((t + 1) * Math.E, alpha);
    double r = first * Math.pow(sigma, t) * growth + (before + gamma * (before + beforeThat)) * c;
    if (powersOfTwo) {
      r = powerOfTwo(r);
    }
    beforeThat = before;
    before = r;
    t++;
    return r;
  }

  /** The least power of two that is at least {@code r}; {@code r} positive and normal, or 0. */
  static double powerOfTwo(double r) {
    if (r < Double.MIN_NORMAL) {
      return r == 0 ? 0 : Double.MIN_NORMAL;
    }
    double down = Math.scalb(1.0, Math.getExponent(r));
    return down == r ? r : 2 * down;
  }
}
