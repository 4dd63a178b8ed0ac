package org.halfulp.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.Flags;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;

/**
 * Section 7's accumulators on exact values, written down as the contract says them: the slow twin
 * of {@link DotProduct}. Not thread-safe.
 */
public final class PlainDot {
  private static final Quantizer BINARY64 = new Quantizer(FloatFormat.FLOAT64, RoundingMode.RNE);

  private final Accumulator accumulator;
  private final Quantizer sum;
  private final PlainStreams sumStreams;
  private final PlainStreams productStreams;
  private final Optional<Quantizer> next;
  private final PlainStreams nextStreams;
  private int flags;

  public PlainDot(
      Accumulator accumulator,
      long seed,
      int lanes,
      int sumNumber,
      int productNumber,
      Optional<Quantizer> next,
      int nextNumber) {
    this.accumulator = accumulator;
    this.sum = accumulator.sum().orElse(BINARY64);
    this.sumStreams = new PlainStreams(accumulator.sum(), seed, sumNumber, lanes);
    this.productStreams = new PlainStreams(accumulator.product(), seed, productNumber, lanes);
    this.next = next;
    this.nextStreams = new PlainStreams(next, seed, nextNumber, lanes);
  }

  /** Codes of {@code next(±a[i].b)}, binary64 ones without a quantizer. */
  public long[] run(Real[][] a, Real[] b, boolean negate) {
    long[] codes = new long[a.length];
    flags = 0;
    for (int i = 0; i < a.length; i++) {
      Real s = sum(a[i], b, i);
      Rounded rounded =
          next.orElse(BINARY64).round(negate ? s.negate() : s, nextStreams.forElement(i));
      flags |= rounded.flags();
      codes[i] = rounded.code();
    }
    sumStreams.endTensor();
    productStreams.endTensor();
    nextStreams.endTensor();
    return codes;
  }

  /** Flags of all roundings of the last run, and of what is invalid in its sums. */
  public int flags() {
    return flags;
  }

  private Real value(Rounded rounded) {
    flags |= rounded.flags();
    return sum.format().decode(rounded.code());
  }

  private Real sum(Real[] a, Real[] b, int i) {
    switch (accumulator.order()) {
      case EXACT -> {
        List<Real> terms = new ArrayList<>();
        for (int j = 0; j < b.length; j++) {
          terms.add(product(a[j], b[j], i));
        }
        Real s = exactSum(terms);
        return accumulator.sum().isEmpty() ? s : value(sum.round(s, sumStreams.forElement(i)));
      }
      case SEQUENTIAL -> {
        Real s = Real.zero(false);
        for (int j = 0; j < b.length; j++) {
          if (accumulator.product().isPresent()) {
            Real p = product(a[j], b[j], i);
            s = value(Arithmetic.add(s, p, sum, sumStreams.forElement(i)));
          } else {
            s = value(Arithmetic.fma(a[j], b[j], s, sum, sumStreams.forElement(i)));
          }
        }
        return s;
      }
      default -> {
        List<Real> leaves = new ArrayList<>();
        for (int j = 0; j < b.length; j++) {
          Real p = product(a[j], b[j], i);
          leaves.add(value(sum.round(p, sumStreams.forElement(i))));
        }
        return leaves.isEmpty() ? Real.zero(false) : tree(leaves, i);
      }
    }
  }

  private Real tree(List<Real> level, int i) {
    if (level.size() == 1) {
      return level.get(0);
    }
    List<Real> above = new ArrayList<>();
    for (int from = 0; from < level.size(); from += accumulator.fanIn()) {
      List<Real> group = level.subList(from, Math.min(from + accumulator.fanIn(), level.size()));
      above.add(
          switch (group.size()) {
            case 1 -> group.get(0);
            case 2 ->
                value(Arithmetic.add(group.get(0), group.get(1), sum, sumStreams.forElement(i)));
            default -> value(sum.round(exactSum(group), sumStreams.forElement(i)));
          });
    }
    return tree(above, i);
  }

  private Real product(Real x, Real y, int i) {
    if (accumulator.product().isPresent()) {
      Quantizer q = accumulator.product().get();
      return q.format().decode(Arithmetic.mul(x, y, q, productStreams.forElement(i)).code());
    }
    if (x.isNan() || y.isNan()) {
      return Real.nan(false);
    }
    if (x.isInfinite() && y.isZero() || x.isZero() && y.isInfinite()) {
      flags |= Flags.INVALID;
      return Real.nan(false);
    }
    return x.multiply(y);
  }

  private Real exactSum(List<Real> terms) {
    Real s = Real.zero(false);
    for (Real t : terms) {
      if (s.isNan() || t.isNan()) {
        return Real.nan(false);
      }
      if (s.isInfinite() && t.isInfinite() && s.negative() != t.negative()) {
        flags |= terms.stream().anyMatch(Real::isNan) ? 0 : Flags.INVALID;
        return Real.nan(false);
      }
      s = s.add(t, false);
    }
    return s.isZero() ? Real.zero(false) : s;
  }
}
