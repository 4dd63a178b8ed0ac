package org.halfulp.theory;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * The test error that ridge regression on random features is predicted to have: {@code y = <theta,
 * x> + N(0, noise)}, {@code x ~ N(0, diag(spectrum))}, features of any depth as a linear Gaussian
 * model with the same first and second moments, layer by layer (Bosch, Panahi and Hassibi,
 * arXiv:2302.06210; Schroder, Cui, Dmitriev and Loureiro, arXiv:2302.00401). Weights enter by their
 * mean 0 and variance 1 only, which is why one bit does as well: Akhtiamov, Ghane and Hassibi,
 * arXiv:2510.16250.
 *
 * <p>With {@code F = W_l / sqrt(p_{l-1})}, and k1 and ks^2 of {@link ActivationMoments} at {@code r
 * = tr(F Om_{l-1} F') / p_l}: {@code Om_l = k1^2 F Om_{l-1} F' + ks^2}, {@code Phi_l = k1 F
 * Phi_{l-1}}, {@code Om_0 = Phi_0 = diag(spectrum)}. With {@code v = Phi theta},
 *
 * <pre>
 *   D(t) = tr Om (Om + t)^-1        Q(t) = v' (Om + t)^-1 v
 *   lambda = t (1 - D(t) / n)       error = (theta' Sigma theta + noise - Q + t Q') / (1 - (D + t D') / n)
 * </pre>
 *
 * <p>The mean of an activation is neglected, so from the second layer on a ReLU's is approximate.
 */
public final class FeatureTheory {

  /** D, Q and their derivatives as functions of t. */
  private interface Resolvent {
    Point at(double t);

    /** Only D and D' are needed while t is looked for. */
    default Point degrees(double t) {
      return at(t);
    }
  }

  private record Point(double d, double dSlope, double q, double qSlope) {}

  private final Resolvent resolvent;
  private final double signal; // theta' Sigma theta

  private FeatureTheory(Resolvent resolvent, double signal) {
    this.resolvent = resolvent;
    this.signal = signal;
  }

  private static double signal(double[] spectrum, double[] theta) {
    if (spectrum.length == 0 || spectrum.length != theta.length) {
      throw new IllegalArgumentException(
          "spectrum and theta must have the same length of at least 1, got %d and %d"
              .formatted(spectrum.length, theta.length));
    }
    double sum = 0;
    for (int i = 0; i < spectrum.length; i++) {
      if (!(spectrum[i] > 0 && spectrum[i] <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "eigenvalue %d must be positive, got %s".formatted(i, spectrum[i]));
      }
      sum += spectrum[i] * theta[i] * theta[i];
    }
    return sum;
  }

  private static Resolvent inputs(double[] spectrum, double[] theta) {
    return t -> {
      double d = 0;
      double dSlope = 0;
      double q = 0;
      double qSlope = 0;
      for (int i = 0; i < spectrum.length; i++) {
        double s = spectrum[i];
        double v = s * theta[i];
        d += s / (s + t);
        dSlope -= s / ((s + t) * (s + t));
        q += v * v / (s + t);
        qSlope -= v * v / ((s + t) * (s + t));
      }
      return new Point(d, dSlope, q, qSlope);
    };
  }

  /**
   * All widths large, in proportion: the same for whatever weights of mean 0 and variance 1. A
   * layer is what a sample is to ridge regression, {@code Q_l(t) = Q_{l-1}(s)} and {@code D_l(t) =
   * p_l - t / z (p_l - D_{l-1}(s))} at the root s of {@code z p_{l-1} / (p_l k1^2) = s (1 -
   * D_{l-1}(s) / p_l)}, {@code z = ks^2 + t}.
   *
   * @param widths p_1 to p_L; none: regression on x itself
   */
  public static FeatureTheory limit(
      double[] spectrum, double[] theta, int[] widths, DoubleUnaryOperator activation) {
    double signal = signal(spectrum, theta);
    Resolvent resolvent = inputs(spectrum.clone(), theta.clone());
    double r = 0;
    for (double s : spectrum) {
      r += s / spectrum.length;
    }
    double below = spectrum.length;
    for (int width : widths) {
      ActivationMoments moments = linear(activation, r);
      resolvent = new Layer(resolvent, below, width, moments);
      r = moments.linear() * moments.linear() * r + moments.residual();
      below = width;
    }
    return new FeatureTheory(resolvent, signal);
  }

  private static ActivationMoments linear(DoubleUnaryOperator activation, double r) {
    ActivationMoments moments = ActivationMoments.of(activation, r);
    if (!(Math.abs(moments.linear()) * Math.sqrt(r) > 1e-9)) {
      throw new IllegalArgumentException(
          "the activation has no linear part at variance %s, so its features show nothing of x"
              .formatted(r));
    }
    return moments;
  }

  /** A layer of the limit. */
  private record Layer(Resolvent below, double inputs, double width, ActivationMoments moments)
      implements Resolvent {
    @Override
    public Point at(double t) {
      double z = moments.residual() + t;
      double scale = inputs / (width * moments.linear() * moments.linear());
      double s = root(z * scale, width, below);
      Point b = below.at(s);
      double slope = scale / (1 - (b.d + s * b.dSlope) / width); // ds / dt
      double free = width - b.d;
      return new Point(
          width - t / z * free,
          -moments.residual() / (z * z) * free + t / z * b.dSlope * slope,
          b.q,
          b.qSlope * slope);
    }
  }

  /**
   * With the weights that were drawn.
   *
   * @param weights W_1 to W_L, each row-major
   * @param widths p_1 to p_L
   */
  public static FeatureTheory drawn(
      double[] spectrum,
      double[] theta,
      List<double[]> weights,
      int[] widths,
      DoubleUnaryOperator activation) {
    double signal = signal(spectrum, theta);
    if (weights.size() != widths.length) {
      throw new IllegalArgumentException(
          "%d matrices of weights are not %d layers".formatted(weights.size(), widths.length));
    }
    if (widths.length == 0) {
      return new FeatureTheory(inputs(spectrum.clone(), theta.clone()), signal);
    }
    int m = spectrum.length;
    DMatrixRMaj om = CommonOps_DDRM.diag(spectrum);
    DMatrixRMaj v = new DMatrixRMaj(m, 1);
    for (int i = 0; i < m; i++) {
      v.set(i, spectrum[i] * theta[i]);
    }
    for (int l = 0; ; l++) {
      int p = widths[l];
      DMatrixRMaj f = new DMatrixRMaj(p, m, true, weights.get(l).clone());
      CommonOps_DDRM.scale(1 / Math.sqrt(m), f);
      DMatrixRMaj half = new DMatrixRMaj(p, m);
      CommonOps_DDRM.mult(f, om, half);
      double trace = 0;
      for (int i = 0; i < f.data.length; i++) {
        trace += half.data[i] * f.data[i];
      }
      double r = trace / p;
      ActivationMoments moments = linear(activation, r);
      double k = moments.linear();
      if (l == widths.length - 1 && p > m) {
        return new FeatureTheory(wide(om, f, v, moments), signal);
      }
      DMatrixRMaj next = new DMatrixRMaj(p, p);
      CommonOps_DDRM.mult(half, CommonOps_DDRM.transpose(f, null), next);
      CommonOps_DDRM.scale(k * k, next);
      for (int i = 0; i < p; i++) {
        next.add(i, i, moments.residual());
      }
      DMatrixRMaj through = new DMatrixRMaj(p, 1);
      CommonOps_DDRM.mult(k, f, v, through);
      om = next;
      v = through;
      m = p;
      if (l == widths.length - 1) {
        return new FeatureTheory(dense(om, v), signal);
      }
    }
  }

  /** {@code Om = k1^2 F A F' + ks^2} of more rows than A: through the smaller matrix. */
  private static Resolvent wide(
      DMatrixRMaj a, DMatrixRMaj f, DMatrixRMaj u, ActivationMoments moments) {
    int m = a.numRows;
    int p = f.numRows;
    CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(m, true);
    if (!cholesky.decompose(a.copy())) {
      throw new IllegalArgumentException("the features below the last layer are dependent");
    }
    DMatrixRMaj c = cholesky.getT(null);
    DMatrixRMaj fc = new DMatrixRMaj(p, m);
    CommonOps_DDRM.mult(f, c, fc);
    DMatrixRMaj gram = new DMatrixRMaj(m, m);
    CommonOps_DDRM.multTransA(fc, fc, gram);
    CommonOps_DDRM.scale(moments.linear() * moments.linear(), gram);
    DMatrixRMaj b = new DMatrixRMaj(m, 1);
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.linear(m);
    if (!solver.setA(c)) {
      throw new IllegalArgumentException("the features below the last layer are dependent");
    }
    solver.solve(u, b);
    double[] e = eigenvalues(gram);
    double rest = moments.residual();
    return new Resolvent() {
      @Override
      public Point degrees(double t) {
        double d = (p - m) * rest / (rest + t);
        double slope = -(p - m) * rest / ((rest + t) * (rest + t));
        for (double x : e) {
          double o = Math.max(0, x) + rest;
          d += o / (o + t);
          slope -= o / ((o + t) * (o + t));
        }
        return new Point(d, slope, 0, 0);
      }

      @Override
      public Point at(double t) {
        // Q = b' G (G + z)^-1 b, G the Gram matrix
        Point p = degrees(t);
        DMatrixRMaj once = solve(gram, rest + t, b);
        DMatrixRMaj twice = solve(gram, rest + t, once);
        DMatrixRMaj gb = new DMatrixRMaj(m, 1);
        CommonOps_DDRM.mult(gram, b, gb);
        return new Point(
            p.d, p.dSlope, CommonOps_DDRM.dot(gb, once), -CommonOps_DDRM.dot(gb, twice));
      }
    };
  }

  private static Resolvent dense(DMatrixRMaj om, DMatrixRMaj v) {
    double[] e = eigenvalues(om);
    return new Resolvent() {
      @Override
      public Point degrees(double t) {
        double d = 0;
        double slope = 0;
        for (double x : e) {
          d += x / (x + t);
          slope -= x / ((x + t) * (x + t));
        }
        return new Point(d, slope, 0, 0);
      }

      @Override
      public Point at(double t) {
        Point p = degrees(t);
        DMatrixRMaj once = solve(om, t, v);
        return new Point(
            p.d, p.dSlope, CommonOps_DDRM.dot(v, once), -CommonOps_DDRM.dot(once, once));
      }
    };
  }

  private static DMatrixRMaj solve(DMatrixRMaj a, double shift, DMatrixRMaj b) {
    DMatrixRMaj shifted = a.copy();
    for (int i = 0; i < a.numRows; i++) {
      shifted.add(i, i, shift);
    }
    LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(a.numRows);
    if (!solver.setA(shifted)) {
      throw new IllegalArgumentException("the features are dependent; raise lambda");
    }
    DMatrixRMaj x = new DMatrixRMaj(a.numRows, 1);
    solver.solve(b, x);
    return x;
  }

  private static double[] eigenvalues(DMatrixRMaj symmetric) {
    EigenDecomposition_F64<DMatrixRMaj> eig =
        DecompositionFactory_DDRM.eig(symmetric.numRows, false, true);
    if (!eig.decompose(symmetric.copy())) {
      throw new IllegalArgumentException("the eigenvalues of the features do not converge");
    }
    double[] e = new double[symmetric.numRows];
    for (int i = 0; i < e.length; i++) {
      e[i] = eig.getEigenvalue(i).getReal();
    }
    return e;
  }

  /**
   * The predicted mean squared error on fresh data, their noise included.
   *
   * @param samples n, at least 1
   * @param lambda of the ridge, positive
   * @param noise variance of the labels, at least 0
   */
  public double error(double samples, double lambda, double noise) {
    if (!(samples >= 1) || !(lambda > 0 && lambda <= Double.MAX_VALUE) || !(noise >= 0)) {
      throw new IllegalArgumentException(
          "theory needs at least 1 sample, a positive lambda and noise of at least 0; got %s, %s and %s"
              .formatted(samples, lambda, noise));
    }
    double t = root(lambda, samples, resolvent);
    Point p = resolvent.at(t);
    return (signal + noise - p.q + t * p.qSlope) / (1 - (p.d + t * p.dSlope) / samples);
  }

  /**
   * The positive root of {@code target = t (1 - D(t) / n)}. The right side is convex and at most t,
   * so Newton's steps from above the root stay above it; a step that rounding sends elsewhere is
   * replaced by half the bracket.
   */
  private static double root(double target, double n, Resolvent r) {
    double low = target;
    double high = 2 * target;
    while (!(value(high, n, r.degrees(high)) >= target)) {
      low = high;
      high *= 2;
      if (!(high <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException("no level of regularization below 2^1024 does");
      }
    }
    double t = high;
    for (int i = 0; i < 200; i++) {
      Point p = r.degrees(t);
      double off = value(t, n, p) - target;
      if (off >= 0) {
        high = t;
      } else {
        low = t;
      }
      double next = t - off / (1 - (p.d + t * p.dSlope) / n);
      if (!(next > low && next < high)) {
        next = (low + high) / 2;
      }
      if (Math.abs(next - t) <= 1e-14 * t) {
        return next;
      }
      t = next;
    }
    return t;
  }

  private static double value(double t, double n, Point p) {
    return t * (1 - p.d / n);
  }
}
