package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.halfulp.kernel.Cases;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Campaign.Options;
import org.halfulp.verify.Campaign.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code polyak_average.v} against both twins. */
class PolyakAverageTest {
  private static final int UNITS = Integer.getInteger("average.units", 12);
  private static final long VECTORS = 30_000;
  private static final ModelCache CACHE = Fixtures.cache();

  private static PolyakAverageUnit unit(Cases cases) {
    Format weight = DotProductTest.format(cases);
    int width = cases.between(2, 32);
    FixedFormat average = new FixedFormat(true, width, cases.between(-2, width + 4));
    FixedFormat factor = new FixedFormat(false, cases.between(1, 16), cases.between(-1, 18));
    return new PolyakAverageUnit(weight, cases.quantizer(average), factor);
  }

  private static Result run(PolyakAverageUnit unit, List<Path> sources, int lanes, Stalls stalls) {
    return Campaign.run(
        unit,
        CACHE,
        sources,
        Options.DEFAULT.lanes(lanes).vectors(VECTORS).threads(1).stalls(stalls));
  }

  @Test
  void equalsItsTwins() {
    List<Path> sources = RtlSources.of("polyak_average", CACHE.folder());
    long compared = 0;
    for (int i = 0; i < UNITS; i++) {
      Cases cases = new Cases(700 + i);
      PolyakAverageUnit unit = unit(cases);
      Result r = run(unit, sources, cases.between(1, 5), DotProductTest.STALLS[i % 4]);
      assertEquals(0, r.differing(), () -> unit.describe() + ": " + r.failure());
      assertTrue(r.compared() >= VECTORS || r.exhausted(), unit::describe);
      compared += r.compared();
    }
    System.out.printf(
        "polyak_average: %d units, %d averages compared, 0 differing%n", UNITS, compared);
  }

  private record Seeded(String name, String file, String from, String to) {}

  private static final List<Seeded> FAULTS =
      List.of(
          new Seeded("0 * Inf", "polyak_average.v", "inf0_q & ~nan0_q & ~(|c_q)", "1'b0"),
          new Seeded(
              "c of the next beat",
              "polyak_average.v",
              "if (enable[0]) c_q <= in_c;",
              "c_q <= in_c;"),
          new Seeded(
              "the draw of the next lane",
              "polyak_average.v",
              "<= in_rand[l*RAND_BITS+:RAND_BITS]",
              "<= in_rand[(l^1)*RAND_BITS+:RAND_BITS]"),
          new Seeded(
              "w + a",
              "polyak_average.v",
              "(w_wide <<< (D_F - V_F)) - ",
              "(w_wide <<< (D_F - V_F)) + "),
          new Seeded(
              "the weight's sign at infinity",
              "polyak_average.v",
              "inf0_q ? sign0_q : difference_q[D_W-1]",
              "difference_q[D_W-1]"),
          new Seeded(
              "a bit of the difference cut",
              "polyak_average.v",
              "((V_D > A_D) ? V_D : A_D) + 1;",
              "((V_D > A_D) ? V_D : A_D);"));

  @Test
  void everyFaultIsSeen(@TempDir Path temp) throws Exception {
    List<Path> sources = RtlSources.of("polyak_average", CACHE.folder());
    Quantizer q =
        new Quantizer(
            new FixedFormat(true, 12, 6), RoundingMode.SR, OverflowRule.SATURATE, 6, true);
    PolyakAverageUnit unit =
        new PolyakAverageUnit(
            FormatName.parse("e3m3:ieee").format(), q, new FixedFormat(false, 4, 4));
    Result good = run(unit, sources, 4, DotProductTest.STALLS[3]);
    assertEquals(0, good.differing(), () -> "" + good.failure());
    int n = 0;
    for (Seeded s : FAULTS) {
      RtlMutant mutant = RtlMutant.of(s.name(), s.file(), s.from(), s.to());
      Result r =
          run(unit, mutant.write(sources, temp.resolve("m" + n++)), 4, DotProductTest.STALLS[3]);
      System.out.printf(
          "polyak_average fault '%s': %d of %d differ%n", s.name(), r.differing(), r.compared());
      assertTrue(r.differing() > 0, s.name());
    }
  }
}
