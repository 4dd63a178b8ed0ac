package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code halfulp experiment workers}, beside a prototype of five seeds. */
class WorkerFigureTest {
  @TempDir Path folder;

  private JsonNode rows(String name, String settings) throws IOException {
    Path out = folder.resolve(name);
    Cli.line("", "experiment workers --out " + out + " " + settings).exits(0);
    assertTrue(Files.readString(out.resolve("figure.svg")).contains("water-filling"));
    return new ObjectMapper().readTree(out.resolve("table.json").toFile());
  }

  private static void check(
      JsonNode row, String levels, double bound, double whole, double overall) {
    assertEquals(levels, row.get("levels").asText());
    assertEquals(bound, row.get("bound").asDouble(), 5e-5, row::toString);
    assertEquals(whole, row.get("bound_levels").asDouble(), 5e-5, row::toString);
    assertEquals(overall, row.get("overall").asDouble(), .006, row::toString);
    double tail = row.get("mean").asDouble();
    assertTrue(Math.abs(tail - Math.min(1, whole)) < .002, row::toString);
    assertEquals(0, row.get("saturated").asDouble());
  }

  @Test
  void waterFillingNeedsFewerBits() throws IOException {
    JsonNode rows = rows("even", "--runs 10 --set rates=20");
    assertEquals(2, rows.size());
    check(rows.get(0), "90 45 22 11", .7278, .7304, .7054);
    assertEquals("6.50 5.50 4.50 3.50", rows.get(0).get("rates").asText());
    check(rows.get(1), "32 32 32 32", .7763, .7763, .7605);
    rows = rows("odd", "--runs 5 --set smooth=16,2,1,.25 --set convex=.2 --set rates=24");
    check(rows.get(0), "608 76 38 9", .9621, .9628, .9585);
    check(rows.get(1), "64 64 64 64", 1.0402, 1.0402, 1);
    // a worker without bits says nothing, equal workers share equally
    rows = rows("few", "--runs 2 --set smooth=4,4,.25 --set convex=.25 --set rates=7");
    assertEquals("11 11 1", rows.get(0).get("levels").asText());
    rows = rows("same", "--runs 2 --set smooth=3,3 --set rates=11");
    assertEquals("45 45", rows.get(0).get("levels").asText());
    for (JsonNode row : rows) { // (69): 1/2 + 3/2 4 2^-5.5
      assertEquals(.5 + 6 * Math.pow(2, -5.5), row.get("bound").asDouble(), 1e-9);
      assertEquals(.5 + 6 / 45.0, row.get("bound_levels").asDouble(), 1e-9);
    }
  }

  @Test
  void aTableIsGoneOnWith() throws IOException {
    rows("again", "--quick --runs 2");
    Path table = folder.resolve("again").resolve("table.csv");
    String whole = Files.readString(table);
    Files.writeString(table, whole.substring(0, whole.indexOf('\n', 200) + 1));
    rows("again", "--quick --runs 2");
    assertEquals(whole, Files.readString(table));
  }

  @Test
  void badInputLeavesNothing() {
    Path out = folder.resolve("out");
    String line = "experiment workers --out " + out;
    Cli.line("", line + " --set smooth=4,2 --set convex=3").exits(2).says("L = 2.0").isCivil();
    Cli.line("", line + " --set smooth=x").exits(2).says("in any order").isCivil();
    Cli.line("", line + " --set rates=400").exits(2).says("more than 30 bits").isCivil();
    Cli.line("", line + " --set n=40").exits(2).says("too few rows").isCivil();
    Cli.line("", line + " --kappa 3").exits(2).says("--kappa").isCivil();
    assertFalse(Files.exists(out));
  }
}
