package org.halfulp.input;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A design space as its user describes it: a description with a {@code sweep} section, where
 * parameters have lists of values. Points are numbered; the last parameter runs fastest.
 */
public final class SweepSpec {
  private static final String[] KEYS = {
    "name", "data", "training", "datapath", "description", "sweep"
  };
  private static final String[] SWEEP = {"parameters", "where", "seeds", "objectives"};
  private static final int MOST_VALUES = 100_000;

  /** The most points of a grid. */
  public static final long MOST_POINTS = 1_000_000;

  private static final int MOST_SEEDS = 10_000;

  /**
   * A parameter.
   *
   * @param values as a description spells them, each once
   */
  public record Parameter(String name, List<String> values) {
    public Parameter {
      values = List.copyOf(values);
    }
  }

  private record Axis(Parameter parameter, List<ScalarNode> nodes, Optional<Condition> when) {}

  private final String file;
  private final Path folder;
  private final String name;
  private final String base;
  private final MappingNode baseNode;
  private final List<Axis> axes;
  private final List<Condition> where;
  private final List<Long> seeds;
  private final List<String> objectives;

  private SweepSpec(
      String file,
      Path folder,
      String name,
      String base,
      List<Axis> axes,
      List<Condition> where,
      List<Long> seeds,
      List<String> objectives) {
    this.file = file;
    this.folder = folder;
    this.name = name;
    this.base = base;
    this.baseNode = parsed(file, base);
    this.axes = List.copyOf(axes);
    this.where = List.copyOf(where);
    this.seeds = List.copyOf(seeds);
    this.objectives = List.copyOf(objectives);
  }

  /**
   * Reads a sweep.
   *
   * @param set parameters given or replaced from outside, name to values
   */
  public static SweepSpec read(Path file, Map<String, List<String>> set) {
    String text = text(file);
    Node root = YamlMap.compose(file.toString(), text, KEYS);
    YamlMap map = YamlMap.of(file.toString(), root, KEYS);
    Path folder = file.toAbsolutePath().getParent();
    MappingNode own = without((MappingNode) root, "sweep");
    Description description;
    boolean averageGiven;
    if (map.has("description")) {
      for (String key : List.of("data", "training", "datapath")) {
        if (map.has(key)) {
          throw map.error(key, "must not be beside 'description', which has one");
        }
      }
      Path other =
          map.parsed(
              "description",
              "the path of a description",
              path -> {
                if (path.isEmpty() || path.indexOf('\0') >= 0) {
                  throw new IllegalArgumentException(
                      "must be the path of a description, got '" + path + "'");
                }
                return folder.resolve(path).normalize();
              });
      description = DescriptionReader.read(other);
      averageGiven = averageGiven(YamlMap.compose(other.toString(), text(other)));
      if (map.has("name")) {
        description =
            new Description(
                map.parsed("name", "a word", SweepSpec::word),
                description.data(),
                description.training(),
                description.datapath());
      }
    } else {
      description = DescriptionReader.of(file.toString(), own, folder);
      averageGiven = averageGiven(own);
    }
    YamlMap sweep = map.mapOrEmpty("sweep", SWEEP);
    if (!map.has("sweep") && set.isEmpty()) {
      throw new InputException(
          file
              + ": nothing to sweep: it has no 'sweep' section with parameters; add one, or give --set key=a,b");
    }
    List<Axis> axes = axes(sweep, set);
    List<Condition> where = where(sweep, axes);
    return new SweepSpec(
        file.toString(),
        folder,
        description.name(),
        base(description, averageGiven),
        axes,
        where,
        seeds(sweep),
        objectives(sweep));
  }

