package org.halfulp.verify;

import java.util.ArrayList;
import java.util.List;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/** {@code polyak_average.v}: {@code --format} is the weights', {@code --to} the average's. */
final class PolyakAverageFamily implements UnitFamily {
  private static final FixedFormat FACTOR = new FixedFormat(false, 8, 8);

  @Override
  public String top() {
    return "polyak_average";
  }

  @Override
  public String summary() {
    return "a + c * (w - a); --to is the average's format, fixed point";
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.perBeat() || request.stages().isPresent() || !request.parameters().isEmpty()) {
      throw new IllegalArgumentException(
          "polyak_average has its rounding mode as a parameter only, and no --stages or --set");
    }
    Format weight = request.format().orElseGet(() -> FormatName.parse("e4m3fn").format());
    Format average = request.to().orElseGet(() -> FormatName.parse("q4.12").format());
    Parameters.check(top(), "weight", weight);
    Parameters.check(top(), "average", average);
    if (!(average instanceof FixedFormat)) {
      throw new IllegalArgumentException(
          "polyak_average keeps its average in signed fixed point, got " + average.name());
    }
    UnitRequest.Rounding r = request.rounding(average);
    Quantizer q = UnitRequest.quantizer(average, r.mode().orElseThrow(), r.rule(), r.randomBits());
    return new PolyakAverageUnit(weight, q, FACTOR);
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    for (String format : List.of("e4m3fn", "e5m2", "bf16", "q4.4")) {
      for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.RTZ, RoundingMode.SR)) {
        all.add(UnitRequest.DEFAULT.format(format).to("q4.12").rounding(mode));
      }
    }
    return all;
  }
}
