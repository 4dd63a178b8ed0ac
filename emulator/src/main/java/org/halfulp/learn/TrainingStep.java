package org.halfulp.learn;

import java.util.Arrays;
import java.util.Optional;
import org.halfulp.kernel.Decoder;
import org.halfulp.kernel.DotProduct;
import org.halfulp.kernel.Rounder;
import org.halfulp.kernel.Streams;
import org.halfulp.kernel.TensorQuantizer;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;

/**
 * One step of quantized mini-batch SGD on linear least squares,
 *
 * <p>{@code w <- w + (eta/B) Qd(X)^T Qo( Ql(y) - Qa( Qd(X) Qp(w) ) )},
 *
 * <p>in the order of section 7 of the contract (Zhang, Su and Zou, arXiv 2510.18259, section 3).
 * Holds the weights and the random streams; not thread-safe.
 *
 * <p>RTL twin: {@code linear_step.v}, bit for bit. Slow twin: {@link PlainStep}.
 */
public final class TrainingStep implements Step {
  private final int d;
  private final int batch;
  private final Datapath datapath;
  private final WeightUpdate update; // null: the weights are binary64
  private final Decoder weightDecoder;
  private final long stepCode;
  private final double stepSize;

  private final TensorQuantizer data;
  private final TensorQuantizer parameter;
  private final TensorQuantizer label;
  private final TensorQuantizer residual;
  private final DotProduct forward;
  private final DotProduct backward;

  private final double[] w; // values
  private final long[] codes; // null: the weights are binary64
  private final double[] xq;
  private final double[] wq;
  private final double[] a;
  private final double[] l;
  private final double[] o;
  private final double[] g;
  private final long[] gCodes;
  private final Rounder weightRounder; // null: the weights are binary64
  private boolean codesLag; // behind the values
  private boolean prepared; // the data are quantized

  /**
   * Starts from weights of code 0, which is zero where the format has it.
   *
   * @param d number of features
   * @param batch rows B of a step
   * @param eta the step size; {@code eta/B} must be exact in the step's format
   * @param update what updates the weight codes; unused when the weights are binary64
   */
  public TrainingStep(Datapath datapath, int d, int batch, double eta, WeightUpdate update) {
    this.d = d;
    this.batch = batch;
    this.datapath = datapath;
    Optional<UpdateUnit> unit = datapath.updateUnit();
    this.update = unit.isPresent() ? update : null;
    this.stepCode = unit.isPresent() ? stepCode(datapath, eta, batch) : 0;
    this.stepSize = eta / batch;
    long seed = datapath.seed();
    int lanes = datapath.lanes();
    data = new TensorQuantizer(datapath.data().orElse(null), seed, Streams.DATA, lanes);
    parameter =
        new TensorQuantizer(datapath.parameter().orElse(null), seed, Streams.PARAMETER, lanes);
    label = new TensorQuantizer(datapath.label().orElse(null), seed, Streams.LABEL, lanes);
    residual = new TensorQuantizer(datapath.residual().orElse(null), seed, Streams.RESIDUAL, lanes);
    TensorQuantizer activation =
        new TensorQuantizer(datapath.activation().orElse(null), seed, Streams.ACTIVATION, lanes);
    TensorQuantizer gradient =
        new TensorQuantizer(datapath.gradient().orElse(null), seed, Streams.GRADIENT, lanes);
    forward =
        new DotProduct(
            datapath.forward(),
            format(datapath.data()),
            format(datapath.parameter()),
            seed,
            lanes,
            Streams.FORWARD_SUM,
            Streams.FORWARD_PRODUCT,
            activation.rounder(),
            activation.streams());
    backward =
        new DotProduct(
            datapath.backward(),
            format(datapath.data()),
            format(datapath.residual()),
            seed,
            lanes,
            Streams.BACKWARD_SUM,
            Streams.BACKWARD_PRODUCT,
            gradient.rounder(),
            gradient.streams());
    backward.sameMatrixAs(forward);
    w = new double[d];
    codes = unit.isPresent() ? new long[d] : null;
    weightRounder = unit.map(u -> new Rounder(u.weight())).orElse(null);
    weightDecoder = unit.map(u -> Decoder.of(u.weight().format())).orElse(null);
    if (codes != null) {
      Arrays.fill(w, weightDecoder.value(0));
    }
    xq = new double[batch * d];
    wq = new double[d];
    a = new double[batch];
    l = new double[batch];
    o = new double[batch];
    g = new double[d];
    gCodes = new long[d];
  }

