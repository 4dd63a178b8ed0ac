package org.halfulp.kernel;

import org.halfulp.number.Quantizer;

/** {@link ScalarRounding} with a fault. */
final class MutantRounding extends ScalarRounding {
  /** What is wrong. */
  enum Fault {
    NONE,
    /** The last element of a chunk stays as it is. */
    LAST_ELEMENT,
    /** Results of zero lose their sign. */
    ZERO_SIGN,
    /** The smallest result above zero becomes zero. */
    SMALLEST,
    /** The largest result becomes what overflow gives. */
    LARGEST,
    /** What is half a unit off goes the other way. */
    TIE,
    /** Each draw is one more. */
    DRAW,
    /** Each element has its neighbour's draw. */
    DRAW_ORDER
  }

  private final Quantizer quantizer;
  private final Fault fault;

  MutantRounding(Quantizer quantizer, Fault fault) {
    super(quantizer);
    this.quantizer = quantizer;
    this.fault = fault;
  }

  @Override
  void round(double[] in, int from, double[] out, int to, int n, long[] draws) {
    double[] x = java.util.Arrays.copyOfRange(in, from, from + n);
    long[] r = draws == null ? null : java.util.Arrays.copyOf(draws, n);
    for (int i = 0; r != null && i < n; i++) {
      r[i] =
          switch (fault) {
            case DRAW -> draws[i] + 1 & (1L << quantizer.randomBits()) - 1;
            case DRAW_ORDER -> draws[n - 1 - i];
            default -> draws[i];
          };
    }
    super.round(x, 0, out, to, n, r);
    double smallest = quantum;
    for (int i = 0; i < n; i++) {
      double y = out[to + i];
      switch (fault) {
        case LAST_ELEMENT -> y = i == n - 1 && !Double.isNaN(x[i]) ? x[i] : y;
        case ZERO_SIGN -> y = y == 0 ? 0.0 : y;
        case SMALLEST -> y = Math.abs(y) == smallest ? Math.copySign(0.0, y) : y;
        case LARGEST -> y = isFloat && y == value(most) ? value(overPlus) : y;
        case TIE -> {
          double lost = x[i] - y;
          y = Math.abs(lost) == smallest / 2 ? y + 2 * lost : y;
        }
        default -> {}
      }
      out[to + i] = y;
    }
  }
}
