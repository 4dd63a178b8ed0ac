package org.halfulp.descent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.halfulp.input.MatrixMarket;
import org.halfulp.sweep.ContractionTable;
import org.halfulp.sweep.ContractionTable.Method;
import org.halfulp.sweep.ContractionTable.Row;
import org.halfulp.sweep.ContractionTable.Setting;
import org.halfulp.theory.GradientMethod;

/**
 * Contraction factors by levels M on the survey matrix and on Gaussian ones, beside the means of a
 * prototype that shares no code with this: {@code Contraction MATRIX OUT.md [INSTANCES]}. Exit 1 if
 * one is further from it than .002, of the heavy ball .005.
 */
public final class Contraction {
  static final long SEED = 20021002;

  /**
   * A problem's rows.
   *
   * @param reference prototype means: M, then NQ-GD, DQ-GD, DQ-AGD, DQ-HB; NaN: not known
   * @param unquantized the same of GD, AGD, HB without quantization
   */
  record Panel(String title, ContractionTable table, double[][] reference, double... unquantized) {}

  private static final double NONE = Double.NaN;

  /** ash331, 500 instances. */
  static final double[][] SURVEY = {
    {8, 1, 1, 1, 1},
    {11, 1, .9271, 1, 1},
    {12, 1, .8499, 1, 1},
    {16, 1, .8112, 1, .9755},
    {24, 1, .8111, .8874, .6961},
    {32, 1, .8111, .8229, .5558},
    {64, 1, .8112, .8228, .5234},
    {128, .9554, .8111, .8229, .5247},
    {256, .8833, .8111, .8228, .5249},
    {512, .8468, .8111, .8229, .5250},
    {1024, .8239, .8111, .8228, .5250},
    {4096, .8122, .8111, .8229, .5250}
  };

  /** Gaussian, 32 x 16, kappa = 10. */
  static final double[][] TEN = {
    {4, NONE, 1, NONE, NONE},
    {8, NONE, .8182, 1, .8030},
    {16, NONE, NONE, .8270, .5293},
    {64, .9319, NONE, NONE, NONE},
    {128, .8751, NONE, NONE, NONE},
    {256, .8448, NONE, NONE, NONE}
  };

  /** Gaussian, 32 x 16, kappa = 100. */
  static final double[][] HUNDRED = {
    {8, NONE, .9802, NONE, 1},
    {16, NONE, NONE, .9487, .8249},
    {256, NONE, NONE, NONE, .8261},
    {512, .9957, NONE, NONE, NONE},
    {1024, .9880, NONE, NONE, NONE}
  };

  /** Gaussian, 128 x 64, kappa = 10. */
  static final double[][] WIDE = {
    {8, NONE, NONE, NONE, NONE},
    {16, NONE, NONE, NONE, NONE},
    {32, NONE, NONE, NONE, NONE},
    {128, NONE, NONE, NONE, NONE},
    {512, NONE, NONE, NONE, NONE}
  };

  private final StringBuilder text = new StringBuilder();
  private final List<String> wrong = new ArrayList<>();

  private Contraction() {}

  static double tolerance(Method method) {
    return method == Method.DQ_HB ? .005 : .002;
  }

  private void line(String format, Object... args) {
    text.append(format.formatted(args)).append('\n');
  }

  private void panel(Panel panel) {
    line("");
    line("## %s", panel.title());
    line("");
    line("%s", thresholds(panel.table()));
    line("");
    line("| M | R | method | bound | mean | max | prototype | saturated | overload | unfinished |");
    line("|---|---|---|---|---|---|---|---|---|---|");
    for (double[] reference : panel.reference()) {
      int levels = (int) reference[0];
      for (Method method : Method.values()) {
        row(panel, panel.table().run(Setting.of(method, levels)), reference[1 + method.ordinal()]);
      }
      System.err.printf("%s: M = %d%n", panel.title(), levels);
    }
    Method[] quantized = {Method.DQ_GD, Method.DQ_AGD, Method.DQ_HB};
    for (int i = 0; i < quantized.length; i++) {
      Setting setting = Setting.of(quantized[i], 2).unquantized();
      row(panel, panel.table().run(setting), panel.unquantized()[i]);
    }
  }

  /** R1 and R2 of each method, in bits. */
  private static String thresholds(ContractionTable table) {
    double rho = Math.sqrt(table.columns());
    StringBuilder text =
        new StringBuilder("Bits R above which a method converges (R1), loses nothing (R2):");
    for (GradientMethod method : GradientMethod.values()) {
      text.append(
          " DQ-%s %.3f, %.3f;"
              .formatted(
                  method,
                  method.convergentRate(table.kappa(), rho),
                  method.losslessRate(table.kappa(), rho)));
    }
    return text.append(
            " NQ-GD %.3f.".formatted(GradientMethod.naiveConvergentRate(table.kappa(), rho)))
        .toString();
  }

  private void row(Panel panel, Row r, double reference) {
    Optional<Integer> levels = r.setting().levels();
    Method method = r.setting().method();
    line(
        "| %s | %s | %s | %.4f | %.4f | %.4f | %s | %.1f %% | %s | %.1f %% |",
        levels.map(String::valueOf).orElse("-"),
        levels.map(m -> "%.2f".formatted(Math.log(m) / Math.log(2))).orElse("-"),
        r.setting().label(),
        r.bound(),
        r.mean(),
        r.max(),
        Double.isNaN(reference) ? "" : "%.4f".formatted(reference),
        100 * r.saturated(),
        overload(r),
        100 * r.unfinished());
    if (Math.abs(r.mean() - reference) > tolerance(method)) {
      wrong.add(
          "%s, M = %s, %s: %.4f, the prototype has %.4f"
              .formatted(
                  panel.title(),
                  levels.map(String::valueOf).orElse("-"),
                  r.setting().label(),
                  r.mean(),
                  reference));
    }
  }

