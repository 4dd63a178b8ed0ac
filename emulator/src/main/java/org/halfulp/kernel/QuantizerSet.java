package org.halfulp.kernel;

/**
 * The five quantizers of a step of least squares, Q_d Q_p Q_a Q_l Q_o of Zhang, Su and Zou,
 * arXiv:2510.18259, section 3: {@code w += (gamma/B) Qd(X)^T Qo(Ql(y) - Qa(Qd(X) Qp(w)))}.
 *
 * @param residual Q_o, of the output's gradient
 */
public record QuantizerSet(
    Perturbation data,
    Perturbation parameter,
    Perturbation activation,
    Perturbation label,
    Perturbation residual) {

  /** Everything in binary64. */
  public static final QuantizerSet NONE = all(Perturbation.NONE);

  /** The same for all five. */
  public static QuantizerSet all(Perturbation each) {
    return new QuantizerSet(each, each, each, each, each);
  }

  /** Only the features. */
  public static QuantizerSet dataOnly(Perturbation data) {
    return NONE.withData(data);
  }

  public QuantizerSet withData(Perturbation other) {
    return new QuantizerSet(other, parameter, activation, label, residual);
  }

  public QuantizerSet withParameter(Perturbation other) {
    return new QuantizerSet(data, other, activation, label, residual);
  }

  public QuantizerSet withActivation(Perturbation other) {
    return new QuantizerSet(data, parameter, other, label, residual);
  }

  public QuantizerSet withLabel(Perturbation other) {
    return new QuantizerSet(data, parameter, activation, other, residual);
  }

  public QuantizerSet withResidual(Perturbation other) {
    return new QuantizerSet(data, parameter, activation, label, other);
  }
}
