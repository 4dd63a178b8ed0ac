package org.halfulp.verify;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Rounder;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.verify.OperandClasses.Draws;

/**
 * {@code fp_round_pack.v} as a unit of the catalogue. Twins: {@link Rounder}, {@link Quantizer}.
 *
 * @param parameters {@code IN_EXP_W IN_SIG_W SHIFT}
 */
record RoundPackUnit(FloatFormat to, UnitRequest.Rounding rounding, Map<String, Long> parameters)
    implements Unit {
  private static final int SIGN = 0;
  private static final int NAN = 1;
  private static final int INF = 2;
  private static final int INVALID = 3;
  private static final int DIV0 = 4;
  private static final int EXP = 5;
  private static final int SIG = 6;
  private static final int STICKY = 7;
  private static final int RAND = 8;
  private static final int ROUND = 9;
  private static final int MODES = 16;
  private static final int EXACT_BITS = 53; // of a double

  @Override
  public String name() {
    return "fp_round_pack";
  }

  @Override
  public String describe() {
    return "fp_round_pack %s %s%s %s, in %d.%d%s"
        .formatted(
            to.name(),
            rounding.mode().map(RoundingMode::label).orElse("any-mode"),
            rounding.draws() ? "(" + rounding.randomBits() + ")" : "",
            rounding.rule().label(),
            expWidth(),
            sigWidth(),
            shifts() ? "" : ", no shift");
  }

  @Override
  public Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("format", to.name());
    labels.put("rounding", rounding.mode().map(RoundingMode::label).orElse("input"));
    labels.put("overflow", rounding.rule().label());
    labels.put("random_bits", Integer.toString(rounding.draws() ? rounding.randomBits() : 0));
    return labels;
  }

  private int expWidth() {
    return parameters.get("IN_EXP_W").intValue();
  }

  private int sigWidth() {
    return parameters.get("IN_SIG_W").intValue();
  }

  private boolean shifts() {
    return parameters.get("SHIFT") != 0;
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build =
        VerilatorBuild.of(name(), sources)
            .with("EXP_W", to.expBits())
            .with("FRAC_W", to.fracBits())
            .with("FAMILY", to.family().ordinal())
            .with("SUBNORMALS", to.subnormals() ? 1 : 0)
            .with(
                "ROUND",
                rounding.mode().map(RoundingMode::ordinal).orElse(ElementwiseUnit.ROUND_PER_BEAT))
            .with("RANGE", rounding.rule().ordinal())
            .with("RAND_BITS", rounding.randomBits());
    for (Map.Entry<String, Long> p : parameters.entrySet()) {
      build = build.with(p.getKey(), p.getValue());
    }
    return build;
  }

  @Override
  public boolean allows(int lanes) {
    return lanes == 1;
  }

  @Override
  public List<Field> inputs() {
    Field rand = Field.bits("in_rand", rounding.randomBits());
    Field round = Field.perBeat("in_round", 4);
    return List.of(
        Field.bits("in_sign", 1),
        Field.bits("in_nan", 1),
        Field.bits("in_inf", 1),
        Field.bits("in_invalid", 1),
        Field.bits("in_div0", 1),
        Field.bits("in_exp", expWidth()),
        Field.bits("in_sig", sigWidth()),
        Field.bits("in_sticky", 1),
        rounding.draws() ? rand : rand.unread(),
        rounding.mode().isEmpty() ? round : round.unread());
  }

  @Override
  public List<Field> outputs() {
    return List.of(Field.code("out_code", to), Field.bits("out_flags", 5));
  }

  /** Exponents at both ends, ties and their neighbours, few specials; and all of it legal. */
  @Override
  public void shape(long from, int beats, int lanes, long[][] in) {
    Draws draws = new Draws();
    int width = sigWidth();
    long top = 1L << width - 1;
    int largest = (1 << expWidth() - 1) - 1;
    int smallest = shifts() ? -largest - 1 : 1;
    int fields = 1 << to.expBits();
    for (int i = 0; i < beats; i++) {
      draws.start(from + i ^ 0x510E527FADE682D1L);
      int exponent =
          switch (draws.below(4)) {
            case 0 -> smallest + draws.below(largest - smallest + 1);
            case 1 -> 2 - draws.below(to.fracBits() + 6);
            case 2 -> fields - 4 + draws.below(6);
            default -> 1 + draws.below(fields);
          };
      exponent = Math.max(smallest, Math.min(largest, exponent));
      long sig = top | OperandClasses.shaped(width - 1, draws);
      int kind = draws.below(32);
      if (exponent <= 1 && (kind & 1) != 0) {
        sig >>>= draws.below(width + 1);
      }
      if (kind == 2) {
        sig = 0;
      }
      if (kind == 3) { // just under the smallest normal: tiny or not, as a last place more says
        exponent = Math.max(smallest, 0);
        int ones = to.fracBits() + 1;
        int rest = Math.max(0, width - ones - exponent);
        sig = (1L << ones) - 1 << rest | tail(rest, draws);
      }
      boolean tail = draws.below(4) == 0 && (sig != 0 || exponent <= 1);
      in[EXP][i] = exponent & (1L << expWidth()) - 1;
      in[SIG][i] = sig;
      in[STICKY][i] = tail ? 1 : 0;
      in[NAN][i] = draws.below(32) == 0 ? 1 : 0;
      in[INF][i] = draws.below(32) == 0 ? 1 : 0;
      in[INVALID][i] = draws.below(8) == 0 ? 1 : 0;
      in[DIV0][i] = draws.below(8) == 0 ? 1 : 0;
    }
  }

  /** Nothing, half, one bit, half and one bit, or anything. */
  private static long tail(int bits, Draws draws) {
    int kind = draws.below(5);
    if (bits == 0 || kind == 0) {
      return 0;
    }
    long half = 1L << bits - 1;
    long one = 1L << draws.below(bits);
    return kind == 1
        ? half
        : kind == 2 ? one : kind == 3 ? half | one : draws.next() & half * 2 - 1;
  }

  private int exponent(long[][] in, int i) {
    int unused = 64 - expWidth();
    return (int) (in[EXP][i] << unused >> unused);
  }

  @Override
  public boolean isLegal(long[][] in, int beats, int lanes) {
    for (int i = 0; i < beats; i++) {
      int exponent = exponent(in, i);
      boolean isZero = (in[SIG][i] | in[STICKY][i]) == 0;
      boolean placed = exponent <= 1 || in[SIG][i] >>> sigWidth() - 1 != 0;
      if (!placed && !isZero || exponent < 1 && !shifts()) {
        return false;
      }
    }
    return true;
  }

  /** Not all combinations of the inputs are legal. */
  @Override
  public Optional<Stimuli> exhaustive(int lanes, long seed) {
    return Optional.empty();
  }

  private Quantizer quantizer(long inRound) {
    RoundingMode mode = rounding.mode().orElseGet(() -> ElementwiseUnit.mode(to, inRound));
    return UnitRequest.quantizer(to, mode, rounding.rule(), rounding.randomBits());
  }

  /** Place of the bit that the sticky one becomes. */
  private int place(long[][] in, int i) {
    return exponent(in, i) - to.bias() - sigWidth();
  }

  private Rounded exactly(long[][] in, int i, Quantizer q) {
    boolean negative = in[SIGN][i] != 0;
    Real value;
    if (in[NAN][i] != 0) {
      value = Real.nan(false);
    } else if (in[INF][i] != 0) {
      value = Real.infinity(negative);
    } else {
      BigInteger magnitude = BigInteger.valueOf(in[SIG][i] << 1 | in[STICKY][i]);
      value = Real.of(negative, magnitude, place(in, i));
    }
    return q.round(value, in[RAND][i]);
  }

  private static long raised(long[][] in, int i) {
    return (in[INVALID][i] != 0 ? Flags.INVALID : 0)
        | (in[DIV0][i] != 0 ? Flags.DIVIDE_BY_ZERO : 0);
  }

  @Override
  public Twin twin(int lanes, long seed) {
    Rounder[] rounders = new Rounder[MODES];
    boolean exact = sigWidth() + 1 <= EXACT_BITS && expWidth() <= 10;
    return (in, beats, out) -> {
      for (int i = 0; i < beats; i++) {
        int m = rounding.mode().isPresent() ? 0 : (int) in[ROUND][i];
        if (rounders[m] == null) {
          rounders[m] = new Rounder(quantizer(m));
        }
        Rounder rounder = rounders[m];
        if (exact && rounder.isFast() && (in[NAN][i] | in[INF][i]) == 0) {
          double x = Math.scalb((double) (in[SIG][i] << 1 | in[STICKY][i]), place(in, i));
          out[0][i] = rounder.round(in[SIGN][i] != 0 ? -x : x, in[RAND][i]);
          out[1][i] = rounder.flags() | raised(in, i);
        } else {
          Rounded one = exactly(in, i, rounder.quantizer());
          out[0][i] = one.code();
          out[1][i] = one.flags() | raised(in, i);
        }
      }
      return beats;
    };
  }

  @Override
  public Twin exact(int lanes, long seed) {
    return (in, beats, out) -> {
      for (int i = 0; i < beats; i++) {
        Rounded one = exactly(in, i, quantizer(in[ROUND][i]));
        out[0][i] = one.code();
        out[1][i] = one.flags() | raised(in, i);
      }
      return beats;
    };
  }

  @Override
  public List<String> explain(long[][] in, int lane, long[] expected, long[] got) {
    if ((in[NAN][lane] | in[INF][lane]) != 0) {
      return List.of();
    }
    RoundingMode mode = quantizer(in[ROUND][0]).rounding();
    long r = mode == RoundingMode.SR ? in[RAND][lane] : 0;
    RoundingSteps steps =
        new RoundingSteps(to, mode, rounding.randomBits(), q -> exactly(in, lane, q), r);
    String step = RoundingSteps.differing(to, expected, got);
    List<String> lines = steps.lines(rounding.rule());
    lines.add("first difference  " + (step.isEmpty() ? steps.firstWrong(expected, got) : step));
    return lines;
  }
}
