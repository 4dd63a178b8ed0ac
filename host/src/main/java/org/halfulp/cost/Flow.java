package org.halfulp.cost;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a unit is measured: between one register rank on every input and one on every output.
 *
 * @param seeds of place and route, the median of which counts; 0: synthesis alone
 * @param abc9 the timing-driven mapper
 * @param dsp multiplications may go into multiplier blocks
 * @param flags {@code out_flags} counts; otherwise it stays unconnected
 * @param sub {@code in_sub} is an input; otherwise it is 0
 * @param stream valid, ready and reset are ports; otherwise they are 1: the datapath alone
 * @param limit of one run of a tool
 */
public record Flow(
    Target target,
    int seeds,
    boolean abc9,
    boolean dsp,
    boolean flags,
    boolean sub,
    boolean stream,
    Duration limit) {
  public static final int MAX_SEEDS = 100;

  /** What {@code rtl/area.sh} measures. */
  public static final Flow DEFAULT =
      new Flow(Target.ICE40, 3, false, false, true, false, false, Duration.ofMinutes(10));

  public Flow {
    if (seeds < 0 || seeds > MAX_SEEDS) {
      throw new IllegalArgumentException(
          "seeds must be in [0, %d], got %d".formatted(MAX_SEEDS, seeds));
    }
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("limit must be positive, got " + limit);
    }
  }

  public Flow target(Target t) {
    return new Flow(t, seeds, abc9, dsp, flags, sub, stream, limit);
  }

  public Flow seeds(int n) {
    return new Flow(target, n, abc9, dsp, flags, sub, stream, limit);
  }

  public Flow abc9(boolean on) {
    return new Flow(target, seeds, on, dsp, flags, sub, stream, limit);
  }

  public Flow dsp(boolean on) {
    return new Flow(target, seeds, abc9, on, flags, sub, stream, limit);
  }

  public Flow flags(boolean on) {
    return new Flow(target, seeds, abc9, dsp, on, sub, stream, limit);
  }

  public Flow sub(boolean on) {
    return new Flow(target, seeds, abc9, dsp, flags, on, stream, limit);
  }

  public Flow stream(boolean on) {
    return new Flow(target, seeds, abc9, dsp, flags, sub, on, limit);
  }

  public Flow limit(Duration d) {
    return new Flow(target, seeds, abc9, dsp, flags, sub, stream, d);
  }

  /** Names of the figures that a unit has which fits the device. */
  public List<String> figures() {
    if (target == Target.GENERIC) {
      return List.of(Figure.AIG_NODES, Figure.AIG_DEPTH);
    }
    List<String> synthesis =
        List.of(Figure.LUT, Figure.CARRY, Figure.FF, Figure.DSP, Figure.RAM, Figure.LEVELS);
    List<String> routed = isRouted() ? List.of(Figure.LC, Figure.FMAX) : List.of();
    return Stream.of(synthesis, routed).flatMap(List::stream).toList();
  }

  boolean isRouted() {
    return target.isRouted() && seeds > 0;
  }

  /** What decides the figures. */
  String key() {
    return "%s %d %b %b %b %b %b".formatted(target, seeds, abc9, dsp, flags, sub, stream);
  }
}
