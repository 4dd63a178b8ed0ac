package org.halfulp.verify;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Rounder;
import org.halfulp.number.Family;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.verify.OperandClasses.Draws;

/**
 * {@code fp_quantize_select.v} as a unit of the catalogue. Every combination of exponent bits,
 * fraction bits, family, subnormals, range rule and mode takes its turn, with the family's bias or
 * any; some selections are illegal. Twins: {@link Rounder}, {@link Quantizer}.
 *
 * @param to the only result format, {@code mode} the only mode, {@code rule} the only range rule
 */
record QuantizeSelectUnit(
    FloatFormat from,
    Optional<FloatFormat> to,
    Optional<RoundingMode> mode,
    Optional<OverflowRule> rule,
    Map<String, Long> parameters)
    implements Unit {
  private static final int A = 0;
  private static final int EXP = 1;
  private static final int FRAC = 2;
  private static final int BIAS = 3;
  private static final int FAMILY = 4;
  private static final int SUBNORMALS = 5;
  private static final int RANGE = 6;
  private static final int ROUND = 7;
  private static final int RAND_BITS = 8;
  private static final int RAND = 9;

  private static final int FAMILIES = 6;
  private static final int RANGES = 3;
  private static final int MODES = 7;

  /** Words that share a selection: making its twin takes as long as some roundings. */
  private static final int SHARED = 64;

  /** Steps through all selections; a prime that divides none of their numbers. */
  private static final long STRIDE = 1_000_003;

  @Override
  public Optional<Pace> pace(int lanes) {
    return Optional.of(Pace.of(parameters.getOrDefault("STAGES", 0L).intValue()));
  }

  @Override
  public String name() {
    return "fp_quantize_select";
  }

  @Override
  public String describe() {
    return "fp_quantize_select %s -> %s %s %s%s"
        .formatted(
            from.name(),
            to.map(FloatFormat::name)
                .orElse("e1..%dm0..%d".formatted(max("MAX_EXP_W"), max("MAX_FRAC_W"))),
            mode.map(RoundingMode::label).orElse("any-mode"),
            rule.map(OverflowRule::label).orElse("any-range"),
            max("STAGES") == 0 ? "" : ", stages " + max("STAGES"));
  }

  @Override
  public Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("format", from.name());
    labels.put("to", to.map(FloatFormat::name).orElse("input"));
    labels.put("rounding", mode.map(RoundingMode::label).orElse("input"));
    labels.put("overflow", rule.map(OverflowRule::label).orElse("input"));
    labels.put("random_bits", Integer.toString(max("RAND_BITS")));
    labels.put("stages", Integer.toString(max("STAGES")));
    return labels;
  }

  private int max(String parameter) {
    return parameters.get(parameter).intValue();
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build =
        VerilatorBuild.of(name(), sources)
            .with("LANES", lanes)
            .with("A_EXP_W", from.expBits())
            .with("A_FRAC_W", from.fracBits())
            .with("A_BIAS", from.bias())
            .with("A_FAMILY", from.family().ordinal())
            .with("A_DAZ", from.daz() ? 1 : 0);
    for (Map.Entry<String, Long> p : parameters.entrySet()) {
      build = build.with(p.getKey(), p.getValue());
    }
    return build;
  }

  @Override
  public List<Field> inputs() {
    return List.of(
        Field.code("in_a", from),
        Field.perBeat("in_exp_w", 4),
        Field.perBeat("in_frac_w", 6),
        Field.perBeat("in_bias", max("BIAS_W")),
        Field.perBeat("in_family", 3),
        Field.perBeat("in_subnormals", 1),
        Field.perBeat("in_range", 2),
        Field.perBeat("in_round", 4),
        Field.perBeat("in_rand_bits", 6),
        Field.bits("in_rand", max("RAND_BITS")));
  }

  @Override
  public List<Field> outputs() {
    return List.of(
        Field.bits("out_y", 1 + max("MAX_EXP_W") + max("MAX_FRAC_W")),
        Field.bits("out_flags", 5),
        Field.perBeat("out_illegal", 1));
  }

  /** Selections that are drawn, their biases and random bits not counted. */
  int selections() {
    return (to.isPresent() ? 1 : max("MAX_EXP_W") * (max("MAX_FRAC_W") + 1) * FAMILIES * 2)
        * (rule.isPresent() ? 1 : RANGES)
        * (mode.isPresent() ? 1 : MODES);
  }

  @Override
  public void shape(long from, int beats, int lanes, long[][] in) {
    int shared = Math.max(1, SHARED / lanes);
    Draws draws = new Draws();
    OperandClasses operands = OperandClasses.of(this.from);
    int bits = this.from.fracBits();
    for (int b = 0; b < beats; b++) {
      long turn = (from + b) / shared;
      draws.start(turn ^ 0x1F83D9ABFB41BD6BL);
      select(in, b, turn, draws);
      if (to.isEmpty() && draws.below(16) == 0) {
        spoil(in, b, draws);
      } else {
        draws.start(from + b ^ 0x5BE0CD19137E2179L);
        for (int i = b * lanes; i < (b + 1) * lanes; i += 2) { // half of them where it matters
          int range = (1 << in[EXP][b]) + (int) in[FRAC][b] + 4;
          int exponent = draws.below(range) - (int) (in[FRAC][b] + signed(in[BIAS][b])) - 2;
          in[A][i] = operands.near(exponent, draws);
          if (draws.below(4) == 0) { // just under the smallest normal: tiny, or even too large
            int ones = Math.min(bits, Math.max(0, (int) in[FRAC][b] - 1 + draws.below(3)));
            in[A][i] =
                operands.near(-signed(in[BIAS][b]), draws) | ((1L << ones) - 1) << bits - ones;
          }
        }
      }
    }
  }

  private int signed(long bias) {
    int unused = 64 - max("BIAS_W");
    return (int) (bias << unused >> unused);
  }

  /** One choice, or all, becomes any; often an illegal one. */
  private void spoil(long[][] in, int b, Draws draws) {
    int only = EXP + draws.below(RAND_BITS + 1);
    for (int f = EXP; f <= RAND_BITS; f++) {
      if (f == only || only > RAND_BITS) {
        in[f][b] = draws.next() >>> 64 - inputs().get(f).width();
      }
    }
    if (only == RAND_BITS) {
      in[ROUND][b] = RoundingMode.SR.ordinal();
      in[RAND_BITS][b] = draws.below(2) == 0 ? 0 : Math.min(63, max("RAND_BITS") + draws.below(3));
    }
  }

  private void select(long[][] in, int b, long turn, Draws draws) {
    long index = turn * STRIDE % selections();
    in[ROUND][b] = mode.map(m -> (long) m.ordinal()).orElse(index % MODES);
    index /= mode.isPresent() ? 1 : MODES;
    in[RANGE][b] = rule.map(r -> (long) r.ordinal()).orElse(index % RANGES);
    index /= rule.isPresent() ? 1 : RANGES;
    in[RAND_BITS][b] = 1 + draws.below(max("RAND_BITS"));
    if (in[ROUND][b] == 0 && draws.below(2) == 0) { // RNE has other codes, and needs no bits
      in[ROUND][b] = MODES + draws.below(16 - MODES);
      in[RAND_BITS][b] = draws.below(64);
    }
    long mask = (1L << max("BIAS_W")) - 1;
    if (to.isPresent()) {
      FloatFormat f = to.get();
      in[EXP][b] = f.expBits();
      in[FRAC][b] = f.fracBits();
      in[FAMILY][b] = f.family().ordinal();
      in[SUBNORMALS][b] = f.subnormals() ? 1 : 0;
      in[BIAS][b] = f.bias() & mask;
      return;
    }
    in[SUBNORMALS][b] = index & 1;
    in[FAMILY][b] = index / 2 % FAMILIES;
    index /= 2 * FAMILIES;
    in[FRAC][b] = index % (max("MAX_FRAC_W") + 1);
    in[EXP][b] = 1 + index / (max("MAX_FRAC_W") + 1);
    Family family = Family.values()[(int) in[FAMILY][b]];
    long bias = family.defaultBias((int) in[EXP][b]);
    in[BIAS][b] = (draws.below(4) == 0 ? draws.next() : bias + draws.below(5) / 4) & mask;
  }

  /** The quantizer of a beat; empty if its selection is illegal. */
  private Optional<Quantizer> quantizer(long[][] in, int b) {
    boolean inRange =
        in[EXP][b] >= 1
            && in[EXP][b] <= max("MAX_EXP_W")
            && in[FRAC][b] <= max("MAX_FRAC_W")
            && in[FAMILY][b] < FAMILIES
            && in[RANGE][b] < RANGES;
    long code = in[ROUND][b];
    RoundingMode m = code < MODES ? RoundingMode.values()[(int) code] : RoundingMode.RNE;
    boolean draws = m == RoundingMode.SR;
    if (!inRange || draws && (in[RAND_BITS][b] < 1 || in[RAND_BITS][b] > max("RAND_BITS"))) {
      return Optional.empty();
    }
    FloatFormat format;
    try {
      format =
          new FloatFormat(
              (int) in[EXP][b],
              (int) in[FRAC][b],
              signed(in[BIAS][b]),
              Family.values()[(int) in[FAMILY][b]],
              in[SUBNORMALS][b] != 0,
              false);
    } catch (IllegalArgumentException e) { // it has no finite value other than zero
      return Optional.empty();
    }
    OverflowRule range = OverflowRule.values()[(int) in[RANGE][b]];
    return Optional.of(UnitRequest.quantizer(format, m, range, (int) in[RAND_BITS][b]));
  }

  /** A beat's answers by their meaning. */
  @FunctionalInterface
  private interface Rounding {
    Rounded of(long code, long draw);
  }

  /** How a selection rounds. */
  @FunctionalInterface
  private interface Selected {
    Rounding by(Quantizer q);
  }

  private static boolean same(long[][] in, int a, int b) {
    for (int f = EXP; f <= RAND_BITS; f++) {
      if (in[f][a] != in[f][b]) {
        return false;
      }
    }
    return true;
  }

  private Twin twin(int lanes, Selected selected) {
    return (in, beats, out) -> {
      Optional<Quantizer> q = Optional.empty();
      Rounding rounding = null;
      for (int b = 0; b < beats; b++) {
        if (b == 0 || !same(in, b - 1, b)) {
          q = quantizer(in, b);
          rounding = q.map(selected::by).orElse((code, draw) -> new Rounded(0, Flags.INVALID));
        }
        long drawn = q.map(x -> (1L << x.randomBits()) - 1).orElse(0L); // the draw's low bits
        for (int i = b * lanes; i < (b + 1) * lanes; i++) {
          Rounded one = rounding.of(in[A][i], in[RAND][i] & drawn);
          out[0][i] = one.code();
          out[1][i] = one.flags();
        }
        out[2][b] = q.isPresent() ? 0 : 1;
      }
      return beats;
    };
  }

  @Override
  public Twin twin(int lanes, long seed) {
    return twin(
        lanes,
        q -> {
          Rounder rounder = new Rounder(q);
          return (code, draw) -> {
            double x = from.toDouble(code);
            return x - x == 0
                ? new Rounded(rounder.round(x, draw), rounder.flags())
                : q.round(from.decode(code), draw);
          };
        });
  }

  @Override
  public Twin exact(int lanes, long seed) {
    return twin(lanes, q -> (code, draw) -> q.round(from.decode(code), draw));
  }
}
