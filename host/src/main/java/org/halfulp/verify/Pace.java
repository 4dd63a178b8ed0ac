package org.halfulp.verify;

import org.halfulp.sim.Stalls;

/**
 * The time of a stream of ranks: one word a cycle, and a rank takes a word whenever it is empty or
 * its own moves on. RTL twin: {@code stream_ranks.v}.
 */
final class Pace {
  private Pace() {}

  /**
   * Cycles from the first in which a word may be offered to the one in which the last is taken.
   *
   * @param ranks all empty before
   * @param stalls when words are offered and taken, as {@code model.cpp} draws it
   */
  static long cycles(int ranks, long beats, Stalls stalls) {
    if (stalls.inPercent() == 0 && stalls.outPercent() == 0) {
      return beats + ranks;
    }
    boolean[] full = new boolean[ranks];
    boolean offered = false;
    long accepted = 0;
    long returned = 0;
    long cycles = 0;
    while (returned < beats) {
      long draw = draw(stalls.seed() + ++cycles * 0x9E3779B97F4A7C15L);
      boolean moves = !below(draw >>> 32, stalls.outPercent()); // the rank that follows, if it is
      if (!offered && accepted < beats) {
        offered = !below(draw & 0xFFFFFFFFL, stalls.inPercent());
      }
      returned += moves && (ranks == 0 ? offered : full[ranks - 1]) ? 1 : 0;
      for (int k = ranks - 1; k >= 0; k--) {
        moves |= !full[k];
        if (moves) {
          full[k] = k == 0 ? offered : full[k - 1];
        }
      }
      if (offered && moves) {
        offered = false;
        accepted++;
      }
    }
    return cycles;
  }

  private static boolean below(long draw, int percent) {
    return draw * 100 >>> 32 < percent;
  }

  private static long draw(long state) {
    long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
