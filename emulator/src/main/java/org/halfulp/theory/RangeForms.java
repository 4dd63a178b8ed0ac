package org.halfulp.theory;

/**
 * Closed forms of the ranges of {@link DifferentialRange}, and the finite-time bound; Lin, Kostina
 * and Hassibi, arXiv 2002.02508v3, appendix.
 */
public final class RangeForms {
  private RangeForms() {}

  /**
   * {@code r_t} of DQ-GD; (93).
   *
   * @throws IllegalArgumentException where c equals sigma, which the form excludes
   */
  public static double gradientDescent(
      double smooth, double convex, double distance, double c, int t) {
    double sigma = GradientMethod.GD.contraction(smooth / convex);
    GradientMethod.checkC(c);
    double ratio = apart(c, sigma) / sigma;
    return smooth * distance * Math.pow(sigma, t) * (1 - Math.pow(ratio, t + 1)) / (1 - ratio);
  }

  /** The bound on {@code ||x^_t - x*||} of DQ-GD at a finite t; (95). */
  public static double distanceBound(
      double smooth, double convex, double distance, double c, int t) {
    double sigma = GradientMethod.GD.contraction(smooth / convex);
    GradientMethod.checkC(c);
    double eta = GradientMethod.GD.stepSize(smooth, convex);
    double b = c / Math.abs(sigma - apart(c, sigma));
    double later = t == 0 ? 0 : b; // there is no error before the first step
    return Math.pow(Math.max(sigma, c), t) * (1 + eta * smooth * later) * distance;
  }

  /**
   * {@code r_t} of DQ-AGD, {@code sigma^t c_0 + phi_+^t c_+ + phi_-^t c_-}; (112), (117), (121),
   * (122). The form holds for DQ-HB with alpha 0 as well, whose first term is another.
   *
   * @throws IllegalArgumentException where sigma is a root of (37), which the form excludes
   */
  public static double withMomentum(
      GradientMethod method, double smooth, double convex, double distance, double c, int t) {
    double kappa = smooth / convex;
    double sigma = method.contraction(kappa);
    double gamma = method.momentum(kappa);
    GradientMethod.checkC(c);
    if (gamma == 0) {
      throw new IllegalArgumentException(
          "the form needs momentum; kappa = %s of %s has none".formatted(kappa, method));
    }
    double plus = GradientMethod.largerRoot(gamma, c);
    double minus = -c * gamma / plus; // the roots' product is -c gamma
    apart(plus, sigma);
    double p = (sigma - plus) * (sigma - minus);
    double c0 = sigma * sigma * smooth * distance * method.rangeFactor(kappa) / p;
    // r_{-1} = r_{-2} = 0
    double u = -c0 / sigma;
    double v = u / sigma;
    double b = (v - u / plus) / (1 / minus - 1 / plus); // c_- / phi_-
    double a = u - b; // c_+ / phi_+
    return Math.pow(sigma, t) * c0 + Math.pow(plus, t + 1) * a + Math.pow(minus, t + 1) * b;
  }

  private static double apart(double c, double sigma) {
    if (c == sigma) {
      throw new IllegalArgumentException(
          "the closed form has a double root where c = sigma = " + sigma + "; use the recursion");
    }
    return c;
  }
}
