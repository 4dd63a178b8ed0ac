package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.verify.Campaign.Options;
import org.halfulp.verify.Campaign.Result;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One build of {@code sgd_update_select.v} over the formats and rules that it can be told, all
 * pairs of choices among them, against the twin of the units whose formats are parameters.
 */
class UpdateSelectTest {
  private static final ModelCache CACHE = Fixtures.cache();
  private static final int LANES = 1;
  private static final int[] EXP = {1, 2, 4, 5, 8};
  private static final int[] FRAC = {0, 1, 3, 7, 10};
  private static final int[] BIAS = {0, -3, 40}; // beside the family's
  private static final int[] RANDOM_BITS = {1, 5, 12};
  private static final int[] STEP_FRAC = {-2, 0, 8, 20};
  private static final int[] WIDTH = {2, 5, 8, 16};
  private static final int[] POINT = {-3, 0, 4, 20};

  private static final int[] FLOATS = {6, 7, 3, 5, 5, 2, 2, 3, 5, 5, 6, 2, 3, 4};
  private static final int[] FIXED = {10, 3, 4, 4, 4, 4, 3, 4};

  private static final Map<String, Long> PARAMETERS =
      Map.of(
          "WIDTH", 16L,
          "MAX_EXP_W", 8L,
          "MAX_FRAC_W", 10L,
          "BIAS_W", 10L,
          "STEP_WIDTH", 8L,
          "RAND_BITS", 12L);

  private static FloatFormat format(int exp, int frac, int family, int bias, int sub, int daz) {
    Family f = Family.values()[family];
    int b = f.defaultBias(EXP[exp]) + BIAS[bias];
    FloatFormat format = new FloatFormat(EXP[exp], FRAC[frac], b, f, sub == 0, daz != 0);
    if (format.width() > 16) {
      throw new IllegalArgumentException(format.name());
    }
    return format;
  }

  private static UpdateSelectUnit floats(int[] r, long stages) {
    FloatFormat w = format(r[3], r[4], r[0], r[7], r[5], r[6]);
    FloatFormat g = format(r[8], r[9], r[10], r[7], 0, r[11]);
    return unit(w, g, r[1], OverflowRule.values()[r[2]], r[12], r[13], stages);
  }

  private static UpdateSelectUnit fixed(int[] r, long stages) {
    FixedFormat w = new FixedFormat(true, WIDTH[r[2]], POINT[r[3]]);
    FixedFormat g = new FixedFormat(true, WIDTH[r[4]], POINT[r[5]]);
    return unit(w, g, r[0], OverflowRule.values()[3 + r[1]], r[6], r[7], stages);
  }

  private static UpdateSelectUnit unit(
      Format w, Format g, int mode, OverflowRule rule, int bits, int step, long stages) {
    UpdateUnit unit =
        new UpdateUnit(
            UnitRequest.quantizer(w, RoundingMode.values()[mode], rule, RANDOM_BITS[bits]),
            g,
            Optional.empty(),
            new FixedFormat(false, 8, STEP_FRAC[step]));
    Map<String, Long> p = new java.util.TreeMap<>(PARAMETERS);
    p.put("STAGES", stages);
    return new UpdateSelectUnit(unit, p);
  }

  private static final CoveringDesign.Rules LEGAL =
      new CoveringDesign.Rules() {
        @Override
        public boolean isLegal(int[] row) {
          try {
            floats(row, 0);
            return true;
          } catch (IllegalArgumentException e) {
            return false;
          }
        }

        @Override
        public boolean isActive(int[] row, int factor) {
          return factor != 12 || row[1] == RoundingMode.SR.ordinal();
        }
      };

  private static final CoveringDesign.Rules ANY =
      new CoveringDesign.Rules() {
        @Override
        public boolean isLegal(int[] row) {
          return true;
        }

        @Override
        public boolean isActive(int[] row, int factor) {
          return factor != 6 || row[0] == RoundingMode.SR.ordinal();
        }
      };

  private static VerilatedLibrary library(UpdateSelectUnit unit) {
    return CACHE.build(unit.build(RtlSources.of(unit.name(), CACHE.folder()), LANES));
  }

  private static void check(long stages, int vectors) {
    CoveringDesign floats = new CoveringDesign(FLOATS, 2, LEGAL, 1);
    CoveringDesign fixed = new CoveringDesign(FIXED, 2, ANY, 2);
    List<UpdateSelectUnit> units =
        java.util.stream.Stream.concat(
                floats.rows().stream().map(r -> floats(r, stages)),
                fixed.rows().stream().map(r -> fixed(r, stages)))
            .toList();
    VerilatedLibrary library = library(units.get(0));
    Options options = Options.DEFAULT.lanes(LANES).vectors(vectors).stalls(new Stalls(20, 20, 3));
    long compared = 0;
    for (UpdateSelectUnit unit : units) {
      Result r = Campaign.run(unit, library, options, n -> {});
      assertTrue(r.isGood(), () -> unit.describe() + ": " + r.failure());
      compared += r.compared();
    }
    assertTrue(compared >= (long) units.size() * vectors);
    System.out.printf(
        "sgd_update_select, stages %d: %d selections, %d pairs of choices (impossible: %s), %d words, 0 differing%n",
        stages, units.size(), floats.pairs() + fixed.pairs(), floats.impossible(), compared);
  }

  @Test
  void everyPairOfChoicesOfOneBuild() {
    check(1, 2048);
  }

  @Test
  @Tag("long")
  void everyPairOfChoicesAtAllStages() {
    for (int stages = 0; stages <= 3; stages++) {
      check(stages, 1 << 16);
    }
  }

  @Test
  void anotherSelectionOrAnIllegalOneIsSeen() {
    UpdateSelectUnit unit = floats(new int[] {1, 0, 0, 2, 2, 0, 0, 0, 2, 2, 1, 0, 0, 2}, 1);
    VerilatedLibrary library = library(unit);
    Options options = Options.DEFAULT.lanes(LANES).vectors(2048);
    assertTrue(Campaign.run(unit, library, options, n -> {}).isGood());
    for (Map.Entry<String, Long> wrong :
        Map.of(
                "cfg_round", 2L,
                "cfg_range", 1L,
                "cfg_w_bias", 8L,
                "cfg_g_frac", 2L,
                "cfg_step_frac", 7L,
                "cfg_w_exp", 0L)
            .entrySet()) {
      Result r =
          Campaign.run(unit, library, options.poke(wrong.getKey(), wrong.getValue()), n -> {});
      assertFalse(r.isGood(), wrong.getKey());
      if (wrong.getValue() == 0) { // out_illegal
        assertEquals(r.compared(), r.differing());
      }
    }
  }
}
