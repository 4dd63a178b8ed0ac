package org.halfulp.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.halfulp.input.CsvText;
import org.halfulp.input.InputException;

/** Numbers in lines of text, read as binary64; the first line may name the columns. */
public final class CsvReader implements TensorReader {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,9})?");
  private static final Pattern HEX = Pattern.compile("0[xX].*"); // codes
  private static final int LONGEST = 60;

  private final String name;
  private final CSVParser parser;
  private final Iterator<CSVRecord> records;
  private final List<String> names; // null: no header
  private final int columns;
  private CSVRecord row; // the next to be read; null at the end
  private int column;

  /**
   * @param name for messages
   * @param in closed with the reader
   */
  public CsvReader(String name, InputStream in) throws IOException {
    this.name = name;
    parser = CsvText.parse(in);
    try {
      records = parser.iterator();
      row = next();
      boolean header = row != null && row.stream().noneMatch(CsvReader::isNumberOrCode);
      names = header ? row.toList() : null;
      columns = row == null ? 0 : row.size();
      if (header) {
        row = next();
      }
      if (row == null) {
        throw new InputException(
            name
                + (header
                    ? ": no row follows the first one, which has no number and so names the columns"
                    : ": is empty; a table has a row of numbers at least"));
      }
    } catch (IOException | RuntimeException e) {
      parser.close();
      throw e;
    }
  }

  /** Names of the columns; null without a header. */
  public List<String> names() {
    return names;
  }

  private CSVRecord next() throws IOException {
    try {
      return records.hasNext() ? records.next() : null;
    } catch (UncheckedIOException e) {
      throw e.getCause() instanceof CharacterCodingException
          ? new InputException(name + ": not UTF-8 text")
          : new InputException(name + ": cannot be read as CSV: " + e.getCause().getMessage());
    }
  }

  private static boolean isNumberOrCode(String cell) {
    return special(cell) != 0 || NUMBER.matcher(cell).matches() || HEX.matcher(cell).matches();
  }

  /** Infinity or NaN; 0 for anything else. */
  private static double special(String cell) {
    return switch (cell.toLowerCase(Locale.ROOT)) {
      case "nan", "+nan", "-nan" -> Double.NaN;
      case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> 0;
    };
  }

  @Override
  public long elements() {
    return -1;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public ElementType type() {
    return ElementType.FLOAT64;
  }

  @Override
  public List<Long> shape() {
    return List.of(-1L, (long) columns);
  }

  @Override
  public boolean fortran() {
    return false;
  }

  @Override
  public int read(double[] to) throws IOException {
    int n = 0;
    for (; n < to.length && row != null; n++) {
      String cell = cell();
      double v = special(cell);
      if (v == 0) {
        if (!NUMBER.matcher(cell).matches()) {
          boolean code = HEX.matcher(cell).matches();
          throw bad(cell, code ? "is a code, not a number" : "is not a number");
        }
        v = Double.parseDouble(cell);
      }
      to[n] = v;
      step();
    }
    return n;
  }

  @Override
  public int read(long[] to) throws IOException {
    int n = 0;
    for (; n < to.length && row != null; n++) {
      String cell = cell();
      try {
        to[n] =
            HEX.matcher(cell).matches()
                ? Long.parseUnsignedLong(cell.substring(2), 16)
                : Long.parseUnsignedLong(cell);
      } catch (NumberFormatException e) {
        throw bad(cell, "is not a code, decimal or 0x hexadecimal");
      }
      step();
    }
    return n;
  }

  private String cell() {
    if (row.size() != columns) {
      throw new InputException(
          "%s:%d: %d cells in a table of %d columns"
              .formatted(name, row.getRecordNumber(), row.size(), columns));
    }
    return row.get(column);
  }

  private void step() throws IOException {
    column++;
    if (column == columns) {
      column = 0;
      row = next();
    }
  }

  private InputException bad(String cell, String what) {
    String where = names == null ? String.valueOf(column + 1) : "'" + names.get(column) + "'";
    String shown = cell.length() <= LONGEST ? cell : cell.substring(0, LONGEST) + "...";
    return new InputException(
        "%s: row %d, column %s: '%s' %s; a first row without numbers names the columns"
            .formatted(name, row.getRecordNumber(), where, shown, what));
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
