package org.halfulp.cost;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.stat.regression.OLSMultipleLinearRegression;

/**
 * A figure as a function of the parameters, fitted on measured units of one top, flow and toolset:
 * ridge regression of its logarithm on {@link Features}.
 *
 * <p>Its errors are those of units that were left out of the fit, a tenth at a time. The ridge is
 * the one of {@link #RIDGES} that does best there.
 */
public final class Estimator {
  /** Fewest measured units. */
  public static final int FEWEST = 12;

  private static final double[] RIDGES = {0.01, 0.03, 0.1, 0.3, 1, 3};
  private static final int FOLDS = 10;
  private static final double MOST = 0.9;

  private final String figure;
  private final Features features;
  private final double[] coefficients; // the last is the constant
  private final double[] errors; // sorted

  private Estimator(String figure, Features features, double[] coefficients, double[] errors) {
    this.figure = figure;
    this.features = features;
    this.coefficients = coefficients;
    this.errors = errors;
  }

  /**
   * @param priced as {@link Pricer#priced} returns them; those without the figure do not count
   * @throws IllegalArgumentException if fewer than {@link #FEWEST} have it
   */
  public static Estimator fit(String figure, List<Cost> priced) {
    List<Cost> known = priced.stream().filter(c -> c.figure(figure).isPresent()).toList();
    if (known.size() < FEWEST) {
      throw new IllegalArgumentException(
          "an estimate of %s needs at least %d measured units of this kind, got %d; measure some first"
              .formatted(figure, FEWEST, known.size()));
    }
    Features features = Features.of(known.stream().map(Cost::parameters).toList());
    double[][] x = known.stream().map(c -> features.row(c.parameters())).toArray(double[][]::new);
    double[] y =
        known.stream().mapToDouble(c -> log(c.figure(figure).orElseThrow().value())).toArray();
    double[] best = null;
    double ridge = 0;
    for (double candidate : RIDGES) {
      double[] errors = leftOut(x, y, candidate);
      if (best == null || mean(errors) < mean(best)) {
        best = errors;
        ridge = candidate;
      }
    }
    Arrays.sort(best);
    return new Estimator(figure, features, coefficients(x, y, ridge), best);
  }

  public Estimate estimate(HardwarePoint point) {
    double value = unlog(apply(coefficients, features.row(point.parameters())));
    return new Estimate(
        figure,
        Math.max(0, value),
        quantile(0.5),
        quantile(MOST),
        errors.length,
        features.outside(point.parameters()));
  }

  private double quantile(double q) {
    return errors[(int) Math.ceil(q * errors.length) - 1];
  }

  /** Relative errors of each unit, estimated without its tenth. */
  private static double[] leftOut(double[][] x, double[] y, double ridge) {
    double[] errors = new double[y.length];
    int folds = Math.min(FOLDS, y.length);
    for (int fold = 0; fold < folds; fold++) {
      List<double[]> rows = new ArrayList<>();
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < y.length; i++) {
        if (i % folds != fold) {
          rows.add(x[i]);
          values.add(y[i]);
        }
      }
      double[] b =
          coefficients(
              rows.toArray(double[][]::new), values.stream().mapToDouble(v -> v).toArray(), ridge);
      for (int i = fold; i < y.length; i += folds) {
        double measured = unlog(y[i]);
        errors[i] = Math.abs(unlog(apply(b, x[i])) - measured) / Math.max(1, measured);
      }
    }
    return errors;
  }

  /**
   * Least squares with a row more for each feature, that wishes its coefficient to be 0; the
   * constant is free.
   */
  private static double[] coefficients(double[][] x, double[] y, double ridge) {
    int n = y.length;
    int p = x[0].length;
    double[][] rows = new double[n + p][p + 1];
    double[] values = Arrays.copyOf(y, n + p);
    for (int i = 0; i < n; i++) {
      System.arraycopy(x[i], 0, rows[i], 0, p);
      rows[i][p] = 1;
    }
    for (int j = 0; j < p; j++) {
      rows[n + j][j] = Math.sqrt(ridge);
    }
    OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression();
    regression.setNoIntercept(true); // it is the last column
    regression.newSampleData(values, rows);
    return regression.estimateRegressionParameters();
  }

  private static double apply(double[] coefficients, double[] row) {
    double sum = coefficients[row.length];
    for (int j = 0; j < row.length; j++) {
      sum += coefficients[j] * row[j];
    }
    return sum;
  }

  private static double log(double value) {
    return Math.log1p(value);
  }

  private static double unlog(double y) {
    return Math.expm1(y);
  }

  private static double mean(double[] errors) {
    return Arrays.stream(errors).average().orElseThrow();
  }
}
