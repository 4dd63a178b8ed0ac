package org.halfulp.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Elementwise;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Dut;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.verify.Pace.Rank;

/**
 * {@code fx_mac.v} as a unit of the catalogue: runs of products, a word for each last beat. Twins:
 * {@link Elementwise}, {@link Elementwise#exactly}, product by product.
 *
 * @param mode empty: it is read from {@code in_round}
 * @param randomBits width of a lane's {@code in_rand}, 1..32
 */
record FixedMacUnit(
    FixedFormat a,
    FixedFormat b,
    FixedFormat to,
    Optional<RoundingMode> mode,
    OverflowRule overflow,
    int randomBits,
    Map<String, Long> parameters)
    implements Unit {
  private static final int FIRST = 2;
  private static final int LAST = 3;
  private static final int ROUND = 4;
  private static final int RANDOM = 5;
  private static final int MODES = 16;
  private static final int LONG_RUNS = 64; // beats over which runs are long or short
  private static final int CLIMB = 512; // beats of a run of largest products

  @Override
  public String name() {
    return "fx_mac";
  }

  @Override
  public String describe() {
    return "fx_mac %s%s -> %s %s%s %s%s"
        .formatted(
            a.name(),
            b.equals(a) ? "" : " " + b.name(),
            to.name(),
            mode.map(RoundingMode::label).orElse("any-mode"),
            draws() ? "(" + randomBits + ")" : "",
            overflow.label(),
            stages() == 0 ? "" : ", stages " + stages());
  }

  @Override
  public Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("format", a.name());
    labels.put("to", to.name());
    labels.put("rounding", mode.map(RoundingMode::label).orElse("input"));
    labels.put("overflow", overflow.label());
    labels.put("random_bits", Integer.toString(draws() ? randomBits : 0));
    labels.put("stages", Long.toString(stages()));
    return labels;
  }

  private boolean draws() {
    return mode.isEmpty() || mode.get() == RoundingMode.SR;
  }

  private long stages() {
    return parameters.getOrDefault("STAGES", 0L);
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build =
        VerilatorBuild.of(name(), sources)
            .with("LANES", lanes)
            .with("A_W", a.width())
            .with("A_F", a.fracBits())
            .with("B_W", b.width())
            .with("B_F", b.fracBits())
            .with("W", to.width())
            .with("F", to.fracBits())
            .with("ROUND", mode.map(RoundingMode::ordinal).orElse(ElementwiseUnit.ROUND_PER_BEAT))
            .with("RANGE", overflow.ordinal())
            .with("RAND_BITS", randomBits);
    for (Map.Entry<String, Long> p : parameters.entrySet()) {
      build = build.with(p.getKey(), p.getValue());
    }
    return build;
  }

  @Override
  public List<Field> inputs() {
    Field round = Field.perBeat("in_round", 4);
    Field rand = Field.bits("in_rand", randomBits);
    return List.of(
        Field.code("in_a", a),
        Field.code("in_b", b),
        Field.perBeat("in_first", 1),
        Field.perBeat("in_last", 1),
        mode.isEmpty() ? round : round.unread(),
        draws() ? rand : rand.unread());
  }

  @Override
  public List<Field> outputs() {
    return List.of(Field.code("out_y", to), Field.bits("out_flags", 5));
  }

  @Override
  public boolean stateless() {
    return false;
  }

  @Override
  public boolean reduces() {
    return true;
  }

  @Override
  public Optional<Pace> pace(int lanes) {
    List<Rank> ranks = new ArrayList<>(Pace.of((int) stages()).ranks());
    ranks.add(Rank.REDUCING);
    return Optional.of(new Pace(ranks));
  }

  @Override
  public boolean answers(long[][] in, int beat) {
    return in[LAST][beat] != 0;
  }

  /**
   * Runs of about two beats and, in every other stretch, of about sixteen; at times a long one of
   * the largest products, which leaves the range of wide sums.
   */
  @Override
  public void shape(long from, int beats, int lanes, long[][] columns) {
    for (int i = 0; i < beats; i++) {
      long beat = from + i;
      long draw = Stimuli.mix(beat);
      long climb = Stimuli.mix(~(beat / CLIMB));
      if ((climb & 3) == 0) {
        columns[FIRST][i] = beat % CLIMB == 0 ? 1 : 0;
        columns[LAST][i] &= (draw & 7) == 0 ? 1 : 0;
        boolean down = (climb & 4) != 0;
        for (int l = i * lanes; l < (i + 1) * lanes; l++) {
          boolean asDrawn = (Stimuli.mix(draw + l) & 7) == 0;
          columns[0][l] = asDrawn ? columns[0][l] : lowest(a);
          columns[1][l] = asDrawn ? columns[1][l] : down ? lowest(b) - 1 : lowest(b);
        }
      } else if ((beat / LONG_RUNS & 1) != 0) {
        columns[FIRST][i] &= (draw & 7) == 0 ? 1 : 0;
        columns[LAST][i] &= (draw & 56) == 0 ? 1 : 0;
      }
    }
  }

  /** Code of the lowest value; that of the largest comes before it. */
  private static long lowest(FixedFormat f) {
    return 1L << f.width() - 1;
  }

  /** An empty run: the accumulator has no reset. */
  @Override
  public void prepare(Dut dut, int lanes, long seed) {
    for (Field f : inputs()) {
      dut.poke(f.port(), 0L);
    }
    dut.poke("in_first", 1);
    dut.poke("in_valid", 1);
    dut.tick(1);
    dut.poke("in_valid", 0);
    dut.tick(stages() + 1);
  }

  private RoundingMode mode(long inRound) {
    return mode.orElseGet(() -> ElementwiseUnit.mode(to, inRound));
  }

  private Elementwise kernel(RoundingMode m) {
    return new Elementwise(
        Op.FMA, List.of(a, b, to), UnitRequest.quantizer(to, m, overflow, randomBits));
  }

  /** One accumulation. */
  @FunctionalInterface
  private interface Step {
    Rounded of(long mode, long x, long y, long sum, long draw);
  }

  private Twin runs(int lanes, Step step) {
    long[] sum = new long[lanes];
    long[] flags = new long[lanes];
    return (in, beats, out) -> {
      int answers = 0;
      for (int b = 0; b < beats; b++) {
        for (int l = 0; l < lanes; l++) {
          int i = b * lanes + l;
          if (in[FIRST][b] != 0) {
            sum[l] = 0;
            flags[l] = 0;
          }
          Rounded next = step.of(in[ROUND][b], in[0][i], in[1][i], sum[l], in[RANDOM][i]);
          sum[l] = next.code();
          flags[l] |= next.flags();
        }
        if (in[LAST][b] != 0) {
          System.arraycopy(sum, 0, out[0], answers * lanes, lanes);
          System.arraycopy(flags, 0, out[1], answers * lanes, lanes);
          answers++;
        }
      }
      return answers;
    };
  }

  @Override
  public Twin twin(int lanes, long seed) {
    Elementwise[] kernels = new Elementwise[MODES];
    return runs(
        lanes,
        (m, x, y, sum, draw) -> {
          if (kernels[(int) m] == null) {
            kernels[(int) m] = kernel(mode(m));
          }
          long code = kernels[(int) m].apply(x, y, sum, draw);
          return new Rounded(code, kernels[(int) m].flags());
        });
  }

  @Override
  public Twin exact(int lanes, long seed) {
    return runs(
        lanes,
        (m, x, y, sum, draw) ->
            Elementwise.exactly(
                Op.FMA,
                List.of(a, b, to),
                x,
                y,
                sum,
                UnitRequest.quantizer(to, mode(m), overflow, randomBits),
                draw));
  }
}
