package org.halfulp.verify;

import java.util.Optional;

/** The twins differ. */
public final class MismatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Mismatch mismatch; // null: of a whole step

  public MismatchException(Mismatch mismatch) {
    super(mismatch.report());
    this.mismatch = mismatch;
  }

  /**
   * @param report of a whole step, over several lines
   */
  public MismatchException(String report) {
    super(report);
    this.mismatch = null;
  }

  /** Every port as code and value, over several lines. */
  public String report() {
    return getMessage();
  }

  /** The update on which they differ, where it was one update. */
  public Optional<Mismatch> mismatch() {
    return Optional.ofNullable(mismatch);
  }
}
