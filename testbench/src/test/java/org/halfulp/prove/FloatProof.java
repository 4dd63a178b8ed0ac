package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.number.FloatFormat;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.ElementwiseUnit;
import org.halfulp.verify.Failure;
import org.halfulp.verify.Field;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Stimuli;
import org.halfulp.verify.UnitRequest;

/**
 * A combinational float unit beside {@link FloatTheory}: there are no operands on which its code or
 * its flags differ.
 */
record FloatProof(String top, UnitRequest request) {
  /** What holds for all operands. */
  enum Claim {
    CODE("code-good"),
    FLAGS("flags-good");

    private final String bool;

    Claim(String bool) {
      this.bool = bool;
    }
  }

  /**
   * Operands on which a claim does not hold.
   *
   * @param values by port
   */
  record Counterexample(Claim claim, Map<String, Long> values) {}

  ElementwiseUnit unit() {
    return (ElementwiseUnit) Catalogue.of(top).unit(request);
  }

  /**
   * Looks for operands on which a claim does not hold; empty: there are none.
   *
   * @param rtl folder of the Verilog
   * @throws IllegalStateException if the solver gives no answer in time
   */
  Optional<Counterexample> refute(Path rtl, int seconds) throws IOException, InterruptedException {
    ElementwiseUnit unit = unit();
    List<Path> sources = RtlSources.in(rtl.toAbsolutePath(), top);
    Netlist netlist = Netlist.of(top, sources, unit.build(sources, 1).parameters());
    FloatFormat from = (FloatFormat) unit.operands().get(0).format().orElseThrow();
    FloatFormat to = (FloatFormat) unit.to();
    StringBuilder text = new StringBuilder("(set-logic QF_BVFP)\n").append(netlist.text());
    List<String> ports = new ArrayList<>();
    for (Field f : unit.operands()) {
      constant(text, f.port(), f.width(), netlist.wire(f.port()));
      ports.add(f.port());
    }
    if (unit.subtracts()) {
      constant(text, "in_sub", 1, "(ite %s #b1 #b0)".formatted(netlist.wire("in_sub")));
      ports.add("in_sub");
    }
    constant(text, "out_y", to.width(), netlist.wire("out_y"));
    constant(text, "out_flags", 5, netlist.wire("out_flags"));
    text.append(new FloatTheory(unit.op(), from, to, unit.mode().orElseThrow()).text());
    for (Claim claim : Claim.values()) {
      Optional<Map<String, Long>> values =
          Solver.solve(text + "(assert (not %s))\n".formatted(claim.bool), ports, seconds);
      if (values.isPresent()) {
        return Optional.of(new Counterexample(claim, values.get()));
      }
    }
    return Optional.empty();
  }

  private static void constant(StringBuilder text, String name, int width, String body) {
    text.append("(define-fun %s () (_ BitVec %d) %s)\n".formatted(name, width, body));
  }

  /**
   * Runs a counterexample in the simulator beside the emulator.
   *
   * @return what differs there; empty if nothing does, so that the solver or the theory is wrong
   */
  Optional<String> replay(Path rtl, ModelCache cache, Counterexample found) {
    ElementwiseUnit unit = unit();
    VerilatedLibrary library = cache.build(unit.build(RtlSources.in(rtl.toAbsolutePath(), top), 1));
    Campaign.Options options = Campaign.Options.DEFAULT.lanes(1).vectors(1);
    List<Field> inputs = unit.inputs();
    Stimuli one =
        new Stimuli() {
          @Override
          public long beats() {
            return 1;
          }

          @Override
          public void fill(long from, int beats, long[][] columns) {
            for (int f = 0; f < columns.length; f++) {
              columns[f][0] = found.values().getOrDefault(inputs.get(f).port(), 0L);
            }
          }
        };
    return Campaign.run(unit, Campaign.models(unit, library, options), options, one, n -> {})
        .failure()
        .map(Failure::what);
  }
}
