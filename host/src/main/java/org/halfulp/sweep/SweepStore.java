package org.halfulp.sweep;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.halfulp.input.Description;
import org.halfulp.input.InputException;
import org.halfulp.input.SweepSpec;

/**
 * What sweeps have found, kept in a folder; docs/sweep.md describes the tables. A write is on the
 * disk when its future is complete. Whoever only reads may do so while a sweep runs.
 */
public final class SweepStore implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> SCHEMA =
      List.of(
          """
          CREATE TABLE sweep (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, base TEXT NOT NULL, space TEXT NOT NULL,
            objectives TEXT NOT NULL, changed TEXT NOT NULL)""",
          """
          CREATE TABLE invocation (
            id INTEGER PRIMARY KEY, sweep TEXT NOT NULL, command TEXT NOT NULL,
            versions TEXT NOT NULL, jobs INTEGER NOT NULL, started TEXT NOT NULL, ended TEXT,
            seconds TEXT)""",
          """
          CREATE TABLE point (
            id TEXT PRIMARY KEY, sweep TEXT NOT NULL, number INTEGER NOT NULL,
            rung INTEGER NOT NULL, settings TEXT NOT NULL, hardware TEXT,
            state_bits INTEGER, problem TEXT)""",
          "CREATE INDEX point_of_sweep ON point (sweep, rung, number)",
          """
          CREATE TABLE member (
            point TEXT NOT NULL, seed INTEGER NOT NULL, training TEXT NOT NULL,
            reference TEXT NOT NULL, PRIMARY KEY (point, seed)) WITHOUT ROWID""",
          """
          CREATE TABLE training (
            id TEXT PRIMARY KEY, status TEXT NOT NULL, reason TEXT, epochs INTEGER NOT NULL,
            steps INTEGER NOT NULL, train_loss REAL, test_loss REAL, average_train_loss REAL,
            average_test_loss REAL, risk REAL, average_risk REAL, risk_theory REAL,
            average_risk_theory REAL, seconds REAL NOT NULL, finished TEXT NOT NULL)""",
          """
          CREATE TABLE epoch (
            training TEXT NOT NULL, epoch INTEGER NOT NULL, steps INTEGER NOT NULL,
            train_loss REAL, test_loss REAL, average_train_loss REAL, average_test_loss REAL,
            PRIMARY KEY (training, epoch)) WITHOUT ROWID""",
          """
          CREATE TABLE hardware (
            id TEXT PRIMARY KEY, top TEXT NOT NULL, lanes INTEGER NOT NULL,
            description TEXT NOT NULL, parameters TEXT NOT NULL)""",
          """
          CREATE TABLE verification (
            hardware TEXT PRIMARY KEY, status TEXT NOT NULL, reason TEXT,
            compared INTEGER NOT NULL, distinct_inputs INTEGER, exhausted INTEGER NOT NULL,
            differing INTEGER NOT NULL, cycles INTEGER NOT NULL, seconds REAL NOT NULL,
            build_seconds REAL NOT NULL, tools TEXT NOT NULL, finished TEXT NOT NULL)""",
          """
          CREATE TABLE cost (
            hardware TEXT PRIMARY KEY, target TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,
            seconds REAL NOT NULL, tools TEXT NOT NULL, finished TEXT NOT NULL)""",
          """
          CREATE TABLE figure (
            hardware TEXT NOT NULL, name TEXT NOT NULL, value REAL, unit TEXT NOT NULL,
            spread REAL, error REAL, tool TEXT NOT NULL, version TEXT NOT NULL,
            PRIMARY KEY (hardware, name)) WITHOUT ROWID""");

  /**
   * A sweep.
   *
   * @param base its description without what is swept, YAML
   * @param space parameters, seeds and conditions, JSON
   * @param objectives names, those to be made small first
   */
  public record Sweep(
      String id, String name, String base, String space, List<String> objectives, String changed) {}

  /** A command that worked on a sweep; times are empty while it runs or when it was killed. */
  public record Invocation(
      String sweep,
      String command,
      Map<String, String> versions,
      int jobs,
      String started,
      Optional<String> ended,
      Map<String, Double> seconds) {}

  /**
   * A point.
   *
   * @param number in the order of the grid
   * @param rung 0 for a whole training; k for one that successive halving stopped early
   * @param settings parameter to value, as they are written in a description
   * @param hardware none where weights have no format, or the RTL cannot express it
   * @param stateBits of weights and velocities; -1 if the point has a problem
   * @param problem why it has no hardware or no training
   */
  public record Point(
      String id,
      String sweep,
      long number,
      int rung,
      Map<String, String> settings,
      Optional<String> hardware,
      long stateBits,
      Optional<String> problem) {}

  /** A training run of a point, and the binary64 run of the same steps. */
  public record Member(String point, long seed, String training, String reference) {}

  /** Losses after the last epoch; NaN where there is none. */
  public record TrainingRow(
      String id,
      Status status,
      Optional<String> reason,
      int epochs,
      long steps,
      double trainLoss,
      double testLoss,
      double averageTrainLoss,
      double averageTestLoss,
      Risk risk,
      double seconds) {}

  /** Excess risks after the last epoch, of the weights and of their mean; NaN where none. */
  public record Risk(double last, double average, double lastInTheory, double averageInTheory) {
    public static final Risk NONE = new Risk(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
  }

  /** Losses after one epoch; NaN where there is none. */
  public record EpochRow(
      int epoch,
      long steps,
      double trainLoss,
      double testLoss,
      double averageTrainLoss,
      double averageTestLoss) {}

  /** A unit with all its parameters. */
  public record HardwareRow(
      String id, String top, int lanes, String description, Map<String, String> parameters) {}

  /** A cross-check of RTL and emulator; {@code distinct} is -1 where nobody counted. */
  public record Verification(
      String hardware,
      Status status,
      Optional<String> reason,
      long compared,
      long distinct,
      boolean exhausted,
      long differing,
      long cycles,
      double seconds,
      double buildSeconds) {}

  /** Whether a unit was priced. */
  public record CostRow(
      String hardware, String target, Status status, Optional<String> reason, double seconds) {}

  /**
   * One number of the price.
   *
   * @param spread NaN where there is none
   * @param error of an estimate, relative: nine in ten that were cross-validated kept to it; NaN
   *     for a measured number
   */
  public record Figure(
      String name,
      double value,
      String unit,
      double spread,
      double error,
      String tool,
      String version) {
    public boolean isEstimate() {
      return !Double.isNaN(error);
    }
  }

  /**
   * A point with all that is known of it.
   *
   * @param members its training runs, by seed
   * @param losses means over the seeds that have a result, by {@link Metric#column}
   * @param trained seeds with a result, {@code bad} seeds that failed
   */
  public record Result(
      Point point,
      List<Member> members,
      Map<String, Estimate> losses,
      int trained,
      int bad,
      Optional<String> trainingProblem,
      Optional<HardwareRow> hardware,
      Optional<Verification> verification,
      Optional<CostRow> cost,
      Map<String, Figure> figures) {

    /** Whether RTL and emulator were compared and never differed. */
    public boolean isVerified() {
      return verification.map(v -> v.status() == Status.DONE && v.compared() > 0).orElse(false);
    }
  }

  private final StoreFile file;

  private SweepStore(StoreFile file) {
    this.file = file;
  }

  /** Makes or opens the store of a folder to write; refused while another process does so. */
  public static SweepStore write(Path folder) {
    return new SweepStore(StoreFile.write(folder, SCHEMA));
  }

  /** Opens the store of a folder to read. */
  public static SweepStore read(Path folder) {
    return new SweepStore(StoreFile.read(folder));
  }

  // ---- writing

  /**
   * Takes in what another store has; a row that both have is kept, unless it failed here and not
   * there.
   *
   * @return points that are new here
   * @throws IllegalStateException if both have different results of one training run
   */
  public long merge(Path other) {
    try (SweepStore in = read(other)) {
      in.latest();
    }
    long before = count("SELECT count(*) FROM point");
    file.attach(
        other,
        f -> {
          try (ResultSet r =
              f.statement(
                      """
                      SELECT count(*) FROM training a JOIN other.training b ON a.id = b.id
                      WHERE a.status = 'done' AND b.status = 'done'
                        AND a.train_loss != b.train_loss""")
                  .executeQuery()) {
            if (r.getLong(1) > 0) {
              throw new InputException(
                  "%s has other losses of %d training runs that are here too; one of the stores is damaged"
                      .formatted(other, r.getLong(1)));
            }
          }
          f.change( // with their cost row, below
              """
              DELETE FROM figure WHERE hardware IN
                (SELECT hardware FROM other.cost WHERE status = 'done')""");
          for (String table : List.of("training", "verification", "cost")) {
            String key = table.equals("training") ? "id" : "hardware";
            f.change(
                "INSERT OR REPLACE INTO %1$s SELECT * FROM other.%1$s WHERE status NOT IN ('failed', 'estimated') OR %2$s NOT IN (SELECT %2$s FROM %1$s)"
                    .formatted(table, key));
          }
          for (String table : List.of("sweep", "point", "member", "epoch", "hardware")) {
            f.change("INSERT OR IGNORE INTO %1$s SELECT * FROM other.%1$s".formatted(table));
          }
          f.change(
              """
              INSERT OR IGNORE INTO figure SELECT g.* FROM other.figure g
                JOIN other.cost o ON o.hardware = g.hardware
                JOIN cost c ON c.hardware = g.hardware WHERE c.status = o.status""");
          f.change(
              """
              INSERT INTO invocation (sweep, command, versions, jobs, started, ended, seconds)
              SELECT sweep, command, versions, jobs, started, ended, seconds
              FROM other.invocation o WHERE NOT EXISTS (SELECT 1 FROM invocation i
                WHERE i.started = o.started AND i.command = o.command)""");
        });
    return count("SELECT count(*) FROM point") - before;
  }

  private long count(String sql) {
    return file.ask(
        f -> {
          try (ResultSet r = f.statement(sql).executeQuery()) {
            return r.getLong(1);
          }
        });
  }

  /** A command begins to work on a sweep, which is the latest from now on. */
  public void begin(
      SweepSpec spec,
      String id,
      List<Metric> objectives,
      String command,
      Map<String, String> versions,
      int jobs) {
    List<String> names = objectives.stream().map(Metric::column).toList();
    put(new Sweep(id, spec.name(), spec.base(), json(spec.tree()), names, now()));
    begin(
        new Invocation(
            id, command, versions, jobs, now(), Optional.empty(), Map.<String, Double>of()));
    flush();
  }

  /** The command has ended. */
  public void end(Map<String, Double> seconds) {
    end(now(), seconds);
    flush();
  }

  static String now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  /**
   * The description of a point's training run.
   *
   * @param prefix of the point's identity
   * @param seed of its members; null for the first
   */
  public Description description(String prefix, Long seed) {
    List<Result> found = prefix.isEmpty() ? List.of() : find(prefix);
    if (found.size() != 1) {
      throw new InputException(
          found.isEmpty()
              ? "no point of this folder begins with '%s'; see the front, or halfulp sweep export"
                  .formatted(prefix)
              : "%d points begin with '%s'; give more digits".formatted(found.size(), prefix));
    }
    Point p = found.get(0).point();
    Sweep sweep =
        file.ask(
            f -> {
              try (ResultSet r =
                  f.statement("SELECT * FROM sweep WHERE id = ?", p.sweep()).executeQuery()) {
                r.next();
                return sweep(r);
              }
            });
    Description d = SweepSpec.at(sweep.base(), p.settings());
    List<Long> seeds = found.get(0).members().stream().map(Member::seed).toList();
    if (seed == null && seeds.isEmpty()) {
      return d;
    }
    if (seed != null && !seeds.contains(seed)) {
      throw new InputException("this point has the seeds %s, not %d".formatted(seeds, seed));
    }
    boolean own = seeds.size() == 1 && seeds.get(0) == d.datapath().seed() && !hasSeeds(sweep);
    return own ? d : Sweeper.seeded(d, seed == null ? seeds.get(0) : seed);
  }

  /** The names of a sweep's parameters. */
  static Set<String> parameters(Sweep sweep) {
    Map<String, Object> space = tree(sweep.space(), new TypeReference<>() {});
    return ((Map<?, ?>) space.get("parameters"))
        .keySet().stream().map(String::valueOf).collect(Collectors.toSet());
  }

  private static boolean hasSeeds(Sweep sweep) {
    Map<String, Object> space = tree(sweep.space(), new TypeReference<>() {});
    return !((List<?>) space.get("seeds")).isEmpty();
  }

  CompletableFuture<Void> put(Sweep s) {
    return file.write(
        f ->
            f.change(
                "INSERT OR REPLACE INTO sweep VALUES (?, ?, ?, ?, ?, ?)",
                s.id,
                s.name,
                s.base,
                s.space,
                String.join(" ", s.objectives),
                s.changed));
  }

  CompletableFuture<Void> begin(Invocation i) {
    return file.write(
        f ->
            f.change(
                "INSERT INTO invocation (sweep, command, versions, jobs, started) VALUES (?, ?, ?, ?, ?)",
                i.sweep,
                i.command,
                json(i.versions),
                i.jobs,
                i.started));
  }

  CompletableFuture<Void> end(String ended, Map<String, Double> seconds) {
    return file.write(
        f ->
            f.change(
                "UPDATE invocation SET ended = ?, seconds = ? WHERE id = (SELECT max(id) FROM invocation)",
                ended,
                json(seconds)));
  }

  /**
   * A point with its members; one known already joins the sweep that asks for it now. Of choices
   * that come to the same point, the first of the grid is kept.
   */
  CompletableFuture<Void> put(Point p, List<Member> members) {
    return file.write(
        f -> {
          f.change(
              """
              INSERT INTO point VALUES (?, ?, ?, ?, ?, ?, ?, ?)
              ON CONFLICT (id) DO UPDATE SET sweep = excluded.sweep, number = excluded.number,
                rung = excluded.rung, settings = excluded.settings, hardware = excluded.hardware,
                state_bits = excluded.state_bits, problem = excluded.problem
              WHERE sweep != excluded.sweep OR number > excluded.number""",
              p.id,
              p.sweep,
              p.number,
              p.rung,
              json(p.settings),
              p.hardware.orElse(null),
              p.stateBits < 0 ? null : p.stateBits,
              p.problem.orElse(null));
          for (Member m : members) {
            f.change(
                "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?)",
                m.point,
                m.seed,
                m.training,
                m.reference);
          }
        });
  }

  CompletableFuture<Void> put(TrainingRow t, List<EpochRow> epochs, String finished) {
    return file.write(
        f -> {
          f.change(
              "INSERT OR REPLACE INTO training VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              t.id,
              t.status.toString(),
              t.reason.orElse(null),
              t.epochs,
              t.steps,
              t.trainLoss,
              t.testLoss,
              t.averageTrainLoss,
              t.averageTestLoss,
              t.risk.last,
              t.risk.average,
              t.risk.lastInTheory,
              t.risk.averageInTheory,
              t.seconds,
              finished);
          for (EpochRow e : epochs) {
            f.change(
                "INSERT OR REPLACE INTO epoch VALUES (?, ?, ?, ?, ?, ?, ?)",
                t.id,
                e.epoch,
                e.steps,
                e.trainLoss,
                e.testLoss,
                e.averageTrainLoss,
                e.averageTestLoss);
          }
        });
  }

  CompletableFuture<Void> put(HardwareRow h) {
    return file.write(
        f ->
            f.change(
                "INSERT OR REPLACE INTO hardware VALUES (?, ?, ?, ?, ?)",
                h.id,
                h.top,
                h.lanes,
                h.description,
                json(h.parameters)));
  }

  CompletableFuture<Void> put(Verification v, String tools, String finished) {
    return file.write(
        f ->
            f.change(
                "INSERT OR REPLACE INTO verification VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                v.hardware,
                v.status.toString(),
                v.reason.orElse(null),
                v.compared,
                v.distinct < 0 ? null : v.distinct,
                v.exhausted ? 1 : 0,
                v.differing,
                v.cycles,
                v.seconds,
                v.buildSeconds,
                tools,
                finished));
  }

  CompletableFuture<Void> put(CostRow c, List<Figure> figures, String tools, String finished) {
    return file.write(
        f -> {
          f.change(
              "INSERT OR REPLACE INTO cost VALUES (?, ?, ?, ?, ?, ?, ?)",
              c.hardware,
              c.target,
              c.status.toString(),
              c.reason.orElse(null),
              c.seconds,
              tools,
              finished);
          f.change("DELETE FROM figure WHERE hardware = ?", c.hardware);
          for (Figure g : figures) {
            f.change(
                "INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                c.hardware,
                g.name,
                g.value,
                g.unit,
                g.spread,
                g.error,
                g.tool,
                g.version);
          }
        });
  }

  /** Ends when all that was put before is on the disk. */
  void flush() {
    try {
      file.write(f -> {}).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException r ? r : e;
    }
  }

  // ---- reading

  /** The sweep that was worked on last. */
  public Optional<Sweep> latest() {
    return file.ask(
        f -> {
          try (ResultSet r =
              f.statement("SELECT * FROM sweep ORDER BY changed DESC, rowid DESC LIMIT 1")
                  .executeQuery()) {
            return r.next() ? Optional.of(sweep(r)) : Optional.empty();
          }
        });
  }

  private static Sweep sweep(ResultSet r) throws SQLException {
    return new Sweep(
        r.getString("id"),
        r.getString("name"),
        r.getString("base"),
        r.getString("space"),
        List.of(r.getString("objectives").split(" ")),
        r.getString("changed"));
  }

  /** The commands that worked on a sweep, the first one first. */
  public List<Invocation> invocations(String sweep) {
    return file.ask(
        f -> {
          List<Invocation> all = new ArrayList<>();
          try (ResultSet r =
              f.statement("SELECT * FROM invocation WHERE sweep = ? ORDER BY id", sweep)
                  .executeQuery()) {
            while (r.next()) {
              String seconds = r.getString("seconds");
              all.add(
                  new Invocation(
                      sweep,
                      r.getString("command"),
                      tree(r.getString("versions"), new TypeReference<>() {}),
                      r.getInt("jobs"),
                      r.getString("started"),
                      Optional.ofNullable(r.getString("ended")),
                      seconds == null ? Map.of() : tree(seconds, new TypeReference<>() {})));
            }
          }
          return all;
        });
  }

  /** The state of a training run; empty if there is none. */
  Optional<Status> training(String id) {
    return status("SELECT status FROM training WHERE id = ?", id);
  }

  Optional<Status> verification(String hardware, String tools) {
    return status(
        "SELECT status FROM verification WHERE hardware = ? AND tools = ?", hardware, tools);
  }

  Optional<Status> cost(String hardware, String tools) {
    return status("SELECT status FROM cost WHERE hardware = ? AND tools = ?", hardware, tools);
  }

  private Optional<Status> status(String sql, Object... ids) {
    return file.ask(
        f -> {
          try (ResultSet r = f.statement(sql, ids).executeQuery()) {
            return r.next() ? Optional.of(Status.parse(r.getString(1))) : Optional.empty();
          }
        });
  }

  /** The learning curve of a training run, quantized or binary64. */
  public List<EpochRow> curve(String training) {
    return file.ask(
        f -> {
          List<EpochRow> rows = new ArrayList<>();
          try (ResultSet r =
              f.statement("SELECT * FROM epoch WHERE training = ? ORDER BY epoch", training)
                  .executeQuery()) {
            while (r.next()) {
              rows.add(
                  new EpochRow(
                      r.getInt("epoch"),
                      r.getLong("steps"),
                      real(r, "train_loss"),
                      real(r, "test_loss"),
                      real(r, "average_train_loss"),
                      real(r, "average_test_loss")));
            }
          }
          return rows;
        });
  }

  /** How many points of whole trainings a sweep has. */
  public long points(String sweep) {
    return file.ask(
        f -> {
          try (ResultSet r =
              f.statement("SELECT count(*) FROM point WHERE sweep = ? AND rung = 0", sweep)
                  .executeQuery()) {
            return r.getLong(1);
          }
        });
  }

  /** All points of a sweep with whole trainings, in the order of the grid. */
  public List<Result> results(String sweep) {
    List<Result> all = new ArrayList<>();
    results(sweep, all::add);
    return all;
  }

  /** The same, one at a time. */
  public void results(String sweep, Consumer<Result> each) {
    results("p.sweep = ? AND p.rung = 0", sweep, each);
  }

  /** Points whose identity begins with {@code prefix}, of any sweep. */
  public List<Result> find(String prefix) {
    List<Result> all = new ArrayList<>();
    results("substr(p.id, 1, length(?1)) = ?1", prefix, all::add);
    return all;
  }

  private void results(String where, String value, Consumer<Result> each) {
    file.ask(
        f -> {
          Map<String, Unit> units = new LinkedHashMap<>();
          String sql =
              """
              SELECT p.*, m.seed, m.training, m.reference, t.status, t.reason, t.train_loss,
                t.test_loss, t.average_train_loss, t.average_test_loss, t.risk, t.average_risk,
                t.risk_theory, t.average_risk_theory,
                b.train_loss AS b_train_loss, b.average_train_loss AS b_average_train_loss
              FROM point p LEFT JOIN member m ON m.point = p.id
                LEFT JOIN training t ON t.id = m.training
                LEFT JOIN training b ON b.id = m.reference
              WHERE %s ORDER BY p.sweep, p.rung, p.number, p.id, m.seed"""
                  .formatted(where);
          try (ResultSet r = f.statement(sql, value).executeQuery()) {
            Gathering g = null;
            while (r.next()) {
              String id = r.getString("id");
              if (g == null || !g.point.id.equals(id)) {
                if (g != null) {
                  each.accept(g.result());
                }
                Point p = point(r);
                Unit unit =
                    p.hardware.isEmpty()
                        ? Unit.NONE
                        : units.computeIfAbsent(p.hardware.get(), h -> unit(f, h));
                g = new Gathering(p, unit);
              }
              g.add(r);
            }
            if (g != null) {
              each.accept(g.result());
            }
          }
          return null;
        });
  }

  private static Point point(ResultSet r) throws SQLException {
    long bits = r.getLong("state_bits");
    return new Point(
        r.getString("id"),
        r.getString("sweep"),
        r.getLong("number"),
        r.getInt("rung"),
        tree(r.getString("settings"), new TypeReference<>() {}),
        Optional.ofNullable(r.getString("hardware")),
        bits == 0 ? -1 : bits,
        Optional.ofNullable(r.getString("problem")));
  }

  /** What is known of one unit. */
  private record Unit(
      Optional<HardwareRow> hardware,
      Optional<Verification> verification,
      Optional<CostRow> cost,
      Map<String, Figure> figures) {
    static final Unit NONE =
        new Unit(Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
  }

  private static Unit unit(StoreFile f, String id) {
    try {
      Optional<HardwareRow> hardware = Optional.empty();
      try (ResultSet r = f.statement("SELECT * FROM hardware WHERE id = ?", id).executeQuery()) {
        if (r.next()) {
          hardware =
              Optional.of(
                  new HardwareRow(
                      id,
                      r.getString("top"),
                      r.getInt("lanes"),
                      r.getString("description"),
                      tree(r.getString("parameters"), new TypeReference<>() {})));
        }
      }
      Optional<Verification> verification = Optional.empty();
      try (ResultSet r =
          f.statement("SELECT * FROM verification WHERE hardware = ?", id).executeQuery()) {
        if (r.next()) {
          long distinct = r.getLong("distinct_inputs");
          verification =
              Optional.of(
                  new Verification(
                      id,
                      Status.parse(r.getString("status")),
                      Optional.ofNullable(r.getString("reason")),
                      r.getLong("compared"),
                      distinct == 0 ? -1 : distinct,
                      r.getInt("exhausted") != 0,
                      r.getLong("differing"),
                      r.getLong("cycles"),
                      r.getDouble("seconds"),
                      r.getDouble("build_seconds")));
        }
      }
      Optional<CostRow> cost = Optional.empty();
      try (ResultSet r = f.statement("SELECT * FROM cost WHERE hardware = ?", id).executeQuery()) {
        if (r.next()) {
          cost =
              Optional.of(
                  new CostRow(
                      id,
                      r.getString("target"),
                      Status.parse(r.getString("status")),
                      Optional.ofNullable(r.getString("reason")),
                      r.getDouble("seconds")));
        }
      }
      Map<String, Figure> figures = new LinkedHashMap<>();
      try (ResultSet r =
          f.statement("SELECT * FROM figure WHERE hardware = ? ORDER BY name", id).executeQuery()) {
        while (r.next()) {
          figures.put(
              r.getString("name"),
              new Figure(
                  r.getString("name"),
                  real(r, "value"),
                  r.getString("unit"),
                  real(r, "spread"),
                  real(r, "error"),
                  r.getString("tool"),
                  r.getString("version")));
        }
      }
      return new Unit(hardware, verification, cost, figures);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The members of one point, added up. */
  private static final class Gathering {
    private final Point point;
    private final Unit unit;
    private final List<Member> members = new ArrayList<>();
    private final Map<Metric, List<Double>> values = new LinkedHashMap<>();
    private int trained;
    private int bad;
    private Optional<String> problem = Optional.empty();

    Gathering(Point point, Unit unit) {
      this.point = point;
      this.unit = unit;
    }

    void add(ResultSet r) throws SQLException {
      String training = r.getString("training");
      if (training == null) {
        return;
      }
      members.add(new Member(point.id, r.getLong("seed"), training, r.getString("reference")));
      String status = r.getString("status");
      if (status == null) {
        return; // not trained yet
      }
      if (Status.parse(status).isBad()) {
        bad++;
        problem = problem.or(() -> reason(r));
        return;
      }
      trained++;
      for (Metric m : Metric.ofTraining()) {
        double x = m.of(real(r, m.source()), m.reference() == null ? 1 : real(r, m.reference()));
        values.computeIfAbsent(m, k -> new ArrayList<>()).add(x);
      }
    }

    private static Optional<String> reason(ResultSet r) {
      try {
        return Optional.ofNullable(r.getString("reason"));
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    Result result() {
      Map<String, Estimate> losses = new LinkedHashMap<>();
      values.forEach(
          (m, list) ->
              losses.put(
                  m.column(),
                  Estimate.of(list.stream().mapToDouble(Double::doubleValue).toArray())));
      return new Result(
          point,
          members,
          losses,
          trained,
          bad,
          problem,
          unit.hardware,
          unit.verification,
          unit.cost,
          unit.figures);
    }
  }

  private static double real(ResultSet r, String column) throws SQLException {
    double x = r.getDouble(column);
    return r.wasNull() ? Double.NaN : x;
  }

  static String json(Object tree) {
    try {
      return JSON.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> T tree(String json, TypeReference<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the store holds what is no JSON: " + json, e);
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
