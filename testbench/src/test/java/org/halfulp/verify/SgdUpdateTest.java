package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Outcomes.Kind;
import org.halfulp.verify.UpdateCampaign.Case;
import org.halfulp.verify.UpdateCampaign.Pass;
import org.halfulp.verify.UpdateCampaign.Result;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * {@code sgd_update.v} beside the emulator: every operand pair of 8-bit formats over a covering
 * design of all parameters, and 10^8 vectors of 16-bit formats; with stalls on both sides of the
 * stream.
 */
class SgdUpdateTest {
  private static final Family[] FAMILIES = {
    Family.IEEE, Family.FN, Family.FNUZ, Family.FINITE, Family.P3109, Family.P3109_SF
  };
  private static final OverflowRule[] FLOAT_RULES = {
    OverflowRule.NONE, OverflowRule.FINITE, OverflowRule.PROPAGATE
  };
  private static final OverflowRule[] FIXED_RULES = {
    OverflowRule.SATURATE, OverflowRule.SYMMETRIC, OverflowRule.WRAP
  };
  private static final int FLOAT_MODES = 7;
  private static final int[] LANES = {1, 3, 4, 16};
  private static final Stalls[] STALLS = {
    Stalls.NONE, new Stalls(25, 0, 11), new Stalls(0, 40, 12), new Stalls(30, 30, 13)
  };
  private static final FixedFormat[] STEPS = {
    step(1, 0), step(1, 5), step(1, -3), step(4, 6), step(3, -2), step(8, 8), step(16, 12)
  };

  private static FixedFormat step(int width, int fracBits) {
    return new FixedFormat(false, width, fracBits);
  }

  /** Random bits, dealt out so that each count from 1 to 32 comes up. */
  private static final class RandomWidths {
    private int next;
    private final Set<Integer> used = new TreeSet<>();

    int next(RoundingMode mode) {
      if (mode != RoundingMode.SR) {
        return 0;
      }
      int bits = next++ * 13 % 32 + 1;
      used.add(bits);
      return bits;
    }
  }

  // ---- 8-bit floats

  /** Exponent bits and bias offset of an 8-bit float. */
  private static final int[] EXP_BITS = {4, 5, 2, 3, 6, 7, 1};

  private static final int[] BIAS_OFFSETS = {0, 4, -7};
  private static final int[][] PRODUCTS = {
    {4, 3}, {5, 2}, {8, 7}, {5, 10}, {3, 2}, {6, 0}, {8, 13}
  };

  private static final int[] FLOAT_SIZES = {
    6,
    7,
    3, // family, rounding and range of the weights: crossed in full
    2,
    2,
    2,
    7,
    3, // fused, subnormals, DAZ, shape, bias
    6,
    7,
    2,
    3, // gradient: family, shape, DAZ, bias
    6,
    7,
    7,
    3,
    2,
    2, // product: family, shape, rounding, range, subnormals, DAZ
    7,
    4,
    4 // step, lanes, stalls
  };
  private static final int FUSED = 3;
  private static final int FIRST_PRODUCT = 12;
  private static final int LAST_PRODUCT = 17;

  private static FloatFormat eight(int family, int shape, int bias, boolean sub, boolean daz) {
    FloatFormat f = FloatFormat.of(EXP_BITS[shape], 7 - EXP_BITS[shape], FAMILIES[family]);
    return f.withBias(f.bias() + BIAS_OFFSETS[bias]).withSubnormals(sub).withDaz(daz);
  }

  private static Case floatCase(int[] row, RandomWidths widths) {
    FloatFormat w = eight(row[0], row[6], row[7], row[4] == 0, row[5] != 0);
    FloatFormat g = eight(row[8], row[9], row[11], true, row[10] != 0);
    RoundingMode mode = RoundingMode.values()[row[1]];
    Quantizer weight = new Quantizer(w, mode, FLOAT_RULES[row[2]], widths.next(mode), true);
    Optional<Quantizer> product = Optional.empty();
    if (row[FUSED] != 0) {
      int[] shape = PRODUCTS[row[13]];
      RoundingMode productMode = RoundingMode.values()[row[14]];
      product =
          Optional.of(
              new Quantizer(
                  FloatFormat.of(shape[0], shape[1], FAMILIES[row[12]])
                      .withSubnormals(row[16] == 0)
                      .withDaz(row[17] != 0),
                  productMode,
                  FLOAT_RULES[row[15]],
                  widths.next(productMode),
                  true));
    }
    UpdateUnit unit = new UpdateUnit(weight, g, product, STEPS[row[18]]);
    return exhaustive(unit, LANES[row[19]], STALLS[row[20]]);
  }

