package org.halfulp.cli;

import org.halfulp.input.InputException;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;
import org.halfulp.number.RoundingMode;
import picocli.CommandLine.Option;

/** The options that turn a format into a quantizer. */
final class RoundingOptions {
  @Option(
      names = "--rounding",
      paramLabel = "M",
      description = {
        "rne rna rtz rup rdn rto sr; for fixed point also half-up half-down half-zero. Default: "
            + "what an ap_fixed name carries, else rne."
      })
  private String rounding;

  @Option(
      names = "--overflow",
      paramLabel = "P",
      description = {
        "Float: none finite propagate. Fixed: saturate symmetric wrap. Default: what an ap_fixed "
            + "name carries, else none or saturate."
      })
  private String overflow;

  @Option(
      names = "--random-bits",
      paramLabel = "N",
      description = "Random bits of a rounding by sr, 1..32.")
  private String randomBits;

  boolean given() {
    return rounding != null || overflow != null || randomBits != null;
  }

  /** The quantizer of {@code format}, which {@code name} spelled, perhaps but for its switches. */
  Quantizer quantizer(FormatName name, Format format, boolean nanToZero) {
    RoundingMode mode =
        rounding == null ? name.rounding().orElse(RoundingMode.RNE) : RoundingMode.parse(rounding);
    OverflowRule rule =
        overflow == null
            ? name.overflow().orElse(OverflowRule.defaultFor(format))
            : OverflowRule.parse(overflow);
    if (mode == RoundingMode.SR && randomBits == null) {
      throw new InputException(
          "--rounding sr needs --random-bits N, 1 to %d".formatted(RandomBits.MAX_BITS));
    }
    int bits =
        randomBits == null ? 0 : (int) integer("--random-bits", randomBits, 1, RandomBits.MAX_BITS);
    return new Quantizer(format, mode, rule, bits, nanToZero);
  }

  /** Reads an integer, decimal or {@code 0x} hexadecimal, in {@code [min, max]}. */
  static long integer(String what, String text, long min, long max) {
    try {
      long value = Long.decode(text.startsWith("0x") ? text : text.replaceFirst("^0+(?=.)", ""));
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // falls through to the message
    }
    throw new InputException(
        "%s must be an integer in [%d, %d], got '%s'".formatted(what, min, max, text));
  }
}
