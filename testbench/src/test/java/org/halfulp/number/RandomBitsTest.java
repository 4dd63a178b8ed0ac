package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The random stream: the register one bit at a time, its period, seeds and statistics. */
class RandomBitsTest {
  private static final int DRAWS = 1 << 20;

  /** One step of the register: the new bit is the xor of stages 64, 63, 61 and 60. */
  private static boolean step(boolean[] stage) {
    boolean fed = stage[64] ^ stage[63] ^ stage[61] ^ stage[60];
    System.arraycopy(stage, 1, stage, 2, 63);
    stage[1] = fed;
    return fed;
  }

  @Test
  void drawsAreTheRegisterStepByStep() {
    Random random = new Random(1);
    for (int trial = 0; trial < 2000; trial++) {
      long state = random.nextLong() | 1L << random.nextInt(64);
      boolean[] stage = new boolean[65]; // stage i+1 is bit i of the state
      for (int i = 0; i < 64; i++) {
        stage[i + 1] = (state >>> i & 1) != 0;
      }
      RandomBits bits = new RandomBits(state);
      for (int draw = 0; draw < 20; draw++) {
        int n = 1 + random.nextInt(32);
        long want = 0;
        for (int i = 0; i < n; i++) {
          want = 2 * want + (step(stage) ? 1 : 0);
        }
        assertEquals(want, bits.draw(n));
        long after = 0;
        for (int i = 63; i >= 0; i--) {
          after = 2 * after + (stage[i + 1] ? 1 : 0);
        }
        assertEquals(after, bits.state());
      }
    }
  }

  @Test
  void thePolynomialIsPrimitive() {
    BigInteger[] primes = {
      BigInteger.valueOf(3), BigInteger.valueOf(5), BigInteger.valueOf(17),
      BigInteger.valueOf(257), BigInteger.valueOf(641), BigInteger.valueOf(65537),
      BigInteger.valueOf(6700417)
    };
    BigInteger order = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    BigInteger product = BigInteger.ONE;
    for (BigInteger prime : primes) {
      assertTrue(prime.isProbablePrime(50));
      product = product.multiply(prime);
    }
    assertEquals(order, product);
    assertEquals(1, powerOfX(order));
    for (BigInteger prime : primes) {
      assertNotEquals(1, powerOfX(order.divide(prime)), "divided by " + prime);
    }
  }

  /** x^n modulo x^64 + x^63 + x^61 + x^60 + 1, bit i of the result for x^i. */
  private static long powerOfX(BigInteger n) {
    long power = 1;
    for (int i = n.bitLength() - 1; i >= 0; i--) {
      power = product(power, power);
      if (n.testBit(i)) {
        power = product(power, 2);
      }
    }
    return power;
  }

  private static long product(long a, long b) {
    long reduction = 1L << 63 | 1L << 61 | 1L << 60 | 1;
    long sum = 0;
    for (int i = 63; i >= 0; i--) {
      sum = sum << 1 ^ (sum < 0 ? reduction : 0) ^ ((b >>> i & 1) != 0 ? a : 0);
    }
    return sum;
  }

  @Test
  void seedsAreSplitMix64() {
    // First outputs of SplitMix64 from state 0 and 1234567 (Vigna's splitmix64.c; Rosetta Code).
    assertEquals(0xE220A8397B1DCDAFL, RandomBits.seed(0, 0, 0));
    assertEquals(0x6E789E6AA1B965F4L, RandomBits.seed(0, 0, 1));
    assertEquals(0x06C45D188009454FL, RandomBits.seed(0, 0, 2));
    assertEquals(Long.parseUnsignedLong("6457827717110365317"), RandomBits.seed(1234567, 0, 0));
    assertEquals(Long.parseUnsignedLong("3203168211198807973"), RandomBits.seed(1234567, 0, 1));
    // The one argument that mixes to 0 is 0: seed = -(index + 1) * golden.
    long golden = 0x9E3779B97F4A7C15L;
    assertEquals(golden, RandomBits.seed(-(3 * 65536L + 5 + 1) * golden, 3, 5));
    assertThrows(IllegalArgumentException.class, () -> RandomBits.seed(0, -1, 0));
    assertThrows(IllegalArgumentException.class, () -> RandomBits.seed(0, 0, 65536));
    assertThrows(IllegalArgumentException.class, () -> new RandomBits(0));
  }

  @Test
  void seedsAreDistinct() {
    Set<Long> seen = new HashSet<>();
    int count = 0;
    for (long seed : new long[] {0, 1, 2, 3, 42, -1, Long.MIN_VALUE, 20260101}) {
      for (int quantizer = 0; quantizer < 12; quantizer++) {
        for (int lane = 0; lane < 4096; lane++) {
          seen.add(RandomBits.seed(seed, quantizer, lane));
          count++;
        }
      }
    }
    assertEquals(8 * 12 * 4096, count);
    assertEquals(count, seen.size());
    assertTrue(!seen.contains(0L));
  }

