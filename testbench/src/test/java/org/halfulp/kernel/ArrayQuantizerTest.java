package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.NanException;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@link ArrayQuantizer}, by vectors and without, against {@link Quantizer}. */
class ArrayQuantizerTest {

  @Test
  void thisJvmOffersVectors() {
    assertTrue(LoopChoice.hasVectors(), "the tests need --add-modules jdk.incubator.vector");
  }

  @Test
  void equalsTheSlowTwinInEveryFormatOfUpTo8Bits() {
    QuantizeCampaign.Result result = QuantizeCampaign.narrow(397, ArrayQuantizer::new);
    assertNull(result.first());
    assertTrue(result.compared() >= 25_000_000, result.toString());
  }

  /** {@code make test-kernels}. */
  @Test
  @Tag("long")
  void equalsTheSlowTwinInEveryFormatRuleAndModeAndInABillionElements() {
    QuantizeCampaign.Result result = QuantizeCampaign.narrow(1, ArrayQuantizer::new);
    assertNull(result.first());
    assertTrue(result.compared() >= 2_000_000_000L, result.toString());
    result = QuantizeCampaign.wide(2, 1_000_000_000, ArrayQuantizer::new);
    assertNull(result.first());
    assertTrue(result.compared() >= 2_000_000_000L, result.toString());
  }

  @Test
  void equalsTheSlowTwinInRandomFormats() {
    QuantizeCampaign.Result result = QuantizeCampaign.wide(1, 10_000_000, ArrayQuantizer::new);
    assertNull(result.first());
    assertTrue(result.compared() >= 20_000_000, result.toString());
  }

  /**
   * Of 2^16 stochastic roundings of one value, those that go up are binomial: six deviations at
   * most, which is passed once in 5e8 trials. What N bits cannot see of the lost part counts as
   * lost.
   */
  @Test
  void theFractionRoundedUpIsWhatIsLost() {
    int n = 1 << 16;
    for (int bits : new int[] {1, 8, 32}) {
      for (String name : List.of("e4m3fn", "bf16", "q4.4")) {
        Quantizer q =
            new Quantizer(
                FormatName.parse(name).format(),
                RoundingMode.SR,
                OverflowRule.defaultFor(FormatName.parse(name).format()),
                bits,
                false);
        double unit = name.equals("q4.4") ? 0.0625 : name.equals("bf16") ? 0x1p-7 : 0.125;
        for (double lost : new double[] {0, 0x1p-9, 0.1, 0.75}) {
          double low = 1;
          double x = low + lost * unit;
          double exact = (x - low) / unit;
          double p = Math.floor(exact * 0x1p32 / (1L << 32 - bits)) / (1L << bits);
          double[] in = new double[n];
          Arrays.fill(in, x);
          new ArrayQuantizer(q).quantize(in, 0, in, 0, n, new Streams(q, 11, Streams.DATA, 4));
          long up = 0;
          for (double y : in) {
            assertTrue(y == low || y == low + unit, () -> q + " of " + x + " gave " + y);
            up += y > low ? 1 : 0;
          }
          assertTrue(
              Math.abs(up - n * p) <= 6 * Math.sqrt(n * p * (1 - p)),
              q + " of " + x + " went up " + up + " times of " + n + ", p=" + p);
        }
      }
    }
  }

  /** Every length, at every offset of a vector: nothing beside the range is touched. */
  @Test
  void takesArraysOfAnyLengthAtAnyOffset() {
    Cases cases = new Cases(31);
    for (String name : List.of("e4m3fn", "fp16", "q4.4")) {
      Quantizer q = cases.quantizer(FormatName.parse(name).format());
      double[] in = new double[300];
      for (int i = 0; i < in.length; i++) {
        in[i] = cases.operand(q).x;
      }
      for (boolean vectors : new boolean[] {false, true}) {
        ArrayQuantizer array = new ArrayQuantizer(q, vectors);
        double[] all = new double[in.length];
        long[] codes = new long[in.length];
        array.quantize(in, 0, all, 0, in.length, ArrayQuantizerTest::none);
        array.encode(in, 0, codes, 0, in.length, ArrayQuantizerTest::none);
        for (int n = 0; n <= 200; n++) {
          int from = n % 17;
          int to = n % 13;
          double[] out = new double[250];
          Arrays.fill(out, 42.5);
          array.quantize(in, from, out, to, n, ArrayQuantizerTest::none);
          double[] expected = new double[250];
          Arrays.fill(expected, 42.5);
          System.arraycopy(all, from, expected, to, n);
          assertArrayEquals(expected, out, q + " n=" + n);
          short[] narrow = new short[250];
          short[] wanted = new short[250];
          for (int i = 0; i < n; i++) {
            wanted[to + i] = (short) codes[from + i];
          }
          array.encode(in, from, narrow, to, n, ArrayQuantizerTest::none);
          assertArrayEquals(wanted, narrow, q + " n=" + n);
          double[] place = in.clone();
          array.quantize(place, from, place, from, n, ArrayQuantizerTest::none);
          expected = in.clone();
          System.arraycopy(all, from, expected, from, n);
          assertArrayEquals(expected, place, q + " in place, n=" + n);
        }
      }
    }
  }

