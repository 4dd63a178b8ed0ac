package org.halfulp.sim;

import java.io.ByteArrayOutputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A model in this process, called through {@link Bridge}. */
final class InProcess implements Engine {
  private static final int SCRATCH = 8192;
  private static final Charset FILE_NAMES =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private final VerilatedLibrary library;
  private final ByteBuffer scratch; // counts, words of a wide port, texts: one at a time
  private final long scratchAddress;
  private long handle;

  /**
   * @param seed of registers without a reset
   */
  InProcess(VerilatedLibrary library, long seed) {
    this.library = library;
    int words = library.ports().stream().mapToInt(Port::words).max().orElse(0);
    scratch =
        ByteBuffer.allocateDirect(Math.max(SCRATCH, 8 * words)).order(ByteOrder.nativeOrder());
    scratchAddress = Batch.address(scratch);
    Bridge.bind(library.bridge());
    writePath(library.file());
    ByteBuffer error = ByteBuffer.allocateDirect(SCRATCH);
    long table = Bridge.load(scratchAddress, Batch.address(error), SCRATCH);
    if (table != 0) {
      handle = Bridge.create(table, seed, Batch.address(error), SCRATCH);
    }
    if (handle == 0) {
      throw new ToolException("the model cannot be loaded: " + text(error));
    }
  }

  @Override
  public int poke(int port, long[] words) {
    if (words.length == 1) {
      return Bridge.pokeWord(handle, port, words[0]);
    }
    for (int i = 0; i < words.length; i++) {
      scratch.putLong(8 * i, words[i]);
    }
    return Bridge.poke(handle, port, scratchAddress);
  }

  @Override
  public int peek(int port, long[] words) {
    if (words.length == 1) {
      words[0] = Bridge.peekWord(handle, port);
      return Bridge.OPEN;
    }
    int status = Bridge.peek(handle, port, scratchAddress);
    for (int i = 0; i < words.length; i++) {
      words[i] = scratch.getLong(8 * i);
    }
    return status;
  }

  @Override
  public int eval() {
    return Bridge.eval(handle);
  }

  @Override
  public int tick(long cycles) {
    return Bridge.tick(handle, cycles);
  }

  @Override
  public int run(
      Batch batch,
      long sent,
      long wanted,
      long repeat,
      Stalls stalls,
      long patience,
      long[] counts) {
    int status;
    try {
      status =
          Bridge.run(
              handle,
              batch.stimulusAddress(),
              batch.responseAddress(),
              sent,
              wanted,
              repeat,
              stalls.inPercent(),
              stalls.outPercent(),
              stalls.seed(),
              patience,
              scratchAddress);
    } finally {
      Reference.reachabilityFence(batch);
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] = scratch.getLong(8 * i);
    }
    return status;
  }

  @Override
  public int wave(Path file) {
    if (file == null) {
      return Bridge.wave(handle, 0);
    }
    writePath(file);
    return Bridge.wave(handle, scratchAddress);
  }

  @Override
  public int coverage(Path file) {
    writePath(file);
    return Bridge.coverage(handle, scratchAddress);
  }

  @Override
  public int finalBlocks() {
    return Bridge.finalBlocks(handle);
  }

  @Override
  public void destroy() {
    long dut = handle;
    handle = 0;
    Bridge.destroy(dut);
  }

  @Override
  public String takeText() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    for (int n = SCRATCH - 1; n == SCRATCH - 1; ) {
      n = Bridge.takeText(handle, scratchAddress, SCRATCH);
      byte[] bytes = new byte[n];
      scratch.get(0, bytes);
      printed.writeBytes(bytes);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Override
  public String reason() {
    Bridge.reason(handle, scratchAddress, SCRATCH);
    return text(scratch);
  }

  @Override
  public Batch batch(int rows) {
    return Batch.of(library, rows);
  }

  private void writePath(Path file) {
    byte[] bytes = file.toAbsolutePath().toString().getBytes(FILE_NAMES);
    if (bytes.length >= SCRATCH) {
      throw new IllegalArgumentException("path too long: " + file);
    }
    scratch.put(0, bytes).put(bytes.length, (byte) 0);
  }

  private static String text(ByteBuffer buffer) {
    int n = 0;
    while (buffer.get(n) != 0) {
      n++;
    }
    byte[] bytes = new byte[n];
    buffer.get(0, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
