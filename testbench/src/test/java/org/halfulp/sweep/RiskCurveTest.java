package org.halfulp.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionReader;
import org.halfulp.sim.Stalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RiskCurveTest {
  private static final int RUNS = 400;

  private static final String TEXT =
      """
      name: curve
      data:
        gaussian: {features: 8, rows: 300, spectrum: i^-2, weights: 1, noise: .01, seed: 1}
        test_fraction: 0
      training: {step_size: STEP, batch: 2, epochs: 1}
      datapath:
        quantizers:
          data:       {format: e4m3fn, rounding: sr, random_bits: 16, overflow: finite}
          parameter:  {format: q4.2, rounding: sr, random_bits: 16}
          activation: {format: e5m2, rounding: sr, random_bits: 16, overflow: finite}
          label:      {format: e5m2, overflow: finite}
          residual:   {format: e5m2, rounding: sr, random_bits: 16, overflow: finite}
      """;

  @TempDir Path folder;

  private Description description(String text) throws IOException {
    return DescriptionReader.read(Files.writeString(folder.resolve("run.yaml"), text));
  }

  /** Of each mark, how far the mean of runs is from theory, in standard errors. */
  private static double distance(List<List<RiskCurve.Row>> runs, RiskTheory theory) {
    var recursion = theory.recursion();
    double most = 0;
    for (int i = 0; i < runs.get(0).size(); i++) {
      int mark = i;
      recursion.to(runs.get(0).get(i).steps());
      double[] last = runs.stream().mapToDouble(r -> r.get(mark).last()).toArray();
      most = Math.max(most, Math.abs(z(last, recursion.last())));
      if (i > 0) { // the mean of the first weights is 0
        double[] average = runs.stream().mapToDouble(r -> r.get(mark).average()).toArray();
        most = Math.max(most, Math.abs(z(average, recursion.average())));
      }
    }
    return most;
  }

  private static double z(double[] values, double expected) {
    double mean = 0;
    for (double x : values) {
      mean += x / values.length;
    }
    double squares = 0;
    for (double x : values) {
      squares += (x - mean) * (x - mean);
    }
    return (mean - expected) / Math.sqrt(squares / (values.length - 1) / values.length);
  }

  private static Description withRowsOf(Description d, long seed) {
    Description.Gaussian g = (Description.Gaussian) d.data().source();
    Description.Gaussian other =
        new Description.Gaussian(
            g.features(), g.rows(), g.decay(), g.spectrum(), g.weights(), g.noise(), seed);
    return new Description(
        d.name(),
        new Description.Data(other, false, 0, 1, Optional.empty()),
        d.training(),
        d.datapath());
  }

  @Test
  void theMeanOfManyRunsIsTheCurve() throws IOException {
    Description d = description(TEXT.replace("STEP", "2^-3"));
    List<List<RiskCurve.Row>> quantized = new ArrayList<>();
    List<List<RiskCurve.Row>> exact = new ArrayList<>();
    for (int seed = 1; seed <= RUNS; seed++) {
      Description other = Sweeper.seeded(withRowsOf(d, seed), seed);
      try (TrainRun run = new TrainRun(other, TrainRun.Scope.NONE, null, Stalls.NONE)) {
        run.run(row -> {});
        quantized.add(run.risk().orElseThrow().rows());
        exact.add(run.exactRisk().orElseThrow().rows());
      }
    }
    RiskTheory theory = RiskTheory.of(d);
    RiskTheory ofExact = RiskTheory.of(Identity.reference(d));
    List<RiskCurve.Row> first = quantized.get(0);
    assertTrue(first.size() > 20, first.size() + " marks");
    RiskCurve.Row end = first.get(first.size() - 1);
    assertEquals(150, end.steps());
    assertEquals(theory.recursion().to(150).average(), end.averageInTheory());
    assertTrue(distance(quantized, theory) < 4, "quantized: " + distance(quantized, theory));
    assertTrue(distance(exact, ofExact) < 4, "binary64: " + distance(exact, ofExact));
    // of other runs it is not the curve: of those without quantizers, of those of longer steps
    assertTrue(distance(quantized, ofExact) > 6, "" + distance(quantized, ofExact));
    RiskTheory longer = RiskTheory.of(description(TEXT.replace("STEP", "0.1375")));
    assertTrue(distance(quantized, longer) > 6, "" + distance(quantized, longer));
  }

  @Test
  void whereTheoryIsOfSomethingElseThereIsNone() throws IOException {
    String[][] cases = {
      {"test_fraction: 0", "standardize: true", "the rows are standardized"},
      {"test_fraction: 0", "input: q4.12", "the rows are rounded"},
      {"epochs: 1", "epochs: 2", "rows are seen again"},
      {"STEP", "2^1", "step size 2.0 is beyond the limit 0."},
      {"q4.2, rounding: sr, random_bits: 16", "q4.2, rounding: rtz", "parameter is rounded rtz"},
      {
        "q4.2, rounding: sr, random_bits: 16", "q4.2, rounding: sr, random_bits: 3", "3 random bits"
      },
      {
        "  quantizers:",
        "  accumulators: {forward: {order: sequential, format: e5m2, rounding: rne}}\n  quantizers:",
        "sums are rounded"
      },
    };
    for (String[] c : cases) {
      assertTrue(TEXT.contains(c[0]), c[0]);
      Description d = description(TEXT.replace(c[0], c[1]).replace("STEP", "2^-3"));
      String why =
          assertThrows(IllegalArgumentException.class, () -> RiskTheory.of(d), c[1]).getMessage();
      assertTrue(why.contains(c[2]), why);
    }
  }
}
