package org.halfulp.prove;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;
import org.halfulp.verify.UnitRequest;

/** Every cell of the matrix: each unit of the catalogue in its formats and modes. */
final class MatrixPlan {
  private static final List<String> FLOATS =
      List.of("e4m3:ieee", "e5m2", "e4m3fn", "e5m2fnuz", "binary8p4se", "e2m1fn", "bf16", "fp16");

  private static final long SAMPLES = 1 << 20;
  private static final long FEW_SAMPLES = 1 << 16; // of units that take microseconds a word
  private static final long STEP_SAMPLES = 1 << 18; // so that weights grow until they overflow
  private static final int RANDOM_BITS = 8;
  private static final int FMA_RANDOM_BITS = 3; // so that all 2^27 inputs of an 8-bit fma are run

  private static final Set<RoundingMode> FEW = EnumSet.of(RoundingMode.RNE, RoundingMode.SR);

  static final String TWO_MODES = "rne and sr only";

  private final List<Cell> cells = new ArrayList<>();

  private MatrixPlan() {}

  static List<Cell> cells() {
    MatrixPlan plan = new MatrixPlan();
    UnitRequest any = UnitRequest.DEFAULT;
    for (String f : FLOATS) {
      UnitRequest r = any.format(f);
      plan.line("fp_add", r);
      plan.line("fp_mul", r);
      plan.line("fp_fma", r.randomBits(FMA_RANDOM_BITS));
      plan.line("fp_round_pack", r);
      plan.line("fp_to_fx", r.to(isWide(f) ? "q8.8" : "q4.4"));
      plan.line("fx_to_fp", any.format("q8.8").to(f));
      plan.line("fp_quantize_select", any.format("fp16").to(f));
      plan.composite("sgd_update", r, SAMPLES, f.equals("fp16"));
      plan.line("sgd_update_select", r);
      boolean few = f.equals("fp16");
      plan.composite("polyak_average", r.to(isWide(f) ? "q4.12" : "q4.4"), SAMPLES, few);
      plan.composite("dot_product", r.to(f.equals("bf16") ? "bf16" : "fp16"), FEW_SAMPLES, few);
      plan.composite("linear_step", r, STEP_SAMPLES, isWide(f));
      if (!f.equals("fp16")) {
        plan.line("fp_convert", any.format("fp16").to(f));
      }
    }
    for (String[] pair :
        new String[][] {
          {"e4m3:ieee", "e5m2"},
          {"e5m2", "e4m3:ieee"},
          {"e4m3:ieee", "bf16"},
          {"e4m3fn", "bf16"},
          {"bf16", "fp16"},
          {"fp32", "bf16"}
        }) {
      plan.line("fp_convert", any.format(pair[0]).to(pair[1]));
    }
    for (String f : List.of("q4.4", "q2.6", "q8.8")) {
      plan.line("fx_add", any.format(f));
      plan.line("fx_mul", any.format(f));
    }
    plan.line("fx_mac", any.format("q4.4").to("q8.4"));
    plan.line("fx_mac", any.format("q8.8").to("q8.8"));
    plan.line("fx_requantize", any.format("q4.8").to("q4.4"));
    plan.line("fx_requantize", any.format("q8.8").to("q4.4"));
    plan.line("fx_requantize", any.format("q16.16").to("q8.8"));
    plan.line("fp_quantize_select", any.format("fp32").to("bf16"));
    UnitRequest fp8 = any.format("e4m3fn");
    plan.composite("dot_product", fp8.to("fp16").with("ORDER", 1), FEW_SAMPLES, true);
    plan.composite("dot_product", fp8.to("fp16").with("ORDER", 2), FEW_SAMPLES, true);
    plan.composite("dot_product", any.format("q4.4").to("q8.4"), FEW_SAMPLES, true);
    plan.composite("sgd_update", fp8.with("MOMENTUM", 1), SAMPLES, true);
    plan.composite("sgd_update", any.format("q4.4"), SAMPLES, true);
    plan.composite("sgd_update", any.format("q8.8"), SAMPLES, true);
    plan.line("sgd_update_select", any.format("q4.4"));
    plan.line("sgd_update_select", any.format("q4.12"));
    plan.composite("polyak_average", fp8.to("q4.12"), SAMPLES, true);
    plan.composite("polyak_average", any.format("q4.4").to("q4.4"), SAMPLES, true);
    plan.composite("linear_step", any.format("q4.8"), STEP_SAMPLES, true);
    for (int bits : List.of(1, 2, 7, 8, 12, 31, 32)) {
      plan.cells.add(
          new Cell(
              "random_bits",
              bits + " bits",
              Cell.NO_MODE,
              any.randomBits(bits),
              Map.of(),
              SAMPLES,
              Optional.empty()));
    }
    for (long momentum : List.of(0L, 1L)) {
      plan.cells.add(
          new Cell(
              "dq_compress",
              momentum == 0 ? "q4.4 4 bits" : "q4.4 4 bits momentum",
              Cell.NO_MODE,
              any.format("q4.4").with("MOMENTUM", momentum),
              Map.of(),
              SAMPLES,
              Optional.empty()));
    }
    plan.exact("xnor_dot", any.with("LENGTH", 8).with("WORD", 8));
    plan.exact("sign_dot", any.format("q2.2").with("LENGTH", 3).with("WORD", 3));
    return plan.cells;
  }

