package org.halfulp.sim;

/**
 * A model ended: {@code $stop}, {@code $error}, {@code $fatal}, no convergence, a broken handshake,
 * a batch cut short by {@code $finish}, or a later use of such a model.
 */
public final class DutException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public DutException(String message) {
    super(message);
  }
}
