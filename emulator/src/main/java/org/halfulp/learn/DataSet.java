package org.halfulp.learn;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.halfulp.kernel.Rounder;

/**
 * A regression data set.
 *
 * @param features names of the d columns
 * @param target name of the label
 * @param x features, n x d row-major
 * @param y labels, length n
 */
public record DataSet(List<String> features, String target, double[] x, double[] y) {

  public DataSet {
    features = List.copyOf(features);
    if (features.isEmpty()) {
      throw new IllegalArgumentException("a data set needs at least one feature column");
    }
    if (x.length != y.length * features.size()) {
      throw new IllegalArgumentException(
          "%d values are not %d rows of %d features"
              .formatted(x.length, y.length, features.size()));
    }
  }

  public int rows() {
    return y.length;
  }

  /** Number of features, d. */
  public int columns() {
    return features.size();
  }

  /** A training part and a test part. */
  public record Split(DataSet train, DataSet test) {}

  /**
   * Splits the rows by a permutation of {@code seed}; the test part is {@code round(testFraction *
   * n)} rows.
   *
   * @param testFraction in [0, 1)
   */
  public Split split(double testFraction, long seed) {
    if (!(testFraction >= 0 && testFraction < 1)) {
      throw new IllegalArgumentException("test fraction must be in [0, 1), got " + testFraction);
    }
    int[] order = permutation(rows(), new Random(seed));
    int test = (int) Math.round(testFraction * rows());
    int train = rows() - test;
    if (train < 2) {
      throw new IllegalArgumentException(
          "%d rows with test fraction %s leave %d for training; at least 2 are needed"
              .formatted(rows(), testFraction, train));
    }
    return new Split(pick(order, 0, train), pick(order, train, rows()));
  }

  /** A Fisher-Yates shuffle of 0..n-1 by the JDK's specified generator. */
  static int[] permutation(int n, Random random) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private DataSet pick(int[] order, int from, int to) {
    int d = columns();
    double[] px = new double[(to - from) * d];
    double[] py = new double[to - from];
    for (int i = from; i < to; i++) {
      System.arraycopy(x, order[i] * d, px, (i - from) * d, d);
      py[i - from] = y[order[i]];
    }
    return new DataSet(features, target, px, py);
  }

  /** Mean and standard deviation (population) of each feature and, last, of the label. */
  public record Scaling(double[] mean, double[] deviation) {}

  /**
   * The scaling that gives this set zero means and unit variances.
   *
   * @throws IllegalArgumentException naming the columns that are constant or too large
   */
  public Scaling scaling() {
    int d = columns();
    double[] mean = new double[d + 1];
    double[] deviation = new double[d + 1];
    List<String> constant = new ArrayList<>();
    for (int j = 0; j <= d; j++) {
      double sum = 0;
      for (int i = 0; i < rows(); i++) {
        sum += at(i, j);
      }
      mean[j] = sum / rows();
      double squares = 0;
      for (int i = 0; i < rows(); i++) {
        double c = at(i, j) - mean[j];
        squares += c * c;
      }
      deviation[j] = Math.sqrt(squares / rows());
      if (!(deviation[j] <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "cannot standardize: the values of %s are too large"
                .formatted(j < d ? features.get(j) : target));
      }
      if (!(deviation[j] > 1e-12 * Math.abs(mean[j]))) {
        constant.add(j < d ? features.get(j) : target);
      }
    }
    if (!constant.isEmpty()) {
      throw new IllegalArgumentException(
          "cannot standardize: constant over the %d training rows: %s"
              .formatted(rows(), String.join(", ", constant)));
    }
    return new Scaling(mean, deviation);
  }

  private double at(int row, int column) {
    return column < columns() ? x[row * columns() + column] : y[row];
  }

  public DataSet standardized(Scaling scaling) {
    int d = columns();
    double[] sx = new double[x.length];
    double[] sy = new double[y.length];
    for (int i = 0; i < rows(); i++) {
      for (int j = 0; j < d; j++) {
        sx[i * d + j] = (x[i * d + j] - scaling.mean[j]) / scaling.deviation[j];
      }
      sy[i] = (y[i] - scaling.mean[d]) / scaling.deviation[d];
    }
    return new DataSet(features, target, sx, sy);
  }

  /** Features and labels rounded, value by value; the rounder must not draw. */
  public DataSet rounded(Rounder rounder) {
    return new DataSet(features, target, rounded(x, rounder), rounded(y, rounder));
  }

  private static double[] rounded(double[] values, Rounder rounder) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = rounder.value(rounder.round(values[i], 0));
    }
    return out;
  }

  /** Mean squared error of {@code x w} against {@code y}, in binary64; NaN for no rows. */
  public double loss(double[] w) {
    int d = columns();
    double sum = 0;
    for (int i = 0; i < rows(); i++) {
      double residual = y[i];
      for (int j = 0; j < d; j++) {
        residual -= x[i * d + j] * w[j];
      }
      sum += residual * residual;
    }
    return sum / rows();
  }
}
