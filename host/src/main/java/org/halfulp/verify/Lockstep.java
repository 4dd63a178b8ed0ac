package org.halfulp.verify;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.Streams;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.sim.Stalls;

/**
 * Both twins of the update unit in one training run: the RTL updates the weights, the emulator does
 * the same, and every word and flag of every step is compared. A difference ends the run.
 */
public final class Lockstep implements WeightUpdate {
  private final UpdateModel model;
  private final SgdUpdate emulator;
  private final LongSupplier stepNumber;
  private final Stalls stalls;
  private final long seed;
  private final DistinctCount distinct = new DistinctCount();
  private long updates;
  private long compared;
  private long cycles;
  private long simulateNanos;
  private long emulateNanos;

  private long[] expected = new long[0];
  private long[] got = new long[0];
  private int[] expectedFlags = new int[0];
  private int[] gotFlags = new int[0];

  /**
   * @param emulator freshly seeded with {@code seed}, as the model is
   * @param stepNumber of the step at hand, for reports
   */
  public Lockstep(
      UpdateModel model, SgdUpdate emulator, long seed, Stalls stalls, LongSupplier stepNumber) {
    this.model = model;
    this.emulator = emulator;
    this.seed = seed;
    this.stalls = stalls;
    this.stepNumber = stepNumber;
  }

  @Override
  public void update(long[] w, long[] g, long step) {
    int n = w.length;
    if (expected.length < n) {
      expected = new long[n];
      got = new long[n];
      expectedFlags = new int[n];
      gotFlags = new int[n];
    }
    long start = System.nanoTime();
    emulator.update(w, g, step, expected, expectedFlags, n);
    long middle = System.nanoTime();
    model.fill(w, g, step, n);
    cycles += model.run(model.beats(n), stalls).cycles();
    model.take(got, gotFlags, n);
    long end = System.nanoTime();
    emulateNanos += middle - start;
    simulateNanos += end - middle;
    for (int i = 0; i < n; i++) {
      distinct.add(w[i] | g[i] << 16 | step << 32);
      compared++;
      if (got[i] != expected[i] || gotFlags[i] != expectedFlags[i]) {
        throw new MismatchException(mismatch(w, g, step, i));
      }
    }
    updates++;
    System.arraycopy(got, 0, w, 0, n);
  }

  private Mismatch mismatch(long[] w, long[] g, long step, int i) {
    int lanes = model.lanes();
    UpdateUnit unit = model.unit();
    long beat = updates * model.beats(w.length) + i / lanes;
    String where = "step %d, lane %d (weight %d)".formatted(stepNumber.getAsLong(), i % lanes, i);
    return new Mismatch(
        unit,
        where,
        w[i],
        g[i],
        step,
        Streams.drawOf(Optional.of(unit.weight()), seed, Streams.WEIGHT, i % lanes, beat),
        Streams.drawOf(unit.product(), seed, Streams.UPDATE_PRODUCT, i % lanes, beat),
        got[i],
        gotFlags[i],
        expected[i],
        expectedFlags[i]);
  }

  /** Words compared so far: weights times steps. */
  public long compared() {
    return compared;
  }

  /** Different (w, g, step) among them. */
  public DistinctCount distinct() {
    return distinct;
  }

  /** Clock cycles simulated. */
  public long cycles() {
    return cycles;
  }

  /** Time in the model: packing, the native call, unpacking. */
  public long simulateNanos() {
    return simulateNanos;
  }

  public long emulateNanos() {
    return emulateNanos;
  }
}
