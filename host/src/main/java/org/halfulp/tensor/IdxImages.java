package org.halfulp.tensor;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.halfulp.input.InputException;

/**
 * Images with labels from IDX files, as MNIST and Fashion-MNIST come: a magic number, big-endian
 * lengths, bytes; gzip or not.
 *
 * @param pixels of an image
 * @param values {@code count} x {@code pixels}
 * @param labels length {@code count}
 */
public record IdxImages(int count, int pixels, byte[] values, byte[] labels) {
  private static final int IMAGES = 0x803; // unsigned bytes in 3 dimensions
  private static final int LABELS = 0x801;

  private record Idx(int[] lengths, byte[] values) {}

  /** Reads both files. */
  public static IdxImages read(Path images, Path labels) {
    Idx x = idx(images, IMAGES, "images");
    Idx y = idx(labels, LABELS, "labels");
    if (x.lengths[0] != y.lengths[0]) {
      throw new InputException(
          "%s has %,d images, %s %,d labels; take both files of one part"
              .formatted(images, x.lengths[0], labels, y.lengths[0]));
    }
    int count = x.lengths[0];
    if (count == 0) {
      throw new InputException(images + ": has no images");
    }
    return new IdxImages(count, x.values.length / count, x.values, y.values);
  }

  private static Idx idx(Path file, int magic, String what) {
    if (Files.isDirectory(file)) {
      throw new InputException(file + ": is a folder; give an IDX file");
    }
    try (InputStream plain = new BufferedInputStream(Files.newInputStream(file))) {
      plain.mark(2);
      boolean packed = plain.read() == 0x1f && plain.read() == 0x8b;
      plain.reset();
      InputStream in = packed ? new GZIPInputStream(plain) : plain;
      byte[] head = in.readNBytes(4);
      int found = head.length < 4 ? -1 : ByteBuffer.wrap(head).getInt();
      if (found != magic) {
        throw new InputException(
            "%s: no IDX file of %s, which begins with %08x; it begins with %s"
                .formatted(file, what, magic, head.length < 4 ? "less" : "%08x".formatted(found)));
      }
      int[] lengths = new int[magic & 0xFF];
      long size = 1;
      byte[] sizes = in.readNBytes(4 * lengths.length);
      for (int i = 0; i < lengths.length && sizes.length == 4 * lengths.length; i++) {
        lengths[i] = ByteBuffer.wrap(sizes).getInt(4 * i);
        size *= lengths[i];
        if (lengths[i] < 0 || size > Integer.MAX_VALUE / 2) {
          throw new InputException(
              "%s: its length %d is %d, more than this reads"
                  .formatted(file, i + 1, lengths[i] & 0xFFFFFFFFL));
        }
      }
      byte[] values = sizes.length < 4 * lengths.length ? new byte[0] : in.readNBytes((int) size);
      if (sizes.length < 4 * lengths.length || values.length < size) {
        throw new InputException(
            "%s: truncated: %,d of its %,d bytes of %s are there"
                .formatted(file, values.length, size, what));
      }
      if (in.read() >= 0) {
        throw new InputException(
            "%s: bytes follow its %,d bytes of %s".formatted(file, size, what));
      }
      return new Idx(lengths, values);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file");
    } catch (ZipException | java.io.EOFException e) {
      throw new InputException(file + ": truncated or not gzip: " + e.getMessage());
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage());
    }
  }

  /** Column names: pixels from 0 on, then {@code label}. */
  public List<String> columns() {
    List<String> names = new java.util.ArrayList<>();
    for (int j = 0; j < pixels; j++) {
      names.add("p" + j);
    }
    names.add("label");
    return names;
  }

  /** Writes a row an image, pixels 0 to 255 and last the label, as {@code .npy} or {@code .csv}. */
  public void write(Path out) {
    String name = String.valueOf(out.getFileName());
    boolean text = name.endsWith(".csv");
    if (!text && !name.endsWith(".npy")) {
      throw new InputException(out + ": the output is a .npy or a .csv file");
    }
    try (TensorWriter writer =
        text
            ? new CsvWriter(out, pixels + 1, columns(), null)
            : BinaryWriter.npy(
                out,
                ElementType.UINT8,
                java.nio.ByteOrder.LITTLE_ENDIAN,
                false,
                List.of((long) count, pixels + 1L))) {
      double[] row = new double[pixels + 1];
      long[] codes = new long[pixels + 1];
      for (int i = 0; i < count; i++) {
        for (int j = 0; j <= pixels; j++) {
          codes[j] = 0xFF & (j < pixels ? values[i * pixels + j] : labels[i]);
          row[j] = codes[j];
        }
        if (text) {
          writer.write(row, row.length);
        } else {
          writer.write(codes, codes.length);
        }
      }
      writer.finish();
    } catch (IOException e) {
      throw new InputException("%s cannot be written: %s".formatted(out, e.getMessage()));
    }
  }
}
