package org.halfulp.cost;

import java.util.List;

/**
 * A figure that nobody measured.
 *
 * @param typical relative error that half of the cross-validated estimates kept to
 * @param most relative error that nine in ten kept to
 * @param points measured units it was fitted on
 * @param outside parameters with values that none of these had, or beyond theirs: the errors say
 *     nothing then
 */
public record Estimate(
    String figure, double value, double typical, double most, int points, List<String> outside) {
  public Estimate {
    outside = List.copyOf(outside);
  }
}
