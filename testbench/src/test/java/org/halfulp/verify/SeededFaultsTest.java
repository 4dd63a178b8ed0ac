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
              ANY.randomBits(8),
              1,
              List.of(
                  RtlMutant.of(
                      "power-up alone sets the state",
                      "random_bits.v",
                      "if (!rst_n) state_q <= DEFAULT;",
                      "if (!rst_n) state_q <= state_q;"))),
          new Case(
              "fp_quantize_select",
              ANY.format("e5m2").with("MAX_EXP_W", 4).with("MAX_FRAC_W", 3).stages(1),
              2,
              List.of(
                  RtlMutant.of(
                      "a fraction's parity where there is none",
                      "fp_round_select.v",
                      "in_frac_w != 6'd0, in_sign",
                      "1'b1, in_sign"),
                  RtlMutant.of(
                      "no random bits are legal",
                      "fp_quantize_select.v",
                      "in_rand_bits == 6'd0 | ",
                      ""),
                  RtlMutant.of(
                      "ieee without a normal value is legal",
                      "fp_format_check.v",
                      " | no_normal",
                      " | (1'b0 & no_normal)"),
                  RtlMutant.of(
                      "the mode of the next beat",
                      "fp_quantize_select.v",
                      ".in_round     (round)",
                      ".in_round     (in_round)"))));

  private static final List<Case> MORE =
      List.of(
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
                  RtlMutant.of("a tap is missing", "random_bits.v", "state_q[60-:BITS] ^ ", ""))),
          new Case(
              "fp_round_pack",
              ANY.format("e4m3:ieee").roundingPerBeat().randomBits(5),
              1,
              List.of(
                  RtlMutant.of(
                      "tininess before rounding",
                      "fp_round.v",
                      "assign reaches = (&win[WIN_W-2:LOST_W]) & up;",
                      "assign reaches = 1'b0 & up;"),
                  RtlMutant.of(
                      "no sticky bit from below",
                      "fp_round.v",
                      "cut_sticky = in_sticky | ",
                      "cut_sticky = "))),
          new Case(
              "dot_product",
              ANY.format("e5m2").to("e5m4:ieee").rounding(RoundingMode.SR).with("ORDER", 2),
              4,
              List.of(
                  RtlMutant.of(
                      "a left node survives its vector",
                      "dot_product.v",
                      "step ? ~waiting_q & ~up_last[r]",
                      "step ? ~waiting_q"),
                  RtlMutant.of(
                      "a level above draws its neighbour's bits",
                      "dot_product.v",
                      "draws[LEFT*RAND_BITS-1:RAND_BITS]",
                      "draws[(LEFT-1)*RAND_BITS-1:0]"))),
          new Case(
              "dot_product",
              ANY.format("e5m2").to("e5m4:ieee").with("ORDER", 0),
              3,
              List.of(
                  RtlMutant.of(
                      "a lane without an element is added",
                      "dot_product.v",
                      "in_keep[l] ? p : {P_W{1'b0}}",
                      "p"))),
          new Case(
              "sgd_update_select",
              ANY.format("e5m2").rounding(RoundingMode.RDN).stages(3),
              2,
              List.of(
                  RtlMutant.of(
                      "the sign of a cancelled sum",
                      "sgd_select_lane.v",
                      "? cfg_round == RDN :",
                      "? 1'b0 :"),
                  RtlMutant.of(
                      "Inf - Inf",
                      "sgd_select_lane.v",
                      "w_inf & p_inf & opposite",
                      "1'b0 & opposite"),
                  RtlMutant.of("0 * Inf", "sgd_select_lane.v", "g_inf & ~(|in_step)", "1'b0"))));

  private static Result run(Unit unit, List<Path> sources, int lanes) {
    Stalls stalls = lanes == 1 ? Stalls.NONE : new Stalls(25, 35, 5);
    return Campaign.run(
        unit, CACHE, sources, Options.DEFAULT.lanes(lanes).vectors(VECTORS).stalls(stalls));
  }

  private static void check(List<Case> cases, Path folder, int faults) throws Exception {
    for (Case c : cases) {
      Unit unit = Catalogue.of(c.unit()).unit(c.request());
      List<Path> sources = RtlSources.of(unit.name(), CACHE.folder());
      Result good = run(unit, sources, c.lanes());
      assertTrue(good.isGood(), () -> unit.describe() + ": " + good.failure());
      assertTrue(good.compared() > VECTORS / 50, () -> "compared " + good.compared());
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
  void aFaultIsSeen(@TempDir Path folder) throws Exception {
    check(CASES, folder, 1);
  }

  @Test
  @Tag("long")
  void everyFaultIsSeen(@TempDir Path folder) throws Exception {
    check(CASES, folder, Integer.MAX_VALUE);
    check(MORE, folder, Integer.MAX_VALUE);
  }
}
