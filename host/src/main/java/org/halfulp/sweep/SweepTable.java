package org.halfulp.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A sweep's result as text of 80 columns, and as a tree for JSON. */
public final class SweepTable {
  private static final int WIDTH = 80;
  private static final int SHORT = 10; // digits of a point's identity

  private SweepTable() {}

  public static String json(Object tree) {
    return RunFolder.json(tree);
  }

  /** The command that writes a point's description and trains it with its RTL. */
  public static String command(Path folder, SweepStore.Result r) {
    return "halfulp sweep show %s %s | halfulp train /dev/stdin"
        .formatted(quoted(folder.toString()), r.point().id().substring(0, SHORT));
  }

  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  /** The front and what became of all points. */
  public static String text(Path folder, SweepStore.Sweep sweep, Front front, Counts counts) {
    StringBuilder out = new StringBuilder();
    line(
        out,
        "%s: %,d points of %d seed%s; %s",
        sweep.name(),
        counts.points(),
        counts.seeds(),
        counts.seeds() == 1 ? "" : "s",
        counts.words());
    line(
        out,
        "%,d units: %,d verified, %,d differ, %,d not verified; %,d priced%s%s",
        counts.units(),
        counts.verified(),
        counts.differing(),
        counts.units() - counts.verified() - counts.differing(),
        counts.priced(),
        counts.estimated() == 0 ? "" : ", %,d estimated".formatted(counts.estimated()),
        counts.compared() == 0 ? "" : "; %,d words compared".formatted(counts.compared()));
    counts.whyWithoutUnit.ifPresent(
        why ->
            line(out, "%,d of the points without a unit; the first: %s", counts.withoutUnit, why));
    out.append('\n');
    List<Metric> objectives = front.objectives();
    line(
        out,
        "Pareto front of %s: %,d point%s, %,d dominated%s",
        String.join(", ", objectives.stream().map(Metric::column).toList()),
        front.points().size(),
        front.points().size() == 1 ? "" : "s",
        front.dominated(),
        front.incomplete() == 0 ? "" : ", %,d left out".formatted(front.incomplete()));
    for (SweepStore.Result r : front.points()) {
      List<String> cells = new ArrayList<>();
      for (Metric m : objectives) {
        cells.add(cell(r, m));
      }
      line(out, "  %s  %s", String.join("  ", cells), verified(r));
      StringBuilder settings = new StringBuilder();
      r.point().settings().forEach((k, v) -> settings.append(' ').append(k).append('=').append(v));
      wrap(out, settings.toString());
      line(out, "      %s", command(folder, r));
    }
    return out.toString();
  }

  private static void wrap(StringBuilder out, String words) {
    StringBuilder text = new StringBuilder("     ");
    for (String word : words.strip().split(" ")) {
      if (text.length() + 1 + word.length() > WIDTH && !text.toString().isBlank()) {
        out.append(text).append('\n');
        text = new StringBuilder("     ");
      }
      text.append(' ').append(word);
    }
    out.append(text).append('\n');
  }

  private static String cell(SweepStore.Result r, Metric m) {
    double x = m.of(r);
    Estimate e = r.losses().get(m.column());
    if (e == null) {
      return m.isEstimated(r)
          ? String.format(
              Locale.ROOT,
              "~%.0f (estimate, +-%.1f %%%s)",
              x,
              100 * m.error(r),
              m.estimate(r).orElseThrow().version().contains(UnitPricer.OUTSIDE)
                  ? ", outside of what was measured"
                  : "")
          : String.format(Locale.ROOT, x == Math.rint(x) ? "%7.0f" : "%7.2f", x);
    }
    return e.n() < 2
        ? String.format(Locale.ROOT, "%.6f", x)
        : String.format(Locale.ROOT, "%.6f +- %.6f", x, e.halfWidth());
  }

  private static String verified(SweepStore.Result r) {
    Optional<SweepStore.Verification> v = r.verification();
    if (v.isEmpty()) {
      return "not verified" + (r.point().hardware().isEmpty() ? " (no RTL)" : "");
    }
    return r.isVerified()
        ? "verified, %,d words%s"
            .formatted(v.get().compared(), v.get().exhausted() ? ", all pairs" : "")
        : v.get().status() == Status.DIFFERS ? "DIFFERS" : "not verified: " + v.get().status();
  }

