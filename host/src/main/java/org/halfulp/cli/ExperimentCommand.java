package org.halfulp.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.input.ExperimentSpec;
import org.halfulp.input.Settings;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Figure;
import org.halfulp.report.Picture;
import org.halfulp.sweep.ClassExperiment;
import org.halfulp.sweep.ExactDescent;
import org.halfulp.sweep.FeatureExperiment;
import org.halfulp.sweep.RiskExperiment;
import org.halfulp.sweep.RiskTable;
import org.halfulp.verify.MismatchException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp experiment}: a figure, its runs and what theory says of them. */
@Command(
    name = "experiment",
    description = {
      "Make a figure: simulated runs beside what theory predicts.",
      "",
      "Quantized SGD on Gaussian least squares (arXiv:2510.18259):",
      "  q1     excess risk against steps, for noise variances and two formats",
      "  q2     excess risk against the number of features",
      "  batch  excess risk against batch, by which tensors are noisy",
      "  stability  excess risk up to the limit of the step size",
      "  bits   excess risk against fraction bits, fixed point beside float",
      "  rtl    weights in formats, moved by the update unit's RTL beside the emulator",
      "",
      "Quantized gradient methods on least squares (arXiv:2002.02508):",
      "  fig3   contraction of DQ-GD and NQ-GD against levels a coordinate",
      "  fig4   contraction of DQ-GD, DQ-AGD and DQ-HB",
      "  steps  contraction of DQ-GD whose step sizes change in cycles",
      "  workers  contraction of NQ-GD over workers that share bits, two ways",
      "  exact  DQ-GD in fixed point on --matrix, beside its RTL",
      "",
      "One-bit random features (arXiv:2510.16250):",
      "  widths       test error of normal and of one-bit weights against width",
      "  anisotropic  the same on inputs of variances i^-a, rotated or not",
      "  growth       the same against the number of inputs",
      "  classes      share of wrong classes on real data, --data, against width",
      "",
      "Writes table.csv after each point, at the end table.json and figure.svg."
          + " Started again with the same folder and settings it goes on where it stopped.",
      "",
      "A .yaml file in place of NAME has the name under 'experiment' and options as keys: runs,"
          + " seed, matrix, kappa, data, and settings. Options given beside it come first."
    },
    footer = {
      "",
      "Exit: 0 done; 1 a mean risk is beyond 5 standard errors of theory, a mean"
          + " contraction above its bound, a mean test error on inputs of"
          + " one variance off theory by more than a tenth and 5 standard errors, or RTL and"
          + " emulator differ; 2 bad input; 3 a tool is"
          + " missing or broke.",
      "",
      "Example:",
      "  halfulp experiment q1 --quick --out runs/q1",
      "  halfulp experiment examples/experiments/fig4-ash331.yaml",
      "  halfulp experiment widths --out runs/widths",
      "  halfulp experiment q1 --settings",
      "  halfulp experiment q1 --set d=50 --set eps=.001,.1",
      "  halfulp experiment exact --matrix examples/ash331.mtx"
    })
final class ExperimentCommand implements Callable<Integer> {
  private static final double MOST = 5;

  @ParentCommand private Main main;

  @Parameters(paramLabel = "NAME", description = "One of the above, or a .yaml file.")
  private String given;

  private String name;

