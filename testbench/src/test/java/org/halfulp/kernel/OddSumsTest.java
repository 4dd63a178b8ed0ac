package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** {@link ScalarSums#oddSums} and its vectors against exact sums. */
class OddSumsTest {
  private static final Quantizer ODD =
      new Quantizer(FloatFormat.FLOAT64, RoundingMode.RTO, OverflowRule.NONE, 0, false);

  private static double value(Cases cases, double near) {
    if (near != 0 && cases.oneIn(8)) {
      return -near;
    }
    double x = cases.random().nextDouble(1, 2) * (cases.oneIn(2) ? 1 : -1);
    // few bits, so that sums are exact or ties, or all of them
    double some = cases.oneIn(3) ? Math.rint(x * 64) / 64 : x;
    return cases.oneIn(30) ? (cases.oneIn(2) ? 0.0 : -0.0) : Math.scalb(some, cases.between(0, 70));
  }

  @Test
  void roundToOddByEitherPath() {
    List<ScalarSums> paths = List.of(LoopChoice.sums(false), LoopChoice.sums(true));
    assertNotSame(paths.get(0).getClass(), paths.get(1).getClass(), "the tests need vectors");
    Cases cases = new Cases(81);
    int inexact = 0;
    int compared = 0;
    for (int t = 0; t < 600; t++) {
      int n = t % 40;
      int from = cases.between(0, 5);
      double sx = t % 3 == 0 ? -1 : 1;
      double sy = t % 5 == 0 ? -0.25 : 1;
      double so = t % 7 == 0 ? -1 : 1;
      double[] x = new double[from + n];
      double[] y = new double[from + n];
      for (int i = from; i < from + n; i++) {
        x[i] = value(cases, 0);
        y[i] = value(cases, x[i]);
      }
      for (ScalarSums path : paths) {
        boolean inPlace = cases.oneIn(2);
        double[] left = x.clone();
        double[] out = inPlace ? left : new double[from + n + 1];
        path.oddSums(left, from, sx, y, from, sy, out, from, so, n);
        for (int i = from; i < from + n; i++) {
          Real exact = Real.of(sx * x[i]).add(Real.of(sy * y[i]), false);
          double expected = so * FloatFormat.FLOAT64.toDouble(ODD.round(exact, 0).code());
          String what = path.getClass() + " " + x[i] + " * " + sx + " + " + y[i] + " * " + sy;
          assertEquals(Double.toHexString(expected), Double.toHexString(out[i]), what);
          inexact += ODD.round(exact, 0).flags() != 0 ? 1 : 0;
          compared++;
        }
      }
    }
    assertTrue(compared > 20_000 && inexact > compared / 3, inexact + " of " + compared);
  }

  @Test
  void infinitiesAndNanStay() {
    double inf = Double.POSITIVE_INFINITY;
    double[] x = {inf, inf, Double.NaN, -inf, 1, inf, 1, 0};
    double[] y = {1, -inf, 1, -inf, inf, Double.NaN, -1, -0.0};
    double[] expected = {inf, Double.NaN, Double.NaN, -inf, inf, Double.NaN, 0, 0};
    for (boolean vectors : new boolean[] {false, true}) {
      double[] out = new double[x.length];
      LoopChoice.sums(vectors).oddSums(x, 0, 1, y, 0, 1, out, 0, 1, x.length);
      for (int i = 0; i < x.length; i++) {
        assertEquals(expected[i], out[i]);
      }
    }
  }
}
