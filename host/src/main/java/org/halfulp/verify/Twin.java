package org.halfulp.verify;

/**
 * A unit in Java. It may keep state from beat to beat and from call to call, as the RTL does; a
 * fresh one is in the state after reset.
 */
@FunctionalInterface
public interface Twin {
  /**
   * Answers beats.
   *
   * @param in a column for each of {@link Unit#inputs}: the value of beat {@code b}, lane {@code l}
   *     at {@code b * lanes + l}; one value a beat for a field that is not per lane
   * @param out a column for each of {@link Unit#outputs}, likewise
   * @return beats of the answer; those that {@code in} has unless the unit reduces or expands
   */
  int respond(long[][] in, int beats, long[][] out);
}
