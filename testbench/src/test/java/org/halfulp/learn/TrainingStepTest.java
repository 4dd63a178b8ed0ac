package org.halfulp.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.Cases;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** {@link TrainingStep} against {@link PlainStep}, and against plain loops. */
class TrainingStepTest {
  private static Optional<Quantizer> maybe(Cases cases, Format format) {
    return cases.oneIn(3) ? Optional.empty() : Optional.of(cases.quantizer(format));
  }

  /** Formats whose range holds a training step most of the time. */
  private static Format format(Cases cases) {
    if (cases.oneIn(10)) {
      return cases.smallFormat();
    }
    if (cases.oneIn(2)) {
      int width = cases.between(4, 20);
      return new FixedFormat(true, width, width - cases.between(1, 5));
    }
    FloatFormat f;
    do {
      f = cases.floatFormat(8, 12);
    } while (f.emax() < 2 || f.emin() > -3);
    return f;
  }

  private static Accumulator accumulator(Cases cases) {
    Order order = Order.values()[cases.between(0, 2)];
    int fanIn = order == Order.TREE ? cases.between(2, 7) : 0;
    Format sum = cases.oneIn(2) ? format(cases) : new FixedFormat(true, 28, 18);
    return new Accumulator(order, fanIn, maybe(cases, sum), maybe(cases, format(cases)));
  }

  private static Datapath datapath(Cases cases) {
    Optional<Quantizer> weight =
        cases.oneIn(4) ? Optional.empty() : Optional.of(cases.quantizer(format(cases)));
    Datapath path =
        new Datapath(
            maybe(cases, format(cases)),
            maybe(cases, format(cases)),
            maybe(cases, format(cases)),
            maybe(cases, format(cases)),
            maybe(cases, format(cases)),
            maybe(cases, format(cases)),
            accumulator(cases),
            accumulator(cases),
            weight,
            weight.isEmpty() ? Optional.empty() : maybe(cases, format(cases)),
            new FixedFormat(false, cases.between(1, 16), cases.between(0, 18)),
            cases.between(1, 9),
            cases.random().nextLong());
    if (weight.isEmpty() || cases.oneIn(2)) {
      return path;
    }
    FixedFormat factor = new FixedFormat(false, cases.between(1, 16), cases.between(0, 18));
    Momentum momentum = new Momentum(cases.quantizer(format(cases)), factor);
    return path.with(momentum, cases.random().nextLong() & factor.mask());
  }

  static TrainingStep step(Datapath path, int d, int batch, double eta) {
    WeightUpdate update =
        path.updateUnit()
            .map(u -> WeightUpdate.emulated(new SgdUpdate(u, path.lanes(), path.seed()), path.mu()))
            .orElse(null);
    return new TrainingStep(path, d, batch, eta, update);
  }

  @Test
  void equalsTheStepOnExactValuesInRandomDatapaths() {
    Cases cases = new Cases(41);
    long compared = 0;
    long moved = 0;
    long rounded = 0;
    for (int i = 0; i < 1500; i++) {
      Datapath path = datapath(cases);
      int batch = cases.between(1, 5);
      int d = cases.between(1, 9);
      long code = 1 + (cases.random().nextLong() & path.step().mask() >>> 1) % path.step().mask();
      double eta = path.step().toDouble(code) * batch;
      TrainingStep fast = step(path, d, batch, eta);
      double[][] x = new double[6][];
      double[][] prepared = new double[6][];
      boolean once = cases.oneIn(2);
      for (int t = 0; t < x.length; t++) {
        x[t] = values(cases, batch * d);
        prepared[t] = once ? fast.prepared(x[t]) : x[t];
        rounded += prepared[t] != x[t] ? 1 : 0;
      }
      PlainStep plain =
          new PlainStep(
              path, d, path.weight().isPresent() ? path.step().decode(code) : Real.of(eta / batch));
      for (int t = 0; t < 6; t++) {
        double[] y = values(cases, batch);
        fast.run(prepared[t], y);
        plain.run(x[t], y);
        String what = path + " B " + batch + " d " + d + " step " + t;
        Format format = path.weight().map(Quantizer::format).orElse(FloatFormat.FLOAT64);
        for (int j = 0; j < d; j++) {
          compared++;
          moved += plain.codes()[j] != 0 ? 1 : 0;
          if (fast.weightCodes() != null) {
            assertEquals(format.hex(plain.codes()[j]), format.hex(fast.weightCodes()[j]), what);
          }
          assertEquals(
              Double.toHexString(format.toDouble(plain.codes()[j])),
              Double.toHexString(fast.weights()[j]),
              what);
        }
      }
    }
    assertTrue(compared > 30_000, "compared " + compared);
    assertTrue(rounded > 1000, rounded + " batches were quantized before their step");
    assertTrue(moved > compared / 2, moved + " of " + compared + " weights moved");
  }