  /** See {@link DotProduct#threads}. */
  public TrainingStep threads(int most) {
    forward.threads(most);
    backward.threads(most);
    return this;
  }

  private static Format format(Optional<Quantizer> quantizer) {
    return quantizer.map(Quantizer::format).orElse(null);
  }

  /**
   * The code of {@code eta/B} in the step's format.
   *
   * @throws IllegalArgumentException unless it is exact, naming the nearest values that are
   */
  public static long stepCode(Datapath datapath, double eta, int batch) {
    Quantizer down = new Quantizer(datapath.step(), RoundingMode.RDN);
    Rounded lower = Arithmetic.div(Real.of(eta), Real.of(batch, 0), down, 0);
    if (lower.flags() != 0 || lower.code() == 0) {
      Quantizer up = new Quantizer(datapath.step(), RoundingMode.RUP);
      Rounded upper = Arithmetic.div(Real.of(eta), Real.of(batch, 0), up, 0);
      throw new IllegalArgumentException(
          ("step size %s over batch %d is not a positive value of the step format %s (around it: %s"
                  + " and %s); choose another step size, batch or step format")
              .formatted(
                  eta,
                  batch,
                  datapath.step().name(),
                  datapath.step().toDouble(lower.code()),
                  datapath.step().toDouble(upper.code())));
    }
    return lower.code();
  }

  @Override
  public double[] prepared(double[] x) {
    if (datapath.data().isEmpty() || datapath.data().get().draws()) {
      return x;
    }
    double[] quantized = new double[x.length];
    data.quantize(x, quantized, x.length);
    prepared = true;
    return quantized;
  }

  @Override
  public void run(double[] x, double[] y) {
    double[] rows = x;
    if (!prepared) {
      data.quantize(x, xq, batch * d);
      rows = xq;
    }
    parameter.quantize(w, wq, d);
    forward.run(rows, d, 1, wq, batch, d, false, a, null);
    label.quantize(y, l, batch);
    residual.quantizeDifference(l, a, o, batch);
    boolean values = codes == null || update.takesValues();
    backward.run(rows, 1, d, o, d, batch, true, g, values ? null : gCodes);
    if (codes == null) {
      for (int j = 0; j < d; j++) {
        w[j] = Math.fma(-stepSize, g[j], w[j]);
      }
    } else if (values) {
      update.updateValues(w, g, stepCode);
      codesLag = true;
    } else {
      updateCodes();
    }
  }

  private void updateCodes() {
    if (datapath.gradient().isEmpty()) {
      for (int j = 0; j < d; j++) {
        gCodes[j] = Double.doubleToLongBits(g[j]);
      }
    }
    update.update(codes, gCodes, stepCode);
    for (int j = 0; j < d; j++) {
      w[j] = weightDecoder.value(codes[j]);
    }
  }

  /** The residuals Qo of the last step, length B; a live view, not to be written. */
  public double[] residuals() {
    return o;
  }

  @Override
  public double[] weights() {
    return w;
  }

  @Override
  public long[] weightCodes() {
    if (codesLag) {
      Rounder rounder = weightRounder;
      for (int j = 0; j < d; j++) {
        codes[j] = rounder.round(w[j], 0); // exact: w holds values of the format
      }
      codesLag = false;
    }
    return codes;
  }
}
