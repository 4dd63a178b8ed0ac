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
  void draw(long[] states, int bits, int leap, long[] out, int from, int n) {
    int registers = states.length;
    if (registers % LANES != 0) {
      super.draw(states, bits, leap, out, from, n);
      return;
    }
    for (int l = 0; l < registers; l += LANES) {
      LongVector s = LongVector.fromArray(L, states, l);
      for (int i = l; i < n; i += registers) {
        LongVector t =
            s.lanewise(LSHL, 1)
                .lanewise(XOR, s)
                .lanewise(XOR, s.lanewise(LSHL, 3))
                .lanewise(XOR, s.lanewise(LSHL, 4));
        t.lanewise(LSHR, 64 - bits).intoArray(out, from + i);
        s = s.lanewise(LSHL, leap).or(t.lanewise(LSHR, 64 - leap));
      }
      s.intoArray(states, l);
    }
  }
}
