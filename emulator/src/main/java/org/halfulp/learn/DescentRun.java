package org.halfulp.learn;

/**
 * What a run of a {@link Descent} came to.
 *
 * @param steps T
 * @param error {@code ||x^_T - x*|| / ||x^_0 - x*||}
 * @param tail the contraction factor of a step, the slope of the log error over the run's last
 *     half; infinite if it is no number
 * @param diverged whether the error grew beyond {@link #DIVERGED} or was no number
 * @param saturations values outside their quantizer's range
 * @param overload the largest value over its range, 1 if none was outside
 */
public record DescentRun(
    int steps, double error, double tail, boolean diverged, long saturations, double overload) {

  /** Error over the first one from where a run has diverged. */
  public static final double DIVERGED = 1e6;

  /**
   * Runs until the error is below {@code until} times the first one, or diverges, or {@code
   * maxSteps} are made.
   */
  public static DescentRun of(Descent descent, double[] minimizer, double until, int maxSteps) {
    if (maxSteps < 2) {
      throw new IllegalArgumentException("a run needs at least 2 steps, got " + maxSteps);
    }
    double first = distance(descent.estimate(), minimizer);
    if (!(first > 0)) {
      throw new IllegalArgumentException(
          "the start must not be the minimum; it lies %s from it".formatted(first));
    }
    double[] errors = new double[maxSteps + 1];
    errors[0] = 1;
    int t = 0;
    boolean diverged = false;
    while (t < maxSteps && !diverged && errors[t] >= until) {
      descent.step();
      errors[++t] = distance(descent.estimate(), minimizer) / first;
      diverged = !(errors[t] <= DIVERGED);
    }
    double tail = Math.exp(slope(errors, t / 2, t));
    if (!(tail <= Double.MAX_VALUE)) {
      tail = Double.POSITIVE_INFINITY;
    }
    return new DescentRun(t, errors[t], tail, diverged, descent.saturations(), descent.overload());
  }

  /** The slope of the logarithm of the errors from one step to another, by least squares. */
  private static double slope(double[] errors, int from, int to) {
    double middle = (from + to) / 2.0;
    double sum = 0;
    double squares = 0;
    for (int t = from; t <= to; t++) {
      sum += (t - middle) * Math.log(errors[t]);
      squares += (t - middle) * (t - middle);
    }
    return sum / squares;
  }

  /** The contraction factor of a step over the whole run, {@code error^(1/T)}. */
  public double overall() {
    return Math.pow(error, 1.0 / steps);
  }

  /** {@code ||x - y||}. */
  public static double distance(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (x[i] - y[i]) * (x[i] - y[i]);
    }
    return Math.sqrt(sum);
  }
}
