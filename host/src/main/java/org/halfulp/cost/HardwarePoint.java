package org.halfulp.cost;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.halfulp.sim.Hash;
import org.halfulp.sim.ToolException;
import org.halfulp.sim.VerilatorBuild;

/**
 * A top with its parameters: what is synthesized, and what is simulated too.
 *
 * @param parameters Verilog literals by name; what is not named keeps its default
 * @param sources every Verilog file the top needs
 */
public record HardwarePoint(String top, SortedMap<String, String> parameters, List<Path> sources) {
  private static final Pattern DSP = Pattern.compile("(?m)^\\s*parameter integer DSP\\b");

  public HardwarePoint {
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
    sources = sources.stream().filter(s -> !s.toString().endsWith(".vlt")).toList();
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("sources of " + top + " must not be empty");
    }
  }

  /** The hardware that this build simulates; for an update unit see {@code UpdateModel.build}. */
  public static HardwarePoint of(VerilatorBuild build) {
    return new HardwarePoint(build.top(), new TreeMap<>(build.parameters()), build.sources());
  }

  /**
   * With products written as {@code *}, which synthesis may put into DSP blocks; the same where the
   * top writes them so anyway, and has no parameter {@code DSP}.
   */
  public HardwarePoint withDsp() {
    Path file =
        sources.stream()
            .filter(s -> s.getFileName().toString().equals(top + ".v"))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no " + top + ".v among " + sources));
    if (!DSP.matcher(new String(bytes(file), StandardCharsets.UTF_8)).find()) {
      return this;
    }
    TreeMap<String, String> more = new TreeMap<>(parameters);
    more.put("DSP", "1");
    return new HardwarePoint(top, more, sources);
  }

  /** Of all that makes the hardware: top, parameters, names and contents of the files. */
  public String hash() {
    Hash hash = new Hash().add(sourcesHash()).add(Integer.toString(parameters.size()));
    parameters.forEach((name, value) -> hash.add(name).add(value));
    return hash.hex();
  }

  /** As {@link #hash} without the parameters. */
  String sourcesHash() {
    Hash hash = new Hash().add(top);
    sources.stream()
        .sorted((a, b) -> a.getFileName().compareTo(b.getFileName()))
        .forEach(s -> hash.add(s.getFileName().toString()).add(bytes(s)));
    return hash.hex();
  }

  static byte[] bytes(Path source) {
    try {
      return Files.readAllBytes(source);
    } catch (IOException e) {
      throw new ToolException("Verilog file " + source + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** {@code "fp_add EXP_W=4 FRAC_W=3"}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(top);
    parameters.forEach((name, value) -> text.append(' ').append(name).append('=').append(value));
    return text.toString();
  }
}
