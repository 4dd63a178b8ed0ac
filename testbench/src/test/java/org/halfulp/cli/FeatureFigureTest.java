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

/** {@code halfulp experiment widths}, {@code anisotropic} and {@code growth}. */
class FeatureFigureTest {
  @TempDir Path folder;

  private Cli growth(Path out, String more) {
    return Cli.line("", "experiment growth --quick --runs 4 --out " + out + more);
  }

  @Test
  void aStoppedExperimentGoesOnAndThreadsChangeNothing() throws IOException {
    Path whole = folder.resolve("whole");
    growth(whole, " --threads 1").exits(0).shows("tanh, 2 layers").shows("+-");
    String table = Files.readString(whole.resolve("table.csv"));
    assertEquals(5, table.lines().count(), table);
    assertTrue(table.startsWith("point,series,p,d,n,"), table);
    String figure = Files.readString(whole.resolve("figure.svg"));
    assertEquals(8, figure.split("A1 1 0 1 1").length - 1, "circles");

    Path part = folder.resolve("part");
    Files.createDirectory(part);
    Files.copy(whole.resolve("experiment.json"), part.resolve("experiment.json"));
    List<String> lines = table.lines().toList();
    // a row that no run gives shows that it is not made again
    String marked = lines.get(2).replaceAll(",[^,]*$", ",.007");
    Files.writeString(part.resolve("table.csv"), lines.get(0) + "\n" + marked + "\n");
    growth(part, " --threads 3 --json").exits(0);
    List<String> after = Files.readAllLines(part.resolve("table.csv"));
    assertTrue(after.get(1).endsWith(",0.007"), after.get(1));
    assertEquals(lines.get(1), after.get(2));
    assertEquals(lines.subList(3, 5), after.subList(3, 5));

    Files.writeString(part.resolve("table.csv"), lines.get(0) + "\n9" + lines.get(1) + "\n");
    growth(part, "").exits(2).says("table.csv").isCivil();
    growth(whole, " --seed 2").exits(2).says("other settings").isCivil();
    Cli.line("", "experiment growth --matrix a.mtx --out " + part).exits(2).isCivil();
  }

  /** A table far from theory is exit 1. */
  @Test
  void aMeanFarFromTheoryFails() throws IOException {
    growth(folder, "").exits(0);
    Path table = folder.resolve("table.csv");
    List<String> lines = Files.readAllLines(table);
    String[] cells = lines.get(1).split(",(?=[^ ])");
    cells[10] = "5"; // mean of the one-bit weights
    Files.writeString(table, lines.get(0) + "\n" + String.join(",", cells) + "\n");
    growth(folder, "").exits(1).says("one-bit weights").says("from theory").isCivil();
  }

  @Test
  void fewDominantInputsDefeatOneBitUnlessRotated() throws IOException {
    Cli cli =
        Cli.line("", "experiment anisotropic --quick --runs 6 --json --out " + folder).exits(0);
    var rows = new ObjectMapper().readTree(cli.out());
    assertEquals(4, rows.size());
    assertEquals(2, rows.get(0).get("decay").asDouble());
    double plain = rows.get(0).get("difference").asDouble();
    double rotated = rows.get(2).get("difference").asDouble();
    assertTrue(plain > 3 * Math.abs(rotated), plain + " as they are, " + rotated + " rotated");
  }

  /** Where sign features interpolate, at p = n = 80, their error has its peak. */
  @Test
  void theErrorPeaksWhereFeaturesInterpolate() throws IOException {
    String line = "experiment widths --quick --set depth=1 --json --out " + folder;
    Cli cli = Cli.line("", line).exits(0);
    var rows = new ObjectMapper().readTree(cli.out());
    assertEquals(1 + 3 * 3, rows.size(), cli::out);
    double[] sign = new double[3];
    int k = 0;
    for (var row : rows) {
      if (row.get("series").asText().startsWith("sign")) {
        sign[k++] = row.get("normal").asDouble();
      }
    }
    assertEquals(3, k);
    assertTrue(sign[1] > 1.2 * sign[0] && sign[1] > 1.5 * sign[2], cli::out);
  }
}
