package org.halfulp.coverage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.ToolException;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilogException;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.Device;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UnitFamily;
import org.halfulp.verify.UnitModel;
import org.halfulp.verify.UnitRequest;

/**
 * How much of the Verilog the campaigns execute: Verilator counts lines and toggled bits while
 * {@code halfulp verify all} runs, with ranks and stalls; counts of all runs are added.
 *
 * <p>Arguments: a folder for the counts (lcov's {@code coverage.info} among them), the table to
 * write, names of units (none for all). Exit 1 if a count is below the goal, or a run differs.
 */
public final class Coverage {
  private static final int LANES = 1;
  private static final int LANES_OF_SUMS = 5; // levels of a tree, one with a left over lane
  private static final long VECTORS = 1 << 16;
  private static final Stalls STALLS = new Stalls(30, 30, 1);
  private static final double LINE_GOAL = 1;
  private static final double TOGGLE_GOAL = 0.98;

  private final ModelCache cache = Fixtures.cache();
  private final Path folder;
  private final AtomicInteger files = new AtomicInteger();
  private final List<String> differing = new ArrayList<>();
  private int runs;
  private long compared;

  private Coverage(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] args) throws Exception {
    if (args.length < 2) {
      System.err.println("usage: Coverage FOLDER TABLE [UNIT...]");
      System.exit(2);
    }
    Coverage coverage = new Coverage(Path.of(args[0]));
    System.exit(coverage.run(Path.of(args[1]), List.of(args).subList(2, args.length)));
  }

  private int run(Path table, List<String> wanted) throws IOException, InterruptedException {
    for (String name : wanted) {
      Catalogue.of(name);
    }
    Files.createDirectories(folder);
    try (Stream<Path> old = Files.list(folder)) {
      for (Path file : old.filter(f -> f.toString().endsWith(".dat")).toList()) {
        Files.delete(file);
      }
    }
    for (UnitFamily family : Catalogue.all()) {
      if (wanted.isEmpty() || wanted.contains(family.top())) {
        run(family);
      }
    }
    List<Path> counts = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(f -> f.toString().endsWith(".dat")).sorted().forEach(counts::add);
    }
    if (counts.isEmpty()) {
      System.err.println("nothing was counted");
      return 1;
    }
    lcov(counts);
    return report(table, counts);
  }

  /** Each format with the mode as an input, where a unit has that; combinational and with ranks. */
  private void run(UnitFamily family) {
    List<UnitRequest> requests = family.matrix().stream().filter(UnitRequest::perBeat).toList();
    if (requests.isEmpty()) {
      requests = family.matrix();
    }
    int ranks = 1;
    for (UnitRequest request : requests) {
      System.err.println(family.top() + " " + family.unit(request).describe());
      run(family.unit(request), STALLS);
      boolean done = false;
      while (!done && ranks > 0) {
        try {
          run(family.unit(request.stages(ranks)), STALLS);
          done = true;
          ranks++;
        } catch (IllegalArgumentException | VerilogException e) {
          ranks = ranks == 1 ? 0 : 1; // the unit has not so many
        }
      }
    }
  }

  private void run(Unit unit, Stalls stalls) {
    int lanes = unit.reduces() && unit.allows(LANES_OF_SUMS) ? LANES_OF_SUMS : LANES;
    VerilatedLibrary library =
        cache.build(unit.build(RtlSources.of(unit.name(), cache.folder()), lanes).withCoverage());
    Campaign.Options options =
        Campaign.Options.DEFAULT.lanes(lanes).vectors(VECTORS).stalls(stalls);
    Campaign.Devices devices =
        beats ->
            new Counted(
                new UnitModel(
                    unit, library, lanes, beats, options.seed(), options.pokes(), line -> {}));
    Campaign.Result r =
        Campaign.runCovering(unit, devices, options, Campaign.stimuli(unit, options), done -> {});
    runs++;
    compared += r.compared();
    if (r.failure().isPresent() || r.differing() != 0 || r.compared() == 0) {
      differing.add(unit.describe());
    }
  }

  /** A model that leaves its counts when it is closed. */
  private final class Counted implements Device {
    private final UnitModel model;

    Counted(UnitModel model) {
      this.model = model;
    }

    @Override
    public BatchResult run(long[][] in, int beats, int wanted, Stalls stalls) {
      return model.run(in, beats, wanted, stalls);
    }

    @Override
    public boolean matches(long[][] expected, int beats) {
      return model.matches(expected, beats);
    }

    @Override
    public void answers(long[][] out, int beats) {
      model.answers(out, beats);
    }

    @Override
    public void restart(long seed) {
      model.restart(seed);
    }

    @Override
    public void close() {
      model.dut().writeCoverage(folder.resolve("run%05d.dat".formatted(files.getAndIncrement())));
      model.close();
    }
  }

  /** Leaves what lcov's genhtml reads. */
  private void lcov(List<Path> counts) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.addAll(
        List.of("verilator_coverage", "--write-info", folder.resolve("coverage.info") + ""));
    counts.forEach(c -> line.add(c.toString()));
    Process p;
    try {
      p = new ProcessBuilder(line).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new ToolException("verilator_coverage cannot be run: " + e.getMessage());
    }
    String text = new String(p.getInputStream().readAllBytes());
    if (!p.waitFor(120, TimeUnit.SECONDS) || p.exitValue() != 0) {
      p.destroyForcibly();
      throw new ToolException("verilator_coverage failed: " + text);
    }
  }

  private int report(Path table, List<Path> counts) throws IOException {
    TreeMap<String, Points> modules = new TreeMap<>();
    for (Path file : counts) {
      Points.read(file, modules);
    }
    Exclusions exclusions = Exclusions.ours();
    List<String> rows = new ArrayList<>();
    Points.Sum line = new Points.Sum();
    Points.Sum toggle = new Points.Sum();
    List<String> missed = new ArrayList<>();
    modules.forEach(
        (module, points) -> {
          Points.Sum lines = points.lines(exclusions);
          Points.Sum toggles = points.toggles(exclusions);
          line.add(lines);
          toggle.add(toggles);
          rows.add("| %s | %s | %s |".formatted(module, lines, toggles));
          lines.missed().forEach(m -> missed.add(module + ".v " + m));
          toggles.missed().forEach(m -> missed.add(module + ".v " + m));
        });
    missed.sort(Comparator.naturalOrder());
    List<String> text = new ArrayList<>();
    text.add("# What the campaigns execute of the Verilog\n\n    make coverage\n");
    text.add(
        String.format(
            Locale.ROOT,
            "Lines executed and bits seen to rise and to fall, counted by Verilator and added over %d"
                + " runs (%,d words compared):%nevery unit of `halfulp verify all`, combinational and"
                + " with ranks under stalls. A point is of a module, whatever its%nparameters:"
                + " a bit that one configuration toggles is toggled. Excluded are points that no"
                + " input can reach, with the reason below.%n",
            runs,
            compared));
    text.add("| module | lines | bits |\n|---|---|---|");
    text.addAll(rows);
    text.add("| **all** | %s | %s |%n".formatted(line, toggle));
    text.add("## Excluded\n\n| module | signal | reason | points |\n|---|---|---|---|");
    text.addAll(exclusions.rows());
    text.add("\n## Missed\n");
    missed.forEach(m -> text.add("- " + m));
    if (missed.isEmpty()) {
      text.add("Nothing.");
    }
    Path draft = Path.of(table + ".new");
    Files.writeString(draft, String.join("\n", text) + "\n");
    Files.move(draft, table, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    System.out.printf(
        "%d runs, %,d words compared; lines %s, bits %s; %s%n",
        runs, compared, line, toggle, table);
    differing.forEach(d -> System.out.println("differs: " + d));
    exclusions.unused().forEach(u -> System.out.println("excluded for nothing: " + u));
    boolean good = differing.isEmpty() && line.part() >= LINE_GOAL && toggle.part() >= TOGGLE_GOAL;
    return good ? 0 : 1;
  }
}
