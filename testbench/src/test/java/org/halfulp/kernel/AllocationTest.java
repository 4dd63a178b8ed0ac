package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compiled loops keep their vectors in registers whatever quantizers ran before them in the
 * process: a vector that becomes an object is 48 bytes or so, and seven times the time.
 */
class AllocationTest {
  private static final int N = 1 << 14;
  private static final int RUNS = 1000;
  private static final long PATIENCE = 20_000_000_000L;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final double[] in = new SplittableRandom(1).doubles(N, -2, 2).toArray();
  private final double[] out = new double[N];
  private final float[] floatsIn = new float[N];
  private final float[] floatsOut = new float[N];
  private final byte[] bytes = new byte[N];
  private final short[] shorts = new short[N];

  @ParameterizedTest
  @ValueSource(strings = {"values", "codes", "floats", "codes of floats"})
  void noModeLeavesObjectsAfterOthers(String what) {
    for (int i = 0; i < N; i++) {
      floatsIn[i] = (float) in[i];
    }
    // Each once alone, then each once more when all have run.
    for (int turn = 0; turn < 2; turn++) {
      for (String q :
          new String[] {
            "e4m3fn sr",
            "e4m3fn rne",
            "e4m3 rne",
            "e4m3fn rtz",
            "e4m3fn rup",
            "q2.6 rne",
            "q2.6 rtz",
            "q2.6 sr"
          }) {
        assertNoObjects(what + " of " + q, quantizing(what, quantizer(q)));
      }
    }
  }

  private Runnable quantizing(String what, Quantizer q) {
    ArrayQuantizer quantizer = new ArrayQuantizer(q);
    Streams draws = new Streams(q, 1, Streams.DATA, 4);
    return switch (what) {
      case "values" -> () -> quantizer.quantize(in, 0, out, 0, N, draws);
      case "codes" -> () -> quantizer.encode(in, 0, bytes, 0, N, draws);
      case "floats" -> () -> quantizer.quantize(floatsIn, 0, floatsOut, 0, N, draws);
      default -> () -> quantizer.encode(floatsIn, 0, bytes, 0, N, draws);
    };
  }

  @Test
  void noOperationLeavesObjectsAfterOthers() {
    short[][] codes = new short[3][N];
    for (int turn = 0; turn < 2; turn++) {
      for (String format : List.of("fp16", "bf16")) {
        for (Op op : List.of(Op.MUL, Op.ADD, Op.FMA, Op.CONVERT)) {
          Quantizer q = quantizer(format + " rne");
          ArrayOperation operation =
              new ArrayOperation(op, Collections.nCopies(op.operands(), q.format()), q);
          short[][] operands = Arrays.copyOf(codes, op.operands());
          assertNoObjects(
              op + " of " + format, () -> operation.apply(operands, 0, shorts, 0, N, null));
        }
      }
    }
  }

  private static Quantizer quantizer(String text) {
    Format format = FormatName.parse(text.split(" ")[0]).format();
    RoundingMode mode = RoundingMode.parse(text.split(" ")[1]);
    int bits = mode == RoundingMode.SR ? 8 : 0;
    return new Quantizer(format, mode, OverflowRule.defaultFor(format), bits, true);
  }

  /** Once the compiler is done, for which this waits. */
  private static void assertNoObjects(String what, Runnable run) {
    double left;
    long from = System.nanoTime();
    do {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < RUNS; i++) {
        run.run();
      }
      left = (THREADS.getCurrentThreadAllocatedBytes() - before) / ((double) RUNS * N);
    } while (left >= 1 && System.nanoTime() - from < PATIENCE);
    assertTrue(left < 1, "%s: %.1f bytes an element".formatted(what, left));
  }
}
