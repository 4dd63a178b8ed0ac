package org.halfulp.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.RoundingMode;

/** {@code dot_product.v}: {@code --format} is the operands', {@code --to} the sums'. */
final class DotProductFamily implements UnitFamily {
  private static final String ORDER = "ORDER";

  @Override
  public String top() {
    return "dot_product";
  }

  @Override
  public String summary() {
    return "sum of a * b; --to is the sums' format, --set ORDER=0 exact, 1 sequential, 2 tree";
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.perBeat() || request.stages().isPresent()) {
      throw new IllegalArgumentException(
          "dot_product has its rounding mode as a parameter only, and no --stages");
    }
    Format operands = request.format().orElseGet(() -> FormatName.parse("e4m3fn").format());
    Format sum = request.to().orElseGet(() -> FormatName.parse("fp16").format());
    Parameters.check(top(), "operand", operands);
    Parameters.check(top(), "sum", sum);
    for (Map.Entry<String, Long> p : request.parameters().entrySet()) {
      if (!p.getKey().equals(ORDER) || p.getValue() < 0 || p.getValue() > 2) {
        throw new IllegalArgumentException(
            "--set of dot_product: ORDER=0 exact, ORDER=1 sequential, ORDER=2 tree; got %s=%d"
                .formatted(p.getKey(), p.getValue()));
      }
    }
    Order order = Order.values()[request.parameters().getOrDefault(ORDER, 0L).intValue()];
    UnitRequest.Rounding r = request.rounding(sum);
    Accumulator accumulator =
        new Accumulator(
            order,
            order == Order.TREE ? 2 : 0,
            Optional.of(
                UnitRequest.quantizer(sum, r.mode().orElseThrow(), r.rule(), r.randomBits())),
            Optional.empty());
    return new DotProductUnit(operands, accumulator);
  }

  @Override
  public List<UnitRequest> matrix() {
    List<UnitRequest> all = new ArrayList<>();
    for (long order = 0; order <= 2; order++) {
      UnitRequest any = UnitRequest.DEFAULT.with(ORDER, order);
      for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.RDN, RoundingMode.SR)) {
        all.add(any.format("e4m3fn").to("fp16").rounding(mode));
        all.add(any.format("q4.4").to("q8.4").rounding(mode));
      }
      all.add(any.format("e5m2").to("e5m2"));
      all.add(any.format("e2m1fn").to("bf16"));
      all.add(any.format("e3m4:ieee").to("q8.8"));
    }
    return all;
  }
}
