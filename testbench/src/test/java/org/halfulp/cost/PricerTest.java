package org.halfulp.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.halfulp.sim.ToolException;
import org.halfulp.sim.Toolchain;
import org.halfulp.sim.VerilogException;
import org.halfulp.verify.RtlSources;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Most of it on tools that answer what Yosys 0.23 and nextpnr 0.4 answered; the last tests run the
 * real ones.
 */
class PricerTest {
  private static final String BOTH =
      """
      module both #(parameter W = 4) (
        input wire clk, input wire [W-1:0] in_a, input wire [W-1:0] in_b, output wire [W-1:0] out_y
      );
        assign out_y = in_a & in_b;
      endmodule
      """;
  private static final String PORTS =
      """
      {"modules": {"both": {"parameter_default_values": {"W": "00000000000000000000000000000100"},
       "ports": {"clk": {"direction": "input", "bits": [2]},
        "in_a": {"direction": "input", "bits": [3, 4, 5, 6]},
        "in_b": {"direction": "input", "bits": [7, 8, 9, 10]},
        "out_y": {"direction": "output", "bits": [11, 12, 13, 14]}}}}}
      """;
  // of fp_add EXP_W=4 FRAC_W=3
  private static final String STAT =
      """
      {"creator": "Yosys 0.23 (git sha1 7ce5011c24b)", "design": {"num_cells": 198,
       "num_cells_by_type": {"SB_CARRY": 29, "SB_DFF": 19, "SB_DFFSR": 3, "SB_DFFSS": 5,
        "SB_LUT4": 142}}}
      """;
  private static final String LEVELS =
      "3. Executing LTP pass\n\nLongest topological path in wrapper (length=37):\n";

  @TempDir Path folder;
  private Path tools;
  private Path cache;
  private HardwarePoint both;

