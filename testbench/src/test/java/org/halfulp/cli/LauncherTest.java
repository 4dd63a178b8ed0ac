package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher as a process, in a copy of the checkout's layout with a Maven of our own: the real
 * one would rebuild the jars that this test runs from.
 */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("..", "halfulp").toAbsolutePath().normalize();

  @TempDir private Path temp;
  private Path root;
  private Path bin;

  @BeforeEach
  void layOutACheckout() throws IOException {
    List<Path> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path jar = Path.of(entry);
      if (jar.toString().endsWith(".jar") && !jar.toString().contains("junit")) {
        jars.add(jar);
      }
    }
    assumeTrue(
        jars.stream().anyMatch(jar -> jar.getFileName().toString().startsWith("halfulp-host")),
        "needs the host's jar: run 'mvn verify'");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")), "needs a Unix");
    root = temp.resolve("half ulp");
    Path built = temp.resolve("built");
    Files.createDirectories(built.resolve("lib"));
    for (Path jar : jars) {
      String name = jar.getFileName().toString();
      Path folder = name.startsWith("halfulp-host") ? built : built.resolve("lib");
      Files.copy(jar, folder.resolve(name));
    }
    for (String module : List.of("emulator", "host")) {
      Files.createDirectories(root.resolve(module).resolve("src/main/java"));
      Files.writeString(root.resolve(module).resolve("pom.xml"), "");
    }
    Files.writeString(root.resolve("pom.xml"), "");
    Files.copy(LAUNCHER, root.resolve("halfulp"));
    root.resolve("halfulp").toFile().setExecutable(true);
    bin = Files.createDirectories(temp.resolve("bin"));
    script(
        bin.resolve("mvn"),
        "echo run >> '%s'".formatted(temp.resolve("builds")),
        "sleep 1",
        "mkdir -p host/target && cp -R '%s/.' host/target/".formatted(built));
    age(root);
  }

  /** Makes everything in {@code folder} older than a build. */
  private static void age(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
      }
    }
  }

  private static void script(Path file, String... lines) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  private Process start(Path launcher, Map<String, String> environment, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(temp.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("PATH", bin + ":" + System.getenv("PATH"));
    builder.environment().putAll(environment);
    builder.redirectError(Files.createTempFile(temp, "err", ".txt").toFile());
    return builder.start();
  }

  private Cli run(Map<String, String> environment, String input, String... args)
      throws IOException, InterruptedException {
    return finish(start(root.resolve("halfulp"), environment, args), input);
  }

  private Cli finish(Process process, String input) throws IOException, InterruptedException {
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      // it ended without reading
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the launcher hangs");
    StringBuilder err = new StringBuilder();
    try (var files = Files.newDirectoryStream(temp, "err*.txt")) {
      for (Path file : files) {
        err.append(Files.readString(file));
        Files.writeString(file, "");
      }
    }
    return new Cli(process.exitValue(), out, err.toString());
  }

  private long builds() throws IOException {
    Path log = temp.resolve("builds");
    return Files.exists(log) ? Files.readAllLines(log).size() : 0;
  }

  @Test
  void buildsOnceThenOnlyWhenSourcesAreNewer() throws Exception {
    run(Map.of(), "", "--version").exits(0).shows("halfulp ").says("building").isCivil();
    run(Map.of(), "", "--version").exits(0).shows("halfulp ");
    assertEquals(1, builds());
    try (var kept = Files.newDirectoryStream(root.resolve("target/launcher"), "cds-*.jsa")) {
      assertTrue(kept.iterator().hasNext(), "no class data archive");
    }
    Files.writeString(root.resolve("emulator/src/main/java/New.java"), "");
    Instant soon = Instant.now().plusSeconds(2); // file times may be as coarse as a second
    Files.setLastModifiedTime(root.resolve("emulator/src/main/java/New.java"), FileTime.from(soon));
    run(Map.of(), "", "--version").exits(0).says("building");
    assertEquals(2, builds());
  }

  @Test
  void firstUsesAtOnceBuildOnce() throws Exception {
    List<Process> uses = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      uses.add(start(root.resolve("halfulp"), Map.of(), "--version"));
    }
    for (Process use : uses) {
      finish(use, "").exits(0).shows("halfulp ");
    }
    assertEquals(1, builds());
  }

  @Test
  void worksThroughASymlinkAndPassesExitCodesAndStreams() throws Exception {
    Path link = Files.createSymbolicLink(temp.resolve("a link"), root.resolve("halfulp"));
    Path chain = Files.createSymbolicLink(bin.resolve("hu"), Path.of("../a link"));
    finish(start(chain, Map.of(), "eval", "add", "--format", "half"), "3C00 3C00\n")
        .exits(0)
        .prints("3C00 3C00 4000 00\n");
    finish(
            start(link, Map.of(), "eval", "add", "--format", "half", "--check"),
            "3C00 3C00 4001 00\n")
        .exits(1)
        .shows("differing 1");
    run(Map.of(), "", "explain", "no such").exits(2).says("no such").isCivil();
  }

  @Test
  void whatIsMissingIsSaid() throws Exception {
    run(Map.of("JAVA_HOME", "/no/such"), "", "formats").exits(3).says("JAVA_HOME").isCivil();

    Path old = Files.createDirectories(temp.resolve("old jdk/bin"));
    script(old.resolve("java"), "exit 0");
    Files.writeString(temp.resolve("old jdk/release"), "JAVA_VERSION=\"11.0.2\"\n");
    run(Map.of("JAVA_HOME", temp.resolve("old jdk").toString()), "", "formats")
        .exits(3)
        .says("11.0.2")
        .isCivil();

    Path few = Files.createDirectories(temp.resolve("few"));
    for (String tool : List.of("bash", "dirname", "readlink", "find", "mkdir", "flock", "sed")) {
      for (String folder : System.getenv("PATH").split(":")) {
        Path there = Path.of(folder, tool);
        if (Files.exists(there) && !Files.exists(few.resolve(tool))) {
          script(few.resolve(tool), "exec '%s' \"$@\"".formatted(there));
        }
      }
    }
    run(Map.of("PATH", few.toString()), "", "formats").exits(3).says("Maven").isCivil();
    run(Map.of("PATH", few.toString(), "JAVA_HOME", ""), "", "formats")
        .exits(3)
        .says("no java")
        .isCivil();

    script(bin.resolve("mvn"), "echo '[ERROR] does not compile'; exit 1");
    run(Map.of(), "", "formats").exits(3).says("does not compile").says("log").isCivil();
  }
}
