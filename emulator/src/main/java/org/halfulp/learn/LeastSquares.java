package org.halfulp.learn;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * {@code f(x) = ||y - A x||^2 / 2} with A of full column rank; its smoothness L and its strong
 * convexity mu are the squares of A's largest and smallest singular values. Thread-safe.
 *
 * <p>Lin, Kostina and Hassibi, arXiv 2002.02508v3, (29).
 */
public final class LeastSquares {
  private static final double RANK = 1e-13; // a singular value below it, over the largest, is 0

  private final Matrix a;
  private final double[] y;

  /** A by the nonzeros of each row, and what was computed of it. */
  private static final class Matrix {
    final int rows;
    final int columns;
    final int[] from; // of each row, and the end
    final int[] column;
    final double[] value;
    final double largest;
    final double smallest;
    final LinearSolverDense<DMatrixRMaj> solver;

    Matrix(double[] a, int rows, int columns) {
      if (rows < 1 || columns < 1) {
        throw new IllegalArgumentException(
            "a matrix needs rows and columns, got %d x %d".formatted(rows, columns));
      }
      if (a.length != (long) rows * columns) {
        throw new IllegalArgumentException(
            "%d values are not a matrix of %d x %d".formatted(a.length, rows, columns));
      }
      if (rows < columns) {
        throw new IllegalArgumentException(
            ("least squares needs at least as many rows as columns, got %d x %d: the minimum is"
                    + " not one point")
                .formatted(rows, columns));
      }
      int nonzeros = 0;
      for (int i = 0; i < a.length; i++) {
        if (!(Math.abs(a[i]) <= Double.MAX_VALUE)) {
          throw new IllegalArgumentException(
              "the matrix has %s in row %d, column %d; it must be finite"
                  .formatted(a[i], i / columns + 1, i % columns + 1));
        }
        nonzeros += a[i] != 0 ? 1 : 0;
      }
      this.rows = rows;
      this.columns = columns;
      from = new int[rows + 1];
      column = new int[nonzeros];
      value = new double[nonzeros];
      int at = 0;
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          double v = a[i * columns + j];
          if (v != 0) {
            column[at] = j;
            value[at++] = v;
          }
        }
        from[i + 1] = at;
      }
      double[] singular = svd(a, rows, columns, false).getSingularValues();
      double max = 0;
      double min = Double.POSITIVE_INFINITY;
      for (int i = 0; i < columns; i++) {
        max = Math.max(max, singular[i]);
        min = Math.min(min, singular[i]);
      }
      if (!(min > RANK * max)) {
        throw new IllegalArgumentException(
            ("the matrix has dependent columns: its singular values go from %.3g down to %.3g, so"
                    + " the minimum is not one point")
                .formatted(max, min));
      }
      largest = max;
      smallest = min;
      solver = LinearSolverFactory_DDRM.leastSquares(rows, columns);
      if (!solver.setA(new DMatrixRMaj(rows, columns, true, a.clone()))) {
        throw new IllegalArgumentException("the matrix cannot be solved with: it is singular");
      }
    }

    synchronized double[] solve(double[] y) {
      DMatrixRMaj x = new DMatrixRMaj(columns, 1);
      solver.solve(new DMatrixRMaj(rows, 1, true, y.clone()), x);
      return x.getData();
    }
  }

  private LeastSquares(Matrix a, double[] y) {
    if (y.length != a.rows) {
      throw new IllegalArgumentException(
          "the matrix has %d rows, the target %d values".formatted(a.rows, y.length));
    }
    for (double v : y) {
      if (!(Math.abs(v) <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException("the target must be finite, got " + v);
      }
    }
    this.a = a;
    this.y = y.clone();
  }

  /**
   * A problem.
   *
   * @param a A, m x n row-major
   * @param rows m
   * @param y length m
   */
  public static LeastSquares of(double[] a, int rows, int columns, double[] y) {
    return new LeastSquares(new Matrix(a, rows, columns), y);
  }

  /** The same matrix with another target. */
  public LeastSquares withTarget(double[] target) {
    return new LeastSquares(a, target);
  }

  /**
   * A matrix of independent normal entries whose singular values are then mapped linearly to {@code
   * [1, sqrt(kappa)]}, m x n row-major.
   *
   * @param kappa L / mu, at least 1
   */
  public static double[] gaussian(int rows, int columns, double kappa, Random random) {
    if (columns < 1 || rows < columns || (long) rows * columns > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "a Gaussian matrix needs at least as many rows as columns and fewer than 2^31 entries,"
              + " got %d x %d".formatted(rows, columns));
    }
    if (!(kappa >= 1 && kappa <= 1e24) || columns == 1 && kappa != 1) {
      throw new IllegalArgumentException(
          "kappa must be in [1, 1e24], and 1 for one column; got %s for %d columns"
              .formatted(kappa, columns));
    }
    double[] a = new double[rows * columns];
    for (int i = 0; i < a.length; i++) {
      a[i] = random.nextGaussian();
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd = svd(a, rows, columns, true);
    double[] s = svd.getSingularValues();
    double max = 0;
    double min = Double.POSITIVE_INFINITY;
    for (int i = 0; i < columns; i++) {
      max = Math.max(max, s[i]);
      min = Math.min(min, s[i]);
    }
    DMatrixRMaj u = svd.getU(null, false);
    for (int j = 0; j < columns; j++) {
      double mapped = kappa == 1 ? 1 : 1 + (s[j] - min) / (max - min) * (Math.sqrt(kappa) - 1);
      for (int i = 0; i < rows; i++) {
        u.set(i, j, u.get(i, j) * mapped);
      }
    }
    DMatrixRMaj product = new DMatrixRMaj(rows, columns);
    CommonOps_DDRM.mult(u, svd.getV(null, true), product);
    return product.getData();
  }

  private static SingularValueDecomposition_F64<DMatrixRMaj> svd(
      double[] a, int rows, int columns, boolean vectors) {
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(rows, columns, vectors, vectors, true);
    if (!svd.decompose(new DMatrixRMaj(rows, columns, true, a.clone()))) {
      throw new IllegalArgumentException("the singular values of the matrix do not converge");
    }
    return svd;
  }

  /** The gradient {@code A^T (A z - y)}. */
  public void gradient(double[] z, double[] gradient) {
    Arrays.fill(gradient, 0);
    for (int i = 0; i < a.rows; i++) {
      double residual = 0;
      for (int k = a.from[i]; k < a.from[i + 1]; k++) {
        residual += a.value[k] * z[a.column[k]];
      }
      residual -= y[i];
      for (int k = a.from[i]; k < a.from[i + 1]; k++) {
        gradient[a.column[k]] += a.value[k] * residual;
      }
    }
  }

  public double value(double[] x) {
    double sum = 0;
    for (int i = 0; i < a.rows; i++) {
      double residual = -y[i];
      for (int k = a.from[i]; k < a.from[i + 1]; k++) {
        residual += a.value[k] * x[a.column[k]];
      }
      sum += residual * residual;
    }
    return sum / 2;
  }

  /** The minimizer x*. */
  public double[] minimizer() {
    return a.solve(y);
  }

  public int rows() {
    return a.rows;
  }

  public int columns() {
    return a.columns;
  }

  /** L. */
  public double smooth() {
    return a.largest * a.largest;
  }

  /** mu. */
  public double convex() {
    return a.smallest * a.smallest;
  }
}
