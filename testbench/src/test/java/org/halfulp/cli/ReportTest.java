package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

class ReportTest {
  /** What a feature may be called, and what a page must not take for more than a name. */
  private static final String NASTY = "</script><img src=x onerror=alert(1)>";

  static final String HISTORY =
      """
      epoch,steps,train_loss,test_loss,average_train_loss,average_test_loss,\
      binary64_train_loss,binary64_test_loss,binary64_average_train_loss,binary64_average_test_loss
      1,10,0.9,1.1,,,0.8,1.0,,
      2,20,0.5,0.7,0.7,0.9,0.4,0.6,0.6,0.8
      3,30,0.25,0.5,0.5,0.75,0.2,0.4,0.45,0.7
      """;

  static final String SUMMARY =
      """
      {"name": "tiny", "status": "complete", "steps": 30,
       "data": {"train_rows": 40, "test_rows": 10, "features": ["a", "NASTY"], "target": "y"},
       "rtl": {"top": "sgd_update", "parameters": {"LANES": "1"}, "library": "sgd_update-1.so",
               "words_compared": 120, "words_distinct": 77, "words_distinct_is_exact": true,
               "words_differing": 0, "cycles": 60},
       "weights": [{"feature": "a", "code": "0x10", "value": 0.25, "binary64": 0.2625},
                   {"feature": "NASTY", "code": "0x08", "value": 0.125, "binary64": 0.1}],
       "versions": {"java": "17"}}
      """
          .replace("NASTY", NASTY);

  @TempDir Path temp;
  private Path run;

  @BeforeEach
  void makeARun() throws IOException {
    run = Files.createDirectory(temp.resolve("a run"));
    Files.writeString(run.resolve("history.csv"), HISTORY);
    Files.writeString(run.resolve("summary.json"), SUMMARY);
    Files.writeString(run.resolve("description.yaml"), "name: tiny # <b>&\n");
  }

  private String page() throws IOException {
    Cli.run("report", run.toString()).exits(0).shows("report.html");
    return Files.readString(run.resolve("report.html"));
  }

  /** The page without its programs, which have tags in their strings. */
  private static String markup(String page) {
    String markup = page.replaceAll("(?s)<script>.*?</script>", "");
    assertTrue(markup.length() < 100_000, "something is left of the library");
    return markup;
  }

  @Test
  void aPageSaysWhatTheRunFolderHolds() throws IOException {
    String page = page();
    for (String part :
        List.of(
            "<h1>tiny</h1>",
            "After 3 epochs",
            "0.250000",
            "ratio 1.2500",
            "<dd>120</dd>",
            "<dd>77</dd>",
            "sgd_update LANES=1",
            "halfulp train &#39;" + run + "/description.yaml&#39;",
            "SHA-256 of history.csv",
            "name: tiny # &lt;b&gt;&amp;")) {
      assertTrue(page.contains(part), part);
    }
    assertFalse(page.contains("class=\"bad\""), "all is well in this run");
  }

  @Test
  void theoryIsDrawnWhereThereIsOneAndElseMissed() throws IOException {
    assertFalse(page().contains("figure id=\"risk\""), "there is no risk.csv");
    Files.writeString(
        run.resolve("risk.csv"),
        "steps,last,average,last_theory,average_theory,binary64_average_theory\n"
            + "1,1.5,2,1.6,2.1,2\n10,.5,.7,.6,.8,.75\n");
    String page = page();
    assertTrue(page.contains("figure id=\"risk\""));
    assertTrue(page.contains("mean weights, theory"));
    assertFalse(page.contains("this run rounds them"));
    Files.writeString(
        run.resolve("summary.json"),
        SUMMARY.replaceFirst("\\{", "{\"theory\": {\"stores_weights\": true},"));
    assertTrue(page().contains("this run rounds them"));
    Files.delete(run.resolve("risk.csv"));
    Files.writeString(
        run.resolve("summary.json"),
        SUMMARY.replaceFirst("\\{", "{\"theory\": {\"none_because\": \"of the moon\"},"));
    assertTrue(page().contains("<dt>Theory curve</dt><dd>none: of the moon.</dd>"));
  }

  @Test
  void aPageNeedsNoOtherFile() throws IOException {
    String page = page();
    assertTrue(page.contains("default-src 'none'"), "no policy");
    assertFalse(
        Pattern.compile("<[^>]+(src|href)=(?!\"data:)").matcher(markup(page)).find(),
        "a reference");
    assertTrue(page.contains("Licensed to the Apache Software Foundation"), "the library");
  }

