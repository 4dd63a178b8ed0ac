package org.halfulp.verify;

/** The twins differ. */
public final class MismatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Mismatch mismatch;

  public MismatchException(Mismatch mismatch) {
    super(mismatch.report());
    this.mismatch = mismatch;
  }

  public Mismatch mismatch() {
    return mismatch;
  }
}
