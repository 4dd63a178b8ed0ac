package org.halfulp.bench;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.halfulp.kernel.ArrayQuantizer;
import org.halfulp.number.FormatName;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.openjdk.jmh.annotations.Param;

/**
 * CPU time of the kernels' benchmarks beside their baseline's, measured in turns in one process a
 * case: on a host that others load, these ratios keep, and times of the clock do not. {@code
 * threads} alone goes by the clock: the work of two threads in the time of one. Arguments: {@code
 * step}, {@code dot}, {@code elementwise}, {@code quantize}, {@code modes} (several rounding modes
 * in one process), {@code onebit}, {@code threads}, or two words for one case in this process.
 */
public final class CpuRatios {
  private static final int ROUNDS = 15;
  private static final long WARM_UP = 1_500_000_000L;
  private static final long ROUND = 20_000_000L;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private CpuRatios() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 2) {
      one(args[0], args[1]);
      return;
    }
    for (String what : cases(args[0])) {
      List<String> command = new ArrayList<>();
      command.add(
          System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
      command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
      command.addAll(List.of("-cp", System.getProperty("java.class.path")));
      command.addAll(List.of(CpuRatios.class.getName(), args[0], what));
      Process process =
          new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.INHERIT).start();
      process.getErrorStream().transferTo(System.err);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("exit code " + process.exitValue() + " of " + command);
      }
    }
  }

  private static List<String> cases(String group) {
    return switch (group) {
      case "step" -> List.of(values(TrainingStepBenchmark.class, "path"));
      case "dot" -> List.of(values(DotProductBenchmark.class, "what"));
      case "elementwise" -> List.of(values(ElementwiseBenchmark.class, "what"));
      case "quantize" -> List.of(values(QuantizeBenchmark.class, "quantizer"));
      case "modes" -> List.of("values", "codes", "floats");
      case "onebit" -> List.of(values(SignDotBenchmark.class, "p"));
      case "threads" ->
          List.of("processor", "quantize", "e4m3fn:exact", "e4m3fn:rne:exact", "e4m3fn:sr:exact");
      default ->
          throw new IllegalArgumentException(
              "step, dot, elementwise, quantize, modes, onebit or threads, got " + group);
    };
  }

  private static String[] values(Class<?> benchmark, String field) {
    try {
      return benchmark.getDeclaredField(field).getAnnotation(Param.class).value();
    } catch (NoSuchFieldException e) {
      throw new AssertionError(e);
    }
  }

  private static void one(String group, String what) throws InterruptedException {
    if (group.equals("threads")) {
      threads(what, work(what), work(what));
      return;
    }
    Map<String, Runnable> runs = new LinkedHashMap<>();
    double each;
    switch (group) {
      case "step" -> {
        each = 1000; // microseconds
        runs.put("binary64", step("binary64")::step);
        runs.put("step", step(what)::step);
        TrainingStepBenchmark prepared = step(what);
        prepared.prepare();
        runs.put("prepared", prepared::step);
      }
      case "dot" -> {
        DotProductBenchmark dot = dot(what);
        each = DotProductBenchmark.ROWS * DotProductBenchmark.N;
        runs.put("binary64", dot::binary64);
        runs.put("rows", dot::rows);
        runs.put("columns", dot::columns);
        runs.put("one row", dot::oneRow);
      }
      case "onebit" -> {
        each = 1000;
        SignDotBenchmark layer = new SignDotBenchmark();
        layer.p = Integer.parseInt(what);
        layer.make();
        runs.put("binary32", layer::binary32);
        runs.put("packed", layer::packed);
      }
      case "quantize" -> {
        each = QuantizeBenchmark.N;
        QuantizeBenchmark mixed = quantize(what, "mixed");
        runs.put("copy", mixed::copy);
        runs.put("values", mixed::values);
        runs.put("codes", mixed::codes);
        runs.put("branches", mixed::branches);
        report(what, runs, each);
        runs.clear();
        QuantizeBenchmark uniform = quantize(what, "uniform");
        runs.put("copy of uniform", uniform::copy);
        runs.put("uniform", uniform::values);
        report(what, runs, each);
        runs.clear();
        runs.put("copy of floats", mixed::copyFloats);
        runs.put("floats", mixed::floats);
      }
      case "modes" -> {
        each = QuantizeBenchmark.N;
        for (String mode : List.of("rne", "rtz", "rup", "sr")) {
          QuantizeBenchmark quantize = quantize("e4m3fn " + mode, "mixed");
          runs.putIfAbsent("copy", what.equals("floats") ? quantize::copyFloats : quantize::copy);
          runs.put(
              mode,
              switch (what) {
                case "values" -> quantize::values;
                case "codes" -> quantize::codes;
                default -> quantize::floats;
              });
        }
      }
      default -> {
        ElementwiseBenchmark elementwise = new ElementwiseBenchmark();
        elementwise.what = what;
        elementwise.open();
        each = ElementwiseBenchmark.N;
        runs.put("copy", elementwise::copy);
        runs.put("values", elementwise::ofValues);
        runs.put("codes", elementwise::ofCodes);
      }
    }
    report(what, runs, each);
  }

  private static QuantizeBenchmark quantize(String what, String exponents) {
    QuantizeBenchmark quantize = new QuantizeBenchmark();
    quantize.quantizer = what;
    quantize.exponents = exponents;
    quantize.make();
    return quantize;
  }

  private static DotProductBenchmark dot(String what) {
    DotProductBenchmark dot = new DotProductBenchmark();
    dot.what = what;
    dot.open();
    return dot;
  }

  private static TrainingStepBenchmark step(String path) {
    TrainingStepBenchmark step = new TrainingStepBenchmark();
    step.path = path;
    step.open();
    return step;
  }

  /** One thread's own: as runs of a sweep are, with all that they touch in its caches. */
  private static Runnable work(String what) {
    switch (what) {
      case "processor": // what the host has for a second thread: no kernel can have more
        return new Runnable() {
          private double x = 1;

          @Override
          public void run() {
            for (int i = 0; i < 10_000; i++) {
              x = x * 0.999 + 0.001;
            }
          }
        };
      case "quantize":
        Quantizer q = new Quantizer(FormatName.parse("e4m3fn").format(), RoundingMode.RNE);
        ArrayQuantizer quantizer = new ArrayQuantizer(q);
        double[] in = new SplittableRandom(1).doubles(512).toArray();
        double[] out = new double[in.length];
        return () -> quantizer.quantize(in, 0, out, 0, in.length, null);
      case "e4m3fn:exact":
        return dot(what)::rows;
      default:
        return step(what)::step;
    }
  }

  /**
   * The clock of one thread's rounds and of both threads', each with as many runs. Where others
   * load the host the clock says little, so also the CPU time that a run takes beside the other
   * thread's, to that which it takes alone: what the threads have in common slows both.
   */
  private static void threads(String what, Runnable first, Runnable second)
      throws InterruptedException {
    int count = 0;
    for (Runnable work : List.of(first, second)) {
      long from = System.nanoTime();
      for (count = 0; System.nanoTime() - from < WARM_UP; count++) {
        work.run();
      }
    }
    int runs = (int) Math.max(1, count * 5 * ROUND / WARM_UP);
    double[] ones = new double[ROUNDS];
    double[] speedups = new double[ROUNDS];
    double[] slower = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      double[] one = clock(runs, first);
      double[] both = clock(runs, first, second);
      ones[round] = one[0] / runs / 1000;
      speedups[round] = 2 * one[0] / both[0];
      slower[round] = both[1] / one[1];
    }
    System.out.printf(
        "| `%s` | one thread %.2f us | two threads %.2f times one, from %.2f to %.2f"
            + " | CPU time %.2f times one's |%n",
        what,
        median(ones),
        median(speedups),
        Arrays.stream(speedups).min().getAsDouble(),
        Arrays.stream(speedups).max().getAsDouble(),
        median(slower));
  }

  /** The clock for all, and the first one's CPU time. */
  private static double[] clock(int runs, Runnable... works) throws InterruptedException {
    double[] took = new double[2];
    List<Thread> threads = new ArrayList<>();
    for (Runnable work : works) {
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < runs; i++) {
                  work.run();
                }
                if (work == works[0]) {
                  took[1] = THREADS.getCurrentThreadCpuTime();
                }
              }));
    }
    long from = System.nanoTime();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    took[0] = System.nanoTime() - from;
    return took;
  }

  /** Medians of all rounds, and of the ratios to the round's first run. */
  private static void report(String what, Map<String, Runnable> runs, double each) {
    Map<String, double[]> times = new LinkedHashMap<>();
    Map<String, Integer> repeats = new LinkedHashMap<>();
    runs.forEach(
        (name, run) -> {
          times.put(name, new double[ROUNDS]);
          long count = 0;
          long from = THREADS.getCurrentThreadCpuTime();
          long half = 0;
          long halfAt = from;
          while (THREADS.getCurrentThreadCpuTime() - from < WARM_UP) {
            run.run();
            count++;
            if (half == 0 && THREADS.getCurrentThreadCpuTime() - from > WARM_UP / 2) {
              half = count;
              halfAt = THREADS.getCurrentThreadCpuTime();
            }
          }
          long took = THREADS.getCurrentThreadCpuTime() - halfAt;
          repeats.put(name, (int) Math.max(1, ROUND * (count - half) / took));
        });
    for (int round = 0; round < ROUNDS; round++) {
      for (Map.Entry<String, Runnable> run : runs.entrySet()) {
        int count = repeats.get(run.getKey());
        long from = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < count; i++) {
          run.getValue().run();
        }
        long took = THREADS.getCurrentThreadCpuTime() - from;
        times.get(run.getKey())[round] = took / (each * count);
      }
    }
    double[] base = times.values().iterator().next();
    StringBuilder line = new StringBuilder("| `").append(what).append('`');
    times.forEach(
        (name, taken) -> {
          double[] ratios = new double[ROUNDS];
          Arrays.setAll(ratios, i -> taken[i] / base[i]);
          double scale = name.equals("one row") ? DotProductBenchmark.ROWS : 1;
          line.append(" | %s %.2f".formatted(name, median(taken) * scale));
          if (taken != base) {
            line.append(" (%.2f)".formatted(median(ratios) * scale));
          }
        });
    System.out.println(line.append(" |"));
  }

  private static double median(double[] x) {
    double[] sorted = x.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
