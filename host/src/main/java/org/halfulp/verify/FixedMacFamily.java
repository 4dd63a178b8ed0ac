package org.halfulp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;

/** {@code fx_mac.v}: {@code --format} is the operands', {@code --to} the accumulator's. */
final class FixedMacFamily implements UnitFamily {
  @Override
  public String top() {
    return "fx_mac";
  }

  @Override
  public String summary() {
    return "acc + a * b over runs of beats; fixed point";
  }

  @Override
  public Unit unit(UnitRequest request) {
    FixedFormat from = fixed(request.format().orElseGet(() -> format("q4.4")));
    FixedFormat to = fixed(request.to().orElseGet(() -> format("q8.8")));
    UnitRequest.Rounding rounding = request.rounding(to);
    Map<String, Long> p = new LinkedHashMap<>();
    p.put("STAGES", (long) request.stages().orElse(0));
    p.putAll(request.parameters());
    return new FixedMacUnit(
        from, from, to, rounding.mode(), rounding.rule(), rounding.randomBits(), p);
  }

  private static Format format(String name) {
    return FormatName.parse(name).format();
  }

  private static FixedFormat fixed(Format format) {
    Parameters.check("fx_mac", "fixed point", format);
    if (format instanceof FixedFormat f) {
      return f;
    }
    throw new IllegalArgumentException(
        "fx_mac takes signed fixed point of 2 to 32 bits, got " + format.name());
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    UnitRequest small = UnitRequest.DEFAULT.format("q4.4").to("q8.4");
    for (RoundingMode mode : RoundingMode.values()) {
      all.add(small.rounding(mode));
    }
    all.add(small.roundingPerBeat().stages(1));
    UnitRequest wide = UnitRequest.DEFAULT.format("q8.8").to("q8.8").stages(2);
    all.add(wide.rounding(RoundingMode.RNE));
    all.add(wide.rounding(RoundingMode.SR).overflow(OverflowRule.WRAP));
    return all;
  }
}
