package org.halfulp.sweep;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;
import org.halfulp.input.InputException;

/**
 * The folder of an experiment: {@code experiment.json} says what it is, {@code table.csv} has the
 * rows known so far. Opened again with the same experiment it goes on where it was left.
 */
final class ExperimentFolder {
  private final Path folder;
  private final String[] columns;

  /**
   * @param what all that decides the table
   * @throws InputException if the folder holds something else or cannot be written
   */
  ExperimentFolder(Path folder, Map<String, Object> what, String... columns) {
    this.folder = folder;
    this.columns = columns;
    String text = RunFolder.json(what) + "\n";
    try {
      Path id = folder.resolve("experiment.json");
      if (Files.exists(id)) {
        if (!Files.readString(id).equals(text)) {
          throw new InputException(
              "%s holds another experiment, or this one with other settings; choose another folder with --out"
                  .formatted(folder));
        }
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

  /**
   * The rows of a table left by an earlier run.
   *
   * @param each throws {@link IllegalArgumentException} for a row that is none of this experiment
   */
  void read(Consumer<CSVRecord> each) {
    Path table = folder.resolve("table.csv");
    if (!Files.exists(table)) {
      return;
    }
    CSVFormat format = CSVFormat.DEFAULT.builder().setHeader().setSkipHeaderRecord(true).get();
    try (CSVParser parser = CSVParser.parse(table, StandardCharsets.UTF_8, format)) {
      read(parser, each);
    } catch (IOException e) {
      throw broken(e);
    } catch (IllegalArgumentException e) {
      throw foreign(1);
    }
  }

  private void read(CSVParser parser, Consumer<CSVRecord> each) {
    try {
      parser.forEach(each);
    } catch (IllegalArgumentException | UncheckedIOException e) { // the latter is for its quotes
      throw foreign(parser.getCurrentLineNumber());
    }
  }

  private InputException foreign(long line) {
    return new InputException(
        "%s is not a table of this experiment: line %d is no row of the columns %s; remove the file or choose another folder with --out"
            .formatted(folder.resolve("table.csv"), line, String.join(",", columns)));
  }

  static double number(CSVRecord r, String column) {
    return Double.parseDouble(r.get(column));
  }

  /** Writes all rows, which are in the file when this returns. */
  void write(List<Object[]> rows) {
    StringWriter text = new StringWriter();
    CSVFormat format =
        CSVFormat.DEFAULT.builder().setHeader(columns).setRecordSeparator("\n").get();
    try (CSVPrinter csv = new CSVPrinter(text, format)) {
      for (Object[] row : rows) {
        csv.printRecord(row);
      }
      csv.flush();
      RunFolder.write(folder, "table.csv", text.toString());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** Rows as JSON, a list of objects with the columns of the CSV. */
  String json(List<Object[]> rows) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Object[] row : rows) {
      Map<String, Object> tree = new LinkedHashMap<>();
      for (int i = 0; i < columns.length; i++) {
        boolean isNumber = !(row[i] instanceof Double v) || Double.isFinite(v);
        tree.put(columns[i], isNumber ? row[i] : null);
      }
      list.add(tree);
    }
    return RunFolder.json(list);
  }

  /** A finished file beside the table. */
  void file(String name, String text) {
    try {
      RunFolder.write(folder, name, text);
    } catch (IOException e) {
      throw broken(e);
    }
  }
}
