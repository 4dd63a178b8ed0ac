package org.halfulp.cost;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halfulp.sim.ToolException;

/** What Yosys and nextpnr write, read. */
final class Reports {
  private static final Pattern LONGEST = Pattern.compile("path in wrapper \\(length=(-?\\d+)\\)");
  private static final Pattern AIG = Pattern.compile("\\band = *(\\d+)\\D.*\\blev = *(\\d+)");

  /** Logic cells and the slowest clock of one place and route. */
  record Routed(int cells, double megahertz) {}

  /** Nodes and depth of an and-inverter graph. */
  record Graph(int nodes, int depth) {}

  private Reports() {}

  /** A module of {@code write_json}; Yosys may have renamed it when it set its parameters. */
  static JsonNode module(JsonNode design, String top) {
    JsonNode modules = design.path("modules");
    JsonNode found = modules.path(top);
    for (JsonNode module : modules) {
      if (found.isMissingNode()
          && module.path("attributes").path("hdlname").asText().equals("\\" + top)) {
        found = module;
      }
    }
    if (!found.path("ports").isObject()) {
      throw unreadable("Yosys's ports.json", "ports of " + top);
    }
    return found;
  }

  /** Cells by type of {@code stat -json}. */
  static SortedMap<String, Integer> cells(JsonNode stat) {
    JsonNode types = stat.path("design").path("num_cells_by_type");
    if (!types.isObject()) {
      throw unreadable("Yosys's stat.json", "design.num_cells_by_type");
    }
    SortedMap<String, Integer> cells = new TreeMap<>();
    types.properties().forEach(e -> cells.put(e.getKey(), e.getValue().asInt()));
    return cells;
  }

  static int count(SortedMap<String, Integer> cells, Predicate<String> which) {
    return cells.entrySet().stream()
        .filter(e -> which.test(e.getKey()))
        .mapToInt(e -> e.getValue())
        .sum();
  }

  /** Cells on the longest path of {@code ltp}; 0 if no cell is on any. */
  static int levels(String text) {
    Matcher m = LONGEST.matcher(text);
    if (!m.find()) {
      throw unreadable("Yosys's levels.txt", "path in wrapper (length=");
    }
    return Math.max(0, Integer.parseInt(m.group(1)));
  }

  /** The last line of abc's {@code print_stats}. */
  static Graph graph(String text) {
    Graph last = null;
    Matcher m = AIG.matcher(text);
    while (m.find()) {
      last = new Graph(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
    }
    return last == null ? new Graph(0, 0) : last; // abc is not run where there is no logic
  }

  /** nextpnr's {@code --report}. */
  static Routed routed(JsonNode report) {
    JsonNode cells = report.path("utilization").path("ICESTORM_LC").path("used");
    JsonNode clocks = report.path("fmax");
    if (!cells.isInt() || !clocks.isObject() || clocks.isEmpty()) {
      throw unreadable("nextpnr's report", "utilization.ICESTORM_LC.used and fmax");
    }
    double slowest = Double.POSITIVE_INFINITY;
    for (JsonNode clock : clocks) {
      JsonNode achieved = clock.path("achieved");
      if (!achieved.isNumber()) {
        throw unreadable("nextpnr's report", "fmax.*.achieved");
      }
      slowest = Math.min(slowest, achieved.asDouble());
    }
    return new Routed(cells.asInt(), slowest);
  }

  private static ToolException unreadable(String what, String missing) {
    return new ToolException(
        "%s has no %s; is the tool of another version than `halfulp doctor` shows?"
            .formatted(what, missing));
  }
}
