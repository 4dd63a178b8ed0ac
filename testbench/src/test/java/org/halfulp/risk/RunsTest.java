package org.halfulp.risk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.OnePassSgd;
import org.halfulp.learn.Runs;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

class RunsTest {
  private static final long[] STEPS = {20, 60};

  private static Runs runs(QuantizerSet q, double step, int batch) {
    double[] spectrum = GaussianProblem.powerLaw(10, 1);
    double[] target = new double[10];
    Arrays.fill(target, 1);
    return new Runs(
        new GaussianProblem(spectrum, target, 1),
        q,
        new OnePassSgd.Plan(step, batch),
        spectrum,
        spectrum);
  }

  /** Some of what {@code make theory-check} compares. */
  @Test
  void simulationAgreesWithTheory() {
    List<String> small =
        List.of(
            "additive .05, all",
            "element-wise .05, all",
            "fixed 2^-4 SR, data nearest and saturated at 1",
            "e5m3 SR, data nearest e5m1");
    List<String> large = List.of("shared scale .05, all", "fixed 2^-3 SR, all", "e5m2 SR, all");
    List<Setting.Score> scores = new ArrayList<>();
    for (Setting s : Setting.all()) {
      if (s.a() == 2 && (s.batch() == 1 ? small : large).contains(s.name())) {
        scores.addAll(s.compare(STEPS, 400, 7 + scores.size(), 2));
      }
    }
    assertEquals((small.size() + large.size()) * 8, scores.size());
    assertTrue(RiskCheck.rms(scores) < 1.2, scores::toString);
    for (Setting.Score s : scores) {
      assertTrue(Math.abs(s.z()) < 4, s::toString);
    }
  }

  @Test
  void aTheoryOfOtherQuantizersIsFoundOut() {
    QuantizerSet coarse = QuantizerSet.all(Setting.fixed(0, RoundingMode.SR));
    Setting s = new Setting("fixed 2^0", coarse, 30, 2, .1, 1);
    for (QuantizerSet other :
        List.of(
            coarse.withData(Perturbation.NONE),
            coarse.withParameter(Perturbation.NONE),
            coarse.withResidual(Perturbation.NONE))) {
      double most =
          s.compare(other, STEPS, 400, 1, 2).stream()
              .mapToDouble(z -> Math.abs(z.z()))
              .max()
              .orElseThrow();
      assertTrue(most > 4, "z of at most " + most + " for " + other);
    }
  }

  @Test
  void theNumberOfThreadsChangesNothing() {
    QuantizerSet q =
        QuantizerSet.all(Setting.minifloat(2, RoundingMode.SR))
            .withActivation(Perturbation.shared(.1));
    Runs runs = runs(q, .1, 4);
    Runs.Result one = runs.run(STEPS, 9, 5, 1);
    assertEquals(one, runs.run(STEPS, 9, 5, 2));
    assertEquals(one, runs.run(STEPS, 9, 5, 16));
    assertTrue(!one.equals(runs.run(STEPS, 9, 6, 2)), "the seed counts");
  }

  @Test
  void divergenceIsAResult() {
    Runs.Result result = runs(QuantizerSet.NONE, 3, 1).run(new long[] {10, 20_000}, 3, 1, 2);
    assertEquals(3, result.diverged());
    assertTrue(result.firstDivergence() > 10 && result.firstDivergence() < 20_000);
    assertTrue(Double.isFinite(result.points().get(0).average().mean()));
    assertEquals(Double.POSITIVE_INFINITY, result.points().get(1).average().mean());
  }

  @Test
  void badRunsAreRefused() {
    Runs runs = runs(QuantizerSet.NONE, .1, 1);
    assertThrows(IllegalArgumentException.class, () -> runs.run(new long[] {0}, 9, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> runs.run(new long[] {5, 5}, 9, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> runs.run(STEPS, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> runs.run(STEPS, 9, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new OnePassSgd.Plan(Double.NaN, 1));
    assertThrows(IllegalArgumentException.class, () -> Perturbation.additive(-1));
    double[] two = {1, 1};
    assertThrows(
        IllegalArgumentException.class, () -> new GaussianProblem(two, new double[] {1}, 1));
    GaussianProblem wide = new GaussianProblem(new double[] {1}, new double[] {1}, 0);
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new OnePassSgd(
                        wide, QuantizerSet.NONE, new OnePassSgd.Plan(.1, Integer.MAX_VALUE), 1))
            .getMessage()
            .contains("smaller batch"));
  }
}
