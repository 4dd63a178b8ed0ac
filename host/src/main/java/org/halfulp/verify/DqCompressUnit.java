package org.halfulp.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.DqCompress;
import org.halfulp.number.FixedFormat;
import org.halfulp.sim.VerilatorBuild;

/**
 * {@code dq_compress.v} as a unit of the catalogue. Twins: {@link DqCompress#compress}, {@link
 * DqCompress#exactly}.
 *
 * @param shiftWidth bits of {@code in_shift}, 1..6
 */
record DqCompressUnit(
    FixedFormat gradient, FixedFormat error, Optional<FixedFormat> factor, int bits, int shiftWidth)
    implements Unit {

  DqCompressUnit {
    if (shiftWidth < 1 || shiftWidth > 6) {
      throw new IllegalArgumentException("SHIFT_WIDTH must be in [1, 6], got " + shiftWidth);
    }
    new DqCompress(gradient, error, factor, bits);
  }

  DqCompress kernel() {
    return new DqCompress(gradient, error, factor, bits);
  }

  @Override
  public Optional<Pace> pace(int lanes) {
    return Optional.of(Pace.of(factor.isPresent() ? 3 : 2));
  }

  @Override
  public String name() {
    return "dq_compress";
  }

  @Override
  public String describe() {
    return "dq_compress " + kernel();
  }

  @Override
  public Map<String, String> labels() {
    return Map.of(
        "format", gradient.name(),
        "to", error.name(),
        "bits", Integer.toString(bits),
        "momentum", factor.map(FixedFormat::name).orElse("none"));
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    FixedFormat value = kernel().value();
    VerilatorBuild build =
        VerilatorBuild.of(name(), sources)
            .with("LANES", lanes)
            .with("G_WIDTH", gradient.width())
            .with("G_FRAC", gradient.fracBits())
            .with("E_WIDTH", error.width())
            .with("E_FRAC", error.fracBits())
            .with("MOMENTUM", factor.isPresent() ? 1 : 0)
            .with("BITS", bits)
            .with("SHIFT_WIDTH", shiftWidth)
            .with("U_WIDTH", value.width())
            .with("U_FRAC", value.fracBits());
    return factor.isPresent()
        ? build.with("GAM_WIDTH", factor.get().width()).with("GAM_FRAC", factor.get().fracBits())
        : build.with("GAM_WIDTH", 1).with("GAM_FRAC", 0);
  }

  @Override
  public List<Field> inputs() {
    Field last = Field.code("in_last", error);
    Field gamma =
        factor
            .map(f -> new Field("in_gam", f.width(), false, Optional.of(f), true))
            .orElse(Field.perBeat("in_gam", 1).unread());
    return List.of(
        Field.code("in_g", gradient),
        Field.code("in_e", error),
        factor.isPresent() ? last : last.unread(),
        gamma,
        Field.perBeat("in_shift", shiftWidth));
  }

  @Override
  public List<Field> outputs() {
    FixedFormat value = kernel().value();
    return List.of(
        Field.bits("out_code", bits),
        Field.code("out_q", value),
        Field.code("out_e", value),
        Field.bits("out_sat", 1));
  }

  /** One coordinate, in longs and their low bits. */
  @FunctionalInterface
  private interface Step {
    void of(long g, long now, long last, long gamma, int shift, long[][] out, int i);
  }

  private Twin twin(int lanes, Step step) {
    return (in, beats, out) -> {
      for (int i = 0; i < beats * lanes; i++) {
        int beat = i / lanes;
        step.of(
            signed(in[0][i], gradient),
            signed(in[1][i], error),
            signed(in[2][i], error),
            in[3][beat],
            (int) in[4][beat],
            out,
            i);
      }
      return beats;
    };
  }

  private static long signed(long code, FixedFormat format) {
    return code << 64 - format.width() >> 64 - format.width();
  }

  @Override
  public Twin twin(int lanes, long seed) {
    DqCompress kernel = kernel();
    long codes = (1L << bits) - 1;
    long values = kernel.value().mask();
    return twin(
        lanes,
        (g, now, last, gamma, shift, out, i) -> {
          kernel.compress(g, now, last, gamma, shift);
          out[0][i] = kernel.code() & codes;
          out[1][i] = kernel.q() & values;
          out[2][i] = kernel.e() & values;
          out[3][i] = kernel.saturated() ? 1 : 0;
        });
  }

  @Override
  public Twin exact(int lanes, long seed) {
    DqCompress kernel = kernel();
    long codes = (1L << bits) - 1;
    long values = kernel.value().mask();
    return twin(
        lanes,
        (g, now, last, gamma, shift, out, i) -> {
          DqCompress.Compressed one = kernel.exactly(g, now, last, gamma, shift);
          out[0][i] = one.code() & codes;
          out[1][i] = one.q() & values;
          out[2][i] = one.e() & values;
          out[3][i] = one.saturated() ? 1 : 0;
        });
  }
}
