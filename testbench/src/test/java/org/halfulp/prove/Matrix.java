package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.halfulp.prove.Results.How;
import org.halfulp.prove.Results.Row;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.ToolException;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilogException;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Stimuli;
import org.halfulp.verify.Unit;

/**
 * Runs the campaign of {@code halfulp verify} in every cell of {@link MatrixPlan} that has no
 * result for this Verilog and emulator yet, and writes the table of these and of the proofs.
 *
 * <p>Arguments: the rtl folder, a folder with {@code proofs.csv} and, from earlier runs, {@code
 * cells.csv}, the table, names of units (none for all; others keep what they have). Exit status: 0
 * every cell is filled and nothing differs, 1 not, 3 a tool is missing.
 */
public final class Matrix {
  /** Inputs that are exhausted. */
  private static final long EXHAUST = 1 << 27;

  /** Most of the time goes into builds: one of 16 lanes takes three times as long. */
  private static final int LANES = 4;

  private static final int SEED = 1;
  private static final int PRINTED = 20;
  private static final String ROUND = "in_round";

  private final Path rtl;
  private final Results results;
  private final ModelCache cache;

  Matrix(Path rtl, Results results, ModelCache cache) {
    this.rtl = rtl;
    this.results = results;
    this.cache = cache;
  }

  public static void main(String[] args) throws Exception {
    if (args.length < 3) {
      System.err.println("usage: Matrix RTL_FOLDER RESULTS_FOLDER TABLE [UNIT...]");
      System.exit(2);
    }
    try {
      Path folder = Path.of(args[1]);
      Results cells = new Results(folder.resolve("cells.csv"));
      List<String> units = List.of(args).subList(3, args.length);
      units.forEach(Catalogue::of);
      Path rtl = Path.of(args[0]).toAbsolutePath();
      Matrix matrix = new Matrix(rtl, cells, Fixtures.cache());
      List<Cell> plan = MatrixPlan.cells();
      matrix.run(plan.stream().filter(c -> units.isEmpty() || units.contains(c.unit())).toList());
      List<Row> rows = matrix.current(cells.rows());
      rows.addAll(matrix.current(new Results(folder.resolve("proofs.csv")).rows()));
      MatrixTable table = new MatrixTable(plan, rows);
      Path draft = Path.of(args[2] + ".new");
      Files.writeString(draft, table.text());
      Files.move(draft, Path.of(args[2]), StandardCopyOption.REPLACE_EXISTING);
      System.out.println(table.summary());
      table.problems().stream().limit(PRINTED).forEach(System.out::println);
      System.exit(table.problems().isEmpty() ? 0 : 1);
    } catch (ToolException e) {
      System.err.println(e.getMessage());
      System.exit(3);
    }
  }

  /** The rows of this Verilog and this emulator. */
  private List<Row> current(List<Row> rows) throws IOException {
    List<Row> some = new ArrayList<>();
    for (Row row : rows) {
      if (row.source().equals(source(row.unit(), row.how() == How.PROVED))) {
        some.add(row);
      }
    }
    return some;
  }

  private String source(String unit, boolean proof) throws IOException {
    return proof ? Source.of(rtl, unit) : Source.withTwins(rtl, unit);
  }

  private void run(List<Cell> plan) throws IOException, InterruptedException {
    List<Row> done = current(results.rows());
    List<Cell> left =
        plan.stream()
            .filter(c -> c.reason().isEmpty())
            .filter(c -> c.of(done).stream().noneMatch(Row::isGood))
            .toList();
    System.out.printf("%d cells, %d to run%n", plan.size(), left.size());
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Row>> rows = left.stream().map(c -> pool.submit(() -> recorded(c))).toList();
      for (Future<Row> row : rows) {
        Row r = row.get();
        System.out.printf(
            Locale.ROOT,
            "%s %s %s %s: %s, %,d words, %.2f s%s%n",
            r.isGood() ? "OK  " : "FAIL",
            r.unit(),
            r.formats(),
            r.mode(),
            r.how(),
            r.compared(),
            r.seconds(),
            r.isGood() ? "" : "; %d differ; %s".formatted(r.differing(), r.note()));
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ToolException t) {
        throw t;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  private Row recorded(Cell cell) throws IOException {
    Row row = run(cell);
    results.add(row);
    return row;
  }

  private static Campaign.Options options(Unit unit, Map<String, Long> ties) {
    return Campaign.Options.DEFAULT
        .lanes(unit.allows(LANES) ? LANES : unit.lanes())
        .seed(SEED)
        .ties(ties)
        .vectors(EXHAUST);
  }

  /**
   * All inputs where they are few enough, else those that the campaign draws; with the mode at its
   * port where the unit has one, so that modes share a build.
   */
  Row run(Cell cell) throws IOException {
    String source = source(cell.unit(), false);
    try {
      Unit unit = Catalogue.of(cell.unit()).unit(cell.request());
      Campaign.Options options = options(unit, cell.ties());
      Stimuli stimuli = Campaign.stimuli(unit, options);
      if (cell.ties().isEmpty() && unit.inputs().stream().anyMatch(f -> f.port().equals(ROUND))) {
        Unit any = Catalogue.of(cell.unit()).unit(cell.request().roundingPerBeat());
        Campaign.Options tied = options(any, cell.modeTies());
        Stimuli all = Campaign.stimuli(any, tied);
        if (all.exhausts() == stimuli.exhausts()) {
          unit = any;
          options = tied;
          stimuli = all;
        }
      }
      if (!stimuli.exhausts()) {
        options = options.vectors(cell.samples());
      }
      VerilatedLibrary library =
          cache.build(unit.build(RtlSources.in(rtl, cell.unit()), options.lanes()));
      Campaign.Result r =
          Campaign.runCovering(
              unit, Campaign.models(unit, library, options), options, stimuli, n -> {});
      String note =
          Stream.concat(
                  r.failure().stream().map(f -> f.what()),
                  r.coverage().holes().stream().map(h -> "not met: " + h))
              .findFirst()
              .orElse("");
      long cases = r.exhausted() ? r.distinct() : r.compared();
      return new Row(
          cell.unit(),
          cell.formats(),
          cell.mode(),
          r.exhausted() ? How.EXHAUSTED : How.SAMPLED,
          Long.bitCount(cases) == 1 ? "2^" + Long.numberOfTrailingZeros(cases) : cases + "",
          r.compared(),
          r.differing(),
          r.nanos() / 1e9,
          source,
          note);
    } catch (IllegalArgumentException | VerilogException e) {
      return new Row(
          cell.unit(),
          cell.formats(),
          cell.mode(),
          How.SAMPLED,
          "0",
          0,
          0,
          0,
          source,
          Optional.ofNullable(e.getMessage()).orElse(e.toString()));
    }
  }
}
