package org.halfulp.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.halfulp.number.FloatFormat;
import org.halfulp.sim.DutException;

/**
 * Makes a failure smaller while it stays one: fewer beats, then zeros in other lanes and simpler
 * values. Every attempt runs from reset.
 */
public final class Shrinker implements AutoCloseable {
  private static final int MAX_TRIES = 4000;

  /** A model that hangs takes its time limit at each try. */
  private static final int MAX_SECONDS = 30;

  private static final int MAX_BEATS_ONE_BY_ONE = 256;

  /** Failures of the last beats show with them alone; longer ones are kept whole. */
  private final Failure original;

  private final Campaign.Devices devices;
  private final List<Field> inputs;
  private final int lanes;
  private Device device; // null until needed, and after a breakdown
  private final long deadline = System.nanoTime() + MAX_SECONDS * 1_000_000_000L;
  private int tries;

  private Shrinker(Failure failure, Campaign.Devices devices) {
    this.original = failure;
    this.devices = devices;
    inputs = failure.unit().inputs();
    lanes = failure.lanes();
  }

  /**
   * Where device and emulator differ first.
   *
   * @param broken why the device broke down; empty if it answered
   * @param beat of the answer
   * @param expected a value for each output, {@code got} likewise; empty if it broke down
   */
  public record Difference(String broken, int beat, int lane, long[] expected, long[] got) {}

  /** The smallest failure found, and where it differs. */
  public record Shrunk(Failure failure, Difference difference, int tries) {}

  /**
   * Shrinks.
   *
   * @param devices as the failure's campaign had them
   * @return empty if the failure does not happen again, from reset
   */
  public static Optional<Shrunk> shrink(Failure failure, Campaign.Devices devices) {
    try (Shrinker s = new Shrinker(failure, devices)) {
      return s.run();
    }
  }

  /** Runs a failure as it is. */
  public static Optional<Difference> run(Failure failure, Campaign.Devices devices) {
    try (Shrinker s = new Shrinker(failure, devices)) {
      return s.differs(failure.in(), failure.beats());
    }
  }

  private Optional<Shrunk> run() {
    long[][] in = original.in();
    int beats = original.beats();
    Optional<Difference> found = differs(in, beats);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Difference first = found.get();
    if (first.broken().isEmpty() && first.beat() + 1 < beats) {
      long[][] head = beats(in, 0, first.beat() + 1);
      if (fails(head)) {
        in = head;
      }
    }
    in = last(in);
    in = fewer(in);
    simplify(in);
    int n = count(in);
    Difference difference = differs(in, n).orElseThrow();
    return Optional.of(new Shrunk(original.with(in, n, original.what()), difference, tries));
  }

  private int count(long[][] in) {
    return in[0].length / inputs.get(0).perBeat(lanes);
  }

  private long[][] beats(long[][] in, int from, int to) {
    long[][] some = new long[in.length][];
    for (int f = 0; f < in.length; f++) {
      int per = inputs.get(f).perBeat(lanes);
      some[f] = Arrays.copyOfRange(in[f], from * per, to * per);
    }
    return some;
  }

  private long[][] without(long[][] in, int from, int to) {
    long[][] less = new long[in.length][];
    for (int f = 0; f < in.length; f++) {
      int per = inputs.get(f).perBeat(lanes);
      less[f] = new long[in[f].length - (to - from) * per];
      System.arraycopy(in[f], 0, less[f], 0, from * per);
      System.arraycopy(in[f], to * per, less[f], from * per, in[f].length - to * per);
    }
    return less;
  }

  /** The shortest tail, by doubling, that fails by itself. */
  private long[][] last(long[][] in) {
    int n = count(in);
    for (int k = 1; k < n; k *= 2) {
      long[][] tail = beats(in, n - k, n);
      if (fails(tail)) {
        return tail;
      }
    }
    return in;
  }

  /** Leaves out runs of beats, long ones first. */
  private long[][] fewer(long[][] in) {
    long[][] best = in;
    for (int size = count(best) / 2; size >= 1; size /= 2) {
      if (size == 1 && count(best) > MAX_BEATS_ONE_BY_ONE) {
        break;
      }
      for (int from = 0; from + size <= count(best) && count(best) > size; ) {
        long[][] less = without(best, from, from + size);
        if (fails(less)) {
          best = less;
        } else {
          from += size;
        }
      }
    }
    return best;
  }

  private void simplify(long[][] in) {
    for (int f = 0; f < in.length; f++) { // whole ports
      replace(in, f, new long[in[f].length]);
    }
    for (int lane = 0; lane < lanes && lanes > 1; lane++) { // whole lanes
      for (int f = 0; f < in.length; f++) {
        if (inputs.get(f).perLane()) {
          long[] column = in[f].clone();
          for (int i = lane; i < column.length; i += lanes) {
            column[i] = 0;
          }
          replace(in, f, column);
        }
      }
    }
    boolean again = true;
    while (again && tries < MAX_TRIES) {
      again = false;
      for (int f = 0; f < in.length; f++) {
        for (int i = 0; i < in[f].length; i++) {
          again |= simplify(in, f, i);
        }
      }
    }
  }

