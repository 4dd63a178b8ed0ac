package org.halfulp.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.OnePassSgd;
import org.halfulp.learn.Runs;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.ModelCache;
import org.halfulp.theory.BitsAtEqualRisk;
import org.halfulp.theory.QuantizedRegression;
import org.halfulp.theory.RiskRecursion;

/**
 * A figure about quantized SGD on Gaussian least squares (Zhang, Su and Zou, arXiv:2510.18259,
 * section 5): excess risk, simulated and predicted, of curves over one quantity. Eigenvalues {@code
 * i^-2}, w* = 1, noise variance 1, start at 0; the step size .1 is ours, the paper's is not known.
 *
 * @param title for people
 * @param axis what the curves run over
 * @param steps after which risks are taken
 * @param runs of each simulation
 */
public record RiskExperiment(
    String name, String title, Axis axis, List<Point> points, List<Long> steps, int runs) {
  private static final double DECAY = 2;
  private static final double GAMMA = 0.1;
  private static final double STORED_GAMMA = 0.125; // exact in the update unit's step format

  /** The quantity on the horizontal axis. */
  public enum Axis {
    STEPS("steps N", row -> row.steps()),
    DIMENSION("features d", row -> row.point().dimension()),
    BATCH("batch B", row -> row.point().batch()),
    STEP_SIZE("step size", row -> row.point().stepSize()),
    FRACTION_BITS("fraction bits", row -> row.point().fractionBits());

    private final String label;
    private final ToDoubleFunction<Row> value;

    Axis(String label, ToDoubleFunction<Row> value) {
      this.label = label;
      this.value = value;
    }

    public String label() {
      return label;
    }

    public double of(Row row) {
      return value.applyAsDouble(row);
    }
  }

  /**
   * One simulation.
   *
   * @param fractionBits of the features' format; 0 where the curves do not run over it
   * @param stored weights in a format, moved by RTL and emulator side by side; empty: binary64
   *     weights
   */
  public record Point(
      String series,
      QuantizerSet quantizers,
      int dimension,
      int batch,
      double stepSize,
      int fractionBits,
      Optional<Datapath> stored) {

    Point(String series, QuantizerSet quantizers, int dimension, int batch) {
      this(series, quantizers, dimension, batch, GAMMA, 0, Optional.empty());
    }

    Point withStepSize(double other) {
      return new Point(series, quantizers, dimension, batch, other, fractionBits, stored);
    }

    Point withFractionBits(int other) {
      return new Point(series, quantizers, dimension, batch, stepSize, other, stored);
    }

    Point withStored(Datapath datapath) {
      return new Point(
          series, quantizers, dimension, batch, stepSize, fractionBits, Optional.of(datapath));
    }
  }

  /** Risks on true features after some steps of a point. */
  public record Row(
      Point point,
      long steps,
      Runs.Estimate average,
      double averageInTheory,
      Runs.Estimate last,
      double lastInTheory,
      int diverged,
      long wordsCompared) {

    /** How far the averaged iterate's risk is from theory, in standard errors. */
    public double z() {
      return (average.mean() - averageInTheory) / average.standardError();
    }
  }

  /** The names that {@link #of} knows, with what they show. */
  public static final List<String> NAMES = List.of("q1", "q2", "batch", "stability", "bits", "rtl");

  /**
   * @param quick a small version, of seconds
   * @throws IllegalArgumentException for a name that is not known
   */
  public static RiskExperiment of(String name, boolean quick) {
    return switch (name) {
      case "q1" -> stepsAndNoise(quick);
      case "q2" -> dimensions(quick);
      case "batch" -> batches(quick);
      case "stability" -> stepSizes(quick);
      case "bits" -> fractionBits(quick);
      case "rtl" -> storedWeights(quick);
      default ->
          throw new IllegalArgumentException(
              "unknown experiment '%s'; known: %s".formatted(name, String.join(" ", NAMES)));
    };
  }

  private static RiskExperiment stepsAndNoise(boolean quick) {
    List<Point> points = new ArrayList<>();
    int d = quick ? 50 : 200;
    points.add(new Point("binary64", QuantizerSet.NONE, d, 1));
    for (double e : new double[] {1e-3, 5e-3, 1e-2}) {
      points.add(new Point("additive " + e, QuantizerSet.all(Perturbation.additive(e)), d, 1));
    }
    for (double e : new double[] {1e-3, 5e-3, 1e-2}) {
      points.add(
          new Point("multiplicative " + e, QuantizerSet.all(Perturbation.elementwise(e)), d, 1));
    }
    for (Format f : List.of(new FixedFormat(true, 11, 3), FloatFormat.of(5, 2, Family.IEEE))) {
      points.add(new Point(f.name() + " sr", QuantizerSet.all(stochastic(f)), d, 1));
    }
    return new RiskExperiment(
        "q1",
        "Excess risk against steps, all five quantized, d = " + d + ", B = 1",
        Axis.STEPS,
        points,
        quick ? List.of(100L, 300L, 1000L) : List.of(200L, 1000L, 5000L, 20000L),
        quick ? 40 : 100);
  }

  private static RiskExperiment dimensions(boolean quick) {
    List<Point> points = new ArrayList<>();
    double e = 0.01;
    for (int d : quick ? new int[] {10, 50} : new int[] {50, 100, 200, 400}) {
      points.add(new Point("binary64", QuantizerSet.NONE, d, 1));
      points.add(new Point("additive " + e, QuantizerSet.all(Perturbation.additive(e)), d, 1));
      points.add(
          new Point("multiplicative " + e, QuantizerSet.all(Perturbation.elementwise(e)), d, 1));
    }
    long steps = quick ? 500 : 5000;
    return new RiskExperiment(
        "q2",
        "Excess risk against features, all five quantized, N = " + steps + ", B = 1",
        Axis.DIMENSION,
        points,
        List.of(steps),
        quick ? 40 : 100);
  }

  private static RiskExperiment batches(boolean quick) {
    double e = 0.05;
    int d = quick ? 20 : 200;
    List<Point> points = new ArrayList<>();
    for (int b : quick ? new int[] {1, 4} : new int[] {1, 2, 4, 8, 16, 32, 64}) {
      points.add(new Point("binary64", QuantizerSet.NONE, d, b));
      points.add(new Point("additive a, o", outputs(Perturbation.additive(e)), d, b));
      points.add(new Point("multiplicative a, o", outputs(Perturbation.elementwise(e)), d, b));
      points.add(new Point("shared scale a, o", outputs(Perturbation.shared(e)), d, b));
      points.add(
          new Point("additive p", QuantizerSet.NONE.withParameter(Perturbation.additive(e)), d, b));
    }
    long steps = quick ? 300 : 2000;
    return new RiskExperiment(
        "batch",
        "Last iterate's excess risk against batch, noise .05, d = " + d + ", N = " + steps,
        Axis.BATCH,
        points,
        List.of(steps),
        quick ? 40 : 100);
  }

  /** Up to .95 of the largest step size with bounded second moments. */
  private static RiskExperiment stepSizes(boolean quick) {
    int d = quick ? 20 : 200;
    double e = 0.01;
    List<Point> points = new ArrayList<>();
    for (QuantizerSet q :
        List.of(
            QuantizerSet.NONE,
            QuantizerSet.dataOnly(Perturbation.elementwise(e)),
            QuantizerSet.dataOnly(Perturbation.additive(e)))) {
      Point point = new Point(q.data().toString(), q, d, 1);
      double limit = theory(point).stepLimit(1);
      String series =
          "%s, limit %.3f".formatted(q == QuantizerSet.NONE ? "binary64" : q.data(), limit);
      for (double part :
          quick ? new double[] {.1, .4} : new double[] {.1, .2, .3, .5, .7, .85, .95}) {
        points.add(new Point(series, q, d, 1).withStepSize(part * limit));
      }
    }
    long steps = quick ? 300 : 2000;
    return new RiskExperiment(
        "stability",
        "Excess risk up to the limit of the step size, features quantized, d = %d, N = %d"
            .formatted(d, steps),
        Axis.STEP_SIZE,
        points,
        List.of(steps),
        quick ? 40 : 200);
  }

  /** Features only, as in Corollary 4.3. */
  private static RiskExperiment fractionBits(boolean quick) {
    int d = quick ? 20 : 200;
    List<Point> points = new ArrayList<>();
    for (int b = quick ? 4 : 2; b <= (quick ? 5 : 8); b++) {
      Format fixed = new FixedFormat(true, 8 + b, b);
      points.add(
          new Point("fixed point", QuantizerSet.dataOnly(stochastic(fixed)), d, 1)
              .withFractionBits(b));
    }
    for (int m = 1; m <= (quick ? 2 : 5); m++) {
      Format f = FloatFormat.of(5, m, Family.IEEE);
      points.add(
          new Point("float, E = 5", QuantizerSet.dataOnly(stochastic(f)), d, 1)
              .withFractionBits(m));
    }
    long steps = quick ? 500 : 5000;
    return new RiskExperiment(
        "bits",
        "Excess risk against the features' fraction bits, d = %d, N = %d, B = 1"
            .formatted(d, steps),
        Axis.FRACTION_BITS,
        points,
        List.of(steps),
        quick ? 40 : 100);
  }

  /** E5M2 everywhere, weights of several formats; theory has weights of binary64. */
  private static RiskExperiment storedWeights(boolean quick) {
    int d = quick ? 10 : 50;
    Quantizer e5m2 =
        new Quantizer(
            FloatFormat.of(5, 2, Family.IEEE), RoundingMode.SR, OverflowRule.FINITE, 16, false);
    QuantizerSet five = QuantizerSet.all(Perturbation.of(e5m2));
    List<Point> points = new ArrayList<>();
    for (int frac : quick ? new int[] {6, 13} : new int[] {4, 6, 8, 13}) {
      points.add(
          new Point("q3.%d sr".formatted(frac), five, d, 1)
              .withStepSize(STORED_GAMMA)
              .withStored(
                  stored(
                      e5m2, new FixedFormat(true, 3 + frac, frac), new FixedFormat(true, 16, 10))));
    }
    if (!quick) {
      FloatFormat bf16 = FloatFormat.of(8, 7, Family.IEEE);
      points.add(
          new Point("bfloat16 sr", five, d, 1)
              .withStepSize(STORED_GAMMA)
              .withStored(stored(e5m2, bf16, bf16)));
    }
    return new RiskExperiment(
        "rtl",
        "Weights in a format, moved by the RTL: excess risk against steps, d = %d, B = 1"
            .formatted(d),
        Axis.STEPS,
        points,
        quick ? List.of(100L, 300L) : List.of(100L, 300L, 1000L, 3000L),
        quick ? 20 : 100);
  }

  private static Datapath stored(Quantizer five, Format weight, Format gradient) {
    Optional<Quantizer> each = Optional.of(five);
    return new Datapath(
        each,
        each,
        each,
        each,
        each,
        Optional.of(rounding(gradient)),
        Accumulator.exact(),
        Accumulator.exact(),
        Optional.of(rounding(weight)),
        Optional.empty(),
        new FixedFormat(false, 8, 8),
        4,
        1);
  }

  private static Quantizer rounding(Format format) {
    OverflowRule rule = format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
    return new Quantizer(format, RoundingMode.SR, rule, 16, false);
  }

  private static QuantizerSet outputs(Perturbation p) {
    return QuantizerSet.NONE.withActivation(p).withResidual(p);
  }

  private static Perturbation stochastic(Format format) {
    return Perturbation.of(rounding(format));
  }

  public RiskExperiment withRuns(int other) {
    return new RiskExperiment(name, title, axis, points, steps, other);
  }

  private static QuantizedRegression theory(Point point) {
    double[] target = new double[point.dimension()];
    Arrays.fill(target, 1);
    double[] spectrum = GaussianProblem.powerLaw(point.dimension(), DECAY);
    return new QuantizedRegression(spectrum, target, 1, point.quantizers());
  }

  /**
   * Whether theory is of what runs, and the mean of the runs has a standard error: weights that are
   * stored in a format are not in it, and near the limit of the step size the risk's variance is
   * infinite.
   */
  public boolean isComparable(Point point) {
    return point.stored().isEmpty()
        && point.stepSize() <= theory(point).stepLimit(point.batch()) / 2;
  }

  /** Whether the RTL of the update unit runs in it. */
  public boolean comparesWords() {
    return points.stream().anyMatch(p -> p.stored().isPresent());
  }

  /** Words of RTL and emulator compared for some rows of it, none of which differ. */
  public long wordsCompared(List<Row> rows) {
    long last = steps.get(steps.size() - 1); // each row of a point has the point's words
    return rows.stream().filter(r -> r.steps() == last).mapToLong(Row::wordsCompared).sum();
  }

  /** What theory adds to the table, for people. */
  public List<String> remarks() {
    if (axis != Axis.FRACTION_BITS) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    lines.add("bits that ideal float noise 2^-2m saves over fixed point's 2^-2b at equal risk");
    lines.add("(true features, quantized features, (a/2) log2 d of Corollary 4.3)");
    int d = points.get(0).dimension();
    double[] target = new double[d];
    Arrays.fill(target, 1);
    double[] spectrum = GaussianProblem.powerLaw(d, DECAY);
    for (int b : new int[] {4, 6, 8}) {
      BitsAtEqualRisk saved = BitsAtEqualRisk.of(spectrum, target, 1, GAMMA, 1, steps.get(0), b);
      lines.add(
          "  b = %d  %.2f  %.2f  %.2f"
              .formatted(
                  b,
                  saved.savedOnTrueFeatures(),
                  saved.savedOnQuantizedFeatures(),
                  DECAY / 2 * Math.log(d) / Math.log(2)));
    }
    return lines;
  }

  /** Simulates and predicts one point: a row for each number of steps. */
  public List<Row> run(Point point, long seed, int threads) {
    double[] target = new double[point.dimension()];
    Arrays.fill(target, 1);
    double[] spectrum = GaussianProblem.powerLaw(point.dimension(), DECAY);
    GaussianProblem problem = new GaussianProblem(spectrum, target, 1);
    QuantizedRegression theory = theory(point);
    RiskRecursion recursion = theory.recursion(point.stepSize(), point.batch());
    AtomicLong words = new AtomicLong();
    Runs all =
        point.stored().isEmpty()
            ? new Runs(
                problem,
                point.quantizers(),
                new OnePassSgd.Plan(point.stepSize(), point.batch()),
                theory.second(),
                theory.cross())
            : lockstep(problem, point, theory, words);
    Runs.Result result = all.run(steps.stream().mapToLong(s -> s).toArray(), runs, seed, threads);
    List<Row> rows = new ArrayList<>();
    for (Runs.Point p : result.points()) {
      recursion.to(p.steps());
      rows.add(
          new Row(
              point,
              p.steps(),
              p.average(),
              recursion.average(),
              p.last(),
              recursion.last(),
              result.diverged(),
              words.get()));
    }
    return rows;
  }

  private static Runs lockstep(
      GaussianProblem problem, Point point, QuantizedRegression theory, AtomicLong words) {
    ModelCache cache = ModelCache.open();
    Datapath datapath = point.stored().orElseThrow();
    return new Runs(
        problem,
        seed ->
            new LockstepSgd(problem, datapath, point.stepSize(), point.batch(), seed, cache, words),
        theory.second(),
        theory.cross());
  }
}
