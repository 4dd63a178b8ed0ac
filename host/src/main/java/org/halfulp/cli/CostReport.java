package org.halfulp.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.halfulp.cost.Cost;
import org.halfulp.cost.Estimate;
import org.halfulp.cost.Figure;

/** What {@code cost} measured, as lines for people and as JSON. */
final class CostReport {
  /** Figures that are left out where they are 0 everywhere. */
  private static final Set<String> RARE = Set.of(Figure.DSP, Figure.RAM);

  /**
   * A unit on a target.
   *
   * @param label the unit in words
   * @param labels of it, for machines
   * @param cost without figures where there are estimates
   * @param known it was measured before
   * @param estimates empty where it was measured
   */
  record Row(
      String label,
      Map<String, String> labels,
      int lanes,
      Cost cost,
      boolean known,
      List<Estimate> estimates) {}

  private final List<Row> rows;

  CostReport(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  void text(PrintWriter out) {
    Map<String, Set<String>> flags = new LinkedHashMap<>();
    String target = "";
    for (Row row : rows) {
      if (!row.cost.target().equals(target)) {
        target = row.cost.target();
        out.println(target);
      }
      out.println("  " + row.label);
      StringBuilder line = new StringBuilder();
      for (Figure f : ordered(row.cost)) {
        line.append(cell(f));
        flags
            .computeIfAbsent(f.tool() + "\t" + f.version(), t -> new LinkedHashSet<>())
            .add(f.flags());
      }
      if (!line.isEmpty()) {
        out.println("   " + line.toString().stripTrailing());
      }
      estimates(out, row);
      row.cost.notes().forEach(n -> out.println("    note: " + n));
    }
    if (!flags.isEmpty()) {
      out.println();
    }
    flags.forEach(
        (tool, lines) -> {
          out.println(tool.substring(tool.indexOf('\t') + 1));
          lines.stream().filter(l -> !l.endsWith("; ltp")).forEach(l -> out.println("  " + l));
        });
    if (rows.stream().anyMatch(r -> !r.estimates.isEmpty())) {
      estimated(out);
      return;
    }
    long found = rows.stream().filter(Row::known).count();
    double seconds = rows.stream().filter(r -> !r.known).mapToDouble(r -> r.cost.seconds()).sum();
    out.printf(
        Locale.ROOT,
        "%d measured in %.1f s of tools, %d found again%n",
        rows.size() - found,
        seconds,
        found);
  }

  /** Each with a tilde and its errors, so that none is taken for a measurement. */
  private static void estimates(PrintWriter out, Row row) {
    for (Estimate e : row.estimates) {
      if (RARE.contains(e.figure()) && e.value() < 0.5) {
        continue;
      }
      out.printf(
          Locale.ROOT,
          "    %-10s ~%-7.0f +-%.0f %%, 9 in 10 within %.0f %%%n",
          e.figure(),
          e.value(),
          100 * e.typical(),
          100 * e.most());
    }
    if (!row.estimates.isEmpty() && !row.estimates.get(0).outside().isEmpty()) {
      out.println(
          "    outside of what was measured, so the errors say nothing: "
              + String.join(", ", row.estimates.get(0).outside()));
    }
  }

  private void estimated(PrintWriter out) {
    long count = rows.stream().filter(r -> !r.estimates.isEmpty()).count();
    int points =
        rows.stream().flatMap(r -> r.estimates.stream()).mapToInt(Estimate::points).max().orElse(0);
    out.printf(
        "%d estimated from %d measured units, errors cross-validated; %d found again%n",
        count, points, rows.size() - count);
  }

  /** Place and route first; none that is 0 in every row of its target. */
  private List<Figure> ordered(Cost cost) {
    return cost.figures().stream()
        .filter(f -> !RARE.contains(f.name()) || occurs(cost.target(), f.name()))
        .sorted((a, b) -> Boolean.compare(a.samples().isEmpty(), b.samples().isEmpty()))
        .toList();
  }

  private boolean occurs(String target, String figure) {
    return rows.stream()
        .filter(r -> r.cost.target().equals(target))
        .anyMatch(r -> r.cost.figure(figure).filter(f -> f.value() > 0).isPresent());
  }

  private static String cell(Figure f) {
    if (!f.name().equals(Figure.FMAX)) {
      return String.format(Locale.ROOT, " %s %-5.0f", f.name(), f.value());
    }
    double least = f.samples().stream().mapToDouble(s -> s).min().orElse(f.value());
    String range =
        f.samples().size() < 2
            ? ""
            : String.format(Locale.ROOT, "(%.1f..%.1f)", least, least + f.spread());
    return String.format(Locale.ROOT, " %.1f MHz %-15s", f.value(), range);
  }

  void json(PrintWriter out) {
    Json.print(
        out,
        j -> {
          j.writeStartObject();
          j.writeArrayFieldStart("rows");
          for (Row row : rows) {
            json(j, row);
          }
          j.writeEndArray();
          j.writeEndObject();
        });
  }

  private static void json(JsonGenerator j, Row row) throws IOException {
    Cost cost = row.cost;
    j.writeStartObject();
    j.writeStringField("unit", cost.top());
    j.writeStringField("describe", row.label);
    strings(j, "labels", new TreeMap<>(row.labels));
    j.writeNumberField("lanes", row.lanes);
    strings(j, "parameters", cost.parameters());
    j.writeStringField("target", cost.target());
    j.writeStringField("hash", cost.hash());
    j.writeBooleanField("known", row.known);
    j.writeNumberField("seconds", cost.seconds());
    j.writeArrayFieldStart("figures");
    for (Figure f : cost.figures()) {
      j.writeStartObject();
      j.writeStringField("name", f.name());
      j.writeNumberField("value", f.value());
      j.writeStringField("unit", f.unit());
      j.writeBooleanField("measured", true);
      j.writeStringField("tool", f.tool());
      j.writeStringField("version", f.version());
      j.writeStringField("flags", f.flags());
      j.writeArrayFieldStart("samples");
      for (double s : f.samples()) {
        j.writeNumber(s);
      }
      j.writeEndArray();
      j.writeEndObject();
    }
    j.writeEndArray();
    j.writeArrayFieldStart("estimates");
    for (Estimate e : row.estimates) {
      j.writeStartObject();
      j.writeStringField("name", e.figure());
      j.writeNumberField("value", e.value());
      j.writeBooleanField("measured", false);
      j.writeNumberField("error_median", e.typical());
      j.writeNumberField("error_nine_in_ten", e.most());
      j.writeNumberField("units", e.points());
      j.writeArrayFieldStart("outside");
      for (String name : e.outside()) {
        j.writeString(name);
      }
      j.writeEndArray();
      j.writeEndObject();
    }
    j.writeEndArray();
    j.writeArrayFieldStart("notes");
    for (String note : cost.notes()) {
      j.writeString(note);
    }
    j.writeEndArray();
    j.writeEndObject();
  }

  private static void strings(JsonGenerator j, String name, Map<String, String> values)
      throws IOException {
    j.writeObjectFieldStart(name);
    for (Map.Entry<String, String> e : values.entrySet()) {
      j.writeStringField(e.getKey(), e.getValue());
    }
    j.writeEndObject();
  }
}
