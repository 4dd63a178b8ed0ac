package org.halfulp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.number.Family;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.RoundingMode;

/**
 * {@code fp_quantize_select.v}: {@code --format} is the operands'; what else is asked for narrows
 * the selections that are drawn.
 */
final class QuantizeSelectFamily implements UnitFamily {
  private static final int BIAS_WIDTH = 10;

  @Override
  public String top() {
    return "fp_quantize_select";
  }

  @Override
  public String summary() {
    return "float to a float format of each beat; --to, --rounding, --overflow keep it to one";
  }

  @Override
  public Unit unit(UnitRequest request) {
    Format from = request.format().orElse(FloatFormat.FLOAT32);
    if (!(from instanceof FloatFormat a) || a.family().ordinal() > Family.P3109_SF.ordinal()) {
      throw new IllegalArgumentException(
          "fp_quantize_select takes a signed float format, got " + from.name());
    }
    Map<String, Long> p = new LinkedHashMap<>();
    p.put("STAGES", (long) request.stages().orElse(0));
    p.put("MAX_EXP_W", 8L);
    p.put("MAX_FRAC_W", 23L);
    p.put("RAND_BITS", (long) request.randomBits().orElse(12));
    for (Map.Entry<String, Long> e : request.parameters().entrySet()) {
      if (!e.getKey().startsWith("MAX_") || !p.containsKey(e.getKey())) {
        throw new IllegalArgumentException(
            "--set of fp_quantize_select: MAX_EXP_W MAX_FRAC_W, got " + e.getKey());
      }
      p.put(e.getKey(), e.getValue());
    }
    within("MAX_EXP_W", p.get("MAX_EXP_W"), 2, 8);
    within("MAX_FRAC_W", p.get("MAX_FRAC_W"), 1, 23);
    p.put("BIAS_W", (long) BIAS_WIDTH);
    if (request.rounding().filter(RoundingMode::fixedOnly).isPresent()) {
      throw new IllegalArgumentException(
          "rounding %s is for fixed point only".formatted(request.rounding().get()));
    }
    request.to().ifPresent(to -> fits(to, p));
    request.overflow().ifPresent(rule -> UnitRequest.quantizer(a, RoundingMode.RNE, rule, 0));
    return new QuantizeSelectUnit(
        a, request.to().map(to -> (FloatFormat) to), request.rounding(), request.overflow(), p);
  }

  private static void fits(Format to, Map<String, Long> p) {
    if (!(to instanceof FloatFormat f)
        || f.family().ordinal() > Family.P3109_SF.ordinal()
        || f.expBits() > p.get("MAX_EXP_W")
        || f.fracBits() > p.get("MAX_FRAC_W")
        || f.bias() << 32 - BIAS_WIDTH >> 32 - BIAS_WIDTH != f.bias()
        || f.daz()) {
      throw new IllegalArgumentException(
          "fp_quantize_select gives signed floats of at most %d exponent and %d fraction bits, got %s"
              .formatted(p.get("MAX_EXP_W"), p.get("MAX_FRAC_W"), to.name()));
    }
  }

  private static void within(String name, long value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s must be in [%d, %d], got %d".formatted(name, min, max, value));
    }
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    all.add(UnitRequest.DEFAULT);
    all.add(
        UnitRequest.DEFAULT.stages(1).format("fp16").with("MAX_EXP_W", 5).with("MAX_FRAC_W", 10));
    all.add(UnitRequest.DEFAULT.format("e5m2").with("MAX_EXP_W", 4).with("MAX_FRAC_W", 3));
    return all;
  }
}
