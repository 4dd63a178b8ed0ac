package org.halfulp.verify;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Rows of choices in which every pair of choices of two factors occurs: the greedy way of AETG
 * (Cohen, Dalal, Fredman and Patton 1997). The first factors are crossed in full.
 */
final class CoveringDesign {
  /** What a row means. */
  interface Rules {
    /** Whether the row can be built. */
    boolean isLegal(int[] row);

    /** Whether the factor matters in this row: a product's format does not in a fused unit. */
    boolean isActive(int[] row, int factor);
  }

  private static final int CANDIDATES = 60;
  private static final int TRIES = 5000;

  private final int[] sizes;
  private final int[] base;
  private final Rules rules;
  private final SplittableRandom random;
  private final BitSet covered;
  private final int choices;
  private final List<int[]> rows = new ArrayList<>();
  private final List<String> impossible = new ArrayList<>();
  private boolean anyLegal; // among the last candidates

  /**
   * @param sizes choices of each factor
   * @param crossed how many of the first factors are crossed in full
   */
  CoveringDesign(int[] sizes, int crossed, Rules rules, long seed) {
    this.sizes = sizes;
    this.rules = rules;
    random = new SplittableRandom(seed);
    base = new int[sizes.length];
    int sum = 0;
    for (int f = 0; f < sizes.length; f++) {
      base[f] = sum;
      sum += sizes[f];
    }
    choices = sum;
    covered = new BitSet(sum * sum);
    cross(new int[sizes.length], 0, crossed);
    for (int f = 0; f < sizes.length; f++) {
      for (int h = 0; h < f; h++) {
        coverPairs(f, h);
      }
    }
  }

  List<int[]> rows() {
    return rows;
  }

  /** Pairs of choices that no legal row has, as "factor=choice factor=choice". */
  List<String> impossible() {
    return impossible;
  }

  /** Pairs that occur. */
  int pairs() {
    return covered.cardinality();
  }

  /** Pairs that occur in some of the rows. */
  int pairs(List<int[]> some) {
    BitSet pairs = new BitSet(covered.size());
    some.forEach(row -> mark(row, pairs));
    return pairs.cardinality();
  }

  private void cross(int[] row, int factor, int crossed) {
    if (factor < crossed) {
      for (row[factor] = 0; row[factor] < sizes[factor]; row[factor]++) {
        cross(row, factor + 1, crossed);
      }
      return;
    }
    boolean[] fixed = new boolean[sizes.length];
    for (int f = 0; f < crossed; f++) {
      fixed[f] = true;
    }
    int[] best = best(row, fixed);
    if (best == null) {
      throw new IllegalStateException("no legal row for " + java.util.Arrays.toString(row));
    }
    take(best);
  }

  private void coverPairs(int f, int h) {
    int[] row = new int[sizes.length];
    boolean[] fixed = new boolean[sizes.length];
    fixed[f] = true;
    fixed[h] = true;
    for (row[f] = 0; row[f] < sizes[f]; row[f]++) {
      for (row[h] = 0; row[h] < sizes[h]; row[h]++) {
        if (covered.get(pair(row, f, h))) {
          continue;
        }
        int[] best = best(row, fixed);
        if (best != null) {
          take(best);
        } else if (!anyLegal) {
          impossible.add("%d=%d %d=%d".formatted(f, row[f], h, row[h]));
        }
      }
    }
  }

  /** Of some random completions the one with the most new pairs; null if none matters. */
  private int[] best(int[] row, boolean[] fixed) {
    int[] best = null;
    int most = -1;
    int legal = 0;
    anyLegal = false;
    for (int t = 0; t < TRIES && legal < CANDIDATES; t++) {
      int[] candidate = row.clone();
      for (int f = 0; f < sizes.length; f++) {
        if (!fixed[f]) {
          candidate[f] = random.nextInt(sizes[f]);
        }
      }
      boolean possible = rules.isLegal(candidate);
      anyLegal |= possible;
      for (int f = 0; f < sizes.length; f++) {
        possible &= !fixed[f] || rules.isActive(candidate, f);
      }
      if (!possible) {
        continue;
      }
      legal++;
      int gain = count(candidate);
      if (gain > most) {
        most = gain;
        best = candidate;
      }
    }
    return best;
  }

  private int pair(int[] row, int f, int h) {
    return (base[f] + row[f]) * choices + base[h] + row[h];
  }

  private int count(int[] row) {
    int gain = 0;
    for (int f = 0; f < sizes.length; f++) {
      for (int h = 0; h < f && rules.isActive(row, f); h++) {
        gain += rules.isActive(row, h) && !covered.get(pair(row, f, h)) ? 1 : 0;
      }
    }
    return gain;
  }

  private void take(int[] row) {
    rows.add(row);
    mark(row, covered);
  }

  private void mark(int[] row, BitSet pairs) {
    for (int f = 0; f < sizes.length; f++) {
      for (int h = 0; h < f && rules.isActive(row, f); h++) {
        if (rules.isActive(row, h)) {
          pairs.set(pair(row, f, h));
        }
      }
    }
  }
}
