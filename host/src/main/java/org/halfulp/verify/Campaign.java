package org.halfulp.verify;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.DutException;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;

/**
 * A unit's RTL beside its twins over many beats: every answer and flag compared, classes and
 * outcomes counted.
 *
 * <p>Each thread has a device and twins of its own and takes the next chunk of beats when it is
 * free; a stateless unit gives the same counts for any number of threads.
 */
public final class Campaign {
  /** Words of a chunk: small enough for the caches. */
  private static final int CHUNK = 4096;

  private static final int WORDS_TO_EXACT = 2048; // words to each that the slow twin computes too
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /**
   * A unit with state is reset again after so many, as often, with the next seed: the first reset
   * finds it as it powers up, and one seed has but one value in each bit. All threads share these
   * resets, so that most of a campaign goes far from one, where sums and weights have grown.
   */
  private static final int CHUNKS_TO_RESET = 4;

  private static final int RESETS = 4;

  static final String TWINS_DIFFER = "the fast and the exact twin of the emulator differ";

  /** A unit with state is replayed from its reset, if it is not longer ago than this. */
  private static final int MAX_HISTORY = 1 << 20;

  /**
   * How far a campaign goes.
   *
   * @param lanes of the top
   * @param exhaustive every input, however many; else only where {@code vectors} reach
   * @param vectors words to send, where it is not exhaustive
   * @param seconds the end, if it comes first; 0 for none
   * @param stopAtFirst whether the first difference ends it
   * @param pokes inputs outside the stream, set after reset
   * @param ties inputs of the stream that keep one value; the rest is crossed or exhausted
   */
  public record Options(
      int lanes,
      boolean exhaustive,
      long vectors,
      double seconds,
      Stalls stalls,
      long seed,
      int threads,
      boolean stopAtFirst,
      Map<String, Long> pokes,
      Map<String, Long> ties) {
    public static final Options DEFAULT =
        new Options(16, false, 1 << 20, 0, Stalls.NONE, 1, 1, false, Map.of(), Map.of());

    public Options {
      if (lanes < 1 || vectors < 1 || threads < 1 || seconds < 0) {
        throw new IllegalArgumentException(
            "lanes, vectors and threads must be at least 1, got %d, %d and %d"
                .formatted(lanes, vectors, threads));
      }
      pokes = Map.copyOf(pokes);
      ties = Map.copyOf(ties);
    }

    public Options lanes(int n) {
      return new Options(
          n, exhaustive, vectors, seconds, stalls, seed, threads, stopAtFirst, pokes, ties);
    }

    public Options exhaustively() {
      return new Options(
          lanes, true, vectors, seconds, stalls, seed, threads, stopAtFirst, pokes, ties);
    }

    public Options vectors(long n) {
      return new Options(lanes, false, n, seconds, stalls, seed, threads, stopAtFirst, pokes, ties);
    }

    public Options seconds(double s) {
      return new Options(
          lanes, exhaustive, vectors, s, stalls, seed, threads, stopAtFirst, pokes, ties);
    }

    public Options stalls(Stalls pattern) {
      return new Options(
          lanes, exhaustive, vectors, seconds, pattern, seed, threads, stopAtFirst, pokes, ties);
    }

    public Options seed(long s) {
      return new Options(
          lanes, exhaustive, vectors, seconds, stalls, s, threads, stopAtFirst, pokes, ties);
    }

    public Options threads(int n) {
      return new Options(
          lanes, exhaustive, vectors, seconds, stalls, seed, n, stopAtFirst, pokes, ties);
    }

    public Options stopAtFirst(boolean stop) {
      return new Options(
          lanes, exhaustive, vectors, seconds, stalls, seed, threads, stop, pokes, ties);
    }

    public Options pokes(Map<String, Long> all) {
      return new Options(
          lanes, exhaustive, vectors, seconds, stalls, seed, threads, stopAtFirst, all, ties);
    }

    public Options poke(String port, long value) {
      Map<String, Long> more = new java.util.HashMap<>(pokes);
      more.put(port, value);
      return new Options(
          lanes, exhaustive, vectors, seconds, stalls, seed, threads, stopAtFirst, more, ties);
    }

    public Options ties(Map<String, Long> all) {
      return new Options(
          lanes, exhaustive, vectors, seconds, stalls, seed, threads, stopAtFirst, pokes, all);
    }
  }

