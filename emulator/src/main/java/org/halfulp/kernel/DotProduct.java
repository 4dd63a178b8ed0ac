package org.halfulp.kernel;

import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.number.Format;

/**
 * Dot products through an {@link Accumulator}, each handed to the quantizer that follows it.
 *
 * <p>Slow twin: {@link PlainDot}. Not thread-safe.
 */
public final class DotProduct {
  private static final int FEWEST_ROWS = 3; // that are faster side by side, by DotProductBenchmark

  private final Accumulator accumulator;
  private final int lanes;
  private final Rounder sum; // null: binary64
  private final Rounder product; // null: exact
  private final Rounder next; // null: the result stays binary64
  private final Streams sumStreams;
  private final Streams productStreams;
  private final Streams nextStreams;
  private final ExactDot exactDot;
  private final RoundedDot roundedDot; // null: beyond its bounds
  private final ArrayQuantizer sumArray; // null as their rounders
  private final ArrayQuantizer nextArray;
  private final DrawnBlock drawn = new DrawnBlock();
  private final boolean roundsOdd; // what rounds an exact sum may be given it rounded to odd
  private final ExactSum exact = new ExactSum();
  private double[] level = new double[0];

  /**
   * @param left the format of the matrix's values, null if they are any doubles: it decides how
   *     fast a sum is, and no bit of it
   * @param right the format of the vector's values, or null
   * @param next the quantizer of the result, or null
   * @param nextStreams its streams
   */
  public DotProduct(
      Accumulator accumulator,
      Format left,
      Format right,
      long seed,
      int lanes,
      int sumNumber,
      int productNumber,
      Rounder next,
      Streams nextStreams) {
    this.accumulator = accumulator;
    this.lanes = lanes;
    this.sum = accumulator.sum().map(Rounder::new).orElse(null);
    this.product = accumulator.product().map(Rounder::new).orElse(null);
    this.next = next;
    this.nextStreams = nextStreams;
    this.sumStreams = new Streams(accumulator.sum().orElse(null), seed, sumNumber, lanes);
    this.productStreams =
        new Streams(accumulator.product().orElse(null), seed, productNumber, lanes);
    sumArray = accumulator.sum().map(ArrayQuantizer::new).orElse(null);
    nextArray = next == null ? null : new ArrayQuantizer(next.quantizer());
    exactDot = new ExactDot(left, right);
    roundedDot =
        RoundedDot.fits(accumulator, left, right)
            ? new RoundedDot(accumulator, left, right, lanes, sumStreams, productStreams)
            : null;
    Rounder first = sum == null ? next : sum;
    roundsOdd = first != null && ScalarRounding.fits(first.quantizer());
  }

  /**
   * Whenever this runs, its matrix will hold the values of {@code other}'s last run, in any layout.
   */
  public void sameMatrixAs(DotProduct other) {
    exactDot.sameMatrixAs(other.exactDot);
  }

