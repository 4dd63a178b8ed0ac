package org.halfulp.sim;

import java.io.ByteArrayOutputStream;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A running model, owned by the thread that opened it.
 *
 * <p>A model that executed {@code $finish} can still be peeked; a failed or closed one says why on
 * each use. Inputs start with 0; registers without a reset start with pseudo-random bits that
 * depend on the seed.
 */
public final class Dut implements AutoCloseable {
  /** A model is open until one of the others holds. */
  public enum State {
    OPEN,
    FINISHED,
    FAILED,
    CLOSED
  }

  /** Cycles without a moved word after which a batch is given up, unless set otherwise. */
  public static final long PATIENCE = 10_000;

  private static final int RESET_CYCLES = 4;
  private static final int SCRATCH = 8192;
  private static final Charset FILE_NAMES =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private final VerilatedLibrary library;
  private final VerilatedLibrary.Shape shape; // asked of the library once: it searches its ports
  private final int stimulusWords;
  private final int responseWords;
  private final boolean heldBack; // has out_ready, or is no stream
  private final Thread owner = Thread.currentThread();
  private final Consumer<String> display;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final ByteBuffer scratch; // counts, words of a wide port, texts: one at a time
  private final long scratchAddress;
  private final StringBuilder partialLine = new StringBuilder();
  private long handle;
  private long patience = PATIENCE;
  private State state = State.OPEN;
  private String reason = "";

