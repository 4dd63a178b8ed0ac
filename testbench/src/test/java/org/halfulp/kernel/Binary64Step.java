package org.halfulp.kernel;

/**
 * A step of mini-batch SGD in binary64 in any order of summation, as fast as Java has it: both
 * products by the inner loops of the kernels, which keep four rows, or four vectors of columns, in
 * registers.
 */
public final class Binary64Step {
  private final ScalarSums loops = LoopChoice.sums(true);
  private final double step;
  private final double[] w;
  private final double[] o;
  private final double[] g;

  /**
   * @param d number of features
   * @param batch rows of a step
   */
  public Binary64Step(int d, int batch, double eta) {
    step = eta / batch;
    w = new double[d];
    o = new double[batch];
    g = new double[d];
  }

  /** One step on the mini-batch x, row-major, with its labels. */
  public void run(double[] x, double[] y) {
    loops.rows(x, w.length, 1, w, 0, o.length, w.length, o);
    for (int b = 0; b < o.length; b++) {
      o[b] = step * (y[b] - o[b]);
    }
    loops.columns(x, w.length, o, 0, w.length, o.length, g);
    for (int j = 0; j < w.length; j++) {
      w[j] += g[j];
    }
  }

  /** {@code out} = the matrix a times b. */
  public void rows(double[] a, double[] b, double[] out) {
    loops.rows(a, b.length, 1, b, 0, out.length, b.length, out);
  }

  public double[] weights() {
    return w;
  }
}