  /** A range that went to 0 is overloaded without end. */
  private static String overload(Row r) {
    return r.overload() > 1000 ? "> 1000" : "%.1f".formatted(r.overload());
  }

  /** Ways to make the heavy ball safe, and ranges without a divider. */
  private void variants(Panel panel) {
    line("");
    line("%s, other ranges:", panel.title());
    line("");
    line("| M | method | ranges | mean | saturated | overload | unfinished |");
    line("|---|---|---|---|---|---|---|");
    for (int levels : List.of(16, 20, 24, 32)) {
      variant(panel, new Setting(Method.DQ_GD, Optional.of(levels), 0, true, 1), "powers of two");
    }
    for (int levels : List.of(64, 256, 4096)) {
      for (double alpha : new double[] {0, .5, 1}) {
        variant(
            panel,
            new Setting(Method.DQ_HB, Optional.of(levels), alpha, false, 1),
            "alpha = " + alpha);
      }
    }
  }

  private void variant(Panel panel, Setting setting, String ranges) {
    Row r = panel.table().run(setting);
    line(
        "| %s | %s | %s | %.4f | %.1f %% | %s | %.1f %% |",
        setting.levels().map(String::valueOf).orElse("-"),
        setting.label(),
        ranges,
        r.mean(),
        100 * r.saturated(),
        overload(r),
        100 * r.unfinished());
  }

  public static void main(String[] args) throws IOException {
    Locale.setDefault(Locale.ROOT);
    MatrixMarket.Matrix a = MatrixMarket.read(Path.of(args[0]));
    int n = args.length > 2 ? Integer.parseInt(args[2]) : 500;
    Contraction c = new Contraction();
    c.line("# Contraction of quantized gradient methods, by levels a coordinate");
    c.line("");
    c.line(
        "Made by `make descents`, %d instances a row. After figures 3 and 4 of Lin, Kostina and",
        n);
    c.line("Hassibi, arXiv 2002.02508: least squares with normal targets and starts, one scalar");
    c.line(
        "quantizer of M levels a coordinate, the exact distance from the minimum for D, alpha = 0");
    c.line(
        "in the heavy ball's ranges. A factor is the slope of the log error over the last half of");
    c.line("a run to a relative error of 1e-12, and 1 at most. Prototype: means of a program in");
    c.line("binary64 that shares no code with this one and has other random numbers. Saturated:");
    c.line("instances with a value outside its range, overload the largest one over its range;");
    c.line("unfinished: instances that did not get to 1e-12 in 10,000 steps. Where the bound is 1");
    c.line("M is too small for the method at all: the factor is 1 and no instance finishes, as");
    c.line("theory says. R is log2 M. Rows without M are not quantized.");
    c.line("");
    c.line("As figures, with seconds on two cores that had other work too:");
    c.line("");
    c.line("    halfulp experiment examples/experiments/fig3-ash331.yaml     152 s");
    c.line("    halfulp experiment examples/experiments/fig4-ash331.yaml      24 s");
    c.line("    halfulp experiment examples/experiments/fig3-gaussian.yaml    23 s");
    c.line("    halfulp experiment examples/experiments/fig4-gaussian.yaml    50 s");
    c.line("");
    c.line(
        "![DQ-GD and NQ-GD](experiments/fig3-ash331.svg) ![DQ-GD, DQ-AGD, DQ-HB](experiments/fig4-ash331.svg)");
    c.line("");
    c.line(
        "What is made of it beyond the figures (varying steps, many workers, exact fixed point):");
    c.line("[p2-more.md](p2-more.md).");
    Panel survey =
        new Panel(
            "ash331, n = 104, kappa = 9.588",
            ContractionTable.of(a.values(), a.rows(), a.columns(), n, SEED),
            SURVEY,
            .8110,
            .6873,
            .5262);
    c.panel(survey);
    c.variants(survey);
    Panel ten =
        new Panel(
            "Gaussian 32 x 16, kappa = 10",
            ContractionTable.gaussian(32, 16, 10, n, SEED),
            TEN,
            .8180,
            .6947,
            .5344);
    c.panel(ten);
    c.variants(ten);
    c.panel(
        new Panel(
            "Gaussian 32 x 16, kappa = 100",
            ContractionTable.gaussian(32, 16, 100, n, SEED),
            HUNDRED,
            .9802,
            .9041,
            .8253));
    int few = Math.max(2, n / 5);
    c.panel(
        new Panel(
            "Gaussian 128 x 64, kappa = 10, %d instances".formatted(few),
            ContractionTable.gaussian(128, 64, 10, few, SEED),
            WIDE,
            .8174,
            .6934,
            .5338));
    Path out = Path.of(args[1]);
    Path draft = out.resolveSibling(out.getFileName() + ".new");
    Files.writeString(draft, c.text);
    Files.move(draft, out, StandardCopyOption.REPLACE_EXISTING);
    c.wrong.forEach(System.err::println);
    System.exit(c.wrong.isEmpty() ? 0 : 1);
  }
}
