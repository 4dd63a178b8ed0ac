package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Packed products beside the plain sum of products. */
class SignMatrixTest {

  private static double[] values(SplittableRandom random, int n) {
    double[] v = new double[n];
    for (int i = 0; i < n; i++) {
      v[i] =
          switch (random.nextInt(8)) {
            case 0 -> 0.0;
            case 1 -> -0.0;
            default -> Math.scalb(random.nextDouble() - .5, random.nextInt(-20, 20));
          };
    }
    return v;
  }

  private static int sign(double v) {
    return v >= 0 ? 1 : -1; // -0.0 too
  }

  @Test
  void everyWidthUpTo200EqualsThePlainProductInEveryBit() {
    SplittableRandom random = new SplittableRandom(1);
    long compared = 0;
    int paddingCounts = 0;
    for (int width = 1; width <= 200; width++) {
      int rows = 1 + width % 5;
      int inputs = 1 + width * 7 % 131; // blocks of 64 and parts of one
      double[] w = values(random, rows * width);
      double[] x = values(random, inputs * width);
      SignMatrix m = SignMatrix.of(w, rows, width);
      assertEquals((long) rows * width, m.weightBits());
      assertEquals(64L * rows * ((width + 63) / 64), m.storedBits());
      double[] products = new double[inputs * rows];
      m.products(x, inputs, products);
      int words = SignMatrix.words(width);
      long[] packed = new long[words + 1];
      int[] dots = new int[rows];
      for (int i = 0; i < inputs; i++) {
        SignMatrix.pack(x, i * width, width, packed, 1);
        int pad = 64 * words - width;
        if (pad > 0) { // what lies there must not count
          long noise = random.nextLong() | 1L << 63;
          packed[words] |= noise & -1L << 64 - pad;
        }
        m.dots(packed, 1, dots);
        for (int r = 0; r < rows; r++) {
          double real = 0;
          int binary = 0;
          for (int c = 0; c < width; c++) {
            int s = sign(w[r * width + c]);
            assertEquals(s, m.at(r, c));
            real += s * x[i * width + c];
            binary += s * sign(x[i * width + c]);
          }
          assertEquals(binary, dots[r], "width " + width);
          assertEquals(
              Double.doubleToRawLongBits(real),
              Double.doubleToRawLongBits(products[i * rows + r]),
              "width " + width);
          compared += 2;
          paddingCounts += pad > 0 ? 1 : 0;
        }
      }
    }
    assertTrue(compared > 30_000 && paddingCounts > 10_000, compared + " " + paddingCounts);
    System.out.printf("sign matrices: %d products equal, widths 1 to 200%n", compared);
  }

  @Test
  void refusesWhatHasNoSign() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> SignMatrix.of(new double[] {1, Double.NaN}, 1, 2));
    assertTrue(e.getMessage().contains("value 1 is NaN"), e::getMessage);
    assertThrows(IllegalArgumentException.class, () -> SignMatrix.of(new double[3], 2, 2));
    assertThrows(IllegalArgumentException.class, () -> SignMatrix.of(new double[0], 0, 2));
    SignMatrix m = SignMatrix.of(new double[65], 1, 65);
    assertThrows(IndexOutOfBoundsException.class, () -> m.dots(new long[1], 0, new int[1]));
    assertThrows(
        IndexOutOfBoundsException.class, () -> m.products(new double[65], 1, new double[0]));
  }

  @Test
  void walshHadamardIsItsMatrix() {
    SplittableRandom random = new SplittableRandom(2);
    for (int n = 1; n <= 64; n *= 2) {
      double[] x = new double[n + 2];
      for (int i = 0; i < x.length; i++) {
        x[i] = random.nextInt(-100, 100); // exact sums
      }
      double[] y = x.clone();
      WalshHadamard.transform(y, 1, n);
      assertEquals(x[0], y[0]);
      assertEquals(x[n + 1], y[n + 1]);
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < n; j++) {
          sum += Integer.bitCount(i & j) % 2 == 0 ? x[j + 1] : -x[j + 1];
        }
        assertEquals(sum, y[i + 1]);
      }
      WalshHadamard.transform(y, 1, n);
      for (int i = 0; i < n; i++) {
        assertEquals(n * x[i + 1], y[i + 1]);
      }
    }
    assertEquals(256, WalshHadamard.size(200));
    assertEquals(256, WalshHadamard.size(256));
    assertEquals(1, WalshHadamard.size(1));
    assertThrows(
        IllegalArgumentException.class, () -> WalshHadamard.transform(new double[6], 0, 6));
  }
}
