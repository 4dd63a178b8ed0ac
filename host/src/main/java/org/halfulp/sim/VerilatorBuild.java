package org.halfulp.sim;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to build: a top with its parameters, its sources, and what the model records.
 *
 * @param sources every file the top needs; {@code `include} and lint waivers ({@code .vh .svh .inc
 *     .vlt}) too. Files see each other by name alone, whatever their folders.
 * @param parameters Verilog literals by parameter name
 * @param waveform the model can write VCD files; 3 % slower when it does not, 15 times when it does
 * @param coverage the model counts executed lines and toggled bits; several times slower
 * @param wiring what the ports are for; empty for the convention of our own units
 */
public record VerilatorBuild(
    String top,
    List<Path> sources,
    Map<String, String> parameters,
    boolean waveform,
    boolean coverage,
    Optional<Wiring> wiring) {
  public VerilatorBuild {
    if (!top.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw new IllegalArgumentException("top must be a Verilog identifier, got " + top);
    }
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("sources of " + top + " must not be empty");
    }
    parameters.forEach(
        (name, value) -> {
          if (!name.matches("[A-Za-z_][A-Za-z0-9_]*") || value.isBlank()) {
            throw new IllegalArgumentException(
                "parameter of " + top + " must be a name and a literal, got " + name + "=" + value);
          }
        });
    sources = List.copyOf(sources);
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  public static VerilatorBuild of(String top, List<Path> sources) {
    return new VerilatorBuild(top, sources, Map.of(), false, false, Optional.empty());
  }

  public static VerilatorBuild of(String top, Path... sources) {
    return of(top, List.of(sources));
  }

  /** Adds or replaces a parameter. */
  public VerilatorBuild with(String name, long value) {
    return with(
        name, value == (int) value ? Long.toString(value) : String.format("64'sh%x", value));
  }

  /**
   * Adds or replaces a parameter.
   *
   * @param literal in Verilog, such as {@code 16'h3c00}
   */
  public VerilatorBuild with(String name, String literal) {
    Map<String, String> more = new LinkedHashMap<>(parameters);
    more.put(name, literal);
    return new VerilatorBuild(top, sources, more, waveform, coverage, wiring);
  }

  public VerilatorBuild withWaveform() {
    return new VerilatorBuild(top, sources, parameters, true, coverage, wiring);
  }

  public VerilatorBuild withCoverage() {
    return new VerilatorBuild(top, sources, parameters, waveform, true, wiring);
  }

  public VerilatorBuild withWiring(Wiring how) {
    return new VerilatorBuild(top, sources, parameters, waveform, coverage, Optional.of(how));
  }
}
