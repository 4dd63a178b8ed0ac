package org.halfulp.verify;

import java.nio.LongBuffer;
import java.util.List;
import org.halfulp.sim.Port;

/**
 * Where a port lies in the rows of a batch.
 *
 * @param word its first in a row
 * @param stride words of a row
 */
record PortField(int word, int stride) {

  static PortField of(List<Port> ports, String name) {
    int stride = ports.stream().mapToInt(Port::words).sum();
    int word = 0;
    for (Port port : ports) {
      if (port.name().equals(name)) {
        return new PortField(word, stride);
      }
      word += port.words();
    }
    throw new IllegalArgumentException("no port " + name + " among " + ports);
  }

  private static long mask(int width) {
    return width == 64 ? -1L : (1L << width) - 1;
  }

  /** Writes {@code width} bits of a row's port from bit {@code bit} on. */
  void set(LongBuffer rows, int row, int bit, int width, long value) {
    int at = row * stride + word + bit / 64;
    int shift = bit % 64;
    long mask = mask(width);
    rows.put(at, rows.get(at) & ~(mask << shift) | value << shift);
    if (shift + width > 64) {
      int rest = 64 - shift;
      rows.put(at + 1, rows.get(at + 1) & ~(mask >>> rest) | value >>> rest);
    }
  }

  long get(LongBuffer rows, int row, int bit, int width) {
    int at = row * stride + word + bit / 64;
    int shift = bit % 64;
    long value = rows.get(at) >>> shift;
    if (shift + width > 64) {
      value |= rows.get(at + 1) << 64 - shift;
    }
    return value & mask(width);
  }
}
