package org.halfulp.risk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.QuantizerSet;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.OnePassSgd;
import org.halfulp.learn.Runs;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.theory.QuantizedRegression;
import org.halfulp.theory.RiskRecursion;

/** A configuration that is both simulated and predicted, and how far the two are apart. */
record Setting(String name, QuantizerSet quantizers, int d, double a, double step, int batch) {

  /** Simulated minus predicted, in standard errors. */
  record Score(
      Setting setting, long steps, String risk, double simulated, double predicted, double z) {}

  List<Score> compare(long[] at, int runs, long seed, int threads) {
    return compare(quantizers, at, runs, seed, threads);
  }

  /**
   * @param predicted for which the theory is asked; others than the simulated ones are a fault
   */
  List<Score> compare(QuantizerSet predicted, long[] at, int runs, long seed, int threads) {
    double[] spectrum = GaussianProblem.powerLaw(d, a);
    double[] target = new double[d];
    Arrays.fill(target, 1);
    QuantizedRegression theory = new QuantizedRegression(spectrum, target, 1, predicted);
    RiskRecursion recursion = theory.recursion(step, batch);
    Runs.Result result =
        new Runs(
                new GaussianProblem(spectrum, target, 1),
                quantizers,
                new OnePassSgd.Plan(step, batch),
                theory.second(),
                theory.cross())
            .run(at, runs, seed, threads);
    List<Score> scores = new ArrayList<>();
    for (Runs.Point p : result.points()) {
      recursion.to(p.steps());
      scores.add(score(p.steps(), "average", p.average(), recursion.average()));
      scores.add(score(p.steps(), "last", p.last(), recursion.last()));
      if (predicted.data() != Perturbation.NONE) {
        scores.add(
            score(
                p.steps(),
                "average, quantized features",
                p.averageOnQuantized(),
                recursion.averageOnQuantizedFeatures()));
        scores.add(
            score(
                p.steps(),
                "last, quantized features",
                p.lastOnQuantized(),
                recursion.lastOnQuantizedFeatures()));
      }
    }
    return scores;
  }

  private Score score(long steps, String risk, Runs.Estimate simulated, double predicted) {
    double z = (simulated.mean() - predicted) / simulated.standardError();
    return new Score(this, steps, risk, simulated.mean(), predicted, z);
  }

  static Perturbation fixed(int fraction, RoundingMode mode) {
    return rounding(new FixedFormat(true, 8 + fraction, fraction), mode);
  }

  static Perturbation minifloat(int fraction, RoundingMode mode) {
    return rounding(FloatFormat.of(5, fraction, Family.IEEE), mode);
  }

  private static Perturbation rounding(Format format, RoundingMode mode) {
    return Perturbation.of(
        new Quantizer(
            format,
            mode,
            format instanceof FloatFormat ? OverflowRule.FINITE : OverflowRule.SATURATE,
            mode == RoundingMode.SR ? 16 : 0,
            false));
  }

  /** Each of the five targets alone, then all. */
  private static void everyTarget(
      List<String> names, List<QuantizerSet> sets, String name, Perturbation p) {
    QuantizerSet none = QuantizerSet.NONE;
    List<QuantizerSet> six =
        List.of(
            none.withData(p),
            none.withParameter(p),
            none.withActivation(p),
            none.withLabel(p),
            none.withResidual(p),
            QuantizerSet.all(p));
    List<String> targets = List.of("data", "parameter", "activation", "label", "residual", "all");
    for (int i = 0; i < 6; i++) {
      names.add(name + ", " + targets.get(i));
      sets.add(six.get(i));
    }
  }

  /** All that the full comparison covers. */
  static List<Setting> all() {
    List<String> names = new ArrayList<>();
    List<QuantizerSet> sets = new ArrayList<>();
    names.add("none");
    sets.add(QuantizerSet.NONE);
    everyTarget(names, sets, "additive .05", Perturbation.additive(.05));
    everyTarget(names, sets, "element-wise .05", Perturbation.elementwise(.05));
    everyTarget(names, sets, "shared scale .05", Perturbation.shared(.05));
    everyTarget(names, sets, "fixed 2^-3 SR", fixed(3, RoundingMode.SR));
    everyTarget(names, sets, "e5m2 SR", minifloat(2, RoundingMode.SR));
    for (int fraction : new int[] {2, 4, 5, 6}) {
      names.add("fixed 2^-" + fraction + " SR, all");
      sets.add(QuantizerSet.all(fixed(fraction, RoundingMode.SR)));
    }
    for (int fraction : new int[] {1, 3, 5}) {
      names.add("e5m" + fraction + " SR, all");
      sets.add(QuantizerSet.all(minifloat(fraction, RoundingMode.SR)));
    }
    QuantizerSet fixed = QuantizerSet.all(fixed(4, RoundingMode.SR));
    QuantizerSet floats = QuantizerSet.all(minifloat(3, RoundingMode.SR));
    names.add("fixed 2^-4 SR, data nearest");
    sets.add(fixed.withData(fixed(4, RoundingMode.RNE)));
    names.add("fixed 2^-4 SR, data nearest and saturated at 1");
    sets.add(fixed.withData(rounding(new FixedFormat(true, 5, 4), RoundingMode.RNE)));
    names.add("e5m3 SR, data nearest e5m1");
    sets.add(floats.withData(minifloat(1, RoundingMode.RNE)));
    names.add("e5m3 SR, data e2m1 SR");
    sets.add(floats.withData(rounding(FloatFormat.of(2, 1, Family.FINITE), RoundingMode.SR)));
    names.add("e5m3 SR, activation and residual fixed 2^-3 SR");
    sets.add(
        floats.withActivation(fixed(3, RoundingMode.SR)).withResidual(fixed(3, RoundingMode.SR)));
    List<Setting> settings = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      for (int batch : new int[] {1, 8}) {
        settings.add(new Setting(names.get(i), sets.get(i), 30, 2, .1, batch));
        settings.add(new Setting(names.get(i), sets.get(i), 30, 1, .05, batch));
      }
    }
    return settings;
  }
}
