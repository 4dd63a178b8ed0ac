package org.halfulp.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.halfulp.input.Settings;
import org.halfulp.learn.Activation;
import org.halfulp.learn.RandomFeatures;
import org.halfulp.learn.RandomFeatures.Weights;
import org.halfulp.learn.Ridge;
import org.halfulp.learn.Runs;
import org.halfulp.sim.Hash;

/**
 * Random features with normal and with one-bit weights (Akhtiamov, Ghane and Hassibi,
 * arXiv:2510.16250) on classes of real data: a ridge last layer on one-hot labels, the largest
 * output is the class; the share of test rows that get another. A quarter of the rows is for
 * testing. Inputs are centred over the training rows and scaled to a mean variance of 1.
 */
public final class ClassExperiment {
  private static final String[] COLUMNS = {
    "series",
    "p",
    "runs",
    "normal",
    "normal_error",
    "sign",
    "sign_error",
    "difference",
    "difference_error"
  };

  /**
   * What may be chosen.
   *
   * @param widths p
   * @param ridge lambda of the last layer
   * @param settings those that the user chose
   */
  public record Plan(int[] widths, double ridge, Settings settings) {
    public static Plan of(Settings s) {
      int[] usual =
          s.quick() ? new int[] {50, 200} : new int[] {50, 100, 200, 400, 800, 1600, 3200};
      Plan plan =
          new Plan(
              s.wholes("widths", "features p", 1, 20_000, usual),
              s.real("ridge", "lambda of the last layer", 1e-12, 1e6, 0.01),
              s);
      s.check();
      return plan;
    }
  }

  /**
   * Rows with labels.
   *
   * @param x rows x inputs, row-major
   * @param labels from 0 on
   */
  public record Data(String name, double[] x, int inputs, int[] labels) {
    /**
     * Takes the last column for the labels.
     *
     * @throws IllegalArgumentException if they are no classes, or a value is not finite
     */
    public static Data of(String name, double[] values, int rows, int columns) {
      if (rows < 8 || columns < 2) {
        throw new IllegalArgumentException(
            "needs at least 8 rows of inputs and a last column of labels, got %d x %d"
                .formatted(rows, columns));
      }
      double[] x = new double[rows * (columns - 1)];
      int[] labels = new int[rows];
      for (int i = 0; i < rows; i++) {
        double label = values[i * columns + columns - 1];
        if (!(label >= 0 && label < MOST_CLASSES && label == Math.rint(label))) {
          throw new IllegalArgumentException(
              "the last column must be labels, whole numbers from 0 to %d, got %s in row %d"
                  .formatted(MOST_CLASSES - 1, label, i + 1));
        }
        labels[i] = (int) label;
        System.arraycopy(values, i * columns, x, i * (columns - 1), columns - 1);
      }
      for (int i = 0; i < x.length; i++) {
        if (!(Math.abs(x[i]) <= Float.MAX_VALUE)) {
          throw new IllegalArgumentException(
              "row %d, column %d must be a finite number, got %s"
                  .formatted(i / (columns - 1) + 1, i % (columns - 1) + 1, x[i]));
        }
      }
      if (Arrays.stream(labels).distinct().count() < 2) {
        throw new IllegalArgumentException("all labels are " + labels[0]);
      }
      return new Data(name, x, columns - 1, labels);
    }

    int classes() {
      return Arrays.stream(labels).max().orElseThrow() + 1;
    }
  }

  private static final int MOST_CLASSES = 1000;

  private record Point(String series, Activation activation, int depth, int width) {}

  /**
   * Shares of test rows with a wrong class.
   *
   * @param difference sign less normal, run by run
   */
  public record Row(
      String series,
      int width,
      int runs,
      Runs.Estimate normal,
      Runs.Estimate sign,
      Runs.Estimate difference) {}

  private final Data data;
  private final Plan plan;
  private final int runs;
  private final long seed;
  private final int testing;
  private final List<Point> points = new ArrayList<>();
  private final ExperimentFolder folder;
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param folder new, empty or left by the same experiment
   */
  public ClassExperiment(Path folder, Data data, Plan plan, int runs, long seed) {
    this.data = data;
    this.plan = plan;
    this.runs = runs;
    this.seed = seed;
    testing = data.labels.length / 4;
    points.add(new Point("x itself", Activation.TANH, 0, data.inputs));
    for (Activation act : Activation.values()) {
      for (int depth = 1; depth <= (act == Activation.SIGN ? 2 : 1); depth++) {
        for (int p : plan.widths) {
          String series =
              "%s, %d layer%s"
                  .formatted(FeatureExperiment.label(act), depth, depth == 1 ? "" : "s");
          points.add(new Point(series, act, depth, p));
        }
      }
    }
    Hash hash = new Hash();
    for (double v : data.x) {
      hash.add(Double.toString(v));
    }
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("experiment", "classes");
    what.put("data", hash.add(Arrays.toString(data.labels)).hex());
    what.put("runs", runs);
    what.put("seed", seed);
    what.put("points", points.stream().map(Object::toString).toList());
    plan.settings.describe(what);
    this.folder = new ExperimentFolder(folder, what, COLUMNS);
    this.folder.read(
        r -> {
          int at = rows.size();
          Point p = at < points.size() ? points.get(at) : null;
          if (p == null
              || !p.series.equals(r.get("series"))
              || p.width != Integer.parseInt(r.get("p"))) {
            throw new IllegalArgumentException("an unknown point");
          }
          rows.add(
              new Row(
                  p.series,
                  p.width,
                  Integer.parseInt(r.get("runs")),
                  FeatureTable.estimate(r, "normal"),
                  FeatureTable.estimate(r, "sign"),
                  FeatureTable.estimate(r, "difference")));
        });
  }

