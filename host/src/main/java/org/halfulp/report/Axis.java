package org.halfulp.report;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * One axis of a figure.
 *
 * @param log logarithmic, for positive values alone
 * @param least where a logarithmic axis begins
 * @param most where it ends
 */
record Axis(String label, boolean log, double least, double most) {
  private static final double NARROW = 1.5; // below that ratio a logarithm shows nothing more

  /** Logarithmic if asked for, the values are positive and their range is wide enough. */
  static Axis of(String label, boolean log, DoubleStream values) {
    var range = values.filter(Double::isFinite).filter(v -> !log || v > 0).summaryStatistics();
    if (!log || range.getCount() == 0 || range.getMax() < NARROW * range.getMin()) {
      return new Axis(label, false, 0, 0);
    }
    double margin = Math.pow(range.getMax() / range.getMin(), .04);
    return new Axis(label, true, range.getMin() / margin, range.getMax() * margin);
  }

  boolean shows(double v) {
    return Double.isFinite(v) && (!log || v > 0);
  }

  /** As ECharts takes it. */
  Map<String, Object> option() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("type", log ? "log" : "value");
    map.put("name", label);
    if (log) {
      map.put("min", least);
      map.put("max", most);
      List<Double> ticks = ticks();
      for (String part : List.of("axisTick", "axisLabel", "splitLine")) {
        map.put(part, Map.of("customValues", ticks));
      }
    } else {
      map.put("scale", true);
    }
    return map;
  }

  /** Round values: powers of ten, and as many between them as there is room for. */
  List<Double> ticks() {
    int first = (int) Math.floor(Math.log10(least));
    int last = (int) Math.ceil(Math.log10(most));
    double decades = Math.log10(most / least);
    double[] steps =
        decades > 4
            ? new double[] {1}
            : decades > 1.2
                ? new double[] {1, 2, 5}
                : decades > .5
                    ? new double[] {1, 1.5, 2, 3, 4, 5, 7}
                    : new double[] {1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9};
    return IntStream.rangeClosed(first, last)
        .boxed()
        .flatMap(e -> Arrays.stream(steps).mapToObj(s -> Double.parseDouble(s + "e" + e)))
        .filter(v -> v >= least && v <= most)
        .toList();
  }
}
