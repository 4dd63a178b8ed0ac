package org.halfulp.sweep;

import java.util.List;
import java.util.Optional;
import org.halfulp.cost.Cost;
import org.halfulp.cost.Flow;
import org.halfulp.cost.HardwarePoint;
import org.halfulp.cost.Pricer;

/** Prices units and makes rows of it. */
public final class UnitPricer {
  /** What was found. */
  record Priced(SweepStore.CostRow row, List<SweepStore.Figure> figures) {}

  private final Pricer pricer;
  private final Flow flow;

  public UnitPricer(Pricer pricer, Flow flow) {
    this.pricer = pricer;
    this.flow = flow;
  }

  /** Of all that decides the price: unit, flow, tools. */
  String identity(HardwarePoint unit) {
    return pricer.hash(unit, flow);
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
                          f.name(), f.value(), f.unit(), f.spread(), f.tool(), f.version()))
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
