package org.halfulp.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.FormatName;
import org.halfulp.report.Bars;
import org.halfulp.report.Curves;
import org.halfulp.report.Curves.Curve;
import org.halfulp.report.Figure;
import org.halfulp.report.HeatMap;
import org.halfulp.report.Page;
import org.halfulp.report.Page.Fact;
import org.halfulp.report.Parallel;
import org.halfulp.report.Points;
import org.halfulp.report.Table;
import org.halfulp.sweep.Estimate;
import org.halfulp.sweep.Metric;
import org.halfulp.sweep.Status;
import org.halfulp.sweep.SweepStore;
import org.halfulp.sweep.SweepStore.EpochRow;
import org.halfulp.sweep.SweepStore.Invocation;
import org.halfulp.sweep.SweepStore.Member;
import org.halfulp.sweep.SweepStore.Result;

/** What the page of a sweep says, read from its store alone, whether or not the sweep has ended. */
final class SweepPage {
  private static final int MOST_ROWS = 2000;
  private static final int MOST_MAPS = 6;
  private static final int MOST_CURVES = 6;
  private static final int SHORT = 10; // digits of a point's identity
  private static final Pattern TENSOR =
      Pattern.compile("(data|parameter|activation|label|residual|gradient|weight)_");

  private final Path folder;
  private final SweepStore store;
  private final SweepStore.Sweep sweep;
  private final List<Result> results;
  private final List<Invocation> invocations;
  private final Metric loss;
  private final Metric price;
  private final List<String> parameters; // those with several values

  private SweepPage(Path folder, SweepStore store, SweepStore.Sweep sweep) {
    this.folder = folder;
    this.store = store;
    this.sweep = sweep;
    results = store.results(sweep.id());
    invocations = store.invocations(sweep.id());
    List<Metric> wanted = sweep.objectives().stream().map(Metric::parse).toList();
    loss =
        Stream.concat(
                wanted.stream().filter(Metric::isOfTraining),
                Stream.of(Metric.AVERAGE_TRAIN_LOSS, Metric.TRAIN_LOSS))
            .filter(this::hasAny)
            .findFirst()
            .orElse(Metric.TRAIN_LOSS);
    price =
        Stream.concat(
                wanted.stream().filter(m -> !m.isOfTraining() && m != Metric.FMAX),
                Stream.of(Metric.LUTS))
            .filter(this::hasAny)
            .findFirst()
            .orElse(Metric.STATE_BITS);
    Map<String, Set<String>> values = new LinkedHashMap<>();
    for (Result r : results) {
      r.point()
          .settings()
          .forEach((k, v) -> values.computeIfAbsent(k, n -> new LinkedHashSet<>()).add(v));
    }
    parameters =
        values.entrySet().stream()
            .filter(e -> e.getValue().size() > 1)
            .map(Map.Entry::getKey)
            .toList();
  }

  static boolean isSweep(Path folder) {
    return Files.isRegularFile(folder.resolve("sweep.db"));
  }

  /** The page of the sweep that was worked on last, or null if there is none. */
  static Page of(Path folder) {
    try (SweepStore store = SweepStore.read(folder)) {
      return store.latest().map(s -> new SweepPage(folder, store, s).page()).orElse(null);
    }
  }

  private boolean hasAny(Metric m) {
    return results.stream().anyMatch(r -> Double.isFinite(m.of(r)));
  }

  private Page page() {
    List<Figure> figures = new ArrayList<>();
    figures.add(front());
    figures.add(curves());
    figures.add(sensitivity());
    figures.addAll(heatMaps());
    risks().ifPresent(figures::add);
    figures.add(parallel());
    List<Table> tables = new ArrayList<>();
    tables.add(points());
    problems().ifPresent(tables::add);
    return new Page(
        sweep.name(),
        headline(),
        facts(),
        figures,
        tables,
        List.of(new Fact("Description", sweep.base()), new Fact("Parameters", sweep.space())),
        provenance());
  }

  // ---- words for a point

  private String id(Result r) {
    return shortened(r.point().id());
  }

