package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionReader;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.DataSet;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Stalls;
import org.halfulp.sweep.TrainRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Training runs with both twins in the loop. */
@Isolated("one test has the RTL elsewhere")
class LockstepTest {
  private static final int ROWS = 60;
  private static final int BATCH = 4;
  private static final int EPOCHS = 6;
  private static final long STEPS = (long) ROWS / BATCH * EPOCHS;

  @TempDir Path temp;

  private static Quantizer quantizer(String format, RoundingMode mode, int bits) {
    org.halfulp.number.Format f = FormatName.parse(format).format();
    OverflowRule rule = f instanceof FixedFormat ? OverflowRule.SATURATE : OverflowRule.FINITE;
    return new Quantizer(f, mode, rule, bits, true);
  }

  private static Datapath datapath(
      Quantizer weight, Quantizer gradient, Quantizer product, String step, int lanes) {
    Optional<Quantizer> fp8 = Optional.of(quantizer("e4m3fn", RoundingMode.SR, 8));
    return new Datapath(
        fp8,
        fp8,
        fp8,
        fp8,
        fp8,
        Optional.of(gradient),
        Accumulator.exact(),
        Accumulator.exact(),
        Optional.of(weight),
        Optional.ofNullable(product),
        (FixedFormat) FormatName.parse(step).format(),
        lanes,
        17);
  }

  private static Momentum momentum(String format) {
    return new Momentum(
        quantizer(format, RoundingMode.SR, 6), (FixedFormat) FormatName.parse("uq0.7").format());
  }

