package org.halfulp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.halfulp.input.InputException;
import org.halfulp.kernel.Elementwise;
import org.halfulp.number.Flags;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.NanException;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.verify.DistinctCount;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp eval}: operations on lines of codes, and the check of such lines. */
@Command(
    name = "eval",
    description = {
      "Compute on lines of codes in TestFloat's format, or check such lines.",
      "",
      "A line is the operands' codes in hexadecimal; it is printed back with the result's code and "
          + "the flags. With --check it ends in result and flags already, and is compared."
    },
    footer = {
      "",
      "sr takes its random integer R as the last operand, in hexadecimal. A fixed-point",
      "code is the two's complement word. Flags: 01 inexact, 02 underflow (tiny after",
      "rounding), 04 overflow, 08 divide by zero, 10 invalid. Empty lines and comments",
      "are malformed; the first malformed line ends the run with exit code 2.",
      "--check compares bits, NaN with any NaN, and flags where a line has them; it",
      "counts lines, differing lines and different operand rows (distinct), and exits",
      "with 1 if a line differs or there is none.",
      "",
      "Examples:",
      "  echo 3C00 3555 | halfulp eval div --format float16",
      "  testfloat_gen -tininessafter f16_add | \\",
      "      halfulp eval add --format float16 --check",
      "  halfulp eval convert --format float32 --to e4m3 --overflow finite codes.txt",
      "  echo \"0180 7F\" | halfulp eval convert --format q8.8 --to q8.4 \\",
      "      --rounding sr --random-bits 8",
    })
final class EvalCommand implements Callable<Integer> {
  private static final int MAX_FLAGS = 0x1F;

  @ParentCommand private Main main;

  @Parameters(
      paramLabel = "OP",
      index = "0",
      description = "add sub mul div sqrt fma (a*b + c) convert.")
  private String operationName;

  @Parameters(
      paramLabel = "FILE",
      index = "1",
      arity = "0..1",
      defaultValue = "-",
      description = "Lines of codes; - or nothing: standard input.")
  private String file;

  @Option(
      names = "--format",
      paramLabel = "F",
      required = true,
      description = "The operands' format, and the result's unless --to is given.")
  private String formatName;

  @Option(names = "--to", paramLabel = "F", description = "The result's format.")
  private String toName;

  @Mixin private RoundingOptions options;

  @Mixin private ResultOptions result;

  @Option(names = "--check", description = "Compare with the result on each line.")
  private boolean check;

  @Option(
      names = "--max-differences",
      paramLabel = "K",
      description = "Differing lines that --check shows. Default: 10.")
  private String maxDifferencesText;

  @Option(names = "--json", description = "With --check: print one JSON object.")
  private boolean json;

  // a kernel's table may take longer than so many lines
  private static final int LINES_TO_KERNEL = 4096;

  private Operation op;
  private Elementwise kernel; // null: the exact way, which checks always take
  private Format from;
  private Quantizer quantizer;
  private int operands;
  private int maxDifferences;

  @Override
  public Integer call() throws IOException {
    op = Operation.parse(operationName);
    if (op == Operation.CONVERT && toName == null) {
      throw new InputException("convert needs --to F, the format of the result");
    }
    FormatName fromName = FormatName.parse(formatName);
    from = fromName.format();
    FormatName to = toName == null ? fromName : FormatName.parse(toName);
    quantizer = options.quantizer(to, result.switched(to.format()), result.nanToZero());
    operands = op.operands() + (quantizer.draws() ? 1 : 0);
    if (!check && (json || maxDifferencesText != null)) {
      throw new InputException("--json and --max-differences go with --check");
    }
    maxDifferences =
        maxDifferencesText == null
            ? 10
            : (int)
                RoundingOptions.integer(
                    "--max-differences", maxDifferencesText, 0, Integer.MAX_VALUE);
    if (file.equals("-")) {
      return run(main.in(), "stdin");
    }
    try (InputStream in = open(file)) {
      return run(in, file);
    }
  }

