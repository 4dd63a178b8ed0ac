package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Cases;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Campaign.Options;
import org.halfulp.verify.Campaign.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sgd_update.v} with momentum against both twins. */
class SgdMomentumTest {
  private static final int UNITS = Integer.getInteger("momentum.units", 10);
  private static final long VECTORS = 30_000;
  private static final ModelCache CACHE = Fixtures.cache();

  private static Format format(Cases cases, boolean isFloat) {
    if (!isFloat) {
      int width = cases.between(2, 16);
      return new FixedFormat(true, width, cases.between(-2, width + 3));
    }
    FloatFormat f;
    do {
      f = cases.floatFormat(6, 8);
    } while (f.width() < 2 || f.width() > 16);
    return f;
  }

  private static UpdateUnit unit(Cases cases, boolean isFloat) {
    Quantizer weight = cases.quantizer(format(cases, isFloat));
    Quantizer velocity = cases.quantizer(format(cases, isFloat));
    Optional<Quantizer> product =
        cases.oneIn(2) ? Optional.empty() : Optional.of(cases.quantizer(format(cases, isFloat)));
    FixedFormat factor = new FixedFormat(false, cases.between(1, 16), cases.between(-1, 18));
    FixedFormat step = new FixedFormat(false, cases.between(1, 16), cases.between(-1, 18));
    return new UpdateUnit(
        weight, format(cases, isFloat), product, step, Optional.of(new Momentum(velocity, factor)));
  }

  private static Result run(UpdateUnit unit, List<Path> sources, int lanes, Stalls stalls) {
    return Campaign.run(
        new SgdUpdateUnit(unit, Map.of()),
        CACHE,
        sources,
        Options.DEFAULT.lanes(lanes).vectors(VECTORS).threads(1).stalls(stalls));
  }

  @Test
  void equalsItsTwins() {
    List<Path> sources = RtlSources.of("sgd_update", CACHE.folder());
    long compared = 0;
    long exactly = 0;
    for (int i = 0; i < UNITS; i++) {
      Cases cases = new Cases(500 + i);
      UpdateUnit unit = unit(cases, i % 2 == 1);
      Result r = run(unit, sources, cases.between(1, 5), DotProductTest.STALLS[i % 4]);
      assertEquals(0, r.differing(), () -> unit + ": " + r.failure());
      compared += r.compared();
      exactly += r.exactly();
    }
    System.out.printf(
        "sgd_update with momentum: %d units, %d updates compared, %d of them exactly, 0 differing%n",
        UNITS, compared, exactly);
    assertTrue(compared >= UNITS * VECTORS);
  }

  private record Seeded(String name, String file, String from, String to) {}

  private static final List<Seeded> FAULTS =
      List.of(
          new Seeded(
              "velocities of neighbouring lanes swapped",
              "sgd_update.v",
              ".in_v     (in_v[l*V_WIDTH+:V_WIDTH])",
              ".in_v     (in_v[(l^1)*V_WIDTH+:V_WIDTH])"),
          new Seeded(
              "the velocity's flags lost",
              "sgd_update.v",
              "lane_flags | velocity_flags",
              "lane_flags"),
          new Seeded(
              "the velocity's stream of another lane",
              "sgd_update.v",
              "== 2 * LANES + l)",
              "== 2 * LANES + (l ^ 1))"),
          new Seeded(
              "the draw is not held with its beat",
              "sgd_velocity.v",
              "rand_q      <= in_rand;",
              "rand_q      <= in_rand ^ 1'b1;"),
          new Seeded(
              "the weight does not wait",
              "sgd_update.v",
              ".d     ({in_w[l*W_WIDTH+:W_WIDTH], drawn, product_drawn})",
              ".d     ({in_w[l*W_WIDTH+:W_WIDTH] + 1'b1, drawn, product_drawn})"),
          new Seeded(
              "mu taken as signed",
              "sgd_velocity.v",
              "({1'b0, in_mu})",
              "({in_mu[MU_WIDTH-1], in_mu})"));

  @Test
  void everyFaultIsSeen(@TempDir Path temp) throws Exception {
    for (boolean isFloat : new boolean[] {false, true}) {
      UpdateUnit unit = stochastic(isFloat);
      List<Path> sources = RtlSources.of("sgd_update", CACHE.folder());
      Result good = run(unit, sources, 4, DotProductTest.STALLS[3]);
      assertEquals(0, good.differing(), () -> unit + ": " + good.failure());
      int n = 0;
      // each fault in one kind; the lane wiring and the hold are the same code for both
      for (int f = isFloat ? 1 : 0; f < FAULTS.size(); f += 2) {
        Seeded s = FAULTS.get(f);
        Path folder = temp.resolve((isFloat ? "float" : "fixed") + n++);
        List<Path> broken =
            RtlMutant.of(s.name(), s.file(), s.from(), s.to()).write(sources, folder);
        Result r = run(unit, broken, 4, DotProductTest.STALLS[3]);
        System.out.printf(
            "%s: fault '%s': %d of %d differ%n", unit, s.name(), r.differing(), r.compared());
        assertTrue(r.differing() > 0, s.name());
      }
    }
  }

  private static UpdateUnit stochastic(boolean isFloat) {
    Quantizer w =
        isFloat
            ? DotProductTest.q(
                "e5m3:ieee",
                org.halfulp.number.RoundingMode.SR,
                org.halfulp.number.OverflowRule.NONE,
                6)
            : DotProductTest.q(
                "q3.7",
                org.halfulp.number.RoundingMode.SR,
                org.halfulp.number.OverflowRule.SATURATE,
                6);
    FixedFormat eighths = new FixedFormat(false, 8, 8);
    return new UpdateUnit(
        w, w.format(), Optional.of(w), eighths, Optional.of(new Momentum(w, eighths)));
  }

  @Test
  void refusesVelocitiesOfAnotherKind() {
    Quantizer fixed = stochastic(false).weight();
    Quantizer velocity = stochastic(true).weight();
    UpdateUnit unit =
        new UpdateUnit(
            fixed,
            fixed.format(),
            Optional.empty(),
            new FixedFormat(false, 8, 8),
            Optional.of(new Momentum(velocity, new FixedFormat(false, 8, 8))));
    Throwable e = assertThrows(IllegalArgumentException.class, () -> UpdateModel.check(unit));
    assertTrue(e.getMessage().contains("velocity of the weights' kind"), e.getMessage());
  }
}
