package org.halfulp.number;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which codes of a float format are special; section 1.1 of the contract. */
public enum Family {
  /** IEEE 754: the top exponent holds Inf and NaNs; -0. */
  IEEE("ieee", true, true),
  /** Finite, NaN at all ones below the sign; -0. OCP E4M3. */
  FN("fn", true, true),
  /** Finite, one NaN at the code of -0. */
  FNUZ("fnuz", true, false),
  /** Every code finite; -0. OCP FP6 and FP4. */
  FINITE("finite", true, true),
  /** IEEE P3109 signed extended: one NaN at the code of -0, Inf at the top of each sign. */
  P3109("p3109", true, false),
  /** IEEE P3109 signed finite: one NaN at the code of -0. */
  P3109_SF("p3109sf", true, false),
  /** IEEE P3109 unsigned extended: NaN at the top, Inf below it. */
  P3109_UE("p3109ue", false, false),
  /** IEEE P3109 unsigned finite: NaN at the top. */
  P3109_UF("p3109uf", false, false),
  /** Unsigned powers of two without zero, NaN at the top. OCP E8M0. */
  FNU("fnu", false, false);

  private final String label;
  private final boolean signed;
  private final boolean negativeZero;

  Family(String label, boolean signed, boolean negativeZero) {
    this.label = label;
    this.signed = signed;
    this.negativeZero = negativeZero;
  }

  public String label() {
    return label;
  }

  public boolean signed() {
    return signed;
  }

  public boolean negativeZero() {
    return negativeZero;
  }

  /** The bias a format of {@code expBits} exponent bits has unless it says otherwise. */
  public int defaultBias(int expBits) {
    int half = 1 << (expBits - 1);
    return switch (this) {
      case IEEE, FN, FINITE, FNU -> half - 1;
      case FNUZ, P3109, P3109_SF, P3109_UE, P3109_UF -> half;
    };
  }

  public static Family parse(String text) {
    String wanted = text.toLowerCase(Locale.ROOT);
    for (Family family : values()) {
      if (family.label.equals(wanted)) {
        return family;
      }
    }
    throw new IllegalArgumentException(
        "unknown float family '%s'; known: %s"
            .formatted(
                text, Arrays.stream(values()).map(Family::label).collect(Collectors.joining(" "))));
  }

  @Override
  public String toString() {
    return label;
  }
}
