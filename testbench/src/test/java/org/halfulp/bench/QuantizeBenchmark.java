package org.halfulp.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.halfulp.kernel.ArrayQuantizer;
import org.halfulp.kernel.Rounder;
import org.halfulp.kernel.Streams;
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

/**
 * Nanoseconds an element of arrays of 4M, beside a copy of the same arrays, and {@link Rounder}, an
 * implementation with branches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class QuantizeBenchmark {
  static final int N = 1 << 22;

  @Param({"e4m3fn rne", "bf16 rne", "e4m3fn rtz", "e4m3fn sr", "q8.8 rne"})
  String quantizer;

  @Param({"uniform", "mixed"})
  String exponents;

  private final double[] in = new double[N];
  private final double[] out = new double[N];
  private final float[] floatsIn = new float[N];
  private final float[] floatsOut = new float[N];
  private final byte[] bytes = new byte[N];
  private final short[] shorts = new short[N];
  private ArrayQuantizer array;
  private Rounder rounder;
  private Streams streams;

  @Setup
  public void make() {
    Format format = FormatName.parse(quantizer.split(" ")[0]).format();
    RoundingMode mode = RoundingMode.parse(quantizer.split(" ")[1]);
    Quantizer q =
        new Quantizer(
            format, mode, OverflowRule.defaultFor(format), mode == RoundingMode.SR ? 8 : 0, true);
    array = new ArrayQuantizer(q);
    rounder = new Rounder(q);
    streams = new Streams(q, 1, Streams.DATA, 4);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < N; i++) {
      double x = 1 + random.nextDouble();
      boolean uniform = exponents.equals("uniform");
      in[i] = uniform ? x : Math.scalb(random.nextBoolean() ? x : -x, random.nextInt(-12, 9));
      floatsIn[i] = (float) in[i];
    }
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public double[] copy() {
    System.arraycopy(in, 0, out, 0, N);
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public float[] copyFloats() {
    System.arraycopy(floatsIn, 0, floatsOut, 0, N);
    return floatsOut;
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public double[] values() {
    array.quantize(in, 0, out, 0, N, streams);
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public float[] floats() {
    array.quantize(floatsIn, 0, floatsOut, 0, N, streams);
    return floatsOut;
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public Object codes() {
    if (array.quantizer().format().width() <= 8) {
      array.encode(in, 0, bytes, 0, N, streams);
      return bytes;
    }
    array.encode(in, 0, shorts, 0, N, streams);
    return shorts;
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public double[] branches() {
    for (int i = 0, lane = 0; i < N; i++) {
      out[i] = rounder.value(rounder.round(in[i], streams.draw(lane)));
      lane = lane + 1 & 3;
    }
    return out;
  }
}
