package org.halfulp.sim;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Rows of stimulus and response outside the Java heap, allocated once and used for many runs.
 *
 * <p>A row holds the ports of {@link VerilatedLibrary#stimulus} or {@link
 * VerilatedLibrary#response}, each in {@link Port#words} words, low word first. Stimulus bits above
 * a port's width are ignored, response bits above it are 0. Signed ports are not extended.
 */
public final class Batch {
  private final int rows;
  private final int stimulusWords;
  private final int responseWords;
  private final ByteBuffer stimulusBytes; // keep the memory of the addresses alive
  private final ByteBuffer responseBytes;
  private final long stimulusAddress;
  private final long responseAddress;
  private final LongBuffer stimulus;
  private final LongBuffer response;

  private final Object owner;
  private final int number;

  private Batch(
      VerilatedLibrary library,
      int rows,
      ByteBuffer stimulusBytes,
      ByteBuffer responseBytes,
      Object owner,
      int number) {
    this.rows = rows;
    this.stimulusWords = library.stimulusWords();
    this.responseWords = library.responseWords();
    this.stimulusBytes = stimulusBytes;
    this.responseBytes = responseBytes;
    this.owner = owner;
    this.number = number;
    stimulusAddress = address(stimulusBytes);
    responseAddress = address(responseBytes);
    stimulus = stimulusBytes.asLongBuffer();
    response = responseBytes.asLongBuffer();
  }

  /**
   * @param rows of stimulus and of response, at least 1
   */
  public static Batch of(VerilatedLibrary library, int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("rows must be at least 1, got " + rows);
    }
    return new Batch(
        library,
        rows,
        allocate(rows, library.stimulusWords()),
        allocate(rows, library.responseWords()),
        null,
        0);
  }

  /**
   * A batch in memory that another process sees too.
   *
   * @param map the stimulus, and the response behind it
   * @param owner whose batch it is
   * @param number among the owner's
   */
  static Batch shared(
      VerilatedLibrary library, int rows, ByteBuffer map, Object owner, int number) {
    if (rows < 1) {
      throw new IllegalArgumentException("rows must be at least 1, got " + rows);
    }
    int stimulus = 8 * rows * library.stimulusWords();
    int response = 8 * rows * library.responseWords();
    return new Batch(
        library,
        rows,
        map.slice(0, stimulus).order(ByteOrder.nativeOrder()),
        map.slice(stimulus, response).order(ByteOrder.nativeOrder()),
        owner,
        number);
  }

  public int rows() {
    return rows;
  }

  public int stimulusWords() {
    return stimulusWords;
  }

  public int responseWords() {
    return responseWords;
  }

  /** Row r starts at {@code r * stimulusWords()}; a run ignores position and limit. */
  public LongBuffer stimulus() {
    return stimulus;
  }

  /** Row r starts at {@code r * responseWords()}; a run ignores position and limit. */
  public LongBuffer response() {
    return response;
  }

  long stimulusAddress() {
    return stimulusAddress;
  }

  long responseAddress() {
    return responseAddress;
  }

  Object owner() {
    return owner;
  }

  int number() {
    return number;
  }

  static long address(ByteBuffer buffer) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(buffer));
  }

  private static ByteBuffer allocate(int rows, int words) {
    long bytes = 8L * rows * Math.max(words, 1);
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a batch holds at most 2 GiB, got " + rows + " rows of " + words + " words");
    }
    return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
  }
}
