package org.halfulp.prove;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.RoundingMode;

/**
 * What one operation of the contract means in SMT-LIB's theory FloatingPoint, for formats of the
 * {@code ieee} family.
 *
 * <p>The theory has neither flags nor codes of NaN, so these are said beside it. Inexact: rounding
 * down and rounding up differ. Overflow and underflow: by the same operation with two more exponent
 * bits, where nothing leaves the range.
 *
 * @param from format of the operands
 * @param to of the result
 */
record FloatTheory(Op op, FloatFormat from, FloatFormat to, RoundingMode mode) {
  /** The name of a mode in the theory; none for those that it lacks. */
  static String name(RoundingMode mode) {
    return switch (mode) {
      case RNE -> "RNE";
      case RNA -> "RNA";
      case RTZ -> "RTZ";
      case RUP -> "RTP";
      case RDN -> "RTN";
      default -> throw new IllegalArgumentException("the theory has no mode " + mode.label());
    };
  }

  /**
   * Defines the Bools {@code code-good} and {@code flags-good} of {@code out_y} and {@code
   * out_flags}, by {@code in_a in_b in_c} and {@code in_sub}.
   */
  String text() {
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < op.operands(); i++) {
      String code = "in_" + "abc".charAt(i);
      define(s, "x" + i, sort(from.expBits(), from), value(from, code));
      int quiet = from.fracBits() - 1;
      bool(
          s,
          "signaling" + i,
          "(and (fp.isNaN x%d) (= ((_ extract %d %d) %s) #b0))".formatted(i, quiet, quiet, code));
    }
    String rm = name(mode);
    int wide = Math.max(from.expBits(), to.expBits()) + 2;
    define(s, "r", sort(to.expBits(), to), result(rm, to.expBits()));
    define(s, "down", sort(to.expBits(), to), result("RTN", to.expBits()));
    define(s, "up", sort(to.expBits(), to), result("RTP", to.expBits()));
    define(s, "unbounded", sort(wide, to), "(fp.abs %s)".formatted(result(rm, wide)));
    String most = convert("RNE", value(to, bits(to, to.maxFinite())), wide, to.fracBits());
    String least = convert("RNE", value(to, bits(to, to.minNormal())), wide, to.fracBits());

    String produced = bits(to, to.nan());
    bool(
        s,
        "code-good",
        "(ite (fp.isNaN r) (= out_y %s) (= %s r))".formatted(produced, value(to, "out_y")));
    bool(s, "any-nan", any("(fp.isNaN x%d)"));
    bool(s, "finite", "(not (or any-nan %s))".formatted(any("(fp.isInfinite x%d)")));
    bool(
        s,
        "invalid",
        "(or %s (and (fp.isNaN r) (not any-nan)) %s)"
            .formatted(any("signaling%d"), op == Op.FMA ? zeroTimesInfinity() : "false"));
    bool(s, "inexact", "(and finite (not (fp.eq down up)))");
    bool(s, "overflow", "(and finite (fp.gt unbounded %s))".formatted(most));
    bool(s, "underflow", "(and inexact (fp.lt unbounded %s))".formatted(least));
    bool(
        s,
        "flags-good",
        "(= out_flags (concat %s (concat #b0 (concat %s (concat %s %s)))))"
            .formatted(bit("invalid"), bit("overflow"), bit("underflow"), bit("inexact")));
    return s.toString();
  }

  /** The result with an exponent of so many bits. */
  private String result(String rm, int exponent) {
    if (op == Op.CONVERT) {
      // First exactly to two fraction bits more: Bitwuzla 0.8.2 rounds wrong where fewer are
      // dropped.
      int most = Math.max(exponent, from.expBits());
      int fraction = Math.max(from.fracBits(), to.fracBits() + 2);
      return convert(rm, convert("RNE", "x0", most, fraction), exponent, to.fracBits());
    }
    String[] x = new String[op.operands()];
    for (int i = 0; i < x.length; i++) {
      x[i] = exponent == to.expBits() ? "x" + i : convert("RNE", "x" + i, exponent, to.fracBits());
    }
    return switch (op) {
      case ADD ->
          "(fp.add %s %s (ite (= in_sub #b1) (fp.neg %s) %s))".formatted(rm, x[0], x[1], x[1]);
      case MUL -> "(fp.mul %s %s %s)".formatted(rm, x[0], x[1]);
      case FMA -> "(fp.fma %s %s %s %s)".formatted(rm, x[0], x[1], x[2]);
      default -> throw new IllegalArgumentException("no meaning of " + op);
    };
  }

  private static String zeroTimesInfinity() {
    return "(and (fp.isZero x0) (fp.isInfinite x1)) (and (fp.isInfinite x0) (fp.isZero x1))";
  }

  private String any(String test) {
    return IntStream.range(0, op.operands())
        .mapToObj(test::formatted)
        .collect(Collectors.joining(" ", "(or false ", ")"));
  }

  private static String sort(int exponent, FloatFormat f) {
    return "(_ FloatingPoint %d %d)".formatted(exponent, f.fracBits() + 1);
  }

  private static String value(FloatFormat f, String code) {
    return "((_ to_fp %d %d) %s)".formatted(f.expBits(), f.fracBits() + 1, code);
  }

  private static String convert(String rm, String x, int exponent, int fraction) {
    return "((_ to_fp %d %d) %s %s)".formatted(exponent, fraction + 1, rm, x);
  }

  private static String bits(FloatFormat f, long code) {
    return "(_ bv%d %d)".formatted(code, f.width());
  }

  private static String bit(String bool) {
    return "(ite %s #b1 #b0)".formatted(bool);
  }

  private static void bool(StringBuilder s, String name, String body) {
    define(s, name, "Bool", body);
  }

  private static void define(StringBuilder s, String name, String sort, String body) {
    s.append("(define-fun %s () %s %s)\n".formatted(name, sort, body));
  }
}
