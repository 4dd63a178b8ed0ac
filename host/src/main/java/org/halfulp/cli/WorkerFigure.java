package org.halfulp.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.input.Settings;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Figure;
import org.halfulp.report.Picture;
import org.halfulp.sweep.WorkerContraction;
import org.halfulp.sweep.WorkerContraction.Point;
import org.halfulp.sweep.WorkerContraction.Row;
import org.halfulp.sweep.WorkerContraction.Share;
import org.halfulp.sweep.WorkerTable;

/**
 * {@code halfulp experiment workers}: NQ-GD over workers that share bits, arXiv 2002.02508v3,
 * algorithm 4.
 *
 * @param smooth L_k
 * @param rates R, each a point for either way of sharing
 */
record WorkerFigure(
    double[] smooth,
    double convex,
    double[] rates,
    int rows,
    int columns,
    int instances,
    long seed,
    Settings settings) {
  static final String NAME = "workers";

  private static final double[] RATES = {12, 14, 16, 18, 20, 22, 24, 28, 32, 40};
  private static final double[] FEW_RATES = {14, 20, 28};
  private static final double SLACK = .002; // of a factor, the slope of a finite run
  private static final double MOST_BITS = 30; // of one worker

  static WorkerFigure of(Settings s, int instances, long seed) {
    double[] smooth = s.realsAsGiven("smooth", "L_k of each worker", 1e-6, 1e6, 8, 4, 2, 1);
    double convex = s.real("convex", "mu of every worker, at most each L_k", 1e-6, 1e6, 1);
    double[] usual = s.quick() ? FEW_RATES : RATES;
    double[] rates = s.reals("rates", "R, bits a coordinate of all workers", 1, 480, usual);
    int m = s.whole("m", "rows of a worker's matrix", 2, 10_000, 32);
    int n = s.whole("n", "columns, at most m", 2, 10_000, 16);
    s.check();
    if (n > m) {
      throw s.error(s.isChanged("n") ? "n" : "m", "gives %d x %d: too few rows".formatted(m, n));
    }
    for (double l : smooth) {
      if (l < convex) {
        throw s.error(
            s.isChanged("convex") ? "convex" : "smooth",
            "gives a worker with L = %s below mu = %s".formatted(l, convex));
      }
    }
    return new WorkerFigure(smooth, convex, rates, m, n, instances, seed, s);
  }

  private String title() {
    return "NQ-GD over %d workers, L = (%s), mu = %s, n = %d, %d instances"
        .formatted(
            smooth.length,
            Arrays.stream(smooth).mapToObj(WorkerFigure::shown).collect(Collectors.joining(", ")),
            shown(convex),
            columns,
            instances);
  }

  private static String shown(double x) {
    return x == Math.rint(x) ? Long.toString((long) x) : Double.toString(x);
  }

  /**
   * Makes the figure in a folder.
   *
   * @return the exit code
   */
  int make(Path folder, int threads, boolean json, Main main) {
    List<Point> points = new ArrayList<>();
    for (Share share : Share.values()) {
      for (double rate : rates) {
        points.add(new Point(share, rate));
      }
    }
    double most = rates[rates.length - 1];
    double spread = Math.log(Arrays.stream(smooth).max().orElseThrow() / convex) / Math.log(2);
    if (most / smooth.length + spread > MOST_BITS) {
      throw new IllegalArgumentException(
          "rates up to %s give a worker more than %.0f bits; take smaller ones"
              .formatted(shown(most), MOST_BITS));
    }
    WorkerContraction contractions =
        new WorkerContraction(smooth, convex, rows, columns, instances, seed);
    WorkerTable table = new WorkerTable(folder, title(), seed, points, settings);
    ForkJoinPool pool = new ForkJoinPool(threads);
    try (ProgressBar bar = Progress.bar("experiment workers", points.size(), " points", 1)) {
      for (Point point : points) {
        if (!table.has(point)) {
          table.add(pool.submit(() -> contractions.run(point)).get());
        }
        if (bar != null) {
          bar.step();
        }
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("a run failed: " + e, e);
    } finally {
      pool.shutdown();
    }
    List<Row> all = table.rows();
    table.file("table.json", table.json() + "\n");
    table.file("figure.svg", Picture.svg(figure(all, contractions.unquantized())));
    var text = main.text();
    if (json) {
      text.println(table.json());
    } else {
      text.println(title());
      text.printf(
          "  %-13s %4s %-17s %7s %7s %7s %7s %s%n",
          "share", "R", "levels M_k", "bound", "at M_k", "mean", "overall", "unfinished");
      for (Row r : all) {
        text.printf(
            "  %-13s %4s %-17s %7.4f %7.4f %7.4f %7.4f %s%n",
            r.point().share().label(),
            shown(r.point().rate()),
            r.levelText(),
            r.bound(),
            r.boundOfLevels(),
            r.mean(),
            r.overall(),
            r.boundOfLevels() >= 1 && r.unfinished() == 1
                ? "too few bits"
                : "%.1f %%".formatted(100 * r.unfinished()));
      }
      text.printf("  without quantization at most %.4f%n", contractions.unquantized());
      text.println("  folder " + folder);
    }
    for (Row r : all) {
      if (r.boundOfLevels() < 1 && (r.mean() > r.boundOfLevels() + SLACK || r.saturated() > 0)) {
        text.flush();
        main.say(
            "experiment: %s at %s bits contracts by %.4f, bound %.4f; %.1f %% of instances left their range"
                .formatted(
                    r.point().share().label(),
                    shown(r.point().rate()),
                    r.mean(),
                    r.boundOfLevels(),
                    100 * r.saturated()));
        return Main.CHECK_FAILED;
      }
    }
    return Main.GOOD;
  }

  private Figure figure(List<Row> all, double unquantized) {
    List<Curve> curves = new ArrayList<>();
    for (Share share : Share.values()) {
      List<Row> own = all.stream().filter(r -> r.point().share() == share).toList();
      double[] bits = own.stream().mapToDouble(r -> r.point().rate()).toArray();
      double[] bound = own.stream().mapToDouble(r -> Math.min(1, r.boundOfLevels())).toArray();
      double[] real = own.stream().mapToDouble(r -> Math.min(1, r.bound())).toArray();
      double[] mean = own.stream().mapToDouble(Row::mean).toArray();
      curves.add(Curve.line(share.label(), bits, bound));
      curves.add(Curve.dashed(share.label() + ", real rates", bits, real).besides(share.label()));
      curves.add(Curve.marks(share.label(), bits, mean, new double[0]));
    }
    double[] ends = {rates[0], rates[rates.length - 1]};
    curves.add(
        Curve.line("not quantized, bound", ends, new double[] {unquantized, unquantized})
            .asReference());
    return Curves.figure(
        "figure",
        title(),
        "Lines: the bound at whole levels; dashed: at real rates. Circles: the mean of the"
            + " instances.",
        "From table.csv, written by halfulp experiment workers.",
        "R, bits a coordinate of all workers",
        false,
        "contraction factor; line: bound, circles: mean",
        true,
        curves);
  }
}
