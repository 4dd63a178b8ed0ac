package org.halfulp.theory;

/**
 * First and second moments of every weight, step by step, and with them the expected excess risk
 * {@code ||w - w*||_H^2} of the last iterate and of the average of the iterates before each step.
 * O(d) a step and in memory.
 *
 * <p>The algorithm is that of Zhang, Su and Zou, arXiv:2510.18259, section 3; the recursion is
 * exact, not a bound, for Gaussian features whose covariance is diagonal, element-wise or
 * shared-scale quantizers with independent errors, and error variances as {@link ErrorVariance} has
 * them. Instead of the upper bounds of its Theorems 4.1 and 4.2.
 */
public final class RiskRecursion {
  private final QuantizedRegression problem;
  private final double step;
  private final int batch;
  private final double[] s;
  private final double[] c;
  private final double[] k31;
  private final double[] k4;
  private final double[] fromLabels; // E q_i^2 y^2 before their quantizer
  private final double[] first; // E w
  private final double[] second; // E w^2
  private final double[] sumFirst; // E of the sum of iterates
  private final double[] sumSecond;
  private final double[] product; // E of the sum times w
  private long steps;

  /**
   * @param step gamma, positive
   * @param batch B, at least 1
   * @param start w_0
   */
  public RiskRecursion(QuantizedRegression problem, double step, int batch, double[] start) {
    if (!(step > 0 && step <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("step size must be positive, got " + step);
    }
    if (batch < 1) {
      throw new IllegalArgumentException("batch must be at least 1, got " + batch);
    }
    int d = problem.dimension();
    if (start.length != d) {
      throw new IllegalArgumentException(
          "start must have %d weights, got %d".formatted(d, start.length));
    }
    this.problem = problem;
    this.step = step;
    this.batch = batch;
    s = problem.second();
    c = problem.cross();
    k31 = new double[d];
    k4 = new double[d];
    fromLabels = new double[d];
    double signal = 0;
    for (int i = 0; i < d; i++) {
      signal += problem.spectrum[i] * problem.target[i] * problem.target[i];
    }
    for (int i = 0; i < d; i++) {
      FeatureMoments m = problem.moments[i];
      double square = problem.target[i] * problem.target[i];
      k31[i] = m.k31();
      k4[i] = m.k4();
      fromLabels[i] =
          s[i] * (signal - problem.spectrum[i] * square + problem.noise) + m.k22() * square;
    }
    first = start.clone();
    second = new double[d];
    for (int i = 0; i < d; i++) {
      second[i] = first[i] * first[i];
    }
    sumFirst = new double[d];
    sumSecond = new double[d];
    product = new double[d];
  }

  public long steps() {
    return steps;
  }

  /** Goes on to {@code total} steps in all. */
  public RiskRecursion to(long total) {
    while (steps < total) {
      step();
    }
    return this;
  }

  /** One step. */
  public void step() {
    QuantizedRegression p = problem;
    double[] target = p.target;
    ErrorVariance qp = p.parameter;
    double gp = 1 + qp.multiplicative();
    double wc = 0;
    double sp = 0;
    for (int i = 0; i < s.length; i++) {
      wc += c[i] * target[i] * first[i];
      sp += s[i] * (gp * second[i] + qp.additive());
    }
    double gl = 1 + p.label.multiplicative();
    double ga = 1 + p.activation.multiplicative();
    double go = 1 + p.residual.multiplicative();
    double flat = p.label.additive() + p.activation.additive();
    double pairOfResiduals = 1 + (p.residual.shared() ? p.residual.multiplicative() : 0);
    double pairOfActivations = 1 + (p.activation.shared() ? p.activation.multiplicative() : 0);
    double gain = step * step / batch;
    for (int i = 0; i < s.length; i++) {
      double w = target[i];
      double wcI = w * first[i];
      double pq = gp * second[i] + qp.additive();
      double crossed = p.crossThird * s[i] * (wc - c[i] * wcI) + k31[i] * wcI;
      double outputs = p.crossFourth * s[i] * (sp - s[i] * pq) + k4[i] * pq;
      double residuals = gl * fromLabels[i] - 2 * crossed + ga * outputs + flat * s[i];
      double single = go * residuals + p.residual.additive() * s[i];
      double pair =
          pairOfResiduals
              * (c[i] * c[i] * w * w
                  - 2 * c[i] * s[i] * wcI
                  + pairOfActivations * s[i] * s[i] * pq);
      double t = product[i] + second[i];
      sumSecond[i] += product[i] + t;
      sumFirst[i] += first[i];
      second[i] +=
          2 * step * (c[i] * wcI - s[i] * second[i]) + gain * (single + (batch - 1) * pair);
      first[i] += step * (c[i] * w - s[i] * first[i]);
      product[i] = (1 - step * s[i]) * t + step * c[i] * w * sumFirst[i];
    }
    steps++;
  }

  /** Excess risk of w_N on true features; grows without bound beyond the step-size limit. */
  public double last() {
    return risk(problem.spectrum, problem.spectrum, first, second, 1);
  }

  /** The same when inference quantizes the features too. */
  public double lastOnQuantizedFeatures() {
    return risk(s, c, first, second, 1);
  }

  /** Excess risk of the average of w_0 to w_(N-1) on true features; N at least 1. */
  public double average() {
    return risk(problem.spectrum, problem.spectrum, sumFirst, sumSecond, steps);
  }

  /** The same when inference quantizes the features too. */
  public double averageOnQuantizedFeatures() {
    return risk(s, c, sumFirst, sumSecond, steps);
  }

  private double risk(double[] square, double[] cross, double[] m1, double[] m2, double n) {
    double sum = 0;
    for (int i = 0; i < m1.length; i++) {
      double w = problem.target[i];
      sum += square[i] * m2[i] / n / n - 2 * cross[i] * w * m1[i] / n + problem.spectrum[i] * w * w;
    }
    return sum;
  }
}
