package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a reader of a page sees and does, in Chromium; {@code make report-check} installs it. */
class ReportInBrowserTest {
  @TempDir static Path temp;
  private static Path page;
  private static Path sweepPage;
  private static Browser browser;

  @BeforeAll
  static void open() throws Exception {
    Optional<Path> program = Browser.program();
    assumeTrue(program.isPresent(), "Chromium is not installed; 'make report-check' installs it");
    Path run = Files.createDirectory(temp.resolve("run"));
    Files.writeString(run.resolve("history.csv"), ReportTest.HISTORY);
    Files.writeString(run.resolve("summary.json"), ReportTest.SUMMARY);
    Files.writeString(run.resolve("description.yaml"), "name: tiny\n");
    Cli.run("report", run.toString()).exits(0);
    Path sweep = temp.resolve("sweep");
    SweepStoreFixture.write(sweep, "a problem");
    Cli.run("report", sweep.toString()).exits(0);
    sweepPage = sweep.resolve("report.html");
    page = run.resolve("report.html");
    browser = new Browser(program.get());
  }

  @AfterAll
  static void close() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void itRendersWithoutAnErrorInAnyWidthAndLight() throws Exception {
    for (int width : new int[] {1280, 390}) {
      for (boolean dark : new boolean[] {false, true}) {
        browser.open(page, width, 900, dark);
        String where = width + (dark ? " dark" : " light");
        assertEquals(List.of(), browser.errors(), where);
        assertEquals(3, browser.eval("document.querySelectorAll('.chart svg').length").asInt());
        JsonNode paths =
            browser.eval(
                "Math.min(...[...document.querySelectorAll('.chart svg')]"
                    + ".map(s => s.querySelectorAll('path').length))");
        assertTrue(paths.asInt() > 10, where + ": a figure has " + paths + " paths");
        assertTrue(
            browser.eval("document.documentElement.scrollWidth").asInt() <= width,
            where + ": wider than the window");
        String back = browser.eval("getComputedStyle(document.body).backgroundColor").asText();
        assertEquals(dark ? "rgb(20, 23, 27)" : "rgb(255, 255, 255)", back, where);
      }
    }
  }

  @Test
  void nothingMovesWhileItLoads() throws Exception {
    for (int width : new int[] {1280, 390}) {
      browser.open(page, width, 900, false);
      JsonNode moved =
          browser.eval(
              "new Promise(done => { let sum = 0; new PerformanceObserver(list => {"
                  + " list.getEntries().forEach(e => sum += e.value); })"
                  + ".observe({type: 'layout-shift', buffered: true});"
                  + " setTimeout(() => done(sum), 300); })");
      assertEquals(0, moved.asDouble(), "at " + width);
    }
  }

  @Test
  void thePointerShowsTheNumbersBelowIt() throws Exception {
    browser.open(page, 1280, 900, false);
    JsonNode box = browser.eval(box("#train-loss .chart"));
    browser.moveTo(
        box.get(0).asDouble() + .6 * box.get(2).asDouble(),
        box.get(1).asDouble() + .5 * box.get(3).asDouble());
    String shown = browser.eval("document.querySelector('#train-loss .chart').innerText").asText();
    assertTrue(shown.contains("quantized 0.5") && shown.contains("binary64 0.4"), shown);
  }

  @Test
  void aNameInTheLegendHidesItsCurve() throws Exception {
    browser.open(page, 1280, 900, false);
    String count = "document.querySelectorAll('#train-loss .chart svg path[fill=none]').length";
    int before = browser.eval(count).asInt();
    browser.eval("document.querySelector('#train-loss .legend button').click()");
    assertTrue(browser.eval(count).asInt() < before, "still " + before + " lines");
    browser.eval("document.querySelector('#train-loss .legend button').click()");
    assertEquals(before, browser.eval(count).asInt());
  }

