package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CostCommandTest {

  @Test
  void whatIsWrongIsNamed() throws IOException {
    Cli.run("cost", "fp_ad").exits(Main.BAD_INPUT).says("unknown unit 'fp_ad'").says("fp_fma");
    Cli.run("cost", "fp_add", "--target", "asic").exits(Main.BAD_INPUT).says("ice40 ecp5 xc7");
    Cli.run("cost", "fp_add", "--seeds", "101").exits(Main.BAD_INPUT).says("[0, 100]");
    Cli.run("cost", "fp_add", "--format", "e4m3,").exits(Main.BAD_INPUT).says("format ''");
    Cli.run("cost", "none.yaml").exits(Main.BAD_INPUT).says("none.yaml");
    Cli.run("cost", "none.yaml", "--format", "e4m3").exits(Main.BAD_INPUT).says("leave out");
    Cli.run("cost").exits(Main.BAD_INPUT).says("UNIT");
  }

  /** verify takes one unit, and says so of a list. */
  @Test
  void onlyCostTakesLists() {
    Cli.run("verify", "fp_add", "--format", "e4m3,e5m2").exits(Main.BAD_INPUT).says("e4m3,e5m2");
  }

  @Test
  void listsSplitAtCommasOutsideAFormat() {
    assertEquals(
        List.of("ap_fixed<8,4>", "e5m7:fn,bias=20,nosub", "q4.4"),
        UnitOptions.list("ap_fixed<8,4>,e5m7:fn,bias=20,nosub,q4.4"));
  }

  /** Twice the lanes is twice the flip-flops, for the rows the command prints. */
  @Test
  void eachCombinationIsARow() throws IOException {
    assumeTrue(hasYosys(), "yosys is not installed");
    Cli both =
        Cli.run("cost", "fx_add", "--format", "q1.2", "--lanes", "1,2", "--seeds", "0", "--json");
    JsonNode rows = new ObjectMapper().readTree(both.exits(Main.GOOD).out()).path("rows");
    assertEquals(2, rows.size());
    double[] ff = new double[2];
    for (int i = 0; i < 2; i++) {
      assertEquals(i + 1, rows.get(i).path("lanes").asInt());
      for (JsonNode figure : rows.get(i).path("figures")) {
        assertTrue(figure.path("measured").asBoolean());
        assertTrue(figure.path("version").asText().startsWith("Yosys"), figure::toString);
        if (figure.path("name").asText().equals("ff")) {
          ff[i] = figure.path("value").asDouble();
        }
      }
    }
    assertTrue(ff[0] > 0);
    assertEquals(2 * ff[0], ff[1]);
    Cli.run("cost", "fx_add", "--format", "q1.2", "--lanes", "2", "--seeds", "0")
        .exits(Main.GOOD)
        .shows("0 measured in 0.0 s of tools, 1 found again");
    // what is known stays a measurement
    Cli.run("cost", "fx_add", "--format", "q1.2", "--lanes", "2", "--seeds", "0", "--estimate")
        .exits(Main.GOOD)
        .shows("0 measured in 0.0 s of tools, 1 found again");
  }

  /** fp_mul adds rows of its own where LUTs multiply. */
  @Test
  void multiplicationsGoIntoDspBlocksIfTheyMay() throws IOException {
    assumeTrue(hasYosys(), "yosys is not installed");
    for (boolean may : new boolean[] {false, true}) {
      List<String> args = new ArrayList<>(List.of("cost", "fp_mul", "--format", "fp16"));
      args.addAll(List.of("--target", "ecp5", "--json"));
      if (may) {
        args.add("--dsp");
      }
      JsonNode row =
          new ObjectMapper()
              .readTree(Cli.run(args.toArray(String[]::new)).exits(Main.GOOD).out())
              .path("rows")
              .path(0);
      double[] dsp = new double[1];
      for (JsonNode figure : row.path("figures")) {
        dsp[0] += figure.path("name").asText().equals("dsp") ? figure.path("value").asDouble() : 0;
      }
      assertEquals(may ? 1 : 0, dsp[0], row::toString);
    }
  }

  private static boolean hasYosys() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(f -> Files.isExecutable(Path.of(f, "yosys")));
  }
}
