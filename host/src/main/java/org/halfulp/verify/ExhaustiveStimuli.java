package org.halfulp.verify;

import java.util.List;
import java.util.Optional;

/**
 * Every combination of the inputs that are read: values of a beat outside, those of a lane inside.
 * Inputs that are not read carry noise. Lanes left over in the last beat of a round repeat the
 * first ones.
 */
final class ExhaustiveStimuli implements Stimuli {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int MAX_BITS = 40;

  private final List<Field> fields;
  private final int[] shift; // of each field in the index, -1 where it is not read
  private final int lanes;
  private final long seed;
  private final int laneBits;
  private final int beatBits;
  private final long beatsInside;

  private ExhaustiveStimuli(List<Field> fields, int lanes, long seed) {
    this.fields = fields;
    this.lanes = lanes;
    this.seed = seed;
    shift = new int[fields.size()];
    int inside = 0;
    int outside = 0;
    for (int f = fields.size() - 1; f >= 0; f--) { // the first field changes slowest
      Field field = fields.get(f);
      if (!field.read()) {
        shift[f] = -1;
      } else if (field.perLane()) {
        shift[f] = inside;
        inside += field.width();
      } else {
        shift[f] = outside;
        outside += field.width();
      }
    }
    laneBits = inside;
    beatBits = outside;
    beatsInside = ((1L << inside) + lanes - 1) / lanes;
  }

  /** Nothing if the unit has state, or more than 2^40 inputs. */
  static Optional<Stimuli> of(Unit unit, int lanes, long seed) {
    return of(unit, unit.inputs(), lanes, seed);
  }

  /**
   * @param inputs the unit's, with those as not read that need not be exhausted
   */
  static Optional<Stimuli> of(Unit unit, List<Field> inputs, int lanes, long seed) {
    return unit.stateless() && bits(inputs) <= MAX_BITS
        ? Optional.of(new ExhaustiveStimuli(inputs, lanes, seed))
        : Optional.empty();
  }

  /** Bits of the inputs that are read. */
  static int bits(List<Field> inputs) {
    return inputs.stream().filter(Field::read).mapToInt(Field::width).sum();
  }

  @Override
  public long beats() {
    return beatsInside << beatBits;
  }

  @Override
  public boolean exhausts() {
    return true;
  }

  @Override
  public long distinct() {
    return 1L << laneBits + beatBits;
  }

  @Override
  public void fill(long from, int beats, long[][] columns) {
    for (int f = 0; f < columns.length; f++) {
      Field field = fields.get(f);
      if (shift[f] < 0) {
        noise(field, from, beats, columns[f], seed + f);
      } else if (field.perLane()) {
        inside(from, beats, columns[f], shift[f], field.mask());
      } else {
        for (int b = 0; b < beats; b++) {
          columns[f][b] = (from + b) / beatsInside >>> shift[f] & field.mask();
        }
      }
    }
  }

  private void inside(long from, int beats, long[] column, int down, long mask) {
    long left = from % beatsInside;
    int i = 0;
    for (int done = 0; done < beats; left = 0) { // whole rounds of the inner index
      int n = (int) Math.min(beats - done, beatsInside - left);
      long index = left * lanes;
      for (int end = i + n * lanes; i < end; i++) {
        column[i] = index++ >>> down & mask;
      }
      done += n;
    }
  }

  private void noise(Field field, long from, int beats, long[] column, long salt) {
    int count = field.perBeat(lanes);
    int each = field.width() <= 8 && count % 8 == 0 ? 8 : 1; // values of a draw
    long x = Stimuli.mix(salt) + from * (count / each) * GOLDEN;
    if (each == 8) {
      long mask = field.mask();
      for (int i = 0; i < beats * count; i += 8) {
        x += GOLDEN;
        long bits = x ^ x >>> 29;
        for (int k = 0; k < 8; k++) {
          column[i + k] = bits >>> 8 * k & mask;
        }
      }
      return;
    }
    int down = 64 - field.width();
    for (int i = 0; i < beats * count; i++) {
      x += GOLDEN;
      column[i] = (x ^ x >>> 29) >>> down;
    }
  }
}