  private static double[] values(Cases cases, int n) {
    boolean wide = cases.oneIn(2);
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] =
          wide ? cases.random().nextDouble(-3, 3) : Math.scalb((double) cases.between(-9, 9), -2);
      if (cases.oneIn(500)) {
        x[i] = cases.oneIn(2) ? Double.NaN : Double.NEGATIVE_INFINITY;
      }
    }
    return x;
  }

  @Test
  void inBinary64EqualsThePlainLoop() {
    Cases cases = new Cases(42);
    for (int i = 0; i < 100; i++) {
      int batch = cases.between(1, 6);
      int d = cases.between(1, 12);
      double eta = cases.random().nextDouble();
      TrainingStep step = step(Datapath.binary64(), d, batch, eta);
      double[] w = new double[d];
      for (int t = 0; t < 20; t++) {
        double[] x = cases.random().doubles(batch * d, -1, 1).toArray();
        double[] y = cases.random().doubles(batch, -1, 1).toArray();
        step.run(x, y);
        double[] o = new double[batch];
        for (int b = 0; b < batch; b++) {
          double a = 0;
          for (int j = 0; j < d; j++) {
            a = Math.fma(x[b * d + j], w[j], a);
          }
          o[b] = y[b] - a;
        }
        for (int j = 0; j < d; j++) {
          double g = 0;
          for (int b = 0; b < batch; b++) {
            g = Math.fma(x[b * d + j], o[b], g);
          }
          w[j] = Math.fma(eta / batch, g, w[j]);
        }
        assertArrayEquals(w, step.weights());
      }
      assertNull(step.weightCodes());
    }
  }

  /** With one-bit draws Qd(0.5) is 0 or 1; a second draw would show within a few steps. */
  @Test
  void quantizesTheDataOnceForBothPasses() {
    FixedFormat integer = new FixedFormat(true, 8, 0);
    Optional<Quantizer> none = Optional.empty();
    Quantizer coin = new Quantizer(integer, RoundingMode.SR, OverflowRule.SATURATE, 1, false);
    Datapath path =
        new Datapath(
            Optional.of(coin),
            none,
            none,
            none,
            none,
            none,
            Accumulator.exact(),
            Accumulator.exact(),
            none,
            none,
            new FixedFormat(false, 16, 16),
            1,
            99);
    TrainingStep step = step(path, 1, 1, 1.0);
    RandomBits draws = new RandomBits(RandomBits.seed(99, 0, 0));
    double[] half = {0.5};
    double w = 0;
    double twice = 0;
    RandomBits other = new RandomBits(RandomBits.seed(99, 0, 0));
    for (int t = 0; t < 64; t++) {
      step.run(half, new double[] {t});
      double x = draws.draw(1);
      w += x * (t - x * w);
      double front = other.draw(1);
      double back = other.draw(1);
      twice += back * (t - front * twice);
      assertEquals(w, step.weights()[0], "step " + t);
    }
    assertNotEquals(w, twice);
  }

  @Test
  void theSameSeedGivesTheSameWeightsAndAnotherDoesNot() {
    Quantizer sr =
        new Quantizer(
            new FixedFormat(true, 12, 9), RoundingMode.SR, OverflowRule.SATURATE, 8, false);
    long[][] ends = new long[3][];
    for (int k = 0; k < 3; k++) {
      Optional<Quantizer> q = Optional.of(sr);
      Datapath path =
          new Datapath(
              q,
              q,
              q,
              q,
              q,
              q,
              Accumulator.exact(),
              Accumulator.exact(),
              q,
              Optional.empty(),
              new FixedFormat(false, 8, 8),
              3,
              k == 2 ? 6 : 5);
      TrainingStep step = step(path, 7, 4, 0.125);
      Cases cases = new Cases(43);
      for (int t = 0; t < 50; t++) {
        step.run(
            cases.random().doubles(28, -1, 1).toArray(),
            cases.random().doubles(4, -1, 1).toArray());
      }
      ends[k] = step.weightCodes();
    }
    assertArrayEquals(ends[0], ends[1]);
    assertTrue(!Arrays.equals(ends[0], ends[2]));
  }

  private static Datapath weights(Format format, FixedFormat step) {
    Datapath b = Datapath.binary64();
    return new Datapath(
        b.data(),
        b.parameter(),
        b.activation(),
        b.label(),
        b.residual(),
        b.gradient(),
        b.forward(),
        b.backward(),
        Optional.of(new Quantizer(format, RoundingMode.RNE)),
        b.product(),
        step,
        1,
        0);
  }

  @Test
  void refusesAStepSizeThatItsFormatDoesNotHold() {
    Datapath path = weights(FloatFormat.FLOAT16, new FixedFormat(false, 8, 8));
    assertEquals(32, TrainingStep.stepCode(path, 0.5, 4));
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> step(path, 3, 3, 0.5));
    for (String part : new String[] {"0.5", "batch 3", "uq0.8", "0.1640625", "0.16796875"}) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> step(path, 3, 1, 1.0)); // above the range
    assertThrows(IllegalArgumentException.class, () -> step(path, 3, 4, 0x1p-8)); // below
  }

  @Test
  void startsFromTheValueOfCodeZero() {
    Datapath path = weights(FloatFormat.of(4, 0, Family.FNU), new FixedFormat(false, 8, 8));
    TrainingStep step = step(path, 2, 1, 0.5);
    assertEquals(path.weight().orElseThrow().format().toDouble(0), step.weights()[0]);
    assertEquals(0, step.weightCodes()[0]);
  }

  @Test
  void refusesFormatsThatItsDoublesDoNotHold() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> weights(new FixedFormat(true, 54, 40), new FixedFormat(false, 8, 8)));
    assertTrue(refusal.getMessage().contains("q14.40"), refusal.getMessage());
  }
}
