package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code halfulp experiment exact}. */
class ExactFigureTest {
  @TempDir Path folder;

  @Test
  void theSurveyRunsInLockstep() throws IOException {
    Path out = folder.resolve("exact");
    Cli.line("", "experiment ../examples/experiments/exact-ash331.yaml --set steps=60 --out " + out)
        .exits(0)
        .shows("points  compared 6,240 with gradient descent's, differing 0")
        .shows("words   compared 24,960 of the RTL")
        .shows("converges surely above R = 4.350 bits\n");
    var rows = new ObjectMapper().readTree(out.resolve("table.json").toFile());
    assertEquals(60, rows.size());
    var last = rows.get(59);
    assertEquals(0, last.get("saturated").asInt());
    double estimate = last.get("estimate").asDouble();
    double point = last.get("point").asDouble();
    assertTrue(point < estimate && estimate < 1e-4, last::toString);
    assertTrue(rows.get(0).get("range_exponent").asInt() >= 5, rows.get(0)::toString);
    assertEquals(24_960, last.get("words").asInt());
    assertTrue(Files.readString(out.resolve("figure.svg")).contains("estimate"));
    assertEquals(61, Files.readAllLines(out.resolve("table.csv")).size());
  }

  @Test
  void aFaultOfTheRtlIsFound() throws IOException {
    Path rtl = Files.createDirectory(folder.resolve("rtl"));
    try (Stream<Path> files = Files.list(Path.of("..", "rtl"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, rtl.resolve(file.getFileName()));
      }
    }
    Path unit = rtl.resolve("dq_compress.v");
    String text = Files.readString(unit);
    assertTrue(text.contains("<= q - u_q"));
    Files.writeString(unit, text.replace("<= q - u_q", "<= u_q - q"));
    Path out = folder.resolve("fault");
    String matrix = Path.of("..", "examples", "ash331.mtx").toString();
    Launch.Result result =
        Launch.java("-Dhalfulp.rtl=" + rtl)
            .run("experiment", "exact", "--matrix", matrix, "--out", out.toString());
    assertEquals(1, result.exit(), result::toString);
    assertTrue(result.out().contains("differ at step 0, coordinate 0"), result::toString);
    assertTrue(result.out().contains("out_e      emulator"), result::toString);
    assertFalse(Files.exists(out));
  }

  @Test
  void tooFewBitsAreSaidToBeSo() {
    String line = "experiment exact --matrix ../examples/ash331.mtx --set rtl=false --set bits=3";
    Cli.line("", line + " --set steps=30 --out " + folder.resolve("few"))
        .exits(0)
        .shows("above R = 4.350 bits, more than the 3 here");
  }

  @Test
  void badInputLeavesNothing() throws IOException {
    Path out = folder.resolve("out");
    Path halves = Files.writeString(folder.resolve("halves.csv"), "1,0\n0,0.5\n1,1\n");
    Path large = Files.writeString(folder.resolve("large.csv"), "20000,0\n0,20000\n1,1\n");
    Path same = Files.writeString(folder.resolve("same.csv"), "1,1\n2,2\n3,3\n");
    String line = "experiment exact --out " + out;
    Cli.line("", line).exits(2).says("--matrix").says("ash331").isCivil();
    Cli.line("", line + " --matrix " + halves).exits(2).says("row 2, column 2 is 0.5").isCivil();
    Cli.line("", line + " --matrix " + large).exits(2).says("scale the matrix").isCivil();
    Cli.line("", line + " --matrix " + same).exits(2).says("dependent columns").isCivil();
    String survey = line + " --matrix ../examples/ash331.mtx";
    Cli.line("", survey + " --set bits=0").exits(2).says("[1, 16]").isCivil();
    Cli.line("", survey + " --runs 4").exits(2).says("none of").isCivil();
    assertFalse(Files.exists(out));
  }
}
