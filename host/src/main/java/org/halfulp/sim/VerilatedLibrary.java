package org.halfulp.sim;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A built model: an immutable shared library of the cache and the ports of its top.
 *
 * @param ports in the order of the declaration
 * @param fresh built by this call, not found in the cache
 * @param buildTime of this call; near zero when found
 */
public record VerilatedLibrary(
    VerilatorBuild build,
    Path file,
    List<Port> ports,
    boolean fresh,
    Duration buildTime,
    Path bridge) {

  /** How the top is driven. */
  public enum Shape {
    /** No {@code clk}: one evaluation a row. */
    COMBINATIONAL,
    /** {@code clk in_valid out_valid}, where wanted {@code rst_n in_ready out_ready}. */
    STREAM,
    /** {@code clk} and other ports: no batches. */
    CLOCKED
  }

  public VerilatedLibrary {
    ports = List.copyOf(ports);
  }

  public String top() {
    return build.top();
  }

  public Optional<Port> port(String name) {
    return ports.stream().filter(p -> p.name().equals(name)).findFirst();
  }

  public Shape shape() {
    if (!has("clk", true)) {
      return Shape.COMBINATIONAL;
    }
    return has("in_valid", true) && has("out_valid", false) ? Shape.STREAM : Shape.CLOCKED;
  }

  /** The ports of a stimulus row: {@code in_*} of a stream, every input of combinational logic. */
  public List<Port> stimulus() {
    return row(true, "in_");
  }

  /** The ports of a response row: {@code out_*} of a stream, every output otherwise. */
  public List<Port> response() {
    return row(false, "out_");
  }

  /** 64-bit words of a stimulus row. */
  public int stimulusWords() {
    return stimulus().stream().mapToInt(Port::words).sum();
  }

  /** 64-bit words of a response row. */
  public int responseWords() {
    return response().stream().mapToInt(Port::words).sum();
  }

  boolean has(String name, boolean input) {
    return port(name).filter(p -> p.input() == input && p.width() == 1).isPresent();
  }

  private List<Port> row(boolean input, String prefix) {
    return switch (shape()) {
      case CLOCKED -> List.of();
      case COMBINATIONAL -> ports.stream().filter(p -> p.input() == input).toList();
      case STREAM ->
          ports.stream()
              .filter(p -> p.input() == input && p.name().startsWith(prefix))
              .filter(p -> !p.name().equals(prefix + "valid") && !p.name().equals(prefix + "ready"))
              .toList();
    };
  }
}
