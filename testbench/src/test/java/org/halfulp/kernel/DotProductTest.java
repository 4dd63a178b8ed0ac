package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** {@link DotProduct} against {@link PlainDot}. */
class DotProductTest {
  private static final int[] FAN_IN = {2, 3, 4, 7};

  static Optional<Quantizer> maybe(Cases cases, Format format) {
    return cases.oneIn(3) ? Optional.empty() : Optional.of(cases.quantizer(format));
  }

  static Accumulator accumulator(Cases cases) {
    Order order = Order.values()[cases.between(0, 2)];
    Format format = cases.oneIn(3) ? cases.fixedFormat(true, 40) : cases.floatFormat(8, 23);
    int fanIn = order == Order.TREE ? FAN_IN[cases.between(0, 3)] : 0;
    return new Accumulator(order, fanIn, maybe(cases, format), maybe(cases, cases.smallFormat()));
  }

  /** A value of the format, or any where there is none. */
  private static double element(Cases cases, Format format, boolean wide) {
    double x = element(cases, wide);
    if (format == null) {
      return x;
    }
    OverflowRule rule = format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
    Quantizer q = new Quantizer(format, RoundingMode.RNE, rule, 0, true);
    return cases.oneIn(4)
        ? format.toDouble(cases.random().nextLong() & format.mask())
        : format.toDouble(q.round(Real.of(x), 0).code());
  }

