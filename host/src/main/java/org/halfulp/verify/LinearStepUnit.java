package org.halfulp.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.Rounder;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.PlainStep;
import org.halfulp.learn.TrainingStep;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Dut;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.verify.OperandClasses.Draws;

/**
 * {@code linear_step.v} as a unit of the catalogue: steps of {@code rows} rows from weights of code
 * 0. Twins: {@link TrainingStep}, {@link PlainStep}.
 *
 * @param path its lanes and its seed are unread: the campaign has its own
 * @param stepCode eta/B, the same in every step
 */
record LinearStepUnit(Datapath path, Format input, int rows, long stepCode) implements Unit {
  private static final int FEW_BEATS = 3; // of a row
  private static final int MANY_BEATS = 16; // more than the ranks behind the memory of rows hold
  private static final int X = 0;
  private static final int KEEP = 1;
  private static final int LAST = 2;
  private static final int END = 3;
  private static final int Y = 4;
  private static final int STEP = 5;
  private static final int MU = 6;

  LinearStepUnit {
    new LinearStepDesign(path.with(1, 0), input, input, FEW_BEATS, rows); // refuses what has no RTL
  }

  private LinearStepDesign design(int lanes, long seed) {
    return new LinearStepDesign(path.with(lanes, seed), input, input, features(lanes), rows);
  }

  /** Of a row; a lone row that is long can fill what is behind it, so that its reading waits. */
  private int beats() {
    return rows == 1 ? MANY_BEATS : FEW_BEATS;
  }

  /** The last beat is half full, unless it must not be. */
  private int features(int lanes) {
    boolean full = rows > 1 && path.data().map(Quantizer::draws).orElse(false);
    return beats() * lanes - (full ? 0 : lanes / 2);
  }

  @Override
  public String name() {
    return "linear_step";
  }

  @Override
  public String describe() {
    UpdateUnit update = path.updateUnit().orElseThrow();
    return "linear_step %s, data %s, forward %s%s, backward %s%s, batch %d"
        .formatted(
            update,
            path.data().map(Quantizer::toString).orElse("none"),
            path.forward().order(),
            path.forward().sum().map(q -> " " + q).orElse(""),
            path.backward().order(),
            path.backward().sum().map(q -> " " + q).orElse(""),
            rows);
  }

  @Override
  public Map<String, String> labels() {
    Quantizer w = path.weight().orElseThrow();
    return Map.of(
        "format", w.format().name(),
        "to", path.forward().sum().map(q -> q.format().name()).orElse("exact"),
        "rounding", w.rounding().label(),
        "overflow", w.overflow().label(),
        "random_bits", Integer.toString(w.randomBits()));
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    return design(lanes, 0).build(sources);
  }

  @Override
  public boolean allows(int lanes) {
    return lanes >= 1
        && lanes <= 64
        && (path.forward().order() != Order.TREE || Integer.bitCount(lanes) == 1);
  }

  @Override
  public int lanes() {
    return 4;
  }

  @Override
  public List<Field> inputs() {
    UpdateUnit update = path.updateUnit().orElseThrow();
    return List.of(
        Field.code("in_x", input),
        Field.bits("in_keep", 1),
        Field.perBeat("in_last", 1),
        Field.perBeat("in_end", 1),
        new Field("in_y", input.width(), false, Optional.of(input), true),
        new Field("in_step", update.step().width(), false, Optional.of(update.step()), true),
        update
            .momentum()
            .map(Momentum::factor)
            .map(f -> new Field("in_mu", f.width(), false, Optional.of(f), true))
            .orElseGet(() -> Field.perBeat("in_mu", LinearStepDesign.NO_MU).unread()));
  }

  @Override
  public List<Field> outputs() {
    Format residual = path.residual().orElseThrow().format();
    return List.of(
        Field.code("out_w", path.weight().orElseThrow().format()),
        Field.bits("out_flags", 5),
        Field.bits("out_keep", 1),
        Field.perBeat("out_last", 1),
        Field.perBeat("out_step_flags", 5),
        new Field("out_residual", residual.width(), false, Optional.of(residual), true));
  }

  @Override
  public boolean stateless() {
    return false;
  }

  @Override
  public boolean reduces() {
    return rows > 1;
  }

  @Override
  public boolean answers(long[][] in, int beat) {
    return in[END][beat] != 0;
  }

  @Override
  public int frame() {
    return beats() * rows;
  }

  @Override
  public List<String> notes() {
    return List.of("features and labels lie in [-2, 2]: weights that are NaN would stay so");
  }

