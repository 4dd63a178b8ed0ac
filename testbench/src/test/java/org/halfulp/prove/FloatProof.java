package org.halfulp.prove;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.halfulp.number.FloatFormat;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.ElementwiseUnit;
import org.halfulp.verify.Field;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.UnitRequest;

/**
 * A combinational float unit beside {@link FloatTheory}: there are no operands on which its code or
 * its flags differ.
 */
record FloatProof(String top, UnitRequest request) implements Proof {
  /** What holds for all operands. */
  enum Claim {
    CODE("code-good"),
    FLAGS("flags-good");

    private final String bool;

    Claim(String bool) {
      this.bool = bool;
    }
  }

  @Override
  public ElementwiseUnit unit() {
    return (ElementwiseUnit) Catalogue.of(top).unit(request);
  }

  @Override
  public Answer refute(Path rtl, int seconds) throws IOException, InterruptedException {
    long start = cpu();
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
    Optional<Counterexample> found = Optional.empty();
    for (Claim claim : Claim.values()) {
      Optional<Map<String, Long>> values =
          Solver.solve(text + "(assert (not %s))\n".formatted(claim.bool), ports, seconds);
      if (values.isPresent()) {
        String name = claim.name().toLowerCase(Locale.ROOT);
        found = Optional.of(new Counterexample(name, List.of(values.get())));
        break;
      }
    }
    return new Answer(found, netlist.seconds() + (cpu() - start) / 1e9);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void constant(StringBuilder text, String name, int width, String body) {
    text.append("(define-fun %s () (_ BitVec %d) %s)\n".formatted(name, width, body));
  }

  @Override
  public Optional<Results.Row> row(double seconds, String source) {
    return Optional.of(Results.Row.proved(unit(), seconds, source));
  }
}
