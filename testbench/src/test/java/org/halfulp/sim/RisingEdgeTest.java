package org.halfulp.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.halfulp.verify.RtlSources;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The evaluation of the rising edge, shortened where that changes nothing. */
@DisplayName("rising edge")
class RisingEdgeTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"0, true", "1, false", "2, false", "3, false"})
  void logicThatReadsTheClockIsEvaluatedAgain(int use, boolean shortened) throws Exception {
    assertEquals(shortened, shortens("clock_use", List.of("-GUSE=" + use), fixture()));
  }

  @Test
  void ourUnitsAreShortened() throws Exception {
    for (String top : List.of("fp_add", "fp_fma", "fx_mul", "sgd_update", "dot_product")) {
      assertEquals(true, shortens(top, List.of(), rtl(top)), top);
    }
  }

  @Test
  void sourcesOfAnotherShapeStayAsTheyAre() throws Exception {
    verilate("clock_use", List.of(), fixture());
    Path root = folder.resolve("m___024root.h");
    String header = Files.readString(root);
    Files.writeString(root, header.replace("// INTERNAL VARIABLES", "// others"));
    String before = all();
    assertEquals(false, RisingEdge.shorten(folder, "m", "clk"));
    assertEquals(before, all());
    Files.delete(root);
    assertEquals(false, RisingEdge.shorten(folder, "m", "clk"));
  }

  /** Outputs before and after each rising edge, against a model of the module. */
  @ParameterizedTest
  @CsvSource({"0", "1", "2", "3", "4"})
  void everyUseOfTheClockGivesItsValue(int use) {
    VerilatedLibrary library =
        Fixtures.cache().build(VerilatorBuild.of("clock_use", fixture()).with("USE", use));
    Random random = new Random(use);
    int last = 0;
    int older = 0;
    int compared = 0;
    try (Dut dut = Dut.open(library)) {
      int gated = -1; // not loaded yet
      for (int i = 0; i < 200; i++) {
        int a = random.nextInt(256) & (use == 3 ? 0xFE : 0xFF);
        dut.poke("a", a);
        if (i % 3 == 0) { // with clk high or low as it was left
          dut.eval();
          assertEquals(a + last + older & 0xFF, dut.peek("sum"));
          compared++;
        }
        if (use == 3) { // the gate opens while the clock is low
          dut.poke("clk", 0);
          dut.eval();
          a |= random.nextInt(2);
          dut.poke("a", a);
        }
        dut.tick(1);
        older = last;
        last = a;
        assertEquals(a + last + older & 0xFF, dut.peek("sum"));
        if (use != 3) { // whose clock fell before
          assertEquals(a, dut.peek("fallen"));
          compared++;
        }
        gated = (a & 1) == 1 ? a : gated;
        int used =
            switch (use) {
              case 0 -> ~a ^ last;
              case 1 -> a;
              case 2 -> a + 1;
              case 3 -> gated;
              default -> a;
            };
        if (use != 3 || gated >= 0) {
          assertEquals(used & 0xFF, dut.peek("used"), "cycle " + i);
          compared++;
        }
        compared++;
      }
    }
    assertEquals(true, compared > 400);
  }

  private static Path fixture() {
    return Fixtures.verilog("clock_use.v");
  }

  private static Path[] rtl(String top) {
    return RtlSources.of(top, Fixtures.cache().folder()).toArray(Path[]::new);
  }

  private boolean shortens(String top, List<String> more, Path... sources) throws Exception {
    verilate(top, more, sources);
    return RisingEdge.shorten(folder, "m", "clk");
  }

  private void verilate(String top, List<String> more, Path... sources) throws Exception {
    List<String> line = new ArrayList<>(List.of("verilator", "--cc", "--no-timing", "-Wno-fatal"));
    line.addAll(List.of("--Mdir", ".", "--prefix", "m", "--top-module", top));
    line.addAll(more);
    for (Path source : sources) {
      line.add(source.toString());
    }
    Process process =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertEquals(0, process.waitFor());
  }

  private String all() throws IOException {
    StringBuilder text = new StringBuilder();
    try (var files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }
}
