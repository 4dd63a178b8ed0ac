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
import org.openjdk.jmh.annotations.Param;

/**
 * CPU time of the kernels' benchmarks beside their baseline's, measured in turns in one process a
 * case: on a host that others load, these ratios keep, and times of the clock do not. Arguments:
 * {@code step}, {@code dot}, {@code elementwise}, {@code quantize}, {@code onebit}, or two words
 * for one case in this process.
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
      case "onebit" -> List.of(values(SignDotBenchmark.class, "p"));
      default ->
          throw new IllegalArgumentException(
              "step, dot, elementwise, quantize or onebit, got " + group);
    };
  }

  private static String[] values(Class<?> benchmark, String field) {
    try {
      return benchmark.getDeclaredField(field).getAnnotation(Param.class).value();
    } catch (NoSuchFieldException e) {
      throw new AssertionError(e);
    }
  }

  private static void one(String group, String what) {
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
        DotProductBenchmark dot = new DotProductBenchmark();
        dot.what = what;
        dot.open();
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
        runs.put("uniform", quantize(what, "uniform")::values);
        runs.put("codes", mixed::codes);
        runs.put("branches", mixed::branches);
        report(what, runs, each);
        runs.clear();
        runs.put("copy of floats", mixed::copyFloats);
        runs.put("floats", mixed::floats);
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

  private static TrainingStepBenchmark step(String path) {
    TrainingStepBenchmark step = new TrainingStepBenchmark();
    step.path = path;
    step.open();
    return step;
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
