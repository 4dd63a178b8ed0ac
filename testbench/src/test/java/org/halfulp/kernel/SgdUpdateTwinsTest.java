package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.junit.jupiter.api.Test;

/** The fast update beside its exact meaning, on units of every kind, also those without RTL. */
class SgdUpdateTwinsTest {
  private static final int UNITS = 1500;
  private static final int UPDATES = 160;

  @Test
  void fastUpdateEqualsTheExactOne() {
    Cases cases = new Cases(7);
    int integer = 0;
    long inexact = 0;
    for (int u = 0; u < UNITS; u++) {
      boolean fixed = cases.oneIn(2);
      Format w = fixed ? cases.fixedFormat(!cases.oneIn(4), 20) : cases.smallFormat();
      Format g = fixed ? cases.fixedFormat(!cases.oneIn(4), 18) : cases.smallFormat();
      Format p = fixed ? cases.fixedFormat(!cases.oneIn(4), 24) : cases.smallFormat();
      int stepWidth = cases.between(1, 16);
      UpdateUnit unit =
          new UpdateUnit(
              cases.quantizer(w),
              g,
              cases.oneIn(2) ? Optional.empty() : Optional.of(cases.quantizer(p)),
              new FixedFormat(false, stepWidth, cases.between(-4, stepWidth + 4)));
      Quantizer product = unit.product().orElse(null);
      Rounder productRounder = product == null ? null : new Rounder(product);
      integer +=
          FixedSgdUpdate.of(unit, new Rounder(unit.weight()), productRounder) != null ? 1 : 0;
      int lanes = cases.between(1, 5);
      SgdUpdate fast = new SgdUpdate(unit, lanes, u);
      Streams draws = new Streams(unit.weight(), u, Streams.WEIGHT, lanes);
      Streams productDraws = new Streams(product, u, Streams.UPDATE_PRODUCT, lanes);
      int n = UPDATES / lanes * lanes;
      long step = cases.random().nextLong() & unit.step().mask();
      long[] ws = cases.random().longs(n).map(x -> x & w.mask()).toArray();
      long[] gs = cases.random().longs(n).map(x -> x & g.mask()).toArray();
      long[] out = new long[n];
      int[] flags = new int[n];
      fast.update(ws, gs, step, out, flags, n);
      for (int i = 0; i < n; i++) {
        long r = draws.draw(i % lanes);
        long rp = productDraws.draw(i % lanes);
        Rounded exact = unit.exactly(ws[i], gs[i], step, r, rp);
        assertEquals(
            exact,
            new Rounded(out[i], flags[i]),
            "%s w=%s g=%s step=%d r=%d rp=%d"
                .formatted(unit, w.hex(ws[i]), g.hex(gs[i]), step, r, rp));
        inexact += exact.flags() != 0 ? 1 : 0;
      }
    }
    System.out.printf(
        "SgdUpdate = UpdateUnit.exactly: %d units (%d in integers), %d raised flags%n",
        UNITS, integer, inexact);
    assertTrue(integer > UNITS / 4 && integer < UNITS && inexact > 0);
  }
}
