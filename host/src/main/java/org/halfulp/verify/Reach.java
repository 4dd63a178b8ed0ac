package org.halfulp.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which bins a unit can reach, found by the emulator alone with stimuli of its own: operands drawn
 * class by class, and what a relative of the unit on small formats reaches, looked for here.
 */
final class Reach {
  private static final int VECTORS = 1 << 18;
  private static final int CHUNK = 4096;
  private static final int TRIES = 1024;

  /** Hits that a campaign must have been able to expect before an empty bin is its failure. */
  private static final double EXPECTED = 16;

  /** The part of a campaign's vectors that cross classes as the search does; see ClassStimuli. */
  private static final double CROSSED = 0.25;

  private final Unit unit;
  private final Bins bins;
  private final Map<Integer, long[][]> directed = new LinkedHashMap<>(); // by hard search
  private final Map<Integer, Long> examples = new LinkedHashMap<>(); // index of a vector
  private final Stimuli stimuli;
  private int lost;

  private Reach(Unit unit, long seed) {
    this.unit = unit;
    bins = new Bins(unit, 1);
    stimuli = new CrossedStimuli(unit, 1, seed, null);
  }

  /** Searches; empty if the unit has state or does not answer each beat. */
  static Optional<Reach> of(Unit unit, long seed) {
    if (!unit.stateless() || unit.reduces()) {
      return Optional.empty();
    }
    Reach reach = new Reach(unit, seed);
    reach.search(seed);
    unit.relative().ifPresent(small -> reach.follow(small, seed));
    return Optional.of(reach);
  }

  private void search(long seed) {
    Twin twin = unit.twin(1, seed);
    long[][] in = UnitModel.columns(unit.inputs(), 1, CHUNK);
    long[][] out = UnitModel.columns(unit.outputs(), 1, Math.max(CHUNK, unit.maxAnswers(CHUNK)));
    for (int from = 0; from < VECTORS; from += CHUNK) {
      stimuli.fill(from, CHUNK, in);
      twin.respond(in, CHUNK, out);
      for (int i = 0; i < CHUNK; i++) {
        examples.putIfAbsent(bins.binOf(in, i, out, i), (long) from + i);
      }
      bins.add(in, out, CHUNK);
    }
  }

  /** Looks here for what a relative reaches. */
  private void follow(Unit relative, long seed) {
    Reach small = new Reach(relative, seed + 1);
    small.search(seed + 1);
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
    return examples.size() + directed.size();
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

  /** Those among them that {@code vectors} vectors had to meet. */
  List<Integer> holes(List<Integer> missing, long vectors) {
    return missing.stream()
        .filter(bin -> (double) bins.count(bin) / VECTORS * CROSSED * vectors >= EXPECTED)
        .toList();
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
