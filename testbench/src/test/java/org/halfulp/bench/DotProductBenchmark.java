package org.halfulp.bench;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.ArrayQuantizer;
import org.halfulp.kernel.Binary64Step;
import org.halfulp.kernel.DotProduct;
import org.halfulp.kernel.Streams;
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
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Nanoseconds a multiply-add of a matrix with a vector: its rows, its columns, and one row. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DotProductBenchmark {
  static final int ROWS = 256;
  static final int N = 256;

  /** Format of both operands, order and format of the accumulator. */
  @Param({
    "binary64:sequential",
    "e4m3fn:exact",
    "e5m2:exact",
    "q2.6:exact",
    "fp16:exact",
    "bf16:exact",
    "e4m3fn:sequential:fp16",
    "q2.6:sequential:q8.16",
    "bf16:sequential:bf16",
    "e4m3fn:tree:fp16"
  })
  String what;

  private final double[] a = new double[ROWS * N];
  private final double[] b = new double[N];
  private final double[] out = new double[ROWS];
  private final Binary64Step plain = new Binary64Step(N, ROWS, 1);
  private DotProduct dot;

  @Setup
  public void open() {
    String[] parts = what.split(":");
    Format format = parts[0].equals("binary64") ? null : FormatName.parse(parts[0]).format();
    Order order = Order.valueOf(parts[1].toUpperCase());
    Optional<Quantizer> sum =
        parts.length > 2 ? Optional.of(quantizer(parts[2])) : Optional.empty();
    int fanIn = order == Order.TREE ? 4 : 0;
    Accumulator accumulator = new Accumulator(order, fanIn, sum, Optional.empty());
    Streams none = new Streams(null, 1, Streams.ACTIVATION, 1);
    dot =
        new DotProduct(
            accumulator,
            format,
            format,
            1,
            1,
            Streams.FORWARD_SUM,
            Streams.FORWARD_PRODUCT,
            null,
            none);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < a.length; i++) {
      a[i] = random.nextGaussian() / 2;
    }
    for (int j = 0; j < N; j++) {
      b[j] = random.nextGaussian() / 8;
    }
    if (format != null) {
      ArrayQuantizer quantizer = new ArrayQuantizer(quantizer(parts[0]));
      quantizer.quantize(a, 0, a, 0, a.length, null);
      quantizer.quantize(b, 0, b, 0, N, null);
    }
  }

  private static Quantizer quantizer(String name) {
    Format format = FormatName.parse(name).format();
    OverflowRule rule = format instanceof FixedFormat ? OverflowRule.SATURATE : OverflowRule.FINITE;
    return new Quantizer(format, RoundingMode.RNE, rule, 0, false);
  }

  /** The rows in binary64 in any order, as fast as Java has it. */
  @Benchmark
  @OperationsPerInvocation(ROWS * N)
  public double[] binary64() {
    plain.rows(a, b, out);
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS * N)
  public double[] rows() {
    dot.run(a, N, 1, b, ROWS, N, false, out, null);
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(ROWS * N)
  public double[] columns() {
    dot.run(a, 1, ROWS, b, ROWS, N, false, out, null);
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public double[] oneRow() {
    dot.run(a, N, 1, b, 1, N, false, out, null);
    return out;
  }
}
