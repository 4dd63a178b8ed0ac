package org.halfulp.kernel;

import org.halfulp.number.FixedFormat;
import org.halfulp.number.Quantizer;

/**
 * The velocity of an update unit, {@code v <- Qv(mu*v + g)}; section 6.1 of the contract.
 *
 * @param velocity format, rounding and range rule of the velocities
 * @param factor unsigned fixed format of mu, width 1..16
 */
public record Momentum(Quantizer velocity, FixedFormat factor) {

  public Momentum {
    if (factor.signed() || factor.width() > 16) {
      throw new IllegalArgumentException(
          "the momentum factor's format must be unsigned fixed point of 1 to 16 bits, got "
              + factor.name());
    }
  }

  /** {@code "q2.10 rne saturate, mu uq0.8"}. */
  @Override
  public String toString() {
    return velocity + ", mu " + factor.name();
  }
}
