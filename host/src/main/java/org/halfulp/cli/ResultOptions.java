package org.halfulp.cli;

import org.halfulp.input.InputException;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import picocli.CommandLine.Option;

/** Switches of a result's format. */
final class ResultOptions {
  @Option(
      names = "--subnormals",
      paramLabel = "on|off",
      description = "off: results are never subnormal. Default: as the format says.")
  private String subnormals;

  @Option(
      names = "--nan",
      paramLabel = "error|zero",
      defaultValue = "error",
      description = "NaN into a format without NaN. Default: error.")
  private String nan;

  Format switched(Format format) {
    if (subnormals == null) {
      return format;
    }
    boolean on = choice("--subnormals", subnormals, "off", "on");
    if (format instanceof FloatFormat f) {
      return f.withSubnormals(on);
    }
    throw new InputException("--subnormals is for float formats, and the result is in " + format);
  }

  boolean nanToZero() {
    return choice("--nan", nan, "error", "zero");
  }

  private static boolean choice(String option, String given, String no, String yes) {
    if (!given.equals(no) && !given.equals(yes)) {
      throw new InputException("%s must be %s or %s, got '%s'".formatted(option, no, yes, given));
    }
    return given.equals(yes);
  }
}
