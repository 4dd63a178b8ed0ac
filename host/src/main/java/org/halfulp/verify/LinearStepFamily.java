package org.halfulp.verify;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.Momentum;
import org.halfulp.learn.Datapath;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/**
 * {@code linear_step.v}: {@code --format} is that of every tensor, {@code --to} the accumulators';
 * without one they are exact and have none.
 */
final class LinearStepFamily implements UnitFamily {
  private static final FixedFormat STEP = new FixedFormat(false, 8, 8);
  private static final long STEP_CODE = 4; // 2^-6: a step of 64 features does not diverge
  private static final long MU = 205; // 0.8
  private static final Format INPUT = new FixedFormat(true, 12, 9);
  private static final Set<String> SETTINGS = Set.of("ROWS", "MOMENTUM", "F_ORDER", "B_ORDER");

  @Override
  public String top() {
    return "linear_step";
  }

  @Override
  public String summary() {
    return "a training step of a linear model; --to is the sums' format, --set ROWS=1 MOMENTUM=0"
        + " F_ORDER=0 B_ORDER=0";
  }

  @Override
  public Unit unit(UnitRequest request) {
    if (request.perBeat() || request.stages().isPresent()) {
      throw new IllegalArgumentException(
          "linear_step has its rounding mode as a parameter only, and no --stages");
    }
    for (Map.Entry<String, Long> p : request.parameters().entrySet()) {
      if (!SETTINGS.contains(p.getKey())) {
        throw new IllegalArgumentException(
            "--set of linear_step: ROWS, MOMENTUM, F_ORDER or B_ORDER; got " + p.getKey());
      }
    }
    Format format = request.format().orElseGet(() -> FormatName.parse("e4m3fn").format());
    RoundingMode mode = request.rounding().orElse(RoundingMode.RNE);
    int bits = request.randomBits().orElse(UnitRequest.RANDOM_BITS);
    Optional<Quantizer> q =
        Optional.of(
            UnitRequest.quantizer(format, mode, request.overflow().orElse(rule(format)), bits));
    Optional<Quantizer> sum =
        request.to().map(to -> UnitRequest.quantizer(to, mode, rule(to), bits));
    Datapath path =
        new Datapath(
            q,
            q,
            q,
            q,
            q,
            q,
            accumulator(request, "F_ORDER", sum),
            accumulator(request, "B_ORDER", sum),
            q,
            Optional.empty(),
            STEP,
            1,
            0);
    if (setting(request, "MOMENTUM", 0, 0, 1) == 1) {
      path = path.with(new Momentum(q.get(), STEP), MU);
    }
    return new LinearStepUnit(path, INPUT, setting(request, "ROWS", 1, 1, 64), STEP_CODE);
  }

  /** Infinite weights would stay so. */
  private static OverflowRule rule(Format format) {
    return format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
  }

  private static Accumulator accumulator(
      UnitRequest request, String name, Optional<Quantizer> sum) {
    Order order = Order.values()[setting(request, name, 0, 0, 2)];
    return new Accumulator(order, order == Order.TREE ? 2 : 0, sum, Optional.empty());
  }

  private static int setting(UnitRequest request, String name, long plain, long min, long max) {
    long value = request.parameters().getOrDefault(name, plain);
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "--set %s of linear_step must be in %d..%d, got %d".formatted(name, min, max, value));
    }
    return (int) value;
  }

  @Override
  public List<UnitRequest> matrix() {
    UnitRequest fp8 = UnitRequest.DEFAULT.format("e4m3fn");
    UnitRequest fixed = UnitRequest.DEFAULT.format("q4.8").rounding(RoundingMode.SR);
    return List.of(
        fp8,
        fp8.rounding(RoundingMode.SR),
        fp8.to("fp16").rounding(RoundingMode.RDN).with("F_ORDER", 2).with("B_ORDER", 2),
        fixed,
        fixed
            .to("q8.12")
            .with("F_ORDER", 1)
            .with("B_ORDER", 1)
            .with("ROWS", 5)
            .with("MOMENTUM", 1));
  }
}
