package org.halfulp.learn;

/**
 * Least squares on fresh Gaussian samples, as many as one asks for: {@code x ~ N(0,
 * diag(spectrum))}, {@code y = <target, x> + N(0, noise)}. The model of Zhang, Su and Zou,
 * arXiv:2510.18259, section 3, in the eigenbasis of its covariance.
 *
 * @param spectrum eigenvalues of the covariance, each positive, length d
 * @param target w*, length d
 * @param noise variance sigma^2 of the labels, at least 0
 */
public record GaussianProblem(double[] spectrum, double[] target, double noise) {
  public GaussianProblem {
    if (spectrum.length == 0 || spectrum.length != target.length) {
      throw new IllegalArgumentException(
          "spectrum and target must have the same length of at least 1, got %d and %d"
              .formatted(spectrum.length, target.length));
    }
    for (int i = 0; i < spectrum.length; i++) {
      if (!(spectrum[i] > 0 && spectrum[i] <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "eigenvalue %d must be positive, got %s".formatted(i, spectrum[i]));
      }
      if (!Double.isFinite(target[i])) {
        throw new IllegalArgumentException(
            "target weight %d must be finite, got %s".formatted(i, target[i]));
      }
    }
    if (!(noise >= 0 && noise <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("noise variance must be at least 0, got " + noise);
    }
  }

  /** Eigenvalues {@code i^-a}, i from 1 to d. */
  public static double[] powerLaw(int d, double a) {
    double[] spectrum = new double[d];
    for (int i = 0; i < d; i++) {
      spectrum[i] = Math.pow(i + 1, -a);
    }
    return spectrum;
  }

  public int dimension() {
    return spectrum.length;
  }

  /**
   * Excess risk of {@code w} when inference sees features q in place of x: {@code E(<q, w> - <x,
   * w*>)^2} for {@code E q^2 = second}, {@code E q x = cross}, coordinate by coordinate. With the
   * spectrum for both, {@code ||w - w*||_H^2}.
   */
  public double risk(double[] w, double[] second, double[] cross) {
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum +=
          second[i] * w[i] * w[i]
              - 2 * cross[i] * w[i] * target[i]
              + spectrum[i] * target[i] * target[i];
    }
    return sum;
  }
}
