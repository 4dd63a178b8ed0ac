package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
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

  /** Through arrays of each width, sub-byte codes packed and unpacked. */
  @Test
  void decodesArraysOfPackedCodes() {
    Cases cases = new Cases(62);
    for (int k = 0; k < 200; k++) {
      Format f = cases.oneIn(2) ? cases.floatFormat(8, 23) : cases.fixedFormat(true, 32);
      int n = cases.between(0, 200);
      int at = cases.between(0, 9);
      long[] codes = new long[n + at];
      byte[] bytes = new byte[n + at];
      short[] shorts = new short[n + at];
      int[] ints = new int[n + at];
      for (int i = 0; i < n + at; i++) {
        codes[i] = cases.random().nextLong() & f.mask();
        bytes[i] = (byte) codes[i];
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
      if (f.width() <= 8) {
        byte[] packed = new byte[BitPacking.bytes(n, f.width()) + 5];
        Arrays.fill(packed, (byte) 0x55);
        BitPacking.pack(bytes, at, f.width(), packed, 2, n);
        for (int bit = 0; bit < n * f.width(); bit++) {
          long expectedBit = codes[at + bit / f.width()] >>> bit % f.width() & 1;
          assertEquals(expectedBit, packed[2 + bit / 8] >>> bit % 8 & 1, f.name() + " bit " + bit);
        }
        assertEquals(0x55, packed[1]);
        assertEquals(0x55, packed[packed.length - 3]);
        byte[] back = new byte[n + 1];
        BitPacking.unpack(packed, 2, f.width(), back, 1, n);
        decoder.decode(back, 1, out, 3, n);
        assertArrayEquals(expected, out, f.name());
      }
    }
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
