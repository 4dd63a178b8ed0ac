package org.halfulp.number;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What becomes of a result out of range; section 3. The order is the Verilog parameter RANGE. */
public enum OverflowRule {
  /** Float: as IEEE 754 for the rounding mode. */
  NONE("none", true),
  /** Float: the largest finite value, for infinities too. */
  FINITE("finite", true),
  /** Float: finite overflow saturates, infinities stay. */
  PROPAGATE("propagate", true),
  /** Fixed: the nearest end of the range. */
  SATURATE("saturate", false),
  /** Fixed: as saturate, and the smallest code of a signed format never appears. */
  SYMMETRIC("symmetric", false),
  /** Fixed: the low bits. */
  WRAP("wrap", false);

  private final String label;
  private final boolean forFloat;

  OverflowRule(String label, boolean forFloat) {
    this.label = label;
    this.forFloat = forFloat;
  }

  public String label() {
    return label;
  }

  public boolean fits(Format format) {
    return forFloat == (format instanceof FloatFormat);
  }

  /** {@code none} for float formats, {@code saturate} for fixed ones. */
  public static OverflowRule defaultFor(Format format) {
    return format instanceof FloatFormat ? NONE : SATURATE;
  }

  /** The rules that {@code format} may have, as words. */
  public static String choices(Format format) {
    return Arrays.stream(values())
        .filter(rule -> rule.fits(format))
        .map(OverflowRule::label)
        .collect(Collectors.joining(" "));
  }

  public static OverflowRule parse(String text) {
    String wanted = text.toLowerCase(Locale.ROOT);
    for (OverflowRule rule : values()) {
      if (rule.label.equals(wanted)) {
        return rule;
      }
    }
    throw new IllegalArgumentException(
        "unknown overflow rule '%s'; known: %s"
            .formatted(
                text,
                Arrays.stream(values()).map(OverflowRule::label).collect(Collectors.joining(" "))));
  }

  @Override
  public String toString() {
    return label;
  }
}