  private static double[] stream(long seed, int quantizer, int lane, int bits) {
    RandomBits stream = new RandomBits(RandomBits.seed(seed, quantizer, lane));
    double[] x = new double[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
      x[i] = (stream.draw(bits) + 0.5) / (1L << bits) - 0.5;
    }
    return x;
  }

  /** Correlation of x with y shifted by lag, times sqrt(n): standard normal if independent. */
  private static double score(double[] x, double[] y, int lag) {
    double sum = 0;
    int n = x.length - lag;
    for (int i = 0; i < n; i++) {
      sum += x[i] * y[i + lag];
    }
    return sum / n * 12 * Math.sqrt(n);
  }

  @Test
  void drawsAreUniformAndUncorrelated() {
    // Five standard deviations: of the fewer than 1000 scores below, one in 1.7 million is beyond.
    for (int bits : new int[] {4, 8, 12, 24, 32}) {
      double[] x = stream(7, 5, 0, bits);
      double variance = 0;
      double sum = 0;
      int[] buckets = new int[16];
      for (double value : x) {
        sum += value;
        variance += value * value;
        buckets[(int) ((value + 0.5) * 16)]++;
      }
      assertTrue(Math.abs(sum / Math.sqrt(DRAWS / 12.0)) < 5, "mean of " + bits + " bits");
      double spread = (1 - Math.pow(4, -bits)) / 12;
      assertEquals(spread, variance / DRAWS, 0.001, "variance of " + bits + " bits");
      double chiSquare = 0;
      for (int count : buckets) {
        chiSquare += Math.pow(count - DRAWS / 16.0, 2) / (DRAWS / 16.0);
      }
      assertTrue(chiSquare < 52, "15 degrees of freedom, p = 5e-6: " + chiSquare);
      for (int lag = 1; lag <= 64; lag++) {
        double score = score(x, x, lag);
        assertTrue(Math.abs(score) < 5, bits + " bits, lag " + lag + ": " + score);
      }
    }
  }

  @Test
  void lanesAndQuantizersAreUncorrelated() {
    int scores = 0;
    for (int bits : new int[] {8, 16}) {
      double[] base = stream(7, 5, 0, bits);
      for (int lane = 1; lane <= 8; lane++) {
        double[] other = stream(7, 5, lane, bits);
        for (int lag = 0; lag < 4; lag++, scores++) {
          double score = score(base, other, lag);
          assertTrue(Math.abs(score) < 5, "lane " + lane + " lag " + lag + ": " + score);
        }
      }
      for (int quantizer = 0; quantizer < 12; quantizer++) {
        if (quantizer != 5) {
          for (int lag = 0; lag < 4; lag++, scores++) {
            double score = score(base, stream(7, quantizer, 0, bits), lag);
            assertTrue(Math.abs(score) < 5, "quantizer " + quantizer + ": " + score);
          }
        }
      }
      double[] nextSeed = stream(8, 5, 0, bits);
      assertTrue(Math.abs(score(base, nextSeed, 0)) < 5);
    }
    assertEquals(2 * (8 + 11) * 4, scores);
  }

  @Test
  void stochasticRoundingGoesUpAsOftenAsItShould() {
    // 1 + v/8 in E4M3 goes to 1.125 with probability floor(v 2^N) / 2^N; count over all R, then
    // over a stream.
    FloatFormat f = (FloatFormat) FormatName.parse("e4m3fn").format();
    for (int n : new int[] {1, 3, 8, 13}) {
      Quantizer q = new Quantizer(f, RoundingMode.SR, OverflowRule.NONE, n, false);
      for (int numerator : new int[] {1, 77, 128, 200, 255}) { // v = numerator / 256
        for (boolean negative : new boolean[] {false, true}) {
          Real x = Real.of(negative, BigInteger.valueOf(2048 + numerator), -11);
          long sign = negative ? 0x80 : 0;
          long away = 0;
          for (long r = 0; r < 1L << n; r++) {
            away += q.round(x, r).code() == (0x39 | sign) ? 1 : 0;
          }
          assertEquals((numerator << n) / 256, away, n + " bits, v = " + numerator + "/256");
          RandomBits stream = new RandomBits(RandomBits.seed(numerator, n, negative ? 1 : 0));
          int draws = 1 << 16;
          int seen = 0;
          for (int i = 0; i < draws; i++) {
            seen += q.round(x, stream.draw(n)).code() == (0x39 | sign) ? 1 : 0;
          }
          double p = away / (double) (1L << n);
          double deviation = Math.sqrt(draws * p * (1 - p));
          assertTrue(
              Math.abs(seen - draws * p) <= 5 * deviation,
              "%d bits, v = %d/256: %d of %d".formatted(n, numerator, seen, draws));
        }
      }
    }
  }
}
