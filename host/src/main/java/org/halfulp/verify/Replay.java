package org.halfulp.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.halfulp.kernel.Elementwise;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;

/**
 * A failure as a JSON file: the unit as it was asked for, and its beats.
 *
 * @param unitName of the catalogue, or the top of {@code own}
 */
public record Replay(String unitName, Optional<OwnRtl> own, UnitRequest request, Failure failure) {
  private static final int VERSION = 1;
  private static final int MAX_LANES = 32768;

  /** Writes the file. */
  public void write(Path file) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("halfulp_replay", VERSION);
    root.put("unit", unitName);
    root.put("what", failure.what());
    own.ifPresent(o -> write(o, root.putObject("own")));
    ObjectNode r = root.putObject("request");
    request.format().ifPresent(f -> r.put("format", f.name()));
    request.to().ifPresent(f -> r.put("to", f.name()));
    request.rounding().ifPresent(m -> r.put("rounding", m.label()));
    if (request.perBeat()) {
      r.put("rounding", "input");
    }
    request.overflow().ifPresent(o -> r.put("overflow", o.label()));
    request.randomBits().ifPresent(n -> r.put("random_bits", n));
    request.stages().ifPresent(n -> r.put("stages", n));
    request.parameters().forEach(r.putObject("parameters")::put);
    root.put("lanes", failure.lanes());
    root.put("seed", failure.seed());
    ObjectNode stalls = root.putObject("stalls");
    stalls.put("in", failure.stalls().inPercent());
    stalls.put("out", failure.stalls().outPercent());
    stalls.put("seed", failure.stalls().seed());
    failure.pokes().forEach(root.putObject("pokes")::put);
    root.put("beats", failure.beats());
    ObjectNode columns = root.putObject("inputs");
    for (int f = 0; f < failure.in().length; f++) {
      ArrayNode values = columns.putArray(failure.inputs().get(f).port());
      for (long value : failure.in()[f]) {
        values.add("0x" + Long.toHexString(value));
      }
    }
    Files.writeString(
        file, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
  }

