package org.halfulp.sweep;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.halfulp.input.Description;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;
import org.halfulp.learn.TrainingStep;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.verify.StepLockstep;
import org.halfulp.verify.Twins;

/** What a finished run says, as text of 80 columns and as a tree for JSON. */
public final class TrainSummary {
  private static final int WIDTH = 80;
  private static final int TABLE_ROWS = 12;

  private TrainSummary() {}

  /** The result for people. */
  public static String text(TrainRun run, Duration toFirstStep) {
    StringBuilder out = new StringBuilder();
    Datapath datapath = run.description().datapath();
    Training.Plan plan = run.description().training();
    String what =
        String.format(
            Locale.ROOT,
            "%,d training rows, %,d test rows, %d features; batch %d, step %s",
            run.data().train().rows(),
            run.data().test().rows(),
            run.data().train().columns(),
            plan.batch(),
            power(plan.stepSize()));
    String name = run.description().name();
    line(out, "%s:%s%s", name, name.length() + what.length() < WIDTH - 2 ? " " : "\n  ", what);
    datapath
        .updateUnit()
        .ifPresent(
            unit -> {
              line(
                  out,
                  "  weights   %s%s",
                  unit.weight(),
                  unit.product().isEmpty() ? ", fused" : "");
              unit.product().ifPresent(product -> line(out, "  product   %s", product));
              line(
                  out,
                  "  gradients %s",
                  datapath.gradient().map(Object::toString).orElse("binary64"));
              unit.momentum()
                  .ifPresent(
                      m ->
                          line(
                              out,
                              "  velocity  %s, mu %s (code %d of %s); binary64 has none",
                              m.velocity(),
                              m.factor().toDouble(datapath.mu()),
                              datapath.mu(),
                              m.factor().name()));
              line(
                  out,
                  "  eta/B     %s, code %d of %s",
                  power(plan.stepSize() / plan.batch()),
                  TrainingStep.stepCode(datapath, plan.stepSize(), plan.batch()),
                  unit.step().name());
            });
    out.append('\n');
    List<TrainRun.Row> rows = run.rows();
    if (!rows.isEmpty()) {
      out.append("                   mean squared error, training rows        test rows\n");
      out.append("  epoch      steps   quantized    binary64    ratio   quantized    binary64\n");
    }
    for (int i : shown(rows.size())) {
      TrainRun.Row row = rows.get(i);
      line(
          out,
          "  %5d  %,9d  %10s  %10s  %7s  %10s  %10s",
          row.quantized().epoch(),
          row.quantized().steps(),
          loss(row.quantized().trainLoss()),
          loss(row.exact().trainLoss()),
          ratio(row.quantized().trainLoss(), row.exact().trainLoss()),
          loss(row.quantized().testLoss()),
          loss(row.exact().testLoss()));
    }
    if (!rows.isEmpty()) {
      TrainRun.Row last = rows.get(rows.size() - 1);
      if (last.averaged()) {
        line(
            out,
            "  %-16s  %10s  %10s  %7s  %10s  %10s",
            "mean w, %d-%d".formatted(plan.averageFrom(), last.quantized().epoch()),
            loss(last.quantized().averageTrainLoss()),
            loss(last.exact().averageTrainLoss()),
            ratio(last.quantized().averageTrainLoss(), last.exact().averageTrainLoss()),
            loss(last.quantized().averageTestLoss()),
            loss(last.exact().averageTestLoss()));
      }
    }
    if (shown(rows.size()).size() < rows.size()) {
      line(
          out,
          "  %d of %,d epochs; all are in history.csv",
          shown(rows.size()).size(),
          rows.size());
    }
    if (run.quantized().diverged()) {
      line(out, "  %s", divergence(run));
    }
    out.append('\n');
    if (run.twins().isPresent()) {
      Twins lockstep = run.twins().get();
      VerilatedLibrary library = lockstep.library();
      line(
          out,
          "  %-13s compared %,d   distinct %s%,d   differing %d",
          lockstep instanceof StepLockstep ? "step words" : "update words",
          lockstep.compared(),
          lockstep.distinct().isFull() ? "at least " : "",
          lockstep.distinct().count(),
          differing(run));
      line(
          out,
          "  model         %s in %s",
          library.fresh() ? "built" : "from the cache",
          seconds(library.buildTime()));
      line(
          out,
          "  time          simulate %s, emulate %s, binary64 %s",
          seconds(Duration.ofNanos(lockstep.simulateNanos())),
          seconds(Duration.ofNanos(emulateNanos(run))),
          seconds(run.exactTime()));
    } else {
      line(out, "  update words  none compared: the run was in the emulator alone");
      line(
          out,
          "  time          emulate %s, binary64 %s",
          seconds(run.quantizedTime()),
          seconds(run.exactTime()));
    }
    line(out, "  first step    %s after the command", seconds(toFirstStep));
    return out.toString();
  }

