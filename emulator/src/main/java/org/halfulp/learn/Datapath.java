package org.halfulp.learn;

import java.util.Optional;
import java.util.stream.Stream;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Decoder;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;

/**
 * The description of a training step's arithmetic: everything that decides a bit. Quantizers that
 * are empty leave their tensor in binary64. Names after Zhang, Su and Zou, arXiv 2510.18259.
 *
 * @param data Qd, features, forwards and backwards
 * @param parameter Qp, weights as the forward product reads them
 * @param activation Qa, the forward product
 * @param label Ql
 * @param residual Qo, label minus activation
 * @param gradient Qg, the gradient as the update unit reads it
 * @param forward sum of the forward product
 * @param backward sum over the batch of the backward product
 * @param weight format, rounding and range of the stored weight
 * @param product rounding of {@code step*g} before the subtraction; empty: fused
 * @param step the step size's unsigned fixed format
 * @param momentum the velocity of the update; empty: none
 * @param mu the momentum factor's code; 0 without momentum
 * @param lanes streams of each stochastic quantizer, and lanes of the update unit
 * @param seed of every random stream
 */
public record Datapath(
    Optional<Quantizer> data,
    Optional<Quantizer> parameter,
    Optional<Quantizer> activation,
    Optional<Quantizer> label,
    Optional<Quantizer> residual,
    Optional<Quantizer> gradient,
    Accumulator forward,
    Accumulator backward,
    Optional<Quantizer> weight,
    Optional<Quantizer> product,
    FixedFormat step,
    Optional<Momentum> momentum,
    long mu,
    int lanes,
    long seed) {

  public Datapath {
    if (lanes < 1 || lanes > 64) {
      throw new IllegalArgumentException("lanes must be in [1, 64], got " + lanes);
    }
    if (product.isPresent() && weight.isEmpty()) {
      throw new IllegalArgumentException(
          "a product format needs a weight format: the update is in binary64 without one");
    }
    if (momentum.isPresent() && weight.isEmpty()) {
      throw new IllegalArgumentException(
          "momentum needs a weight format: the update is in binary64 without one");
    }
    if (momentum.isPresent() ? (mu & ~momentum.get().factor().mask()) != 0 : mu != 0) {
      throw new IllegalArgumentException(
          "the momentum factor's code must fit its format, and be 0 without momentum, got " + mu);
    }
    Stream.of(data, parameter, activation, label, residual, gradient, weight, product)
        .forEach(Datapath::checkExact);
    checkExact(momentum.map(Momentum::velocity));
    Stream.of(forward.sum(), forward.product(), backward.sum(), backward.product())
        .forEach(Datapath::checkExact);
  }

  /** Without momentum. */
  public Datapath(
      Optional<Quantizer> data,
      Optional<Quantizer> parameter,
      Optional<Quantizer> activation,
      Optional<Quantizer> label,
      Optional<Quantizer> residual,
      Optional<Quantizer> gradient,
      Accumulator forward,
      Accumulator backward,
      Optional<Quantizer> weight,
      Optional<Quantizer> product,
      FixedFormat step,
      int lanes,
      long seed) {
    this(
        data,
        parameter,
        activation,
        label,
        residual,
        gradient,
        forward,
        backward,
        weight,
        product,
        step,
        Optional.empty(),
        0,
        lanes,
        seed);
  }

  /** The same with other lanes and another seed. */
  public Datapath with(int otherLanes, long otherSeed) {
    return new Datapath(
        data,
        parameter,
        activation,
        label,
        residual,
        gradient,
        forward,
        backward,
        weight,
        product,
        step,
        momentum,
        mu,
        otherLanes,
        otherSeed);
  }

  /** The same with momentum. */
  public Datapath with(Momentum velocity, long factor) {
    return new Datapath(
        data,
        parameter,
        activation,
        label,
        residual,
        gradient,
        forward,
        backward,
        weight,
        product,
        step,
        Optional.of(velocity),
        factor,
        lanes,
        seed);
  }

  /** A step passes values between its parts as doubles. */
  private static void checkExact(Optional<Quantizer> quantizer) {
    quantizer
        .map(Quantizer::format)
        .filter(format -> !Decoder.isExact(format))
        .ifPresent(
            format -> {
              throw new IllegalArgumentException(
                  "a training step carries values in binary64, which does not hold every value of "
                      + format.name()
                      + "; fixed formats there have at most 53 bits, I at most 1024");
            });
  }

  /** Everything in binary64. */
  public static Datapath binary64() {
    Optional<Quantizer> none = Optional.empty();
    return new Datapath(
        none,
        none,
        none,
        none,
        none,
        none,
        Accumulator.binary64(),
        Accumulator.binary64(),
        none,
        none,
        new FixedFormat(false, 16, 16),
        1,
        0);
  }

  /** The update unit, if the weights are quantized; a gradient without a format is binary64. */
  public Optional<UpdateUnit> updateUnit() {
    Format g = gradient.map(Quantizer::format).orElse(FloatFormat.FLOAT64);
    return weight.map(w -> new UpdateUnit(w, g, product, step, momentum));
  }
}
