package org.halfulp.verify;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;

/**
 * CPU nanoseconds a word: the beat loop in C++ alone over some rows, and the same rows in batches
 * from Java, packing left out.
 */
public record LoopRatio(double loop, double batches) {
  private static final int CHUNK = 8192;
  private static final int REPETITIONS = 9;
  private static final long WORDS = 1 << 17;

  /** Medians of interleaved repetitions, about a tenth of a second. */
  public static LoopRatio measure(Unit unit, VerilatedLibrary library, Campaign.Options options) {
    int lanes = options.lanes();
    int beats = Math.max(1, CHUNK / lanes / unit.frame()) * unit.frame();
    double[] loop = new double[REPETITIONS];
    double[] batches = new double[REPETITIONS];
    long rounds = Math.max(1, WORDS / ((long) beats * lanes));
    double words = (double) rounds * beats * lanes;
    long[][] in = UnitModel.columns(unit.inputs(), lanes, beats);
    Campaign.stimuli(unit, options).fill(0, beats, in);
    try (UnitModel model =
        new UnitModel(unit, library, lanes, beats, options.seed(), options.pokes(), line -> {})) {
      for (int i = 0; i < REPETITIONS; i++) {
        model.fill(in, beats);
        long a = cpu();
        for (long r = 0; r < rounds; r++) {
          model.runFilled(beats, Stalls.NONE);
        }
        long b = cpu();
        model.nativeLoop(beats, rounds * beats);
        long c = cpu();
        batches[i] = (b - a) / words;
        loop[i] = (c - b) / words;
      }
    }
    return new LoopRatio(median(loop), median(batches));
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
