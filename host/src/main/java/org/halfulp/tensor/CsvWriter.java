package org.halfulp.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.halfulp.number.Format;

/** Numbers in lines of text: the shortest decimals that read back as the same binary64. */
public final class CsvWriter implements TensorWriter {
  private final DraftFile file;
  private final int columns;
  private final Format format;
  private final StringBuilder text = new StringBuilder();
  private int column;

  /**
   * @param names of the columns; null for none
   * @param format of the codes that are written
   */
  public CsvWriter(Path path, int columns, List<String> names, Format format) throws IOException {
    file = new DraftFile(path);
    this.columns = Math.max(columns, 1);
    this.format = format;
    if (names != null) {
      text.append(CSVFormat.DEFAULT.format(names.toArray())).append('\n');
    }
  }

  @Override
  public void write(double[] values, int n) throws IOException {
    for (int i = 0; i < n; i++) {
      cell(text(values[i]));
    }
    send();
  }

  private static String text(double v) {
    return v != v
        ? "nan"
        : Math.abs(v) <= Double.MAX_VALUE ? Double.toString(v) : v > 0 ? "inf" : "-inf";
  }

  @Override
  public void write(long[] codes, int n) throws IOException {
    for (int i = 0; i < n; i++) {
      cell(format.hex(codes[i]));
    }
    send();
  }

  private void cell(String cell) {
    column++;
    text.append(cell).append(column == columns ? '\n' : ',');
    column = column == columns ? 0 : column;
  }

  private void send() throws IOException {
    file.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)));
    text.setLength(0);
  }

  @Override
  public void finish() throws IOException {
    send();
    file.finish();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
