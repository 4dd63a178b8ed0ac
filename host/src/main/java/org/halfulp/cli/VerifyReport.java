package org.halfulp.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.halfulp.input.InputException;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.LoopRatio;

/** What {@code verify} saw, as a table, as JSON and as JUnit XML. */
final class VerifyReport {
  private static final int WIDTH = 78;
  private static final int HOLES = 10;

  /** A failure in words, and the files that it left. */
  record Failed(String text, Optional<Path> replay, Optional<Path> waveform) {}

  /**
   * One unit's campaign.
   *
   * @param loop what simulation costs; null if it was not measured
   * @param failed null if nothing differed
   * @param notes the unit's, when the campaign ended
   */
  record Row(
      Campaign.Result result,
      LoopRatio loop,
      Failed failed,
      boolean built,
      Duration buildTime,
      List<String> notes) {
    double seconds() {
      return result.wallNanos() / 1e9;
    }

    String how() {
      return result.exhausted() ? "exhausted" : "sampled";
    }

    /** Nanoseconds of CPU time a word. */
    double checked() {
      return (double) result.nanos() / Math.max(1, result.compared());
    }

    String problem() {
      if (result.failure().isPresent()) {
        return result.failure().get().what();
      }
      if (result.compared() == 0) {
        return "nothing was compared";
      }
      List<String> holes = result.coverage().holes();
      return holes.isEmpty()
          ? ""
          : "%d bins are empty that should have been met, for one %s"
              .formatted(holes.size(), holes.get(0));
    }
  }

  private final List<Row> rows;

  VerifyReport(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  int exit() {
    return rows.stream().allMatch(r -> r.result.isGood()) && !rows.isEmpty()
        ? Main.GOOD
        : Main.CHECK_FAILED;
  }

  /** One line for each row that is not good. */
  List<String> complaints() {
    List<String> lines = new ArrayList<>();
    for (Row r : rows) {
      if (!r.problem().isEmpty()) {
        lines.add(r.result.unit().describe() + ": " + r.problem());
      }
    }
    return lines;
  }

  // ---- text

  /** A line of the table of {@code all}. */
  static void line(PrintWriter out, Row r, boolean header) {
    if (header) {
      out.printf(
          "%-46s %-9s %11s %4s %6s%n", "unit format rounding range", "how", "words", "diff", "s");
    }
    String what = r.result.unit().describe();
    out.printf(
        Locale.ROOT,
        "%-46s %-9s %11d %4d %6.1f%s%n",
        what.length() > 46 ? what.substring(0, 45) + "~" : what,
        r.how(),
        r.result.compared(),
        r.result.differing(),
        r.seconds(),
        r.result.coverage().holes().isEmpty() ? "" : " holes");
    failure(out, r);
  }

  void text(PrintWriter out, boolean all) {
    if (all) {
      long words = rows.stream().mapToLong(r -> r.result.compared()).sum();
      long differing = rows.stream().mapToLong(r -> r.result.differing()).sum();
      long bad = rows.stream().filter(r -> !r.result.isGood()).count();
      double seconds = rows.stream().mapToDouble(Row::seconds).sum();
      out.printf(
          Locale.ROOT,
          "%d units: %d words compared, %d differing, %d units not good, %.1f s%n",
          rows.size(),
          words,
          differing,
          bad,
          seconds);
      return;
    }
    for (Row r : rows) {
      text(out, r);
      failure(out, r);
    }
  }

  private static void failure(PrintWriter out, Row r) {
    if (r.failed != null) {
      out.print("\n" + r.failed.text());
      r.failed.replay().ifPresent(f -> out.println("  replay    halfulp verify --replay " + f));
      r.failed.waveform().ifPresent(f -> out.println("  waveform  " + f));
    }
  }

  /** {@code "in_sub=0"}. */
  private static String ties(Campaign.Options o) {
    return o.ties().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(" "));
  }

