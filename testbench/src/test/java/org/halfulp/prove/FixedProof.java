package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.ElementwiseUnit;
import org.halfulp.verify.Field;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UnitRequest;

/**
 * A fixed-point unit beside {@code formal/fx_round_props.v}, by Yosys' SAT solver; {@code fx_mac}
 * by induction over beats.
 *
 * @param b of the second operand; of {@code fx_mac} as {@code a}
 * @param mode empty: all of them, as an input
 */
record FixedProof(
    String top,
    FixedFormat a,
    FixedFormat b,
    FixedFormat to,
    Optional<RoundingMode> mode,
    OverflowRule rule,
    int randomBits)
    implements Proof {
  private static final int PER_BEAT = 10;
  private static final int MAX_STEPS = 4;
  private static final Path FORMAL = Path.of("formal");
  private static final Pattern VALUE =
      Pattern.compile("^\\s+(?:(\\d+)\\s+)?\\\\(in_\\w+)\\s+\\S+\\s+\\S+\\s+([01x]+)\\s*$");

  private boolean rounderAlone() {
    return top.equals("fx_requantize");
  }

  private boolean sums() {
    return top.equals("fx_mac");
  }

  private Map<String, Integer> parameters() {
    Map<String, Integer> p = new LinkedHashMap<>();
    p.put(rounderAlone() ? "IN_W" : "A_W", a.width());
    p.put(rounderAlone() ? "IN_F" : "A_F", a.fracBits());
    if (!rounderAlone()) {
      p.put("B_W", b.width());
      p.put("B_F", b.fracBits());
    }
    p.put(rounderAlone() ? "OUT_W" : "W", to.width());
    p.put(rounderAlone() ? "OUT_F" : "F", to.fracBits());
    p.put("ROUND", mode.map(RoundingMode::ordinal).orElse(PER_BEAT));
    p.put("RANGE", rule.ordinal());
    p.put("RAND_BITS", randomBits);
    return p;
  }

  @Override
  public Unit unit() {
    if (sums()) {
      UnitRequest r = UnitRequest.DEFAULT.format(a).to(to).overflow(rule).randomBits(randomBits);
      return Catalogue.of(top).unit(mode.map(r::rounding).orElse(r.roundingPerBeat()));
    }
    Op op = rounderAlone() ? Op.CONVERT : top.equals("fx_add") ? Op.ADD : Op.MUL;
    List<Field> operands = new ArrayList<>();
    operands.add(Field.code(rounderAlone() ? "in_data" : "in_a", a));
    if (!rounderAlone()) {
      operands.add(Field.code("in_b", b));
    }
    Map<String, Long> p = new LinkedHashMap<>();
    parameters().forEach((name, value) -> p.put(name, (long) value));
    return new ElementwiseUnit(
        top,
        op,
        operands,
        rounderAlone() ? "out_data" : "out_y",
        to,
        mode,
        rule,
        randomBits,
        op == Op.ADD,
        p);
  }

  /**
   * @throws IllegalStateException also if an induction does not carry
   */
  @Override
  public Answer refute(Path rtl, int seconds) throws IOException, InterruptedException {
    Path formal = rtl.toAbsolutePath().resolve(FORMAL);
    String props = top + "_props";
    String set =
        parameters().entrySet().stream()
            .map(e -> " -set %s %s".formatted(e.getKey(), Yosys.literal(e.getValue().toString())))
            .collect(Collectors.joining());
    String script =
        ("read_verilog -formal %s %s %s; chparam%s %s; hierarchy -check -top %s; proc; flatten; opt;"
                + " sat -verify -prove-asserts -set-assumes%s -show-inputs")
            .formatted(
                Yosys.verilog(RtlSources.in(rtl.toAbsolutePath(), sums() ? "fx_mac_lane" : top)),
                formal.resolve("fx_round_props.v"),
                formal.resolve(props + ".v"),
                set,
                props,
                props,
                sums() ? " -tempinduct -maxsteps " + MAX_STEPS : "");
    Yosys run = Yosys.run(script, seconds);
    if (run.exit() == 0) {
      return new Answer(Optional.empty(), run.seconds());
    }
    TreeMap<Integer, Map<String, Long>> beats = new TreeMap<>();
    boolean model = false;
    for (String line : run.log().split("\n")) {
      if (line.contains("Signal Name")) {
        model = true;
        beats.clear(); // the last one counts
      }
      Matcher m = VALUE.matcher(line);
      if (model && m.matches()) {
        int time = m.group(1) == null ? 1 : Integer.parseInt(m.group(1));
        beats
            .computeIfAbsent(time, t -> new LinkedHashMap<>())
            .put(m.group(2), Long.parseUnsignedLong(m.group(3).replace('x', '0'), 2));
      }
    }
    if (!run.log().contains("proof did fail") || beats.isEmpty()) {
      throw run.failure(script);
    }
    if (sums()) {
      if (beats.size() > 1) {
        beats.pollLastEntry(); // its answer would come after the one that is wrong
      }
      beats.lastEntry().getValue().put("in_last", 1L);
    }
    Counterexample found = new Counterexample("its meaning", List.copyOf(beats.values()));
    return new Answer(Optional.of(found), run.seconds());
  }

  /** Only what has one mode and the formats of a unit of the catalogue. */
  @Override
  public Optional<Results.Row> row(double seconds, String source) {
    if (mode.isEmpty() || !a.equals(b)) {
      return Optional.empty();
    }
    boolean draws = mode.get() == RoundingMode.SR;
    int bits = (rounderAlone() ? 1 : 2) * a.width() + (draws ? randomBits : 0);
    bits += top.equals("fx_add") ? 1 : 0;
    UnitRequest r = UnitRequest.DEFAULT.format(a).to(to);
    return Optional.of(
        new Results.Row(
            top,
            Cell.formats(r),
            mode.get().label(),
            Results.How.PROVED,
            sums() ? "any run" : "2^" + bits,
            0,
            0,
            seconds,
            source,
            ""));
  }
}
