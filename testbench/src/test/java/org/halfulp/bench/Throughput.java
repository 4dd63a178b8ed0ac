package org.halfulp.bench;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.UpdateCrossCheck;
import org.halfulp.verify.UpdateModel;
import org.halfulp.verify.UpdateVectors;

/**
 * What a checked vector costs. In nanoseconds of CPU time a vector: (a) the beat loop in C++ with
 * its rows in the cache, (b) the same vectors in batches through JNA, (c) made, packed, run,
 * unpacked, emulated and compared; medians of interleaved repetitions, so that a busy machine
 * shifts all three alike.
 *
 * <p>Arguments: names of units ({@code bf16-sr}), none for all.
 */
public final class Throughput {
  private static final int REPETITIONS = 11;
  private static final int[] LANES = {1, 4, 8, 16};
  private static final int CACHED_ROWS = 64;

  private Throughput() {}

  public static void main(String[] args) throws Exception {
    List<String> wanted = List.of(args);
    System.out.println(
        "unit        lanes | a: C++ loop   b: JNA batches   c: checked | b/a   c/a  |"
            + " checked M/s: 1 thread  2 threads");
    for (Map.Entry<String, UpdateUnit> e : CheckedUnits.all().entrySet()) {
      for (int lanes : LANES) {
        if (wanted.isEmpty() || wanted.contains(e.getKey())) {
          measure(e.getKey(), e.getValue(), lanes);
        }
      }
    }
  }

  /** One model, its emulator, and the vectors of a piece. */
  private static final class Bench implements AutoCloseable {
    final UpdateModel model;
    final UpdateModel checkedModel; // its random streams move with the emulator's
    final UpdateCrossCheck check;
    final UpdateVectors vectors;
    final int rows;
    final long[] w = new long[CheckedUnits.CHUNK];
    final long[] g = new long[CheckedUnits.CHUNK];

    Bench(ModelCache cache, UpdateUnit unit, int lanes) {
      rows = CheckedUnits.CHUNK / lanes;
      model = CheckedUnits.open(cache, unit, lanes);
      checkedModel = CheckedUnits.open(cache, unit, lanes);
      check =
          new UpdateCrossCheck(
              checkedModel,
              new SgdUpdate(unit, lanes, CheckedUnits.SEED)::update,
              CheckedUnits.SEED);
      vectors = CheckedUnits.vectors(unit);
      vectors.fill(vectors.size() / 2, CheckedUnits.CHUNK, w, g);
    }

    double loop() {
      model.fill(w, g, CheckedUnits.STEP, CheckedUnits.CHUNK);
      long start = now();
      model.nativeLoop(Math.min(CACHED_ROWS, rows), CheckedUnits.VECTORS / model.lanes());
      return (double) (now() - start) / CheckedUnits.VECTORS;
    }

    double batches() {
      long start = now();
      for (int done = 0; done < CheckedUnits.VECTORS; done += CheckedUnits.CHUNK) {
        model.run(rows, Stalls.NONE);
      }
      return (double) (now() - start) / CheckedUnits.VECTORS;
    }

    double checked() {
      long start = now();
      UpdateCrossCheck.Counts counts = check.run(vectors, CheckedUnits.STEP, Stalls.NONE);
      long time = now() - start;
      if (counts.differing() != 0 || counts.compared() != vectors.size()) {
        throw new IllegalStateException(counts.toString());
      }
      return (double) time / counts.compared();
    }

    @Override
    public void close() {
      model.close();
      checkedModel.close();
    }
  }

  private static void measure(String name, UpdateUnit unit, int lanes) throws Exception {
    ModelCache cache = Fixtures.cache();
    double[] a = new double[REPETITIONS];
    double[] b = new double[REPETITIONS];
    double[] c = new double[REPETITIONS];
    try (Bench bench = new Bench(cache, unit, lanes)) {
      for (int i = 0; i < 4; i++) { // the compiler's share
        bench.checked();
      }
      for (int i = 0; i < REPETITIONS; i++) {
        a[i] = bench.loop();
        b[i] = bench.batches();
        c[i] = bench.checked();
      }
    }
    double two = twoThreads(cache, unit, lanes);
    double loop = median(a);
    double batches = median(b);
    double checked = median(c);
    System.out.printf(
        Locale.ROOT,
        "%-12s %4d | %11.1f %15.1f %12.1f | %.2f %5.2f | %20.1f %10.1f%n",
        name,
        lanes,
        loop,
        batches,
        checked,
        batches / loop,
        checked / loop,
        1e3 / checked,
        two);
  }

  /** Millions of vectors a second that two models on two threads check. */
  private static double twoThreads(ModelCache cache, UpdateUnit unit, int lanes) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Callable<Double> work =
          () -> {
            try (Bench bench = new Bench(cache, unit, lanes)) {
              double[] ns = new double[REPETITIONS];
              for (int i = 0; i < ns.length; i++) {
                ns[i] = bench.checked();
              }
              return 1e3 / median(ns);
            }
          };
      double sum = 0;
      for (Future<Double> f : pool.invokeAll(List.of(work, work))) {
        sum += f.get();
      }
      return sum;
    } finally {
      pool.shutdown();
    }
  }

  /** CPU time of this thread: another process on the machine does not count. */
  private static long now() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
