package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentTest {
  @TempDir Path folder;

  private Cli batch(Path out, String... more) {
    String line = "experiment batch --quick --runs 10 --out " + out;
    return Cli.line("", (line + " " + String.join(" ", more)).strip());
  }

  @Test
  void aStoppedExperimentGoesOnAndThreadsChangeNothing() throws IOException {
    Path whole = folder.resolve("whole");
    batch(whole, "--threads 1").exits(0).shows("binary64").shows("additive p");
    String table = Files.readString(whole.resolve("table.csv"));
    assertEquals(11, table.lines().count(), table);
    assertTrue(table.startsWith("series,d,batch,step_size,fraction_bits,steps,average,"), table);
    String figure = Files.readString(whole.resolve("figure.svg"));
    assertTrue(figure.startsWith("<svg") && figure.endsWith("</svg>\n"), figure);
    assertEquals(10, figure.split("A1 1 0 1 1").length - 1, "circles");

    Path part = folder.resolve("part");
    Files.createDirectory(part);
    Files.copy(whole.resolve("experiment.json"), part.resolve("experiment.json"));
    List<String> lines = table.lines().toList();
    // a row that no run gives shows that it is not made again
    String marked = lines.get(1).replaceAll(",[^,]*$", ",7");
    Files.writeString(part.resolve("table.csv"), lines.get(0) + "\n" + marked + "\n");
    batch(part, "--threads 3").exits(0);
    assertEquals(table.replace(lines.get(1), marked), Files.readString(part.resolve("table.csv")));
  }

  @Test
  void theJsonIsTheTable() throws IOException {
    Cli cli = batch(folder, "--json").exits(0);
    var rows = new ObjectMapper().readTree(cli.out());
    assertEquals(10, rows.size());
    assertEquals("binary64", rows.get(0).get("series").asText());
    assertTrue(rows.get(0).get("average").asDouble() > 0);
    assertEquals(rows, new ObjectMapper().readTree(folder.resolve("table.json").toFile()));
  }

  @Test
  void theRtlMovesTheWeights() throws IOException {
    String line = "experiment rtl --quick --runs 4 --out ";
    Path one = folder.resolve("one");
    Cli.line("", line + one + " --threads 1")
        .exits(0)
        .shows("q3.13 sr")
        .shows("compared 24,000   differing 0");
    Path two = folder.resolve("two");
    Cli.line("", line + two + " --threads 2").exits(0);
    assertEquals(
        Files.readString(one.resolve("table.csv")), Files.readString(two.resolve("table.csv")));
  }

  @Test
  void stepSizesEndAtTheirLimitAndBitsAreWeighed() {
    Cli.line("", "experiment stability --quick --runs 4 --out " + folder.resolve("s"))
        .exits(0)
        .shows("binary64, limit 0.615");
    Cli.line("", "experiment bits --quick --runs 4 --out " + folder.resolve("b"))
        .exits(0)
        .shows("b = 8  1.75  1.01  4.32");
  }

  @Test
  void badRequestsAreRefused() throws IOException {
    Cli.line("", "experiment q9 --quick --out " + folder).exits(2).says("q1 q2 batch").isCivil();
    batch(folder, "--threads 0").exits(2).says("--threads").isCivil();
    Cli.line("", "experiment q1 --runs 1 --out " + folder).exits(2).says("--runs").isCivil();
    Files.writeString(folder.resolve("mine.txt"), "precious");
    batch(folder).exits(2).says("not empty").says("--out").isCivil();
    Files.delete(folder.resolve("mine.txt"));
    batch(folder).exits(0);
    batch(folder, "--seed 2").exits(2).says("other settings").isCivil();
    Files.writeString(folder.resolve("table.csv"), "series,d\nbinary64,x\n");
    batch(folder).exits(2).says("table.csv").says("line 2 is no row").isCivil();
    Files.writeString(folder.resolve("table.csv"), "series,d\nbinary64,1\n\"bin\"ary64,2\n");
    batch(folder).exits(2).says("is no row of the columns series,").isCivil();
  }
}
