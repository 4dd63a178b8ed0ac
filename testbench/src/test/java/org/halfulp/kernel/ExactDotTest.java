package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.junit.jupiter.api.Test;

/** {@link ExactDot} against {@link ExactSum}. */
class ExactDotTest {
  private final ExactSum slow = new ExactSum();

  /** Compares all rows; returns those that were summed in doubles. */
  private int compare(
      ExactDot fast, double[] a, int aRow, int aStep, double[] b, int rows, int n, String what) {
    int summed = 0;
    for (int i = 0; i < rows; i++) {
      if (fast.error[i] == fast.error[i]) {
        summed++;
        assertEquals(0, difference(fast, a, aRow, aStep, b, n, i), what + " row " + i);
      } else {
        assertTrue(Double.isNaN(fast.error[i]));
      }
    }
    return summed;
  }

  /** What the slow twin's sum is more than the fast one's: 0 if they are equal. */
  private double difference(
      ExactDot fast, double[] a, int aRow, int aStep, double[] b, int n, int i) {
    slow.clear();
    for (int j = 0; j < n; j++) {
      slow.addProduct(a[i * aRow + j * aStep], b[j]);
    }
    assertEquals(fast.nearest[i], fast.nearest[i] + fast.error[i]);
    slow.add(-fast.nearest[i]);
    slow.add(-fast.error[i]);
    return slow.toOdd();
  }