  private static void line(StringBuilder out, String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  /** A point as a tree: settings, losses with intervals, unit, figures, status. */
  public static Map<String, Object> tree(Path folder, SweepStore.Result r) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("point", r.point().id());
    tree.put("number", r.point().number());
    tree.put("settings", r.point().settings());
    tree.put("seeds", r.members().size());
    tree.put("trained", r.trained());
    tree.put("failed", r.bad());
    Map<String, Object> losses = new LinkedHashMap<>();
    r.losses()
        .forEach(
            (name, e) -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("mean", number(e.mean()));
              one.put("interval95", number(e.halfWidth()));
              one.put("seeds", e.n());
              losses.put(name, one);
            });
    tree.put("losses", losses);
    tree.put("state_bits", r.point().stateBits() < 0 ? null : r.point().stateBits());
    tree.put("verified", r.isVerified());
    r.verification()
        .ifPresent(
            v -> {
              Map<String, Object> check = new LinkedHashMap<>();
              check.put("status", v.status().toString());
              v.reason().ifPresent(why -> check.put("reason", why));
              check.put("compared", v.compared());
              check.put("distinct", v.distinct() < 0 ? null : v.distinct());
              check.put("differing", v.differing());
              check.put("exhausted", v.exhausted());
              tree.put("verification", check);
            });
    r.hardware().ifPresent(h -> tree.put("unit", h.description()));
    Map<String, Object> figures = new LinkedHashMap<>();
    r.figures()
        .forEach(
            (name, f) -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("value", number(f.value()));
              one.put("unit", f.unit());
              one.put("spread", number(f.spread()));
              if (f.isEstimate()) {
                one.put("estimate_error", f.error());
              }
              one.put("tool", f.tool());
              one.put("version", f.version());
              figures.put(name, one);
            });
    tree.put("figures", figures);
    r.point().problem().or(r::trainingProblem).ifPresent(p -> tree.put("problem", p));
    tree.put("command", command(folder, r));
    return tree;
  }

  private static Object number(double x) {
    return Double.isFinite(x) ? (Object) x : Double.isNaN(x) ? null : String.valueOf(x);
  }

  /** How many points and units there are in which state. */
  public static final class Counts {
    private long points;
    private long complete;
    private long bad;
    private long refused;
    private long withoutUnit;
    private long open;
    private int seeds;
    private Optional<String> firstProblem = Optional.empty();
    private Optional<String> whyWithoutUnit = Optional.empty();
    private final Map<String, SweepStore.Result> byUnit = new LinkedHashMap<>();

    public void add(SweepStore.Result r) {
      points++;
      if (r.members().isEmpty()) {
        refused++;
      } else if (r.point().problem().isPresent()) {
        withoutUnit++;
        whyWithoutUnit = whyWithoutUnit.or(() -> r.point().problem());
      }
      seeds = Math.max(seeds, r.members().size());
      if (r.bad() > 0 || r.members().isEmpty()) {
        bad++;
        firstProblem = firstProblem.or(r::trainingProblem).or(() -> r.point().problem());
      } else if (r.trained() == r.members().size()) {
        complete++;
      } else {
        open++;
      }
      r.point().hardware().ifPresent(h -> byUnit.putIfAbsent(h, r));
    }

    public long points() {
      return points;
    }

    int seeds() {
      return seeds;
    }

    /** Points with all their trainings, {@code bad} with one that failed or none. */
    public long complete() {
      return complete;
    }

    public long bad() {
      return bad;
    }

    /** Points whose description was refused: there is nothing to train. */
    public long refused() {
      return refused;
    }

    public long units() {
      return byUnit.size();
    }

    public long verified() {
      return byUnit.values().stream().filter(SweepStore.Result::isVerified).count();
    }

    public long differing() {
      return byUnit.values().stream()
          .filter(r -> r.verification().map(v -> v.status() == Status.DIFFERS).orElse(false))
          .count();
    }

    /** Units whose check or price failed. */
    public long badUnits() {
      return byUnit.values().stream()
          .filter(
              r ->
                  r.verification().map(v -> v.status().isBad()).orElse(false)
                      || r.cost().map(c -> c.status().isBad()).orElse(false))
          .count();
    }

    /** Units whose price was measured. */
    public long priced() {
      return priced(Status.DONE);
    }

    public long estimated() {
      return priced(Status.ESTIMATED);
    }

    private long priced(Status status) {
      return byUnit.values().stream()
          .filter(r -> r.cost().map(c -> c.status() == status).orElse(false))
          .count();
    }

    public long compared() {
      return byUnit.values().stream()
          .mapToLong(r -> r.verification().map(SweepStore.Verification::compared).orElse(0L))
          .sum();
    }

    public Optional<String> firstProblem() {
      return firstProblem
          .or(
              () ->
                  byUnit.values().stream()
                      .flatMap(
                          r -> r.verification().flatMap(SweepStore.Verification::reason).stream())
                      .findFirst())
          .or(
              () ->
                  byUnit.values().stream()
                      .flatMap(r -> r.cost().flatMap(SweepStore.CostRow::reason).stream())
                      .findFirst());
    }

    String words() {
      String text = "%,d trained".formatted(complete);
      if (bad > 0) {
        text += ", %,d failed".formatted(bad);
      }
      return open > 0 ? text + ", %,d open".formatted(open) : text;
    }
  }
}
