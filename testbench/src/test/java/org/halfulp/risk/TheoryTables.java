package org.halfulp.risk;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.theory.BitsAtEqualRisk;
import org.halfulp.theory.QuantizedRegression;
import org.halfulp.theory.RiskBound;
import org.halfulp.theory.RiskRecursion;

/** What `.theory` says without a simulation, as Markdown. */
final class TheoryTables {
  private static final double STEP = 0.1;
  private static final long[] STEPS = {200, 1000, 5000, 20000};

  private final StringBuilder out = new StringBuilder();

  static String page() {
    TheoryTables tables = new TheoryTables();
    tables.line("");
    tables.line("## Theory alone");
    tables.line("");
    tables.line("Eigenvalues i^-2 unless said, step size .1, start at 0.");
    tables.risks();
    tables.batches();
    tables.limits();
    tables.bits();
    return tables.out.toString();
  }

  private void line(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static QuantizedRegression problem(int d, QuantizerSet q) {
    return new QuantizedRegression(GaussianProblem.powerLaw(d, 2), ones(d), 1, q);
  }

  private static double[] ones(int d) {
    double[] w = new double[d];
    Arrays.fill(w, 1);
    return w;
  }

  private void risks() {
    line("");
    line("Excess risk of the averaged iterate, all five quantized, d = 200, B = 1:");
    line("");
    line("| noise | N = 200 | 1000 | 5000 | 20000 |");
    line("|---|---|---|---|---|");
    for (Perturbation p :
        List.of(
            Perturbation.NONE,
            Perturbation.additive(1e-3),
            Perturbation.additive(5e-3),
            Perturbation.additive(1e-2),
            Perturbation.elementwise(1e-3),
            Perturbation.elementwise(5e-3),
            Perturbation.elementwise(1e-2))) {
      RiskRecursion r = problem(200, QuantizerSet.all(p)).recursion(STEP, 1);
      out.append("| ").append(p);
      for (long n : STEPS) {
        out.append(String.format(Locale.ROOT, " | %.5f", r.to(n).average()));
      }
      line(" |");
    }
    QuantizedRegression exact = problem(200, QuantizerSet.NONE);
    RiskRecursion r = exact.recursion(STEP, 1);
    out.append("| bound of Zou et al., of the first row");
    for (long n : STEPS) {
      double ratio = RiskBound.of(exact, STEP, n).risk() / r.to(n).average();
      out.append(String.format(Locale.ROOT, " | %.1f times", ratio));
    }
    line(" |");
  }

  private void batches() {
    line("");
    line(
        "What noise of variance .05 adds to the excess risk at the same batch after 2000 steps, d ="
            + " 200; averaged iterate [last iterate]:");
    line("");
    line("| B | additive a, o | element-wise a, o | shared scale a, o | additive p |");
    line("|---|---|---|---|---|");
    for (int batch : new int[] {1, 8, 64}) {
      RiskRecursion exact = problem(200, QuantizerSet.NONE).recursion(STEP, batch).to(2000);
      out.append("| ").append(batch);
      for (QuantizerSet q :
          List.of(
              outputs(Perturbation.additive(.05)),
              outputs(Perturbation.elementwise(.05)),
              outputs(Perturbation.shared(.05)),
              QuantizerSet.NONE.withParameter(Perturbation.additive(.05)))) {
        RiskRecursion r = problem(200, q).recursion(STEP, batch).to(2000);
        out.append(
            String.format(
                Locale.ROOT,
                " | %.2e [%.1e]",
                r.average() - exact.average(),
                r.last() - exact.last()));
      }
      line(" |");
    }
  }

  private static QuantizerSet outputs(Perturbation p) {
    return QuantizerSet.NONE.withActivation(p).withResidual(p);
  }

  private void limits() {
    line("");
    line("Largest stable step size:");
    line("");
    line("| features | B = 1 | B = 64 |");
    line("|---|---|---|");
    QuantizerSet added = QuantizerSet.dataOnly(Perturbation.additive(.01));
    limit("exact, d = 200", problem(200, QuantizerSet.NONE));
    limit("additive .01, d = 200", problem(200, added));
    limit("additive .01, d = 800", problem(800, added));
    QuantizedRegression p = problem(200, added);
    line("");
    line(
        "Directions that are learnt (k*) with additive noise .01 on 200 features, step size .05: %d"
            + " after 1000 steps, %d after 5000.",
        RiskBound.effectiveDimension(p.second(), .05, 1000),
        RiskBound.effectiveDimension(p.second(), .05, 5000));
  }

  private void limit(String name, QuantizedRegression p) {
    line("| %s | %.3f | %.2f |", name, p.stepLimit(1), p.stepLimit(64));
  }

  private void bits() {
    line("");
    line(
        "Fraction bits that float features save at the risk of 8-bit fixed-point ones (noise 2^-2m"
            + " and 2^-16) after 5000 steps, and what Corollary 4.3 asks for:");
    line("");
    line("| a | d | on true features | on quantized features | (a/2) log2 d |");
    line("|---|---|---|---|---|");
    for (double a : new double[] {2, 1.5}) {
      for (int d : new int[] {50, 200, 800}) {
        BitsAtEqualRisk bits =
            BitsAtEqualRisk.of(GaussianProblem.powerLaw(d, a), ones(d), 1, STEP, 1, 5000, 8);
        line(
            "| %s | %d | %.2f | %.2f | %.1f |",
            a,
            d,
            bits.savedOnTrueFeatures(),
            bits.savedOnQuantizedFeatures(),
            a / 2 * Math.log(d) / Math.log(2));
      }
    }
  }
}
