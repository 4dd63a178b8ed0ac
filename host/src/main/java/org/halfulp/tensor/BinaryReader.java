package org.halfulp.tensor;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.halfulp.input.InputException;

/** Numbers as a machine has them: {@code .npy}, or nothing but the numbers. */
public final class BinaryReader implements TensorReader {
  private final String name;
  private final InputStream in;
  private final NpyHeader header;
  private final boolean raw;
  private final ElementType.Codec codec;
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private long done;

  private BinaryReader(String name, InputStream in, NpyHeader header, boolean raw) {
    this.name = name;
    this.in = in;
    this.header = header;
    this.raw = raw;
    codec = header.type().new Codec();
  }

  /**
   * @param name for messages
   * @param in closed with the reader
   */
  public static BinaryReader npy(String name, InputStream in) throws IOException {
    InputStream buffered = new BufferedInputStream(in);
    return new BinaryReader(name, buffered, NpyHeader.read(name, buffered), false);
  }

  /**
   * Elements to the end of {@code in}.
   *
   * @param bytes of the file; -1 if not known
   */
  public static BinaryReader raw(
      String name, InputStream in, ElementType type, ByteOrder order, long bytes) {
    if (bytes >= 0 && bytes % type.bytes() != 0) {
      throw new InputException(
          "%s: %d bytes are no whole number of %s elements of %d bytes"
              .formatted(name, bytes, type.code(), type.bytes()));
    }
    long elements = bytes < 0 ? -1 : bytes / type.bytes();
    return new BinaryReader(name, in, new NpyHeader(type, order, false, List.of(elements)), true);
  }

  @Override
  public long elements() {
    return raw ? header.shape().get(0) : header.elements();
  }

  @Override
  public int columns() {
    int dimensions = header.shape().size();
    return dimensions < 2
        ? 1
        : (int) Math.min(header.shape().get(dimensions - 1), Integer.MAX_VALUE);
  }

  @Override
  public ElementType type() {
    return header.type();
  }

  @Override
  public List<Long> shape() {
    return header.shape();
  }

  @Override
  public boolean fortran() {
    return header.fortran();
  }

  public ByteOrder order() {
    return header.order();
  }

  @Override
  public int read(double[] to) throws IOException {
    int n = fill(to.length);
    codec.get(buffer, to, n);
    return n;
  }

  @Override
  public int read(long[] to) throws IOException {
    int n = fill(to.length);
    codec.get(buffer, to, n);
    return n;
  }

  /** Elements that the buffer has been given, at most {@code wanted}. */
  private int fill(int wanted) throws IOException {
    int size = header.type().bytes();
    long all = elements();
    int n = all < 0 ? wanted : (int) Math.min(wanted, all - done);
    if (buffer.capacity() < n * size) {
      buffer = ByteBuffer.allocate(n * size).order(header.order());
    }
    int got = in.readNBytes(buffer.array(), 0, n * size);
    if (got < n * size && (all >= 0 || got % size != 0)) {
      throw new InputException(
          all < 0
              ? "%s: ends within its element %d of %d bytes"
                  .formatted(name, done + got / size + 1, size)
              : "%s: truncated: %d of its %d elements are there"
                  .formatted(name, done + got / size, all));
    }
    n = got / size;
    done += n;
    if (n == 0 && !raw && in.read() >= 0) {
      throw new InputException(
          "%s: bytes follow its %d elements; its shape %s is wrong"
              .formatted(name, all, header.shape()));
    }
    buffer.position(0).limit(got);
    return n;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
