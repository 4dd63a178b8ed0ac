package org.halfulp.verify;

import org.halfulp.kernel.Rounder;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Step;
import org.halfulp.learn.TrainingStep;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.number.Flags;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Batch;
import org.halfulp.sim.Dut;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;

/**
 * Whole training steps in the RTL, the weights in its memory, beside the emulator: after each step
 * every weight, its flags and the residual of the batch's last row are compared. A difference ends
 * the run. RTL: {@code linear_step.v}; twin: {@link TrainingStep}.
 */
public final class StepLockstep implements Step, Twins {
  private static final int FLAG_BITS = 5;

  private final LinearStepDesign design;
  private final VerilatedLibrary library;
  private final Dut dut;
  private final Batch batch;
  private final Stalls stalls;
  private final TrainingStep emulator;
  private final int d;
  private final int beats; // of a row
  private final int[] flags;
  private final Format weight;
  private final Format residual;
  private final long stepCode;
  private final Rounder features;
  private final PortField inX;
  private final PortField inY;
  private final PortField outW;
  private final PortField outFlags;
  private final PortField outResidual;
  private final long[] before;
  private final DistinctCount distinct = new DistinctCount();
  private long steps;
  private long compared;
  private long cycles;
  private long simulateNanos;

  /**
   * Builds (or finds) the model and loads streams and weights.
   *
   * @param input format in which features and labels come, every one of them a value of it
   * @param eta the step size
   * @param rows of a mini-batch
   * @throws IllegalArgumentException saying what of the datapath {@code linear_step.v} lacks
   */
  public StepLockstep(
      ModelCache cache, Datapath path, Format input, int d, int rows, double eta, Stalls stalls) {
    this.d = d;
    this.stalls = stalls;
    design = new LinearStepDesign(path, input, input, d, rows);
    beats = (d + path.lanes() - 1) / path.lanes();
    weight = path.weight().orElseThrow().format();
    residual = path.residual().orElseThrow().format();
    stepCode = TrainingStep.stepCode(path, eta, rows);
    features = new Rounder(new Quantizer(input, RoundingMode.RTZ));
    flags = new int[d];
    before = new long[d];
    emulator = new TrainingStep(path, d, rows, eta, flagged(path));
    library = cache.build(design.build(RtlSources.of("linear_step", cache.folder())));
    inX = PortField.of(library.stimulus(), "in_x");
    inY = PortField.of(library.stimulus(), "in_y");
    outW = PortField.of(library.response(), "out_w");
    outFlags = PortField.of(library.response(), "out_flags");
    outResidual = PortField.of(library.response(), "out_residual");
    batch = Batch.of(library, rows * beats);
    fixed();
    dut = Dut.open(library);
    try {
      design.prepare(dut);
    } catch (RuntimeException e) {
      dut.close();
      throw e;
    }
  }

  /** The emulator's update, which leaves its flags. */
  private WeightUpdate flagged(Datapath path) {
    UpdateUnit unit = path.updateUnit().orElseThrow();
    SgdUpdate update = new SgdUpdate(unit, path.lanes(), path.seed());
    long[] v = new long[d];
    return (w, g, step) -> {
      if (unit.momentum().isPresent()) {
        update.update(w, v, g, step, path.mu(), w, flags, d);
      } else {
        update.update(w, g, step, w, flags, d);
      }
    };
  }

  /** What is the same in every step. */
  private void fixed() {
    PortField keep = PortField.of(library.stimulus(), "in_keep");
    PortField last = PortField.of(library.stimulus(), "in_last");
    PortField end = PortField.of(library.stimulus(), "in_end");
    PortField step = PortField.of(library.stimulus(), "in_step");
    PortField mu = PortField.of(library.stimulus(), "in_mu");
    Datapath path = design.path();
    int lanes = design.lanes();
    for (int b = 0, at = 0; b < design.rows(); b++) {
      for (int k = 0; k < beats; k++, at++) {
        for (int l = 0; l < lanes; l++) {
          keep.set(batch.stimulus(), at, l, 1, k * lanes + l < d ? 1 : 0);
        }
        last.set(batch.stimulus(), at, 0, 1, k == beats - 1 ? 1 : 0);
        end.set(batch.stimulus(), at, 0, 1, b == design.rows() - 1 ? 1 : 0);
        step.set(batch.stimulus(), at, 0, path.step().width(), stepCode);
        int row = at;
        path.momentum()
            .ifPresent(m -> mu.set(batch.stimulus(), row, 0, m.factor().width(), path.mu()));
      }
    }
  }

