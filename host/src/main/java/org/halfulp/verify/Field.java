package org.halfulp.verify;

import java.util.Optional;
import org.halfulp.number.Format;

/**
 * One {@code in_*} or {@code out_*} port of a stream unit, as a column of values.
 *
 * @param port its name in Verilog
 * @param width bits of one value, 1..64
 * @param perLane whether a beat holds one value a lane, else one value
 * @param format how a value is printed and by which classes it is counted; empty for raw bits
 * @param read whether results may depend on it; a port that is not read carries noise
 */
public record Field(
    String port, int width, boolean perLane, Optional<Format> format, boolean read) {

  public Field {
    if (width < 1 || width > 64) {
      throw new IllegalArgumentException(port + ": width must be in [1, 64], got " + width);
    }
  }

  /** A code of {@code format} a lane. */
  public static Field code(String port, Format format) {
    return new Field(port, format.width(), true, Optional.of(format), true);
  }

  /** A code of {@code format} a lane, right-aligned in {@code width} bits. */
  public static Field code(String port, Format format, int width) {
    return new Field(port, width, true, Optional.of(format), true);
  }

  /** Raw bits, one value a lane. */
  public static Field bits(String port, int width) {
    return new Field(port, width, true, Optional.empty(), true);
  }

  /** Raw bits, one value a beat. */
  public static Field perBeat(String port, int width) {
    return new Field(port, width, false, Optional.empty(), true);
  }

  /** The same port, on which nothing may depend. */
  public Field unread() {
    return new Field(port, width, perLane, format, false);
  }

  /** Bits of the port in a top of {@code lanes} lanes. */
  public int bits(int lanes) {
    return perLane ? width * lanes : width;
  }

  /** Values a beat. */
  public int perBeat(int lanes) {
    return perLane ? lanes : 1;
  }

  public long mask() {
    return width == 64 ? -1L : (1L << width) - 1;
  }
}
