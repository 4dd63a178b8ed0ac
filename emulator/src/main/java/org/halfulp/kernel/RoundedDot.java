package org.halfulp.kernel;

import java.util.Arrays;
import java.util.function.Supplier;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/**
 * Sums of products that are rounded on the way, a block of rows side by side: what one row waits
 * for, the others need not.
 *
 * <p>A product is a double if the operands have at most 53 significant bits in all. So is a sum of
 * it and the accumulator, if all of either's values have; else the sum is rounded to odd, which
 * shows in no rounding to 50 bits, random ones included (Boldo and Melquiond 2008).
 *
 * <p>Slow twin: {@link PlainDot}. Not thread-safe.
 */
final class RoundedDot {
  private static final int MOST_ROWS = 512;
  private static final int BLOCK = 1 << 15; // doubles of a block, where more than 16 rows have them
  private static final int PIECE = 1 << 11; // doubles of the matrix
  private static final int TILE = 8; // rows
  private static final long LEAST = 1 << 15; // rounded sums that are worth a thread

  private final Accumulator accumulator;
  private final int lanes;
  private final ArrayQuantizer sum; // null: binary64
  private final ArrayQuantizer product; // null: exact
  private final Streams sumStreams;
  private final Streams productStreams;
  private final ScalarSums loops = LoopChoice.sums(true);
  private final boolean exact; // each sum before its rounding is a double
  private final int width; // rows side by side that the sum's quantizer accumulates by itself, or 0

  private double[] panel = new double[0]; // [step][row]
  private double[] saved = new double[0];
  private double[] level = new double[0];
  private double[] s = new double[0];
  private double[] t = new double[0];
  private final DrawnBlock sumDraws = new DrawnBlock();
  private final DrawnBlock productDraws = new DrawnBlock();
  private final Supplier<RoundedDot> maker; // of one for another thread
  private RoundedDot[] others = {};
  private int threads = 1;

  /** Whether sums of such products lie within the bounds of this class. */
  static boolean fits(Accumulator accumulator, Format left, Format right) {
    if (accumulator.order() == Order.EXACT) {
      return false;
    }
    boolean products = Extent.of(left).times(Extent.of(right)).areDoubles();
    if (accumulator.sum().isEmpty()) {
      return (products || accumulator.product().isEmpty()) && accumulator.fanIn() <= 2;
    }
    Quantizer sum = accumulator.sum().get();
    boolean signsZeros = sum.format() instanceof FloatFormat && sum.rounding() == RoundingMode.RDN;
    return products
        && ScalarRounding.fits(sum)
        && !signsZeros
        && (accumulator.fanIn() <= 2
            || Extent.of(sum.format()).sum(accumulator.fanIn()).areDoubles());
  }

  /** For what {@link #fits}. */
  RoundedDot(
      Accumulator accumulator,
      Format left,
      Format right,
      int lanes,
      Streams sumStreams,
      Streams productStreams) {
    this.accumulator = accumulator;
    this.lanes = lanes;
    this.sumStreams = sumStreams;
    this.productStreams = productStreams;
    maker = () -> new RoundedDot(accumulator, left, right, lanes, sumStreams, productStreams);
    sum = accumulator.sum().map(ArrayQuantizer::new).orElse(null);
    product = accumulator.product().map(ArrayQuantizer::new).orElse(null);
    Extent terms =
        accumulator
            .product()
            .map(q -> Extent.of(q.format()))
            .orElse(Extent.of(left).times(Extent.of(right)));
    exact =
        sum == null
            || Extent.of(sum.quantizer().format())
                .plus(
                    accumulator.order() == Order.TREE ? Extent.of(sum.quantizer().format()) : terms)
                .areDoubles();
    boolean tells =
        exact || sum != null && terms.digits() + Extent.of(sum.quantizer().format()).digits() <= 50;
    width =
        accumulator.order() == Order.SEQUENTIAL && product == null && sum != null && tells
            ? sum.accumulates()
            : 0;
  }

