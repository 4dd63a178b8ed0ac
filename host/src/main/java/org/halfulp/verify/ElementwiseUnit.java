package org.halfulp.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Elementwise;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.VerilatorBuild;

/**
 * A stateless unit that computes one operation of the contract in every lane: {@code fp_add} and
 * its kin. Twins: {@link Elementwise}, {@link Elementwise#exactly}.
 *
 * @param name of the top
 * @param op the operation
 * @param operands port and format of each operand, in order
 * @param result port of the result
 * @param to the result's format
 * @param mode empty: it is read from {@code in_round}
 * @param randomBits width of a lane's {@code in_rand}, 1..32
 * @param subtracts whether {@code in_sub} chooses a - b
 * @param parameters of the Verilog, but for LANES
 */
public record ElementwiseUnit(
    String name,
    Op op,
    List<Field> operands,
    String result,
    Format to,
    Optional<RoundingMode> mode,
    OverflowRule overflow,
    int randomBits,
    boolean subtracts,
    Map<String, Long> parameters)
    implements Unit {

  /** The value of the Verilog parameter ROUND that makes the mode an input. */
  static final int ROUND_PER_BEAT = 10;

  private static final int RANDOM = 0; // of the inputs, from behind
  private static final int ROUND = 1;
  private static final int SUB = 2;

  private static final int SMALL = 9; // bits of a format that needs no relative

  public ElementwiseUnit {
    operands = List.copyOf(operands);
    parameters = new LinkedHashMap<>(parameters);
  }

  @Override
  public Optional<Pace> pace(int lanes) {
    Long stages = parameters.get("STAGES");
    return stages == null ? Optional.empty() : Optional.of(Pace.of(stages.intValue()));
  }

  @Override
  public String describe() {
    StringBuilder text = new StringBuilder(name);
    Format last = null;
    for (Field f : operands) {
      Format format = f.format().orElseThrow();
      if (!format.equals(last)) {
        text.append(' ').append(format.name());
      }
      last = format;
    }
    if (!to.equals(last)) {
      text.append(" -> ").append(to.name());
    }
    text.append(' ').append(mode.map(RoundingMode::label).orElse("any-mode"));
    if (draws()) {
      text.append('(').append(randomBits).append(')');
    }
    text.append(' ').append(overflow.label());
    long stages = parameters.getOrDefault("STAGES", 0L);
    return stages == 0 ? text.toString() : text.append(", stages ").append(stages).toString();
  }

  @Override
  public Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("format", operands.get(0).format().orElseThrow().name());
    labels.put("to", to.name());
    labels.put("rounding", mode.map(RoundingMode::label).orElse("input"));
    labels.put("overflow", overflow.label());
    labels.put("random_bits", Integer.toString(draws() ? randomBits : 0));
    labels.put("stages", Long.toString(parameters.getOrDefault("STAGES", 0L)));
    return labels;
  }

  private boolean draws() {
    return mode.isEmpty() || mode.get() == RoundingMode.SR;
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build = VerilatorBuild.of(name, sources);
    if (isStream()) {
      build = build.with("LANES", lanes);
    }
    for (Map.Entry<String, Long> p : parameters.entrySet()) {
      build = build.with(p.getKey(), p.getValue());
    }
    return build;
  }

  /** The rounder of fixed point alone is no stream: it has one lane and no clock. */
  private boolean isStream() {
    return !name.equals("fx_requantize");
  }

  @Override
  public boolean allows(int lanes) {
    return isStream() ? lanes >= 1 : lanes == 1;
  }

  @Override
  public List<Field> inputs() {
    List<Field> fields = new ArrayList<>(operands);
    if (subtracts) {
      fields.add(Field.perBeat("in_sub", 1));
    }
    Field round = Field.perBeat("in_round", 4);
    fields.add(mode.isEmpty() ? round : round.unread());
    Field rand = Field.bits("in_rand", randomBits);
    fields.add(draws() ? rand : rand.unread());
    return fields;
  }

  @Override
  public List<Field> outputs() {
    return List.of(Field.code(result, to), Field.bits("out_flags", 5));
  }

  private RoundingMode mode(long inRound) {
    return mode.orElseGet(() -> mode(to, inRound));
  }

  /** The mode of a result that {@code in_round} stands for; what is out of range reads as RNE. */
  static RoundingMode mode(Format to, long inRound) {
    RoundingMode[] all = RoundingMode.values();
    RoundingMode chosen = inRound < all.length ? all[(int) inRound] : RoundingMode.RNE;
    return chosen.fixedOnly() && to instanceof FloatFormat ? RoundingMode.RNE : chosen;
  }

  private Quantizer quantizer(RoundingMode m) {
    return UnitRequest.quantizer(to, m, overflow, randomBits);
  }

  private List<Format> formats() {
    return operands.stream().map(f -> f.format().orElseThrow()).toList();
  }

  private Op operation(long sub) {
    return subtracts && sub != 0 ? Op.SUB : op;
  }

  @Override
  public Twin twin(int lanes, long seed) {
    Elementwise[] kernels = new Elementwise[2 * 16];
    int random = inputs().size() - 1 - RANDOM;
    int round = inputs().size() - 1 - ROUND;
    int sub = inputs().size() - 1 - SUB;
    if (mode.isPresent() && !subtracts) {
      Elementwise only = new Elementwise(op, formats(), quantizer(mode.get()));
      return (in, beats, out) -> {
        only.apply(
            in[0],
            op.operands() > 1 ? in[1] : null,
            op.operands() > 2 ? in[2] : null,
            in[random],
            out[0],
            out[1],
            0,
            beats * lanes);
        return beats;
      };
    }
    return (in, beats, out) -> {
      for (int b = 0; b < beats; ) {
        long m = mode.isPresent() ? 0 : in[round][b];
        long s = subtracts ? in[sub][b] : 0;
        int end = b + 1;
        while (end < beats
            && (mode.isPresent() || in[round][end] == m)
            && (!subtracts || in[sub][end] == s)) {
          end++;
        }
        int key = (int) (2 * m + s);
        if (kernels[key] == null) {
          kernels[key] = new Elementwise(operation(s), formats(), quantizer(mode(m)));
        }
        kernels[key].apply(
            in[0],
            op.operands() > 1 ? in[1] : null,
            op.operands() > 2 ? in[2] : null,
            in[random],
            out[0],
            out[1],
            b * lanes,
            (end - b) * lanes);
        b = end;
      }
      return beats;
    };
  }

  @Override
  public Twin exact(int lanes, long seed) {
    List<Format> formats = formats();
    return (in, beats, out) -> {
      for (int i = 0; i < beats * lanes; i++) {
        Quantizer q = quantizer(mode(modeOf(in, i / lanes)));
        Rounded one = exactly(in, i, lanes, formats, q);
        out[0][i] = one.code();
        out[1][i] = one.flags();
      }
      return beats;
    };
  }

  private long modeOf(long[][] in, int beat) {
    return in[in.length - 1 - ROUND][beat];
  }

  private Rounded exactly(long[][] in, int i, int lanes, List<Format> formats, Quantizer q) {
    return Elementwise.exactly(
        operation(subtracts ? in[in.length - 1 - SUB][i / lanes] : 0),
        formats,
        in[0][i],
        op.operands() > 1 ? in[1][i] : 0,
        op.operands() > 2 ? in[2][i] : 0,
        q,
        in[in.length - 1 - RANDOM][i]);
  }

  @Override
  public Optional<Unit> relative() {
    if (operands.stream().allMatch(f -> f.width() <= SMALL) && to.width() <= SMALL
        || !(to instanceof FloatFormat)) {
      return Optional.empty();
    }
    return Optional.of(
        new ElementwiseUnit(
            name,
            op,
            operands.stream()
                .map(f -> Field.code(f.port(), small(f.format().orElseThrow())))
                .toList(),
            result,
            small(to),
            mode,
            overflow,
            randomBits,
            subtracts,
            parameters));
  }

  /** The same family with few bits; its exponents still reach beyond its fraction. */
  private static Format small(Format format) {
    if (!(format instanceof FloatFormat f) || f.width() <= SMALL) {
      return format;
    }
    FloatFormat less =
        FloatFormat.of(Math.min(f.expBits(), 5), Math.min(f.fracBits(), 3), f.family());
    return less.withSubnormals(f.subnormals()).withDaz(f.daz());
  }

  @Override
  public List<String> explain(long[][] in, int lane, long[] expected, long[] got) {
    RoundingMode m = mode(modeOf(in, 0));
    long r = in[in.length - 1 - RANDOM][lane];
    List<String> lines = new ArrayList<>();
    int lanes = in[0].length;
    String step = RoundingSteps.differing(to, expected, got);
    boolean finite = true;
    for (int k = 0; k < operands.size(); k++) {
      finite &= operands.get(k).format().orElseThrow().decode(in[k][lane]).isFinite();
    }
    if (!finite) {
      lines.add("operands          an infinity or NaN decides");
    } else {
      RoundingSteps steps =
          new RoundingSteps(
              to,
              m,
              randomBits,
              q -> exactly(in, lane, lanes, formats(), q),
              m == RoundingMode.SR ? r : 0);
      lines.addAll(steps.lines(overflow));
      step = step.isEmpty() ? steps.firstWrong(expected, got) : step;
    }
    lines.add("first difference  " + (step.isEmpty() ? "the special result" : step));
    return lines;
  }
}
