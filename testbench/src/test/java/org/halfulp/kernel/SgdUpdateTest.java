package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.NanException;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** {@link SgdUpdate} against {@link UpdateUnit#exactly} with streams kept by the book. */
class SgdUpdateTest {
  private static void equal(List<UpdateCampaign.Case> cases, long least) {
    UpdateCampaign.Result result =
        UpdateCampaign.run((unit, lanes, seed) -> new SgdUpdate(unit, lanes, seed)::update, cases);
    assertNull(result.first());
    assertEquals(0, result.differing());
    assertTrue(result.compared() >= least, "compared " + result.compared());
    assertTrue(result.distinct() >= least * 9 / 10, "distinct " + result.distinct());
  }

  private static Format format(String name) {
    return FormatName.parse(name).format();
  }

  /** All pairs of codes; modes, range rules, products, steps and lanes take turns. */
  @Test
  void equalsTheExactUpdateForAllPairsOfEightBitCodes() {
    List<String> formats =
        List.of(
            "e4m3",
            "e5m2",
            "e4m3:ieee",
            "e3m4",
            "e4m3fnuz",
            "e5m2fnuz",
            "e5m2:daz",
            "e4m3:finite,nosub",
            "e3m4:ieee,nosub,daz",
            "binary8p4se",
            "binary8p3sf",
            "e7m0",
            "q1.7",
            "q4.4",
            "q-2.10",
            "q10.-2");
    FixedFormat oneBit = new FixedFormat(false, 1, 3);
    FixedFormat wide = new FixedFormat(false, 11, 9);
    FixedFormat large = new FixedFormat(false, 3, -2);
    Cases draw = new Cases(31);
    List<UpdateCampaign.Case> cases = new ArrayList<>();
    for (String name : formats) {
      for (RoundingMode mode : RoundingMode.values()) {
        Format f = format(name);
        if (mode.fixedOnly() && f instanceof FloatFormat) {
          continue;
        }
        Quantizer q;
        do {
          q = draw.quantizer(f);
        } while (q.rounding() != mode);
        boolean fused = draw.oneIn(2);
        Quantizer product =
            draw.quantizer(f instanceof FloatFormat ? draw.floatFormat(6, 6) : format("q6.7"));
        FixedFormat step = draw.oneIn(3) ? oneBit : draw.oneIn(3) ? large : wide;
        long code = draw.oneIn(10) ? 0 : draw.random().nextLong() & step.mask() | 1;
        UpdateUnit unit =
            new UpdateUnit(q, f, fused ? Optional.empty() : Optional.of(product), step);
        cases.add(UpdateCampaign.pairs(unit, draw.between(1, 9), draw.random().nextLong(), code));
      }
    }
    // step 0 in each kind: 0 * Inf is invalid, and w - 0 keeps w
    for (String name : List.of("e5m2", "e4m3", "q4.4")) {
      UpdateUnit unit =
          new UpdateUnit(
              UpdateCampaign.quantizer(name, RoundingMode.RDN, 0),
              format(name),
              Optional.empty(),
              wide);
      cases.add(UpdateCampaign.pairs(unit, 2, 5, 0));
    }
    equal(cases, 110L * 65536);
  }

  @Test
  void equalsTheExactUpdateForOtherPairsOfFormats() {
    Cases draw = new Cases(32);
    List<UpdateCampaign.Case> cases = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      boolean fixed = draw.oneIn(3);
      Format weight = fixed ? draw.fixedFormat(true, 40) : draw.floatFormat(8, 15);
      Format gradient = fixed ? draw.fixedFormat(true, 24) : draw.floatFormat(8, 15);
      Format product = fixed ? draw.fixedFormat(true, 30) : draw.floatFormat(8, 12);
      FixedFormat step = new FixedFormat(false, draw.between(1, 16), draw.between(-6, 30));
      UpdateUnit unit =
          new UpdateUnit(
              draw.quantizer(weight),
              gradient,
              draw.oneIn(2) ? Optional.empty() : Optional.of(draw.quantizer(product)),
              step);
      cases.add(
          UpdateCampaign.random(
              unit,
              draw.between(1, 9),
              draw.random().nextLong(),
              draw.random().nextLong() & step.mask(),
              1500));
    }
    for (String name : List.of("bf16", "fp16", "q8.8", "fp32", "fp64", "q4.60", "q1.63")) {
      for (int bits : new int[] {0, 16}) {
        RoundingMode mode = bits == 0 ? RoundingMode.RNE : RoundingMode.SR;
        UpdateUnit unit =
            new UpdateUnit(
                UpdateCampaign.quantizer(name, mode, bits),
                format(name),
                Optional.empty(),
                new FixedFormat(false, 16, 16));
        cases.add(UpdateCampaign.random(unit, 4, 7, 0x8001, 10_000));
      }
    }
    // gradients wider than binary64's significand, narrow weights
    for (String gradient : List.of("q4.60", "q60.4", "fp64", "q-900.964", "q1000.-936")) {
      UpdateUnit unit =
          new UpdateUnit(
              UpdateCampaign.quantizer("q4.4", RoundingMode.RUP, 0, OverflowRule.WRAP),
              format(gradient),
              Optional.empty(),
              new FixedFormat(false, 16, 10));
      cases.add(UpdateCampaign.random(unit, 4, 7, 0x8001, 10_000));
    }
    // steps at the ends of what a format can say
    for (int fracBits : new int[] {-1024, -1000, 1000, 1024}) {
      for (long code : new long[] {0, 1, 0xFFFF}) {
        UpdateUnit unit =
            new UpdateUnit(
                UpdateCampaign.quantizer("e4m3", RoundingMode.RNE, 0),
                format("e5m2"),
                Optional.empty(),
                new FixedFormat(false, 16, fracBits));
        cases.add(UpdateCampaign.random(unit, 1, 7, code, 3000));
      }
    }
    equal(cases, 600_000);
  }

  /** A gradient one below a tie, which binary64 cannot hold, must not round as the tie. */
  @Test
  void readsWideGradientsExactly() {
    UpdateUnit unit =
        new UpdateUnit(
            new Quantizer(new FixedFormat(true, 8, 0), RoundingMode.RNA),
            new FixedFormat(true, 64, 60),
            Optional.empty(),
            new FixedFormat(false, 1, 0));
    long[] w = {0, 0};
    int[] flags = new int[2];
    new SgdUpdate(unit, 1, 1).update(w, new long[] {-(1L << 59), 1 - (1L << 59)}, 1, w, flags, 2);
    assertEquals(1, w[0]);
    assertEquals(0, w[1]);
    assertEquals(Flags.INEXACT, flags[1]);
  }

  @Test
  void specialOperandsRaiseInvalid() {
    UpdateUnit unit =
        new UpdateUnit(
            UpdateCampaign.quantizer("fp16", RoundingMode.RNE, 0),
            FloatFormat.FLOAT16,
            Optional.empty(),
            new FixedFormat(false, 8, 8));
    long inf = 0x7C00;
    long signaling = 0x7D00;
    long quiet = 0x7E00;
    long one = 0x3C00;
    long[] w = {signaling, quiet, one, one, one, inf, inf, inf};
    long[] g = {one, one, signaling, quiet, inf, inf, 0xFC00, one};
    long[] out = new long[8];
    int[] flags = new int[8];
    SgdUpdate update = new SgdUpdate(unit, 3, 1);
    update.update(w, g, 1, out, flags, 8);
    assertEquals(
        "7e00 7e00 7e00 7e00 fc00 7e00 7c00 7c00",
        String.join(" ", Arrays.stream(out).mapToObj(Long::toHexString).toList()));
    assertEquals("[16, 0, 16, 0, 0, 16, 0, 0]", Arrays.toString(flags));
    update.update(w, g, 0, out, flags, 8);
    assertEquals("[16, 0, 16, 0, 16, 16, 16, 0]", Arrays.toString(flags));
  }

  @Test
  void strictUnitsRefuseNan() {
    UpdateUnit unit =
        new UpdateUnit(
            new Quantizer(new FixedFormat(true, 8, 4), RoundingMode.RNE),
            FloatFormat.FLOAT16,
            Optional.empty(),
            new FixedFormat(false, 8, 8));
    long[] one = {1};
    assertThrows(
        NanException.class,
        () ->
            new SgdUpdate(unit, 1, 1)
                .update(one, new long[] {0x7E00}, 1, new long[1], new int[1], 1));
  }

  @Test
  void refusesStepsThatAreNotNarrowUnsignedFixedPoint() {
    Quantizer weight = new Quantizer(FloatFormat.FLOAT16, RoundingMode.RNE);
    for (FixedFormat step : List.of(new FixedFormat(true, 8, 8), new FixedFormat(false, 17, 8))) {
      IllegalArgumentException refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> new UpdateUnit(weight, FloatFormat.FLOAT16, Optional.empty(), step));
      assertTrue(refusal.getMessage().contains(step.name()), refusal.getMessage());
    }
  }
}
