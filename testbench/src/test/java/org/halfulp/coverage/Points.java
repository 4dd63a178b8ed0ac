package org.halfulp.coverage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The points of one module that Verilator counts, by their name, with how often each was hit. */
final class Points {
  private final TreeMap<String, Long> lines = new TreeMap<>(); // "line 12 else"
  private final TreeMap<String, Long> toggles = new TreeMap<>(); // "in_a[3]"

  /** How many points there are, and how many were hit. */
  static final class Sum {
    private int points;
    private int hit;
    private final List<String> missed = new ArrayList<>();

    void add(Sum other) {
      points += other.points;
      hit += other.hit;
    }

    double part() {
      return points == 0 ? 1 : (double) hit / points;
    }

    List<String> missed() {
      return missed;
    }

    @Override
    public String toString() {
      return points == 0
          ? "-"
          : String.format(Locale.ROOT, "%d of %d (%.1f %%)", hit, points, 100 * part());
    }
  }

  /**
   * Adds the counts of a file that Verilator left.
   *
   * <p>A line is {@code C 'key\2value\1key\2value...' count}; keys used: f file, l line, o what,
   * page v_line/MODULE or v_toggle/MODULE.
   */
  static void read(Path file, Map<String, Points> modules) throws IOException {
    for (String text : Files.readAllLines(file)) {
      int end = text.lastIndexOf("' ");
      if (!text.startsWith("C '") || end < 0) {
        continue;
      }
      Map<String, String> keys = new HashMap<>();
      for (String pair : text.substring(3, end).split("\1")) {
        int at = pair.indexOf('\2');
        if (at > 0) {
          keys.put(pair.substring(0, at), pair.substring(at + 1));
        }
      }
      long count = Long.parseLong(text.substring(end + 2).trim());
      String name = Path.of(keys.get("f")).getFileName().toString().replaceFirst("\\.v$", "");
      Points points = modules.computeIfAbsent(name, m -> new Points());
      String page = keys.getOrDefault("page", "");
      String what = keys.getOrDefault("o", "");
      if (page.startsWith("v_toggle/")) {
        points.toggles.merge(what, count, Long::sum);
      } else {
        points.lines.merge("line %s %s".formatted(keys.get("l"), what), count, Long::sum);
      }
    }
    modules.forEach((name, points) -> points.module = name);
  }

  private String module = "";

  Sum lines(Exclusions exclusions) {
    return sum(lines, exclusions);
  }

  Sum toggles(Exclusions exclusions) {
    return sum(toggles, exclusions);
  }

  private Sum sum(TreeMap<String, Long> counts, Exclusions exclusions) {
    Sum sum = new Sum();
    counts.forEach(
        (name, count) -> {
          if (count == 0 && exclusions.has(module, name)) {
            return;
          }
          sum.points++;
          if (count > 0) {
            sum.hit++;
          } else {
            sum.missed.add(name);
          }
        });
    return sum;
  }
}
