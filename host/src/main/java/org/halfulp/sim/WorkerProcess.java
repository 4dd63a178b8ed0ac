package org.halfulp.sim;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A model in a process of its own, {@code worker.cpp}: whatever it does, this process goes on.
 *
 * <p>Commands and answers pass through its standard input and output, rows through memory that both
 * processes map. It is killed when no vector is finished for the time limit, and ends by itself
 * when this process does.
 */
final class WorkerProcess implements Engine {
  private static final int CREATE = 0;
  private static final int DESTROY = 1;
  private static final int FINAL = 2;
  private static final int POKE = 3;
  private static final int PEEK = 4;
  private static final int EVAL = 5;
  private static final int TICK = 6;
  private static final int MAP = 7;
  private static final int RUN = 8;
  private static final int WAVE = 9;
  private static final int COVERAGE = 10;

  private static final int COMMAND = 72;
  private static final int ANSWER = 16;
  private static final int MOST_WORDS = 1024;

  // halfulp_watch
  private static final int TEXT_BYTES = 8;
  private static final int TEXT_SIZE = 12;
  private static final int TEXT = 16;
  private static final int ROOM = 1 << 16;

  private static final int LAST_LINES = 10;
  private static final int LAST_CHARACTERS = 2000;
  private static final int GRACE_MILLIS = 1000;
  private static final int LOOK_MILLIS = 50;

  /** As a shell names them; 128 is what Java adds to a signal that ended a process. */
  private static final Map<Integer, String> SIGNALS =
      Map.of(
          4, "SIGILL",
          6, "SIGABRT",
          7, "SIGBUS",
          8, "SIGFPE",
          9, "SIGKILL",
          11, "SIGSEGV",
          15, "SIGTERM",
          24, "SIGXCPU",
          25, "SIGXFSZ");

  private static final Charset FILE_NAMES =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private final VerilatedLibrary library;
  private final Duration limit;
  private final Path folder; // of the shared files
  private final Path errors;
  private final MappedByteBuffer watch;
  private final Process process;
  private final ByteBuffer command =
      ByteBuffer.allocate(COMMAND + 8 * MOST_WORDS).order(ByteOrder.nativeOrder());
  private final ByteBuffer answer =
      ByteBuffer.allocate(ANSWER + 8 * MOST_WORDS).order(ByteOrder.nativeOrder());
  private int batches;
  private long finished; // vectors of earlier runs
  private String reason = "";
  private boolean dead;

  private volatile long busySince; // of the call at hand, nanoTime; 0 between calls
  private volatile boolean expired;

  /**
   * Starts the process and makes the model.
   *
   * @param worker the program
   * @param limit time without a finished vector after which it is killed
   * @param seed of registers without a reset
   */
  WorkerProcess(VerilatedLibrary library, Path worker, Duration limit, long seed) {
    this.library = library;
    this.limit = limit;
    if (library.ports().stream().anyMatch(p -> p.words() > MOST_WORDS)) {
      throw new IllegalArgumentException(
          library.top() + " has a port of more than " + 64 * MOST_WORDS + " bits");
    }
    try {
      Path shared = Path.of("/dev/shm");
      folder =
          Files.isWritable(shared)
              ? Files.createTempDirectory(shared, "halfulp")
              : Files.createTempDirectory("halfulp");
      errors = folder.resolve("stderr");
      watch = share(folder.resolve("watch"), TEXT + ROOM);
      watch.putInt(TEXT_SIZE, ROOM);
      process =
          new ProcessBuilder(
                  worker.toString(), library.file().toString(), folder.resolve("watch").toString())
              .redirectError(errors.toFile())
              .start();
    } catch (IOException e) {
      throw new ToolException(
          "no process for " + library.top() + " can be started: " + e.getMessage(), e);
    }
    Thread guard = new Thread(this::guard, "guard of " + library.top());
    guard.setDaemon(true);
    guard.start();
    if (call(CREATE, new byte[0], seed) != Bridge.OPEN) {
      String why = dead ? reason : "the model cannot be loaded: " + reason;
      destroy();
      throw new ToolException(why);
    }
  }

