package org.halfulp.cost;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a unit costs on a target.
 *
 * @param hash of all that decides the figures
 * @param basis hash of the same without the parameters: what may be compared
 * @param target its label
 * @param figures those the target has
 * @param notes why a figure is missing, and what else a reader should know
 * @param seconds that the tools took when it was measured
 */
public record Cost(
    String hash,
    String basis,
    String top,
    SortedMap<String, String> parameters,
    String target,
    List<Figure> figures,
    List<String> notes,
    double seconds) {
  public Cost {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
    figures = List.copyOf(figures);
    notes = List.copyOf(notes);
  }

  /** A figure by name; empty where the target or this run has none. */
  public Optional<Figure> figure(String name) {
    return figures.stream().filter(f -> f.name().equals(name)).findFirst();
  }
}
