package org.halfulp.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.Streams;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Rounded;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;

/** Cross-checks of many units, two at a time. */
final class UpdateCampaign {
  /** Codes of one batch, about; small enough for the caches. */
  private static final int CHUNK = 8192;

  private static final int THREADS = 2;

  /** Vectors with one step code. */
  record Pass(UpdateVectors vectors, long step) {}

  /**
   * One model and what is sent through it.
   *
   * @param passes against the emulator
   * @param exact against the exact twin, in a model of their own
   */
  record Case(
      UpdateUnit unit, int lanes, long seed, Stalls stalls, List<Pass> passes, List<Pass> exact) {
    long vectors() {
      return passes.stream().mapToLong(p -> p.vectors().size()).sum();
    }

    long exactVectors() {
      return exact.stream().mapToLong(p -> p.vectors().size()).sum();
    }
  }

  /** What a case gave: against the emulator, and against the exact twin. */
  record Result(
      Case of, UpdateCrossCheck.Counts fast, UpdateCrossCheck.Counts exact, long[] outcomes) {
    Optional<Mismatch> first() {
      return fast.first().or(exact::first);
    }
  }

  private UpdateCampaign() {}

  static List<Path> rtl() {
    return RtlSources.sgdUpdate(Fixtures.cache().folder());
  }

  static List<Result> run(List<Case> cases) throws Exception {
    ModelCache cache = Fixtures.cache();
    List<Path> sources = rtl();
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<Result>> futures = new ArrayList<>();
      for (Case c : cases) {
        futures.add(pool.submit(() -> run(cache, sources, c)));
      }
      List<Result> results = new ArrayList<>();
      for (int i = 0; i < cases.size(); i++) {
        try {
          results.add(futures.get(i).get());
        } catch (ExecutionException e) {
          Case c = cases.get(i);
          throw new AssertionError(
              "%s, %d lanes, %s: %s".formatted(c.unit(), c.lanes(), c.stalls(), e.getCause()), e);
        }
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  static Result run(ModelCache cache, List<Path> sources, Case c) {
    int rows = Math.max(1, CHUNK / c.lanes());
    UpdateUnit unit = c.unit();
    Outcomes outcomes =
        new Outcomes(unit.weight().format(), new SgdUpdate(unit, c.lanes(), c.seed())::update);
    UpdateCrossCheck.Counts fast = run(cache, sources, c, rows, outcomes, c.passes());
    UpdateCrossCheck.Twin twin = exactTwin(unit, c.lanes(), c.seed());
    UpdateCrossCheck.Counts exact = run(cache, sources, c, rows, twin, c.exact());
    return new Result(c, fast, exact, outcomes.counts());
  }

  private static UpdateCrossCheck.Counts run(
      ModelCache cache,
      List<Path> sources,
      Case c,
      int rows,
      UpdateCrossCheck.Twin twin,
      List<Pass> passes) {
    UpdateCrossCheck.Counts counts = UpdateCrossCheck.Counts.NONE;
    if (passes.isEmpty()) {
      return counts;
    }
    try (UpdateModel model =
        UpdateModel.open(cache, sources, c.unit(), c.lanes(), c.seed(), rows)) {
      UpdateCrossCheck check = new UpdateCrossCheck(model, twin, c.seed());
      for (Pass pass : passes) {
        counts = counts.plus(check.run(pass.vectors(), pass.step(), c.stalls()));
      }
    }
    return counts;
  }

  /** The update unit by its exact meaning; about a thousand times slower. */
  static UpdateCrossCheck.Twin exactTwin(UpdateUnit unit, int lanes, long seed) {
    Streams weight = new Streams(unit.weight(), seed, Streams.WEIGHT, lanes);
    Streams product = new Streams(unit.product().orElse(null), seed, Streams.UPDATE_PRODUCT, lanes);
    return (w, g, step, out, flags, n) -> {
      for (int i = 0; i < n; i++) {
        int lane = i % lanes;
        Rounded one = unit.exactly(w[i], g[i], step, weight.draw(lane), product.draw(lane));
        out[i] = one.code();
        flags[i] = one.flags();
      }
      if (n % lanes != 0) {
        weight.skip(n % lanes, 1);
        product.skip(n % lanes, 1);
      }
    };
  }
}