  private void exact(String unit, UnitRequest request) {
    cells.add(
        new Cell(
            unit,
            Cell.formats(request).strip(),
            Cell.NO_MODE,
            request,
            Map.of(),
            SAMPLES,
            Optional.empty()));
  }

  private static boolean isWide(String format) {
    return FormatName.parse(format).format().width() > RANDOM_BITS;
  }

  private void line(String unit, UnitRequest formats) {
    line(unit, formats, SAMPLES);
  }

  private void line(String unit, UnitRequest formats, long samples) {
    composite(unit, formats, samples, false);
  }

  /**
   * The modes that the result's kind has.
   *
   * @param few only two of them: a model each takes long to build, and the units that it is made of
   *     have every mode
   */
  private void composite(String unit, UnitRequest formats, long samples, boolean few) {
    Format result = formats.to().orElse(formats.format().orElseThrow());
    for (RoundingMode mode : RoundingMode.values()) {
      if (!mode.fixedOnly() || result instanceof FixedFormat) {
        UnitRequest r = formats.rounding(mode);
        if (mode == RoundingMode.SR || unit.equals("fp_quantize_select")) { // its port is there
          r = r.randomBits(formats.randomBits().orElse(RANDOM_BITS));
        }
        cells.add(
            new Cell(
                unit,
                Cell.formats(r),
                mode.label(),
                r,
                ties(unit, r),
                samples,
                few && !FEW.contains(mode) ? Optional.of(TWO_MODES) : Optional.empty()));
      }
    }
  }

  /** A selection at ports: operands and random words are exhausted, the rest stays. */
  private static Map<String, Long> ties(String unit, UnitRequest r) {
    if (!unit.equals("fp_quantize_select")) {
      return Map.of();
    }
    FloatFormat to = (FloatFormat) r.to().orElseThrow();
    Map<String, Long> ties = new LinkedHashMap<>();
    ties.put("in_exp_w", (long) to.expBits());
    ties.put("in_frac_w", (long) to.fracBits());
    ties.put("in_bias", (long) to.bias());
    ties.put("in_family", (long) to.family().ordinal());
    ties.put("in_subnormals", to.subnormals() ? 1L : 0L);
    ties.put("in_range", (long) OverflowRule.defaultFor(to).ordinal());
    ties.put("in_round", (long) r.rounding().orElseThrow().ordinal());
    ties.put("in_rand_bits", (long) r.randomBits().orElseThrow());
    if (r.rounding().orElseThrow() != RoundingMode.SR) {
      ties.put("in_rand", 0L);
    }
    return ties;
  }
}
