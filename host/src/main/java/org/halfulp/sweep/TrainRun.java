package org.halfulp.sweep;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.halfulp.input.CsvData;
import org.halfulp.input.Description;
import org.halfulp.input.InputException;
import org.halfulp.kernel.QuantizerSet;
import org.halfulp.kernel.Rounder;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.DataSet;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.GaussianSamples;
import org.halfulp.learn.Step;
import org.halfulp.learn.Training;
import org.halfulp.learn.TrainingStep;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.NanException;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.theory.QuantizedRegression;
import org.halfulp.verify.Lockstep;
import org.halfulp.verify.MismatchException;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.StepLockstep;
import org.halfulp.verify.Twins;
import org.halfulp.verify.UpdateModel;

/**
 * One described training run beside a binary64 run of the same steps, with the update unit's RTL in
 * the loop if asked for.
 */
public final class TrainRun implements AutoCloseable {

  /**
   * Losses of the quantized run and of the binary64 run after the same epoch.
   *
   * @param exact the binary64 run
   * @param tested whether there are test rows
   * @param averaged whether averaging had begun
   */
  public record Row(
      Training.Epoch quantized, Training.Epoch exact, boolean tested, boolean averaged) {}

  /** What of a step the RTL does. */
  public enum Scope {
    /** Nothing. */
    NONE,
    /** The weights' update, {@code sgd_update.v}. */
    UPDATE,
    /** All of it, {@code linear_step.v}. */
    STEP
  }

  /**
   * Why a run ended before its last epoch.
   *
   * @param difference of the twins, if that is why
   */
  public record Stopped(String reason, Optional<MismatchException> difference) {}

  private static final int COPIES = 3; // all rows, their split, and that standardized or rounded

  private final Description description;
  private final DataSet.Split data;
  private final Training quantized;
  private final Training exact;
  private final Optional<Twins> twins;
  private final Optional<RiskCurve> risk;
  private final Optional<RiskCurve> exactRisk;
  private final List<Row> rows = new ArrayList<>();
  private Optional<Stopped> stopped = Optional.empty();
  private long quantizedNanos;
  private long exactNanos;

  /**
   * Reads the data and builds the model.
   *
   * @param cache of models; unread where the RTL does nothing
   */
  public TrainRun(Description description, Scope scope, ModelCache cache, Stalls stalls) {
    this.description = description;
    this.data = load(description.data());
    Training.Plan plan = description.training();
    Datapath datapath = description.datapath();
    Optional<UpdateUnit> unit = datapath.updateUnit();
    exact = training(data, plan, () -> step(Datapath.binary64(), null));
    if (scope != Scope.NONE && unit.isEmpty()) {
      throw new IllegalArgumentException("weights without a format have no update unit");
    }
    Twins[] opened = new Twins[1];
    try {
      quantized =
          training(
              data,
              plan,
              () ->
                  switch (scope) {
                    case NONE -> step(datapath, unit.map(u -> emulated(datapath, u)).orElse(null));
                    case UPDATE -> {
                      Lockstep both = lockstep(cache, stalls);
                      opened[0] = both;
                      yield step(datapath, both);
                    }
                    case STEP -> {
                      StepLockstep both = stepLockstep(cache, stalls);
                      opened[0] = both;
                      yield both;
                    }
                  });
    } catch (RuntimeException e) {
      if (opened[0] != null) {
        opened[0].close();
      }
      throw e;
    }
    twins = Optional.ofNullable(opened[0]);
    risk = RiskCurve.of(description, quantized);
    exactRisk = risk.flatMap(r -> RiskCurve.of(Identity.reference(description), exact));
  }

  private Step step(Datapath datapath, WeightUpdate update) {
    Training.Plan plan = description.training();
    return new TrainingStep(datapath, data.train().columns(), plan.batch(), plan.stepSize(), update)
        .threads(Runtime.getRuntime().availableProcessors());
  }

  private static WeightUpdate emulated(Datapath datapath, UpdateUnit unit) {
    return WeightUpdate.emulated(
        new SgdUpdate(unit, datapath.lanes(), datapath.seed()), datapath.mu());
  }

  private Lockstep lockstep(ModelCache cache, Stalls stalls) {
    Datapath datapath = description.datapath();
    UpdateUnit unit = datapath.updateUnit().orElseThrow();
    int d = data.train().columns();
    int beats = (d + datapath.lanes() - 1) / datapath.lanes();
    UpdateModel model =
        UpdateModel.open(
            cache,
            RtlSources.sgdUpdate(cache.folder()),
            unit,
            datapath.lanes(),
            datapath.seed(),
            beats);
    SgdUpdate emulator = new SgdUpdate(unit, datapath.lanes(), datapath.seed());
    return new Lockstep(
        model, emulator, datapath.seed(), datapath.mu(), stalls, () -> quantized.steps());
  }

  private StepLockstep stepLockstep(ModelCache cache, Stalls stalls) {
    Training.Plan plan = description.training();
    Format input =
        description
            .data()
            .input()
            .orElseThrow(
                () ->
                    new InputException(
                        "data.input must be the format in which features and labels come, for"
                            + " instance q4.12, where the RTL does whole steps"));
    return new StepLockstep(
        cache,
        description.datapath(),
        input,
        data.train().columns(),
        plan.batch(),
        plan.stepSize(),
        stalls);
  }

  private static Quantizer asItComes(Format format) {
    OverflowRule rule = format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
    return new Quantizer(format, RoundingMode.RNE, rule, 0, false);
  }

