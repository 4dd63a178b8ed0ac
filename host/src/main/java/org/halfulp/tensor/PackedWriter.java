package org.halfulp.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import org.halfulp.kernel.BitPacking;

/**
 * Codes of at most 8 bits side by side, as {@link BitPacking} has them; the last byte is filled
 * with zeros.
 */
public final class PackedWriter implements TensorWriter {
  private static final int WHOLE = 8; // codes end with a byte

  private final DraftFile file;
  private final int width;
  private byte[] codes = new byte[WHOLE];
  private int held; // codes that wait for the rest of a byte

  /**
   * @param width of a code, 1..8
   */
  public PackedWriter(Path path, int width) throws IOException {
    this.width = width;
    file = new DraftFile(path);
  }

  @Override
  public void write(double[] values, int n) {
    throw new UnsupportedOperationException("only codes are packed");
  }

  @Override
  public void write(long[] from, int n) throws IOException {
    if (codes.length < n + WHOLE) {
      codes = Arrays.copyOf(codes, n + WHOLE);
    }
    for (int i = 0; i < n; i++) {
      codes[held + i] = (byte) from[i];
    }
    int all = held + n;
    held = all % WHOLE;
    send(all - held);
    System.arraycopy(codes, all - held, codes, 0, held);
  }

  private void send(int n) throws IOException {
    byte[] packed = new byte[BitPacking.bytes(n, width)];
    BitPacking.pack(codes, 0, width, packed, 0, n);
    file.write(ByteBuffer.wrap(packed));
  }

  @Override
  public void finish() throws IOException {
    send(held);
    file.finish();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
