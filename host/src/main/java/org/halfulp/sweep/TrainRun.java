package org.halfulp.sweep;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.halfulp.input.CsvData;
import org.halfulp.input.Description;
import org.halfulp.input.InputException;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.DataSet;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.number.NanException;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Lockstep;
import org.halfulp.verify.Mismatch;
import org.halfulp.verify.MismatchException;
import org.halfulp.verify.RtlSources;
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

  /** Why a run ended before its last epoch. */
  public record Stopped(String reason, Optional<Mismatch> mismatch) {}

  private final Description description;
  private final DataSet.Split data;
  private final Training quantized;
  private final Training exact;
  private final Optional<UpdateModel> model;
  private final Optional<Lockstep> lockstep;
  private final List<Row> rows = new ArrayList<>();
  private Optional<Stopped> stopped = Optional.empty();
  private long quantizedNanos;
  private long exactNanos;

  /**
   * Reads the data and builds the model.
   *
   * @param cache of models, or null to leave the RTL out
   */
  public TrainRun(Description description, ModelCache cache, Stalls stalls) {
    this.description = description;
    this.data = load(description.data());
    Training.Plan plan = description.training();
    Datapath datapath = description.datapath();
    Optional<UpdateUnit> unit = datapath.updateUnit();
    exact = training(data, plan, Datapath.binary64(), null);
    if (unit.isEmpty()) {
      if (cache != null) {
        throw new IllegalArgumentException("weights without a format have no update unit");
      }
      model = Optional.empty();
      lockstep = Optional.empty();
      quantized = training(data, plan, datapath, null);
      return;
    }
    SgdUpdate emulator = new SgdUpdate(unit.get(), datapath.lanes(), datapath.seed());
    if (cache == null) {
      model = Optional.empty();
      lockstep = Optional.empty();
      quantized = training(data, plan, datapath, WeightUpdate.emulated(emulator, datapath.mu()));
      return;
    }
    int d = data.train().columns();
    int beats = (d + datapath.lanes() - 1) / datapath.lanes();
    List<Path> sources = RtlSources.sgdUpdate(cache.folder());
    UpdateModel opened =
        UpdateModel.open(cache, sources, unit.get(), datapath.lanes(), datapath.seed(), beats);
    Training[] self = new Training[1];
    Lockstep both =
        new Lockstep(
            opened, emulator, datapath.seed(), datapath.mu(), stalls, () -> self[0].steps());
    model = Optional.of(opened);
    lockstep = Optional.of(both);
    try {
      quantized = training(data, plan, datapath, both);
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
    self[0] = quantized;
  }

  private static Training training(
      DataSet.Split data, Training.Plan plan, Datapath datapath, WeightUpdate update) {
    try {
      return new Training(data, plan, datapath, update);
    } catch (IllegalArgumentException e) {
      throw new InputException("training: " + e.getMessage());
    }
  }

  private static DataSet.Split load(Description.Data data) {
    DataSet all = CsvData.read(data.file(), data.target(), data.drop());
    try {
      DataSet.Split split = all.split(data.testFraction(), data.seed());
      if (!data.standardize()) {
        return split;
      }
      DataSet.Scaling scaling = split.train().scaling();
      return new DataSet.Split(
          split.train().standardized(scaling), split.test().standardized(scaling));
    } catch (IllegalArgumentException e) {
      throw new InputException(data.file() + ": " + e.getMessage());
    }
  }

  /**
   * Runs every epoch, or up to the first difference between the twins or the first NaN that has no
   * code.
   *
   * @param afterEpoch takes each row as soon as it is known
   */
  public void run(Consumer<Row> afterEpoch) {
    for (int e = 0; e < description.training().epochs() && stopped.isEmpty(); e++) {
      try {
        Training.Epoch q = timedQuantizedEpoch();
        long start = System.nanoTime();
        Training.Epoch x = exact.epoch();
        exactNanos += System.nanoTime() - start;
        boolean tested = data.test().rows() > 0;
        boolean averaged = q.epoch() >= description.training().averageFrom();
        Row row = new Row(q, x, tested, averaged);
        rows.add(row);
        afterEpoch.accept(row);
      } catch (MismatchException difference) {
        stopped = Optional.of(new Stopped("the twins differ", Optional.of(difference.mismatch())));
      } catch (NanException nan) {
        stopped =
            Optional.of(
                new Stopped(
                    "step " + quantized.steps() + ": " + nan.getMessage(), Optional.empty()));
      }
    }
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

  public Training quantized() {
    return quantized;
  }

  public Training exact() {
    return exact;
  }

  public Optional<UpdateModel> model() {
    return model;
  }

  public Optional<Lockstep> lockstep() {
    return lockstep;
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
    model.ifPresent(UpdateModel::close);
  }
}
