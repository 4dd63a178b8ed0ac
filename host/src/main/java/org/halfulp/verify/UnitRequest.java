package org.halfulp.verify;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/**
 * What a user asks of a unit; what is empty takes the unit's default.
 *
 * @param format of the operands
 * @param to of the result, where it may differ
 * @param rounding the mode; {@link #perBeat} says that it is an input instead
 * @param perBeat the mode is the port {@code in_round}
 * @param randomBits of stochastic rounding
 * @param stages pipeline ranks
 * @param parameters further Verilog parameters by name
 */
public record UnitRequest(
    Optional<Format> format,
    Optional<Format> to,
    Optional<RoundingMode> rounding,
    boolean perBeat,
    Optional<OverflowRule> overflow,
    Optional<Integer> randomBits,
    Optional<Integer> stages,
    Map<String, Long> parameters) {

  /** Random bits where stochastic rounding is asked for and their number is not. */
  public static final int RANDOM_BITS = 8;

  public static final UnitRequest DEFAULT =
      new UnitRequest(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of());

  public UnitRequest {
    if (perBeat && rounding.isPresent()) {
      throw new IllegalArgumentException("a mode is a parameter or an input, not both");
    }
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  public UnitRequest format(String name) {
    return format(FormatName.parse(name).format());
  }

  public UnitRequest format(Format f) {
    return new UnitRequest(
        Optional.of(f), to, rounding, perBeat, overflow, randomBits, stages, parameters);
  }

  public UnitRequest to(String name) {
    return to(FormatName.parse(name).format());
  }

  public UnitRequest to(Format f) {
    return new UnitRequest(
        format, Optional.of(f), rounding, perBeat, overflow, randomBits, stages, parameters);
  }

  public UnitRequest rounding(RoundingMode mode) {
    return new UnitRequest(
        format, to, Optional.of(mode), false, overflow, randomBits, stages, parameters);
  }

  /** The mode as an input of each beat. */
  public UnitRequest roundingPerBeat() {
    return new UnitRequest(
        format, to, Optional.empty(), true, overflow, randomBits, stages, parameters);
  }

  public UnitRequest overflow(OverflowRule rule) {
    return new UnitRequest(
        format, to, rounding, perBeat, Optional.of(rule), randomBits, stages, parameters);
  }

  public UnitRequest randomBits(int bits) {
    return new UnitRequest(
        format, to, rounding, perBeat, overflow, Optional.of(bits), stages, parameters);
  }

  public UnitRequest stages(int ranks) {
    return new UnitRequest(
        format, to, rounding, perBeat, overflow, randomBits, Optional.of(ranks), parameters);
  }

  /** Adds or replaces a Verilog parameter. */
  public UnitRequest with(String parameter, long value) {
    Map<String, Long> more = new LinkedHashMap<>(parameters);
    more.put(parameter, value);
    return new UnitRequest(format, to, rounding, perBeat, overflow, randomBits, stages, more);
  }

  /**
   * How results are rounded, defaults filled in.
   *
   * @param mode empty: it is an input
   * @param randomBits width of a random word; 1 where nothing is drawn
   */
  record Rounding(Optional<RoundingMode> mode, OverflowRule rule, int randomBits) {
    boolean draws() {
      return mode.orElse(RoundingMode.SR) == RoundingMode.SR;
    }
  }

  /**
   * The rounding to {@code result}.
   *
   * @throws IllegalArgumentException if mode, rule and bits do not go together
   */
  Rounding rounding(Format result) {
    Optional<RoundingMode> mode =
        perBeat ? Optional.empty() : Optional.of(rounding.orElse(RoundingMode.RNE));
    OverflowRule rule = overflow.orElse(OverflowRule.defaultFor(result));
    boolean draws = mode.orElse(RoundingMode.SR) == RoundingMode.SR;
    Rounding r = new Rounding(mode, rule, draws ? randomBits.orElse(RANDOM_BITS) : 1);
    quantizer(result, mode.orElse(RoundingMode.SR), rule, r.randomBits());
    return r;
  }

  /** The quantizer of {@code result} in {@code mode}; NaN that has no code becomes 0. */
  static Quantizer quantizer(Format result, RoundingMode mode, OverflowRule rule, int randomBits) {
    return new Quantizer(result, mode, rule, mode == RoundingMode.SR ? randomBits : 0, true);
  }
}