  /**
   * What a campaign saw.
   *
   * @param compared words, flags included
   * @param distinct different inputs among them, if known from their making, else -1
   * @param exhausted whether every input was among them
   * @param exactly words compared with the slow twin too
   * @param nanos CPU time of all threads
   * @param simulateNanos the part in the device, packing included
   * @param wallNanos from the first chunk to the last
   */
  public record Result(
      Unit unit,
      Options options,
      long compared,
      long distinct,
      boolean exhausted,
      long exactly,
      long differing,
      long cycles,
      long nanos,
      long simulateNanos,
      long wallNanos,
      Bins bins,
      Coverage coverage,
      Optional<Failure> failure) {

    /** Whether words were compared, none differed, and no bin is empty that had to be met. */
    public boolean isGood() {
      return compared > 0 && failure.isEmpty() && differing == 0 && coverage.holes().isEmpty();
    }

    Result plus(Result more) {
      bins.add(more.bins);
      return new Result(
          unit,
          options,
          compared + more.compared,
          distinct,
          exhausted,
          exactly + more.exactly,
          differing + more.differing,
          cycles + more.cycles,
          nanos + more.nanos,
          simulateNanos + more.simulateNanos,
          wallNanos + more.wallNanos,
          bins,
          coverage,
          failure.or(more::failure));
    }

    Result with(Coverage c) {
      return new Result(
          unit,
          options,
          compared,
          distinct,
          exhausted,
          exactly,
          differing,
          cycles,
          nanos,
          simulateNanos,
          wallNanos,
          bins,
          c,
          failure);
    }
  }

  /**
   * The bins of a campaign beside those that the emulator can reach.
   *
   * @param reachable bins known to be reachable; -1 if nobody looked
   * @param directed reachable bins that chance had not met: one vector each was sent for them
   * @param holes bins that the campaign should have met and did not, with a vector for each
   */
  public record Coverage(int reachable, int directed, List<String> holes) {
    static final Coverage UNKNOWN = new Coverage(-1, 0, List.of());

    public Coverage {
      holes = List.copyOf(holes);
    }
  }

  /** Opens a device for one thread. */
  @FunctionalInterface
  public interface Devices {
    /**
     * @param maxBeats of one run
     */
    Device open(int maxBeats);
  }

  private final Unit unit;
  private final Devices devices;
  private final Options options;
  private final Stimuli stimuli;
  private final LongConsumer progress;
  private final int chunkBeats;
  private final long beats;
  private final AtomicLong next = new AtomicLong();
  private final AtomicInteger resets = new AtomicInteger();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final long deadline;

  private Campaign(
      Unit unit, Devices devices, Options options, Stimuli stimuli, LongConsumer progress) {
    this.unit = unit;
    this.devices = devices;
    this.options = options;
    this.stimuli = stimuli;
    this.progress = progress;
    int lanes = options.lanes();
    chunkBeats = Math.max(1, CHUNK / lanes / unit.frame()) * unit.frame();
    beats =
        stimuli.exhausts() || options.vectors == Long.MAX_VALUE
            ? stimuli.beats()
            : Math.min(stimuli.beats(), whole((options.vectors() + lanes - 1) / lanes));
    deadline =
        options.seconds() == 0
            ? Long.MAX_VALUE
            : System.nanoTime() + (long) (options.seconds() * 1e9);
  }

  /** So many beats, and those that the last frame lacks. */
  private long whole(long count) {
    return (count + unit.frame() - 1) / unit.frame() * unit.frame();
  }

  /**
   * Runs a campaign on the unit's own RTL.
   *
   * @param sources every file it needs
   */
  public static Result run(Unit unit, ModelCache cache, List<Path> sources, Options options) {
    VerilatedLibrary library = cache.build(unit.build(sources, options.lanes()));
    return run(unit, library, options, done -> {});
  }

  /**
   * Runs a campaign on any top that has the unit's ports.
   *
   * @param progress takes the words compared so far, from any thread
   */
  public static Result run(
      Unit unit, VerilatedLibrary library, Options options, LongConsumer progress) {
    return run(unit, models(unit, library, options), options, stimuli(unit, options), progress);
  }

  /** Models of one library. */
  public static Devices models(Unit unit, VerilatedLibrary library, Options options) {
    Consumer<String> display = System.err::println;
    return maxBeats ->
        new UnitModel(
            unit, library, options.lanes(), maxBeats, options.seed(), options.pokes(), display);
  }