  @Test
  void tablesAreSortedAsNumbers() throws Exception {
    browser.open(page, 1280, 900, false);
    String column =
        "[...document.querySelectorAll('#epochs tbody tr')].map(r => r.cells[%d].innerText).join(' ')";
    assertEquals("1 2 3", browser.eval(column.formatted(0)).asText());
    String click = "document.querySelectorAll('#epochs th button')[%d].click()";
    browser.eval(click.formatted(2)); // the training loss falls by epoch
    assertEquals("3 2 1", browser.eval(column.formatted(0)).asText());
    browser.eval(click.formatted(1)); // 10 20 30
    browser.eval(click.formatted(1));
    assertEquals("30 20 10", browser.eval(column.formatted(1)).asText());
    browser.eval(click.formatted(4)); // an average loss, none after the first epoch
    assertEquals("3 2 1", browser.eval(column.formatted(0)).asText(), "the empty cell comes last");
    browser.eval(click.formatted(4));
    assertEquals(
        "descending",
        browser
            .eval("document.querySelectorAll('#epochs th')[4].getAttribute('aria-sort')")
            .asText());
  }

  @Test
  void aTableIsTakenAwayWithAllItsDigits() throws Exception {
    browser.open(page, 1280, 900, false);
    String csv =
        browser
            .eval(
                "new Promise(done => { const make = URL.createObjectURL;"
                    + " URL.createObjectURL = blob => { blob.text().then(done); return make(blob); };"
                    + " document.querySelector('#weights .save').click(); })")
            .asText();
    List<String> lines = csv.lines().toList();
    assertEquals("feature,code,value,binary64,difference", lines.get(0));
    assertEquals("a,0x10,0.25,0.2625," + (.25 - .2625), lines.get(1));
  }

  @Test
  void aClickOnAPointCopiesItsCommand() throws Exception {
    for (int width : new int[] {1280, 390}) {
      browser.open(sweepPage, width, 900, width == 390);
      assertEquals(List.of(), browser.errors());
      assertTrue(browser.eval("document.documentElement.scrollWidth").asInt() <= width, "" + width);
      JsonNode box = browser.eval(box("#front .chart"));
      JsonNode at = // of the best point, the one at 200 LUTs
          browser.eval(
              "echarts.getInstanceByDom(document.querySelector('#front .chart'))"
                  + ".convertToPixel({xAxisIndex: 0, yAxisIndex: 0}, [200, 0.4])");
      double x = box.get(0).asDouble() + at.get(0).asDouble();
      double y = box.get(1).asDouble() + at.get(1).asDouble();
      browser.click(x, y);
      String shown = browser.eval("document.querySelector('#front .chart').innerText").asText();
      assertTrue(shown.contains("format = e4m3fn") && shown.contains("RTL differs"), shown);
      String said = browser.eval("document.querySelector('#front .said').innerText").asText();
      assertTrue(said.endsWith("point10000 | halfulp train /dev/stdin"), said);
    }
  }

  @Test
  void itPrints() throws Exception {
    browser.open(page, 1280, 900, true);
    byte[] pdf =
        Base64.getDecoder()
            .decode(
                browser
                    .call("Page.printToPDF", Map.of("printBackground", true))
                    .get("data")
                    .asText());
    assertTrue(new String(pdf, 0, 5).equals("%PDF-") && pdf.length > 10_000, pdf.length + " bytes");
    assertEquals(List.of(), browser.errors());
  }

  /** The checks above would see an error: here is one. */
  @Test
  void anErrorOfAPageIsSeen() throws Exception {
    Path broken = temp.resolve("broken.html");
    Files.writeString(
        broken,
        Files.readString(page).replace("function sortable", "undefinedName(); function sortable"));
    browser.open(broken, 1280, 900, false);
    assertNotEquals(List.of(), browser.errors());
    Files.writeString(broken, Files.readString(page).replace("<main>", "<main><img src='/x.png'>"));
    browser.open(broken, 1280, 900, false);
    assertFalse(browser.errors().isEmpty(), "a file from elsewhere");
  }

  private static String box(String selector) {
    return "(e => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })"
        + "(document.querySelector('"
        + selector
        + "'))";
  }
}
