package org.halfulp.cost;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a regression sees of Verilog parameters: {@code log2(1 + v)} of a size, 0 or 1 for each
 * value of a choice, and all products of two of these, each with mean 0 and deviation 1 over the
 * units it is fitted on. What is the same in all of them is left out, and so are biases, which
 * follow the exponents.
 */
final class Features {
  /** Last words of parameters whose values are names, not sizes. */
  private static final Set<String> CHOICES = Set.of("ROUND", "RANGE", "FAMILY", "KIND", "ORDER");

  private static final String BIAS = "BIAS";
  private static final double TINY = 1e-9;

  private final SortedMap<String, SortedSet<Long>> met; // values by parameter
  private double[] mean;
  private double[] deviation;

  private Features(SortedMap<String, SortedSet<Long>> met) {
    this.met = met;
  }

  static Features of(List<? extends Map<String, String>> units) {
    SortedMap<String, SortedSet<Long>> met = new TreeMap<>();
    for (Map<String, String> unit : units) {
      unit.keySet().stream()
          .filter(name -> !last(name).equals(BIAS))
          .forEach(name -> met.put(name, new TreeSet<>()));
    }
    met.forEach((name, values) -> units.forEach(u -> values.add(value(u, name))));
    Features features = new Features(met);
    double[][] rows = units.stream().map(features::products).toArray(double[][]::new);
    features.standardize(rows);
    return features;
  }

  private void standardize(double[][] rows) {
    int p = rows[0].length;
    mean = new double[p];
    deviation = new double[p];
    for (int j = 0; j < p; j++) {
      for (double[] row : rows) {
        mean[j] += row[j] / rows.length;
      }
      for (double[] row : rows) {
        deviation[j] += (row[j] - mean[j]) * (row[j] - mean[j]) / rows.length;
      }
      deviation[j] = Math.sqrt(deviation[j]);
    }
  }

  /** The row of a unit. */
  double[] row(Map<String, String> unit) {
    double[] row = products(unit);
    for (int j = 0; j < row.length; j++) {
      row[j] = deviation[j] < TINY ? 0 : (row[j] - mean[j]) / deviation[j];
    }
    return row;
  }

  /** Parameters of which nothing is known: {@code "W_WIDTH=20 (2..16 measured)"}. */
  List<String> outside(Map<String, String> unit) {
    List<String> names = new ArrayList<>();
    met.forEach(
        (name, values) -> {
          long v = value(unit, name);
          boolean known =
              isChoice(name) ? values.contains(v) : v >= values.first() && v <= values.last();
          if (!known) {
            names.add(
                values.size() == 1
                    ? "%s=%d (%d measured)".formatted(name, v, values.first())
                    : "%s=%d (%d..%d measured)".formatted(name, v, values.first(), values.last()));
          }
        });
    return names;
  }

  private double[] products(Map<String, String> unit) {
    List<Double> base = new ArrayList<>();
    met.forEach(
        (name, values) -> {
          if (values.size() < 2) {
            return;
          }
          long v = value(unit, name);
          if (isChoice(name)) {
            values.tailSet(values.first() + 1).forEach(choice -> base.add(v == choice ? 1.0 : 0));
          } else {
            base.add(Math.signum(v) * Math.log(1 + Math.abs((double) v)) / Math.log(2));
          }
        });
    List<Double> all = new ArrayList<>(base);
    for (int i = 0; i < base.size(); i++) {
      for (int j = 0; j <= i; j++) {
        all.add(base.get(i) * base.get(j));
      }
    }
    return all.stream().mapToDouble(d -> d).toArray();
  }

  private static boolean isChoice(String name) {
    return CHOICES.contains(last(name));
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('_') + 1);
  }

  /** A decimal number; 0 where the unit leaves the parameter out or gives another literal. */
  private static long value(Map<String, String> unit, String name) {
    return Optional.ofNullable(unit.get(name))
        .filter(v -> v.matches("-?\\d{1,18}"))
        .map(Long::parseLong)
        .orElse(0L);
  }
}
