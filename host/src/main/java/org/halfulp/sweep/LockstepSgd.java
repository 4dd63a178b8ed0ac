package org.halfulp.sweep;

import java.util.concurrent.atomic.AtomicLong;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.GaussianSamples;
import org.halfulp.learn.Runs;
import org.halfulp.learn.TrainingStep;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Lockstep;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.UpdateModel;

/**
 * One pass of quantized SGD over fresh samples with weights stored in a format: the RTL of the
 * update unit moves them, beside the emulator, word by word.
 */
final class LockstepSgd implements Runs.Iterates {
  private final GaussianSamples samples;
  private final Lockstep lockstep;
  private final TrainingStep step;
  private final AtomicLong words;
  private final int batch;
  private final double[] x;
  private final double[] y;
  private final double[] sum;
  private long steps;

  /**
   * @param seed of the samples and of the datapath's random bits
   * @param words takes the words compared when this is closed
   */
  LockstepSgd(
      GaussianProblem problem,
      Datapath datapath,
      double stepSize,
      int batch,
      long seed,
      ModelCache cache,
      AtomicLong words) {
    int d = problem.dimension();
    this.batch = batch;
    this.words = words;
    samples = new GaussianSamples(problem, seed);
    x = new double[batch * d];
    y = new double[batch];
    sum = new double[d];
    Datapath own = datapath.with(datapath.lanes(), seed);
    UpdateUnit unit = own.updateUnit().orElseThrow();
    int beats = (d + own.lanes() - 1) / own.lanes();
    UpdateModel model =
        UpdateModel.open(
            cache, RtlSources.sgdUpdate(cache.folder()), unit, own.lanes(), own.seed(), beats);
    SgdUpdate emulator = new SgdUpdate(unit, own.lanes(), own.seed());
    lockstep = new Lockstep(model, emulator, own.seed(), Stalls.NONE, () -> steps);
    try {
      step = new TrainingStep(own, d, batch, stepSize, lockstep);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  @Override
  public boolean step() {
    double[] w = step.weights();
    for (int j = 0; j < sum.length; j++) {
      sum[j] += w[j];
    }
    samples.draw(x, y, batch);
    steps++;
    step.run(x, y);
    for (double v : step.weights()) {
      if (!Double.isFinite(v)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public double[] weights() {
    return step.weights();
  }

  @Override
  public double[] average() {
    double[] mean = new double[sum.length];
    for (int j = 0; j < mean.length; j++) {
      mean[j] = sum[j] / steps;
    }
    return mean;
  }

  @Override
  public void close() {
    words.addAndGet(lockstep.compared());
    lockstep.close();
  }
}
