package org.halfulp.bench;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.halfulp.kernel.SignMatrix;
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
 * A layer of p x p one-bit weights on one input of p signs: the weights in bits, by XNOR and
 * popcount, beside the same +1 and -1 in binary32. The binary32 loop goes down the columns, four at
 * a time, so that the compiler makes vectors of it; its results are the same integers.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SignDotBenchmark {
  @Param({"1024", "2048", "4096", "8192"})
  int p;

  private SignMatrix bits;
  private float[][] columns;
  private float[] input;
  private long[] packed;
  private float[] sums;
  private int[] dots;

  @Setup
  public void make() {
    Random random = new Random(p);
    double[] w = new double[p * p];
    double[] x = new double[p];
    columns = new float[p][p];
    input = new float[p];
    for (int i = 0; i < w.length; i++) {
      w[i] = random.nextBoolean() ? 1 : -1;
      columns[i % p][i / p] = (float) w[i];
    }
    for (int i = 0; i < p; i++) {
      x[i] = random.nextBoolean() ? 1 : -1;
      input[i] = (float) x[i];
    }
    bits = SignMatrix.of(w, p, p);
    packed = new long[SignMatrix.words(p)];
    SignMatrix.pack(x, 0, p, packed, 0);
    sums = new float[p];
    dots = new int[p];
    binary32();
    packed();
    for (int r = 0; r < p; r++) {
      if (sums[r] != dots[r]) {
        throw new IllegalStateException("row " + r + ": " + sums[r] + " is not " + dots[r]);
      }
    }
  }

  @Benchmark
  public float[] binary32() {
    Arrays.fill(sums, 0);
    for (int c = 0; c < p; c += 4) {
      add(columns[c], columns[c + 1], columns[c + 2], columns[c + 3], c);
    }
    return sums;
  }

  private void add(float[] w0, float[] w1, float[] w2, float[] w3, int c) {
    float x0 = input[c];
    float x1 = input[c + 1];
    float x2 = input[c + 2];
    float x3 = input[c + 3];
    float[] to = sums;
    for (int r = 0; r < to.length; r++) {
      to[r] += w0[r] * x0 + w1[r] * x1 + w2[r] * x2 + w3[r] * x3;
    }
  }

  @Benchmark
  public int[] packed() {
    bits.dots(packed, 0, dots);
    return dots;
  }
}
