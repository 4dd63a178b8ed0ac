package org.halfulp.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.halfulp.learn.Descent;
import org.halfulp.learn.DescentRun;
import org.halfulp.learn.DifferentialDescent;
import org.halfulp.learn.DifferentialDescent.Form;
import org.halfulp.learn.LeastSquares;
import org.halfulp.learn.NaiveDescent;
import org.halfulp.learn.UniformQuantizer;
import org.halfulp.theory.ChebyshevSteps;
import org.halfulp.theory.DifferentialRange;
import org.halfulp.theory.GradientMethod;
import org.halfulp.theory.WaterFilling;

/**
 * How quantized gradient methods contract on many instances of least squares, beside their bounds:
 * figures 3 and 4 of Lin, Kostina and Hassibi, arXiv 2002.02508v3. Targets and starts are normal,
 * {@code D = ||x^_0 - x*||}, factors above 1 count as 1.
 */
public final class ContractionTable {
  private static final double UNTIL = 1e-12;
  private static final int MOST_STEPS = 10_000;

  /** A curve of the figures. */
  public enum Method {
    NQ_GD(GradientMethod.GD),
    DQ_GD(GradientMethod.GD),
    DQ_AGD(GradientMethod.AGD),
    DQ_HB(GradientMethod.HB);

    private final GradientMethod method;

    Method(GradientMethod method) {
      this.method = method;
    }

    public String label() {
      return name().replace('_', '-');
    }

    /** The method that it quantizes. */
    public GradientMethod unquantized() {
      return method;
    }

    /** The bound on its contraction factor, 1 at most. */
    public double bound(double kappa, double c) {
      return Math.min(
          1, this == NQ_GD ? GradientMethod.naiveBound(kappa, c) : method.bound(kappa, c));
    }

    /** The bits a coordinate above which it converges, R1; {@code rho} of the quantizer. */
    public double convergentRate(double kappa, double rho) {
      return this == NQ_GD
          ? GradientMethod.naiveConvergentRate(kappa, rho)
          : method.convergentRate(kappa, rho);
    }
  }

  /**
   * How a method is quantized.
   *
   * @param levels M; empty: not at all
   * @param alpha of the heavy ball's ranges
   * @param powersOfTwo whether ranges are rounded up to powers of two; not of NQ-GD
   * @param cycle steps after which the step sizes come again, {@link ChebyshevSteps}; more than 1
   *     of DQ-GD alone
   */
  public record Setting(
      Method method, Optional<Integer> levels, double alpha, boolean powersOfTwo, int cycle) {

    /** As in the figures of the paper, alpha 0. */
    public static Setting of(Method method, int levels) {
      return new Setting(method, Optional.of(levels), 0, false, 1);
    }

    /** The method without quantization. */
    public Setting unquantized() {
      return new Setting(method, Optional.empty(), 0, false, cycle);
    }

    /** {@code "DQ-AGD"}, {@code "AGD"} without quantization, {@code "DQ-GD, 4 steps"}. */
    public String label() {
      String name = levels.isPresent() ? method.label() : method.method.name();
      return cycle == 1 ? name : "%s, %d steps".formatted(name, cycle);
    }
  }

  /**
   * What came of a setting.
   *
   * @param bound on the factor, 1 at most
   * @param mean of the tail's contraction factors, {@code max} the largest
   * @param saturated share of instances with values outside their range
   * @param overload the largest value over its range
   * @param unfinished share of instances whose error was not brought below 1e-12 of the first
   */
  public record Row(
      Setting setting,
      double bound,
      double mean,
      double max,
      double saturated,
      double overload,
      double unfinished) {}

  private record Instance(LeastSquares f, double[] start, double[] best, double distance) {}

  private final List<Instance> instances = new ArrayList<>();

  private ContractionTable() {}

  /** Random targets and starts of one matrix, m x n row-major. */
  public static ContractionTable of(double[] a, int rows, int columns, int instances, long seed) {
    check(instances);
    ContractionTable table = new ContractionTable();
    LeastSquares matrix = LeastSquares.of(a, rows, columns, new double[rows]);
    for (int i = 0; i < instances; i++) {
      table.add(matrix, new Random(seed + i));
    }
    return table;
  }

  /** Random matrices of one condition number as well; {@link LeastSquares#gaussian}. */
  public static ContractionTable gaussian(
      int rows, int columns, double kappa, int instances, long seed) {
    check(instances);
    ContractionTable table = new ContractionTable();
    for (int i = 0; i < instances; i++) {
      Random random = new Random(seed + i);
      double[] a = LeastSquares.gaussian(rows, columns, kappa, random);
      table.add(LeastSquares.of(a, rows, columns, new double[rows]), random);
    }
    return table;
  }

