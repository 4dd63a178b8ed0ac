package org.halfulp.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.tongfei.progressbar.ProgressBar;
import org.halfulp.cost.Cost;
import org.halfulp.cost.Estimate;
import org.halfulp.cost.Estimator;
import org.halfulp.cost.Flow;
import org.halfulp.cost.HardwarePoint;
import org.halfulp.cost.Pricer;
import org.halfulp.cost.Target;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionReader;
import org.halfulp.input.InputException;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.sim.ModelCache;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UnitFamily;
import org.halfulp.verify.UnitRequest;
import org.halfulp.verify.UpdateModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp cost}: what a unit costs in hardware. */
@Command(
    name = "cost",
    description = {
      "Measure area and speed of a unit with Yosys and nextpnr.",
      "",
      "The unit stands between one register rank on every input and one on every output, which are"
          + " counted, so that every path is from register to register. What was measured is kept"
          + " and found again. Options of the unit and --target may list values: each combination"
          + " is a row."
    },
    footer = {
      "",
      "Units: those of halfulp verify. A training description (.yaml) stands for its update unit.",
      "",
      "  lc      logic cells that hold a LUT, a carry or a flip-flop (ice40)",
      "  fmax    the slowest path, median of the seeds with smallest and largest (ice40)",
      "  levels  LUTs, carries and multiplexers on the longest path",
      "  aig     nodes and depth of the and-inverter graph (generic)",
      "",
      "Exit: 0 measured; 2 bad usage or input; 3 a tool is missing or broke.",
      "",
      "Examples:",
      "  halfulp cost fp_add --format e4m3fn,e5m2 --rounding rne,sr",
      "  halfulp cost fp_mul --format bf16 --stages 0,2,4 --abc9",
      "  halfulp cost fp_fma --format fp16 --target xc7,ecp5,generic --json",
      "  halfulp cost examples/concrete.yaml",
      "  halfulp cost sgd_update --format e4m3fn --to e5m2 --seeds 0 --estimate"
    })
final class CostCommand implements Callable<Integer> {
  private static final int MAX_MINUTES = 24 * 60;

  @ParentCommand private Main main;

  @Parameters(paramLabel = "UNIT", description = "A unit's name, or a description.yaml.")
  private String what;

  @Mixin private UnitOptions unitOptions;

  @Option(
      names = "--target",
      paramLabel = "T",
      defaultValue = "ice40",
      description = "ice40 ecp5 xc7 generic. Default: ice40, which alone is placed and routed.")
  private String targets;

  @Option(
      names = "--lanes",
      paramLabel = "L",
      description = "Lanes of the top. Default: 1, or the description's.")
  private String lanes;

  @Option(
      names = "--seeds",
      paramLabel = "K",
      defaultValue = "3",
      description = "Seeds of place and route; 0: synthesis alone. Default: 3.")
  private String seeds;

  @Option(names = "--abc9", description = "The timing-driven mapper (synth_... -abc9).")
  private boolean abc9;

  @Option(
      names = "--dsp",
      description = "Let multiplications go into DSP blocks (xc7, ecp5). Default: LUTs alone.")
  private boolean dsp;

  @Option(names = "--no-flags", description = "Leave out_flags unconnected.")
  private boolean noFlags;

  @Option(names = "--sub", description = "in_sub is an input. Default: it is 0.")
  private boolean sub;

  @Option(
      names = "--stream",
      description = "Count valid, ready and reset. Default: they are 1, the datapath alone.")
  private boolean stream;

  @Option(
      names = "--timeout",
      paramLabel = "MIN",
      defaultValue = "10",
      description = "Minutes that one run of a tool may take. Default: 10.")
  private String timeout;

  @Option(
      names = "--estimate",
      description =
          "Measure nothing: fit what was measured of this unit with the same options, and print"
              + " estimates, with their errors, where nothing was.")
  private boolean estimate;

  @Option(names = "--jobs", paramLabel = "N", description = "Default: one a processor.")
  private String jobs;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  /** What is measured, and what it is called. */
  private record Point(
      String label, Map<String, String> labels, int lanes, HardwarePoint hardware) {}

  @Override
  public Integer call() {
    Path cache = ModelCache.defaultFolder(System.getenv());
    List<Point> points =
        what.endsWith(".yaml") || what.endsWith(".yml") ? described(cache) : requested(cache);
    Flow flow =
        Flow.DEFAULT
            .seeds(VerifyCommand.integer("--seeds", seeds, 0, Flow.MAX_SEEDS))
            .abc9(abc9)
            .dsp(dsp)
            .flags(!noFlags)
            .sub(sub)
            .stream(stream)
            .limit(Duration.ofMinutes(VerifyCommand.integer("--timeout", timeout, 1, MAX_MINUTES)));
    List<Flow> flows = new ArrayList<>();
    for (String target : UnitOptions.list(targets)) {
      flows.add(flow.target(Target.parse(target)));
    }
    Pricer pricer = new Pricer(cache, System.getenv());
    CostReport report =
        new CostReport(
            estimate ? estimated(pricer, points, flows) : measure(pricer, points, flows));
    if (json) {
      report.json(main.text());
    } else {
      report.text(main.text());
    }
    return Main.GOOD;
  }

