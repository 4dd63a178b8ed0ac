package org.halfulp.learn;

import java.util.function.DoubleUnaryOperator;

/** What a layer of random features applies to each of its sums. */
public enum Activation implements DoubleUnaryOperator {
  TANH {
    @Override
    public double applyAsDouble(double z) {
      return Math.tanh(z);
    }
  },
  /** +1 for zero, of either sign. */
  SIGN {
    @Override
    public double applyAsDouble(double z) {
      return z >= 0 ? 1 : -1;
    }
  },
  /** max(z, 0) less its mean over a standard normal z, {@code 1 / sqrt(2 pi)}. */
  RELU {
    private static final double MEAN = 0.3989422804014327;

    @Override
    public double applyAsDouble(double z) {
      return Math.max(z, 0) - MEAN;
    }
  }
}