  @Test
  void textsOfUsersAreText() throws IOException {
    String page = page();
    assertFalse(markup(page).contains("<img"), "markup of a user");
    assertTrue(page.contains("&lt;img src=x"), "the name, escaped");
    assertEquals(4, page.split("</script", -1).length, "figures, library, ours");
  }

  @Test
  void aDifferenceIsSeenAtOnce() throws IOException {
    Files.writeString(
        run.resolve("summary.json"),
        SUMMARY
            .replace("\"words_differing\": 0", "\"words_differing\": 1")
            .replace(
                "\"complete\"",
                "\"stopped\", \"reason\": \"the twins differ\", \"mismatch\": [\"rtl 0x39\"]"));
    String page = page();
    assertTrue(page.contains("<div class=\"bad\"><dt>Differing words</dt><dd>1"), "marked");
    assertTrue(page.contains("stopped: the twins differ"), "why");
    assertTrue(page.contains("<pre>rtl 0x39</pre>"), "what");
  }

  @Test
  void aKilledRunHasAPageToo() throws IOException {
    Files.delete(run.resolve("summary.json"));
    Files.writeString(run.resolve("history.csv"), HISTORY + "4,40,0.1"); // cut short
    String page = page();
    assertTrue(page.contains("After 3 epochs"), "the whole lines");
    assertTrue(page.contains("no summary: the run goes on, or was killed"));
    assertFalse(page.contains("<dt>Differing words"), "nothing is known of the words");
  }

  @Test
  void aRunWithoutAnEpochSaysSo() throws IOException {
    Files.writeString(run.resolve("history.csv"), HISTORY.lines().findFirst().get() + "\n");
    String page = page();
    assertTrue(page.contains("No epoch has ended."));
    assertTrue(page.contains("There is no finite value to draw."));
  }

  @Test
  void figuresAreFilesForPapers() throws Exception {
    Path figures = temp.resolve("figures");
    Cli.run("report", run.toString(), "--out", temp + "/p.html", "--figures", figures.toString())
        .exits(0)
        .shows("test-loss.svg, .png");
    assertTrue(Files.exists(temp.resolve("p.html")));
    assertFalse(Files.exists(run.resolve("report.html")), "--out says where");
    Document svg =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(figures.resolve("test-loss.svg").toFile());
    StringBuilder texts = new StringBuilder();
    String from = svg.getElementsByTagName("desc").item(0).getTextContent();
    assertTrue(from.contains("From history.csv, written by halfulp train"), from);
    NodeList list = svg.getElementsByTagName("text");
    for (int i = 0; i < list.getLength(); i++) {
      texts.append(list.item(i).getTextContent()).append('\n');
    }
    for (String text :
        List.of("Mean squared error, test rows", "epoch", "quantized", "binary64, mean weights")) {
      assertTrue(texts.toString().contains(text + "\n"), text + " in " + texts);
    }
    BufferedImage png = ImageIO.read(figures.resolve("test-loss.png").toFile());
    assertEquals(1520, png.getWidth());
    int blue = 0;
    for (int x = 0; x < png.getWidth(); x++) {
      for (int y = 0; y < png.getHeight(); y++) {
        blue += (png.getRGB(x, y) & 0xffffff) == 0x0072b2 ? 1 : 0;
      }
    }
    assertTrue(blue > 500, "the quantized curve has " + blue + " pixels");
  }

  @Test
  void whatIsNoRunIsRefused() throws IOException {
    Cli.run("report", temp + "/none").exits(2).says("none is not there");
    Cli.run("report", run + "/history.csv").exits(2).says("is no folder");
    Cli.run("report", temp.toString()).exits(2).says("no history.csv");
    Files.writeString(run.resolve("summary.json"), "{");
    Cli.run("report", run.toString()).exits(2).says("summary.json is not JSON");
    Files.writeString(run.resolve("summary.json"), "{}");
    Files.writeString(run.resolve("history.csv"), "a,b\n1,2\n");
    Cli.run("report", run.toString()).exits(2).says("has no column epoch");
    Files.writeString(run.resolve("history.csv"), HISTORY + "x,1,1,1,1,1,1,1,1,1\n");
    Cli.run("report", run.toString()).exits(2).says("not a run's history");
  }
}
