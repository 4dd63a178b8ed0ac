package org.halfulp.kernel;

import org.halfulp.number.Quantizer;

/** What a tensor goes through where a design may quantize it: nothing, a format, or ideal noise. */
public sealed interface Perturbation {
  Perturbation NONE = new None();

  /** Zero-mean noise of the theory. */
  static Perturbation additive(double variance) {
    return new Noise(Kind.ADDITIVE, variance);
  }

  static Perturbation elementwise(double variance) {
    return new Noise(Kind.ELEMENTWISE, variance);
  }

  static Perturbation shared(double variance) {
    return new Noise(Kind.SHARED, variance);
  }

  /** Rounding by {@code quantizer}. */
  static Perturbation of(Quantizer quantizer) {
    return new Rounding(quantizer);
  }

  /** The tensor stays binary64. */
  record None() implements Perturbation {
    @Override
    public String toString() {
      return "none";
    }
  }

  /** Real rounding to a real format. */
  record Rounding(Quantizer quantizer) implements Perturbation {
    @Override
    public String toString() {
      return quantizer.toString();
    }
  }

  /** How the noise scales; Zhang, Su and Zou, arXiv:2510.18259, assumptions on the quantizers. */
  enum Kind {
    /** Covariance {@code variance * I}: fixed point, ideally. */
    ADDITIVE("add"),
    /** Covariance {@code variance * diag(x_i^2)}: each element of a float tensor by itself. */
    ELEMENTWISE("mul"),
    /** Covariance {@code variance * x x^T}, to the letter: one random scale a vector. */
    SHARED("shared");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    @Override
    public String toString() {
      return label;
    }
  }

  /**
   * Gaussian noise that depends on nothing but the value.
   *
   * @param variance epsilon, at least 0
   */
  record Noise(Kind kind, double variance) implements Perturbation {
    public Noise {
      if (!(variance >= 0 && variance <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "noise variance must be finite and at least 0, got " + variance);
      }
    }

    @Override
    public String toString() {
      return kind + ":" + variance;
    }
  }
}
