package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code halfulp experiment fig3} and {@code fig4}. */
class DescentFigureTest {
  @TempDir Path folder;

  @Test
  void theSurveysFigureHasTheFactorsOfItsTable() throws IOException {
    Path out = folder.resolve("four");
    String matrix = Path.of("..", "examples", "ash331.mtx").toString();
    String line = "experiment fig4 --quick --runs 4 --matrix " + matrix + " --out ";
    Cli.line("", line + out).exits(0).shows("kappa = 9.588").shows("DQ-HB");
    String table = Files.readString(out.resolve("table.csv"));
    assertEquals(1 + 3 * 7, table.lines().count(), table);
    var rows = new ObjectMapper().readTree(out.resolve("table.json").toFile());
    for (var row : rows) {
      String key = row.get("method").asText() + row.get("levels").asInt();
      double expected =
          switch (key) {
            case "DQ-GD12" -> .8499;
            case "DQ-AGD24" -> .8874;
            case "DQ-HB16" -> .9755;
            case "DQ-HB24" -> .6961;
            case "DQ-HB8", "DQ-AGD16", "DQ-GD8" -> 1;
            default -> row.get("mean").asDouble();
          };
      assertEquals(expected, row.get("mean").asDouble(), .002, key);
    }
    String figure = Files.readString(out.resolve("figure.svg"));
    assertEquals(21, figure.split("A1 1 0 1 1").length - 1);
    Path again = folder.resolve("again");
    Cli.line("", line + again + " --threads 3").exits(0);
    assertEquals(table, Files.readString(again.resolve("table.csv")));
    Cli.line("", line + out).exits(2).says("--out").isCivil();
  }

  @Test
  void naiveQuantizationIsLastToConverge() throws IOException {
    Cli cli = Cli.line("", "experiment fig3 --quick --runs 3 --json --out " + folder).exits(0);
    var rows = new ObjectMapper().readTree(cli.out());
    assertEquals(14, rows.size());
    for (var row : rows) {
      boolean naive = row.get("method").asText().equals("NQ-GD");
      int enough = naive ? 64 : 5;
      assertEquals(row.get("levels").asInt() > enough, row.get("mean").asDouble() < 1, "" + row);
    }
  }

  @Test
  void badMatricesAreRefused() throws IOException {
    Path file = folder.resolve("a.mtx");
    Path out = folder.resolve("out");
    String line = "experiment fig3 --quick --matrix " + file + " --out " + out;
    Cli.line("", line).exits(2).says("no such file").isCivil();
    Files.writeString(file, "%%MatrixMarket matrix array real general\n2 2\n1\n1\n1\n1\n");
    Cli.line("", line).exits(2).says("a.mtx").says("dependent columns").isCivil();
    assertFalse(Files.exists(out));
    Cli.line("", "experiment q1 --matrix x --out " + out).exits(2).says("fig3").isCivil();
    assertTrue(Cli.line("", "experiment --help").exits(0).out().contains("fig4"));
  }
}
