package org.halfulp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which bins a unit can reach, found by the emulator alone with stimuli of its own: operands drawn
 * class by class, and what a relative of the unit on small formats reaches, looked for here.
 */
final class Reach {
  private static final int VECTORS = 1 << 18;
  private static final int FEWER = 1 << 16; // of a unit with state
  private static final int CHUNK = 4096;
  private static final int TRIES = 1024;

  /**
   * Hits by chance, words of one block or beat being one, that a campaign must have been able to
   * expect before an empty bin is its failure.
   */
  private static final double EXPECTED = 16;

  /** The part of a campaign's vectors that cross classes as the search does; see ClassStimuli. */
  private static final double CROSSED = 0.25;

  private final Unit unit;
  private final boolean alone; // each beat has its answer, which depends on no other
  private final int lanes;
  private final Bins bins;
  private final Map<Integer, long[][]> directed = new LinkedHashMap<>(); // by hard search
  private final Map<Integer, Long> examples = new LinkedHashMap<>(); // index of a vector
  private final Stimuli stimuli;
  private int lost;

  private Reach(Unit unit, long seed) {
    this.unit = unit;
    alone = unit.stateless() && !unit.reduces();
    lanes = alone ? 1 : unit.lanes();
    bins = new Bins(unit, lanes);
    stimuli = new CrossedStimuli(unit, lanes, seed, null);
  }

  /**
   * Searches.
   *
   * @param run words from one reset to the next, if the unit has state: what takes longer to reach
   *     is not asked of a campaign that did not go on for longer
   */
  static Reach of(Unit unit, long seed, long run) {
    Reach reach = new Reach(unit, seed);
    if (reach.alone) {
      reach.search(seed, VECTORS, VECTORS);
      unit.relative().ifPresent(small -> reach.follow(small, seed));
    } else {
      reach.search(seed, FEWER, run);
    }
    return reach;
  }

  /** Whether a bin has a vector that meets it by itself. */
  boolean hasExamples() {
    return alone;
  }

  private void search(long seed, int words, long run) {
    int beats = Math.max(1, CHUNK / lanes / unit.frame()) * unit.frame();
    Twin twin = unit.twin(lanes, seed);
    long[][] in = UnitModel.columns(unit.inputs(), lanes, beats);
    long[][] out =
        UnitModel.columns(unit.outputs(), lanes, Math.max(beats, unit.maxAnswers(beats)));
    long since = 0; // the reset
    for (int from = 0; from < words / lanes; from += beats, since += (long) beats * lanes) {
      if (since >= run) {
        twin = unit.twin(lanes, seed);
        since = 0;
      }
      stimuli.fill(from, beats, in);
      twin.respond(in, beats, out);
      for (int i = 0; alone && i < beats; i++) {
        examples.putIfAbsent(bins.binOf(in, i, out, i), (long) from + i);
      }
      bins.add(in, out, beats);
    }
  }

  /** Looks here for what a relative reaches. */
  private void follow(Unit relative, long seed) {
    Reach small = new Reach(relative, seed + 1);
    small.search(seed + 1, VECTORS, VECTORS);
    Twin twin = unit.twin(1, seed);
    for (int bin : bins.missing(small.bins)) {
      if (!find(bin, twin, seed)) {
        lost++;
      }
    }
  }

  /** Looks for one vector of a bin among those of its classes. */
  private boolean find(int bin, Twin twin, long seed) {
    long[][] in = UnitModel.columns(unit.inputs(), 1, TRIES);
    long[][] out = UnitModel.columns(unit.outputs(), 1, TRIES);
    new CrossedStimuli(unit, 1, seed + 2, bins.classesOf(bin)).fill(0, TRIES, in);
    twin.respond(in, TRIES, out);
    for (int i = 0; i < TRIES; i++) {
      if (bins.binOf(in, i, out, i) == bin) {
        long[][] one = new long[in.length][];
        for (int f = 0; f < in.length; f++) {
          one[f] = new long[] {in[f][i]};
        }
        directed.put(bin, one);
        return true;
      }
    }
    return false;
  }

  /** Bins that are known to be reachable. */
  int count() {
    return alone ? examples.size() + directed.size() : bins.met();
  }

  /** Bins that the relative reaches and no search found here. */
  int lost() {
    return lost;
  }

  /** Reachable bins that a campaign did not meet. */
  List<Integer> missing(Bins met) {
    List<Integer> missing = new ArrayList<>(met.missing(bins));
    for (int bin : directed.keySet()) {
      if (met.count(bin) == 0) {
        missing.add(bin);
      }
    }
    return missing;
  }

  /** Those among them that {@code vectors} vectors in beats of {@code width} had to meet. */
  List<Integer> holes(List<Integer> missing, long vectors, int width) {
    double total = bins.total();
    double chances = CROSSED * vectors / Math.max(ClassStimuli.BLOCK, width);
    return missing.stream().filter(bin -> bins.count(bin) / total * chances >= EXPECTED).toList();
  }

  /** One vector of a bin: a value for each input. */
  long[] example(int bin) {
    long[][] in = directed.get(bin);
    if (in == null) {
      in = UnitModel.columns(unit.inputs(), 1, 1);
      stimuli.fill(examples.get(bin), 1, in);
    }
    long[] values = new long[in.length];
    for (int f = 0; f < in.length; f++) {
      values[f] = in[f][0];
    }
    return values;
  }
}
