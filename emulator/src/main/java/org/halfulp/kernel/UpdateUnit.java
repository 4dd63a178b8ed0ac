package org.halfulp.kernel;

import java.util.Optional;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;

/**
 * The update unit {@code w <- Qw(w - step*g)} as data, and its exact meaning; section 6 of the
 * contract. With momentum the new velocity stands in the gradient's place.
 *
 * @param weight format, rounding and range rule of the weights
 * @param gradient format of the gradient operand
 * @param product rounds {@code step*g} before it is subtracted; empty for the fused unit
 * @param step unsigned fixed format of the step size, width 1..16
 * @param momentum the velocity kept beside each weight; empty: none
 */
public record UpdateUnit(
    Quantizer weight,
    Format gradient,
    Optional<Quantizer> product,
    FixedFormat step,
    Optional<Momentum> momentum) {

  public UpdateUnit {
    if (step.signed() || step.width() > 16) {
      throw new IllegalArgumentException(
          "the step's format must be unsigned fixed point of 1 to 16 bits, got " + step.name());
    }
  }

  /** Without momentum. */
  public UpdateUnit(
      Quantizer weight, Format gradient, Optional<Quantizer> product, FixedFormat step) {
    this(weight, gradient, product, step, Optional.empty());
  }

  /** The format of what is multiplied by the step: the velocity's with momentum. */
  public Format direction() {
    return momentum.map(m -> m.velocity().format()).orElse(gradient);
  }

  /**
   * One weight's new velocity on exact values.
   *
   * @param v velocity code, {@code g} gradient code, {@code mu} the factor's code
   * @param rv draw of the velocity's rounding
   */
  public Rounded velocityExactly(long v, long g, long mu, long rv) {
    Momentum m = momentum.orElseThrow();
    Real before = m.velocity().format().decode(v);
    return Arithmetic.fma(m.factor().decode(mu), before, gradient.decode(g), m.velocity(), rv);
  }

  /**
   * One weight's update on exact values: the slow twin of {@link SgdUpdate}.
   *
   * @param w weight code, {@code s} step code
   * @param g code of the gradient, or of the new velocity with momentum
   * @param r draw of the weight's rounding, {@code rp} of the product's
   */
  public Rounded exactly(long w, long g, long s, long r, long rp) {
    Real minusStep = step.decode(s).negate();
    Real gradientValue = direction().decode(g);
    Real weightValue = weight.format().decode(w);
    if (product.isEmpty()) {
      return Arithmetic.fma(minusStep, gradientValue, weightValue, weight, r);
    }
    Rounded p = Arithmetic.mul(step.decode(s), gradientValue, product.get(), rp);
    Real rounded = product.get().format().decode(p.code());
    Rounded result = Arithmetic.add(weightValue, rounded.negate(), weight, r);
    return new Rounded(result.code(), result.flags() | p.flags());
  }

  /** {@code "q2.10 sr(12) saturate, gradient float8_e5m2, step uq0.8, fused"}. */
  @Override
  public String toString() {
    return weight
        + ", gradient "
        + gradient.name()
        + ", step "
        + step.name()
        + product.map(p -> ", product " + p).orElse(", fused")
        + momentum.map(m -> ", velocity " + m).orElse("");
  }
}
