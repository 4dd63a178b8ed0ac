package org.halfulp.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.PlainDot;
import org.halfulp.kernel.PlainStreams;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;

/**
 * Section 7's training step on exact values, line by line as the contract has it: the slow twin of
 * {@link TrainingStep}. Not thread-safe.
 */
public final class PlainStep {
  private static final Quantizer BINARY64 = new Quantizer(FloatFormat.FLOAT64, RoundingMode.RNE);

  private final Datapath path;
  private final Real step;
  private final Tensor data;
  private final Tensor parameter;
  private final Tensor label;
  private final Tensor residual;
  private final PlainDot forward;
  private final PlainDot backward;
  private final PlainStreams weightStreams;
  private final PlainStreams productStreams;
  private final PlainStreams velocityStreams;
  private final long[] velocities;
  private Real[] w;
  private long[] codes;
  private int flags;
  private long[] residuals;
  private final int[] updateFlags;

  /**
   * @param d number of features
   * @param step eta/B
   */
  public PlainStep(Datapath path, int d, Real step) {
    this.path = path;
    this.step = step;
    data = new Tensor(path.data(), 0);
    parameter = new Tensor(path.parameter(), 1);
    label = new Tensor(path.label(), 3);
    residual = new Tensor(path.residual(), 4);
    forward = new PlainDot(path.forward(), path.seed(), path.lanes(), 8, 10, path.activation(), 2);
    backward = new PlainDot(path.backward(), path.seed(), path.lanes(), 9, 11, path.gradient(), 5);
    weightStreams = new PlainStreams(path.weight(), path.seed(), 7, path.lanes());
    productStreams = new PlainStreams(path.product(), path.seed(), 6, path.lanes());
    velocityStreams =
        new PlainStreams(path.momentum().map(Momentum::velocity), path.seed(), 12, path.lanes());
    velocities = new long[d];
    w = new Real[d];
    Arrays.fill(w, Real.zero(false));
    codes = new long[d];
    updateFlags = new int[d];
  }

  /** One quantizer and its list of draws: all lanes of all beats, before any is used. */
  private final class Tensor {
    private final Optional<Quantizer> quantizer;
    private final PlainStreams streams;
    private long[] codes;

    Tensor(Optional<Quantizer> quantizer, int number) {
      this.quantizer = quantizer;
      streams = new PlainStreams(quantizer, path.seed(), number, path.lanes());
    }

    List<Long> draws(int n) {
      List<Long> draws = new ArrayList<>();
      while (draws.size() < n) {
        for (int l = 0; l < path.lanes(); l++) {
          draws.add(streams.forElement(l));
        }
      }
      return draws;
    }

    Real[] quantize(Real[] x) {
      return minus(x, null);
    }

    Real[] minus(Real[] x, Real[] y) {
      List<Long> draws = draws(x.length);
      Quantizer q = quantizer.orElse(BINARY64);
      Real[] out = new Real[x.length];
      codes = new long[x.length];
      for (int i = 0; i < x.length; i++) {
        Rounded rounded =
            y == null
                ? q.round(x[i], draws.get(i))
                : Arithmetic.add(x[i], y[i].negate(), q, draws.get(i));
        codes[i] = rounded.code();
        flags |= rounded.flags();
        out[i] = q.format().decode(rounded.code());
      }
      return out;
    }
  }

  private static Real[] decode(Optional<Quantizer> q, long[] codes) {
    Format format = q.orElse(BINARY64).format();
    return Arrays.stream(codes).mapToObj(format::decode).toArray(Real[]::new);
  }

  public void run(double[] x, double[] y) {
    int batch = y.length;
    flags = 0;
    int d = w.length;
    Real[] xq = data.quantize(Arrays.stream(x).mapToObj(Real::of).toArray(Real[]::new));
    Real[] wq = parameter.quantize(w);
    Real[][] rows = new Real[batch][d];
    Real[][] columns = new Real[d][batch];
    for (int b = 0; b < batch; b++) {
      for (int j = 0; j < d; j++) {
        rows[b][j] = xq[b * d + j];
        columns[j][b] = xq[b * d + j];
      }
    }
    Real[] a = decode(path.activation(), forward.run(rows, wq, false));
    Real[] l = label.quantize(Arrays.stream(y).mapToObj(Real::of).toArray(Real[]::new));
    Real[] o = residual.minus(l, a);
    residuals = residual.codes;
    Real[] g = decode(path.gradient(), backward.run(columns, o, true));
    flags |= forward.flags() | backward.flags();
    for (int j = 0; j < d; j++) {
      updateFlags[j] = 0;
      if (path.weight().isEmpty()) {
        codes[j] = Arithmetic.fma(step.negate(), g[j], w[j], BINARY64, 0).code();
      } else {
        codes[j] = update(w[j], path.momentum().isEmpty() ? g[j] : velocity(g[j], j), j);
      }
    }
    weightStreams.endTensor();
    productStreams.endTensor();
    velocityStreams.endTensor();
    w = decode(path.weight(), codes);
  }

  private Real velocity(Real gradient, int j) {
    Momentum m = path.momentum().orElseThrow();
    Format format = m.velocity().format();
    long r = velocityStreams.forElement(j);
    Real mu = m.factor().decode(path.mu());
    velocities[j] =
        code(Arithmetic.fma(mu, format.decode(velocities[j]), gradient, m.velocity(), r), j);
    return format.decode(velocities[j]);
  }

  private long update(Real weight, Real gradient, int j) {
    Quantizer q = path.weight().orElseThrow();
    long r = weightStreams.forElement(j);
    if (path.product().isEmpty()) {
      return code(Arithmetic.fma(step.negate(), gradient, weight, q, r), j);
    }
    Quantizer pq = path.product().get();
    long code = code(Arithmetic.mul(step, gradient, pq, productStreams.forElement(j)), j);
    return code(Arithmetic.add(weight, pq.format().decode(code).negate(), q, r), j);
  }

  private long code(Rounded rounded, int j) {
    updateFlags[j] |= rounded.flags();
    return rounded.code();
  }

  /** Flags of all roundings of the last step but those of its update. */
  public int flags() {
    return flags;
  }

  /** Flags of the last update of each weight. */
  public int[] updateFlags() {
    return updateFlags;
  }

  /** Codes of the last step's residuals, length B. */
  public long[] residuals() {
    return residuals;
  }

  /** Weight codes, of binary64 where the weights have no format. */
  public long[] codes() {
    return codes;
  }
}
