package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.halfulp.sim.ToolException;

/**
 * A combinational unit as SMT-LIB: a constant for each of its wires, named {@code |top_n wire|}.
 *
 * <p>Yosys writes functions of a state; without registers the state is nothing but the inputs, so
 * each becomes a constant.
 */
record Netlist(String top, String text) {
  private static final int SECONDS = 120;

  static Netlist of(String top, List<Path> sources, Map<String, String> parameters)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile(top, ".smt2");
    try {
      String set =
          parameters.entrySet().stream()
              .map(e -> " -set " + e.getKey() + " " + literal(e.getValue()))
              .collect(Collectors.joining());
      String files =
          sources.stream()
              .map(Path::toString)
              .filter(f -> f.endsWith(".v"))
              .collect(Collectors.joining(" "));
      yosys(
          "read_verilog %s; chparam%s %s; hierarchy -check -top %s; proc; flatten; opt; "
                  .formatted(files, set, top, top)
              + "select -assert-none t:$*dff* t:$*latch*; write_smt2 "
              + file);
      return new Netlist(top, withoutState(top, Files.readString(file)));
    } finally {
      Files.delete(file);
    }
  }

  /** Yosys 0.23 takes a negative parameter as a sized constant only. */
  private static String literal(String value) {
    return value.startsWith("-") ? "32'h%08X".formatted(Integer.parseInt(value)) : value;
  }

  private static String withoutState(String top, String text) {
    String sort = "|" + top + "_s|";
    return text.lines()
        .filter(l -> l.startsWith("(declare-fun ") || l.startsWith("(define-fun "))
        .filter(l -> !l.contains("next_state") && !l.startsWith("(declare-fun |" + top + "_is|"))
        .map(l -> l.replace("((state " + sort + "))", "()").replace("(" + sort + ")", "()"))
        .map(l -> l.replaceAll("\\((\\|[^|]*\\|) state\\)", "$1"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** The name of a port's constant; one of one bit is a Bool. */
  String wire(String port) {
    return "|" + top + "_n " + port + "|";
  }

  private static void yosys(String script) throws IOException, InterruptedException {
    Path log = Files.createTempFile("yosys", ".log");
    try {
      Process p =
          new ProcessBuilder("yosys", "-q", "-p", script)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      boolean ended = p.waitFor(SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        p.destroyForcibly().waitFor();
      }
      if (!ended || p.exitValue() != 0) {
        throw new ToolException(
            "yosys %s: %s\n%s"
                .formatted(
                    ended ? "failed" : "took more than " + SECONDS + " s",
                    script,
                    Files.readString(log)));
      }
    } catch (IOException e) {
      throw new ToolException("yosys cannot be run: " + e.getMessage(), e);
    } finally {
      Files.delete(log);
    }
  }
}
