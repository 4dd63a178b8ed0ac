package org.halfulp.sweep;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.halfulp.input.InputException;
import org.halfulp.learn.Runs;

/**
 * The folder of an experiment: {@code experiment.json} says what it is, {@code table.csv} has the
 * rows known so far. Opened again with the same experiment it goes on where it was left.
 */
public final class RiskTable {
  private static final String[] COLUMNS = {
    "series",
    "d",
    "batch",
    "step_size",
    "fraction_bits",
    "steps",
    "average",
    "average_error",
    "average_theory",
    "z",
    "last",
    "last_error",
    "last_theory",
    "diverged",
    "words_compared"
  };

  private final Path folder;
  private final RiskExperiment experiment;
  private final List<RiskExperiment.Row> rows = new ArrayList<>();

  /**
   * @throws InputException if the folder holds something else or cannot be written
   */
  public RiskTable(Path folder, RiskExperiment experiment, long seed) {
    this.folder = folder;
    this.experiment = experiment;
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("experiment", experiment.name());
    what.put("title", experiment.title());
    what.put("runs", experiment.runs());
    what.put("seed", seed);
    what.put("steps", experiment.steps());
    what.put("points", experiment.points().stream().map(Object::toString).toList());
    String text = RunFolder.json(what) + "\n";
    try {
      Path id = folder.resolve("experiment.json");
      if (Files.exists(id)) {
        if (!Files.readString(id).equals(text)) {
          throw new InputException(
              "%s holds another experiment, or this one with other settings; choose another folder with --out"
                  .formatted(folder));
        }
        read();
      } else {
        RunFolder.checkFree(folder);
        Files.createDirectories(folder);
        RunFolder.write(folder, "experiment.json", text);
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private InputException broken(IOException e) {
    return new InputException(
        "%s cannot be written or read (%s); choose another folder with --out"
            .formatted(folder, e.getMessage()));
  }

  private void read() throws IOException {
    Path table = folder.resolve("table.csv");
    if (!Files.exists(table)) {
      return;
    }
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (CSVParser parser = CSVParser.parse(table, StandardCharsets.UTF_8, format)) {
      for (CSVRecord r : parser) {
        Optional<RiskExperiment.Point> point =
            experiment.points().stream()
                .filter(
                    p ->
                        p.series().equals(r.get("series"))
                            && p.dimension() == Integer.parseInt(r.get("d"))
                            && p.batch() == Integer.parseInt(r.get("batch"))
                            && p.stepSize() == number(r, "step_size")
                            && p.fractionBits() == Integer.parseInt(r.get("fraction_bits")))
                .findFirst();
        rows.add(
            new RiskExperiment.Row(
                point.orElseThrow(() -> new IllegalArgumentException("an unknown point")),
                Long.parseLong(r.get("steps")),
                new Runs.Estimate(number(r, "average"), number(r, "average_error")),
                number(r, "average_theory"),
                new Runs.Estimate(number(r, "last"), number(r, "last_error")),
                number(r, "last_theory"),
                Integer.parseInt(r.get("diverged")),
                Long.parseLong(r.get("words_compared"))));
      }
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "%s is not a table of this experiment (%s); remove it or choose another folder with --out"
              .formatted(table, e.getMessage()));
    }
  }

  private static double number(CSVRecord r, String column) {
    return Double.parseDouble(r.get(column));
  }

  public boolean has(RiskExperiment.Point point) {
    return rows.stream().anyMatch(r -> r.point() == point);
  }

  public List<RiskExperiment.Row> rows() {
    return List.copyOf(rows);
  }

  /** Adds the rows of a point; they are in the file when this returns. */
  public void add(List<RiskExperiment.Row> more) {
    rows.addAll(more);
    StringWriter text = new StringWriter();
    CSVFormat format =
        CSVFormat.DEFAULT.builder().setHeader(COLUMNS).setRecordSeparator("\n").get();
    try (CSVPrinter csv = new CSVPrinter(text, format)) {
      for (RiskExperiment.Row r : rows) {
        csv.printRecord(cells(r));
      }
      csv.flush();
      RunFolder.write(folder, "table.csv", text.toString());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private static Object[] cells(RiskExperiment.Row r) {
    return new Object[] {
      r.point().series(),
      r.point().dimension(),
      r.point().batch(),
      r.point().stepSize(),
      r.point().fractionBits(),
      r.steps(),
      r.average().mean(),
      r.average().standardError(),
      r.averageInTheory(),
      r.z(),
      r.last().mean(),
      r.last().standardError(),
      r.lastInTheory(),
      r.diverged(),
      r.wordsCompared()
    };
  }

  /** The table as JSON, a list of objects with the columns of the CSV. */
  public String json() {
    List<Map<String, Object>> list = new ArrayList<>();
    for (RiskExperiment.Row r : rows) {
      Map<String, Object> tree = new LinkedHashMap<>();
      Object[] cells = cells(r);
      for (int i = 0; i < COLUMNS.length; i++) {
        boolean isNumber = !(cells[i] instanceof Double v) || Double.isFinite(v);
        tree.put(COLUMNS[i], isNumber ? cells[i] : null);
      }
      list.add(tree);
    }
    return RunFolder.json(list);
  }

  /** A finished file beside the table. */
  public void file(String name, String text) {
    try {
      RunFolder.write(folder, name, text);
    } catch (IOException e) {
      throw broken(e);
    }
  }
}
