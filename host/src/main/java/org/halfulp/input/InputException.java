package org.halfulp.input;

/** Something the user wrote is wrong; the message says what, where, and what is accepted. */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InputException(String message) {
    super(message);
  }

  public InputException(String message, Throwable cause) {
    super(message, cause);
  }
}
