package org.halfulp.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One HTML file that needs nothing else: no network, no other file. Every text is escaped here.
 *
 * @param headline one sentence: the result
 * @param facts what was counted and measured
 * @param listings texts shown as they are, such as a description
 * @param provenance commands, versions, hashes
 */
public record Page(
    String title,
    String headline,
    List<Fact> facts,
    List<Figure> figures,
    List<Table> tables,
    List<Fact> listings,
    List<Fact> provenance) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A name and what it is.
   *
   * @param good false: something that a reader must not overlook
   */
  public record Fact(String name, String value, boolean good) {
    public Fact(String name, String value) {
      this(name, value, true);
    }
  }

  /** The file. */
  public String html() {
    StringBuilder out = new StringBuilder(1 << 21);
    out.append(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
        style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:">
        <link rel="icon" href="data:,">
        """);
    out.append("<title>").append(escaped(title)).append("</title>\n<style>\n");
    out.append(ECharts.own("page.css")).append("</style>\n</head>\n<body>\n<header><h1>");
    out.append(escaped(title)).append("</h1>\n<p>").append(escaped(headline));
    out.append("</p></header>\n<main>\n");
    facts(out, "facts", facts);
    out.append("<noscript><p>The figures are drawn by JavaScript, which is off.</p></noscript>\n");
    // rows of three, or of two where that leaves fewer gaps
    long narrow = figures.stream().filter(f -> !isWide(f)).count();
    out.append(
        narrow % 3 == 0 ? "<section class=\"figures\">\n" : "<section class=\"figures pairs\">\n");
    figures.forEach(f -> figure(out, f));
    out.append("</section>\n");
    tables.forEach(t -> table(out, t));
    for (Fact listing : listings) {
      out.append("<section><h2>").append(escaped(listing.name())).append("</h2>\n<pre>");
      out.append(escaped(listing.value())).append("</pre></section>\n");
    }
    out.append("<section><h2>Provenance</h2>\n");
    facts(out, "provenance", provenance);
    out.append("</section>\n</main>\n<script type=\"application/json\" id=\"figures\">");
    out.append(data());
    out.append("</script>\n<script>");
    out.append(ECharts.library().replace("</script", "<\\/script"));
    out.append("</script>\n<script>\n").append(ECharts.own("figure.js"));
    out.append(ECharts.own("page.js")).append("</script>\n</body>\n</html>\n");
    return out.toString();
  }

  private static void facts(StringBuilder out, String kind, List<Fact> facts) {
    if (facts.isEmpty()) {
      return;
    }
    out.append("<dl class=\"").append(kind).append("\">\n");
    for (Fact f : facts) {
      out.append(f.good() ? "<div>" : "<div class=\"bad\">");
      out.append("<dt>").append(escaped(f.name())).append("</dt><dd>");
      out.append(escaped(f.value())).append("</dd></div>\n");
    }
    out.append("</dl>\n");
  }

  private static boolean isWide(Figure f) {
    return !f.isEmpty() && f.option().containsKey("parallelAxis");
  }

  private static void figure(StringBuilder out, Figure f) {
    String wide = isWide(f) ? " class=\"wide\"" : "";
    out.append("<figure id=\"").append(f.id()).append("\"").append(wide).append(">\n<h2>");
    out.append(escaped(f.title())).append("</h2>\n");
    if (f.isEmpty()) {
      out.append("<p class=\"empty\">").append(escaped(f.empty())).append("</p>\n</figure>\n");
      return;
    }
    out.append("<div class=\"chart\" style=\"height:%dpx\" role=\"img\" ".formatted(f.height()));
    out.append("aria-label=\"").append(escaped(f.title())).append("\"></div>\n");
    out.append("<ul class=\"legend\">");
    for (String name : names(f)) {
      out.append("<li><button type=\"button\" aria-pressed=\"true\"><svg></svg>");
      out.append(escaped(name)).append("</button></li>");
    }
    out.append("</ul>\n<figcaption>").append(escaped(f.caption()));
    out.append(" <small>").append(escaped(f.source())).append("</small>");
    out.append("<button type=\"button\" class=\"save\">SVG</button>");
    if (f.hasCommands()) {
      out.append(
          "<code class=\"said\">Click a point to copy the command that makes it again.</code>");
    }
    out.append("</figcaption>\n</figure>\n");
  }

  /** What the legend names: nothing for a single series. */
  static List<String> names(Figure f) {
    if (!(f.option().get("series") instanceof List<?> series)) {
      return List.of();
    }
    List<String> names =
        series.stream()
            .map(s -> s instanceof Map<?, ?> map ? map.get("name") : null)
            .filter(n -> n != null)
            .map(Object::toString)
            .distinct()
            .toList();
    return names.size() > 1 ? names : List.of();
  }

  private static void table(StringBuilder out, Table t) {
    out.append("<section class=\"table\" id=\"").append(escaped(t.id())).append("\"><h2>");
    out.append(escaped(t.title())).append("</h2>\n<p>").append(escaped(t.caption()));
    out.append(" <button type=\"button\" class=\"save\">CSV</button></p>\n");
    out.append("<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>");
    for (int i = 0; i < t.columns().size(); i++) {
      out.append(t.isNumeric(i) ? "<th class=\"n\"" : "<th").append(" scope=\"col\">");
      out.append("<button type=\"button\">").append(escaped(t.columns().get(i)));
      out.append("</button></th>");
    }
    out.append("</tr></thead>\n<tbody>\n");
    for (List<Object> row : t.rows()) {
      out.append("<tr>");
      for (Object cell : row) {
        String shown = Table.shown(cell);
        if (cell instanceof Number) {
          out.append("<td class=\"n\"");
          if (!shown.equals(cell.toString())) {
            out.append(" data-v=\"").append(cell).append('"');
          }
          out.append('>');
        } else {
          out.append("<td>");
        }
        out.append(escaped(shown)).append("</td>");
      }
      out.append("</tr>\n");
    }
    out.append("</tbody></table></div></section>\n");
  }

  /** The figures by id, as JSON in which no tag can begin. */
  private String data() {
    return figures.stream()
        .filter(f -> !f.isEmpty())
        .map(
            f ->
                "\""
                    + f.id()
                    + "\":"
                    + json(
                        Map.of(
                            "title", f.title(),
                            "from", f.caption() + " " + f.source(),
                            "option", f.option())))
        .collect(Collectors.joining(",\n", "{", "}"))
        .replace("<", "\\u003c");
  }

  static String json(Object tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