  /** Runs a campaign on any device, over any stimuli. */
  public static Result run(
      Unit unit, Devices devices, Options options, Stimuli stimuli, LongConsumer progress) {
    return new Campaign(unit, devices, options, stimuli, progress).run();
  }

  /** Every input where that is asked for or no more than the vectors, else by classes. */
  public static Stimuli stimuli(Unit unit, Options options) {
    Optional<Stimuli> all =
        options.ties().isEmpty()
            ? unit.exhaustive(options.lanes(), options.seed())
            : ExhaustiveStimuli.of(
                unit, unread(unit.inputs(), options.ties()), options.lanes(), options.seed());
    if (options.exhaustive() && all.isEmpty()) {
      throw new IllegalArgumentException(
          "%s cannot be exhausted: it has %s; give --vectors"
              .formatted(unit.describe(), unit.stateless() ? "too many inputs" : "state"));
    }
    if (all.isPresent() && (options.exhaustive() || all.get().distinct() <= options.vectors())) {
      return tied(all.get(), unit, options);
    }
    return sampled(unit, options);
  }

  /** Inputs without end. */
  public static Stimuli sampled(Unit unit, Options options) {
    return tied(unit.sampled(options.lanes(), options.seed()), unit, options);
  }

  private static Stimuli tied(Stimuli stimuli, Unit unit, Options options) {
    return options.ties().isEmpty()
        ? stimuli
        : new TiedStimuli(stimuli, unit, options.lanes(), options.ties());
  }

  private static List<Field> unread(List<Field> fields, Map<String, Long> ties) {
    return fields.stream().map(f -> ties.containsKey(f.port()) ? f.unread() : f).toList();
  }

  private Result run() {
    long start = System.nanoTime();
    List<Part> parts = new ArrayList<>();
    if (options.threads() == 1) {
      parts.add(work());
    } else {
      ExecutorService pool = Executors.newFixedThreadPool(options.threads());
      try {
        List<Future<Part>> futures = new ArrayList<>();
        for (int t = 0; t < options.threads(); t++) {
          futures.add(pool.submit(this::work));
        }
        for (Future<Part> f : futures) {
          parts.add(f.get());
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException r) {
          throw r;
        }
        throw new IllegalStateException(e.getCause());
      } finally {
        stop.set(true);
        pool.shutdownNow();
      }
    }
    Part sum = parts.get(0);
    for (Part p : parts.subList(1, parts.size())) {
      sum.add(p);
    }
    boolean exhausted = stimuli.exhausts() && sum.beats == beats;
    return new Result(
        unit,
        options,
        sum.compared,
        exhausted ? stimuli.distinct() : -1,
        exhausted,
        sum.exactly,
        sum.differing,
        sum.cycles,
        sum.nanos,
        sum.simulateNanos,
        System.nanoTime() - start,
        sum.bins,
        Coverage.UNKNOWN,
        Optional.ofNullable(sum.failure));
  }

  /**
   * As {@link #run(Unit, VerilatedLibrary, Options, LongConsumer)}, and then: sends a vector for
   * each bin that the emulator can reach and chance did not meet. A bin that many vectors should
   * have met is a hole all the same.
   */
  public static Result runCovering(
      Unit unit, Devices devices, Options options, Stimuli stimuli, LongConsumer progress) {
    Result r = run(unit, devices, options, stimuli, progress);
    if (r.exhausted() || r.failure().isPresent() || !options.ties().isEmpty()) {
      return r;
    }
    Reach reach =
        Reach.of(unit, options.seed(), wordsWithoutReset(r.compared(), options.threads()));
    List<Integer> missing = reach.missing(r.bins());
    List<String> holes = new ArrayList<>();
    for (int bin : reach.holes(missing, r.compared(), options.lanes())) {
      StringBuilder text = new StringBuilder(r.bins().name(bin));
      long[] values = reach.hasExamples() ? reach.example(bin) : new long[0];
      for (int f = 0; f < values.length; f++) {
        if (unit.inputs().get(f).read()) {
          text.append(f == 0 ? ": " : " ")
              .append("%s=0x%x".formatted(unit.inputs().get(f).port(), values[f]));
        }
      }
      holes.add(text.toString());
    }
    if (!reach.hasExamples()) {
      return r.with(new Coverage(reach.count(), 0, holes));
    }
    Coverage coverage = new Coverage(reach.count(), missing.size(), holes);
    if (missing.isEmpty()) {
      return r.with(coverage);
    }
    long[][] vectors = missing.stream().map(reach::example).toArray(long[][]::new);
    Stimuli directed = new ListedStimuli(unit, options.lanes(), vectors);
    Options all = options.vectors(Long.MAX_VALUE).threads(1).seconds(0);
    Result more = run(unit, devices, all, directed, progress);
    return r.plus(more).with(coverage);
  }

