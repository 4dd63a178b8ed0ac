package org.halfulp.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.halfulp.input.InputException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What stands before the numbers of a {@code .npy} file (NumPy Enhancement Proposal 1, versions 1
 * to 3 of the format).
 *
 * @param shape lengths of the dimensions, none for a scalar
 */
record NpyHeader(ElementType type, ByteOrder order, boolean fortran, List<Long> shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST = 1 << 16;

  NpyHeader {
    shape = List.copyOf(shape);
  }

  /** Elements in all. */
  long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /**
   * Reads a header from the beginning of {@code in}.
   *
   * @param name of the file, for messages
   */
  static NpyHeader read(String name, InputStream in) throws IOException {
    byte[] start = in.readNBytes(8);
    for (int i = 0; i < MAGIC.length; i++) {
      if (i >= start.length || start[i] != MAGIC[i]) {
        throw new InputException(
            name + ": not a .npy file (it does not begin with \\x93NUMPY); give --type for raw");
      }
    }
    int version = start.length < 8 ? 0 : start[6];
    if (version < 1 || version > 3) {
      throw new InputException(
          "%s: .npy version %d; this reads versions 1 to 3".formatted(name, version));
    }
    int lengthBytes = version == 1 ? 2 : 4;
    byte[] size = in.readNBytes(lengthBytes);
    if (size.length < lengthBytes) {
      throw truncated(name);
    }
    ByteBuffer buffer = ByteBuffer.wrap(size).order(ByteOrder.LITTLE_ENDIAN);
    long length = version == 1 ? buffer.getShort() & 0xFFFF : buffer.getInt() & 0xFFFFFFFFL;
    if (length > LONGEST) {
      throw new InputException(
          "%s: its .npy header has %d bytes; at most %d are read".formatted(name, length, LONGEST));
    }
    byte[] text = in.readNBytes((int) length);
    if (text.length < length) {
      throw truncated(name);
    }
    return parse(name, new String(text, StandardCharsets.UTF_8));
  }

  private static InputException truncated(String name) {
    return new InputException(name + ": truncated: it ends within its .npy header");
  }

  /** A header is a literal of Python; with brackets for its tuple, YAML reads it. */
  private static NpyHeader parse(String name, String literal) {
    Map<?, ?> map;
    try {
      Object read =
          new Load(LoadSettings.builder().build())
              .loadFromString(literal.replace('(', '[').replace(')', ']'));
      if (!(read instanceof Map<?, ?> m)) {
        throw new InputException(name + ": its .npy header is no dictionary: " + literal.strip());
      }
      map = m;
    } catch (YamlEngineException e) {
      throw new InputException(name + ": its .npy header cannot be read: " + literal.strip(), e);
    }
    return new NpyHeader(
        type(name, map.get("descr")),
        order(String.valueOf(map.get("descr"))),
        fortran(name, String.valueOf(map.get("fortran_order"))),
        shape(name, map.get("shape")));
  }

  private static ElementType type(String name, Object descr) {
    ElementType type = null;
    if (descr instanceof String s && s.matches("[<>=|].+")) {
      type = ElementType.find(s.substring(1));
    }
    if (type == null || type == ElementType.BFLOAT16) {
      throw new InputException(
          "%s: its dtype is %s; this reads %s, little or big endian. %s"
              .formatted(
                  name,
                  descr instanceof String s ? "'" + s + "'" : "a structure",
                  ElementType.all().replace("bf2 ", ""),
                  "Save codes of other types as unsigned integers and name their format by --from"));
    }
    return type;
  }

  private static ByteOrder order(String descr) {
    return descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }

  private static boolean fortran(String name, String text) {
    if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
      throw new InputException(
          "%s: its .npy header says fortran_order %s; it must be True or False"
              .formatted(name, text));
    }
    return text.equalsIgnoreCase("true");
  }

  private static List<Long> shape(String name, Object read) {
    List<Long> shape = new ArrayList<>();
    long elements = 1;
    for (Object length : read instanceof List<?> list ? list : List.of("no shape")) {
      if (!(length instanceof Integer || length instanceof Long)
          || ((Number) length).longValue() < 0) {
        throw new InputException(
            "%s: its .npy header gives the shape %s; it must be a tuple of lengths"
                .formatted(name, read));
      }
      long n = ((Number) length).longValue();
      shape.add(n);
      if (n > 0 && elements > Long.MAX_VALUE / 16 / n) {
        throw new InputException("%s: its shape %s is too large".formatted(name, read));
      }
      elements *= Math.max(n, 1);
    }
    return shape;
  }

  /** The same with another length of the first dimension; its bytes are as many. */
  NpyHeader withFirst(long length) {
    List<Long> other = new ArrayList<>(shape);
    other.set(0, length);
    return new NpyHeader(type, order, fortran, other);
  }

  /** As version 1.0 of the format, or 2.0 where a shape needs it; a multiple of 64 bytes. */
  byte[] bytes() {
    String longest = shape.isEmpty() ? text() : withFirst(Long.MAX_VALUE).text();
    int size = (12 + longest.length() + 1 + 63) / 64 * 64;
    boolean first = size - 10 < 1 << 16;
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) (first ? 1 : 2)).put((byte) 0);
    if (first) {
      bytes.putShort((short) (size - 10));
    } else {
      bytes.putInt(size - 12);
    }
    bytes.put(text().getBytes(StandardCharsets.US_ASCII));
    while (bytes.remaining() > 1) {
      bytes.put((byte) ' ');
    }
    return bytes.put((byte) '\n').array();
  }

  private String text() {
    String lengths = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
    String mark = type.bytes() == 1 ? "|" : order == ByteOrder.BIG_ENDIAN ? ">" : "<";
    return "{'descr': '%s%s', 'fortran_order': %s, 'shape': (%s%s), }"
        .formatted(
            mark, type.code(), fortran ? "True" : "False", lengths, shape.size() == 1 ? "," : "");
  }
}
