package org.halfulp.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;

/** {@code sgd_update.v}: {@code --format} is the weights', {@code --to} the gradients'. */
final class SgdUpdateFamily implements UnitFamily {
  private static final FixedFormat STEP = new FixedFormat(false, 8, 8);

  @Override
  public String top() {
    return "sgd_update";
  }

  @Override
  public String summary() {
    return "w - step * g with its random streams; --to is the gradients' format";
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.perBeat()) {
      throw new IllegalArgumentException("sgd_update has its rounding mode as a parameter only");
    }
    Format weight = request.format().orElseGet(() -> FormatName.parse("e4m3fn").format());
    Format gradient = request.to().orElse(weight);
    RoundingMode mode = request.rounding().orElse(RoundingMode.RNE);
    OverflowRule rule = request.overflow().orElse(OverflowRule.defaultFor(weight));
    int bits = request.randomBits().orElse(UnitRequest.RANDOM_BITS);
    UpdateUnit unit =
        new UpdateUnit(
            UnitRequest.quantizer(weight, mode, rule, bits),
            gradient,
            Optional.empty(),
            STEP,
            request.parameters().getOrDefault("MOMENTUM", 0L) == 0
                ? Optional.empty()
                : Optional.of(new Momentum(UnitRequest.quantizer(weight, mode, rule, bits), STEP)));
    return new SgdUpdateUnit(unit, request.parameters());
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    for (String format : List.of("e4m3fn", "bf16", "q4.4", "q8.8")) {
      for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.RTZ, RoundingMode.SR)) {
        all.add(UnitRequest.DEFAULT.format(format).rounding(mode));
        if (mode != RoundingMode.RTZ) {
          all.add(UnitRequest.DEFAULT.format(format).rounding(mode).with("MOMENTUM", 1));
        }
      }
    }
    return all;
  }
}