  private static void text(PrintWriter out, Row row) {
    Campaign.Result r = row.result;
    Campaign.Options o = r.options();
    out.println(r.unit().describe());
    item(
        out,
        "run",
        "%d lanes%s, stalls %d %%, seed %d, %d threads; model %s in %.1f s"
            .formatted(
                o.lanes(),
                o.ties().isEmpty() ? "" : ", " + ties(o),
                o.stalls().inPercent(),
                o.seed(),
                o.threads(),
                row.built ? "built" : "found",
                row.buildTime.toMillis() / 1e3));
    item(
        out,
        "compared",
        "%,d words%s: %s; %,d of them with the exact twin too"
            .formatted(
                r.compared(),
                r.unit().outputs().size() > 1 ? " and their flags" : "",
                r.exhausted()
                    ? "exhausted, all %,d inputs".formatted(r.distinct())
                    : "sampled by classes",
                r.exactly()));
    row.notes.forEach(n -> item(out, "note", n));
    item(out, "differing", "%,d".formatted(r.differing()));
    Campaign.Coverage c = r.coverage();
    String reach =
        c.reachable() < 0
            ? ""
            : "; %,d known to be reachable, %,d of them met by a vector sent for it, %d holes"
                .formatted(c.reachable(), c.directed(), c.holes().size());
    item(out, "bins", "%,d of class x class x outcome met%s".formatted(r.bins().met(), reach));
    c.holes().stream().limit(HOLES).forEach(h -> item(out, "hole", h));
    item(out, "operands", counts(r.bins().classes()));
    item(out, "outcomes", counts(r.bins().outcomes()));
    item(
        out,
        "time",
        "%.2f s; %.1f ns of CPU time a word, simulation %.1f of them: %.1f M/s a core"
            .formatted(
                row.seconds(),
                row.checked(),
                (double) r.simulateNanos() / Math.max(1, r.compared()),
                1e3 / row.checked()));
    if (row.loop != null) {
      item(
          out,
          "C++ loop",
          "%.1f ns a word; in batches from Java %.1f (%.0f %% of its speed), checked %.1f x"
              .formatted(
                  row.loop.loop(),
                  row.loop.batches(),
                  100 * row.loop.loop() / row.loop.batches(),
                  row.checked() / row.loop.loop()));
    }
  }

