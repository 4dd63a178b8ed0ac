package org.halfulp.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionReader;
import org.halfulp.learn.Training;
import org.halfulp.sim.Stalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quantized run beside the binary64 one. */
class TrainRunTest {
  @TempDir Path folder;

  /** A run whose residual and gradient are not clamped, and whose weights are binary16. */
  private Description diverging(String stepSize) throws IOException {
    Path data = Path.of("..", "examples", "concrete.csv").toAbsolutePath();
    String text =
        Files.readString(Path.of("..", "examples", "concrete.yaml"))
            .replace("file: concrete.csv", "file: " + data)
            .replace(
                "format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite", "format: float16")
            .replace("{format: q4.8, rounding: sr, random_bits: 8, overflow: saturate}", "float16")
            .replace("{format: q2.6, rounding: sr, random_bits: 12, overflow: saturate}", "float16")
            .replace("uq0.8", "uq8.8")
            .replace("step_size: 2^-5", "step_size: " + stepSize)
            .replace("epochs: 80", "epochs: 6")
            .replace("average_from: 41", "average_from: 4");
    Path yaml = Files.writeString(folder.resolve("d.yaml"), text);
    return DescriptionReader.read(yaml);
  }

  @Test
  void besideARunThatDivergesBinary64MakesAsManySteps() throws IOException {
    try (TrainRun run = new TrainRun(diverging("2^7"), TrainRun.Scope.NONE, null, Stalls.NONE)) {
      run.run(row -> {});
      assertTrue(run.quantized().diverged());
      long steps = run.quantized().steps();
      assertTrue(steps > 1 && steps < run.quantized().stepsPerEpoch(), steps + " steps");
      assertEquals(steps, run.exact().steps());
      Training.Epoch exact = run.exact().history().get(0);
      assertEquals(steps, exact.steps());
      assertEquals(run.data().train().loss(run.exact().step().weights()), exact.trainLoss());
    }
    try (TrainRun run = new TrainRun(diverging("2^-5"), TrainRun.Scope.NONE, null, Stalls.NONE)) {
      run.run(row -> {});
      assertEquals(6L * run.exact().stepsPerEpoch(), run.exact().steps());
      assertEquals(run.quantized().steps(), run.exact().steps());
    }
  }
}
