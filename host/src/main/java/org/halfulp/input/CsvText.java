package org.halfulp.input;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;

/** CSV as users have it: UTF-8, perhaps with the byte order mark that spreadsheets write. */
public final class CsvText {
  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setIgnoreEmptyLines(true).setIgnoreSurroundingSpaces(true).get();

  private CsvText() {}

  /**
   * Its records.
   *
   * @param in closed with the parser, and where this throws
   * @throws IOException for what cannot be read or is no text, here or later
   */
  public static CSVParser parse(InputStream in) throws IOException {
    var utf8 =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    BufferedReader reader = new BufferedReader(new Text(new InputStreamReader(in, utf8)));
    try {
      reader.mark(1);
      if (reader.read() != '\uFEFF') {
        reader.reset();
      }
      return CSVParser.parse(reader, FORMAT);
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** Refuses what holds no text. */
  private static final class Text extends FilterReader {
    Text(InputStreamReader in) {
      super(in);
    }

    @Override
    public int read(char[] to, int offset, int length) throws IOException {
      int n = in.read(to, offset, length);
      for (int i = offset; i < offset + n; i++) {
        if (to[i] == 0) {
          throw new IOException("it holds NUL characters, so it is not text");
        }
      }
      return n;
    }
  }
}