  @BeforeEach
  void recordedTools() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a Unix");
    tools = Files.createDirectories(folder.resolve("tools"));
    cache = folder.resolve("cache");
    Path source = Files.writeString(folder.resolve("both.v"), BOTH);
    both = new HardwarePoint("both", new TreeMap<>(), List.of(source));
    Files.writeString(tools.resolve("ports.json"), PORTS);
    Files.writeString(tools.resolve("stat.json"), STAT);
    Files.writeString(tools.resolve("levels.txt"), LEVELS);
    tool(
        "yosys",
        "[ \"$1\" != -V ] || { echo Yosys 0.23; exit; }\necho yosys >> T/log\ncp T/ports.json T/stat.json T/levels.txt .");
    tool(
        "nextpnr",
        """
        [ "$1" != --version ] || { echo nextpnr 0.4; exit; }
        echo nextpnr >> T/log
        while [ $# -gt 0 ]; do [ "$1" != --seed ] || seed=$2; shift; done
        case $seed in 1) mhz=48.8 ;; 2) mhz=50.5 ;; *) mhz=47.1 ;; esac
        echo '{"fmax": {"clk": {"achieved": '$mhz', "constraint": 1}},' > report.json
        echo '"utilization": {"ICESTORM_LC": {"available": 7680, "used": 165}}}' >> report.json
        """);
  }

  private void tool(String name, String script) throws IOException {
    Path file = tools.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script.replace("T/", tools + "/") + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private Pricer pricer() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("YOSYS", tools.resolve("yosys").toString());
    environment.put("NEXTPNR", tools.resolve("nextpnr").toString());
    return new Pricer(cache, environment);
  }

  private long runs() throws IOException {
    Path log = tools.resolve("log");
    return Files.exists(log) ? Files.readAllLines(log).size() : 0;
  }

  private static double value(Cost cost, String figure) {
    return cost.figure(figure).orElseThrow().value();
  }

  @Test
  void figuresAreTheReportsOwn() {
    Cost cost = pricer().price(both, Flow.DEFAULT);
    assertEquals(142, value(cost, Figure.LUT));
    assertEquals(29, value(cost, Figure.CARRY));
    assertEquals(19 + 3 + 5, value(cost, Figure.FF));
    assertEquals(0, value(cost, Figure.DSP));
    assertEquals(37, value(cost, Figure.LEVELS));
    assertEquals(165, value(cost, Figure.LC));
    Figure fmax = cost.figure(Figure.FMAX).orElseThrow();
    assertEquals(48.8, fmax.value(), "the median");
    assertEquals(50.5 - 47.1, fmax.spread());
    assertEquals("nextpnr 0.4", fmax.version());
    assertTrue(fmax.flags().contains("--timing-allow-fail"), fmax::flags);
  }

  /** Yosys renames some modules whose parameters it set. */
  @Test
  void aRenamedModuleIsFound() throws IOException {
    Files.writeString(
        tools.resolve("ports.json"),
        PORTS.replace(
            "\"both\": {",
            "\"$paramod$36\\\\both\": {\"attributes\": {\"hdlname\": \"\\\\both\"}, "));
    assertEquals(142, value(pricer().price(both, Flow.DEFAULT.seeds(0)), Figure.LUT));
    Files.writeString(tools.resolve("ports.json"), PORTS.replace("\"both\"", "\"other\""));
    ToolException e = assertThrows(ToolException.class, () -> pricer().price(both, Flow.DEFAULT));
    assertTrue(e.getMessage().contains("no ports of both"), e::getMessage);
  }

  /** Other parameters are; another flow, other Verilog are not. */
  @Test
  void pricedAreThoseThatMayBeCompared() throws IOException {
    Pricer pricer = pricer();
    Flow flow = Flow.DEFAULT.seeds(0);
    HardwarePoint five = new HardwarePoint("both", new TreeMap<>(Map.of("W", "5")), both.sources());
    assertEquals(List.of(), pricer.priced(both, flow));
    pricer.price(both, flow);
    pricer.price(five, flow);
    pricer.price(five, flow.abc9(true));
    assertEquals(2, pricer.priced(both, flow).size());
    Files.writeString(both.sources().get(0), BOTH.replace("&", "|"));
    assertEquals(List.of(), pricer.priced(both, flow));
  }

  /** Were a cell counted twice, or not at all, the sum would not be the number of cells. */
  @Test
  void everyCellIsOfOneKind() {
    Cost cost = pricer().price(both, Flow.DEFAULT.seeds(0));
    double sum =
        Stream.of(Figure.LUT, Figure.CARRY, Figure.FF, Figure.DSP, Figure.RAM)
            .mapToDouble(f -> value(cost, f))
            .sum();
    assertEquals(198, sum);
  }

  @Test
  void whatWasMeasuredIsFoundAgain() throws IOException {
    Cost first = pricer().price(both, Flow.DEFAULT);
    assertEquals(2 + 3, runs());
    assertEquals(first, pricer().price(both, Flow.DEFAULT));
    assertEquals(first, pricer().known(both, Flow.DEFAULT).orElseThrow());
    assertEquals(2 + 3, runs());
  }

  @Test
  void theHashKnowsAllThatMatters() throws IOException {
    Pricer pricer = pricer();
    String hash = pricer.hash(both, Flow.DEFAULT);
    assertEquals(hash, pricer.hash(both, Flow.DEFAULT.limit(Duration.ofMinutes(1))));
    TreeMap<String, String> five = new TreeMap<>(Map.of("W", "5"));
    assertNotEquals(
        hash, pricer.hash(new HardwarePoint("both", five, both.sources()), Flow.DEFAULT));
    assertNotEquals(hash, pricer.hash(both, Flow.DEFAULT.seeds(2)));
    assertNotEquals(hash, pricer.hash(both, Flow.DEFAULT.abc9(true)));
    assertNotEquals(hash, pricer.hash(both, Flow.DEFAULT.flags(false)));
    assertNotEquals(hash, pricer.hash(both, Flow.DEFAULT.target(Target.XC7)));
    Files.writeString(both.sources().get(0), BOTH.replace("&", "|"));
    assertNotEquals(hash, pricer.hash(both, Flow.DEFAULT));
    Files.writeString(both.sources().get(0), BOTH);
    assertEquals(hash, pricer.hash(both, Flow.DEFAULT));
    tool("yosys", "echo Yosys 0.24");
    assertNotEquals(hash, pricer().hash(both, Flow.DEFAULT));
  }

  @Test
  void aWrongFigureInTheCacheIsNotBelieved() throws IOException {
    Cost cost = pricer().price(both, Flow.DEFAULT);
    Path kept = cache.resolve("cost").resolve(cost.hash() + ".json");
    String text = Files.readString(kept);
    assertTrue(text.contains("142"), text);
    Files.writeString(kept, text.replace("142", "141"));
    assertTrue(pricer().known(both, Flow.DEFAULT).isEmpty());
    assertEquals(142, value(pricer().price(both, Flow.DEFAULT), Figure.LUT));
    Files.writeString(kept, text.substring(0, text.length() / 2)); // as a full disk leaves it
    assertEquals(142, value(pricer().price(both, Flow.DEFAULT), Figure.LUT));
  }

  @Test
  void whatAKilledProcessLeftIsRemoved() throws IOException {
    Path kept = Files.createDirectories(cache.resolve("cost"));
    Path dead = Files.createDirectory(kept.resolve("work-" + Long.MAX_VALUE + "-1"));
    Files.writeString(dead.resolve("wrapper.v"), "module");
    long pid = ProcessHandle.current().pid();
    Path alive = Files.createDirectory(kept.resolve("work-" + pid + "-1"));
    Cost cost = pricer().price(both, Flow.DEFAULT.seeds(0));
    try (Stream<Path> files = Files.list(kept)) {
      assertEquals(
          Set.of(alive, kept.resolve(cost.hash() + ".json")), files.collect(Collectors.toSet()));
    }
  }

  @Test
  void threadsThatAskForTheSameMeasureOnce() throws Exception {
    Pricer pricer = pricer();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      Callable<Cost> ask = () -> pricer.price(both, Flow.DEFAULT);
      List<Cost> costs =
          pool.invokeAll(List.of(ask, ask, ask, ask)).stream()
              .map(
                  f -> {
                    try {
                      return f.get();
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  })
              .toList();
      assertEquals(1, costs.stream().collect(Collectors.toSet()).size());
      assertEquals(2 + 3, runs());
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aMissingToolIsNamedWithWhatToDo() {
    Map<String, String> none = Map.of("PATH", "", "YOSYS", "");
    ToolException e = assertThrows(ToolException.class, () -> new Pricer(cache, none));
    assertTrue(e.getMessage().contains("yosys is missing"), e::getMessage);
    assertTrue(e.getMessage().contains("tools/setup.sh --area"), e::getMessage);
    Pricer half = new Pricer(cache, Map.of("PATH", "", "YOSYS", tools.resolve("yosys").toString()));
    assertThrows(ToolException.class, () -> half.price(both, Flow.DEFAULT));
    assertEquals(142, value(half.price(both, Flow.DEFAULT.seeds(0)), Figure.LUT));
  }

  @Test
  void aRefusedUnitIsTheUsersFault() throws IOException {
    tool(
        "yosys",
        "[ \"$1\" != -V ] || { echo Y; exit; }\necho 'both.v:1: ERROR: W must be 4'; exit 1");
    VerilogException e =
        assertThrows(VerilogException.class, () -> pricer().price(both, Flow.DEFAULT));
    assertTrue(e.getMessage().contains("both.v:1: ERROR: W must be 4"), e::getMessage);
  }

  @Test
  void aToolThatHangsIsKilled() throws IOException {
    tool("yosys", "[ \"$1\" != -V ] || { echo Y; exit; }\nsleep 60");
    long start = System.nanoTime();
    Flow flow = Flow.DEFAULT.limit(Duration.ofMillis(300));
    ToolException e = assertThrows(ToolException.class, () -> pricer().price(both, flow));
    assertTrue(e.getMessage().contains("did not end in"), e::getMessage);
    assertTrue(System.nanoTime() - start < 30e9, "it was waited for");
  }

  @Test
  void aUnitThatDoesNotFitHasNoClock() throws IOException {
    tool(
        "nextpnr",
        "[ \"$1\" != --version ] || { echo n; exit; }\n"
            + "echo \"ERROR: Unable to place cell 'd', no BELs remaining to implement cell\"; exit 255");
    Cost cost = pricer().price(both, Flow.DEFAULT);
    assertEquals(142, value(cost, Figure.LUT));
    assertTrue(cost.figure(Figure.FMAX).isEmpty());
    assertTrue(cost.notes().get(0).contains("does not fit"), cost.notes()::toString);
  }

  @Test
  void aReportWithoutFiguresIsNoZero() throws IOException {
    Files.writeString(tools.resolve("stat.json"), "{\"modules\": {}}");
    ToolException e = assertThrows(ToolException.class, () -> pricer().price(both, Flow.DEFAULT));
    assertTrue(e.getMessage().contains("num_cells_by_type"), e::getMessage);
    assertTrue(pricer().known(both, Flow.DEFAULT).isEmpty());
  }

  // ---- The real tools

  private Pricer real() {
    boolean there = true;
    try {
      Toolchain.other("yosys", "YOSYS", "-V", System.getenv(), cache);
    } catch (ToolException e) {
      there = false;
    }
    assumeTrue(there, "yosys is not installed");
    return new Pricer(cache, System.getenv());
  }

  /** The script in the rtl folder, written apart, with the same parameters and seeds. */
  @Test
  @Tag("long")
  void areaShSaysTheSame() throws Exception {
    Pricer real = real();
    Map<String, String> e4m3 = Map.of("EXP_W", "4", "FRAC_W", "3", "BIAS", "7", "FAMILY", "0");
    Map<String, String> staged = new HashMap<>(e4m3);
    staged.put("STAGES", "2");
    Map<String, String> drawing = Map.of("IN_W", "16", "IN_F", "8", "ROUND", "6");
    same(real, "fp_add", e4m3);
    same(real, "fp_mul", staged);
    same(real, "fx_requantize", drawing);
  }

  private static void same(Pricer real, String top, Map<String, String> parameters)
      throws Exception {
    Path rtl = Path.of("..", "rtl").toAbsolutePath();
    HardwarePoint point =
        new HardwarePoint(top, new TreeMap<>(parameters), RtlSources.in(rtl, top));
    Cost cost = real.price(point, Flow.DEFAULT.seeds(1));
    List<String> command = new ArrayList<>(List.of(rtl + "/area.sh", "-1", "-tsv", top));
    point.parameters().forEach((name, value) -> command.add(name + "=" + value));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> top + ": " + said);
    String ours =
        "%.0f\t%.1f\t%.0f\t%.0f\t%.0f"
            .formatted(
                value(cost, Figure.LC),
                value(cost, Figure.FMAX),
                value(cost, Figure.LUT),
                value(cost, Figure.CARRY),
                value(cost, Figure.FF));
    assertTrue(said.startsWith(ours + "\t"), () -> point + ": " + ours + " and area.sh " + said);
  }

  /** A bit of AND is a LUT between three flip-flops, whatever the tool's version. */
  @Test
  void fourBitsOfAndAreFourLuts() {
    Cost cost = real().price(both, Flow.DEFAULT.seeds(0));
    assertEquals(4, value(cost, Figure.LUT));
    assertEquals(12, value(cost, Figure.FF));
    assertEquals(0, value(cost, Figure.CARRY));
    assertEquals(1, value(cost, Figure.LEVELS));
    assertFalse(cost.figure(Figure.FMAX).isPresent());
  }

  /** 220 bits of configuration are more than the package has pins, and none of the unit's cost. */
  @Test
  void registersThatHoldPortsAreTakenOff() throws IOException {
    Path source =
        Files.writeString(
            folder.resolve("parity.v"),
            "module parity (input wire clk, input wire [219:0] cfg_mask, input wire in_a,"
                + " output wire out_y); assign out_y = in_a ^ (^cfg_mask); endmodule\n");
    HardwarePoint parity = new HardwarePoint("parity", new TreeMap<>(), List.of(source));
    Cost cost = real().price(parity, Flow.DEFAULT.seeds(0));
    assertEquals(2, value(cost, Figure.FF));
    assertTrue(value(cost, Figure.LUT) >= 220 / 3, cost::toString); // a LUT4 takes 3 inputs away
    assertTrue(cost.notes().get(0).contains("220 bits"), cost.notes()::toString);
  }

  @Test
  void fourBitsOfAndAreFourNodes() {
    Cost cost = real().price(both, Flow.DEFAULT.target(Target.GENERIC));
    assertEquals(4, value(cost, Figure.AIG_NODES));
    assertEquals(1, value(cost, Figure.AIG_DEPTH));
  }
}
