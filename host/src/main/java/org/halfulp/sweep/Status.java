package org.halfulp.sweep;

import java.util.Locale;

/** What became of a part of a point. */
public enum Status {
  /** It has its result. */
  DONE,
  /** A price that nobody measured: a later run may do so. */
  ESTIMATED,
  /** A training run that left the finite numbers, and ended with that step: a result as well. */
  DIVERGED,
  /** It cannot have a result, now or later: its description is refused, or a NaN has no code. */
  REFUSED,
  /** RTL and emulator differ. */
  DIFFERS,
  /** A tool or the machine failed; the next run tries again. */
  FAILED;

  /** Whether the sweep has to say that this went wrong. */
  public boolean isBad() {
    return this != DONE && this != ESTIMATED && this != DIVERGED;
  }

  /** Whether another try may end otherwise. */
  public boolean isFinal() {
    return this != FAILED && this != ESTIMATED;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Status parse(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
