package org.halfulp.input;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A mapping of a YAML document that knows its keys and where it stands. */
final class YamlMap {
  /** Keys that are not known before. */
  static final String[] ANY = {"any"};

  private static final int DEEPEST = 50;
  private static final int MOST_ALIASES = 40;
  private static final int LONGEST_NUMBER = 400; // digits that a number may have

  private final String file;
  private final String path; // "datapath.update", "" for the document
  private final MappingNode node;
  private final Map<String, Node> values = new LinkedHashMap<>();

  /** Reads the one document of {@code text}; {@code keys} are all that it may have. */
  static YamlMap parse(String file, String text, String... keys) {
    return new YamlMap(file, "", compose(file, text, keys), keys);
  }

  /** The root node of the one document of {@code text}. */
  static Node compose(String file, String text, String... keys) {
    LoadSettings settings = LoadSettings.builder().setLabel(file).setUseMarks(true).build();
    Optional<Node> root;
    try {
      checkSize(file, new Parse(settings).parseString(text));
      root = new Compose(settings).composeString(text);
    } catch (MarkedYamlEngineException e) {
      String where =
          e.getProblemMark().map(m -> (m.getLine() + 1) + ":" + (m.getColumn() + 1)).orElse("1");
      throw new InputException("%s:%s: not YAML: %s".formatted(file, where, e.getProblem()));
    } catch (ReaderException e) {
      long line = text.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count() + 1;
      throw new InputException(
          "%s:%d: not YAML: the character U+%04X".formatted(file, line, e.getCodePoint()));
    } catch (YamlEngineException e) {
      throw new InputException("%s:1: not YAML 1.2: %s".formatted(file, e.getMessage().strip()));
    }
    if (root.isEmpty()) {
      throw new InputException(file + ": empty; a description needs: " + String.join(" ", keys));
    }
    return root.get();
  }

  /** A mapping whose nodes may come from several files. */
  static YamlMap of(String file, Node root, String... keys) {
    return new YamlMap(file, "", root, keys);
  }

  /** Composing recurses, parsing does not; and what aliases share may be huge. */
  private static void checkSize(String file, Iterable<Event> events) {
    int depth = 0;
    int aliases = 0;
    for (Event event : events) {
      boolean deep = event instanceof CollectionStartEvent && ++depth > DEEPEST;
      if (deep || event instanceof AliasEvent && ++aliases > MOST_ALIASES) {
        throw new InputException(
            "%s:%d: not a description: %s"
                .formatted(
                    file,
                    event.getStartMark().map(Mark::getLine).orElse(0) + 1,
                    deep
                        ? "nested more than %d deep".formatted(DEEPEST)
                        : "more than %d aliases".formatted(MOST_ALIASES)));
      }
      if (event instanceof CollectionEndEvent) {
        depth--;
      }
    }
  }

