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

  private Batch(int rows, int stimulusWords, int responseWords) {
    this.rows = rows;
    this.stimulusWords = stimulusWords;
    this.responseWords = responseWords;
    stimulusBytes = allocate(rows, stimulusWords);
    responseBytes = allocate(rows, responseWords);
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
    return new Batch(rows, library.stimulusWords(), library.responseWords());
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
