package org.halfulp.kernel;

import org.halfulp.number.Arithmetic;
import org.halfulp.number.Flags;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;

/**
 * The dot product unit on codes, its draws given: section 6.2 of the contract. {@link DotProduct}
 * does the same on tensors, with streams.
 *
 * <p>RTL twin: {@code dot_product.v}, bit for bit. Slow twin: {@link #exactly}. Not thread-safe.
 */
public final class DotUnit {
  private final Format a;
  private final Format b;
  private final Accumulator accumulator;
  private final Quantizer sum;
  private final Decoder aDecoder;
  private final Decoder bDecoder;
  private final Rounder rounder;
  private final ExactSum exact = new ExactSum();
  private double[] level = new double[0];
  private int flags;

  /**
   * @param accumulator has a format, no product quantizer, and fan-in 2 if it is a tree
   */
  public DotUnit(Format a, Format b, Accumulator accumulator) {
    if (accumulator.sum().isEmpty() || accumulator.product().isPresent()) {
      throw new IllegalArgumentException(
          "a dot product unit's accumulator must have a format and no product quantizer");
    }
    if (accumulator.order() == Accumulator.Order.TREE && accumulator.fanIn() != 2) {
      throw new IllegalArgumentException(
          "a dot product unit's tree must have fan-in 2, got " + accumulator.fanIn());
    }
    this.a = a;
    this.b = b;
    this.accumulator = accumulator;
    sum = accumulator.sum().get();
    aDecoder = Decoder.of(a);
    bDecoder = Decoder.of(b);
    rounder = new Rounder(sum);
  }

  /** Roundings of a vector of {@code n} elements: the draws that it takes. */
  public int roundings(int n) {
    return accumulator.roundings(n);
  }

  /** Flags of the last result: the union of all its roundings'. */
  public int flags() {
    return flags;
  }

  /**
   * The code of the first {@code n} products' sum.
   *
   * @param x codes of the first operand, {@code y} of the second
   * @param draws one a rounding, in the order of section 7
   */
  public long run(long[] x, long[] y, int n, long[] draws) {
    if (rounder.isFast() && Decoder.isExact(a) && Decoder.isExact(b)) {
      long code =
          switch (accumulator.order()) {
            case EXACT -> exact(x, y, n, draws[0]);
            case SEQUENTIAL -> sequential(x, y, n, draws);
            case TREE -> tree(x, y, n, draws);
          };
      if (code >= 0) {
        return code;
      }
    }
    Rounded rounded = exactly(x, y, n, draws);
    flags = rounded.flags();
    return rounded.code();
  }

  private static boolean finite(double v) {
    return Math.abs(v) <= Double.MAX_VALUE;
  }

  private long exact(long[] x, long[] y, int n, long draw) {
    exact.clear();
    for (int j = 0; j < n; j++) {
      double xv = aDecoder.value(x[j]);
      double yv = bDecoder.value(y[j]);
      if (!finite(xv) || !finite(yv)) {
        return -1;
      }
      exact.addProduct(xv, yv);
    }
    long code = rounder.round(exact, false, draw);
    flags = rounder.flags();
    return code;
  }

  /** -1 where a value that is not finite occurs: their flags need codes. */
  private long sequential(long[] x, long[] y, int n, long[] draws) {
    double s = 0;
    long code = 0;
    flags = 0;
    for (int j = 0; j < n; j++) {
      double xv = aDecoder.value(x[j]);
      double yv = bDecoder.value(y[j]);
      if (!finite(xv) || !finite(yv) || !finite(s)) {
        return -1;
      }
      code = rounder.roundFma(xv, yv, s, draws[j]);
      flags |= rounder.flags();
      s = rounder.value(code);
    }
    return code;
  }

