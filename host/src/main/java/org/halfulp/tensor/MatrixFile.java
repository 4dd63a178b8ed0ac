package org.halfulp.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.halfulp.input.InputException;
import org.halfulp.input.MatrixMarket;

/** A whole matrix from a file, {@code .mtx}, {@code .npy} or {@code .csv} by its name. */
public final class MatrixFile {
  private static final int CHUNK = 1 << 16;

  private MatrixFile() {}

  /** Reads it, whatever the order of its elements, row-major. */
  public static MatrixMarket.Matrix read(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".mtx")) {
      return MatrixMarket.read(file);
    }
    boolean text = name.endsWith(".csv");
    if (!text && !name.endsWith(".npy")) {
      throw new InputException(file + ": a matrix is a .mtx, .npy or .csv file");
    }
    if (Files.isDirectory(file)) {
      throw new InputException(file + ": is a folder; give a matrix file");
    }
    try (InputStream in = Files.newInputStream(file);
        TensorReader reader =
            text ? new CsvReader(file.toString(), in) : BinaryReader.npy(file.toString(), in)) {
      return read(file, reader);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file");
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage());
    }
  }

  private static MatrixMarket.Matrix read(Path file, TensorReader reader) throws IOException {
    if (reader.shape().size() != 2) {
      throw new InputException(
          "%s: a matrix has 2 dimensions, this array %d".formatted(file, reader.shape().size()));
    }
    int columns = reader.columns();
    long most = Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 16);
    double[] values = new double[(int) Math.max(0, Math.min(reader.elements(), most))];
    double[] chunk = new double[CHUNK];
    int size = 0;
    for (int n = reader.read(chunk); n > 0; n = reader.read(chunk)) {
      if (size + (long) n > most) {
        throw new InputException(
            "%s: its values do not fit in memory; the most here is %,d".formatted(file, most));
      }
      if (size + n > values.length) {
        values = Arrays.copyOf(values, (int) Math.min(most, 2L * values.length + n));
      }
      System.arraycopy(chunk, 0, values, size, n);
      size += n;
    }
    if (size == 0) {
      throw new InputException(file + ": has no numbers");
    }
    int rows = size / columns;
    if (!reader.fortran()) {
      return new MatrixMarket.Matrix(rows, columns, Arrays.copyOf(values, size));
    }
    double[] turned = new double[size];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        turned[i * columns + j] = values[j * rows + i];
      }
    }
    return new MatrixMarket.Matrix(rows, columns, turned);
  }
}
