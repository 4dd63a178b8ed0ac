package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Campaign.Options;
import org.halfulp.verify.Campaign.Result;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Units of the catalogue: right under stalls, and wrong with a fault in their Verilog. */
class SeededFaultsTest {
  private static final ModelCache CACHE = Fixtures.cache();
  private static final int VECTORS = 40_000;

  /** A unit and faults of it; the first is put in by default. */
  private record Case(String unit, UnitRequest request, int lanes, List<RtlMutant> faults) {}

  private static final UnitRequest ANY = UnitRequest.DEFAULT;

  private static final List<Case> CASES =
      List.of(
          new Case(
              "fx_mac",
              ANY.format("q4.4").to("q6.4").rounding(RoundingMode.SR).stages(2),
              3,
              List.of(
                  RtlMutant.of(
                      "a first beat keeps the sum",
                      "fx_mac_lane.v",
                      "acc_q & {W{~first}}",
                      "acc_q"),
                  RtlMutant.of(
                      "flags of the last beat alone",
                      "fx_mac_lane.v",
                      "(overflow_q & ~first)",
                      "1'b0"),
                  RtlMutant.of(
                      "a word for each beat",
                      "fx_mac.v",
                      "valid_q <= product_valid & last",
                      "valid_q <= product_valid"),
                  RtlMutant.of(
                      "a waiting word is overwritten",
                      "fx_mac.v",
                      "~valid_q | out_ready",
                      "1'b1"))),
          new Case(
              "random_bits",
              ANY.randomBits(7),
              1,
              List.of(
                  RtlMutant.of(
                      "a draw wins over a load",
                      "random_bits.v",
                      "else if (load)",
                      "else if (load & ~draw)"),
                  RtlMutant.of("a tap is missing", "random_bits.v", "state_q[60-:BITS] ^ ", ""))));

  private static Result run(Unit unit, List<Path> sources, int lanes) {
    Stalls stalls = lanes == 1 ? Stalls.NONE : new Stalls(25, 35, 5);
    return Campaign.run(
        unit, CACHE, sources, Options.DEFAULT.lanes(lanes).vectors(VECTORS).stalls(stalls));
  }

  private static void check(Path folder, int faults) throws Exception {
    for (Case c : CASES) {
      Unit unit = Catalogue.of(c.unit()).unit(c.request());
      List<Path> sources = RtlSources.of(unit.name(), CACHE.folder());
      Result good = run(unit, sources, c.lanes());
      assertTrue(good.isGood(), () -> unit.describe() + ": " + good.failure());
      assertTrue(good.compared() > VECTORS / 10, () -> "compared " + good.compared());
      for (RtlMutant fault : c.faults().subList(0, Math.min(faults, c.faults().size()))) {
        List<Path> broken = fault.write(sources, folder.resolve(c.unit() + fault.name()));
        Result bad = run(unit, broken, c.lanes());
        System.out.printf(
            "%s fault '%s': %d of %d differ%n",
            c.unit(), fault.name(), bad.differing(), bad.compared());
        assertTrue(bad.differing() > 0 && bad.failure().isPresent(), fault.name());
        assertEquals(false, bad.isGood(), fault.name());
      }
    }
  }

  @Test
  void aFaultOfEachUnitIsSeen(@TempDir Path folder) throws Exception {
    check(folder, 1);
  }

  @Test
  @Tag("long")
  void everyFaultIsSeen(@TempDir Path folder) throws Exception {
    check(folder, Integer.MAX_VALUE);
  }
}
