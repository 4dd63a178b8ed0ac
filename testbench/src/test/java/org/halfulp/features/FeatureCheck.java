package org.halfulp.features;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The tables of {@code halfulp experiment widths}, {@code anisotropic} and {@code growth} beside
 * the means of a prototype that shares no code with this: {@code FeatureCheck FOLDER OUT.md}, the
 * folder holding theirs. Exit 1 if a mean is further from it than 4 standard errors of the
 * difference.
 */
public final class FeatureCheck {
  private static final double MOST = 4;
  private static final double NONE = Double.NaN;

  /**
   * Prototype means of 8 seeds, NaN where they are not known.
   *
   * @param normalDeviation of one seed
   */
  private record Reference(
      String series,
      int width,
      double normal,
      double normalDeviation,
      double sign,
      double signDeviation) {
    Reference(String series, int width, double normal, double sign) {
      this(series, width, normal, NONE, sign, NONE);
    }
  }

  private static final List<Reference> WIDTHS =
      List.of(
          new Reference("x itself", 200, .199, NONE),
          new Reference("tanh, 1 layer", 50, 1.018, .034, .992, .032),
          new Reference("tanh, 1 layer", 100, .854, .054, .822, .092),
          new Reference("tanh, 1 layer", 200, .569, .075, .574, .069),
          new Reference("tanh, 1 layer", 400, .369, .041, .373, .040),
          new Reference("tanh, 2 layers", 200, .708, .701),
          new Reference("tanh, 2 layers", 400, .470, .451),
          new Reference("tanh, 2 layers", 800, .330, .343),
          new Reference("tanh, 2 layers", 1600, .269, .272),
          new Reference("sign, 1 layer", 200, 1.144, 1.154),
          new Reference("sign, 1 layer", 400, 1.849, 1.762),
          new Reference("sign, 1 layer", 800, .642, .636),
          new Reference("sign, 1 layer", 1600, .387, .382),
          new Reference("sign, 2 layers", 400, 3.18, 3.10),
          new Reference("sign, 2 layers", 800, 1.126, 1.088),
          new Reference("sign, 2 layers", 1600, .665, .671),
          new Reference("centred ReLU, 1 layer", 800, .503, .498),
          new Reference("centred ReLU, 2 layers", 800, .800, .804));

  /** Differences, one-bit less normal: series, p or decay, mean, standard error. */
  private record Difference(String series, double at, double mean, double error) {}

  private static final List<Difference> BY_WIDTH =
      List.of(
          new Difference("tanh, 1 layer", 50, -.027, .015),
          new Difference("tanh, 1 layer", 100, -.032, .025),
          new Difference("tanh, 1 layer", 200, .004, .023),
          new Difference("tanh, 1 layer", 400, .004, .019));

  private static final List<Difference> BY_DECAY =
      List.of(
          new Difference("as they are", 0, -.000, .008),
          new Difference("as they are", .5, -.001, NONE),
          new Difference("as they are", 1, .006, .004),
          new Difference("as they are", 2, .066, .005),
          new Difference("as they are", 4, .090, .010));

  private static final List<Difference> BY_SIZE =
      List.of(
          new Difference("tanh, 1 layer", 25, .006, .005),
          new Difference("tanh, 1 layer", 50, -.000, .006),
          new Difference("tanh, 1 layer", 100, .012, .007),
          new Difference("tanh, 1 layer", 200, -.007, .005),
          new Difference("tanh, 1 layer", 400, -.012, .011),
          new Difference("tanh, 2 layers", 25, .021, .008),
          new Difference("tanh, 2 layers", 50, .009, .007),
          new Difference("tanh, 2 layers", 100, .011, .010),
          new Difference("tanh, 2 layers", 200, -.013, .008),
          new Difference("tanh, 2 layers", 400, -.014, .012));

  private final StringBuilder text = new StringBuilder();
  private double worst;
  private String worstName = "";
  private int compared;
  private double squares;

  private FeatureCheck() {}