  /** Every operand pair with each of some step codes. */
  private static Case exhaustive(UpdateUnit unit, int lanes, Stalls stalls) {
    Format w = unit.weight().format();
    Format g = unit.gradient();
    List<Pass> passes = new ArrayList<>();
    List<Pass> exact = new ArrayList<>();
    long pairs = 1L << (w.width() + g.width());
    for (long code : codes(unit.step())) {
      passes.add(new Pass(new UpdateVectors.Exhaustive(w, g), code));
      exact.add(new Pass(new UpdateVectors.Uniform(w, g, Math.min(1000, pairs), code), code));
    }
    return new Case(unit, lanes, 0x5eed + lanes, stalls, passes, exact);
  }

  /** 0, 1, the largest, and some of many bits. */
  private static Set<Long> codes(FixedFormat step) {
    Set<Long> codes = new TreeSet<>(List.of(0L, 1L, step.mask()));
    if (step.width() > 1) {
      codes.add(0xB6C5L >>> (16 - step.width()));
    }
    return codes;
  }

  private static final CoveringDesign.Rules FLOAT_DESIGN =
      new CoveringDesign.Rules() {
        @Override
        public boolean isLegal(int[] row) {
          if (row[4] != (row[0] + row[1] + row[2]) % 2) {
            return false; // so that each family x rounding has subnormals on and off
          }
          try {
            floatCase(row, new RandomWidths());
            return true;
          } catch (IllegalArgumentException e) {
            return false;
          }
        }

        @Override
        public boolean isActive(int[] row, int factor) {
          return row[FUSED] != 0 || factor < FIRST_PRODUCT || factor > LAST_PRODUCT;
        }
      };

  /** Rows of a design that the default suite builds; each takes seconds of Verilator and g++. */
  private static final int FIRST_ROWS = 56;

  @Test
  void equalsTheEmulatorOnAllPairsOf8BitFloats() throws Exception {
    CoveringDesign design = new CoveringDesign(FLOAT_SIZES, 2, FLOAT_DESIGN, 1);
    equalsTheEmulatorOnFloats(design, design.rows().subList(0, FIRST_ROWS), false);
  }

  @Test
  @Tag("long")
  void equalsTheEmulatorOnAllPairsOf8BitFloatsInEveryRange() throws Exception {
    CoveringDesign design = new CoveringDesign(FLOAT_SIZES, 3, FLOAT_DESIGN, 1);
    Set<Integer> widths = equalsTheEmulatorOnFloats(design, design.rows(), true);
    assertEquals(32, widths.size(), "random widths " + widths);
  }

  /** The counts of random bits that came up. */
  private static Set<Integer> equalsTheEmulatorOnFloats(
      CoveringDesign design, List<int[]> rows, boolean crossesRanges) throws Exception {
    RandomWidths widths = new RandomWidths();
    List<Case> cases = rows.stream().map(row -> floatCase(row, widths)).toList();
    List<Result> results = UpdateCampaign.run(cases);
    summarize("8-bit floats, all pairs", results);
    System.out.printf(
        "  %d units of a design of %d, every %s, %d of %d pairs of choices, impossible: %s%n",
        cases.size(),
        design.rows().size(),
        crossesRanges ? "family x rounding x range" : "family x rounding",
        design.pairs(rows),
        design.pairs(),
        design.impossible());
    assertTrue(design.impossible().isEmpty(), () -> "" + design.impossible());
    long[] all = new long[Kind.values().length];
    results.forEach(r -> add(all, r.outcomes()));
    requireAll(EnumSet.allOf(Kind.class), all, "all");
    for (Family family : FAMILIES) {
      requireKinds(family, results);
      for (int m = 0; m < FLOAT_MODES; m++) {
        RoundingMode mode = RoundingMode.values()[m];
        List<Result> some =
            results.stream().filter(r -> r.of().unit().weight().rounding() == mode).toList();
        if (crossesRanges) {
          requireKinds(family, some);
        } else { // the one unit may have a format without fraction bits, say
          requireAll(
              EnumSet.of(Kind.EXACT, Kind.NORMAL), counts(family, some), family + " " + mode);
        }
      }
    }
    return widths.used;
  }

