package org.halfulp.theory;

import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/**
 * The integrals behind {@link FeatureMoments}: the line is walked from -inf up, cell by cell, in
 * units of the standard deviation. On each piece {@code E[q^n | x] = at0[n] + at1[n] x}.
 */
final class QuantizedNormal {
  /** What lies beyond has mass 2e-23. */
  private static final double REACH = 10;

  /** Cells of this width or less are taken together. */
  private static final double FINE = 1.0 / 64;

  /** Steps of a stochastic rounding's probability wider than this are taken one by one. */
  private static final double FINE_STAIR = 1.0 / 16;

  private final double sd;
  private final boolean stochastic;
  private final double draws; // 2^randomBits
  private double at = Double.NEGATIVE_INFINITY;
  private double density;
  private double distribution;
  private final double[] t = new double[5]; // integrals of u^n over the piece
  private final double[] end = new double[5]; // u^n times the density, upper minus lower end
  private final double[] at0 = new double[5];
  private final double[] at1 = new double[5];
  private double second;
  private double cross;
  private double k22;
  private double k31;
  private double k4;

  QuantizedNormal(Quantizer quantizer, double sd) {
    this.sd = sd;
    RoundingMode mode = quantizer.rounding();
    stochastic = mode == RoundingMode.SR;
    draws = stochastic ? Math.scalb(1.0, quantizer.randomBits()) : 1;
    switch (mode) {
      case SR, RNE, RNA, HALF_UP, HALF_DOWN, HALF_ZERO -> {}
      default ->
          throw new IllegalArgumentException(
              "moments are known for sr and the nearest modes, not for rounding " + mode);
    }
    if (quantizer.format() instanceof FloatFormat f) {
      walkFloat(quantizer, f);
    } else {
      walkFixed(quantizer, (FixedFormat) quantizer.format());
    }
  }

  FeatureMoments moments() {
    double v = sd * sd;
    return new FeatureMoments(second * v, k22 * v * v, k31 * v * v, k4 * v * v, cross * v);
  }

  private void walkFixed(Quantizer quantizer, FixedFormat f) {
    double delta = Math.scalb(1.0, -f.fracBits()) / sd;
    double least = f.signed() ? -Math.scalb(1.0, f.width() - 1) : 0;
    if (f.signed() && quantizer.overflow() == OverflowRule.SYMMETRIC) {
      least++;
    }
    double most = Math.scalb(1.0, f.signed() ? f.width() - 1 : f.width()) - 1;
    boolean inRange = least * delta <= -REACH && most * delta >= REACH;
    if (quantizer.overflow() == OverflowRule.WRAP && !inRange) {
      throw new IllegalArgumentException(
          "%s wraps within %.0f standard deviations of %s; choose saturate or more integer bits"
              .formatted(f.name(), REACH, sd));
    }
    constant(clip(least * delta), least * delta);
    cells(least, most, delta, false);
    constant(clip(most * delta), Double.POSITIVE_INFINITY);
  }

  private void walkFloat(Quantizer quantizer, FloatFormat f) {
    if (!f.signed() || !f.hasZero() || f.daz()) {
      throw new IllegalArgumentException(
          f.name() + " has no moments here: it needs a sign, a zero and subnormals that are read");
    }
    double largest = f.toDouble(f.maxFinite()) / sd;
    if (quantizer.overflow() == OverflowRule.NONE
        && (f.hasInfinity() || f.hasNan())
        && largest < REACH) {
      throw new IllegalArgumentException(
          "%s overflows within %.0f standard deviations of %s; choose the range rule finite"
              .formatted(f.name(), REACH, sd));
    }
    int m = f.fracBits();
    double whole = Math.scalb(1.0, m);
    int tiny = Math.getExponent(sd) - 20; // below it nothing matters
    int first = Math.max(f.emin(), tiny);
    boolean coarse = f.emin() >= tiny && !f.subnormals();
    int last = first;
    while (last < f.emax() && Math.scalb(1.0, last + 1) / sd < REACH) {
      last++;
    }
    constant(clip(-largest), -Math.min(largest, Math.scalb(1.0, last + 1) / sd));
    for (int e = last; e >= first; e--) {
      double delta = Math.scalb(1.0, e - m) / sd;
      double top = Math.min(2 * whole, Math.rint(largest / delta));
      cells(-top, -whole, delta, true);
    }
    double unit = Math.scalb(1.0, coarse ? first : first - m) / sd;
    double inside = Math.min(coarse ? 1 : whole, Math.rint(largest / unit));
    cells(-inside, 0, unit, true);
    cells(0, inside, unit, false);
    for (int e = first; e <= last; e++) {
      double delta = Math.scalb(1.0, e - m) / sd;
      cells(whole, Math.min(2 * whole, Math.rint(largest / delta)), delta, false);
    }
    constant(clip(largest), Double.POSITIVE_INFINITY);
  }

  /**
   * The cells between {@code from * delta} and {@code to * delta}; mirrored ones grow downwards.
   */
  private void cells(double from, double to, double delta, boolean mirrored) {
    double low = Math.max(from, Math.floor(-REACH / delta));
    double high = Math.min(to, Math.ceil(REACH / delta));
    if (low >= high) {
      return;
    }
    if (at < low * delta) {
      advance(low * delta);
    }
    if (delta <= FINE) {
      together(high * delta, delta, mirrored);
      return;
    }
    for (double k = low; k < high; k++) {
      double below = k * delta;
      double above = (k + 1) * delta;
      if (!stochastic) {
        constant(below, (k + 0.5) * delta);
        constant(above, above);
      } else if (delta / draws > FINE_STAIR) {
        stairs(below, above, delta / draws, mirrored);
      } else {
        ramp(below, above, mirrored);
      }
    }
  }

