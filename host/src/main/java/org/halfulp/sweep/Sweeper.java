package org.halfulp.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.halfulp.cost.HardwarePoint;
import org.halfulp.input.Description;
import org.halfulp.input.InputException;
import org.halfulp.input.SweepSpec;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.learn.DataSet;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.Training;
import org.halfulp.learn.WeightUpdate;
import org.halfulp.number.NanException;
import org.halfulp.sim.Hash;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.theory.RiskRecursion;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.UpdateModel;

/**
 * Executes points on all processors: trains each distinct run, verifies and prices each distinct
 * hardware configuration, once. What the store has already is not done again.
 */
public final class Sweeper {
  private static final int LONGEST_REASON = 800;

  /** What is done to a point, in this order. */
  public enum Phase {
    TRAIN,
    /** Of the models that verification runs. */
    BUILD,
    VERIFY,
    PRICE
  }

  /** Told what happens, from any thread, after it is on the disk. */
  public interface Listener {
    /**
     * @param total parts to come; -1 if not known
     */
    void begins(Phase phase, long total);

    void done(Phase phase, boolean bad);

    void ends(Phase phase);
  }

  /**
   * A point to be.
   *
   * @param number in the grid
   * @param rung 0 for whole trainings
   * @param part the training is to have one part in so many of its epochs; 1: all of them
   */
  public record Candidate(long number, Map<String, String> settings, int rung, int part) {}

  /**
   * Counts of what one run of the command did.
   *
   * @param parts of a phase that were asked for, {@code bad} of which failed
   * @param done that were executed; the others the store had
   */
  public record Tally(long parts, long done, long bad, double seconds) {
    static final Tally NONE = new Tally(0, 0, 0, 0);

    Tally plus(long moreParts, long moreDone, long moreBad, double moreSeconds) {
      return new Tally(parts + moreParts, done + moreDone, bad + moreBad, seconds + moreSeconds);
    }
  }

  private record Unit(UpdateUnit unit, int lanes, HardwarePoint hardware) {}

  private record Loaded(DataSet.Split split, String hash) {}

  private final SweepSpec spec;
  private final SweepStore store;
  private final String sweep;
  private final int jobs;
  private final Optional<ModelCache> models;
  private final Optional<UnitPricer> pricer;
  private final int measured;
  private final Listener listener;
  private final List<Path> sources;
  private final Identity identity;

  private final Map<Description.Data, Loaded> data = new ConcurrentHashMap<>();
  private final Map<Path, String> fileHashes = new ConcurrentHashMap<>();
  private final Map<Map<String, String>, String> hashes = new ConcurrentHashMap<>();
  private final Set<String> claimed = ConcurrentHashMap.newKeySet();
  private final Map<String, Unit> units = new LinkedHashMap<>(); // hardware id to unit
  private final Map<Phase, Tally> tallies = new LinkedHashMap<>();
  private Optional<String> noEstimate = Optional.empty();
  private volatile RuntimeException fatal;

  /**
   * @param models where RTL is to be verified
   * @param pricer where hardware is to be priced
   * @param measured how many units it measures; the others are estimated
   */
  public Sweeper(
      SweepSpec spec,
      SweepStore store,
      int jobs,
      Optional<ModelCache> models,
      Optional<UnitPricer> pricer,
      int measured,
      Listener listener) {
    this.spec = spec;
    this.store = store;
    this.jobs = jobs;
    this.models = models;
    this.pricer = pricer;
    this.measured = measured;
    this.listener = listener;
    this.identity = new Identity();
    Path cache = ModelCache.defaultFolder(System.getenv());
    sources = RtlSources.sgdUpdate(models.map(ModelCache::folder).orElse(cache));
    // what cannot be read is said before anything is done
    Loaded base = load(spec.at(Map.of()).data());
    sweep =
        Hash.of(
            "sweep",
            identity.emulator(),
            contents(sources),
            base.hash,
            spec.base(),
            RunFolder.json(spec.tree()));
    for (Phase p : Phase.values()) {
      tallies.put(p, Tally.NONE);
    }
  }

  private static String contents(List<Path> files) {
    Hash hash = new Hash();
    try {
      for (Path f : files) {
        if (!f.toString().endsWith(".vlt")) {
          hash.add(f.getFileName().toString()).add(Files.readAllBytes(f));
        }
      }
    } catch (IOException e) {
      throw new InputException("Verilog cannot be read: " + e.getMessage());
    }
    return hash.hex();
  }

