package org.halfulp.theory;

import java.util.function.DoubleUnaryOperator;

/**
 * What an activation does to a normal variable: {@code act(sqrt(r) z)} looks like {@code mean +
 * linear sqrt(r) z + noise}, z standard normal.
 *
 * @param mean E act
 * @param linear {@code k1 = E[act z] / sqrt(r)}
 * @param residual {@code ks^2 = E act^2 - (E act)^2 - r k1^2}, at least 0
 */
record ActivationMoments(double mean, double linear, double residual) {
  private static final double REACH = 12;
  private static final int PANELS = 60; // to each side of 0, where activations have their kinks
  private static final double[] NODES = { // of Gauss and Legendre on [-1, 1], five points
    -Math.sqrt(5 + 2 * Math.sqrt(10 / 7.0)) / 3,
    -Math.sqrt(5 - 2 * Math.sqrt(10 / 7.0)) / 3,
    0,
    Math.sqrt(5 - 2 * Math.sqrt(10 / 7.0)) / 3,
    Math.sqrt(5 + 2 * Math.sqrt(10 / 7.0)) / 3
  };
  private static final double[] WEIGHTS = {
    (322 - 13 * Math.sqrt(70)) / 900,
    (322 + 13 * Math.sqrt(70)) / 900,
    128 / 225.0,
    (322 + 13 * Math.sqrt(70)) / 900,
    (322 - 13 * Math.sqrt(70)) / 900
  };

  /**
   * Integrates it.
   *
   * @param r variance of the argument, positive
   */
  static ActivationMoments of(DoubleUnaryOperator activation, double r) {
    if (!(r > 0 && r <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "an activation's argument must have positive variance, got " + r);
    }
    double half = REACH / PANELS / 2;
    double root = Math.sqrt(r);
    double mass = 0;
    double mean = 0;
    double cross = 0;
    double square = 0;
    for (int panel = -PANELS; panel < PANELS; panel++) {
      for (int k = 0; k < NODES.length; k++) {
        double z = (2 * panel + 1 + NODES[k]) * half;
        double w = WEIGHTS[k] * half * QuantizedNormal.density(z);
        double a = activation.applyAsDouble(root * z);
        mass += w;
        mean += w * a;
        cross += w * a * z;
        square += w * a * a;
      }
    }
    if (!(Math.abs(square) <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "the activation has no finite second moment at variance " + r);
    }
    assert Math.abs(mass - 1) < 1e-12 : mass;
    double linear = cross / root;
    return new ActivationMoments(
        mean, linear, Math.max(0, square - mean * mean - r * linear * linear));
  }
}
