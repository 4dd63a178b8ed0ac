package org.halfulp.report;

import java.util.List;
import java.util.Map;

/**
 * One figure: what ECharts is to draw, or why there is nothing to draw.
 *
 * @param id unique on a page, also the name of its files; letters, digits and hyphens
 * @param caption what one sees
 * @param source where the numbers are from: files and the command that made them
 * @param height in pixels
 * @param option an ECharts option of maps, lists, strings and numbers; see {@code figure.js}
 * @param empty why there is nothing to draw; null if there is
 */
public record Figure(
    String id,
    String title,
    String caption,
    String source,
    int height,
    Map<String, Object> option,
    String empty) {

  static final int HEIGHT = 360;

  public Figure {
    if (!id.matches("[a-z0-9-]+")) {
      throw new IllegalArgumentException(
          "a figure's id has letters, digits and hyphens, got " + id);
    }
    if ((option == null) == (empty == null)) {
      throw new IllegalArgumentException(id + " needs an option, or a reason for having none");
    }
  }

  static Figure of(
      String id, String title, String caption, String source, Map<String, Object> option) {
    return new Figure(id, title, caption, source, HEIGHT, option, null);
  }

  /** A figure without data. */
  public static Figure empty(String id, String title, String why) {
    return new Figure(id, title, "", "", HEIGHT, null, why);
  }

  /** Whether a click on something copies a command. */
  boolean hasCommands() {
    return option.get("series") instanceof List<?> series
        && series.stream()
            .anyMatch(
                s ->
                    s instanceof Map<?, ?> map
                        && map.get("data") instanceof List<?> data
                        && data.stream()
                            .anyMatch(
                                d -> d instanceof Map<?, ?> item && item.get("command") != null));
  }

  public boolean isEmpty() {
    return empty != null;
  }
}