  private static long[] counts(Family family, List<Result> results) {
    long[] counts = new long[Kind.values().length];
    for (Result r : results) {
      if (((FloatFormat) r.of().unit().weight().format()).family() == family) {
        add(counts, r.outcomes());
      }
    }
    return counts;
  }

  /** All that the family has. */
  private static void requireKinds(Family family, List<Result> results) {
    EnumSet<Kind> kinds =
        EnumSet.of(Kind.EXACT, Kind.INEXACT, Kind.UNDERFLOW, Kind.OVERFLOW, Kind.ZERO, Kind.NORMAL);
    for (Result r : results) {
      FloatFormat f = (FloatFormat) r.of().unit().weight().format();
      if (f.family() == family && f.subnormals() && !f.daz() && f.fracBits() > 0) {
        kinds.add(Kind.SUBNORMAL);
      }
    }
    if (family == Family.IEEE || family == Family.P3109) {
      kinds.add(Kind.INFINITE);
    }
    if (family != Family.FINITE) {
      kinds.add(Kind.NAN);
    }
    requireAll(kinds, counts(family, results), family + " in " + results.size() + " units");
  }

  // ---- 8-bit fixed point

  private static final int[] FRAC_BITS = {4, 7, 0, 11, -3};
  private static final int[][] FIXED_PRODUCTS = {
    {8, 4}, {8, 9}, {12, 2}, {16, 14}, {24, 12}, {5, -1}
  };
  private static final int[] FIXED_SIZES = {
    10,
    3, // rounding and range of the weights: crossed in full
    5,
    5,
    2, // weight's point, gradient's point, fused
    6,
    10,
    3, // product: shape, rounding, range
    7,
    4,
    4 // step, lanes, stalls
  };

  private static Case fixedCase(int[] row, RandomWidths widths) {
    RoundingMode mode = RoundingMode.values()[row[0]];
    FixedFormat w = new FixedFormat(true, 8, FRAC_BITS[row[2]]);
    FixedFormat g = new FixedFormat(true, 8, FRAC_BITS[row[3]]);
    Optional<Quantizer> product = Optional.empty();
    Quantizer weight = new Quantizer(w, mode, FIXED_RULES[row[1]], widths.next(mode), true);
    if (row[4] != 0) {
      int[] shape = FIXED_PRODUCTS[row[5]];
      RoundingMode productMode = RoundingMode.values()[row[6]];
      product =
          Optional.of(
              new Quantizer(
                  new FixedFormat(true, shape[0], shape[1]),
                  productMode,
                  FIXED_RULES[row[7]],
                  widths.next(productMode),
                  true));
    }
    UpdateUnit unit = new UpdateUnit(weight, g, product, STEPS[row[8]]);
    return exhaustive(unit, LANES[row[9]], STALLS[row[10]]);
  }

  private static final CoveringDesign.Rules FIXED_DESIGN =
      new CoveringDesign.Rules() {
        @Override
        public boolean isLegal(int[] row) {
          return true;
        }

        @Override
        public boolean isActive(int[] row, int factor) {
          return row[4] != 0 || factor < 5 || factor > 7;
        }
      };

  private static final CoveringDesign FIXED = new CoveringDesign(FIXED_SIZES, 2, FIXED_DESIGN, 2);

  @Test
  void equalsTheEmulatorOnAllPairsOf8BitFixedPoint() throws Exception {
    equalsTheEmulatorOnFixedPoint(FIXED.rows().subList(0, FIRST_ROWS));
  }

  @Test
  @Tag("long")
  void equalsTheEmulatorOnAllPairsOf8BitFixedPointInEveryPairOfChoices() throws Exception {
    equalsTheEmulatorOnFixedPoint(FIXED.rows());
  }

