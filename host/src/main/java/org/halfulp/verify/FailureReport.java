package org.halfulp.verify;

import java.util.Arrays;
import java.util.List;
import org.halfulp.number.Flags;
import org.halfulp.number.Format;

/** A shrunk failure for people: every port as code and value, and what comes before the code. */
public final class FailureReport {
  private static final int MOST_BEATS = 8;

  private FailureReport() {}

  /** Several lines, each ended. */
  public static String text(Shrinker.Shrunk shrunk) {
    Failure f = shrunk.failure();
    Shrinker.Difference d = shrunk.difference();
    StringBuilder text = new StringBuilder();
    text.append(f.unit().describe()).append('\n');
    text.append(
        "  %s\n  shrunk to %d beat%s of %d lane%s in %d runs\n"
            .formatted(
                f.what(),
                f.beats(),
                f.beats() == 1 ? "" : "s",
                f.lanes(),
                f.lanes() == 1 ? "" : "s",
                shrunk.tries()));
    List<Field> inputs = f.unit().inputs();
    int from = Math.max(0, f.beats() - MOST_BEATS);
    if (from > 0) {
      text.append("  the last %d beats:\n".formatted(MOST_BEATS));
    }
    boolean oneToOne = f.unit().stateless() && d.broken().isEmpty();
    for (int b = from; b < f.beats(); b++) {
      for (int lane = 0; lane < f.lanes(); lane++) {
        boolean here = oneToOne && b == d.beat() && lane == d.lane();
        if (!here && isZero(f, b, lane)) {
          continue;
        }
        String where = "beat %d lane %d%s".formatted(b, lane, here ? ", where they differ" : "");
        text.append("  ").append(where).append('\n');
        for (int k = 0; k < inputs.size(); k++) {
          Field field = inputs.get(k);
          long value = f.in()[k][field.perLane() ? b * f.lanes() + lane : b];
          if (field.read() || value != 0) {
            line(text, field, value, "");
          }
        }
      }
    }
    if (!d.broken().isEmpty()) {
      return text.append("  the RTL broke down: ").append(d.broken()).append('\n').toString();
    }
    if (oneToOne) {
      for (String line : f.unit().explain(beat(f, d.beat()), d.lane(), d.expected(), d.got())) {
        text.append("  ").append(line).append('\n');
      }
    } else {
      text.append("  answer beat %d lane %d\n".formatted(d.beat(), d.lane()));
    }
    List<Field> outputs = f.unit().outputs();
    for (int k = 0; k < outputs.size(); k++) {
      boolean same = d.expected()[k] == d.got()[k];
      line(text, outputs.get(k), d.got()[k], same ? " rtl, emulator" : " rtl");
      if (!same) {
        line(text, outputs.get(k), d.expected()[k], " emulator");
      }
    }
    return text.toString();
  }

  /** Names the bits in which flags differ: {@code "RTL lacks inexact"}. */
  static String flagsDiffering(long expected, long got) {
    int lacks = (int) (expected & ~got);
    int adds = (int) (got & ~expected);
    return (lacks == 0 ? "" : "RTL lacks " + Flags.describe(lacks))
        + (lacks != 0 && adds != 0 ? ", " : "")
        + (adds == 0 ? "" : "RTL has " + Flags.describe(adds) + " too");
  }

  private static boolean isZero(Failure f, int beat, int lane) {
    for (int k = 0; k < f.in().length; k++) {
      Field field = f.inputs().get(k);
      boolean counts = field.perLane() || lane == 0 && field.read() && !f.unit().stateless();
      if (counts && f.in()[k][field.perLane() ? beat * f.lanes() + lane : beat] != 0) {
        return false;
      }
    }
    return true;
  }

  private static long[][] beat(Failure f, int beat) {
    long[][] one = new long[f.in().length][];
    for (int k = 0; k < one.length; k++) {
      int per = f.inputs().get(k).perBeat(f.lanes());
      one[k] = Arrays.copyOfRange(f.in()[k], beat * per, (beat + 1) * per);
    }
    return one;
  }

  private static void line(StringBuilder text, Field field, long value, String whose) {
    String label = field.port() + whose;
    if (field.format().isPresent()) {
      Format format = field.format().get();
      long code = value & format.mask();
      text.append(
          "    %-22s %-10s %s%s\n"
              .formatted(
                  label,
                  format.hex(code),
                  value(format.toDouble(code)),
                  code == value ? "" : ", above it 0x" + Long.toHexString(value ^ code)));
    } else if (field.port().endsWith("flags")) {
      text.append(
          "    %-22s 0x%02x       %s\n".formatted(label, value, Flags.describe((int) value)));
    } else {
      text.append("    %-22s 0x%x\n".formatted(label, value));
    }
  }

  static String value(double x) {
    return Double.isFinite(x) ? "%s (%s)".formatted(x, Double.toHexString(x)) : String.valueOf(x);
  }
}
