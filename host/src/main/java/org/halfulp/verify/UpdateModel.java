package org.halfulp.verify;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.Streams;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;
import org.halfulp.sim.Batch;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Dut;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilatorBuild;

/**
 * {@code sgd_update.v} of one {@link UpdateUnit}, simulated. A row of its batches is a beat of
 * {@code lanes} updates.
 *
 * <p>Emulator twin: {@link org.halfulp.kernel.SgdUpdate}.
 */
public final class UpdateModel implements AutoCloseable {
  private static final int FLAG_BITS = 5;

  private final UpdateUnit unit;
  private final int lanes;
  private final VerilatedLibrary library;
  private final Dut dut;
  private final Batch batch;
  private final int weightWidth;
  private final long weightMask;
  private final int gradientWidth;
  private final int gradientWord;
  private final int stepWord;
  private final int velocityWidth; // 1, and zeros, without momentum
  private final int velocityWord;
  private final int factorWord;
  private final int stimulusWords;
  private final int flagsWord;
  private final int newVelocityWord;
  private final int responseWords;
  private final long[]
      sent; // rows as the batch will have them: one bulk copy costs less than words
  private final long[] received;

  /**
   * Builds (or finds) the model, opens it, and seeds its random streams.
   *
   * @param rows the most beats of one {@link #run}
   * @throws IllegalArgumentException if the RTL cannot express the unit
   */
  public static UpdateModel open(
      ModelCache cache, List<Path> sources, UpdateUnit unit, int lanes, long seed, int rows) {
    VerilatedLibrary library = cache.build(build(sources, unit, lanes));
    return new UpdateModel(unit, lanes, library, seed, rows);
  }

  /** Clock periods from a beat's operands to its weights, of a top with these parameters. */
  public static int latency(Map<String, String> parameters) {
    return (parameters.get("KIND").equals("1") ? 4 : 2)
        + (parameters.get("FUSED").equals("1") ? 0 : 1)
        + ("1".equals(parameters.get("MOMENTUM")) ? 2 : 0);
  }

  private UpdateModel(UpdateUnit unit, int lanes, VerilatedLibrary library, long seed, int rows) {
    this.unit = unit;
    this.lanes = lanes;
    this.library = library;
    this.weightWidth = unit.weight().format().width();
    this.weightMask = unit.weight().format().mask();
    this.gradientWidth = unit.gradient().width();
    this.gradientWord = words(lanes * weightWidth);
    this.stepWord = gradientWord + words(lanes * gradientWidth);
    this.velocityWidth = unit.momentum().map(m -> m.velocity().format().width()).orElse(1);
    this.velocityWord = stepWord + 1;
    this.factorWord = velocityWord + words(lanes * velocityWidth);
    this.stimulusWords = library.stimulusWords();
    this.flagsWord = gradientWord;
    this.newVelocityWord = flagsWord + words(lanes * FLAG_BITS);
    this.responseWords = library.responseWords();
    if (stimulusWords != factorWord + 1
        || responseWords != newVelocityWord + words(lanes * velocityWidth)) {
      throw new IllegalStateException(library.top() + " has other ports: " + library.ports());
    }
    this.batch = Batch.of(library, rows);
    this.sent = new long[rows * stimulusWords];
    this.received = new long[rows * responseWords];
    this.dut = Dut.open(library);
    try {
      seed(seed);
    } catch (RuntimeException e) {
      dut.close();
      throw e;
    }
  }

  private static int words(int bits) {
    return (bits + 63) / 64;
  }

  /**
   * Refuses what the RTL cannot express.
   *
   * @throws IllegalArgumentException naming the format and what is accepted
   */
  public static void check(UpdateUnit unit) {
    build(List.of(Path.of("sgd_update.v")), unit, 1);
  }

