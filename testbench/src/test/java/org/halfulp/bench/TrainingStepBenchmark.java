package org.halfulp.bench;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.TrainingStep;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One bit-exact step of a mini-batch of 16 rows of 1,000 features with five quantizers and a
 * quantized weight, and a step of that shape in binary64, in microseconds.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TrainingStepBenchmark {
  static final int D = 1000;
  static final int B = 16;
  private static final double ETA = 0x1p-6;

  /** Format of all quantizers, their rounding, the accumulator's order and format. */
  @Param({
    "binary64",
    "e4m3fn:rne:exact",
    "e4m3fn:sr:exact",
    "q2.6:rne:exact",
    "fp16:rne:exact",
    "fp16:sr:exact",
    "bf16:rne:exact",
    "q4.12:sr:exact",
    "e4m3fn:rne:sequential:fp16",
    "q2.6:rne:sequential:q8.16",
    "bf16:rne:sequential:bf16",
    "e4m3fn:rne:tree:fp16"
  })
  String path;

  private final double[] x = new double[B * D];
  private final double[] y = new double[B];
  private TrainingStep step;
  private Binary64Step plain;

  @Setup
  public void open() {
    SplittableRandom random = new SplittableRandom(1);
    double[] truth = new double[D];
    for (int j = 0; j < D; j++) {
      truth[j] = random.nextDouble(-0.05, 0.05);
    }
    for (int b = 0; b < B; b++) {
      for (int j = 0; j < D; j++) {
        x[b * D + j] = random.nextGaussian() / 2;
        y[b] += x[b * D + j] * truth[j];
      }
    }
    if (path.equals("binary64")) {
      plain = new Binary64Step(D, B, ETA);
    } else {
      step = step(path);
    }
  }

  static TrainingStep step(String path) {
    Datapath datapath = datapath(path);
    SgdUpdate update =
        new SgdUpdate(datapath.updateUnit().orElseThrow(), datapath.lanes(), datapath.seed());
    return new TrainingStep(datapath, D, B, ETA, WeightUpdate.emulated(update));
  }

  private static Datapath datapath(String path) {
    String[] parts = path.split(":");
    Optional<Quantizer> q = Optional.of(quantizer(parts[0], parts[1]));
    Optional<Quantizer> sum =
        parts.length > 3 ? Optional.of(quantizer(parts[3], "rne")) : Optional.empty();
    Order order = Order.valueOf(parts[2].toUpperCase());
    Accumulator acc = new Accumulator(order, order == Order.TREE ? 4 : 0, sum, Optional.empty());
    FixedFormat step = new FixedFormat(false, 16, 16);
    return new Datapath(q, q, q, q, q, q, acc, acc, q, Optional.empty(), step, 16, 1);
  }

  private static Quantizer quantizer(String format, String rounding) {
    RoundingMode mode = RoundingMode.valueOf(rounding.toUpperCase());
    Format of = FormatName.parse(format).format();
    OverflowRule rule = of instanceof FixedFormat ? OverflowRule.SATURATE : OverflowRule.FINITE;
    return new Quantizer(of, mode, rule, mode == RoundingMode.SR ? 12 : 0, false);
  }

  @Benchmark
  public double[] step() {
    if (plain != null) {
      plain.run(x, y);
      return plain.weights();
    }
    step.run(x, y);
    return step.weights();
  }

  /** Four rows at a time both ways; d even, batch a multiple of 4. */
  static final class Binary64Step {
    private final int d;
    private final int batch;
    private final double step;
    private final double[] w;
    private final double[] o;

    Binary64Step(int d, int batch, double eta) {
      this.d = d;
      this.batch = batch;
      this.step = eta / batch;
      w = new double[d];
      o = new double[batch];
    }

    void run(double[] x, double[] y) {
      for (int b = 0; b < batch; b += 4) {
        forward(x, b * d, b);
      }
      for (int b = 0; b < batch; b++) {
        o[b] = step * (y[b] - o[b]);
      }
      for (int b = 0; b < batch; b += 4) {
        backward(
            x, b * d, b * d + d, b * d + 2 * d, b * d + 3 * d, o[b], o[b + 1], o[b + 2], o[b + 3]);
      }
    }

    private void forward(double[] x, int from, int b) {
      int from1 = from + d;
      int from2 = from1 + d;
      int from3 = from2 + d;
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      double t0 = 0;
      double t1 = 0;
      double t2 = 0;
      double t3 = 0;
      for (int j = 0; j < d; j += 2) {
        double u = w[j];
        double v = w[j + 1];
        s0 = Math.fma(x[from + j], u, s0);
        s1 = Math.fma(x[from1 + j], u, s1);
        s2 = Math.fma(x[from2 + j], u, s2);
        s3 = Math.fma(x[from3 + j], u, s3);
        t0 = Math.fma(x[from + j + 1], v, t0);
        t1 = Math.fma(x[from1 + j + 1], v, t1);
        t2 = Math.fma(x[from2 + j + 1], v, t2);
        t3 = Math.fma(x[from3 + j + 1], v, t3);
      }
      o[b] = s0 + t0;
      o[b + 1] = s1 + t1;
      o[b + 2] = s2 + t2;
      o[b + 3] = s3 + t3;
    }

    private void backward(
        double[] x,
        int from0,
        int from1,
        int from2,
        int from3,
        double o0,
        double o1,
        double o2,
        double o3) {
      for (int j = 0; j < d; j++) {
        double two = Math.fma(x[from1 + j], o1, Math.fma(x[from0 + j], o0, w[j]));
        w[j] = Math.fma(x[from3 + j], o3, Math.fma(x[from2 + j], o2, two));
      }
    }

    double[] weights() {
      return w;
    }
  }
}
