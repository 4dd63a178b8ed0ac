package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.DutException;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.UpdateCampaign.Case;
import org.halfulp.verify.UpdateCampaign.Pass;
import org.halfulp.verify.UpdateCampaign.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults put into the RTL on purpose: the cross-check must see each, and nothing without one. */
class RtlMutantsTest {
  private static final Stalls STALLS = new Stalls(25, 35, 5);

  @TempDir Path temp;

  private static Quantizer quantizer(String format, RoundingMode mode, OverflowRule rule, int n) {
    return new Quantizer(FormatName.parse(format).format(), mode, rule, n, true);
  }

  private static Case check(Quantizer w, String gradient, Quantizer product, String step) {
    Format g = FormatName.parse(gradient).format();
    UpdateUnit unit =
        new UpdateUnit(
            w,
            g,
            Optional.ofNullable(product),
            (org.halfulp.number.FixedFormat) FormatName.parse(step).format());
    List<Pass> passes = new ArrayList<>();
    for (long code : new long[] {0, 1, unit.step().mask()}) {
      passes.add(new Pass(new UpdateVectors.Exhaustive(w.format(), g), code));
    }
    return new Case(unit, 4, 77, STALLS, passes, List.of());
  }

  private static final OverflowRule NONE = OverflowRule.NONE;
  private static final OverflowRule SATURATE = OverflowRule.SATURATE;
  private static final Case RNE =
      check(quantizer("e4m3fn", RoundingMode.RNE, NONE, 0), "e5m2", null, "uq0.4");
  private static final Case RNE_IEEE =
      check(quantizer("e5m2", RoundingMode.RNE, NONE, 0), "e5m2", null, "uq0.4");
  private static final Case RDN =
      check(quantizer("e5m2:daz", RoundingMode.RDN, NONE, 0), "e4m3fn", null, "uq-1.2");
  private static final Case SR =
      check(quantizer("e4m3fn", RoundingMode.SR, NONE, 6), "e5m2", null, "uq0.4");
  private static final Case SR_UNFUSED =
      check(
          quantizer("e4m3fn", RoundingMode.RNE, NONE, 0),
          "e4m3fn",
          quantizer("e5m2", RoundingMode.SR, NONE, 7),
          "uq0.8");
  private static final Case FIXED =
      check(quantizer("q2.6", RoundingMode.RTZ, SATURATE, 0), "q4.4", null, "uq0.3");
  private static final Case FIXED_SR =
      check(quantizer("q3.5", RoundingMode.SR, SATURATE, 5), "q2.6", null, "uq0.8");
  private static final Case SYMMETRIC =
      check(
          quantizer("q2.6", RoundingMode.RNE, OverflowRule.SYMMETRIC, 0),
          "q4.4",
          quantizer("q4.6", RoundingMode.RNE, OverflowRule.WRAP, 0),
          "uq0.8");

  private record Seeded(RtlMutant mutant, Case check) {}

  private static Seeded seeded(Case check, String name, String file, String from, String to) {
    return new Seeded(RtlMutant.of(name, file, from, to), check);
  }

  private static final List<Seeded> ARITHMETIC =
      List.of(
          seeded(
              RNE,
              "sticky of the alignment dropped",
              "fp_sgd_lane.v",
              "<= {moved, moved_sticky};",
              "<= {moved, 1'b0};"),
          seeded(
              RNE,
              "sticky of a far shift dropped",
              "shift_right_sticky.v",
              "far ? |in_data : sticky",
              "far ? 1'b0 : sticky"),
          seeded(
              RNE, "ties away from zero", "fp_round.v", "wants = under | is_odd;", "wants = 1'b1;"),
          seeded(
              RNE,
              "gradual underflow stops one place early",
              "fp_normalize_cut.v",
              "left = in_exp - ONE;",
              "left = in_exp - ONE - ONE;"),
          seeded(
              SR,
              "underflow judged before rounding",
              "fp_round.v",
              "~hidden & ~reaches",
              "~hidden"),
          seeded(
              RNE_IEEE,
              "Inf - Inf raises no flag",
              "fp_sgd_lane.v",
              "w_snan | s_invalid | (w_inf & s_inf & opposite & ~s_nan);",
              "w_snan | s_invalid;"),
          seeded(
              RNE_IEEE,
              "signaling NaN taken for a quiet one",
              "fp_unpack.v",
              "out_nan & ~mag[FRAC_W-1]",
              "1'b0"),
          seeded(
              RDN,
              "cancellation gives +0 in rdn too",
              "fp_sgd_lane.v",
              "ROUND == RDN : sign_q",
              "1'b0 : sign_q"),
          seeded(RDN, "DAZ not honoured", "fp_unpack.v", "if (DAZ != 0)", "if (DAZ > 1)"),
          seeded(
              SR,
              "wrong tap of the random register",
              "random_bits.v",
              "state_q[60-:BITS]",
              "state_q[61-:BITS]"),
          seeded(
              SR_UNFUSED,
              "random bits of neighbouring lanes swapped",
              "sgd_update.v",
              "{16'd0, seed_lane} == LANES + l)",
              "{16'd0, seed_lane} == LANES + (l ^ 1))"),
          new Seeded(
              new RtlMutant(
                  "gradients of neighbouring lanes swapped",
                  "sgd_update.v",
                  "begin : g_gradient",
                  "= in_g[l*G_WIDTH+:G_WIDTH];",
                  "= in_g[(l^1)*G_WIDTH+:G_WIDTH];"),
              FIXED_SR),
          seeded(
              FIXED,
              "no saturation",
              "fx_clamp.v",
              "wire clamped = out_overflow & (RANGE != WRAP);",
              "wire clamped = 1'b0;"),
          seeded(
              FIXED,
              "toward zero rounds positive values up",
              "fx_round_up.v",
              "up = (guard | tail) & in_negative;",
              "up = (guard | tail) & ~in_negative;"),
          seeded(
              SYMMETRIC,
              "smallest code under symmetric",
              "fx_clamp.v",
              "(RANGE == SYMMETRIC) & sign & (b ^ c) & ~(|low[OUT_W-2:0]);",
              "1'b0;"),
          seeded(
              SYMMETRIC,
              "flags of the product's rounding lost",
              "fx_sgd_lane.v",
              "<= flags | product_flags;",
              "<= flags;"),
          seeded(
              FIXED_SR,
              "the carry bit of the difference cut",
              "fx_sgd_lane.v",
              "localparam integer D_W = ((W_D > S_D) ? W_D : S_D) + 1;",
              "localparam integer D_W = ((W_D > S_D) ? W_D : S_D);"));

