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
  void settingsMakeAnotherExperiment() throws IOException {
    Path out = folder.resolve("q1");
    String line = "experiment q1 --quick --runs 50 --set d=5 --set eps=.1,1e-3 --out " + out;
    Cli.line("", line + " --set formats=q4.4 --set steps=20,10 --set step_size=2^-4").exits(0);
    List<String> lines = Files.readAllLines(out.resolve("table.csv"));
    assertEquals(1 + (1 + 2 * 2 + 1) * 2, lines.size(), lines::toString);
    assertTrue(lines.get(3).startsWith("additive 0.001,5,1,0.0625,0,10,"), lines.get(3));
    assertTrue(lines.get(12).startsWith("q4.4 sr,5,1,0.0625,0,20,"), lines.get(12));

    // what is the default is not set, in any order
    batch(folder.resolve("b")).exits(0);
    batch(folder.resolve("b"), "--set eps=.05 --set batch=4,1").exits(0);
    assertTrue(!Files.readString(folder.resolve("b/experiment.json")).contains("\"set\""));
    batch(folder.resolve("b"), "--set noise=4").exits(2).says("other settings").isCivil();
    batch(folder.resolve("c"), "--set noise=4").exits(0);
    double[] theory = new double[2];
    for (int i = 0; i < 2; i++) {
      Path table = folder.resolve(i == 0 ? "b/table.csv" : "c/table.csv");
      theory[i] = Double.parseDouble(Files.readAllLines(table).get(1).split(",")[8]);
    }
    assertTrue(theory[1] > 1.2 * theory[0], () -> theory[0] + " and with noise 4 " + theory[1]);

    Path yaml = folder.resolve("d.yaml");
    Files.writeString(yaml, "experiment: growth\nruns: 4\nd: [9, 7]\ndepth: 3\nridge: 0.1\n");
    Cli.line("", "experiment " + yaml + " --quick --set depth=1 --out " + folder.resolve("d"))
        .exits(0);
    assertEquals(3, Files.readAllLines(folder.resolve("d/table.csv")).size());
    Files.writeString(yaml, "experiment: growth\nd: 0\n");
    Cli.line("", "experiment " + yaml).exits(2).says("d.yaml:2: d of growth").isCivil();
    Cli.line(
            "",
            "experiment q1 --quick --runs 4 --set step_size=9 --set steps=9 --out "
                + folder.resolve("e"))
        .exits(0)
        .shows("grows without end above the step size");
  }

  /** Risk over dimensions follows theory: the small versions of q1 and q2. */
  @Test
  void riskFollowsTheoryAgainstStepsAndFeatures() throws IOException {
    for (String name : List.of("q1", "q2")) {
      Path out = folder.resolve(name);
      Cli.line("", "experiment " + name + " --quick --out " + out).exits(0);
      var rows = new ObjectMapper().readTree(out.resolve("table.json").toFile());
      assertTrue(rows.size() >= 6, rows::toString);
      double squares = 0;
      for (var row : rows) {
        double z = row.get("z").asDouble();
        assertTrue(Math.abs(z) < 5, row::toString);
        squares += z * z / rows.size();
      }
      assertTrue(squares > .01 && squares < 4, name + ": mean square z " + squares);
    }
  }

  @Test
  void settingsAreShownAndBadOnesRefused() {
    for (String name : ExperimentCommand.names()) {
      Cli cli = Cli.line("", "experiment " + name + " --settings").exits(0).shows("whole number");
      assertTrue(cli.out().lines().allMatch(line -> line.length() <= 80), cli::toString);
    }
    String[][] bad = {
      {"q1 --set d", "--set must be NAME=VALUE, got 'd'"},
      {"q1 --set d=0", "d of q1 must be a whole number in [1, 10000]; default: 200; got '0'"},
      {"q1 --set d=2.5", "got '2.5'"},
      {"q1 --set eps=.1,", "eps of q1 must be numbers in [1.0E-12, 1]", "got ''"},
      {"q1 --set formats=e4q3", "must be names of formats; default: q8.3,e5m2; got 'e4q3'"},
      {"q1 --set levels=3", "unknown setting 'levels' of q1; known: d batch step_size eps"},
      {"widths --set ridge=0", "ridge of widths"},
      {"classes --set widths=0", "widths of classes"},
      {"fig3 --set alpha=1", "unknown setting 'alpha' of fig3; known: levels m n"},
      {"fig4 --set powers_of_two=1", "must be true or false"},
      {"fig4 --set n=40", "n of fig4 gives 32 x 40"},
      {"fig4 --set m=5", "m of fig4 gives 5 x 16"},
      {"fig4 --set n=8 --matrix ../examples/ash331.mtx", "leave it out beside --matrix"},
    };
    for (String[] row : bad) {
      Cli cli = Cli.line("", "experiment " + row[0] + " --out " + folder).exits(2).isCivil();
      for (int i = 1; i < row.length; i++) {
        cli.says(row[i]);
      }
    }
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