  private static String shortened(String id) {
    return id.substring(0, Math.min(SHORT, id.length()));
  }

  private String command(Result r) {
    return "halfulp sweep show %s %s | halfulp train /dev/stdin"
        .formatted(ReportCommand.quoted(folder), id(r));
  }

  /** The settings that are not the same for all. */
  private String settings(Result r) {
    return settings(r, parameters);
  }

  private static String settings(Result r, List<String> which) {
    return which.stream()
        .filter(p -> r.point().settings().containsKey(p))
        .map(p -> p + "=" + r.point().settings().get(p))
        .collect(Collectors.joining(" "));
  }

  private static String state(Result r) {
    if (r.verification().isEmpty()) {
      return r.point().hardware().isEmpty() ? "no RTL" : "not verified";
    }
    return r.isVerified()
        ? "verified"
        : r.verification().get().status() == Status.DIFFERS ? "RTL differs" : "not verified";
  }

  private static String number(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e9
        ? String.format(Locale.ROOT, "%.0f", x)
        : String.format(Locale.ROOT, "%.5g", x);
  }

  private static String estimate(Estimate e) {
    return e.n() < 2
        ? number(e.mean())
        : String.format(
            Locale.ROOT, "%s ± %.2g (%d seeds)", number(e.mean()), e.halfWidth(), e.n());
  }

  private List<String> hover(Result r) {
    List<String> lines = new ArrayList<>();
    parameters.forEach(
        p -> {
          if (r.point().settings().containsKey(p)) {
            lines.add(p + " = " + r.point().settings().get(p));
          }
        });
    lines.add(
        loss.column() + " " + estimate(r.losses().getOrDefault(loss.column(), Estimate.NONE)));
    for (Metric m : Metric.values()) {
      if (!m.isOfTraining() && Double.isFinite(m.of(r))) {
        lines.add(
            m.isEstimated(r)
                ? "%s about %s: an estimate, within %.1f %% nine times in ten, %s"
                    .formatted(
                        m.column(),
                        number(m.of(r)),
                        100 * m.error(r),
                        m.estimate(r).orElseThrow().version())
                : m.column()
                    + " "
                    + number(m.of(r))
                    + (m.spread(r) > 0 ? ", seeds within " + number(m.spread(r)) : ""));
      }
    }
    lines.add(
        r.verification()
            .filter(v -> r.isVerified())
            .map(v -> "%s: %,d words compared, none differs".formatted(state(r), v.compared()))
            .orElse(state(r)));
    lines.add("point " + id(r) + "; click: copy its command");
    return lines;
  }

  private String source() {
    String from = "From sweep.db, sweep " + shortened(sweep.id());
    if (invocations.isEmpty()) {
      return from + ".";
    }
    Invocation last = invocations.get(invocations.size() - 1);
    return "%s, written by %s (HalfUlp %s)."
        .formatted(from, last.command(), last.versions().getOrDefault("halfulp", "of no version"));
  }

  // ---- figures

  private List<Points.Point> plotted() {
    return results.stream()
        .map(
            r ->
                new Points.Point(
                    price.toMinimize(r),
                    loss.of(r),
                    state(r) + (price.isEstimated(r) ? ", price estimated" : ""),
                    () -> hover(r),
                    command(r),
                    price.isEstimated(r)))
        .toList();
  }

  private Figure front() {
    return Points.figure(
        "front",
        "Pareto front: %s against %s".formatted(loss.column(), price.column()),
        "Left and below is better; large: on the front.",
        source(),
        price.column() + (price == Metric.STATE_BITS ? "" : " of the update unit"),
        loss.column(),
        plotted());
  }

