package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionReader;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.Cases;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.DataSet;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.PlainStep;
import org.halfulp.learn.TrainingStep;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Dut;
import org.halfulp.sim.DutException;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Stalls;
import org.halfulp.sweep.TrainRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code linear_step.v} against {@link TrainingStep}, its twin, and {@link PlainStep}. */
class LinearStepTest {
  private static List<Path> rtl() {
    return RtlSources.of("linear_step", Fixtures.cache().folder());
  }

  /**
   * One build, and the run it is given.
   *
   * @param d features of a row
   */
  record Case(LinearStepDesign unit, int d, long seed) {}

  // ---- random descriptions ----

  /** Formats whose range holds a training step most of the time. */
  private static Format format(Cases cases, boolean isFloat, int mostWidth) {
    if (!isFloat) {
      int width = cases.between(4, mostWidth);
      return new FixedFormat(true, width, width - cases.between(1, 4));
    }
    FloatFormat f;
    do {
      f = cases.floatFormat(6, 9);
    } while (f.emax() < 2 || f.emin() > -3 || f.width() > mostWidth);
    return f;
  }

  private static Quantizer quantizer(Cases cases, boolean isFloat, int mostWidth) {
    return cases.quantizer(format(cases, isFloat, mostWidth));
  }

  private static Quantizer any(Cases cases) {
    return quantizer(cases, cases.oneIn(2), 20);
  }

  private static Optional<Quantizer> maybe(Cases cases) {
    return cases.oneIn(4) ? Optional.empty() : Optional.of(any(cases));
  }

  private static Accumulator accumulator(Cases cases, boolean next) {
    Order order = Order.values()[cases.between(0, 2)];
    if (order == Order.EXACT && next && cases.oneIn(2)) {
      return Accumulator.exact();
    }
    Quantizer sum;
    do {
      sum = cases.oneIn(2) ? any(cases) : cases.quantizer(new FixedFormat(true, 28, 18));
    } while (order == Order.TREE && sum.draws());
    return new Accumulator(order, order == Order.TREE ? 2 : 0, Optional.of(sum), Optional.empty());
  }

  static Case random(long seed) {
    Cases cases = new Cases(seed);
    boolean isFloat = cases.oneIn(2);
    Optional<Quantizer> activation = maybe(cases);
    Accumulator forward = accumulator(cases, activation.isPresent());
    int lanes = forward.order() == Order.TREE ? 1 << cases.between(0, 2) : cases.between(1, 5);
    FixedFormat step = new FixedFormat(false, cases.between(1, 12), cases.between(5, 12));
    int rows = cases.oneIn(2) ? 1 : cases.between(2, 6);
    int d = cases.between(1, 20);
    Optional<Quantizer> data = maybe(cases);
    if (rows > 1 && data.map(Quantizer::draws).orElse(false)) {
      d = (d + lanes - 1) / lanes * lanes;
    }
    Datapath path =
        new Datapath(
            data,
            maybe(cases),
            activation,
            maybe(cases),
            Optional.of(any(cases)),
            Optional.of(quantizer(cases, isFloat, 16)),
            forward,
            accumulator(cases, true),
            Optional.of(quantizer(cases, isFloat, 16)),
            cases.oneIn(2) ? Optional.empty() : Optional.of(quantizer(cases, isFloat, 20)),
            step,
            lanes,
            cases.random().nextLong());
    if (cases.oneIn(3)) {
      FixedFormat factor = new FixedFormat(false, cases.between(1, 12), cases.between(1, 12));
      path =
          path.with(
              new Momentum(quantizer(cases, isFloat, 16), factor),
              cases.random().nextLong() & factor.mask());
    }
    Format input =
        cases.oneIn(2) ? new FixedFormat(true, 12, cases.between(8, 10)) : format(cases, true, 16);
    Format labels = cases.oneIn(2) ? input : format(cases, cases.oneIn(2), 16);
    return new Case(new LinearStepDesign(path, input, labels, d, rows), d, seed);
  }

  // ---- a run ----

  record Counts(
      long steps, long compared, long changed, long cycles, long differing, String first) {}

  /** The emulator's update, with the flags of the last step. */
  private static final class Updated implements WeightUpdate {
    private final SgdUpdate unit;
    private final long mu;
    private final long[] v;
    final int[] flags;

    Updated(Datapath path, int d) {
      UpdateUnit update = path.updateUnit().orElseThrow();
      unit = new SgdUpdate(update, path.lanes(), path.seed());
      mu = path.mu();
      v = new long[d];
      flags = new int[d];
    }