  static String text(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new InputException(file + ": is a folder; give a .yaml file");
      }
      return DescriptionReader.text(file);
    } catch (NoSuchFileException e) {
      throw new InputException(file + ": no such file");
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": not UTF-8 text");
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage());
    }
  }

  private static String word(String text) {
    if (!text.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new IllegalArgumentException(
          "must be 1 to 64 letters, digits, - or _, got '%s'".formatted(YamlMap.shortened(text)));
    }
    return text;
  }

  /** With every default spelled out, but an average that follows the epochs goes on to do so. */
  private static String base(Description description, boolean averageGiven) {
    String text = DescriptionWriter.write(description);
    return averageGiven ? text : text.replaceFirst("(?m)^  average_from: \\d+\n", "");
  }

  private static boolean averageGiven(Node root) {
    return child(child(root, "training"), "average_from") != null;
  }

  private static Node child(Node node, String key) {
    if (node instanceof MappingNode map) {
      for (NodeTuple t : map.getValue()) {
        if (t.getKeyNode() instanceof ScalarNode k && k.getValue().equals(key)) {
          return t.getValueNode();
        }
      }
    }
    return null;
  }

  private static MappingNode without(MappingNode map, String key) {
    List<NodeTuple> rest = new ArrayList<>();
    for (NodeTuple t : map.getValue()) {
      if (!(t.getKeyNode() instanceof ScalarNode k && k.getValue().equals(key))) {
        rest.add(t);
      }
    }
    return new MappingNode(
        map.getTag(), true, rest, map.getFlowStyle(), map.getStartMark(), map.getEndMark());
  }

  private static MappingNode parsed(String file, String base) {
    LoadSettings settings = LoadSettings.builder().setLabel(file).setUseMarks(false).build();
    return (MappingNode) new Compose(settings).composeString(base).orElseThrow();
  }

  // ---- the sweep section

  private static List<Axis> axes(YamlMap sweep, Map<String, List<String>> set) {
    List<Axis> axes = new ArrayList<>();
    YamlMap parameters = sweep.mapOrEmpty("parameters", YamlMap.ANY);
    for (String key : parameters.keys()) {
      parameters.build(key, () -> Setting.paths(key));
      Optional<Condition> when = Optional.empty();
      List<ScalarNode> nodes;
      if (set.containsKey(key)) {
        nodes = given(key, set.get(key));
      } else {
        nodes = values(parameters, key);
      }
      if (parameters.isMap(key) && child(parameters.node(key), "when") != null) {
        YamlMap inner = parameters.map(key, "values", "log2", "range", "when");
        Condition c = inner.parsed("when", "a condition", Condition::parse);
        checkVariables(c, axes, message -> inner.error("when", message));
        when = Optional.of(c);
      }
      axes.add(axis(key, nodes, when));
    }
    for (Map.Entry<String, List<String>> e : set.entrySet()) {
      if (!parameters.has(e.getKey())) {
        try {
          Setting.paths(e.getKey());
        } catch (IllegalArgumentException wrong) {
          throw new InputException("--set: " + wrong.getMessage());
        }
        axes.add(axis(e.getKey(), given(e.getKey(), e.getValue()), Optional.empty()));
      }
    }
    if (axes.isEmpty()) {
      throw sweep.error(
          "parameters",
          "needs at least one parameter with its values, for instance format: [e4m3fn, q2.6]");
    }
    refuseHidden(sweep, axes);
    return axes;
  }

  /** A parameter whose every place later ones take would be said of points that have not got it. */
  private static void refuseHidden(YamlMap sweep, List<Axis> axes) {
    Map<String, String> taken = new LinkedHashMap<>(); // path to the parameter that sets it last
    for (int i = axes.size() - 1; i >= 0; i--) {
      String name = axes.get(i).parameter().name();
      List<String> paths = Setting.paths(name);
      if (taken.keySet().containsAll(paths)) {
        throw sweep.error(
            "parameters",
            "%s has no effect: %s behind it sets the same; put %s last, or leave one out"
                .formatted(name, taken.get(paths.get(0)), name));
      }
      if (axes.get(i).when().isEmpty()) {
        paths.forEach(path -> taken.putIfAbsent(path, name));
      }
    }
  }

  private static Axis axis(String key, List<ScalarNode> nodes, Optional<Condition> when) {
    return new Axis(
        new Parameter(key, nodes.stream().map(ScalarNode::getValue).toList()), nodes, when);
  }

  private static List<ScalarNode> given(String key, List<String> values) {
    List<ScalarNode> nodes = new ArrayList<>();
    Set<String> seen = new LinkedHashSet<>();
    for (String v : values) {
      if (v.isEmpty()) {
        throw new InputException("--set %s: a value is empty; give %s=a,b".formatted(key, key));
      }
      if (!seen.add(v)) {
        throw new InputException("--set %s: '%s' is given twice".formatted(key, v));
      }
      nodes.add(
          new ScalarNode(Tag.STR, true, v, ScalarStyle.PLAIN, Optional.empty(), Optional.empty()));
    }
    return nodes;
  }

  private static final String VALUES =
      "must be a list, {log2: [-8, -3]} or {range: [1, 9, 2]}, with at least one value";

  private static List<ScalarNode> values(YamlMap parameters, String key) {
    Node node = parameters.node(key);
    if (node instanceof MappingNode) {
      YamlMap map = parameters.map(key, "values", "log2", "range", "when");
      int ways =
          (map.has("values") ? 1 : 0) + (map.has("log2") ? 1 : 0) + (map.has("range") ? 1 : 0);
      if (ways != 1) {
        throw parameters.error(key, "must have one of: values log2 range");
      }
      return map.has("values")
          ? list(map, "values")
          : map.has("log2") ? range(map, "log2", true) : range(map, "range", false);
    }
    return list(parameters, key);
  }

  private static List<ScalarNode> list(YamlMap map, String key) {
    if (map.node(key) instanceof ScalarNode one && !one.getValue().isEmpty()) {
      return List.of(one);
    }
    if (!(map.node(key) instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
      throw map.error(key, VALUES);
    }
    map.words(key); // complains about what is not a word
    Set<String> seen = new LinkedHashSet<>();
    List<ScalarNode> nodes = new ArrayList<>();
    for (Node n : sequence.getValue()) {
      ScalarNode value = (ScalarNode) n;
      if (!seen.add(value.getValue())) {
        throw map.error(key, "has '%s' twice".formatted(YamlMap.shortened(value.getValue())));
      }
      nodes.add(value);
    }
    return nodes;
  }

  private static List<ScalarNode> range(YamlMap map, String key, boolean powers) {
    List<String> words = map.words(key);
    String expected =
        powers
            ? "must be [first, last] or [first, last, step], whole exponents in [-1000, 1000]"
            : "must be [first, last] or [first, last, step], numbers with exponents in [-30, 30]";
    BigDecimal first;
    BigDecimal last;
    BigDecimal step;
    try {
      if (words.size() < 2 || words.size() > 3 || words.stream().anyMatch(w -> w.length() > 30)) {
        throw map.error(key, expected);
      }
      first = new BigDecimal(words.get(0));
      last = new BigDecimal(words.get(1));
      step = words.size() == 3 ? new BigDecimal(words.get(2)) : BigDecimal.ONE;
    } catch (NumberFormatException e) {
      throw map.error(key, expected);
    }
    // before anything is computed: a decimal of exponent 10^9 has as many digits
    boolean moderate = Stream.of(first, last, step).allMatch(x -> Math.abs((long) x.scale()) <= 30);
    boolean fits =
        !powers
            || moderate
                && first.abs().compareTo(BigDecimal.valueOf(1000)) <= 0
                && last.abs().compareTo(BigDecimal.valueOf(1000)) <= 0
                && first.stripTrailingZeros().scale() <= 0
                && step.stripTrailingZeros().scale() <= 0;
    if (!moderate || !fits) {
      throw map.error(key, expected);
    }
    if (step.signum() <= 0 || first.compareTo(last) > 0) {
      throw map.error(
          key,
          "is empty: from %s to %s by %s; the step must be positive".formatted(first, last, step));
    }
    BigInteger count = last.subtract(first).divideToIntegralValue(step).toBigInteger();
    if (count.compareTo(BigInteger.valueOf(MOST_VALUES)) >= 0) {
      throw map.error(key, "has more than %,d values".formatted(MOST_VALUES));
    }
    List<ScalarNode> nodes = new ArrayList<>();
    Node at = map.node(key);
    for (BigDecimal x = first; x.compareTo(last) <= 0; x = x.add(step)) {
      String text = powers ? "2^" + x.toBigInteger() : x.toPlainString();
      nodes.add(
          new ScalarNode(
              Tag.STR, true, text, ScalarStyle.PLAIN, at.getStartMark(), at.getEndMark()));
    }
    return nodes;
  }

  private interface Complaint {
    InputException of(String message);
  }

  private static void checkVariables(Condition c, List<Axis> axes, Complaint complaint) {
    List<String> known = axes.stream().map(a -> a.parameter().name()).toList();
    if (c.variables().isEmpty()) {
      throw complaint.of("'%s' asks for no parameter".formatted(YamlMap.shortened(c.text())));
    }
    for (String v : c.variables()) {
      if (!known.contains(v)) {
        throw complaint.of(
            "'%s' is no parameter before it; known here: %s (words are written in quotes: 'q2.6')"
                .formatted(
                    YamlMap.shortened(v), known.isEmpty() ? "none" : String.join(" ", known)));
      }
    }
  }

  private static List<Condition> where(YamlMap sweep, List<Axis> axes) {
    List<Condition> all = new ArrayList<>();
    List<String> texts =
        sweep.node("where") instanceof ScalarNode one
            ? List.of(one.getValue())
            : sweep.words("where");
    for (String text : texts) {
      Condition c = sweep.build("where", () -> Condition.parse(text));
      checkVariables(c, axes, message -> sweep.error("where", message));
      all.add(c);
    }
    return all;
  }

  private static List<String> objectives(YamlMap sweep) {
    if (!sweep.has("objectives")) {
      return List.of();
    }
    List<String> words = sweep.words("objectives");
    if (words.isEmpty()) {
      throw sweep.error("objectives", "must have at least one, for instance [average_train_loss]");
    }
    return words;
  }

  private static List<Long> seeds(YamlMap sweep) {
    if (!sweep.has("seeds")) {
      return List.of();
    }
    List<Long> seeds = new ArrayList<>();
    if (sweep.node("seeds") instanceof SequenceNode) {
      for (String word : sweep.words("seeds")) {
        try {
          long seed = Long.parseLong(word);
          if (seeds.contains(seed)) {
            throw sweep.error("seeds", "has %d twice".formatted(seed));
          }
          seeds.add(seed);
        } catch (NumberFormatException e) {
          throw sweep.error(
              "seeds", "must be how many, or a list of integers, got '%s'".formatted(word));
        }
      }
      if (seeds.isEmpty()) {
        throw sweep.error("seeds", "must be how many, or a list of integers, got []");
      }
    } else {
      long count = sweep.integer("seeds", 1, MOST_SEEDS, null);
      for (long s = 1; s <= count; s++) {
        seeds.add(s);
      }
    }
    return seeds;
  }

  // ---- the space

  public String file() {
    return file;
  }

  public String name() {
    return name;
  }

  /** The description without what is swept, as YAML with every default spelled out. */
  public String base() {
    return base;
  }

  public List<Parameter> parameters() {
    return axes.stream().map(Axis::parameter).toList();
  }

  /** Of each point; none: the description's own. */
  public List<Long> seeds() {
    return seeds;
  }

  /** As they are written; none: the user chose none. */
  public List<String> objectives() {
    return objectives;
  }

  /** Parameters, conditions and seeds as a tree for JSON; two equal spaces give equal trees. */
  public Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    Map<String, Object> parameters = new LinkedHashMap<>();
    for (Axis a : axes) {
      parameters.put(a.parameter().name(), a.parameter().values());
    }
    tree.put("parameters", parameters);
    Map<String, Object> when = new LinkedHashMap<>();
    for (Axis a : axes) {
      a.when().ifPresent(c -> when.put(a.parameter().name(), c.text()));
    }
    tree.put("when", when);
    tree.put("where", where.stream().map(Condition::text).toList());
    tree.put("seeds", seeds);
    return tree;
  }

  /**
   * Numbers of the grid, those included that {@link #settings} leaves out.
   *
   * @throws InputException if they are more than {@link #MOST_POINTS}
   */
  public long size() {
    BigInteger size = exactSize();
    if (size.compareTo(BigInteger.valueOf(MOST_POINTS)) > 0) {
      throw new InputException(
          "%s: the grid has %,d points, and at most %,d can be run; use fewer values, or --strategy random or evolve"
              .formatted(file, size, MOST_POINTS));
    }
    return size.longValueExact();
  }

  /** The product of all lists' lengths. */
  public BigInteger exactSize() {
    BigInteger size = BigInteger.ONE;
    for (Axis a : axes) {
      size = size.multiply(BigInteger.valueOf(a.nodes().size()));
    }
    return size;
  }

  /** The value of each parameter at a number; as {@link #settings(int[])}. */
  public Optional<Map<String, String>> settings(long number) {
    int[] choice = new int[axes.size()];
    long rest = number;
    for (int i = axes.size() - 1; i >= 0; i--) {
      int n = axes.get(i).nodes().size();
      choice[i] = (int) (rest % n);
      rest /= n;
    }
    return settings(choice);
  }

  /** The number of a choice in the grid; it wraps where the grid has more than 2^63 numbers. */
  public long number(int[] choice) {
    long number = 0;
    for (int i = 0; i < choice.length; i++) {
      number = number * axes.get(i).nodes().size() + choice[i];
    }
    return number;
  }

  /**
   * The settings of a choice of one value for each parameter. Empty where a condition forbids it,
   * or where a parameter has no part and is not at its first value: the point is another number's.
   *
   * @param choice an index for each parameter
   */
  public Optional<Map<String, String>> settings(int[] choice) {
    Map<String, String> settings = new LinkedHashMap<>();
    if (!Arrays.equals(choice, reduced(choice, settings))) {
      return Optional.empty();
    }
    for (Condition c : where) {
      if (!holds(c, settings)) {
        return Optional.empty();
      }
    }
    return Optional.of(settings);
  }

  /** The same choice, with the first value of each parameter that has no part in it. */
  public int[] reduced(int[] choice) {
    return reduced(choice, new LinkedHashMap<>());
  }

  private int[] reduced(int[] choice, Map<String, String> settings) {
    int[] reduced = new int[choice.length];
    for (int i = 0; i < choice.length; i++) {
      Axis a = axes.get(i);
      if (a.when().isEmpty() || holds(a.when().get(), settings)) {
        reduced[i] = choice[i];
        settings.put(a.parameter().name(), a.parameter().values().get(choice[i]));
      }
    }
    return reduced;
  }

  private boolean holds(Condition c, Map<String, String> settings) {
    try {
      return c.holds(settings);
    } catch (IllegalArgumentException e) {
      throw new InputException("%s: condition %s".formatted(file, e.getMessage()));
    }
  }

  /** The conditions of {@code where}, for a message about a space that they leave empty. */
  public List<String> conditions() {
    return where.stream().map(Condition::text).toList();
  }

  /**
   * The description of a point.
   *
   * @throws InputException naming the line of the value that does not fit
   */
  public Description at(Map<String, String> settings) {
    MappingNode node = baseNode;
    for (Map.Entry<String, String> s : settings.entrySet()) {
      node = Setting.put(node, s.getKey(), node(s.getKey(), s.getValue()));
    }
    return DescriptionReader.of(file, Setting.settled(averaging(node, settings)), folder);
  }

  /** How many epochs the point of these settings has; the description's where they do not fit. */
  public int epochs(Map<String, String> settings) {
    String own = settings.getOrDefault("epochs", settings.get("training.epochs"));
    String base = ((ScalarNode) child(child(baseNode, "training"), "epochs")).getValue();
    return Integer.parseInt(own != null && own.matches("\\d{1,7}") ? own : base);
  }

  /** With other epochs, averaging begins as far into the training as the description says. */
  private MappingNode averaging(MappingNode node, Map<String, String> settings) {
    boolean given =
        settings.containsKey("average_from") || settings.containsKey("training.average_from");
    String epochs = settings.getOrDefault("epochs", settings.get("training.epochs"));
    Node from = child(child(baseNode, "training"), "average_from");
    Node of = child(child(baseNode, "training"), "epochs");
    if (given || epochs == null || from == null || !epochs.matches("\\d{1,7}")) {
      return node;
    }
    double share =
        Double.parseDouble(((ScalarNode) from).getValue())
            / Double.parseDouble(((ScalarNode) of).getValue());
    long scaled = Math.max(1, Math.round(share * Integer.parseInt(epochs)));
    return Setting.put(node, "average_from", node("", Long.toString(scaled)));
  }

  private ScalarNode node(String parameter, String value) {
    for (Axis a : axes) {
      if (a.parameter().name().equals(parameter)) {
        int i = a.parameter().values().indexOf(value);
        if (i >= 0) {
          return a.nodes().get(i);
        }
      }
    }
    return new ScalarNode(
        Tag.STR, true, value, ScalarStyle.PLAIN, Optional.empty(), Optional.empty());
  }

  /**
   * The description of a point that a store has kept.
   *
   * @param base of {@link #base}
   */
  public static Description at(String base, Map<String, String> settings) {
    return new SweepSpec("point", Path.of(""), "", base, List.of(), List.of(), List.of(), List.of())
        .at(settings);
  }
}