  private YamlMap(String file, String path, Node node, String... keys) {
    this.file = file;
    this.path = path;
    if (!(node instanceof MappingNode mapping)) {
      throw at(
          node, "%s must be a mapping with the keys: %s".formatted(name(), String.join(" ", keys)));
    }
    this.node = mapping;
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw at(tuple.getKeyNode(), "a key must be a word");
      }
      String word = key.getValue();
      if (keys != ANY && !Arrays.asList(keys).contains(word)) {
        throw at(
            key,
            "unknown key '%s' in %s; known: %s".formatted(word, name(), String.join(" ", keys)));
      }
      if (values.put(word, tuple.getValueNode()) != null) {
        throw at(key, "key '%s' is given twice".formatted(word));
      }
    }
  }

  /** {@code text}, cut where a message would become unreadable. */
  static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }

  private String name() {
    return path.isEmpty() ? "the description" : path;
  }

  private String child(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private InputException at(Node where, String message) {
    return new InputException(line(where) + ": " + message);
  }

  /** The file and line of the value of {@code key}, for messages. */
  String where(String key) {
    return line(values.get(key));
  }

  private String line(Node node) {
    Optional<Mark> mark = node.getStartMark();
    return mark.map(m -> m.getName() + ":" + (m.getLine() + 1)).orElse(file);
  }

  /** An error about the value of {@code key}, or about the whole mapping where it has none. */
  InputException error(String key, String message) {
    return at(values.getOrDefault(key, node), child(key) + ": " + message);
  }

  /** Its keys, in the order of the text. */
  Set<String> keys() {
    return values.keySet();
  }

  /** The node under {@code key}. */
  Node node(String key) {
    return values.get(key);
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** The word under {@code key} is {@code none} or YAML's null, or the key is missing. */
  boolean isNone(String key) {
    Node value = values.get(key);
    return value == null
        || value instanceof ScalarNode s
            && (s.getValue().equals("none")
                || s.getValue().isEmpty()
                || s.getValue().equals("null"));
  }

  boolean isMap(String key) {
    return values.get(key) instanceof MappingNode;
  }

  boolean isList(String key) {
    return values.get(key) instanceof SequenceNode;
  }

  YamlMap map(String key, String... keys) {
    Node value = values.get(key);
    if (value == null) {
      throw at(
          node,
          "%s misses '%s', a mapping with the keys: %s"
              .formatted(name(), key, String.join(" ", keys)));
    }
    return new YamlMap(file, child(key), value, keys);
  }

  /** The mapping under {@code key}, or an empty one where the key is missing. */
  YamlMap mapOrEmpty(String key, String... keys) {
    return has(key)
        ? map(key, keys)
        : new YamlMap(
            file,
            child(key),
            new MappingNode(
                node.getTag(),
                true,
                List.<NodeTuple>of(),
                node.getFlowStyle(),
                node.getStartMark(),
                node.getEndMark()),
            keys);
  }

  String text(String key, String expected) {
    Node value = values.get(key);
    if (value == null) {
      throw at(node, "%s misses '%s': %s".formatted(name(), key, expected));
    }
    if (!(value instanceof ScalarNode scalar)) {
      throw error(key, "must be " + expected + ", not a list or mapping");
    }
    return scalar.getValue();
  }

  String text(String key, String expected, String fallback) {
    return has(key) ? text(key, expected) : fallback;
  }

  List<String> words(String key) {
    Node value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof SequenceNode sequence)) {
      throw error(key, "must be a list of words");
    }
    return sequence.getValue().stream()
        .map(
            item -> {
              if (item instanceof ScalarNode scalar) {
                return scalar.getValue();
              }
              throw at(item, child(key) + ": must be a list of words");
            })
        .toList();
  }

  boolean bool(String key, boolean fallback) {
    String text = text(key, "true or false", String.valueOf(fallback));
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw error(key, "must be true or false, got '" + text + "'");
    };
  }

  long integer(String key, long min, long max, Long fallback) {
    String expected = "an integer in [%d, %d]".formatted(min, max);
    if (!has(key) && fallback != null) {
      return fallback;
    }
    String text = text(key, expected);
    try {
      // decimal even with a leading zero, which Long.decode reads as octal
      long value =
          text.startsWith("0x") || text.startsWith("-0x")
              ? Long.decode(text)
              : Long.parseLong(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message
    }
    throw error(key, "must be %s, got '%s'".formatted(expected, shortened(text)));
  }

  /** A positive or other real number, {@code 0.125} or {@code 2^-3}. */
  double real(String key, String expected, Double fallback) {
    if (!has(key) && fallback != null) {
      return fallback;
    }
    String text = text(key, expected);
    return real(text)
        .orElseThrow(() -> error(key, "must be %s, got '%s'".formatted(expected, shortened(text))));
  }

  /** A list of such numbers. */
  List<Double> reals(String key, String expected) {
    return words(key).stream()
        .map(
            text ->
                real(text)
                    .orElseThrow(
                        () ->
                            error(
                                key,
                                "must be a list of %s, got '%s'"
                                    .formatted(expected, shortened(text)))))
        .toList();
  }

  /** {@code 0.125} or {@code 2^-3}; empty if it is no number. */
  static Optional<Double> real(String text) {
    try {
      if (text.startsWith("2^")) {
        int exponent = Integer.parseInt(text.substring(2));
        if (exponent >= -1000 && exponent <= 1000) {
          return Optional.of(Math.scalb(1.0, exponent));
        }
      } else if (text.length() <= LONGEST_NUMBER) {
        return Optional.of(new BigDecimal(text).doubleValue());
      }
    } catch (NumberFormatException e) {
      // not a number
    }
    return Optional.empty();
  }

  /** The word under {@code key}, understood by {@code parse}, whose complaint gets the line. */
  <T> T parsed(String key, String expected, Function<String, T> parse) {
    String text = text(key, expected);
    try {
      return parse.apply(text);
    } catch (IllegalArgumentException e) {
      throw error(key, e.getMessage());
    }
  }

  /** Runs {@code make}, whose complaint is about this whole mapping. */
  <T> T build(String key, java.util.function.Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw key == null ? at(node, name() + ": " + e.getMessage()) : error(key, e.getMessage());
    }
  }
}