  private List<Point> requested(Path cache) {
    UnitFamily family = Catalogue.of(what);
    List<Path> sources = RtlSources.of(family.top(), cache);
    List<Point> points = new ArrayList<>();
    for (UnitRequest request : unitOptions.requests()) {
      Unit unit = family.unit(request);
      int few = unit.allows(1) ? 1 : unit.lanes();
      for (String text : UnitOptions.list(lanes)) {
        int n = text == null ? few : VerifyCommand.integer("--lanes", text, 1, 1024);
        if (!unit.allows(n)) {
          throw new InputException("%s cannot have %d lanes".formatted(unit.name(), n));
        }
        String label = unit.describe() + (n == 1 ? "" : ", " + counted(n, "lane"));
        HardwarePoint hardware = HardwarePoint.of(unit.build(sources, n));
        points.add(new Point(label, unit.labels(), n, dsp ? hardware.withDsp() : hardware));
      }
    }
    return points;
  }

  private static String counted(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  private List<Point> described(Path cache) {
    if (unitOptions.given()) {
      throw new InputException(
          "a description says the unit itself; leave out --format, --rounding and the like");
    }
    Description description = DescriptionReader.read(Path.of(what), UpdateModel::check);
    UpdateUnit unit =
        description
            .datapath()
            .updateUnit()
            .orElseThrow(
                () -> new InputException(what + ": weights without a format have no update unit"));
    List<Point> points = new ArrayList<>();
    for (String text : UnitOptions.list(lanes)) {
      int n =
          text == null
              ? description.datapath().lanes()
              : VerifyCommand.integer("--lanes", text, 1, 1024);
      HardwarePoint hardware =
          HardwarePoint.of(UpdateModel.build(RtlSources.sgdUpdate(cache), unit, n));
      String label =
          "%s: sgd_update %s, %s".formatted(description.name(), unit, counted(n, "lane"));
      points.add(new Point(label, Map.of("description", description.name()), n, hardware));
    }
    return points;
  }

  /** Measurements that are there, and estimates for the others. */
  private static List<CostReport.Row> estimated(
      Pricer pricer, List<Point> points, List<Flow> flows) {
    List<CostReport.Row> rows = new ArrayList<>();
    for (Flow flow : flows) {
      List<Cost> priced = pricer.priced(points.get(0).hardware, flow); // one top, one basis
      Map<String, Estimator> fitted = new LinkedHashMap<>();
      for (Point p : points) {
        Optional<Cost> known = pricer.known(p.hardware, flow);
        if (known.isPresent()) {
          rows.add(new CostReport.Row(p.label, p.labels, p.lanes, known.get(), true, List.of()));
          continue;
        }
        List<Estimate> estimates = new ArrayList<>();
        for (String figure : flow.figures()) {
          estimates.add(
              fitted.computeIfAbsent(figure, f -> Estimator.fit(f, priced)).estimate(p.hardware));
        }
        Cost none =
            new Cost(
                pricer.hash(p.hardware, flow),
                "",
                p.hardware.top(),
                p.hardware.parameters(),
                flow.target().label(),
                List.of(),
                List.of(),
                0);
        rows.add(new CostReport.Row(p.label, p.labels, p.lanes, none, false, estimates));
      }
    }
    return rows;
  }

  private List<CostReport.Row> measure(Pricer pricer, List<Point> points, List<Flow> flows) {
    int threads =
        jobs == null
            ? Runtime.getRuntime().availableProcessors()
            : VerifyCommand.integer("--jobs", jobs, 1, 256);
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "cost");
              thread.setDaemon(true);
              return thread;
            });
    try (ProgressBar bar = Progress.bar("cost", (long) points.size() * flows.size(), " units", 1)) {
      List<Future<CostReport.Row>> rows = new ArrayList<>();
      for (Flow flow : flows) {
        for (Point p : points) {
          rows.add(
              pool.submit(
                  () -> {
                    boolean known = pricer.known(p.hardware, flow).isPresent();
                    Cost cost = pricer.price(p.hardware, flow);
                    if (bar != null) {
                      bar.step();
                    }
                    return new CostReport.Row(p.label, p.labels, p.lanes, cost, known, List.of());
                  }));
        }
      }
      List<CostReport.Row> done = new ArrayList<>();
      for (Future<CostReport.Row> row : rows) {
        done.add(row.get());
      }
      return done;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      pool.shutdownNow();
    }
  }
}
