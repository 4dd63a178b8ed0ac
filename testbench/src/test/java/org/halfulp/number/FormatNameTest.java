package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people write, the one name we print, and what we say about the rest. */
class FormatNameTest {
  @ParameterizedTest
  @CsvSource({
    "e4m3fn, float8_e4m3fn",
    "fp8_e4m3, float8_e4m3fn",
    "float8_e4m3fn, float8_e4m3fn",
    "ocp_e4m3, float8_e4m3fn",
    "e4m3, float8_e4m3fn",
    "E4M3, float8_e4m3fn",
    "float8_e4m3, float8_e4m3",
    "e4m3:ieee, float8_e4m3",
    "e5m2, float8_e5m2",
    "e5m2:ieee, float8_e5m2",
    "e3m4, float8_e3m4",
    "e4m3fnuz, float8_e4m3fnuz",
    "e4m3:fnuz, float8_e4m3fnuz",
    "e4m3b11fnuz, float8_e4m3b11fnuz",
    "'e4m3:fnuz,bias=11', float8_e4m3b11fnuz",
    "e5m2fnuz, float8_e5m2fnuz",
    "e8m0fnu, float8_e8m0fnu",
    "e8m0, float8_e8m0fnu",
    "e8m0:fnu, float8_e8m0fnu",
    "e3m2, float6_e3m2fn",
    "e2m3, float6_e2m3fn",
    "e2m1, float4_e2m1fn",
    "fp6_e3m2, float6_e3m2fn",
    "mxfp4_e2m1, float4_e2m1fn",
    "bf16, bfloat16",
    "BFloat16, bfloat16",
    "e8m7, bfloat16",
    "fp16, float16",
    "half, float16",
    "binary16, float16",
    "e5m10, float16",
    "tf32, tf32",
    "e8m10, tf32",
    "fp32, float32",
    "single, float32",
    "e8m23, float32",
    "fp64, float64",
    "double, float64",
    "e11m52, float64",
    "e6m9, e6m9:ieee",
    "e6m9:ieee, e6m9:ieee",
    "e3m2:finite, float6_e3m2fn",
    "e3m2:ieee, e3m2:ieee",
    "'e5m7:fn,bias=20,nosub,daz', 'e5m7:fn,bias=20,nosub,daz'",
    "'e5m7:fn,daz,bias=20,nosub', 'e5m7:fn,bias=20,nosub,daz'",
    "e4m3fn:nosub, float8_e4m3fn:nosub",
    "'bf16:daz,nosub', 'bfloat16:nosub,daz'",
    "'e5m10:bias=15', float16",
    "'e6m9:bias=30', 'e6m9:ieee,bias=30'",
    "'e6m9:ieee,bias=-3', 'e6m9:ieee,bias=-3'",
    "binary8p4se, binary8p4se",
    "Binary8p3SE, binary8p3se",
    "binary6p3uf, binary6p3uf",
    "e4m3:p3109, binary8p4se",
    "e5m2:p3109sf, binary8p3sf",
    "q8.8, q8.8",
    "Q8.8, q8.8",
    "uq0.8, uq0.8",
    "q-2.10, q-2.10",
    "q10.-2, q10.-2",
    "sfix16_En8, q8.8",
    "ufix8_En8, uq0.8",
    "sfix8_E2, q10.-2",
    "sfix16, q16.0",
    "'ap_fixed<16,8>', q8.8",
    "'ap_ufixed<8, 0, AP_RND_CONV, AP_SAT>', uq0.8",
    "'  bf16 ', bfloat16"
  })
  void readsWhatPeopleWrite(String text, String canonical) {
    Format format = FormatName.parse(text).format();
    assertEquals(canonical, format.name());
    assertEquals(format, FormatName.parse(canonical).format());
  }

  @Test
  void apFixedNamesItsRoundingAndOverflow() {
    Map<String, RoundingMode> roundings = new HashMap<>();
    roundings.put("AP_RND", RoundingMode.HALF_UP);
    roundings.put("AP_RND_ZERO", RoundingMode.HALF_ZERO);
    roundings.put("AP_RND_MIN_INF", RoundingMode.HALF_DOWN);
    roundings.put("AP_RND_INF", RoundingMode.RNA);
    roundings.put("AP_RND_CONV", RoundingMode.RNE);
    roundings.put("AP_TRN", RoundingMode.RDN);
    roundings.put("AP_TRN_ZERO", RoundingMode.RTZ);
    Map<String, OverflowRule> overflows =
        Map.of(
            "AP_SAT", OverflowRule.SATURATE,
            "AP_SAT_SYM", OverflowRule.SYMMETRIC,
            "AP_WRAP", OverflowRule.WRAP);
    roundings.forEach(
        (q, rounding) ->
            overflows.forEach(
                (o, overflow) -> {
                  FormatName name = FormatName.parse("ap_fixed<12,5," + q + "," + o + ">");
                  assertEquals(new FixedFormat(true, 12, 7), name.format());
                  assertEquals(Optional.of(rounding), name.rounding());
                  assertEquals(Optional.of(overflow), name.overflow());
                }));
    FormatName plain = FormatName.parse("ap_ufixed<8,10>");
    assertEquals(new FixedFormat(false, 8, -2), plain.format());
    assertEquals(Optional.of(RoundingMode.RDN), plain.rounding());
    assertEquals(Optional.of(OverflowRule.WRAP), plain.overflow());
    assertEquals(Optional.empty(), FormatName.parse("q8.8").rounding());
  }

