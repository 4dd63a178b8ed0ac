package org.halfulp.bench;

import java.util.Collections;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.halfulp.kernel.ArrayOperation;
import org.halfulp.kernel.ArrayQuantizer;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
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

/** Nanoseconds an element of an operation on codes and on values; {@code copy} is of doubles. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ElementwiseBenchmark {
  static final int N = 1 << 14;

  @Param({"e4m3fn:ADD", "e4m3fn:MUL", "fp16:ADD", "fp16:MUL", "fp16:FMA", "bf16:ADD", "bf16:FMA"})
  String what;

  private final double[] out = new double[N];
  private final byte[] outBytes = new byte[N];
  private final short[] outShorts = new short[N];
  private double[][] values;
  private byte[][] bytes;
  private short[][] shorts;
  private ArrayOperation operation;

  @Setup
  public void open() {
    String[] parts = what.split(":");
    Format format = FormatName.parse(parts[0]).format();
    Op op = Op.valueOf(parts[1]);
    Quantizer to = new Quantizer(format, RoundingMode.RNE);
    operation = new ArrayOperation(op, Collections.nCopies(op.operands(), format), to);
    ArrayQuantizer quantizer = new ArrayQuantizer(to);
    values = new double[op.operands()][N];
    bytes = new byte[op.operands()][N];
    shorts = new short[op.operands()][N];
    SplittableRandom random = new SplittableRandom(1);
    for (int o = 0; o < values.length; o++) {
      for (int i = 0; i < N; i++) {
        values[o][i] = random.nextGaussian();
      }
      quantizer.quantize(values[o], 0, values[o], 0, N, null);
      quantizer.encode(values[o], 0, shorts[o], 0, N, null);
      for (int i = 0; i < N; i++) {
        bytes[o][i] = (byte) shorts[o][i];
      }
    }
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public double[] copy() {
    System.arraycopy(values[0], 0, out, 0, N);
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(N)
  public double[] ofValues() {
    operation.apply(values, 0, out, 0, N, null);
    return out;
  }

  /** In bytes for a format of 8 bits. */
  @Benchmark
  @OperationsPerInvocation(N)
  public Object ofCodes() {
    if (what.startsWith("e4m3fn")) {
      operation.apply(bytes, 0, outBytes, 0, N, null);
      return outBytes;
    }
    operation.apply(shorts, 0, outShorts, 0, N, null);
    return outShorts;
  }
}