  /** The identity of this space with these data, this emulator and this RTL. */
  public String sweep() {
    return sweep;
  }

  public Map<Phase, Tally> tallies() {
    return new LinkedHashMap<>(tallies);
  }

  /** Time of each phase. */
  public Map<String, Double> seconds() {
    Map<String, Double> map = new LinkedHashMap<>();
    tallies.forEach((phase, t) -> map.put(phase.toString().toLowerCase(Locale.ROOT), t.seconds()));
    return map;
  }

  // ---- planning

  private Loaded load(Description.Data from) {
    return data.computeIfAbsent(
        from,
        d ->
            new Loaded(
                TrainRun.load(d),
                d.source() instanceof Description.Csv csv
                    ? fileHashes.computeIfAbsent(csv.file(), Sweeper::hashOfFile)
                    : ""));
  }

  private static String hashOfFile(Path file) {
    try {
      return new Hash().add(Files.readAllBytes(file)).hex();
    } catch (IOException e) {
      throw new InputException(file + ": cannot be read: " + e.getMessage());
    }
  }

  private static Description shorter(Description d, int epochs) {
    Training.Plan p = d.training();
    int from = (int) Math.max(1, Math.round((double) p.averageFrom() * epochs / p.epochs()));
    return new Description(
        d.name(),
        d.data(),
        new Training.Plan(p.stepSize(), p.batch(), epochs, p.shuffleSeed(), Math.min(from, epochs)),
        d.datapath());
  }

  /** The same with another seed of shuffles and of every random stream. */
  static Description seeded(Description d, long seed) {
    Training.Plan p = d.training();
    return new Description(
        d.name(),
        d.data(),
        new Training.Plan(p.stepSize(), p.batch(), p.epochs(), seed, p.averageFrom()),
        d.datapath().with(d.datapath().lanes(), seed));
  }

  private record Task(String id, Description description) {}

  private record Planned(
      SweepStore.Point point, List<SweepStore.Member> members, List<Task> tasks) {}

  private Planned plan(Candidate c) {
    Description d;
    Loaded loaded;
    try {
      d = spec.at(c.settings());
      if (c.part() > 1) {
        d = shorter(d, Math.max(1, d.training().epochs() / c.part()));
      }
      loaded = load(d.data());
    } catch (InputException | IllegalArgumentException e) {
      String why = shortened(e.getMessage());
      String id = Identity.problem(spec.base(), RunFolder.json(c.settings()), why);
      return new Planned(
          new SweepStore.Point(
              id,
              sweep,
              c.number(),
              c.rung(),
              c.settings(),
              Optional.empty(),
              -1,
              Optional.of(why)),
          List.of(),
          List.of());
    }
    List<Task> tasks = new ArrayList<>();
    List<String> trainings = new ArrayList<>();
    List<SweepStore.Member> members = new ArrayList<>();
    List<Long> seeds = spec.seeds().isEmpty() ? List.of(d.datapath().seed()) : spec.seeds();
    for (long seed : seeds) {
      Description run = spec.seeds().isEmpty() ? d : seeded(d, seed);
      Description exact = Identity.reference(run);
      Task quantized = new Task(identity.training(run, loaded.hash), run);
      Task reference = new Task(identity.training(exact, loaded.hash), exact);
      tasks.add(reference);
      tasks.add(quantized);
      trainings.add(quantized.id);
      members.add(new SweepStore.Member("", seed, quantized.id, reference.id));
    }
    Optional<String> problem = Optional.empty();
    Optional<String> hardware = Optional.empty();
    try {
      hardware = hardware(d.datapath());
    } catch (IllegalArgumentException e) {
      problem = Optional.of("no RTL: " + shortened(e.getMessage()));
    }
    String id = Identity.point(trainings, hardware, c.rung());
    Datapath path = d.datapath();
    long bits =
        path.weight().map(q -> q.format().width()).orElse(64)
            + path.momentum().map(m -> m.velocity().format().width()).orElse(0);
    long state = bits * loaded.split.train().columns();
    return new Planned(
        new SweepStore.Point(
            id, sweep, c.number(), c.rung(), c.settings(), hardware, state, problem),
        members.stream()
            .map(m -> new SweepStore.Member(id, m.seed(), m.training(), m.reference()))
            .toList(),
        tasks);
  }

