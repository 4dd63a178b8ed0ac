package org.halfulp.bench;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.Binary64Step;
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
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
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

  /** From then on each step has rows that are quantized already; binary64 quantizes none. */
  void prepare() {
    if (step != null) {
      System.arraycopy(step.prepared(x), 0, x, 0, x.length);
    }
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
}