    @Override
    public void update(long[] w, long[] g, long step) {
      if (unit.unit().momentum().isPresent()) {
        unit.update(w, v, g, step, mu, w, flags, w.length);
      } else {
        unit.update(w, g, step, w, flags, w.length);
      }
    }
  }

  static Counts run(List<Path> sources, Case c, int steps, Stalls stalls) {
    Cases cases = new Cases(c.seed() ^ 77);
    LinearStepDesign unit = c.unit();
    Datapath path = unit.path();
    long[][] xs = new long[steps][unit.rows() * c.d()];
    long[][] ys = new long[steps][unit.rows()];
    for (int t = 0; t < steps; t++) {
      for (int i = 0; i < xs[t].length; i++) {
        xs[t][i] = code(cases, unit.input());
      }
      for (int b = 0; b < ys[t].length; b++) {
        ys[t][b] = code(cases, unit.labels());
      }
    }
    long code = 1 + (cases.random().nextLong() >>> 1) % path.step().mask();
    if (cases.oneIn(2)) {
      code = 1;
    }
    return run(sources, c, code, xs, ys, stalls);
  }

  /**
   * Steps of the contract's one size.
   *
   * @param xs codes of the features, a step each
   */
  private static Counts run(
      List<Path> sources, Case c, long code, long[][] xs, long[][] ys, Stalls stalls) {
    Cases cases = new Cases(c.seed() ^ 78);
    LinearStepDesign unit = c.unit();
    Datapath path = unit.path();
    int lanes = path.lanes();
    int d = c.d();
    int beats = (d + lanes - 1) / lanes;
    int batch = unit.rows();
    int steps = xs.length;
    int xw = unit.input().width();
    int yw = unit.labels().width();
    double eta = path.step().toDouble(code) * batch;
    Updated update = new Updated(path, d);
    TrainingStep twin = new TrainingStep(path, d, batch, eta, update);
    PlainStep plain = new PlainStep(path, d, path.step().decode(code));
    Format w = path.weight().orElseThrow().format();
    Format o = path.residual().orElseThrow().format();
    long compared = 0;
    long changed = 0;
    long cycles;
    long differing = 0;
    String first = null;
    try (Rig rig = new Rig(unit.build(sources), steps * batch * beats)) {
      unit.prepare(rig.dut());
      int row = 0;
      for (int t = 0; t < steps; t++) {
        for (int b = 0; b < batch; b++) {
          for (int k = 0; k < beats; k++, row++) {
            boolean last = k == beats - 1;
            for (int l = 0; l < lanes; l++) {
              int j = k * lanes + l;
              long x = j < d ? xs[t][b * d + j] : code(cases, unit.input());
              rig.set(row, "in_x", l * xw, xw, x);
              rig.set(row, "in_keep", l, 1, j < d ? 1 : 0);
            }
            rig.set(row, "in_last", 0, 1, last ? 1 : 0);
            rig.set(row, "in_end", 0, 1, b == batch - 1 ? 1 : 0);
            // A label counts in the last beat of its row, a step size in that of its batch.
            long other = code(cases, unit.labels());
            rig.set(row, "in_y", 0, yw, last ? ys[t][b] : other);
            boolean end = last && b == batch - 1;
            int beat = row;
            long mask = path.step().mask();
            long noise = cases.random().nextLong();
            rig.set(row, "in_step", 0, path.step().width(), end ? code : noise & mask);
            path.momentum()
                .ifPresent(
                    m ->
                        set(
                            rig,
                            beat,
                            "in_mu",
                            m.factor().width(),
                            end ? path.mu() : noise & m.factor().mask()));
          }
        }
      }
      cycles = rig.run(row, steps * beats, stalls).cycles();
      for (int t = 0; t < steps; t++) {
        long[] before = twin.weightCodes().clone();
        double[] x = Arrays.stream(xs[t]).mapToDouble(unit.input()::toDouble).toArray();
        double[] y = Arrays.stream(ys[t]).mapToDouble(unit.labels()::toDouble).toArray();
        twin.run(x, y);
        plain.run(x, y);
        long residual = plain.residuals()[batch - 1];
        for (int k = 0; k < beats; k++) {
          int at = t * beats + k;
          int gotFlags = (int) rig.get(at, "out_step_flags", 0, 5);
          int wantFlags = k == beats - 1 ? plain.flags() : 0;
          long gotResidual = rig.get(at, "out_residual", 0, o.width());
          compared++;
          if (gotFlags != wantFlags || gotResidual != residual) {
            differing++;
            first =
                first == null
                    ? "%s step %d beat %d: residual rtl=%x exact=%x flags rtl=%x exact=%x"
                        .formatted(c, t, k, gotResidual, residual, gotFlags, wantFlags)
                    : first;
          }
          assertEquals(k == beats - 1 ? 1 : 0, rig.get(at, "out_last", 0, 1), c + " step " + t);
        }
        for (int j = 0; j < d; j++) {
          int at = t * beats + j / lanes;
          int l = j % lanes;
          long got = rig.get(at, "out_w", l * w.width(), w.width());
          int gotFlags = (int) rig.get(at, "out_flags", l * 5, 5);
          long want = twin.weightCodes()[j];
          String what =
              "%s step %d weight %d: rtl=%s/%x emu=%s/%x exact=%s"
                  .formatted(
                      c,
                      t,
                      j,
                      w.hex(got),
                      gotFlags,
                      w.hex(want),
                      update.flags[j],
                      w.hex(plain.codes()[j]));
          assertEquals(plain.codes()[j], want, what);
          if (got != want || gotFlags != update.flags[j]) {
            differing++;
            first = first == null ? what : first;
          }
          compared++;
          changed += want != before[j] ? 1 : 0;
        }
      }
      if (differing == 0) {
        assertArrayEquals(twin.weightCodes(), stored(rig.dut(), w, lanes, d), c + " as stored");
      }
      long[] other = new long[d];
      Arrays.setAll(other, j -> cases.random().nextLong() & w.mask());
      load(rig.dut(), other, w, lanes);
      assertArrayEquals(other, stored(rig.dut(), w, lanes, d), c + " as loaded");
    }
    return new Counts(steps, compared, changed, cycles, differing, first);
  }