  /**
   * Zero, one, an exponent nearer to one's, fewer bits: none of it undoes another, so that it ends.
   */
  private boolean simplify(long[][] in, int f, int i) {
    if (in[f][i] == 0) {
      return false;
    }
    if (replace(in, f, i, 0)) {
      return true;
    }
    boolean changed = false;
    long bits = inputs.get(f).mask();
    if (inputs.get(f).format().orElse(null) instanceof FloatFormat x) {
      long one = (long) x.bias() << x.fracBits() & x.mask() >>> 1;
      if (in[f][i] != one && replace(in, f, i, one)) {
        return true;
      }
      changed = nearerToOne(in, f, i, x, one);
      bits ^= (1L << x.expBits()) - 1 << x.fracBits();
      for (int bit = 0; bit < x.fracBits(); bit++) { // short significands
        long clear = in[f][i] & ~((2L << bit) - 1);
        if (clear != in[f][i] && !replace(in, f, i, clear)) {
          break;
        }
      }
    }
    for (long left = in[f][i] & bits; left != 0; left ^= Long.highestOneBit(left)) {
      changed |= replace(in, f, i, in[f][i] & ~Long.highestOneBit(left));
    }
    return changed;
  }

  /** The exponent of one or the one before it, or half the way to it, and so on. */
  private boolean nearerToOne(long[][] in, int f, int i, FloatFormat x, long one) {
    boolean changed = false;
    long field = (1L << x.expBits()) - 1 << x.fracBits();
    long distance = ((one & field) - (in[f][i] & field)) >> x.fracBits();
    while (distance != 0) {
      long lessOne = distance - Long.signum(distance); // the other parity
      if (replace(in, f, i, in[f][i] + (distance << x.fracBits()))
          || replace(in, f, i, in[f][i] + (lessOne << x.fracBits()))) {
        changed = true;
        distance = ((one & field) - (in[f][i] & field)) >> x.fracBits();
      } else {
        distance /= 2;
      }
    }
    return changed;
  }

  private boolean replace(long[][] in, int f, int i, long value) {
    long[] column = in[f].clone();
    column[i] = value;
    return replace(in, f, column);
  }

  private boolean replace(long[][] in, int f, long[] column) {
    if (Arrays.equals(in[f], column) || tries >= MAX_TRIES) {
      return false;
    }
    long[] before = in[f];
    in[f] = column;
    if (fails(in)) {
      return true;
    }
    in[f] = before;
    return false;
  }

  private boolean fails(long[][] in) {
    int n = count(in);
    return System.nanoTime() < deadline
        && original.unit().isLegal(in, n, lanes)
        && differs(in, n).isPresent();
  }

  private Optional<Difference> differs(long[][] in, int n) {
    tries++;
    Unit unit = original.unit();
    if (device == null) {
      device = devices.open(original.beats());
    }
    device.restart(original.seed());
    int room = Math.max(1, unit.maxAnswers(n));
    long[][] expected = UnitModel.columns(unit.outputs(), lanes, room);
    int answers = unit.twin(lanes, original.seed()).respond(in, n, expected);
    try {
      device.run(in, n, answers, original.stalls());
    } catch (DutException e) {
      device.close();
      device = null;
      return Optional.of(new Difference(e.getMessage(), 0, 0, new long[0], new long[0]));
    }
    if (device.matches(expected, answers)) {
      return exactly(in, n, expected);
    }
    long[][] got = UnitModel.columns(unit.outputs(), lanes, room);
    device.answers(got, answers);
    return first(expected, got, answers);
  }

  /** The twins of the emulator may differ as well: then the device counts as broken. */
  private Optional<Difference> exactly(long[][] in, int n, long[][] expected) {
    if (!original.what().startsWith(Campaign.TWINS_DIFFER)) {
      return Optional.empty();
    }
    Unit unit = original.unit();
    long[][] exact = UnitModel.columns(unit.outputs(), lanes, Math.max(1, unit.maxAnswers(n)));
    int answers = unit.exact(lanes, original.seed()).respond(in, n, exact);
    return first(exact, expected, answers);
  }

  private Optional<Difference> first(long[][] expected, long[][] got, int answers) {
    List<Field> outputs = original.unit().outputs();
    boolean perLane = outputs.stream().anyMatch(Field::perLane);
    int words = perLane ? lanes : 1;
    for (int w = 0; w < answers * words; w++) {
      long[] e = new long[outputs.size()];
      long[] g = new long[outputs.size()];
      for (int f = 0; f < e.length; f++) {
        int i = outputs.get(f).perLane() ? w : w / words;
        e[f] = expected[f][i];
        g[f] = got[f][i];
      }
      if (!Arrays.equals(e, g)) {
        return Optional.of(new Difference("", w / words, w % words, e, g));
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    if (device != null) {
      device.close();
    }
  }
}
