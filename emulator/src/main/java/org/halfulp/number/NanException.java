package org.halfulp.number;

/** NaN met a format without NaN in strict use; section 3.4 of the contract. */
public final class NanException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  NanException(Format format) {
    super(
        "the result is NaN, for which "
            + format.name()
            + " has no code; ask for zero instead (nan: zero) or choose a format with NaN");
  }
}