  static InputStream open(String file) throws IOException {
    Path path;
    try {
      path = Path.of(file);
    } catch (InvalidPathException e) {
      throw new InputException("'%s' is not a file name".formatted(file));
    }
    if (Files.isDirectory(path)) {
      throw new InputException(file + " is a folder, a file is needed");
    }
    if (!Files.exists(path)) {
      throw new InputException(file + " does not exist");
    }
    try {
      return Files.newInputStream(path);
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private int run(InputStream in, String source) throws IOException {
    var out = new HexLines.Writer(main.out());
    try {
      var lines = new HexLines.Reader(in, source, out);
      return check ? check(lines, source) : evaluate(lines, out);
    } catch (IOException e) {
      throw new InputException("cannot read " + source + ": " + e.getMessage(), e);
    }
  }

  private int evaluate(HexLines.Reader lines, HexLines.Writer out) throws IOException {
    int digits = from.hexDigits();
    int resultDigits = quantizer.format().hexDigits();
    int randomDigits = (quantizer.randomBits() + 3) / 4;
    long answered = 0;
    try {
      while (lines.next()) {
        if (lines.count() != operands) {
          throw wrongCount(lines);
        }
        if (answered++ == LINES_TO_KERNEL && op == Operation.CONVERT) {
          kernel = kernel();
        }
        Rounded result = apply(lines);
        for (int i = 0; i < op.operands(); i++) {
          out.hex(lines.word(i), digits, ' ');
        }
        if (quantizer.draws()) {
          out.hex(lines.word(operands - 1), randomDigits, ' ');
        }
        out.hex(result.code(), resultDigits, ' ');
        out.hex(result.flags(), 2, '\n');
      }
    } finally {
      out.flush(); // the lines before a malformed one have been answered
    }
    return Main.GOOD;
  }

  /** The fast conversion, where there is one; a NaN without a code must be met on its line. */
  private Elementwise kernel() {
    if (from.hasNan() && !quantizer.format().hasNan() && !result.nanToZero()) {
      return null;
    }
    Elementwise fast = new Elementwise(Elementwise.Op.CONVERT, List.of(from), quantizer);
    return fast.isFast() ? fast : null;
  }

  /** Computes one line whose number of words is right. */
  private Rounded apply(HexLines.Reader lines) {
    long mask = from.mask();
    for (int i = 0; i < op.operands(); i++) {
      if ((lines.word(i) & ~mask) != 0) {
        throw tooWide(lines, "operand " + "abc".charAt(i), lines.word(i), from);
      }
    }
    long r = 0;
    if (quantizer.draws()) {
      r = lines.word(operands - 1);
      if (r >>> quantizer.randomBits() != 0) {
        throw lines.bad("random integer %X is not below 2^%d".formatted(r, quantizer.randomBits()));
      }
    }
    try {
      if (kernel != null) {
        long code = kernel.apply(lines.word(0), 0, 0, r);
        return new Rounded(code, kernel.flags());
      }
      return op.apply(from, lines.word(0), lines.word(1), lines.word(2), quantizer, r);
    } catch (NanException e) {
      throw lines.bad(
          "the result is NaN, for which %s has no code; --nan zero gives the code 0"
              .formatted(quantizer.format().name()));
    }
  }

  private static InputException tooWide(
      HexLines.Reader lines, String what, long code, Format format) {
    return lines.bad(
        "%s %X does not fit %s, which has %d bits (%d hex digits)"
            .formatted(what, code, format.name(), format.width(), format.hexDigits()));
  }

  private InputException wrongCount(HexLines.Reader lines) {
    String expected =
        "%d operand%s of %s%s%s"
            .formatted(
                op.operands(),
                op.operands() == 1 ? "" : "s",
                from.name(),
                quantizer.draws() ? ", R" : "",
                check ? ", the result and perhaps the flags" : "");
    if (lines.isEmptyLine()) {
      return lines.bad("empty; expected " + expected);
    }
    boolean looksComplete =
        !check && (lines.count() == operands + 1 || lines.count() == operands + 2);
    return lines.bad(
        "%d word%s; expected %s%s"
            .formatted(
                lines.count(),
                lines.count() == 1 ? "" : "s",
                expected,
                looksComplete ? " (a line with its result needs --check)" : ""));
  }

  // ---- check ----

  /** A line whose result or flags differ; {@code expectedFlags} is -1 where the line has none. */
  private record Difference(
      long line, String text, long[] words, long expected, int expectedFlags, Rounded got) {}

  private int check(HexLines.Reader lines, String source) throws IOException {
    Format to = quantizer.format();
    long mask = to.mask();
    var distinct = new DistinctCount();
    List<Difference> shown = new ArrayList<>();
    PrintWriter text = main.text();
    long checked = 0;
    long differing = 0;
    while (lines.next()) {
      int extra = lines.count() - operands;
      if (extra != 1 && extra != 2) {
        throw wrongCount(lines);
      }
      long expected = lines.word(operands);
      if ((expected & ~mask) != 0) {
        throw tooWide(lines, "result", expected, to);
      }
      int expectedFlags = -1;
      if (extra == 2) {
        long flags = lines.word(operands + 1);
        if ((flags & ~MAX_FLAGS) != 0) {
          throw lines.bad("flags %X are not in 00..1F".formatted(flags));
        }
        expectedFlags = (int) flags;
      }
      Rounded got = apply(lines);
      checked++;
      distinct.add(hash(lines));
      if (got.code() == expected && (got.flags() == expectedFlags || expectedFlags < 0)) {
        continue;
      }
      if (to.hasNan()
          && (got.flags() == expectedFlags || expectedFlags < 0)
          && to.decode(expected).isNan()
          && to.decode(got.code()).isNan()) {
        continue;
      }
      differing++;
      if (differing <= maxDifferences) {
        long[] words = new long[operands];
        for (int i = 0; i < operands; i++) {
          words[i] = lines.word(i);
        }
        var difference =
            new Difference(lines.line(), lines.text(), words, expected, expectedFlags, got);
        if (json) {
          shown.add(difference);
        } else {
          print(text, difference);
        }
      }
    }
    if (json) {
      printJson(text, checked, differing, distinct, shown);
    } else {
      if (differing > maxDifferences && maxDifferences > 0) {
        text.printf("... and %d more%n", differing - maxDifferences);
      }
      text.printf(
          "checked %d  differing %d  (distinct %s%d)%n",
          checked, differing, distinct.isFull() ? ">= " : "", distinct.count());
    }
    if (checked == 0) {
      text.flush();
      main.say(source + " has no lines to check");
      return Main.CHECK_FAILED;
    }
    return differing == 0 ? Main.GOOD : Main.CHECK_FAILED;
  }

  /** Of a row's operands; two rows share one of 2^64 hashes too rarely to show in a count. */
  private long hash(HexLines.Reader lines) {
    long hash = 0;
    for (int i = 0; i < operands; i++) { // SplitMix64's finalizer, word by word
      long z = (hash + lines.word(i)) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      hash = z ^ (z >>> 31);
    }
    return hash;
  }

  private void print(PrintWriter out, Difference d) {
    Format to = quantizer.format();
    out.printf("line %d: %s%n", d.line, Main.printable(d.text));
    for (int i = 0; i < op.operands(); i++) {
      printCode(out, String.valueOf("abc".charAt(i)), from, d.words[i], "");
    }
    if (quantizer.draws()) {
      out.printf("  %-9s %X%n", "R", d.words[operands - 1]);
    }
    printCode(
        out,
        "expected",
        to,
        d.expected,
        d.expectedFlags < 0 ? "" : "  [" + Flags.describe(d.expectedFlags) + "]");
    printCode(out, "got", to, d.got.code(), "  [" + Flags.describe(d.got.flags()) + "]");
  }

  private static void printCode(
      PrintWriter out, String label, Format format, long code, String flags) {
    out.printf("  %-9s %s  %s%s%n", label, digits(format, code), value(format, code), flags);
  }

  private static String value(Format format, long code) {
    return Exact.describe(format, code);
  }

  private static String digits(Format format, long code) {
    return "%0{}X".replace("{}", String.valueOf(format.hexDigits())).formatted(code);
  }

  private void printJson(
      PrintWriter out,
      long checked,
      long differing,
      DistinctCount distinct,
      List<Difference> shown) {
    Json.print(
        out,
        j -> {
          j.writeStartObject();
          j.writeStringField("operation", op.label());
          j.writeStringField("format", from.name());
          j.writeStringField("to", quantizer.toString());
          j.writeNumberField("checked", checked);
          j.writeNumberField("differing", differing);
          j.writeNumberField("distinct", distinct.count());
          j.writeBooleanField("distinct_exact", !distinct.isFull());
          j.writeArrayFieldStart("differences");
          for (Difference d : shown) {
            j.writeStartObject();
            j.writeNumberField("line", d.line);
            j.writeArrayFieldStart("operands");
            for (int i = 0; i < op.operands(); i++) {
              j.writeString(digits(from, d.words[i]));
            }
            j.writeEndArray();
            if (quantizer.draws()) {
              j.writeStringField("random", "%X".formatted(d.words[operands - 1]));
            }
            j.writeStringField("expected", digits(quantizer.format(), d.expected));
            if (d.expectedFlags >= 0) {
              j.writeStringField("expected_flags", "%02X".formatted(d.expectedFlags));
            }
            j.writeStringField("got", digits(quantizer.format(), d.got.code()));
            j.writeStringField("got_flags", "%02X".formatted(d.got.flags()));
            j.writeEndObject();
          }
          j.writeEndArray();
          j.writeEndObject();
        });
  }
}
