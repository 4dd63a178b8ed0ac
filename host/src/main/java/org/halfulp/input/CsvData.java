package org.halfulp.input;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.halfulp.learn.DataSet;

/** Reads a {@link DataSet} from a CSV file with a header line. */
public final class CsvData {
  private static final Pattern LINE_END = Pattern.compile("\r\n?|\n");
  private static final int LONGEST_NUMBER = 1000;
  private static final int LONGEST_LIST = 600;

  private CsvData() {}

  /**
   * Every column but {@code target} and {@code drop} is a feature; every cell of them must be a
   * finite number.
   */
  public static DataSet read(Path file, String target, List<String> drop) {
    if (Files.isDirectory(file)) {
      throw new InputException(file + ": is a folder; give a CSV file");
    }
    try (CSVParser parser = CsvText.parse(Files.newInputStream(file))) {
      return read(file, parser, target, drop);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file");
    } catch (java.nio.charset.CharacterCodingException e) {
      throw new InputException(file + ": not UTF-8 text");
    } catch (IOException | UncheckedIOException e) {
      throw new InputException(file + ": cannot be read as CSV: " + e.getMessage());
    }
  }

  private static DataSet read(Path file, CSVParser parser, String target, List<String> drop) {
    var rows = parser.iterator();
    if (!rows.hasNext()) {
      throw new InputException(file + ": empty; the first line must name the columns");
    }
    List<String> header = rows.next().toList();
    Set<String> seen = new LinkedHashSet<>();
    for (String column : header) {
      if (column.isBlank() || !seen.add(column)) {
        throw new InputException(
            "%s:%d: the header %s; each column needs a name of its own"
                .formatted(
                    file,
                    parser.getCurrentLineNumber(),
                    column.isBlank()
                        ? "has an empty name"
                        : "names '" + YamlMap.shortened(column) + "' twice"));
      }
    }
    int label = column(file, seen, header, target, "target");
    Set<Integer> dropped = new LinkedHashSet<>();
    for (String name : drop) {
      dropped.add(column(file, seen, header, name, "dropped column"));
    }
    List<String> features = new ArrayList<>();
    for (int j = 0; j < header.size(); j++) {
      if (j != label && !dropped.contains(j)) {
        features.add(header.get(j));
      }
    }
    if (dropped.contains(label)) {
      throw new InputException("%s: target '%s' cannot be dropped too".formatted(file, target));
    }
    if (features.isEmpty()) {
      throw new InputException(
          "%s: no feature column is left beside target '%s'".formatted(file, target));
    }
    List<double[]> values = new ArrayList<>();
    List<Double> labels = new ArrayList<>();
    while (rows.hasNext()) {
      CSVRecord row = rows.next();
      if (row.size() != header.size()) {
        throw new InputException(
            "%s:%d: %d cell%s where the header names %d"
                .formatted(
                    file,
                    parser.getCurrentLineNumber() - lineEnds(row, 0),
                    row.size(),
                    row.size() == 1 ? "" : "s",
                    header.size()));
      }
      double[] x = new double[features.size()];
      int next = 0;
      for (int j = 0; j < header.size(); j++) {
        if (dropped.contains(j)) {
          continue;
        }
        double value = number(row.get(j));
        if (!(Math.abs(value) <= Double.MAX_VALUE)) {
          throw new InputException(
              "%s:%d: column '%s' must be a finite number, got '%s'"
                  .formatted(
                      file,
                      parser.getCurrentLineNumber() - lineEnds(row, j),
                      YamlMap.shortened(header.get(j)),
                      YamlMap.shortened(row.get(j))));
        }
        if (j == label) {
          labels.add(value);
        } else {
          x[next++] = value;
        }
      }
      values.add(x);
    }
    if (values.size() < 2) {
      throw new InputException(
          "%s: %d data row%s; at least 2 are needed"
              .formatted(file, values.size(), values.size() == 1 ? "" : "s"));
    }
    double[] x = new double[values.size() * features.size()];
    double[] y = new double[values.size()];
    for (int i = 0; i < y.length; i++) {
      System.arraycopy(values.get(i), 0, x, i * features.size(), features.size());
      y[i] = labels.get(i);
    }
    return new DataSet(features, target, x, y);
  }

  private static int column(
      Path file, Set<String> known, List<String> header, String name, String what) {
    int index = header.indexOf(name);
    if (index < 0) {
      throw new InputException(
          "%s: no %s '%s'; its columns: %s".formatted(file, what, name, listed(known)));
    }
    return index;
  }

  private static String listed(Set<String> columns) {
    String all = String.join(", ", columns);
    return all.length() <= LONGEST_LIST ? all : all.substring(0, LONGEST_LIST) + "...";
  }

  /** Line ends inside the cells from {@code column} on, which are quoted. */
  private static long lineEnds(CSVRecord row, int column) {
    return row.stream()
        .skip(column)
        .mapToLong(cell -> LINE_END.matcher(cell).results().count())
        .sum();
  }

  /** NaN for what is not a decimal number. */
  private static double number(String cell) {
    if (cell.length() > LONGEST_NUMBER) {
      return Double.NaN;
    }
    try {
      return new BigDecimal(cell).doubleValue();
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