  /** Reads the weights through the load port. */
  private static long[] stored(Dut dut, Format w, int lanes, int d) {
    long[] codes = new long[d];
    dut.poke("load_valid", 1);
    for (int j = 0; j < d; j++) {
      dut.poke("load_addr", j / lanes);
      dut.tick(1);
      BigInteger beat = BigInteger.ZERO;
      long[] words = dut.peekWords("load_weights");
      for (int i = words.length - 1; i >= 0; i--) {
        beat = beat.shiftLeft(64).or(new BigInteger(Long.toUnsignedString(words[i])));
      }
      codes[j] = beat.shiftRight(j % lanes * w.width()).longValue() & w.mask();
    }
    dut.poke("load_valid", 0);
    return codes;
  }

  private static void load(Dut dut, long[] codes, Format w, int lanes) {
    dut.poke("load_valid", 1);
    dut.poke("load_write", 1);
    for (int from = 0; from < codes.length; from += lanes) {
      BigInteger beat = BigInteger.ZERO;
      for (int j = Math.min(codes.length, from + lanes) - 1; j >= from; j--) {
        beat = beat.shiftLeft(w.width()).or(BigInteger.valueOf(codes[j]));
      }
      long[] words = new long[(lanes * w.width() + 63) / 64];
      for (int i = 0; i < words.length; i++) {
        words[i] = beat.shiftRight(64 * i).longValue();
      }
      dut.poke("load_addr", from / lanes);
      dut.poke("load_data", words);
      dut.tick(1);
    }
    dut.poke("load_write", 0);
    dut.poke("load_valid", 0);
  }

  private static void set(Rig rig, int row, String port, int width, long value) {
    rig.set(row, port, 0, width, value);
  }

  /** A code of a value that a training step meets, seldom any. */
  private static long code(Cases cases, Format format) {
    double x =
        cases.oneIn(400)
            ? format.toDouble(cases.random().nextLong() & format.mask())
            : cases.random().nextDouble(-2, 2);
    // The twins take values, so a NaN is a quiet one.
    long code = new Quantizer(format, RoundingMode.RTZ).round(Real.of(x), 0).code();
    return cases.oneIn(12) ? 0 : code;
  }

  @Test
  void equalsItsTwins() {
    equal(List.of(fixed(7, 5), floats()));
  }

  /** rtl/README.md: 2 B N + 7 B + 8 clocks with exact sums, 2 more for a float update; N = 3. */
  @Test
  void aStepTakesAsManyClocksAsSaid() {
    int steps = 50;
    Counts r = run(rtl(), floats(), steps, Stalls.NONE);
    assertEquals(0, r.differing(), r.first());
    assertEquals(steps * (2 * 3 + 7 + 8 + 2), r.cycles());
  }

