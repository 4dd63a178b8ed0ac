package org.halfulp.verify;

import java.util.Optional;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/**
 * One update on which the twins differ.
 *
 * @param where in words: "step 17, lane 2 (weight 6)"
 * @param random draw of the weight's rounding, if it is stochastic
 * @param productRandom draw of the product's, likewise
 */
public record Mismatch(
    UpdateUnit unit,
    String where,
    long w,
    long g,
    long step,
    Optional<Long> random,
    Optional<Long> productRandom,
    long rtl,
    int rtlFlags,
    long emulator,
    int emulatorFlags) {

  /** Every port as code and value, over several lines. */
  public String report() {
    Format weight = unit.weight().format();
    StringBuilder text = new StringBuilder();
    text.append("RTL and emulator differ at ").append(where).append('\n');
    text.append("  sgd_update: ").append(unit).append('\n');
    line(text, "in_w", weight, w);
    line(text, "in_g", unit.gradient(), g);
    line(text, "in_step", unit.step(), step);
    random.ifPresent(r -> randomLine(text, "random", unit.weight(), r));
    productRandom.ifPresent(r -> randomLine(text, "random (product)", unit.product().get(), r));
    text.append("  %-18s %-8s %s%n".formatted("exact w - step*g", "", exactResult()));
    line(text, "out_w rtl", weight, rtl);
    line(text, "out_w emulator", weight, emulator);
    flagsLine(text, "out_flags rtl", rtlFlags);
    flagsLine(text, "out_flags emulator", emulatorFlags);
    return text.toString();
  }

  private static void line(StringBuilder text, String port, Format format, long code) {
    text.append(
        "  %-18s %-8s %s%n".formatted(port, format.hex(code), value(format.toDouble(code))));
  }

  private static void flagsLine(StringBuilder text, String port, int flags) {
    text.append("  %-18s 0x%02x     %s%n".formatted(port, flags, Flags.describe(flags)));
  }

  private static void randomLine(StringBuilder text, String port, Quantizer q, long r) {
    text.append("  %-18s 0x%-6x of 2^%d%n".formatted(port, r, q.randomBits()));
  }

  /** To 53 bits, which shows on which side of a tie the exact result lies. */
  private String exactResult() {
    Quantizer odd = new Quantizer(FloatFormat.FLOAT64, RoundingMode.RTO);
    double exact =
        Double.longBitsToDouble(
            Arithmetic.fma(
                    unit.step().decode(step).negate(),
                    unit.gradient().decode(g),
                    unit.weight().format().decode(w),
                    odd,
                    0)
                .code());
    return value(exact);
  }

  private static String value(double x) {
    return Double.isFinite(x) ? "%s (%s)".formatted(x, Double.toHexString(x)) : String.valueOf(x);
  }
}
