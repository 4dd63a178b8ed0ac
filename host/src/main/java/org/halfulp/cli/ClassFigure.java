package org.halfulp.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.input.InputException;
import org.halfulp.input.MatrixMarket;
import org.halfulp.learn.Runs;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Picture;
import org.halfulp.sweep.ClassExperiment;
import org.halfulp.sweep.ClassExperiment.Row;
import org.halfulp.tensor.MatrixFile;

/** Classes of real data by random features with normal weights and with their signs. */
record ClassFigure(Path data, ClassExperiment.Plan plan, int runs, long seed) {
  /** The name of the experiment. */
  static final String NAME = "classes";

  /**
   * Makes the figure in a folder.
   *
   * @return the exit code
   */
  int make(Path folder, int threads, boolean json, Main main) {
    MatrixMarket.Matrix m = MatrixFile.read(data);
    ClassExperiment.Data rows;
    try {
      String name = data.getFileName().toString();
      rows = ClassExperiment.Data.of(name, m.values(), m.rows(), m.columns());
    } catch (IllegalArgumentException e) {
      throw new InputException(data + ": " + e.getMessage());
    }
    ClassExperiment experiment = new ClassExperiment(folder, rows, plan, runs, seed);
    try (ProgressBar bar = Progress.bar("experiment " + NAME, experiment.size(), " points", 1)) {
      if (bar != null) {
        bar.stepTo(experiment.rows().size());
      }
      while (experiment.rows().size() < experiment.size()) {
        experiment.step(threads);
        if (bar != null) {
          bar.step();
        }
      }
    }
    experiment.file("table.json", experiment.json() + "\n");
    experiment.file("figure.svg", figure(experiment));
    var text = main.text();
    if (json) {
      text.println(experiment.json());
      return Main.GOOD;
    }
    text.println(experiment.title());
    text.printf(
        "  %-22s %6s %5s %17s %17s %19s%n", "", "p", "runs", "normal %", "one-bit %", "difference");
    for (Row r : experiment.rows()) {
      text.printf(
          "  %-22s %6d %5d %8.2f +-%6.2f %8.2f +-%6.2f %+10.2f +-%6.2f%n",
          r.series(),
          r.width(),
          r.runs(),
          100 * r.normal().mean(),
          100 * r.normal().standardError(),
          100 * r.sign().mean(),
          100 * r.sign().standardError(),
          100 * r.difference().mean(),
          100 * r.difference().standardError());
    }
    text.println("  folder " + folder);
    return Main.GOOD;
  }

  private static String figure(ClassExperiment experiment) {
    List<Curve> curves = new ArrayList<>();
    List<String> names = experiment.rows().stream().map(Row::series).distinct().toList();
    for (String name : names) {
      List<Row> own = experiment.rows().stream().filter(r -> r.series().equals(name)).toList();
      add(curves, name, own, Row::normal);
      add(curves, name + ", one-bit", own, Row::sign);
    }
    return Picture.svg(
        Curves.figure(
            "figure",
            experiment.title(),
            "Means of the runs, with two standard errors each way.",
            "From table.csv, written by halfulp experiment " + NAME + ".",
            "features p",
            true,
            "share of test rows with a wrong class",
            true,
            curves));
  }

  private static void add(
      List<Curve> curves, String name, List<Row> rows, Function<Row, Runs.Estimate> of) {
    double[] x = rows.stream().mapToDouble(Row::width).toArray();
    double[] mean = rows.stream().mapToDouble(r -> of.apply(r).mean()).toArray();
    curves.add(Curve.line(name, x, mean));
    curves.add(
        Curve.marks(
            name, x, mean, rows.stream().mapToDouble(r -> of.apply(r).standardError()).toArray()));
  }
}