  /** The datapath and the data of an example, rounded to 12 fraction bits: an epoch on chip. */
  @Test
  @Tag("long")
  void trainsAsTheEmulatorDoes() throws Exception {
    Description description =
        DescriptionReader.read(Path.of("..", "examples", "concrete.yaml").toAbsolutePath());
    Format format = new FixedFormat(true, 16, 12);
    Quantizer q = new Quantizer(format, RoundingMode.RNE);
    DataSet data;
    try (TrainRun run = new TrainRun(description, TrainRun.Scope.NONE, null, Stalls.NONE)) {
      data = run.data().train();
    }
    int d = data.columns();
    int batch = description.training().batch();
    int steps = data.rows() / batch;
    long[][] xs = new long[steps][batch * d];
    long[][] ys = new long[steps][batch];
    for (int t = 0; t < steps; t++) {
      for (int i = 0; i < batch * d; i++) {
        xs[t][i] = q.round(Real.of(data.x()[t * batch * d + i]), 0).code();
      }
      for (int b = 0; b < batch; b++) {
        ys[t][b] = q.round(Real.of(data.y()[t * batch + b]), 0).code();
      }
    }
    Datapath path = description.datapath();
    long step = TrainingStep.stepCode(path, description.training().stepSize(), batch);
    Case c = new Case(new LinearStepDesign(path, format, format, d, batch), d, 1);
    Counts r = run(rtl(), c, step, xs, ys, DotProductTest.STALLS[3]);
    System.out.printf(
        "linear_step: an epoch of %d steps of %d rows of %d features, %d clocks, %d of %d differ%n",
        steps, batch, d, r.cycles(), r.differing(), r.compared());
    assertEquals(0, r.differing(), r.first());
  }

  @Test
  @Tag("long")
  void equalsItsTwinsInRandomDescriptions() {
    List<Case> all = new ArrayList<>();
    int from = Integer.getInteger("step.from", 0);
    for (int i = from; i < from + Integer.getInteger("step.cases", 100); i++) {
      all.add(random(i));
    }
    equal(all);
  }

  private static void equal(List<Case> all) {
    long steps = 0;
    long compared = 0;
    long changed = 0;
    for (int i = 0; i < all.size(); i++) {
      Counts r = run(rtl(), all.get(i), 60, DotProductTest.STALLS[(i + 3) % 4]);
      assertEquals(0, r.differing(), r.first());
      steps += r.steps();
      compared += r.compared();
      changed += r.changed();
    }
    System.out.printf(
        "linear_step: %d units, %d steps, %d words compared, %d weights changed, 0 differing%n",
        all.size(), steps, compared, changed);
    assertTrue(changed > compared / 8, changed + " of " + compared + " weights changed");
  }

  // ---- faults put in on purpose ----

  private static Optional<Quantizer> q(String format, RoundingMode mode, int bits) {
    Format f = FormatName.parse(format).format();
    OverflowRule rule = f instanceof FixedFormat ? OverflowRule.SATURATE : OverflowRule.FINITE;
    return Optional.of(new Quantizer(f, mode, rule, bits, true));
  }

  /** Beats that are not full, everything drawn but the features; momentum. */
  private static Case fixed(int d, int rows) {
    RoundingMode sr = RoundingMode.SR;
    FixedFormat factor = new FixedFormat(false, 6, 6);
    Datapath path =
        new Datapath(
            q("q2.6", RoundingMode.RNE, 0),
            q("q2.5", sr, 4),
            q("q4.5", sr, 4),
            q("q3.6", sr, 4),
            q("q3.5", sr, 4),
            q("q4.6", sr, 4),
            new Accumulator(Order.SEQUENTIAL, 0, q("q5.7", sr, 5), Optional.empty()),
            new Accumulator(Order.SEQUENTIAL, 0, q("q5.8", sr, 5), Optional.empty()),
            q("q2.10", sr, 6),
            q("q2.8", sr, 6),
            new FixedFormat(false, 5, 5),
            3,
            29);
    return new Case(
        new LinearStepDesign(
            path.with(new Momentum(q("q4.8", sr, 5).get(), factor), 40),
            new FixedFormat(true, 10, 7),
            FormatName.parse("e4m5:ieee").format(),
            d,
            rows),
        d,
        1);
  }

