package org.halfulp.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Fixtures;
import org.halfulp.verify.UnitRequest;
import org.junit.jupiter.api.Test;

/** A few small proofs; {@code make prove} has the others. */
class FloatProofTest {
  private static final Path RTL = Path.of("..", "rtl");
  private static final int SECONDS = 60;

  private static FloatProof proof(String top, RoundingMode mode) {
    return new FloatProof(top, UnitRequest.DEFAULT.format("e3m2:ieee").rounding(mode).stages(0));
  }

  @Test
  void unitsMeanWhatTheTheorySays() throws Exception {
    assertEquals(Optional.empty(), proof("fp_add", RoundingMode.RNE).refute(RTL, SECONDS).found());
    assertEquals(Optional.empty(), proof("fp_mul", RoundingMode.RUP).refute(RTL, SECONDS).found());
  }

  @Test
  void aPlantedErrorIsFoundAndSeenInTheSimulator() throws Exception {
    Fault fault = new Fault("fp_round.v", "wants = under | is_odd;", "wants = under;");
    FloatProof proof = proof("fp_add", RoundingMode.RNE);
    Path folder = fault.plant(RTL);
    try {
      Counterexample found = proof.refute(folder, SECONDS).found().orElseThrow();
      assertEquals("code", found.claim());
      assertTrue(found.replay(proof.unit(), folder, Fixtures.cache()).isPresent(), found::toString);
    } finally {
      Fault.delete(folder);
    }
  }

  private static FixedProof fixed(String top) {
    FixedFormat q = new FixedFormat(true, 4, 2);
    FixedFormat to = new FixedFormat(true, 3, 1);
    return new FixedProof(top, q, q, to, Optional.empty(), OverflowRule.SATURATE, 2);
  }

  @Test
  void aPlantedErrorInAFixedUnitIsFoundAndSeenInTheSimulator() throws Exception {
    Fault fault = new Fault("fx_round_up.v", "up = guard & (tail | in_odd);", "up = guard;");
    Path folder = fault.plant(RTL);
    try {
      for (String top : List.of("fx_add", "fx_mac")) {
        assertEquals(Optional.empty(), fixed(top).refute(RTL, SECONDS).found());
        Counterexample found = fixed(top).refute(folder, SECONDS).found().orElseThrow();
        assertTrue(
            found.replay(fixed(top).unit(), folder, Fixtures.cache()).isPresent(), found::toString);
      }
    } finally {
      Fault.delete(folder);
    }
  }

  @Test
  void anErrorThatDoesNotApplyIsRefused() {
    Fault fault = new Fault("fp_round.v", "no such text", "");
    assertThrows(IllegalStateException.class, () -> fault.plant(RTL));
  }
}
