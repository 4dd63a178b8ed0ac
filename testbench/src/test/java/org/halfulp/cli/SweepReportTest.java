package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halfulp.report.Points;
import org.halfulp.sweep.Front;
import org.halfulp.sweep.Metric;
import org.halfulp.sweep.SweepStore;
import org.halfulp.sweep.SweepTable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepReportTest {
  @TempDir Path folder;

  @BeforeEach
  void sweep() throws Exception {
    SweepStoreFixture.write(folder, "no such format </script><img src=x>");
  }

  private String page() throws IOException {
    Cli.run("report", folder.toString()).exits(0).shows("report.html");
    return Files.readString(folder.resolve("report.html"));
  }

  private static JsonNode figures(String page) throws IOException {
    Matcher data = Pattern.compile("(?s)id=\"figures\">(.*?)</script>").matcher(page);
    assertTrue(data.find());
    return new ObjectMapper().readTree(data.group(1));
  }

  @Test
  void riskIsDrawnAgainstTheory() throws IOException {
    JsonNode marks = figures(page()).at("/risk/option/series/1/data");
    assertEquals(6, marks.size(), "points with both");
    assertEquals(.1, marks.get(0).get(0).asDouble(), 1e-12);
    assertEquals(.5 / 4, marks.get(0).get(1).asDouble(), 1e-12);
  }

  @Test
  void aPageSaysWhatTheStoreHolds() throws IOException {
    String page = page();
    for (String part :
        List.of(
            "<h1>formats</h1>",
            "The least average_train_loss is 0.40000 ± ",
            "of format=e4m3fn step_size=2^-5: RTL differs",
            "<dt>Points</dt><dd>7</dd>",
            "<div class=\"bad\"><dt>Failed</dt><dd>1</dd>",
            "<div class=\"bad\"><dt>Verified</dt><dd>1</dd>",
            "<div class=\"bad\"><dt>RTL differs</dt><dd>1</dd>",
            "halfulp sweep formats.yaml",
            "train 12.5 s",
            "Yosys 0.23",
            "point: no such format &lt;/script&gt;&lt;img src=x&gt;")) {
      assertTrue(page.contains(part), part);
    }
    assertFalse(page.replaceAll("(?s)<script>.*?</script>", "").contains("<img"), "markup");
  }

  @Test
  void theFrontHasWhatNothingBeats() throws IOException {
    JsonNode series = figures(page()).at("/front/option/series");
    assertEquals("[[100.0,0.5],[200.0,0.4]]", series.get(0).get("data").toString());
    List<String> groups = new ArrayList<>();
    int points = 0;
    for (JsonNode s : series) {
      groups.add(s.get("name").asText());
      points += s.get("type").asText().equals("scatter") ? s.get("data").size() : 0;
    }
    assertEquals(List.of("Pareto front", "RTL differs", "not verified", "verified"), groups);
    assertEquals(6, points);
    JsonNode best = series.get(1).get("data").get(0);
    assertTrue(best.get("hover").toString().contains("average_train_loss 0.40000 ± "), "" + best);
    assertTrue(best.get("command").asText().endsWith(" point10000 | halfulp train /dev/stdin"));
  }

  @Test
  void theOtherFiguresAgreeWithTheStore() throws IOException {
    JsonNode figures = figures(page());
    JsonNode cells = figures.at("/formats-format/option/series/0/data");
    assertEquals(2, cells.size(), "q2.6 has no exponent, e9m9 no loss");
    assertEquals(.5, cells.get(0).get("value").get(3).asDouble(), 1e-12);
    JsonNode bars = figures.at("/sensitivity/option");
    assertEquals("[\"format\",\"step_size\"]", bars.at("/yAxis/data").toString());
    // both give 25 %: 0.5 / 0.4 by the format, 1.25 by the step size
    for (JsonNode bar : bars.at("/series/0/data")) {
      assertEquals(25, bar.get("value").asDouble(), 1e-9);
    }
    JsonNode curves = figures.at("/curves/option/series");
    assertEquals("format=e4m3fn", curves.get(0).get("name").asText());
    assertEquals(.8, curves.get(0).at("/data/0/1").asDouble(), 1e-12);
    assertEquals("binary64", curves.get(curves.size() - 1).get("name").asText());
    assertEquals(.385, curves.get(curves.size() - 1).at("/data/1/1").asDouble(), 1e-12);
    assertEquals(6, figures.at("/parallel/option/series/0/data").size());
  }

  @Test
  void aParameterThatNeverChangesAloneIsJudgedAmongOthers() throws Exception {
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("sweep.db"));
        Statement s = db.createStatement()) {
      s.executeUpdate("UPDATE point SET settings = json_set(settings, '$.batch', '' || number)");
    }
    String page = page();
    JsonNode bars = figures(page).at("/sensitivity/option");
    int format = -1;
    for (int i = 0; i < bars.at("/yAxis/data").size(); i++) {
      format = bars.at("/yAxis/data").get(i).asText().equals("format *") ? i : format;
    }
    JsonNode bar = bars.at("/series/0/data").get(format);
    assertEquals(25, bar.get("value").asDouble(), 1e-9); // medians 0.625 and 0.5
    assertTrue(bar.get("hover").toString().contains("worst: e2m1, median of 2"), "" + bar);
    assertTrue(page.contains("no two points differ in it alone"));
  }

  @Test
  void aClockHasTheSpreadOfItsSeeds() throws Exception {
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("sweep.db"));
        Statement s = db.createStatement()) {
      s.executeUpdate(
          "INSERT INTO figure VALUES ('unit1', 'fmax', 90, 'MHz', 3.5, NULL, 'nextpnr-ice40', '0')");
    }
    assertTrue(page().contains("\"fmax 90, seeds within 3.5000\""));
    Path csv = folder.resolve("points.csv");
    Cli.run("sweep", "export", folder.toString(), "--to", csv.toString()).exits(0);
    List<String> lines = Files.readAllLines(csv);
    assertTrue(lines.get(0).contains(",fmax,fmax_spread,problem,"), lines.get(0));
    assertTrue(lines.stream().anyMatch(line -> line.contains(",90.0,3.5,")), lines::toString);
  }

  @Test
  void anEstimateIsMarkedEverywhere() throws Exception {
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("sweep.db"));
        Statement s = db.createStatement()) {
      s.executeUpdate("UPDATE figure SET error = 0.05 WHERE hardware = 'unit1'");
      s.executeUpdate("UPDATE cost SET status = 'estimated' WHERE hardware = 'unit1'");
    }
    String page = page();
    JsonNode best = figures(page).at("/front/option/series/1");
    assertEquals("RTL differs, price estimated", best.get("name").asText());
    assertEquals("emptyDiamond", best.get("symbol").asText());
    assertTrue(
        best.at("/data/0/hover")
            .toString()
            .contains("luts about 200: an estimate, within 5.0 % nine times in ten, Yosys 0.23"));
    assertTrue(figures(page).at("/front/option/series/2/symbol").isMissingNode());
    assertTrue(page.contains("± estimate</button>"));
    assertTrue(page.contains("<div class=\"bad\"><dt>Price estimated</dt><dd>1</dd>"));
    Path csv = folder.resolve("points.csv");
    Cli.run("sweep", "export", folder.toString(), "--to", csv.toString()).exits(0);
    assertTrue(Files.readAllLines(csv).get(0).contains(",lut,lut_estimate_error,"));
    try (SweepStore store = SweepStore.read(folder)) {
      Front.Builder front = new Front.Builder(List.of(Metric.AVERAGE_TRAIN_LOSS, Metric.LUTS));
      SweepTable.Counts counts = new SweepTable.Counts();
      store.results(
          "s",
          r -> {
            front.add(r);
            counts.add(r);
          });
      SweepStore.Sweep sweep = store.latest().orElseThrow();
      String text = SweepTable.text(folder, sweep, front.build(), counts);
      assertTrue(text.contains("~200 (estimate, +-5.0 %)"), text);
      assertTrue(text.contains("2 priced, 1 estimated"), text);
    }
  }

  @Test
  void aPageThatCannotBeWrittenLeavesNoPartOfIt() throws IOException {
    Path taken = Files.createDirectories(folder.resolve("taken").resolve("in")).getParent();
    Cli.run("report", folder.toString(), "--out", taken.toString()).exits(2);
    assertFalse(Files.exists(folder.resolve("taken.tmp")));
  }

  @Test
  void anEmptySweepSaysWhyThereIsNothing() throws Exception {
    Path empty = folder.resolve("empty");
    SweepStore.write(empty).close();
    Cli.run("report", empty.toString()).exits(2).says("without a sweep");
  }

  @Test
  void aFrontIsExact() {
    List<Points.Point> points = new ArrayList<>();
    double[][] xy = {{2, 2}, {1, 3}, {3, 1}, {2, 2}, {3, 2}, {1, 4}, {Double.NaN, 0}, {0, 1 / 0.0}};
    for (double[] p : xy) {
      points.add(new Points.Point(p[0], p[1], "", List::of, "", false));
    }
    List<Points.Point> front = Points.front(points);
    for (Points.Point p : points) {
      boolean beaten =
          !Double.isFinite(p.x() + p.y())
              || points.stream()
                  .filter(q -> Double.isFinite(q.x() + q.y()))
                  .anyMatch(
                      q -> q.x() <= p.x() && q.y() <= p.y() && (q.x() < p.x() || q.y() < p.y()));
      assertEquals(!beaten, front.contains(p), p.toString());
    }
    assertEquals(4, front.size(), "equal points are both on it");
  }
}
