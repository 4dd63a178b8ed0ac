package org.halfulp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.number.Family;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.RoundingMode;

/** {@code fp_round_pack.v} by itself: {@code --format} is the result's. */
final class RoundPackFamily implements UnitFamily {
  private static final int MAX_FRACTION = 23;
  private static final int MAX_WIDTH = 62; // of in_sig, sticky bit included
  private static final List<String> PARAMETERS = List.of("IN_EXP_W", "IN_SIG_W", "SHIFT");

  @Override
  public String top() {
    return "fp_round_pack";
  }

  @Override
  public String summary() {
    return "sign, exponent and significand to a float; --set IN_EXP_W IN_SIG_W SHIFT";
  }

  @Override
  public Unit unit(UnitRequest request) {
    Format format = request.format().orElseGet(() -> FormatName.parse("e4m3:ieee").format());
    if (request.to().isPresent() || request.stages().orElse(0) != 0) {
      throw new IllegalArgumentException(
          "fp_round_pack is combinational and has one format: no --to, no --stages");
    }
    if (!(format instanceof FloatFormat f)
        || f.family().ordinal() > Family.P3109_SF.ordinal()
        || f.fracBits() > MAX_FRACTION) {
      throw new IllegalArgumentException(
          "fp_round_pack takes a signed float format of at most %d fraction bits, got %s"
              .formatted(MAX_FRACTION, format.name()));
    }
    UnitRequest.Rounding rounding = request.rounding(f);
    int least = f.fracBits() + rounding.randomBits() + 2;
    Map<String, Long> p = new LinkedHashMap<>();
    p.put("IN_EXP_W", f.expBits() + 2L);
    p.put("IN_SIG_W", least + 1L);
    p.put("SHIFT", 1L);
    for (Map.Entry<String, Long> e : request.parameters().entrySet()) {
      if (!PARAMETERS.contains(e.getKey())) {
        throw new IllegalArgumentException(
            "--set of fp_round_pack: %s, got %s"
                .formatted(String.join(" ", PARAMETERS), e.getKey()));
      }
      p.put(e.getKey(), e.getValue());
    }
    within("IN_EXP_W", p.get("IN_EXP_W"), f.expBits() + 1, 13);
    within("IN_SIG_W", p.get("IN_SIG_W"), least, MAX_WIDTH - 1);
    within("SHIFT", p.get("SHIFT"), 0, 1);
    return new RoundPackUnit(f, rounding, p);
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
    for (String format :
        List.of("e4m3:ieee", "e4m3fn", "e5m2fnuz", "binary8p3se", "e2m1fn", "bf16", "fp16")) {
      all.add(UnitRequest.DEFAULT.format(format).roundingPerBeat());
    }
    UnitRequest small = UnitRequest.DEFAULT.format("e4m3:ieee,nosub");
    for (RoundingMode mode : RoundingMode.values()) {
      if (!mode.fixedOnly()) {
        all.add(small.rounding(mode).with("SHIFT", 0));
      }
    }
    return all;
  }
}
