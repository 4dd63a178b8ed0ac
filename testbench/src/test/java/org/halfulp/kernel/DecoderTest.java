package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.junit.jupiter.api.Test;

/** {@link Decoder} against {@link Format#toDouble}. */
class DecoderTest {
  private static void equal(Format format, long code) {
    assertEquals(
        Double.toHexString(format.toDouble(code)),
        Double.toHexString(Decoder.of(format).value(code)),
        format.name() + " " + format.hex(code));
  }

  @Test
  void equalsTheFormatAtEveryCodeOfNarrowFormatsAndAtTheEdgesOfWideOnes() {
    Cases cases = new Cases(61);
    for (int i = 0; i < 300; i++) {
      FloatFormat f = i == 0 ? FloatFormat.FLOAT64 : cases.floatFormat(10, 52);
      if (f.width() <= 12) {
        for (long code = 0; code <= f.mask(); code++) {
          equal(f, code);
        }
        continue;
      }
      long sign = 1L << f.width() - 1;
      for (long near : new long[] {0, f.minNormal(), f.maxFinite(), sign - 1}) {
        for (long code = near - 2; code <= near + 2; code++) {
          equal(f, code & f.mask());
          equal(f, (code | sign) & f.mask());
        }
      }
      for (int k = 0; k < 50; k++) {
        equal(f, cases.random().nextLong() & f.mask());
      }
    }
    for (int i = 0; i < 100; i++) {
      FixedFormat f = cases.fixedFormat(cases.oneIn(2), 64);
      for (int k = 0; k < 50; k++) {
        equal(f, cases.random().nextLong() & f.mask());
      }
    }
  }

  /** Through arrays of each width. */
  @Test
  void decodesArrays() {
    Cases cases = new Cases(62);
    for (int k = 0; k < 200; k++) {
      Format f = cases.oneIn(2) ? cases.floatFormat(8, 23) : cases.fixedFormat(true, 32);
      int n = cases.between(0, 200);
      int at = cases.between(0, 9);
      long[] codes = new long[n + at];
      short[] shorts = new short[n + at];
      int[] ints = new int[n + at];
      for (int i = 0; i < n + at; i++) {
        codes[i] = cases.random().nextLong() & f.mask();
        shorts[i] = (short) codes[i];
        ints[i] = (int) codes[i];
      }
      double[] expected = new double[n + 3];
      for (int i = 0; i < n; i++) {
        expected[i + 3] = f.toDouble(codes[at + i]);
      }
      double[] out = new double[n + 3];
      Decoder decoder = Decoder.of(f);
      decoder.decode(codes, at, out, 3, n);
      assertArrayEquals(expected, out, f.name());
      decoder.decode(ints, at, out, 3, n);
      assertArrayEquals(expected, out, f.name());
      if (f.width() <= 16) {
        decoder.decode(shorts, at, out, 3, n);
        assertArrayEquals(expected, out, f.name());
      }
    }
  }

