package org.halfulp.sweep;

import io.jenetics.Genotype;
import io.jenetics.IntegerChromosome;
import io.jenetics.IntegerGene;
import io.jenetics.Mutator;
import io.jenetics.Phenotype;
import io.jenetics.UniformCrossover;
import io.jenetics.engine.Engine;
import io.jenetics.engine.Evaluator;
import io.jenetics.ext.moea.NSGA2Selector;
import io.jenetics.ext.moea.UFTournamentSelector;
import io.jenetics.ext.moea.Vec;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.halfulp.input.InputException;
import org.halfulp.input.SweepSpec;
import org.halfulp.sim.Hash;
import org.halfulp.sweep.Sweeper.Candidate;

/** Which points of a space are looked at: the whole grid, a sample, or those that lead further. */
public final class Search {
  private static final int TRIES = 1000; // draws for each point wanted
  private static final int REDUCTION = 3; // of successive halving, after Li et al. 2018
  private static final int MOST_RUNGS = 4;
  private static final double WORST = 1e300; // infinite objectives have no crowding distance

  /** One part of a sweep that several machines share. */
  public record Shard(int part, int of) {
    public static final Shard ALL = new Shard(1, 1);

    public Shard {
      if (of < 1 || part < 1 || part > of) {
        throw new IllegalArgumentException(
            "--shard must be i/N with i in 1..N, got %d/%d".formatted(part, of));
      }
    }

    boolean has(Map<String, String> settings) {
      return of == 1
          || Integer.parseInt(Hash.of(settings.toString()).substring(0, 7), 16) % of == part - 1;
    }
  }

  private final SweepSpec spec;
  private final SweepStore store;
  private final Sweeper sweeper;
  private final List<Metric> objectives;
  private boolean found; // evolution, a point

  public Search(SweepSpec spec, SweepStore store, Sweeper sweeper, List<Metric> objectives) {
    this.spec = spec;
    this.store = store;
    this.sweeper = sweeper;
    this.objectives = objectives;
  }

  /** Every point of the grid. */
  public void grid(Shard shard) {
    long size = spec.size();
    long total =
        LongStream.range(0, size)
            .filter(n -> spec.settings(n).map(shard::has).orElse(false))
            .count();
    if (total == 0 && LongStream.range(0, size).noneMatch(n -> spec.settings(n).isPresent())) {
      throw noneOf("the grid");
    }
    Iterator<Candidate> candidates =
        LongStream.range(0, size)
            .mapToObj(n -> spec.settings(n).filter(shard::has).map(s -> new Candidate(n, s, 0, 1)))
            .flatMap(Optional::stream)
            .iterator();
    sweeper.train(candidates, total, p -> {});
    finish();
  }

  private InputException noneOf(String points) {
    return new InputException(
        "%s: no point is left: the conditions allow none of %s (%s)"
            .formatted(spec.file(), points, String.join("; ", spec.conditions())));
  }

  private void finish() {
    sweeper.verify();
    sweeper.price();
  }

  /** Different points drawn by a seed. */
  public void random(int points, long seed, Shard shard) {
    List<Candidate> drawn = draw(points, seed);
    List<Candidate> mine = drawn.stream().filter(c -> shard.has(c.settings())).toList();
    sweeper.train(mine.iterator(), mine.size(), p -> {});
    finish();
  }

  private List<Candidate> draw(int points, long seed) {
    Random random = new Random(seed);
    int[] sizes = spec.parameters().stream().mapToInt(p -> p.values().size()).toArray();
    Set<Map<String, String>> seen = new HashSet<>();
    List<Candidate> drawn = new ArrayList<>();
    for (long t = 0; t < (long) points * TRIES && drawn.size() < points; t++) {
      int[] choice = Arrays.stream(sizes).map(random::nextInt).toArray();
      spec.settings(choice)
          .filter(seen::add)
          .ifPresent(s -> drawn.add(new Candidate(spec.number(choice), s, 0, 1)));
    }
    if (drawn.isEmpty()) {
      throw noneOf("%,d points drawn".formatted((long) points * TRIES));
    }
    return drawn;
  }

