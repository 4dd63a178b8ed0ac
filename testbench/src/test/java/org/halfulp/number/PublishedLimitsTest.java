package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The limits that the publications print: OCP OFP8 1.0 table 2, OCP MX 1.0 tables 1 and 5, IEEE
 * P3109 draft table of named formats, IEEE 754-2019 table 3.5, LLVM APFloat.
 */
class PublishedLimitsTest {
  @ParameterizedTest
  @CsvSource({
    // name, width, bias, emin, emax, largest (code, value), min normal, min subnormal, Inf, NaN, -0
    "float8_e4m3fn, 8, 7, -6, 8, 0x7E, 448, 0x1p-6, 0x1p-9, none, 0x7F, 0x80",
    "float8_e4m3, 8, 7, -6, 7, 0x77, 240, 0x1p-6, 0x1p-9, 0x78, 0x7C, 0x80",
    "float8_e5m2, 8, 15, -14, 15, 0x7B, 57344, 0x1p-14, 0x1p-16, 0x7C, 0x7E, 0x80",
    "float8_e3m4, 8, 3, -2, 3, 0x6F, 15.5, 0x1p-2, 0x1p-6, 0x70, 0x78, 0x80",
    "float8_e4m3fnuz, 8, 8, -7, 7, 0x7F, 240, 0x1p-7, 0x1p-10, none, 0x80, none",
    "float8_e5m2fnuz, 8, 16, -15, 15, 0x7F, 57344, 0x1p-15, 0x1p-17, none, 0x80, none",
    "float8_e4m3b11fnuz, 8, 11, -10, 4, 0x7F, 30, 0x1p-10, 0x1p-13, none, 0x80, none",
    "float8_e8m0fnu, 8, 127, -127, 127, 0xFE, 0x1p127, 0x1p-127, none, none, 0xFF, none",
    "float6_e2m3fn, 6, 1, 0, 2, 0x1F, 7.5, 1, 0x1p-3, none, none, 0x20",
    "float6_e3m2fn, 6, 3, -2, 4, 0x1F, 28, 0x1p-2, 0x1p-4, none, none, 0x20",
    "float4_e2m1fn, 4, 1, 0, 2, 0x7, 6, 1, 0.5, none, none, 0x8",
    "bfloat16, 16, 127, -126, 127, 0x7F7F, 0x1.FEp127, 0x1p-126, 0x1p-133, 0x7F80, 0x7FC0, 0x8000",
    "float16, 16, 15, -14, 15, 0x7BFF, 65504, 0x1p-14, 0x1p-24, 0x7C00, 0x7E00, 0x8000",
    "tf32, 19, 127, -126, 127, 0x3FBFF, 0x1.FFCp127, 0x1p-126, 0x1p-136, 0x3FC00, 0x3FE00, 0x40000",
    "float32, 32, 127, -126, 127, 0x7F7FFFFF, 0x1.FFFFFEp127, 0x1p-126, 0x1p-149, 0x7F800000,"
        + " 0x7FC00000, 0x80000000",
    "float64, 64, 1023, -1022, 1023, 0x7FEFFFFFFFFFFFFF, 0x1.FFFFFFFFFFFFFp1023, 0x1p-1022,"
        + " 0x1p-1074, 0x7FF0000000000000, 0x7FF8000000000000, 0x8000000000000000",
    "binary8p3se, 8, 16, -15, 15, 0x7E, 49152, 0x1p-15, 0x1p-17, 0x7F, 0x80, none",
    "binary8p4se, 8, 8, -7, 7, 0x7E, 224, 0x1p-7, 0x1p-10, 0x7F, 0x80, none",
    "binary8p3sf, 8, 16, -15, 15, 0x7F, 57344, 0x1p-15, 0x1p-17, none, 0x80, none",
    "binary8p3ue, 8, 32, -31, 31, 0xFD, 0x1.4p31, 0x1p-31, 0x1p-33, 0xFE, 0xFF, none",
    "binary8p3uf, 8, 32, -31, 31, 0xFE, 0x1.8p31, 0x1p-31, 0x1p-33, none, 0xFF, none",
    "binary8p1se, 8, 64, -63, 62, 0x7E, 0x1p62, 0x1p-63, none, 0x7F, 0x80, none",
  })
  void limitsAreThePublishedOnes(
      String name,
      int width,
      int bias,
      int emin,
      int emax,
      String largestCode,
      String largest,
      String minNormal,
      String minSubnormal,
      String infinity,
      String nan,
      String minusZero) {
    FloatFormat f = (FloatFormat) FormatName.parse(name).format();
    assertEquals(name, f.name());
    assertEquals(width, f.width());
    assertEquals(bias, f.bias());
    assertEquals(emin, f.emin());
    assertEquals(emax, f.emax());
    assertEquals(code(largestCode), f.maxFinite());
    assertEquals(value(largest), f.toDouble(f.maxFinite()));
    assertEquals(value(minNormal), f.toDouble(f.minNormal()));
    if (!minSubnormal.equals("none")) {
      assertEquals(value(minSubnormal), f.toDouble(1));
    }
    assertEquals(!infinity.equals("none"), f.hasInfinity());
    if (f.hasInfinity()) {
      assertEquals(code(infinity), f.infinity(false));
      assertEquals(Double.POSITIVE_INFINITY, f.toDouble(code(infinity)));
      if (f.signed()) {
        assertEquals(Double.NEGATIVE_INFINITY, f.toDouble(f.infinity(true)));
      }
    }
    assertEquals(!nan.equals("none"), f.hasNan());
    if (f.hasNan()) {
      assertEquals(code(nan), f.nan());
      assertEquals(Double.NaN, f.toDouble(f.nan()));
    }
    Rounded rounded = new Quantizer(f, RoundingMode.RNE).round(Real.zero(true), 0);
    if (!minusZero.equals("none")) {
      assertEquals(code(minusZero), rounded.code());
      assertEquals(-0.0, f.toDouble(rounded.code()));
    } else {
      assertEquals(0, rounded.code());
    }
  }

  private static long code(String hex) {
    return Long.parseUnsignedLong(hex.substring(2), 16);
  }

  private static double value(String text) {
    return Double.parseDouble(text);
  }

  @ParameterizedTest
  @CsvSource({
    // Every NaN code of the formats that have more than one.
    "float8_e4m3fn, 0x7F, 0x7F, 2",
    "float8_e4m3, 0x79, 0x7F, 14",
    "float8_e5m2, 0x7D, 0x7F, 6",
    "float8_e3m4, 0x71, 0x7F, 30",
    "bfloat16, 0x7F81, 0x7FFF, 254",
    "float16, 0x7C01, 0x7FFF, 2046",
  })
  void nanCodesAreThePublishedOnes(String name, String first, String last, int count) {
    FloatFormat f = (FloatFormat) FormatName.parse(name).format();
    int nans = 0;
    for (long code = 0; code <= f.mask(); code++) {
      long magnitude = code & f.mask() >>> 1;
      boolean expected = magnitude >= code(first) && magnitude <= code(last);
      assertEquals(expected, f.decode(code).isNan(), f.hex(code));
      nans += expected ? 1 : 0;
    }
    assertEquals(count, nans);
  }
}
