package org.halfulp.number;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Rounding directions; section 2 of the contract. The order is the Verilog parameter ROUND. */
public enum RoundingMode {
  RNE("rne", "nearest, ties to even"),
  RNA("rna", "nearest, ties away from zero"),
  RTZ("rtz", "toward zero"),
  RUP("rup", "toward +inf"),
  RDN("rdn", "toward -inf"),
  RTO("rto", "to odd"),
  SR("sr", "stochastic, N random bits"),
  HALF_UP("half-up", "nearest, ties toward +inf (fixed point only)"),
  HALF_DOWN("half-down", "nearest, ties toward -inf (fixed point only)"),
  HALF_ZERO("half-zero", "nearest, ties toward zero (fixed point only)");

  private final String label;
  private final String meaning;

  RoundingMode(String label, String meaning) {
    this.label = label;
    this.meaning = meaning;
  }

  public String label() {
    return label;
  }

  public String meaning() {
    return meaning;
  }

  public boolean fixedOnly() {
    return this == HALF_UP || this == HALF_DOWN || this == HALF_ZERO;
  }

  /**
   * The decision for every mode but {@link #SR}: does the magnitude step up?
   *
   * @param odd whether the lower neighbour is odd
   * @param guard whether at least half a unit is lost
   * @param sticky whether anything is lost beside that half
   */
  boolean roundsAway(boolean negative, boolean odd, boolean guard, boolean sticky) {
    boolean inexact = guard || sticky;
    return switch (this) {
      case RNE -> guard && (sticky || odd);
      case RNA -> guard;
      case RTZ -> false;
      case RUP -> inexact && !negative;
      case RDN -> inexact && negative;
      case RTO -> inexact && !odd;
      case HALF_UP -> guard && (sticky || !negative);
      case HALF_DOWN -> guard && (sticky || negative);
      case HALF_ZERO -> guard && sticky;
      case SR -> throw new AssertionError("SR is decided by its random bits");
    };
  }

  /**
   * Whether a magnitude beyond the range goes outward (to Inf) under the range rule {@code none}.
   */
  boolean overflowsToInfinity(boolean negative) {
    return switch (this) {
      case RNE, RNA, SR, HALF_UP, HALF_DOWN, HALF_ZERO -> true;
      case RTZ, RTO -> false;
      case RUP -> !negative;
      case RDN -> negative;
    };
  }

  public static RoundingMode parse(String text) {
    String wanted = text.toLowerCase(Locale.ROOT).replace('_', '-');
    for (RoundingMode mode : values()) {
      if (mode.label.equals(wanted)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "unknown rounding '%s'; known: %s"
            .formatted(
                text,
                Arrays.stream(values()).map(RoundingMode::label).collect(Collectors.joining(" "))));
  }

  @Override
  public String toString() {
    return label;
  }
}
