package org.halfulp.number;

/** Exception flags as bits, in TestFloat's order. */
public final class Flags {
  public static final int INEXACT = 1;
  public static final int UNDERFLOW = 2;
  public static final int OVERFLOW = 4;
  public static final int DIVIDE_BY_ZERO = 8;
  public static final int INVALID = 16;

  private Flags() {}

  /** {@code "overflow inexact"}, or {@code "-"} for none. */
  public static String describe(int flags) {
    StringBuilder text = new StringBuilder();
    append(text, flags, INVALID, "invalid");
    append(text, flags, DIVIDE_BY_ZERO, "divide-by-zero");
    append(text, flags, OVERFLOW, "overflow");
    append(text, flags, UNDERFLOW, "underflow");
    append(text, flags, INEXACT, "inexact");
    return text.isEmpty() ? "-" : text.toString();
  }

  private static void append(StringBuilder text, int flags, int bit, String name) {
    if ((flags & bit) != 0) {
      text.append(text.isEmpty() ? "" : " ").append(name);
    }
  }
}
