package org.halfulp.theory;

import org.halfulp.kernel.Perturbation;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;

/**
 * Conditional variance {@code additive + multiplicative u^2} of the error of a quantizer at the
 * value u, as the recursion takes it for Q_p, Q_a, Q_l and Q_o; Zhang, Su and Zou,
 * arXiv:2510.18259, assumptions on the quantizers.
 *
 * @param shared whether one random scale serves a whole vector
 */
public record ErrorVariance(double additive, double multiplicative, boolean shared) {
  private static final int SCALES = 16;

  /**
   * The variance of ideal noise; of a real quantizer, its mean over the place within a cell: of a
   * quantum squared 1/6 in fixed point, 1/12 to nearest, and for a float what it is of the square
   * of a Gaussian, over one octave of scales. Range and subnormals are left out, and so is that
   * rounding to nearest has an error that depends on the value.
   */
  public static ErrorVariance of(Perturbation p) {
    if (p instanceof Perturbation.Noise noise) {
      double e = noise.variance();
      return switch (noise.kind()) {
        case ADDITIVE -> new ErrorVariance(e, 0, false);
        case ELEMENTWISE -> new ErrorVariance(0, e, false);
        case SHARED -> new ErrorVariance(0, e, true);
      };
    }
    if (p instanceof Perturbation.Rounding rounding) {
      return of(rounding.quantizer());
    }
    return new ErrorVariance(0, 0, false);
  }

  private static ErrorVariance of(Quantizer q) {
    if (q.format() instanceof FixedFormat f) {
      double delta = Math.scalb(1.0, -f.fracBits());
      double part = q.draws() ? (1 + Math.scalb(1.0, -2 * q.randomBits())) / 6 : 1.0 / 12;
      return new ErrorVariance(delta * delta * part, 0, false);
    }
    FloatFormat f = (FloatFormat) q.format();
    Quantizer wide =
        new Quantizer(
            FloatFormat.of(11, f.fracBits(), Family.IEEE),
            q.rounding(),
            OverflowRule.FINITE,
            q.randomBits(),
            false);
    double sum = 0;
    for (int i = 0; i < SCALES; i++) {
      double variance = Math.pow(4, (double) i / SCALES);
      FeatureMoments moments = FeatureMoments.of(wide, variance);
      sum += (moments.second() - 2 * moments.cross() + variance) / variance;
    }
    return new ErrorVariance(0, sum / SCALES, false);
  }
}