  private static void equalsTheEmulatorOnFixedPoint(List<int[]> rows) throws Exception {
    RandomWidths widths = new RandomWidths();
    List<Case> cases = rows.stream().map(row -> fixedCase(row, widths)).toList();
    List<Result> results = UpdateCampaign.run(cases);
    summarize("8-bit fixed point, all pairs", results);
    System.out.printf(
        "  %d units of a design of %d, every rounding x range, %d of %d pairs of choices%n",
        cases.size(), FIXED.rows().size(), FIXED.pairs(rows), FIXED.pairs());
    assertTrue(FIXED.impossible().isEmpty(), () -> "" + FIXED.impossible());
    for (RoundingMode mode : RoundingMode.values()) {
      for (OverflowRule rule : FIXED_RULES) {
        long[] counts = new long[Kind.values().length];
        for (Result r : results) {
          Quantizer q = r.of().unit().weight();
          if (q.rounding() == mode && q.overflow() == rule) {
            add(counts, r.outcomes());
          }
        }
        requireAll(
            EnumSet.of(Kind.EXACT, Kind.OVERFLOW, Kind.ZERO, Kind.NORMAL),
            counts,
            mode + " " + rule);
      }
    }
    long[] all = new long[Kind.values().length];
    results.forEach(r -> add(all, r.outcomes()));
    requireAll(EnumSet.of(Kind.INEXACT), all, "all");
    assertEquals(
        0,
        all[Kind.INVALID.ordinal()] + all[Kind.UNDERFLOW.ordinal()],
        "fixed point knows neither");
  }

  // ---- 16 bits

  private static final long WIDE = 100_000_000;

  private static Quantizer quantizer(String format, RoundingMode mode, OverflowRule rule, int n) {
    return new Quantizer(FormatName.parse(format).format(), mode, rule, n, true);
  }

  private static Case wide(
      Quantizer weight, String gradient, Quantizer product, FixedFormat step, int which, long n) {
    Format g = FormatName.parse(gradient).format();
    UpdateUnit unit = new UpdateUnit(weight, g, Optional.ofNullable(product), step);
    List<Long> codes = new ArrayList<>(codes(step));
    codes.remove(0L);
    List<Pass> passes = new ArrayList<>();
    List<Pass> exact = new ArrayList<>();
    Format w = weight.format();
    long zeros = UpdateVectors.mixed(w, g, 0, 0, 1).size();
    passes.add(new Pass(UpdateVectors.mixed(w, g, 0, 0, 1), 0));
    for (int i = 0; i < codes.size(); i++) {
      long code = codes.get(i);
      int exponent = 63 - Long.numberOfLeadingZeros(code) - step.fracBits();
      long share = (n - zeros) / codes.size() + (i == 0 ? (n - zeros) % codes.size() : 0);
      passes.add(new Pass(UpdateVectors.mixed(w, g, exponent, share, 100 + code), code));
      exact.add(new Pass(UpdateVectors.mixed(w, g, exponent, 6000, 200 + code), code));
    }
    return new Case(
        unit, LANES[which % 4], 99 + which, STALLS[which % 3 == 0 ? 3 : 0], passes, exact);
  }

  private static List<Case> wideCases(long total) {
    List<Case> cases = new ArrayList<>();
    long n = total / 16;
    OverflowRule none = OverflowRule.NONE;
    cases.add(wide(quantizer("bf16", RoundingMode.RNE, none, 0), "bf16", null, step(1, 6), 2, n));
    cases.add(wide(quantizer("bf16", RoundingMode.SR, none, 8), "e5m2", null, step(8, 8), 3, n));
    cases.add(
        wide(
            quantizer("bf16", RoundingMode.SR, OverflowRule.PROPAGATE, 16),
            "bf16",
            null,
            step(16, 16),
            1,
            n));
    cases.add(
        wide(
            quantizer("bf16", RoundingMode.RNE, none, 0),
            "bf16",
            quantizer("bf16", RoundingMode.RNE, none, 0),
            step(8, 8),
            2,
            n));
    cases.add(wide(quantizer("fp16", RoundingMode.RNE, none, 0), "fp16", null, step(1, 4), 3, n));
    cases.add(
        wide(
            quantizer("fp16", RoundingMode.SR, OverflowRule.FINITE, 32),
            "fp16",
            null,
            step(4, 8),
            2,
            n));
    cases.add(
        wide(
            quantizer("e5m10:ieee,nosub,daz", RoundingMode.RTO, OverflowRule.PROPAGATE, 0),
            "e4m3fn",
            quantizer("e6m9", RoundingMode.SR, none, 5),
            step(8, 10),
            1,
            n));
    cases.add(
        wide(
            quantizer("fp16", RoundingMode.RDN, none, 0),
            "e5m2fnuz",
            quantizer("fp16", RoundingMode.RUP, OverflowRule.FINITE, 0),
            step(3, -1),
            0,
            n));
    cases.add(wide(quantizer("e4m11", RoundingMode.SR, none, 11), "e4m11", null, step(1, 3), 2, n));
    cases.add(
        wide(quantizer("e4m11", RoundingMode.RNA, none, 0), "bf16", null, step(12, 12), 5, n));
    cases.add(
        wide(
            quantizer("e8m7:p3109", RoundingMode.RUP, none, 0),
            "e6m9:p3109sf",
            null,
            step(5, 7),
            3,
            n));
    OverflowRule saturate = OverflowRule.SATURATE;
    cases.add(
        wide(quantizer("q8.8", RoundingMode.RNE, saturate, 0), "q8.8", null, step(1, 4), 2, n));
    cases.add(
        wide(quantizer("q8.8", RoundingMode.SR, saturate, 12), "q4.12", null, step(8, 8), 3, n));
    cases.add(
        wide(
            quantizer("q2.14", RoundingMode.SR, OverflowRule.SYMMETRIC, 32),
            "q8.8",
            quantizer("q4.20", RoundingMode.HALF_DOWN, saturate, 0),
            step(16, 16),
            1,
            n));
    cases.add(
        wide(
            quantizer("q8.8", RoundingMode.HALF_UP, OverflowRule.WRAP, 0),
            "q8.8",
            quantizer("q6.2", RoundingMode.SR, OverflowRule.WRAP, 9),
            step(8, 6),
            5,
            n));
    cases.add(
        wide(
            quantizer("q8.8", RoundingMode.RTZ, OverflowRule.SYMMETRIC, 0),
            "q2.6",
            null,
            step(3, 2),
            0,
            n));
    return cases;
  }

