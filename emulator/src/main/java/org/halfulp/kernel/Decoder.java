package org.halfulp.kernel;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;

/**
 * Codes to doubles by table, for formats of up to 16 bits; normal values of wider floats by their
 * bits; the rest is decoded by the format.
 */
public final class Decoder {
  private static final Map<Format, Decoder> CACHE = new ConcurrentHashMap<>();

  private final Format format;
  private final double[] table;
  private final long mask;
  private final ArrayDecoding loops; // null: by the table

  private Decoder(Format format) {
    this.format = format;
    this.mask = format.mask();
    this.loops = LoopChoice.decoding(format);
    this.table = format.width() <= 16 ? new double[1 << format.width()] : null;
    if (table != null) {
      for (int code = 0; code < table.length; code++) {
        table[code] = format.toDouble(code);
      }
    }
  }

  public static Decoder of(Format format) {
    return CACHE.computeIfAbsent(format, Decoder::new);
  }

  /** Whether every finite value of {@code format} is a double: not so for wide fixed formats. */
  public static boolean isExact(Format format) {
    return !(format instanceof FixedFormat f) || f.width() <= 53 && f.intBits() <= 1024;
  }

  /** The value of {@code code}; NaN for any NaN. Slow twin: {@link Format#toDouble}. */
  public double value(long code) {
    return table != null ? table[(int) code] : wide(code);
  }

  /** {@code out[to + i]} is the value of the code {@code codes[from + i]}, for i below n. */
  public void decode(byte[] codes, int from, double[] out, int to, int n) {
    checkWidth(format, 8);
    Objects.checkFromIndexSize(from, n, codes.length);
    Objects.checkFromIndexSize(to, n, out.length);
    for (int i = 0; i < n; i++) {
      out[to + i] = value(codes[from + i] & mask);
    }
  }

  public void decode(short[] codes, int from, double[] out, int to, int n) {
    checkWidth(format, 16);
    Objects.checkFromIndexSize(from, n, codes.length);
    Objects.checkFromIndexSize(to, n, out.length);
    if (loops != null) {
      loops.decode(codes, from, out, to, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      out[to + i] = value(codes[from + i] & mask);
    }
  }

  public void decode(int[] codes, int from, double[] out, int to, int n) {
    checkWidth(format, 32);
    Objects.checkFromIndexSize(from, n, codes.length);
    Objects.checkFromIndexSize(to, n, out.length);
    for (int i = 0; i < n; i++) {
      out[to + i] = value(codes[from + i] & mask);
    }
  }

  public void decode(long[] codes, int from, double[] out, int to, int n) {
    Objects.checkFromIndexSize(from, n, codes.length);
    Objects.checkFromIndexSize(to, n, out.length);
    for (int i = 0; i < n; i++) {
      out[to + i] = value(codes[from + i]);
    }
  }

  /**
   * The same in binary32.
   *
   * @throws IllegalArgumentException if that does not hold every value of the format
   */
  public void decode(byte[] codes, int from, float[] out, int to, int n) {
    decodeFloats(codes, 8, from, codes.length, out, to, n);
  }

  public void decode(short[] codes, int from, float[] out, int to, int n) {
    decodeFloats(codes, 16, from, codes.length, out, to, n);
  }

  public void decode(int[] codes, int from, float[] out, int to, int n) {
    decodeFloats(codes, 32, from, codes.length, out, to, n);
  }

  private void decodeFloats(
      Object codes, int bits, int from, int length, float[] out, int to, int n) {
    checkWidth(format, bits);
    checkSingle();
    Objects.checkFromIndexSize(from, n, length);
    Objects.checkFromIndexSize(to, n, out.length);
    double[] values = new double[Math.min(n, ArrayQuantizer.CHUNK)];
    for (int i = 0; i < n; i += values.length) {
      int size = Math.min(values.length, n - i);
      decode(codes, from + i, values, 0, size);
      for (int k = 0; k < size; k++) {
        out[to + i + k] = (float) values[k];
      }
    }
  }

  private void checkSingle() {
    Extent e = Extent.of(format);
    if (e.digits() > 24 || e.low() < -149 || e.high() > 128) {
      throw new IllegalArgumentException(
          "binary32 does not hold every value of %s; decode into doubles".formatted(format.name()));
    }
  }

  /** Codes that {@link BitPacking} has packed; {@code from} counts codes. */
  public void decodePacked(byte[] packed, int from, double[] out, int to, int n) {
    checkWidth(format, 8);
    Objects.checkFromIndexSize(to, n, out.length);
    byte[] codes = new byte[Math.min(n, ArrayQuantizer.CHUNK)];
    for (int i = 0; i < n; i += codes.length) {
      int size = Math.min(codes.length, n - i);
      BitPacking.unpack(packed, from + i, format.width(), codes, 0, size);
      decode(codes, 0, out, to + i, size);
    }
  }

  /** The same for codes in bytes, shorts or ints. */
  void decode(Object codes, int from, double[] out, int to, int n) {
    if (codes instanceof byte[] bytes) {
      decode(bytes, from, out, to, n);
    } else if (codes instanceof short[] words) {
      decode(words, from, out, to, n);
    } else {
      decode((int[]) codes, from, out, to, n);
    }
  }

  /** Throws unless an array whose elements have {@code bits} bits holds codes of the format. */
  static void checkWidth(Format format, int bits) {
    if (format.width() > bits) {
      throw new IllegalArgumentException(
          "codes of %s have %d bits, and the array's elements %d"
              .formatted(format.name(), format.width(), bits));
    }
  }

  private double wide(long code) {
    if (format instanceof FloatFormat f && (code & ~f.mask()) == 0) {
      int top = f.expBits() + f.fracBits();
      long magnitude = f.signed() ? code & (1L << top) - 1 : code;
      int exponent = (int) (magnitude >>> f.fracBits()) - f.bias();
      if (magnitude >= f.minNormal() && magnitude <= f.maxFinite() && exponent >= -1022) {
        long fraction = magnitude << 64 - f.fracBits() >>> 12;
        long sign = f.signed() ? code >>> top << 63 : 0;
        return Double.longBitsToDouble(sign | (long) (exponent + 1023) << 52 | fraction);
      }
    }
    return format.toDouble(code);
  }
}
