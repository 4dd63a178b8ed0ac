package org.halfulp.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A number by two things that are counted or named. */
public final class HeatMap {
  /** One cell, by its place in the lists of names. */
  public record Cell(int x, int y, double value, List<String> hover, String command) {}

  private HeatMap() {}

  /** The figure: dark is small. */
  public static Figure figure(
      String id,
      String title,
      String caption,
      String source,
      String xLabel,
      List<String> xs,
      String yLabel,
      List<String> ys,
      List<Cell> cells) {
    List<Cell> finite = cells.stream().filter(c -> Double.isFinite(c.value())).toList();
    if (finite.isEmpty()) {
      return Figure.empty(id, title, "No cell has a finite number.");
    }
    var range = finite.stream().mapToDouble(Cell::value).summaryStatistics();
    boolean log = range.getMin() > 0 && range.getMax() > 10 * range.getMin();
    List<Object> data =
        finite.stream()
            .map(
                c -> {
                  Map<String, Object> item = new LinkedHashMap<>();
                  double shade = log ? Math.log10(c.value()) : c.value();
                  item.put("value", List.of(c.x(), c.y(), shade, c.value()));
                  item.put("hover", c.hover());
                  item.put("command", c.command());
                  return (Object) item;
                })
            .toList();
    Map<String, Object> series = new LinkedHashMap<>();
    series.put("type", "heatmap");
    series.put("drawing", "cells");
    series.put("data", data);
    double least = log ? Math.log10(range.getMin()) : range.getMin();
    double most = log ? Math.log10(range.getMax()) : range.getMax();
    Map<String, Object> option = new LinkedHashMap<>();
    option.put("xAxis", Map.of("type", "category", "name", xLabel, "data", xs));
    option.put("yAxis", Map.of("type", "category", "name", yLabel, "data", ys));
    option.put("tooltip", Map.of("trigger", "item"));
    option.put(
        "visualMap", Map.of("min", least, "max", most > least ? most : least + 1, "show", false));
    option.put("series", List.of(series));
    return Figure.of(id, title, caption, source, option);
  }
}
