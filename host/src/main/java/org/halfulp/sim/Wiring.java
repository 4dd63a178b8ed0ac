package org.halfulp.sim;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which ports of a top do what. Our units follow one convention, which {@link #ours} reads off
 * their ports; a user's top says it.
 *
 * @param clock absent for combinational logic
 * @param in handshakes of the operands: one, or one for each operand that is handed over by itself
 * @param out handshake of the result
 * @param latency rising edges from an operand to its result, of a unit that answers without being
 *     asked; then a handshake's valid is driven or checked, and ready is not looked at
 * @param interval cycles from one operand to the next under a fixed latency
 * @param outstanding most operands accepted whose result is not back; 0 for no limit
 * @param stimulus inputs of a row, in its order
 * @param response outputs of a row, in its order
 * @param ties inputs that keep one value; other inputs stay 0
 */
public record Wiring(
    Optional<String> clock,
    Optional<Reset> reset,
    List<Handshake> in,
    Optional<Handshake> out,
    OptionalInt latency,
    int interval,
    int outstanding,
    List<String> stimulus,
    List<String> response,
    Map<String, Long> ties) {

  /** Synchronous or not: the clock runs while it is active. */
  public record Reset(String port, boolean activeLow) {}

  /**
   * @param ready absent when every offered word is taken
   */
  public record Handshake(String valid, Optional<String> ready) {}

  private static final int MOST_HANDSHAKES = 8;

  public Wiring {
    in = List.copyOf(in);
    stimulus = List.copyOf(stimulus);
    response = List.copyOf(response);
    ties = new LinkedHashMap<>(ties);
    if (in.size() > MOST_HANDSHAKES) {
      throw new IllegalArgumentException(
          "at most " + MOST_HANDSHAKES + " handshakes of operands, got " + in.size());
    }
    if (latency.isPresent() && (latency.getAsInt() < 0 || clock.isEmpty())) {
      throw new IllegalArgumentException(
          "a latency must be at least 0 and needs a clock, got " + latency.getAsInt());
    }
    if (interval < 1 || outstanding < 0) {
      throw new IllegalArgumentException(
          "interval must be at least 1 and outstanding at least 0, got "
              + interval
              + " and "
              + outstanding);
    }
  }

  /**
   * The convention of our own units: {@code clk}, {@code rst_n}, {@code in_valid in_ready in_*},
   * {@code out_valid out_ready out_*}; every port of a top without {@code clk}.
   */
  public static Wiring ours(List<Port> ports) {
    boolean clocked = has(ports, "clk", true);
    boolean stream = clocked && has(ports, "in_valid", true) && has(ports, "out_valid", false);
    Set<String> handshake = Set.of("in_valid", "in_ready", "out_valid", "out_ready");
    return new Wiring(
        optional(clocked, "clk"),
        clocked && has(ports, "rst_n", true)
            ? Optional.of(new Reset("rst_n", true))
            : Optional.empty(),
        stream
            ? List.of(
                new Handshake("in_valid", optional(has(ports, "in_ready", false), "in_ready")))
            : List.of(),
        stream
            ? Optional.of(
                new Handshake("out_valid", optional(has(ports, "out_ready", true), "out_ready")))
            : Optional.empty(),
        OptionalInt.empty(),
        1,
        0,
        ports.stream()
            .filter(p -> p.input() && (!clocked || stream && p.name().startsWith("in_")))
            .map(Port::name)
            .filter(n -> !stream || !handshake.contains(n))
            .toList(),
        ports.stream()
            .filter(p -> !p.input() && (!clocked || stream && p.name().startsWith("out_")))
            .map(Port::name)
            .filter(n -> !stream || !handshake.contains(n))
            .toList(),
        Map.of());
  }

  private static Optional<String> optional(boolean present, String name) {
    return present ? Optional.of(name) : Optional.empty();
  }

  private static boolean has(List<Port> ports, String name, boolean input) {
    return ports.stream()
        .anyMatch(p -> p.name().equals(name) && p.input() == input && p.width() == 1);
  }

  /** How batches are driven. */
  public VerilatedLibrary.Shape shape() {
    if (clock.isEmpty()) {
      return VerilatedLibrary.Shape.COMBINATIONAL;
    }
    if (latency.isPresent()) {
      return VerilatedLibrary.Shape.PIPELINE;
    }
    return in.isEmpty() || out.isEmpty()
        ? VerilatedLibrary.Shape.CLOCKED
        : VerilatedLibrary.Shape.STREAM;
  }

  /**
   * Checks that the ports exist, in the right direction and width.
   *
   * @throws IllegalArgumentException in words, with the ports that there are
   */
  void check(String top, List<Port> ports) {
    Set<String> taken = new HashSet<>();
    clock.ifPresent(p -> control(top, ports, taken, "the clock", p, true));
    reset.ifPresent(r -> control(top, ports, taken, "the reset", r.port, true));
    for (Handshake h : in) {
      control(top, ports, taken, "an operand's valid", h.valid, true);
      h.ready.ifPresent(p -> control(top, ports, taken, "an operand's ready", p, false));
    }
    if (out.isPresent()) {
      control(top, ports, taken, "the result's valid", out.get().valid, false);
      out.get().ready.ifPresent(p -> control(top, ports, taken, "the result's ready", p, true));
    }
    stimulus.forEach(p -> port(top, ports, taken, "an operand", p, true));
    response.forEach(p -> port(top, ports, taken, "a result", p, false));
    ties.forEach(
        (name, value) -> {
          Port port = port(top, ports, taken, "a constant", name, true);
          if (port.width() < 64 && value >>> port.width() != 0) {
            throw new IllegalArgumentException(
                "%s of %s has %d bits; 0x%x does not fit"
                    .formatted(name, top, port.width(), value));
          }
        });
  }

  private static void control(
      String top, List<Port> ports, Set<String> taken, String what, String name, boolean input) {
    Port port = port(top, ports, taken, what, name, input);
    if (port.width() != 1) {
      throw new IllegalArgumentException(
          "%s must have 1 bit; %s of %s has %d".formatted(what, name, top, port.width()));
    }
  }

  private static Port port(
      String top, List<Port> ports, Set<String> taken, String what, String name, boolean input) {
    Port port =
        ports.stream()
            .filter(p -> p.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s has no port %s; it has %s".formatted(top, name, list(ports))));
    if (port.input() != input) {
      throw new IllegalArgumentException(
          "%s of %s is an %s, but %s must be an %s"
              .formatted(name, top, input ? "output" : "input", what, input ? "input" : "output"));
    }
    if (!taken.add(name)) {
      throw new IllegalArgumentException(name + " of " + top + " was given two roles");
    }
    return port;
  }

  /** Ports as a user reads them. */
  public static String list(List<Port> ports) {
    return ports.stream().map(Port::toString).collect(Collectors.joining(", "));
  }

  /** What the model is compiled with; ties are set at run time. */
  String key() {
    return String.join(" ", clock.toString(), in.toString(), out.toString(), latency.toString())
        + " "
        + interval
        + " "
        + outstanding
        + " "
        + stimulus
        + " "
        + response;
  }
}
