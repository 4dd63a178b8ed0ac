package org.halfulp.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows as lines across one axis a column. */
public final class Parallel {
  private static final int MOST = 1500;

  private Parallel() {}

  /**
   * The figure.
   *
   * @param columns names; the last one gives the colour and is made of numbers
   * @param rows numbers or texts; rows with an empty cell are left out
   */
  public static Figure figure(
      String id,
      String title,
      String caption,
      String source,
      List<String> columns,
      List<List<Object>> rows) {
    List<List<Object>> whole =
        rows.stream()
            .filter(
                r ->
                    r.stream()
                        .allMatch(
                            c -> c != null && !(c instanceof Double d && !Double.isFinite(d))))
            .toList();
    if (whole.isEmpty()) {
      return Figure.empty(id, title, "No point has a value in every column.");
    }
    int step = (whole.size() + MOST - 1) / MOST;
    List<List<Object>> drawn = new ArrayList<>();
    for (int i = 0; i < whole.size(); i += step) {
      drawn.add(whole.get(i));
    }
    List<Object> axes = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      int column = i;
      Map<String, Object> axis = new LinkedHashMap<>();
      axis.put("dim", i);
      axis.put("name", columns.get(i));
      if (drawn.stream().allMatch(r -> r.get(column) instanceof Number)) {
        double[] values =
            drawn.stream().mapToDouble(r -> ((Number) r.get(column)).doubleValue()).toArray();
        Axis numbers = Axis.of("", true, Arrays.stream(values));
        axis.putAll(numbers.option());
        axis.put("name", columns.get(i));
      } else {
        axis.put("type", "category");
        axis.put("data", drawn.stream().map(r -> r.get(column).toString()).distinct().toList());
      }
      axes.add(axis);
    }
    int last = columns.size() - 1;
    double[] shade =
        drawn.stream().mapToDouble(r -> ((Number) r.get(last)).doubleValue()).sorted().toArray();
    Map<String, Object> series = new LinkedHashMap<>();
    series.put("type", "parallel");
    series.put("lineStyle", Map.of("width", 1.2, "opacity", drawn.size() > 200 ? .35 : .7));
    series.put("data", drawn);
    Map<String, Object> option = new LinkedHashMap<>();
    option.put("parallelAxis", axes);
    option.put("tooltip", Map.of("show", false));
    option.put(
        "visualMap",
        Map.of(
            "dimension",
            last,
            "min",
            shade[0],
            "max",
            // the worst tenth has one colour: a few that diverge must not make all others alike
            Math.max(shade[(int) ((shade.length - 1) * .9)], Math.nextUp(shade[0])),
            "show",
            false));
    option.put("series", List.of(series));
    String note = step > 1 ? " One in %d points is drawn.".formatted(step) : "";
    return new Figure(id, title, caption + note, source, 420, option, null);
  }
}
