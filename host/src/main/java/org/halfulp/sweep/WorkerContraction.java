package org.halfulp.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.halfulp.learn.DescentRun;
import org.halfulp.learn.LeastSquares;
import org.halfulp.learn.NaiveDescent;
import org.halfulp.learn.UniformQuantizer;
import org.halfulp.theory.GradientMethod;
import org.halfulp.theory.WaterFilling;

/**
 * How naively quantized gradient descent contracts over K workers that share R bits a coordinate,
 * by water-filling or in equal parts: Lin, Kostina and Hassibi, arXiv 2002.02508v3, algorithm 4 and
 * (60) to (69). Each worker has a Gaussian least-squares problem with curvatures from mu to its
 * L_k; all have one minimizer, as the bound asks. Starts are normal, {@code D = ||x^_0 - x*||}.
 */
public final class WorkerContraction {
  private static final double UNTIL = 1e-12;
  private static final int MOST_STEPS = 10_000;

  /** How the bits are shared. */
  public enum Share {
    WATER_FILLING("water-filling"),
    EQUAL("equal parts");

    private final String label;

    Share(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /**
   * A point.
   *
   * @param rate R, bits of all workers together for a coordinate
   */
  public record Point(Share share, double rate) {}

  /**
   * What came of a point.
   *
   * @param rates R_k of each worker, bits
   * @param levels M_k = floor(2^R_k), as they ran; a worker with one sends nothing
   * @param bound on the contraction factor at the real rates; (68)
   * @param boundOfLevels at the levels; both as they are, also above 1
   * @param mean of the tail's contraction factors, 1 at most; {@code max} the largest
   * @param overall mean of the contraction factors of whole runs, 1 at most
   * @param saturated share of instances with values outside their range
   * @param unfinished share of instances that did not get to 1e-12
   */
  public record Row(
      Point point,
      double[] rates,
      int[] levels,
      double bound,
      double boundOfLevels,
      double mean,
      double max,
      double overall,
      double saturated,
      double unfinished) {

    /** {@code "6.50 5.50 4.50 3.50"}. */
    public String rateText() {
      return Arrays.stream(rates)
          .mapToObj(r -> String.format(Locale.ROOT, "%.2f", r))
          .collect(Collectors.joining(" "));
    }

    /** {@code "90 45 22 11"}. */
    public String levelText() {
      return Arrays.stream(levels).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }
  }

  private record Instance(
      List<LeastSquares> parts, double[] start, double[] best, double distance) {}

  private final double[] smooth;
  private final double convex;
  private final int columns;
  private final List<Instance> instances = new ArrayList<>();

  /**
   * @param smooth L_k of each worker
   * @param convex mu of all, at most the least L_k
   * @param rows of a worker's matrix
   * @param columns n
   */
  public WorkerContraction(
      double[] smooth, double convex, int rows, int columns, int instances, long seed) {
    if (instances < 1) {
      throw new IllegalArgumentException("at least one instance is needed, got " + instances);
    }
    for (double l : smooth) {
      if (!(l >= convex)) {
        throw new IllegalArgumentException(
            "mu must be at most every worker's L, got %s and L = %s".formatted(convex, l));
      }
    }
    this.smooth = smooth.clone();
    this.convex = convex;
    this.columns = columns;
    for (int i = 0; i < instances; i++) {
      this.instances.add(instance(rows, new Random(seed + i)));
    }
  }

  private Instance instance(int rows, Random random) {
    double[] best = normal(columns, random);
    List<LeastSquares> parts = new ArrayList<>();
    for (double l : smooth) {
      double[] a = LeastSquares.gaussian(rows, columns, l / convex, random);
      double[] y = new double[rows];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          a[i * columns + j] *= Math.sqrt(convex);
          y[i] += a[i * columns + j] * best[j];
        }
      }
      parts.add(LeastSquares.of(a, rows, columns, y));
    }
    double[] start = normal(columns, random);
    return new Instance(parts, start, best, DescentRun.distance(start, best));
  }

  private static double[] normal(int n, Random random) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextGaussian();
    }
    return x;
  }

  /** The contraction factor without quantization, of the mean problem; (60), (21). */
  public double unquantized() {
    return GradientMethod.GD.contraction(Arrays.stream(smooth).average().orElseThrow() / convex);
  }

  /** Runs a point over all instances, on all processors; the numbers do not depend on those. */
  public Row run(Point point) {
    WaterFilling shares =
        point.share() == Share.EQUAL
            ? WaterFilling.equal(smooth, convex, point.rate())
            : WaterFilling.of(smooth, convex, point.rate());
    double rho = UniformQuantizer.contraction(columns, 1);
    int[] levels = shares.levels();
    double factor = shares.boundOfLevels(rho);
    List<DescentRun> runs =
        IntStream.range(0, instances.size())
            .parallel()
            .mapToObj(i -> run(instances.get(i), shares, levels, factor))
            .toList();
    double sum = 0;
    double max = 0;
    double overall = 0;
    int saturated = 0;
    int unfinished = 0;
    for (DescentRun run : runs) {
      double tail = Math.min(1, run.tail());
      sum += tail;
      max = Math.max(max, tail);
      overall += run.overall() <= 1 ? run.overall() : 1; // NaN if it diverged
      saturated += run.saturations() > 0 ? 1 : 0;
      unfinished += run.error() < UNTIL ? 0 : 1;
    }
    int n = runs.size();
    return new Row(
        point,
        shares.rates(),
        levels,
        shares.bound(rho),
        factor,
        sum / n,
        max,
        overall / n,
        (double) saturated / n,
        (double) unfinished / n);
  }

  private DescentRun run(Instance at, WaterFilling shares, int[] levels, double factor) {
    List<NaiveDescent.Worker> workers = new ArrayList<>();
    for (int k = 0; k < levels.length; k++) {
      workers.add(
          new NaiveDescent.Worker(
              at.parts.get(k),
              new UniformQuantizer(levels[k]),
              shares.ranges(k, at.distance, factor)));
    }
    double eta = GradientMethod.GD.stepSize(shares.meanSmooth(), convex);
    return DescentRun.of(new NaiveDescent(workers, at.start, eta), at.best, UNTIL, MOST_STEPS);
  }
}
