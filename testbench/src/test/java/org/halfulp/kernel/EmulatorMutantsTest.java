package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The update campaign sees seeded faults, and nothing where there is none. */
class EmulatorMutantsTest {
  private static void counts(UpdateCampaign.Result result) {
    assertTrue(result.compared() >= 70_000, "compared " + result.compared());
    assertTrue(result.distinct() >= 60_000, "distinct " + result.distinct());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void theCampaignReportsEveryFault(MutantUpdate.Fault fault) {
    UpdateCampaign.Result result =
        UpdateCampaign.run(
            (unit, lanes, seed) -> new MutantUpdate(unit, lanes, seed, fault),
            UpdateCampaign.faultCases());
    counts(result);
    assertTrue(result.differing() > 0, fault + " went unseen: " + result);
  }

  @Test
  void theCopyWithoutAFaultDoesNotDiffer() {
    UpdateCampaign.Result result =
        UpdateCampaign.run(
            (unit, lanes, seed) -> new MutantUpdate(unit, lanes, seed, MutantUpdate.Fault.NONE),
            UpdateCampaign.faultCases());
    assertNull(result.first());
    assertEquals(0, result.differing());
    counts(result);
  }

  @Test
  void theEmulatorDoesNotDiffer() {
    UpdateCampaign.Result result =
        UpdateCampaign.run(
            (unit, lanes, seed) -> new SgdUpdate(unit, lanes, seed)::update,
            UpdateCampaign.faultCases());
    assertNull(result.first());
    assertEquals(0, result.differing());
    counts(result);
  }

  @ParameterizedTest
  @EnumSource(MutantRounding.Fault.class)
  void theArraysCampaignReportsEveryFault(MutantRounding.Fault fault) {
    QuantizeCampaign.Maker faulty =
        (q, vectors) -> new ArrayQuantizer(q, new MutantRounding(q, fault), null);
    QuantizeCampaign.Result result =
        QuantizeCampaign.narrow(2999, faulty).plus(QuantizeCampaign.wide(5, 100_000, faulty));
    assertTrue(result.compared() >= 2_000_000, "compared " + result.compared());
    assertEquals(fault != MutantRounding.Fault.NONE, result.differing() > 0, fault + ": " + result);
  }
}
