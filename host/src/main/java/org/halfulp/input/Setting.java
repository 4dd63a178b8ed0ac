package org.halfulp.input;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Puts the value of a parameter into the nodes of a description, wherever the name means. */
final class Setting {
  private static final String QUANTIZERS = "datapath.quantizers.";
  private static final List<String> TENSORS =
      List.of(
          QUANTIZERS + "data",
          QUANTIZERS + "parameter",
          QUANTIZERS + "activation",
          QUANTIZERS + "label",
          QUANTIZERS + "residual");
  private static final String GRADIENT = QUANTIZERS + "gradient";
  private static final String WEIGHT = "datapath.update.weight";
  private static final List<String> ALL = with(TENSORS, GRADIENT, WEIGHT);
  private static final List<String> ACCUMULATORS =
      List.of("datapath.accumulators.forward", "datapath.accumulators.backward");

  /** What a prefix of a short name stands for. */
  private static final Map<String, List<String>> GROUPS = groups();

  private static final List<String> OF_QUANTIZER =
      List.of("format", "rounding", "overflow", "random_bits");
  private static final List<String> OF_TRAINING =
      List.of("step_size", "batch", "epochs", "average_from", "shuffle_seed");
  private static final List<String> ROOTS = List.of("data", "training", "datapath");

  private Setting() {}

  private static List<String> with(List<String> some, String... more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(List.of(more));
    return List.copyOf(all);
  }

  private static Map<String, List<String>> groups() {
    Map<String, List<String>> map = new LinkedHashMap<>();
    map.put("", ALL);
    map.put("tensor_", TENSORS);
    for (String path : ALL) {
      map.put(path.substring(path.lastIndexOf('.') + 1) + "_", List.of(path));
    }
    map.put("velocity_", List.of("datapath.update.momentum.velocity"));
    map.put("accumulator_", ACCUMULATORS);
    for (String path : ACCUMULATORS) {
      map.put(path.substring(path.lastIndexOf('.') + 1) + "_", List.of(path));
    }
    return map;
  }

  /**
   * The paths that a parameter's name means.
   *
   * @throws IllegalArgumentException naming what is known
   */
  static List<String> paths(String name) {
    if (name.contains(".")) {
      if (!ROOTS.contains(name.substring(0, name.indexOf('.')))
          || name.startsWith("data.file")
          || name.endsWith(".")
          || name.contains("..")) {
        throw new IllegalArgumentException(
            "unknown parameter '%s'; a path starts with training, datapath or data, for instance datapath.update.weight.format"
                .formatted(name));
      }
      return List.of(name);
    }
    if (OF_TRAINING.contains(name)) {
      return List.of("training." + name);
    }
    if (name.equals("lanes") || name.equals("seed")) {
      return List.of("datapath." + name);
    }
    if (name.equals("product") || name.equals("step_format") || name.equals("momentum")) {
      return List.of("datapath.update." + name);
    }
    if (name.equals("mu")) {
      return List.of("datapath.update.momentum.mu");
    }
    for (Map.Entry<String, List<String>> group : GROUPS.entrySet()) {
      boolean sums = group.getValue().get(0).startsWith("datapath.accumulators");
      for (String key :
          sums
              ? List.of("order", "format", "rounding", "overflow", "random_bits", "fan_in")
              : OF_QUANTIZER) {
        if (name.equals(group.getKey() + key)) {
          return group.getValue().stream().map(path -> path + "." + key).toList();
        }
      }
    }
    throw new IllegalArgumentException(
        "unknown parameter '%s'; known: %s lanes product step_format mu, {%s} + {%s}, accumulator_order ..., or a path such as datapath.update.weight.format"
            .formatted(
                YamlMap.shortened(name),
                String.join(" ", OF_TRAINING),
                String.join(" ", GROUPS.keySet()).strip(),
                String.join(" ", OF_QUANTIZER)));
  }

  /**
   * A copy of {@code root} with {@code value} in all places that {@code name} means. A short name
   * leaves quantizers alone that are none.
   */
  static MappingNode put(MappingNode root, String name, ScalarNode value) {
    MappingNode result = root;
    boolean isShort = !name.contains(".");
    for (String path : paths(name)) {
      result = put(result, path.split("\\."), 0, value, isShort);
    }
    return result;
  }