  /** One map for each parameter that is a floating-point format. */
  private List<Figure> heatMaps() {
    List<Figure> maps = new ArrayList<>();
    Map<String, Optional<FloatFormat>> formats = new LinkedHashMap<>();
    for (String parameter : parameters) {
      Map<FloatFormat, Result> best = new LinkedHashMap<>();
      Map<FloatFormat, String> names = new LinkedHashMap<>();
      Set<String> others = new TreeSet<>();
      for (Result r : results) {
        String value = r.point().settings().get(parameter);
        if (value == null || !Double.isFinite(loss.of(r))) {
          continue;
        }
        FloatFormat format = formats.computeIfAbsent(value, SweepPage::floatFormat).orElse(null);
        if (format == null) {
          others.add(value);
          continue;
        }
        names.putIfAbsent(format, value);
        best.merge(format, r, (a, b) -> loss.of(b) < loss.of(a) ? b : a);
      }
      if (best.size() > 1 && maps.size() < MOST_MAPS) {
        maps.add(heatMap(parameter, best, names, others));
      }
    }
    if (maps.isEmpty()) {
      maps.add(
          Figure.empty(
              "formats",
              "Loss by exponent and fraction bits",
              "No parameter of this sweep takes two floating-point formats or more."));
    }
    return maps;
  }

