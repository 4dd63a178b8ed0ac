package org.halfulp.tensor;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import org.halfulp.input.InputException;

/**
 * A file that takes its name when it is whole: until then it lies beside it under another. What is
 * no file, such as a pipe, is written as it comes.
 */
final class DraftFile implements Closeable {
  private final Path target;
  private final Path draft; // null: written as it comes
  private final FileChannel channel;

  DraftFile(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new InputException(file + ": is a folder; give a file to write");
    }
    boolean exists = Files.exists(file);
    if (exists && !Files.isWritable(file)) {
      throw new InputException(file + ": exists and may not be written");
    }
    boolean flows = exists && !Files.isRegularFile(file);
    target = exists && !flows ? file.toRealPath() : file; // not over a symbolic link
    draft =
        flows
            ? null
            : target.resolveSibling(
                ".%s.%x.part".formatted(target.getFileName(), System.nanoTime() & 0xFFFFFFFFL));
    try {
      channel =
          draft == null
              ? FileChannel.open(target, StandardOpenOption.WRITE)
              : FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      if (draft != null) {
        draft.toFile().deleteOnExit(); // when interrupted
        if (exists) {
          mayBeReadBy(Files.getFileAttributeView(target, PosixFileAttributeView.class));
        }
      }
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": its folder does not exist");
    } catch (AccessDeniedException e) {
      throw new InputException(file + ": its folder may not be written");
    } catch (IOException e) {
      throw new InputException(file + ": cannot be written: " + e.getMessage());
    }
  }

  /** Who may read and write the file that was there may do so afterwards, and nobody else. */
  private void mayBeReadBy(PosixFileAttributeView before) throws IOException {
    if (before != null) {
      Files.setPosixFilePermissions(draft, before.readAttributes().permissions());
    }
  }

  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Whether {@link #rewrite} can be done. */
  boolean isFile() {
    return draft != null;
  }

  /** Overwrites the beginning. */
  void rewrite(byte[] start) throws IOException {
    channel.write(ByteBuffer.wrap(start), 0);
  }

  /** Gives the file its name. */
  void finish() throws IOException {
    channel.close();
    if (draft != null) {
      Files.move(
          draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (draft != null) {
      Files.deleteIfExists(draft);
    }
  }
}