  @Test
  void ambiguousNamesSayWhichReadingWasChosen() {
    assertTrue(FormatName.parse("e4m3").convention().orElseThrow().contains("float8_e4m3fn"));
    assertTrue(FormatName.parse("e4m3").convention().orElseThrow().contains("e4m3:ieee"));
    assertTrue(FormatName.parse("fp8_e4m3").convention().orElseThrow().contains("448"));
    assertTrue(FormatName.parse("float8_e4m3").convention().orElseThrow().contains("240"));
    assertTrue(FormatName.parse("q8.8").convention().orElseThrow().contains("sign bit"));
    assertTrue(FormatName.parse("e6m9").convention().isPresent());
    assertFalse(FormatName.parse("e4m3fn").convention().isPresent());
  }

  @Test
  void everyAliasReadsAsItsFormat() {
    int aliases = 0;
    for (FormatName.Published published : FormatName.published()) {
      assertEquals(published.format(), FormatName.parse(published.name()).format());
      assertEquals(published.name(), published.format().name());
      for (String alias : FormatName.aliasesOf(published.name())) {
        String upper = alias.toUpperCase(Locale.ROOT);
        assertEquals(published.format(), FormatName.parse(upper).format(), alias);
        aliases++;
      }
    }
    assertEquals(16, FormatName.published().size());
    assertTrue(aliases >= 40, "aliases: " + aliases);
  }