  private static String counts(Map<String, Long> counts) {
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (name, n) ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(' ')
                .append("%,d".formatted(n)));
    return text.toString();
  }

  /** A label and text that is broken at blanks. */
  private static void item(PrintWriter out, String label, String text) {
    StringBuilder line = new StringBuilder("  %-10s".formatted(label));
    int start = line.length();
    for (String word : text.split(" ")) {
      if (line.length() + 1 + word.length() > WIDTH && line.length() > start) {
        out.println(line);
        line = new StringBuilder(" ".repeat(start));
      }
      line.append(' ').append(word);
    }
    out.println(line);
  }

  // ---- JSON

  void json(PrintWriter out) {
    Json.print(
        out,
        j -> {
          j.writeStartObject();
          j.writeBooleanField("good", exit() == Main.GOOD);
          j.writeNumberField("compared", rows.stream().mapToLong(r -> r.result.compared()).sum());
          j.writeNumberField("differing", rows.stream().mapToLong(r -> r.result.differing()).sum());
          j.writeArrayFieldStart("runs");
          for (Row r : rows) {
            json(j, r);
          }
          j.writeEndArray();
          j.writeEndObject();
        });
  }

  private static void json(JsonGenerator j, Row row) throws IOException {
    Campaign.Result r = row.result;
    Campaign.Options o = r.options();
    j.writeStartObject();
    j.writeStringField("unit", r.unit().name());
    j.writeStringField("describe", r.unit().describe());
    j.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> e : r.unit().labels().entrySet()) {
      j.writeStringField(e.getKey(), e.getValue());
    }
    j.writeEndObject();
    j.writeObjectFieldStart("ties");
    for (Map.Entry<String, Long> e : o.ties().entrySet()) {
      j.writeNumberField(e.getKey(), e.getValue());
    }
    j.writeEndObject();
    j.writeArrayFieldStart("notes");
    for (String note : row.notes) {
      j.writeString(note);
    }
    j.writeEndArray();
    j.writeNumberField("lanes", o.lanes());
    j.writeNumberField("stalls", o.stalls().inPercent());
    j.writeNumberField("seed", o.seed());
    j.writeNumberField("threads", o.threads());
    j.writeBooleanField("good", r.isGood());
    j.writeStringField("how", row.how());
    j.writeNumberField("compared", r.compared());
    j.writeNumberField("distinct", r.distinct());
    j.writeNumberField("exactly", r.exactly());
    j.writeNumberField("differing", r.differing());
    j.writeNumberField("cycles", r.cycles());
    j.writeNumberField("seconds", row.seconds());
    j.writeNumberField("cpu_seconds", r.nanos() / 1e9);
    j.writeNumberField("ns_checked", row.checked());
    if (row.loop != null) {
      j.writeNumberField("ns_loop", row.loop.loop());
      j.writeNumberField("ns_batches", row.loop.batches());
    }
    j.writeNumberField("bins_met", r.bins().met());
    j.writeNumberField("bins_reachable", r.coverage().reachable());
    j.writeNumberField("bins_directed", r.coverage().directed());
    j.writeArrayFieldStart("holes");
    for (String hole : r.coverage().holes()) {
      j.writeString(hole);
    }
    j.writeEndArray();
    counts(j, "operands", r.bins().classes());
    counts(j, "outcomes", r.bins().outcomes());
    counts(j, "bins", r.bins().all());
    if (!row.problem().isEmpty()) {
      j.writeStringField("problem", row.problem());
    }
    if (row.failed != null) {
      j.writeStringField("report", row.failed.text());
      if (row.failed.replay().isPresent()) {
        j.writeStringField("replay", row.failed.replay().get().toString());
        j.writeStringField("waveform", row.failed.waveform().get().toString());
      }
    }
    j.writeEndObject();
  }

  private static void counts(JsonGenerator j, String name, Map<String, Long> counts)
      throws IOException {
    j.writeObjectFieldStart(name);
    for (Map.Entry<String, Long> e : counts.entrySet()) {
      j.writeNumberField(e.getKey(), e.getValue());
    }
    j.writeEndObject();
  }

  // ---- JUnit

  void junit(Path file) {
    try (OutputStream out = Files.newOutputStream(file)) {
      XMLStreamWriter x = XMLOutputFactory.newInstance().createXMLStreamWriter(out, "UTF-8");
      x.writeStartDocument("UTF-8", "1.0");
      x.writeStartElement("testsuite");
      x.writeAttribute("name", "halfulp verify");
      x.writeAttribute("tests", Integer.toString(rows.size()));
      x.writeAttribute(
          "failures", Long.toString(rows.stream().filter(r -> !r.result.isGood()).count()));
      x.writeAttribute("errors", "0");
      x.writeAttribute("skipped", "0");
      x.writeAttribute("time", seconds(rows.stream().mapToDouble(Row::seconds).sum()));
      for (Row r : rows) {
        x.writeStartElement("testcase");
        x.writeAttribute("classname", "halfulp.verify." + r.result.unit().name());
        x.writeAttribute("name", r.result.unit().describe());
        x.writeAttribute("time", seconds(r.seconds()));
        if (!r.result.isGood()) {
          x.writeStartElement("failure");
          x.writeAttribute("message", r.problem());
          x.writeCharacters(r.failed == null ? "" : r.failed.text());
          x.writeEndElement();
        }
        x.writeStartElement("system-out");
        x.writeCharacters(
            "%s, compared %d, differing %d"
                .formatted(r.how(), r.result.compared(), r.result.differing()));
        x.writeEndElement();
        x.writeEndElement();
      }
      x.writeEndElement();
      x.writeEndDocument();
      x.close();
    } catch (IOException | XMLStreamException e) {
      throw new InputException("--junit %s cannot be written: %s".formatted(file, e.getMessage()));
    }
  }

  private static String seconds(double s) {
    return "%.3f".formatted(s);
  }
}
