package org.halfulp.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCacheTest {
  private static final VerilatorBuild OFFSET =
      VerilatorBuild.of("offset", Fixtures.verilog("offset.v"));

  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();
  private ModelCache cache;

  @BeforeEach
  void warmCache() throws IOException {
    Path own = folder.resolve("cache");
    Fixtures.warm(own);
    cache = new ModelCache(own, Fixtures.tools(), notices::add);
  }

  private static long offset(VerilatedLibrary library, long a) {
    try (Dut dut = Dut.open(library)) {
      dut.poke("a", a);
      dut.eval();
      return dut.peek("y");
    }
  }

  @Test
  void modelsOfOneNameKeepApart() {
    try (Dut one = Dut.open(cache.build(OFFSET.with("K", 1)));
        Dut two = Dut.open(cache.build(OFFSET.with("K", -2)))) {
      for (Dut dut : List.of(one, two)) {
        dut.poke("a", 10);
      }
      one.eval();
      two.eval();
      assertEquals(11, one.peek("y"));
      assertEquals(8, two.peek("y"));
    }
  }

  @Test
  void onlyAChangeBuildsAgain() throws IOException {
    Path source = folder.resolve("offset.v");
    String text = Files.readString(Fixtures.verilog("offset.v"));
    Files.writeString(source, text);
    VerilatorBuild build = VerilatorBuild.of("offset", source);
    VerilatedLibrary first = cache.build(build);
    assertTrue(first.fresh());
    VerilatedLibrary second = cache.build(build);
    assertFalse(second.fresh());
    assertEquals(first.file(), second.file());
    assertEquals(first.ports(), second.ports());
    assertEquals(8, offset(second, 7));

    VerilatedLibrary parameter = cache.build(build.with("K", 2));
    assertTrue(parameter.fresh());
    assertEquals(9, offset(parameter, 7));

    Files.writeString(source, text.replace("a + K", "a - K"));
    VerilatedLibrary changed = cache.build(build);
    assertTrue(changed.fresh());
    assertNotEquals(first.file(), changed.file());
    assertEquals(6, offset(changed, 7));
    assertEquals(8, offset(first, 7), "the old library stays");
    assertEquals(List.of(), notices);
  }

  @Test
  void anIncludedFileIsASource() throws IOException {
    Path top = folder.resolve("inc.v");
    Path header = Files.createDirectories(folder.resolve("elsewhere")).resolve("k.vh");
    Files.writeString(
        top,
        "`include \"k.vh\"\nmodule inc(input wire [7:0] a, output wire [7:0] y);\n"
            + "assign y = a + `K;\nendmodule\n");
    Files.writeString(header, "`define K 8'd5\n");
    VerilatorBuild build = VerilatorBuild.of("inc", top, header);
    assertEquals(6, offset(cache.build(build), 1));
    Files.writeString(header, "`define K 8'd9\n");
    assertEquals(10, offset(cache.build(build), 1));
    assertThrows(
        VerilogException.class, () -> cache.build(VerilatorBuild.of("inc", top)), "not listed");
    Files.writeString(top, Files.readString(top).replace("\"k.vh", "\"any/where/k.vh"));
    assertEquals(10, offset(cache.build(build), 1), "named with folders");
  }

  @Test
  void damagedEntriesAreBuiltAgain() throws IOException {
    Path file = cache.build(OFFSET).file();
    Path note = Path.of(file.toString().replaceAll("\\.so$", ".note"));
    byte[] good = Files.readAllBytes(file);
    byte[] flipped = good.clone();
    flipped[good.length / 2] ^= 1;
    List<Runnable> damages =
        List.of(
            () -> write(file, flipped),
            () -> write(file, java.util.Arrays.copyOf(good, good.length / 3)),
            () -> write(file, new byte[0]),
            () -> delete(file),
            () -> write(note, "halfulp 1\n".getBytes(StandardCharsets.UTF_8)),
            () -> write(note, new byte[] {(byte) 0xff, (byte) 0xfe, 0}),
            () -> write(note, new byte[0]));
    for (int i = 0; i < damages.size(); i++) {
      damages.get(i).run();
      assertTrue(cache.build(OFFSET).fresh(), "damage " + i);
      assertEquals(i + 1, notices.size(), notices::toString);
      assertTrue(notices.get(i).contains("is built again"), notices::toString);
      assertFalse(cache.build(OFFSET).fresh());
    }
    delete(note);
    assertTrue(cache.build(OFFSET).fresh(), "an entry without a note was never finished");
    assertEquals(8, offset(cache.build(OFFSET), 7));
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatAKilledBuildLeftDoesNotMatter() throws IOException {
    Path file = cache.build(OFFSET).file();
    Path build = Path.of(file.toString().replaceAll("\\.so$", ".build"));
    delete(Path.of(file.toString().replaceAll("\\.so$", ".note")));
    Files.createDirectories(build.resolve("deep"));
    Files.writeString(build.resolve("deep/out"), "half");
    assertTrue(cache.build(OFFSET).fresh());
    assertFalse(Files.exists(build));
  }

  @Test
  void threadsBuildOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<VerilatedLibrary> task = () -> cache.build(OFFSET.with("K", 77));
      int fresh = 0;
      for (Future<VerilatedLibrary> f : threads.invokeAll(List.of(task, task, task, task))) {
        fresh += f.get().fresh() ? 1 : 0;
      }
      assertEquals(1, fresh);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void processesBuildOnce() throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Builder.class.getName(),
            cache.folder().toString());
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      processes.add(new ProcessBuilder(command).redirectErrorStream(true).start());
    }
    List<String> answers = new ArrayList<>();
    for (Process process : processes) {
      answers.add(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(0, process.waitFor(), answers::toString);
    }
    answers.sort(null);
    assertEquals(List.of("false 95\n", "true 95\n"), answers);
  }

  /** Builds one library in a given cache and prints whether it did, and an answer. */
  static final class Builder {
    private Builder() {}

    public static void main(String[] args) {
      ModelCache cache = new ModelCache(Path.of(args[0]), Fixtures.tools(), System.out::println);
      VerilatedLibrary library = cache.build(OFFSET.with("K", 88));
      System.out.println(library.fresh() + " " + offset(library, 7));
    }
  }

  @Test
  void foldersMayHaveBlanksAndUmlauts() throws IOException {
    Path odd = folder.resolve("Ärger mit $Pfaden (2)");
    Fixtures.warm(odd.resolve("cache"));
    Path source = odd.resolve("off set.v");
    Files.copy(Fixtures.verilog("offset.v"), source);
    ModelCache there = new ModelCache(odd.resolve("cache"), Fixtures.tools(), notices::add);
    assertEquals(8, offset(there.build(VerilatorBuild.of("offset", source)), 7));
  }

  // ---- What goes wrong

  @Test
  void brokenVerilogIsQuotedWithFileAndLine() {
    Path file = Fixtures.verilog("broken.v");
    String message =
        assertThrows(VerilogException.class, () -> cache.build(VerilatorBuild.of("broken", file)))
            .getMessage();
    assertTrue(message.contains(file + ":2:"), message);
    assertTrue(message.contains("syntax error"), message);
    assertFalse(message.contains("Exiting due to"), message);
  }

  @Test
  void wrongTopAndParameterAndFileAreNamed() {
    Path file = Fixtures.verilog("offset.v");
    assertTrue(rejected(VerilatorBuild.of("nope", file)).contains("nope"));
    assertTrue(rejected(OFFSET.with("NOPE", 1)).contains("NOPE"));
    Path missing = Path.of("no such.v");
    assertTrue(rejected(VerilatorBuild.of("offset", missing)).contains("no such.v"));
  }

  private String rejected(VerilatorBuild build) {
    return assertThrows(VerilogException.class, () -> cache.build(build)).getMessage();
  }

  @Test
  void missingToolsAreNamed() {
    Map<String, String> nothing = Map.of("PATH", folder.toString());
    String message =
        assertThrows(ToolException.class, () -> Toolchain.find(nothing, folder)).getMessage();
    assertTrue(message.contains("verilator is missing"), message);
    assertTrue(message.contains("make setup"), message);
    Map<String, String> noCompiler = new HashMap<>(System.getenv());
    noCompiler.put("CXX", "/no/such/g++");
    message =
        assertThrows(ToolException.class, () -> Toolchain.find(noCompiler, folder)).getMessage();
    assertTrue(message.contains("CXX names /no/such/g++"), message);

    List<Toolchain.Tool> tools = Toolchain.probe(nothing, folder);
    assertEquals(List.of("verilator", "g++"), tools.stream().map(Toolchain.Tool::name).toList());
    assertTrue(tools.stream().allMatch(t -> t.problem().isPresent()), tools::toString);
    tools = Toolchain.probe(System.getenv(), folder);
    assertTrue(tools.stream().allMatch(t -> t.problem().isEmpty()), tools::toString);
    assertTrue(tools.get(0).version().orElse("").startsWith("Verilator "), tools::toString);
  }

  @Test
  void brokenVerilatorIsToldFromBrokenVerilog() throws IOException {
    String real = Fixtures.tools().verilator().toString();
    String message = broken("HALFULP_VERILATOR", real, "kill -9 $$");
    assertTrue(message.contains("killed by signal 9"), message);
    assertTrue(message.contains("--top-module offset"), message);
    message = broken("HALFULP_VERILATOR", real, "exit 0");
    assertTrue(message.contains("left no complete"), message);
    message =
        broken("HALFULP_VERILATOR", real, real + " \"$@\" && for f in *.cpp; do : > $f; done");
    assertTrue(message.contains("empty"), message);
    message = broken("HALFULP_VERILATOR", real, "echo no licence; exit 3");
    assertTrue(message.contains("exit code 3") && message.contains("no licence"), message);
  }

  @Test
  void brokenCompilerIsQuoted() throws IOException {
    String real = Fixtures.tools().compiler().get(0);
    String message = broken("CXX", real, "kill -9 $$");
    assertTrue(message.contains("killed by signal 9"), message);
    message = broken("CXX", real, "echo 'out: No space left on device'; exit 1");
    assertTrue(message.contains("is full"), message);
    message = broken("CXX", real, "exit 0");
    assertTrue(message.contains("left nothing"), message);
  }

  /** Builds with a tool that knows its version and then does something else; tells the message. */
  private String broken(String variable, String real, String action) throws IOException {
    Path fake = Files.createTempFile(folder, "fake", ".sh");
    Files.writeString(
        fake,
        "#!/bin/sh\ncase \"$1\" in --version|--getenv) exec "
            + real
            + " \"$@\";; esac\n"
            + action
            + "\n");
    Files.setPosixFilePermissions(fake, PosixFilePermissions.fromString("rwxr-xr-x"));
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put(variable, fake.toString());
    Toolchain tools = Toolchain.find(environment, folder);
    ModelCache broken = new ModelCache(cache.folder(), tools, notices::add);
    return assertThrows(
            ToolException.class, () -> broken.build(OFFSET.with("K", action.length() + 1000)))
        .getMessage();
  }

  @Test
  void cacheThatCannotBeWrittenSaysWhatToDo() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    for (Path impossible : List.of(file.resolve("cache"), Path.of("/proc/halfulp"))) {
      ModelCache there = new ModelCache(impossible, Fixtures.tools(), notices::add);
      String message = assertThrows(ToolException.class, () -> there.build(OFFSET)).getMessage();
      assertTrue(message.contains("HALFULP_CACHE"), message);
      assertTrue(message.contains(impossible.toString()), message);
    }
  }

  @Test
  void theDefaultFolderFollowsTheEnvironment() {
    assertEquals(
        Path.of("/a"),
        ModelCache.defaultFolder(Map.of("HALFULP_CACHE", "/a", "XDG_CACHE_HOME", "/b")));
    assertEquals(Path.of("/b/halfulp"), ModelCache.defaultFolder(Map.of("XDG_CACHE_HOME", "/b")));
    assertTrue(ModelCache.defaultFolder(Map.of()).endsWith(Path.of(".cache", "halfulp")));
  }
}
