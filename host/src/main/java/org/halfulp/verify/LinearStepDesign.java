package org.halfulp.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.Streams;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.Datapath;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;
import org.halfulp.sim.Dut;
import org.halfulp.sim.VerilatorBuild;

/**
 * {@code linear_step.v} with the parameters of a description, and how its memories and streams
 * start. Twin: {@link org.halfulp.learn.TrainingStep}.
 *
 * @param path the description; its lanes are the unit's, its seed that of every stream
 * @param input format of features as they come
 * @param labels of labels
 * @param depth most features
 * @param rows most rows of a mini-batch
 */
record LinearStepDesign(Datapath path, Format input, Format labels, int depth, int rows) {
  private static final String NAME = "linear_step";

  /** Width of {@code in_mu} without momentum. */
  static final int NO_MU = 1;

  LinearStepDesign {
    Parameters.check(NAME, "feature", input);
    Parameters.check(NAME, "label", labels);
    check("data", path.data());
    check("parameter", path.parameter());
    check("activation", path.activation());
    check("label", path.label());
    check("residual", path.residual());
    check("gradient", path.gradient());
    check("weight", path.weight());
    check("product", path.product());
    require(path.weight().isPresent(), "a weight quantizer");
    require(path.residual().isPresent(), "a residual quantizer");
    require(path.gradient().isPresent(), "a gradient quantizer");
    check("forward", path.forward(), path.activation());
    check("backward", path.backward(), path.gradient());
    require(
        rows == 1 || !path.data().map(Quantizer::draws).orElse(false) || depth % path.lanes() == 0,
        "rows that fill their beats, where mini-batches have several and features draw");
    UpdateModel.check(path.updateUnit().orElseThrow());
  }

  private static void check(String what, Optional<Quantizer> quantizer) {
    quantizer.ifPresent(q -> Parameters.check(NAME, what, q.format()));
  }

  private static void check(String what, Accumulator accumulator, Optional<Quantizer> next) {
    check(what + " accumulator", accumulator.sum());
    require(accumulator.product().isEmpty(), "exact products in the " + what + " accumulator");
    require(accumulator.fanIn() <= 2, "fan-in 2 in a " + what + " tree");
    require(
        accumulator.order() != Accumulator.Order.TREE
            || !accumulator.sum().map(Quantizer::draws).orElse(false),
        "a " + what + " tree that does not draw");
    require(
        accumulator.sum().isPresent()
            || accumulator.order() == Accumulator.Order.EXACT && next.isPresent(),
        "a format for the " + what + " accumulator, or an exact one and a quantizer after it");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(NAME + " needs " + what);
    }
  }

  int lanes() {
    return path.lanes();
  }

  VerilatorBuild build(List<Path> sources) {
    UpdateUnit update = path.updateUnit().orElseThrow();
    VerilatorBuild build =
        VerilatorBuild.of(NAME, sources)
            .with("LANES", lanes())
            .with("DEPTH", depth)
            .with("ROWS", rows)
            .with("F_ORDER", path.forward().order().ordinal())
            .with("B_ORDER", path.backward().order().ordinal())
            .with("FUSED", update.product().isEmpty() ? 1 : 0)
            .with("MOMENTUM", update.momentum().isPresent() ? 1 : 0)
            .with("STEP_WIDTH", update.step().width())
            .with("STEP_FRAC", update.step().fracBits());
    build = Parameters.operand(build, "X_", input);
    build = Parameters.operand(build, "Y_", labels);
    build = optional(build, "D_", path.data(), input);
    build = optional(build, "L_", path.label(), labels);
    build = Parameters.quantizer(build, "W_", update.weight());
    build = optional(build, "P_", path.parameter(), update.weight().format());
    build = Parameters.quantizer(build, "O_", path.residual().orElseThrow());
    // An accumulator without a format takes the next quantizer's, which then has nothing to do.
    Optional<Quantizer> f = path.forward().sum();
    build = Parameters.quantizer(build, "F_", f.or(path::activation).orElseThrow());
    Format forward = f.or(path::activation).orElseThrow().format();
    build = optional(build, "A_", f.flatMap(s -> path.activation()), forward);
    Optional<Quantizer> b = path.backward().sum();
    build = Parameters.quantizer(build, "B_", b.or(path::gradient).orElseThrow());
    build = optional(build, "G_", b.flatMap(s -> path.gradient()), update.gradient());
    if (update.product().isPresent()) {
      build = Parameters.result(build, "U_", update.product().get());
    }
    build = build.with("MU_WIDTH", NO_MU);
    if (update.momentum().isPresent()) {
      Momentum m = update.momentum().get();
      build = Parameters.result(build, "V_", m.velocity());
      build = build.with("MU_WIDTH", m.factor().width()).with("MU_FRAC", m.factor().fracBits());
    }
    return build;
  }

  /** A quantizer, or none: then its format is that of what goes in. */
  private static VerilatorBuild optional(
      VerilatorBuild build, String prefix, Optional<Quantizer> quantizer, Format in) {
    VerilatorBuild with = build.with(prefix + "ON", quantizer.isPresent() ? 1 : 0);
    return quantizer.isPresent()
        ? Parameters.quantizer(with, prefix, quantizer.get())
        : Parameters.operand(with, prefix, in);
  }

  /**
   * Loads every random stream as section 5.2 of the contract says, streams of lanes that there are
   * not, and weights of code 0.
   */
  void prepare(Dut dut) {
    dut.poke("seed_valid", 1);
    for (int number = 0; number <= Streams.VELOCITY; number++) {
      dut.poke("seed_number", number);
      for (int lane = 0; lane < lanes(); lane++) {
        dut.poke("seed_lane", lane);
        dut.poke("seed_data", RandomBits.seed(path.seed(), stream(number), lane));
        dut.tick(1);
      }
      dut.poke("seed_data", -1);
      for (int bit = Integer.highestOneBit(lanes()) << 1; bit < 1 << 16; bit <<= 1) {
        dut.poke("seed_lane", bit);
        dut.tick(1);
      }
    }
    dut.poke("seed_valid", 0);
    dut.poke("load_valid", 1);
    dut.poke("load_write", 1);
    for (int beat = 0; beat < (depth + lanes() - 1) / lanes(); beat++) {
      dut.poke("load_addr", beat);
      dut.tick(1);
    }
    dut.poke("load_write", 0);
    dut.poke("load_valid", 0);
  }

  private int stream(int number) {
    if (number == Streams.FORWARD_SUM && path.forward().sum().isEmpty()) {
      return Streams.ACTIVATION;
    }
    if (number == Streams.BACKWARD_SUM && path.backward().sum().isEmpty()) {
      return Streams.GRADIENT;
    }
    return number;
  }
}
