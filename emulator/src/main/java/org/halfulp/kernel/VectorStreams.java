package org.halfulp.kernel;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/** {@link ScalarStreams} by vectors, for a number of registers that fills them. */
final class VectorStreams extends ScalarStreams {
  private static final VectorSpecies<Long> L = LongVector.SPECIES_PREFERRED;
  private static final int LANES = L.length();

  private long[] words = new long[0];

  static boolean isWide() {
    return LANES >= 2;
  }

  @Override
  int width() {
    return LANES;
  }

  @Override
  void draw(long[] states, int bits, int leap, long[] out, int from, int n) {
    int registers = states.length;
    if (registers % LANES != 0) {
      super.draw(states, bits, leap, out, from, n);
      return;
    }
    // One word gives 60 bits of what follows: as many draws of a register as that holds.
    int draws = Math.max(1, MOST_LEAP / leap);
    int blocks = n / (draws * registers);
    if (words.length < registers * Math.max(1, blocks)) {
      words = new long[registers * Math.max(1, blocks)];
    }
    block(states, bits, leap, draws, blocks, out, from);
    int done = blocks * draws * registers;
    if (done < n) {
      block(states, bits, leap, (n - done) / registers, 1, out, from + done);
    }
  }

  /** So many draws of each register from one word of its, and that so many times. */
  private void block(
      long[] states, int bits, int leap, int draws, int blocks, long[] out, int from) {
    int registers = states.length;
    leap(states, draws * leap, registers * blocks);
    for (int k = 0; k < draws; k++) {
      extract(k * leap, 64 - bits, registers, draws, registers * blocks, out, from + k * registers);
    }
  }

  /**
   * The next {@code n} words. States pass through memory: a vector that one turn of a loop hands to
   * the next in a nest of loops was an object in each (148 KB a training step of E4M3 with SR).
   */
  private void leap(long[] states, int bits, int n) {
    for (int i = 0, l = 0; i < n; i += LANES) {
      LongVector s = LongVector.fromArray(L, states, l);
      LongVector t = next(s);
      t.intoArray(words, i);
      s.lanewise(LSHL, bits).or(t.lanewise(LSHR, 64 - bits)).intoArray(states, l);
      l = l + LANES == states.length ? 0 : l + LANES;
    }
  }

  private void extract(int left, int right, int registers, int draws, int n, long[] out, int from) {
    for (int i = 0, l = 0, at = from; i < n; i += LANES) {
      LongVector.fromArray(L, words, i)
          .lanewise(LSHL, left)
          .lanewise(LSHR, right)
          .intoArray(out, at);
      l += LANES;
      at += LANES;
      if (l == registers) {
        l = 0;
        at += (draws - 1) * registers;
      }
    }
  }

  private static LongVector next(LongVector s) {
    return s.lanewise(LSHL, 1)
        .lanewise(XOR, s)
        .lanewise(XOR, s.lanewise(LSHL, 3))
        .lanewise(XOR, s.lanewise(LSHL, 4));
  }
}
