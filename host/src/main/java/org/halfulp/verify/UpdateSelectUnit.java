package org.halfulp.verify;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.halfulp.kernel.Elementwise;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Rounded;
import org.halfulp.sim.Dut;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.verify.OperandClasses.Draws;

/**
 * {@code sgd_update_select.v} with one selection at its {@code cfg_*} ports. Twins: {@link
 * Elementwise} with the step negated, {@link UpdateUnit#exactly}.
 *
 * @param unit fused, without momentum
 * @param parameters of the Verilog, which do not depend on the selection, but for LANES
 * @param illegal values at {@code cfg_*} ports in place of the unit's, which make the selection
 *     illegal; empty: it is legal
 */
record UpdateSelectUnit(UpdateUnit unit, Map<String, Long> parameters, Map<String, Long> illegal)
    implements Unit {
  UpdateSelectUnit(UpdateUnit unit, Map<String, Long> parameters) {
    this(unit, parameters, Map.of());
  }

  private static final int W = 0;
  private static final int G = 1;
  private static final int STEP = 2;
  private static final int RAND = 3;

  @Override
  public Optional<Pace> pace(int lanes) {
    return Optional.of(Pace.of(parameters.getOrDefault("STAGES", 0L).intValue()));
  }

  @Override
  public String name() {
    return "sgd_update_select";
  }

  @Override
  public String describe() {
    long stages = parameters.get("STAGES");
    return "sgd_update_select "
        + unit
        + (illegal.isEmpty() ? "" : ", illegal " + new TreeMap<>(illegal))
        + (stages == 0 ? "" : ", stages " + stages);
  }

  @Override
  public Map<String, String> labels() {
    return Map.of(
        "format", unit.weight().format().name(),
        "to", unit.gradient().name(),
        "rounding", unit.weight().rounding().label(),
        "overflow", unit.weight().overflow().label(),
        "random_bits", Integer.toString(unit.weight().randomBits()),
        "stages", parameters.get("STAGES").toString());
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build = VerilatorBuild.of(name(), sources).with("LANES", lanes);
    for (Map.Entry<String, Long> p : parameters.entrySet()) {
      build = build.with(p.getKey(), p.getValue());
    }
    return build;
  }

  /** More take long to build. */
  @Override
  public int lanes() {
    return 4;
  }

  private int width(String parameter) {
    return parameters.get(parameter).intValue();
  }

  @Override
  public List<Field> inputs() {
    Field rand = Field.bits("in_rand", width("RAND_BITS"));
    return List.of(
        Field.code("in_w", unit.weight().format(), width("WIDTH")),
        Field.code("in_g", unit.gradient(), width("WIDTH")),
        new Field("in_step", width("STEP_WIDTH"), false, Optional.of(unit.step()), true),
        unit.weight().draws() ? rand : rand.unread());
  }

  @Override
  public List<Field> outputs() {
    return List.of(
        Field.code("out_w", unit.weight().format(), width("WIDTH")),
        Field.bits("out_flags", 5),
        Field.perBeat("out_illegal", 1));
  }

  /** What is above a format's width is not read. */
  @Override
  public void shape(long from, int beats, int lanes, long[][] in) {
    Draws draws = new Draws();
    long all = (1L << width("WIDTH")) - 1;
    for (int i = 0; i < beats * lanes; i++) {
      draws.start(from * lanes + i ^ 0x428A2F98D728AE22L);
      long any = draws.next();
      in[W][i] |= any & all & ~unit.weight().format().mask();
      in[G][i] |= any >>> 32 & all & ~unit.gradient().mask();
    }
  }

  @Override
  public void prepare(Dut dut, int lanes, long seed) {
    selection().forEach(dut::poke);
  }

  /** A value for each {@code cfg_*} port. */
  Map<String, Long> selection() {
    Map<String, Long> cfg = new LinkedHashMap<>();
    boolean isFloat = unit.weight().format() instanceof FloatFormat;
    cfg.put("cfg_kind", isFloat ? 1L : 0L);
    operand(cfg, "cfg_w_", unit.weight().format());
    operand(cfg, "cfg_g_", unit.gradient());
    if (unit.weight().format() instanceof FloatFormat f) {
      cfg.put("cfg_w_subnormals", f.subnormals() ? 1L : 0L);
    }
    cfg.put("cfg_step_frac", signed(unit.step().fracBits()));
    cfg.put("cfg_round", (long) unit.weight().rounding().ordinal());
    cfg.put("cfg_range", (long) unit.weight().overflow().ordinal());
    cfg.put("cfg_rand_bits", (long) unit.weight().randomBits());
    cfg.putAll(illegal);
    return cfg;
  }

  private void operand(Map<String, Long> cfg, String prefix, Format format) {
    if (format instanceof FloatFormat f) {
      cfg.put(prefix + "exp", (long) f.expBits());
      cfg.put(prefix + "frac", (long) f.fracBits());
      cfg.put(prefix + "bias", signed(f.bias()));
      cfg.put(prefix + "family", (long) f.family().ordinal());
      cfg.put(prefix + "daz", f.daz() ? 1L : 0L);
    } else {
      cfg.put(prefix + "width", (long) format.width());
      cfg.put(prefix + "frac", signed(((FixedFormat) format).fracBits()));
    }
  }

  private long signed(int value) {
    return value & (1L << width("BIAS_W")) - 1;
  }

  private Rounded exactly(long[][] in, int i, int lanes) {
    return unit.exactly(
        in[W][i] & unit.weight().format().mask(),
        in[G][i] & unit.gradient().mask(),
        in[STEP][i / lanes],
        draw(in, i),
        0);
  }

  private long draw(long[][] in, int i) {
    return in[RAND][i] & (1L << unit.weight().randomBits()) - 1;
  }

  /** What an illegal selection gives. */
  private static Twin invalid(int lanes) {
    return (in, beats, out) -> {
      Arrays.fill(out[0], 0, beats * lanes, 0);
      Arrays.fill(out[1], 0, beats * lanes, Flags.INVALID);
      Arrays.fill(out[2], 0, beats, 1);
      return beats;
    };
  }

  @Override
  public Twin twin(int lanes, long seed) {
    if (!illegal.isEmpty()) {
      return invalid(lanes);
    }
    FixedFormat step = unit.step();
    FixedFormat minus = new FixedFormat(true, step.width() + 1, step.fracBits());
    Elementwise kernel =
        new Elementwise(
            Op.FMA, List.of(minus, unit.gradient(), unit.weight().format()), unit.weight());
    long weightMask = unit.weight().format().mask();
    long gradientMask = unit.gradient().mask();
    return (in, beats, out) -> {
      for (int i = 0; i < beats * lanes; i++) {
        long s = in[STEP][i / lanes];
        if (s != 0) {
          out[0][i] =
              kernel.apply(
                  -s & minus.mask(), in[G][i] & gradientMask, in[W][i] & weightMask, draw(in, i));
          out[1][i] = kernel.flags();
        } else { // minus nothing is no code
          Rounded one = exactly(in, i, lanes);
          out[0][i] = one.code();
          out[1][i] = one.flags();
        }
      }
      Arrays.fill(out[2], 0, beats, 0);
      return beats;
    };
  }

  @Override
  public Twin exact(int lanes, long seed) {
    if (!illegal.isEmpty()) {
      return invalid(lanes);
    }
    return (in, beats, out) -> {
      for (int i = 0; i < beats * lanes; i++) {
        Rounded one = exactly(in, i, lanes);
        out[0][i] = one.code();
        out[1][i] = one.flags();
      }
      Arrays.fill(out[2], 0, beats, 0);
      return beats;
    };
  }
}
