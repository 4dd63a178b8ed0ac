package org.halfulp.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVRecord;
import org.halfulp.input.CsvText;
import org.halfulp.input.InputException;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Figure;
import org.halfulp.report.Page;
import org.halfulp.report.Page.Fact;
import org.halfulp.report.Table;

/** What the page of a training run's folder says, read from the folder's files alone. */
final class RunPage {
  private static final int MOST_ROWS = 1000;

  private final Path folder;
  private final JsonNode summary;
  private final List<String> columns = new ArrayList<>();
  private final List<double[]> history = new ArrayList<>();
  private final List<String> riskColumns = new ArrayList<>();
  private final List<double[]> risk = new ArrayList<>();

  private RunPage(Path folder) throws IOException {
    this.folder = folder;
    Path file = folder.resolve("summary.json");
    try {
      summary =
          Files.exists(file)
              ? new ObjectMapper().readTree(Files.readString(file))
              : new ObjectMapper().createObjectNode();
    } catch (JsonProcessingException e) {
      throw new InputException("%s is not JSON: %s".formatted(file, e.getOriginalMessage()));
    }
    Path csv = folder.resolve("history.csv");
    read(csv, columns, history);
    Path risks = folder.resolve("risk.csv");
    if (Files.exists(risks)) {
      read(risks, riskColumns, risk);
    }
    for (String needed : List.of("epoch", "train_loss", "binary64_train_loss")) {
      if (!columns.contains(needed)) {
        throw new InputException("%s has no column %s".formatted(csv, needed));
      }
    }
  }

  private static void read(Path csv, List<String> columns, List<double[]> rows) throws IOException {
    try (var parser = CsvText.parse(Files.newInputStream(csv))) {
      for (CSVRecord r : parser) {
        if (columns.isEmpty()) {
          columns.addAll(r.toList());
        } else if (r.size() == columns.size()) { // less: a line that a kill cut short
          rows.add(r.stream().mapToDouble(RunPage::number).toArray());
        }
      }
    } catch (IllegalArgumentException e) {
      throw new InputException("%s is not a run's history: %s".formatted(csv, e.getMessage()));
    }
  }

  private static double number(String cell) {
    return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
  }

  static boolean isRun(Path folder) {
    return Files.isRegularFile(folder.resolve("history.csv"));
  }

  /** The page of a run, finished or not. */
  static Page of(Path folder) throws IOException {
    return new RunPage(folder).page();
  }

  private Page page() throws IOException {
    String description = text("description.yaml");
    List<Fact> listings = new ArrayList<>();
    if (summary.has("mismatch")) {
      List<String> lines = new ArrayList<>();
      summary.get("mismatch").forEach(l -> lines.add(l.asText()));
      listings.add(new Fact("The first difference", String.join("\n", lines)));
    }
    listings.add(new Fact("Description", description));
    List<Table> tables = new ArrayList<>();
    tables.add(epochs());
    if (summary.path("weights").size() > 0) {
      tables.add(weights());
    }
    return new Page(
        summary.path("name").asText(folder.toAbsolutePath().normalize().getFileName().toString()),
        headline(),
        facts(),
        figures(),
        tables,
        listings,
        provenance());
  }

  private List<Figure> figures() {
    List<Figure> list = new ArrayList<>(List.of(losses("train")));
    if (hasAny(column("test_loss")) || hasAny(column("binary64_test_loss"))) {
      list.add(losses("test"));
    }
    list.add(ratio());
    if (!risk.isEmpty()) {
      list.add(risks());
    }
    return list;
  }

  private String text(String name) throws IOException {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Files.readString(file) : "There is no " + name + ".";
  }

  private double[] column(String name) {
    return column(columns, history, name);
  }

  private static double[] column(List<String> columns, List<double[]> rows, String name) {
    int i = columns.indexOf(name);
    return rows.stream().mapToDouble(row -> i < 0 ? Double.NaN : row[i]).toArray();
  }

  private static boolean hasAny(double[] values) {
    return Arrays.stream(values).anyMatch(Double::isFinite);
  }

  private String headline() {
    if (history.isEmpty()) {
      return "No epoch has ended.";
    }
    double[] quantized = column("train_loss");
    double[] exact = column("binary64_train_loss");
    int last = quantized.length - 1;
    return String.format(
        Locale.ROOT,
        "After %.0f epochs the quantized run's mean squared error on the training rows is %s,"
            + " that of the binary64 run %s: ratio %.4f.",
        column("epoch")[last],
        loss(quantized[last]),
        loss(exact[last]),
        quantized[last] / exact[last]);
  }