  @Test
  void equalsTheEmulatorOn16BitFormats() throws Exception {
    List<Result> results = UpdateCampaign.run(wideCases(WIDE + 16));
    summarize("16-bit formats, corners and random", results);
    for (Result r : results) {
      UpdateUnit unit = r.of().unit();
      System.out.printf("  %s%n    %s%n", unit, Outcomes.describe(r.outcomes()));
      requireAll(reachable(unit), r.outcomes(), unit.toString());
    }
    assertTrue(results.stream().mapToLong(r -> r.fast().compared()).sum() >= WIDE);
  }

  @Test
  void equalsTheEmulatorBeyondItsFastPath() throws Exception {
    OverflowRule none = OverflowRule.NONE;
    List<Case> cases =
        List.of(
            wide(
                quantizer("e11m4", RoundingMode.RNE, none, 0),
                "e11m4",
                null,
                step(1, 2),
                2,
                60_000),
            wide(
                quantizer("e11m4", RoundingMode.SR, none, 20), "e9m6", null, step(8, 8), 1, 60_000),
            wide(
                quantizer("e9m6:fn", RoundingMode.RNA, OverflowRule.FINITE, 0),
                "e8m7:ieee",
                quantizer("e11m20", RoundingMode.RTO, none, 0),
                step(8, 8),
                3,
                60_000));
    List<Result> results = UpdateCampaign.run(cases);
    summarize("wide exponents", results);
  }

  /** What must occur: all but what the formats rule out. */
  private static EnumSet<Kind> reachable(UpdateUnit unit) {
    if (unit.weight().format() instanceof FixedFormat) {
      return EnumSet.of(Kind.EXACT, Kind.INEXACT, Kind.OVERFLOW, Kind.ZERO, Kind.NORMAL);
    }
    FloatFormat w = (FloatFormat) unit.weight().format();
    FloatFormat g = (FloatFormat) unit.gradient();
    FloatFormat p = (FloatFormat) unit.product().map(Quantizer::format).orElse(g);
    boolean fused = unit.product().isEmpty();
    FixedFormat step = unit.step();
    int finest = p.emin() - p.fracBits() - (fused ? step.fracBits() : 0);
    int largest = p.emax() + (fused ? step.intBits() - 1 : 0);
    EnumSet<Kind> kinds = EnumSet.allOf(Kind.class);
    if (!w.subnormals()) {
      kinds.remove(Kind.SUBNORMAL);
    }
    if (unit.weight().overflow() == OverflowRule.FINITE) {
      kinds.remove(Kind.INFINITE);
    }
    if (w.subnormals() && finest >= w.emin() - w.fracBits()) {
      kinds.remove(Kind.UNDERFLOW); // every difference of that size is exact
    }
    if (largest < w.emax() - w.fracBits()) {
      kinds.remove(Kind.OVERFLOW);
    }
    boolean signaling = w.family() == Family.IEEE || g.family() == Family.IEEE && g.fracBits() > 1;
    if (!signaling && !g.hasInfinity()) {
      kinds.remove(Kind.INVALID);
    }
    return kinds;
  }

