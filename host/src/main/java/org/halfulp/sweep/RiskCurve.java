package org.halfulp.sweep;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halfulp.input.Description;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.Training;
import org.halfulp.theory.RiskRecursion;

/** Excess risk on true features along one epoch, at steps that grow by a constant factor. */
public final class RiskCurve {
  private static final int MARKS = 40;

  /**
   * Risks after some steps.
   *
   * @param last of the weights, {@code average} of the mean of the weights before each step
   */
  public record Row(
      long steps, double last, double average, double lastInTheory, double averageInTheory) {}

  private final RiskRecursion recursion;
  private final List<Row> rows = new ArrayList<>();

  private RiskCurve(RiskRecursion recursion) {
    this.recursion = recursion;
  }

  /** Of a run that goes on in {@code training}; empty where there is no theory of it. */
  static Optional<RiskCurve> of(Description d, Training training) {
    RiskTheory theory;
    try {
      theory = RiskTheory.of(d);
    } catch (IllegalArgumentException none) {
      return Optional.empty();
    }
    GaussianProblem problem = RiskTheory.problem(d.data()).orElseThrow();
    RiskCurve curve = new RiskCurve(theory.recursion());
    int most = training.stepsPerEpoch();
    training.watch(
        steps -> {
          if (isMark(steps, most)) {
            curve.add(
                steps, risk(problem, training.step().weights()), risk(problem, training.average()));
          }
        });
    return Optional.of(curve);
  }

  /** Whether a step is the first at or beyond a mark; the last one is. */
  private static boolean isMark(long steps, int most) {
    double marks = MARKS / Math.max(1, Math.log(most));
    return steps == most
        || steps == 1
        || Math.floor(Math.log(steps) * marks) > Math.floor(Math.log(steps - 1) * marks);
  }

  static double risk(GaussianProblem problem, double[] w) {
    return w == null ? Double.NaN : problem.risk(w, problem.spectrum(), problem.spectrum());
  }

  private void add(long steps, double last, double average) {
    recursion.to(steps);
    rows.add(new Row(steps, last, average, recursion.last(), recursion.average()));
  }

  /** So far. */
  public List<Row> rows() {
    return List.copyOf(rows);
  }
}
