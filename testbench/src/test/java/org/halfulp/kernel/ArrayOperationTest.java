package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** {@link ArrayOperation} against {@link Elementwise#exactly}. */
class ArrayOperationTest {
  private final SplittableRandom random = new SplittableRandom(61);
  private int fast;
  private int singles; // compared on shorts by way of binary32

  private static List<Quantizer> quantizers(Format f) {
    List<Quantizer> all = new ArrayList<>();
    for (RoundingMode mode : RoundingMode.values()) {
      if (!mode.fixedOnly() || f instanceof FixedFormat) {
        for (OverflowRule rule : OverflowRule.values()) {
          if (rule.fits(f)) {
            all.add(new Quantizer(f, mode, rule, mode == RoundingMode.SR ? 7 : 0, true));
          }
        }
      }
    }
    return all;
  }

  /** Codes at which sums come near one another or far, among them every special one. */
  private long[] codes(Format f, int n, long[] near) {
    long[] codes = new long[n];
    for (int i = 0; i < n; i++) {
      codes[i] = random.nextLong() & f.mask();
      if (near != null && random.nextInt(3) > 0) {
        codes[i] = near[i] + random.nextInt(-2, 3) & f.mask();
      } else if (random.nextInt(8) == 0) {
        codes[i] = f.maxFinite() + random.nextInt(-2, 3) & f.mask();
      } else if (random.nextInt(8) == 0) {
        codes[i] = (random.nextInt(4) | random.nextLong() & 1L << f.width() - 1) & f.mask();
      }
    }
    return codes;
  }

  private static Draws listed(long[] draws) {
    int[] at = {0};
    return (out, n) -> {
      System.arraycopy(draws, at[0], out, 0, n);
      at[0] += n;
    };
  }

  /** All three kinds of arrays, at an offset. */
  private void compare(Op op, List<Format> formats, Quantizer to, int n) {
    ArrayOperation arrays = new ArrayOperation(op, formats, to);
    fast += arrays.isFast() ? 1 : 0;
    int from = random.nextInt(5);
    int at = random.nextInt(5);
    int operands = op.operands();
    long[][] in = new long[operands][];
    double[][] values = new double[operands][from + n];
    short[][] shorts = new short[operands][from + n];
    byte[][] bytes = new byte[operands][from + n];
    int[][] ints = new int[operands][from + n];
    int width = to.format().width();
    for (int o = 0; o < operands; o++) {
      Format f = formats.get(o);
      in[o] = codes(f, n, o > 0 && formats.get(0).equals(f) ? in[0] : null);
      width = Math.max(width, f.width());
      for (int i = 0; i < n; i++) {
        values[o][from + i] = f.toDouble(in[o][i]);
        long above = random.nextLong() & ~f.mask(); // is not read
        ints[o][from + i] = (int) (in[o][i] | above);
        shorts[o][from + i] = (short) (in[o][i] | above);
        bytes[o][from + i] = (byte) (in[o][i] | above);
      }
    }
    long[] draws = new long[n];
    Arrays.setAll(draws, i -> random.nextLong() & (1L << to.randomBits()) - 1);
    double[] outValues = new double[at + n + 1];
    short[] outShorts = new short[at + n + 1];
    byte[] outBytes = new byte[at + n + 1];
    int[] outInts = new int[at + n + 1];
    arrays.apply(values, from, outValues, at, n, listed(draws));
    if (width <= 32) {
      arrays.apply(ints, from, outInts, at, n, listed(draws));
    }
    if (width <= 16) {
      singles += LoopChoice.shorts(op, formats, to) != null ? n : 0;
      arrays.apply(shorts, from, outShorts, at, n, listed(draws));
    }
    if (width <= 8) {
      arrays.apply(bytes, from, outBytes, at, n, listed(draws));
    }
    Format f = to.format();
    for (int i = 0; i < n; i++) {
      long b = operands > 1 ? in[1][i] : 0;
      long c = operands > 2 ? in[2][i] : 0;
      long expected = Elementwise.exactly(op, formats, in[0][i], b, c, to, draws[i]).code();
      int element = i;
      String what =
          "%s %s -> %s a=%x b=%x c=%x r=%x"
              .formatted(op, formats, to, in[0][element], b, c, draws[element]);
      assertEquals(
          Double.doubleToLongBits(f.toDouble(expected)),
          Double.doubleToLongBits(outValues[at + i]),
          what);
      if (width <= 32) {
        assertEquals(f.hex(expected), f.hex(outInts[at + i] & f.mask()), what);
      }
      if (width <= 16) {
        assertEquals(f.hex(expected), f.hex(outShorts[at + i] & f.mask()), what);
      }
      if (width <= 8) {
        assertEquals(f.hex(expected), f.hex(outBytes[at + i] & f.mask()), what);
      }
    }
    assertEquals(0, outValues[at + n]);
    assertEquals(0, outShorts[at + n]);
    assertEquals(0, outBytes[at + n]);
    assertEquals(0, outInts[at + n]);
  }

  @Test
  void equalsTheExactTwin() {
    String[] names = {
      "e4m3fn",
      "e5m2",
      "e2m1fn",
      "binary8p4se",
      "fp16",
      "bf16",
      "e5m10:finite",
      "fp32",
      "tf32",
      "q2.6",
      "q8.8",
      "uq0.8",
      "q16.16"
    };
    int done = 0;
    for (String name : names) {
      Format f = FormatName.parse(name).format();
      for (Quantizer to : quantizers(f)) {
        for (Op op : Op.values()) {
          if (op.operands() == 2 && f.width() <= 8 && random.nextInt(8) > 0) {
            continue; // a table takes a tenth of a second
          }
          compare(
              op, Collections.nCopies(op.operands(), f), to, done % 3 > 0 ? 16 : done / 3 % 201);
          done++;
        }
      }
    }
    assertTrue(fast > done * 3 / 4, fast + " of " + done + " are fast");
    assertTrue(singles > 500, singles + " by way of binary32");
  }

  @Test
  void mixesFormatsAtRandom() {
    Cases cases = new Cases(62);
    for (int i = 0; i < 400; i++) {
      Op op = Op.values()[i % Op.values().length];
      List<Format> formats = new ArrayList<>();
      for (int k = 0; k < op.operands(); k++) {
        formats.add(cases.oneIn(9) ? cases.floatFormat(9, 23) : cases.smallFormat());
      }
      compare(op, formats, cases.quantizer(cases.smallFormat()), 60);
    }
    assertTrue(fast > 270, fast + " are fast");
  }

  /** Every pair of codes, by the table and by the way without one. */
  @Test
  void tablesHoldEveryPair() {
    Format f = FormatName.parse("e4m3:ieee").format();
    byte[] a = new byte[1 << 16];
    byte[] b = new byte[1 << 16];
    short[] wideA = new short[1 << 16];
    short[] wideB = new short[1 << 16];
    for (int i = 0; i < 1 << 16; i++) {
      a[i] = (byte) (i >> 8);
      b[i] = (byte) i;
      wideA[i] = (short) (i >> 8);
      wideB[i] = (short) (i & 0xFF);
    }
    for (Op op : new Op[] {Op.ADD, Op.SUB, Op.MUL}) {
      for (RoundingMode mode : new RoundingMode[] {RoundingMode.RNE, RoundingMode.RDN}) {
        Quantizer to = new Quantizer(f, mode);
        ArrayOperation arrays = new ArrayOperation(op, List.of(f, f), to);
        byte[] out = new byte[1 << 16];
        short[] wide = new short[1 << 16];
        arrays.apply(new byte[][] {a, b}, 0, out, 0, out.length, null);
        arrays.apply(new short[][] {wideA, wideB}, 0, wide, 0, wide.length, null);
        for (int i = 0; i < out.length; i++) {
          long code = Elementwise.exactly(op, List.of(f, f), i >> 8, i & 255, 0, to, 0).code();
          assertEquals(code, out[i] & 0xFF);
          assertEquals(code, wide[i]);
        }
      }
    }
  }

  /** The widest formats whose sums are doubles, and a bit more: a tie that a far bit decides. */
  @Test
  void theBoundOfOneDoubleIsMetAndNeeded() {
    Format upper = new FixedFormat(true, 30, 29); // from -1
    Format lower = new FixedFormat(true, 30, 52); // to 2^-52: 53 bits with the carry
    Format more = new FixedFormat(true, 30, 53);
    assertTrue(Extent.of(upper).plus(Extent.of(lower)).areDoubles());
    assertFalse(Extent.of(upper).plus(Extent.of(more)).areDoubles());
    Quantizer whole = new Quantizer(new FixedFormat(true, 8, 0), RoundingMode.RNE);
    compare(Op.ADD, List.of(upper, lower), whole, 200);
    compare(Op.ADD, List.of(upper, more), whole, 200);
    FloatFormat f = FloatFormat.BFLOAT16;
    double[] out = new double[1];
    ArrayOperation fma = new ArrayOperation(Op.FMA, List.of(f, f, f), whole);
    double[][] tie = {{0x1p-50}, {0x1p-50}, {2.5}};
    fma.apply(tie, 0, out, 0, 1, null);
    assertEquals(3, out[0]); // 2 without the 2^-100, or rounded twice
    tie[0][0] = -tie[0][0];
    tie[2][0] = 1.5;
    fma.apply(tie, 0, out, 0, 1, null);
    assertEquals(1, out[0]);
  }

  /** Products between two values of binary16, moved by the smallest ones there are. */
  @Test
  void farBitsDecideTiesInBinary32() {
    FloatFormat f = FloatFormat.FLOAT16;
    List<Format> formats = List.of(f, f, f);
    Quantizer to = new Quantizer(f, RoundingMode.RNE);
    assertTrue(LoopChoice.shorts(Op.FMA, formats, to) != null, "the tests need vectors");
    List<short[]> cases = new ArrayList<>();
    while (cases.size() < 3000) {
      int a = random.nextInt(0x3C00, 0x5000);
      int b = random.nextInt(0x3C00, 0x5000) & -1 << random.nextInt(0, 9);
      double p = f.toDouble(a) * f.toDouble(b);
      if (Math.scalb(p, 11 - Math.getExponent(p)) % 2 == 1) {
        int sign = random.nextInt(2) << 15;
        cases.add(
            new short[] {
              (short) (a | sign), (short) b, (short) (random.nextInt(4) | random.nextInt(2) << 15)
            });
      }
    }
    short[][] in = new short[3][cases.size()];
    for (int i = 0; i < cases.size(); i++) {
      for (int o = 0; o < 3; o++) {
        in[o][i] = cases.get(i)[o];
      }
    }
    short[] out = new short[cases.size()];
    new ArrayOperation(Op.FMA, formats, to).apply(in, 0, out, 0, out.length, null);
    int moved = 0;
    for (int i = 0; i < out.length; i++) {
      int[] x = {in[0][i] & 0xFFFF, in[1][i] & 0xFFFF, in[2][i] & 0xFFFF};
      long code = Elementwise.exactly(Op.FMA, formats, x[0], x[1], x[2], to, 0).code();
      assertEquals(f.hex(code), f.hex(out[i] & 0xFFFF), Arrays.toString(x));
      moved +=
          code == Elementwise.exactly(Op.MUL, formats.subList(0, 2), x[0], x[1], 0, to, 0).code()
              ? 0
              : 1;
    }
    assertTrue(moved > 500, moved + " ties went the other way");
  }

  /** Binary32 and TF32 as ints, where two operands lie near one another or one decides a tie. */
  @Test
  void codesOfUpTo32BitsAreInts() {
    for (String name : List.of("fp32", "tf32", "q16.16")) {
      Format f = FormatName.parse(name).format();
      for (Op op : Op.values()) {
        for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.RDN, RoundingMode.RTO)) {
          compare(op, Collections.nCopies(op.operands(), f), new Quantizer(f, mode), 5000);
        }
      }
    }
    assertEquals(39, fast); // not the products of q16.16, of 64 bits
  }

  @Test
  void refusesCodesThatArraysDoNotHold() {
    Format eight = FormatName.parse("e4m3fn").format();
    Format ten = FormatName.parse("e4m5").format();
    Quantizer to = new Quantizer(eight, RoundingMode.RNE);
    byte[][] bytes = new byte[2][4];
    ArrayOperation mixed =
        new ArrayOperation(Op.ADD, List.of(new FixedFormat(true, 6, 2), ten), to);
    assertTrue(mixed.isFast());
    String says = refusal(() -> mixed.apply(bytes, 0, new byte[4], 0, 4, null));
    assertEquals("codes of e4m5:ieee have 10 bits, and the array's elements 8", says);
    Quantizer wide = new Quantizer(FloatFormat.FLOAT64, RoundingMode.RNE);
    ArrayOperation convert = new ArrayOperation(Op.CONVERT, List.of(FloatFormat.FLOAT64), wide);
    says = refusal(() -> convert.apply(new short[1][4], 0, new short[4], 0, 4, null));
    assertEquals("codes of float64 have 64 bits, and the array's elements 16", says);
    says = refusal(() -> convert.apply(new int[1][4], 0, new int[4], 0, 4, null));
    assertEquals("codes of float64 have 64 bits, and the array's elements 32", says);
    Quantizer toTen = new Quantizer(ten, RoundingMode.RNE);
    ArrayOperation widening = new ArrayOperation(Op.CONVERT, List.of(eight), toTen);
    says = refusal(() -> widening.apply(new byte[1][4], 0, new byte[4], 0, 4, null));
    assertEquals("codes of e4m5:ieee have 10 bits, and the array's elements 8", says);
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> widening.apply(new short[1][4], 1, new short[4], 0, 4, null));
  }

  private static String refusal(Executable call) {
    return assertThrows(IllegalArgumentException.class, call).getMessage();
  }

  @Test
  void refusesTheWrongNumberOfOperands() {
    Format q = new FixedFormat(true, 8, 4);
    Quantizer to = new Quantizer(q, RoundingMode.RNE);
    ArrayOperation add = new ArrayOperation(Op.ADD, List.of(q, q), to);
    double[][] one = {{1}};
    assertThrows(
        IllegalArgumentException.class, () -> add.apply(one, 0, new double[1], 0, 1, null));
  }
}
