package org.halfulp.theory;

import java.util.function.ToDoubleFunction;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;

/**
 * Fraction bits m of a float whose ideal noise {@code 2^-2m} on the features gives the risk of the
 * averaged iterate that fixed point has with b bits, {@code 2^-2b}. Corollary 4.3 of Zhang, Su and
 * Zou, arXiv:2510.18259, states {@code m >= b - (a/2) log2 d} for the spectrum {@code i^-a}: enough
 * in the worst case; this is what it takes after finitely many steps.
 *
 * @param savedOnTrueFeatures b - m at equal risk on true features
 * @param savedOnQuantizedFeatures the same when inference quantizes them too
 */
public record BitsAtEqualRisk(double savedOnTrueFeatures, double savedOnQuantizedFeatures) {

  public static BitsAtEqualRisk of(
      double[] spectrum,
      double[] target,
      double noise,
      double step,
      int batch,
      long steps,
      double fixedBits) {
    ToDoubleFunction<RiskRecursion> onTrue = RiskRecursion::average;
    ToDoubleFunction<RiskRecursion> onQuantized = RiskRecursion::averageOnQuantizedFeatures;
    RiskRecursion fixed =
        run(
            spectrum,
            target,
            noise,
            step,
            batch,
            steps,
            Perturbation.additive(variance(fixedBits)));
    double[] saved = new double[2];
    for (int i = 0; i < 2; i++) {
      ToDoubleFunction<RiskRecursion> risk = i == 0 ? onTrue : onQuantized;
      double wanted = risk.applyAsDouble(fixed);
      double exact =
          risk.applyAsDouble(run(spectrum, target, noise, step, batch, steps, Perturbation.NONE));
      // the excess is nearly proportional to the variance: a few rounds of scaling it
      double variance = variance(fixedBits);
      for (int round = 0; round < 20; round++) {
        Perturbation noiseOfFloat = Perturbation.elementwise(variance);
        double got =
            risk.applyAsDouble(run(spectrum, target, noise, step, batch, steps, noiseOfFloat));
        double ratio = (wanted - exact) / (got - exact);
        if (!(ratio > 0)) {
          throw new IllegalArgumentException(
              "no float noise gives the risk %s of %s fixed-point bits; without noise it is %s"
                  .formatted(wanted, fixedBits, exact));
        }
        variance = Math.min(1, variance * ratio);
        if (Math.abs(ratio - 1) < 1e-4) {
          break;
        }
      }
      saved[i] = fixedBits + Math.log(variance) / Math.log(4);
    }
    return new BitsAtEqualRisk(saved[0], saved[1]);
  }

  private static double variance(double bits) {
    return Math.pow(4, -bits);
  }

  private static RiskRecursion run(
      double[] spectrum,
      double[] target,
      double noise,
      double step,
      int batch,
      long steps,
      Perturbation data) {
    return new QuantizedRegression(spectrum, target, noise, QuantizerSet.dataOnly(data))
        .recursion(step, batch)
        .to(steps);
  }
}
