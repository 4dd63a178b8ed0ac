package org.halfulp.input;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;

/**
 * What a user sets of an experiment. The experiment asks for each value by its name, meaning, range
 * and default; that is their declaration, and what it did not ask for is unknown.
 */
public final class Settings {
  private static final int MOST_VALUES = 1000;

  /**
   * A value as it was given.
   *
   * @param where for messages: the file and line, or the option
   */
  public record Given(String where, String text) {}

  /** A setting that the experiment asked for, all for people. */
  public record Declared(String name, String meaning, String range, String byDefault) {}

  private final String experiment;
  private final boolean quick;
  private final Map<String, Given> given;
  private final List<Declared> declared = new ArrayList<>();
  private final Map<String, String> changed = new LinkedHashMap<>();

  /**
   * @param experiment its name
   * @param quick whether defaults are those of a small version
   */
  public Settings(String experiment, boolean quick, Map<String, Given> given) {
    this.experiment = experiment;
    this.quick = quick;
    this.given = given;
  }

  /** Whether defaults are those of a small version. */
  public boolean quick() {
    return quick;
  }

  /** A whole number in [least, most]. */
  public int whole(String name, String meaning, int least, int most, int usual) {
    String range = "a whole number in [%s, %s]".formatted(least, most);
    return one(name, meaning, range, usual, text -> integer(text, least, most));
  }

  /** Whole numbers in [least, most], rising unless they are the default. */
  public int[] wholes(String name, String meaning, int least, int most, int... usual) {
    String range = "whole numbers in [%s, %s]".formatted(least, most);
    List<Integer> all = Arrays.stream(usual).boxed().toList();
    return list(name, meaning, range, all, text -> integer(text, least, most)).stream()
        .mapToInt(i -> i)
        .toArray();
  }

  /** A number in [least, most]. */
  public double real(String name, String meaning, double least, double most, double usual) {
    String range = "a number in [%s, %s]".formatted(shown(least), shown(most));
    return one(name, meaning, range, usual, text -> number(text, least, most));
  }

  /** Numbers in [least, most], rising unless they are the default. */
  public double[] reals(String name, String meaning, double least, double most, double... usual) {
    String range = "numbers in [%s, %s]".formatted(shown(least), shown(most));
    List<Double> all = Arrays.stream(usual).boxed().toList();
    return list(name, meaning, range, all, text -> number(text, least, most)).stream()
        .mapToDouble(x -> x)
        .toArray();
  }

  /** Numbers in [least, most], in the order given, some perhaps the same. */
  public double[] realsAsGiven(
      String name, String meaning, double least, double most, double... usual) {
    String range = "numbers in [%s, %s], in any order".formatted(shown(least), shown(most));
    List<Double> byDefault = Arrays.stream(usual).boxed().toList();
    String expected = declare(name, meaning, range, shown(byDefault));
    if (!given.containsKey(name)) {
      return usual;
    }
    List<Double> values = values(name, expected, text -> number(text, least, most));
    return changed(name, values, byDefault).stream().mapToDouble(x -> x).toArray();
  }

  /** Names of formats. */
  public List<Format> formats(String name, String meaning, String... usual) {
    return list(
            name, meaning, "names of formats", List.of(usual), t -> format(t) == null ? null : t)
        .stream()
        .map(Settings::format)
        .distinct()
        .toList();
  }

  /** True or false. */
  public boolean flag(String name, String meaning, boolean usual) {
    Function<String, Boolean> read = t -> t.matches("true|false") ? t.equals("true") : null;
    return one(name, meaning, "true or false", usual, read);
  }

  private static Integer integer(String text, int least, int most) {
    Double x = number(text, least, most);
    return x == null || x != Math.rint(x) ? null : Integer.valueOf(x.intValue());
  }

  private static Double number(String text, double least, double most) {
    return YamlMap.real(text).filter(x -> x >= least && x <= most).orElse(null);
  }

  private static Format format(String text) {
    try {
      return FormatName.parse(text).format();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private <T> T one(String name, String meaning, String range, T usual, Function<String, T> read) {
    String expected = declare(name, meaning, range, shown(usual));
    if (!given.containsKey(name)) {
      return usual;
    }
    T value = read(name, expected, given.get(name).text(), read);
    return changed(name, value, usual);
  }

  private <T extends Comparable<T>> List<T> list(
      String name, String meaning, String range, List<T> usual, Function<String, T> read) {
    String expected = declare(name, meaning, range, shown(usual));
    if (!given.containsKey(name)) {
      return usual;
    }
    List<T> values = values(name, expected, read).stream().sorted().distinct().toList();
    // in another order they are still the default
    return values.equals(usual.stream().sorted().toList()) ? usual : changed(name, values, usual);
  }

  private <T> List<T> values(String name, String expected, Function<String, T> read) {
    String[] parts = given.get(name).text().split(",", -1);
    if (parts.length > MOST_VALUES) {
      throw error(name, expected, parts.length + " of them, more than " + MOST_VALUES);
    }
    return Arrays.stream(parts).map(text -> read(name, expected, text, read)).toList();
  }

  private String declare(String name, String meaning, String range, String byDefault) {
    declared.add(new Declared(name, meaning, range, byDefault));
    return "%s; default: %s".formatted(range, byDefault);
  }

  private <T> T read(String name, String expected, String text, Function<String, T> read) {
    T value = read.apply(text.strip());
    if (value == null) {
      throw error(name, expected, "'" + YamlMap.shortened(text) + "'");
    }
    return value;
  }

  private InputException error(String name, String expected, String got) {
    return new InputException(
        "%s: %s of %s must be %s; got %s"
            .formatted(given.get(name).where(), name, experiment, expected, got));
  }

  /** An error about a setting that was given, with what is wrong about it. */
  public InputException error(String name, String message) {
    return new InputException(
        "%s: %s of %s %s".formatted(given.get(name).where(), name, experiment, message));
  }

  private <T> T changed(String name, T value, T usual) {
    if (!value.equals(usual)) {
      changed.put(name, shown(value));
    }
    return value;
  }

  private static String shown(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(Settings::shown).collect(Collectors.joining(","));
    }
    return value instanceof Double x && x == Math.rint(x) && Math.abs(x) < 1e15
        ? Long.toString(x.longValue())
        : value.toString();
  }

  /** What was asked for so far. */
  public List<Declared> declared() {
    return List.copyOf(declared);
  }

  /** Whether a value other than the default was given. */
  public boolean isChanged(String name) {
    return changed.containsKey(name);
  }

  /** Adds what differs from the defaults to all that decides a table; nothing if nothing does. */
  public void describe(Map<String, Object> what) {
    if (!changed.isEmpty()) {
      what.put("set", new LinkedHashMap<>(changed));
    }
  }

  /**
   * To be called when the experiment has asked for all.
   *
   * @throws InputException for what was given and not asked for
   */
  public void check() {
    List<String> known = declared.stream().map(Declared::name).toList();
    given.forEach(
        (name, value) -> {
          if (!known.contains(name)) {
            throw new InputException(
                "%s: unknown setting '%s' of %s; known: %s, beside the options %s"
                    .formatted(
                        value.where(),
                        YamlMap.shortened(name),
                        experiment,
                        String.join(" ", known),
                        String.join(" ", ExperimentSpec.OPTIONS)));
          }
        });
  }
}
