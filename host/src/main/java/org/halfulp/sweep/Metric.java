package org.halfulp.sweep;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.halfulp.verify.UpdateModel;

/** What points are compared by. */
public enum Metric {
  TRAIN_LOSS("train_loss", null),
  TEST_LOSS("test_loss", null),
  AVERAGE_TRAIN_LOSS("average_train_loss", null),
  AVERAGE_TEST_LOSS("average_test_loss", null),
  /** Loss over that of the binary64 run of the same steps. */
  RATIO("train_loss", "b_train_loss"),
  /** The same of the averaged weights. */
  AVERAGE_RATIO("average_train_loss", "b_average_train_loss"),
  /** Excess risk of the last weights, on rows drawn as the data. */
  RISK("risk", null),
  /** The same of the averaged weights. */
  AVERAGE_RISK("average_risk", null),
  /** What theory says of {@link #RISK}, with weights of binary64. */
  RISK_THEORY("risk_theory", null),
  AVERAGE_RISK_THEORY("average_risk_theory", null),
  /** Bits of weights and velocities. */
  STATE_BITS(null, null),
  LUTS("lut"),
  FFS("ff"),
  DSPS("dsp"),
  /** LUTs, carries and multiplexers on the longest path. */
  LEVELS("levels"),
  /** Of the and-inverter graph, target generic. */
  AIG_NODES("aig_nodes"),
  AIG_DEPTH("aig_depth"),
  /** Logic cells after place and route. */
  LC("lc"),
  /** Largest clock, MHz; more is better. */
  FMAX("fmax"),
  /** From a beat's operands to its weights, clock periods. */
  LATENCY_CYCLES(null, null),
  /** The same at the largest clock, ns. */
  LATENCY_NS("fmax");

  private final String source; // a column of the training run
  private final String reference;
  private final String figure; // a name of the unit's cost

  Metric(String source, String reference) {
    this(source, reference, null);
  }

  Metric(String figure) {
    this(null, null, figure);
  }

  Metric(String source, String reference, String figure) {
    this.source = source;
    this.reference = reference;
    this.figure = figure;
  }

  /** Its name in descriptions and tables. */
  public String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it comes from training runs, of which a point may have several. */
  public boolean isOfTraining() {
    return source != null;
  }

  /** Whether it comes from synthesis. */
  public boolean isOfCost() {
    return figure != null;
  }

  /** Whether synthesis that has these figures gives it. */
  public boolean isAmong(Collection<String> figures) {
    return figures.contains(figure);
  }

  String source() {
    return source;
  }

  String reference() {
    return reference;
  }

  double of(double value, double referenceValue) {
    return reference == null ? value : value / referenceValue;
  }

  static List<Metric> ofTraining() {
    return Arrays.stream(values()).filter(Metric::isOfTraining).toList();
  }

  /** The value of a point; NaN where it has none. */
  public double of(SweepStore.Result r) {
    if (isOfTraining()) {
      return r.losses().getOrDefault(column(), Estimate.NONE).mean();
    }
    if (this == STATE_BITS) {
      return r.point().stateBits() < 0 ? Double.NaN : r.point().stateBits();
    }
    double cycles =
        r.hardware().map(h -> (double) UpdateModel.latency(h.parameters())).orElse(Double.NaN);
    if (this == LATENCY_CYCLES) {
      return cycles;
    }
    SweepStore.Figure f = r.figures().get(figure);
    double value = f == null ? Double.NaN : f.value();
    return this == LATENCY_NS ? 1000 * cycles / value : value;
  }

  /** The estimate that the value of a point is or is made of. */
  public Optional<SweepStore.Figure> estimate(SweepStore.Result r) {
    return Optional.ofNullable(figure).map(r.figures()::get).filter(SweepStore.Figure::isEstimate);
  }

  /** Whether the value of a point is an estimate. */
  public boolean isEstimated(SweepStore.Result r) {
    return estimate(r).isPresent();
  }

  /** Of an estimate, relative, as {@link SweepStore.Figure#error}; NaN where it is none. */
  public double error(SweepStore.Result r) {
    return estimate(r).map(SweepStore.Figure::error).orElse(Double.NaN);
  }

  /** Largest less smallest over the seeds of place and route; 0 where there are none. */
  public double spread(SweepStore.Result r) {
    SweepStore.Figure f = figure == null || this == LATENCY_NS ? null : r.figures().get(figure);
    return f == null || !(f.spread() > 0) ? 0 : f.spread();
  }

  /** Smaller is better for this number. */
  public double toMinimize(SweepStore.Result r) {
    return this == FMAX ? -of(r) : of(r);
  }

  /**
   * @throws IllegalArgumentException naming the choices
   */
  public static Metric parse(String text) {
    for (Metric m : values()) {
      if (m.column().equals(text)) {
        return m;
      }
    }
    throw new IllegalArgumentException(
        "unknown objective '%s'; known: %s"
            .formatted(
                text,
                Arrays.stream(values()).map(Metric::column).collect(Collectors.joining(" "))));
  }
}
