package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  @Test
  void refusesCodesBeyondTheWidth() {
    assertThrows(
        IllegalArgumentException.class, () -> Decoder.of(FloatFormat.FLOAT32).value(1L << 32));
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
