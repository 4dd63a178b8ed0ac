package org.halfulp.bench;

import java.nio.LongBuffer;
import java.util.concurrent.TimeUnit;
import org.halfulp.sim.Batch;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Dut;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time of a batch of {@code pipe4}, in nanoseconds; divide by {@code beats}. {@code nativeLoop} is
 * the limit: the same loop with its rows in the cache and no Java in between.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 4, time = 1)
public class BridgeBenchmark {
  private static final int REPEATED = 16;

  @Param({"16", "256", "4096", "65536"})
  int beats;

  private Dut dut;
  private Batch batch;

  @Setup(Level.Trial)
  public void open() {
    VerilatedLibrary library = Fixtures.build("pipe4");
    dut = Dut.open(library);
    batch = Batch.of(library, beats);
    fill();
  }

  @TearDown(Level.Trial)
  public void close() {
    dut.close();
  }

  @Benchmark
  public BatchResult nativeLoop() {
    return dut.nativeLoop(batch, REPEATED, beats);
  }

  @Benchmark
  public BatchResult run() {
    return dut.run(batch, beats, Stalls.NONE);
  }

  @Benchmark
  public BatchResult runStalled() {
    return dut.run(batch, beats, new Stalls(25, 25, 1));
  }

  /** With the rows written and the answers read in Java, as a cross-check does. */
  @Benchmark
  public long fillRunAndRead() {
    fill();
    dut.run(batch, beats, Stalls.NONE);
    LongBuffer response = batch.response();
    long sum = 0;
    for (int i = 0; i < beats; i++) {
      sum += response.get(i);
    }
    return sum;
  }

  /** One beat by port names; does not grow with {@code beats}. */
  @Benchmark
  public long pokeTickPeek() {
    dut.poke("in_valid", 1);
    dut.poke("out_ready", 1);
    dut.poke("in_a", 7);
    dut.poke("in_b", 9);
    dut.tick(1);
    return dut.peek("out_y");
  }

  private void fill() {
    LongBuffer stimulus = batch.stimulus();
    for (int i = 0; i < 2 * beats; i += 2) {
      stimulus.put(i, i * 0x9e37L & 0xffff);
      stimulus.put(i + 1, i * 0x9e3779b9L & 0xffffffffL);
    }
  }
}
