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
    /** A clock and handshakes. */
    STREAM,
    /** A clock and a fixed latency. */
    PIPELINE,
    /** A clock and other ports: no batches. */
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

  public Wiring wiring() {
    return build.wiring().orElseGet(() -> Wiring.ours(ports));
  }

  public Shape shape() {
    return wiring().shape();
  }

  /** The ports of a stimulus row: {@code in_*} of a stream, every input of combinational logic. */
  public List<Port> stimulus() {
    return named(wiring().stimulus());
  }

  /** The ports of a response row: {@code out_*} of a stream, every output otherwise. */
  public List<Port> response() {
    return named(wiring().response());
  }

  /** 64-bit words of a stimulus row. */
  public int stimulusWords() {
    return stimulus().stream().mapToInt(Port::words).sum();
  }

  /** 64-bit words of a response row. */
  public int responseWords() {
    return response().stream().mapToInt(Port::words).sum();
  }

  private List<Port> named(List<String> names) {
    return names.stream().map(n -> port(n).orElseThrow()).toList();
  }
}
