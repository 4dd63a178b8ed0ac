package org.halfulp.learn;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.function.IntToDoubleFunction;

/**
 * Differentially quantized gradient methods, DQ-GD, DQ-AGD and DQ-HB, and the same without
 * quantization: the worker takes the gradient where the unquantized method would be, which it knows
 * since it knows its own errors, and sends it less the error to come.
 *
 * <p>Lin, Kostina and Hassibi, arXiv 2002.02508v3, algorithms 1, 2, 3 and 5. Lemmas B.1, B.4 and
 * B.7: {@link #point} is the unquantized iterate.
 */
public final class DifferentialDescent implements Descent {
  /** What the server does with a gradient. */
  public enum Form {
    GD,
    AGD,
    HB
  }

  private final LeastSquares f;
  private final Form form;
  private final IntToDoubleFunction stepSize;
  private final double gamma;
  private final UniformQuantizer quantizer; // null: none
  private final DoubleSupplier ranges;

  private final double[] x; // the server's iterate x^_t
  private final double[] last; // HB x^_{t-1}, AGD y^_t
  private final double[] z;
  private final double[] u;
  private final double[] q;
  private double[] e; // e_{t-1}
  private double[] before; // e_{t-2}
  private double lastStep; // eta_{t-1}
  private int t;

  private DifferentialDescent(
      LeastSquares f,
      double[] start,
      Form form,
      IntToDoubleFunction stepSize,
      double gamma,
      UniformQuantizer quantizer,
      DoubleSupplier ranges) {
    int n = f.columns();
    if (start.length != n) {
      throw new IllegalArgumentException(
          "the start has %d coordinates, the problem %d".formatted(start.length, n));
    }
    if (!(gamma >= 0 && gamma < 1) || form == Form.GD && gamma != 0) {
      throw new IllegalArgumentException(
          "the momentum must be in [0, 1), and 0 for GD; got %s for %s".formatted(gamma, form));
    }
    this.f = f;
    this.form = form;
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.quantizer = quantizer;
    this.ranges = ranges;
    x = start.clone();
    last = start.clone();
    z = new double[n];
    u = new double[n];
    q = new double[n];
    e = new double[n];
    before = new double[n];
  }

  /** A method without quantization. */
  public static DifferentialDescent unquantized(
      LeastSquares f, double[] start, Form form, double stepSize, double gamma) {
    checkStep(stepSize);
    return new DifferentialDescent(f, start, form, t -> stepSize, gamma, null, null);
  }

  /**
   * A differentially quantized method; algorithms 1, 2, 3.
   *
   * @param ranges gives r_0, r_1, ... and is this run's own
   */
  public static DifferentialDescent quantized(
      LeastSquares f,
      double[] start,
      Form form,
      double stepSize,
      double gamma,
      UniformQuantizer quantizer,
      DoubleSupplier ranges) {
    checkStep(stepSize);
    return new DifferentialDescent(f, start, form, t -> stepSize, gamma, quantizer, ranges);
  }

  /**
   * DQ-GD whose step size changes; algorithm 5.
   *
   * @param stepSize eta_t, positive
   * @param quantizer null for no quantization, {@code ranges} too
   */
  public static DifferentialDescent varying(
      LeastSquares f,
      double[] start,
      IntToDoubleFunction stepSize,
      UniformQuantizer quantizer,
      DoubleSupplier ranges) {
    return new DifferentialDescent(f, start, Form.GD, stepSize, 0, quantizer, ranges);
  }

  private static void checkStep(double eta) {
    if (!(eta > 0 && eta <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("the step size must be positive, got " + eta);
    }
  }

  @Override
  public void step() {
    double eta = stepSize.applyAsDouble(t);
    checkStep(eta);
    double ratio = lastStep == eta ? 1 : lastStep / eta; // in the first step e is 0
    int n = x.length;
    for (int i = 0; i < n; i++) {
      double c = e[i] + gamma * (e[i] - before[i]);
      z[i] = x[i] + (form == Form.AGD ? eta * c : lastStep * e[i]);
    }
    f.gradient(z, u);
    for (int i = 0; i < n; i++) {
      u[i] -= ratio * e[i] + gamma * (e[i] - before[i]);
    }
    if (quantizer == null) {
      System.arraycopy(u, 0, q, 0, n);
    } else {
      quantizer.quantize(u, ranges.getAsDouble(), q);
    }
    double[] next = before;
    for (int i = 0; i < n; i++) {
      next[i] = q[i] - u[i];
      double moved = x[i] - eta * q[i];
      if (form == Form.AGD) {
        x[i] = moved + gamma * (moved - last[i]);
        last[i] = moved;
      } else {
        double here = x[i];
        x[i] = moved + gamma * (here - last[i]);
        last[i] = here;
      }
    }
    before = e;
    e = next;
    lastStep = eta;
    t++;
  }

  @Override
  public double[] estimate() {
    return form == Form.AGD ? last : x;
  }

  /** Where the last step took its gradient, z_t, for reading. */
  public double[] point() {
    return z;
  }

  /** The last step's quantization error e_t. */
  public double[] error() {
    return Arrays.copyOf(e, e.length);
  }

  @Override
  public long saturations() {
    return quantizer == null ? 0 : quantizer.saturations();
  }

  @Override
  public double overload() {
    return quantizer == null ? 1 : quantizer.overload();
  }
}
