package org.halfulp.verify;

import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.sim.VerilatorBuild;

/** Verilog parameters of the composite units, whose operands may be of either kind. */
final class Parameters {
  private Parameters() {}

  /** {@code X_KIND X_WIDTH X_FRAC} and, for floats, {@code X_EXP X_BIAS X_FAMILY X_DAZ}. */
  static VerilatorBuild operand(VerilatorBuild build, String prefix, Format format) {
    return fields(
        build.with(prefix + "KIND", format instanceof FloatFormat ? 1 : 0), prefix, format);
  }

  private static VerilatorBuild fields(VerilatorBuild build, String prefix, Format format) {
    VerilatorBuild with = build.with(prefix + "WIDTH", format.width());
    if (format instanceof FixedFormat fixed) {
      return with.with(prefix + "FRAC", fixed.fracBits());
    }
    FloatFormat f = (FloatFormat) format;
    return with.with(prefix + "EXP", f.expBits())
        .with(prefix + "FRAC", f.fracBits())
        .with(prefix + "BIAS", f.bias())
        .with(prefix + "FAMILY", f.family().ordinal())
        .with(prefix + "DAZ", f.daz() ? 1 : 0);
  }

  /** Those of a format that results are rounded to, with its roundings. */
  static VerilatorBuild quantizer(VerilatorBuild build, String prefix, Quantizer q) {
    return result(
        build.with(prefix + "KIND", q.format() instanceof FloatFormat ? 1 : 0), prefix, q);
  }

  /** The same without {@code X_KIND}. */
  static VerilatorBuild result(VerilatorBuild build, String prefix, Quantizer q) {
    VerilatorBuild with = rounding(fields(build, prefix, q.format()), prefix, q);
    return q.format() instanceof FloatFormat f
        ? with.with(prefix + "SUBNORMALS", f.subnormals() ? 1 : 0)
        : with;
  }

  static VerilatorBuild rounding(VerilatorBuild build, String prefix, Quantizer q) {
    VerilatorBuild with =
        build
            .with(prefix + "ROUND", q.rounding().ordinal())
            .with(prefix + "RANGE", q.overflow().ordinal());
    return q.draws() ? with.with(prefix + "RAND_BITS", q.randomBits()) : with;
  }

  /**
   * Refuses formats that the composite units cannot express.
   *
   * @throws IllegalArgumentException naming the format and what is accepted
   */
  static void check(String unit, String what, Format format) {
    boolean fits =
        format.signed()
            && format.width() >= 2
            && format.width() <= 32
            && (!(format instanceof FloatFormat f)
                || f.family().ordinal() <= Family.P3109_SF.ordinal() && f.expBits() <= 8);
    if (!fits) {
      throw new IllegalArgumentException(
          "%s takes a signed %s format of 2 to 32 bits, a float of at most 8 exponent bits; got %s"
              .formatted(unit, what, format.name()));
    }
  }
}