  private static double element(Cases cases, boolean wide) {
    if (cases.oneIn(60)) {
      double[] odd = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0};
      return odd[cases.between(0, 3)];
    }
    if (cases.oneIn(12)) {
      return cases.oneIn(2) ? 0.0 : -0.0;
    }
    return wide
        ? Math.scalb(cases.random().nextDouble(-1, 1), cases.between(-9, 9))
        : Math.scalb((double) cases.between(-31, 31), cases.between(-6, 2));
  }

  @Test
  void equalsThePlainSumInEveryOrder() {
    Cases cases = new Cases(21);
    long compared = 0;
    Map<Order, Integer> seen = new EnumMap<>(Order.class);
    for (int i = 0; i < 2000; i++) {
      Accumulator acc = accumulator(cases);
      seen.merge(acc.order(), 1, Integer::sum);
      Optional<Quantizer> next = maybe(cases, cases.smallFormat());
      int lanes = cases.between(1, 9);
      long seed = cases.random().nextLong();
      Format left = cases.oneIn(3) ? null : cases.smallFormat();
      Format right = cases.oneIn(3) ? null : cases.smallFormat();
      DotProduct fast =
          new DotProduct(
              acc,
              left,
              right,
              seed,
              lanes,
              8,
              10,
              next.map(Rounder::new).orElse(null),
              new Streams(next.orElse(null), seed, 2, lanes));
      PlainDot plain = new PlainDot(acc, seed, lanes, 8, 10, next, 2);
      boolean wide = cases.oneIn(3);
      for (int run = 0; run < 3; run++) {
        int rows = cases.between(1, 12);
        int n = cases.oneIn(4) ? cases.between(0, 2) : cases.between(3, 30);
        boolean transposed = cases.oneIn(2);
        boolean negate = cases.oneIn(2);
        double[] a = new double[rows * n];
        double[] b = new double[n];
        Real[][] ra = new Real[rows][n];
        Real[] rb = new Real[n];
        for (int j = 0; j < n; j++) {
          b[j] = element(cases, right, wide);
          rb[j] = Real.of(b[j]);
          for (int k = 0; k < rows; k++) {
            double x = element(cases, left, wide);
            a[transposed ? j * rows + k : k * n + j] = x;
            ra[k][j] = Real.of(x);
          }
        }
        double[] out = new double[rows];
        long[] codes = new long[rows];
        fast.run(a, transposed ? 1 : n, transposed ? rows : 1, b, rows, n, negate, out, codes);
        long[] expected = plain.run(ra, rb, negate);
        Format format = next.map(Quantizer::format).orElse(FloatFormat.FLOAT64);
        for (int k = 0; k < rows; k++) {
          compared++;
          String what =
              acc + " of " + left + " " + right + " next " + next + " lanes " + lanes + " row " + k
                  + " n " + n;
          if (next.isPresent()) {
            assertEquals(format.hex(expected[k]), format.hex(codes[k]), what);
          }
          assertEquals(
              Double.toHexString(format.toDouble(expected[k])), Double.toHexString(out[k]), what);
        }
      }
    }
    assertTrue(compared > 35_000, "compared " + compared);
    assertEquals(3, seen.size());
  }

  /** More rows than go side by side, in both layouts, each rounding stochastic. */
  @Test
  void blocksOfRowsTakeTheirDrawsInOrder() {
    Format f = FormatName.parse("e4m3fn").format();
    Quantizer sr = new Quantizer(f, RoundingMode.SR, OverflowRule.FINITE, 5, false);
    Optional<Quantizer> half =
        Optional.of(
            new Quantizer(FloatFormat.FLOAT16, RoundingMode.SR, OverflowRule.FINITE, 9, false));
    int[][] sizes = {{1100, 3}, {20, 2100}, {530, 1}};
    Cases cases = new Cases(23);
    for (int[] size : sizes) {
      for (int kind = 0; kind < 4; kind++) {
        Order order = kind < 2 ? Order.SEQUENTIAL : Order.TREE;
        Optional<Quantizer> product = kind % 2 == 0 ? Optional.empty() : Optional.of(sr);
        Accumulator acc = new Accumulator(order, kind < 2 ? 0 : 3, half, product);
        int lanes = 3 + kind;
        assertTrue(RoundedDot.fits(acc, f, f));
        DotProduct fast =
            new DotProduct(
                acc, f, f, 7, lanes, 8, 10, new Rounder(sr), new Streams(sr, 7, 2, lanes));
        PlainDot plain = new PlainDot(acc, 7, lanes, 8, 10, Optional.of(sr), 2);
        int rows = size[0];
        int n = size[1];
        double[] a = new double[rows * n];
        double[] b = new double[n];
        Real[][] ra = new Real[rows][n];
        Real[] rb = new Real[n];
        for (int j = 0; j < n; j++) {
          b[j] = cases.between(-15, 15) / 8.0;
          rb[j] = Real.of(b[j]);
          for (int i = 0; i < rows; i++) {
            double x = cases.between(-15, 15) / 4.0;
            a[kind % 2 == 0 ? i * n + j : j * rows + i] = x;
            ra[i][j] = Real.of(x);
          }
        }
        long[] codes = new long[rows];
        for (int run = 0; run < (n > 3 ? 1 : 2); run++) {
          fast.run(
              a,
              kind % 2 == 0 ? n : 1,
              kind % 2 == 0 ? 1 : rows,
              b,
              rows,
              n,
              false,
              new double[rows],
              codes);
          assertArrayEquals(plain.run(ra, rb, false), codes, acc + " " + rows + " x " + n);
        }
      }
    }
  }

  /** Rows in several ranges, each with the bits that one thread gives them. */
  @Test
  void anyNumberOfThreadsGivesTheSameBits() {
    Quantizer next =
        new Quantizer(FloatFormat.FLOAT32, RoundingMode.SR, OverflowRule.NONE, 9, false);
    Optional<Quantizer> half = Optional.of(new Quantizer(FloatFormat.FLOAT16, RoundingMode.RNE));
    List<Accumulator> accumulators =
        List.of(
            Accumulator.exact(),
            new Accumulator(Order.EXACT, 0, half, Optional.empty()),
            new Accumulator(Order.SEQUENTIAL, 0, half, Optional.empty()),
            new Accumulator(Order.SEQUENTIAL, 0, half, half),
            new Accumulator(Order.TREE, 3, half, Optional.empty()));
    Cases cases = new Cases(25);
    long compared = 0;
    for (String name : new String[] {"e4m3fn", "bf16"}) {
      Format f = FormatName.parse(name).format();
      for (int[] size : new int[][] {{2503, 211}, {37, 15_011}}) {
        int rows = size[0];
        int n = size[1];
        assertTrue(RowRanges.count(7, rows, (long) rows * n, 1 << 18) > 1);
        double[] a = new double[rows * n];
        double[] b = new double[n];
        Arrays.setAll(a, i -> cases.between(-15, 15) / 8.0);
        Arrays.setAll(b, i -> cases.between(-15, 15) / 64.0);
        for (Accumulator acc : accumulators) {
          boolean transposed = cases.oneIn(2);
          double[][] outs = new double[3][rows];
          long[][] codes = new long[3][rows];
          for (int t = 0; t < 3; t++) {
            DotProduct dot =
                new DotProduct(
                    acc, f, f, 5, 3, 8, 10, new Rounder(next), new Streams(next, 5, 2, 3));
            dot.threads(new int[] {1, 2, 7}[t]);
            for (int run = 0; run < 2; run++) { // the second finds the streams where they should be
              dot.run(
                  a,
                  transposed ? 1 : n,
                  transposed ? rows : 1,
                  b,
                  rows,
                  n,
                  false,
                  outs[t],
                  codes[t]);
            }
          }
          for (int t = 1; t < 3; t++) {
            assertArrayEquals(codes[0], codes[t], acc + " " + name + " " + rows);
            assertArrayEquals(outs[0], outs[t], acc + " " + name + " " + rows);
            compared += rows;
          }
          assertTrue(Arrays.stream(codes[0]).distinct().count() > 20);
        }
      }
    }
    assertEquals(2 * 2 * 5 * (2503 + 37), compared);
    DotProduct dot =
        new DotProduct(
            Accumulator.exact(), null, null, 1, 1, 8, 10, null, new Streams(null, 1, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> dot.threads(0));
  }

  /**
   * Sums rounded by a loop that has the double nearest to each: here are ties that a far smaller
   * sum decides, sums beyond the range, and zeros of either sign, among such as it may keep.
   */
  @Test
  void sequentialSumsAreRoundedOnce() {
    Cases cases = new Cases(24);
    double[] factors = {9, 29, -29, 0x1p-30, -0x1p-30, 0x1p-66, 0, -0.0, 1, 0x1p60, 0x1p70};
    Format bf16 = FormatName.parse("bf16").format();
    for (String name : new String[] {"bf16", "fp16", "e5m2", "q8.16", "fp32"}) {
      Quantizer sum = new Quantizer(FormatName.parse(name).format(), RoundingMode.RNE);
      Accumulator acc = new Accumulator(Order.SEQUENTIAL, 0, Optional.of(sum), Optional.empty());
      assertTrue(RoundedDot.fits(acc, bf16, bf16));
      for (int rows : new int[] {1, 2, 3, 4, 7, 16, 37}) {
        for (boolean transposed : new boolean[] {false, true}) {
          DotProduct fast =
              new DotProduct(acc, bf16, bf16, 1, 1, 8, 10, null, new Streams(null, 1, 2, 1));
          PlainDot plain = new PlainDot(acc, 1, 1, 8, 10, Optional.empty(), 2);
          int n = 40;
          int known = factors.length - cases.between(0, 2) * 4;
          double[] a = new double[rows * n];
          double[] b = new double[n];
          Real[][] ra = new Real[rows][n];
          Real[] rb = new Real[n];
          for (int j = 0; j < n; j++) {
            b[j] = factors[cases.between(0, known - 1)];
            rb[j] = Real.of(b[j]);
            for (int i = 0; i < rows; i++) {
              double x = factors[cases.between(0, known - 1)];
              a[transposed ? j * rows + i : i * n + j] = x;
              ra[i][j] = Real.of(x);
            }
          }
          double[] out = new double[rows];
          fast.run(a, transposed ? 1 : n, transposed ? rows : 1, b, rows, n, false, out, null);
          long[] expected = plain.run(ra, rb, false);
          for (int i = 0; i < rows; i++) {
            String what = name + " row " + i + " of " + rows + " " + transposed;
            assertEquals(expected[i], Double.doubleToLongBits(out[i]), what);
          }
        }
      }
    }
    // A tie of bfloat16 but for the first term; 2^18 in binary16.
    twoTerms("bf16", 0x1p-30, 0x1p-30, 9, 29 / 256.0, 131 / 128.0);
    twoTerms("fp16", 512, 512, 1, 1, Double.POSITIVE_INFINITY);
  }

  private static void twoTerms(
      String name, double a0, double b0, double a1, double b1, double expected) {
    Format bf16 = FormatName.parse("bf16").format();
    Quantizer sum = new Quantizer(FormatName.parse(name).format(), RoundingMode.RNE);
    Accumulator acc = new Accumulator(Order.SEQUENTIAL, 0, Optional.of(sum), Optional.empty());
    for (int rows : new int[] {1, 4}) {
      double[] out = new double[rows];
      double[] a = new double[2 * rows];
      Arrays.fill(a, 0, rows, a0);
      Arrays.fill(a, rows, 2 * rows, a1);
      new DotProduct(acc, bf16, bf16, 1, 1, 8, 10, null, new Streams(null, 1, 2, 1))
          .run(a, 1, rows, new double[] {b0, b1}, rows, 2, false, out, null);
      assertEquals(expected, out[rows - 1], name);
    }
  }

  @Test
  void withoutFormatsAddsAsAFusedLoopDoes() {
    DotProduct fast =
        new DotProduct(
            Accumulator.binary64(), null, null, 1, 1, 8, 10, null, new Streams(null, 1, 2, 1));
    Cases cases = new Cases(22);
    double[] a = cases.random().doubles(1000).toArray();
    double[] b = cases.random().doubles(1000).toArray();
    double s = 0;
    for (int j = 0; j < 1000; j++) {
      s = Math.fma(a[j], b[j], s);
    }
    double[] out = new double[1];
    fast.run(a, 1000, 1, b, 1, 1000, false, out, null);
    assertArrayEquals(new double[] {s}, out);
  }

  /** The order shows: 2^11 + 1 + 1 in binary16 is 2048 one by one and 2050 in pairs. */
  @Test
  void theOrderDecidesTheSum() {
    Optional<Quantizer> half = Optional.of(new Quantizer(FloatFormat.FLOAT16, RoundingMode.RNE));
    double[] a = {2048, 0, 1, 1};
    double[] ones = {1, 1, 1, 1};
    double[] out = new double[1];
    int[] fanIn = {0, 0, 2};
    double[] expected = {2050, 2048, 2050};
    for (Order order : Order.values()) {
      Accumulator acc = new Accumulator(order, fanIn[order.ordinal()], half, Optional.empty());
      new DotProduct(acc, null, null, 1, 1, 8, 10, null, new Streams(null, 1, 2, 1))
          .run(a, 4, 1, ones, 1, 4, false, out, null);
      assertEquals(expected[order.ordinal()], out[0], order.toString());
    }
  }

  @Test
  void refusesAFanInThatDoesNotFitTheOrder() {
    Optional<Quantizer> none = Optional.empty();
    assertThrows(IllegalArgumentException.class, () -> new Accumulator(Order.TREE, 1, none, none));
    assertThrows(IllegalArgumentException.class, () -> new Accumulator(Order.EXACT, 2, none, none));
  }
}
