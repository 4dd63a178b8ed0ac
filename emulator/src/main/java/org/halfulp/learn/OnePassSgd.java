package org.halfulp.learn;

import org.halfulp.kernel.QuantizerSet;
import org.halfulp.kernel.Streams;

/**
 * One run of quantized SGD on fresh samples, from weights 0: {@code w += (gamma/B) Qd(X)^T Qo(Ql(y)
 * - Qa(Qd(X) Qp(w)))}, Zhang, Su and Zou, arXiv:2510.18259, section 3. Sums of products and the
 * update itself are binary64, as the paper has them exact.
 *
 * <p>A shared scale of ideal noise is one a sample for the features, one for the weights, one for
 * the B activations, one for the B residuals, and one a label. Not thread-safe; see {@link Runs}.
 */
public final class OnePassSgd implements Runs.Iterates {
  private static final int LANES = 8;

  /**
   * How a run goes.
   *
   * @param stepSize gamma, positive
   * @param batch B, at least 1
   */
  public record Plan(double stepSize, int batch) {
    public Plan {
      if (!(stepSize > 0 && stepSize <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException("step size must be positive, got " + stepSize);
      }
      if (batch < 1) {
        throw new IllegalArgumentException("batch must be at least 1, got " + batch);
      }
    }
  }

  private final Plan plan;
  private final GaussianSamples samples;
  private final PerturbedTensor data;
  private final PerturbedTensor parameter;
  private final PerturbedTensor activation;
  private final PerturbedTensor label;
  private final PerturbedTensor residual;
  private final double[] x; // B rows
  private final double[] y;
  private final double[] a;
  private final double[] weights;
  private final double[] read; // Qp(w)
  private final double[] sum;
  private long steps;
  private boolean diverged;

  /**
   * @param seed of the samples, the same whatever the quantizers, and of their random bits
   * @throws IllegalArgumentException if a batch has more than 2^31 numbers
   */
  public OnePassSgd(GaussianProblem problem, QuantizerSet quantizers, Plan plan, long seed) {
    int d = problem.dimension();
    long numbers = (long) d * plan.batch();
    if (numbers > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a batch of %d rows of %d features has %d numbers, at most 2^31 - 9 fit; choose a smaller batch"
              .formatted(plan.batch(), d, numbers));
    }
    this.plan = plan;
    samples = new GaussianSamples(problem, seed);
    data = new PerturbedTensor(quantizers.data(), seed, Streams.DATA, LANES);
    parameter = new PerturbedTensor(quantizers.parameter(), seed, Streams.PARAMETER, LANES);
    activation = new PerturbedTensor(quantizers.activation(), seed, Streams.ACTIVATION, LANES);
    label = new PerturbedTensor(quantizers.label(), seed, Streams.LABEL, LANES);
    residual = new PerturbedTensor(quantizers.residual(), seed, Streams.RESIDUAL, LANES);
    x = new double[(int) numbers];
    y = new double[plan.batch()];
    a = new double[plan.batch()];
    weights = new double[d];
    read = new double[d];
    sum = new double[d];
  }

  @Override
  public boolean step() {
    if (diverged) {
      return false;
    }
    int d = weights.length;
    int batch = plan.batch();
    for (int j = 0; j < d; j++) {
      sum[j] += weights[j];
    }
    samples.draw(x, y, batch);
    data.apply(x, x, batch * d, d);
    parameter.apply(weights, read, d, d);
    for (int i = 0; i < batch; i++) {
      double product = 0;
      for (int j = 0; j < d; j++) {
        product += x[i * d + j] * read[j];
      }
      a[i] = product;
    }
    steps++;
    if (!allFinite(a)) {
      diverged = true;
      return false;
    }
    activation.apply(a, a, batch, batch);
    label.apply(y, y, batch, 1);
    residual.applyToDifference(y, a, a, batch);
    double scale = plan.stepSize() / batch;
    for (int i = 0; i < batch; i++) {
      double o = scale * a[i];
      for (int j = 0; j < d; j++) {
        weights[j] += o * x[i * d + j];
      }
    }
    diverged = !allFinite(weights);
    return !diverged;
  }

  private static boolean allFinite(double[] values) {
    for (double v : values) {
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
    return weights;
  }

  @Override
  public double[] average() {
    double[] mean = new double[sum.length];
    for (int j = 0; j < mean.length; j++) {
      mean[j] = sum[j] / steps;
    }
    return mean;
  }
}