  /** Whether a few rows are better here than one by one. */
  boolean takesFewRows() {
    return width > 0;
  }

  void threads(int most) {
    threads = most;
  }

  /** See {@link DotProduct#run}; one thread where something is drawn. */
  void run(double[] a, int aRow, int aStep, double[] b, int rows, int n, double[] out) {
    boolean draws = draws(sum) || draws(product);
    int ranges = draws ? 1 : RowRanges.count(threads, rows, (long) rows * n, LEAST);
    while (others.length < ranges - 1) {
      others = Arrays.copyOf(others, others.length + 1);
      others[others.length - 1] = maker.get();
    }
    RowRanges.each(
        ranges,
        rows,
        (part, first, end) ->
            (part == 0 ? this : others[part - 1]).range(a, aRow, aStep, b, first, end, n, out));
    if (rows % lanes != 0) {
      sumStreams.skip(rows % lanes, accumulator.roundings(n));
      productStreams.skip(rows % lanes, n);
    }
  }

  private void range(
      double[] a, int aRow, int aStep, double[] b, int first, int end, int n, double[] out) {
    int roundings = accumulator.roundings(n);
    int size = Math.max(16, Math.min(MOST_ROWS, BLOCK / Math.max(1, n)));
    for (int from = first; from < end; from += size) {
      int block = Math.min(size, end - from);
      if (draws(sum)) {
        sumDraws.ofRows(sumStreams, lanes, from, block, roundings);
      }
      if (draws(product)) {
        productDraws.ofRows(productStreams, lanes, from, block, n);
      }
      if (accumulator.order() == Order.SEQUENTIAL) {
        sequential(a, from * aRow, aRow, aStep, b, block, n);
      } else if (aRow == 1) {
        tree(a, from, aStep, b, block, n);
      } else {
        transpose(a, from * aRow, aRow, aStep, block, block, n);
        tree(panel, 0, block, b, block, n);
      }
      System.arraycopy(s, 0, out, from, block);
    }
  }

  private static boolean draws(ArrayQuantizer quantizer) {
    return quantizer != null && quantizer.quantizer().draws();
  }

  /** Into the panel, its rows filled up to {@code width} with zeros; by tiles of the cache. */
  private void transpose(double[] a, int from, int aRow, int aStep, int block, int width, int n) {
    if (panel.length < width * n) {
      panel = new double[width * n];
    }
    int tiles = block / TILE * TILE;
    for (int i = 0; i < tiles; i += TILE) {
      tile(a, from + i * aRow, aRow, aStep, panel, i, width, n);
    }
    for (int i = tiles; i < width; i++) {
      for (int j = 0; j < n; j++) {
        panel[j * width + i] = i < block ? a[from + i * aRow + j * aStep] : 0;
      }
    }
  }

  /** {@link #TILE} rows. */
  private static void tile(
      double[] a, int from, int aRow, int aStep, double[] out, int to, int width, int n) {
    for (int j = 0; j < n; j++) {
      int p = to + j * width;
      int q = from + j * aStep;
      out[p] = a[q];
      out[p + 1] = a[q + aRow];
      out[p + 2] = a[q + 2 * aRow];
      out[p + 3] = a[q + 3 * aRow];
      out[p + 4] = a[q + 4 * aRow];
      out[p + 5] = a[q + 5 * aRow];
      out[p + 6] = a[q + 6 * aRow];
      out[p + 7] = a[q + 7 * aRow];
    }
  }

  private void reserve(int block) {
    if (s.length < block) {
      s = new double[block];
      t = new double[block];
      saved = new double[block];
    }
  }