  /** Everything of the quantized run that is not simulation. */
  private static long emulateNanos(TrainRun run) {
    return run.quantizedTime().toNanos() - run.twins().orElseThrow().simulateNanos();
  }

  /** At which step the quantized run left the finite numbers. */
  public static String divergence(TrainRun run) {
    Training training = run.quantized();
    double[] w = training.step().weights();
    String what = "the loss over the training rows is not finite";
    for (int j = w.length - 1; j >= 0; j--) {
      if (!Double.isFinite(w[j] * w[j])) {
        what = "the weight of %s is %s".formatted(run.data().train().features().get(j), w[j]);
        what += Double.isFinite(w[j]) ? ", whose square is beyond binary64" : "";
      }
    }
    return String.format(
        Locale.ROOT,
        "diverged at step %,d of %,d: %s",
        training.steps(),
        (long) training.stepsPerEpoch() * run.description().training().epochs(),
        what);
  }

  private static int differing(TrainRun run) {
    return run.stopped().flatMap(TrainRun.Stopped::difference).isPresent() ? 1 : 0;
  }

  /** The result for machines; losses that are not finite become strings. */
  public static Map<String, Object> tree(TrainRun run, Duration toFirstStep) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", run.description().name());
    tree.put(
        "status",
        run.stopped().isPresent()
            ? "stopped"
            : run.quantized().diverged() ? "diverged" : "complete");
    run.stopped().ifPresent(s -> tree.put("reason", s.reason()));
    if (run.quantized().diverged()) {
      tree.put("reason", divergence(run));
      tree.put("diverged_at_step", run.quantized().steps());
    }
    run.stopped()
        .flatMap(TrainRun.Stopped::difference)
        .ifPresent(m -> tree.put("mismatch", m.report().lines().toList()));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("train_rows", run.data().train().rows());
    data.put("test_rows", run.data().test().rows());
    data.put("features", run.data().train().features());
    data.put("target", run.data().train().target());
    tree.put("data", data);
    tree.put("epochs", run.rows().size());
    if (!run.rows().isEmpty()) {
      TrainRun.Row last = run.rows().get(run.rows().size() - 1);
      tree.put("steps", last.quantized().steps());
      tree.put("quantized", losses(last.quantized()));
      tree.put("binary64", losses(last.exact()));
    }
    run.twins()
        .ifPresent(
            lockstep -> {
              VerilatedLibrary library = lockstep.library();
              Map<String, Object> rtl = new LinkedHashMap<>();
              rtl.put("top", library.top());
              rtl.put("parameters", library.build().parameters());
              rtl.put("library", library.file().getFileName().toString());
              rtl.put("words_compared", lockstep.compared());
              rtl.put("words_distinct", lockstep.distinct().count());
              rtl.put("words_distinct_is_exact", !lockstep.distinct().isFull());
              rtl.put("words_differing", differing(run));
              rtl.put("cycles", lockstep.cycles());
              tree.put("rtl", rtl);
              Map<String, Object> seconds = new LinkedHashMap<>();
              seconds.put("model", library.buildTime().toNanos() / 1e9);
              seconds.put("model_was_built", library.fresh());
              seconds.put("simulate", lockstep.simulateNanos() / 1e9);
              seconds.put("emulate", emulateNanos(run) / 1e9);
              seconds.put("binary64", run.exactTime().toNanos() / 1e9);
              seconds.put("to_first_step", toFirstStep.toNanos() / 1e9);
              tree.put("seconds", seconds);
            });
    tree.put("theory", theory(run.description()));
    List<Object> weights = new ArrayList<>();
    long[] codes = run.quantized().step().weightCodes();
    double[] values = run.quantized().step().weights();
    double[] exact = run.exact().step().weights();
    for (int j = 0; j < values.length; j++) {
      Map<String, Object> weight = new LinkedHashMap<>();
      weight.put("feature", run.data().train().features().get(j));
      if (codes != null) {
        weight.put(
            "code", run.description().datapath().weight().orElseThrow().format().hex(codes[j]));
      }
      weight.put("value", number(values[j]));
      weight.put("binary64", number(exact[j]));
      weights.add(weight);
    }
    tree.put("weights", weights);
    Map<String, Object> versions = new LinkedHashMap<>();
    String own = TrainSummary.class.getPackage().getImplementationVersion();
    versions.put("halfulp", own == null ? "unreleased" : own);
    versions.put("java", System.getProperty("java.version"));
    tree.put("versions", versions);
    return tree;
  }

  private static Map<String, Object> theory(Description d) {
    try {
      return Map.of("stores_weights", RiskTheory.of(d).storesWeights());
    } catch (IllegalArgumentException e) {
      return Map.of("none_because", e.getMessage());
    }
  }

  /** {@link #tree} as text. */
  public static String json(TrainRun run, Duration toFirstStep) {
    return RunFolder.json(tree(run, toFirstStep));
  }

  private static Map<String, Object> losses(Training.Epoch epoch) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("train_loss", number(epoch.trainLoss()));
    map.put("test_loss", number(epoch.testLoss()));
    map.put("average_train_loss", number(epoch.averageTrainLoss()));
    map.put("average_test_loss", number(epoch.averageTestLoss()));
    return map;
  }

  private static Object number(double x) {
    return Double.isFinite(x) ? (Object) x : Double.isNaN(x) ? null : String.valueOf(x);
  }

  /** Rows of the table: all, or the first, the last and some between, closer at the start. */
  private static List<Integer> shown(int rows) {
    List<Integer> list = new ArrayList<>();
    if (rows <= TABLE_ROWS) {
      for (int i = 0; i < rows; i++) {
        list.add(i);
      }
      return list;
    }
    for (int k = 0; k < TABLE_ROWS; k++) {
      int i = (int) Math.round(Math.pow(rows, (double) k / (TABLE_ROWS - 1))) - 1;
      if (list.isEmpty() || i > list.get(list.size() - 1)) {
        list.add(i);
      }
    }
    return list;
  }

  /** {@code 2^-8} for powers of two. */
  private static String power(double x) {
    int exponent = Math.getExponent(x);
    return x == Math.scalb(1.0, exponent) ? "2^" + exponent : String.valueOf(x);
  }

  private static String loss(double x) {
    return Double.isNaN(x)
        ? "-"
        : x != 0 && (Math.abs(x) >= 999.9999 || Math.abs(x) < 1e-4)
            ? String.format(Locale.ROOT, "%.4e", x)
            : String.format(Locale.ROOT, "%.6f", x);
  }

  private static String ratio(double a, double b) {
    double r = a / b;
    return Double.isNaN(r) ? "-" : String.format(Locale.ROOT, r < 1000 ? "%.4f" : "%.1e", r);
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.2f s", time.toNanos() / 1e9);
  }

  private static void line(StringBuilder out, String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }
}
