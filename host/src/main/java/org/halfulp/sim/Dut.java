package org.halfulp.sim;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
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
  private final VerilatedLibrary library;
  private final VerilatedLibrary.Shape shape; // asked of the library once: it searches its ports
  private final int stimulusWords;
  private final int responseWords;
  private final boolean heldBack; // has out_ready, or is no stream
  private final Thread owner = Thread.currentThread();
  private final Consumer<String> display;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final StringBuilder partialLine = new StringBuilder();
  private final Wiring wiring;
  private final Engine engine;
  private long patience = PATIENCE;
  private State state = State.OPEN;
  private String reason = "";

  private Dut(VerilatedLibrary library, Engine engine, Consumer<String> display) {
    this.library = library;
    this.engine = engine;
    this.display = display;
    wiring = library.wiring();
    shape = library.shape();
    stimulusWords = library.stimulusWords();
    responseWords = library.responseWords();
    heldBack =
        shape != VerilatedLibrary.Shape.STREAM
            || wiring.out().flatMap(Wiring.Handshake::ready).isPresent();
    for (Port port : library.ports()) {
      numbers.put(port.name(), numbers.size());
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
    return started(new Dut(library, new InProcess(library, seed), display));
  }

  /**
   * Opens and resets a model in a process of its own, which may crash, leave or hang: that ends the
   * model with a {@link DutException}, never this process. Its batches come from {@link #batch}.
   *
   * @param worker the program, from {@link ModelCache#worker}
   * @param limit time without a finished vector after which the process is killed
   * @param display takes each line that the model prints
   * @param seed of registers without a reset
   */
  public static Dut openIsolated(
      VerilatedLibrary library, Path worker, Duration limit, Consumer<String> display, long seed) {
    return started(new Dut(library, new WorkerProcess(library, worker, limit, seed), display));
  }

  private static Dut started(Dut dut) {
    try {
      for (Map.Entry<String, Long> tie : dut.wiring.ties().entrySet()) {
        dut.poke(tie.getKey(), tie.getValue());
      }
      dut.reset();
      return dut;
    } catch (RuntimeException e) {
      dut.close();
      throw e;
    }
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
      alive();
      check(engine.poke(numbers.get(name), new long[] {value}));
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
    alive();
    check(engine.poke(numbers.get(name), Arrays.copyOf(words, port.words())));
  }

  /** Returns a port of at most 64 bits, zero-extended, as of the last evaluation. */
  public long peek(String name) {
    Port port = port(name);
    if (port.width() > 64) {
      throw new IllegalArgumentException(name + " has " + port.width() + " bits; use peekWords");
    }
    return peekWords(name)[0];
  }

  /** Returns a port of any width, low word first. */
  public long[] peekWords(String name) {
    Port port = port(name);
    readable();
    long[] words = new long[port.words()];
    int status = engine.peek(numbers.get(name), words);
    if ((status & ~Bridge.TEXT) == Bridge.FAILED) {
      check(status);
    }
    return words;
  }

  public void eval() {
    alive();
    check(engine.eval());
  }

  /** Runs n cycles of the clock: low, then high; ends after a rising edge. */
  public void tick(long n) {
    if (wiring.clock().isEmpty()) {
      throw new IllegalStateException(library.top() + " has no clk");
    }
    if (n < 0) {
      throw new IllegalArgumentException("cycles must not be negative, got " + n);
    }
    alive();
    check(engine.tick(n));
  }

  /** Holds the reset active for some cycles, with no word offered or taken. */
  public void reset() {
    reset(RESET_CYCLES);
  }

  /** The same for a number of cycles, where there is a clock. */
  public void reset(int cycles) {
    reset(cycles, false);
  }

  /**
   * The same.
   *
   * @param offered whether the inputs are offered meanwhile, as they are; nothing may take them
   */
  public void reset(int cycles, boolean offered) {
    alive();
    if (wiring.reset().isEmpty()) {
      return;
    }
    for (Wiring.Handshake pair : wiring.in()) {
      poke(pair.valid(), offered ? 1 : 0);
    }
    wiring.out().flatMap(Wiring.Handshake::ready).ifPresent(ready -> poke(ready, 0));
    Wiring.Reset reset = wiring.reset().get();
    poke(reset.port(), reset.activeLow() ? 0 : 1);
    if (wiring.clock().isPresent()) {
      tick(cycles);
    } else {
      eval();
    }
    if (state == State.OPEN) {
      poke(reset.port(), reset.activeLow() ? 1 : 0);
      for (Wiring.Handshake pair : wiring.in()) {
        poke(pair.valid(), 0);
      }
    }
  }

  /**
   * Offers the inputs as they are for some cycles and takes no word; leaves what a reset clears.
   *
   * @return whether this is a stream with a clock, else nothing was done
   */
  public boolean crowd(long cycles) {
    if (wiring.clock().isEmpty() || wiring.in().isEmpty()) {
      return false;
    }
    for (Wiring.Handshake pair : wiring.in()) {
      poke(pair.valid(), 1);
    }
    wiring.out().flatMap(Wiring.Handshake::ready).ifPresent(ready -> poke(ready, 0));
    tick(cycles);
    return true;
  }

  /** Whether a word is offered, as of the last evaluation. */
  public boolean offers() {
    return wiring.out().map(Wiring.Handshake::valid).filter(v -> peek(v) != 0).isPresent();
  }

  /** Rows for {@link #run}, in memory that the model reaches. */
  public Batch batch(int rows) {
    alive();
    return engine.batch(rows);
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
    if (sent != wanted
        && (shape == VerilatedLibrary.Shape.COMBINATIONAL
            || shape == VerilatedLibrary.Shape.PIPELINE)) {
      throw new IllegalArgumentException(
          "%s is %s: sent must equal wanted, got %d, %d"
              .formatted(
                  library.top(),
                  shape == VerilatedLibrary.Shape.PIPELINE ? "a pipeline" : "combinational",
                  sent,
                  wanted));
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
    alive();
    long[] counts = new long[4];
    int status = engine.run(batch, sent, wanted, repeat, stalls, patience, counts);
    BatchResult result = new BatchResult(counts[0], counts[1], counts[2], counts[3]);
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
    alive();
    check(engine.wave(file));
  }

  public void closeWaveform() {
    readable();
    check(engine.wave(null));
  }

  /** Writes the counts of executed lines in Verilator's format. */
  public void writeCoverage(Path file) {
    readable();
    check(engine.coverage(file));
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
        check(engine.finalBlocks());
      }
      if (partialLine.length() > 0) {
        display.accept(partialLine.toString());
      }
    } finally {
      state = State.CLOSED;
      reason = "closed";
      engine.destroy();
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

  private void alive() {
    readable();
    if (state == State.FINISHED) {
      throw new DutException(library.top() + " was ended by " + reason);
    }
  }

  private void readable() {
    if (state == State.CLOSED) {
      throw new IllegalStateException(library.top() + " is closed");
    }
    checkThread();
    if (state == State.FAILED) {
      throw new DutException(library.top() + " failed earlier: " + reason);
    }
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
      String why = engine.reason();
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
    partialLine.append(engine.takeText());
    int end;
    while ((end = partialLine.indexOf("\n")) >= 0) {
      String line = partialLine.substring(0, end);
      partialLine.delete(0, end + 1);
      display.accept(line);
    }
  }
}