  private static float[] singles(double[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  /** Every length at many offsets, from bytes, shorts and ints, into doubles and floats. */
  @Test
  void takesArraysOfAnyLengthAtAnyOffset() {
    Cases cases = new Cases(64);
    List<Format> formats = new ArrayList<>(List.of(FloatFormat.FLOAT16, FloatFormat.BFLOAT16));
    formats.add(FloatFormat.FLOAT32);
    formats.add(FloatFormat.of(4, 3, Family.IEEE));
    formats.add(new FixedFormat(true, 6, 2));
    formats.add(new FixedFormat(false, 13, 20));
    for (Format f : formats) {
      Decoder decoder = Decoder.of(f);
      for (int n = 0; n <= 200; n++) {
        int from = n % 17;
        int to = n % 13;
        byte[] bytes = new byte[from + n];
        short[] shorts = new short[from + n];
        int[] ints = new int[from + n];
        double[] expected = new double[to + n + 1];
        for (int i = 0; i < n; i++) {
          long code = cases.random().nextLong();
          bytes[from + i] = (byte) code;
          shorts[from + i] = (short) code;
          ints[from + i] = (int) code;
          expected[to + i] = f.toDouble(code & f.mask());
        }
        for (Object codes : new Object[] {bytes, shorts, ints}) {
          double[] out = new double[to + n + 1];
          float[] floats = new float[to + n + 1];
          if (codes == ints) {
            decoder.decode(ints, from, out, to, n);
            decoder.decode(ints, from, floats, to, n);
          } else if (codes == shorts && f.width() <= 16) {
            decoder.decode(shorts, from, out, to, n);
            decoder.decode(shorts, from, floats, to, n);
          } else if (codes == bytes && f.width() <= 8) {
            decoder.decode(bytes, from, out, to, n);
            decoder.decode(bytes, from, floats, to, n);
          } else {
            continue;
          }
          assertArrayEquals(expected, out, f.name() + " n=" + n);
          assertArrayEquals(singles(expected), floats, f.name() + " n=" + n);
        }
      }
    }
  }

  /** Codes of every width and number, at every place in a byte; the neighbours keep their bits. */
  @Test
  void packsCodesSideBySide() {
    Cases cases = new Cases(65);
    for (int width = 1; width <= 8; width++) {
      for (int n = 0; n <= 200; n++) {
        int to = n % 19;
        byte[] codes = new byte[n + 3];
        byte[] packed = new byte[BitPacking.bytes(to + n + 5, width)];
        cases.random().nextBytes(codes);
        cases.random().nextBytes(packed);
        byte[] before = packed.clone();
        BitPacking.pack(codes, 3, width, packed, to, n);
        for (int bit = 0; bit < 8 * packed.length; bit++) {
          int at = Math.floorDiv(bit, width) - to;
          int expected =
              at >= 0 && at < n ? codes[3 + at] >>> bit % width : before[bit / 8] >>> bit % 8;
          assertEquals(
              expected & 1,
              packed[bit / 8] >>> bit % 8 & 1,
              "width " + width + ", " + n + " at " + to + ", bit " + bit);
        }
        byte[] back = new byte[n + 2];
        BitPacking.unpack(packed, to, width, back, 1, n);
        assertEquals(0, back[0]);
        for (int i = 0; i < n; i++) {
          assertEquals(codes[3 + i] & (1 << width) - 1, back[1 + i] & 0xFF);
        }
        assertEquals(0, back[n + 1]);
      }
    }
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> BitPacking.pack(new byte[3], 0, 3, new byte[1], 0, 3));
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> BitPacking.unpack(new byte[2], 4, 4, new byte[3], 0, 1));
  }

  /** All codes in shorts, with what lies above a narrower code, which is not of it. */
  @Test
  void arraysOfShortsEqualTheFormatAtEveryCode() {
    int byVectors = 0;
    int compared = 0;
    Cases cases = new Cases(63);
    List<FloatFormat> formats = new ArrayList<>(List.of(FloatFormat.FLOAT16, FloatFormat.BFLOAT16));
    for (int k = 0; k < 8; k++) {
      formats.add(FloatFormat.of(k + 1, 10 - k, Family.IEEE));
      formats.add(FloatFormat.of(k + 1, 10 - k, Family.FINITE).withBias(3 * k));
      formats.add(cases.floatFormat(6, 5));
    }
    for (FloatFormat f : formats) {
      byVectors += VectorDecoding.fits(f) ? 1 : 0;
      int n = 1 << f.width();
      short[] codes = new short[n + 3];
      double[] out = new double[n + 3];
      for (int i = 0; i < n; i++) {
        codes[i + 3] = (short) (i | cases.random().nextInt() << f.width());
      }
      Decoder.of(f).decode(codes, 3, out, 1, n - 1);
      for (int i = 0; i < n - 1; i++) {
        double expected = f.toDouble(i);
        if (Double.doubleToLongBits(expected) != Double.doubleToLongBits(out[1 + i])) {
          assertEquals(expected, out[1 + i], f.name() + " " + f.hex(i));
        }
        compared++;
      }
      assertEquals(0, out[n]);
    }
    assertTrue(byVectors > 13, byVectors + " by vectors");
    assertTrue(compared > 190_000, compared + " compared");
  }

  @Test
  void refusesCodesBeyondTheWidth() {
    assertThrows(
        IllegalArgumentException.class, () -> Decoder.of(FloatFormat.FLOAT32).value(1L << 32));
    Decoder bf16 = Decoder.of(FloatFormat.BFLOAT16);
    assertThrows(
        IllegalArgumentException.class, () -> bf16.decode(new byte[1], 0, new double[1], 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> bf16.decodePacked(new byte[1], 0, new double[1], 0, 1));
    Decoder fixed = Decoder.of(new FixedFormat(false, 25, 4));
    assertThrows(
        IllegalArgumentException.class, () -> fixed.decode(new int[1], 0, new float[1], 0, 1));
  }

  @Test
  void knowsWhichFormatsDoublesHold() {
    assertTrue(Decoder.isExact(FloatFormat.FLOAT64));
    assertTrue(Decoder.isExact(new FixedFormat(true, 53, 1024)));
    assertFalse(Decoder.isExact(new FixedFormat(true, 54, 0)));
    assertFalse(Decoder.isExact(new FixedFormat(false, 53, -972)));
    assertTrue(Decoder.isExact(new FixedFormat(false, 53, -971)));
  }
}
