package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainTest {

  @Test
  void aFormatShowsItsLimitsAndTheReadingChosen() {
    Cli.line("", "explain e4m3")
        .exits(0)
        .shows("float8_e4m3fn")
        .shows("e4m3:ieee")
        .shows("0x7e  448")
        .shows("254 codes");
    Cli.line("", "explain e4m3:ieee").exits(0).shows("0x77  240");
    Cli.line("", "explain e4m3fnuz").exits(0).shows("255 codes").shows("NaN       0x80");
    Cli.line("", "explain q8.8").exits(0).shows("0x8000  -128").shows("65536 codes");
    Cli.line("", "explain float64").exits(0).shows("18437736874454810624 codes");
  }

  /** Each by hand: E4M3 has steps of 2^-7 from 1/16 to 1/8, float16 of 2^-24 below 2^-14. */
  @ParameterizedTest
  @CsvSource({
    "e4m3 0.1,            0x1d  0.1015625,   0.2 ulp",
    "e4m3 1/10,           0x1d  0.1015625,   0.2 ulp",
    "e4m3 -1e-1,          0x9d  -0.1015625,  -0.2 ulp",
    "e4m3 0x1.8p-3,       0x24  0.1875,      exact",
    "e4m3 2^-9,           0x01  0.001953125, exact",
    "e4m3 3*2^-10,        0x02  0.00390625,  0.5 ulp",
    "float16 1/3,         0x3555  0.333251953125, -1/3",
    "e4m3 448.00000000000000000000000000000001, 0x7e  448, about -3.125e-34",
    "e4m3 464,            0x7e  448,         -0.5 ulp",
    "e4m3 464.000000000000000000000000000001, 0x7f  NaN, the result is NaN",
    "q8.8 -1/512,         0x0000  0,         0.5 ulp",
    "q8.8 1e300,          0x7fff  127.99609375, flags     overflow inexact",
    "q4.4 0.1 --rounding rup, 0x02  0.125,   0.4 ulp",
    "ap_fixed<8;4> 0.1,   0x01  0.0625,      -0.6 ulp",
    "e5m2:nosub 2^-15,    0x00  0,           -0.5 ulp",
    "e8m0 3,              0x80  2,           -0.5 ulp",
    "q4.4 3/32 --rounding sr --random-bits 1 --random 0, 0x01  0.0625, -0.5 ulp",
    "q4.4 3/32 --rounding sr --random-bits 1 --random 1, 0x02  0.125, 0.5 ulp",
  })
  void aValueIsReadExactlyAndRounded(String arguments, String code, String more) {
    Cli.line("", "explain " + arguments.replace(';', ','))
        .exits(0)
        .shows("code      " + code)
        .shows(more);
  }

  @Test
  void theCodesAroundAValueAreShown() {
    Cli.line("", "explain e4m3 0.1").shows("below     0x1c").shows("above *   0x1d");
    Cli.line("", "explain e4m3 1").shows("below     0x37  0.9375").shows("above     0x39  1.125");
    Cli.line("", "explain e4m3 0").shows("below     0x81").shows("above     0x01");
    Cli.line("", "explain e4m3 500").shows("below     0x7e").shows("above     none");
    Cli.line("", "explain float16 1e9").shows("below     0x7bff").shows("above *   0x7c00  Inf");
    Cli.line("", "explain e5m2:nosub 1e-9").shows("below *   0x00").shows("above     0x04");
    Cli.line("", "explain q4.4 -8").shows("below     none").shows("above     0x81  -7.9375");
    Cli.line("", "explain uq4.4 -1").shows("below     none").shows("above *   0x00");
  }

  @Test
  void aCodeIsShownByFieldAndValue() {
    Cli.line("", "explain e4m3 0x7e").exits(0).shows("0x7e  448").shows("0 1111 110");
    Cli.line("", "explain e4m3 code:7e").exits(0).shows("0x7e  448");
    Cli.line("", "explain e4m3 0b0_1111_110").exits(0).shows("0x7e  448");
    Cli.line("", "explain float16 0x7d01").exits(0).shows("NaN (signaling)");
    Cli.line("", "explain float16 0x8000").exits(0).shows("0x8000  -0");
    Cli.line("", "explain q8.8 0xffff").exits(0).shows("-0.00390625").shows("11111111.11111111");
  }

  @Test
  void infinitiesAndNanAreValues() {
    Cli.line("", "explain float16 -inf").exits(0).shows("0xfc00  -Inf");
    Cli.line("", "explain float16 nan").exits(0).shows("0x7e00  NaN");
    Cli.line("", "explain q8.8 -inf").exits(0).shows("0x8000  -128").shows("overflow inexact");
    Cli.line("", "explain q8.8 nan").exits(0).shows("no NaN");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "foo",
        "e4m3 abc",
        "e4m3 0x1ff",
        "e4m3 0b2",
        "e4m3 code:",
        "e4m3 1/0",
        "e4m3 1e999999999",
        "e4m3 1e99999999999999",
        "e4m3 2^999999",
        "e4m3 0x1p99999",
        "e4m3 1 2",
        "e4m3 0x.p1",
        "e4m3 --rounding rne",
        "e4m3 1 --rounding best",
        "e4m3 1 --overflow wrap",
        "e4m3 1 --rounding half-up",
        "e4m3 1 --rounding sr",
        "e4m3 1 --rounding sr --random-bits 8",
        "e4m3 1 --rounding sr --random-bits 8 --random 256",
        "e4m3 1 --rounding sr --random-bits 33 --random 0",
        "e4m3 1 --random 1",
        "e4m3 1 --random-bits 4",
        "e4m3 0x38 --rounding rne",
        "e4m3 -x",
        "e99m99",
        "e0m1",
        "q0.0",
        "q99.99",
        "e4m3:",
        "e4m3:ieee,bias=99999999999",
        "binary8p9se",
        "ap_fixed<8,4,AP_BEST>",
        "e11m52:ieee,bias=0",
        "sfix0",
        "-1"
      })
  void whatIsWrongIsSaidInOneLine(String arguments) {
    Cli.line("", "explain " + arguments).exits(2).prints("").isCivil().says("halfulp: ");
  }

  @Test
  void garbageNeverGivesATrace() {
    Random random = new Random(1);
    String[] pieces = {
      "e4m3",
      "q",
      ":",
      ",",
      ".",
      "-",
      "ap_fixed<",
      "8",
      ">",
      "bias=",
      "nosub",
      "binary8p",
      "se",
      "\0",
      "\u001b[31m",
      "\n",
      "999999999",
      "%s",
      "é",
      "(",
      "\\",
      "",
      " ",
      "_E",
      "sfix",
      "x",
      "1/",
      "0x",
      "p-",
      "e",
      "^",
      "*",
      "inf"
    };
    for (int i = 0; i < 1000; i++) {
      String[] words = new String[2];
      for (int w = 0; w < 2; w++) {
        StringBuilder word = new StringBuilder();
        for (int k = random.nextInt(6); k >= 0; k--) {
          word.append(pieces[random.nextInt(pieces.length)]);
        }
        words[w] = word.toString();
      }
      Cli alone = Cli.run("explain", words[0]).isCivil();
      Cli value = Cli.run("explain", "e4m3", words[1]).isCivil();
      assertTrue(alone.exit() == 0 || alone.exit() == 2, alone::toString);
      assertTrue(value.exit() == 0 || value.exit() == 2, value::toString);
    }
    Cli.run("explain", "e4m3".repeat(100_000)).exits(2).isCivil();
    Cli.run("explain", "e4m3", "1".repeat(1_000_000)).exits(2).isCivil();
  }
}
