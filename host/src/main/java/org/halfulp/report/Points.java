package org.halfulp.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Points of a design space by two numbers of which less is better, with their Pareto front. */
public final class Points {
  private static final int MOST = 4000; // drawn beside the front

  /**
   * One point.
   *
   * @param group those of one group have one colour, one symbol and one name in the legend
   * @param hover lines that a reader sees over the point; asked for where it is drawn
   * @param command copied by a click
   * @param estimated whether a number of it was not measured: drawn as an empty diamond
   */
  public record Point(
      double x,
      double y,
      String group,
      Supplier<List<String>> hover,
      String command,
      boolean estimated) {
    boolean isFinite() {
      return Double.isFinite(x) && Double.isFinite(y);
    }
  }

  private Points() {}

  /** The points that no other beats by one number without losing by the other, by ascending x. */
  public static List<Point> front(List<Point> points) {
    List<Point> front = new ArrayList<>();
    points.stream()
        .filter(Point::isFinite)
        .sorted(Comparator.comparingDouble(Point::x).thenComparingDouble(Point::y))
        .forEach(
            p -> {
              Point last = front.isEmpty() ? null : front.get(front.size() - 1);
              if (last == null || p.y() < last.y() || (p.y() == last.y() && p.x() == last.x())) {
                front.add(p);
              }
            });
    return front;
  }

  /**
   * The figure.
   *
   * @param caption what one sees; how many points are not drawn is added
   */
  public static Figure figure(
      String id,
      String title,
      String caption,
      String source,
      String xLabel,
      String yLabel,
      List<Point> points) {
    List<Point> finite = points.stream().filter(Point::isFinite).toList();
    if (finite.isEmpty()) {
      return Figure.empty(id, title, "No point has both %s and %s.".formatted(xLabel, yLabel));
    }
    List<Point> front = front(finite);
    Set<Point> best = new HashSet<>(front);
    List<Point> others = finite.stream().filter(p -> !best.contains(p)).toList();
    int step = (others.size() + MOST - 1) / MOST;
    Map<String, List<Object>> groups = new LinkedHashMap<>();
    Set<String> estimated = new HashSet<>();
    List<Point> drawn = new ArrayList<>(front);
    for (int i = 0; i < others.size(); i += step) {
      drawn.add(others.get(i));
    }
    drawn.stream()
        .map(Point::group)
        .sorted()
        .distinct()
        .forEach(g -> groups.put(g, new ArrayList<>()));
    for (Point p : drawn) {
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("value", List.of(p.x(), p.y()));
      item.put("hover", p.hover().get());
      item.put("command", p.command());
      if (best.contains(p)) {
        item.put("symbolSize", 11);
      }
      if (p.estimated()) {
        estimated.add(p.group());
      }
      groups.get(p.group()).add(item);
    }
    Axis x = Axis.of(xLabel, true, drawn.stream().mapToDouble(Point::x));
    Axis y = Axis.of(yLabel, true, drawn.stream().mapToDouble(Point::y));
    List<Object> series = new ArrayList<>();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("name", "Pareto front");
    line.put("type", "line");
    line.put("reference", true);
    line.put("step", "end");
    line.put("showSymbol", false);
    line.put("silent", true);
    line.put("lineStyle", Map.of("width", 1.5, "type", "solid"));
    line.put("data", front.stream().map(p -> List.of(p.x(), p.y())).toList());
    series.add(line);
    groups.forEach(
        (name, data) -> {
          Map<String, Object> map = new LinkedHashMap<>();
          map.put("name", name);
          map.put("type", "scatter");
          if (estimated.contains(name)) {
            map.put("symbol", "emptyDiamond");
          }
          map.put("symbolSize", 6);
          map.put("itemStyle", Map.of("opacity", .8));
          map.put("data", data);
          series.add(map);
        });
    Map<String, Object> option = new LinkedHashMap<>();
    option.put("xAxis", x.option());
    option.put("yAxis", y.option());
    option.put("tooltip", Map.of("trigger", "item"));
    option.put("series", series);
    StringBuilder text = new StringBuilder(caption);
    text.append(" %,d on the front, %,d beaten".formatted(front.size(), others.size()));
    if (finite.size() < points.size()) {
      text.append(", %,d without both numbers".formatted(points.size() - finite.size()));
    }
    text.append(
        drawn.size() < finite.size()
            ? "; one in %d of those beaten is drawn.".formatted(step)
            : ".");
    return Figure.of(id, title, text.toString(), source, option);
  }
}
