package org.halfulp.tensor;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.halfulp.input.InputException;
import org.halfulp.kernel.ArrayQuantizer;
import org.halfulp.kernel.Decoder;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/** What an element of an array in a file is. */
public enum ElementType {
  FLOAT16("f2", 2, "float16"),
  BFLOAT16("bf2", 2, "bf16"),
  FLOAT32("f4", 4, "float32"),
  FLOAT64("f8", 8, "float64"),
  INT8("i1", 1, null),
  INT16("i2", 2, null),
  INT32("i4", 4, null),
  UINT8("u1", 1, null),
  UINT16("u2", 2, null),
  UINT32("u4", 4, null),
  UINT64("u8", 8, null);

  private final String code;
  private final int bytes;
  private final FloatFormat format; // null: integers

  ElementType(String code, int bytes, String format) {
    this.code = code;
    this.bytes = bytes;
    this.format = format == null ? null : (FloatFormat) FormatName.parse(format).format();
  }

  /** The name in a {@code .npy} header without its byte order, {@code "f4"}; NumPy has no bf2. */
  public String code() {
    return code;
  }

  public int bytes() {
    return bytes;
  }

  public boolean isFloat() {
    return format != null;
  }

  public boolean isUnsigned() {
    return code.startsWith("u");
  }

  /** By {@link #code} or by NumPy's long name, {@code "float32"}; null if there is none. */
  static ElementType find(String text) {
    for (ElementType t : values()) {
      if (t.code.equals(text) || t.longName().equals(text)) {
        return t;
      }
    }
    return text.equals("bf16") ? BFLOAT16 : null;
  }

  private String longName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static ElementType parse(String option, String text) {
    ElementType type = find(text);
    if (type == null) {
      throw new InputException("%s must be one of %s, got '%s'".formatted(option, all(), text));
    }
    return type;
  }

  static String all() {
    return Arrays.stream(values()).map(ElementType::code).collect(Collectors.joining(" "));
  }

  /** The narrowest unsigned type that holds codes of {@code format}. */
  public static ElementType forCodes(Format format) {
    int width = format.width();
    return width <= 8 ? UINT8 : width <= 16 ? UINT16 : width <= 32 ? UINT32 : UINT64;
  }

  /** Whether every value of {@code values} is a value of this type. */
  public boolean holds(Format values) {
    if (format == null || this == FLOAT64 && !Decoder.isExact(values)) {
      return false;
    }
    int bits; // of the longest significand
    int last; // exponent of the least last place
    int top; // exponent of the largest value
    if (values instanceof FloatFormat f) {
      bits = f.fracBits() + 1;
      last = f.emin() - f.fracBits();
      top = f.emax();
    } else {
      FixedFormat f = (FixedFormat) values;
      bits = f.signed() ? f.width() - 1 : f.width();
      last = -f.fracBits();
      top = last + f.width() - 1;
    }
    return bits <= format.fracBits() + 1
        && last >= format.emin() - format.fracBits()
        && top <= format.emax();
  }

  /** Numbers between a buffer of bytes and an array; not thread-safe. */
  final class Codec {
    private final Decoder decoder;
    private final ArrayQuantizer encoder;
    private short[] shorts = new short[0];

    Codec() {
      boolean half = this.type() == FLOAT16 || this.type() == BFLOAT16;
      decoder = half ? Decoder.of(format) : null;
      encoder = half ? new ArrayQuantizer(new Quantizer(format, RoundingMode.RNE)) : null;
    }

    private ElementType type() {
      return ElementType.this;
    }

    void get(ByteBuffer from, double[] to, int n) {
      switch (type()) {
        case FLOAT16, BFLOAT16 -> {
          for (int i = 0; i < n; i++) {
            to[i] = decoder.value(from.getShort() & 0xFFFF);
          }
        }
        case FLOAT32 -> {
          for (int i = 0; i < n; i++) {
            to[i] = from.getFloat();
          }
        }
        case FLOAT64 -> from.asDoubleBuffer().get(to, 0, n);
        case INT8, INT16, INT32 -> {
          for (int i = 0; i < n; i++) {
            to[i] = bytes == 1 ? from.get() : bytes == 2 ? from.getShort() : from.getInt();
          }
        }
        default -> {
          for (int i = 0; i < n; i++) {
            to[i] = getCode(from);
          }
        }
      }
    }

    /** Integers as bits, for codes. */
    void get(ByteBuffer from, long[] to, int n) {
      for (int i = 0; i < n; i++) {
        to[i] = getCode(from);
      }
    }

    private long getCode(ByteBuffer from) {
      return switch (bytes) {
        case 1 -> from.get() & 0xFF;
        case 2 -> from.getShort() & 0xFFFF;
        case 4 -> from.getInt() & 0xFFFFFFFFL;
        default -> from.getLong();
      };
    }

    /** Values that the type has; others lose bits. */
    void put(ByteBuffer to, double[] from, int n) {
      switch (type()) {
        case FLOAT16, BFLOAT16 -> {
          if (shorts.length < n) {
            shorts = new short[n];
          }
          encoder.encode(from, 0, shorts, 0, n, null);
          for (int i = 0; i < n; i++) {
            to.putShort(shorts[i]);
          }
        }
        case FLOAT32 -> {
          for (int i = 0; i < n; i++) {
            to.putInt(Float.floatToIntBits((float) from[i])); // one NaN
          }
        }
        case FLOAT64 -> {
          for (int i = 0; i < n; i++) {
            to.putLong(Double.doubleToLongBits(from[i]));
          }
        }
        default -> throw new IllegalStateException("no values in " + this);
      }
    }

    void put(ByteBuffer to, long[] codes, int n) {
      for (int i = 0; i < n; i++) {
        switch (bytes) {
          case 1 -> to.put((byte) codes[i]);
          case 2 -> to.putShort((short) codes[i]);
          case 4 -> to.putInt((int) codes[i]);
          default -> to.putLong(codes[i]);
        }
      }
    }
  }
}
