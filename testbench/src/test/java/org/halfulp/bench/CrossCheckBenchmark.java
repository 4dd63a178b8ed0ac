package org.halfulp.bench;

import java.util.concurrent.TimeUnit;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.UpdateCrossCheck;
import org.halfulp.verify.UpdateModel;
import org.halfulp.verify.UpdateVectors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Nanoseconds a vector of the cross-check and of its parts; see {@link Throughput}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class CrossCheckBenchmark {
  @Param({"e4m3fn-sr", "bf16-rne", "q8.8-rne"})
  String unit;

  @Param({"1", "16"})
  int lanes;

  private final long[] w = new long[CheckedUnits.CHUNK];
  private final long[] g = new long[CheckedUnits.CHUNK];
  private final long[] out = new long[CheckedUnits.CHUNK];
  private final int[] flags = new int[CheckedUnits.CHUNK];
  private UpdateModel model;
  private UpdateModel checkedModel;
  private SgdUpdate emulator;
  private UpdateCrossCheck check;
  private UpdateVectors vectors;

  @Setup(Level.Trial)
  public void open() {
    UpdateUnit of = CheckedUnits.all().get(unit);
    ModelCache cache = Fixtures.cache();
    model = CheckedUnits.open(cache, of, lanes);
    checkedModel = CheckedUnits.open(cache, of, lanes);
    emulator = new SgdUpdate(of, lanes, CheckedUnits.SEED);
    SgdUpdate twin = new SgdUpdate(of, lanes, CheckedUnits.SEED);
    check = new UpdateCrossCheck(checkedModel, twin::update, CheckedUnits.SEED);
    vectors = CheckedUnits.vectors(of);
    vectors.fill(vectors.size() / 2, CheckedUnits.CHUNK, w, g);
    model.fill(w, g, CheckedUnits.STEP, CheckedUnits.CHUNK);
  }

  @TearDown(Level.Trial)
  public void close() {
    model.close();
    checkedModel.close();
  }

  @Benchmark
  @OperationsPerInvocation(CheckedUnits.CHUNK)
  public BatchResult nativeLoop() {
    return model.nativeLoop(64, CheckedUnits.CHUNK / lanes);
  }

  @Benchmark
  @OperationsPerInvocation(CheckedUnits.CHUNK)
  public BatchResult run() {
    return model.run(CheckedUnits.CHUNK / lanes, Stalls.NONE);
  }

  @Benchmark
  @OperationsPerInvocation(CheckedUnits.CHUNK)
  public long[] fillAndTake() {
    model.fill(w, g, CheckedUnits.STEP, CheckedUnits.CHUNK);
    model.take(out, flags, CheckedUnits.CHUNK);
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(CheckedUnits.CHUNK)
  public long[] emulate() {
    emulator.update(w, g, CheckedUnits.STEP, out, flags, CheckedUnits.CHUNK);
    return out;
  }

  @Benchmark
  @OperationsPerInvocation(CheckedUnits.VECTORS)
  public UpdateCrossCheck.Counts checked() {
    UpdateCrossCheck.Counts counts = check.run(vectors, CheckedUnits.STEP, Stalls.NONE);
    if (counts.differing() != 0) {
      throw new IllegalStateException(counts.toString());
    }
    return counts;
  }
}
