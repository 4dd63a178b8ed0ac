package org.halfulp.verify;

import java.util.Optional;
import org.halfulp.kernel.Momentum;
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
 * @param velocity what momentum adds
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
    int emulatorFlags,
    Optional<Velocity> velocity) {

  /**
   * The velocity of the update.
   *
   * @param before its code, {@code mu} the factor's
   * @param random draw of its rounding, if it is stochastic
   */
  public record Velocity(long before, long mu, Optional<Long> random, long rtl, long emulator) {}

  /** Without momentum. */
  public Mismatch(
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
    this(
        unit,
        where,
        w,
        g,
        step,
        random,
        productRandom,
        rtl,
        rtlFlags,
        emulator,
        emulatorFlags,
        Optional.empty());
  }

  /** Every port as code and value, over several lines. */
  public String report() {
    Format weight = unit.weight().format();
    StringBuilder text = new StringBuilder();
    text.append("RTL and emulator differ at ").append(where).append('\n');
    text.append("  sgd_update: ").append(unit).append('\n');
    line(text, "in_w", weight, w);
    line(text, "in_g", unit.gradient(), g);
    line(text, "in_step", unit.step(), step);
    velocity.ifPresent(v -> before(text, v));
    random.ifPresent(r -> randomLine(text, "random", unit.weight(), r));
    productRandom.ifPresent(r -> randomLine(text, "random (product)", unit.product().get(), r));
    velocity.ifPresent(v -> after(text, v));
    String exact = velocity.isEmpty() ? "exact w - step*g" : "exact w - step*v";
    text.append("  %-18s %-8s %s%n".formatted(exact, "", exactResult()));
    line(text, "out_w rtl", weight, rtl);
    line(text, "out_w emulator", weight, emulator);
    flagsLine(text, "out_flags rtl", rtlFlags);
    flagsLine(text, "out_flags emulator", emulatorFlags);
    return text.toString();
  }

  private void before(StringBuilder text, Velocity v) {
    Momentum momentum = unit.momentum().orElseThrow();
    line(text, "in_v", momentum.velocity().format(), v.before());
    line(text, "in_mu", momentum.factor(), v.mu());
    v.random().ifPresent(r -> randomLine(text, "random (velocity)", momentum.velocity(), r));
  }

  private void after(StringBuilder text, Velocity v) {
    Format format = unit.momentum().orElseThrow().velocity().format();
    line(text, "out_v rtl", format, v.rtl());
    line(text, "out_v emulator", format, v.emulator());
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
                    velocity
                        .map(v -> unit.direction().decode(v.emulator()))
                        .orElseGet(() -> unit.gradient().decode(g)),
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