  @Test
  void canonicalNamesRoundTripAndAreDistinct() {
    List<Format> formats = new ArrayList<>();
    for (Family family : Family.values()) {
      for (int e = 1; e <= 11; e++) {
        for (int m = 0; m <= 52; m += m < 6 ? 1 : 7) {
          for (int shift : new int[] {0, -1, 3}) {
            for (int switches = 0; switches < 4; switches++) {
              try {
                int bias = family.defaultBias(e) + shift;
                boolean subnormals = (switches & 1) == 0;
                formats.add(new FloatFormat(e, m, bias, family, subnormals, switches >= 2));
              } catch (IllegalArgumentException expected) {
                assertNotNull(expected.getMessage());
              }
            }
          }
        }
      }
    }
    for (int width = 1; width <= 64; width++) {
      for (int fraction : new int[] {-1024, -70, -1, 0, 1, width, width + 1, 1024}) {
        formats.add(new FixedFormat(true, width, fraction));
        formats.add(new FixedFormat(false, width, fraction));
      }
    }
    Map<String, Format> byName = new HashMap<>();
    for (Format format : formats) {
      String name = format.name();
      assertEquals(format, FormatName.parse(name).format(), name);
      assertEquals(format, FormatName.parse(name.toUpperCase(Locale.ROOT)).format(), name);
      Format other = byName.put(name, format);
      assertTrue(other == null || other.equals(format), name);
    }
    assertTrue(byName.size() > 8000, "names: " + byName.size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        // what is written; what the message must name
        "e4m4x; e4m4x",
        "float7; float7",
        "e12m3; exponent bits must be in [1, 11], got 12",
        "e0m3; exponent bits must be in [1, 11], got 0",
        "e5m53; fraction bits must be in [0, 52], got 53",
        "e4m3:ieeee; 'ieeee'",
        "e4m3:fn,biass=3; 'biass=3'",
        "e4m3:fn,bias=; bias",
        "e4m3:fn,bias=99999999999; 99999999999",
        "e4m3:fn,bias=5000; 5000",
        "e4m3:fn,nosub,foo; 'foo'",
        "bf16:ieee; 'ieee'",
        "e8m1:fnu; fnu",
        "e1m0:ieee; no finite value",
        "e1m2:ieee,nosub; no finite value",
        "e11m52:fn,bias=1024; binary64",
        "e11m52:fnuz; binary64",
        "binary8p9se; [1, 7]",
        "binary8p0ue; [1, 8]",
        "binary8p8se; got 8",
        "q0.0; 0 bits",
        "q40.40; 80 bits",
        "q-8.4; -4 bits",
        "sfix0; 0 bits",
        "sfix99_En3; 99 bits",
        "ap_fixed<0,8>; 0 bits",
        "ap_fixed<16,8,AP_FOO>; ap_foo",
        "ap_fixed<16,8,AP_RND,AP_SAT_ZERO>; ap_sat_zero",
        "ap_fixed<16,8,AP_RND,AP_SAT,3>; ap_fixed<16,8,AP_RND,AP_SAT,3>",
        "ap_fixed<16>; ap_fixed<16>",
        "q9999.-9990; -9990 fraction bits",
        "ap_fixed<8,-9999>; 10007 fraction bits",
        "sfix8_En9999; 9999 fraction bits",
      })
  void wrongSpellingsAreNamed(String text, String named) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> FormatName.parse(text));
    assertTrue(e.getMessage().contains(named), e.getMessage());
    assertTrue(e.getMessage().contains("'" + text + "'"), e.getMessage());
  }

  @Test
  void garbageIsRefusedAndNothingElse() {
    String[] pieces = {
      "e",
      "m",
      "e4m3",
      "e5m2",
      ":",
      ",",
      "bias=",
      "nosub",
      "daz",
      "fn",
      "ieee",
      "fnuz",
      "finite",
      "p3109",
      "binary",
      "p",
      "se",
      "uf",
      "q",
      "uq",
      ".",
      "-",
      "sfix",
      "ufix",
      "_E",
      "_En",
      "n",
      "ap_fixed<",
      "ap_ufixed<",
      ">",
      "AP_RND",
      "AP_SAT",
      "float8_",
      "bf16",
      "half",
      " ",
      "\t",
      "0",
      "1",
      "2",
      "8",
      "16",
      "64",
      "99",
      "123",
      "1024",
      "9999",
      "2147483648",
      "-1",
      "99999999999999999999",
      "\u0661",
      "\u0130",
      "%s",
      "'",
      "\n"
    };
    Random random = new Random(5);
    int read = 0;
    int refused = 0;
    for (int i = 0; i < 100_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(8);
      for (int j = 0; j < length; j++) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      if (random.nextInt(4) == 0 && text.length() > 0) {
        text.setCharAt(random.nextInt(text.length()), (char) (32 + random.nextInt(96)));
      }
      try {
        Format format = FormatName.parse(text.toString()).format();
        assertEquals(format, FormatName.parse(format.name()).format());
        read++;
      } catch (IllegalArgumentException e) {
        assertEquals(IllegalArgumentException.class, e.getClass(), text::toString);
        assertTrue(e.getMessage().contains("'" + text + "'"), e.getMessage());
        refused++;
      }
    }
    assertEquals(100_000, read + refused);
    assertTrue(read > 300, "read " + read);
  }

  @Test
  void mutatedNamesNeverCrash() {
    List<String> names = new ArrayList<>(List.of("ap_fixed<16,8,AP_RND_CONV,AP_SAT>", "q8.8"));
    names.addAll(List.of("e5m7:fn,bias=20,nosub,daz", "binary8p4se", "sfix16_En8", "ufix8_E2"));
    Random random = new Random(6);
    int read = 0;
    for (int i = 0; i < 60_000; i++) {
      StringBuilder text = new StringBuilder(names.get(i % names.size()));
      for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, random.nextInt(1000));
          default -> text.setCharAt(at, (char) (33 + random.nextInt(94)));
        }
      }
      try {
        FormatName.parse(text.toString());
        read++;
      } catch (IllegalArgumentException e) {
        assertEquals(IllegalArgumentException.class, e.getClass(), text::toString);
      }
    }
    assertTrue(read > 300, "read " + read);
  }

  @Test
  void modesAndRulesAreReadByTheirLabels() {
    for (RoundingMode mode : RoundingMode.values()) {
      assertEquals(mode, RoundingMode.parse(mode.label()));
      assertEquals(mode, RoundingMode.parse(mode.name()));
    }
    for (OverflowRule rule : OverflowRule.values()) {
      assertEquals(rule, OverflowRule.parse(rule.label().toUpperCase(Locale.ROOT)));
    }
    String message =
        assertThrows(IllegalArgumentException.class, () -> RoundingMode.parse("nearest"))
            .getMessage();
    assertTrue(message.contains("nearest") && message.contains("rne"), message);
    assertThrows(IllegalArgumentException.class, () -> OverflowRule.parse("clip"));
    assertThrows(IllegalArgumentException.class, () -> Family.parse("ocp"));
  }
}
