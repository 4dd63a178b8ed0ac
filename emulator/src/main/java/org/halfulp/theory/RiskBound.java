package org.halfulp.theory;

/**
 * The upper bound on the averaged iterate's risk of Zou, Wu, Braverman, Gu and Kakade (COLT 2021,
 * Theorem 2.1) for batch 1, to which the bounds of Zhang, Su and Zou, arXiv:2510.18259, come down;
 * with the quantized spectrum and noise in place of the true ones, as their Theorem 4.1 has it.
 * Gaussian features: alpha = 3.
 *
 * @param effective k* of the paper: directions with {@code lambda_i >= 1/(N gamma)}
 */
public record RiskBound(int effective, double bias, double variance) {
  private static final double ALPHA = 3;

  /** {@code 2 bias + 2 variance}. */
  public double risk() {
    return 2 * bias + 2 * variance;
  }

  /** k* of a spectrum in any order. */
  public static int effectiveDimension(double[] spectrum, double step, long steps) {
    int count = 0;
    for (double l : spectrum) {
      if (l >= 1 / (steps * step)) {
        count++;
      }
    }
    return count;
  }

  /** The bound with {@code H -> H_q}, {@code w* -> H_q^-1 C w*} and the noise of the quantizers. */
  public static RiskBound of(QuantizedRegression problem, double step, long steps) {
    return of(problem.second(), problem.quantizedTarget(), noise(problem), step, steps);
  }

  /** Additive part of sigma_G^2 of Theorem 4.1, and what quantized features leave unexplained. */
  private static double noise(QuantizedRegression p) {
    double trace = 0;
    for (double s : p.second()) {
      trace += s;
    }
    return p.noise
        + p.approximationOnQuantizedFeatures()
        + p.label.additive()
        + p.activation.additive()
        + p.residual.additive()
        + ALPHA * p.parameter.additive() * trace;
  }

  /**
   * @param distance w_0 - w*
   * @throws IllegalArgumentException unless {@code step < 1/(3 tr H)}
   */
  public static RiskBound of(
      double[] spectrum, double[] distance, double noise, double step, long steps) {
    double trace = 0;
    for (double l : spectrum) {
      trace += l;
    }
    double slack = 1 - step * ALPHA * trace;
    if (!(step > 0 && slack > 0)) {
      throw new IllegalArgumentException(
          "the bound needs a step size in (0, %s), got %s".formatted(1 / (ALPHA * trace), step));
    }
    double n = steps;
    double headInverse = 0;
    double head = 0;
    double tail = 0;
    double tailSquares = 0;
    int k = 0;
    for (int i = 0; i < spectrum.length; i++) {
      double l = spectrum[i];
      double square = distance[i] * distance[i];
      if (l >= 1 / (n * step)) {
        k++;
        headInverse += square / l;
        head += square;
      } else {
        tail += l * square;
        tailSquares += l * l;
      }
    }
    double bias = headInverse / (step * n * step * n) + tail;
    double variance =
        (noise / slack + 2 * ALPHA * (head + n * step * tail) / (n * step * slack))
            * (k / n + n * step * step * tailSquares);
    return new RiskBound(k, bias, variance);
  }
}
