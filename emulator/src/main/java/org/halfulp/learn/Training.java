package org.halfulp.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Runs of training steps over the epochs of a data set. Each epoch shuffles the rows by the run's
 * seed and takes its full mini-batches; the rows left over wait for the next epoch's shuffle.
 */
public final class Training {

  /**
   * How long and how fast.
   *
   * @param stepSize eta; each step moves by eta/B
   * @param batch rows B of a step
   * @param shuffleSeed of the row order, the same for every run that is compared
   * @param averageFrom the first epoch (from 1) whose iterates enter the Polyak average
   */
  public record Plan(double stepSize, int batch, int epochs, long shuffleSeed, int averageFrom) {
    public Plan {
      if (!(stepSize > 0 && stepSize <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException("step size must be positive, got " + stepSize);
      }
      if (batch < 1) {
        throw new IllegalArgumentException("batch must be at least 1, got " + batch);
      }
      if (epochs < 1) {
        throw new IllegalArgumentException("epochs must be at least 1, got " + epochs);
      }
      if (averageFrom < 1 || averageFrom > epochs) {
        throw new IllegalArgumentException(
            "average_from must be in [1, %d] (the epochs), got %d".formatted(epochs, averageFrom));
      }
    }
  }

  /**
   * Losses (mean squared error in binary64) after an epoch; test losses are NaN without test rows,
   * average losses before averaging begins.
   */
  public record Epoch(
      int epoch,
      long steps,
      double trainLoss,
      double testLoss,
      double averageTrainLoss,
      double averageTestLoss) {}

  private final DataSet train;
  private final DataSet test;
  private final Plan plan;
  private final Step step;
  private final double[] rows; // as the step takes them
  private final Random random;
  private final double[] x;
  private final double[] y;
  private final double[] sum;
  private final List<Epoch> history = new ArrayList<>();
  private long averaged;
  private long steps;
  private boolean diverged;
  private LongConsumer watcher = total -> {};

  /** Of steps in the emulator, with that update of the weights. */
  public Training(DataSet.Split data, Plan plan, Datapath datapath, WeightUpdate update) {
    this(
        data,
        plan,
        () ->
            new TrainingStep(
                datapath, data.train().columns(), plan.batch(), plan.stepSize(), update));
  }

  /**
   * @param step asked for once, when data and plan are known to fit
   */
  public Training(DataSet.Split data, Plan plan, Supplier<Step> step) {
    this.train = data.train();
    this.test = data.test();
    this.plan = plan;
    if (plan.batch() > train.rows()) {
      throw new IllegalArgumentException(
          "batch must be at most the %d training rows, got %d"
              .formatted(train.rows(), plan.batch()));
    }
    int d = train.columns();
    this.step = step.get();
    this.rows = this.step.prepared(train.x());
    this.random = new Random(plan.shuffleSeed());
    this.x = new double[plan.batch() * d];
    this.y = new double[plan.batch()];
    this.sum = new double[d];
  }

  /**
   * After each step that follows.
   *
   * @param watcher takes the steps made so far
   */
  public void watch(LongConsumer watcher) {
    this.watcher = watcher;
  }

  /** Steps of one epoch. */
  public int stepsPerEpoch() {
    return train.rows() / plan.batch();
  }

  /** Steps made so far; inside a {@link WeightUpdate} the number of the step at hand, from 0. */
  public long steps() {
    return steps;
  }

  /**
   * Whether the square of a weight, or the loss after an epoch, left the finite numbers of
   * binary64; no step follows.
   */
  public boolean diverged() {
    return diverged;
  }

  /**
   * Runs one epoch and returns its losses. The step that makes a weight's square infinite or NaN is
   * the last: the epoch ends with it, and its average is none.
   */
  public Epoch epoch() {
    return epochUpTo(Long.MAX_VALUE);
  }

  /**
   * The same, and ends early with a step.
   *
   * @param last number of the last step, from 1; more than were made
   */
  public Epoch epochUpTo(long last) {
    if (last <= steps) {
      throw new IllegalArgumentException(
          "%d steps are made, so that %d is none to come".formatted(steps, last));
    }
    int d = train.columns();
    int number = history.size() + 1;
    boolean averages = number >= plan.averageFrom();
    int[] order = DataSet.permutation(train.rows(), random);
    int batches = stepsPerEpoch();
    for (int b = 0; b < batches && !diverged && steps < last; b++) {
      for (int i = 0; i < plan.batch(); i++) {
        int row = order[b * plan.batch() + i];
        System.arraycopy(rows, row * d, x, i * d, d);
        y[i] = train.y()[row];
      }
      if (averages) {
        double[] w = step.weights();
        for (int j = 0; j < d; j++) {
          sum[j] += w[j];
        }
        averaged++;
      }
      step.run(x, y);
      steps++;
      diverged = !isFinite(step.weights());
      watcher.accept(steps);
    }
    double[] w = step.weights();
    double[] average = diverged ? null : average();
    Epoch result =
        new Epoch(
            number,
            steps,
            train.loss(w),
            test.loss(w),
            average == null ? Double.NaN : train.loss(average),
            average == null ? Double.NaN : test.loss(average));
    diverged |= !Double.isFinite(result.trainLoss());
    history.add(result);
    return result;
  }

  /** Weights whose squares are finite; no squared loss is where they are not. */
  private static boolean isFinite(double[] w) {
    for (double v : w) {
      if (!Double.isFinite(v * v)) {
        return false;
      }
    }
    return true;
  }

  /**
   * The Polyak average (1/N) sum of w_t over the iterates before each step (Zhang, Su and Zou,
   * section 3), summed in binary64; null before averaging begins.
   */
  public double[] average() {
    if (averaged == 0) {
      return null;
    }
    double[] mean = sum.clone();
    for (int j = 0; j < mean.length; j++) {
      mean[j] /= averaged;
    }
    return mean;
  }

  public Step step() {
    return step;
  }

  public List<Epoch> history() {
    return List.copyOf(history);
  }
}
