package org.halfulp.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs command lines, in this process or in one of their own. */
final class Launch {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** The models that these tests share with those of the bridge. */
  static final Path CACHE = Path.of("target", "model-cache").toAbsolutePath();

  /** How a command ended. */
  record Result(int exit, String out, String err) {
    @Override
    public String toString() {
      return "exit " + exit + "\n--- out\n" + out + "--- err\n" + err;
    }
  }

  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<String> command;

  private Launch(List<String> command) {
    this.command = command;
    environment.put("HALFULP_CACHE", CACHE.toString());
  }

  /** A process with the class path of this one. */
  static Launch java(String... options) {
    return java(Path.of(System.getProperty("java.home")), options);
  }

  static Launch java(Path home, String... options) {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin").resolve("java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    return new Launch(command);
  }

  static Launch script(Path script) {
    return new Launch(List.of(script.toString()));
  }

  /** The same where no file may be longer than so many blocks of 512 bytes. */
  Launch smallFiles(int blocks) {
    List<String> line =
        new ArrayList<>(List.of("sh", "-c", "ulimit -f " + blocks + "; exec \"$@\"", "sh"));
    line.addAll(command);
    return new Launch(line);
  }

  Launch with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Process start(Path out, Path err, Object... args) throws IOException {
    List<String> line = new ArrayList<>(command);
    for (Object arg : args) {
      line.add(arg.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "HALFULP_DEBUG", "CXX"));
    builder.environment().putAll(environment);
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  Result run(Object... args) {
    try {
      Path out = Files.createTempFile("halfulp", ".out");
      Path err = Files.createTempFile("halfulp", ".err");
      try {
        Process process = start(out, err, args);
        if (!process.waitFor(300, TimeUnit.SECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly();
          throw new AssertionError("hangs: " + List.of(args));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs in this process. */
  static Result here(Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] words = List.of(args).stream().map(Object::toString).toArray(String[]::new);
    int exit = Main.run(words, new ByteArrayInputStream(new byte[0]), out, err);
    return new Result(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