  /** The build of {@code sgd_update} with the parameters of {@code unit}. */
  public static VerilatorBuild build(List<Path> sources, UpdateUnit unit, int lanes) {
    Format w = unit.weight().format();
    Format g = unit.gradient();
    requireSigned("weight", w, 2, 16);
    requireSigned("gradient", g, 2, 16);
    if (w instanceof FixedFormat != g instanceof FixedFormat) {
      throw new IllegalArgumentException(
          "the RTL update unit takes weights and gradients of one kind, float or fixed; got %s and %s"
              .formatted(w.name(), g.name()));
    }
    VerilatorBuild build =
        VerilatorBuild.of("sgd_update", sources)
            .with("LANES", lanes)
            .with("KIND", w instanceof FloatFormat ? 1 : 0)
            .with("FUSED", unit.product().isEmpty() ? 1 : 0)
            .with("STEP_WIDTH", unit.step().width())
            .with("STEP_FRAC", unit.step().fracBits());
    build = withFormat(build, "W_", w, true);
    build = withFormat(build, "G_", g, false);
    build = withRounding(build, "", unit.weight());
    Optional<Quantizer> product = unit.product();
    if (product.isPresent()) {
      Format p = product.get().format();
      requireSigned("product", p, 2, 32);
      if (w instanceof FixedFormat != p instanceof FixedFormat) {
        throw new IllegalArgumentException(
            "the RTL update unit takes a product of the weights' kind; got %s and %s"
                .formatted(w.name(), p.name()));
      }
      build = withRounding(withFormat(build, "P_", p, true), "P_", product.get());
    }
    return withMomentum(build, unit);
  }

  private static VerilatorBuild withMomentum(VerilatorBuild build, UpdateUnit unit) {
    if (unit.momentum().isEmpty()) {
      return build.with("V_WIDTH", 1).with("MU_WIDTH", 1);
    }
    Momentum momentum = unit.momentum().get();
    Format v = momentum.velocity().format();
    requireSigned("velocity", v, 2, 16);
    if (v instanceof FixedFormat != unit.weight().format() instanceof FixedFormat) {
      throw new IllegalArgumentException(
          "the RTL update unit takes a velocity of the weights' kind; got %s and %s"
              .formatted(unit.weight().format().name(), v.name()));
    }
    requireNarrow("velocity", v);
    requireNarrow("gradient", unit.gradient());
    VerilatorBuild with =
        build
            .with("MOMENTUM", 1)
            .with("MU_WIDTH", momentum.factor().width())
            .with("MU_FRAC", momentum.factor().fracBits());
    return withRounding(withFormat(with, "V_", v, true), "V_", momentum.velocity());
  }

  /** The velocity's sum is aligned exactly, in at most 640 bits. */
  private static void requireNarrow(String what, Format format) {
    if (format instanceof FloatFormat f && f.expBits() > 8) {
      throw new IllegalArgumentException(
          "the RTL update unit with momentum takes a %s of at most 8 exponent bits, got %s"
              .formatted(what, format.name()));
    }
  }

  private static void requireSigned(String what, Format format, int min, int max) {
    boolean known =
        !(format instanceof FloatFormat f) || f.family().ordinal() <= Family.P3109_SF.ordinal();
    if (!format.signed() || !known || format.width() < min || format.width() > max) {
      throw new IllegalArgumentException(
          "the RTL update unit takes a signed %s format of %d to %d bits, got %s of %d bits"
              .formatted(what, min, max, format.name(), format.width()));
    }
  }

  private static VerilatorBuild withFormat(
      VerilatorBuild build, String prefix, Format format, boolean isResult) {
    VerilatorBuild with = build.with(prefix + "WIDTH", format.width());
    if (format instanceof FixedFormat fixed) {
      return with.with(prefix + "FRAC", fixed.fracBits());
    }
    FloatFormat f = (FloatFormat) format;
    with =
        with.with(prefix + "EXP", f.expBits())
            .with(prefix + "FRAC", f.fracBits())
            .with(prefix + "BIAS", f.bias())
            .with(prefix + "FAMILY", f.family().ordinal())
            .with(prefix + "DAZ", f.daz() ? 1 : 0);
    return isResult ? with.with(prefix + "SUBNORMALS", f.subnormals() ? 1 : 0) : with;
  }

  private static VerilatorBuild withRounding(
      VerilatorBuild build, String prefix, Quantizer quantizer) {
    VerilatorBuild with =
        build
            .with(prefix + "ROUND", quantizer.rounding().ordinal())
            .with(prefix + "RANGE", quantizer.overflow().ordinal());
    return quantizer.draws() ? with.with(prefix + "RAND_BITS", quantizer.randomBits()) : with;
  }