  /** Right as long as nothing stalls. */
  private static final List<Seeded> HANDSHAKE =
      List.of(
          seeded(
              SR,
              "random streams advance on stalled beats",
              "sgd_update.v",
              "wire accept = in_valid & in_ready;",
              "wire accept = in_valid;"),
          seeded(
              SR_UNFUSED,
              "the product's draw is not held",
              "fp_sgd_lane.v",
              "if (enable[0]) product_rand_q",
              "if (1'b1) product_rand_q"),
          seeded(RNE, "no back-pressure", "stream_ranks.v", "move = out_ready;", "move = 1'b1;"),
          seeded(FIXED, "a held word is dropped", "stream_ranks.v", "| (~moves & valid_q);", ";"),
          seeded(
              FIXED,
              "ready without room",
              "stream_ranks.v",
              "assign in_ready  = moves[0];",
              "assign in_ready  = 1'b1;"));

  private static Result run(List<Path> sources, Case check) {
    return UpdateCampaign.run(Fixtures.cache(), sources, check);
  }

  private static Case unstalled(Case c) {
    return new Case(c.unit(), c.lanes(), c.seed(), Stalls.NONE, c.passes(), c.exact());
  }

  @Test
  void nothingDiffersWithoutAFault() throws Exception {
    Set<Case> checks = new HashSet<>();
    ARITHMETIC.forEach(s -> checks.add(s.check()));
    HANDSHAKE.forEach(s -> checks.add(s.check()));
    for (Result r : UpdateCampaign.run(List.copyOf(checks))) {
      assertEquals(3 << 16, r.fast().compared());
      assertEquals(0, r.fast().differing(), () -> r.first().get().report());
    }
    System.out.printf("RTL without a fault: %d checks, 0 differing%n", checks.size());
  }

  @Test
  void everyFaultIsSeen() throws Exception {
    int n = 0;
    for (Seeded s : ARITHMETIC) {
      List<Path> sources = s.mutant().write(UpdateCampaign.rtl(), temp.resolve("mutant" + n++));
      Result r = run(sources, s.check());
      UpdateCrossCheck.Counts counts = r.fast();
      System.out.printf(
          "RTL fault '%s': %d compared, %d differing; %s%n",
          s.mutant().name(),
          counts.compared(),
          counts.differing(),
          r.first().map(RtlMutantsTest::line).orElse("NOT SEEN"));
      assertEquals(3 << 16, counts.compared());
      assertTrue(counts.differing() > 0, s.mutant().name());
      assertTrue(counts.differing() < counts.compared(), s.mutant().name());
    }
  }

  @Test
  void everyFaultOfTheHandshakeIsSeenUnderStalls() throws Exception {
    int n = 0;
    for (Seeded s : HANDSHAKE) {
      List<Path> sources = s.mutant().write(UpdateCampaign.rtl(), temp.resolve("handshake" + n++));
      Result quiet = run(sources, unstalled(s.check()));
      assertEquals(0, quiet.fast().differing(), s.mutant().name() + " without stalls");
      String seen;
      try {
        UpdateCrossCheck.Counts counts = run(sources, s.check()).fast();
        assertTrue(counts.differing() > 0, s.mutant().name());
        seen = "%d compared, %d differing".formatted(counts.compared(), counts.differing());
      } catch (DutException e) {
        seen = e.getMessage();
      }
      System.out.printf(
          "RTL fault '%s': 0 differing without stalls; with them: %s%n", s.mutant().name(), seen);
    }
  }

  /** One line of the report: operands and both results. */
  private static String line(Mismatch m) {
    Format w = m.unit().weight().format();
    return "%s: w=%s g=%s step=%d: rtl=%s emulator=%s"
        .formatted(
            m.where(),
            show(w, m.w()),
            show(m.unit().gradient(), m.g()),
            m.step(),
            show(w, m.rtl()) + " " + org.halfulp.number.Flags.describe(m.rtlFlags()),
            show(w, m.emulator()) + " " + org.halfulp.number.Flags.describe(m.emulatorFlags()));
  }

  private static String show(Format format, long code) {
    return "%s (%s)".formatted(format.hex(code), format.toDouble(code));
  }
}