  /** Memory that is there: a full disk shows now, not as a fault later. */
  private static MappedByteBuffer share(Path file, long bytes) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] zeros = new byte[1 << 16];
      for (long left = bytes; left > 0; left -= zeros.length) {
        access.write(zeros, 0, (int) Math.min(left, zeros.length));
      }
      MappedByteBuffer map = access.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, bytes);
      map.order(ByteOrder.nativeOrder());
      return map;
    }
  }

  /** Kills the process when a call makes no progress. */
  private void guard() {
    long call = 0;
    long progress = 0;
    long since = 0;
    try {
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        long now = System.nanoTime();
        long busy = busySince;
        long done = watch.getLong(0);
        if (busy != call || done != progress) {
          call = busy;
          progress = done;
          since = now;
        } else if (busy != 0 && now - since > limit.toNanos()) {
          expired = true;
          kill();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void kill() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly(); // first, or it would go on when a child ends
    children.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public int poke(int port, long[] words) {
    ByteBuffer payload = ByteBuffer.allocate(8 * words.length).order(ByteOrder.nativeOrder());
    payload.asLongBuffer().put(words);
    return call(POKE, payload.array(), port);
  }

  @Override
  public int peek(int port, long[] words) {
    int status = call(PEEK, new byte[0], port, words.length);
    values(words);
    return status;
  }

  @Override
  public int eval() {
    return call(EVAL, new byte[0]);
  }

  @Override
  public int tick(long cycles) {
    return call(TICK, new byte[0], cycles);
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
    if (batch.owner() != this) {
      throw new IllegalArgumentException(
          "a batch of an isolated " + library.top() + " comes from Dut.batch");
    }
    if (!dead) {
      watch.putLong(0, 0);
    }
    int status =
        call(
            RUN,
            new byte[0],
            batch.number(),
            sent,
            wanted,
            repeat,
            stalls.inPercent(),
            stalls.outPercent(),
            stalls.seed(),
            patience);
    values(counts);
    finished += counts[2];
    return status;
  }

  @Override
  public int wave(Path file) {
    return call(WAVE, file == null ? new byte[0] : path(file));
  }

  @Override
  public int coverage(Path file) {
    return call(COVERAGE, path(file));
  }

  @Override
  public int finalBlocks() {
    return call(FINAL, new byte[0]);
  }

  @Override
  public void destroy() {
    call(DESTROY, new byte[0]);
    try {
      process.getOutputStream().close();
      if (!process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
        kill();
      }
    } catch (IOException e) {
      kill();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
    dead = true;
    for (String name : new String[] {"watch", "stderr", ""}) {
      try {
        Files.deleteIfExists(folder.resolve(name));
      } catch (IOException e) {
        // a temporary folder; nobody is hurt
      }
    }
  }

  @Override
  public String takeText() {
    int bytes = Math.max(0, Math.min(ROOM, watch.getInt(TEXT_BYTES)));
    byte[] text = new byte[bytes];
    watch.get(TEXT, text);
    watch.putInt(TEXT_BYTES, 0);
    return new String(text, StandardCharsets.UTF_8);
  }

  @Override
  public String reason() {
    return reason;
  }

  @Override
  public Batch batch(int rows) {
    long stimulus = 8L * rows * library.stimulusWords();
    long bytes = stimulus + 8L * rows * library.responseWords();
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("a batch holds at most 2 GiB, got " + rows + " rows");
    }
    Path file = folder.resolve("batch" + batches);
    try {
      ByteBuffer map = share(file, Math.max(bytes, 8));
      int status = call(MAP, path(file), stimulus, Math.max(bytes, 8));
      if (status == Bridge.REFUSED) {
        throw new ToolException(library.top() + ": " + reason);
      }
      return Batch.shared(library, rows, map, this, batches++);
    } catch (IOException e) {
      throw new ToolException("no memory to share in " + folder + ": " + e.getMessage(), e);
    } finally {
      try {
        Files.deleteIfExists(file); // both sides hold what they mapped
      } catch (IOException e) {
        // destroy() leaves the folder then
      }
    }
  }

  private static byte[] path(Path file) {
    return (file.toAbsolutePath() + "\0").getBytes(FILE_NAMES);
  }

  // ---- Calls

  private int call(int op, byte[] payload, long... arguments) {
    if (dead) {
      return Bridge.FAILED;
    }
    busySince = System.nanoTime() | 1;
    try {
      command.clear().putInt(op).putInt(payload.length);
      for (long argument : arguments) {
        command.putLong(argument);
      }
      command.position(COMMAND).put(payload);
      process.getOutputStream().write(command.array(), 0, command.position());
      process.getOutputStream().flush();
      read(0, ANSWER);
      int words = answer.getInt(4);
      int bytes = answer.getInt(8);
      read(ANSWER, 8 * words);
      byte[] text = new byte[bytes];
      if (process.getInputStream().readNBytes(text, 0, bytes) < bytes) {
        throw new EOFException();
      }
      reason = new String(text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return died();
    } finally {
      busySince = 0;
    }
    if (expired) {
      return died();
    }
    return answer.getInt(0) | (watch.getInt(TEXT_BYTES) > 0 ? Bridge.TEXT : 0);
  }

  private void read(int at, int bytes) throws IOException {
    if (process.getInputStream().readNBytes(answer.array(), at, bytes) < bytes) {
      throw new EOFException();
    }
  }

  private void values(long[] values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = dead ? 0 : answer.getLong(ANSWER + 8 * i);
    }
  }

  /** Composes the reason from what the process left behind. */
  private int died() {
    dead = true;
    int exit;
    try {
      if (!process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS)) {
        kill(); // it closed its output and goes on
      }
      exit = process.waitFor();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      exit = 0;
    }
    long vectors = finished + watch.getLong(0);
    String after = vectors == 1 ? " after 1 vector" : " after " + vectors + " vectors";
    String signal = exit > 128 ? SIGNALS.getOrDefault(exit - 128, "") : "";
    String how;
    if (expired) {
      how =
          "was killed, for no vector was finished in "
              + limit.toMillis() / 1000.0
              + " s: an endless loop?";
    } else if (exit > 128) {
      how = "was ended by signal " + (exit - 128) + (signal.isEmpty() ? "" : " (" + signal + ")");
    } else {
      how = "ended with exit code " + exit;
    }
    StringBuilder text = new StringBuilder("its process ").append(how).append(after);
    List<String> lines = lastLines();
    if (!lines.isEmpty()) {
      text.append("\nlast lines printed:");
      lines.forEach(l -> text.append("\n  ").append(l));
    }
    reason = text.toString();
    return Bridge.FAILED | (watch.getInt(TEXT_BYTES) > 0 ? Bridge.TEXT : 0);
  }

  private List<String> lastLines() {
    int bytes = Math.max(0, Math.min(ROOM, watch.getInt(TEXT_BYTES)));
    byte[] printed = new byte[bytes];
    watch.get(TEXT, printed);
    List<String> lines = new ArrayList<>();
    try (RandomAccessFile file = new RandomAccessFile(errors.toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(LAST_CHARACTERS, file.length())];
      file.seek(file.length() - tail.length);
      file.readFully(tail);
      new String(tail, StandardCharsets.UTF_8).lines().forEach(lines::add);
    } catch (IOException e) {
      // it printed nothing there
    }
    lines.addAll(0, new String(printed, StandardCharsets.UTF_8).lines().toList());
    return lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
  }
}
