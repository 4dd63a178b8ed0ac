package org.halfulp.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.halfulp.input.InputException;

/** Numbers as a machine has them: {@code .npy}, or nothing but the numbers. */
public final class BinaryWriter implements TensorWriter {
  private final DraftFile file;
  private final ElementType type;
  private final ByteOrder order;
  private final ElementType.Codec codec;
  private final NpyHeader header; // null: raw
  private final boolean open; // whether the first dimension is known at the end only
  private ByteBuffer buffer = ByteBuffer.allocate(0);
  private long done;

  private BinaryWriter(DraftFile file, ElementType type, ByteOrder order, NpyHeader header)
      throws IOException {
    this.file = file;
    this.type = type;
    this.order = order;
    this.header = header;
    codec = type.new Codec();
    open = header != null && header.shape().contains(-1L);
    if (header != null) {
      file.write(ByteBuffer.wrap((open ? header.withFirst(0) : header).bytes()));
    }
  }

  public static BinaryWriter raw(Path path, ElementType type, ByteOrder order) throws IOException {
    return of(path, type, order, null);
  }

  /**
   * @param shape its first length may be -1: as many as will be written
   */
  public static BinaryWriter npy(
      Path path, ElementType type, ByteOrder order, boolean fortran, List<Long> shape)
      throws IOException {
    if (type == ElementType.BFLOAT16) {
      throw new InputException(
          path + ": .npy has no type for bf16 values; write them as f4, or their codes by --codes");
    }
    return of(path, type, order, new NpyHeader(type, order, fortran, shape));
  }

  private static BinaryWriter of(Path path, ElementType type, ByteOrder order, NpyHeader header)
      throws IOException {
    DraftFile file = new DraftFile(path);
    try {
      if (header != null && header.shape().contains(-1L) && !file.isFile()) {
        throw new InputException(
            path + ": a .npy file of as many rows as will come cannot be written into a pipe");
      }
      return new BinaryWriter(file, type, order, header);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public void write(double[] values, int n) throws IOException {
    codec.put(ready(n), values, n);
    send(n);
  }

  @Override
  public void write(long[] codes, int n) throws IOException {
    codec.put(ready(n), codes, n);
    send(n);
  }

  private ByteBuffer ready(int n) {
    int bytes = n * type.bytes();
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes).order(order);
    }
    return buffer.clear();
  }

  private void send(int n) throws IOException {
    file.write(buffer.flip());
    done += n;
  }

  @Override
  public void finish() throws IOException {
    if (open) {
      long row = header.shape().stream().skip(1).reduce(1L, (a, b) -> a * b);
      file.rewrite(header.withFirst(done / row).bytes());
    }
    file.finish();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
