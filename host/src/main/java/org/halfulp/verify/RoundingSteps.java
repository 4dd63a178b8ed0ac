package org.halfulp.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;

/** How one exact, finite result became its code: the intermediates that a rounder has. */
final class RoundingSteps {
  private static final int GUARD = 2; // bits below the last place: guard and sticky

  private final Format to;
  private final RoundingMode mode;
  private final long r;
  private final double exact; // to odd, which shows on which side of a tie it lies
  private final long below; // the neighbour toward zero, its range left open
  private final boolean guard;
  private final boolean sticky;
  private final double unbounded; // rounded with an unbounded exponent
  private final boolean inexact;

  /**
   * @param rounded the exact result through any quantizer
   * @param r the draw
   */
  RoundingSteps(
      Format to, RoundingMode mode, int randomBits, Function<Quantizer, Rounded> rounded, long r) {
    this.to = to;
    this.mode = mode;
    this.r = r;
    Quantizer odd = new Quantizer(FloatFormat.FLOAT64, RoundingMode.RTO);
    exact = Double.longBitsToDouble(rounded.apply(odd).code());
    Format wide = widened(to);
    Rounded tail = rounded.apply(new Quantizer(wide, RoundingMode.RTO, rule(to), 0, true));
    guard = (tail.code() >> 1 & 1) != 0;
    sticky = (tail.code() & 1) != 0;
    inexact = guard || sticky;
    below = rounded.apply(new Quantizer(to, RoundingMode.RTZ, rule(to), 0, true)).code();
    Format open =
        to instanceof FloatFormat f
            ? new FloatFormat(11, f.fracBits(), 1023, Family.IEEE, true, false)
            : new FixedFormat(true, 64, ((FixedFormat) to).fracBits());
    Quantizer same = UnitRequest.quantizer(open, mode, rule(to), randomBits);
    unbounded = open.toDouble(rounded.apply(same).code());
  }

  private static OverflowRule rule(Format f) {
    return f instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
  }

  private static Format widened(Format to) {
    return to instanceof FloatFormat f
        ? new FloatFormat(
            f.expBits(), f.fracBits() + GUARD, f.bias(), f.family(), f.subnormals(), false)
        : new FixedFormat(true, to.width() + GUARD, ((FixedFormat) to).fracBits() + GUARD);
  }

  private boolean isBeyond() {
    double most = to.toDouble(to.maxFinite());
    return unbounded > most || unbounded < -most && !(to instanceof FixedFormat);
  }

  List<String> lines(OverflowRule rule) {
    List<String> lines = new ArrayList<>();
    lines.add("exact result      " + FailureReport.value(exact));
    lines.add(
        "last place kept   %s, guard %d, sticky %d%s"
            .formatted(
                to.hex(below),
                guard ? 1 : 0,
                sticky ? 1 : 0,
                !inexact ? " (exact)" : guard && !sticky ? " (a tie)" : ""));
    String draw = mode == RoundingMode.SR ? ", R = 0x" + Long.toHexString(r) : "";
    lines.add(
        "rounded %-9s %s with an unbounded range%s"
            .formatted(mode, FailureReport.value(unbounded), draw));
    if (to instanceof FloatFormat f) {
      boolean tiny = unbounded != 0 && Math.abs(unbounded) < Math.scalb(1.0, f.emin());
      lines.add(
          "range %-11s %s%s"
              .formatted(
                  rule,
                  isBeyond() ? "beyond the largest finite value" : "within the range",
                  tiny ? ", tiny" : ""));
    }
    return lines;
  }

  /** Only flags, or nothing that can be said from the codes alone. */
  static String differing(Format to, long[] expected, long[] got) {
    return expected[0] == got[0]
        ? "the flags: " + FailureReport.flagsDiffering(expected[1], got[1])
        : "";
  }

  /** The step that explains the RTL's code. */
  String firstWrong(long[] expected, long[] got) {
    boolean overflow = (expected[1] & Flags.OVERFLOW) != 0;
    if (overflow != ((got[1] & Flags.OVERFLOW) != 0)) {
      return "the range: the emulator says %soverflow, the RTL %soverflow"
          .formatted(overflow ? "" : "no ", overflow ? "no " : "");
    }
    if (overflow) {
      return "what the range rule gives";
    }
    long sign = 1L << to.width() - 1;
    if ((expected[0] ^ got[0]) == sign && to instanceof FloatFormat) {
      return "the sign";
    }
    boolean down = expected[0] == below;
    long other = down ? below + 1 : below;
    if (got[0] == other) {
      return "the rounding decision: guard %d, sticky %d in %s %s, the RTL went %s"
          .formatted(
              guard ? 1 : 0,
              sticky ? 1 : 0,
              mode,
              down ? "stays" : "goes up",
              down ? "up" : "down");
    }
    return "the exact result (operands, alignment, product, sum or normalization): the RTL is %d"
            .formatted(Math.abs(got[0] - expected[0]))
        + " codes away, no neighbour of it";
  }
}
