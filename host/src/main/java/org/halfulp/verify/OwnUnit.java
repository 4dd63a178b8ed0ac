package org.halfulp.verify;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.sim.Dut;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilatorBuild;

/**
 * A user's top with the meaning of an element-wise unit, simulated in a process of its own.
 *
 * @param meaning what it should compute; its fields are named after our units' ports
 * @param ports the top's port of each of those fields; what has none is 0, or not compared
 * @param lanes of the top
 * @param notes how the top is driven and what is left out, in lines for people
 * @param otherNans counts results that were another NaN code than the contract's
 */
record OwnUnit(
    OwnRtl rtl,
    ElementwiseUnit meaning,
    Map<String, String> ports,
    VerilatorBuild built,
    int lanes,
    Path worker,
    Duration limit,
    List<String> notes,
    LongAdder otherNans)
    implements Unit {

  OwnUnit {
    ports = new LinkedHashMap<>(ports);
    notes = List.copyOf(notes);
  }

  @Override
  public String name() {
    return rtl.top();
  }

  @Override
  public String describe() {
    return meaning.describe().replaceFirst("^\\S+", rtl.top() + " against " + against());
  }

  private String against() {
    return rtl.against().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>(meaning.labels());
    labels.remove("stages");
    labels.put("against", against());
    return labels;
  }

  @Override
  public List<String> notes() {
    List<String> all = new ArrayList<>(notes);
    if (rtl.flush()) {
      all.add("results below the smallest normal are expected to be zero of their sign");
    }
    if (rtl.anyNan()) {
      all.add(
          "each NaN code may stand for NaN: %,d results were another one than 0x%x"
              .formatted(otherNans.sum(), canonicalNan()));
    }
    return all;
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    return built;
  }

  @Override
  public boolean allows(int n) {
    return n == lanes;
  }

  @Override
  public Dut open(VerilatedLibrary library, Consumer<String> display) {
    return Dut.openIsolated(library, worker, limit, display, 1);
  }

  private List<Field> mapped(List<Field> fields) {
    return fields.stream()
        .filter(f -> ports.containsKey(f.port()))
        .map(f -> new Field(ports.get(f.port()), f.width(), f.perLane(), f.format(), f.read()))
        .toList();
  }

  @Override
  public List<Field> inputs() {
    return mapped(meaning.inputs());
  }

  @Override
  public List<Field> outputs() {
    return mapped(meaning.outputs());
  }

  @Override
  public Twin twin(int lanes, long seed) {
    return mapped(meaning.twin(lanes, seed), lanes);
  }

  @Override
  public Twin exact(int lanes, long seed) {
    return mapped(meaning.exact(lanes, seed), lanes);
  }

  /** A twin without the fields that no port has. */
  private Twin mapped(Twin whole, int lanes) {
    return (in, beats, out) -> {
      long[][] answers = UnitModel.columns(meaning.outputs(), lanes, beats);
      int k = 0;
      List<Field> outputs = meaning.outputs();
      for (int f = 0; f < answers.length; f++) {
        if (ports.containsKey(outputs.get(f).port())) {
          answers[f] = out[k++];
        }
      }
      int answered = whole.respond(widened(in, lanes, beats), beats, answers);
      if (rtl.flush()) {
        flush(answers[0], answers[1], answered * lanes);
      }
      return answered;
    };
  }

  /** Zero of its sign for what is tiny after rounding to the format's precision. */
  private void flush(long[] codes, long[] flags, int words) {
    FloatFormat to = (FloatFormat) meaning.to();
    long magnitudes = to.mask() >>> 1;
    for (int i = 0; i < words; i++) {
      long magnitude = codes[i] & magnitudes;
      boolean subnormal = magnitude != 0 && magnitude < to.minNormal();
      if (subnormal || (flags[i] & Flags.UNDERFLOW) != 0) {
        codes[i] &= ~magnitudes;
        flags[i] |= Flags.UNDERFLOW | Flags.INEXACT;
      }
    }
  }

  private long[][] widened(long[][] in, int lanes, int beats) {
    List<Field> inputs = meaning.inputs();
    long[][] all = new long[inputs.size()][];
    int k = 0;
    for (int f = 0; f < all.length; f++) {
      Field field = inputs.get(f);
      all[f] = ports.containsKey(field.port()) ? in[k++] : new long[field.perBeat(lanes) * beats];
    }
    return all;
  }

  @Override
  public Optional<Unit> relative() {
    return meaning
        .relative()
        .map(
            small ->
                new OwnUnit(
                    rtl,
                    (ElementwiseUnit) small,
                    ports,
                    built,
                    lanes,
                    worker,
                    limit,
                    notes,
                    otherNans));
  }

  @Override
  public List<String> explain(long[][] in, int lane, long[] expected, long[] got) {
    if (!ports.containsKey("out_flags")) {
      return List.of();
    }
    int lanes = in[0].length;
    return meaning.explain(widened(in, lanes, 1), lane, expected, got);
  }

  private long canonicalNan() {
    return ((FloatFormat) meaning.to()).nan();
  }

  @Override
  public boolean normalizes() {
    return rtl.anyNan();
  }

  /** Writes the contract's NaN for each other one. */
  @Override
  public void normalize(long[][] answers, int beats) {
    Format to = meaning.to();
    long nan = canonicalNan();
    long[] codes = answers[0];
    int others = 0;
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] != nan && to.decode(codes[i]).isNan()) {
        codes[i] = nan;
        others++;
      }
    }
    otherNans.add(others);
  }
}