  private static Training training(DataSet.Split data, Training.Plan plan, Supplier<Step> step) {
    try {
      return new Training(data, plan, step);
    } catch (IllegalArgumentException e) {
      throw new InputException("training: " + e.getMessage());
    }
  }

  static DataSet.Split load(Description.Data data) {
    DataSet all = rows(data.source());
    try {
      DataSet.Split split = all.split(data.testFraction(), data.seed());
      if (data.standardize()) {
        DataSet.Scaling scaling = split.train().scaling();
        split =
            new DataSet.Split(
                split.train().standardized(scaling), split.test().standardized(scaling));
      }
      if (data.input().isEmpty()) {
        return split;
      }
      Rounder rounder = new Rounder(asItComes(data.input().get()));
      return new DataSet.Split(split.train().rounded(rounder), split.test().rounded(rounder));
    } catch (IllegalArgumentException e) {
      throw new InputException(data.source() + ": " + e.getMessage());
    }
  }

  private static DataSet rows(Description.Source source) {
    if (source instanceof Description.Csv csv) {
      return CsvData.read(csv.file(), csv.target(), csv.drop());
    }
    Description.Gaussian drawn = (Description.Gaussian) source;
    long bytes = COPIES * 8L * drawn.features() * drawn.rows();
    long memory = Runtime.getRuntime().maxMemory();
    if (bytes > memory || (long) drawn.features() * drawn.rows() > Integer.MAX_VALUE - 8) {
      throw new InputException(
          "data.gaussian: %,d rows of %,d features take %,d MiB, Java has %,d MiB and no array of 2^31; take fewer rows, or give more memory by HALFULP_JAVA_OPTS=-Xmx..."
              .formatted(drawn.rows(), drawn.features(), bytes >> 20, memory >> 20));
    }
    double[] x = new double[drawn.features() * drawn.rows()];
    double[] y = new double[drawn.rows()];
    new GaussianSamples(drawn.problem(), drawn.seed()).draw(x, y, drawn.rows());
    List<String> names = IntStream.rangeClosed(1, drawn.features()).mapToObj(i -> "x" + i).toList();
    return new DataSet(names, "y", x, y);
  }

  /**
   * Runs every epoch, or up to the first difference between the twins, the first NaN that has no
   * code, or the step at which the quantized run diverges.
   *
   * @param afterEpoch takes each row as soon as it is known
   */
  public void run(Consumer<Row> afterEpoch) {
    for (int e = 0;
        e < description.training().epochs() && stopped.isEmpty() && !quantized.diverged();
        e++) {
      try {
        Training.Epoch q = timedQuantizedEpoch();
        long start = System.nanoTime();
        // beside a run that diverged, as many steps
        Training.Epoch x = quantized.diverged() ? exactUpTo(q.steps()) : exact.epoch();
        exactNanos += System.nanoTime() - start;
        boolean tested = data.test().rows() > 0;
        boolean averaged = q.epoch() >= description.training().averageFrom();
        Row row = new Row(q, x, tested, averaged);
        rows.add(row);
        afterEpoch.accept(row);
      } catch (MismatchException difference) {
        stopped = Optional.of(new Stopped("the twins differ", Optional.of(difference)));
      } catch (NanException nan) {
        stopped =
            Optional.of(
                new Stopped(
                    "step " + quantized.steps() + ": " + nan.getMessage(), Optional.empty()));
      }
    }
  }

  private Training.Epoch exactUpTo(long steps) {
    return exact.steps() < steps ? exact.epochUpTo(steps) : exact.epoch();
  }

  /** Its time counts also when the epoch ends early. */
  private Training.Epoch timedQuantizedEpoch() {
    long start = System.nanoTime();
    try {
      return quantized.epoch();
    } finally {
      quantizedNanos += System.nanoTime() - start;
    }
  }

  public Description description() {
    return description;
  }

  /**
   * What theory says against the step size, where it knows the data: drawn from a normal
   * distribution, and as drawn. In full precision; quantizers take more.
   */
  public static Optional<String> stepWarning(Description description) {
    Training.Plan plan = description.training();
    if (!(description.data().source() instanceof Description.Gaussian drawn)
        || description.data().standardize()) {
      return Optional.empty();
    }
    GaussianProblem problem = drawn.problem();
    double limit =
        new QuantizedRegression(
                problem.spectrum(), problem.target(), problem.noise(), QuantizerSet.NONE)
            .stepLimit(plan.batch());
    return plan.stepSize() <= limit
        ? Optional.empty()
        : Optional.of(
            "training.step_size %s is beyond %.3g, up to which the mean square error stays bounded at batch %d in full precision: expect divergence or saturated weights"
                .formatted(plan.stepSize(), limit, plan.batch()));
  }

  public DataSet.Split data() {
    return data;
  }

  /** The epochs so far. */
  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** Why the run ended early, if it did. */
  public Optional<Stopped> stopped() {
    return stopped;
  }

  /** Excess risk of the quantized run beside theory; empty where theory says nothing of it. */
  public Optional<RiskCurve> risk() {
    return risk;
  }

  /** The same of the binary64 run. */
  public Optional<RiskCurve> exactRisk() {
    return exactRisk;
  }

  public Training quantized() {
    return quantized;
  }

  public Training exact() {
    return exact;
  }

  /** RTL and emulator side by side, unless the emulator was alone. */
  public Optional<Twins> twins() {
    return twins;
  }

  /** Time of the quantized run, the RTL's included. */
  public Duration quantizedTime() {
    return Duration.ofNanos(quantizedNanos);
  }

  public Duration exactTime() {
    return Duration.ofNanos(exactNanos);
  }

  @Override
  public void close() {
    twins.ifPresent(Twins::close);
  }
}
