package org.halfulp.verify;

import java.util.Collections;
import java.util.List;
import org.halfulp.sim.Stalls;

/**
 * The time of a stream: words go through a row of ranks, and a rank takes a word in each clock in
 * which it is empty or its own moves on. RTL twins: {@code stream_ranks.v}; the ranks of {@code
 * fx_mac.v}, {@code dot_product.v} and {@code sign_row.v}.
 *
 * @param ranks from the input on; only the first may be {@link Rank#SPLITTING}
 */
record Pace(List<Rank> ranks) {
  /** What becomes of a word in a rank. */
  enum Rank {
    /** It goes on. */
    PLAIN,
    /** It goes on if it is the last of its vector, else it has been added up. */
    REDUCING,
    /** It goes on with its right neighbour, or alone if there is none. */
    PAIRING,
    /** Its elements go on, one a clock. */
    SPLITTING
  }

  /** The words of a run. */
  interface Words {
    boolean isLast(int beat);

    int elements(int beat);
  }

  static Pace of(int ranks) {
    return new Pace(Collections.nCopies(ranks, Rank.PLAIN));
  }

  /**
   * Cycles from the first in which a word may be offered to the one in which the last is taken, or
   * in which the last answer is.
   *
   * @param beats after which no word but parts of a vector is inside; none but those were before
   * @param answers of these beats
   * @param stalls when words are offered and taken, as {@code model.cpp} draws it
   */
  long cycles(int beats, int answers, Stalls stalls, Words words) {
    boolean free = stalls.inPercent() == 0 && stalls.outPercent() == 0;
    if (free && !ranks.contains(Rank.SPLITTING)) {
      int last = beats - 1;
      while (last >= 0 && !words.isLast(last)) {
        last--;
      }
      return Math.max(beats, last < 0 ? 0 : last + 1L + ranks.size());
    }
    Row row = new Row(ranks);
    boolean offered = false;
    int accepted = 0;
    int returned = 0;
    long cycles = 0;
    while (returned < answers || accepted < beats) {
      long draw = draw(stalls.seed() + ++cycles * 0x9E3779B97F4A7C15L);
      boolean ready = !below(draw >>> 32, stalls.outPercent());
      if (!offered && accepted < beats) {
        offered = !below(draw & 0xFFFFFFFFL, stalls.inPercent());
      }
      returned += ready && row.shows(offered) ? 1 : 0;
      boolean last = offered && words.isLast(accepted);
      if (row.clock(ready, offered, last, offered ? words.elements(accepted) : 0)) {
        offered = false;
        accepted++;
      }
    }
    return cycles;
  }

  /** The ranks in a cycle. */
  private static final class Row {
    private final Rank[] ranks;
    private final boolean[] full;
    private final boolean[] last;
    private final boolean[] waiting; // a left neighbour is there
    private int left; // elements that are to leave the first rank

    Row(List<Rank> ranks) {
      this.ranks = ranks.toArray(Rank[]::new);
      full = new boolean[ranks.size()];
      last = new boolean[ranks.size()];
      waiting = new boolean[ranks.size()];
    }

    boolean shows(boolean offered) {
      return full.length == 0 ? offered : full[full.length - 1];
    }

    /** Returns whether the offered word is taken. */
    boolean clock(boolean ready, boolean offered, boolean offeredLast, int elements) {
      boolean moves = ready; // the rank that follows, if it is
      for (int k = ranks.length - 1; k >= 0; k--) {
        boolean more = ranks[k] == Rank.SPLITTING && full[k] && left > 1;
        if (more && moves) {
          left--;
        }
        moves = !more && (moves || !full[k]);
        if (moves) {
          boolean comes = k == 0 ? offered : full[k - 1];
          boolean ends = k == 0 ? offeredLast : last[k - 1] && (k > 1 || left <= 1);
          take(k, comes, ends, elements);
        }
      }
      return offered && moves;
    }

    private void take(int k, boolean comes, boolean ends, int elements) {
      full[k] =
          comes
              && switch (ranks[k]) {
                case PLAIN, SPLITTING -> true;
                case REDUCING -> ends;
                case PAIRING -> waiting[k] || ends;
              };
      last[k] = ends;
      if (comes) {
        waiting[k] = !waiting[k] && !ends;
        left = ranks[k] == Rank.SPLITTING ? elements : left;
      }
    }
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
