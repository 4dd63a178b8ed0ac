package org.halfulp.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import org.halfulp.kernel.QuantizerSet;

/**
 * Many independent runs of SGD, in parallel, and the mean of their excess risks. The same numbers
 * for any number of threads: each run has a seed of its own, and sums go by run.
 */
public final class Runs {

  /** One run, from weights 0. */
  public interface Iterates extends AutoCloseable {
    /**
     * One step.
     *
     * @return false once a weight is no longer finite; nothing is done from then on
     */
    boolean step();

    /** Steps made, the one that diverged included. */
    long steps();

    /** The last iterate, not a copy. */
    double[] weights();

    /** The mean of the iterates before each step; NaN before the first. */
    double[] average();

    @Override
    default void close() {}
  }

  /** Mean over runs with its standard error; infinite if a run diverged. */
  public record Estimate(double mean, double standardError) {}

  /** Risks after a number of steps. */
  public record Point(
      long steps,
      Estimate average,
      Estimate last,
      Estimate averageOnQuantized,
      Estimate lastOnQuantized) {}

  /**
   * What came out.
   *
   * @param diverged runs whose weights left the finite numbers
   * @param firstDivergence the earliest step at which one did, 0 if none
   */
  public record Result(List<Point> points, int diverged, long firstDivergence) {}

  private final GaussianProblem problem;
  private final LongFunction<Iterates> maker;
  private final double[] second;
  private final double[] cross;

  /** Runs of {@link OnePassSgd}. */
  public Runs(
      GaussianProblem problem,
      QuantizerSet quantizers,
      OnePassSgd.Plan plan,
      double[] second,
      double[] cross) {
    this(problem, seed -> new OnePassSgd(problem, quantizers, plan, seed), second, cross);
  }

  /**
   * @param maker of a run from its seed; called by many threads
   * @param second E q^2 of the quantized features, for the risk on them
   * @param cross E q x
   */
  public Runs(
      GaussianProblem problem, LongFunction<Iterates> maker, double[] second, double[] cross) {
    this.problem = problem;
    this.maker = maker;
    this.second = second;
    this.cross = cross;
  }

  /**
   * Runs all of them.
   *
   * @param at steps at which risks are taken, ascending, the first at least 1
   * @param runs at least 2
   * @param threads at least 1
   */
  public Result run(long[] at, int runs, long seed, int threads) {
    if (at.length == 0 || at[0] < 1) {
      throw new IllegalArgumentException("risks are taken after at least 1 step");
    }
    for (int i = 1; i < at.length; i++) {
      if (at[i] <= at[i - 1]) {
        throw new IllegalArgumentException(
            "steps must ascend, got %d after %d".formatted(at[i], at[i - 1]));
      }
    }
    if (runs < 2) {
      throw new IllegalArgumentException("runs must be at least 2, got " + runs);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + threads);
    }
    ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, runs));
    try {
      List<Future<Outcome>> futures = new ArrayList<>();
      for (int r = 0; r < runs; r++) {
        long own = seedOf(seed, r);
        futures.add(pool.submit(() -> one(at, own)));
      }
      List<Outcome> outcomes = new ArrayList<>();
      for (Future<Outcome> future : futures) {
        outcomes.add(future.get());
      }
      return summary(at, outcomes);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static long seedOf(long seed, int run) {
    return new SplittableRandom(seed ^ (run + 1) * 0xD1342543DE82EF95L).nextLong();
  }

  /** Four risks a point; steps of a divergence or 0. */
  private record Outcome(double[][] risks, long divergedAt) {}

  private Outcome one(long[] at, long seed) {
    try (Iterates sgd = maker.apply(seed)) {
      return one(at, sgd);
    }
  }

  private Outcome one(long[] at, Iterates sgd) {
    double[][] risks = new double[at.length][4];
    for (int p = 0; p < at.length; p++) {
      while (sgd.steps() < at[p]) {
        if (!sgd.step()) {
          for (int rest = p; rest < at.length; rest++) {
            Arrays.fill(risks[rest], Double.POSITIVE_INFINITY);
          }
          return new Outcome(risks, sgd.steps());
        }
      }
      double[] spectrum = problem.spectrum();
      double[] average = sgd.average();
      risks[p][0] = problem.risk(average, spectrum, spectrum);
      risks[p][1] = problem.risk(sgd.weights(), spectrum, spectrum);
      risks[p][2] = problem.risk(average, second, cross);
      risks[p][3] = problem.risk(sgd.weights(), second, cross);
    }
    return new Outcome(risks, 0);
  }

  private static Result summary(long[] at, List<Outcome> outcomes) {
    List<Point> points = new ArrayList<>();
    for (int p = 0; p < at.length; p++) {
      Estimate[] e = new Estimate[4];
      for (int k = 0; k < 4; k++) {
        e[k] = estimate(outcomes, p, k);
      }
      points.add(new Point(at[p], e[0], e[1], e[2], e[3]));
    }
    int diverged = 0;
    long first = 0;
    for (Outcome o : outcomes) {
      if (o.divergedAt() > 0) {
        diverged++;
        first = first == 0 ? o.divergedAt() : Math.min(first, o.divergedAt());
      }
    }
    return new Result(List.copyOf(points), diverged, first);
  }

  private static Estimate estimate(List<Outcome> outcomes, int point, int which) {
    int n = outcomes.size();
    double mean = 0;
    for (Outcome o : outcomes) {
      mean += o.risks()[point][which] / n;
    }
    if (!Double.isFinite(mean)) {
      return new Estimate(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    double squares = 0;
    for (Outcome o : outcomes) {
      double off = o.risks()[point][which] - mean;
      squares += off * off;
    }
    return new Estimate(mean, Math.sqrt(squares / (n - 1) / n));
  }
}
