package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.ParquetReader;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.halfulp.sweep.Metric;
import org.halfulp.sweep.SweepStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepCommandTest {
  private static final String BASE =
      """
      name: tiny
      data:
        file: DATA
        target: compressive_strength
      training:
        step_size: 2^-5
        batch: 4
        epochs: 2
      datapath:
        seed: 7
        lanes: 1
        quantizers:
          data:       {format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}
          residual:   {format: e4m3fn, overflow: finite}
          gradient:   {format: q4.8, rounding: sr, random_bits: 8}
        update:
          weight: {format: q2.6, rounding: sr, random_bits: 12}
          product: fused
          step_format: uq0.8
      """;

  private static final String SWEEP =
      """
      sweep:
        parameters:
          weight_format: [q2.4, q2.6]
          step_size: {log2: [-6, -4]}
        seeds: 2
      """;

  private static final Object[] ALONE = {"--no-rtl", "--no-cost"};

  @TempDir Path folder;

  private Path spec(String text) throws IOException {
    Path csv = Launch.ROOT.resolve("examples").resolve("concrete.csv");
    return Files.writeString(folder.resolve("spec.yaml"), text.replace("DATA", csv.toString()));
  }

  private static Launch.Result sweep(Path spec, Path out, Object... more) {
    return Launch.here(arguments(spec, out, more));
  }

  private static Object[] arguments(Path spec, Path out, Object... more) {
    List<Object> args = new ArrayList<>(List.of("sweep", spec, "--out", out));
    args.addAll(List.of(ALONE));
    args.addAll(List.of(more));
    return args.toArray();
  }

  /** Everything that a sweep found, by settings. */
  private static Map<String, String> found(Path out) {
    Map<String, String> all = new TreeMap<>();
    try (SweepStore store = SweepStore.read(out)) {
      store.results(
          store.latest().orElseThrow().id(),
          r -> {
            StringBuilder text = new StringBuilder(r.point().id() + " " + r.losses());
            r.members().forEach(m -> text.append(store.curve(m.training())));
            assertEquals(null, all.put(r.point().settings().toString(), text.toString()));
          });
    }
    return all;
  }

  @Test
  void syntheticDataAreKnownByTheirParameters() throws IOException {
    String gaussian = "gaussian: {features: 6, rows: 400, spectrum: i^-1, noise: .01}";
    String text =
        BASE.replace("file: DATA", gaussian)
            .replace("  target: compressive_strength\n", "")
            .replace("weight: {format: q2.6", "weight: {format: q2.10");
    String sweep = "sweep:\n  parameters:\n    data.gaussian.features: [6, 8]\n";
    Path out = folder.resolve("out");
    Launch.Result first = sweep(spec(text + sweep), out);
    assertEquals(0, first.exit(), first::toString);
    Map<String, String> found = found(out);
    assertEquals(2, found.size());
    try (SweepStore store = SweepStore.read(out)) {
      for (SweepStore.Result r : store.results(store.latest().orElseThrow().id())) {
        double risk = Metric.AVERAGE_RISK.of(r);
        assertTrue(risk > 0 && risk < 1, "excess risk " + risk);
        assertTrue(Double.isNaN(Metric.AVERAGE_RISK_THEORY.of(r)), "rows are seen twice");
      }
    }
    Launch.Result again = sweep(spec(text + sweep), out);
    assertTrue(again.out().contains("train   0 in"), again::toString);
    String other = text.replace("noise: .01", "noise: .01, seed: 2");
    Launch.Result fresh = sweep(spec(other + sweep), out);
    assertTrue(fresh.out().contains("train   4 in"), fresh::toString);
    assertNotEquals(found, found(out));

    Launch.Result run = Launch.here("train", spec(text), "--no-rtl", "--out", folder.resolve("r"));
    assertEquals(0, run.exit(), run::toString);
    assertTrue(run.out().contains("320 training rows, 80 test rows, 6 features"), run::toString);

    String huge = text.replace("features: 6, rows: 400", "features: 65536, rows: 100000000");
    Launch.Result refused =
        Launch.here("train", spec(huge), "--no-rtl", "--out", folder.resolve("huge"));
    assertEquals(2, refused.exit(), refused::toString);
    assertTrue(refused.err().contains("fewer rows"), refused::toString);
    assertFalse(Files.exists(folder.resolve("huge")), "something was written");
  }

  @Test
  void aPointIsTheRunThatItsCommandGives() throws IOException {
    Path out = folder.resolve("out");
    Path yaml = spec(BASE + SWEEP);
    Launch.Result r = sweep(yaml, out, "--json");
    assertEquals(0, r.exit(), r::toString);
    JsonNode tree = new ObjectMapper().readTree(r.out());
    assertEquals(6, tree.get("points").asInt());
    assertEquals(6, tree.get("trained").asInt());
    assertEquals(2, tree.get("units").asInt(), "the step size is no part of the unit");
    assertEquals(0, tree.get("units_verified").asInt(), "nothing was verified");
    Path csv = folder.resolve("points.csv");
    assertEquals(0, Launch.here("sweep", "export", out, "--to", csv).exit());
    Path taken = Files.createDirectories(folder.resolve("taken.csv").resolve("x")).getParent();
    assertEquals(2, Launch.here("sweep", "export", out, "--to", taken).exit());
    assertFalse(Files.exists(folder.resolve("taken.csv.tmp")), "a part is left behind");
    assertEquals(7, Files.readAllLines(csv).size());
    Path lines = folder.resolve("points.jsonl");
    assertEquals(0, Launch.here("sweep", "export", out, "--to", lines).exit());
    Path parquet = folder.resolve("points.parquet");
    assertEquals(0, Launch.here("sweep", "export", out, "--to", parquet).exit());
    sameTable(lines, parquet);
    JsonNode point = new ObjectMapper().readTree(Files.readAllLines(lines).get(4));
    assertEquals(
        "{\"weight_format\":\"q2.6\",\"step_size\":\"2^-5\"}", point.get("settings").toString());
    double sum = 0;
    for (int seed = 1; seed <= 2; seed++) {
      Launch.Result shown =
          Launch.here("sweep", "show", out, point.get("point").textValue(), "--seed", seed);
      assertEquals(0, shown.exit(), shown::toString);
      Path one = Files.writeString(folder.resolve("one.yaml"), shown.out());
      Launch.Result trained =
          Launch.here("train", one, "--no-rtl", "--json", "--out", folder.resolve("run" + seed));
      assertEquals(0, trained.exit(), trained::toString);
      sum +=
          new ObjectMapper().readTree(trained.out()).get("quantized").get("train_loss").asDouble();
    }
    assertEquals(sum / 2, point.get("losses").get("train_loss").get("mean").asDouble());
  }

  private static final class Rows
      implements Hydrator<Map<String, Object>, Map<String, Object>, String[]> {
    @Override
    public Map<String, Object> start() {
      return new TreeMap<>();
    }

    @Override
    public Map<String, Object> add(Map<String, Object> row, String[] path, Object value) {
      if (value != null) {
        row.put(String.join(".", path), value);
      }
      return row;
    }

    @Override
    public Map<String, Object> finish(Map<String, Object> row) {
      return row;
    }
  }

  /** The columns of a Parquet file hold what the JSON lines say. */
  private static void sameTable(Path lines, Path parquet) throws IOException {
    List<JsonNode> expected = new ArrayList<>();
    for (String line : Files.readAllLines(lines)) {
      expected.add(new ObjectMapper().readTree(line));
    }
    List<Map<String, Object>> rows;
    try (Stream<Map<String, Object>> all =
        ParquetReader.streamContent(parquet.toFile(), new Rows())) {
      rows = all.toList();
    }
    assertEquals(expected.size(), rows.size());
    for (int i = 0; i < rows.size(); i++) {
      JsonNode node = expected.get(i);
      Map<String, Object> row = rows.get(i);
      assertEquals(node.get("point").textValue(), row.get("point"));
      assertEquals(node.get("settings").get("step_size").textValue(), row.get("step_size"));
      assertEquals(node.get("number").longValue(), row.get("number"));
      assertEquals(false, row.get("verified"));
      JsonNode loss = node.get("losses").get("train_loss");
      assertEquals(loss.get("mean").doubleValue(), row.get("train_loss"));
      assertEquals(loss.get("interval95").doubleValue(), row.get("train_loss_interval95"));
      assertFalse(row.containsKey("problem"), row::toString);
    }
  }

  @Test
  void theSameAgainDoesNothingAndSaysTheSame() throws IOException {
    Path out = folder.resolve("out");
    Path yaml = spec(BASE + SWEEP);
    Launch.Result first = sweep(yaml, out);
    Map<String, String> before = found(out);
    Launch.Result again = sweep(yaml, out, "--jobs", 1);
    assertEquals(0, again.exit(), again::toString);
    assertTrue(again.out().contains("train   0 in "), again::toString);
    assertEquals(before, found(out));
    String table = first.out().substring(0, first.out().indexOf("  train "));
    assertTrue(again.out().startsWith(table), again::toString);
    assertTrue(table.lines().allMatch(l -> l.length() <= 80 || l.contains("sweep show")), table);
    // more values later: what is known stays
    Launch.Result more = sweep(yaml, out, "--set", "weight_format=q2.4,q2.6,q2.8");
    assertTrue(more.out().contains("6 in "), more::toString);
    assertEquals(9, found(out).size());
  }

  @Test
  void theNumbersDoNotDependOnThreadsOrShards() throws IOException {
    Path yaml = spec(BASE + SWEEP);
    Path whole = folder.resolve("whole");
    assertEquals(0, sweep(yaml, whole, "--jobs", 4).exit());
    Set<String> parts = new HashSet<>();
    for (int i = 1; i <= 2; i++) {
      Path part = folder.resolve("part" + i);
      assertEquals(0, sweep(yaml, part, "--shard", i + "/2").exit());
      for (String settings : found(part).keySet()) {
        assertTrue(parts.add(settings), settings + " is in two shards");
      }
    }
    Path merged = folder.resolve("merged");
    Launch.Result r =
        Launch.here("merge", merged, folder.resolve("part1"), folder.resolve("part2"));
    assertEquals(0, r.exit(), r::toString);
    assertEquals(found(whole), found(merged));
    assertEquals(0, Launch.here("merge", merged, folder.resolve("part1")).exit(), "once more");
    assertEquals(found(whole), found(merged));
  }

  @Test
  void aPointThatFailsIsARowAndTheOthersGoOn() throws IOException {
    Path out = folder.resolve("out");
    String more = SWEEP.replace("[-6, -4]", "[-7, -5]"); // 2^-7 / 4 is not in uq0.8
    Launch.Result r = sweep(spec(BASE + more), out);
    assertEquals(1, r.exit(), r::toString);
    assertTrue(r.err().contains("2 of 6 points"), r::toString);
    assertTrue(
        r.err().contains("spec.yaml:23: training.step_size: step size 0.0078125 over batch 4"),
        r::toString);
    assertTrue(r.out().contains("4 trained, 2 failed"), r::toString);
    assertEquals(6, found(out).size());
    try (SweepStore store = SweepStore.read(out)) {
      String command = store.invocations(store.latest().orElseThrow().id()).get(0).command();
      assertEquals(
          "halfulp sweep %s --out %s --no-rtl --no-cost"
              .formatted(folder.resolve("spec.yaml"), out),
          command);
    }
  }

  @Test
  void aPointThatHasNoUnitSaysWhy() throws IOException {
    Path yaml = spec(BASE + SWEEP.replace("[q2.4, q2.6]", "[q2.4, e4m3fn]"));
    Launch.Result r = sweep(yaml, folder.resolve("out"));
    assertEquals(0, r.exit(), r::toString);
    assertTrue(
        r.out().contains("3 of the points without a unit; the first: no RTL: the RTL update unit"),
        r::toString);
  }

  @Test
  void everyStrategyKeepsToTheSpace() throws IOException {
    Path yaml =
        spec(
            BASE
                + """
                sweep:
                  parameters:
                    weight_rounding: [rne, sr]
                    weight_random_bits: {values: [4, 12], when: weight_rounding == 'sr'}
                    weight_format: [q2.4, q2.6, q2.8]
                    step_size: {log2: [-6, -3]}
                  where: "!(weight_format == 'q2.4' && step_size > 2^-4)"
                  objectives: [train_loss, state_bits]
                """);
    Path grid = folder.resolve("grid");
    assertEquals(0, sweep(yaml, grid).exit());
    // 3 ways to round, 3 formats, 4 steps, less one step of q2.4
    Map<String, String> all = found(grid);
    assertEquals(3 * 3 * 4 - 3, all.size());
    assertTrue(
        all.keySet().stream().noneMatch(s -> s.contains("rne") && s.contains("random_bits")),
        all::toString);
    for (String strategy : List.of("random", "halving", "evolve")) {
      Path out = folder.resolve(strategy);
      Launch.Result r = sweep(yaml, out, "--strategy", strategy, "--points", "16");
      assertEquals(0, r.exit(), r::toString);
      Map<String, String> some = found(out);
      assertFalse(some.isEmpty(), strategy);
      assertTrue(some.size() <= (strategy.equals("evolve") ? 24 : 16), strategy + some.size());
      some.forEach((settings, row) -> assertEquals(all.get(settings), row, strategy));
      Launch.Result again = sweep(yaml, out, "--strategy", strategy, "--points", "16");
      assertTrue(again.out().contains("train   0 in "), again::toString);
    }
  }

  @Test
  void otherDataAreAnotherSweep() throws IOException {
    Path data = folder.resolve("data.csv");
    List<String> rows = Files.readAllLines(Launch.ROOT.resolve("examples/concrete.csv"));
    Files.write(data, rows);
    Path yaml = spec((BASE + SWEEP).replace("DATA", data.toString()));
    Path out = folder.resolve("out");
    assertEquals(0, sweep(yaml, out).exit());
    Map<String, String> before = found(out);
    Files.write(data, rows.subList(0, 900));
    Launch.Result r = sweep(yaml, out);
    assertTrue(r.out().startsWith("tiny: 6 points"), r::toString);
    try (SweepStore store = SweepStore.read(out)) {
      Map<String, String> now =
          store.invocations(store.latest().orElseThrow().id()).get(0).versions();
      assertTrue(
          now.getOrDefault("SHA-256 of data.csv", "").matches("[0-9a-f]{64}"), now::toString);
    }
    Map<String, String> after = found(out);
    assertEquals(before.keySet(), after.keySet());
    after.forEach((settings, row) -> assertNotEquals(before.get(settings), row));
    Files.write(data, rows);
    assertTrue(sweep(yaml, out).out().contains("train   0 in "), "the first is known still");
    assertEquals(before, found(out));
  }

  @Test
  void choicesThatComeToTheSameAreTheFirstOfThem() throws IOException {
    Path yaml =
        spec(
            BASE
                + """
                sweep:
                  parameters:
                    weight_random_bits: [3, 5, 7, 9, 11, 13, 15]
                    weight_rounding: [rne, rtz]
                """);
    Path out = folder.resolve("out");
    assertEquals(0, sweep(yaml, out, "--jobs", 8).exit());
    assertEquals(
        Set.of(
            "{weight_random_bits=3, weight_rounding=rne}",
            "{weight_random_bits=3, weight_rounding=rtz}"),
        found(out).keySet());
  }

  @Test
  void halvingCutsThePointsOwnEpochs() throws IOException {
    Path yaml =
        spec(
            BASE
                + """
                sweep:
                  parameters:
                    weight_format: [q2.4, q2.6, q2.8]
                    step_size: {log2: [-6, -4]}
                    epochs: [9]
                """);
    Path out = folder.resolve("out");
    assertEquals(0, sweep(yaml, out, "--strategy=halving").exit());
    List<String> rungs = new ArrayList<>();
    try (Connection c = DriverManager.getConnection("jdbc:sqlite:" + out.resolve("sweep.db"));
        Statement s = c.createStatement();
        ResultSet r =
            s.executeQuery(
                """
                SELECT rung, count(*), min(epochs), max(epochs) FROM point
                JOIN member ON point = point.id JOIN training ON training = training.id
                GROUP BY rung ORDER BY rung DESC""")) {
      while (r.next()) {
        rungs.add("%d points of %d to %d epochs".formatted(r.getInt(2), r.getInt(3), r.getInt(4)));
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
    assertEquals(
        List.of(
            "9 points of 1 to 1 epochs", "3 points of 3 to 3 epochs", "1 points of 9 to 9 epochs"),
        rungs);
  }

  @Test
  void conditionsThatAllowNothingAreSaidByEveryStrategy() throws IOException {
    Path yaml = spec(BASE + SWEEP.replace("seeds: 2", "where: step_size > 1"));
    for (String[] options :
        new String[][] {
          {"--strategy=grid"},
          {"--strategy=random", "--points=5"},
          {"--strategy=halving"},
          {"--strategy=halving", "--points=5"},
          {"--strategy=evolve", "--points=9"}
        }) {
      Launch.Result r = sweep(yaml, folder.resolve("out"), (Object[]) options);
      assertEquals(2, r.exit(), () -> options[0] + r);
      assertTrue(r.err().contains("no point is left"), () -> options[0] + r);
      assertTrue(r.err().contains("(step_size > 1)"), () -> options[0] + r);
    }
  }

  /** Priced by a program in Yosys's place, to which a unit has 20 LUTs for each bit of a weight. */
  @Test
  void unitsThatAreNotMeasuredAreEstimatedUntilTheyAre() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a Unix");
    Path log = folder.resolve("log");
    Path yosys = folder.resolve("yosys");
    Files.writeString(
        yosys,
        """
        #!/bin/sh
        [ "$1" != -V ] || { echo Yosys 0.0; exit; }
        case $3 in
        *ports.json*)
          echo '{"modules": {"sgd_update": {"ports": {' > ports.json
          echo '"clk": {"direction": "input", "bits": [2]},' >> ports.json
          echo '"out_w": {"direction": "output", "bits": [3]}}}}}' >> ports.json ;;
        *)
          w=$(sed -n 's/.*[.]W_WIDTH(\\([0-9]*\\)).*/\\1/p' wrapper.v)
          echo $w >> LOG
          echo '{"design": {"num_cells_by_type": {"SB_LUT4": '$((20 * w))'}}}' > stat.json
          echo 'Longest topological path in wrapper (length=7):' > levels.txt
          echo 'wrapper: i/o = 9/ 9 and = 99 lev = 5' > aig.txt ;;
        esac
        """
            .replace("LOG", log.toString()));
    assertTrue(yosys.toFile().setExecutable(true));
    List<String> formats = new ArrayList<>();
    for (int fraction = 2; fraction <= 9; fraction++) {
      formats.add("q2." + fraction);
      formats.add("q3." + fraction);
    }
    Path yaml = spec(BASE + "sweep: {parameters: {weight_format: " + formats + "}}\n");
    Path out = folder.resolve("out");
    Launch java =
        Launch.java()
            .with("YOSYS", yosys.toString())
            .with("HALFULP_CACHE", folder.resolve("cache").toString());
    List<Object> all = List.of("sweep", yaml, "--out", out, "--no-rtl", "--cost-seeds=0");
    List<Object> some = new ArrayList<>(all);
    some.add("--cost-units=3");
    Launch.Result r = java.run(some.toArray());
    assertEquals(0, r.exit(), r::toString);
    assertTrue(r.err().contains("at least 12"), r::toString);
    assertTrue(r.out().contains("16 units: 0 verified, 0 differ, 16 not verified; 3 priced\n"));
    some.set(some.size() - 1, "--cost-units=13");
    r = java.run(some.toArray());
    assertEquals(0, r.exit(), r::toString);
    assertTrue(r.out().contains("16 not verified; 13 priced, 3 estimated"), r::toString);
    assertEquals(13, Files.readAllLines(log).size(), "each once");
    assertEquals(3, estimated(out, 0.05));
    r = java.run(all.toArray());
    assertEquals(0, r.exit(), r::toString);
    assertTrue(r.out().contains("16 not verified; 16 priced\n"), r::toString);
    assertEquals(16, Files.readAllLines(log).size(), "each once");
    assertEquals(0, estimated(out, 0));
    // what a target has not is no objective there, and something of it stands in
    String text = Files.readString(yaml).replaceFirst("}\\}\n$", "}, objectives: [ratio, fmax]}\n");
    yaml = spec(text);
    for (String[] target : new String[][] {{"ecp5", "luts"}, {"generic", "aig_nodes"}}) {
      r =
          java.run(
              "sweep",
              yaml,
              "--out",
              folder.resolve(target[0]),
              "--no-rtl",
              "--set=weight_format=q2.4",
              "--target",
              target[0]);
      assertEquals(0, r.exit(), r::toString);
      assertTrue(r.err().contains("without fmax, which the target " + target[0]), r::toString);
      assertTrue(r.out().contains("front of ratio, " + target[1] + ": 1 point"), r::toString);
    }
  }

  /** How many LUTs are estimates; measured ones are exact, estimates at most that far off. */
  private static int estimated(Path out, double far) {
    int estimates = 0;
    try (SweepStore store = SweepStore.read(out)) {
      for (SweepStore.Result r : store.results(store.latest().orElseThrow().id())) {
        int width = 0;
        for (String digits : r.point().settings().get("weight_format").substring(1).split("[.]")) {
          width += Integer.parseInt(digits);
        }
        double luts = 20 * width;
        boolean isEstimate = Metric.LUTS.isEstimated(r);
        estimates += isEstimate ? 1 : 0;
        assertEquals(luts, Metric.LUTS.of(r), isEstimate ? far * luts : 0, r::toString);
        assertEquals(isEstimate, Metric.LUTS.error(r) >= 0, r::toString);
      }
    }
    return estimates;
  }

  @Test
  void evolutionReachesEveryValue() throws IOException {
    Path yaml =
        spec(
            BASE
                + """
                sweep:
                  parameters:
                    weight_rounding: [sr, rne]
                    weight_random_bits: {range: [1, 32], when: weight_rounding == 'sr'}
                    weight_format: [q2.6]
                    step_size: {log2: [-6, -5]}
                  objectives: [train_loss, state_bits]
                """);
    Path out = folder.resolve("out");
    String[] evolve = {"--strategy=evolve", "--points=200"};
    Launch.Result r = sweep(yaml, out, (Object[]) evolve);
    assertEquals(0, r.exit(), r::toString);
    String all = found(out).keySet().toString().replace("}", ",");
    for (String value : List.of("rne", "sr", "1", "32", "q2.6", "2^-6", "2^-5")) {
      assertTrue(all.contains("=" + value + ","), () -> value + " was never tried: " + all);
    }
    // a choice of random bits says nothing against a point that has none
    Object[] few = {"--strategy=evolve", "--points=8", "--set=weight_rounding=rne"};
    assertEquals(0, sweep(yaml, folder.resolve("few"), few).exit());
    assertEquals(2, found(folder.resolve("few")).size());
  }

  @Test
  void badSpecsAreRefused() throws IOException {
    Object[][] cases = {
      {
        "weight_format: [q2.4",
        "weight_fromat: [q2.4",
        "spec.yaml:22: sweep.parameters.weight_fromat: unknown parameter"
      },
      {"[q2.4, q2.6]", "[]", "spec.yaml:22: sweep.parameters.weight_format: must be a list"},
      {"[q2.4, q2.6]", "[q2.4, q2.4]", "has 'q2.4' twice"},
      {
        "seeds: 2",
        "  format: [e4m3fn, e5m2]",
        "spec.yaml:22: sweep.parameters: weight_format has no effect: format behind it sets the same"
      },
      {
        "seeds: 2",
        "  training.step_size: [2^-3]",
        "step_size has no effect: training.step_size behind it sets the same"
      },
      {"seeds: 2", "seeds: 0", "spec.yaml:24: sweep.seeds: must be an integer in [1, 10000]"},
      {"seeds: 2", "seed: 2", "unknown key 'seed' in sweep; known: parameters where seeds"},
      {"seeds: 2", "where: batch > 1", "'batch' is no parameter before it"},
      {"seeds: 2", "where: step_size >", "is no condition"},
      {"seeds: 2", "where: step_size > 1", "no point is left"},
      {"seeds: 2", "where: step_size + 1", "must be true or false"},
      {"seeds: 2", "objectives: [speed]", "spec.yaml: sweep.objectives: unknown objective 'speed'"},
      {"seeds: 2", "objectives: []", "spec.yaml:24: sweep.objectives: must have at least one"},
      {"[q2.4, q2.6]", "[q2.4x, q2.6x]", "6 of 6 points and 0 of 0 units failed; the first: "},
      {"step_size: {log2", "training.step: {log2", "unknown key 'step'"},
      {"log2: [-6, -4]", "range: [3, 1]", "is empty"},
      {"log2: [-6, -4]", "log2: [-6, -4, 0]", "the step must be positive"},
      {"log2: [-6, -4]", "range: [1, 1000000000]", "has more than 100,000 values"},
      {"log2: [-6, -4]", "range: [0, 1e99999999]", "numbers with exponents in [-30, 30]"},
      {"log2: [-6, -4]", "range: [0, 1e999999999]", "numbers with exponents in [-30, 30]"},
      {"log2: [-6, -4]", "range: [1, 2, 1e999999999]", "numbers with exponents in [-30, 30]"},
      {"log2: [-6, -4]", "log2: [-1e999999999, 1]", "whole exponents in [-1000, 1000]"},
      {"log2: [-6, -4]", "linear: [1, 2]", "unknown key 'linear'"},
      {
        "seeds: 2",
        "  training.shuffle_seed: {range: [1, 40000]}\n    seed: {range: [1, 40000]}",
        "the grid has 9,600,000,000 points"
      },
      {"file: DATA", "file: nowhere.csv", "nowhere.csv"},
      {"file: DATA", "file: .", "is a folder; give a CSV file"},
      {"target: compressive_strength", "target: strength", "no target 'strength'"},
      {"q4.8", "e9", "spec.yaml:15: datapath.quantizers.gradient.format"},
    };
    for (Object[] c : cases) {
      String text = BASE + SWEEP;
      assertTrue(text.contains((String) c[0]), (String) c[0]);
      Path out = folder.resolve("refused");
      Launch.Result r = sweep(spec(text.replace((String) c[0], (String) c[1])), out);
      assertEquals(2, r.exit(), () -> c[1] + ": " + r);
      assertTrue(r.err().contains((String) c[2]), () -> c[1] + ": " + r);
      assertFalse(
          Pattern.compile("Exception|\\bat org\\.|unexpected").matcher(r.err()).find(),
          r::toString);
    }
  }

  @Test
  void optionsThatDoNotGoTogetherAreRefusedBeforeAFolderIsMade() throws IOException {
    Path out = folder.resolve("out");
    Path yaml = spec(BASE + SWEEP);
    for (String[] options :
        new String[][] {
          {"--points=3"}, {"--strategy=random"}, {"--strategy=evolve"}, {"--strategy=best"}
        }) {
      Launch.Result r = sweep(yaml, out, (Object[]) options);
      assertEquals(2, r.exit(), () -> options[0] + r);
      assertTrue(r.err().contains(options[0].replaceAll("=.*", "")), r::toString);
      assertFalse(Files.exists(out), options[0]);
    }
  }

  @Test
  void aStoreInUseIsRefused() throws IOException {
    Path out = folder.resolve("out");
    Path yaml = spec(BASE + SWEEP);
    try (SweepStore store = SweepStore.write(out)) {
      assertNotNull(store);
      Launch.Result r = sweep(yaml, out);
      assertEquals(2, r.exit(), r::toString);
      assertTrue(r.err().contains("another sweep writes to it"), r::toString);
    }
    assertEquals(0, sweep(yaml, out).exit());
  }

  @Test
  void aFullDiskIsSaidAndTheSweepGoesOnLater() throws Exception {
    Path out = folder.resolve("out");
    Path yaml = spec(BASE + SWEEP.replace("seeds: 2", "seeds: 60"));
    Launch.Result full = Launch.java().smallFiles(5000).run(arguments(yaml, out, "--jobs", 1));
    assertEquals(2, full.exit(), full::toString);
    assertTrue(full.err().contains("is the disk full"), full::toString);
    assertFalse(full.err().contains("Exception"), full::toString);
    long kept = trained(out);
    assertTrue(kept > 0 && kept < 360, () -> kept + " runs fitted");
    Path calm = folder.resolve("calm");
    assertEquals(0, sweep(yaml, calm).exit());
    Launch.Result later = sweep(yaml, out);
    assertEquals(0, later.exit(), later::toString);
    assertEquals(found(calm), found(out));
  }

  @Test
  void aKilledSweepGoesOnAndEndsAsIfNothingHadBeen() throws Exception {
    killed(60, 3, 1);
  }

  @Test
  @Tag("long")
  void thirtyKillsChangeNothing() throws Exception {
    killed(400, 30, 2);
  }

  /** Kills a process at random moments, each time after it has acknowledged something new. */
  private void killed(int seeds, int kills, long seed) throws Exception {
    Path yaml = spec(BASE + SWEEP.replace("seeds: 2", "seeds: " + seeds));
    Path calm = folder.resolve("calm");
    assertEquals(0, sweep(yaml, calm).exit());
    Path out = folder.resolve("out");
    Random random = new Random(seed);
    long before = 0;
    long total = 6L * seeds;
    int done = 0;
    for (int k = 0; k < kills; k++) {
      long wanted = before + 1 + random.nextInt((int) Math.max(1, (total - before) / (kills - k)));
      Process p =
          Launch.java()
              .start(folder.resolve("o"), folder.resolve("e"), arguments(yaml, out, "--jobs", 2));
      try {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (p.isAlive() && trained(out) < wanted) {
          assertTrue(System.nanoTime() < limit, "no progress");
          Thread.sleep(5);
        }
      } finally {
        p.destroyForcibly().waitFor();
      }
      long now = trained(out);
      assertTrue(now >= before, "acknowledged runs were lost");
      assertTrue(now >= wanted, () -> Launch.read(folder.resolve("e")));
      done += now < total ? 1 : 0;
      before = now;
    }
    assertNotEquals(0, done, "no kill came before the end");
    Launch.Result last = sweep(yaml, out);
    assertEquals(0, last.exit(), last::toString);
    assertEquals(found(calm), found(out));
    assertEquals(total, trained(out), "a run is there twice or not at all");
  }

  /** Seeds with a result. */
  private static long trained(Path out) {
    if (!Files.exists(out.resolve("sweep.db"))) {
      return 0;
    }
    try (Connection c = DriverManager.getConnection("jdbc:sqlite:" + out.resolve("sweep.db"));
        Statement s = c.createStatement();
        ResultSet r =
            s.executeQuery(
                "SELECT count(*) FROM member JOIN training ON id = training WHERE status = 'done'")) {
      return r.getLong(1);
    } catch (SQLException e) {
      return 0; // killed, or looked at, before it had its tables
    }
  }
}
