package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.halfulp.kernel.DqCompress;
import org.halfulp.number.FixedFormat;
import org.halfulp.sim.Fixtures;
import org.junit.jupiter.api.Test;

/** The compressor's RTL beside the emulator, with a code that is not the one that was sent. */
class CompressLockstepTest {
  @Test
  void aForeignCodeIsFound() {
    FixedFormat value = new FixedFormat(true, 12, 6);
    int n = 13; // not a whole number of beats
    Random random = new Random(3);
    try (CompressLockstep lockstep = new CompressLockstep(Fixtures.cache(), value, 4, n)) {
      DqCompress kernel = lockstep.kernel();
      long[] g = new long[n];
      long[] e = new long[n];
      long[] codes = new long[n];
      for (int t = 0; t < 50; t++) {
        int shift = t % 6;
        for (int j = 0; j < n; j++) {
          g[j] = random.nextInt(4096) - 2048;
          e[j] = random.nextInt(4096) - 2048;
          kernel.compress(g[j], e[j], 0, 0, shift);
          codes[j] = kernel.code();
        }
        lockstep.step(t, g, e, shift, codes);
      }
      assertEquals(50 * 13 * 4, lockstep.compared());
      assertTrue(lockstep.distinct().count() > 600);
      codes[12] ^= 1;
      MismatchException found =
          assertThrows(MismatchException.class, () -> lockstep.step(50, g, e, 1, codes));
      assertTrue(found.report().contains("step 50, coordinate"), found::report);
    }
  }
}
