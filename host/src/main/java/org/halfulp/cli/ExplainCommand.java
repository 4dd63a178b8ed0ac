package org.halfulp.cli;

import java.io.PrintWriter;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.halfulp.input.InputException;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp explain}. */
@Command(
    name = "explain",
    description = {
      "Show a format, a code, or what a value rounds to.",
      "",
      "Without VALUE: fields, limits, special codes. With one: the code it rounds to, the codes "
          + "around it, the error and the flags. With a code: what it stands for."
    },
    footer = {
      "",
      "VALUE is read exactly: a decimal (0.1, -3e-5), a fraction (1/3), a hex float",
      "(0x1.8p-3), a power (2^-9), inf or nan. 0x7e without p or point, code:7e and",
      "0b0_1111_110 are codes.",
      "",
      "Examples:",
      "  halfulp explain e4m3",
      "  halfulp explain e4m3 0.1",
      "  halfulp explain bf16 1/3 --rounding sr --random-bits 8 --random 0x7f",
      "  halfulp explain \"ap_fixed<16,8>\" -2.71828",
      "  halfulp explain float16 0x7bff",
    })
final class ExplainCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "FORMAT",
      index = "0",
      description = "Any spelling of a format; see 'halfulp formats'.")
  private String formatName;

  @Parameters(paramLabel = "VALUE", index = "1", arity = "0..1", description = "A value or a code.")
  private String value;

  @Mixin private RoundingOptions options;

  @Option(
      names = "--random",
      paramLabel = "R",
      description = "The random integer of sr, in [0, 2^N); decimal or 0x.")
  private String random;

  @Override
  public Integer call() {
    FormatName name = FormatName.parse(formatName);
    Format format = name.format();
    // As stored: DAZ is about reading operands, which nothing here does.
    Format stored = format instanceof FloatFormat f ? f.withDaz(false) : format;
    Quantizer quantizer = options.quantizer(name, stored, true);
    if (value == null && (options.given() || random != null)) {
      throw new InputException("rounding options need a VALUE to round");
    }
    PrintWriter out = main.text();
    if (value == null) {
      if (format instanceof FloatFormat f) {
        explain(out, name, f);
      } else {
        explain(out, name, (FixedFormat) format);
      }
      return Main.GOOD;
    }
    Literal literal = Literal.parse(value, stored);
    if (literal.code() == null) {
      long draw = draw(quantizer);
      heading(out, name);
      shape(out, format);
      explainValue(out, quantizer, literal, draw);
    } else if (options.given() || random != null) {
      throw new InputException("a code is not rounded; leave out the rounding options");
    } else {
      heading(out, name);
      shape(out, format);
      explainCode(out, stored, literal.code());
    }
    if (!stored.equals(format)) {
      row(out, "daz", "as an operand, a subnormal value reads as zero");
    }
    return Main.GOOD;
  }

  private long draw(Quantizer quantizer) {
    if (!quantizer.draws()) {
      if (random != null) {
        throw new InputException("--random is for --rounding sr");
      }
      return 0;
    }
    if (random == null) {
      throw new InputException(
          "--rounding sr needs --random R, 0 to 2^%d - 1".formatted(quantizer.randomBits()));
    }
    return RoundingOptions.integer("--random", random, 0, (1L << quantizer.randomBits()) - 1);
  }

  // ---- the format ----

  private static void explain(PrintWriter out, FormatName name, FloatFormat f) {
    heading(out, name);
    String aliases = String.join(" ", FormatName.aliasesOf(f.name()));
    if (!aliases.isEmpty()) {
      note(out, "also", aliases);
    }
    FormatName.published().stream()
        .filter(p -> p.name().equals(f.name()))
        .forEach(p -> row(out, "stated by", p.source()));
    shape(out, f);
    if (!f.subnormals()) {
      row(out, "nosub", "results are never subnormal");
    }
    if (f.daz()) {
      row(out, "daz", "subnormal operands read as zero");
    }
    row(
        out,
        "Inf",
        f.hasInfinity()
            ? f.hex(f.infinity(false)) + (f.signed() ? " and " + f.hex(f.infinity(true)) : "")
            : "none");
    row(out, "NaN", nans(f));
    row(
        out,
        "-0",
        f.family().negativeZero()
            ? f.hex(1L << (f.width() - 1))
            : f.hasZero() ? "none" : "no zero");
    BigInteger codes = BigInteger.valueOf(f.maxFinite()).add(BigInteger.ONE);
    if (f.signed()) {
      codes = codes.shiftLeft(1);
      if (!f.family().negativeZero()) {
        codes = codes.subtract(BigInteger.ONE);
      }
    }
    row(out, "finite", codes + " codes");
  }

  private static String nans(FloatFormat f) {
    if (!f.hasNan()) {
      return "none";
    }
    String ours = f.hex(f.nan());
    return switch (f.family()) {
      case IEEE ->
          "%d codes, exponent all ones and fraction not 0; ours is %s"
              .formatted(2 * ((1L << f.fracBits()) - 1), ours);
      case FN -> ours + " and " + f.hex(f.nan() | 1L << (f.width() - 1)) + "; ours is " + ours;
      default -> ours;
    };
  }

  private static void explain(PrintWriter out, FormatName name, FixedFormat f) {
    heading(out, name);
    shape(out, f);
    row(out, "special", "no Inf, no NaN, no -0");
    row(out, "finite", BigInteger.ONE.shiftLeft(f.width()) + " codes");
    name.rounding().ifPresent(mode -> row(out, "rounding", mode + ", " + mode.meaning()));
    name.overflow().ifPresent(rule -> row(out, "overflow", rule.label()));
  }

  /** Fields and limits. */
  private static void shape(PrintWriter out, Format format) {
    if (format instanceof FloatFormat f) {
      shape(out, f);
    } else {
      shape(out, (FixedFormat) format);
    }
  }

  private static void shape(PrintWriter out, FloatFormat f) {
    row(
        out,
        "fields",
        "%d bits: %s%d exponent, %d fraction"
            .formatted(
                f.width(), f.signed() ? "1 sign, " : "no sign, ", f.expBits(), f.fracBits()));
    row(out, "family", f.family().label());
    row(out, "bias", "%d, exponents %d to %d".formatted(f.bias(), f.emin(), f.emax()));
    code(out, "largest", f, f.maxFinite());
    code(out, "normal", f, f.minNormal());
    if (f.hasZero() && f.fracBits() > 0) {
      code(out, "least", f.withDaz(false), 1);
    } else {
      row(out, "least", "no subnormals");
    }
  }

  private static void shape(PrintWriter out, FixedFormat f) {
    row(
        out,
        "fields",
        "%d bits, %s: %d integer%s, %d fraction"
            .formatted(
                f.width(),
                f.signed() ? "two's complement" : "unsigned",
                f.intBits(),
                f.signed() ? " (sign included)" : "",
                f.fracBits()));
    row(out, "scale", "the integer times " + (f.fracBits() == 0 ? "1" : "2^" + -f.fracBits()));
    code(out, "largest", f, f.maxFinite());
    code(out, "smallest", f, f.signed() ? 1L << (f.width() - 1) : 0);
    if (f.width() > 1 || !f.signed()) {
      code(out, "step", f, 1);
    }
  }

  private static void heading(PrintWriter out, FormatName name) {
    row(out, "format", name.format().name());
    name.convention().ifPresent(why -> note(out, "reading", why));
  }

  // ---- a value ----

  private static void explainCode(PrintWriter out, Format format, long code) {
    code(out, "code", format, code);
    row(out, "bits", bits(format, code));
    Real real = format.decode(code);
    if (real.isFinite()) {
      neighbours(out, format, Exact.of(format, code), code);
    }
  }

  private static void explainValue(PrintWriter out, Quantizer quantizer, Literal value, long draw) {
    Format format = quantizer.format();
    boolean finite = value.special().isEmpty();
    Rounded rounded;
    if (value.special().equals("nan")) {
      rounded = quantizer.round(Real.nan(false), draw);
    } else if (!finite) {
      rounded = quantizer.round(Real.infinity(value.negative()), draw);
    } else {
      rounded = round(quantizer, value, draw);
    }
    row(
        out,
        "rounding",
        "%s (%s)%s, overflow %s"
            .formatted(
                quantizer.rounding(),
                quantizer.rounding().meaning(),
                quantizer.draws() ? ", N = %d, R = %d".formatted(quantizer.randomBits(), draw) : "",
                quantizer.overflow()));
    Exact exact = value.value();
    row(out, "value", value.toString());
    code(out, "code", format, rounded.code());
    row(out, "bits", bits(format, rounded.code()));
    if (value.special().equals("nan") && !format.hasNan()) {
      row(out, "", format.name() + " has no NaN: an error, unless zero is asked for");
    }
    if (finite) {
      neighbours(out, format, exact, rounded.code());
      row(out, "error", error(quantizer, exact, rounded.code()));
    }
    row(out, "flags", Flags.describe(rounded.flags()));
  }

  private static Rounded round(Quantizer quantizer, Literal value, long draw) {
    Exact exact = value.magnitude();
    if (exact.isDyadic()) {
      return quantizer.round(
          Real.of(value.negative(), exact.numerator(), -exact.fractionBits()), draw);
    }
    return Arithmetic.div(
        Real.of(value.negative(), exact.numerator(), 0),
        Real.of(false, exact.denominator(), 0),
        quantizer,
        draw);
  }

  /** What the code is off by, in units of the distance between codes at the exact value. */
  private static String error(Quantizer quantizer, Exact exact, long code) {
    Format format = quantizer.format();
    Real result = format.decode(code);
    if (!result.isFinite()) {
      return "the result is " + result;
    }
    Exact difference = Exact.of(format, code).minus(exact);
    if (difference.signum() == 0) {
      return "0, exact";
    }
    int quantum;
    if (format instanceof FloatFormat f) {
      int top = exact.signum() == 0 ? f.emin() : exact.top();
      boolean flushes = top < f.emin() && !f.subnormals();
      quantum = flushes ? f.emin() : Math.max(top, f.emin()) - f.fracBits();
    } else {
      quantum = -((FixedFormat) format).fracBits();
    }
    Exact ulp = Exact.scaled(BigInteger.ONE, quantum);
    return "%s ulp, ulp = 2^%d".formatted(difference.dividedBy(ulp), quantum);
  }

  /** The greatest code value below and the least above {@code x}. */
  private static void neighbours(PrintWriter out, Format format, Exact x, long chosen) {
    neighbour(out, "below", format, Neighbours.below(format, x), chosen);
    neighbour(out, "above", format, Neighbours.above(format, x), chosen);
  }

  private static void neighbour(
      PrintWriter out, String label, Format format, Long code, long chosen) {
    if (code == null) {
      row(out, label, "none: the end of the range");
    } else {
      code(out, code == chosen ? label + " *" : label, format, code);
    }
  }

  // ---- layout ----

  private static void code(PrintWriter out, String label, Format format, long code) {
    row(out, label, hexAndValue(format, code));
  }

  private static String hexAndValue(Format format, long code) {
    return format.hex(code) + "  " + Exact.describe(format, code);
  }

  /** {@code 0 1111 110}: sign, exponent and fraction, or integer and fraction bits. */
  static String bits(Format format, long code) {
    StringBuilder all = new StringBuilder();
    for (int i = format.width() - 1; i >= 0; i--) {
      all.append(code >>> i & 1);
    }
    if (format instanceof FloatFormat f) {
      all.insert(f.width() - f.fracBits(), f.fracBits() > 0 ? " " : "");
      if (f.signed()) {
        all.insert(1, ' ');
      }
      String fields =
          (f.signed() ? "sign exponent" : "exponent") + (f.fracBits() > 0 ? " fraction" : "");
      return f.width() > 40 ? all.toString() : all + "  (" + fields + ")";
    }
    int integer = ((FixedFormat) format).intBits();
    if (integer > 0 && integer < format.width()) {
      all.insert(integer, '.');
    }
    return all.toString();
  }

  private static void row(PrintWriter out, String label, String text) {
    out.printf("%-10s%s%n", label, text);
  }

  /** A row that is broken at blanks to keep within 80 columns. */
  private static void note(PrintWriter out, String label, String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ")) {
      if (line.length() > 0 && line.length() + 1 + word.length() > 70) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() > 0 ? " " : "").append(word);
    }
    lines.add(line.toString());
    row(out, label, lines.get(0));
    for (String more : lines.subList(1, lines.size())) {
      row(out, "", more);
    }
  }

  /** The codes around a value among those that a result may have. */
  private static final class Neighbours {
    private Neighbours() {}

    static Long below(Format format, Exact x) {
      return format instanceof FloatFormat f ? below(f, x) : below((FixedFormat) format, x);
    }

    static Long above(Format format, Exact x) {
      return format instanceof FloatFormat f ? above(f, x) : above((FixedFormat) format, x);
    }

    private static Long below(FixedFormat f, Exact x) {
      Exact scaled = x.dividedBy(Exact.scaled(BigInteger.ONE, -f.fracBits()));
      // ceil(scaled) - 1, no more than the largest integer
      BigInteger n = scaled.numerator().negate().divide(scaled.denominator()).negate();
      while (Exact.scaled(n, 0).compareTo(scaled) >= 0) {
        n = n.subtract(BigInteger.ONE);
      }
      while (Exact.scaled(n.add(BigInteger.ONE), 0).compareTo(scaled) < 0) {
        n = n.add(BigInteger.ONE);
      }
      return clamp(f, n, true);
    }

    private static Long above(FixedFormat f, Exact x) {
      Exact scaled = x.dividedBy(Exact.scaled(BigInteger.ONE, -f.fracBits()));
      BigInteger n = scaled.numerator().divide(scaled.denominator());
      while (Exact.scaled(n, 0).compareTo(scaled) <= 0) {
        n = n.add(BigInteger.ONE);
      }
      while (Exact.scaled(n.subtract(BigInteger.ONE), 0).compareTo(scaled) > 0) {
        n = n.subtract(BigInteger.ONE);
      }
      return clamp(f, n, false);
    }

    /** The code of integer {@code n}, or of the end of the range on its inner side, or null. */
    private static Long clamp(FixedFormat f, BigInteger n, boolean downward) {
      BigInteger largest = f.integer(f.maxFinite());
      BigInteger smallest =
          f.signed() ? BigInteger.ONE.shiftLeft(f.width() - 1).negate() : BigInteger.ZERO;
      if (n.compareTo(largest) > 0) {
        return downward ? largest.longValue() & f.mask() : null;
      }
      if (n.compareTo(smallest) < 0) {
        return downward ? null : (Long) (smallest.longValue() & f.mask());
      }
      return n.longValue() & f.mask();
    }

    /** Finite codes in order of value: k >= 0 is code k, k < 0 the code of -k with the sign set. */
    private static long codeAt(FloatFormat f, long k) {
      return k >= 0 ? k : -k | 1L << (f.width() - 1);
    }

    private static Exact valueAt(FloatFormat f, long k) {
      return Exact.of(f.withDaz(false), codeAt(f, k));
    }

    private static Long below(FloatFormat f, Exact x) {
      long low = f.signed() ? -f.maxFinite() : 0;
      long high = f.maxFinite();
      if (valueAt(f, low).compareTo(x) >= 0) {
        return f.hasInfinity() && f.signed() ? (Long) f.infinity(true) : null;
      }
      while (low < high) { // the greatest k in [low, high] with value below x
        long middle = high - halfDistance(low, high);
        if (valueAt(f, middle).compareTo(x) < 0) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      return codeAt(f, skipSubnormals(f, low, -1));
    }

    private static Long above(FloatFormat f, Exact x) {
      long low = f.signed() ? -f.maxFinite() : 0;
      long high = f.maxFinite();
      if (valueAt(f, high).compareTo(x) <= 0) {
        return f.hasInfinity() ? (Long) f.infinity(false) : null;
      }
      while (low < high) { // the least k in [low, high] with value above x
        long middle = low + halfDistance(low, high);
        if (valueAt(f, middle).compareTo(x) > 0) {
          high = middle;
        } else {
          low = middle + 1;
        }
      }
      return codeAt(f, skipSubnormals(f, low, 1));
    }

    /** floor((high - low) / 2), which may be beyond a signed difference. */
    private static long halfDistance(long low, long high) {
      return (high - low) >>> 1;
    }

    /** Where results are never subnormal, the nearest code in {@code direction} that is not. */
    private static long skipSubnormals(FloatFormat f, long k, int direction) {
      if (f.subnormals() || f.family() == Family.FNU || k == 0 || Math.abs(k) >= f.minNormal()) {
        return k;
      }
      return k > 0 == direction > 0 ? direction * f.minNormal() : 0;
    }
  }
}
