package org.halfulp.learn;

import java.util.Optional;
import java.util.stream.Stream;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Decoder;
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
    Stream.of(data, parameter, activation, label, residual, gradient, weight, product)
        .forEach(Datapath::checkExact);
    Stream.of(forward.sum(), forward.product(), backward.sum(), backward.product())
        .forEach(Datapath::checkExact);
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
    return weight.map(w -> new UpdateUnit(w, g, product, step));
  }
}
