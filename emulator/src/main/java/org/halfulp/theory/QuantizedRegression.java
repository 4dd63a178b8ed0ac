package org.halfulp.theory;

import java.util.Arrays;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;

/**
 * Quantized one-pass SGD on Gaussian least squares, as theory sees it: {@code x ~ N(0,
 * diag(spectrum))}, {@code y = <target, x> + N(0, noise)}, and the moments and variances of the
 * five quantizers. Zhang, Su and Zou, arXiv:2510.18259, section 3.
 */
public final class QuantizedRegression {
  final double[] spectrum;
  final double[] target;
  final double noise;
  final FeatureMoments[] moments;
  final double crossThird; // E q_i^2 q_j x_j over (E q_i^2)(E q_j x_j) for i != j
  final double crossFourth; // E q_i^2 q_j^2 over (E q_i^2)(E q_j^2)
  final ErrorVariance parameter;
  final ErrorVariance activation;
  final ErrorVariance label;
  final ErrorVariance residual;

  /**
   * @param spectrum eigenvalues of E x x^T, positive
   * @param target w*, as long
   * @param noise variance sigma^2 of the labels, at least 0
   */
  public QuantizedRegression(
      double[] spectrum, double[] target, double noise, QuantizerSet quantizers) {
    if (spectrum.length == 0 || spectrum.length != target.length) {
      throw new IllegalArgumentException(
          "spectrum and target must have the same length of at least 1, got %d and %d"
              .formatted(spectrum.length, target.length));
    }
    if (!(noise >= 0 && noise <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("noise variance must be at least 0, got " + noise);
    }
    this.spectrum = spectrum.clone();
    this.target = target.clone();
    this.noise = noise;
    moments = new FeatureMoments[spectrum.length];
    for (int i = 0; i < moments.length; i++) {
      if (!(spectrum[i] > 0 && spectrum[i] <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "eigenvalue %d must be positive, got %s".formatted(i, spectrum[i]));
      }
      moments[i] =
          i > 0 && spectrum[i] == spectrum[i - 1]
              ? moments[i - 1]
              : FeatureMoments.of(quantizers.data(), spectrum[i]);
    }
    ErrorVariance data =
        quantizers.data() instanceof Perturbation.Noise
            ? ErrorVariance.of(quantizers.data())
            : new ErrorVariance(0, 0, false);
    double e = data.shared() ? data.multiplicative() : 0;
    crossThird = (1 + 3 * e) / (1 + e);
    crossFourth = (1 + 6 * e + 3 * e * e) / ((1 + e) * (1 + e));
    parameter = ErrorVariance.of(quantizers.parameter());
    activation = ErrorVariance.of(quantizers.activation());
    label = ErrorVariance.of(quantizers.label());
    residual = ErrorVariance.of(quantizers.residual());
  }

  public int dimension() {
    return spectrum.length;
  }

  public FeatureMoments moments(int i) {
    return moments[i];
  }

  /** Second moments of the quantized features, H_q. */
  public double[] second() {
    return Arrays.stream(moments).mapToDouble(FeatureMoments::second).toArray();
  }

  /** Moments E q x of quantized with true features. */
  public double[] cross() {
    return Arrays.stream(moments).mapToDouble(FeatureMoments::cross).toArray();
  }

  /** The minimizer {@code H_q^-1 C w*} on quantized features; 0 where a feature is always 0. */
  public double[] quantizedTarget() {
    double[] w = new double[target.length];
    for (int i = 0; i < w.length; i++) {
      double s = moments[i].second();
      w[i] = s > 0 ? moments[i].cross() * target[i] / s : 0;
    }
    return w;
  }

  /** Excess risk of {@link #quantizedTarget} on true features. */
  public double approximationOnTrueFeatures() {
    double[] w = quantizedTarget();
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum += spectrum[i] * (target[i] - w[i]) * (target[i] - w[i]);
    }
    return sum;
  }

  /**
   * Its excess risk when inference quantizes the features too: ApproxErr of Theorem 4.2, {@code
   * eps/(1+eps) ||w*||_H^2} for multiplicative noise.
   */
  public double approximationOnQuantizedFeatures() {
    double[] w = quantizedTarget();
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum += target[i] * (spectrum[i] * target[i] - moments[i].cross() * w[i]);
    }
    return sum;
  }

  /**
   * The largest step size with bounded second moments. For Gaussian features and additive noise it
   * solves {@code (gamma/B) sum_i S_i / (2 - gamma (1 + 1/B) S_i) = 1}.
   */
  public double stepLimit(int batch) {
    double low = 0;
    double high = 1;
    while (isStable(high, batch)) {
      low = high;
      high *= 2;
    }
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (isStable(middle, batch)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The recursion P <- D P + u v^T P, D diagonal: its radius is below 1 iff v (1-D)^-1 u is. */
  private boolean isStable(double step, int batch) {
    double parameterGain = 1 + parameter.multiplicative();
    double single =
        (1 + residual.multiplicative()) * (1 + activation.multiplicative()) * parameterGain;
    double pair = pairGain() * parameterGain;
    double sum = 0;
    for (FeatureMoments m : moments) {
      double s = m.second();
      if (s == 0) {
        continue;
      }
      double gain = step * step / batch;
      double decay =
          2 * step * s
              - gain * single * (m.k4() - crossFourth * s * s)
              - gain * (batch - 1) * pair * s * s;
      if (decay <= 0) {
        return false;
      }
      sum += gain * single * crossFourth * s * s / decay;
    }
    return sum < 1;
  }

  /** What shared scales of activations and residuals add to the product of two samples. */
  double pairGain() {
    return (1 + (residual.shared() ? residual.multiplicative() : 0))
        * (1 + (activation.shared() ? activation.multiplicative() : 0));
  }

  /** The recursion from weights 0. */
  public RiskRecursion recursion(double step, int batch) {
    return new RiskRecursion(this, step, batch, new double[spectrum.length]);
  }
}
