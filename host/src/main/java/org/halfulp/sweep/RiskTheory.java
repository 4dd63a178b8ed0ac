package org.halfulp.sweep;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.halfulp.input.Description;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.theory.QuantizedRegression;
import org.halfulp.theory.RiskRecursion;

/** What theory says of the excess risk of a described run, and of which runs it says nothing. */
public final class RiskTheory {
  /** With fewer random bits, stochastic rounding has a bias that theory leaves out. */
  private static final int FEWEST_RANDOM_BITS = 8;

  private final QuantizedRegression regression;
  private final double step;
  private final int batch;
  private final boolean storesWeights;

  private RiskTheory(Description d, QuantizedRegression regression) {
    this.regression = regression;
    step = d.training().stepSize();
    batch = d.training().batch();
    storesWeights = d.datapath().weight().isPresent() || d.datapath().gradient().isPresent();
  }

  /** What the rows are drawn from, where weights are of the rows as they are drawn. */
  static Optional<GaussianProblem> problem(Description.Data data) {
    return data.source() instanceof Description.Gaussian drawn && !data.standardize()
        ? Optional.of(drawn.problem())
        : Optional.empty();
  }

  /**
   * The theory of a run.
   *
   * @throws IllegalArgumentException saying why there is none
   */
  public static RiskTheory of(Description d) {
    Datapath path = d.datapath();
    check(d.data().source() instanceof Description.Gaussian, "the rows come from a file");
    check(!d.data().standardize(), "the rows are standardized");
    check(d.data().input().isEmpty(), "the rows are rounded before anything sees them");
    check(d.training().epochs() == 1, "rows are seen again after the first epoch");
    check(path.momentum().isEmpty(), "the update has momentum");
    check(isExact(path.forward()) && isExact(path.backward()), "sums are rounded");
    Map<String, Optional<Quantizer>> five = new LinkedHashMap<>();
    five.put("data", path.data());
    five.put("parameter", path.parameter());
    five.put("activation", path.activation());
    five.put("label", path.label());
    five.put("residual", path.residual());
    five.forEach(
        (name, q) ->
            q.ifPresent(
                r -> {
                  check(
                      r.rounding() == RoundingMode.SR
                          || r.rounding() == RoundingMode.RNE
                          || r.rounding() == RoundingMode.RNA,
                      "%s is rounded %s".formatted(name, r.rounding()));
                  check(
                      !r.draws() || r.randomBits() >= FEWEST_RANDOM_BITS,
                      "%s is rounded with %d random bits".formatted(name, r.randomBits()));
                }));
    GaussianProblem problem = problem(d.data()).orElseThrow();
    QuantizedRegression regression =
        new QuantizedRegression(
            problem.spectrum(),
            problem.target(),
            problem.noise(),
            new QuantizerSet(
                perturbation(path.data()),
                perturbation(path.parameter()),
                perturbation(path.activation()),
                perturbation(path.label()),
                perturbation(path.residual())));
    double limit = regression.stepLimit(d.training().batch());
    check(
        d.training().stepSize() < limit,
        "step size %s is beyond the limit %.4g".formatted(d.training().stepSize(), limit));
    return new RiskTheory(d, regression);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  private static boolean isExact(Accumulator a) {
    return a.sum().isEmpty() && a.product().isEmpty();
  }

  private static Perturbation perturbation(Optional<Quantizer> q) {
    return q.map(Perturbation::of).orElse(Perturbation.NONE);
  }

  /** Whether the run rounds weights or gradients, which are of binary64 in theory. */
  public boolean storesWeights() {
    return storesWeights;
  }

  /** From weights 0. */
  RiskRecursion recursion() {
    return regression.recursion(step, batch);
  }
}
