package org.halfulp.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.input.InputException;
import org.halfulp.input.MatrixMarket;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Figure;
import org.halfulp.report.Picture;
import org.halfulp.sweep.ContractionTable;
import org.halfulp.sweep.ContractionTable.Method;
import org.halfulp.sweep.ContractionTable.Row;
import org.halfulp.sweep.ContractionTable.Setting;
import org.halfulp.sweep.RunFolder;

/**
 * Figures 3 and 4 of Lin, Kostina and Hassibi, arXiv 2002.02508v3: how quantized gradient methods
 * contract, by levels a coordinate.
 *
 * @param matrix a Matrix Market file; null: Gaussian matrices of 32 x 16 with kappa = 10
 */
record DescentFigure(String name, boolean quick, int instances, long seed, Path matrix) {
  /** The figures, by name. */
  static final List<String> NAMES = List.of("fig3", "fig4");

  private static final List<Integer> LEVELS =
      List.of(2, 3, 4, 6, 8, 11, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 4096);
  private static final List<Integer> FEW_LEVELS = List.of(4, 8, 12, 16, 24, 32, 128);
  private static final double ROUNDED = .002; // of slopes, which are fitted to errors that jitter

  private List<Method> methods() {
    return name.equals("fig3")
        ? List.of(Method.NQ_GD, Method.DQ_GD)
        : List.of(Method.DQ_GD, Method.DQ_AGD, Method.DQ_HB);
  }

  private ContractionTable table() {
    if (matrix == null) {
      return ContractionTable.gaussian(32, 16, 10, instances, seed);
    }
    MatrixMarket.Matrix a = MatrixMarket.read(matrix);
    try {
      return ContractionTable.of(a.values(), a.rows(), a.columns(), instances, seed);
    } catch (IllegalArgumentException e) {
      throw new InputException(matrix + ": " + e.getMessage());
    }
  }

  private String title(ContractionTable table) {
    return "%s, kappa = %.3f, %d instances"
        .formatted(
            matrix == null ? "Gaussian 32 x 16" : matrix.getFileName(), table.kappa(), instances);
  }

  /**
   * Makes the figure in a folder.
   *
   * @return the exit code
   */
  int make(Path folder, int threads, boolean json, Main main) {
    RunFolder.checkFree(folder);
    ContractionTable table = table();
    List<Integer> levels = quick ? FEW_LEVELS : LEVELS;
    List<Row> rows = new ArrayList<>();
    ForkJoinPool pool = new ForkJoinPool(threads);
    try (ProgressBar bar =
        Progress.bar("experiment " + name, (long) levels.size() * methods().size(), " points", 1)) {
      Files.createDirectories(folder);
      for (Method method : methods()) {
        for (int m : levels) {
          rows.add(pool.submit(() -> table.run(Setting.of(method, m))).get());
          RunFolder.write(folder, "table.csv", csv(rows));
          if (bar != null) {
            bar.step();
          }
        }
      }
      RunFolder.write(folder, "table.json", json(rows));
      RunFolder.write(folder, "figure.svg", Picture.svg(figure(title(table), rows)));
    } catch (IOException e) {
      throw new InputException(
          "%s cannot be written (%s); choose another folder with --out"
              .formatted(folder, e.getMessage()));
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("a run failed: " + e, e);
    } finally {
      pool.shutdown();
    }
    var text = main.text();
    if (json) {
      text.print(json(rows));
    } else {
      text.println(title(table));
      text.printf(
          "  %-7s %5s %6s %7s %7s %7s %10s %11s%n",
          "method", "M", "R", "bound", "mean", "max", "saturated", "unfinished");
      for (Row r : rows) {
        int m = r.setting().levels().orElseThrow();
        text.printf(
            "  %-7s %5d %6.2f %7.4f %7.4f %7.4f %8.1f %% %9.1f %%%n",
            r.setting().method().label(),
            m,
            Math.log(m) / Math.log(2),
            r.bound(),
            r.mean(),
            r.max(),
            100 * r.saturated(),
            100 * r.unfinished());
      }
      text.println("  folder " + folder);
    }
    for (Row r : rows) {
      // the heavy ball with alpha = 0 lies above its bound in any finite time
      if (r.setting().method() != Method.DQ_HB && r.mean() > r.bound() + ROUNDED) {
        text.flush();
        main.say(
            "experiment: %s with %d levels contracts by %.4f, above its bound %.4f"
                .formatted(
                    r.setting().method().label(),
                    r.setting().levels().orElseThrow(),
                    r.mean(),
                    r.bound()));
        return Main.CHECK_FAILED;
      }
    }
    return Main.GOOD;
  }

  private static String csv(List<Row> rows) {
    StringBuilder text =
        new StringBuilder("method,levels,bound,mean,max,saturated,overload,unfinished\n");
    for (Row r : rows) {
      text.append(r.setting().method().label()).append(',');
      text.append(r.setting().levels().orElseThrow());
      double[] numbers = {
        r.bound(), r.mean(), r.max(), r.saturated(), r.overload(), r.unfinished()
      };
      for (double x : numbers) {
        text.append(',').append(x);
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String json(List<Row> rows) {
    StringWriter text = new StringWriter();
    try (var out = new PrintWriter(text)) {
      Json.print(
          out,
          json -> {
            json.writeStartArray();
            for (Row r : rows) {
              json.writeStartObject();
              json.writeStringField("method", r.setting().method().label());
              json.writeNumberField("levels", r.setting().levels().orElseThrow());
              json.writeNumberField("bound", r.bound());
              json.writeNumberField("mean", r.mean());
              json.writeNumberField("max", r.max());
              json.writeNumberField("saturated", r.saturated());
              if (r.overload() <= Double.MAX_VALUE) {
                json.writeNumberField("overload", r.overload());
              } else { // a range that went to 0
                json.writeNullField("overload");
              }
              json.writeNumberField("unfinished", r.unfinished());
              json.writeEndObject();
            }
            json.writeEndArray();
          });
    }
    return text.toString();
  }

  private Figure figure(String title, List<Row> rows) {
    List<Curve> curves = new ArrayList<>();
    for (Method method : methods()) {
      List<Row> own = rows.stream().filter(r -> r.setting().method() == method).toList();
      double[] levels = own.stream().mapToDouble(r -> r.setting().levels().orElseThrow()).toArray();
      curves.add(
          Curve.line(method.label(), levels, own.stream().mapToDouble(Row::bound).toArray()));
      curves.add(
          Curve.marks(
              method.label(),
              levels,
              own.stream().mapToDouble(Row::mean).toArray(),
              new double[0]));
    }
    return Curves.figure(
        "figure",
        title,
        "Lines: the bound. Circles: the mean of the instances.",
        "From table.csv, written by halfulp experiment " + name + ".",
        "levels M a coordinate",
        true,
        "contraction factor; line: bound, circles: mean",
        true,
        curves);
  }
}
