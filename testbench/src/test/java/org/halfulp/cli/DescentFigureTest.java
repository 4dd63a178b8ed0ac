package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.halfulp.input.ExperimentSpec;
import org.halfulp.tensor.BinaryWriter;
import org.halfulp.tensor.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code halfulp experiment fig3}, {@code fig4} and {@code steps}. */
class DescentFigureTest {
  @TempDir Path folder;

  @Test
  void theSurveysFigureHasTheFactorsOfItsTable() throws IOException {
    Path out = folder.resolve("four");
    String matrix = Path.of("..", "examples", "ash331.mtx").toString();
    String line = "experiment fig4 --quick --runs 4 --matrix " + matrix + " --out ";
    Cli.line("", line + out)
        .exits(0)
        .shows("kappa = 9.588")
        .shows("DQ-GD converges above R = 3.350 bits, from M = 11 on")
        .shows("DQ-AGD converges above R = 4.367 bits, from M = 21 on")
        .shows("DQ-HB converges above R = 3.958 bits, from M = 16 on")
        .shows("M too small");
    String table = Files.readString(out.resolve("table.csv"));
    assertEquals(1 + 3 * 7 + 3, table.lines().count(), table);
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
            case "GD0" -> .8110; // not quantized
            case "AGD0" -> .6873;
            case "HB0" -> .5262;
            default -> row.get("mean").asDouble();
          };
      double within = key.equals("HB0") || key.equals("GD0") ? .005 : .002; // of 4 instances
      assertEquals(expected, row.get("mean").asDouble(), within, key);
    }
    String figure = Files.readString(out.resolve("figure.svg"));
    assertEquals(21, figure.split("A1 1 0 1 1").length - 1);
    Path again = folder.resolve("again");
    Cli.line("", line + again + " --threads 3").exits(0);
    assertEquals(table, Files.readString(again.resolve("table.csv")));

    List<String> lines = table.lines().toList();
    // a row that no run gives shows that it is not made again
    String marked = lines.get(1).replaceAll(",[^,]*$", ",0.875");
    Files.writeString(again.resolve("table.csv"), lines.get(0) + "\n" + marked + "\n");
    Cli.line("", line + again).exits(0);
    String resumed = Files.readString(again.resolve("table.csv"));
    assertEquals(table.replace(lines.get(1), marked), resumed);
    Cli.line("", line.replace("fig4", "fig3") + out).exits(2).says("--out").isCivil();
    Cli.line("", line + out + " --seed 7").exits(2).says("other settings").isCivil();
  }

  @Test
  void naiveQuantizationIsLastToConverge() throws IOException {
    Cli cli = Cli.line("", "experiment fig3 --quick --runs 3 --json --out " + folder).exits(0);
    var rows = new ObjectMapper().readTree(cli.out());
    assertEquals(15, rows.size());
    for (var row : rows) {
      if (row.get("levels").isNull()) {
        assertEquals("GD", row.get("method").asText());
        assertEquals(.818, row.get("mean").asDouble(), .002);
        continue;
      }
      boolean naive = row.get("method").asText().equals("NQ-GD");
      int enough = naive ? 64 : 5;
      assertEquals(row.get("levels").asInt() > enough, row.get("mean").asDouble() < 1, "" + row);
    }
  }

  @Test
  void aMethodThatNoNumberOfLevelsHelpsIsNamed() {
    Cli.line("", "experiment fig3 --quick --runs 2 --kappa 1000 --out " + folder.resolve("k"))
        .exits(0)
        .shows("NQ-GD converges above R = 11.966 bits, from M = 4,001 on: more than the 128 here")
        .shows("DQ-GD converges above R = 2.000 bits, from M = 5 on\n");
  }

  /** At alpha = 0 most instances saturate at 256 levels, at 1 none does. */
  @Test
  void settingsAreThoseOfTheMethods() throws IOException {
    String line = "experiment fig4 --quick --runs 6 --json --set n=8 --set m=9 --set levels=";
    for (int alpha = 0; alpha <= 1; alpha++) {
      Path out = folder.resolve("alpha" + alpha);
      Cli cli = Cli.line("", line + "256,16 --set alpha=" + alpha + " --out " + out).exits(0);
      var rows = new ObjectMapper().readTree(cli.out());
      assertEquals(6 + 3, rows.size());
      assertEquals(16, rows.get(4).get("levels").asInt());
      assertEquals("DQ-HB", rows.get(5).get("method").asText());
      assertEquals(alpha == 0, rows.get(5).get("saturated").asDouble() > .3, cli::out);
    }
    // sqrt 8 = 2.83 levels are enough for DQ-GD, and 3 for powers of two not always
    line = line.replace("--runs 6", "--runs 2");
    Cli one = Cli.line("", line + "3 --out " + folder.resolve("one")).exits(0);
    Cli.line("", line + "3 --set powers_of_two=true --out " + folder.resolve("two")).exits(0);
    var rows = new ObjectMapper().readTree(one.out());
    var two = new ObjectMapper().readTree(folder.resolve("two").resolve("table.json").toFile());
    assertTrue(rows.get(0).get("mean").asDouble() < .95, one::out);
    assertTrue(two.get(0).get("mean").asDouble() > .97, two::toString);
  }

  /** Four steps in a cycle contract to the fourth root of 1 / T_4(11/9); from M = 5 on. */
  @Test
  void stepsMayComeInCycles() throws IOException {
    String line = "experiment steps --runs 4 --json --set cycles=1,4 --set levels=4,8,64 --out ";
    Cli cli = Cli.line("", line + folder.resolve("steps")).exits(0);
    double t = 11.0 / 9;
    double four = Math.pow(8 * Math.pow(t, 4) - 8 * t * t + 1, -.25);
    var rows = new ObjectMapper().readTree(cli.out());
    assertEquals(8, rows.size());
    int seen = 0;
    for (var row : rows) {
      boolean cycle = row.get("method").asText().endsWith("GD, 4 steps");
      boolean few = row.get("levels").asInt() == 4;
      double expected = few ? 1 : cycle ? four : 9.0 / 11;
      assertEquals(expected, row.get("bound").asDouble(), 1e-9, row::toString);
      double within = row.get("levels").isNull() ? .01 : .004; // a run ends within a cycle
      assertEquals(expected, row.get("mean").asDouble(), within, row::toString);
      assertEquals(0, row.get("saturated").asDouble());
      seen += cycle ? 1 : 0;
    }
    assertEquals(4, seen);
    String three = "experiment steps --set cycles=3 --out " + folder.resolve("odd");
    Cli.line("", three).exits(2).says("powers of two, got 3").isCivil();
  }

  @Test
  void badMatricesAreRefused() throws IOException {
    Path file = folder.resolve("a.mtx");
    Path out = folder.resolve("out");
    String line = "experiment fig3 --quick --matrix " + file + " --out " + out;
    Cli.line("", line).exits(2).says("no such file").isCivil();
    Files.writeString(file, "%%MatrixMarket matrix array real general\n2 2\n1\n1\n1\n1\n");
    Cli.line("", line).exits(2).says("a.mtx").says("dependent columns").isCivil();
    String[][] bad = {
      {"b.csv", "1,0\n0,nan\n1,1\n", "NaN", "row 2, column 2"},
      {"b.csv", "2,0\n0,2\n0,0\n", "kappa = 1"},
      {"b.csv", "", "is empty"},
      {"b.csv", "a,b\n1,2\n3\n", "1 cells in a table of 2 columns"},
      {"b.csv", "1,2,3\n4,5,6\n", "at least as many rows as columns"},
      {"b.npy", "hello", "not a .npy file"},
      {"b.txt", "1", ".mtx, .npy or .csv"},
    };
    for (String[] row : bad) {
      Path matrix = Files.writeString(folder.resolve(row[0]), row[1]);
      Cli cli = Cli.line("", line.replace(file.toString(), matrix.toString())).exits(2).isCivil();
      for (int i = 2; i < row.length; i++) {
        cli.says(row[i]);
      }
    }
    String drawn = "experiment fig3 --quick --runs 2 --out " + out + " --kappa ";
    for (String kappa : List.of("1", "NaN", "-3", "1e9")) {
      Cli.line("", drawn + kappa).exits(2).says("kappa must be above 1").isCivil();
    }
    Cli.line("", line + " --kappa 3").exits(2).says("leave it out").isCivil();
    assertFalse(Files.exists(out));
    Cli.line("", "experiment q1 --kappa 3 --out " + out).exits(2).says("fig3").isCivil();
    Cli.line("", "experiment q1 --matrix x --out " + out).exits(2).says("fig3").isCivil();
    assertTrue(Cli.line("", "experiment --help").exits(0).out().contains("fig4"));
  }

  /** The same matrix in three kinds of files, of C's order and of Fortran's, gives one table. */
  @Test
  void aFileDescribesTheExperimentAndMatricesComeInManyFiles() throws IOException {
    Files.writeString(folder.resolve("m.csv"), "a,b\n1,0\n0,2\n1,1\n");
    Files.writeString(
        folder.resolve("m.mtx"),
        "%%MatrixMarket matrix array real general\n3 2\n1\n0\n1\n0\n2\n1\n");
    for (boolean fortran : new boolean[] {false, true}) {
      try (BinaryWriter npy =
          BinaryWriter.npy(
              folder.resolve(fortran ? "f.npy" : "c.npy"),
              ElementType.FLOAT64,
              ByteOrder.BIG_ENDIAN,
              fortran,
              List.of(3L, 2L))) {
        npy.write(fortran ? new double[] {1, 0, 1, 0, 2, 1} : new double[] {1, 0, 0, 2, 1, 1}, 6);
        npy.finish();
      }
    }
    String first = null;
    for (String name : List.of("m.csv", "m.mtx", "c.npy", "f.npy")) {
      Path spec = folder.resolve(name + ".yaml");
      Files.writeString(spec, "experiment: fig3\nruns: 2\nseed: 3\nmatrix: " + name + "\n");
      Path out = folder.resolve("out-" + name);
      Cli.line("", "experiment " + spec + " --quick --out " + out).exits(0).shows("2 instances");
      String table = Files.readString(out.resolve("table.csv"));
      first = first == null ? table : first;
      assertEquals(first, table, name);
    }
    Path bad = Files.writeString(folder.resolve("bad.yaml"), "experiment: q1\nrns: 4\n");
    String known = "noise, beside the options experiment runs seed matrix kappa data";
    Cli.line("", "experiment " + bad).exits(2).says("bad.yaml:2").says(known).isCivil();
    Files.writeString(bad, "experiment: q1\nruns: 1\n");
    Cli.line("", "experiment " + bad).exits(2).says("runs: must be an integer in [2,").isCivil();
    Files.writeString(bad, "experiment: q1\nkappa: 3\n");
    Cli.line("", "experiment " + bad).exits(2).says("fig3").isCivil();
    Cli.line("", "experiment " + folder.resolve("no.yaml")).exits(2).says("no such").isCivil();
  }

  @Test
  void everyExampleIsAnExperiment() throws IOException {
    Path examples = Path.of("..", "examples", "experiments");
    try (Stream<Path> files = Files.list(examples)) {
      List<Path> all = files.sorted().toList();
      assertTrue(all.size() >= 12, all::toString);
      for (Path file : all) {
        ExperimentSpec spec = ExperimentSpec.read(file);
        assertTrue(ExperimentCommand.names().contains(spec.experiment()), file::toString);
        spec.matrix().ifPresent(m -> assertTrue(Files.exists(m), m::toString));
        spec.data().ifPresent(d -> assertTrue(Files.exists(d), d::toString));
      }
    }
  }
}