  private static Optional<FloatFormat> floatFormat(String value) {
    try {
      return FormatName.parse(value).format() instanceof FloatFormat f
          ? Optional.of(f)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Figure heatMap(
      String parameter,
      Map<FloatFormat, Result> best,
      Map<FloatFormat, String> names,
      Set<String> others) {
    // several formats may have the same E and M: the best of them is shown, and named
    Map<List<Integer>, FloatFormat> cells = new TreeMap<>(Comparator.comparing(List::toString));
    best.keySet()
        .forEach(
            f ->
                cells.merge(
                    List.of(f.expBits(), f.fracBits()),
                    f,
                    (a, b) -> loss.of(best.get(b)) < loss.of(best.get(a)) ? b : a));
    List<Integer> es = cells.keySet().stream().map(k -> k.get(0)).distinct().sorted().toList();
    List<Integer> ms = cells.keySet().stream().map(k -> k.get(1)).distinct().sorted().toList();
    List<HeatMap.Cell> list = new ArrayList<>();
    cells.forEach(
        (k, f) -> {
          Result r = best.get(f);
          List<String> hover = new ArrayList<>(List.of(parameter + ": " + names.get(f)));
          hover.addAll(hover(r));
          list.add(
              new HeatMap.Cell(
                  ms.indexOf(k.get(1)), es.indexOf(k.get(0)), loss.of(r), hover, command(r)));
        });
    String caption =
        "The least %s of any point with that format%s."
            .formatted(
                loss.column(),
                others.isEmpty() ? "" : "; not on the map: " + String.join(", ", others));
    return HeatMap.figure(
        "formats-" + parameter.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-"),
        "%s by exponent and fraction bits of %s".formatted(loss.column(), parameter),
        caption,
        source(),
        "fraction bits",
        ms.stream().map(Object::toString).toList(),
        "exponent bits",
        es.stream().map(Object::toString).toList(),
        list);
  }

  /** How much the choice of one parameter matters where all others are the same. */
  private Figure sensitivity() {
    List<Result> judged =
        results.stream().filter(r -> loss.of(r) > 0 && Double.isFinite(loss.of(r))).toList();
    List<Bars.Bar> bars = new ArrayList<>();
    boolean mixed = false;
    for (String parameter : parameters) {
      Bars.Bar bar = alone(parameter, judged);
      if (bar == null) {
        bar = amongOthers(parameter, judged);
        mixed |= bar != null;
      }
      if (bar != null) {
        bars.add(bar);
      }
    }
    long tensors = parameters.stream().filter(p -> TENSOR.matcher(p).lookingAt()).count();
    return Bars.figure(
        "sensitivity",
        tensors > 1 ? "Which tensor's quantizer hurts" : "Which choice matters",
        "How much more %s the worst value of a parameter has than the best, all others being equal: median over all such groups of points.%s"
            .formatted(
                loss.column(),
                mixed
                    ? " *: no two points differ in it alone; the medians of all points with each value are compared instead."
                    : ""),
        source(),
        "% more loss",
        bars);
  }

  /** By groups of points that differ in the parameter alone; null if there are none. */
  private Bars.Bar alone(String parameter, List<Result> judged) {
    Map<Map<String, String>, List<Result>> groups = new LinkedHashMap<>();
    for (Result r : judged) {
      Map<String, String> rest = new LinkedHashMap<>(r.point().settings());
      if (rest.remove(parameter) != null) {
        groups.computeIfAbsent(rest, k -> new ArrayList<>()).add(r);
      }
    }
    List<Double> ratios = new ArrayList<>();
    Map<String, Integer> worst = new TreeMap<>();
    for (List<Result> group : groups.values()) {
      if (group.size() > 1) {
        Result most = group.stream().max(Comparator.comparingDouble(loss::of)).orElseThrow();
        double least = group.stream().mapToDouble(loss::of).min().orElseThrow();
        ratios.add(loss.of(most) / least);
        worst.merge(most.point().settings().get(parameter), 1, Integer::sum);
      }
    }
    if (ratios.isEmpty()) {
      return null;
    }
    ratios.sort(Comparator.naturalOrder());
    double median = ratios.get(ratios.size() / 2);
    String often =
        worst.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(e -> "%s (in %d of %d)".formatted(e.getKey(), e.getValue(), ratios.size()))
            .orElseThrow();
    return new Bars.Bar(
        parameter,
        100 * (median - 1),
        List.of(
            parameter,
            "median %.4g %% more loss".formatted(100 * (median - 1)),
            "most %.4g %%".formatted(100 * (ratios.get(ratios.size() - 1) - 1)),
            "of %,d groups of points that differ in it alone".formatted(ratios.size()),
            "most often worst: " + often));
  }

  /** By medians of all points with each value, whatever else differs; null for a single value. */
  private Bars.Bar amongOthers(String parameter, List<Result> judged) {
    Map<String, List<Double>> byValue = new TreeMap<>();
    for (Result r : judged) {
      String value = r.point().settings().get(parameter);
      if (value != null) {
        byValue.computeIfAbsent(value, k -> new ArrayList<>()).add(loss.of(r));
      }
    }
    if (byValue.size() < 2) {
      return null;
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    byValue.forEach(
        (value, losses) -> {
          losses.sort(Comparator.naturalOrder());
          medians.put(value, losses.get(losses.size() / 2));
        });
    var best = medians.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
    var worst = medians.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    double more = 100 * (worst.getValue() / best.getValue() - 1);
    return new Bars.Bar(
        parameter + " *",
        more,
        List.of(
            parameter,
            "%.4g %% more loss".formatted(more),
            "worst: %s, median of %,d"
                .formatted(worst.getKey(), byValue.get(worst.getKey()).size()),
            "best: %s, median of %,d".formatted(best.getKey(), byValue.get(best.getKey()).size()),
            "other parameters differ too"));
  }

  /** Learning curves of points on the front, means over their seeds. */
  private Figure curves() {
    List<Points.Point> plotted = plotted();
    Map<Points.Point, Result> byPoint = new LinkedHashMap<>();
    for (int i = 0; i < plotted.size(); i++) {
      byPoint.put(plotted.get(i), results.get(i));
    }
    List<Result> front =
        Points.front(plotted).stream()
            .map(byPoint::get)
            .sorted(Comparator.comparingDouble(loss::of))
            .toList();
    List<Result> shown = front.subList(0, Math.min(MOST_CURVES, front.size()));
    boolean average = loss.column().startsWith("average");
    List<Curve> curves = new ArrayList<>();
    Set<List<String>> references = new LinkedHashSet<>();
    List<String> apart = // what tells them from each other
        parameters.stream()
            .filter(p -> shown.stream().map(r -> settings(r, List.of(p))).distinct().count() > 1)
            .toList();
    for (Result r : shown) {
      String name = apart.isEmpty() ? settings(r) : settings(r, apart);
      add(curves, name, r.members().stream().map(Member::training).toList(), average, false);
      references.add(r.members().stream().map(Member::reference).toList());
    }
    int n = 0;
    for (List<String> reference : references) {
      String name = references.size() == 1 ? "binary64" : "binary64, schedule " + ++n;
      add(curves, name, reference, average, true);
    }
    if (curves.isEmpty()) {
      return Figure.empty("curves", "Learning curves", "No point on the front has a curve.");
    }
    return Curves.figure(
        "curves",
        "Learning curves of the front",
        "Training rows%s, means over the seeds; %,d of %,d points of the front, those with the least loss. Grey: binary64, the same steps."
            .formatted(average ? ", mean weights" : "", shown.size(), front.size()),
        source(),
        "epoch",
        false,
        "mean squared error",
        true,
        curves);
  }

  private void add(
      List<Curve> curves, String name, List<String> trainings, boolean average, boolean exact) {
    TreeMap<Integer, List<Double>> byEpoch = new TreeMap<>();
    for (String training : trainings) {
      for (EpochRow e : store.curve(training)) {
        double x = average ? e.averageTrainLoss() : e.trainLoss();
        if (Double.isFinite(x)) {
          byEpoch.computeIfAbsent(e.epoch(), k -> new ArrayList<>()).add(x);
        }
      }
    }
    byEpoch.values().removeIf(list -> list.size() < trainings.size());
    if (byEpoch.isEmpty()) {
      return;
    }
    double[] x = byEpoch.keySet().stream().mapToDouble(Integer::doubleValue).toArray();
    double[] y =
        byEpoch.values().stream()
            .mapToDouble(l -> l.stream().mapToDouble(Double::doubleValue).average().orElse(0))
            .toArray();
    Curve curve = Curve.line(name.isEmpty() ? "the point" : name, x, y);
    curves.add(exact ? curve.asReference() : curve);
  }

  /** Measured against predicted excess risk, of the points of which theory says something. */
  private Optional<Figure> risks() {
    List<Result> known =
        results.stream()
            .filter(r -> Metric.AVERAGE_RISK_THEORY.of(r) > 0 && Metric.AVERAGE_RISK.of(r) > 0)
            .toList();
    if (known.isEmpty()) {
      return Optional.empty();
    }
    int step = (known.size() + MOST_ROWS - 1) / MOST_ROWS;
    List<Result> drawn =
        IntStream.range(0, known.size()).filter(i -> i % step == 0).mapToObj(known::get).toList();
    double[] theory = drawn.stream().mapToDouble(Metric.AVERAGE_RISK_THEORY::of).toArray();
    double[] measured = drawn.stream().mapToDouble(Metric.AVERAGE_RISK::of).toArray();
    double[] errors =
        drawn.stream()
            .mapToDouble(r -> r.losses().get(Metric.AVERAGE_RISK.column()).halfWidth() / 2)
            .toArray();
    double[] ends = {
      Arrays.stream(theory).min().orElseThrow(), Arrays.stream(theory).max().orElseThrow()
    };
    return Optional.of(
        Curves.figure(
            "risk",
            "Excess risk of the mean weights: measured against theory",
            "%,d of %,d points, means over the seeds with their 95 %% interval; on the line they are equal. Theory has weights and gradients of binary64, and is the mean over all rows that could be drawn; these were drawn once."
                .formatted(drawn.size(), results.size()),
            source(),
            "average_risk_theory",
            true,
            "average_risk",
            true,
            List.of(
                Curve.line("equal", ends, ends).asReference(),
                Curve.marks("points", theory, measured, errors))));
  }

  private Figure parallel() {
    List<String> columns = new ArrayList<>(parameters);
    boolean priced = hasAny(price);
    if (priced) {
      columns.add(price.column());
    }
    columns.add(loss.column());
    List<List<Object>> rows = new ArrayList<>();
    for (Result r : results) {
      List<Object> row = new ArrayList<>();
      parameters.forEach(p -> row.add(value(r.point().settings().get(p))));
      if (priced) {
        row.add(price.of(r));
      }
      row.add(loss.of(r));
      rows.add(row);
    }
    return Parallel.figure(
        "parallel",
        "All points across their parameters",
        "One line a point, from blue for the least loss to orange. Drag along an axis to keep some.",
        source(),
        columns,
        rows);
  }

  /** A setting as a number if it is one, {@code 2^-5} too. */
  private static Object value(String setting) {
    if (setting == null) {
      return null;
    }
    try {
      return setting.startsWith("2^")
          ? Math.pow(2, Integer.parseInt(setting.substring(2)))
          : Double.parseDouble(setting);
    } catch (NumberFormatException e) {
      return setting;
    }
  }

  // ---- tables

  private Table points() {
    List<Metric> metrics = Arrays.stream(Metric.values()).filter(this::hasAny).toList();
    List<Metric> estimated =
        metrics.stream().filter(m -> results.stream().anyMatch(m::isEstimated)).toList();
    List<String> columns = new ArrayList<>(List.of("point"));
    columns.addAll(parameters);
    metrics.forEach(
        m -> {
          columns.add(m.column());
          if (m == loss) {
            columns.add("± 95 %");
          }
          if (estimated.contains(m)) {
            columns.add("± estimate");
          }
        });
    columns.addAll(List.of("seeds", "verified", "words compared", "on the front", "command"));
    List<Points.Point> plotted = plotted();
    Set<String> front =
        Points.front(plotted).stream().map(Points.Point::command).collect(Collectors.toSet());
    List<Result> sorted = new ArrayList<>(results);
    sorted.removeIf(r -> r.trained() == 0);
    sorted.sort(Comparator.comparingDouble(r -> Double.isNaN(loss.of(r)) ? 1 / 0.0 : loss.of(r)));
    List<List<Object>> rows = new ArrayList<>();
    for (Result r : sorted.subList(0, Math.min(MOST_ROWS, sorted.size()))) {
      List<Object> row = new ArrayList<>(List.of(id(r)));
      parameters.forEach(p -> row.add(r.point().settings().get(p)));
      for (Metric m : metrics) {
        row.add(cell(m.of(r)));
        if (estimated.contains(m)) {
          row.add(cell(m.error(r)));
        }
        if (m == loss) {
          row.add(cell(r.losses().getOrDefault(m.column(), Estimate.NONE).halfWidth()));
        }
      }
      row.add((long) r.trained());
      row.add(state(r));
      row.add(r.verification().map(v -> (Object) v.compared()).orElse(null));
      row.add(front.contains(command(r)) ? "yes" : "");
      row.add(command(r));
      rows.add(row);
    }
    String caption =
        rows.size() == sorted.size()
            ? "All %,d points with a training.".formatted(rows.size())
            : "The %,d of %,d points with the least loss; sweep.db has all."
                .formatted(rows.size(), sorted.size());
    if (!estimated.isEmpty()) {
      caption +=
          " ± estimate: the number before it was not measured; nine in ten of the cross-validated estimates were no further off, as a part of the measured value.";
    }
    return new Table("points", "Points", caption, columns, rows);
  }

  private static Object cell(double x) {
    return Double.isNaN(x) ? null : x == Math.rint(x) && Math.abs(x) < 1e15 ? (Object) (long) x : x;
  }

  /** What went wrong, by its reason. */
  private Optional<Table> problems() {
    Map<String, List<Result>> byReason = new LinkedHashMap<>();
    for (Result r : results) {
      Stream.of(
              r.point().problem().map(p -> "point: " + p),
              r.trainingProblem().map(p -> "training: " + p),
              r.verification()
                  .filter(v -> v.status().isBad())
                  .map(
                      v -> "cross-check: " + v.status() + v.reason().map(w -> ", " + w).orElse("")),
              r.cost()
                  .filter(c -> c.status().isBad())
                  .map(c -> "cost: " + c.status() + c.reason().map(w -> ", " + w).orElse("")))
          .flatMap(Optional::stream)
          .forEach(why -> byReason.computeIfAbsent(why, k -> new ArrayList<>()).add(r));
    }
    if (byReason.isEmpty()) {
      return Optional.empty();
    }
    List<List<Object>> rows = new ArrayList<>();
    byReason.forEach(
        (why, list) ->
            rows.add(List.of((long) list.size(), why, id(list.get(0)), settings(list.get(0)))));
    return Optional.of(
        new Table(
            "problems",
            "What went wrong",
            "Points by the reason; one of each is named.",
            List.of("points", "reason", "for instance", "settings"),
            rows));
  }

  // ---- facts

  private Map<String, Result> units() {
    Map<String, Result> units = new LinkedHashMap<>();
    results.forEach(r -> r.point().hardware().ifPresent(h -> units.putIfAbsent(h, r)));
    return units;
  }

  private String headline() {
    return results.stream()
        .filter(r -> Double.isFinite(loss.of(r)))
        .min(Comparator.comparingDouble(loss::of))
        .map(
            r ->
                "The least %s is %s, of %s: %s."
                    .formatted(
                        loss.column(),
                        estimate(r.losses().get(loss.column())),
                        settings(r).isEmpty() ? "point " + id(r) : settings(r),
                        state(r)))
        .orElse("No point has a result yet.");
  }

  private List<Fact> facts() {
    List<Fact> list = new ArrayList<>();
    long complete =
        results.stream()
            .filter(r -> !r.members().isEmpty() && r.trained() == r.members().size())
            .count();
    long failed =
        results.stream().filter(r -> r.bad() > 0 || r.point().problem().isPresent()).count();
    list.add(new Fact("Points", whole(results.size())));
    list.add(new Fact("Trained", whole(complete), complete + failed == results.size()));
    list.add(new Fact("Failed", whole(failed), failed == 0));
    Map<String, Result> units = units();
    long verified = units.values().stream().filter(Result::isVerified).count();
    long differ = units.values().stream().filter(r -> state(r).equals("RTL differs")).count();
    long compared =
        units.values().stream()
            .mapToLong(r -> r.verification().map(SweepStore.Verification::compared).orElse(0L))
            .sum();
    list.add(new Fact("Hardware units", whole(units.size())));
    list.add(new Fact("Verified", whole(verified), verified == units.size() && verified > 0));
    list.add(new Fact("RTL differs", whole(differ), differ == 0));
    list.add(new Fact("Words compared", whole(compared), compared > 0));
    long priced =
        units.values().stream()
            .filter(r -> r.cost().map(c -> c.status() == Status.DONE).orElse(false))
            .count();
    list.add(new Fact("Priced", whole(priced), priced == units.size() && priced > 0));
    long estimated =
        units.values().stream()
            .filter(r -> r.cost().map(c -> c.status() == Status.ESTIMATED).orElse(false))
            .count();
    if (estimated > 0) {
      list.add(new Fact("Price estimated", whole(estimated), false));
    }
    return list;
  }

  private static String whole(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private List<Fact> provenance() {
    List<Fact> list = new ArrayList<>();
    list.add(new Fact("This page", "halfulp report " + ReportCommand.quoted(folder)));
    for (Invocation i : invocations) {
      String seconds =
          i.seconds().entrySet().stream()
              .map(e -> String.format(Locale.ROOT, "%s %.1f s", e.getKey(), e.getValue()))
              .collect(Collectors.joining(", "));
      list.add(
          new Fact(
              "Run of " + i.started().replaceAll("\\.\\d+Z$", "Z"),
              "%s%n%d workers; %s"
                  .formatted(
                      i.command(),
                      i.jobs(),
                      i.ended().isEmpty() ? "running, or was killed" : seconds)));
    }
    Map<String, String> versions = new TreeMap<>();
    invocations.forEach(i -> versions.putAll(i.versions()));
    for (Result r : results) {
      r.figures().values().forEach(f -> versions.put(f.tool(), f.version()));
      r.cost().ifPresent(c -> versions.put("target of synthesis", c.target()));
    }
    versions.forEach((name, version) -> list.add(new Fact(name, version)));
    list.add(new Fact("Sweep", sweep.id()));
    return list;
  }
}
