package org.halfulp.input;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An experiment as its user describes it: the command's options as keys, paths relative to the
 * file.
 *
 * @param experiment its name
 */
public record ExperimentSpec(
    String experiment,
    Optional<Integer> runs,
    Optional<Long> seed,
    Optional<Path> matrix,
    Optional<Double> kappa,
    Optional<Path> data) {

  /** Whether an argument is the name of such a file. */
  public static boolean isFile(String argument) {
    return argument.endsWith(".yaml") || argument.endsWith(".yml");
  }

  /** Reads one; an unknown key is an error that names the known ones. */
  public static ExperimentSpec read(Path file) {
    YamlMap map =
        YamlMap.parse(
            file.toString(),
            SweepSpec.text(file),
            "experiment",
            "runs",
            "seed",
            "matrix",
            "kappa",
            "data");
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
        path(map, folder, "data"));
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
