package org.halfulp.learn;

/** Training steps on a linear model, one after the other, from weights of their own. */
public interface Step {

  /**
   * Many rows as {@link #run} takes its mini-batches from then on: these, or a copy of them that is
   * quantized, where the quantizer of the data makes the same of a row each time.
   *
   * @param x rows of length d
   */
  default double[] prepared(double[] x) {
    return x;
  }

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
