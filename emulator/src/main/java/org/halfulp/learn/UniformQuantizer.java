package org.halfulp.learn;

/**
 * The uniform scalar quantizer with M levels a coordinate on {@code [-r, r]}, the middle of a cell
 * for all of it, ties up; what lies outside becomes the outermost level, is counted, and leaves a
 * sticky flag.
 *
 * <p>Lin, Kostina and Hassibi, arXiv 2002.02508v3, (17) to (19): one quantizer of unit range,
 * scaled by each step's {@code r_t}. Its covering efficiency is sqrt(n), (26).
 *
 * <p>Not thread-safe.
 */
public final class UniformQuantizer {
  /** More levels than binary64 tells apart serve nobody. */
  public static final int MAX_LEVELS = 1 << 30;

  private final int levels;
  private long saturations;
  private double overload = 1;

  /**
   * @param levels M; 2^R for R bits, but any number will do; 1 gives 0 and sends nothing
   */
  public UniformQuantizer(int levels) {
    if (levels < 1 || levels > MAX_LEVELS) {
      throw new IllegalArgumentException(
          "the levels M of a quantizer must be in [1, 2^30], got " + levels);
    }
    this.levels = levels;
  }

  /** The covering efficiency over the levels, {@code sqrt(n) / M}: c of the paper. */
  public static double contraction(int columns, int levels) {
    return Math.sqrt(columns) / levels;
  }

  /**
   * Quantizes a vector.
   *
   * @param r the range, positive
   * @param q the result; may be {@code u}
   */
  public void quantize(double[] u, double r, double[] q) {
    double cell = 2 * r / levels;
    for (int i = 0; i < u.length; i++) {
      double x = u[i];
      double k = Math.floor(x / cell + levels / 2.0);
      q[i] = (Math.max(0, Math.min(levels - 1, k)) - levels / 2.0 + 0.5) * cell;
      if (Math.abs(x) > r) {
        saturations++;
        overload = Math.max(overload, Math.abs(x) / r);
      }
    }
  }

  public int levels() {
    return levels;
  }

  /** Values outside the range so far. */
  public long saturations() {
    return saturations;
  }

  /** The sticky flag: whether any value was outside the range. */
  public boolean saturated() {
    return saturations > 0;
  }

  /** The largest {@code |u| / r} so far, 1 if none was outside. */
  public double overload() {
    return overload;
  }
}
