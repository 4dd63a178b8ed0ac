package org.halfulp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.cost.Flow;
import org.halfulp.cost.Pricer;
import org.halfulp.cost.Target;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionWriter;
import org.halfulp.input.InputException;
import org.halfulp.input.SweepSpec;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.ToolException;
import org.halfulp.sweep.Front;
import org.halfulp.sweep.Metric;
import org.halfulp.sweep.Search;
import org.halfulp.sweep.SweepStore;
import org.halfulp.sweep.SweepTable;
import org.halfulp.sweep.Sweeper;
import org.halfulp.sweep.UnitPricer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code halfulp sweep}: a design space, point by point. */
@Command(
    name = "sweep",
    description = {
      "Train, verify and price every point of a design space.",
      "",
      "SPEC is a description with a 'sweep' section: parameters with lists of values, conditions,"
          + " seeds, objectives. Each distinct training run and each distinct unit of RTL is done"
          + " once. Every result is on the disk before it is reported: run the command again and it"
          + " goes on where it was stopped. Ends with the Pareto front."
    },
    subcommands = {SweepCommand.Show.class, SweepCommand.Export.class},
    footer = {
      "",
      "Exit: 0 good; 1 a point failed or RTL and emulator differ; 2 bad input, of all points for"
          + " instance; 3 a tool is missing or broke.",
      "",
      "Examples:",
      "  halfulp sweep examples/sweep-formats.yaml --out runs/formats",
      "  halfulp sweep examples/concrete.yaml --set weight_format=q2.4,q2.6 --no-rtl",
      "  halfulp sweep export runs/formats --to front.csv"
    })
final class SweepCommand implements Callable<Integer> {
  @Spec private CommandSpec self;
  @ParentCommand private Main main;

  @Parameters(paramLabel = "SPEC", arity = "0..1", description = "The sweep, a .yaml file.")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the results, new or of a sweep. Default: runs/<name>.")
  private Path out;

  @Option(
      names = "--set",
      paramLabel = "KEY=A,B",
      description = "Values of a parameter, in place of the spec's or beside them.")
  private List<String> set = new ArrayList<>();

  @Option(
      names = "--strategy",
      paramLabel = "S",
      defaultValue = "grid",
      description = "grid, random, halving or evolve. Default: grid.")
  private String strategy;

  @Option(
      names = "--points",
      paramLabel = "N",
      description = "Points drawn (random), begun with (halving), evaluated (evolve).")
  private Integer points;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of the strategy's draws. Default: 1.")
  private long seed;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Threads; the numbers do not depend on it. Default: one a core.")
  private Integer jobs;

  @Option(
      names = "--shard",
      paramLabel = "i/N",
      description = "Only the i-th of N parts; 'halfulp merge' puts their folders together.")
  private String shard;

  @Option(names = "--no-rtl", description = "Verify nothing; needs no Verilator.")
  private boolean noRtl;

  @Option(names = "--no-cost", description = "Price nothing.")
  private boolean noCost;

  @Option(
      names = "--target",
      paramLabel = "T",
      defaultValue = "ice40",
      description = "Priced for ice40, ecp5, xc7 or generic. Default: ice40.")
  private String target;

  @Option(
      names = "--cost-seeds",
      paramLabel = "K",
      defaultValue = "3",
      description = "Place and route with K seeds, the median clock counts; 0: none. Default: 3.")
  private int costSeeds;