  private static String loss(double x) {
    return String.format(Locale.ROOT, "%.6g", x);
  }

  private List<Fact> facts() {
    List<Fact> list = new ArrayList<>();
    String status = summary.path("status").asText("no summary: the run goes on, or was killed");
    String reason = summary.path("reason").asText("");
    list.add(
        new Fact(
            "Status",
            reason.isEmpty() ? status : status + ": " + reason,
            status.equals("complete")));
    JsonNode rtl = summary.path("rtl");
    if (rtl.isMissingNode()) {
      list.add(
          new Fact(
              "Words compared",
              summary.isEmpty() ? "not known" : "none: the emulator ran alone",
              false));
    } else {
      long compared = rtl.path("words_compared").asLong();
      long differing = rtl.path("words_differing").asLong();
      String atLeast = rtl.path("words_distinct_is_exact").asBoolean(true) ? "" : "at least ";
      list.add(new Fact("Words compared", whole(compared), compared > 0));
      list.add(new Fact("Distinct words", atLeast + whole(rtl.path("words_distinct").asLong())));
      list.add(new Fact("Differing words", whole(differing), differing == 0));
    }
    JsonNode data = summary.path("data");
    if (!data.isMissingNode()) {
      list.add(new Fact("Training rows", whole(data.path("train_rows").asLong())));
      list.add(new Fact("Test rows", whole(data.path("test_rows").asLong())));
      list.add(new Fact("Features", whole(data.path("features").size())));
    }
    if (summary.has("steps")) {
      list.add(new Fact("Steps", whole(summary.path("steps").asLong())));
    }
    return list;
  }