  private static MappingNode put(
      MappingNode map, String[] path, int at, ScalarNode value, boolean isShort) {
    List<NodeTuple> tuples = new ArrayList<>();
    boolean found = false;
    for (NodeTuple t : map.getValue()) {
      if (t.getKeyNode() instanceof ScalarNode key && key.getValue().equals(path[at])) {
        found = true;
        Node inner = inside(t.getValueNode(), path, at, value, isShort);
        tuples.add(new NodeTuple(t.getKeyNode(), inner));
      } else {
        tuples.add(t);
      }
    }
    if (!found) {
      ScalarNode key =
          new ScalarNode(
              Tag.STR, true, path[at], ScalarStyle.PLAIN, value.getStartMark(), value.getEndMark());
      boolean optional = isShort && at == path.length - 2 && path.length > 2;
      if (!optional) {
        tuples.add(new NodeTuple(key, inside(null, path, at, value, isShort)));
      }
    }
    return map(tuples, map.getStartMark());
  }

  private static Node inside(Node old, String[] path, int at, ScalarNode value, boolean isShort) {
    if (at == path.length - 1) {
      return value;
    }
    boolean last = at == path.length - 2;
    if (old instanceof MappingNode inner) {
      if (last && path[at + 1].equals("format") && value.getValue().equals("none")) {
        return value;
      }
      return put(inner, path, at + 1, value, isShort);
    }
    boolean none =
        old instanceof ScalarNode s
            && (s.getValue().equals("none")
                || s.getValue().isEmpty()
                || s.getValue().equals("null"));
    if (none && isShort && last) {
      return old;
    }
    if (last && path[at + 1].equals("format") && value.getValue().equals("none")) {
      return value;
    }
    List<NodeTuple> tuples = new ArrayList<>();
    if (old instanceof ScalarNode s && !none && last) { // a quantizer by its format alone
      tuples.add(new NodeTuple(word("format", s.getStartMark()), s));
    }
    return put(map(tuples, value.getStartMark()), path, at + 1, value, isShort);
  }

  private static ScalarNode word(String text, Optional<Mark> mark) {
    return new ScalarNode(Tag.STR, true, text, ScalarStyle.PLAIN, mark, mark);
  }

  private static MappingNode map(List<NodeTuple> tuples, Optional<Mark> mark) {
    return new MappingNode(Tag.MAP, true, tuples, FlowStyle.BLOCK, mark, mark);
  }

  /**
   * A copy where quantizers fit their new formats: random bits only with rounding sr, and a range
   * rule of the other kind becomes the one that clamps.
   */
  static MappingNode settled(MappingNode root) {
    List<NodeTuple> tuples = new ArrayList<>();
    Optional<Format> format = Optional.empty();
    boolean stochastic = true;
    for (NodeTuple t : root.getValue()) {
      if (t.getKeyNode() instanceof ScalarNode key && t.getValueNode() instanceof ScalarNode v) {
        if (key.getValue().equals("format")) {
          format = parse(v.getValue());
        } else if (key.getValue().equals("rounding")) {
          stochastic = v.getValue().equals("sr");
        }
      }
    }
    for (NodeTuple t : root.getValue()) {
      String key = t.getKeyNode() instanceof ScalarNode k ? k.getValue() : "";
      if (t.getValueNode() instanceof MappingNode inner) {
        tuples.add(new NodeTuple(t.getKeyNode(), settled(inner)));
      } else if (key.equals("overflow") && format.isPresent()) {
        tuples.add(
            new NodeTuple(t.getKeyNode(), fitting((ScalarNode) t.getValueNode(), format.get())));
      } else if (!key.equals("random_bits") || stochastic) {
        tuples.add(t);
      }
    }
    return map(tuples, root.getStartMark());
  }

  private static ScalarNode fitting(ScalarNode rule, Format format) {
    try {
      if (OverflowRule.parse(rule.getValue()).fits(format)) {
        return rule;
      }
    } catch (IllegalArgumentException e) {
      return rule; // the reader complains
    }
    OverflowRule clamp =
        format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE;
    return word(clamp.label(), rule.getStartMark());
  }

  private static Optional<Format> parse(String name) {
    try {
      return Optional.of(FormatName.parse(name).format());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