  /** In pieces, which are tried fast where that is possible, and done again where it was wrong. */
  private void sequential(double[] a, int from, int aRow, int aStep, double[] b, int block, int n) {
    int rows = width == 0 || block == 1 ? block : (block + width - 1) / width * width;
    reserve(rows);
    Arrays.fill(s, 0, rows, 0);
    int piece = Math.max(16, PIECE / rows);
    for (int j = 0; j < n; j += piece) {
      int steps = Math.min(piece, n - j);
      double[] matrix = a;
      int start = from + j * aStep;
      int step = aStep;
      if (block > 1 && aRow != 1 || rows != block) {
        transpose(a, start, aRow, aStep, block, rows, steps);
        matrix = panel;
        start = 0;
        step = rows;
      }
      if (width > 0) {
        System.arraycopy(s, 0, saved, 0, rows);
        if (sum.accumulate(matrix, start, step, b, j, steps, exact, s, rows)) {
          continue;
        }
        System.arraycopy(saved, 0, s, 0, rows);
      }
      for (int k = 0; k < steps; k++) {
        step(matrix, start + k * step, b[j + k], block);
      }
    }
  }

  private void step(double[] a, int at, double y, int block) {
    if (product == null) {
      if (exact) {
        addProducts(a, at, y, s, t, block);
      } else {
        loops.oddSums(a, at, y, s, 0, 1, t, 0, 1, block);
      }
    } else {
      multiply(a, at, y, t, 0, block);
      product.quantize(t, 0, t, 0, block, productDraws);
      if (exact) {
        add(s, 0, t, 0, t, 0, block);
      } else {
        loops.oddSums(s, 0, 1, t, 0, 1, t, 0, 1, block);
      }
    }
    round(t, s, block);
  }

  private void round(double[] in, double[] out, int n) {
    if (sum == null) {
      System.arraycopy(in, 0, out, 0, n);
    } else {
      sum.quantize(in, 0, out, 0, n, sumDraws);
    }
  }

  private void tree(double[] a, int start, int step, double[] b, int block, int n) {
    reserve(block);
    if (level.length < n * block) {
      level = new double[n * block];
    }
    for (int j = 0; j < n; j++) {
      multiply(a, start + j * step, b[j], level, j * block, block);
    }
    if (product != null) {
      product.quantize(level, 0, level, 0, n * block, productDraws);
    }
    round(level, level, n * block);
    int left = n;
    while (left > 1) {
      int nodes = 0;
      int rounded = 0;
      for (int from = 0; from < left; from += accumulator.fanIn()) {
        int to = Math.min(from + accumulator.fanIn(), left);
        node(from, to, nodes++, block);
        rounded += to - from > 1 ? block : 0;
      }
      round(level, level, rounded);
      left = nodes;
    }
    if (n == 0) {
      Arrays.fill(s, 0, block, 0);
    } else {
      System.arraycopy(level, 0, s, 0, block);
    }
  }

  /** The sum of a group of the level, not yet rounded, in the place of node {@code to}. */
  private void node(int first, int end, int to, int block) {
    int at = first * block;
    if (end - first == 1) {
      System.arraycopy(level, at, level, to * block, block);
    } else if (end - first == 2 && !exact) {
      loops.oddSums(level, at, 1, level, at + block, 1, level, to * block, 1, block);
    } else if (end - first == 2) {
      add(level, at, level, at + block, level, to * block, block);
    } else {
      Arrays.fill(t, 0, block, 0); // a sum of zeros is +0
      for (int k = first; k < end; k++) {
        add(t, 0, level, k * block, t, 0, block);
      }
      System.arraycopy(t, 0, level, to * block, block);
    }
  }

  private static void multiply(double[] a, int at, double y, double[] out, int to, int n) {
    for (int i = 0; i < n; i++) {
      out[to + i] = a[at + i] * y;
    }
  }

  private static void add(double[] x, int xAt, double[] y, int yAt, double[] out, int to, int n) {
    for (int i = 0; i < n; i++) {
      out[to + i] = x[xAt + i] + y[yAt + i];
    }
  }

  private static void addProducts(double[] a, int at, double y, double[] s, double[] t, int n) {
    for (int i = 0; i < n; i++) {
      t[i] = Math.fma(a[at + i], y, s[i]);
    }
  }
}
