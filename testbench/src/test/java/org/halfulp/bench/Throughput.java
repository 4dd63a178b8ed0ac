package org.halfulp.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.LoopRatio;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Stimuli;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UnitRequest;

/**
 * What a checked vector costs. In nanoseconds of CPU time a vector: (a) the beat loop in C++ alone,
 * (b) the same vectors in batches through JNA, (c) made, packed, run, emulated, compared and
 * counted, as a campaign does; medians of interleaved repetitions, so that a busy machine shifts
 * all three alike.
 *
 * <p>Arguments: units as {@code fp_add:e4m3fn:rne}, none for a list of them.
 */
public final class Throughput {
  private static final int REPETITIONS = 9;
  private static final int[] LANES = {1, 4, 8, 16};
  private static final long VECTORS = 1 << 22;
  private static final List<String> UNITS =
      List.of(
          "fp_add:e4m3fn:rne",
          "fp_add:fp16:rne",
          "fp_add:bf16:sr",
          "fp_mul:e4m3fn:rne",
          "fp_mul:bf16:rne",
          "fp_fma:e4m3fn:rne",
          "fp_fma:bf16:rne",
          "sgd_update:e4m3fn:rne",
          "sgd_update:bf16:sr",
          "sgd_update:q8.8:sr");

  private Throughput() {}

  public static void main(String[] args) {
    System.out.println(
        "unit                  lanes | a: C++ loop   b: batches   c: checked |  a/b   c/a |"
            + " checked M/s: 1 thread  2 threads");
    for (String spec : args.length == 0 ? UNITS : List.of(args)) {
      for (int lanes : LANES) {
        measure(spec, unit(spec), lanes);
      }
    }
  }

  private static Unit unit(String spec) {
    String[] words = spec.split(":");
    UnitRequest request = UnitRequest.DEFAULT.format(words[1]);
    return Catalogue.of(words[0])
        .unit(request.rounding(org.halfulp.number.RoundingMode.parse(words[2])));
  }

  /** The beats of a campaign again and again: for timing, not for counting. */
  private record Endless(Stimuli some) implements Stimuli {
    @Override
    public long beats() {
      return Long.MAX_VALUE;
    }

    @Override
    public void fill(long from, int beats, long[][] columns) {
      long wrapped = some.beats() == Long.MAX_VALUE ? from : from % (some.beats() - beats + 1);
      some.fill(wrapped, beats, columns);
    }
  }

  private static void measure(String name, Unit unit, int lanes) {
    ModelCache cache = Fixtures.cache();
    VerilatedLibrary library =
        cache.build(unit.build(RtlSources.of(unit.name(), cache.folder()), lanes));
    Campaign.Options one = Campaign.Options.DEFAULT.lanes(lanes).vectors(VECTORS);
    Campaign.Options two = one.threads(2);
    Stimuli endless = new Endless(Campaign.stimuli(unit, one));
    double[][] ns = new double[5][REPETITIONS];
    for (int i = -2; i < REPETITIONS; i++) { // the first are the compiler's
      LoopRatio ratio = LoopRatio.measure(unit, library, one);
      Campaign.Result r = run(unit, library, one, endless);
      Campaign.Result both = run(unit, library, two, endless);
      if (i >= 0) {
        ns[0][i] = ratio.loop();
        ns[1][i] = ratio.batches();
        ns[2][i] = (double) r.nanos() / r.compared();
        ns[3][i] = (double) r.wallNanos() / r.compared();
        ns[4][i] = (double) both.wallNanos() / both.compared();
      }
    }
    ToDoubleFunction<double[]> median = Throughput::median;
    double a = median.applyAsDouble(ns[0]);
    double b = median.applyAsDouble(ns[1]);
    double c = median.applyAsDouble(ns[2]);
    System.out.printf(
        Locale.ROOT,
        "%-22s %4d | %11.1f %12.1f %12.1f | %4.2f %5.2f | %20.1f %10.1f%n",
        name,
        lanes,
        a,
        b,
        c,
        a / b,
        c / a,
        1e3 / median.applyAsDouble(ns[3]),
        1e3 / median.applyAsDouble(ns[4]));
  }

  private static Campaign.Result run(
      Unit unit, VerilatedLibrary library, Campaign.Options options, Stimuli stimuli) {
    Campaign.Result r =
        Campaign.run(unit, Campaign.models(unit, library, options), options, stimuli, done -> {});
    if (r.differing() != 0 || r.compared() < VECTORS) {
      throw new IllegalStateException(r.compared() + " compared, " + r.differing() + " differ");
    }
    return r;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
