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
    int stride = draws * registers;
    for (int l = 0; l < registers; l += LANES) {
      LongVector s = LongVector.fromArray(L, states, l);
      int i = l;
      for (; i + stride <= n + l; i += stride) {
        LongVector t = next(s);
        for (int k = 0; k < draws; k++) {
          t.lanewise(LSHL, k * leap)
              .lanewise(LSHR, 64 - bits)
              .intoArray(out, from + i + k * registers);
        }
        s = s.lanewise(LSHL, draws * leap).or(t.lanewise(LSHR, 64 - draws * leap));
      }
      for (; i < n; i += registers) {
        LongVector t = next(s);
        t.lanewise(LSHR, 64 - bits).intoArray(out, from + i);
        s = s.lanewise(LSHL, leap).or(t.lanewise(LSHR, 64 - leap));
      }
      s.intoArray(states, l);
    }
  }

  private static LongVector next(LongVector s) {
    return s.lanewise(LSHL, 1)
        .lanewise(XOR, s)
        .lanewise(XOR, s.lanewise(LSHL, 3))
        .lanewise(XOR, s.lanewise(LSHL, 4));
  }
}
