package org.halfulp.verify;

import java.util.Optional;
import org.halfulp.kernel.Streams;
import org.halfulp.sim.Stalls;

/**
 * Both twins of the update unit over many vectors, every word and flag compared. The random streams
 * of both run on from call to call.
 */
public final class UpdateCrossCheck {

  /** What updates weights in the emulator's place. */
  @FunctionalInterface
  public interface Twin {
    /**
     * @param n updates in lane order, whole beats but for the last
     */
    void update(long[] w, long[] g, long step, long[] out, int[] flags, int n);
  }

  /**
   * What a check has seen.
   *
   * @param compared updates
   * @param distinct different operand pairs per step code, summed over the step codes; a lower
   *     bound
   * @param first the first difference
   */
  public record Counts(
      long compared,
      long distinct,
      long differing,
      long cycles,
      long simulateNanos,
      long emulateNanos,
      Optional<Mismatch> first) {
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, Optional.empty());

    public Counts plus(Counts other) {
      return new Counts(
          compared + other.compared,
          distinct + other.distinct,
          differing + other.differing,
          cycles + other.cycles,
          simulateNanos + other.simulateNanos,
          emulateNanos + other.emulateNanos,
          first.or(() -> other.first));
    }
  }

  private final UpdateModel model;
  private final Twin emulator;
  private final long seed;
  private final int chunk;
  private final long[] w;
  private final long[] g;
  private final long[] expected;
  private final long[] got;
  private final int[] expectedFlags;
  private final int[] gotFlags;
  private long beats;

  /**
   * @param emulator freshly seeded with {@code seed}, as the model is
   */
  public UpdateCrossCheck(UpdateModel model, Twin emulator, long seed) {
    this.model = model;
    this.emulator = emulator;
    this.seed = seed;
    chunk = model.rows() * model.lanes();
    w = new long[chunk];
    g = new long[chunk];
    expected = new long[chunk];
    got = new long[chunk];
    expectedFlags = new int[chunk];
    gotFlags = new int[chunk];
  }

  /** Compares over all of {@code vectors} with one step code. */
  public Counts run(UpdateVectors vectors, long step, Stalls stalls) {
    Counts counts = new Counts(0, vectors.distinct(), 0, 0, 0, 0, Optional.empty());
    for (long from = 0; from < vectors.size(); from += chunk) {
      int n = (int) Math.min(chunk, vectors.size() - from);
      vectors.fill(from, n, w, g);
      counts = counts.plus(compare(n, step, stalls));
    }
    return counts;
  }

  private Counts compare(int n, long step, Stalls stalls) {
    long start = System.nanoTime();
    model.fill(w, g, step, n);
    long cycles = model.run(model.beats(n), stalls).cycles();
    model.take(got, gotFlags, n);
    long middle = System.nanoTime();
    emulator.update(w, g, step, expected, expectedFlags, n);
    long end = System.nanoTime();
    long differing = 0;
    int firstAt = -1;
    for (int i = 0; i < n; i++) {
      if (got[i] != expected[i] || gotFlags[i] != expectedFlags[i]) {
        firstAt = differing++ == 0 ? i : firstAt;
      }
    }
    Optional<Mismatch> first = firstAt < 0 ? Optional.empty() : Optional.of(at(firstAt, step));
    beats += model.beats(n);
    return new Counts(n, 0, differing, cycles, middle - start, end - middle, first);
  }

  private Mismatch at(int i, long step) {
    int lanes = model.lanes();
    long beat = beats + i / lanes;
    return new Mismatch(
        model.unit(),
        "beat %d, lane %d".formatted(beat, i % lanes),
        w[i],
        g[i],
        step,
        Streams.drawOf(Optional.of(model.unit().weight()), seed, Streams.WEIGHT, i % lanes, beat),
        Streams.drawOf(model.unit().product(), seed, Streams.UPDATE_PRODUCT, i % lanes, beat),
        got[i],
        gotFlags[i],
        expected[i],
        expectedFlags[i]);
  }
}
