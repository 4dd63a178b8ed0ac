package org.halfulp.sweep;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Format;
import org.halfulp.sim.DutException;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.Failure;
import org.halfulp.verify.Mismatch;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UpdateCrossCheck;
import org.halfulp.verify.UpdateModel;
import org.halfulp.verify.UpdateVectors;

/**
 * The cross-check of one update unit: every pair of weight and gradient where those are few, else
 * corners and drawn pairs, at four step codes; with momentum a campaign by classes of operands.
 */
final class UnitCheck {
  private static final long SEED = 1;
  private static final int CODES = 8192; // of one native call
  private static final int EXHAUSTED_BITS = 16;
  private static final int DRAWN = 1 << 17;

  private UnitCheck() {}

  /** The model that {@link #run} takes from the cache. */
  static VerilatedLibrary build(ModelCache cache, List<Path> sources, UpdateUnit unit, int lanes) {
    return cache.build(
        unit.momentum().isPresent()
            ? Catalogue.update(unit).build(sources, lanes)
            : UpdateModel.build(sources, unit, lanes));
  }

  /**
   * The check.
   *
   * @param build seconds that its model took to be built, 0 if the cache had it
   */
  static SweepStore.Verification run(
      ModelCache cache, List<Path> sources, String id, UpdateUnit unit, int lanes, double build) {
    long start = System.nanoTime();
    try {
      return unit.momentum().isPresent()
          ? campaign(cache, sources, id, unit, lanes, build, start)
          : pairs(cache, sources, id, unit, lanes, build, start);
    } catch (DutException e) {
      return problem(id, Status.DIFFERS, e, start);
    } catch (RuntimeException | OutOfMemoryError e) {
      return problem(id, Status.FAILED, e, start);
    }
  }

  private static SweepStore.Verification problem(
      String id, Status status, Throwable e, long start) {
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    return new SweepStore.Verification(
        id,
        status,
        Optional.of(Sweeper.shortened(why)),
        0,
        -1,
        false,
        0,
        0,
        (System.nanoTime() - start) / 1e9,
        0);
  }

  private static SweepStore.Verification pairs(
      ModelCache cache,
      List<Path> sources,
      String id,
      UpdateUnit unit,
      int lanes,
      double build,
      long start) {
    Format w = unit.weight().format();
    Format g = unit.gradient();
    boolean all = w.width() + g.width() <= EXHAUSTED_BITS;
    long most = unit.step().mask();
    // all ones, alternating ones, and powers of two, whose products meet ties
    long[] steps = LongStream.of(1, most & 0x5555, most + 1 >> 1, most).distinct().toArray();
    UpdateCrossCheck.Counts counts = UpdateCrossCheck.Counts.NONE;
    try (UpdateModel model =
        UpdateModel.open(cache, sources, unit, lanes, SEED, Math.max(1, CODES / lanes))) {
      SgdUpdate emulator = new SgdUpdate(unit, lanes, SEED);
      UpdateCrossCheck check = new UpdateCrossCheck(model, emulator::update, SEED);
      for (int i = 0; i < steps.length; i++) {
        int exponent = Long.SIZE - Long.numberOfLeadingZeros(steps[i]) - unit.step().fracBits();
        UpdateVectors vectors =
            all
                ? new UpdateVectors.Exhaustive(w, g)
                : UpdateVectors.mixed(w, g, exponent, DRAWN, SEED + i);
        counts = counts.plus(check.run(vectors, steps[i], Stalls.NONE));
      }
    }
    return new SweepStore.Verification(
        id,
        counts.differing() > 0 ? Status.DIFFERS : Status.DONE,
        counts.first().map(Mismatch::report).map(Sweeper::shortened),
        counts.compared(),
        counts.distinct(),
        all,
        counts.differing(),
        counts.cycles(),
        (System.nanoTime() - start) / 1e9,
        build);
  }

  private static SweepStore.Verification campaign(
      ModelCache cache,
      List<Path> sources,
      String id,
      UpdateUnit unit,
      int lanes,
      double build,
      long start) {
    Unit top = Catalogue.update(unit);
    VerilatedLibrary library = build(cache, sources, unit, lanes);
    Campaign.Options options = Campaign.Options.DEFAULT.lanes(lanes).vectors(DRAWN).seed(SEED);
    Campaign.Result r = Campaign.run(top, library, options, done -> {});
    return new SweepStore.Verification(
        id,
        r.differing() > 0 || r.failure().isPresent() ? Status.DIFFERS : Status.DONE,
        r.failure().map(Failure::toString).map(Sweeper::shortened),
        r.compared(),
        r.distinct(),
        r.exhausted(),
        r.differing(),
        r.cycles(),
        (System.nanoTime() - start) / 1e9,
        build);
  }
}
