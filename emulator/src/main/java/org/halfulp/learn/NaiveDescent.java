package org.halfulp.learn;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Gradient descent whose K workers quantize their gradients as they are and whose server moves
 * along the mean of what it gets: the naive way, NQ-GD.
 *
 * <p>Lin, Kostina and Hassibi, arXiv 2002.02508v3, algorithm 4; with one worker (27).
 */
public final class NaiveDescent implements Descent {

  /**
   * A part of the function and how its gradient is sent.
   *
   * @param ranges gives r_{0,k}, r_{1,k}, ... and is this run's own
   */
  public record Worker(LeastSquares f, UniformQuantizer quantizer, DoubleSupplier ranges) {}

  private final List<Worker> workers;
  private final double stepSize;
  private final double[] x;
  private final double[] q;
  private final double[] sum;

  public NaiveDescent(List<Worker> workers, double[] start, double stepSize) {
    if (workers.isEmpty()) {
      throw new IllegalArgumentException("at least one worker is needed, got none");
    }
    for (Worker w : workers) {
      if (w.f().columns() != start.length) {
        throw new IllegalArgumentException(
            "the start has %d coordinates, a worker's problem %d"
                .formatted(start.length, w.f().columns()));
      }
    }
    if (!(stepSize > 0 && stepSize <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("the step size must be positive, got " + stepSize);
    }
    this.workers = List.copyOf(workers);
    this.stepSize = stepSize;
    x = start.clone();
    q = new double[x.length];
    sum = new double[x.length];
  }

  @Override
  public void step() {
    Arrays.fill(sum, 0);
    for (Worker w : workers) {
      w.f().gradient(x, q);
      w.quantizer().quantize(q, w.ranges().getAsDouble(), q);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += q[i];
      }
    }
    for (int i = 0; i < x.length; i++) {
      x[i] -= stepSize / workers.size() * sum[i];
    }
  }

  @Override
  public double[] estimate() {
    return x;
  }

  @Override
  public long saturations() {
    return workers.stream().mapToLong(w -> w.quantizer().saturations()).sum();
  }

  @Override
  public double overload() {
    return workers.stream().mapToDouble(w -> w.quantizer().overload()).max().orElse(1);
  }
}
