package org.halfulp.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Numbers of named things, the largest on top. */
public final class Bars {
  /** One bar. */
  public record Bar(String name, double value, List<String> hover) {}

  private Bars() {}

  /** The figure; where all values are positive and far apart the axis is logarithmic. */
  public static Figure figure(
      String id, String title, String caption, String source, String label, List<Bar> bars) {
    List<Bar> finite =
        bars.stream()
            .filter(b -> Double.isFinite(b.value()))
            .sorted((a, b) -> Double.compare(a.value(), b.value()))
            .toList();
    if (finite.isEmpty()) {
      return Figure.empty(id, title, "Nothing can be compared: " + caption);
    }
    List<Object> data = new ArrayList<>();
    for (Bar b : finite) {
      data.add(Map.of("value", b.value(), "hover", b.hover()));
    }
    Map<String, Object> series = new LinkedHashMap<>();
    series.put("type", "bar");
    series.put("drawing", "named");
    series.put("barMaxWidth", 26);
    series.put("data", data);
    Map<String, Object> option = new LinkedHashMap<>();
    option.put("xAxis", Map.of("type", "value", "name", label));
    option.put(
        "yAxis", Map.of("type", "category", "data", finite.stream().map(Bar::name).toList()));
    option.put("tooltip", Map.of("trigger", "item"));
    option.put("series", List.of(series));
    int height = Math.max(200, 90 + 34 * finite.size());
    return new Figure(id, title, caption, source, height, option, null);
  }
}
