package org.halfulp.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.function.IntSupplier;
import org.halfulp.kernel.Cases;
import org.halfulp.kernel.DqCompress;
import org.halfulp.learn.DifferentialDescent.Form;
import org.halfulp.number.FixedFormat;
import org.junit.jupiter.api.Test;

/** Bit for bit: the worker stands where the unquantized method does. */
class FixedDescentTest {
  private static final int STEP_BITS = 4;
  private static final FixedFormat STEP = new FixedFormat(false, 8, STEP_BITS);

  /** Small integer matrix and target; the gradient rounded to its format, ties up. */
  private static FixedDescent.Gradient problem(Cases cases, int n, int place, int gradientBits) {
    int m = n + cases.between(0, 3);
    long[][] a = new long[m][n];
    long[] y = new long[m];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        a[i][j] = cases.between(-1, 1);
      }
      y[i] = cases.between(-7, 7);
    }
    return (z, g) -> {
      long[] sum = new long[n];
      for (int i = 0; i < m; i++) {
        long residual = -(y[i] << place);
        for (int j = 0; j < n; j++) {
          residual = Math.addExact(residual, a[i][j] * z[j]);
        }
        for (int j = 0; j < n; j++) {
          sum[j] = Math.addExact(sum[j], a[i][j] * residual);
        }
      }
      int drop = place - gradientBits;
      for (int j = 0; j < n; j++) {
        g[j] = Math.addExact(sum[j], 1L << drop - 1) >> drop;
      }
    };
  }

  /** Random problems, starts, steps, bits and ranges, whether they fit or not. */
  @Test
  void pointsAreTheUnquantizedIterates() {
    long compared = 0;
    long saturations = 0;
    int moved = 0;
    for (int seed = 0; seed < 300; seed++) {
      Form form = Form.values()[seed % 3];
      Cases cases = new Cases(seed);
      int steps = form == Form.GD ? 60 : 8;
      int gammaBits = 2;
      FixedFormat gradient = new FixedFormat(true, 28, 6);
      // each step of a momentum adds its fraction bits to the errors
      int fraction = form == Form.GD ? 6 : 6 + gammaBits * steps;
      FixedFormat error = new FixedFormat(true, 20 + fraction, fraction);
      Optional<FixedFormat> factor =
          form == Form.GD
              ? Optional.empty()
              : Optional.of(new FixedFormat(false, gammaBits, gammaBits));
      DqCompress unit = new DqCompress(gradient, error, factor, cases.between(1, 6));
      int place = unit.value().fracBits() + STEP_BITS;
      int n = cases.between(1, 4);
      long[] start = new long[n];
      for (int i = 0; i < n; i++) {
        start[i] = (long) cases.between(-60, 60) << place - 4;
      }
      long eta = cases.between(1, 2);
      long gamma = form == Form.GD ? 0 : cases.between(1, 3);
      FixedDescent.Gradient f = problem(cases, n, place, 6);
      int first = cases.between(2, 8);
      int pace = cases.between(2, 9);
      int[] t = new int[1];
      IntSupplier exponents = () -> first - t[0]++ / pace;
      FixedDescent quantized =
          new FixedDescent(form, f, start, place, unit, eta, STEP, gamma, exponents);
      FixedDescent plain = new FixedDescent(form, f, start, place, unit, eta, STEP, gamma, null);
      int down = place - STEP_BITS - fraction;
      for (int k = 0; k < steps; k++) {
        long[] errorBefore = quantized.error().clone();
        quantized.step();
        plain.step();
        String what = "%s seed %d step %d".formatted(form, seed, k);
        assertArrayEquals(plain.point(), quantized.point(), what);
        for (int i = 0; i < n; i++) {
          long e = quantized.error()[i];
          long d = e - errorBefore[i];
          // x^_t = x_t - eta e_{t-1}; of AGD y^_t = y_t - eta e_{t-1} as well
          long expected = plain.iterate()[i] - (eta * e << down);
          if (form == Form.AGD) {
            assertEquals(plain.average()[i] - (eta * e << down), quantized.average()[i], what);
            long last = eta * gamma * d << down;
            assertEquals(0, last & (1L << gammaBits) - 1);
            expected -= last >> gammaBits;
          }
          assertEquals(expected, quantized.iterate()[i], what);
          compared += 2;
          moved += e == 0 ? 0 : 1;
        }
      }
      saturations += quantized.saturations();
    }
    assertTrue(compared > 20_000 && saturations > 300 && moved > 5000);
    System.out.printf(
        "fixed-point descents: %d words equal, %d values of them saturated%n",
        compared, saturations);
  }

  /** With ranges that fall as they should it converges to the last places of the gradient. */
  @Test
  void convergesToItsLastPlace() {
    // f = ((2 x_0 - 3)^2 + (x_1 + x_0 - 1)^2) / 2: L = 5.24, mu = .76, so ranges fall by 3/4
    FixedDescent.Gradient f =
        (z, g) -> {
          long r0 = 2 * z[0] - (3L << 24);
          long r1 = z[0] + z[1] - (1L << 24);
          g[0] = 2 * r0 + r1 + (1 << 3) >> 4;
          g[1] = r1 + (1 << 3) >> 4;
        };
    FixedFormat gradient = new FixedFormat(true, 28, 20);
    DqCompress unit = new DqCompress(gradient, new FixedFormat(true, 28, 20), Optional.empty(), 3);
    int[] t = new int[1];
    FixedDescent run =
        new FixedDescent(Form.GD, f, new long[2], 24, unit, 5, STEP, 0, () -> 5 - t[0]++ / 4);
    for (int k = 0; k < 160; k++) {
      run.step();
    }
    assertEquals(0, run.saturations());
    assertEquals(0, run.shift());
    assertEquals(1.5, run.iterate()[0] * 0x1p-24, 1e-5);
    assertEquals(-.5, run.iterate()[1] * 0x1p-24, 1e-5);
  }

  @Test
  void stopsWhereABitWouldBeLost() {
    FixedFormat q = new FixedFormat(true, 16, 6);
    Optional<FixedFormat> factor = Optional.of(new FixedFormat(false, 2, 2));
    DqCompress unit = new DqCompress(q, q, factor, 4);
    FixedDescent.Gradient f = (z, g) -> g[0] = z[0] >> 6;
    FixedDescent run =
        new FixedDescent(Form.HB, f, new long[] {12345}, 12, unit, 3, STEP, 1, () -> 2);
    var e =
        assertThrows(
            ArithmeticException.class,
            () -> {
              for (int i = 0; i < 50; i++) {
                run.step();
              }
            });
    assertTrue(e.getMessage().contains("loses bits"), e::getMessage);
    assertThrows(
        IllegalArgumentException.class,
        () -> new FixedDescent(Form.GD, f, new long[1], 12, unit, 3, STEP, 0, () -> 2));
  }
}
