package org.halfulp.input;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Reads a Matrix Market file ({@code .mtx}): {@code coordinate} or {@code array}; {@code real},
 * {@code integer} or {@code pattern}; {@code general}, {@code symmetric} or {@code skew-symmetric}.
 */
public final class MatrixMarket {
  private static final List<String> FIELDS = List.of("real", "double", "integer", "pattern");
  private static final List<String> SYMMETRIES = List.of("general", "symmetric", "skew-symmetric");

  /**
   * A dense matrix.
   *
   * @param values row-major
   */
  public record Matrix(int rows, int columns, double[] values) {}

  private final Path file;
  private final BufferedReader reader;
  private int line;

  private MatrixMarket(Path file, BufferedReader reader) {
    this.file = file;
    this.reader = reader;
  }

  /** Reads the whole file into a dense matrix. */
  public static Matrix read(Path file) {
    if (Files.isDirectory(file)) {
      throw new InputException(file + ": is a folder; give a Matrix Market file");
    }
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      return new MatrixMarket(file, reader).read();
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file");
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": not UTF-8 text");
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage());
    }
  }

  private Matrix read() throws IOException {
    String first = reader.readLine();
    line = 1;
    String[] header = first == null ? new String[0] : first.toLowerCase(Locale.ROOT).split("\\s+");
    if (header.length < 5
        || !header[0].equals("%%matrixmarket")
        || !header[1].equals("matrix")
        || !List.of("coordinate", "array").contains(header[2])) {
      throw wrong(
          "a Matrix Market file begins with '%%MatrixMarket matrix coordinate|array FIELD"
              + " SYMMETRY'");
    }
    boolean sparse = header[2].equals("coordinate");
    String field = header[3];
    String symmetry = header[4];
    if (!FIELDS.contains(field) || !sparse && field.equals("pattern")) {
      throw wrong("the field must be real, integer or (of coordinates) pattern, got " + field);
    }
    if (!SYMMETRIES.contains(symmetry)) {
      throw wrong("the symmetry must be one of %s, got %s".formatted(SYMMETRIES, symmetry));
    }
    String[] sizes = next(sparse ? 3 : 2, "the sizes");
    int rows = whole(sizes[0], 1, Integer.MAX_VALUE, "the number of rows");
    int columns = whole(sizes[1], 1, Integer.MAX_VALUE, "the number of columns");
    boolean general = symmetry.equals("general");
    if (!general && rows != columns) {
      throw wrong("a symmetric matrix must be square, got %d x %d".formatted(rows, columns));
    }
    long size = (long) rows * columns;
    long most = Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 16);
    if (size > most) {
      throw wrong(
          "%d x %d values do not fit in memory as a dense matrix; the most here is %d values"
              .formatted(rows, columns, most));
    }
    double[] a = new double[(int) size];
    double mirror = symmetry.equals("skew-symmetric") ? -1 : 1;
    if (sparse) {
      int entries = whole(sizes[2], 0, Integer.MAX_VALUE, "the number of entries");
      boolean pattern = field.equals("pattern");
      BitSet seen = new BitSet();
      for (int k = 0; k < entries; k++) {
        String[] cells = next(pattern ? 2 : 3, "entry %d of %d".formatted(k + 1, entries));
        int i = whole(cells[0], 1, rows, "the row") - 1;
        int j = whole(cells[1], 1, columns, "the column") - 1;
        int at = i * columns + j;
        if (seen.get(at)) {
          throw wrong("row %d, column %d was given before".formatted(i + 1, j + 1));
        }
        seen.set(at);
        set(a, columns, i, j, pattern ? 1 : number(cells[2]), general, mirror);
      }
    } else {
      for (int j = 0; j < columns; j++) { // column by column; below the diagonal if not general
        for (int i = general ? 0 : mirror < 0 ? j + 1 : j; i < rows; i++) {
          String[] cells = next(1, "row %d, column %d".formatted(i + 1, j + 1));
          set(a, columns, i, j, number(cells[0]), general, mirror);
        }
      }
    }
    String[] more = cells();
    if (more != null) {
      throw wrong("more lines than the sizes announce");
    }
    return new Matrix(rows, columns, a);
  }

  private void set(
      double[] a, int columns, int i, int j, double value, boolean general, double mirror) {
    if (!general && (i < j || i == j && mirror < 0)) {
      throw wrong(
          "row %d, column %d is not below the diagonal, where %s matrix is given"
              .formatted(i + 1, j + 1, mirror < 0 ? "a skew-symmetric" : "a symmetric"));
    }
    a[i * columns + j] = value;
    if (!general && i != j) {
      a[j * columns + i] = mirror * value;
    }
  }

  /** The cells of the next line that is neither empty nor a comment, or null at the end. */
  private String[] cells() throws IOException {
    for (String text = reader.readLine(); text != null; text = reader.readLine()) {
      line++;
      String cut = text.strip();
      if (!cut.isEmpty() && cut.charAt(0) != '%') {
        return cut.split("\\s+");
      }
    }
    return null;
  }

  private String[] next(int count, String what) throws IOException {
    String[] cells = cells();
    if (cells == null) {
      throw wrong("the file ends before " + what);
    }
    if (cells.length != count) {
      throw wrong("%s must be %d numbers, got %d".formatted(what, count, cells.length));
    }
    return cells;
  }

  private int whole(String cell, int low, int high, String what) {
    try {
      int n = Integer.parseInt(cell);
      if (n >= low && n <= high) {
        return n;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(
        "%s must be a whole number in [%d, %d], got '%s'"
            .formatted(what, low, high, YamlMap.shortened(cell)));
  }

  private double number(String cell) {
    try {
      double x = Double.parseDouble(cell);
      if (Math.abs(x) <= Double.MAX_VALUE) {
        return x;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong("a value must be a finite number, got '%s'".formatted(YamlMap.shortened(cell)));
  }

  private InputException wrong(String message) {
    return new InputException("%s:%d: %s".formatted(file, line, message));
  }
}
