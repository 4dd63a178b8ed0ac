package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Random;
import org.halfulp.number.SmallFormats.Tally;
import org.junit.jupiter.api.Test;

/** float16 and bfloat16 against tables and bit arithmetic of their own. */
class HalfPrecisionTest {
  private static final FloatFormat F16 = FloatFormat.FLOAT16;
  private static final FloatFormat BF16 = FloatFormat.BFLOAT16;
  private static final FloatFormat F32 = FloatFormat.FLOAT32;

  /** The positive finite halves in the order of their codes, and 65536 beyond them. */
  private static float[] halves() {
    float[] table = new float[0x7C01];
    double step = Math.pow(2, -24);
    double value = 0;
    for (int code = 0; code <= 0x7C00; code++) {
      table[code] = (float) value;
      if (code >= 0x800 && code % 0x400 == 0) {
        step *= 2;
      }
      value += step;
    }
    return table;
  }

  @Test
  void decodesEveryHalf() {
    float[] table = halves();
    assertEquals(65504f, table[0x7BFF]);
    assertEquals(65536f, table[0x7C00]);
    int nans = 0;
    for (int code = 0; code < 65536; code++) {
      double got = F16.toDouble(code);
      int magnitude = code & 0x7FFF;
      if (magnitude > 0x7C00) {
        assertTrue(Double.isNaN(got));
        assertEquals((code & 0x200) == 0, F16.decode(code).isSignaling());
        nans++;
      } else {
        double want = magnitude == 0x7C00 ? Double.POSITIVE_INFINITY : table[magnitude];
        assertEquals(code < 0x8000 ? want : -want, got);
      }
    }
    assertEquals(2046, nans);
  }

  @Test
  void encodesEveryHalfEveryTieAndItsNeighbours() {
    float[] table = halves();
    Tally tally = new Tally();
    Quantizer nearest = new Quantizer(F16, RoundingMode.RNE);
    Quantizer away = new Quantizer(F16, RoundingMode.RNA);
    Quantizer up = new Quantizer(F16, RoundingMode.RUP);
    Quantizer down = new Quantizer(F16, RoundingMode.RDN);
    for (int code = 0; code < 0x7C00; code++) {
      float low = table[code];
      float high = table[code + 1];
      float middle = (low + high) / 2; // exact: one bit more than a half's 11
      int even = code % 2 == 0 ? code : code + 1;
      half(tally, nearest, low, code, code);
      half(tally, nearest, Math.nextUp(low), code, code);
      half(tally, nearest, Math.nextDown(middle), code, code);
      half(tally, nearest, middle, even, even);
      half(tally, nearest, Math.nextUp(middle), code + 1, code + 1);
      half(tally, nearest, Math.nextDown(high), code + 1, code + 1);
      half(tally, away, Math.nextDown(middle), code, code);
      half(tally, away, middle, code + 1, code + 1);
      half(tally, up, Math.nextUp(low), code + 1, code);
      half(tally, down, Math.nextUp(low), code, code + 1);
      half(tally, up, Math.nextDown(high), code + 1, code);
    }
    tally.check(2L * 11 * 0x7C00);
  }

  /** {@code positive} for value, {@code negative | 0x8000} for -value. */
  private static void half(Tally tally, Quantizer q, float value, int positive, int negative) {
    for (int sign = 0; sign <= 1; sign++) {
      long bits = Float.floatToRawIntBits(sign == 0 ? value : -value) & 0xFFFFFFFFL;
      long want = sign == 0 ? positive : negative | 0x8000;
      long got = Arithmetic.convert(F32, bits, q, 0).code();
      tally.add(1);
      if (got != want) {
        tally.mismatch(() -> "%s %s: %s, not %s".formatted(q, value, F16.hex(got), F16.hex(want)));
      }
    }
  }

  @Test
  void float16IsTheJdksWhereItHasOne() throws Throwable {
    MethodHandle toHalf;
    MethodHandle toFloat;
    try { // JDK 20 and later
      toHalf =
          MethodHandles.lookup()
              .findStatic(
                  Float.class, "floatToFloat16", MethodType.methodType(short.class, float.class));
      toFloat =
          MethodHandles.lookup()
              .findStatic(
                  Float.class, "float16ToFloat", MethodType.methodType(float.class, short.class));
    } catch (NoSuchMethodException e) {
      assumeTrue(false, "this JDK has no Float.floatToFloat16");
      return;
    }
    Quantizer q = new Quantizer(F16, RoundingMode.RNE);
    for (int code = 0; code < 65536; code++) {
      assertEquals((float) toFloat.invoke((short) code), (float) F16.toDouble(code));
    }
    Random random = new Random(16);
    for (int i = 0; i < 1_000_000; i++) {
      float a = Float.intBitsToFloat(random.nextInt());
      long got = Arithmetic.convert(F32, Float.floatToRawIntBits(a) & 0xFFFFFFFFL, q, 0).code();
      assertEquals(Float.isNaN(a) ? 0x7E00 : (short) toHalf.invoke(a) & 0xFFFF, got);
    }
  }

  @Test
  void bfloat16IsTheTopOfAFloat32() {
    Quantizer nearest = new Quantizer(BF16, RoundingMode.RNE);
    Quantizer zero = new Quantizer(BF16, RoundingMode.RTZ);
    Random random = new Random(17);
    Tally tally = new Tally();
    int[] lows = {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF};
    for (int high = 0; high < 65536; high++) {
      for (int i = 0; i < 8; i++) {
        int bits = high << 16 | (i < lows.length ? lows[i] : random.nextInt(65536));
        boolean nan = Float.isNaN(Float.intBitsToFloat(bits));
        long word = bits & 0xFFFFFFFFL;
        long even = word + 0x7FFF + (word >>> 16 & 1) >>> 16;
        long got = Arithmetic.convert(F32, word, nearest, 0).code();
        long cut = Arithmetic.convert(F32, word, zero, 0).code();
        tally.add(2);
        if (got != (nan ? 0x7FC0 : even) || cut != (nan ? 0x7FC0 : word >>> 16)) {
          tally.mismatch(() -> F32.hex(word) + ": " + BF16.hex(got) + " " + BF16.hex(cut));
        }
      }
      double value = Float.intBitsToFloat(high << 16);
      assertEquals(value, BF16.toDouble(high));
    }
    tally.check(65536L * 8 * 2);
  }
}