  public String title() {
    return "Random features on %s: %,d training rows of %d inputs, %,d test rows, %d classes"
        .formatted(data.name, data.labels.length - testing, data.inputs, testing, data.classes());
  }

  /** Points in all; those that are known already are the first. */
  public int size() {
    return points.size();
  }

  public List<Row> rows() {
    return List.copyOf(rows);
  }

  /** Runs the next point; its row is in the file when this returns. */
  public void step(int threads) {
    Point p = points.get(rows.size());
    // a seed a run, the same for all points: each sees the same splits
    double[][] errors =
        FeatureExperiment.inParallel(
                threads,
                runs,
                r -> one(p, new SplittableRandom(seed ^ (r + 1) * 0xD1342543DE82EF95L).nextLong()))
            .toArray(new double[0][]);
    double[] normal = Arrays.stream(errors).mapToDouble(e -> e[0]).toArray();
    double[] sign = Arrays.stream(errors).mapToDouble(e -> e[1]).toArray();
    double[] difference = Arrays.stream(errors).mapToDouble(e -> e[1] - e[0]).toArray();
    rows.add(
        new Row(
            p.series,
            p.width,
            runs,
            FeatureExperiment.estimate(normal),
            FeatureExperiment.estimate(sign),
            FeatureExperiment.estimate(difference)));
    folder.write(cells());
  }

  private double[] one(Point p, long own) {
    SplittableRandom seeds = new SplittableRandom(own);
    int n = data.labels.length;
    int[] order = IntStream.range(0, n).toArray();
    Random shuffle = new Random(seeds.nextLong());
    for (int i = n - 1; i > 0; i--) {
      int j = shuffle.nextInt(i + 1);
      int t = order[i];
      order[i] = order[j];
      order[j] = t;
    }
    int train = n - testing;
    int d = data.inputs;
    double[] mean = new double[d];
    for (int i = 0; i < train; i++) {
      for (int j = 0; j < d; j++) {
        mean[j] += data.x[order[i] * d + j] / train;
      }
    }
    double[] x = new double[train * d];
    double[] test = new double[testing * d];
    double squares = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < d; j++) {
        double v = data.x[order[i] * d + j] - mean[j];
        if (i < train) {
          x[i * d + j] = v;
          squares += v * v;
        } else {
          test[(i - train) * d + j] = v;
        }
      }
    }
    double scale = squares > 0 ? Math.sqrt((double) train * d / squares) : 1;
    Arrays.setAll(x, i -> x[i] * scale);
    Arrays.setAll(test, i -> test[i] * scale);
    int classes = data.classes();
    double[] y = new double[train * classes];
    for (int i = 0; i < train; i++) {
      Arrays.fill(y, i * classes, (i + 1) * classes, -1.0 / classes);
      y[i * classes + data.labels[order[i]]] += 1;
    }
    int[] widths = new int[p.depth];
    Arrays.fill(widths, p.width);
    long drawn = seeds.nextLong();
    double[] errors = new double[2];
    for (Weights kind : Weights.values()) {
      RandomFeatures f = RandomFeatures.draw(d, widths, p.activation, kind, new Random(drawn));
      double[] w = Ridge.fit(f.of(x, train), train, f.outputs(), y, classes, plan.ridge);
      double[] z = f.of(test, testing);
      int wrong = 0;
      for (int i = 0; i < testing; i++) {
        wrong += best(z, i * f.outputs(), w, classes) == data.labels[order[train + i]] ? 0 : 1;
      }
      errors[kind.ordinal()] = (double) wrong / testing;
    }
    return errors;
  }

  private static int best(double[] z, int from, double[] w, int classes) {
    double[] out = new double[classes];
    for (int k = 0; k < w.length / classes; k++) {
      for (int c = 0; c < classes; c++) {
        out[c] += z[from + k] * w[k * classes + c];
      }
    }
    int best = 0;
    for (int c = 1; c < classes; c++) {
      best = out[c] > out[best] ? c : best;
    }
    return best;
  }

  private List<Object[]> cells() {
    List<Object[]> all = new ArrayList<>();
    for (Row r : rows) {
      all.add(
          new Object[] {
            r.series,
            r.width,
            r.runs,
            r.normal.mean(),
            r.normal.standardError(),
            r.sign.mean(),
            r.sign.standardError(),
            r.difference.mean(),
            r.difference.standardError()
          });
    }
    return all;
  }

  /** The table as JSON, a list of objects with the columns of the CSV. */
  public String json() {
    return folder.json(cells());
  }

  /** A finished file beside the table. */
  public void file(String name, String text) {
    folder.file(name, text);
  }
}