  /** Loads every random stream as section 5.2 of the contract says. */
  private void seed(long seed) {
    dut.poke("seed_valid", 1);
    for (int lane = 0; lane < lanes; lane++) {
      load(lane, RandomBits.seed(seed, Streams.WEIGHT, lane));
      load(lanes + lane, RandomBits.seed(seed, Streams.UPDATE_PRODUCT, lane));
      if (unit.momentum().isPresent()) {
        load(2 * lanes + lane, RandomBits.seed(seed, Streams.VELOCITY, lane));
      }
    }
    dut.poke("seed_valid", 0);
  }

  private void load(int stream, long state) {
    dut.poke("seed_lane", stream);
    dut.poke("seed_data", state);
    dut.tick(1);
  }

  public UpdateUnit unit() {
    return unit;
  }

  public int lanes() {
    return lanes;
  }

  public VerilatedLibrary library() {
    return library;
  }

  /** Most beats of one run. */
  public int rows() {
    return batch.rows();
  }

  /** Beats that {@code n} updates take. */
  public int beats(int n) {
    return (n + lanes - 1) / lanes;
  }

  /**
   * Fills the first rows with {@code n} updates in lane order; lanes left over in the last beat get
   * zero codes.
   */
  public void fill(long[] w, long[] g, long step, int n) {
    fill(w, null, g, step, 0, n);
  }

  /**
   * The same with velocities.
   *
   * @param v velocity codes, null without momentum
   * @param mu the momentum factor's code
   */
  public void fill(long[] w, long[] v, long[] g, long step, long mu, int n) {
    int beats = beats(n);
    for (int b = 0; b < beats; b++) {
      int base = b * stimulusWords;
      int from = b * lanes;
      int count = Math.min(lanes, n - from);
      pack(w, from, count, weightWidth, base, base + gradientWord);
      pack(g, from, count, gradientWidth, base + gradientWord, base + stepWord);
      sent[base + stepWord] = step;
      if (v != null) {
        pack(v, from, count, velocityWidth, base + velocityWord, base + factorWord);
        sent[base + factorWord] = mu;
      }
    }
    batch.stimulus().put(0, sent, 0, beats * stimulusWords);
  }

  /** Codes of {@code width} bits side by side in the words from {@code word} to {@code end}. */
  private void pack(long[] codes, int from, int count, int width, int word, int end) {
    long bits = 0;
    int used = 0;
    for (int i = from; i < from + count; i++) {
      long code = codes[i];
      bits |= code << used;
      used += width;
      if (used >= 64) {
        sent[word++] = bits;
        used -= 64;
        bits = code >>> (width - used); // what did not fit; codes have at most 16 bits
      }
    }
    while (word < end) {
      sent[word++] = bits;
      bits = 0;
    }
  }

  /** Sends the first {@code beats} rows through the model in one native call. */
  public BatchResult run(int beats, Stalls stalls) {
    return dut.run(batch, beats, stalls);
  }

  /** The same loop in C++ alone over the first {@code rows} rows; see {@link Dut#nativeLoop}. */
  public BatchResult nativeLoop(int rows, long beats) {
    return dut.nativeLoop(batch, rows, beats);
  }

  /** Reads back {@code n} updates of the last run. */
  public void take(long[] out, int[] flags, int n) {
    int beats = beats(n);
    batch.response().get(0, received, 0, beats * responseWords);
    for (int b = 0; b < beats; b++) {
      int base = b * responseWords;
      int from = b * lanes;
      int end = Math.min(from + lanes, n);
      int bit = 0;
      int flagBit = 0;
      for (int i = from; i < end; i++) {
        out[i] = field(base, bit, weightMask);
        flags[i] = (int) field(base + flagsWord, flagBit, 0x1F);
        bit += weightWidth;
        flagBit += FLAG_BITS;
      }
    }
  }

  /** Reads back the new velocities of the updates that {@link #take} has read. */
  public void takeVelocities(long[] v, int n) {
    long mask = (1L << velocityWidth) - 1;
    for (int i = 0; i < n; i++) {
      int base = i / lanes * responseWords + newVelocityWord;
      v[i] = field(base, i % lanes * velocityWidth, mask);
    }
  }

  private long field(int word, int bit, long mask) {
    int index = word + (bit >>> 6);
    int shift = bit & 63;
    long bits = received[index] >>> shift;
    if (mask << shift >>> shift != mask) {
      bits |= received[index + 1] << (64 - shift);
    }
    return bits & mask;
  }

  @Override
  public void close() {
    dut.close();
  }
}
