package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A combinational unit as SMT-LIB: a constant for each of its wires, named {@code |top_n wire|}.
 *
 * <p>Yosys writes functions of a state; without registers the state is nothing but the inputs, so
 * each becomes a constant.
 *
 * @param seconds of CPU time that Yosys took
 */
record Netlist(String top, String text, double seconds) {
  private static final int SECONDS = 120;

  static Netlist of(String top, List<Path> sources, Map<String, String> parameters)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile(top, ".smt2");
    try {
      String set =
          parameters.entrySet().stream()
              .map(e -> " -set " + e.getKey() + " " + Yosys.literal(e.getValue()))
              .collect(Collectors.joining());
      String script =
          "read_verilog %s; chparam%s %s; hierarchy -check -top %s; proc; flatten; opt; "
                  .formatted(Yosys.verilog(sources), set, top, top)
              + "select -assert-none t:$*dff* t:$*latch*; write_smt2 "
              + file;
      Yosys run = Yosys.run(script, SECONDS);
      if (run.exit() != 0) {
        throw run.failure(script);
      }
      return new Netlist(top, withoutState(top, Files.readString(file)), run.seconds());
    } finally {
      Files.delete(file);
    }
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
}
