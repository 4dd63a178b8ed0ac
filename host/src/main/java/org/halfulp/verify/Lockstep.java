package org.halfulp.verify;

import java.util.Optional;
import java.util.function.LongSupplier;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.Streams;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;

/**
 * Both twins of the update unit in one training run: the RTL updates the weights, the emulator does
 * the same, and every word and flag of every step is compared. A difference ends the run.
 */
public final class Lockstep implements WeightUpdate, Twins {
  private final UpdateModel model;
  private final SgdUpdate emulator;
  private final LongSupplier stepNumber;
  private final Stalls stalls;
  private final long seed;
  private final long mu;
  private final boolean momentum;
  private final DistinctCount distinct = new DistinctCount();
  private long updates;
  private long compared;
  private long cycles;
  private long simulateNanos;
  private long emulateNanos;

  private long[] v = new long[0]; // velocities; no momentum: empty
  private long[] vBefore = new long[0];
  private long[] gotV = new long[0];
  private long[] expected = new long[0];
  private long[] got = new long[0];
  private int[] expectedFlags = new int[0];
  private int[] gotFlags = new int[0];

  /** Without momentum. */
  public Lockstep(
      UpdateModel model, SgdUpdate emulator, long seed, Stalls stalls, LongSupplier stepNumber) {
    this(model, emulator, seed, 0, stalls, stepNumber);
  }

  /**
   * @param emulator freshly seeded with {@code seed}, as the model is
   * @param mu the momentum factor's code; unread without momentum
   * @param stepNumber of the step at hand, for reports
   */
  public Lockstep(
      UpdateModel model,
      SgdUpdate emulator,
      long seed,
      long mu,
      Stalls stalls,
      LongSupplier stepNumber) {
    this.mu = mu;
    this.momentum = model.unit().momentum().isPresent();
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
      if (momentum) {
        v = new long[n];
        vBefore = new long[n];
        gotV = new long[n];
      }
    }
    long start = System.nanoTime();
    if (momentum) {
      System.arraycopy(v, 0, vBefore, 0, n);
      emulator.update(w, v, g, step, mu, expected, expectedFlags, n);
    } else {
      emulator.update(w, g, step, expected, expectedFlags, n);
    }
    long middle = System.nanoTime();
    model.fill(w, momentum ? vBefore : null, g, step, mu, n);
    cycles += model.run(model.beats(n), stalls).cycles();
    model.take(got, gotFlags, n);
    if (momentum) {
      model.takeVelocities(gotV, n);
    }
    long end = System.nanoTime();
    emulateNanos += middle - start;
    simulateNanos += end - middle;
    for (int i = 0; i < n; i++) {
      distinct.add(w[i] | g[i] << 16 | step << 32);
      compared++;
      if (got[i] != expected[i] || gotFlags[i] != expectedFlags[i] || momentum && gotV[i] != v[i]) {
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
        expectedFlags[i],
        unit.momentum()
            .map(
                m ->
                    new Mismatch.Velocity(
                        vBefore[i],
                        mu,
                        Streams.drawOf(
                            Optional.of(m.velocity()), seed, Streams.VELOCITY, i % lanes, beat),
                        gotV[i],
                        v[i])));
  }

  @Override
  public VerilatedLibrary library() {
    return model.library();
  }

  @Override
  public long compared() {
    return compared;
  }

  /** Different (w, g, step). */
  @Override
  public DistinctCount distinct() {
    return distinct;
  }

  @Override
  public long cycles() {
    return cycles;
  }

  /** Time in the model: packing, the native call, unpacking. */
  @Override
  public long simulateNanos() {
    return simulateNanos;
  }

  public long emulateNanos() {
    return emulateNanos;
  }

  @Override
  public void close() {
    model.close();
  }
}