  public static void main(String[] args) throws IOException {
    Locale.setDefault(Locale.ROOT);
    FeatureCheck check = new FeatureCheck();
    Path folder = Path.of(args[0]);
    check.write(folder);
    Path out = Path.of(args[1]);
    Path draft = out.resolveSibling(out.getFileName() + ".new");
    Files.writeString(draft, check.text);
    Files.move(draft, out, StandardCopyOption.ATOMIC_MOVE);
    System.out.printf(
        "%d numbers beside the prototype's, rms %.2f, at most %.2f standard errors (%s)%n",
        check.compared, Math.sqrt(check.squares / check.compared), check.worst, check.worstName);
    if (!(check.compared > 40 && check.worst <= MOST)) {
      System.exit(1);
    }
  }

  private static List<CSVRecord> read(Path folder, String name) throws IOException {
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (CSVParser parser =
        CSVParser.parse(folder.resolve(name + "/table.csv"), StandardCharsets.UTF_8, format)) {
      return new ArrayList<>(parser.getRecords());
    }
  }

  private static double number(CSVRecord r, String column) {
    return Double.parseDouble(r.get(column));
  }

  /** A difference from the prototype in standard errors; its own are those of ours if unknown. */
  private String z(String name, double mean, double error, double other, double otherError) {
    if (Double.isNaN(other)) {
      return "";
    }
    double both = Math.hypot(error, Double.isNaN(otherError) ? error : otherError);
    double z = (mean - other) / both;
    compared++;
    squares += z * z;
    if (!(Math.abs(z) <= worst)) {
      worst = Math.abs(z);
      worstName = name;
    }
    return "%+.1f".formatted(z);
  }

  private static String known(String format, double x) {
    return Double.isNaN(x) ? "" : format.formatted(x);
  }

  private void line(String format, Object... values) {
    text.append(format.formatted(values)).append('\n');
  }