  /** How far from a reset some thread was at least, however chunks and resets fell to them. */
  private static long wordsWithoutReset(long words, int threads) {
    long chunks = words / CHUNK;
    long shared = chunks / (threads + RESETS);
    long last = (chunks - RESETS * CHUNKS_TO_RESET) / threads;
    return Math.max(1, Math.max(shared, last)) * CHUNK;
  }

  /** What one thread saw. */
  private final class Part {
    final Bins bins = new Bins(unit, options.lanes());
    long beats;
    long compared;
    long exactly;
    long differing;
    long cycles;
    long nanos;
    long simulateNanos;
    long failedAt;
    Failure failure;

    void add(Part p) {
      beats += p.beats;
      compared += p.compared;
      exactly += p.exactly;
      differing += p.differing;
      cycles += p.cycles;
      nanos += p.nanos;
      simulateNanos += p.simulateNanos;
      bins.add(p.bins);
      if (p.failure != null && (failure == null || p.failedAt < failedAt)) {
        failure = p.failure;
        failedAt = p.failedAt;
      }
    }
  }

  private static long cpu() {
    return THREADS.getCurrentThreadCpuTime();
  }

  private Part work() {
    Part part = new Part();
    int lanes = options.lanes();
    int answersRoom = Math.max(1, unit.maxAnswers(chunkBeats));
    long[][] in = UnitModel.columns(unit.inputs(), lanes, chunkBeats);
    long[][] out = UnitModel.columns(unit.outputs(), lanes, answersRoom);
    long[][] got = UnitModel.columns(unit.outputs(), lanes, answersRoom);
    List<Long> history = new ArrayList<>();
    Twin twin = unit.twin(lanes, options.seed());
    Twin exact = unit.exact(lanes, options.seed());
    long seed = options.seed();
    long start = cpu();
    try (Device device = devices.open(chunkBeats)) {
      while (!stop.get() && System.nanoTime() < deadline) {
        long from = next.getAndAdd(chunkBeats);
        if (from >= beats) {
          break;
        }
        int n = (int) Math.min(chunkBeats, beats - from);
        boolean due = !unit.stateless() && history.size() == CHUNKS_TO_RESET;
        int reset = due ? resets.incrementAndGet() : 0;
        if (due && reset <= RESETS) {
          seed = options.seed() + reset;
          device.restart(seed);
          twin = unit.twin(lanes, seed);
          exact = unit.exact(lanes, seed);
          history.clear();
        }
        history.add(from);
        stimuli.fill(from, n, in);
        if (!unit.isLegal(in, n, lanes)) {
          throw new IllegalArgumentException(
              "%s does not take such inputs; leave out --tie and --exhaustive"
                  .formatted(unit.describe()));
        }
        int answers = twin.respond(in, n, out);
        long before = cpu();
        Stalls stalls = pattern(from);
        String broken = null;
        boolean same = false;
        try {
          BatchResult run = device.run(in, n, answers, stalls);
          part.cycles += run.cycles();
          same = device.matches(out, answers);
        } catch (DutException e) {
          broken = e.getMessage();
        }
        part.simulateNanos += cpu() - before;
        if (broken == null) {
          part.beats += n;
          part.compared += (long) answers * words();
          part.bins.add(in, out, n);
        }
        long wrong = 0;
        if (broken != null) {
          wrong = 1;
        } else if (!same) {
          device.answers(got, answers);
          wrong = differing(out, got, answers);
        }
        if (wrong == 0) {
          broken = second(exact, in, out, n, from, history.size() == 1, part);
          wrong = broken == null ? 0 : 1;
        }
        if (wrong > 0) {
          part.differing += wrong;
          if (part.failure == null) {
            part.failure = failure(seed, history, in, n, stalls, broken, answers, out, got);
            part.failedAt = from;
          }
          if (options.stopAtFirst() || broken != null) {
            stop.set(true);
          }
        }
        progress.accept((long) n * words());
      }
    }
    part.nanos = cpu() - start;
    return part;
  }

