package org.halfulp.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.input.InputException;
import org.halfulp.input.MatrixMarket;
import org.halfulp.input.Settings;
import org.halfulp.learn.UniformQuantizer;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Figure;
import org.halfulp.report.Picture;
import org.halfulp.sweep.ContractionTable;
import org.halfulp.sweep.ContractionTable.Method;
import org.halfulp.sweep.ContractionTable.Row;
import org.halfulp.sweep.ContractionTable.Setting;
import org.halfulp.sweep.DescentTable;
import org.halfulp.tensor.MatrixFile;
import org.halfulp.theory.ChebyshevSteps;

/**
 * Figures 3 and 4 of Lin, Kostina and Hassibi, arXiv 2002.02508v3: how quantized gradient methods
 * contract, by levels a coordinate; and the same of their algorithm 5, DQ-GD with step sizes that
 * change.
 *
 * @param levels M, each a point
 * @param alpha of the heavy ball's ranges
 * @param powersOfTwo whether ranges are rounded up to such
 * @param cycles steps after which the step sizes come again, a curve each; 1 alone but for "steps"
 * @param gaussian the matrices that are drawn
 * @param matrix a file in their place; null: none
 * @param settings those that the user chose
 */
record DescentFigure(
    String name,
    List<Integer> levels,
    double alpha,
    boolean powersOfTwo,
    List<Integer> cycles,
    int instances,
    long seed,
    Gaussian gaussian,
    Path matrix,
    Settings settings) {
  private static final double LEAST_KAPPA = 1 + 1e-9;
  private static final double LARGEST_KAPPA = 1e6;

  /** Drawn matrices, m x n. */
  record Gaussian(int rows, int columns, double kappa) {}

  /** The figures, by name. */
  static final List<String> NAMES = List.of("fig3", "fig4", "steps");

  private static final int[] LEVELS = {
    2, 3, 4, 6, 8, 11, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 4096
  };
  private static final int[] FEW_LEVELS = {4, 8, 12, 16, 24, 32, 128};

  /**
   * @param matrix a file; null: Gaussian matrices with {@code kappa}
   */
  static DescentFigure of(
      String name, Settings s, int instances, long seed, Path matrix, double kappa) {
    int[] levels =
        s.wholes("levels", "M a coordinate", 2, 1 << 30, s.quick() ? FEW_LEVELS : LEVELS);
    double alpha = 0;
    boolean powersOfTwo = false;
    if (name.equals("fig4")) {
      alpha = s.real("alpha", "of DQ-HB's ranges: 0 as in the paper, 1 is safe", 0, 16, alpha);
      powersOfTwo = s.flag("powers_of_two", "round ranges up to powers of two", powersOfTwo);
    }
    List<Integer> cycles = List.of(1);
    if (name.equals("steps")) {
      int[] usual = s.quick() ? new int[] {1, 4} : new int[] {1, 2, 4, 8, 16};
      String meaning = "steps of a cycle, powers of two; 1: constant";
      cycles =
          Arrays.stream(s.wholes("cycles", meaning, 1, ChebyshevSteps.MOST, usual))
              .boxed()
              .toList();
    }
    int m = s.whole("m", "rows of the Gaussian matrices", 2, 10_000, 32);
    int n = s.whole("n", "their columns, at most m", 2, 10_000, 16);
    s.check();
    for (int k : cycles) {
      if (Integer.bitCount(k) != 1) {
        throw s.error("cycles", "must be powers of two, got " + k);
      }
    }
    if (matrix != null && (s.isChanged("m") || s.isChanged("n"))) {
      throw s.error(
          s.isChanged("m") ? "m" : "n", "is of Gaussian matrices; leave it out beside --matrix");
    }
    if (n > m) {
      throw s.error(
          s.isChanged("n") ? "n" : "m",
          "gives %d x %d, and least squares needs at least as many rows as columns"
              .formatted(m, n));
    }
    if (matrix == null && !(kappa >= LEAST_KAPPA && kappa <= LARGEST_KAPPA)) {
      throw new IllegalArgumentException(
          "kappa must be above 1, where one step ends, and at most %.0e; got %s"
              .formatted(LARGEST_KAPPA, kappa));
    }
    List<Integer> all = Arrays.stream(levels).boxed().toList();
    Gaussian gaussian = new Gaussian(m, n, kappa);
    return new DescentFigure(
        name, all, alpha, powersOfTwo, cycles, instances, seed, gaussian, matrix, s);
  }

  private List<Method> methods() {
    return switch (name) {
      case "fig3" -> List.of(Method.NQ_GD, Method.DQ_GD);
      case "fig4" -> List.of(Method.DQ_GD, Method.DQ_AGD, Method.DQ_HB);
      default -> List.of(Method.DQ_GD);
    };
  }

  /** Those of each curve, and then those without quantization. */
  private List<Setting> points() {
    List<Setting> points = new ArrayList<>();
    Set<Setting> unquantized = new LinkedHashSet<>();
    for (Method method : methods()) {
      for (int cycle : cycles) {
        for (int m : levels) {
          double growth = method == Method.DQ_HB ? alpha : 0;
          points.add(new Setting(method, Optional.of(m), growth, powersOfTwo, cycle));
        }
        if (method != Method.NQ_GD) { // whose other half is GD too
          unquantized.add(points.get(points.size() - 1).unquantized());
        }
      }
    }
    points.addAll(unquantized);
    return points;
  }

  private ContractionTable table(Optional<MatrixMarket.Matrix> a) {
    if (a.isEmpty()) {
      return ContractionTable.gaussian(
          gaussian.rows(), gaussian.columns(), gaussian.kappa(), instances, seed);
    }
    MatrixMarket.Matrix m = a.get();
    try {
      ContractionTable table =
          ContractionTable.of(m.values(), m.rows(), m.columns(), instances, seed);
      if (!(table.kappa() > LEAST_KAPPA)) {
        throw new IllegalArgumentException(
            "all its singular values are equal (kappa = 1), so that one step ends: nothing contracts");
      }
      return table;
    } catch (IllegalArgumentException e) {
      throw new InputException(matrix + ": " + e.getMessage());
    }
  }

  private String title(ContractionTable table) {
    return "%s, kappa = %.3f, %d instances"
        .formatted(
            matrix == null
                ? "Gaussian %d x %d".formatted(gaussian.rows(), gaussian.columns())
                : matrix.getFileName(),
            table.kappa(),
            instances);
  }

  /**
   * Makes the figure in a folder.
   *
   * @return the exit code
   */
  int make(Path folder, int threads, boolean json, Main main) {
    Optional<MatrixMarket.Matrix> a = Optional.ofNullable(matrix).map(MatrixFile::read);
    ContractionTable contractions = table(a);
    String title = title(contractions);
    List<Setting> points = points();
    double[] values = a.map(MatrixMarket.Matrix::values).orElse(new double[0]);
    DescentTable table = new DescentTable(folder, name, title, values, seed, points, settings);
    ForkJoinPool pool = new ForkJoinPool(threads);
    try (ProgressBar bar = Progress.bar("experiment " + name, points.size(), " points", 1)) {
      for (Setting setting : points) {
        if (!table.has(setting)) {
          table.add(pool.submit(() -> contractions.run(setting)).get());
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
    List<Row> rows = table.rows();
    table.file("table.json", table.json() + "\n");
    table.file("figure.svg", Picture.svg(figure(title, rows)));
    var text = main.text();
    if (json) {
      text.println(table.json());
    } else {
      text.println(title);
      text.printf(
          "  %-15s %5s %6s %7s %7s %7s %10s %11s%n",
          "method", "M", "R", "bound", "mean", "max", "saturated", "unfinished");
      for (Row r : rows) {
        Optional<Integer> m = r.setting().levels();
        text.printf(
            "  %-15s %5s %6s %7.4f %7.4f %7.4f %10s %11s%n",
            r.setting().label(),
            m.map(String::valueOf).orElse("-"),
            m.map(l -> "%.2f".formatted(Math.log(l) / Math.log(2))).orElse("-"),
            r.bound(),
            r.mean(),
            r.max(),
            m.isEmpty() ? "-" : "%.1f %%".formatted(100 * r.saturated()),
            r.bound() >= 1 && r.unfinished() == 1
                ? "M too small"
                : "%.1f %%".formatted(100 * r.unfinished()));
      }
      for (Method method : methods()) {
        text.println("  " + threshold(method, contractions));
      }
      text.println("  folder " + folder);
    }
    for (Row r : rows) {
      // the heavy ball with alpha = 0 lies above its bound in any finite time
      if (r.setting().method() != Method.DQ_HB && r.mean() > r.bound() + jitter(r.mean())) {
        text.flush();
        main.say(
            "experiment: %s%s contracts by %.4f, above its bound %.4f"
                .formatted(
                    r.setting().label(),
                    r.setting().levels().map(" with %d levels"::formatted).orElse(""),
                    r.mean(),
                    r.bound()));
        return Main.CHECK_FAILED;
      }
    }
    return Main.GOOD;
  }

  /** From how many levels on a method converges. */
  private String threshold(Method method, ContractionTable table) {
    double rho = UniformQuantizer.contraction(table.columns(), 1) * (powersOfTwo ? 2 : 1);
    double rate = method.convergentRate(table.kappa(), rho);
    int most = levels.get(levels.size() - 1);
    return "%s converges above R = %.3f bits, from M = %,.0f on%s"
        .formatted(
            method.label(),
            rate,
            Math.floor(Math.pow(2, rate) + 1e-9) + 1,
            most > Math.pow(2, rate) ? "" : ": more than the %,d here".formatted(most));
  }

  /**
   * How far a factor may be from a slope: that of an error off by 2 at one end of the tail, the
   * last half of the steps down to 1e-12.
   */
  private static double jitter(double factor) {
    double steps = Math.log(1e-12) / Math.log(factor);
    return Math.max(.002, factor * Math.log(2) / (steps / 2));
  }

  private Figure figure(String title, List<Row> rows) {
    List<Curve> curves = new ArrayList<>();
    Map<String, List<Row>> byCurve = new LinkedHashMap<>();
    for (Row r : rows) {
      byCurve.computeIfAbsent(r.setting().label(), l -> new ArrayList<>()).add(r);
    }
    double[] ends = {levels.get(0), levels.get(levels.size() - 1)};
    byCurve.forEach(
        (label, own) -> {
          Row first = own.get(0);
          if (first.setting().levels().isEmpty()) {
            double[] mean = {first.mean(), first.mean()};
            Setting of = first.setting();
            curves.add(
                Curve.dashed(label, ends, mean)
                    .besides(
                        new Setting(of.method(), Optional.of(2), 0, false, of.cycle()).label()));
            return;
          }
          double[] m = own.stream().mapToDouble(r -> r.setting().levels().orElseThrow()).toArray();
          curves.add(Curve.line(label, m, own.stream().mapToDouble(Row::bound).toArray()));
          curves.add(
              Curve.marks(label, m, own.stream().mapToDouble(Row::mean).toArray(), new double[0]));
        });
    return Curves.figure(
        "figure",
        title,
        "Lines: the bound. Circles: the mean of the instances. Dashed: not quantized.",
        "From table.csv, written by halfulp experiment " + name + ".",
        "levels M a coordinate",
        true,
        "contraction factor; line: bound, circles: mean",
        true,
        curves);
  }
}
