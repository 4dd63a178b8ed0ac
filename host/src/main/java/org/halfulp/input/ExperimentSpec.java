package org.halfulp.input;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An experiment as its user describes it: the command's options as keys, paths relative to the
 * file.
 *
 * @param experiment its name
 * @param settings all other keys, lists joined by commas
 */
public record ExperimentSpec(
    String experiment,
    Optional<Integer> runs,
    Optional<Long> seed,
    Optional<Path> matrix,
    Optional<Double> kappa,
    Optional<Path> data,
    Map<String, Settings.Given> settings) {
  /** The keys that any experiment may have. */
  public static final List<String> OPTIONS =
      List.of("experiment", "runs", "seed", "matrix", "kappa", "data");

  /** Whether an argument is the name of such a file. */
  public static boolean isFile(String argument) {
    return argument.endsWith(".yaml") || argument.endsWith(".yml");
  }

  /** Reads one; what it sets is understood when the experiment is made. */
  public static ExperimentSpec read(Path file) {
    YamlMap map = YamlMap.parse(file.toString(), SweepSpec.text(file), YamlMap.ANY);
    Map<String, Settings.Given> settings = new LinkedHashMap<>();
    for (String key : map.keys()) {
      if (!OPTIONS.contains(key)) {
        String text =
            map.isList(key)
                ? String.join(",", map.words(key))
                : map.text(key, "a value or a list of values");
        settings.put(key, new Settings.Given(map.where(key), text));
      }
    }
    Path folder = file.toAbsolutePath().getParent();
    return new ExperimentSpec(
        map.text("experiment", "the name of an experiment, for instance q1"),
        map.has("runs")
            ? Optional.of((int) map.integer("runs", 2, Integer.MAX_VALUE, null))
            : Optional.empty(),
        map.has("seed")
            ? Optional.of(map.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, null))
            : Optional.empty(),
        path(map, folder, "matrix"),
        map.has("kappa")
            ? Optional.of(map.real("kappa", "a condition number above 1", null))
            : Optional.empty(),
        path(map, folder, "data"),
        settings);
  }

  private static Optional<Path> path(YamlMap map, Path folder, String key) {
    return map.has(key)
        ? Optional.of(
            map.parsed(
                key,
                "the path of a file",
                text -> {
                  if (text.isEmpty() || text.indexOf('\0') >= 0) {
                    throw new IllegalArgumentException("must be the path of a file");
                  }
                  return folder.resolve(text).normalize();
                }))
        : Optional.empty();
  }
}