  /**
   * Successive halving: all points for few epochs, the best third of them by the first objective
   * for three times as many, and so on; the last ones for all. Few are the same part of its own
   * epochs for each point.
   *
   * @param points to begin with, drawn; empty: the grid
   */
  public void halving(Optional<Integer> points, long seed) {
    List<Candidate> alive =
        points.isPresent()
            ? draw(points.get(), seed)
            : LongStream.range(0, spec.size())
                .mapToObj(n -> spec.settings(n).map(s -> new Candidate(n, s, 0, 1)))
                .flatMap(Optional::stream)
                .toList();
    if (alive.isEmpty()) {
      throw noneOf("the grid");
    }
    int epochs = alive.stream().mapToInt(c -> spec.epochs(c.settings())).max().orElseThrow();
    int rungs = 0;
    for (int n = alive.size(), e = epochs;
        n >= REDUCTION && e >= REDUCTION && rungs < MOST_RUNGS;
        n /= REDUCTION, e /= REDUCTION) {
      rungs++;
    }
    Metric by = objectives.get(0);
    for (int rung = rungs; rung >= 0; rung--) {
      int part = (int) Math.round(Math.pow(REDUCTION, rung));
      Map<String, Candidate> planned = new LinkedHashMap<>();
      int r = rung;
      List<Candidate> now = new ArrayList<>();
      for (Candidate c : alive) {
        now.add(new Candidate(c.number(), c.settings(), r, part));
      }
      Map<Map<String, String>, Candidate> bySettings = new HashMap<>();
      now.forEach(c -> bySettings.put(c.settings(), c));
      sweeper.train(
          now.iterator(),
          now.size(),
          p -> {
            synchronized (planned) {
              planned.put(p.id(), bySettings.get(p.settings()));
            }
          });
      if (rung > 0) {
        Map<Candidate, Double> losses = new HashMap<>();
        planned.forEach((id, c) -> losses.put(c, loss(id, by)));
        alive =
            now.stream()
                .filter(losses::containsKey)
                .sorted(
                    Comparator.<Candidate>comparingDouble(losses::get)
                        .thenComparingLong(Candidate::number))
                .limit(Math.max(1, (now.size() + REDUCTION - 1) / REDUCTION))
                .toList();
      }
    }
    finish();
  }

  /** Infinite where there is none. */
  private double loss(String point, Metric by) {
    return store.find(point).stream()
        .mapToDouble(by::toMinimize)
        .filter(Double::isFinite)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /**
   * NSGA-II (Deb et al. 2002) over all objectives, by Jenetics. The same seed asks for the same
   * points again, so a search that was stopped goes on.
   *
   * @param points evaluations, about
   */
  public void evolve(int points, long seed) {
    int population = Math.max(8, Math.min(48, points / 5));
    int generations = Math.max(1, (points + population - 1) / population);
    List<IntegerChromosome> chromosomes =
        spec.parameters().stream()
            .map(p -> IntegerChromosome.of(0, p.values().size())) // the end is not among them
            .toList();
    Evaluator<IntegerGene, Vec<double[]>> evaluator = this::evaluate;
    Engine<IntegerGene, Vec<double[]>> engine =
        new Engine.Builder<>(evaluator, Genotype.of(chromosomes))
            .populationSize(population)
            .offspringFraction(0.9)
            .alterers(
                new UniformCrossover<>(0.6, 0.5),
                new Mutator<>(1.0 / Math.max(2, chromosomes.size())))
            .offspringSelector(UFTournamentSelector.ofVec())
            .survivorsSelector(NSGA2Selector.ofVec())
            .minimizing()
            .executor(Runnable::run)
            .build();
    RandomRegistry.with(new Random(seed), random -> engine.stream().limit(generations).count());
    if (!found) {
      throw noneOf("the points tried");
    }
    finish();
  }

  private ISeq<Phenotype<IntegerGene, Vec<double[]>>> evaluate(
      io.jenetics.util.Seq<Phenotype<IntegerGene, Vec<double[]>>> population) {
    Map<Map<String, String>, Candidate> wanted = new LinkedHashMap<>();
    for (Phenotype<IntegerGene, Vec<double[]>> one : population) {
      int[] choice = choice(one);
      spec.settings(choice)
          .ifPresent(s -> wanted.put(s, new Candidate(spec.number(choice), s, 0, 1)));
    }
    found |= !wanted.isEmpty();
    Map<Map<String, String>, String> ids = Collections.synchronizedMap(new HashMap<>());
    sweeper.train(wanted.values().iterator(), wanted.size(), p -> ids.put(p.settings(), p.id()));
    if (objectives.stream().anyMatch(Metric::isOfCost)) {
      sweeper.price();
    }
    Map<Map<String, String>, double[]> fitness = new HashMap<>();
    ids.forEach(
        (settings, id) ->
            fitness.put(
                settings,
                store.find(id).stream().findFirst().map(this::values).orElseGet(this::worst)));
    return population.stream()
        .map(
            one ->
                one.withFitness(
                    Vec.of(spec.settings(choice(one)).map(fitness::get).orElseGet(this::worst))))
        .collect(ISeq.toISeq());
  }

  private int[] choice(Phenotype<IntegerGene, Vec<double[]>> one) {
    return spec.reduced(one.genotype().stream().mapToInt(c -> c.gene().intValue()).toArray());
  }

  private double[] values(SweepStore.Result r) {
    return objectives.stream()
        .mapToDouble(m -> m.toMinimize(r))
        .map(x -> Double.isFinite(x) && r.bad() == 0 ? x : WORST)
        .toArray();
  }

  private double[] worst() {
    double[] all = new double[objectives.size()];
    Arrays.fill(all, WORST);
    return all;
  }
}
