package org.halfulp.verify;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.halfulp.sim.Batch;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Dut;
import org.halfulp.sim.DutException;
import org.halfulp.sim.Port;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilogException;

/** A unit's RTL under Verilator: columns in, columns out. */
public final class UnitModel implements Device {
  private static final int CROWDED = 24; // cycles: more than any unit has ranks

  private final Unit unit;
  private final int lanes;
  private final Optional<Pace> pace;
  private long seed;
  private final Map<String, Long> pokes;
  private final Dut dut;
  private final Batch batch;
  private final Layout stimulus;
  private final Layout response;
  private final long[] sent;
  private final long[] received;
  private final long[] expected;
  private String afterReset; // what was wrong there
  private long[][] normal; // answers of the last run, if the unit normalizes

  /**
   * @param library of {@code unit.build(sources, lanes)}, or of another top with the same ports
   * @param maxBeats of one run
   * @param pokes inputs outside the stream, set after each reset
   * @param display takes each line that the model prints
   */
  public UnitModel(
      Unit unit,
      VerilatedLibrary library,
      int lanes,
      int maxBeats,
      long seed,
      Map<String, Long> pokes,
      Consumer<String> display) {
    this.unit = unit;
    this.lanes = lanes;
    pace = unit.pace(lanes);
    this.seed = seed;
    this.pokes = new LinkedHashMap<>(pokes);
    stimulus = new Layout(library, library.stimulus(), unit.inputs(), lanes);
    response = new Layout(library, library.response(), unit.outputs(), lanes);
    int rows = Math.max(maxBeats, unit.maxAnswers(maxBeats));
    sent = new long[rows * stimulus.words];
    received = new long[rows * response.words];
    expected = new long[rows * response.words];
    dut = unit.open(library, display);
    try {
      batch = dut.batch(rows);
      start();
    } catch (RuntimeException e) {
      dut.close();
      throw e;
    }
  }

  /** In ours, a clock of reset while so many words are inside and wait: none may come out. */
  private void start() {
    if (!(unit instanceof OwnUnit)) {
      pokes.forEach(dut::poke);
      for (Field f : unit.inputs()) {
        if (!f.perLane()) {
          dut.poke(f.port(), f.mask());
        }
      }
      for (int words = 1; words <= CROWDED; words++) {
        for (boolean offered : new boolean[] {false, true}) {
          if (!dut.crowd(words)) {
            break;
          }
          dut.reset(1, offered);
          dut.tick(CROWDED);
          if (dut.offers()) {
            afterReset =
                "a word of before comes out after rst_n, which was low for a clock when beats had"
                    + " been offered for %d%s"
                        .formatted(words, offered ? ", and one still was" : "");
          }
        }
      }
      dut.crowd(CROWDED);
      dut.reset(1);
    }
    unit.prepare(dut, lanes, seed);
    pokes.forEach(dut::poke);
  }

  @Override
  public void restart(long seed) {
    this.seed = seed;
    dut.reset();
    start();
  }

  public Dut dut() {
    return dut;
  }

  public int lanes() {
    return lanes;
  }

  @Override
  public BatchResult run(long[][] in, int beats, int wanted, Stalls stalls) {
    if (afterReset != null) {
      throw new DutException(afterReset);
    }
    fill(in, beats);
    BatchResult result = dut.run(batch, beats, wanted, stalls);
    if (pace.isPresent()) {
      long cycles = pace.get().cycles(beats, wanted, stalls, words(in));
      if (result.cycles() != cycles) {
        throw new DutException(
            "%d words in a row took %d cycles; with %d ranks they take %d"
                .formatted(beats, result.cycles(), pace.get().ranks().size(), cycles));
      }
    }
    if (unit.normalizes()) {
      normal = columns(unit.outputs(), lanes, wanted);
      unpack(normal, wanted);
      unit.normalize(normal, wanted);
    }
    return result;
  }

  private Pace.Words words(long[][] in) {
    return new Pace.Words() {
      @Override
      public boolean isLast(int beat) {
        return unit.answers(in, beat);
      }

      @Override
      public int elements(int beat) {
        return unit.elements(in, beat, lanes);
      }
    };
  }

  /** Packs beats into the rows of the next run. */
  void fill(long[][] in, int beats) {
    stimulus.pack(in, beats, sent);
    batch.stimulus().put(0, sent, 0, beats * stimulus.words);
  }

  /** Sends rows that {@link #fill} packed. */
  BatchResult runFilled(int beats, Stalls stalls) {
    return dut.run(batch, beats, stalls);
  }

  /** The same loop in C++ alone over the first {@code rows} rows; see {@link Dut#nativeLoop}. */
  public BatchResult nativeLoop(int rows, long beats) {
    return dut.nativeLoop(batch, rows, beats);
  }

  @Override
  public boolean matches(long[][] columns, int beats) {
    if (unit.normalizes()) {
      for (int f = 0; f < normal.length; f++) {
        int n = normal[f].length;
        if (!Arrays.equals(normal[f], 0, n, columns[f], 0, n)) {
          return false;
        }
      }
      return true;
    }
    int words = beats * response.words;
    response.pack(columns, beats, expected);
    batch.response().get(0, received, 0, words);
    return Arrays.equals(received, 0, words, expected, 0, words);
  }

  @Override
  public void answers(long[][] out, int beats) {
    if (!unit.normalizes()) {
      unpack(out, beats);
      return;
    }
    for (int f = 0; f < normal.length; f++) {
      System.arraycopy(normal[f], 0, out[f], 0, normal[f].length);
    }
  }

  private void unpack(long[][] out, int beats) {
    batch.response().get(0, received, 0, beats * response.words);
    response.unpack(received, beats, out);
  }