  /** A linear model and noise; d features. */
  private static DataSet.Split data(int d) {
    Random random = new Random(3);
    double[] x = new double[ROWS * d];
    double[] y = new double[ROWS];
    List<String> names = new ArrayList<>();
    for (int j = 0; j < d; j++) {
      names.add("x" + j);
    }
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < d; j++) {
        x[i * d + j] = random.nextGaussian();
        y[i] += x[i * d + j] * (j % 3 - 1) / 2;
      }
      y[i] += random.nextGaussian() / 8;
    }
    DataSet all = new DataSet(names, "y", x, y);
    return new DataSet.Split(all, all);
  }

  private static final Training.Plan PLAN = new Training.Plan(0.0625, BATCH, EPOCHS, 5, 1);

  private record Run(String name, Datapath datapath, int d, Stalls stalls) {}

  private static List<Run> runs() {
    Stalls both = new Stalls(30, 30, 9);
    Quantizer e5m2 = quantizer("e5m2", RoundingMode.SR, 4);
    return List.of(
        new Run(
            "fixed, SR, d = 8, 4 lanes",
            datapath(
                quantizer("q2.10", RoundingMode.SR, 12),
                quantizer("q4.8", RoundingMode.SR, 8),
                null,
                "uq0.8",
                4),
            8,
            Stalls.NONE),
        new Run(
            "fixed, unfused, d = 7, 4 lanes, stalls",
            datapath(
                quantizer("q2.6", RoundingMode.HALF_UP, 0),
                quantizer("q4.8", RoundingMode.RNE, 0),
                quantizer("q2.12", RoundingMode.SR, 9),
                "uq0.6",
                4),
            7,
            both),
        new Run(
            "bf16, RNE, d = 5, 3 lanes, stalls",
            datapath(quantizer("bf16", RoundingMode.RNE, 0), e5m2, null, "uq-5.6", 3),
            5,
            both),
        new Run(
            "e4m3, SR, d = 13, 16 lanes",
            datapath(quantizer("e4m3fn", RoundingMode.SR, 12), e5m2, null, "uq0.6", 16),
            13,
            Stalls.NONE),
        new Run(
            "fp16, SR, unfused, d = 9, 1 lane, stalls",
            datapath(
                quantizer("fp16", RoundingMode.SR, 10),
                quantizer("fp16", RoundingMode.RNE, 0),
                quantizer("bf16", RoundingMode.SR, 5),
                "uq0.16",
                1),
            9,
            both),
        new Run(
            "fixed, momentum, SR, d = 7, 4 lanes, stalls",
            datapath(
                    quantizer("q2.10", RoundingMode.SR, 12),
                    quantizer("q4.8", RoundingMode.SR, 8),
                    null,
                    "uq0.8",
                    4)
                .with(momentum("q4.10"), 115),
            7,
            both),
        new Run(
            "bf16, momentum, SR, d = 5, 2 lanes, stalls",
            datapath(quantizer("bf16", RoundingMode.SR, 8), e5m2, null, "uq-5.6", 2)
                .with(momentum("bf16"), 58),
            5,
            both));
  }

  @Test
  void everyWordOfATrainingRunIsComparedAndEqual() {
    for (Run run : runs()) {
      Datapath datapath = run.datapath();
      UpdateUnit unit = datapath.updateUnit().orElseThrow();
      int lanes = datapath.lanes();
      long seed = datapath.seed();
      DataSet.Split data = data(run.d());
      Training alone =
          new Training(
              data,
              PLAN,
              datapath,
              WeightUpdate.emulated(new SgdUpdate(unit, lanes, seed), datapath.mu()));
      Training[] both = new Training[1];
      int beats = (run.d() + lanes - 1) / lanes;
      try (UpdateModel model =
          UpdateModel.open(Fixtures.cache(), UpdateCampaign.rtl(), unit, lanes, seed, beats)) {
        Lockstep lockstep =
            new Lockstep(
                model,
                new SgdUpdate(unit, lanes, seed),
                seed,
                datapath.mu(),
                run.stalls(),
                () -> both[0].steps());
        both[0] = new Training(data, PLAN, datapath, lockstep);
        double first = Double.NaN;
        double last = Double.NaN;
        for (int e = 0; e < EPOCHS; e++) {
          last = both[0].epoch().trainLoss();
          first = e == 0 ? last : first;
          assertEquals(last, alone.epoch().trainLoss(), run.name());
          assertArrayEquals(alone.step().weightCodes(), both[0].step().weightCodes(), run.name());
        }
        assertEquals(STEPS * run.d(), lockstep.compared(), run.name());
        assertTrue(lockstep.distinct().count() > run.d(), run.name());
        assertTrue(lockstep.distinct().count() <= lockstep.compared(), run.name());
        assertTrue(lockstep.cycles() >= STEPS * beats, run.name());
        System.out.printf(
            "lockstep, %s: %d steps, %d updates compared, %d distinct, 0 differing, loss %.3f -> %.3f%n",
            run.name(), STEPS, lockstep.compared(), lockstep.distinct().count(), first, last);
      }
    }
  }

  private static final RtlMutant TIES_AWAY =
      RtlMutant.of("ties away from zero", "fp_round.v", "wants = under | is_odd;", "wants = 1'b1;");

  @Test
  void aFaultStopsTrainingWithItsOperands() throws Exception {
    Quantizer weight = quantizer("e5m2", RoundingMode.RNE, 0);
    Datapath datapath = datapath(weight, weight, null, "uq-5.6", 3);
    UpdateUnit unit = datapath.updateUnit().orElseThrow();
    List<Path> sources = TIES_AWAY.write(UpdateCampaign.rtl(), temp.resolve("rtl"));
    Training[] training = new Training[1];
    try (UpdateModel model =
        UpdateModel.open(Fixtures.cache(), sources, unit, 3, datapath.seed(), 2)) {
      Lockstep lockstep =
          new Lockstep(
              model,
              new SgdUpdate(unit, 3, datapath.seed()),
              datapath.seed(),
              Stalls.NONE,
              () -> training[0].steps());
      training[0] = new Training(data(5), PLAN, datapath, lockstep);
      MismatchException stopped =
          assertThrows(
              MismatchException.class,
              () -> {
                for (int e = 0; e < EPOCHS; e++) {
                  training[0].epoch();
                }
              });
      Mismatch m = stopped.mismatch().orElseThrow();
      checkReport(m, training[0].steps());
      assertEquals(stopped.getMessage(), m.report());
      long[] codes = training[0].step().weightCodes();
      assertEquals(lockstep.compared() - 1, training[0].steps() * 5 + weightOf(m));
      assertEquals(m.w(), codes[weightOf(m)], "weights stay as they were before the step");
    }
  }

  private static int weightOf(Mismatch m) {
    return Integer.parseInt(m.where().replaceAll(".*weight (\\d+).*", "$1"));
  }

  private static void checkReport(Mismatch m, long step) {
    assertTrue(m.rtl() != m.emulator() || m.rtlFlags() != m.emulatorFlags());
    int weight = weightOf(m);
    assertEquals("step %d, lane %d (weight %d)".formatted(step, weight % 3, weight), m.where());
    // The emulator's side is right: the exact twin says so too.
    assertEquals(m.unit().exactly(m.w(), m.g(), m.step(), 0, 0).code(), m.emulator(), m.report());
    org.halfulp.number.Format f = m.unit().weight().format();
    for (String part :
        List.of(
            m.where(),
            f.hex(m.w()),
            f.hex(m.rtl()),
            f.hex(m.emulator()),
            m.unit().gradient().hex(m.g()),
            String.valueOf(f.toDouble(m.w())),
            String.valueOf(f.toDouble(m.rtl())),
            String.valueOf(f.toDouble(m.emulator())))) {
      assertTrue(m.report().contains(part), () -> part + " is not in " + m.report());
    }
  }

  @Test
  void aDescribedRunStopsAtAFaultOfTheRtl() throws Exception {
    Path rtl = temp.resolve("faulty");
    TIES_AWAY.write(UpdateCampaign.rtl(), rtl);
    DataSet data = data(5).train();
    StringBuilder csv = new StringBuilder("x0,x1,x2,x3,x4,y\n");
    for (int i = 0; i < data.rows(); i++) {
      for (int j = 0; j < 5; j++) {
        csv.append(data.x()[i * 5 + j]).append(',');
      }
      csv.append(data.y()[i]).append('\n');
    }
    Files.writeString(temp.resolve("data.csv"), csv);
    Path yaml =
        Files.writeString(
            temp.resolve("run.yaml"),
            """
            name: faulty
            data: {file: data.csv, target: y, test_fraction: 0.1, seed: 1}
            training: {step_size: 2^-4, batch: 4, epochs: 20, shuffle_seed: 1, average_from: 1}
            datapath:
              seed: 7
              lanes: 3
              quantizers:
                gradient: {format: e5m2, rounding: rne, overflow: finite}
              update:
                weight: {format: e5m2, rounding: rne, overflow: finite}
                product: fused
                step_format: uq-5.6
            """);
    Description description = DescriptionReader.read(yaml);
    String before = System.getProperty(RtlSources.PROPERTY);
    try {
      System.setProperty(RtlSources.PROPERTY, rtl.toString());
      try (TrainRun run =
          new TrainRun(description, TrainRun.Scope.UPDATE, Fixtures.cache(), Stalls.NONE)) {
        run.run(row -> {});
        TrainRun.Stopped stopped = run.stopped().orElseThrow();
        assertEquals("the twins differ", stopped.reason());
        checkReport(
            stopped.difference().orElseThrow().mismatch().orElseThrow(), run.quantized().steps());
        System.out.print(stopped.difference().get().report());
      }
    } finally {
      if (before == null) {
        System.clearProperty(RtlSources.PROPERTY);
      } else {
        System.setProperty(RtlSources.PROPERTY, before);
      }
    }
    try (TrainRun run =
        new TrainRun(description, TrainRun.Scope.UPDATE, Fixtures.cache(), Stalls.NONE)) {
      run.run(row -> {});
      assertEquals(Optional.empty(), run.stopped());
      assertEquals(20, run.rows().size());
      assertEquals(20L * (54 / 4) * 5, run.twins().orElseThrow().compared());
    }
  }

  private StepLockstep steps(Path rtl) {
    String before = System.getProperty(RtlSources.PROPERTY);
    Quantizer q =
        new Quantizer(
            new FixedFormat(true, 10, 6), RoundingMode.SR, OverflowRule.SATURATE, 8, true);
    Optional<Quantizer> each = Optional.of(q);
    Datapath path =
        new Datapath(
            each,
            each,
            each,
            each,
            each,
            each,
            Accumulator.exact(),
            Accumulator.exact(),
            each,
            Optional.empty(),
            new FixedFormat(false, 8, 8),
            2,
            9);
    try {
      if (rtl != null) {
        System.setProperty(RtlSources.PROPERTY, rtl.toString());
      }
      return new StepLockstep(
          Fixtures.cache(), path, new FixedFormat(true, 16, 12), 6, 3, 3 * 0x1p-5, Stalls.NONE);
    } finally {
      if (before == null) {
        System.clearProperty(RtlSources.PROPERTY);
      } else {
        System.setProperty(RtlSources.PROPERTY, before);
      }
    }
  }

  private static void run(StepLockstep steps, int n) {
    Random random = new Random(4);
    double[] x = new double[18];
    double[] y = new double[3];
    for (int t = 0; t < n; t++) {
      for (int b = 0; b < 3; b++) {
        y[b] = 0;
        for (int j = 0; j < 6; j++) {
          x[b * 6 + j] = (random.nextInt(2048) - 1024) * 0x1p-10;
          y[b] += x[b * 6 + j] / 4;
        }
      }
      steps.run(x, y);
    }
  }

  @Test
  void everyWordOfWholeStepsIsComparedAndEqual() {
    StepLockstep steps = steps(null);
    try (steps) {
      run(steps, 200);
      assertEquals(200 * (6 + 1), steps.compared());
      assertTrue(steps.distinct().count() > 300, () -> "" + steps.distinct().count());
      for (double w : steps.weights()) {
        assertEquals(0.25, w, 0.15, "the data's weights");
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> steps.run(new double[18], new double[] {0x1p-13, 0, 0}));
    }
  }

  @Test
  void aFaultStopsWholeSteps() throws Exception {
    Path rtl = temp.resolve("faulty");
    RtlMutant.of(
            "the residual of the row before",
            "linear_step.v",
            "slot_q <= (slot_q == SLOT_MAX) ? {SLOT_W{1'b0}} : slot_q + SLOT_ONE;",
            "slot_q <= slot_q;")
        .write(RtlSources.of("linear_step", Fixtures.cache().folder()), rtl);
    StepLockstep steps = steps(rtl);
    try (steps) {
      MismatchException stopped = assertThrows(MismatchException.class, () -> run(steps, 200));
      assertTrue(stopped.report().contains("residual of row 2"), stopped.report());
      assertTrue(stopped.report().contains("linear_step: q4.6"), stopped.report());
    }
  }
}