  private static String whole(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private String source() {
    return "From history.csv, written by " + command() + ".";
  }

  private String command() {
    return "halfulp train " + ReportCommand.quoted(folder.resolve("description.yaml"));
  }

  /** Losses on the training or test rows, those of the mean weights too. */
  private Figure losses(String rows) {
    double[] epoch = column("epoch");
    List<Curve> curves = new ArrayList<>();
    add(curves, "quantized", epoch, column(rows + "_loss"), false);
    add(curves, "binary64", epoch, column("binary64_" + rows + "_loss"), false);
    add(curves, "quantized", epoch, column("average_" + rows + "_loss"), true);
    add(curves, "binary64", epoch, column("binary64_average_" + rows + "_loss"), true);
    String which = rows.equals("train") ? "training" : rows;
    return Curves.figure(
        rows + "-loss",
        "Mean squared error, %s rows".formatted(which),
        "Both runs make the same steps; dashed: the loss of the mean of the weights so far.",
        source(),
        "epoch",
        false,
        "mean squared error",
        true,
        curves);
  }

  private Figure risks() {
    double[] steps = column(riskColumns, risk, "steps");
    List<Curve> curves = new ArrayList<>();
    for (String name : List.of("average", "last")) {
      String weights = name.equals("average") ? "mean weights" : "last weights";
      curves.add(Curve.line(weights, steps, column(riskColumns, risk, name)));
      double[] theory = column(riskColumns, risk, name + "_theory");
      curves.add(Curve.dashed(weights + ", theory", steps, theory).besides(weights));
    }
    double[] exact = column(riskColumns, risk, "binary64_average_theory");
    curves.add(Curve.dashed("mean weights, theory of binary64", steps, exact).asReference());
    return Curves.figure(
        "risk",
        "Excess risk on new rows, this run and theory",
        "Theory: the mean over all runs of the quantized step (docs/report.md)%s."
            .formatted(
                summary.at("/theory/stores_weights").asBoolean()
                    ? ", with weights and gradients of binary64; this run rounds them"
                    : ""),
        "From risk.csv, written by " + command() + ".",
        "steps",
        true,
        "||w - w*||²_H",
        true,
        curves);
  }

  private static void add(
      List<Curve> curves, String name, double[] epoch, double[] loss, boolean mean) {
    if (hasAny(loss)) {
      Curve curve =
          mean
              ? Curve.dashed(name + ", mean weights", epoch, loss).besides(name)
              : Curve.line(name, epoch, loss);
      curves.add(name.equals("binary64") ? curve.asReference() : curve);
    }
  }

  private Figure ratio() {
    double[] epoch = column("epoch");
    List<Curve> curves = new ArrayList<>();
    for (String rows : List.of("train", "test")) {
      String name = (rows.equals("train") ? "training" : rows) + " rows";
      double[] last = ratio(rows + "_loss");
      double[] mean = ratio("average_" + rows + "_loss");
      if (hasAny(last)) {
        curves.add(Curve.line(name, epoch, last));
      }
      if (hasAny(mean)) {
        curves.add(Curve.dashed(name + ", mean weights", epoch, mean).besides(name));
      }
    }
    if (epoch.length > 0) {
      double[] ends = {epoch[0], epoch[epoch.length - 1]};
      curves.add(Curve.line("equal", ends, new double[] {1, 1}).asReference());
    }
    return Curves.figure(
        "ratio",
        "Quantized loss / binary64 loss",
        "1: the narrow formats cost nothing; dashed: the mean of the weights so far.",
        source(),
        "epoch",
        false,
        "ratio of mean squared errors",
        true,
        curves);
  }

  private double[] ratio(String column) {
    double[] quantized = column(column);
    double[] exact = column("binary64_" + column);
    return IntStream.range(0, exact.length).mapToDouble(i -> quantized[i] / exact[i]).toArray();
  }

  private Table epochs() {
    int from = Math.max(0, history.size() - MOST_ROWS);
    List<List<Object>> rows = new ArrayList<>();
    for (double[] line : history.subList(from, history.size())) {
      List<Object> cells = new ArrayList<>();
      for (int i = 0; i < line.length; i++) {
        boolean counted = columns.get(i).equals("epoch") || columns.get(i).equals("steps");
        cells.add(
            Double.isNaN(line[i]) ? null : counted ? (Object) (long) line[i] : (Object) line[i]);
      }
      rows.add(cells);
    }
    String caption =
        from == 0
            ? "All of history.csv."
            : "The last %,d of %,d epochs; all are in history.csv."
                .formatted(rows.size(), history.size());
    return new Table("epochs", "Epochs", caption, List.copyOf(columns), rows);
  }

  private Table weights() {
    List<List<Object>> rows = new ArrayList<>();
    for (JsonNode w : summary.get("weights")) {
      double value = real(w.path("value"));
      double exact = real(w.path("binary64"));
      rows.add(
          Arrays.asList(
              w.path("feature").asText(),
              w.path("code").asText(""),
              cell(value),
              cell(exact),
              cell(value - exact)));
    }
    return new Table(
        "weights",
        "Weights after the last step",
        "From summary.json.",
        List.of("feature", "code", "value", "binary64", "difference"),
        rows);
  }

  private static double real(JsonNode node) {
    return node.isNumber()
        ? node.asDouble()
        : node.isTextual() ? Double.parseDouble(node.asText()) : Double.NaN;
  }

  private static Object cell(double x) {
    return Double.isNaN(x) ? null : x;
  }

  private List<Fact> provenance() throws IOException {
    List<Fact> list = new ArrayList<>();
    list.add(new Fact("Run again with", command()));
    list.add(new Fact("This page", "halfulp report " + ReportCommand.quoted(folder)));
    if (summary.at("/theory/none_because").isTextual()) {
      list.add(
          new Fact("Theory curve", "none: " + summary.at("/theory/none_because").asText() + "."));
    }
    summary
        .path("versions")
        .properties()
        .forEach(v -> list.add(new Fact(v.getKey(), v.getValue().asText())));
    JsonNode rtl = summary.path("rtl");
    if (!rtl.isMissingNode()) {
      StringBuilder parameters = new StringBuilder(rtl.path("top").asText());
      rtl.path("parameters")
          .properties()
          .forEach(
              p ->
                  parameters
                      .append(' ')
                      .append(p.getKey())
                      .append('=')
                      .append(p.getValue().asText()));
      list.add(new Fact("RTL", parameters.toString()));
      list.add(new Fact("Model", rtl.path("library").asText()));
    }
    for (String name : List.of("description.yaml", "history.csv", "risk.csv", "summary.json")) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        list.add(new Fact("SHA-256 of " + name, sha256(Files.readAllBytes(file))));
      }
    }
    return list;
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