  private long tree(long[] x, long[] y, int n, long[] draws) {
    if (level.length < n) {
      level = new double[n];
    }
    flags = 0;
    long code = 0;
    for (int j = 0; j < n; j++) {
      double xv = aDecoder.value(x[j]);
      double yv = bDecoder.value(y[j]);
      if (!finite(xv) || !finite(yv)) {
        return -1;
      }
      code = rounder.roundProduct(xv, yv, draws[j]);
      flags |= rounder.flags();
      level[j] = rounder.value(code);
    }
    int draw = n;
    for (int left = n; left > 1; left = (left + 1) / 2) {
      for (int i = 0; i + 1 < left; i += 2) {
        if (!finite(level[i]) || !finite(level[i + 1])) {
          return -1;
        }
        code = rounder.roundSum(level[i], level[i + 1], draws[draw++]);
        flags |= rounder.flags();
        level[i / 2] = rounder.value(code);
      }
      if (left % 2 != 0) {
        level[left / 2] = level[left - 1];
      }
    }
    return code;
  }

  /** {@link #run} on exact values, with its flags. */
  public Rounded exactly(long[] x, long[] y, int n, long[] draws) {
    return switch (accumulator.order()) {
      case EXACT -> exactlyExact(x, y, n, draws[0]);
      case SEQUENTIAL -> {
        Rounded s = new Rounded(0, 0);
        for (int j = 0; j < n; j++) {
          Real before = j == 0 ? Real.zero(false) : sum.format().decode(s.code());
          Rounded next = Arithmetic.fma(a.decode(x[j]), b.decode(y[j]), before, sum, draws[j]);
          s = new Rounded(next.code(), next.flags() | s.flags());
        }
        yield s;
      }
      case TREE -> exactlyTree(x, y, n, draws);
    };
  }

  /**
   * Invalid: a term that is, or, with no NaN among the terms, infinities of both signs. A zero sum
   * is +0.
   */
  private Rounded exactlyExact(long[] x, long[] y, int n, long draw) {
    Real s = Real.zero(false);
    boolean nan = false;
    boolean invalid = false;
    boolean plus = false;
    boolean minus = false;
    for (int j = 0; j < n; j++) {
      Real xv = a.decode(x[j]);
      Real yv = b.decode(y[j]);
      if (xv.isNan() || yv.isNan()) {
        nan = true;
        invalid |= xv.isSignaling() || yv.isSignaling();
      } else if (xv.isInfinite() && yv.isZero() || xv.isZero() && yv.isInfinite()) {
        nan = true;
        invalid = true;
      } else {
        Real p = xv.multiply(yv);
        if (p.isInfinite()) {
          minus |= p.negative();
          plus |= !p.negative();
        } else {
          s = s.add(p, false);
        }
      }
    }
    if (!nan && plus && minus) {
      nan = true;
      invalid = true;
    }
    Real result =
        nan
            ? Real.nan(false)
            : plus || minus ? Real.infinity(minus) : s.isZero() ? Real.zero(false) : s;
    Rounded rounded = sum.round(result, draw);
    return new Rounded(rounded.code(), rounded.flags() | (invalid ? Flags.INVALID : 0));
  }

  private Rounded exactlyTree(long[] x, long[] y, int n, long[] draws) {
    Rounded[] nodes = new Rounded[n];
    int raised = 0;
    for (int j = 0; j < n; j++) {
      nodes[j] = Arithmetic.mul(a.decode(x[j]), b.decode(y[j]), sum, draws[j]);
      raised |= nodes[j].flags();
    }
    int draw = n;
    for (int left = n; left > 1; left = (left + 1) / 2) {
      for (int i = 0; i < left; i += 2) {
        if (i + 1 < left) {
          nodes[i / 2] =
              Arithmetic.add(
                  sum.format(), nodes[i].code(), nodes[i + 1].code(), sum, draws[draw++]);
          raised |= nodes[i / 2].flags();
        } else {
          nodes[i / 2] = nodes[i];
        }
      }
    }
    return new Rounded(nodes[0].code(), raised);
  }

  /** {@code "e4m3fn . e5m2 -> float16 rne none sequential"}. */
  @Override
  public String toString() {
    return a.name() + " . " + b.name() + " -> " + sum + " " + accumulator.order();
  }
}
