package org.halfulp.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.halfulp.input.InputException;
import org.halfulp.input.MatrixMarket;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Figure;
import org.halfulp.report.Picture;
import org.halfulp.sweep.ExactDescent;
import org.halfulp.sweep.ExactDescent.Result;
import org.halfulp.sweep.ExactDescent.Row;
import org.halfulp.tensor.MatrixFile;
import org.halfulp.verify.MismatchException;

/** {@code halfulp experiment exact}: DQ-GD in fixed point, its compressor in the RTL. */
record ExactFigure(Path matrix, ExactDescent descent, long seed) {
  static final String NAME = "exact";

  /**
   * Makes the figure in a folder.
   *
   * @return the exit code
   */
  int make(Path folder, boolean json, Main main) {
    MatrixMarket.Matrix m = MatrixFile.read(matrix);
    String file = matrix.getFileName().toString();
    var text = main.text();
    ExactDescent.Files files;
    Result result;
    try {
      result = descent.run(m, seed);
      files = descent.files(folder, m, file, seed);
    } catch (IllegalArgumentException e) {
      throw new InputException(matrix + ": " + e.getMessage());
    } catch (MismatchException difference) {
      text.print(difference.report());
      text.flush();
      main.say("experiment: RTL and emulator, or the run and the unquantized one, differ");
      return Main.CHECK_FAILED;
    }
    List<Row> rows = result.rows();
    String table = files.write(rows);
    String title =
        "DQ-GD on %s in fixed point, R = %d bits, ranges 2^k".formatted(file, descent.bits());
    if (!rows.isEmpty()) {
      files.file("figure.svg", Picture.svg(figure(title, rows)));
    }
    if (json) {
      text.println(table);
    } else {
      text.println(title);
      text.printf("  %6s %6s %12s %12s %9s%n", "step", "range", "estimate", "point", "saturated");
      int every = Math.max(1, rows.size() / 10);
      for (Row r : rows) {
        if (r.step() % every == 0 || r.step() == rows.size()) {
          text.printf(
              Locale.ROOT,
              "  %6d %6s %12.4e %12.4e %9d%n",
              r.step(),
              "2^" + r.rangeExponent(),
              r.estimate(),
              r.point(),
              r.saturated());
        }
      }
      text.printf(
          Locale.ROOT,
          "  points  compared %,d with gradient descent's, differing 0%n",
          result.points());
      if (result.words() > 0) {
        text.printf(
            Locale.ROOT,
            "  words   compared %,d of the RTL (distinct inputs: %s), differing 0%n",
            result.words(),
            "%,d".formatted(result.distinct()));
      }
      text.printf(
          Locale.ROOT,
          "  converges surely above R = %.3f bits%s%n",
          result.enough(),
          descent.bits() > result.enough()
              ? ""
              : ", more than the %d here".formatted(descent.bits()));
      result.ended().ifPresent(why -> text.println("  ended at " + why));
      text.println("  folder " + folder);
    }
    if (result.points() == 0) {
      text.flush();
      main.say("experiment: nothing was compared; " + result.ended().orElse(""));
      return Main.CHECK_FAILED;
    }
    return Main.GOOD;
  }

  private static Figure figure(String title, List<Row> rows) {
    double[] steps = rows.stream().mapToDouble(Row::step).toArray();
    return Curves.figure(
        "figure",
        title,
        "Distance from the minimum, over the first one. Point: the iterate without quantization.",
        "From table.csv, written by halfulp experiment exact.",
        "step",
        false,
        "distance from the minimum",
        true,
        List.of(
            Curve.line("estimate", steps, rows.stream().mapToDouble(Row::estimate).toArray()),
            Curve.line("point", steps, rows.stream().mapToDouble(Row::point).toArray()),
            Curve.dashed(
                "range / first range",
                steps,
                rows.stream()
                    .mapToDouble(
                        r -> Math.scalb(1.0, r.rangeExponent() - rows.get(0).rangeExponent()))
                    .toArray())));
  }
}
