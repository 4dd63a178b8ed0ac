package org.halfulp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import org.halfulp.input.InputException;
import org.halfulp.number.Format;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.DistinctCount;
import org.halfulp.verify.ElementwiseUnit;
import org.halfulp.verify.Field;
import org.halfulp.verify.Twin;
import org.halfulp.verify.UnitModel;

/**
 * Vectors that somebody else made, in TestFloat's lines of operands, result and flags: the RTL and
 * the emulator are both compared with them. NaN is any NaN, as no two programs agree on its bits.
 */
final class VectorFile {
  private static final int CHUNK = 8192;
  private static final int SHOWN = 10;

  private final ElementwiseUnit unit;
  private final int lanes;
  private final long[][] in;
  private final long[][] out;
  private final long[][] got;
  private final long[] expected = new long[CHUNK];
  private final int[] expectedFlags = new int[CHUNK]; // -1: the line has none
  private final long[] numbers = new long[CHUNK];
  private final DistinctCount distinct = new DistinctCount();
  private final PrintWriter text;
  private long compared;
  private long rtlDiffers;
  private long emulatorDiffers;
  private long anotherNan;

  private VectorFile(ElementwiseUnit unit, Campaign.Options options, PrintWriter text) {
    this.unit = unit;
    this.lanes = options.lanes();
    this.text = text;
    in = columns(unit.inputs());
    out = columns(unit.outputs());
    got = columns(unit.outputs());
    for (int f = 0; f < in.length; f++) {
      Long tie = options.ties().get(unit.inputs().get(f).port());
      if (tie != null) {
        java.util.Arrays.fill(in[f], tie);
      }
    }
  }

  private long[][] columns(java.util.List<Field> fields) {
    long[][] columns = new long[fields.size()][];
    for (int f = 0; f < columns.length; f++) {
      columns[f] = new long[fields.get(f).perBeat(lanes) * (CHUNK / lanes)];
    }
    return columns;
  }

  /**
   * Compares all lines; prints what differs and the counts.
   *
   * @return the exit code
   */
  static int run(
      ElementwiseUnit unit,
      VerilatedLibrary library,
      Campaign.Options options,
      InputStream stream,
      String source,
      Main main)
      throws IOException {
    VectorFile file = new VectorFile(unit, options, main.text());
    var lines = new HexLines.Reader(stream, source, new HexLines.Writer(main.out()));
    Twin twin = unit.twin(options.lanes(), options.seed());
    main.text().println(unit.describe());
    try (UnitModel model =
        new UnitModel(
            unit,
            library,
            options.lanes(),
            CHUNK / options.lanes(),
            options.seed(),
            options.pokes(),
            System.err::println)) {
      for (int n = file.read(lines); n > 0; n = file.read(lines)) {
        int beats = (n + file.lanes - 1) / file.lanes;
        twin.respond(file.in, beats, file.out);
        model.run(file.in, beats, beats, options.stalls());
        model.answers(file.got, beats);
        file.compare(n);
      }
    }
    return file.report(source, main);
  }

  /** Fills a chunk; lanes left over repeat what was there. */
  private int read(HexLines.Reader lines) throws IOException {
    int operands = unit.operands().size();
    int n = 0;
    while (n < CHUNK / lanes * lanes && lines.next()) {
      int extra = lines.count() - operands;
      if (extra != 1 && extra != 2) {
        throw lines.bad(
            "%d words, but %s takes %d operands, the result and perhaps the flags"
                .formatted(lines.count(), unit.name(), operands));
      }
      long key = 0;
      for (int k = 0; k < operands; k++) {
        in[k][n] = word(lines, k, unit.operands().get(k).format().orElseThrow());
        key = (key ^ in[k][n]) * 0x9E3779B97F4A7C15L;
        key ^= key >>> 32;
      }
      expected[n] = word(lines, operands, unit.to());
      long flags = extra == 2 ? lines.word(operands + 1) : -1;
      if (extra == 2 && (flags & ~31) != 0) {
        throw lines.bad("flags %X are not in 00..1F".formatted(flags));
      }
      expectedFlags[n] = (int) flags;
      numbers[n++] = lines.line();
      distinct.add(key);
    }
    return n;
  }

  private static long word(HexLines.Reader lines, int i, Format format) {
    long word = lines.word(i);
    if ((word & ~format.mask()) != 0) {
      throw lines.bad(
          "word %d, %X, does not fit the %d bits of %s"
              .formatted(i + 1, word, format.width(), format.name()));
    }
    return word;
  }

  private void compare(int n) {
    for (int i = 0; i < n; i++) {
      compared++;
      boolean rtl = isExpected(i, got);
      boolean emulator = isExpected(i, out);
      rtlDiffers += rtl ? 0 : 1;
      emulatorDiffers += emulator ? 0 : 1;
      if ((!rtl || !emulator) && rtlDiffers + emulatorDiffers <= SHOWN) {
        StringBuilder operands = new StringBuilder();
        for (int k = 0; k < unit.operands().size(); k++) {
          operands.append(unit.operands().get(k).format().orElseThrow().hex(in[k][i])).append(' ');
        }
        text.printf(
            "  line %d: %s-> file %s %s, RTL %s %02X, emulator %s %02X%n",
            numbers[i],
            operands,
            unit.to().hex(expected[i]),
            expectedFlags[i] < 0 ? "-" : "%02X".formatted(expectedFlags[i]),
            unit.to().hex(got[0][i]),
            got[1][i],
            unit.to().hex(out[0][i]),
            out[1][i]);
      }
    }
  }

  private boolean isExpected(int i, long[][] answers) {
    if (expectedFlags[i] >= 0 && answers[1][i] != expectedFlags[i]) {
      return false;
    }
    if (answers[0][i] == expected[i]) {
      return true;
    }
    boolean nan = unit.to().decode(expected[i]).isNan() && unit.to().decode(answers[0][i]).isNan();
    anotherNan += nan && answers == got ? 1 : 0;
    return nan;
  }

  private int report(String source, Main main) {
    text.printf(
        "  compared   %,d lines of %s (%s%,d distinct); %,d results are another NaN%n",
        compared, source, distinct.isFull() ? "at least " : "", distinct.count(), anotherNan);
    text.printf("  differing  RTL %,d, emulator %,d%n", rtlDiffers, emulatorDiffers);
    text.flush();
    if (compared == 0) {
      main.say(source + " has no lines to compare");
      return Main.CHECK_FAILED;
    }
    return rtlDiffers + emulatorDiffers == 0 ? Main.GOOD : Main.CHECK_FAILED;
  }

  /** The unit, if such lines can speak of it. */
  static ElementwiseUnit supported(org.halfulp.verify.Unit unit) {
    if (unit instanceof ElementwiseUnit e
        && e.mode().filter(m -> m != org.halfulp.number.RoundingMode.SR).isPresent()) {
      return e;
    }
    throw new InputException(
        "--from needs a unit of one operation and a mode that draws nothing, got "
            + unit.describe());
  }
}
