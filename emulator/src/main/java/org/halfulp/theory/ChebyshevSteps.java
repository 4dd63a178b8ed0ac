package org.halfulp.theory;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * A cycle of K step sizes for gradient descent on a quadratic with curvatures in {@code [mu, L]}:
 * the reciprocals of the roots of the Chebyshev polynomial of that interval, which contract more in
 * K steps than any K others (Young, J. Math. Phys. 32, 1953), and the dynamic ranges of DQ-GD that
 * takes them (Lin, Kostina and Hassibi, arXiv 2002.02508v3, algorithm 5).
 *
 * <p>With K = 1 the step is that of (20) and the ranges are those of (22). The order is that of
 * Lebedev and Finogenov (1971), in which no part of a cycle grows much; K is a power of two.
 *
 * <p>The bound is of quadratics, not of all functions with these L and mu as (23) and (50) are.
 */
public final class ChebyshevSteps {
  /** More steps in a cycle need more digits than binary64 has. */
  public static final int MOST = 64;

  private final double smooth;
  private final double convex;
  private final double[] steps;
  private final double[] growth; // max over [mu, L] of |p_j|, p_j of the first j steps
  private final double cycle; // of the whole cycle

  /**
   * @param smooth L
   * @param convex mu
   * @param length K, a power of two up to {@link #MOST}
   */
  public ChebyshevSteps(double smooth, double convex, int length) {
    GradientMethod.checkCurvature(smooth, convex);
    if (length < 1 || length > MOST || Integer.bitCount(length) != 1) {
      throw new IllegalArgumentException(
          "a cycle of steps must be a power of two in [1, %d], got %d".formatted(MOST, length));
    }
    this.smooth = smooth;
    this.convex = convex;
    steps = new double[length];
    int[] order = order(length);
    for (int j = 0; j < length; j++) {
      double angle = Math.PI * (2 * order[j] - 1) / (2 * length);
      steps[j] = 2 / (smooth + convex - (smooth - convex) * Math.cos(angle));
    }
    growth = new double[length];
    for (int j = 0; j < length; j++) {
      growth[j] = largest(j);
    }
    double kappa = smooth / convex;
    // 1 / T_K((kappa + 1) / (kappa - 1)), by the roots' closed form
    double root = (Math.sqrt(kappa) - 1) / (Math.sqrt(kappa) + 1);
    double power = Math.pow(root, length);
    cycle = 2 * power / (1 + power * power);
  }

  /** The order in which steps are taken: each half mirrors the one before. */
  private static int[] order(int length) {
    int[] order = {1};
    while (order.length < length) {
      int n = 2 * order.length;
      int[] longer = new int[n];
      for (int i = 0; i < order.length; i++) {
        longer[2 * i] = order[i];
        longer[2 * i + 1] = n + 1 - order[i];
      }
      order = longer;
    }
    return order;
  }

  /** K. */
  public int length() {
    return steps.length;
  }

  /** The step size eta_t. */
  public double step(int t) {
    return steps[t % steps.length];
  }

  /** The contraction factor of a step without quantization, the mean of a cycle. */
  public double contraction() {
    return Math.pow(cycle, 1.0 / steps.length);
  }

  /**
   * The bound on the contraction factor of a step with quantization: what a step's ranges leave of
   * the last error, {@code c eta_{t-1} / eta_t}, is c in a cycle's mean, so it is max{sigma, c} as
   * in (23).
   */
  public double bound(double c) {
    GradientMethod.checkC(c);
    return Math.max(contraction(), c);
  }

  /**
   * Dynamic ranges of DQ-GD with these steps, r_0 first: {@code r_t = L D |p_t| + (eta_{t-1} /
   * eta_t) c r_{t-1}}, where |p_t| is what t steps make of the largest distance.
   *
   * @param distance D
   * @param c rho 2^-R
   */
  public DoubleSupplier ranges(double distance, double c) {
    GradientMethod.checkC(c);
    if (!(distance > 0 && distance <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "the distance D from the minimum must be positive and finite, got " + distance);
    }
    return new DoubleSupplier() {
      private int t;
      private double before;

      @Override
      public double getAsDouble() {
        int j = t % steps.length;
        double made = Math.pow(cycle, t / steps.length) * growth[j];
        double ratio = t == 0 ? 0 : step(t - 1) / step(t);
        before = smooth * distance * made + ratio * c * before;
        t++;
        return before;
      }
    };
  }

  /** The largest |p_j| on [mu, L]: log |p_j| is concave between two roots. */
  private double largest(int j) {
    double[] ends = new double[j + 2];
    for (int s = 0; s < j; s++) {
      ends[s] = 1 / steps[s];
    }
    ends[j] = convex;
    ends[j + 1] = smooth;
    Arrays.sort(ends);
    double most = Math.max(partial(j, convex), partial(j, smooth));
    for (int i = 0; i + 1 < ends.length; i++) {
      double low = ends[i];
      double high = ends[i + 1];
      for (int n = 0; n < 100; n++) {
        double a = low + (high - low) / 3;
        double b = high - (high - low) / 3;
        if (partial(j, a) < partial(j, b)) {
          low = a;
        } else {
          high = b;
        }
      }
      most = Math.max(most, partial(j, low));
    }
    return most;
  }

  private double partial(int j, double curvature) {
    double p = 1;
    for (int s = 0; s < j; s++) {
      p *= 1 - steps[s] * curvature;
    }
    return Math.abs(p);
  }
}
