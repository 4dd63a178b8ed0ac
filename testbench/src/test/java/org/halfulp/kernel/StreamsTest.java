package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** {@link Streams} against {@link PlainStreams}, and their statistics. */
class StreamsTest {
  private static Quantizer random(int bits) {
    return new Quantizer(FloatFormat.BFLOAT16, RoundingMode.SR, OverflowRule.NONE, bits, false);
  }

  @Test
  void drawsManyAtOnceAsOneByOne() {
    Cases cases = new Cases(41);
    long compared = 0;
    for (int k = 0; k < 600; k++) {
      int bits = cases.between(1, 32);
      int lanes = cases.between(1, cases.oneIn(2) ? 8 : 64);
      for (boolean vectors : new boolean[] {false, true}) {
        Streams streams = new Streams(random(bits), k, 3, lanes, vectors);
        PlainStreams plain = new PlainStreams(Optional.of(random(bits)), k, 3, lanes);
        for (int tensor = 0; tensor < 3; tensor++) {
          int n = cases.between(0, 1200);
          for (int i = 0; i < n; ) {
            long[] out = new long[Math.min(n - i, cases.between(1, 512))];
            streams.next(out, out.length);
            for (long r : out) {
              compared++;
              assertEquals(plain.forElement(i), r, "N=" + bits + " L=" + lanes + " i=" + i);
              i++;
            }
          }
          streams.endTensor();
          plain.endTensor();
        }
      }
    }
    assertTrue(compared >= 1_500_000, "compared " + compared);
  }

  @Test
  void twoLanesAndTwoQuantizersAreUncorrelated() {
    int n = 1 << 16;
    for (int bits : new int[] {1, 4, 8, 16, 32}) {
      uncorrelated(bits, "lanes", draws(bits, 7, 4, 0, n), draws(bits, 7, 4, 1, n));
      uncorrelated(bits, "quantizers", draws(bits, 6, 4, 0, n), draws(bits, 7, 4, 0, n));
      uncorrelated(bits, "draws in a row", draws(bits, 7, 4, 0, n), draws(bits, 7, 4, 0, n + 1));
    }
  }

  /** One lane's last {@code 2^16} of {@code n} draws. */
  private static long[] draws(int bits, int quantizer, int lanes, int lane, int n) {
    Streams streams = new Streams(random(bits), 2026, quantizer, lanes);
    long[] all = new long[n * lanes];
    streams.next(all, all.length);
    long[] one = new long[1 << 16];
    for (int i = 0; i < one.length; i++) {
      one[i] = all[(n - one.length + i) * lanes + lane];
    }
    return one;
  }

  /**
   * Bit by bit: of 2^16 pairs of fair independent bits, those that agree are binomial, with a
   * deviation of 128; six of them are passed once in 5e8 trials, and at most 32 * 32 pairs of bits
   * are tried.
   */
  private static void uncorrelated(int bits, String what, long[] a, long[] b) {
    long[][] columnsA = columns(bits, a);
    long[][] columnsB = columns(bits, b);
    for (int i = 0; i < bits; i++) {
      for (int j = 0; j < bits; j++) {
        int differ = 0;
        for (int k = 0; k < columnsA[i].length; k++) {
          differ += Long.bitCount(columnsA[i][k] ^ columnsB[j][k]);
        }
        assertTrue(
            Math.abs(differ - a.length / 2) <= 6 * 128,
            "%s, N=%d: bits %d and %d differ in %d of %d"
                .formatted(what, bits, i, j, differ, a.length));
      }
    }
  }

  /** Bit i of all draws, as words. */
  private static long[][] columns(int bits, long[] draws) {
    long[][] columns = new long[bits][draws.length / 64];
    for (int i = 0; i < bits; i++) {
      for (int k = 0; k < draws.length; k++) {
        columns[i][k >>> 6] |= (draws[k] >>> i & 1) << k;
      }
    }
    return columns;
  }
}
