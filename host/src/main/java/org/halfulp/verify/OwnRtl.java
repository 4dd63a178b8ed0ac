package org.halfulp.verify;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Port;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.sim.Wiring;

/**
 * Verilog that is not ours: a top, and what its ports are for. A role that {@link #map} leaves out
 * takes the port of our own units' name, if the top has it.
 *
 * @param sources every file that the top needs, included files too
 * @param against the operation that it should compute
 * @param map role to port; {@code -} for none. Roles: {@link #ROLES}
 * @param ties inputs that keep one value
 * @param clock empty: {@code clk} or {@code clock}, if the top has it; {@code -} for none
 * @param reset empty: {@code rst_n}, {@code rst} or {@code reset}; {@code -} for none
 * @param resetLow whether the reset is active low; empty: if its name ends in n
 * @param latency rising edges from an operand to its result where no handshake says
 * @param interval cycles between operands under a latency
 * @param outstanding most operands under way in a stream; 0 for no limit
 * @param anyNan whether each NaN code may stand for NaN
 * @param flush whether tiny results become zero of their sign
 * @param seconds without a finished word after which the check ends
 */
public record OwnRtl(
    String top,
    List<Path> sources,
    Op against,
    Map<String, String> map,
    Map<String, Long> ties,
    Optional<String> clock,
    Optional<String> reset,
    Optional<Boolean> resetLow,
    OptionalInt latency,
    int interval,
    int outstanding,
    boolean anyNan,
    boolean flush,
    double seconds) {

  /** Time limit unless said otherwise. */
  public static final double SECONDS = 10;

  /** No port. */
  static final String NONE = "-";

  private static final Map<String, String> OURS = ours();

  /** What a port can be for. */
  public static final Set<String> ROLES = OURS.keySet();

  private static Map<String, String> ours() {
    Map<String, String> ours = new LinkedHashMap<>();
    for (String role : List.of("a", "b", "c", "sub", "round", "rand", "valid", "ready")) {
      ours.put(role, "in_" + role);
    }
    for (String operand : List.of("a", "b", "c")) {
      ours.put(operand + "_valid", NONE);
      ours.put(operand + "_ready", NONE);
    }
    ours.put("y", "out_y");
    ours.put("flags", "out_flags");
    ours.put("out_valid", "out_valid");
    ours.put("out_ready", "out_ready");
    return Collections.unmodifiableMap(ours);
  }

  public OwnRtl {
    sources = List.copyOf(sources);
    map = Collections.unmodifiableMap(new LinkedHashMap<>(map));
    ties = Collections.unmodifiableMap(new LinkedHashMap<>(ties));
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("the sources of " + top + " are needed");
    }
    for (String role : map.keySet()) {
      if (!ROLES.contains(role)) {
        throw new IllegalArgumentException(
            "'%s' is no role of a port; roles: %s".formatted(role, String.join(" ", ROLES)));
      }
    }
    if (!(seconds > 0 && seconds <= 3600)) {
      throw new IllegalArgumentException(
          "the time limit must be in (0, 3600] seconds, got " + seconds);
    }
  }

  /** The ports of a top, and which of them do what. */
  private final class Roles {
    final List<Port> ports;
    final Map<String, String> chosen = new LinkedHashMap<>();

    Roles(List<Port> ports) {
      this.ports = ports;
      for (Map.Entry<String, String> ours : OURS.entrySet()) {
        String port = map.get(ours.getKey());
        if (port == null ? has(ours.getValue()) : !port.equals(NONE)) {
          chosen.put(ours.getKey(), port == null ? ours.getValue() : port);
        }
      }
    }

    boolean has(String port) {
      return ports.stream().anyMatch(p -> p.name().equals(port));
    }

    Optional<String> port(String role) {
      return Optional.ofNullable(chosen.get(role));
    }

    Optional<String> first(Optional<String> said, String... usual) {
      return said.or(() -> Stream.of(usual).filter(this::has).findFirst())
          .filter(p -> !p.equals(NONE));
    }

    Optional<Wiring.Handshake> handshake(String prefix) {
      return port(prefix + "valid").map(v -> new Wiring.Handshake(v, port(prefix + "ready")));
    }
  }

  /**
   * The unit, its ports read off the sources.
   *
   * @param lanes of the top: operands a beat, side by side in each port
   * @throws IllegalArgumentException in words for users, with the ports that there are
   */
  public Unit unit(UnitRequest request, int lanes, ModelCache cache) {
    Format from =
        request
            .format()
            .orElseThrow(
                () -> new IllegalArgumentException(top + " needs --format, its operands'"));
    Format to = request.to().orElse(from);
    UnitRequest.Rounding rounding = request.rounding(to);

    VerilatorBuild build = VerilatorBuild.of(top, sources);
    for (Map.Entry<String, Long> p : request.parameters().entrySet()) {
      build = build.with(p.getKey(), p.getValue());
    }
    if (anyNan && !to.hasNan()) {
      throw new IllegalArgumentException("%s has no NaN".formatted(to.name()));
    }
    if (flush && !(to instanceof FloatFormat f && f.subnormals() && f.family().negativeZero())) {
      throw new IllegalArgumentException(
          "--flush needs a float format with subnormals and -0, got " + to.name());
    }
    Roles roles = new Roles(cache.ports(build));

    List<Field> operands = new ArrayList<>();
    for (String name : List.of("a", "b", "c").subList(0, against.operands())) {
      operands.add(Field.code(name, from));
    }
    boolean subtracts = against == Op.ADD && roles.port("sub").isPresent();
    ElementwiseUnit meaning =
        new ElementwiseUnit(
            top,
            against,
            operands,
            "y",
            to,
            rounding.mode(),
            rounding.rule(),
            rounding.randomBits(),
            subtracts,
            Map.of());
    List<String> unread =
        Stream.of(
                rounding.mode().isPresent() ? "round" : "",
                rounding.draws() ? "" : "rand",
                subtracts ? "" : "sub")
            .toList();
    Map<String, String> ports = new LinkedHashMap<>();
    for (Field field :
        Stream.concat(meaning.inputs().stream(), meaning.outputs().stream()).toList()) {
      String role = field.port().replaceFirst("^(in|out)_", "");
      Optional<String> port = roles.port(role);
      boolean optional = role.equals("flags") || unread.contains(role);
      if (port.isEmpty() && !optional) {
        throw new IllegalArgumentException(
            "which port of %s is %s? Say --map %s=PORT; it has %s"
                .formatted(top, role, role, Wiring.list(roles.ports)));
      }
      if (unread.contains(role) && !NONE.equals(map.getOrDefault(role, NONE))) {
        throw new IllegalArgumentException(
            role.equals("round")
                ? "the port " + map.get(role) + " chooses the mode: give --rounding input"
                : "nothing is drawn in this mode: " + map.get(role) + " cannot be rand; tie it");
      }
      if (port.isPresent() && !unread.contains(role)) {
        checkWidth(roles, port.get(), role, field.bits(lanes), field, lanes);
        ports.put(field.port(), port.get());
      }
    }
    Wiring wiring = wiring(roles, meaning, ports);
    return new OwnUnit(
        this,
        meaning,
        ports,
        build.withWiring(wiring),
        lanes,
        cache.worker(),
        Duration.ofNanos((long) (seconds * 1e9)),
        notes(roles, wiring, ports),
        new LongAdder());
  }

  private void checkWidth(Roles roles, String port, String role, int bits, Field field, int lanes) {
    int width =
        roles.ports.stream()
            .filter(p -> p.name().equals(port))
            .mapToInt(Port::width)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s has no port %s; it has %s"
                            .formatted(top, port, Wiring.list(roles.ports))));
    if (width != bits) {
      throw new IllegalArgumentException(
          "%s of %s has %d bits; %s needs %d (%s%s)"
              .formatted(
                  port,
                  top,
                  width,
                  role,
                  bits,
                  field.format().map(Format::name).orElse(field.width() + " bits"),
                  lanes == 1 ? "" : ", %d lanes".formatted(lanes)));
    }
  }

  private Wiring wiring(Roles roles, ElementwiseUnit meaning, Map<String, String> ports) {
    Optional<String> clk = roles.first(clock, "clk", "clock");
    Optional<String> rst =
        clk.isEmpty() && reset.isEmpty()
            ? Optional.empty()
            : roles.first(reset, "rst_n", "rst", "reset");
    boolean stream = latency.isEmpty() && clk.isPresent();
    List<Wiring.Handshake> in = new ArrayList<>();
    roles.handshake("").ifPresent(in::add);
    for (String operand : List.of("a_", "b_", "c_").subList(0, against.operands())) {
      roles.handshake(operand).ifPresent(in::add);
    }
    Optional<Wiring.Handshake> out = roles.handshake("out_");
    if (stream && (in.isEmpty() || out.isEmpty())) {
      throw new IllegalArgumentException(
          ("%s has the clock %s but no handshake: give --latency N (0: --clock -), or --map"
                  + " valid=PORT,out_valid=PORT; it has %s")
              .formatted(top, clk.get(), Wiring.list(roles.ports)));
    }
    if (clk.isEmpty() && (latency.isPresent() || !in.isEmpty() || out.isPresent())) {
      throw new IllegalArgumentException(
          "%s has no clock: which port is it? Say --clock PORT; it has %s"
              .formatted(top, Wiring.list(roles.ports)));
    }
    return new Wiring(
        clk,
        rst.map(r -> new Wiring.Reset(r, resetLow.orElse(r.matches(".*(n|_ni|_b)")))),
        in,
        out,
        latency,
        interval,
        outstanding,
        meaning.inputs().stream()
            .map(Field::port)
            .filter(ports::containsKey)
            .map(ports::get)
            .toList(),
        meaning.outputs().stream()
            .map(Field::port)
            .filter(ports::containsKey)
            .map(ports::get)
            .toList(),
        ties);
  }

  private List<String> notes(Roles roles, Wiring w, Map<String, String> ports) {
    List<String> notes = new ArrayList<>();
    StringBuilder how = new StringBuilder();
    how.append(
        switch (w.shape()) {
          case COMBINATIONAL -> "combinational";
          case PIPELINE ->
              "latency %d, an operand each %d cycles".formatted(latency.getAsInt(), interval);
          default -> "a stream";
        });
    w.clock().ifPresent(c -> how.append(", clock ").append(c));
    w.reset()
        .ifPresent(
            r -> how.append(", reset ").append(r.port()).append(r.activeLow() ? " low" : " high"));
    for (Map.Entry<String, String> role : roles.chosen.entrySet()) {
      if (ports.containsValue(role.getValue()) || role.getKey().matches(".*(valid|ready)")) {
        how.append(", ").append(role.getKey()).append('=').append(role.getValue());
      }
    }
    w.ties().forEach((port, value) -> how.append(", %s tied to %d".formatted(port, value)));
    notes.add(how.toString());
    if (!ports.containsKey("out_flags")) {
      notes.add("no port is mapped to flags: results alone are compared, not their flags");
    }
    List<String> zero =
        roles.ports.stream()
            .filter(Port::input)
            .map(Port::name)
            .filter(p -> !ports.containsValue(p) && !w.ties().containsKey(p))
            .filter(p -> !w.clock().equals(Optional.of(p)))
            .filter(p -> w.reset().stream().noneMatch(r -> r.port().equals(p)))
            .filter(p -> w.in().stream().noneMatch(h -> h.valid().equals(p)))
            .filter(p -> w.out().flatMap(Wiring.Handshake::ready).stream().noneMatch(p::equals))
            .toList();
    if (!zero.isEmpty()) {
      notes.add("inputs kept at 0: " + String.join(" ", zero));
    }
    return notes;
  }
}
