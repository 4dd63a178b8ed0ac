package org.halfulp.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.Streams;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.RandomBits;
import org.halfulp.number.Rounded;
import org.halfulp.sim.Dut;
import org.halfulp.sim.VerilatorBuild;

/** {@code sgd_update.v} as a unit of the catalogue; its state is the random streams. */
record SgdUpdateUnit(UpdateUnit unit, Map<String, Long> parameters) implements Unit {

  @Override
  public Optional<Pace> pace(int lanes) {
    int lane = unit.weight().format() instanceof FixedFormat ? 2 : 4;
    int product = unit.product().isPresent() ? 1 : 0;
    return Optional.of(Pace.of(lane + product + (unit.momentum().isPresent() ? 2 : 0)));
  }

  @Override
  public String name() {
    return "sgd_update";
  }

  @Override
  public String describe() {
    return "sgd_update " + unit;
  }

  @Override
  public Map<String, String> labels() {
    return Map.of(
        "format", unit.weight().format().name(),
        "to", unit.gradient().name(),
        "rounding", unit.weight().rounding().label(),
        "overflow", unit.weight().overflow().label(),
        "random_bits", Integer.toString(unit.weight().randomBits()));
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build = UpdateModel.build(sources, unit, lanes);
    for (Map.Entry<String, Long> p : parameters.entrySet()) {
      build = build.with(p.getKey(), p.getValue());
    }
    return build;
  }

  @Override
  public List<Field> inputs() {
    Field w = Field.code("in_w", unit.weight().format());
    Field g = Field.code("in_g", unit.gradient());
    Field step = new Field("in_step", unit.step().width(), false, Optional.of(unit.step()), true);
    if (unit.momentum().isEmpty()) {
      Field v = Field.bits("in_v", 1).unread();
      return List.of(w, g, step, v, Field.perBeat("in_mu", 1).unread());
    }
    Momentum m = unit.momentum().get();
    Field v = Field.code("in_v", m.velocity().format());
    Field mu = new Field("in_mu", m.factor().width(), false, Optional.of(m.factor()), true);
    return List.of(w, g, step, v, mu);
  }

  @Override
  public List<Field> outputs() {
    Field v =
        unit.momentum()
            .map(m -> Field.code("out_v", m.velocity().format()))
            .orElseGet(() -> Field.bits("out_v", 1));
    return List.of(Field.code("out_w", unit.weight().format()), Field.bits("out_flags", 5), v);
  }

  @Override
  public boolean stateless() {
    return !unit.weight().draws()
        && unit.product().filter(q -> q.draws()).isEmpty()
        && unit.momentum().filter(m -> m.velocity().draws()).isEmpty();
  }

  /**
   * Loads every random stream as section 5.2 of the contract says, and streams that there are not.
   */
  @Override
  public void prepare(Dut dut, int lanes, long seed) {
    dut.poke("seed_valid", 1);
    for (int lane = 0; lane < lanes; lane++) {
      load(dut, lane, RandomBits.seed(seed, Streams.WEIGHT, lane));
      load(dut, lanes + lane, RandomBits.seed(seed, Streams.UPDATE_PRODUCT, lane));
      if (unit.momentum().isPresent()) {
        load(dut, 2 * lanes + lane, RandomBits.seed(seed, Streams.VELOCITY, lane));
      }
    }
    int streams = 3 * lanes;
    for (int bit = Integer.highestOneBit(streams) << 1; bit < 1 << 16; bit <<= 1) {
      for (int stream = 0; stream < streams; stream++) {
        load(dut, bit | stream, -1);
      }
    }
    dut.poke("seed_valid", 0);
  }

  private static void load(Dut dut, int stream, long state) {
    dut.poke("seed_lane", stream);
    dut.poke("seed_data", state);
    dut.tick(1);
  }

  @Override
  public Twin twin(int lanes, long seed) {
    SgdUpdate update = new SgdUpdate(unit, lanes, seed);
    long[] w = new long[lanes];
    long[] g = new long[lanes];
    long[] v = new long[lanes];
    long[] y = new long[lanes];
    int[] flags = new int[lanes];
    return (in, beats, out) -> {
      for (int b = 0; b < beats; b++) {
        System.arraycopy(in[0], b * lanes, w, 0, lanes);
        System.arraycopy(in[1], b * lanes, g, 0, lanes);
        if (unit.momentum().isPresent()) {
          System.arraycopy(in[3], b * lanes, v, 0, lanes);
          update.update(w, v, g, in[2][b], in[4][b], y, flags, lanes);
        } else {
          update.update(w, g, in[2][b], y, flags, lanes);
        }
        System.arraycopy(v, 0, out[2], b * lanes, lanes);
        System.arraycopy(y, 0, out[0], b * lanes, lanes);
        for (int l = 0; l < lanes; l++) {
          out[1][b * lanes + l] = flags[l];
        }
      }
      return beats;
    };
  }

  @Override
  public Twin exact(int lanes, long seed) {
    Streams weight = new Streams(unit.weight(), seed, Streams.WEIGHT, lanes);
    Streams product = new Streams(unit.product().orElse(null), seed, Streams.UPDATE_PRODUCT, lanes);
    Streams velocity =
        new Streams(
            unit.momentum().map(Momentum::velocity).orElse(null), seed, Streams.VELOCITY, lanes);
    return (in, beats, out) -> {
      for (int i = 0; i < beats * lanes; i++) {
        int lane = i % lanes;
        long direction = in[1][i];
        int flags = 0;
        out[2][i] = 0;
        if (unit.momentum().isPresent()) {
          Rounded v =
              unit.velocityExactly(in[3][i], in[1][i], in[4][i / lanes], velocity.draw(lane));
          direction = v.code();
          flags = v.flags();
          out[2][i] = direction;
        }
        Rounded one =
            unit.exactly(
                in[0][i], direction, in[2][i / lanes], weight.draw(lane), product.draw(lane));
        out[0][i] = one.code();
        out[1][i] = one.flags() | flags;
      }
      return beats;
    };
  }
}
