package org.halfulp.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.learn.Runs;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Picture;
import org.halfulp.sweep.FeatureExperiment;
import org.halfulp.sweep.FeatureExperiment.Point;
import org.halfulp.sweep.FeatureExperiment.Row;
import org.halfulp.sweep.FeatureTable;

/** Test errors of random features with normal weights and with their signs. */
record FeatureFigure(FeatureExperiment experiment, long seed) {
  private static final double MOST_ERRORS = 5;
  private static final double MOST_SHARE = .1; // theory is of infinite sizes

  /**
   * Makes the figure in a folder.
   *
   * @return the exit code
   */
  int make(Path folder, int threads, boolean json, Main main) {
    FeatureTable table = new FeatureTable(folder, experiment, seed);
    List<Point> points = experiment.points();
    try (ProgressBar bar =
        Progress.bar("experiment " + experiment.name(), points.size(), " points", 1)) {
      for (int i = 0; i < points.size(); i++) {
        if (!table.has(points.get(i))) {
          // samples of their own, so that one unlucky draw shows in one point
          table.add(experiment.run(points.get(i), seed + i, threads));
        }
        if (bar != null) {
          bar.step();
        }
      }
    }
    table.file("table.json", table.json() + "\n");
    table.file("figure.svg", figure(table.rows()));
    var text = main.text();
    if (json) {
      text.println(table.json());
    } else {
      print(table.rows(), main);
      text.println("  folder " + folder);
    }
    for (Row r : table.rows()) {
      if (r.point().decay() == 0) {
        for (boolean sign : new boolean[] {false, true}) {
          Runs.Estimate e = sign ? r.sign() : r.normal();
          double off = Math.abs(e.mean() - (sign ? r.signInTheory() : r.normalInTheory()));
          if (!(off <= MOST_ERRORS * e.standardError() + MOST_SHARE * e.mean())) {
            text.flush();
            main.say(
                "experiment: %s at p = %d with %s weights has error %.4f, %.4f from theory"
                    .formatted(
                        r.point().series(),
                        r.point().width(),
                        sign ? "one-bit" : "normal",
                        e.mean(),
                        off));
            return Main.CHECK_FAILED;
          }
        }
      }
    }
    return Main.GOOD;
  }

  private void print(List<Row> rows, Main main) {
    var text = main.text();
    text.println(experiment.title());
    text.printf(
        "  %-22s %7s %4s %7s %7s %7s %7s %7s %15s%n",
        "", "", "runs", "normal", "theory", "one-bit", "theory", "limit", "difference");
    for (Row r : rows) {
      text.printf(
          "  %-22s %7.4g %4d %7.4f %7.4f %7.4f %7.4f %7.4f %+7.4f +-%6.4f%n",
          r.point().series(),
          experiment.axis().of(r.point()),
          r.runs(),
          r.normal().mean(),
          r.normalInTheory(),
          r.sign().mean(),
          r.signInTheory(),
          r.limit(),
          r.difference().mean(),
          r.difference().standardError());
    }
  }

  private String figure(List<Row> rows) {
    Set<String> names =
        rows.stream()
            .map(r -> r.point().series())
            .collect(Collectors.toCollection(LinkedHashSet::new));
    List<Curve> curves = new ArrayList<>();
    for (String name : names) {
      List<Row> own = rows.stream().filter(r -> r.point().series().equals(name)).toList();
      double[] x = own.stream().mapToDouble(r -> experiment.axis().of(r.point())).toArray();
      curves.add(Curve.line(name, x, own.stream().mapToDouble(Row::limit).toArray()));
      curves.add(
          Curve.hollow(name + ", one-bit", x, means(own, Row::sign), errors(own, Row::sign))
              .besides(name));
      curves.add(Curve.marks(name, x, means(own, Row::normal), errors(own, Row::normal)));
    }
    return Picture.svg(
        Curves.figure(
            "figure",
            experiment.title(),
            "Lines: theory in the limit, of both. Circles: runs, hollow with one-bit weights, with two"
                + " standard errors each way.",
            "From table.csv, written by halfulp experiment " + experiment.name() + ".",
            experiment.axis().label(),
            true,
            "test error; line: theory in the limit, circles: runs",
            true,
            curves));
  }

  private static double[] means(List<Row> rows, Function<Row, Runs.Estimate> of) {
    return rows.stream().mapToDouble(r -> of.apply(r).mean()).toArray();
  }

  private static double[] errors(List<Row> rows, Function<Row, Runs.Estimate> of) {
    return rows.stream().mapToDouble(r -> of.apply(r).standardError()).toArray();
  }
}
