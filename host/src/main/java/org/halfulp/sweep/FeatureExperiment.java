package org.halfulp.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.halfulp.input.Settings;
import org.halfulp.learn.Activation;
import org.halfulp.learn.FeatureTrial;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.RandomFeatures.Weights;
import org.halfulp.learn.Runs;
import org.halfulp.theory.FeatureTheory;

/**
 * A figure about one-bit random features (Akhtiamov, Ghane and Hassibi, arXiv:2510.16250): test
 * errors with normal weights and with their signs, simulated and predicted. By default ridge .01,
 * noise variance .1; {@code theta_i = 1/sqrt(d)}, x Gaussian of mean variance 1: our choice, the
 * paper's is not known.
 *
 * @param title for people
 * @param axis what the curves run over
 * @param runs of each point; of smaller ones more
 * @param settings those that the user chose
 */
public record FeatureExperiment(
    String name,
    String title,
    Axis axis,
    List<Point> points,
    int runs,
    Fit fit,
    Settings settings) {
  private static final int MOST_INPUTS = 10_000;
  private static final int MOST_SAMPLES = 100_000;
  private static final int MOST_WIDTH = 20_000;

  /**
   * How the last layer is fitted and tested.
   *
   * @param ridge lambda
   * @param noise variance of the labels' noise
   * @param tests rows
   */
  public record Fit(double ridge, double noise, int tests) {}

  /** The names that {@link #of} knows. */
  public static final List<String> NAMES = List.of("widths", "anisotropic", "growth");

  /** The quantity on the horizontal axis. */
  public enum Axis {
    WIDTH("features p", p -> p.width),
    INPUTS("inputs d; n = p = 2 d", p -> p.inputs),
    /** {@code (tr S)^2 / tr S^2}. */
    EFFECTIVE("effective inputs, (tr S)^2 / tr S^2", Point::effective);

    private final String label;
    private final ToDoubleFunction<Point> value;

    Axis(String label, ToDoubleFunction<Point> value) {
      this.label = label;
      this.value = value;
    }

    public String label() {
      return label;
    }

    public double of(Point point) {
      return value.applyAsDouble(point);
    }
  }

  /**
   * What is drawn again and again.
   *
   * @param width p of each layer
   * @param inputs d
   * @param samples n
   * @param decay a of the eigenvalues i^-a, scaled to a mean of 1
   * @param rotated see {@link FeatureTrial.Problem}
   * @param runs times those of the experiment
   */
  public record Point(
      String series,
      Activation activation,
      int depth,
      int width,
      int inputs,
      int samples,
      double decay,
      boolean rotated,
      int runs) {
    double[] spectrum() {
      double[] s = GaussianProblem.powerLaw(inputs, decay);
      double mean = Arrays.stream(s).sum() / inputs;
      return Arrays.stream(s).map(x -> x / mean).toArray();
    }

    double effective() {
      return (double) inputs * inputs / Arrays.stream(spectrum()).map(x -> x * x).sum();
    }

    int[] widths() {
      int[] widths = new int[depth];
      Arrays.fill(widths, width);
      return widths;
    }
  }

  /**
   * Test errors of a point.
   *
   * @param normal with normal weights, {@code sign} with their signs
   * @param normalInTheory mean of the prediction with the weights drawn
   * @param limit of both, widths large in proportion
   * @param difference sign less normal, run by run
   */
  public record Row(
      Point point,
      int runs,
      Runs.Estimate normal,
      double normalInTheory,
      Runs.Estimate sign,
      double signInTheory,
      double limit,
      Runs.Estimate difference) {}

  /**
   * @throws IllegalArgumentException for a name that is not known, and for settings
   */
  public static FeatureExperiment of(String name, Settings settings) {
    FeatureExperiment made =
        switch (name) {
          case "widths" -> widths(settings);
          case "anisotropic" -> anisotropic(settings);
          case "growth" -> growth(settings);
          default ->
              throw new IllegalArgumentException(
                  "unknown experiment '%s'; known: %s".formatted(name, String.join(" ", NAMES)));
        };
    settings.check();
    return made;
  }

  private static Fit fit(Settings s) {
    return new Fit(
        s.real("ridge", "lambda of the last layer", 1e-12, 1e6, 0.01),
        s.real("noise", "variance of the labels' noise", 0, 1e6, 0.1),
        s.quick() ? 500 : 4000);
  }

  private static FeatureExperiment widths(Settings s) {
    int d = s.whole("d", "inputs", 1, MOST_INPUTS, s.quick() ? 40 : 200);
    int n = s.whole("n", "training rows", 2, MOST_SAMPLES, 2 * d);
    int[] one =
        s.quick()
            ? new int[] {20, 80, 160}
            : new int[] {50, 100, 200, 300, 350, 400, 450, 500, 600, 800, 1600};
    int[] more = s.quick() ? one : new int[] {200, 400, 800, 1600};
    one = s.wholes("widths", "features p of one layer", 1, MOST_WIDTH, one);
    more = s.wholes("widths_deep", "features p of each of more layers", 1, MOST_WIDTH, more);
    int layers = s.whole("depth", "the most layers", 1, 4, 2);
    List<Point> points = new ArrayList<>();
    points.add(new Point("x itself", Activation.TANH, 0, d, d, n, 0, false, 1));
    for (Activation act : Activation.values()) {
      for (int depth = 1; depth <= layers; depth++) {
        for (int p : depth == 1 ? one : more) {
          boolean slow = act == Activation.RELU && depth > 1 && p > 4 * d;
          if (!slow || s.isChanged("widths_deep")) {
            String series = "%s, %d layer%s".formatted(label(act), depth, depth == 1 ? "" : "s");
            points.add(new Point(series, act, depth, p, d, n, 0, false, 1));
          }
        }
      }
    }
    return new FeatureExperiment(
        "widths",
        "One-bit random features, test error by width, d = %d, n = %d".formatted(d, n),
        Axis.WIDTH,
        points,
        8,
        fit(s),
        s);
  }

  private static FeatureExperiment anisotropic(Settings s) {
    int d = s.whole("d", "inputs", 1, MOST_INPUTS, s.quick() ? 40 : 200);
    int n = s.whole("n", "training rows", 2, MOST_SAMPLES, 2 * d);
    int p = s.whole("p", "features", 1, MOST_WIDTH, 4 * d);
    double[] usual = s.quick() ? new double[] {2, 0} : new double[] {4, 2, 1, .5, 0};
    double[] decays = s.reals("decay", "a of the inputs' variances i^-a", 0, 20, usual);
    List<Point> points = new ArrayList<>();
    for (boolean rotated : new boolean[] {false, true}) {
      String series = rotated ? "rotated" : "as they are";
      for (double a : decays) {
        points.add(new Point(series, Activation.TANH, 1, p, d, n, a, rotated, 1));
      }
    }
    return new FeatureExperiment(
        "anisotropic",
        "Inputs of variances i^-a, tanh, d = %d, n = %d, p = %d".formatted(d, n, p),
        Axis.EFFECTIVE,
        points,
        8,
        fit(s),
        s);
  }

  private static FeatureExperiment growth(Settings s) {
    int[] usual = s.quick() ? new int[] {25, 50} : new int[] {25, 50, 100, 200, 400};
    int[] sizes = s.wholes("d", "inputs", 1, MOST_INPUTS, usual);
    int layers = s.whole("depth", "the most layers", 1, 4, 2);
    List<Point> points = new ArrayList<>();
    for (int depth = 1; depth <= layers; depth++) {
      String series = "tanh, %d layer%s".formatted(depth, depth == 1 ? "" : "s");
      for (int d : sizes) {
        int times = s.quick() ? 1 : Math.max(1, 400 / d);
        points.add(new Point(series, Activation.TANH, depth, 2 * d, d, 2 * d, 0, false, times));
      }
    }
    return new FeatureExperiment(
        "growth",
        "One-bit random features, test error by size, n = p = 2 d",
        Axis.INPUTS,
        points,
        8,
        fit(s),
        s);
  }

  static String label(Activation act) {
    return act == Activation.RELU ? "centred ReLU" : act.name().toLowerCase(Locale.ROOT);
  }

  public FeatureExperiment withRuns(int other) {
    return new FeatureExperiment(name, title, axis, points, other, fit, settings);
  }

  private record Outcome(double normal, double normalInTheory, double sign, double signInTheory) {}

  private Outcome one(Point p, long seed) {
    double[] spectrum = p.spectrum();
    FeatureTrial trial =
        new FeatureTrial(
            new FeatureTrial.Problem(
                spectrum,
                p.widths(),
                p.activation(),
                p.rotated(),
                p.samples(),
                fit.tests(),
                fit.noise(),
                fit.ridge()),
            seed);
    double[] theory = new double[2];
    for (Weights kind : Weights.values()) {
      List<double[]> weights =
          IntStream.range(0, p.depth()).mapToObj(l -> trial.weights(kind, l)).toList();
      theory[kind.ordinal()] =
          FeatureTheory.drawn(spectrum, trial.theta(), weights, p.widths(), p.activation())
              .error(p.samples(), fit.ridge(), fit.noise());
    }
    return new Outcome(
        trial.error(Weights.NORMAL), theory[0], trial.error(Weights.SIGN), theory[1]);
  }

  /** Simulates and predicts one point; the same numbers for any number of threads. */
  public Row run(Point point, long seed, int threads) {
    int n = runs * point.runs();
    List<Outcome> outcomes =
        inParallel(
            threads,
            n,
            r -> one(point, new SplittableRandom(seed ^ (r + 1) * 0xD1342543DE82EF95L).nextLong()));
    double[] theta = new double[point.inputs()];
    Arrays.fill(theta, 1 / Math.sqrt(theta.length));
    return new Row(
        point,
        n,
        estimate(outcomes, Outcome::normal),
        estimate(outcomes, Outcome::normalInTheory).mean(),
        estimate(outcomes, Outcome::sign),
        estimate(outcomes, Outcome::signInTheory).mean(),
        FeatureTheory.limit(point.spectrum(), theta, point.widths(), point.activation())
            .error(point.samples(), fit.ridge(), fit.noise()),
        estimate(outcomes, o -> o.sign() - o.normal()));
  }

  /** What each of {@code n} runs gives, in their order. */
  static <T> List<T> inParallel(int threads, int n, IntFunction<T> run) {
    ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, n));
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int r = 0; r < n; r++) {
        int own = r;
        futures.add(pool.submit(() -> run.apply(own)));
      }
      List<T> all = new ArrayList<>();
      for (Future<T> future : futures) {
        all.add(future.get());
      }
      return all;
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

  private static Runs.Estimate estimate(List<Outcome> all, ToDoubleFunction<Outcome> of) {
    return estimate(all.stream().mapToDouble(of).toArray());
  }

  static Runs.Estimate estimate(double[] v) {
    double mean = Arrays.stream(v).sum() / v.length;
    double squares = Arrays.stream(v).map(x -> (x - mean) * (x - mean)).sum();
    return new Runs.Estimate(mean, Math.sqrt(squares / (v.length - 1) / v.length));
  }
}
