package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.halfulp.sim.ToolException;

/**
 * A run of Yosys.
 *
 * @param seconds of CPU time
 */
record Yosys(int exit, String log, double seconds) {
  private static final Pattern CPU = Pattern.compile("CPU: user ([0-9.]+)s system ([0-9.]+)s");
  private static final int LAST = 2000; // characters of a log that say why

  /**
   * @throws IllegalStateException if it has not ended after so many seconds
   */
  static Yosys run(String script, int limit) throws IOException, InterruptedException {
    Path log = Files.createTempFile("yosys", ".log");
    try {
      Process p =
          new ProcessBuilder("yosys", "-q", "-l", log.toString(), "-p", script)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        if (!p.waitFor(limit, TimeUnit.SECONDS)) {
          throw new IllegalStateException("no answer in %d s".formatted(limit));
        }
      } finally {
        p.destroyForcibly().waitFor();
      }
      String text = Files.readString(log);
      Matcher cpu = CPU.matcher(text);
      double seconds = 0;
      while (cpu.find()) {
        seconds = Double.parseDouble(cpu.group(1)) + Double.parseDouble(cpu.group(2));
      }
      return new Yosys(p.exitValue(), text, seconds);
    } catch (IOException e) {
      throw new ToolException("yosys cannot be run: " + e.getMessage(), e);
    } finally {
      Files.delete(log);
    }
  }

  /** Its complaint about a script that should have worked. */
  ToolException failure(String script) {
    return new ToolException(
        "yosys failed: %s\n%s".formatted(script, log.substring(Math.max(0, log.length() - LAST))));
  }

  static String verilog(List<Path> sources) {
    return sources.stream()
        .map(Path::toString)
        .filter(f -> f.endsWith(".v"))
        .collect(Collectors.joining(" "));
  }

  /** Yosys 0.23 takes a negative parameter as a sized constant only. */
  static String literal(String value) {
    return value.startsWith("-") ? "32'h%08X".formatted(Integer.parseInt(value)) : value;
  }
}