  @Override
  public void close() {
    dut.close();
  }

  /** Where the values of fields lie in a row of 64-bit words. */
  private static final class Layout {
    final int words;
    private final int lanes;
    private final Field[] fields; // in the order of the columns
    private final int[] first; // word of each

    Layout(VerilatedLibrary library, List<Port> ports, List<Field> wanted, int lanes) {
      this.lanes = lanes;
      fields = wanted.toArray(Field[]::new);
      first = new int[fields.length];
      Map<String, Integer> offsets = new LinkedHashMap<>();
      int word = 0;
      for (Port port : ports) {
        offsets.put(port.name(), word);
        word += port.words();
      }
      words = word;
      for (int i = 0; i < fields.length; i++) {
        Field f = fields[i];
        int width = library.port(f.port()).map(Port::width).orElse(0);
        if (width != f.bits(lanes) || !offsets.containsKey(f.port())) {
          throw new VerilogException(
              "%s must have a port %s of %d bits (%d lanes); it has %s"
                  .formatted(library.top(), f.port(), f.bits(lanes), lanes, library.ports()));
        }
        first[i] = offsets.remove(f.port());
      }
      if (!offsets.isEmpty()) {
        throw new VerilogException(
            "%s has ports that nobody drives or compares: %s"
                .formatted(library.top(), offsets.keySet()));
      }
    }

    void pack(long[][] columns, int beats, long[] rows) {
      for (int f = 0; f < fields.length; f++) {
        int count = fields[f].perBeat(lanes);
        int width = fields[f].width();
        if (count == 1) {
          packOne(columns[f], beats, rows, first[f]);
        } else if (width == 8 && count % 8 == 0) {
          packBytes(columns[f], beats, rows, first[f], count / 8);
        } else if (width <= 8 && count % 4 == 0) {
          packFours(columns[f], beats, rows, first[f], count / 4, width);
        } else if (64 % width == 0) {
          packEven(columns[f], beats, rows, first[f], count, width);
        } else {
          packOdd(columns[f], beats, rows, first[f], count, width);
        }
      }
    }

    private void packOne(long[] column, int beats, long[] rows, int word) {
      for (int b = 0, at = word; b < beats; b++, at += words) {
        rows[at] = column[b];
      }
    }

    /** The common case of {@link #packFours}, twice as fast. */
    private void packBytes(long[] c, int beats, long[] rows, int word, int perRow) {
      for (int b = 0, i = 0; b < beats; b++) {
        int at = b * words + word;
        for (int end = at + perRow; at < end; at++, i += 8) {
          long low = c[i] | c[i + 1] << 8 | c[i + 2] << 16 | c[i + 3] << 24;
          long high = c[i + 4] | c[i + 5] << 8 | c[i + 6] << 16 | c[i + 7] << 24;
          rows[at] = low | high << 32;
        }
      }
    }

    /** {@link #packOdd} of four lanes at a time. */
    private void packFours(long[] c, int beats, long[] rows, int word, int fours, int width) {
      int four = 4 * width;
      for (int b = 0, i = 0; b < beats; b++) {
        int at = b * words + word;
        long bits = 0;
        int used = 0;
        for (int end = i + 4 * fours; i < end; i += 4) {
          long low = c[i] | c[i + 1] << width;
          long high = c[i + 2] | c[i + 3] << width;
          long value = low | high << 2 * width;
          bits |= value << used;
          used += four;
          if (used >= 64) {
            rows[at++] = bits;
            used -= 64;
            bits = used == 0 ? 0 : value >>> four - used; // what did not fit
          }
        }
        if (used > 0) {
          rows[at] = bits;
        }
      }
    }

    private void packEven(long[] column, int beats, long[] rows, int word, int count, int width) {
      int perWord = 64 / width;
      int i = 0;
      for (int b = 0; b < beats; b++) {
        int at = b * words + word;
        for (int left = count; left > 0; left -= perWord) {
          long bits = 0;
          int n = Math.min(left, perWord);
          for (int k = 0, shift = 0; k < n; k++, shift += width) {
            bits |= column[i + k] << shift;
          }
          i += n;
          rows[at++] = bits;
        }
      }
    }

    private void packOdd(long[] column, int beats, long[] rows, int word, int count, int width) {
      int i = 0;
      for (int b = 0; b < beats; b++) {
        int at = b * words + word;
        long bits = 0;
        int used = 0;
        for (int k = 0; k < count; k++) {
          long value = column[i++];
          bits |= value << used;
          used += width;
          if (used >= 64) {
            rows[at++] = bits;
            used -= 64;
            bits = used == 0 ? 0 : value >>> width - used; // what did not fit
          }
        }
        if (used > 0) {
          rows[at] = bits;
        }
      }
    }

    void unpack(long[] rows, int beats, long[][] columns) {
      for (int f = 0; f < fields.length; f++) {
        int count = fields[f].perBeat(lanes);
        int width = fields[f].width();
        long mask = fields[f].mask();
        int i = 0;
        for (int b = 0; b < beats; b++) {
          int at = b * words + first[f];
          for (int k = 0, bit = 0; k < count; k++, bit += width) {
            int word = at + (bit >>> 6);
            int shift = bit & 63;
            long value = rows[word] >>> shift;
            if (shift + width > 64) {
              value |= rows[word + 1] << 64 - shift;
            }
            columns[f][i++] = value & mask;
          }
        }
      }
    }
  }

  /** Columns for {@code beats} beats of {@code fields}. */
  static long[][] columns(List<Field> fields, int lanes, int beats) {
    long[][] columns = new long[fields.size()][];
    for (int f = 0; f < columns.length; f++) {
      columns[f] = new long[fields.get(f).perBeat(lanes) * beats];
    }
    return columns;
  }
}