  private Stalls pattern(long from) {
    Stalls s = options.stalls();
    return s.inPercent() == 0 && s.outPercent() == 0
        ? Stalls.NONE
        : new Stalls(s.inPercent(), s.outPercent(), s.seed() + from);
  }

  /** Words compared in one answer beat. */
  private int words() {
    return unit.outputs().stream().anyMatch(Field::perLane) ? options.lanes() : 1;
  }

  private long differing(long[][] expected, long[][] got, int answers) {
    int words = words();
    long count = 0;
    for (int i = 0; i < answers * words; i++) {
      if (differs(expected, got, i)) {
        count++;
      }
    }
    return count;
  }

  private boolean differs(long[][] expected, long[][] got, int word) {
    for (int f = 0; f < expected.length; f++) {
      int i = unit.outputs().get(f).perLane() ? word : word / words();
      if (expected[f][i] != got[f][i]) {
        return true;
      }
    }
    return false;
  }

  /**
   * The slow twin over a beat of some chunks, or over a first chunk from the state after reset;
   * says where the twins of the emulator differ.
   */
  private String second(
      Twin exact, long[][] in, long[][] out, int n, long from, boolean first, Part part) {
    if (unit.stateless()
        ? from / chunkBeats % Math.max(1, options.lanes() * WORDS_TO_EXACT / CHUNK) != 0
        : !first) {
      return null;
    }
    int lanes = options.lanes();
    int at = unit.stateless() ? (int) ((from / chunkBeats * 131) % n) : 0;
    int count = unit.stateless() ? 1 : n;
    long[][] some = slice(unit.inputs(), in, at, count);
    long[][] answer = UnitModel.columns(unit.outputs(), lanes, Math.max(1, unit.maxAnswers(count)));
    int answers = exact.respond(some, count, answer);
    long[][] expected = slice(unit.outputs(), out, at, answers);
    part.exactly += (long) answers * words();
    for (int f = 0; f < expected.length; f++) {
      int k = Arrays.mismatch(expected[f], Arrays.copyOf(answer[f], expected[f].length));
      if (k >= 0) {
        return (TWINS_DIFFER + ": %s is 0x%x and 0x%x (beat %d)")
            .formatted(unit.outputs().get(f).port(), expected[f][k], answer[f][k], from + at);
      }
    }
    return null;
  }

  private long[][] slice(List<Field> fields, long[][] columns, int beat, int count) {
    long[][] some = new long[columns.length][];
    for (int f = 0; f < some.length; f++) {
      int per = fields.get(f).perBeat(options.lanes());
      some[f] = Arrays.copyOfRange(columns[f], beat * per, (beat + count) * per);
    }
    return some;
  }

  private Failure failure(
      long seed,
      List<Long> history,
      long[][] in,
      int n,
      Stalls stalls,
      String broken,
      int answers,
      long[][] out,
      long[][] got) {
    String what = broken;
    for (int w = 0; what == null && w < answers * words(); w++) {
      if (differs(out, got, w)) {
        what =
            "RTL and emulator differ in %s %d of the run, lane %d"
                .formatted(
                    unit.reduces() ? "answer %d from beat".formatted(w / words()) : "beat",
                    history.get(history.size() - 1) + (unit.reduces() ? 0 : w / words()),
                    w % words());
      }
    }
    long[][] beatsIn = slice(unit.inputs(), in, 0, n);
    int count = n;
    long past = (long) (history.size() - 1) * chunkBeats;
    if (!unit.stateless() && past > 0 && past * options.lanes() <= MAX_HISTORY) {
      count = (int) past + n;
      beatsIn = UnitModel.columns(unit.inputs(), options.lanes(), count);
      long[][] chunk = UnitModel.columns(unit.inputs(), options.lanes(), chunkBeats);
      for (int k = 0; k < history.size(); k++) {
        int size = k == history.size() - 1 ? n : chunkBeats;
        stimuli.fill(history.get(k), size, chunk);
        for (int f = 0; f < chunk.length; f++) {
          int per = unit.inputs().get(f).perBeat(options.lanes());
          System.arraycopy(chunk[f], 0, beatsIn[f], k * chunkBeats * per, size * per);
        }
      }
    }
    return new Failure(unit, options.lanes(), seed, stalls, options.pokes(), beatsIn, count, what);
  }
}