  @Option(
      names = "--cost-units",
      paramLabel = "N",
      description =
          "Measure N of the units, drawn; estimate the prices of the others from what was measured,"
              + " here or before, and mark them. Default: measure all.")
  private Integer costUnits;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (file == null) {
      throw new IllegalArgumentException(
          "a SPEC is needed, for instance: halfulp sweep examples/sweep-formats.yaml");
    }
    int threads = jobs == null ? Runtime.getRuntime().availableProcessors() : jobs;
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException("--jobs must be in [1, 1024], got " + jobs);
    }
    if (points != null && (points < 1 || points > SweepSpec.MOST_POINTS)) {
      throw new IllegalArgumentException(
          "--points must be in [1, %d], got %d".formatted(SweepSpec.MOST_POINTS, points));
    }
    if (costUnits != null && costUnits < 0) {
      throw new IllegalArgumentException("--cost-units must be at least 0, got " + costUnits);
    }
    if (!List.of("grid", "random", "halving", "evolve").contains(strategy)) {
      throw new IllegalArgumentException(
          "--strategy must be grid, random, halving or evolve, got '" + strategy + "'");
    }
    if (points == null && (strategy.equals("random") || strategy.equals("evolve"))) {
      throw new IllegalArgumentException("--strategy " + strategy + " needs --points N");
    }
    if (points != null && strategy.equals("grid")) {
      throw new IllegalArgumentException(
          "--points is of the strategies random, halving and evolve; the grid has all its points");
    }
    Search.Shard part = shard();
    SweepSpec spec = SweepSpec.read(file, settings());
    List<Metric> chosen = chosen(spec);
    if (strategy.equals("grid")) {
      spec.size(); // too many are refused before a folder is made
    }
    Path folder = out == null ? Path.of("runs", spec.name()) : out;
    Optional<ModelCache> models = noRtl ? Optional.empty() : Optional.of(ModelCache.open());
    Optional<UnitPricer> pricer = noCost ? Optional.empty() : pricer();
    try (SweepStore store = SweepStore.write(folder)) {
      Bars bars = new Bars();
      Sweeper sweeper =
          new Sweeper(
              spec,
              store,
              threads,
              models,
              pricer,
              costUnits == null ? Integer.MAX_VALUE : costUnits,
              bars);
      List<Metric> objectives = objectives(chosen, pricer.map(UnitPricer::figures));
      store.begin(spec, sweeper.sweep(), objectives, command(), versions(spec, models), threads);
      Search search = new Search(spec, store, sweeper, objectives);
      switch (strategy) {
        case "grid" -> search.grid(part);
        case "random" -> search.random(points, seed, part);
        case "halving" -> search.halving(Optional.ofNullable(points), seed);
        default -> search.evolve(points, seed);
      }
      store.end(sweeper.seconds());
      sweeper.noEstimate().ifPresent(why -> main.say("sweep: " + why));
      return show(folder, store, sweeper, objectives);
    }
  }

  /**
   * Those that this run can have. Where none of cost is left, LUTs or nodes stand in, or state
   * where nothing is priced.
   *
   * @param figures of a priced unit; empty where nothing is priced
   */
  private List<Metric> objectives(List<Metric> chosen, Optional<List<String>> figures) {
    List<String> given = figures.orElse(List.of());
    Metric area = Metric.LUTS.isAmong(given) ? Metric.LUTS : Metric.AIG_NODES;
    List<Metric> all =
        chosen.isEmpty()
            ? List.of(Metric.AVERAGE_TRAIN_LOSS, figures.isPresent() ? area : Metric.LUTS)
            : chosen;
    Set<Metric> left = new LinkedHashSet<>(all);
    left.removeIf(m -> m.isOfCost() && !m.isAmong(given));
    if (left.containsAll(all)) {
      return all;
    }
    boolean replaced = left.stream().noneMatch(Metric::isOfCost);
    if (replaced) {
      left.add(figures.isPresent() ? area : Metric.STATE_BITS);
    }
    if (figures.isPresent()) {
      main.say(
          "sweep: objectives without %s, which the target %s has not here%s"
              .formatted(
                  all.stream()
                      .filter(m -> !left.contains(m))
                      .map(Metric::column)
                      .collect(Collectors.joining(", ")),
                  target,
                  replaced ? "; %s in their place".formatted(area.column()) : ""));
    }
    return List.copyOf(left);
  }

  private static List<Metric> chosen(SweepSpec spec) {
    try {
      return spec.objectives().stream().map(Metric::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new InputException(spec.file() + ": sweep.objectives: " + e.getMessage());
    }
  }

  private Search.Shard shard() {
    if (shard == null) {
      return Search.Shard.ALL;
    }
    if (!shard.matches("\\d{1,6}/\\d{1,6}")) {
      throw new IllegalArgumentException(
          "--shard must be i/N with i in 1..N, for instance 2/8, got '" + shard + "'");
    }
    if (!strategy.equals("grid") && !strategy.equals("random")) {
      throw new IllegalArgumentException("--shard is for the strategies grid and random");
    }
    String[] two = shard.split("/");
    return new Search.Shard(Integer.parseInt(two[0]), Integer.parseInt(two[1]));
  }

  private Map<String, List<String>> settings() {
    Map<String, List<String>> map = new LinkedHashMap<>();
    for (String text : set) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "--set must be KEY=A,B, for instance --set format=e4m3fn,q2.6; got '" + text + "'");
      }
      String key = text.substring(0, equals);
      if (map.put(key, List.of(text.substring(equals + 1).split(",", -1))) != null) {
        throw new IllegalArgumentException("--set " + key + " is given twice");
      }
    }
    return map;
  }

  /** None, and said so, without Yosys; without nextpnr there is no clock. */
  private Optional<UnitPricer> pricer() {
    Flow flow = Flow.DEFAULT.target(Target.parse(target)).seeds(costSeeds);
    try {
      Pricer pricer = Pricer.open();
      try {
        pricer.checkRouter(flow);
      } catch (ToolException e) {
        main.say("sweep: no clock frequencies: " + e.getMessage());
        flow = flow.seeds(0);
      }
      return Optional.of(new UnitPricer(pricer, flow));
    } catch (ToolException e) {
      main.say("sweep: nothing is priced: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** As it was typed. */
  private String command() {
    return self.root().commandLine().getParseResult().originalArgs().stream()
        .map(word -> ReportCommand.quoted(Path.of(word)))
        .collect(Collectors.joining(" ", "halfulp ", ""));
  }

  private static Map<String, String> versions(SweepSpec spec, Optional<ModelCache> models) {
    Map<String, String> map = new LinkedHashMap<>();
    if (spec.at(Map.of()).data().source() instanceof Description.Csv csv) {
      try {
        map.put(
            "SHA-256 of " + csv.file().getFileName(),
            RunPage.sha256(Files.readAllBytes(csv.file())));
      } catch (IOException e) {
        throw new InputException(csv.file() + ": cannot be read: " + e.getMessage());
      }
    }
    map.put("halfulp", Main.Version.number());
    map.put("java", System.getProperty("java.version"));
    models.ifPresent(m -> map.put("verilator", m.verilator()));
    return map;
  }

  private int show(Path folder, SweepStore store, Sweeper sweeper, List<Metric> objectives) {
    SweepStore.Sweep sweep = store.latest().orElseThrow();
    SweepTable.Counts counts = new SweepTable.Counts();
    Front.Builder builder = new Front.Builder(objectives);
    store.results(
        sweep.id(),
        r -> {
          counts.add(r);
          builder.add(r);
        });
    Front front = builder.build();
    var text = main.text();
    if (json) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("name", sweep.name());
      tree.put("sweep", sweep.id());
      tree.put("folder", folder.toString());
      tree.put("points", counts.points());
      tree.put("trained", counts.complete());
      tree.put("failed", counts.bad());
      tree.put("units", counts.units());
      tree.put("units_verified", counts.verified());
      tree.put("units_differing", counts.differing());
      tree.put("units_priced", counts.priced());
      tree.put("units_estimated", counts.estimated());
      tree.put("words_compared", counts.compared());
      tree.put("seconds", sweeper.seconds());
      tree.put("objectives", objectives.stream().map(Metric::column).toList());
      tree.put("dominated", front.dominated());
      tree.put("incomplete", front.incomplete());
      tree.put("front", front.points().stream().map(r -> SweepTable.tree(folder, r)).toList());
      text.println(SweepTable.json(tree));
    } else {
      text.print(SweepTable.text(folder, sweep, front, counts));
      text.println();
      sweeper
          .tallies()
          .forEach(
              (phase, t) -> {
                if (t.parts() > 0) {
                  text.println(
                      String.format(
                          Locale.ROOT,
                          "  %-7s %,d in %.1f s, %,d known before",
                          phase.toString().toLowerCase(Locale.ROOT),
                          t.done(),
                          t.seconds(),
                          Math.max(0, t.parts() - t.done())));
                }
              });
      text.println("  folder  " + folder);
    }
    if (counts.bad() > 0 || counts.badUnits() > 0) {
      text.flush();
      main.say(
          "sweep: %,d of %,d points and %,d of %,d units failed%s"
              .formatted(
                  counts.bad(),
                  counts.points(),
                  counts.badUnits(),
                  counts.units(),
                  counts.firstProblem().map(p -> "; the first: " + p).orElse("")));
      return counts.refused() == counts.points() ? Main.BAD_INPUT : Main.CHECK_FAILED;
    }
    return Main.GOOD;
  }

  /** A progress line a phase, where somebody looks. */
  private static final class Bars implements Sweeper.Listener {
    private final AtomicLong bad = new AtomicLong();
    private volatile ProgressBar bar;

    @Override
    public void begins(Sweeper.Phase phase, long total) {
      bad.set(0);
      bar = Progress.bar(phase.toString().toLowerCase(Locale.ROOT), total, " done", 1);
    }

    @Override
    public void done(Sweeper.Phase phase, boolean failed) {
      ProgressBar now = bar;
      if (now != null) {
        now.step();
        if (failed) {
          now.setExtraMessage(bad.incrementAndGet() + " failed");
        }
      }
    }

    @Override
    public void ends(Sweeper.Phase phase) {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }

  /** {@code halfulp sweep show}. */
  @Command(
      name = "show",
      description = "Print the description of a point of a sweep, for 'halfulp train'.",
      footer = {
        "",
        "Example:",
        "  halfulp sweep show runs/formats 3f2a90 | halfulp train /dev/stdin"
      })
  static final class Show implements Callable<Integer> {
    @ParentCommand private SweepCommand sweep;

    @Parameters(paramLabel = "DIR", description = "The sweep's folder.")
    private Path folder;

    @Parameters(paramLabel = "POINT", description = "The point's identity, or how it begins.")
    private String point;

    @Option(names = "--seed", paramLabel = "S", description = "Default: the point's first.")
    private Long seed;

    @Override
    public Integer call() {
      try (SweepStore store = SweepStore.read(folder)) {
        sweep.main.text().print(DescriptionWriter.write(store.description(point, seed)));
      }
      return Main.GOOD;
    }
  }

  /** {@code halfulp sweep export}. */
  @Command(
      name = "export",
      description = {
        "Write the points of a sweep as CSV, JSON lines or Parquet, a row a point.",
        "",
        "Losses are means over the seeds; columns *_interval95 are half the width of the 95 %"
            + " interval. While a sweep runs this shows what there is."
      },
      footer = {"", "Example:", "  halfulp sweep export runs/formats --to points.csv"})
  static final class Export implements Callable<Integer> {
    @ParentCommand private SweepCommand sweep;

    @Parameters(paramLabel = "DIR", description = "The sweep's folder.")
    private Path folder;

    @Option(
        names = "--to",
        required = true,
        paramLabel = "FILE",
        description = "A file that ends in .csv, .jsonl or .parquet.")
    private Path to;

    @Override
    public Integer call() throws IOException {
      try (SweepStore store = SweepStore.read(folder)) {
        long rows = org.halfulp.sweep.SweepExport.write(store, folder, to);
        sweep.main.say("%s: %,d points".formatted(to, rows));
      }
      return Main.GOOD;
    }
  }
}
