package org.halfulp.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;
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
  private static final double STEP_SIZE = 0.1;

  /** The quantity on the horizontal axis. */
  public enum Axis {
    STEPS("steps N", row -> row.steps()),
    DIMENSION("features d", row -> row.point().dimension()),
    BATCH("batch B", row -> row.point().batch());

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

  /** One simulation. */
  public record Point(String series, QuantizerSet quantizers, int dimension, int batch) {}

  /** Risks on true features after some steps of a point. */
  public record Row(
      Point point,
      long steps,
      Runs.Estimate average,
      double averageInTheory,
      Runs.Estimate last,
      double lastInTheory,
      int diverged) {

    /** How far the averaged iterate's risk is from theory, in standard errors. */
    public double z() {
      return (average.mean() - averageInTheory) / average.standardError();
    }
  }

  /** The names that {@link #of} knows, with what they show. */
  public static final List<String> NAMES = List.of("q1", "q2", "batch");

  /**
   * @param quick a small version, of seconds
   * @throws IllegalArgumentException for a name that is not known
   */
  public static RiskExperiment of(String name, boolean quick) {
    return switch (name) {
      case "q1" -> stepsAndNoise(quick);
      case "q2" -> dimensions(quick);
      case "batch" -> batches(quick);
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

  private static QuantizerSet outputs(Perturbation p) {
    return QuantizerSet.NONE.withActivation(p).withResidual(p);
  }

  private static Perturbation stochastic(Format format) {
    OverflowRule rule = format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
    return Perturbation.of(new Quantizer(format, RoundingMode.SR, rule, 16, false));
  }

  public RiskExperiment withRuns(int other) {
    return new RiskExperiment(name, title, axis, points, steps, other);
  }

  /** Simulates and predicts one point: a row for each number of steps. */
  public List<Row> run(Point point, long seed, int threads) {
    double[] target = new double[point.dimension()];
    Arrays.fill(target, 1);
    double[] spectrum = QuantizedRegression.powerLaw(point.dimension(), DECAY);
    QuantizedRegression theory = new QuantizedRegression(spectrum, target, 1, point.quantizers());
    RiskRecursion recursion = theory.recursion(STEP_SIZE, point.batch());
    Runs.Result result =
        new Runs(
                new GaussianProblem(spectrum, target, 1),
                point.quantizers(),
                new OnePassSgd.Plan(STEP_SIZE, point.batch()),
                theory.second(),
                theory.cross())
            .run(steps.stream().mapToLong(s -> s).toArray(), runs, seed, threads);
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
              result.diverged()));
    }
    return rows;
  }
}
