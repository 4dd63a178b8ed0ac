package org.halfulp.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.DqCompress;
import org.halfulp.number.FixedFormat;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;

/**
 * The worker's compressor of DQ-GD in the RTL, step by step beside the emulator: code, q, e and the
 * saturation flag of every coordinate are compared. A difference ends the run. RTL: {@code
 * dq_compress.v}; twin: {@link DqCompress}.
 */
public final class CompressLockstep implements AutoCloseable {
  private static final int LANES = 8;
  private static final int SHIFT_WIDTH = 6;

  private final DqCompressUnit unit;
  private final UnitModel model;
  private final Twin twin;
  private final int n;
  private final int beats;
  private final long[][] in;
  private final long[][] expected;
  private final long[][] got;
  private final DistinctCount distinct = new DistinctCount();
  private long compared;

  /**
   * @param value format of gradients and of errors
   * @param bits R of a coordinate
   * @param n coordinates
   */
  public CompressLockstep(ModelCache cache, FixedFormat value, int bits, int n) {
    this.n = n;
    unit = new DqCompressUnit(value, value, Optional.empty(), bits, SHIFT_WIDTH);
    beats = (n + LANES - 1) / LANES;
    in = UnitModel.columns(unit.inputs(), LANES, beats);
    expected = UnitModel.columns(unit.outputs(), LANES, beats);
    got = UnitModel.columns(unit.outputs(), LANES, beats);
    twin = unit.twin(LANES, 1);
    var library = cache.build(unit.build(RtlSources.of(unit.name(), cache.folder()), LANES));
    model = new UnitModel(unit, library, LANES, beats, 1, Map.of(), System.err::println);
  }

  /** The emulator's unit. */
  public DqCompress kernel() {
    return unit.kernel();
  }

  /**
   * One step in the RTL and in its twin.
   *
   * @param step its number, for the report
   * @param gradient codes of g, {@code error} of the last step's e
   * @param shift the range's
   * @param codes what the run sent; as well compared
   * @throws MismatchException if anything differs
   */
  public void step(long step, long[] gradient, long[] error, int shift, long[] codes) {
    long mask = unit.gradient().mask();
    for (int j = 0; j < n; j++) {
      in[0][j] = gradient[j] & mask;
      in[1][j] = error[j] & mask;
      distinct.add(in[0][j] | in[1][j] << 32 ^ (long) shift << 58);
    }
    Arrays.fill(in[4], shift);
    twin.respond(in, beats, expected);
    model.run(in, beats, beats, Stalls.NONE);
    model.answers(got, beats);
    long sent = (1L << unit.bits()) - 1;
    for (int j = 0; j < beats * LANES; j++) {
      boolean same = j >= n || expected[0][j] == (codes[j] & sent);
      for (int f = 0; f < expected.length; f++) {
        same &= expected[f][j] == got[f][j];
      }
      if (!same) {
        throw new MismatchException(report(step, j));
      }
      compared += j < n ? expected.length : 0;
    }
  }

  private String report(long step, int j) {
    StringBuilder text = new StringBuilder();
    text.append(
        "RTL and emulator differ at step %d, coordinate %d%n  %s%n"
            .formatted(step, j, unit.describe()));
    List<Field> inputs = unit.inputs();
    for (int f = 0; f < inputs.size(); f++) {
      if (inputs.get(f).read()) {
        long code = in[f][inputs.get(f).perLane() ? j : j / LANES];
        text.append(line(inputs.get(f).port(), "", inputs.get(f), code));
      }
    }
    for (int f = 0; f < expected.length; f++) {
      Field field = unit.outputs().get(f);
      text.append(line(field.port(), "rtl", field, got[f][j]));
      text.append(line(field.port(), "emulator", field, expected[f][j]));
    }
    return text.toString();
  }

  private static String line(String port, String side, Field field, long code) {
    String value =
        field.format().map(f -> "   " + f.decode(code & field.mask()).toDouble()).orElse("");
    return "  %-10s %-9s 0x%x%s%n".formatted(port, side, code, value);
  }

  /** Words that agreed. */
  public long compared() {
    return compared;
  }

  /** Different inputs among them. */
  public DistinctCount distinct() {
    return distinct;
  }

  @Override
  public void close() {
    model.close();
  }
}
