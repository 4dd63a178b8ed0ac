package org.halfulp.sweep;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.cost.Cost;
import org.halfulp.cost.Estimator;
import org.halfulp.cost.Flow;
import org.halfulp.cost.HardwarePoint;
import org.halfulp.cost.Pricer;

/** Prices units and makes rows of it. */
public final class UnitPricer {
  /** What was found. */
  record Priced(SweepStore.CostRow row, List<SweepStore.Figure> figures) {}

  static final String OUTSIDE = ", outside of which: ";

  private final Pricer pricer;
  private final Flow flow;

  public UnitPricer(Pricer pricer, Flow flow) {
    this.pricer = pricer;
    this.flow = flow;
  }

  /** Names of the figures that a priced unit has. */
  public List<String> figures() {
    return flow.figures();
  }

  /** Of all that decides the price: unit, flow, tools. */
  String identity(HardwarePoint unit) {
    return pricer.hash(unit, flow);
  }

  /** Its figures as those of the units measured so far suggest, by {@link Estimator}. */
  final class Estimates {
    private final List<Estimator> fitted;
    private final Map<String, String> units = new HashMap<>(); // of figures

    /**
     * @param any one of the units, which have one top
     * @throws IllegalArgumentException if too few are measured
     */
    Estimates(HardwarePoint any) {
      List<Cost> known = pricer.priced(any, flow);
      known.forEach(c -> c.figures().forEach(f -> units.put(f.name(), f.unit())));
      fitted = flow.figures().stream().map(f -> Estimator.fit(f, known)).toList();
    }

    Priced of(String hardware, HardwarePoint unit) {
      List<SweepStore.Figure> figures =
          fitted.stream()
              .map(e -> e.estimate(unit))
              .map(
                  e ->
                      new SweepStore.Figure(
                          e.figure(),
                          e.value(),
                          units.get(e.figure()),
                          Double.NaN,
                          e.most(),
                          "estimate",
                          "from %d measured units%s"
                              .formatted(
                                  e.points(),
                                  e.outside().isEmpty()
                                      ? ""
                                      : OUTSIDE + String.join(", ", e.outside()))))
              .toList();
      return new Priced(
          new SweepStore.CostRow(
              hardware, flow.target().label(), Status.ESTIMATED, Optional.empty(), 0),
          figures);
    }
  }

  Priced price(String hardware, HardwarePoint unit) {
    long start = System.nanoTime();
    try {
      Cost cost = pricer.price(unit, flow);
      List<SweepStore.Figure> figures =
          cost.figures().stream()
              .map(
                  f ->
                      new SweepStore.Figure(
                          f.name(),
                          f.value(),
                          f.unit(),
                          f.spread(),
                          Double.NaN,
                          f.tool(),
                          f.version()))
              .toList();
      return new Priced(
          new SweepStore.CostRow(
              hardware, cost.target(), Status.DONE, Optional.empty(), cost.seconds()),
          figures);
    } catch (RuntimeException | OutOfMemoryError e) {
      String why = e.getMessage() == null ? e.toString() : e.getMessage();
      return new Priced(
          new SweepStore.CostRow(
              hardware,
              flow.target().label(),
              Status.FAILED,
              Optional.of(Sweeper.shortened(why)),
              (System.nanoTime() - start) / 1e9),
          List.of());
    }
  }
}
