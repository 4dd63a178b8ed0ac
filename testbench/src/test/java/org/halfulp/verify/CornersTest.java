package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Campaign.Options;
import org.halfulp.verify.Campaign.Result;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The element-wise units at the extremes of their parameters: every rounding mode with every range
 * rule, and all pairs of the other choices. {@code -Dcorners.units=fp_add,fx_mul} for some units.
 */
class CornersTest {
  private static final ModelCache CACHE = Fixtures.cache();

  /** A unit's ranks at most, and whether its operands and its result are floats. */
  private record Shape(int stages, boolean floatOperands, boolean floatResult, boolean oneFormat) {
    int modes() {
      return floatResult ? 8 : 11; // the last one: as in_round says
    }
  }

  private static final Map<String, Shape> UNITS = new LinkedHashMap<>();

  static {
    UNITS.put("fp_add", new Shape(5, true, true, true));
    UNITS.put("fp_mul", new Shape(3, true, true, true));
    UNITS.put("fp_fma", new Shape(5, true, true, true));
    UNITS.put("fp_convert", new Shape(1, true, true, false));
    UNITS.put("fp_to_fx", new Shape(1, true, false, false));
    UNITS.put("fx_to_fp", new Shape(1, false, true, false));
    UNITS.put("fx_add", new Shape(1, false, false, false));
    UNITS.put("fx_mul", new Shape(2, false, false, false));
    UNITS.put("fx_mac", new Shape(2, false, false, false));
    UNITS.put("fx_requantize", new Shape(0, false, false, false));
  }

  private static final int[] EXP = {2, 8, 3, 5};
  private static final int[] FRAC = {0, 23, 1, 3, 10};
  private static final int[] BIAS = {0, 5, -2}; // beside the family's
  private static final int[] WIDTH = {2, 32, 3, 8, 17};
  private static final int[] POINT = {0, -4, 5, 40};
  private static final int[] LANES = {1, 3, 16};
  private static final int[] RANDOM_BITS = {1, 8, 32};
  private static final int[] FLOAT = {6, EXP.length, FRAC.length, 2, 2, BIAS.length};
  private static final int[] FIXED = {WIDTH.length, POINT.length, 1, 1, 1, 1};
  private static final int RANDOM = 4;
  private static final int RESULT = 5;
  private static final int OPERANDS = RESULT + FLOAT.length;

  private static int[] sizes(Shape s) {
    List<Integer> sizes =
        new ArrayList<>(
            List.of(s.modes(), 3, Math.min(3, s.stages() + 1), LANES.length, RANDOM_BITS.length));
    for (int n : s.floatResult() ? FLOAT : FIXED) {
      sizes.add(n);
    }
    for (int n : s.floatOperands() ? FLOAT : FIXED) {
      sizes.add(s.oneFormat() ? 1 : n);
    }
    return sizes.stream().mapToInt(Integer::intValue).toArray();
  }

  private static Format format(int[] row, int at, boolean isFloat) {
    if (!isFloat) {
      return new FixedFormat(true, WIDTH[row[at]], POINT[row[at + 1]]);
    }
    Family family = Family.values()[row[at]];
    int exp = EXP[row[at + 1]];
    int bias = family.defaultBias(exp) + BIAS[row[at + 5]];
    int frac = FRAC[row[at + 2]];
    return new FloatFormat(exp, frac, bias, family, row[at + 3] == 0, row[at + 4] != 0);
  }

  private static UnitRequest request(Shape s, int[] row) {
    Format result = format(row, RESULT, s.floatResult());
    Format operands = s.oneFormat() ? result : format(row, OPERANDS, s.floatOperands());
    UnitRequest request =
        UnitRequest.DEFAULT
            .format(operands)
            .to(result)
            .overflow(OverflowRule.values()[row[1] + (s.floatResult() ? 0 : 3)])
            .stages(row[2] == 2 ? s.stages() : row[2])
            .randomBits(RANDOM_BITS[row[RANDOM]]);
    return row[0] == s.modes() - 1
        ? request.roundingPerBeat()
        : request.rounding(RoundingMode.values()[row[0]]);
  }

  private static CoveringDesign design(String unit) {
    Shape s = UNITS.get(unit);
    CoveringDesign.Rules rules =
        new CoveringDesign.Rules() {
          @Override
          public boolean isLegal(int[] row) {
            try {
              return Catalogue.of(unit).unit(request(s, row)).allows(LANES[row[3]]);
            } catch (IllegalArgumentException e) {
              return false;
            }
          }

          @Override
          public boolean isActive(int[] row, int factor) {
            boolean draws = row[0] == s.modes() - 1 || row[0] == RoundingMode.SR.ordinal();
            return factor != RANDOM || draws;
          }
        };
    return new CoveringDesign(sizes(s), 2, rules, 1);
  }

  private static Result run(String name, int[] row, long vectors) {
    Unit unit = Catalogue.of(name).unit(request(UNITS.get(name), row));
    Stalls stalls = unit.allows(2) ? new Stalls(20, 20, 7) : Stalls.NONE;
    Options options = Options.DEFAULT.lanes(LANES[row[3]]).vectors(vectors).stalls(stalls);
    Result r = Campaign.run(unit, CACHE, RtlSources.of(name, CACHE.folder()), options);
    assertTrue(r.isGood(), () -> unit.describe() + ": " + r.differing() + " " + r.failure());
    return r;
  }

  @Test
  void aCornerOfSomeUnits() {
    int n = 0;
    for (String name : List.of("fp_add", "fp_convert")) {
      List<int[]> rows = design(name).rows();
      assertTrue(run(name, rows.get(7 * n++ % rows.size()), 4096).compared() > 0);
    }
    assertEquals(2, n);
  }

  @Test
  @Tag("long")
  void everyPairOfChoices() {
    String wanted = System.getProperty("corners.units", String.join(",", UNITS.keySet()));
    for (String name : wanted.split(",")) {
      CoveringDesign design = design(name);
      long compared = 0;
      int exhausted = 0;
      for (int[] row : design.rows()) {
        Result r = run(name, row, 1 << 16);
        compared += r.compared();
        exhausted += r.exhausted() ? 1 : 0;
      }
      System.out.printf(
          "%s: %d builds, %d of them exhausted, %d pairs of choices (%d impossible), %d words, 0 differing%n",
          name,
          design.rows().size(),
          exhausted,
          design.pairs(),
          design.impossible().size(),
          compared);
    }
  }
}