  @Option(names = "--quick", description = "A small version, of seconds.")
  private boolean quick;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description =
          "Runs of each point, at least 2. Default: 100, 40 if quick; fig3, fig4, steps: 500, 20; workers: 200, 10;"
              + " widths, anisotropic, classes: 8; growth: 8 at d = 400, more below.")
  private Integer runs;

  @Option(names = "--seed", paramLabel = "S", description = "Default: 1.")
  private Long givenSeed;

  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads; the numbers do not depend on it. Default: one a core.")
  private Integer threads;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Folder, new, empty or of the same experiment. Default: runs/NAME, or runs/ and the"
              + " file's name.")
  private Path out;

  @Option(
      names = "--matrix",
      paramLabel = "FILE",
      description =
          "fig3, fig4, steps, exact: the matrix, .mtx, .npy or .csv. Default: Gaussian ones, 32 x 16.")
  private Path matrix;

  @Option(
      names = "--kappa",
      paramLabel = "K",
      description = "fig3, fig4, steps: condition L/mu of the Gaussian matrices. Default: 10.")
  private Double kappa;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "classes: rows of inputs and last a label 0, 1, ..., .csv or .npy; see 'halfulp import'.")
  private Path data;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "A setting, values of a list joined by commas; again for another.")
  private List<String> set = List.of();

  @Option(
      names = "--settings",
      description = "Show what may be set of the experiment, and do nothing.")
  private boolean showSettings;

  @Option(names = "--json", description = "Print the table as JSON.")
  private boolean json;

  static List<String> names() {
    return Stream.of(
            RiskExperiment.NAMES,
            DescentFigure.NAMES,
            FeatureExperiment.NAMES,
            List.of(WorkerFigure.NAME, ExactFigure.NAME, ClassFigure.NAME))
        .flatMap(List::stream)
        .toList();
  }

  @Override
  public Integer call() {
    String label = given;
    name = given;
    Map<String, Settings.Given> chosen = new LinkedHashMap<>();
    if (ExperimentSpec.isFile(given)) {
      Path file = Path.of(given);
      ExperimentSpec spec = ExperimentSpec.read(file);
      name = spec.experiment();
      label = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
      runs = runs != null ? runs : spec.runs().orElse(null);
      givenSeed = givenSeed != null ? givenSeed : spec.seed().orElse(null);
      matrix = matrix != null ? matrix : spec.matrix().orElse(null);
      kappa = kappa != null ? kappa : spec.kappa().orElse(null);
      data = data != null ? data : spec.data().orElse(null);
      chosen.putAll(spec.settings());
    }
    for (String one : set) {
      int at = one.indexOf('=');
      if (at < 1) {
        throw new IllegalArgumentException(
            "--set must be NAME=VALUE, got '%s'; see --settings".formatted(one));
      }
      chosen.put(one.substring(0, at), new Settings.Given("--set", one.substring(at + 1)));
    }
    Settings settings = new Settings(name, quick, chosen);
    seed = givenSeed == null ? 1 : givenSeed;
    if (runs != null && runs < 2) {
      throw new IllegalArgumentException("--runs must be at least 2, got " + runs);
    }
    int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (workers < 1) {
      throw new IllegalArgumentException("--threads must be at least 1, got " + threads);
    }
    Path folder = out == null ? Path.of("runs", label + (quick ? "-quick" : "")) : out;
    if (DescentFigure.NAMES.contains(name)) {
      int instances = runs != null ? runs : quick ? 20 : 500;
      if (matrix != null && kappa != null) {
        throw new IllegalArgumentException(
            "--kappa is of Gaussian matrices; leave it out beside --matrix");
      }
      double condition = kappa == null ? 10 : kappa;
      DescentFigure figure = DescentFigure.of(name, settings, instances, seed, matrix, condition);
      return showSettings ? show(settings) : figure.make(folder, workers, json, main);
    }
    if (name.equals(ExactFigure.NAME)) {
      ExactDescent descent = ExactDescent.of(settings);
      if (showSettings) {
        return show(settings);
      }
      if (matrix == null || kappa != null || data != null || runs != null) {
        throw new IllegalArgumentException(
            "exact takes --matrix, a file of whole numbers, for instance examples/ash331.mtx, and"
                + " none of --kappa, --data and --runs");
      }
      return new ExactFigure(matrix, descent, seed).make(folder, json, main);
    }
    if (name.equals(WorkerFigure.NAME) && matrix == null && kappa == null && data == null) {
      int instances = runs != null ? runs : quick ? 10 : 200;
      WorkerFigure figure = WorkerFigure.of(settings, instances, seed);
      return showSettings ? show(settings) : figure.make(folder, workers, json, main);
    }
    if (matrix != null || kappa != null) {
      throw new IllegalArgumentException(
          "--matrix and --kappa are for fig3, fig4 and steps, got " + name);
    }
    if (name.equals(ClassFigure.NAME)) {
      ClassExperiment.Plan plan = ClassExperiment.Plan.of(settings);
      if (showSettings) {
        return show(settings);
      }
      if (data == null) {
        throw new IllegalArgumentException(
            "classes needs --data, a .csv or .npy file whose last column is the label, for instance"
                + " examples/digits.csv");
      }
      return new ClassFigure(data, plan, runs != null ? runs : quick ? 2 : 8, seed)
          .make(folder, workers, json, main);
    }
    if (data != null) {
      throw new IllegalArgumentException("--data is for classes, got " + name);
    }
    if (FeatureExperiment.NAMES.contains(name)) {
      FeatureExperiment features = FeatureExperiment.of(name, settings);
      if (showSettings) {
        return show(settings);
      }
      return new FeatureFigure(runs == null ? features : features.withRuns(runs), seed)
          .make(folder, workers, json, main);
    }
    if (!RiskExperiment.NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "unknown experiment '%s'; known: %s".formatted(name, String.join(" ", names())));
    }
    RiskExperiment experiment = RiskExperiment.of(name, settings);
    if (showSettings) {
      return show(settings);
    }
    if (runs != null) {
      experiment = experiment.withRuns(runs);
    }
    RiskTable table = new RiskTable(folder, experiment, seed);
    List<RiskExperiment.Point> points = experiment.points();
    try (ProgressBar bar = Progress.bar("experiment " + name, points.size(), " points", 1)) {
      for (int i = 0; i < points.size(); i++) {
        if (!table.has(points.get(i))) {
          // samples of their own, so that one unlucky draw shows in one point
          table.add(experiment.run(points.get(i), seed + i, workers));
        }
        if (bar != null) {
          bar.step();
        }
      }
    } catch (MismatchException difference) {
      main.text().print(difference.report());
      main.text().flush();
      main.say("experiment: RTL and emulator differ");
      return Main.CHECK_FAILED;
    }
    table.file("table.json", table.json() + "\n");
    table.file("figure.svg", Picture.svg(figure(experiment, table.rows())));
    var text = main.text();
    if (json) {
      text.println(table.json());
    } else {
      print(experiment, table.rows());
      text.println("  folder " + folder);
    }
    if (experiment.comparesWords() && experiment.wordsCompared(table.rows()) == 0) {
      text.flush();
      main.say("experiment: no word of the RTL was compared");
      return Main.CHECK_FAILED;
    }
    for (RiskExperiment.Row row : table.rows()) {
      if (experiment.isComparable(row.point()) && !(Math.abs(row.z()) <= MOST)) {
        text.flush();
        main.say(
            "experiment: %s at d = %d, B = %d, N = %d is %.1f standard errors from theory"
                .formatted(
                    row.point().series(),
                    row.point().dimension(),
                    row.point().batch(),
                    row.steps(),
                    row.z()));
        return Main.CHECK_FAILED;
      }
    }
    return Main.GOOD;
  }

  private int show(Settings settings) {
    var text = main.text();
    text.printf("settings of %s, for --set or as keys of a .yaml file%n", name);
    for (Settings.Declared d : settings.declared()) {
      text.printf("  %s=%s%n", d.name(), d.byDefault());
      text.printf("      %s; %s%n", d.meaning(), d.range());
    }
    return Main.GOOD;
  }

  private void print(RiskExperiment experiment, List<RiskExperiment.Row> rows) {
    var text = main.text();
    text.println(experiment.title() + ", " + experiment.runs() + " runs");
    text.printf(
        "  %-22s %13s %11s %9s %6s %11s %9s%n",
        "", experiment.axis().label(), "average", "theory", "z", "last", "theory");
    for (RiskExperiment.Row r : rows) {
      text.printf(
          "  %-22s %13s %11s %9s %+6.2f %11s %9s%n",
          r.point().series(),
          place(experiment.axis().of(r)),
          risk(r.average().mean()),
          risk(r.averageInTheory()),
          Math.abs(r.z()) < 1000 ? r.z() : Double.NaN,
          risk(r.last().mean()),
          risk(r.lastInTheory()));
    }
    long words = experiment.wordsCompared(rows);
    if (words > 0) {
      text.printf("  update words  compared %,d   differing 0%n", words);
    }
    for (String line : experiment.remarks()) {
      text.println("  " + line);
    }
  }

  private static String risk(double x) {
    return (Math.abs(x) < 1000 ? "%.5f" : "%.2e").formatted(x);
  }

  private static String place(double x) {
    return x == Math.rint(x) ? "%.0f".formatted(x) : "%.4f".formatted(x);
  }

  private static Figure figure(RiskExperiment experiment, List<RiskExperiment.Row> rows) {
    boolean last = experiment.axis() == RiskExperiment.Axis.BATCH;
    Map<String, List<RiskExperiment.Row>> bySeries = new LinkedHashMap<>();
    for (RiskExperiment.Point p : experiment.points()) {
      bySeries.put(p.series(), new ArrayList<>());
    }
    rows.forEach(r -> bySeries.get(r.point().series()).add(r));
    List<Curve> curves = new ArrayList<>();
    bySeries.forEach(
        (label, list) -> {
          boolean exact = label.equals("binary64");
          double[] x = list.stream().mapToDouble(experiment.axis()::of).toArray();
          Curve theory =
              Curve.line(
                  label,
                  x,
                  list.stream()
                      .mapToDouble(r -> last ? r.lastInTheory() : r.averageInTheory())
                      .toArray());
          Curve simulated =
              Curve.marks(
                  label,
                  x,
                  list.stream().mapToDouble(r -> (last ? r.last() : r.average()).mean()).toArray(),
                  list.stream()
                      .mapToDouble(r -> (last ? r.last() : r.average()).standardError())
                      .toArray());
          curves.add(exact ? theory.asReference() : theory);
          curves.add(exact ? simulated.asReference() : simulated);
        });
    return Curves.figure(
        "figure",
        experiment.title(),
        "Lines: theory. Circles: simulated, with two standard errors each way.",
        "From table.csv, written by halfulp experiment " + experiment.name() + ".",
        experiment.axis().label(),
        experiment.axis() != RiskExperiment.Axis.FRACTION_BITS,
        "excess risk; line: theory, circles: " + experiment.runs() + " runs",
        true,
        curves);
  }
}
