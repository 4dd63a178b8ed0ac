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
    for (Path each : List.of(page, sweepPage)) {
      for (int width : new int[] {1280, 390}) {
        assertEquals(0, moved(each, width), each + " at " + width);
      }
    }
    Path late = temp.resolve("late.html"); // something that moves all below it
    String push =
        "<script>setTimeout(() => document.body.prepend('late', "
            + "document.createElement('hr')), 100);</script></body>";
    Files.writeString(late, Files.readString(sweepPage).replace("</body>", push));
    assertTrue(moved(late, 1280) > 0, "a late line is not seen");
  }

  private static double moved(Path page, int width) throws Exception {
    browser.open(page, width, 900, false);
    return browser
        .eval(
            "new Promise(done => { let sum = 0; new PerformanceObserver(list => {"
                + " list.getEntries().forEach(e => sum += e.value); })"
                + ".observe({type: 'layout-shift', buffered: true});"
                + " setTimeout(() => done(sum), 300); })")
        .asDouble();
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
    for (Path each : List.of(page, sweepPage)) {
      assertEquals("", cut(each), each.toString());
      byte[] pdf =
          Base64.getDecoder()
              .decode(
                  browser
                      .call("Page.printToPDF", Map.of("printBackground", true))
                      .get("data")
                      .asText());
      assertTrue(
          new String(pdf, 0, 5).equals("%PDF-") && pdf.length > 10_000, pdf.length + " bytes");
      assertEquals(List.of(), browser.errors());
    }
    Path broken = temp.resolve("cut.html");
    Files.writeString(
        broken,
        Files.readString(sweepPage).replace("overflow-wrap: anywhere; vertical", "vertical"));
    assertTrue(cut(broken).contains("TH"), "a table that is cut is not seen");
  }

  /**
   * What sticks out of the paper, A4 with margins of 1 cm, the table of points across: elements
   * that end right of it or hide a part. The table gets columns of more parameters.
   */
  private static String cut(Path page) throws Exception {
    browser.open(page, 1280, 900, true);
    browser.eval(
        "document.querySelectorAll('#points tr').forEach(r => { for (let i = 0; i < 14; i++) {"
            + " const c = r.insertBefore(r.cells[1].cloneNode(true), r.cells[1]);"
            + " if (c.tagName == 'TH') c.firstChild.textContent = 'activation_random_bits'; } })");
    StringBuilder cut = new StringBuilder();
    browser.call("Emulation.setEmulatedMedia", Map.of("media", "print"));
    browser.eval("window.dispatchEvent(new Event('beforeprint'))");
    for (boolean across : new boolean[] {false, true}) {
      browser.call(
          "Emulation.setDeviceMetricsOverride",
          Map.of(
              "width",
              across ? 1046 : 718,
              "height",
              900,
              "deviceScaleFactor",
              1,
              "mobile",
              false));
      cut.append(
          browser
              .eval(
                  ("[...document.querySelectorAll('main *, header *')]"
                          + ".filter(e => %s == !!e.closest('#points') && e.getClientRects().length"
                          + " && (e.getBoundingClientRect().right > innerWidth + 1"
                          + " || e.ownerSVGElement && e.textContent && e.getBoundingClientRect().right"
                          + " > e.closest('.chart > div').getBoundingClientRect().right + 1"
                          + " || e.clientWidth && e instanceof HTMLElement"
                          + " && e.scrollWidth > e.clientWidth + 1))"
                          + ".map(e => e.tagName + ' ' + e.textContent.slice(0, 40)).join('\\n')")
                      .formatted(across))
              .asText());
    }
    browser.call("Emulation.setEmulatedMedia", Map.of("media", ""));
    return cut.toString();
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