  private static double[] values(Cases cases, Format f, int n, int how) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = f.toDouble(cases.random().nextLong() & f.mask());
      double limit = how < 3 ? Double.MAX_VALUE : 16;
      if (how < 9 && !(Math.abs(x[i]) <= limit)) {
        x[i] = f.signed() ? cases.between(-1, 1) : 1;
      }
      if (how > 5 && Math.abs(x[i]) < 0x1p-5) {
        x[i] = f.signed() ? -0.0 : 0;
      }
    }
    return x;
  }

  @Test
  void everyLengthAndLayoutInManyFormats() {
    String[] names = {"e4m3fn", "e5m2", "e2m1fn", "fp16", "bf16", "q2.6", "q4.12", "q16.16"};
    Cases cases = new Cases(51);
    int[] summed = new int[names.length];
    for (int n = 0; n <= 200; n++) {
      for (int k = 0; k < names.length; k++) {
        Format f = FormatName.parse(names[k]).format();
        int how = cases.between(0, 9);
        int rows = cases.oneIn(100) ? cases.between(500, 1100) : cases.between(1, 13);
        double[] a = values(cases, f, rows * n + 64, how);
        double[] b = values(cases, f, n, how);
        ExactDot fast = new ExactDot(f, f, cases.oneIn(2));
        int[][] layouts = {{n, 1}, {1, rows}, {n == 0 ? 1 : n / 2, 2}, {1, 1}};
        for (int[] layout : layouts) {
          if ((rows - 1) * layout[0] + (n - 1) * layout[1] >= a.length) {
            continue;
          }
          fast.run(a, layout[0], layout[1], b, rows, n);
          summed[k] += compare(fast, a, layout[0], layout[1], b, rows, n, names[k] + " n " + n);
        }
      }
    }
    for (int k = 0; k < names.length; k++) {
      assertTrue(summed[k] > 300, names[k] + " " + Arrays.toString(summed));
    }
  }

  /** Terms at the ends of their range, until one more doubling would be one bit too many. */
  @Test
  void theBoundOfOneDoubleIsMetAndNeeded() {
    FixedFormat f = new FixedFormat(false, 24, 0); // products below 2^48
    int n = 32;
    assertEquals(1, ExactDot.parts(Extent.of(f).times(Extent.of(f)), n));
    assertEquals(2, ExactDot.parts(Extent.of(f).times(Extent.of(f)), n + 1));
    double[] most = new double[2 * n];
    Arrays.fill(most, f.toDouble(f.mask()));
    for (int t = 2; t < 12; t++) {
      int rows = t / 2;
      ExactDot fast = new ExactDot(f, f, t % 2 == 0);
      double[] a = new double[rows * 2 * n];
      Arrays.fill(a, most[0]);
      fast.run(a, n, 1, most, rows, n);
      assertEquals(rows, compare(fast, a, n, 1, most, rows, n, "rows"));
      fast.run(a, 1, rows, most, rows, n);
      assertEquals(rows, compare(fast, a, 1, rows, most, rows, n, "columns"));
      // twice as many in one double: sums of odd terms lose their last bit
      fast.run(1, 48, a, 2 * n, 1, most, rows, 2 * n - 1);
      assertNotEquals(0, difference(fast, a, 2 * n, 1, most, 2 * n - 1, 0));
      fast.run(a, 2 * n, 1, most, rows, 2 * n - 1);
      assertEquals(rows, compare(fast, a, 2 * n, 1, most, rows, 2 * n - 1, "two parts"));
    }
  }

  @Test
  void theBoundOfTwoDoublesIsMetAndNeeded() {
    int[] fits = {8, 64, 1000};
    for (int n : fits) {
      int k = Extent.log2(n);
      // high - low + 2k = 104: the largest terms beside the smallest
      int low = -40;
      int high = 104 - 2 * k + low;
      assertEquals(2, ExactDot.parts(new Extent(low, high, 53), n));
      assertEquals(0, ExactDot.parts(new Extent(low - 1, high, 53), n));
      Cases cases = new Cases(n);
      double[] ones = new double[n];
      Arrays.fill(ones, 1);
      int lost = 0;
      for (int t = 0; t < 300; t++) {
        int rows = cases.between(1, 6);
        double[] a = new double[rows * n];
        double[] wide = new double[rows * n];
        for (int i = 0; i < a.length; i++) {
          double top = Math.nextDown(Math.scalb(1.0, high));
          double odd = Math.scalb(1.0 + 2 * cases.between(0, 1 << 20), low);
          a[i] = t % 3 == 0 ? top : t % 3 == 1 ? -top : cases.oneIn(2) ? odd : top / 2;
          // the same with a lower part of all ones, and that with 8 bits more below
          a[i] = cases.oneIn(2) ? a[i] : lowerOnes(high, k, low);
          wide[i] = cases.oneIn(2) ? a[i] : lowerOnes(high, k, low - 8);
        }
        ExactDot fast = new ExactDot(null, null, t % 2 == 0);
        fast.reserve(rows);
        fast.run(2, high, a, n, 1, ones, rows, n);
        assertEquals(rows, compare(fast, a, n, 1, ones, rows, n, "rows"));
        fast.run(2, high, a, 1, rows, ones, rows, n);
        assertEquals(rows, compare(fast, a, 1, rows, ones, rows, n, "columns"));
        fast.run(2, high, wide, n, 1, ones, rows, n);
        lost += difference(fast, wide, n, 1, ones, n, 0) != 0 ? 1 : 0;
      }
      assertTrue(lost > 100, "a sum of 8 bits more was exact all the same: " + lost);
    }
  }

  /** Just below half the upper part's last place, down to {@code 2^low}. */
  private static double lowerOnes(int high, int k, int low) {
    int halfLast = high + k + 2 - 53;
    return Math.scalb(1.0, halfLast) - Math.scalb(1.0, Math.max(low, halfLast - 52));
  }

  @Test
  void bothPathsAreTested() {
    assertTrue(LoopChoice.hasVectors());
  }

  @Test
  void unknownValuesAreSummedWhereTheirRangeAllows() {
    Cases cases = new Cases(52);
    ExactDot fast = new ExactDot(null, FloatFormat.BFLOAT16);
    double[] a = new double[6 * 50];
    double[] b = new double[50];
    Arrays.setAll(a, i -> cases.random().nextDouble(1, 2));
    Arrays.setAll(b, i -> cases.between(1, 200));
    fast.run(a, 50, 1, b, 6, 50);
    assertEquals(6, compare(fast, a, 50, 1, b, 6, 50, "near each other"));
    a[77] = 0x1p-80;
    fast.run(a, 50, 1, b, 6, 50);
    assertEquals(0, compare(fast, a, 50, 1, b, 6, 50, "far from each other"));
    a[77] = Double.NaN;
    fast.run(a, 50, 1, b, 6, 50);
    assertTrue(compare(fast, a, 50, 1, b, 6, 50, "one NaN") % 5 == 0);
  }
}