  /** {@code q = value} up to {@code to}. */
  private void constant(double value, double to) {
    if (!(to > at)) {
      return;
    }
    advance(to);
    mix(value, value, 0, 0);
    add();
  }

  /** Each value of the probability by itself. */
  private void stairs(double below, double above, double width, boolean mirrored) {
    double first = Math.max(0, Math.floor((-REACH - below) / width));
    double last = Math.min(draws, Math.ceil((REACH - below) / width));
    for (double j = first; j < last; j++) {
      double p = (mirrored ? j + 1 : j) / draws;
      advance(below + (j + 1) * width);
      mix(below, above, p, 0);
      add();
    }
    advance(above);
  }

  /** The probability as a line, and what its steps add at the ends of the cell. */
  private void ramp(double below, double above, boolean mirrored) {
    double delta = above - below;
    double bias = (mirrored ? 0.5 : -0.5) / draws;
    advance(above);
    mix(below, above, bias - below / delta, 1 / delta);
    add();
    double stair = delta / draws;
    endTerms(-stair * stair / 12, (n, k) -> (power(above, n) - power(below, n)) / delta, 0);
  }

  /** A run of narrow cells: the error's moments over a cell, and the first end term. */
  private void together(double to, double delta, boolean mirrored) {
    advance(to);
    double m1;
    double m2;
    double m3;
    double m4;
    double endTerm;
    if (stochastic) {
      double bias = (mirrored ? 0.5 : -0.5) / draws;
      m1 = bias * delta;
      m2 = delta * delta * (1 + 1 / (draws * draws)) / 6;
      m3 = bias / 2 * power(delta, 3);
      m4 = power(delta, 4) / 15;
      endTerm = -delta * delta / (draws * draws) / 12;
    } else {
      m1 = 0;
      m2 = delta * delta / 12;
      m3 = 0;
      m4 = power(delta, 4) / 80;
      endTerm = delta * delta / 24;
    }
    second += t[2] + 2 * m1 * t[1] + m2 * t[0];
    cross += t[2] + m1 * t[1];
    k22 += t[4] + 2 * m1 * t[3] + m2 * t[2];
    k31 += t[4] + 3 * m1 * t[3] + 3 * m2 * t[2] + m3 * t[1];
    k4 += t[4] + 4 * m1 * t[3] + 6 * m2 * t[2] + 4 * m3 * t[1] + m4 * t[0];
    endTerms(endTerm, (n, k) -> n, 1);
  }

  private interface Slope {
    double of(int n, int k);
  }

  /** Adds {@code c} times the difference between the ends of d E[q^n] / d error, times u^k. */
  private void endTerms(double c, Slope slope, int powers) {
    second += c * slope.of(2, 0) * end[powers];
    cross += c * slope.of(1, 1) * end[1];
    k22 += c * slope.of(2, 2) * end[2 + powers];
    k31 += c * slope.of(3, 1) * end[1 + 2 * powers];
    k4 += c * slope.of(4, 0) * end[3 * powers];
  }

  /** {@code q} is {@code above} with probability {@code p + slope u}, else {@code below}. */
  private void mix(double below, double above, double p, double slope) {
    double low = 1;
    double high = 1;
    for (int n = 1; n <= 4; n++) {
      low *= below;
      high *= above;
      at0[n] = low + p * (high - low);
      at1[n] = slope * (high - low);
    }
  }

  private void add() {
    second += at0[2] * t[0] + at1[2] * t[1];
    cross += at0[1] * t[1] + at1[1] * t[2];
    k22 += at0[2] * t[2] + at1[2] * t[3];
    k31 += at0[3] * t[1] + at1[3] * t[2];
    k4 += at0[4] * t[0] + at1[4] * t[1];
  }

  /** The integrals of the piece from where the walk stands to {@code to}. */
  private void advance(double to) {
    double a = Double.isInfinite(at) ? 0 : at; // only multiplies a density of 0
    double b = Double.isInfinite(to) ? 0 : to;
    double upper = Double.isInfinite(to) ? 0 : density(to);
    double mass = Double.isInfinite(to) ? 1 : distribution(to, upper);
    double low = density;
    double high = upper;
    for (int n = 0; n < 5; n++) {
      end[n] = high - low;
      low *= a;
      high *= b;
    }
    t[0] = mass - distribution;
    t[1] = -end[0];
    t[2] = t[0] - end[1];
    t[3] = 2 * t[1] - end[2];
    t[4] = 3 * t[2] - end[3];
    at = to;
    density = upper;
    distribution = mass;
  }

  /** An end of the range; beyond reach its mass is nothing, its fourth power may not be. */
  private static double clip(double value) {
    return Math.max(-REACH - 1, Math.min(REACH + 1, value));
  }

  private static double power(double x, int n) {
    double y = x;
    for (int i = 1; i < n; i++) {
      y *= x;
    }
    return y;
  }

  static double density(double u) {
    return Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI);
  }

  /** The normal distribution function: its series about 0, a continued fraction in the tails. */
  static double distribution(double u, double density) {
    double x = Math.abs(u);
    if (x < 3) {
      double term = u;
      double sum = u;
      for (int n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
        term *= u * u / n;
        sum += term;
      }
      return 0.5 + density * sum;
    }
    double fraction = x;
    for (int n = 60; n >= 1; n--) {
      fraction = x + n / fraction;
    }
    double tail = density / fraction;
    return u > 0 ? 1 - tail : tail;
  }
}