  /** Rows of a batch, beat by beat; most features as an even spread has them, few as drawn. */
  @Override
  public void shape(long from, int beats, int lanes, long[][] in) {
    Draws draws = new Draws();
    Rounder rounder = new Rounder(new Quantizer(input, RoundingMode.RTZ));
    for (int b = 0; b < beats; b++) {
      draws.start(from + b ^ 0x243F6A8885A308D3L);
      long at = (from + b) % frame();
      in[LAST][b] = last(at) ? 1 : 0;
      in[END][b] = end(at) ? 1 : 0;
      in[STEP][b] = stepCode;
      if (path.momentum().isPresent()) {
        in[MU][b] = path.mu();
      }
      in[Y][b] = tame(in[Y][b], rounder, draws);
      for (int l = 0; l < lanes; l++) {
        int i = b * lanes + l;
        in[KEEP][i] = keep(at, l, lanes) ? 1 : 0;
        in[X][i] = tame(in[X][i], rounder, draws);
      }
    }
  }

  private boolean last(long at) {
    return at % beats() == beats() - 1;
  }

  private boolean end(long at) {
    return at >= frame() - beats();
  }

  private boolean keep(long at, int lane, int lanes) {
    return at % beats() * lanes + lane < features(lanes);
  }

  private long tame(long code, Rounder rounder, Draws draws) {
    double even = (draws.below(1 << 16) - (1 << 15)) * 0x1p-14;
    boolean keep = draws.below(8) == 0 && Math.abs(input.toDouble(code)) <= 2;
    return keep ? code : rounder.round(even, 0);
  }

  @Override
  public boolean isLegal(long[][] in, int beats, int lanes) {
    for (int b = 0; b < beats; b++) {
      int at = b % frame();
      if (in[LAST][b] != (last(at) ? 1 : 0)
          || in[END][b] != (end(at) ? 1 : 0)
          || in[STEP][b] != stepCode
          || path.momentum().isPresent() && in[MU][b] != path.mu()) {
        return false;
      }
      for (int l = 0; l < lanes; l++) {
        if (in[KEEP][b * lanes + l] != (keep(at, l, lanes) ? 1 : 0)) {
          return false;
        }
      }
    }
    return beats % frame() == 0;
  }

  @Override
  public void prepare(Dut dut, int lanes, long seed) {
    design(lanes, seed).prepare(dut);
  }

  /** Both twins go through the same steps; the fast one knows weights and their flags alone. */
  @Override
  public Twin twin(int lanes, long seed) {
    return twin(lanes, seed, true);
  }

  @Override
  public Twin exact(int lanes, long seed) {
    return twin(lanes, seed, false);
  }

  private Twin twin(int lanes, long seed, boolean fast) {
    Datapath path = this.path.with(lanes, seed);
    UpdateUnit unit = path.updateUnit().orElseThrow();
    int d = features(lanes);
    int[] flags = new int[d];
    long[] v = new long[d];
    SgdUpdate update = new SgdUpdate(unit, lanes, seed);
    WeightUpdate flagged =
        (w, g, step) -> {
          if (unit.momentum().isPresent()) {
            update.update(w, v, g, step, path.mu(), w, flags, d);
          } else {
            update.update(w, g, step, w, flags, d);
          }
        };
    double eta = unit.step().toDouble(stepCode) * rows;
    TrainingStep step = new TrainingStep(path, d, rows, eta, flagged);
    PlainStep plain = new PlainStep(path, d, unit.step().decode(stepCode));
    double[] x = new double[rows * d];
    double[] y = new double[rows];
    return (in, beats, out) -> {
      int answers = 0;
      for (int from = 0; from + frame() <= beats; from += frame()) {
        for (int i = 0; i < rows * d; i++) {
          int first = from + i / d * beats(); // of the row
          x[i] = input.toDouble(in[X][first * lanes + i % d]);
        }
        for (int b = 0; b < rows; b++) {
          y[b] = input.toDouble(in[Y][from + (b + 1) * beats() - 1]);
        }
        plain.run(x, y);
        if (fast) {
          step.run(x, y);
        }
        long[] w = fast ? step.weightCodes() : plain.codes();
        int[] f = fast ? flags : plain.updateFlags();
        for (int k = 0; k < beats(); k++, answers++) {
          for (int l = 0; l < lanes; l++) {
            int i = answers * lanes + l;
            int j = k * lanes + l;
            out[0][i] = j < d ? w[j] : 0;
            out[1][i] = j < d ? f[j] : 0;
            out[2][i] = j < d ? 1 : 0;
          }
          out[3][answers] = last(k) ? 1 : 0;
          out[4][answers] = last(k) ? plain.flags() : 0;
          out[5][answers] = plain.residuals()[rows - 1];
        }
      }
      return answers;
    };
  }
}
