package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.function.LongPredicate;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Stalls;
import org.junit.jupiter.api.Test;

/** What is left of a failure of a device that is wrong where a predicate of in_a holds. */
class ShrinkerTest {
  private static final int LANES = 4;
  private static final int BEATS = 64;

  private static Device wrong(Unit unit, LongPredicate where) {
    return new Device() {
      private long[][] answers;

      @Override
      public BatchResult run(long[][] in, int beats, int wanted, Stalls stalls) {
        answers = UnitModel.columns(unit.outputs(), LANES, beats);
        unit.twin(LANES, 1).respond(in, beats, answers);
        for (int i = 0; i < beats * LANES; i++) {
          answers[0][i] ^= where.test(in[0][i]) ? 1 : 0;
        }
        return new BatchResult(beats, beats, beats, 0);
      }

      @Override
      public boolean matches(long[][] expected, int beats) {
        return Arrays.deepEquals(answers, expected);
      }

      @Override
      public void answers(long[][] out, int beats) {
        for (int f = 0; f < out.length; f++) {
          System.arraycopy(answers[f], 0, out[f], 0, out[f].length);
        }
      }

      @Override
      public void restart(long seed) {}

      @Override
      public void close() {}
    };
  }

  private static Shrinker.Shrunk shrink(String format, LongPredicate where) {
    Unit unit = Catalogue.of("fp_add").unit(UnitRequest.DEFAULT.format(format));
    long[][] in = UnitModel.columns(unit.inputs(), LANES, BEATS);
    unit.sampled(LANES, 3).fill(0, BEATS, in);
    Failure failure = new Failure(unit, LANES, 1, Stalls.NONE, Map.of(), in, BEATS, "a test");
    return Shrinker.shrink(failure, n -> wrong(unit, where)).orElseThrow();
  }

  @Test
  void endsWhereNothingGetsSimpler() {
    for (String format : new String[] {"float32", "bf16", "e4m3fn"}) {
      int frac = format.equals("float32") ? 23 : format.equals("bf16") ? 7 : 3;
      long bias = frac == 3 ? 7 : 127; // odd, so that one's own exponent does not fail
      Shrinker.Shrunk s = shrink(format, a -> (a >>> frac & 1) == 0 && (a >>> frac - 2 & 1) != 0);
      assertTrue(s.tries() < 400, format + ": " + s.tries() + " tries");
      assertEquals(1, s.failure().beats());
      long[] a = s.failure().in()[0];
      long[] others = Arrays.stream(a).filter(v -> v != 0).toArray();
      assertEquals(1, others.length, format);
      assertTrue(Math.abs((others[0] >>> frac) - bias) <= 3, format + ": " + others[0]);
      assertEquals(1L << frac - 2, others[0] & (1L << frac) - 1, format);
      assertEquals(0, Arrays.stream(s.failure().in()[1]).sum(), format);
    }
  }

  @Test
  void anExponentComesAsNearToOneAsItCan() {
    Shrinker.Shrunk s = shrink("float32", a -> (a >>> 23 & 255) >= 200 && (a & 4) != 0);
    assertTrue(s.tries() < 400, s.tries() + " tries");
    long[] others = Arrays.stream(s.failure().in()[0]).filter(v -> v != 0).toArray();
    assertArrayEquals(new long[] {200L << 23 | 4}, others);
  }
}