  private Optional<String> hardware(Datapath path) {
    if (path.weight().isEmpty()) {
      return Optional.empty();
    }
    if (path.gradient().isEmpty()) {
      throw new IllegalArgumentException("the update unit takes a gradient format");
    }
    UpdateUnit unit = path.updateUnit().orElseThrow();
    HardwarePoint top = HardwarePoint.of(UpdateModel.build(sources, unit, path.lanes()));
    String id = hashes.computeIfAbsent(top.parameters(), p -> top.hash());
    synchronized (units) {
      if (units.putIfAbsent(id, new Unit(unit, path.lanes(), top)) == null) {
        store.put(
            new SweepStore.HardwareRow(
                id, top.top(), path.lanes(), unit.toString(), top.parameters()));
      }
    }
    return Optional.of(id);
  }

  static String shortened(String text) {
    String one =
        String.join("; ", String.valueOf(text).strip().split("\\s*\n\\s*")).replaceAll("\\s+", " ");
    return one.length() <= LONGEST_REASON ? one : one.substring(0, LONGEST_REASON) + "...";
  }

  // ---- execution

  /** Work on parts, one after the other for each thread. */
  private <T> void all(Iterator<T> parts, Consumer<T> work) {
    ExecutorService pool =
        Executors.newFixedThreadPool(
            jobs,
            r -> {
              Thread t = new Thread(r, "sweep");
              t.setDaemon(true);
              return t;
            });
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (int j = 0; j < jobs; j++) {
        futures.add(
            pool.submit(
                () -> {
                  while (fatal == null) {
                    T part;
                    synchronized (parts) {
                      if (!parts.hasNext()) {
                        return;
                      }
                      part = parts.next();
                    }
                    work.accept(part);
                  }
                }));
      }
      for (Future<?> f : futures) {
        f.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException r) {
        fatal = fatal == null ? r : fatal;
      } else if (e.getCause() instanceof Error error) {
        throw error;
      }
    } finally {
      pool.shutdownNow();
    }
    if (fatal != null) {
      throw fatal;
    }
  }

  /** Says that a part is done when it is on the disk. */
  private void report(Phase phase, CompletableFuture<Void> durable, boolean bad) {
    durable.whenComplete(
        (nothing, problem) -> {
          if (problem == null) {
            listener.done(phase, bad);
          } else if (fatal == null) {
            fatal = problem instanceof RuntimeException r ? r : new IllegalStateException(problem);
          }
        });
  }

  private void count(Phase phase, long parts, long done, long bad, double seconds) {
    synchronized (tallies) {
      tallies.merge(phase, Tally.NONE, (old, none) -> old.plus(parts, done, bad, seconds));
    }
  }

  /** Ends when all that was written is on the disk. */
  private void flush() {
    store.flush();
    if (fatal != null) {
      throw fatal;
    }
  }

  /**
   * Trains candidates.
   *
   * @param total of them, for the progress line; -1 if not known
   * @param planned takes the identity of each point
   */
  public void train(
      Iterator<Candidate> candidates, long total, Consumer<SweepStore.Point> planned) {
    long start = System.nanoTime();
    int runs = Math.max(1, spec.seeds().size());
    listener.begins(Phase.TRAIN, total < 0 ? -1 : total * runs);
    try {
      all(
          candidates,
          c -> {
            Planned p = plan(c);
            CompletableFuture<Void> durable = store.put(p.point, p.members);
            planned.accept(p.point);
            if (p.members.isEmpty()) {
              count(Phase.TRAIN, runs, 0, runs, 0);
              for (int i = 0; i < runs; i++) {
                report(Phase.TRAIN, durable, true);
              }
            }
            Theory theory = new Theory(); // of all seeds
            for (int i = 0; i < p.tasks.size(); i++) {
              boolean isReference = i % 2 == 0;
              train(p.tasks.get(i), isReference, theory);
            }
          });
      flush();
    } finally {
      listener.ends(Phase.TRAIN);
      count(Phase.TRAIN, 0, 0, 0, (System.nanoTime() - start) / 1e9);
    }
  }

  /** Risks in theory of the seeds of one point, computed when the first of them is trained. */
  private static final class Theory {
    private RiskRecursion end;
    private boolean known;

    Optional<RiskRecursion> of(Description d, long steps) {
      if (!known) {
        known = true;
        try {
          end = RiskTheory.of(d).recursion().to(steps);
        } catch (IllegalArgumentException none) {
          end = null;
        }
      }
      return Optional.ofNullable(end);
    }
  }

  private static SweepStore.Risk risk(Description d, Training training, Theory theory) {
    Optional<GaussianProblem> problem = RiskTheory.problem(d.data());
    if (problem.isEmpty() || training.diverged()) {
      return SweepStore.Risk.NONE;
    }
    Optional<RiskRecursion> end =
        theory == null ? Optional.empty() : theory.of(d, training.steps());
    return new SweepStore.Risk(
        RiskCurve.risk(problem.get(), training.step().weights()),
        RiskCurve.risk(problem.get(), training.average()),
        end.map(RiskRecursion::last).orElse(Double.NaN),
        end.map(RiskRecursion::average).orElse(Double.NaN));
  }

  private void train(Task task, boolean isReference, Theory theory) {
    int part = isReference ? 0 : 1;
    boolean mine = claimed.add(task.id);
    Optional<Status> known = mine ? store.training(task.id) : Optional.of(Status.DONE);
    if (known.isPresent() && known.get().isFinal()) {
      boolean bad = known.get().isBad();
      count(Phase.TRAIN, part, 0, bad ? part : 0, 0);
      if (!isReference) {
        listener.done(Phase.TRAIN, bad);
      }
      return;
    }
    List<SweepStore.EpochRow> epochs = new ArrayList<>();
    SweepStore.TrainingRow row =
        trained(task, load(task.description.data()).split, epochs, isReference ? null : theory);
    CompletableFuture<Void> durable = store.put(row, epochs, SweepStore.now());
    boolean bad = row.status().isBad();
    count(Phase.TRAIN, part, 1, bad ? 1 : 0, 0);
    if (isReference) {
      durable.whenComplete(
          (nothing, problem) -> {
            if (problem instanceof RuntimeException r) {
              fatal = r;
            }
          });
    } else {
      report(Phase.TRAIN, durable, bad);
    }
  }

  private static SweepStore.TrainingRow trained(
      Task task, DataSet.Split split, List<SweepStore.EpochRow> epochs, Theory theory) {
    Description d = task.description;
    long start = System.nanoTime();
    Status status = Status.DONE;
    Optional<String> reason = Optional.empty();
    Training training = null;
    SweepStore.Risk risk = SweepStore.Risk.NONE;
    try {
      Datapath path = d.datapath();
      WeightUpdate update =
          path.updateUnit()
              .map(
                  u ->
                      WeightUpdate.emulated(new SgdUpdate(u, path.lanes(), path.seed()), path.mu()))
              .orElse(null);
      training = new Training(split, d.training(), path, update);
      for (int e = 0; e < d.training().epochs() && !training.diverged(); e++) {
        Training.Epoch x = training.epoch();
        epochs.add(
            new SweepStore.EpochRow(
                x.epoch(),
                x.steps(),
                x.trainLoss(),
                x.testLoss(),
                x.averageTrainLoss(),
                x.averageTestLoss()));
      }
      if (training.diverged()) {
        status = Status.DIVERGED;
        reason = Optional.of("step " + training.steps());
      }
      risk = risk(d, training, theory);
    } catch (NanException e) {
      status = Status.REFUSED;
      reason = Optional.of("step %d: %s".formatted(training.steps(), shortened(e.getMessage())));
    } catch (IllegalArgumentException e) {
      status = Status.REFUSED;
      reason = Optional.of(shortened(e.getMessage()));
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      status = Status.FAILED;
      reason = Optional.of(shortened(e.toString()));
    }
    SweepStore.EpochRow last =
        epochs.isEmpty()
            ? new SweepStore.EpochRow(0, 0, Double.NaN, Double.NaN, Double.NaN, Double.NaN)
            : epochs.get(epochs.size() - 1);
    return new SweepStore.TrainingRow(
        task.id,
        status,
        reason,
        last.epoch(),
        last.steps(),
        last.trainLoss(),
        last.testLoss(),
        last.averageTrainLoss(),
        last.averageTestLoss(),
        risk,
        (System.nanoTime() - start) / 1e9);
  }

  /** Verifies the hardware of all points trained so far. */
  public void verify() {
    if (models.isEmpty()) {
      return;
    }
    ModelCache cache = models.get();
    List<Map.Entry<String, Unit>> open =
        open(Phase.VERIFY, units.keySet(), id -> store.verification(id, cache.identity()));
    Map<String, Double> built = new ConcurrentHashMap<>();
    each(
        Phase.BUILD,
        open,
        (id, unit) -> {
          try {
            VerilatedLibrary library = UnitCheck.build(cache, sources, unit.unit, unit.lanes);
            if (library.fresh()) {
              built.put(id, library.buildTime().toNanos() / 1e9);
            }
            count(Phase.BUILD, 1, library.fresh() ? 1 : 0, 0, 0);
          } catch (RuntimeException e) {
            count(Phase.BUILD, 1, 1, 1, 0); // the check meets it again, and is a row
          }
          listener.done(Phase.BUILD, false);
        });
    each(
        Phase.VERIFY,
        open,
        (id, unit) -> {
          SweepStore.Verification v =
              UnitCheck.run(cache, sources, id, unit.unit, unit.lanes, built.getOrDefault(id, 0.0));
          report(
              Phase.VERIFY, store.put(v, cache.identity(), SweepStore.now()), v.status().isBad());
          count(Phase.VERIFY, 1, 1, v.status().isBad() ? 1 : 0, 0);
        });
  }

  /** Prices the hardware of all points trained so far, or estimates its price. */
  public void price() {
    if (pricer.isEmpty()) {
      return;
    }
    UnitPricer prices = pricer.get();
    Set<String> chosen; // a hash is as good as a draw, and the same when the sweep goes on
    synchronized (units) {
      chosen = units.keySet().stream().sorted().limit(measured).collect(Collectors.toSet());
    }
    each(
        Phase.PRICE,
        open(Phase.PRICE, chosen, id -> store.cost(id, prices.identity(units.get(id).hardware))),
        (id, unit) -> {
          UnitPricer.Priced p = prices.price(id, unit.hardware);
          report(Phase.PRICE, put(p, unit), p.row().status().isBad());
          count(Phase.PRICE, 1, 1, p.row().status().isBad() ? 1 : 0, 0);
        });
    Map<String, Unit> others = new LinkedHashMap<>();
    synchronized (units) {
      units.forEach(
          (id, unit) -> {
            Optional<Status> known = store.cost(id, prices.identity(unit.hardware));
            if (!chosen.contains(id) && !known.map(Status::isFinal).orElse(false)) {
              others.put(id, unit);
            }
          });
    }
    noEstimate = Optional.empty();
    if (others.isEmpty()) {
      return;
    }
    try {
      UnitPricer.Estimates estimates =
          prices.new Estimates(others.values().iterator().next().hardware);
      others.forEach((id, unit) -> put(estimates.of(id, unit.hardware), unit));
    } catch (IllegalArgumentException tooFew) {
      noEstimate = Optional.of(tooFew.getMessage());
    }
    flush();
  }

  /** Why units are left without the estimate that they should have, if so. */
  public Optional<String> noEstimate() {
    return noEstimate;
  }

  private CompletableFuture<Void> put(UnitPricer.Priced p, Unit unit) {
    return store.put(
        p.row(), p.figures(), pricer.orElseThrow().identity(unit.hardware), SweepStore.now());
  }

  /** The units that neither the store nor this run has dealt with. */
  private List<Map.Entry<String, Unit>> open(
      Phase phase, Set<String> wanted, Function<String, Optional<Status>> known) {
    List<Map.Entry<String, Unit>> open = new ArrayList<>();
    synchronized (units) {
      for (Map.Entry<String, Unit> e : units.entrySet()) {
        if (!wanted.contains(e.getKey()) || !claimed.add(phase + e.getKey())) {
          continue; // done by this run already, or not to be done
        }
        Optional<Status> status = known.apply(e.getKey());
        if (status.isPresent() && status.get().isFinal()) {
          count(phase, 1, 0, status.get().isBad() ? 1 : 0, 0);
        } else {
          open.add(e);
        }
      }
    }
    return open;
  }

  private void each(
      Phase phase, List<Map.Entry<String, Unit>> open, BiConsumer<String, Unit> work) {
    long start = System.nanoTime();
    if (open.isEmpty()) {
      return;
    }
    listener.begins(phase, open.size());
    try {
      all(open.iterator(), e -> work.accept(e.getKey(), e.getValue()));
      flush();
    } finally {
      listener.ends(phase);
      count(phase, 0, 0, 0, (System.nanoTime() - start) / 1e9);
    }
  }
}
