package org.halfulp.prove;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.sim.ToolException;
import org.sosy_lab.java_smt.solvers.bitwuzla.api.Bitwuzla;
import org.sosy_lab.java_smt.solvers.bitwuzla.api.BitwuzlaNative;
import org.sosy_lab.java_smt.solvers.bitwuzla.api.Option;
import org.sosy_lab.java_smt.solvers.bitwuzla.api.Options;
import org.sosy_lab.java_smt.solvers.bitwuzla.api.Parser;
import org.sosy_lab.java_smt.solvers.bitwuzla.api.Result;
import org.sosy_lab.java_smt.solvers.bitwuzla.api.TermManager;

/** Bitwuzla (Niemetz and Preiner, CAV 2023), in this process. */
final class Solver {
  static {
    System.load(library().toString());
  }

  private Solver() {}

  /** The native library, which Maven puts beside the jar. */
  private static Path library() {
    try {
      Path jar =
          Path.of(Bitwuzla.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path file = Path.of(jar.toString().replaceFirst("\\.jar$", "") + "-libbitwuzlaj-x64.so");
      String os = System.getProperty("os.name");
      String arch = System.getProperty("os.arch");
      if (!os.equals("Linux") || !arch.equals("amd64") || !Files.isRegularFile(file)) {
        throw new ToolException(
            "Bitwuzla's library is for Linux on x86-64 and must be %s; this is %s on %s"
                .formatted(file, os, arch));
      }
      return file;
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static String version() {
    return "Bitwuzla " + BitwuzlaNative.version();
  }

  /**
   * Values with which all assertions of a text hold; empty if there are none.
   *
   * @param terms whose values are wanted, bit-vectors of at most 64 bits
   * @throws IllegalStateException if there is no answer after so many seconds
   */
  static Optional<Map<String, Long>> solve(String text, List<String> terms, int seconds) {
    TermManager manager = new TermManager();
    Options options = new Options();
    options.set(Option.PRODUCE_MODELS, 1);
    options.set(Option.TIME_LIMIT_PER, seconds * 1000);
    Parser parser = new Parser(manager, options);
    try {
      parser.parse(text, true, false);
      Bitwuzla bitwuzla = parser.bitwuzla();
      Result result = bitwuzla.check_sat();
      if (result == Result.UNSAT) {
        return Optional.empty();
      }
      if (result != Result.SAT) {
        throw new IllegalStateException("no answer in %d s".formatted(seconds));
      }
      Map<String, Long> values = new LinkedHashMap<>();
      for (String term : terms) {
        String bits = bitwuzla.get_value(parser.parse_term(term)).to_bv();
        values.put(term, Long.parseUnsignedLong(bits, 2));
      }
      return Optional.of(values);
    } finally {
      parser.close();
      options.delete();
      manager.close();
    }
  }
}
