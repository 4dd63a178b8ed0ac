package org.halfulp.learn;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionBlock_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.dense.row.linsol.chol.LinearSolverChol_DDRM;
import org.ejml.dense.row.mult.MatrixMultProduct_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.ejml.interfaces.linsol.LinearSolverDense;

/** Ridge regression: the minimizer of {@code ||y - Z w||^2 / n + lambda ||w||^2}. */
public final class Ridge {
  private static final int LARGE = 1000;
  private static final int BLOCK = 60;

  private Ridge() {}

  /**
   * Solves {@code (Z'Z + n lambda) w = Z'y}, or {@code w = Z'(ZZ' + n lambda)^-1 y} where Z has
   * more columns than rows.
   *
   * @param z n x p row-major
   * @param y n x outputs
   * @param lambda at least 0
   * @return p x outputs
   * @throws IllegalArgumentException if the system is singular, which lambda > 0 prevents, or not
   *     finite
   */
  public static double[] fit(double[] z, int n, int p, double[] y, int outputs, double lambda) {
    if (n < 1 || p < 1 || outputs < 1) {
      throw new IllegalArgumentException(
          "ridge regression needs rows, features and outputs, got %d, %d and %d"
              .formatted(n, p, outputs));
    }
    if (z.length != (long) n * p || y.length != (long) n * outputs) {
      throw new IllegalArgumentException(
          "%d features and %d labels are not %d rows of %d and %d"
              .formatted(z.length, y.length, n, p, outputs));
    }
    if (!(lambda >= 0 && lambda <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("lambda must be at least 0, got " + lambda);
    }
    DMatrixRMaj features = DMatrixRMaj.wrap(n, p, z);
    DMatrixRMaj labels = DMatrixRMaj.wrap(n, outputs, y);
    boolean dual = p > n;
    int size = dual ? n : p;
    DMatrixRMaj gram = new DMatrixRMaj(size, size);
    DMatrixRMaj right;
    if (dual) {
      MatrixMultProduct_DDRM.outer(features, gram);
      right = labels;
    } else {
      MatrixMultProduct_DDRM.inner_reorder(features, gram);
      right = new DMatrixRMaj(p, outputs);
      CommonOps_DDRM.multTransA(features, labels, right);
    }
    for (int i = 0; i < size; i++) {
      gram.add(i, i, n * lambda);
    }
    LinearSolverDense<DMatrixRMaj> solver =
        size < LARGE // the library's own choice for larger ones hides its factors
            ? LinearSolverFactory_DDRM.chol(size)
            : new LinearSolverChol_DDRM(new CholeskyDecompositionBlock_DDRM(BLOCK));
    if (!solver.setA(gram) || !isRegular(solver)) {
      throw new IllegalArgumentException(
          "the %d x %d features with lambda = %s have no unique ridge solution; raise lambda"
              .formatted(n, p, lambda));
    }
    DMatrixRMaj solution = new DMatrixRMaj(size, outputs);
    solver.solve(right, solution);
    DMatrixRMaj w = solution;
    if (dual) {
      w = new DMatrixRMaj(p, outputs);
      CommonOps_DDRM.multTransA(features, solution, w);
    }
    for (double v : w.data) {
      if (!(Math.abs(v) <= Double.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "the ridge solution of %d x %d features is not finite".formatted(n, p));
      }
    }
    return w.data;
  }

  /** Whether the pivots of the Gram matrix are more than its rounding. */
  private static boolean isRegular(LinearSolverDense<DMatrixRMaj> solver) {
    CholeskyDecomposition_F64<DMatrixRMaj> cholesky = solver.getDecomposition();
    DMatrixRMaj t = cholesky.getT(null);
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (int i = 0; i < t.numRows; i++) {
      double pivot = t.get(i, i) * t.get(i, i);
      least = Math.min(least, pivot);
      most = Math.max(most, pivot);
    }
    return least > 1e-15 * t.numRows * most;
  }
}