  @Override
  public void run(double[] x, double[] y) {
    int rows = design.rows();
    int lanes = design.lanes();
    int width = design.input().width();
    for (int b = 0; b < rows; b++) {
      for (int j = 0; j < d; j++) {
        int at = b * beats + j / lanes;
        inX.set(batch.stimulus(), at, j % lanes * width, width, code(x[b * d + j]));
      }
      inY.set(batch.stimulus(), b * beats + beats - 1, 0, width, code(y[b]));
    }
    System.arraycopy(emulator.weightCodes(), 0, before, 0, d);
    emulator.run(x, y);
    long start = System.nanoTime();
    cycles += dut.run(batch, rows * beats, beats, stalls).cycles();
    simulateNanos += System.nanoTime() - start;
    compare();
    steps++;
  }

  private long code(double value) {
    long code = features.round(value, 0);
    if (design.input().toDouble(code) != value) {
      throw new IllegalArgumentException(
          value + " is no value of the input format " + design.input().name());
    }
    return code;
  }

  private void compare() {
    int lanes = design.lanes();
    int width = weight.width();
    long[] want = emulator.weightCodes();
    double wantResidual = emulator.residuals()[design.rows() - 1];
    int residualWidth = residual.width();
    long gotResidual = outResidual.get(batch.response(), 0, 0, residualWidth);
    compared++;
    boolean differs = !same(residual.toDouble(gotResidual), wantResidual);
    for (int j = 0; j < d && !differs; j++) {
      long got = outW.get(batch.response(), j / lanes, j % lanes * width, width);
      long gotFlags = outFlags.get(batch.response(), j / lanes, j % lanes * FLAG_BITS, FLAG_BITS);
      compared++;
      distinct.add(before[j] ^ Long.rotateLeft(got, 16) ^ Long.rotateLeft(gotResidual, 32));
      differs = got != want[j] || gotFlags != flags[j];
    }
    if (differs) {
      throw new MismatchException(report(want, gotResidual, wantResidual));
    }
  }

  private static boolean same(double a, double b) {
    return Double.doubleToLongBits(a) == Double.doubleToLongBits(b);
  }

  /** The residual and the weights that differ, most of them. */
  private String report(long[] want, long gotResidual, double wantResidual) {
    int lanes = design.lanes();
    int width = weight.width();
    StringBuilder text = new StringBuilder();
    text.append("RTL and emulator differ at step ").append(steps).append('\n');
    text.append("  linear_step: ").append(design.path().updateUnit().orElseThrow()).append('\n');
    double got = residual.toDouble(gotResidual);
    text.append(
        "  residual of row %d   rtl %s %s   emulator %s%s%n"
            .formatted(
                design.rows() - 1,
                residual.hex(gotResidual),
                got,
                wantResidual,
                same(got, wantResidual) ? "" : "   <"));
    int shown = 0;
    for (int j = 0; j < d && shown < 16; j++) {
      long w = outW.get(batch.response(), j / lanes, j % lanes * width, width);
      int f = (int) outFlags.get(batch.response(), j / lanes, j % lanes * FLAG_BITS, FLAG_BITS);
      if (w != want[j] || f != flags[j]) {
        text.append(
            "  weight %d was %s   rtl %s %s %s   emulator %s %s %s%n"
                .formatted(
                    j,
                    weight.hex(before[j]),
                    weight.hex(w),
                    weight.toDouble(w),
                    Flags.describe(f),
                    weight.hex(want[j]),
                    weight.toDouble(want[j]),
                    Flags.describe(flags[j])));
        shown++;
      }
    }
    return text.toString();
  }

  @Override
  public double[] weights() {
    return emulator.weights();
  }

  @Override
  public long[] weightCodes() {
    return emulator.weightCodes();
  }

  @Override
  public VerilatedLibrary library() {
    return library;
  }

  @Override
  public long compared() {
    return compared;
  }

  @Override
  public DistinctCount distinct() {
    return distinct;
  }

  @Override
  public long cycles() {
    return cycles;
  }

  @Override
  public long simulateNanos() {
    return simulateNanos;
  }

  @Override
  public void close() {
    dut.close();
  }
}
