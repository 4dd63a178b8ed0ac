package org.halfulp.prove;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Failure;
import org.halfulp.verify.Field;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Stimuli;
import org.halfulp.verify.Unit;

/**
 * Inputs on which a proof fails.
 *
 * @param claim what does not hold
 * @param beats from reset, values by port; a port that is not there is 0
 */
record Counterexample(String claim, List<Map<String, Long>> beats) {

  /**
   * Runs it in the simulator beside the emulator.
   *
   * @return what differs there; empty if nothing does, so that the solver or the meaning is wrong
   */
  Optional<String> replay(Unit unit, Path rtl, ModelCache cache) {
    VerilatedLibrary library =
        cache.build(unit.build(RtlSources.in(rtl.toAbsolutePath(), unit.name()), 1));
    Campaign.Options options = Campaign.Options.DEFAULT.lanes(1).vectors(beats.size());
    List<Field> inputs = unit.inputs();
    Stimuli these =
        new Stimuli() {
          @Override
          public long beats() {
            return beats.size();
          }

          @Override
          public void fill(long from, int count, long[][] columns) {
            for (int b = 0; b < count; b++) {
              for (int f = 0; f < columns.length; f++) {
                columns[f][b] = beats.get((int) from + b).getOrDefault(inputs.get(f).port(), 0L);
              }
            }
          }
        };
    return Campaign.run(unit, Campaign.models(unit, library, options), options, these, n -> {})
        .failure()
        .map(Failure::what);
  }

  @Override
  public String toString() {
    return beats.stream()
            .map(
                b ->
                    b.entrySet().stream()
                        .map(e -> "%s=0x%x".formatted(e.getKey(), e.getValue()))
                        .collect(Collectors.joining(" ")))
            .collect(Collectors.joining("; then "))
        + " breaks "
        + claim;
  }
}
