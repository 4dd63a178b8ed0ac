package org.halfulp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.halfulp.input.InputException;

/**
 * Lines of hexadecimal words, as TestFloat writes them, read and written as bytes: no object a
 * line.
 *
 * <p>Words are parted by blanks or tabs, {@code 0x} before one is allowed, lines end in LF or CRLF,
 * the last one perhaps in nothing. Everything else is an error, an empty line too.
 */
final class HexLines {
  private HexLines() {}

  private static final int MAX_WORDS = 8;
  private static final int MAX_LINE = 1024;
  private static final byte[] DIGIT_VALUE = digitValues();
  private static final byte[] DIGITS = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  private static byte[] digitValues() {
    byte[] values = new byte[256];
    Arrays.fill(values, (byte) -1);
    for (int i = 0; i < 16; i++) {
      values["0123456789ABCDEF".charAt(i)] = (byte) i;
      values["0123456789abcdef".charAt(i)] = (byte) i;
    }
    return values;
  }

  /** Reads lines; {@link #next} parses one into {@link #word}. */
  static final class Reader {
    private final InputStream in;
    private final String source;
    private final Writer flushBeforeWaiting;
    private final byte[] buffer = new byte[1 << 16];
    private int start; // of what is not read yet
    private int limit;
    private int lineStart;
    private int lineEnd;
    private boolean ended;
    private long line;
    private final long[] words = new long[MAX_WORDS];
    private int count;

    Reader(InputStream in, String source, Writer flushBeforeWaiting) {
      this.in = in;
      this.source = source;
      this.flushBeforeWaiting = flushBeforeWaiting;
    }

    /** Number of the line that {@link #next} read, from 1. */
    long line() {
      return line;
    }

    int count() {
      return count;
    }

    long word(int i) {
      return words[i];
    }

    /** Reads the next line; false at the end of the input. */
    boolean next() throws IOException {
      int end = start;
      while (true) {
        while (end < limit && buffer[end] != '\n') {
          end++;
        }
        if (end < limit) {
          break;
        }
        if (end - start > MAX_LINE) {
          line++;
          throw bad("longer than " + MAX_LINE + " bytes");
        }
        if (ended) {
          if (end == start) {
            return false;
          }
          break;
        }
        System.arraycopy(buffer, start, buffer, 0, limit - start);
        end -= start;
        limit -= start;
        start = 0;
        flushBeforeWaiting.flush();
        int read = in.read(buffer, limit, buffer.length - limit);
        if (read < 0) {
          ended = true;
        } else {
          limit += read;
        }
      }
      line++;
      lineStart = start;
      lineEnd = end;
      start = Math.min(end + 1, limit);
      if (lineEnd > lineStart && end < limit && buffer[lineEnd - 1] == '\r') {
        lineEnd--;
      }
      if (lineEnd - lineStart > MAX_LINE) {
        throw bad("longer than " + MAX_LINE + " bytes");
      }
      parse();
      return true;
    }

    private void parse() {
      byte[] b = buffer;
      int end = lineEnd;
      int i = lineStart;
      count = 0;
      while (true) {
        while (i < end && (b[i] == ' ' || b[i] == '\t')) {
          i++;
        }
        if (i == end) {
          return;
        }
        int wordStart = i;
        if (b[i] == '0' && i + 1 < end && (b[i + 1] | 0x20) == 'x') {
          i += 2;
        }
        int first = i;
        long value = 0;
        long overflow = 0;
        while (i < end) {
          int digit = DIGIT_VALUE[b[i] & 0xFF];
          if (digit < 0) {
            break;
          }
          overflow |= value >>> 60;
          value = value << 4 | digit;
          i++;
        }
        if (i == first || i < end && b[i] != ' ' && b[i] != '\t') {
          throw bad("'" + wordFrom(wordStart) + "' is not a hexadecimal code");
        }
        if (overflow != 0) {
          throw bad("'" + wordFrom(wordStart) + "' has more than 64 bits");
        }
        if (count == MAX_WORDS) {
          throw bad("more than " + MAX_WORDS + " words");
        }
        words[count++] = value;
      }
    }

    private String wordFrom(int from) {
      int to = from;
      while (to < lineEnd && buffer[to] != ' ' && buffer[to] != '\t') {
        to++;
      }
      boolean cut = to - from > 20;
      return new String(buffer, from, cut ? 20 : to - from, StandardCharsets.ISO_8859_1)
          + (cut ? "..." : "");
    }

    /** The line as it came, without its end. */
    String text() {
      return new String(buffer, lineStart, lineEnd - lineStart, StandardCharsets.ISO_8859_1);
    }

    boolean isEmptyLine() {
      return count == 0;
    }

    /** An error at the line being read. */
    InputException bad(String what) {
      return new InputException("%s, line %d: %s".formatted(source, line, what));
    }
  }

  /** Writes lines into a buffer that empties itself. */
  static final class Writer {
    private static final int ROOM = 256; // a word or a line end is shorter
    private final OutputStream out;
    private final byte[] buffer = new byte[1 << 16];
    private int size;

    Writer(OutputStream out) {
      this.out = out;
    }

    /** {@code digits} upper case hexadecimal digits and then {@code after}. */
    void hex(long value, int digits, char after) throws IOException {
      if (buffer.length - size < ROOM) {
        empty();
      }
      for (int i = size + digits - 1; i >= size; i--) {
        buffer[i] = DIGITS[(int) value & 15];
        value >>>= 4;
      }
      size += digits;
      buffer[size++] = (byte) after;
    }

    private void empty() throws IOException {
      out.write(buffer, 0, size);
      size = 0;
    }

    void flush() throws IOException {
      empty();
      out.flush();
    }
  }
}