  private void write(Path folder) throws IOException {
    line("# Random features with one-bit weights");
    line("");
    line(
        "Made by `make random-features`: `./halfulp experiment widths`, `anisotropic` and `growth`, the tables");
    line(
        "beside those of a prototype. After Akhtiamov, Ghane and Hassibi, arXiv 2510.16250, in our reading:");
    line(
        "h_l = act(W_l h_(l-1) / sqrt(dim)), W normal or its signs, a ridge last layer (lambda = .01) on n samples,");
    line(
        "y = <theta, x> + noise of variance .1, theta_i = 1/sqrt(d), x ~ N(0, I) unless another spectrum is");
    line(
        "given; mean test error, noise included, on 4000 fresh samples a run. *Theory* is the prediction with");
    line(
        "the weights that were drawn, averaged; *limit* the one for large widths, the same for both kinds of weights.");
    line(
        "*z*: distance from the prototype in standard errors of the difference. The prototype is a program in");
    line(
        "binary64 that shares no code with this one, 8 seeds of other random numbers; where its spread is not");
    line("known, ours stands for it.");
    line("");
    line("## Test error by width, d = 200, n = 400");
    line("");
    line("![Test error by width](experiments/widths.svg)");
    line("");
    line(
        "| features | p | normal | s.e. | theory | prototype | z | one-bit | s.e. | theory | prototype | z | limit | difference |");
    line("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    double far = 0;
    double mean = 0;
    int ratios = 0;
    for (CSVRecord r : read(folder, "widths")) {
      int p = Integer.parseInt(r.get("p"));
      Reference at =
          WIDTHS.stream()
              .filter(w -> w.series().equals(r.get("series")) && w.width() == p)
              .findFirst()
              .orElse(new Reference("", 0, NONE, NONE));
      String name = r.get("series") + " p = " + p;
      double root = Math.sqrt(8);
      line(
          "| %s | %d | %.3f | %.3f | %.3f | %s | %s | %.3f | %.3f | %.3f | %s | %s | %.3f | %+.3f +- %.3f |",
          r.get("series"),
          p,
          number(r, "normal"),
          number(r, "normal_error"),
          number(r, "normal_theory"),
          known("%.3f", at.normal()),
          z(
              name,
              number(r, "normal"),
              number(r, "normal_error"),
              at.normal(),
              at.normalDeviation() / root),
          number(r, "sign"),
          number(r, "sign_error"),
          number(r, "sign_theory"),
          known("%.3f", at.sign()),
          z(name, number(r, "sign"), number(r, "sign_error"), at.sign(), at.signDeviation() / root),
          number(r, "limit"),
          number(r, "difference"),
          number(r, "difference_error"));
      for (String kind : List.of("normal", "sign")) {
        double off = Math.abs(number(r, kind) / number(r, kind + "_theory") - 1);
        far = Math.max(far, off);
        mean += off;
        ratios++;
      }
    }
    line("");
    line(
        "The error of sign features has its peak at p = n = 400, where they interpolate. Simulation is off theory by %.1f %% in the mean, %.1f %% at most.",
        100 * mean / ratios, 100 * far);
    line("");
    differences("widths", "p", BY_WIDTH, read(folder, "widths"), "p");
    line("## Inputs of variances i^-a, scaled to a mean of 1; tanh, d = 200, n = 400, p = 800");
    line("");
    line("![Inputs of variances i^-a](experiments/anisotropic.svg)");
    line("");
    line(
        "Where few inputs dominate (a = 2, 4), a row of signs takes few distinct values and no sum is normal: one bit");
    line(
        "costs accuracy, and the theory of normal sums is wrong for both kinds. Rotated inputs, H D x with D random signs and H of");
    line(
        "Walsh and Hadamard (200 padded to 256), bring the one-bit weights back to the normal ones.");
    line("");
    line("| inputs | a | normal | theory | one-bit | theory | difference |");
    line("|---|---|---|---|---|---|---|");
    for (CSVRecord r : read(folder, "anisotropic")) {
      line(
          "| %s | %s | %.3f | %.3f | %.3f | %.3f | %+.4f +- %.4f |",
          r.get("series"),
          r.get("decay"),
          number(r, "normal"),
          number(r, "normal_theory"),
          number(r, "sign"),
          number(r, "sign_theory"),
          number(r, "difference"),
          number(r, "difference_error"));
    }
    line("");
    differences("anisotropic", "a", BY_DECAY, read(folder, "anisotropic"), "decay");
    line("## By size, n = p = 2 d, tanh");
    line("");
    line("| features | d | runs | normal | theory | one-bit | theory | limit | difference |");
    line("|---|---|---|---|---|---|---|---|---|");
    for (CSVRecord r : read(folder, "growth")) {
      line(
          "| %s | %s | %s | %.4f | %.4f | %.4f | %.4f | %.4f | %+.4f +- %.4f |",
          r.get("series"),
          r.get("d"),
          r.get("runs"),
          number(r, "normal"),
          number(r, "normal_theory"),
          number(r, "sign"),
          number(r, "sign_theory"),
          number(r, "limit"),
          number(r, "difference"),
          number(r, "difference_error"));
    }
    line("");
    differences("growth", "d", BY_SIZE, read(folder, "growth"), "d");
    line(
        "%d numbers beside the prototype's: rms %.2f standard errors, at most %.2f (%s).",
        compared, Math.sqrt(squares / compared), worst, worstName);
    line(
        "A difference of two means of 8 seeds over the error that they show is Student's t with 14 degrees");
    line(
        "of freedom: its rms is 1.08, and of 54 about 0.9 lie beyond 2.7 and 0.6 beyond 2.9. Of x itself");
    line(
        "64 seeds (`./halfulp experiment widths --runs 64 --set depth=1 --set widths=50,100`) have 0.190,");
    line("between the prediction, 0.193, and the 0.186 of 8.");
  }

  private void differences(
      String table, String label, List<Difference> all, List<CSVRecord> rows, String column) {
    line("Differences, one-bit less normal, beside the prototype's:");
    line("");
    line("| | %s | difference | prototype | z |", label);
    line("|---|---|---|---|---|");
    for (Difference d : all) {
      CSVRecord r =
          rows.stream()
              .filter(x -> x.get("series").equals(d.series()) && number(x, column) == d.at())
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(table + " has no row for " + d));
      line(
          "| %s | %s | %+.4f +- %.4f | %+.3f%s | %s |",
          d.series(),
          r.get(column),
          number(r, "difference"),
          number(r, "difference_error"),
          d.mean(),
          known(" +- %.3f", d.error()),
          z(
              table + " difference, " + d.series() + " " + d.at(),
              number(r, "difference"),
              number(r, "difference_error"),
              d.mean(),
              d.error()));
    }
    line("");
  }
}