  /**
   * Reads a file that {@link #write} made.
   *
   * @throws IllegalArgumentException in words for users
   */
  public static Replay read(Path file, ModelCache cache) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(Files.readString(file));
    } catch (IOException e) {
      throw bad(file, "it cannot be read as JSON: " + firstLine(e));
    }
    if (root == null || root.path("halfulp_replay").asInt() != VERSION) {
      throw bad(file, "it has no \"halfulp_replay\": " + VERSION);
    }
    UnitRequest request = request(root.path("request"));
    String name = root.path("unit").asText();
    int lanes = root.path("lanes").asInt();
    int beats = root.path("beats").asInt();
    Optional<OwnRtl> own =
        root.has("own") ? Optional.of(own(file, name, root.get("own"))) : Optional.empty();
    Unit unit =
        own.isPresent() ? own.get().unit(request, lanes, cache) : Catalogue.of(name).unit(request);
    if (lanes < 1 || lanes > MAX_LANES || beats < 1 || !unit.allows(lanes)) {
      throw bad(file, "lanes %d, beats %d are not possible".formatted(lanes, beats));
    }
    List<Field> inputs = unit.inputs();
    long[][] in = new long[inputs.size()][];
    for (int f = 0; f < in.length; f++) {
      Field field = inputs.get(f);
      JsonNode values = root.path("inputs").path(field.port());
      if (values.size() != beats * field.perBeat(lanes)) {
        throw bad(
            file,
            "%s needs %d values, got %d"
                .formatted(field.port(), beats * field.perBeat(lanes), values.size()));
      }
      in[f] = new long[values.size()];
      for (int i = 0; i < in[f].length; i++) {
        in[f][i] = code(file, field, values.get(i).asText());
      }
    }
    JsonNode s = root.path("stalls");
    Map<String, Long> pokes = new LinkedHashMap<>();
    root.path("pokes").properties().forEach(e -> pokes.put(e.getKey(), e.getValue().asLong()));
    Failure failure =
        new Failure(
            unit,
            lanes,
            root.path("seed").asLong(),
            new Stalls(s.path("in").asInt(), s.path("out").asInt(), s.path("seed").asLong()),
            pokes,
            in,
            beats,
            root.path("what").asText());
    return new Replay(name, own, request, failure);
  }

  private static void write(OwnRtl own, ObjectNode o) {
    ArrayNode sources = o.putArray("sources");
    own.sources().forEach(s -> sources.add(s.toAbsolutePath().toString()));
    o.put("against", own.against().name());
    own.map().forEach(o.putObject("map")::put);
    own.ties().forEach(o.putObject("ties")::put);
    own.clock().ifPresent(c -> o.put("clock", c));
    own.reset().ifPresent(c -> o.put("reset", c));
    own.resetLow().ifPresent(low -> o.put("reset_low", low));
    own.latency().ifPresent(n -> o.put("latency", n));
    o.put("interval", own.interval());
    o.put("outstanding", own.outstanding());
    o.put("any_nan", own.anyNan());
    o.put("flush", own.flush());
    o.put("limit", own.seconds());
  }

  private static OwnRtl own(Path file, String top, JsonNode o) {
    List<Path> sources = new ArrayList<>();
    o.path("sources").forEach(s -> sources.add(Path.of(s.asText())));
    Map<String, String> map = new LinkedHashMap<>();
    o.path("map").properties().forEach(e -> map.put(e.getKey(), e.getValue().asText()));
    Map<String, Long> ties = new LinkedHashMap<>();
    o.path("ties").properties().forEach(e -> ties.put(e.getKey(), e.getValue().asLong()));
    Elementwise.Op against;
    try {
      against = Elementwise.Op.valueOf(o.path("against").asText());
    } catch (IllegalArgumentException e) {
      throw bad(file, "'%s' is no operation".formatted(o.path("against").asText()));
    }
    return new OwnRtl(
        top,
        sources,
        against,
        map,
        ties,
        Optional.ofNullable(o.path("clock").textValue()),
        Optional.ofNullable(o.path("reset").textValue()),
        o.has("reset_low") ? Optional.of(o.get("reset_low").asBoolean()) : Optional.empty(),
        o.has("latency") ? OptionalInt.of(o.get("latency").asInt()) : OptionalInt.empty(),
        o.path("interval").asInt(1),
        o.path("outstanding").asInt(),
        o.path("any_nan").asBoolean(),
        o.path("flush").asBoolean(),
        o.path("limit").asDouble(OwnRtl.SECONDS));
  }

  private static long code(Path file, Field field, String text) {
    try {
      long code = Long.parseUnsignedLong(text.replaceFirst("^0x", ""), 16);
      if ((code & ~field.mask()) == 0) {
        return code;
      }
    } catch (NumberFormatException e) {
      // falls through to the message
    }
    throw bad(file, "'%s' is no value of %s, %d bits".formatted(text, field.port(), field.width()));
  }

  private static UnitRequest request(JsonNode r) {
    UnitRequest request = UnitRequest.DEFAULT;
    if (r.has("format")) {
      request = request.format(r.get("format").asText());
    }
    if (r.has("to")) {
      request = request.to(r.get("to").asText());
    }
    if (r.has("rounding")) {
      String mode = r.get("rounding").asText();
      request =
          mode.equals("input")
              ? request.roundingPerBeat()
              : request.rounding(RoundingMode.parse(mode));
    }
    if (r.has("overflow")) {
      request = request.overflow(OverflowRule.parse(r.get("overflow").asText()));
    }
    if (r.has("random_bits")) {
      request = request.randomBits(r.get("random_bits").asInt());
    }
    if (r.has("stages")) {
      request = request.stages(r.get("stages").asInt());
    }
    for (Map.Entry<String, JsonNode> e : r.path("parameters").properties()) {
      request = request.with(e.getKey(), e.getValue().asLong());
    }
    return request;
  }

  private static IllegalArgumentException bad(Path file, String why) {
    return new IllegalArgumentException("replay file %s: %s".formatted(file, why));
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