  // ---- Small formats, and all of everything

  @Test
  void equalsTheEmulatorOnAllPairsOfSmallFormats() throws Exception {
    List<Case> cases = new ArrayList<>();
    String[] names = {"e2m1fn", "e3m2fn", "e2m3fn", "e1m0:finite", "e3m0:ieee", "e1m2:p3109sf"};
    for (int i = 0; i < names.length; i++) {
      Quantizer w =
          i % 2 == 0
              ? quantizer(names[i], RoundingMode.SR, OverflowRule.FINITE, 3 + i)
              : quantizer(names[i], RoundingMode.RNE, OverflowRule.NONE, 0);
      Format g = FormatName.parse(names[(i + 1) % names.length]).format();
      cases.add(
          exhaustive(new UpdateUnit(w, g, Optional.empty(), step(4, 3)), LANES[i % 4], STALLS[3]));
    }
    List<Result> results = UpdateCampaign.run(cases);
    summarize("2- to 6-bit floats, all pairs", results);
  }

  @Test
  @Tag("long")
  void equalsTheEmulatorOverTheFullFactorialOf8BitFloats() throws Exception {
    List<Case> cases = new ArrayList<>();
    RandomWidths widths = new RandomWidths();
    int[] row = new int[FLOAT_SIZES.length];
    for (int i = 0; i < 6 * 7 * 3 * 2 * 2 * 2 * 4; i++) {
      int rest = i;
      for (int f : new int[] {0, 1, 2, FUSED, 4, 5}) {
        row[f] = rest % FLOAT_SIZES[f];
        rest /= FLOAT_SIZES[f];
      }
      for (int f = 6; f < row.length; f++) {
        row[f] = (int) (Integer.toUnsignedLong((i * 31 + f) * 0x9E3779B9) * FLOAT_SIZES[f] >>> 32);
      }
      if (FLOAT_DESIGN.isLegal(row)) {
        cases.add(floatCase(row, widths));
      }
    }
    summarize("8-bit floats, full factorial", UpdateCampaign.run(cases));
  }

  @Test
  @Tag("long")
  void equalsTheEmulatorOn16BitFormatsForLong() throws Exception {
    summarize("16-bit formats, 10^10 vectors", UpdateCampaign.run(wideCases(10_000_000_000L)));
  }

  // ---- Counting

  private static void add(long[] sum, long[] counts) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += counts[i];
    }
  }

  private static void requireAll(Set<Kind> kinds, long[] counts, String what) {
    for (Kind kind : kinds) {
      assertTrue(
          counts[kind.ordinal()] > 0,
          () -> "%s: no result is %s; %s".formatted(what, kind, Outcomes.describe(counts)));
    }
  }

  /** Prints and asserts: every vector compared, none differing, against both twins. */
  private static void summarize(String what, List<Result> results) {
    UpdateCrossCheck.Counts fast = UpdateCrossCheck.Counts.NONE;
    UpdateCrossCheck.Counts exact = UpdateCrossCheck.Counts.NONE;
    long[] outcomes = new long[Kind.values().length];
    for (Result r : results) {
      fast = fast.plus(r.fast());
      exact = exact.plus(r.exact());
      add(outcomes, r.outcomes());
    }
    System.out.printf(
        "RTL = emulator, %s: %d units, %d compared, %d distinct, %d differing;"
            + " exact twin: %d compared, %d differing%n  %s%n",
        what,
        results.size(),
        fast.compared(),
        fast.distinct(),
        fast.differing(),
        exact.compared(),
        exact.differing(),
        Outcomes.describe(outcomes));
    System.out.printf(
        "  cycles %d, RTL %.1f s, emulator %.1f s, exact twin %.1f s%n",
        fast.cycles(),
        fast.simulateNanos() / 1e9,
        fast.emulateNanos() / 1e9,
        exact.emulateNanos() / 1e9);
    TreeMap<String, Long> differing = new TreeMap<>();
    for (Result r : results) {
      r.first().ifPresent(m -> differing.put(m.report(), r.fast().differing()));
      assertEquals(r.of().vectors(), r.fast().compared(), () -> "" + r.of().unit());
      assertEquals(r.of().exactVectors(), r.exact().compared(), () -> "" + r.of().unit());
      assertTrue(r.fast().compared() > 0 && r.exact().compared() > 0);
    }
    assertTrue(differing.isEmpty(), () -> "" + differing);
  }
}
