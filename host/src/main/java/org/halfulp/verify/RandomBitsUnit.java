package org.halfulp.verify;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halfulp.number.RandomBits;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.sim.Wiring;

/**
 * {@code random_bits.v} as a unit of the catalogue: a clock a beat, with loads and pauses between
 * the draws. Twins: {@link RandomBits}, and its register stepped a bit at a time.
 *
 * @param bits of a draw, 1..32
 */
record RandomBitsUnit(int bits) implements Unit {
  private static final int LOAD = 0;
  private static final int DATA = 1;
  private static final int DRAW = 2;
  private static final long AFTER_RESET = 0x9E3779B97F4A7C15L;

  @Override
  public String name() {
    return "random_bits";
  }

  @Override
  public String describe() {
    return "random_bits of " + bits;
  }

  @Override
  public Map<String, String> labels() {
    return new LinkedHashMap<>(Map.of("random_bits", Integer.toString(bits)));
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    Wiring wiring =
        new Wiring(
            Optional.of("clk"),
            Optional.of(new Wiring.Reset("rst_n", true)),
            List.of(),
            Optional.empty(),
            OptionalInt.of(0), // what is read is there before the clock's edge
            1,
            0,
            List.of("load", "load_data", "draw"),
            List.of("bits"),
            Map.of());
    return VerilatorBuild.of(name(), sources).with("BITS", bits).withWiring(wiring);
  }

  @Override
  public List<Field> inputs() {
    return List.of(Field.bits("load", 1), Field.bits("load_data", 64), Field.bits("draw", 1));
  }

  @Override
  public List<Field> outputs() {
    return List.of(Field.bits("bits", bits));
  }

  @Override
  public boolean stateless() {
    return false;
  }

  @Override
  public boolean allows(int lanes) {
    return lanes == 1;
  }

  /** Few loads, so that draws run on; mostly draws; no state of zeros. */
  @Override
  public void shape(long from, int beats, int lanes, long[][] columns) {
    for (int i = 0; i < beats; i++) {
      long any = Stimuli.mix(from + i);
      columns[LOAD][i] = (any & 63) == 0 ? 1 : 0;
      columns[DRAW][i] |= any >>> 6 & 1;
      if (columns[DATA][i] == 0) {
        columns[DATA][i] = 1;
      }
    }
  }

  @Override
  public boolean isLegal(long[][] in, int beats, int lanes) {
    for (int i = 0; i < beats; i++) {
      if (in[LOAD][i] != 0 && in[DATA][i] == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public Twin twin(int lanes, long seed) {
    long[] state = {AFTER_RESET};
    return (in, beats, out) -> {
      for (int i = 0; i < beats; i++) {
        out[0][i] = RandomBits.next(state[0], bits);
        if (in[LOAD][i] != 0) {
          state[0] = in[DATA][i];
        } else if (in[DRAW][i] != 0) {
          RandomBits stream = new RandomBits(state[0]);
          stream.draw(bits);
          state[0] = stream.state();
        }
      }
      return beats;
    };
  }

  @Override
  public Twin exact(int lanes, long seed) {
    long[] state = {AFTER_RESET};
    return (in, beats, out) -> {
      for (int i = 0; i < beats; i++) {
        long stepped = state[0];
        for (int k = 0; k < bits; k++) {
          long feedback = (stepped >>> 63 ^ stepped >>> 62 ^ stepped >>> 60 ^ stepped >>> 59) & 1;
          stepped = stepped << 1 | feedback;
        }
        out[0][i] = stepped & (1L << bits) - 1;
        state[0] = in[LOAD][i] != 0 ? in[DATA][i] : in[DRAW][i] != 0 ? stepped : state[0];
      }
      return beats;
    };
  }
}
