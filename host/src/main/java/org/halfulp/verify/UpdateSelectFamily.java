package org.halfulp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;

/**
 * {@code sgd_update_select.v}: {@code --format} is the weights', {@code --to} the gradients', both
 * chosen at its {@code cfg_*} ports, so that all of them share one build.
 */
final class UpdateSelectFamily implements UnitFamily {
  private static final String STEP_FRAC = "STEP_FRAC"; // a port, not a parameter

  @Override
  public String top() {
    return "sgd_update_select";
  }

  @Override
  public String summary() {
    return "w - step * g, formats chosen at ports; --to is the gradients' format, --set STEP_FRAC=8";
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.perBeat()) {
      throw new IllegalArgumentException(
          "sgd_update_select has one mode for all beats, at a port: give --rounding a mode");
    }
    Map<String, Long> p = new LinkedHashMap<>();
    p.put("STAGES", (long) request.stages().orElse(0));
    p.put("WIDTH", 16L);
    p.put("MAX_EXP_W", 8L);
    p.put("MAX_FRAC_W", 10L);
    p.put("BIAS_W", 10L);
    p.put("STEP_WIDTH", 8L);
    p.put("RAND_BITS", 12L);
    p.put(STEP_FRAC, 8L);
    for (Map.Entry<String, Long> e : request.parameters().entrySet()) {
      if (e.getKey().equals("STAGES") || !p.containsKey(e.getKey())) {
        throw new IllegalArgumentException(
            "--set of sgd_update_select: WIDTH MAX_EXP_W MAX_FRAC_W BIAS_W STEP_WIDTH RAND_BITS"
                + " STEP_FRAC, got "
                + e.getKey());
      }
      p.put(e.getKey(), e.getValue());
    }
    long stepFrac = p.remove(STEP_FRAC);
    long most = (1L << p.get("BIAS_W") - 1) - 1;
    if (Math.abs(stepFrac) > most) {
      throw new IllegalArgumentException(
          "--set STEP_FRAC of sgd_update_select must be in %d..%d, got %d"
              .formatted(-most, most, stepFrac));
    }
    Format weight = request.format().orElseGet(() -> FormatName.parse("e4m3fn").format());
    Format gradient = request.to().orElse(weight);
    fits("weight", weight, p);
    fits("gradient", gradient, p);
    if (weight instanceof FloatFormat != gradient instanceof FloatFormat) {
      throw new IllegalArgumentException(
          "sgd_update_select takes two float formats or two fixed ones, got %s and %s"
              .formatted(weight.name(), gradient.name()));
    }
    UnitRequest.Rounding r = request.rounding(weight);
    if (r.draws() && r.randomBits() > p.get("RAND_BITS")) {
      throw new IllegalArgumentException(
          "random bits must be in [1, RAND_BITS = %d], got %d"
              .formatted(p.get("RAND_BITS"), r.randomBits()));
    }
    UpdateUnit unit =
        new UpdateUnit(
            UnitRequest.quantizer(weight, r.mode().orElseThrow(), r.rule(), r.randomBits()),
            gradient,
            Optional.empty(),
            new FixedFormat(false, p.get("STEP_WIDTH").intValue(), (int) stepFrac));
    return new UpdateSelectUnit(unit, p);
  }

  private static void fits(String what, Format format, Map<String, Long> p) {
    long half = 1L << p.get("BIAS_W") - 1;
    boolean fits =
        format instanceof FloatFormat f
            ? f.family().ordinal() <= Family.P3109_SF.ordinal()
                && f.expBits() <= p.get("MAX_EXP_W")
                && f.fracBits() <= p.get("MAX_FRAC_W")
                && Math.abs(f.bias()) < half
            : format.signed()
                && format.width() >= 2
                && Math.abs(((FixedFormat) format).fracBits()) < half;
    if (!fits || format.width() > p.get("WIDTH")) {
      throw new IllegalArgumentException(
          "sgd_update_select takes a signed %s format of at most %d bits, a float of at most %d"
                  .formatted(what, p.get("WIDTH"), p.get("MAX_EXP_W"))
              + " exponent and %d fraction bits; got %s"
                  .formatted(p.get("MAX_FRAC_W"), format.name()));
    }
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    for (String format :
        List.of(
            "e4m3fn",
            "e5m2",
            "e4m3fnuz",
            "binary8p4se",
            "e2m1fn",
            "bf16",
            "fp16",
            "fp16:nosub",
            "e4m3:ieee,nosub",
            "e4m0:ieee", // infinities without a fraction
            "e1m7:ieee" // an overflow that is subnormal
            )) {
      for (RoundingMode mode : RoundingMode.values()) {
        if (!mode.fixedOnly()) {
          all.add(UnitRequest.DEFAULT.format(format).rounding(mode));
        }
      }
    }
    for (RoundingMode mode : RoundingMode.values()) {
      all.add(UnitRequest.DEFAULT.format("q4.4").to("q2.6").rounding(mode));
      all.add(UnitRequest.DEFAULT.format("q4.12").rounding(mode));
    }
    // Points far off, both kinds of ends, all random bits.
    all.add(far(7, -3, 5, 52, -50).rounding(RoundingMode.RNA).overflow(OverflowRule.SYMMETRIC));
    all.add(far(13, -300, 11, -200, -88).rounding(RoundingMode.RUP).overflow(OverflowRule.WRAP));
    all.add(far(3, 255, 15, 128, 133).rounding(RoundingMode.SR).randomBits(7));
    all.add(
        UnitRequest.DEFAULT
            .format("e3m2:ieee,bias=-300")
            .to("e3m3:fn,bias=-210")
            .with(STEP_FRAC, -85)
            .rounding(RoundingMode.SR)
            .randomBits(12));
    all.add(
        UnitRequest.DEFAULT
            .format("e4m3:fn,bias=500")
            .to("e2m2:ieee,bias=300")
            .with(STEP_FRAC, 200)
            .rounding(RoundingMode.RTO));
    return all;
  }

  private static UnitRequest far(int width, int frac, int gradient, int gradientFrac, long step) {
    return UnitRequest.DEFAULT
        .format(new FixedFormat(true, width, frac))
        .to(new FixedFormat(true, gradient, gradientFrac))
        .with(STEP_FRAC, step);
  }
}
