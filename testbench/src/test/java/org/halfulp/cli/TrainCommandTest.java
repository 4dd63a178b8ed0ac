package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainCommandTest {
  private static final Path CONCRETE = Launch.ROOT.resolve("examples").resolve("concrete.yaml");
  private static final Path RTL = Launch.ROOT.resolve("rtl");

  /** Not the example, which may change. */
  private static final String BASE =
      """
      name: concrete
      data:
        file: concrete.csv
        target: compressive_strength
      training:
        step_size: 2^-5
        batch: 4
        epochs: 80
        average_from: 41
      datapath:
        seed: 7
        quantizers:
          data:       {format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}
          parameter:  {format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}
          activation: {format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}
          label:      {format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}
          residual:   {format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}
          gradient:   {format: q4.8, rounding: sr, random_bits: 8, overflow: saturate}
        accumulators:
          forward:  {order: exact}
        update:
          weight: {format: q2.10, rounding: sr, random_bits: 12, overflow: saturate}
          product: fused
          step_format: uq0.8
      """;

  @TempDir static Path shared;
  private static Path reference; // run folder of the example
  private static Launch.Result referenceResult;

  @TempDir Path folder;
  private Path out;

  @BeforeAll
  static void runTheExample() {
    reference = shared.resolve("reference");
    referenceResult = Launch.java().run("train", CONCRETE, "--out", reference);
    assertEquals(0, referenceResult.exit(), referenceResult::toString);
  }

  @BeforeEach
  void name() {
    out = folder.resolve("run");
  }

  private static void assertContains(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "'" + part + "' is not in:\n" + text);
    }
  }

  /** A message for people, that code and no trace, and no run folder. */
  private void assertRefused(int exit, Launch.Result result, String... parts) {
    assertEquals(exit, result.exit(), result::toString);
    assertContains(result.err(), parts);
    assertTrue(result.err().startsWith("halfulp: "), result::toString);
    assertFalse(
        Pattern.compile("Exception|\\bat org\\.|\\bat java|unexpected:")
            .matcher(result.err())
            .find(),
        result::toString);
    assertEquals("", result.out(), result::toString);
    assertFalse(Files.exists(out), "a run folder was left");
  }

  private static void assertSameHistory(Path run) throws IOException {
    assertEquals(
        Files.readString(reference.resolve("history.csv")),
        Files.readString(run.resolve("history.csv")));
  }

  /** {@link #BASE} with texts replaced. */
  private Path changed(String... fromTo) throws IOException {
    return written(BASE, fromTo);
  }

  private Path written(String text, String... fromTo) throws IOException {
    for (int i = 0; i < fromTo.length; i += 2) {
      assertContains(text, fromTo[i]);
      text = text.replace(fromTo[i], fromTo[i + 1]);
    }
    Path csv = Launch.ROOT.resolve("examples").resolve("concrete.csv");
    text = text.replace("file: concrete.csv", "file: " + csv);
    return Files.writeString(folder.resolve("changed.yaml"), text);
  }

  // ---- a good run

  @Test
  void theExampleComparesEveryWord() {
    Matcher compared =
        Pattern.compile("update words  compared ([0-9,]+)   distinct ([0-9,]+)   differing (\\d+)")
            .matcher(referenceResult.out());
    assertTrue(compared.find(), referenceResult::toString);
    long words = Long.parseLong(compared.group(1).replace(",", ""));
    assertTrue(words >= 100_000, compared.group());
    assertTrue(Long.parseLong(compared.group(2).replace(",", "")) > words / 4, compared.group());
    assertEquals("0", compared.group(3));
    assertEquals("", referenceResult.err(), "a progress bar where nobody looks");
  }

  @Test
  void theSummaryFitsEightyColumns() {
    assertFits(referenceResult.out());
    assertContains(referenceResult.out(), "824 training rows, 206 test rows, 8 features");
  }

  @Test
  void longNamesFitToo() throws IOException {
    String long64 = "n".repeat(64);
    Path yaml =
        changed(
            "name: concrete",
            "name: " + long64,
            "format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}\n    parameter",
            "format: 'e10m23:finite,bias=500,nosub,daz', rounding: sr, random_bits: 32, overflow: propagate}\n    parameter",
            "gradient:   {format: q4.8,",
            "gradient:   {format: 'e5m10:ieee,bias=-13,nosub,daz',",
            "overflow: saturate}\n  accu",
            "overflow: propagate}\n  accu",
            "{format: q2.10, rounding: sr, random_bits: 12, overflow: saturate}",
            "{format: 'e5m10:ieee,bias=-13,nosub,daz', rounding: sr, random_bits: 32, overflow: propagate}",
            "product: fused",
            "product: {format: 'e10m20:finite,bias=500,nosub,daz', rounding: sr, random_bits: 32, overflow: propagate}",
            "epochs: 80",
            "epochs: 2",
            "average_from: 41",
            "average_from: 2");
    Launch.Result result = Launch.here("train", yaml, "--out", out, "--no-rtl");
    assertEquals(0, result.exit(), result::toString);
    assertFits(result.out());
  }

  private static void assertFits(String text) {
    for (String line : text.lines().toList()) {
      if (!line.startsWith("  run folder")
          && !line.startsWith("  report")) { // a path may be longer
        assertTrue(line.length() <= 80, line);
      }
      assertTrue(line.chars().allMatch(c -> c >= ' ' && c <= '~'), line);
    }
  }

  @Test
  void theRunFolderHoldsWhatItPromises() throws IOException {
    try (Stream<Path> files = Files.list(reference)) {
      assertEquals(
          List.of("description.yaml", "history.csv", "report.html", "summary.json"),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
    JsonNode summary = new ObjectMapper().readTree(reference.resolve("summary.json").toFile());
    assertEquals("complete", summary.get("status").textValue());
    assertEquals(0, summary.at("/rtl/words_differing").intValue());
    assertEquals(80 * 206 * 8, summary.at("/rtl/words_compared").intValue());
    assertEquals(8, summary.get("weights").size());
    List<String> history = Files.readAllLines(reference.resolve("history.csv"));
    assertEquals(81, history.size());
    for (String line : history) {
      assertEquals(10, line.split(",", -1).length, line);
    }
    assertEquals(
        summary.at("/quantized/train_loss").asText(), history.get(80).split(",")[2], "last epoch");
    if (Files.getFileStore(reference).supportsFileAttributeView("posix")) {
      String rights =
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(reference.resolve("history.csv")));
      for (String name : List.of("summary.json", "description.yaml")) {
        assertEquals(
            rights,
            PosixFilePermissions.toString(Files.getPosixFilePermissions(reference.resolve(name))),
            name);
      }
    }
  }

  @Test
  void theResolvedDescriptionGivesTheSameRun() throws IOException {
    Path description = reference.resolve("description.yaml");
    Launch.Result again = Launch.java().run("train", description, "--out", out, "--no-rtl");
    assertEquals(0, again.exit(), again::toString);
    assertSameHistory(out);
    assertEquals(Files.readString(description), Files.readString(out.resolve("description.yaml")));
  }

  @Test
  void theEmulatorAloneGivesTheSameRun() throws IOException {
    Launch.Result result =
        Launch.java()
            .with("HALFULP_VERILATOR", "/nowhere/verilator")
            .with("CXX", "/nowhere/g++")
            .with("HALFULP_CACHE", "/dev/null/cache")
            .run("train", CONCRETE, "--out", out, "--no-rtl");
    assertEquals(0, result.exit(), result::toString);
    assertContains(result.out(), "none compared");
    assertSameHistory(out);
  }

  @Test
  void stallsChangeNothing() throws IOException {
    Launch.Result result = Launch.java().run("train", CONCRETE, "--out", out, "--stalls", 30);
    assertEquals(0, result.exit(), result::toString);
    assertContains(result.out(), "differing 0", "from the cache");
    assertSameHistory(out);
  }

  @Test
  void jsonIsTheSummary() throws IOException {
    Launch.Result result = Launch.here("train", CONCRETE, "--out", out, "--no-rtl", "--json");
    assertEquals(0, result.exit(), result::toString);
    ObjectMapper json = new ObjectMapper();
    assertEquals(json.readTree(out.resolve("summary.json").toFile()), json.readTree(result.out()));
    assertEquals("", result.err());
    assertSameHistory(out);
  }

  @Test
  void digitsAreAsciiInEveryLocale() throws IOException {
    Path cache = warmRuntime(folder.resolve("cache"), false);
    Launch.Result result =
        Launch.java("-Duser.language=ar", "-Duser.country=EG")
            .with("HALFULP_CACHE", cache.toString())
            .run("train", CONCRETE, "--out", out);
    assertEquals(0, result.exit(), result::toString);
    assertContains(result.out(), "model         built in ", "differing 0");
    assertFits(result.out());
    assertSameHistory(out);
    Launch.Result refused =
        Launch.java("-Duser.language=ar", "-Duser.country=EG")
            .run("train", changed("batch: 4", "batch: 0"), "--no-rtl");
    assertContains(refused.err(), "changed.yaml:7: training.batch", "[1, 1048576]");
  }

  @Test
  void ofTwoRunsIntoOneFolderOneIsRefused() throws IOException, InterruptedException {
    Path err = folder.resolve("err");
    Process first = Launch.java().start(folder.resolve("o"), err, "train", CONCRETE, "--out", out);
    Launch.Result second = Launch.java().run("train", CONCRETE, "--out", out);
    int exit = first.waitFor();
    assertTrue(
        exit == 0 && second.exit() == 2 || exit == 2 && second.exit() == 0,
        () -> exit + Launch.read(err) + second);
    assertSameHistory(out);
  }

  @Test
  void withoutOutTheFolderGoesUnderRuns() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")));
    Path here = Files.createDirectory(folder.resolve("here"));
    Path script = script("go", "cd '" + here + "' && exec \"$@\"");
    ProcessBuilder probe =
        new ProcessBuilder(
            script.toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "org.halfulp.cli.Main",
            "train",
            CONCRETE.toString(),
            "--no-rtl");
    try {
      Process process = probe.redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes());
      assertEquals(0, process.waitFor(), said);
      Matcher line = Pattern.compile("run folder +(runs/concrete-\\S+)").matcher(said);
      assertTrue(line.find(), said);
      assertSameHistory(here.resolve(line.group(1)));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  // ---- the run folder

  @Test
  void aFolderThatIsNotEmptyIsLeftAlone() throws IOException {
    Path old = Files.createDirectory(folder.resolve("old"));
    Path file = Files.writeString(old.resolve("thesis.tex"), "years of work");
    assertRefused(
        2, Launch.here("train", CONCRETE, "--no-rtl", "--out", old), "is not empty", "--out");
    assertEquals("years of work", Files.readString(file));
    try (Stream<Path> files = Files.list(old)) {
      assertEquals(1, files.count());
    }
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Launch.Result result = Launch.here("train", CONCRETE, "--no-rtl", "--out", empty);
    assertEquals(0, result.exit(), result::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/null", "/dev/null/run", "/proc/run", ""})
  void aFolderThatCannotBeMadeIsRefused(String where) {
    assumeTrue(!where.startsWith("/") || Files.exists(Path.of(where.substring(0, 5))));
    assertRefused(2, Launch.here("train", CONCRETE, "--no-rtl", "--out", where), "--out");
  }

  @Test
  void aFolderThatIsNotEmptyIsSeenBeforeTheModelIsBuilt() throws IOException {
    Path old = Files.createDirectory(folder.resolve("old"));
    Files.writeString(old.resolve("x"), "");
    Path cache = folder.resolve("cold");
    assertRefused(
        2,
        Launch.java().with("HALFULP_CACHE", cache.toString()).run("train", CONCRETE, "--out", old),
        "is not empty");
    if (Files.exists(cache)) {
      try (Stream<Path> files = Files.list(cache)) {
        assertTrue(files.noneMatch(f -> f.toString().endsWith(".so")));
      }
    }
  }

  // ---- bad input

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a,y\\n1,2\\nNaN,3\\n|:3: column 'a'",
        "a,y\\n1,2\\nhello,3\\n|:3: column 'a'",
        "a,y\\n1,2\\n|1 data row",
        "a,y\\n1,2\\n1,3\\n1,4\\n|constant",
        "a,y\\n1,2\\n2,3\\n|step",
        "a,y\\n1e308,1\\n-1e308,2\\n1e308,2\\n3,4\\n4,4\\n5,5\\n|too large",
      })
  void badDataAreRefused(String csv, String problem) throws IOException {
    Path file = Files.writeString(folder.resolve("d.csv"), csv.replace("\\n", "\n"));
    Path yaml =
        Files.writeString(
            folder.resolve("d.yaml"),
            BASE.replace("concrete.csv", "d.csv").replace("compressive_strength", "y"));
    problem = problem.equals("step") ? "training" : problem;
    assertRefused(2, Launch.here("train", yaml, "--no-rtl", "--out", out), problem);
    assertTrue(Files.exists(file));
  }

  @Test
  void badUsageIsRefused() {
    assertRefused(2, Launch.here("train"), "DESCRIPTION");
    assertRefused(2, Launch.here("train", "nowhere.yaml", "--out", out), "no such file");
    assertRefused(2, Launch.here("train", folder, "--out", out), "is a folder");
    assertRefused(2, Launch.here("train", CONCRETE, CONCRETE, "--out", out), "concrete.yaml");
    for (String stalls : List.of("-1", "100", "many", "1e9", "")) {
      assertRefused(
          2, Launch.here("train", CONCRETE, "--out", out, "--stalls", stalls), "--stalls");
    }
  }

  @Test
  void theRtlSaysWhatItCannotExpress() throws IOException {
    Path none = changed(BASE.substring(BASE.indexOf("  update:")), "");
    assertRefused(2, Launch.java().run("train", none, "--out", out), "--no-rtl");
    Path wide = changed("format: q2.10", "format: q2.20");
    assertRefused(2, Launch.java().run("train", wide, "--out", out), "2 to 16 bits", "q2.20");
    Path mixed =
        changed(
            "format: q4.8",
            "format: bf16",
            "overflow: saturate}\n  accu",
            "overflow: none}\n  accu");
    assertRefused(2, Launch.java().run("train", mixed, "--out", out), "bfloat16", "one kind");
    Launch.Result alone = Launch.here("train", mixed, "--out", out, "--no-rtl");
    assertEquals(0, alone.exit(), alone::toString);
  }

  // ---- tools and the cache

  private Path script(String name, String body) throws IOException {
    Path script = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return script;
  }

  private static final String REAL_VERILATOR =
      "case \"$*\" in *--version*|*--getenv*) exec verilator \"$@\";; esac; ";
  private static final String REAL_COMPILER =
      "case \"$*\" in *--version*) exec g++ \"$@\";; esac; ";

  @Test
  void aBrokenToolIsNamed() throws IOException {
    String[][] cases = {
      {"HALFULP_VERILATOR", "kill -9 $$", "signal 9"},
      {"HALFULP_VERILATOR", "echo ouch >&2; exit 1", "exit code 1"},
      {"HALFULP_VERILATOR", "echo Verilator 4.038", "too old"},
      {"HALFULP_VERILATOR", "exit 0", "answered nothing"},
      {"HALFULP_VERILATOR", REAL_VERILATOR + "kill -9 $$", "signal 9"},
      {"HALFULP_VERILATOR", REAL_VERILATOR + "exit 0", "left no complete"},
      {"CXX", "kill -9 $$", "signal 9"},
      {"CXX", REAL_COMPILER + "echo ouch; exit 1", "ouch"},
      {"CXX", REAL_COMPILER + "exit 0", "left nothing"},
    };
    int i = 0;
    for (String[] c : cases) {
      Path tool = script("tool" + ++i, c[1]);
      Path cache = warmRuntime(folder.resolve("cache" + i), c[0].equals("CXX"));
      assertRefused(
          3,
          Launch.java()
              .with(c[0], tool.toString())
              .with("HALFULP_CACHE", cache.toString())
              .run("train", CONCRETE, "--out", out),
          "tool" + i,
          c[2]);
    }
  }

  @Test
  void aMissingToolIsNamed() throws IOException {
    Path plain = Files.writeString(folder.resolve("plain"), "not a program");
    for (String variable : List.of("HALFULP_VERILATOR", "CXX")) {
      for (String name : List.of("/nowhere/at/all", "no-such-tool", plain.toString())) {
        assertRefused(
            3,
            Launch.java().with(variable, name).run("train", CONCRETE, "--out", out),
            name,
            variable);
      }
    }
    assertRefused(
        3,
        Launch.java().with("PATH", "/nowhere").run("train", CONCRETE, "--out", out),
        "verilator");
  }

  /**
   * A cache without models; the runtime and the bridge spare seconds where no compiler is tried.
   */
  private static Path warmRuntime(Path cache, boolean cold) throws IOException {
    Files.createDirectories(cache);
    if (!cold) {
      try (Stream<Path> files = Files.list(Launch.CACHE)) {
        for (Path file :
            files.filter(f -> !f.getFileName().toString().startsWith("sgd")).toList()) {
          if (file.getFileName().toString().matches("(runtime|bridge)-.*\\.(o|so|note)")) {
            Files.copy(file, cache.resolve(file.getFileName()));
          }
        }
      }
    }
    return cache;
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    for (String cache : List.of(file.toString(), file + "/cache", "/proc/cache", "/dev/null")) {
      assertRefused(
          3,
          Launch.java().with("HALFULP_CACHE", cache).run("train", CONCRETE, "--out", out),
          cache,
          "HALFULP_CACHE");
    }
  }

  @Test
  void aDamagedModelIsBuiltAgainWithANotice() throws IOException {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    int models = 0;
    try (Stream<Path> files = Files.list(Launch.CACHE)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = Files.copy(file, cache.resolve(file.getFileName()));
        if (copy.getFileName().toString().matches("sgd_update-.*\\.so")) {
          Files.write(copy, java.util.Arrays.copyOf(Files.readAllBytes(file), 5000));
          models++;
        }
      }
    }
    assertTrue(models > 0);
    Launch cli = Launch.java().with("HALFULP_CACHE", cache.toString());
    Launch.Result result = cli.run("train", CONCRETE, "--out", out);
    assertEquals(0, result.exit(), result::toString);
    assertContains(result.err(), "is built again", "sgd_update-");
    assertEquals(1, result.err().lines().count(), result::toString);
    assertContains(result.out(), "model         built in ", "differing 0");
    assertSameHistory(out);
    Launch.Result next = cli.run("train", CONCRETE, "--out", folder.resolve("next"));
    assertEquals(0, next.exit(), next::toString);
    assertEquals("", next.err());
    assertContains(next.out(), "from the cache");
  }

  // ---- other RTL

  private Path rtlCopy() throws IOException {
    Path copy = Files.createDirectory(folder.resolve("rtl"));
    try (Stream<Path> files = Files.list(RTL)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return copy;
  }

  private static void edit(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertContains(text, from);
    Files.writeString(file, text.replace(from, to));
  }

  @Test
  void onlyAChangeOfTheRtlBuilds() throws IOException {
    Path rtl = rtlCopy();
    Launch cli = Launch.java("-Dhalfulp.rtl=" + rtl);
    Launch.Result same = cli.run("train", CONCRETE, "--out", folder.resolve("same"));
    assertEquals(0, same.exit(), same::toString);
    assertContains(same.out(), "from the cache");
    edit(
        rtl.resolve("fx_requantize.v"),
        "endmodule",
        "// seen " + System.nanoTime() + "\nendmodule");
    Path cache = warmRuntime(folder.resolve("cache"), false);
    cli = Launch.java("-Dhalfulp.rtl=" + rtl).with("HALFULP_CACHE", cache.toString());
    Launch.Result other = cli.run("train", CONCRETE, "--out", out);
    assertEquals(0, other.exit(), other::toString);
    assertContains(other.out(), "model         built in ", "differing 0");
    assertSameHistory(out);
  }

  @Test
  void brokenVerilogNamesFileAndLine() throws IOException {
    Path rtl = rtlCopy();
    Path file = rtl.resolve("fx_sgd_lane.v");
    edit(file, "endmodule", "  assign = ;\nendmodule");
    int line = Files.readAllLines(file).indexOf("  assign = ;") + 1;
    Launch cli = Launch.java("-Dhalfulp.rtl=" + rtl);
    assertRefused(2, cli.run("train", CONCRETE, "--out", out), file + ":" + line);
    Files.delete(file);
    assertRefused(3, cli.run("train", CONCRETE, "--out", out), file + " is missing");
    Files.createDirectory(file);
    assertRefused(3, cli.run("train", CONCRETE, "--out", out), file + " is missing");
  }

  @Test
  void aMutantIsReportedWithEveryPort() throws IOException {
    Path rtl = rtlCopy();
    edit(
        rtl.resolve("fx_sgd_lane.v"),
        "rand0_q   <= in_rand;",
        "rand0_q   <= in_rand ^ (1 << RAND_BITS - 4);");
    Path cache = warmRuntime(folder.resolve("cache"), false);
    Launch.Result result =
        Launch.java("-Dhalfulp.rtl=" + rtl)
            .with("HALFULP_CACHE", cache.toString())
            .run("train", CONCRETE, "--out", out);
    assertEquals(1, result.exit(), result::toString);
    assertTrue(
        Pattern.compile("differ at step \\d+, lane \\d+ \\(weight \\d+\\)")
            .matcher(result.out())
            .find(),
        result::toString);
    for (String port :
        List.of("in_w", "in_g", "in_step", "random", "out_w rtl", "out_w emulator")) {
      assertTrue(
          Pattern.compile("(?m)^  " + port + " +0x[0-9a-f]+ +\\S").matcher(result.out()).find(),
          () -> port + "\n" + result);
    }
    assertContains(result.out(), "out_flags rtl", "out_flags emulator", "differing 1");
    assertContains(result.err(), "halfulp: train stopped: the twins differ");
    assertFits(result.out());
    JsonNode summary = new ObjectMapper().readTree(out.resolve("summary.json").toFile());
    assertEquals("stopped", summary.get("status").textValue());
    assertEquals(1, summary.at("/rtl/words_differing").intValue());
    assertTrue(summary.get("mismatch").size() > 8);
    assertTrue(Files.readString(out.resolve("history.csv")).endsWith("\n"));
  }

  // ---- runs that do not end well

  private static final String[] ALL_HALF = {
    "format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite", "format: float16",
    "{format: q4.8, rounding: sr, random_bits: 8, overflow: saturate}", "float16",
    "{format: q2.10, rounding: sr, random_bits: 12, overflow: saturate}", "float16",
    "uq0.8", "uq8.8"
  };

  private static String[] and(String[] first, String... more) {
    return Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void aRunEndsWithTheStepThatDiverges() throws IOException {
    Path yaml =
        changed(
            and(
                ALL_HALF,
                "step_size: 2^-5",
                "step_size: 2^7",
                "epochs: 80",
                "epochs: 6",
                "average_from: 41",
                "average_from: 4"));
    Launch.Result result = Launch.java().run("train", yaml, "--out", out);
    assertEquals(0, result.exit(), result::toString);
    JsonNode summary = new ObjectMapper().readTree(out.resolve("summary.json").toFile());
    long step = summary.get("diverged_at_step").longValue();
    assertTrue(step > 1 && step < 100, summary::toPrettyString);
    String what = "diverged at step %d of 1,236: the weight of ".formatted(step);
    assertContains(result.out(), "differing 0", what);
    assertContains(result.err(), "halfulp: train: " + what, "training.step_size");
    assertEquals("diverged", summary.get("status").textValue());
    assertContains(summary.get("reason").textValue(), what);
    // the step before it left every weight finite, so that one epoch is all there is
    List<String> history = Files.readAllLines(out.resolve("history.csv"));
    assertEquals(2, history.size(), history::toString);
    assertTrue(history.get(1).startsWith("1," + step + ","), history::toString);
    assertFits(result.out());
  }

  @Test
  void withoutFormatsARunEndsWhereNoLossIsFinite() throws IOException {
    Path yaml =
        changed(
            "{format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}",
            "none",
            "{format: q4.8, rounding: sr, random_bits: 8, overflow: saturate}",
            "none",
            "{format: q2.10, rounding: sr, random_bits: 12, overflow: saturate}",
            "none",
            "    product: fused\n    step_format: uq0.8",
            "",
            "step_size: 2^-5",
            "step_size: 2^1");
    Launch.Result result = Launch.here("train", yaml, "--out", out, "--no-rtl");
    assertEquals(0, result.exit(), result::toString);
    JsonNode summary = new ObjectMapper().readTree(out.resolve("summary.json").toFile());
    long step = summary.get("diverged_at_step").longValue();
    assertTrue(step % 206 != 0, summary::toPrettyString); // within an epoch
    String what = "diverged at step %,d of 16,480: the weight of ".formatted(step);
    assertContains(result.out(), what, "whose square is beyond binary64");
  }

  @Test
  void aStepSizeBeyondTheLimitIsSaidBeforeTheRun() throws IOException {
    String gaussian = Files.readString(Path.of("..", "examples", "gaussian.yaml"));
    String small = gaussian.replace("rows: 12000", "rows: 400");
    Path yaml = folder.resolve("g.yaml");
    for (String step : List.of("2^-3", "2^-1", "0.75")) {
      Files.writeString(
          yaml, small.replace("step_size: 2^-3", "step_size: " + step).replace("uq0.8", "uq1.8"));
      Launch.Result result = Launch.here("train", yaml, "--out", folder.resolve(step), "--no-rtl");
      assertEquals(0, result.exit(), result::toString);
      boolean beyond = step.equals("0.75"); // the limit at 100 features is .613
      assertEquals(beyond, result.err().contains("step_size 0.75 is beyond 0.61"), result::err);
    }
  }

  @Test
  void divergenceStopsWhereAFormatHasNoNan() throws IOException {
    Path yaml =
        changed(
            and(
                ALL_HALF,
                "step_size: 2^-5",
                "step_size: 2^7",
                "gradient:   float16",
                "gradient:   q8.8",
                "weight: float16",
                "weight: q8.8",
                "residual:   {format: float16}",
                "residual:   q8.8",
                "label:      {format: float16}",
                "label:      {format: float16}"));
    Launch.Result result = Launch.here("train", yaml, "--out", out, "--no-rtl");
    // saturating all along: finite to the end
    assertEquals(0, result.exit(), result::toString);
    Path stops =
        changed(
            and(
                ALL_HALF,
                "step_size: 2^-5",
                "step_size: 2^7",
                // an infinite activation, and infinities of both signs in the backward sums
                "activation: {format: float16}",
                "activation: {format: e4m3}",
                "gradient:   float16",
                "gradient:   q8.8",
                "weight: float16",
                "weight: q8.8"));
    Path other = folder.resolve("stops");
    Launch.Result stopped = Launch.here("train", stops, "--out", other, "--no-rtl");
    assertEquals(2, stopped.exit(), stopped::toString);
    assertContains(stopped.err(), "train stopped: step ", "NaN", "nan: zero");
    JsonNode summary = new ObjectMapper().readTree(other.resolve("summary.json").toFile());
    assertEquals("stopped", summary.get("status").textValue());
    assertContains(summary.get("reason").textValue(), "NaN");
  }

  @Test
  void aKilledRunLeavesWholeLines() throws IOException, InterruptedException {
    Path yaml = written(Files.readString(CONCRETE), "epochs: 80", "epochs: 1000000");
    Path history = out.resolve("history.csv");
    Process process =
        Launch.java().start(folder.resolve("o"), folder.resolve("e"), "train", yaml, "--out", out);
    try {
      long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!Files.exists(history) || Files.size(history) < 20_000) {
        assertTrue(process.isAlive() && System.nanoTime() < limit, "no history");
        Thread.sleep(5);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    String text = Files.readString(history);
    assertTrue(text.endsWith("\n"), "the last line is cut");
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String[] cells = lines.get(i).split(",", -1);
      assertEquals(10, cells.length, lines.get(i));
      assertEquals(i == 0 ? "epoch" : String.valueOf(i), cells[0]);
    }
    List<String> wanted = Files.readAllLines(reference.resolve("history.csv"));
    assertEquals(wanted.subList(0, 41), lines.subList(0, 41), "up to where averaging begins");
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          List.of("description.yaml", "history.csv"),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  // ---- another Java, and the launcher

  private static Stream<Path> javas() throws IOException {
    Path installed = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(installed)) {
      return Stream.empty();
    }
    List<Path> homes;
    try (Stream<Path> all = Files.list(installed)) {
      homes = all.filter(h -> Files.isExecutable(h.resolve("bin/java"))).sorted().toList();
    }
    return homes.stream().filter(h -> version(h) > Runtime.version().feature());
  }

  private static int version(Path home) {
    try {
      Matcher m =
          Pattern.compile("JAVA_VERSION=\"(\\d+)")
              .matcher(Files.readString(home.resolve("release")));
      return m.find() ? Integer.parseInt(m.group(1)) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void aNewerJavaGivesTheSameRunWithoutWarnings() throws IOException {
    List<Path> homes = javas().toList();
    assumeTrue(!homes.isEmpty(), "no newer JDK under /usr/lib/jvm");
    for (Path home : homes) {
      Path run = folder.resolve(home.getFileName());
      Launch.Result result = Launch.java(home).run("train", CONCRETE, "--out", run);
      assertEquals(0, result.exit(), result::toString);
      assertEquals("", result.err(), home.toString());
      assertContains(result.out(), "differing 0");
      assertSameHistory(run);
    }
  }

  @AfterEach
  void removeLinks() throws IOException {
    for (String link : List.of("a checkout/host/target", "a checkout/rtl")) {
      Files.deleteIfExists(folder.resolve(link)); // JUnit warns of links that leave its folder
    }
  }

  /** A checkout in small around the real launcher, so that it builds nothing. */
  private Path launcher() throws IOException {
    Path root = Files.createDirectory(folder.resolve("a checkout"));
    Path host = Launch.ROOT.resolve("host").resolve("target");
    boolean packaged;
    try (Stream<Path> files = Files.list(host)) {
      packaged = files.anyMatch(f -> f.getFileName().toString().matches("halfulp-host-.*\\.jar"));
    }
    assumeTrue(packaged && Files.isDirectory(host.resolve("lib")), "the host is not packaged");
    for (String module : List.of("host", "emulator")) {
      Files.createDirectories(root.resolve(module).resolve("src/main"));
      Files.writeString(root.resolve(module).resolve("pom.xml"), "");
    }
    Files.writeString(root.resolve("pom.xml"), "");
    Files.createSymbolicLink(root.resolve("host/target"), host);
    Files.createSymbolicLink(root.resolve("rtl"), RTL);
    Files.createDirectories(root.resolve("target/launcher"));
    Path built = Files.writeString(root.resolve("target/launcher/built"), "");
    Files.setLastModifiedTime(
        built, java.nio.file.attribute.FileTime.fromMillis(System.currentTimeMillis() + 3_600_000));
    return Files.copy(
        Launch.ROOT.resolve("halfulp"),
        root.resolve("halfulp"),
        StandardCopyOption.COPY_ATTRIBUTES);
  }

  @Test
  void theLauncherTrains() throws IOException {
    Path launcher = launcher();
    Launch cli = Launch.script(launcher).with("JAVA_HOME", System.getProperty("java.home"));
    Launch.Result result = cli.run("train", CONCRETE, "--out", out);
    assertEquals(0, result.exit(), result::toString);
    assertEquals("", result.err());
    assertSameHistory(out);
    List<Path> homes = javas().toList();
    assumeTrue(!homes.isEmpty(), "no newer JDK under /usr/lib/jvm");
    Path run = folder.resolve("newer");
    Launch.Result newer =
        cli.with("JAVA_HOME", homes.get(0).toString()).run("train", CONCRETE, "--out", run);
    assertEquals(0, newer.exit(), newer::toString);
    assertEquals("", newer.err());
    assertSameHistory(run);
  }
}
