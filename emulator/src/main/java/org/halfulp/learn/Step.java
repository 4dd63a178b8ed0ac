package org.halfulp.learn;

/** Training steps on a linear model, one after the other, from weights of their own. */
public interface Step {

  /**
   * One step.
   *
   * @param x the mini-batch, B x d row-major
   * @param y its labels, length B
   */
  void run(double[] x, double[] y);

  /** The weights' values, length d; a live view, not to be written. */
  double[] weights();

  /** The weights' codes; null when they are binary64. */
  long[] weightCodes();
}