  /**
   * Shares rows among at most {@code most} threads, where there are enough of them and no sum
   * draws; the bits are the same for any number, which is 1 unless this is called.
   */
  public void threads(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + most);
    }
    exactDot.threads(most);
    if (roundedDot != null) {
      roundedDot.threads(most);
    }
  }

  /**
   * {@code out[i] = next(±sum over j of a[i*aRow + j*aStep] * b[j])}, i below rows, j below n.
   *
   * @param negate whether the sum is negated before {@code next} sees it
   * @param codes where the codes of the results go, or null
   */
  public void run(
      double[] a,
      int aRow,
      int aStep,
      double[] b,
      int rows,
      int n,
      boolean negate,
      double[] out,
      long[] codes) {
    if (!sums(a, aRow, aStep, b, rows, n, out)) {
      oneByOne(a, aRow, aStep, b, rows, n, negate, out, codes);
      return;
    }
    if (negate) {
      for (int i = 0; i < rows; i++) {
        out[i] = -out[i];
      }
    }
    if (next == null) {
      return;
    }
    drawn.ofTensor(nextStreams, rows);
    if (codes != null) {
      nextArray.encode(out, 0, codes, 0, rows, drawn);
      drawn.rewind();
    }
    nextArray.quantize(out, 0, out, 0, rows, drawn);
  }

  /** All sums as doubles that {@code next} may be given, if that can be. */
  private boolean sums(double[] a, int aRow, int aStep, double[] b, int rows, int n, double[] out) {
    if (roundedDot != null && (rows >= FEWEST_ROWS || roundedDot.takesFewRows())) {
      roundedDot.run(a, aRow, aStep, b, rows, n, out);
      return true;
    }
    if (accumulator.order() != Order.EXACT || product != null) {
      return false;
    }
    exactDot.run(a, aRow, aStep, b, rows, n);
    boolean odd = sum != null || next != null;
    for (int i = 0; i < rows; i++) {
      double error = exactDot.error[i];
      if (error != error || error != 0 && odd && !roundsOdd) {
        return false;
      }
      out[i] = odd ? ScalarSums.toOdd(exactDot.nearest[i], error) : exactDot.nearest[i];
    }
    if (sum != null) {
      sumArray.quantize(out, 0, out, 0, rows, sumStreams);
      sumStreams.endTensor();
    }
    return true;
  }

  private void oneByOne(
      double[] a,
      int aRow,
      int aStep,
      double[] b,
      int rows,
      int n,
      boolean negate,
      double[] out,
      long[] codes) {
    int lane = 0;
    for (int i = 0; i < rows; i++) {
      one(a, i * aRow, aStep, b, n, negate, lane, out, codes, i);
      lane = lane + 1 == lanes ? 0 : lane + 1;
    }
    if (lane != 0) {
      sumStreams.skip(lane, accumulator.roundings(n));
      productStreams.skip(lane, n);
      nextStreams.skip(lane, 1);
    }
  }

  private void one(
      double[] a,
      int start,
      int aStep,
      double[] b,
      int n,
      boolean negate,
      int lane,
      double[] out,
      long[] codes,
      int i) {
    double s;
    switch (accumulator.order()) {
      case EXACT -> {
        exact.clear();
        for (int j = 0; j < n; j++) {
          addTerm(a[start + j * aStep], b[j], lane);
        }
        if (sum == null) {
          finishExact(negate, lane, out, codes, i);
          return;
        }
        s = sum.value(sum.round(exact, false, sumStreams.draw(lane)));
      }
      case SEQUENTIAL -> s = sequential(a, start, aStep, b, n, lane);
      default -> s = tree(a, start, aStep, b, n, lane);
    }
    finish(negate ? -s : s, lane, out, codes, i);
  }

  private void addTerm(double x, double y, int lane) {
    if (product == null) {
      exact.addProduct(x, y);
    } else {
      exact.add(product.value(product.roundProduct(x, y, productStreams.draw(lane))));
    }
  }

  private void finishExact(boolean negate, int lane, double[] out, long[] codes, int i) {
    if (next == null) {
      double s = exact.toReal().toDouble();
      out[i] = negate ? -s : s;
      return;
    }
    store(next.round(exact, negate, nextStreams.draw(lane)), out, codes, i);
  }

  private void finish(double s, int lane, double[] out, long[] codes, int i) {
    if (next == null) {
      out[i] = s;
    } else {
      store(next.round(s, nextStreams.draw(lane)), out, codes, i);
    }
  }

  private void store(long code, double[] out, long[] codes, int i) {
    out[i] = next.value(code);
    if (codes != null) {
      codes[i] = code;
    }
  }

  private double sequential(double[] a, int start, int aStep, double[] b, int n, int lane) {
    double s = 0;
    for (int j = 0; j < n; j++) {
      double x = a[start + j * aStep];
      if (product != null) {
        double p = product.value(product.roundProduct(x, b[j], productStreams.draw(lane)));
        s = sum == null ? s + p : sum.value(sum.roundSum(s, p, sumStreams.draw(lane)));
      } else if (sum == null) {
        s = Math.fma(x, b[j], s);
      } else {
        s = sum.value(sum.roundFma(x, b[j], s, sumStreams.draw(lane)));
      }
    }
    return s;
  }

  private double tree(double[] a, int start, int aStep, double[] b, int n, int lane) {
    if (level.length < n) {
      level = new double[n];
    }
    for (int j = 0; j < n; j++) {
      double x = a[start + j * aStep];
      if (product != null) {
        double p = product.value(product.roundProduct(x, b[j], productStreams.draw(lane)));
        level[j] = sum == null ? p : sum.value(sum.round(p, sumStreams.draw(lane)));
      } else {
        level[j] =
            sum == null ? x * b[j] : sum.value(sum.roundProduct(x, b[j], sumStreams.draw(lane)));
      }
    }
    int left = n;
    while (left > 1) {
      int nodes = 0;
      for (int from = 0; from < left; from += accumulator.fanIn()) {
        int to = Math.min(from + accumulator.fanIn(), left);
        level[nodes++] = node(from, to, lane);
      }
      left = nodes;
    }
    return n == 0 ? 0 : level[0];
  }

  private double node(int from, int to, int lane) {
    if (to - from == 1) {
      return level[from];
    }
    if (to - from == 2) {
      return sum == null
          ? level[from] + level[from + 1]
          : sum.value(sum.roundSum(level[from], level[from + 1], sumStreams.draw(lane)));
    }
    exact.clear();
    for (int j = from; j < to; j++) {
      exact.add(level[j]);
    }
    return sum == null
        ? exact.toReal().toDouble()
        : sum.value(sum.round(exact, false, sumStreams.draw(lane)));
  }
}