  private Dut(VerilatedLibrary library, Consumer<String> display, long seed) {
    this.library = library;
    shape = library.shape();
    stimulusWords = library.stimulusWords();
    responseWords = library.responseWords();
    heldBack = shape != VerilatedLibrary.Shape.STREAM || library.has("out_ready", true);
    this.display = display;
    int words = 0;
    for (Port port : library.ports()) {
      numbers.put(port.name(), numbers.size());
      words = Math.max(words, port.words());
    }
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

  /** Opens and resets a model; what it prints goes to standard error. */
  public static Dut open(VerilatedLibrary library) {
    return open(library, System.err::println, 1);
  }

  /**
   * Opens and resets a model.
   *
   * @param display takes each line that the model prints
   * @param seed of registers without a reset
   */
  public static Dut open(VerilatedLibrary library, Consumer<String> display, long seed) {
    Dut dut = new Dut(library, display, seed);
    try {
      dut.reset();
    } catch (RuntimeException e) {
      dut.close();
      throw e;
    }
    return dut;
  }

  public VerilatedLibrary library() {
    return library;
  }

  public State state() {
    return state;
  }

  /** Why the model is not open; empty while it is. */
  public String reason() {
    return reason;
  }

  /** Sets an input of at most 64 bits; takes effect with the next evaluation. */
  public void poke(String name, long value) {
    Port port = port(name);
    if (!port.input()) {
      throw new IllegalArgumentException(library.top() + "." + name + " is an output");
    }
    int width = port.width();
    if (width < 64 && value >>> width != 0) {
      throw new IllegalArgumentException(
          name + " must be in [0, 2^" + width + "), got 0x" + Long.toHexString(value));
    }
    if (width <= 64) {
      check(Bridge.pokeWord(alive(), numbers.get(name), value));
    } else {
      poke(name, new long[] {value});
    }
  }

  /**
   * Sets an input of any width.
   *
   * @param words low word first; missing words are 0
   */
  public void poke(String name, long... words) {
    Port port = port(name);
    if (!port.input()) {
      throw new IllegalArgumentException(library.top() + "." + name + " is an output");
    }
    int spare = 64 * port.words() - port.width();
    if (words.length > port.words()
        || (spare > 0
            && words.length == port.words()
            && words[words.length - 1] >>> (64 - spare) != 0)) {
      throw new IllegalArgumentException(
          name + " has " + port.width() + " bits, got " + words.length + " words with more");
    }
    long dut = alive();
    for (int i = 0; i < port.words(); i++) {
      scratch.putLong(8 * i, i < words.length ? words[i] : 0);
    }
    check(Bridge.poke(dut, numbers.get(name), scratchAddress));
  }

  /** Returns a port of at most 64 bits, zero-extended, as of the last evaluation. */
  public long peek(String name) {
    Port port = port(name);
    if (port.width() > 64) {
      throw new IllegalArgumentException(name + " has " + port.width() + " bits; use peekWords");
    }
    return Bridge.peekWord(readable(), numbers.get(name));
  }

  /** Returns a port of any width, low word first. */
  public long[] peekWords(String name) {
    Port port = port(name);
    Bridge.peek(readable(), numbers.get(name), scratchAddress);
    long[] words = new long[port.words()];
    for (int i = 0; i < words.length; i++) {
      words[i] = scratch.getLong(8 * i);
    }
    return words;
  }

  public void eval() {
    check(Bridge.eval(alive()));
  }

  /** Runs n cycles of {@code clk}: low, then high; ends after a rising edge. */
  public void tick(long n) {
    if (!library.has("clk", true)) {
      throw new IllegalStateException(library.top() + " has no clk");
    }
    if (n < 0) {
      throw new IllegalArgumentException("cycles must not be negative, got " + n);
    }
    check(Bridge.tick(alive(), n));
  }

  /** Holds {@code rst_n} low for some cycles, with no word offered or taken. */
  public void reset() {
    alive();
    if (!library.has("clk", true) || !library.has("rst_n", true)) {
      return;
    }
    for (String name : new String[] {"in_valid", "out_ready", "rst_n"}) {
      if (library.has(name, true)) {
        poke(name, 0);
      }
    }
    tick(RESET_CYCLES);
    if (state == State.OPEN) {
      poke("rst_n", 1);
    }
  }

  /** Sets the cycles without a moved word after which a batch is given up. */
  public void patience(long cycles) {
    if (cycles < 1) {
      throw new IllegalArgumentException("patience must be at least 1 cycle, got " + cycles);
    }
    patience = cycles;
  }

  /** Sends the first beats rows and collects as many. */
  public BatchResult run(Batch batch, int beats, Stalls stalls) {
    return run(batch, beats, beats, stalls);
  }

  /**
   * Sends rows and collects rows in one native call. Combinational logic answers each row at once
   * and knows no stalls. A stream must be at rest: reset it if words were poked in.
   *
   * @param sent stimulus rows
   * @param wanted response rows; another number than {@code sent} for a unit that reduces or
   *     expands
   * @throws DutException if the model ended, broke the handshake, or no word moved for {@link
   *     #patience} cycles
   */
  public BatchResult run(Batch batch, int sent, int wanted, Stalls stalls) {
    if (sent < 0 || sent > batch.rows() || wanted < 0 || wanted > batch.rows()) {
      throw new IllegalArgumentException(
          "sent and wanted must be in [0, " + batch.rows() + "], got " + sent + " and " + wanted);
    }
    if (sent != wanted && shape == VerilatedLibrary.Shape.COMBINATIONAL) {
      throw new IllegalArgumentException(
          library.top() + " is combinational: sent must equal wanted, got " + sent + ", " + wanted);
    }
    return run(batch, sent, wanted, 0, stalls);
  }

  /**
   * The beat loop with its stimulus in the processor's cache and no Java in between: the reference
   * that {@link #run} is measured against.
   *
   * @param rows the first rows of the batch, sent again and again
   */
  public BatchResult nativeLoop(Batch batch, int rows, long beats) {
    if (rows < 1 || rows > batch.rows()) {
      throw new IllegalArgumentException("rows must be in [1, " + batch.rows() + "], got " + rows);
    }
    return run(batch, beats, beats, rows, Stalls.NONE);
  }

  private BatchResult run(Batch batch, long sent, long wanted, long repeat, Stalls stalls) {
    if (batch.stimulusWords() != stimulusWords || batch.responseWords() != responseWords) {
      throw new IllegalArgumentException("the batch was made for another top");
    }
    if (stalls.outPercent() > 0 && !heldBack) {
      throw new IllegalArgumentException(library.top() + " has no out_ready to hold back");
    }
    long dut = alive();
    int status;
    try {
      status =
          Bridge.run(
              dut,
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
    BatchResult result =
        new BatchResult(
            scratch.getLong(0), scratch.getLong(8), scratch.getLong(16), scratch.getLong(24));
    check(status);
    if (state == State.FINISHED && result.returned() < wanted) {
      throw new DutException(
          String.format(
              "%s ended by %s in cycle %d of the batch (%d beats accepted, %d returned)",
              library.top(), reason, result.cycles(), result.accepted(), result.returned()));
    }
    return result;
  }

  /** Writes every later evaluation to a VCD file, until closed. */
  public void openWaveform(Path file) {
    long dut = alive();
    writePath(file);
    check(Bridge.wave(dut, scratchAddress));
  }

  public void closeWaveform() {
    check(Bridge.wave(readable(), 0));
  }

  /** Writes the counts of executed lines in Verilator's format. */
  public void writeCoverage(Path file) {
    long dut = readable();
    writePath(file);
    check(Bridge.coverage(dut, scratchAddress));
  }

  /** Runs {@code final} blocks unless the model failed, and frees it; again, it does nothing. */
  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    checkThread();
    try {
      if (state != State.FAILED) {
        check(Bridge.finalBlocks(handle));
      }
      if (partialLine.length() > 0) {
        display.accept(partialLine.toString());
      }
    } finally {
      state = State.CLOSED;
      reason = "closed";
      long dut = handle;
      handle = 0;
      Bridge.destroy(dut);
    }
  }

  @Override
  public String toString() {
    return library.top() + " " + state + (reason.isEmpty() ? "" : " (" + reason + ")");
  }

  private Port port(String name) {
    Integer number = numbers.get(name);
    if (number == null) {
      throw new IllegalArgumentException(
          library.top() + " has no port " + name + "; it has " + library.ports());
    }
    return library.ports().get(number);
  }

  private long alive() {
    long dut = readable();
    if (state == State.FINISHED) {
      throw new DutException(library.top() + " was ended by " + reason);
    }
    return dut;
  }

  private long readable() {
    if (state == State.CLOSED) {
      throw new IllegalStateException(library.top() + " is closed");
    }
    checkThread();
    if (state == State.FAILED) {
      throw new DutException(library.top() + " failed earlier: " + reason);
    }
    return handle;
  }

  private void checkThread() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          library.top()
              + " belongs to thread "
              + owner.getName()
              + ", used by "
              + Thread.currentThread().getName());
    }
  }

  private void check(int status) {
    int code = status & ~Bridge.TEXT;
    if (code != Bridge.OPEN) {
      Bridge.reason(handle, scratchAddress, SCRATCH);
      String why = text(scratch);
      if (code == Bridge.REFUSED) {
        throw new IllegalStateException(library.top() + ": " + why);
      }
      state = code == Bridge.FINISHED ? State.FINISHED : State.FAILED;
      reason = why;
    }
    if ((status & Bridge.TEXT) != 0) {
      takeText();
    }
    if (state == State.FAILED) {
      throw new DutException(library.top() + " failed: " + reason);
    }
  }

  private void takeText() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    for (int n = SCRATCH - 1; n == SCRATCH - 1; ) {
      n = Bridge.takeText(handle, scratchAddress, SCRATCH);
      byte[] bytes = new byte[n];
      scratch.get(0, bytes);
      printed.writeBytes(bytes);
    }
    partialLine.append(printed.toString(StandardCharsets.UTF_8));
    int end;
    while ((end = partialLine.indexOf("\n")) >= 0) {
      String line = partialLine.substring(0, end);
      partialLine.delete(0, end + 1);
      display.accept(line);
    }
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
