package org.halfulp.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.halfulp.sim.Dut;
import org.halfulp.sim.DutException;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.VerilatedLibrary;

/** The signals of a failure's beats, from reset, by a traced build. */
public final class Waveform {
  private static final int CONVERSION_SECONDS = 60;

  private Waveform() {}

  /**
   * Writes {@code wave.fst}; {@code wave.vcd} where the converter {@code vcd2fst} is missing.
   *
   * @param sources of the failure's model
   * @return the file
   */
  public static Path write(Failure failure, ModelCache cache, List<Path> sources, Path folder)
      throws IOException {
    Unit unit = failure.unit();
    VerilatedLibrary library = cache.build(unit.build(sources, failure.lanes()).withWaveform());
    Path vcd = folder.resolve("wave.vcd");
    int beats = failure.beats();
    long[][] out =
        UnitModel.columns(unit.outputs(), failure.lanes(), Math.max(1, unit.maxAnswers(beats)));
    int answers = unit.twin(failure.lanes(), failure.seed()).respond(failure.in(), beats, out);
    try (UnitModel model =
        new UnitModel(
            unit, library, failure.lanes(), beats, failure.seed(), failure.pokes(), line -> {})) {
      model.dut().openWaveform(vcd);
      try {
        model.run(failure.in(), beats, answers, failure.stalls());
      } catch (DutException e) {
        // the file shows how it came to that
      }
      if (model.dut().state() == Dut.State.OPEN) {
        model.dut().closeWaveform();
      }
    }
    Path fst = folder.resolve("wave.fst");
    if (convert(vcd, fst)) {
      Files.delete(vcd);
      return fst;
    }
    return vcd;
  }

  private static boolean convert(Path vcd, Path fst) throws IOException {
    try {
      Process p =
          new ProcessBuilder("vcd2fst", vcd.toString(), fst.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (p.waitFor(CONVERSION_SECONDS, TimeUnit.SECONDS)) {
        return p.exitValue() == 0 && Files.isRegularFile(fst);
      }
      p.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // no converter
    }
    return false;
  }
}
