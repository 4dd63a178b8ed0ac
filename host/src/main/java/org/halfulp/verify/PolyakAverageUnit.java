package org.halfulp.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.PolyakAverage;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.sim.VerilatorBuild;

/**
 * {@code polyak_average.v} as a unit of the catalogue. Twins: {@link PolyakAverage}, {@link
 * PolyakAverage#exactly}.
 *
 * @param average a signed fixed format of 2 to 32 bits and its roundings
 * @param factor unsigned, of 1 to 16 bits
 */
record PolyakAverageUnit(Format weight, Quantizer average, FixedFormat factor) implements Unit {

  @Override
  public Optional<Pace> pace(int lanes) {
    return Optional.of(Pace.of(3));
  }

  @Override
  public String name() {
    return "polyak_average";
  }

  @Override
  public String describe() {
    return "polyak_average " + new PolyakAverage(weight, average, factor, 1, 0);
  }

  @Override
  public Map<String, String> labels() {
    return Map.of(
        "format", weight.name(),
        "to", average.format().name(),
        "rounding", average.rounding().label(),
        "overflow", average.overflow().label(),
        "random_bits", Integer.toString(average.randomBits()));
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build =
        Parameters.operand(VerilatorBuild.of(name(), sources).with("LANES", lanes), "W_", weight)
            .with("AVG_WIDTH", average.format().width())
            .with("AVG_FRAC", ((FixedFormat) average.format()).fracBits())
            .with("C_WIDTH", factor.width())
            .with("C_FRAC", factor.fracBits());
    return Parameters.rounding(build, "", average);
  }

  @Override
  public List<Field> inputs() {
    Field rand = Field.bits("in_rand", Math.max(1, average.randomBits()));
    return List.of(
        Field.code("in_w", weight),
        Field.code("in_avg", average.format()),
        new Field("in_c", factor.width(), false, Optional.of(factor), true),
        average.draws() ? rand : rand.unread());
  }

  @Override
  public List<Field> outputs() {
    return List.of(Field.code("out_avg", average.format()), Field.bits("out_flags", 5));
  }

  @Override
  public Twin twin(int lanes, long seed) {
    PolyakAverage kernel = new PolyakAverage(weight, average, factor, lanes, seed);
    return (in, beats, out) -> {
      for (int i = 0; i < beats * lanes; i++) {
        out[0][i] = kernel.one(in[0][i], in[1][i], in[2][i / lanes], in[3][i]);
        out[1][i] = kernel.flags();
      }
      return beats;
    };
  }

  @Override
  public Twin exact(int lanes, long seed) {
    PolyakAverage kernel = new PolyakAverage(weight, average, factor, lanes, seed);
    return (in, beats, out) -> {
      for (int i = 0; i < beats * lanes; i++) {
        Rounded one = kernel.exactly(in[0][i], in[1][i], in[2][i / lanes], in[3][i]);
        out[0][i] = one.code();
        out[1][i] = one.flags();
      }
      return beats;
    };
  }
}
