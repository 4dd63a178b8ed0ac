package org.halfulp.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import org.halfulp.input.Settings;
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
 * section 5): excess risk, simulated and predicted, of curves over one quantity. By default
 * eigenvalues {@code i^-2}, w* = 1, noise variance 1, start at 0; the step size .1 is ours, the
 * paper's is not known.
 *
 * @param title for people
 * @param axis what the curves run over
 * @param steps after which risks are taken
 * @param runs of each simulation
 * @param data what is learned
 * @param settings those that the user chose
 */
public record RiskExperiment(
    String name,
    String title,
    Axis axis,
    List<Point> points,
    List<Long> steps,
    int runs,
    Data data,
    Settings settings) {
  private static final int MOST_FEATURES = 10_000;
  private static final int MOST_BATCH = 100_000;
  private static final int MOST_STEPS = 100_000_000;
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

    Point(String series, QuantizerSet quantizers, int dimension, int batch, double stepSize) {
      this(series, quantizers, dimension, batch, stepSize, 0, Optional.empty());
    }

    Point withFractionBits(int other) {
      return new Point(series, quantizers, dimension, batch, stepSize, other, stored);
    }

    Point withStored(Datapath datapath) {
      return new Point(
          series, quantizers, dimension, batch, stepSize, fractionBits, Optional.of(datapath));
    }
  }

  /**
   * Gaussian least squares of any number of features.
   *
   * @param decay a of the eigenvalues i^-a
   * @param noise variance of the labels' noise
   */
  public record Data(double decay, double noise) {
    double[] spectrum(int features) {
      return GaussianProblem.powerLaw(features, decay);
    }

    static double[] target(int features) {
      double[] target = new double[features];
      Arrays.fill(target, 1);
      return target;
    }

    QuantizedRegression theory(Point point) {
      int d = point.dimension();
      return new QuantizedRegression(spectrum(d), target(d), noise, point.quantizers());
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
   * @throws IllegalArgumentException for a name that is not known, and for settings
   */
  public static RiskExperiment of(String name, Settings settings) {
    RiskExperiment made =
        switch (name) {
          case "q1" -> stepsAndNoise(settings);
          case "q2" -> dimensions(settings);
          case "batch" -> batches(settings);
          case "stability" -> stepSizes(settings);
          case "bits" -> fractionBits(settings);
          case "rtl" -> storedWeights(settings);
          default ->
              throw new IllegalArgumentException(
                  "unknown experiment '%s'; known: %s".formatted(name, String.join(" ", NAMES)));
        };
    settings.check();
    return made;
  }

  private static Data data(Settings s) {
    return new Data(
        s.real("decay", "a of the features' variances i^-a", 0, 20, 2),
        s.real("noise", "variance of the labels' noise", 0, 1e6, 1));
  }

  private static int dimension(Settings s, int usual) {
    return s.whole("d", "features", 1, MOST_FEATURES, usual);
  }

  private static int batch(Settings s) {
    return s.whole("batch", "rows B of a step", 1, MOST_BATCH, 1);
  }

  private static double stepSize(Settings s) {
    return s.real("step_size", "gamma; steps move by gamma/B", 1e-9, 10, 0.1);
  }

  private static long steps(Settings s, int usual) {
    return s.whole("steps", "steps N", 1, MOST_STEPS, usual);
  }

  private static List<Long> manySteps(Settings s, int... usual) {
    int[] steps = s.wholes("steps", "steps N after which risks are taken", 1, MOST_STEPS, usual);
    return Arrays.stream(steps).asLongStream().boxed().toList();
  }

  private static RiskExperiment stepsAndNoise(Settings s) {
    List<Point> points = new ArrayList<>();
    int d = dimension(s, s.quick() ? 50 : 200);
    int b = batch(s);
    double gamma = stepSize(s);
    double[] eps = s.reals("eps", "noise variances of the quantizers", 1e-12, 1, 1e-3, 5e-3, 1e-2);
    points.add(new Point("binary64", QuantizerSet.NONE, d, b, gamma));
    for (double e : eps) {
      QuantizerSet all = QuantizerSet.all(Perturbation.additive(e));
      points.add(new Point("additive " + e, all, d, b, gamma));
    }
    for (double e : eps) {
      QuantizerSet all = QuantizerSet.all(Perturbation.elementwise(e));
      points.add(new Point("multiplicative " + e, all, d, b, gamma));
    }
    for (Format f : s.formats("formats", "formats of the five, rounded sr", "q8.3", "e5m2")) {
      points.add(new Point(f.name() + " sr", QuantizerSet.all(stochastic(f)), d, b, gamma));
    }
    return new RiskExperiment(
        "q1",
        "Excess risk against steps, all five quantized, d = %d, B = %d".formatted(d, b),
        Axis.STEPS,
        points,
        s.quick() ? manySteps(s, 100, 300, 1000) : manySteps(s, 200, 1000, 5000, 20000),
        s.quick() ? 40 : 100,
        data(s),
        s);
  }

  private static RiskExperiment dimensions(Settings s) {
    List<Point> points = new ArrayList<>();
    int[] sizes = s.quick() ? new int[] {10, 50} : new int[] {50, 100, 200, 400};
    int b = batch(s);
    double gamma = stepSize(s);
    double e = s.real("eps", "noise variance of the quantizers", 1e-12, 1, 0.01);
    for (int d : s.wholes("d", "features", 1, MOST_FEATURES, sizes)) {
      points.add(new Point("binary64", QuantizerSet.NONE, d, b, gamma));
      QuantizerSet additive = QuantizerSet.all(Perturbation.additive(e));
      points.add(new Point("additive " + e, additive, d, b, gamma));
      QuantizerSet multiplicative = QuantizerSet.all(Perturbation.elementwise(e));
      points.add(new Point("multiplicative " + e, multiplicative, d, b, gamma));
    }
    long steps = steps(s, s.quick() ? 500 : 5000);
    return new RiskExperiment(
        "q2",
        "Excess risk against features, all five quantized, N = %d, B = %d".formatted(steps, b),
        Axis.DIMENSION,
        points,
        List.of(steps),
        s.quick() ? 40 : 100,
        data(s),
        s);
  }

  private static RiskExperiment batches(Settings s) {
    double e = s.real("eps", "noise variance of the quantizers", 1e-12, 1, 0.05);
    int d = dimension(s, s.quick() ? 20 : 200);
    double gamma = stepSize(s);
    int[] batches = s.quick() ? new int[] {1, 4} : new int[] {1, 2, 4, 8, 16, 32, 64};
    List<Point> points = new ArrayList<>();
    for (int b : s.wholes("batch", "rows B of a step", 1, MOST_BATCH, batches)) {
      points.add(new Point("binary64", QuantizerSet.NONE, d, b, gamma));
      points.add(new Point("additive a, o", outputs(Perturbation.additive(e)), d, b, gamma));
      points.add(
          new Point("multiplicative a, o", outputs(Perturbation.elementwise(e)), d, b, gamma));
      points.add(new Point("shared scale a, o", outputs(Perturbation.shared(e)), d, b, gamma));
      QuantizerSet parameter = QuantizerSet.NONE.withParameter(Perturbation.additive(e));
      points.add(new Point("additive p", parameter, d, b, gamma));
    }
    long steps = steps(s, s.quick() ? 300 : 2000);
    return new RiskExperiment(
        "batch",
        "Last iterate's excess risk against batch, noise %s, d = %d, N = %d"
            .formatted(Double.toString(e).replaceFirst("^0", ""), d, steps),
        Axis.BATCH,
        points,
        List.of(steps),
        s.quick() ? 40 : 100,
        data(s),
        s);
  }

  /** Up to .95 of the largest step size with bounded second moments. */
  private static RiskExperiment stepSizes(Settings s) {
    int d = dimension(s, s.quick() ? 20 : 200);
    int b = batch(s);
    double e = s.real("eps", "noise variance of the features' quantizer", 1e-12, 1, 0.01);
    double[] usual =
        s.quick() ? new double[] {.1, .4} : new double[] {.1, .2, .3, .5, .7, .85, .95};
    double[] parts = s.reals("parts", "step sizes over their limit", 1e-3, 1, usual);
    Data data = data(s);
    List<Point> points = new ArrayList<>();
    for (QuantizerSet q :
        List.of(
            QuantizerSet.NONE,
            QuantizerSet.dataOnly(Perturbation.elementwise(e)),
            QuantizerSet.dataOnly(Perturbation.additive(e)))) {
      double limit = data.theory(new Point("", q, d, b, 1)).stepLimit(b);
      String series =
          "%s, limit %.3f".formatted(q == QuantizerSet.NONE ? "binary64" : q.data(), limit);
      for (double part : parts) {
        points.add(new Point(series, q, d, b, part * limit));
      }
    }
    long steps = steps(s, s.quick() ? 300 : 2000);
    return new RiskExperiment(
        "stability",
        "Excess risk up to the limit of the step size, features quantized, d = %d, N = %d"
            .formatted(d, steps),
        Axis.STEP_SIZE,
        points,
        List.of(steps),
        s.quick() ? 40 : 200,
        data,
        s);
  }

  /** Features only, as in Corollary 4.3. */
  private static RiskExperiment fractionBits(Settings s) {
    int d = dimension(s, s.quick() ? 20 : 200);
    int batch = batch(s);
    double gamma = stepSize(s);
    List<Point> points = new ArrayList<>();
    int[] fixed = s.quick() ? new int[] {4, 5} : new int[] {2, 3, 4, 5, 6, 7, 8};
    for (int b : s.wholes("fixed", "fraction bits in fixed point, q8.B", 0, 20, fixed)) {
      Format format = new FixedFormat(true, 8 + b, b);
      QuantizerSet q = QuantizerSet.dataOnly(stochastic(format));
      points.add(new Point("fixed point", q, d, batch, gamma).withFractionBits(b));
    }
    int[] floats = s.quick() ? new int[] {1, 2} : new int[] {1, 2, 3, 4, 5};
    for (int m : s.wholes("float", "fraction bits of floats, E = 5", 1, 23, floats)) {
      Format f = FloatFormat.of(5, m, Family.IEEE);
      QuantizerSet q = QuantizerSet.dataOnly(stochastic(f));
      points.add(new Point("float, E = 5", q, d, batch, gamma).withFractionBits(m));
    }
    long steps = steps(s, s.quick() ? 500 : 5000);
    return new RiskExperiment(
        "bits",
        "Excess risk against the features' fraction bits, d = %d, N = %d, B = %d"
            .formatted(d, steps, batch),
        Axis.FRACTION_BITS,
        points,
        List.of(steps),
        s.quick() ? 40 : 100,
        data(s),
        s);
  }

  /** E5M2 everywhere, weights of several formats; theory has weights of binary64. */
  private static RiskExperiment storedWeights(Settings s) {
    int d = dimension(s, s.quick() ? 10 : 50);
    int b = batch(s);
    Quantizer e5m2 =
        new Quantizer(
            FloatFormat.of(5, 2, Family.IEEE), RoundingMode.SR, OverflowRule.FINITE, 16, false);
    QuantizerSet five = QuantizerSet.all(Perturbation.of(e5m2));
    List<Point> points = new ArrayList<>();
    int[] weights = s.quick() ? new int[] {6, 13} : new int[] {4, 6, 8, 13};
    for (int frac : s.wholes("weights", "fraction bits of the weights, q3.B", 1, 20, weights)) {
      FixedFormat weight = new FixedFormat(true, 3 + frac, frac);
      points.add(
          new Point("q3.%d sr".formatted(frac), five, d, b, STORED_GAMMA)
              .withStored(stored(e5m2, weight, new FixedFormat(true, 16, 10))));
    }
    if (!s.quick()) {
      FloatFormat bf16 = FloatFormat.of(8, 7, Family.IEEE);
      points.add(
          new Point("bfloat16 sr", five, d, b, STORED_GAMMA).withStored(stored(e5m2, bf16, bf16)));
    }
    return new RiskExperiment(
        "rtl",
        "Weights in a format, moved by the RTL: excess risk against steps, d = %d, B = %d"
            .formatted(d, b),
        Axis.STEPS,
        points,
        s.quick() ? manySteps(s, 100, 300) : manySteps(s, 100, 300, 1000, 3000),
        s.quick() ? 20 : 100,
        data(s),
        s);
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
    return new RiskExperiment(name, title, axis, points, steps, other, data, settings);
  }

  /**
   * Whether theory is of what runs, and the mean of the runs has a standard error: weights that are
   * stored in a format are not in it, and near the limit of the step size the risk's variance is
   * infinite.
   */
  public boolean isComparable(Point point) {
    return point.stored().isEmpty()
        && point.stepSize() <= data.theory(point).stepLimit(point.batch()) / 2;
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
    List<String> lines = new ArrayList<>();
    for (Point p : points) {
      double limit = data.theory(p).stepLimit(p.batch());
      if (p.stepSize() > limit) {
        lines.add(
            "%s at d = %d, B = %d: the mean square error grows without end above the step size %.3f"
                .formatted(p.series(), p.dimension(), p.batch(), limit));
      }
    }
    if (axis != Axis.FRACTION_BITS) {
      return lines;
    }
    lines.add("bits that ideal float noise 2^-2m saves over fixed point's 2^-2b at equal risk");
    lines.add("(true features, quantized features, (a/2) log2 d of Corollary 4.3)");
    Point first = points.get(0);
    int d = first.dimension();
    for (int b : new int[] {4, 6, 8}) {
      BitsAtEqualRisk saved =
          BitsAtEqualRisk.of(
              data.spectrum(d),
              Data.target(d),
              data.noise(),
              first.stepSize(),
              first.batch(),
              steps.get(0),
              b);
      lines.add(
          "  b = %d  %.2f  %.2f  %.2f"
              .formatted(
                  b,
                  saved.savedOnTrueFeatures(),
                  saved.savedOnQuantizedFeatures(),
                  data.decay() / 2 * Math.log(d) / Math.log(2)));
    }
    return lines;
  }

  /** Simulates and predicts one point: a row for each number of steps. */
  public List<Row> run(Point point, long seed, int threads) {
    int d = point.dimension();
    GaussianProblem problem = new GaussianProblem(data.spectrum(d), Data.target(d), data.noise());
    QuantizedRegression theory = data.theory(point);
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
