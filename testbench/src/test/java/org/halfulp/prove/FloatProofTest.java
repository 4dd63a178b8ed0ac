package org.halfulp.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Optional;
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
    assertEquals(Optional.empty(), proof("fp_add", RoundingMode.RNE).refute(RTL, SECONDS));
    assertEquals(Optional.empty(), proof("fp_mul", RoundingMode.RUP).refute(RTL, SECONDS));
  }

  @Test
  void aPlantedErrorIsFoundAndSeenInTheSimulator() throws Exception {
    Fault fault = new Fault("fp_round.v", "wants = under | is_odd;", "wants = under;");
    FloatProof proof = proof("fp_add", RoundingMode.RNE);
    Path folder = fault.plant(RTL);
    try {
      FloatProof.Counterexample found = proof.refute(folder, SECONDS).orElseThrow();
      assertEquals(FloatProof.Claim.CODE, found.claim());
      assertTrue(proof.replay(folder, Fixtures.cache(), found).isPresent(), found::toString);
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