  private static void check(int instances) {
    if (instances < 1) {
      throw new IllegalArgumentException("at least one instance is needed, got " + instances);
    }
  }

  private void add(LeastSquares matrix, Random random) {
    double[] y = normal(matrix.rows(), random);
    double[] start = normal(matrix.columns(), random);
    LeastSquares f = matrix.withTarget(y);
    double[] best = f.minimizer();
    instances.add(new Instance(f, start, best, DescentRun.distance(start, best)));
  }

  private static double[] normal(int n, Random random) {
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = random.nextGaussian();
    }
    return x;
  }

  /** kappa of the first instance. */
  public double kappa() {
    LeastSquares f = instances.get(0).f;
    return f.smooth() / f.convex();
  }

  /** Runs a setting over all instances, on all processors; the numbers do not depend on those. */
  public Row run(Setting setting) {
    List<DescentRun> runs =
        IntStream.range(0, instances.size())
            .parallel()
            .mapToObj(
                i ->
                    DescentRun.of(
                        descent(instances.get(i), setting),
                        instances.get(i).best,
                        UNTIL,
                        MOST_STEPS))
            .toList();
    double sum = 0;
    double max = 0;
    double overload = 1;
    int saturated = 0;
    int unfinished = 0;
    for (DescentRun run : runs) {
      double factor = Math.min(1, run.tail());
      sum += factor;
      max = Math.max(max, factor);
      overload = Math.max(overload, run.overload());
      saturated += run.saturations() > 0 ? 1 : 0;
      unfinished += run.error() < UNTIL ? 0 : 1;
    }
    int n = runs.size();
    double widening = setting.powersOfTwo() ? 2 : 1; // of ranges, at most
    double bound =
        setting
            .levels()
            .map(m -> widening * UniformQuantizer.contraction(columns(), m))
            .map(c -> bound(setting, c))
            .orElseGet(
                () ->
                    setting.cycle() > 1
                        ? new ChebyshevSteps(kappa(), 1, setting.cycle()).contraction()
                        : setting.method().unquantized().contraction(kappa()));
    return new Row(
        setting, bound, sum / n, max, (double) saturated / n, overload, (double) unfinished / n);
  }

  private double bound(Setting setting, double c) {
    return setting.cycle() > 1
        ? Math.min(1, new ChebyshevSteps(kappa(), 1, setting.cycle()).bound(c))
        : setting.method().bound(kappa(), c);
  }

  /** Coordinates n. */
  public int columns() {
    return instances.get(0).f.columns();
  }

  private static Descent descent(Instance at, Setting setting) {
    double l = at.f.smooth();
    double mu = at.f.convex();
    GradientMethod method = setting.method().unquantized();
    double eta = method.stepSize(l, mu);
    double gamma = method.momentum(l / mu);
    Form form = Form.valueOf(method.name());
    if (setting.cycle() > 1) {
      ChebyshevSteps steps = new ChebyshevSteps(l, mu, setting.cycle());
      UniformQuantizer own = setting.levels().map(UniformQuantizer::new).orElse(null);
      DoubleSupplier ranges =
          own == null
              ? null
              : steps.ranges(
                  at.distance, UniformQuantizer.contraction(at.f.columns(), own.levels()));
      return DifferentialDescent.varying(at.f, at.start, steps::step, own, ranges);
    }
    if (setting.levels().isEmpty()) {
      return DifferentialDescent.unquantized(at.f, at.start, form, eta, gamma);
    }
    UniformQuantizer quantizer = new UniformQuantizer(setting.levels().get());
    double c = UniformQuantizer.contraction(at.f.columns(), quantizer.levels());
    if (setting.method() == Method.NQ_GD) {
      DoubleSupplier ranges =
          WaterFilling.equal(new double[] {l}, mu, 0)
              .ranges(0, at.distance, GradientMethod.naiveBound(l / mu, c));
      return new NaiveDescent(
          List.of(new NaiveDescent.Worker(at.f, quantizer, ranges)), at.start, eta);
    }
    DifferentialRange ranges =
        new DifferentialRange(
            method, l, mu, at.distance, c, setting.alpha(), setting.powersOfTwo());
    return DifferentialDescent.quantized(at.f, at.start, form, eta, gamma, quantizer, ranges);
  }
}