  /** The same for the other kinds of arrays, packed codes among them. */
  @Test
  void takesOtherArraysOfAnyLengthAtAnyOffset() {
    Cases cases = new Cases(32);
    for (String name : List.of("e4m3fn", "bf16", "q4.4", "e2m1fn", "uq1.1")) {
      for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.SR)) {
        Format format = FormatName.parse(name).format();
        OverflowRule rule = OverflowRule.defaultFor(format);
        Quantizer q = new Quantizer(format, mode, rule, mode == RoundingMode.SR ? 5 : 0, true);
        float[] in = new float[1400];
        double[] wide = new double[1400];
        long[] codes = new long[1400];
        long[] drawn = new long[1400];
        for (int i = 0; i < in.length; i++) {
          in[i] = (float) cases.operand(q).x;
          wide[i] = in[i];
          drawn[i] = q.draws() ? cases.between(0, 31) : 0;
          codes[i] = q.round(Real.of(wide[i]), drawn[i]).code();
        }
        for (boolean vectors : new boolean[] {false, true}) {
          ArrayQuantizer array = new ArrayQuantizer(q, vectors);
          for (int n = 0; n <= 200; n++) {
            lengths(array, in, wide, codes, drawn, n % 17, n % 13, n);
          }
          lengths(array, in, wide, codes, drawn, 7, 3, 1300); // several chunks
        }
      }
    }
  }

  private static void lengths(
      ArrayQuantizer array,
      float[] in,
      double[] wide,
      long[] codes,
      long[] drawn,
      int from,
      int to,
      int n) {
    Format format = array.quantizer().format();
    String what = array.quantizer() + " n=" + n;
    float[] values = new float[to + n + 1];
    int[] ints = new int[to + n + 1];
    short[] shorts = new short[to + n + 1];
    byte[] bytes = new byte[to + n + 1];
    for (int i = 0; i < n; i++) {
      values[to + i] = (float) format.toDouble(codes[from + i]);
      ints[to + i] = (int) codes[from + i];
      shorts[to + i] = (short) codes[from + i];
      bytes[to + i] = (byte) codes[from + i];
    }
    float[] outValues = new float[to + n + 1];
    array.quantize(in, from, outValues, to, n, listed(drawn, from));
    assertArrayEquals(values, outValues, what);
    float[] place = in.clone();
    array.quantize(place, from, place, from, n, listed(drawn, from));
    float[] expected = in.clone();
    System.arraycopy(values, to, expected, from, n);
    assertArrayEquals(expected, place, what + " in place");
    int[] outInts = new int[to + n + 1];
    array.encode(in, from, outInts, to, n, listed(drawn, from));
    assertArrayEquals(ints, outInts, what);
    array.encode(wide, from, outInts, to, n, listed(drawn, from));
    assertArrayEquals(ints, outInts, what);
    short[] outShorts = new short[to + n + 1];
    array.encode(in, from, outShorts, to, n, listed(drawn, from));
    assertArrayEquals(shorts, outShorts, what);
    if (format.width() > 8) {
      return;
    }
    byte[] outBytes = new byte[to + n + 1];
    array.encode(in, from, outBytes, to, n, listed(drawn, from));
    assertArrayEquals(bytes, outBytes, what);
    array.encode(wide, from, outBytes, to, n, listed(drawn, from));
    assertArrayEquals(bytes, outBytes, what);
    byte[] packed = new byte[BitPacking.bytes(to + n + 1, format.width())];
    byte[] outPacked = packed.clone();
    BitPacking.pack(bytes, 0, format.width(), packed, 0, to + n + 1);
    array.encodePacked(in, from, outPacked, to, n, listed(drawn, from));
    assertArrayEquals(packed, outPacked, what + " packed");
    array.encodePacked(wide, from, outPacked, to, n, listed(drawn, from));
    assertArrayEquals(packed, outPacked, what + " packed");
    double[] back = new double[to + n + 1];
    Decoder.of(format).decodePacked(packed, to, back, to, n);
    for (int i = 0; i < n; i++) {
      assertEquals(values[to + i], (float) back[to + i], what + " unpacked");
    }
  }

  private static Draws listed(long[] draws, int from) {
    int[] at = {from};
    return (out, n) -> {
      System.arraycopy(draws, at[0], out, 0, n);
      at[0] += n;
    };
  }

  private static void none(long[] out, int n) {
    Arrays.fill(out, 0, n, 0);
  }

  @Test
  void nanIntoAFormatWithoutNanIsAnErrorInStrictUse() {
    for (boolean vectors : new boolean[] {false, true}) {
      ArrayQuantizer strict =
          new ArrayQuantizer(new Quantizer(new FixedFormat(true, 8, 4), RoundingMode.RNE), vectors);
      double[] in = new double[40];
      in[37] = Double.NaN;
      assertThrows(NanException.class, () -> strict.quantize(in, 0, new double[40], 0, 40, null));
      assertThrows(NanException.class, () -> strict.encode(in, 0, new byte[40], 0, 40, null));
      strict.quantize(in, 0, new double[40], 0, 37, null);
    }
  }

  @Test
  void refusesArraysThatDoNotFit() {
    ArrayQuantizer array =
        new ArrayQuantizer(new Quantizer(FloatFormat.BFLOAT16, RoundingMode.RNE));
    double[] in = new double[4];
    assertThrows(
        IndexOutOfBoundsException.class, () -> array.quantize(in, 1, new double[4], 0, 4, null));
    assertThrows(
        IndexOutOfBoundsException.class, () -> array.encode(in, 0, new short[4], 1, 4, null));
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> array.encode(in, 0, new byte[4], 0, 4, null))
            .getMessage();
    assertEquals("codes of bfloat16 have 16 bits, and the array's elements 8", message);
    ArrayQuantizer random =
        new ArrayQuantizer(
            new Quantizer(FloatFormat.BFLOAT16, RoundingMode.SR, OverflowRule.NONE, 8, false));
    assertThrows(
        NullPointerException.class, () -> random.quantize(in, 0, new double[4], 0, 4, null));
  }
}