  /** Small floats with signed zeros, exact sums that the next quantizer rounds, drawn features. */
  private static Case floats() {
    Datapath path =
        new Datapath(
            q("e3m2:ieee", RoundingMode.SR, 3),
            Optional.empty(),
            q("e4m3:ieee", RoundingMode.RNE, 0),
            Optional.empty(),
            q("e3m3:ieee", RoundingMode.RDN, 0),
            q("e3m2:ieee", RoundingMode.SR, 4),
            Accumulator.exact(),
            Accumulator.exact(),
            q("e4m3:ieee", RoundingMode.RDN, 0),
            Optional.empty(),
            new FixedFormat(false, 2, 6),
            2,
            31);
    Format input = FormatName.parse("e3m3:ieee").format();
    return new Case(new LinearStepDesign(path, input, input, 6, 1), 6, 2);
  }

  private record Seeded(RtlMutant mutant, Case check) {
    Seeded(String name, String after, String from, String to, Case check) {
      this(new RtlMutant(name, "linear_step.v", after, from, to), check);
    }
  }

  private static List<Seeded> faults() {
    Case fixed = fixed(7, 5);
    Case row = fixed(30, 1);
    Case floats = floats();
    return List.of(
        new Seeded(
            "weights read where they are written",
            "",
            "backward ? gradient_beat_q : loading",
            "backward ? write_beat_q : loading",
            fixed),
        new Seeded(
            RtlMutant.of("a - b the other way", "exact_difference.v", "(-b_wide)", "(b_wide)"),
            floats),
        new Seeded(
            "an activation advances its lane alone",
            ") u_a_rand",
            "{SLOTS{sum_taken}} & (end_q ? last_lanes : own_lane)",
            "{SLOTS{sum_taken}} & own_lane",
            fixed),
        new Seeded("weights drawn anew for each row", "", "first_row ? p : kept", "p", fixed),
        new Seeded("a lane without an element draws", "", "& keep1))", "))", fixed),
        new Seeded(
            "the label of the first beat",
            "[4:0] l_flags;",
            "if (accept)",
            "if (accept & load_ready)",
            fixed),
        new Seeded(
            "the gradient keeps its sign", "u_g_rand", ".NEGATE       (1)", ".NEGATE(0)", fixed),
        new Seeded(
            RtlMutant.of(
                "the sign of a zero gradient",
                "dot_product.v",
                "special_q[0] ^ (NEGATE != 0)",
                "special_q[0]"),
            floats),
        new Seeded(
            RtlMutant.of(
                "the sign of a zero residual", "exact_difference.v", "(~b_sign)", "(b_sign)"),
            floats),
        new Seeded(
            "a gradient that waits draws again",
            ") u_g_rand",
            "{LANES{gradient_taken}}",
            "{LANES{b_valid[0]}}",
            row),
        new Seeded(
            "a feature that waits draws again",
            ") u_d_rand",
            "{LANES{accept}}",
            "{LANES{in_valid}}",
            floats),
        new Seeded(
            "one row goes backwards",
            "",
            "issue_row_q == row_q",
            "issue_row_q == {ROW_W{1'b0}}",
            fixed),
        new Seeded(
            "the rows' lanes go on over the batch",
            "if (step_taken) begin",
            "slot_q  <= {SLOT_W{1'b0}};",
            "",
            fixed),
        new Seeded(
            "a weight that waits moves on",
            "",
            "if (written) write_beat_q",
            "if (out_valid) write_beat_q",
            fixed),
        new Seeded(
            "the velocity takes the product's stream",
            "",
            "LANES[15:0] : TWICE[15:0]",
            "TWICE[15:0] : LANES[15:0]",
            fixed),
        new Seeded(
            "velocities are not kept", ") u_velocities", "written & out_keep[l]", "1'b0", fixed));
  }

  @Test
  void aFaultIsSeen(@TempDir Path temp) throws Exception {
    seen(faults().subList(3, 4), temp);
  }

  @Test
  @Tag("long")
  void everyFaultIsSeen(@TempDir Path temp) throws Exception {
    seen(faults(), temp);
  }

  private static void seen(List<Seeded> faults, Path temp) throws Exception {
    List<String> missed = new ArrayList<>();
    for (Seeded s : faults) {
      String name = s.mutant().name();
      Counts r;
      try {
        r =
            run(
                s.mutant().write(rtl(), temp.resolve("m" + name.hashCode())),
                s.check(),
                200,
                DotProductTest.STALLS[3]);
      } catch (DutException e) {
        System.out.printf("linear_step fault '%s': %s%n", name, e.getMessage());
        continue;
      }
      System.out.printf(
          "linear_step fault '%s': %d of %d words differ%n", name, r.differing(), r.compared());
      if (r.differing() == 0) {
        missed.add(name);
      }
    }
    assertEquals(List.of(), missed);
  }
}
