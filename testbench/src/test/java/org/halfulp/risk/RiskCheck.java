package org.halfulp.risk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Quantized SGD simulated and predicted, over many configurations: {@code make theory-check}.
 *
 * <p>Arguments: the Markdown file to write, runs of a configuration, threads.
 */
public final class RiskCheck {
  private static final long[] STEPS = {30, 100, 400};
  private static final long SEED = 20251018;
  private static final double MOST_RMS = 1.2;
  private static final double MOST = 4;

  private RiskCheck() {}

  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    int runs = Integer.parseInt(args[1]);
    int threads = Integer.parseInt(args[2]);
    List<Setting> settings = Setting.all();
    List<Setting.Score> scores = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < settings.size(); i++) {
      // a seed each: the same samples for all would make one unlucky draw count many times
      scores.addAll(settings.get(i).compare(STEPS, runs, SEED + i, threads));
      if ((i + 1) % 10 == 0) {
        System.err.printf("%d of %d configurations%n", i + 1, settings.size());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    String text = page(settings.size(), scores, runs, seconds, threads);
    Files.writeString(file, text);
    System.out.print(text);
    double most = scores.stream().mapToDouble(s -> Math.abs(s.z())).max().orElseThrow();
    if (!(rms(scores) < MOST_RMS && most < MOST)) {
      System.err.println("simulation and theory differ");
      System.exit(1);
    }
  }

  static double rms(List<Setting.Score> scores) {
    return Math.sqrt(scores.stream().mapToDouble(s -> s.z() * s.z()).average().orElseThrow());
  }

  private static String page(
      int settings, List<Setting.Score> scores, int runs, double seconds, int threads) {
    StringBuilder out = new StringBuilder();
    out.append("# Quantized SGD: simulation beside theory\n\n    make theory-check\n\n");
    out.append(
        """
        One-pass SGD on Gaussian least squares (30 features, eigenvalues i^-a, w* = 1, noise variance 1, start at 0) with five quantizers, after
        Zhang, Su and Zou (arXiv:2510.18259), and the exact second-moment recursion of `.theory`. z is simulated minus predicted mean excess
        risk in standard errors of the simulation. The simulation rounds with the framework's quantizers; the recursion knows their moments.

        """);
    out.append(
        String.format(
            Locale.ROOT,
            "%d configurations of %d runs each (a = 2 with step size .1, a = 1 with .05; batches of"
                + " 1 and 8; each after %s steps):%n%d comparisons, rms z **%.2f** (goal: below"
                + " %.1f), largest |z| **%.2f** (goal: below %.0f); %.0f s in %d threads.%n%n",
            settings,
            runs,
            Arrays.toString(STEPS).replaceAll("[\\[\\]]", ""),
            scores.size(),
            rms(scores),
            MOST_RMS,
            scores.stream().mapToDouble(s -> Math.abs(s.z())).max().orElseThrow(),
            MOST,
            seconds,
            threads));
    out.append(
        "| risk of | comparisons | rms z | mean z | largest abs z |\n|---|---|---|---|---|\n");
    Map<String, List<Setting.Score>> byRisk =
        scores.stream()
            .collect(Collectors.groupingBy(Setting.Score::risk, TreeMap::new, Collectors.toList()));
    byRisk.forEach((risk, list) -> out.append(row(risk, list)));
    out.append(
        "\n| quantizers | comparisons | rms z | mean z | largest abs z |\n|---|---|---|---|---|\n");
    scores.stream()
        .collect(
            Collectors.groupingBy(s -> s.setting().name(), LinkedHashMap::new, Collectors.toList()))
        .forEach((name, list) -> out.append(row(name, list)));
    out.append(
        "\n"
            + "The ten farthest:\n\n"
            + "| quantizers | a | B | N | risk of | simulated | predicted | z |\n"
            + "|---|---|---|---|---|---|---|---|\n");
    scores.stream()
        .sorted(Comparator.comparingDouble(s -> -Math.abs(s.z())))
        .limit(10)
        .forEach(
            s ->
                out.append(
                    String.format(
                        Locale.ROOT,
                        "| %s | %.0f | %d | %d | %s | %.5f | %.5f | %+.2f |%n",
                        s.setting().name(),
                        s.setting().a(),
                        s.setting().batch(),
                        s.steps(),
                        s.risk(),
                        s.simulated(),
                        s.predicted(),
                        s.z())));
    return out + TheoryTables.page();
  }

  private static String row(String name, List<Setting.Score> list) {
    return String.format(
        Locale.ROOT,
        "| %s | %d | %.2f | %+.2f | %.2f |%n",
        name,
        list.size(),
        rms(list),
        list.stream().mapToDouble(Setting.Score::z).average().orElseThrow(),
        list.stream().mapToDouble(s -> Math.abs(s.z())).max().orElseThrow());
  }
}
