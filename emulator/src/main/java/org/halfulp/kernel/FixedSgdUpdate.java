package org.halfulp.kernel;

import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;

/**
 * The update unit in 64-bit integers, where every operand is fixed point and the exact difference
 * fits.
 *
 * <p>RTL twin: {@code fx_sgd_lane.v}, bit for bit. Slow twin: {@link UpdateUnit#exactly}.
 */
final class FixedSgdUpdate {
  private static final int MAX_BITS = 61; // of an aligned operand: the difference cannot wrap

  private final Rounder weight;
  private final Rounder product; // null when fused
  private final long weightSign; // the sign bit of a code, 0 where there is none
  private final long gradientSign;
  private final long productSign;
  private final Aligned productAligned;
  private final Aligned aligned;

  private FixedSgdUpdate(
      UpdateUnit unit, Rounder weight, Rounder product, Aligned productAligned, Aligned aligned) {
    this.weight = weight;
    this.product = product;
    weightSign = sign(unit.weight().format());
    gradientSign = sign(unit.direction());
    productSign = product == null ? 0 : sign(product.quantizer().format());
    this.productAligned = productAligned;
    this.aligned = aligned;
  }

  /**
   * Left shifts that bring a value of a rounder's format and the subtrahend to one last place, and
   * what is then below the rounder's guard bits.
   */
  private record Aligned(int own, int other, int below) {
    /** Null if they would not fit. */
    static Aligned of(Rounder rounder, int fracBits, int width) {
      if (!rounder.isFast() || !(rounder.quantizer().format() instanceof FixedFormat to)) {
        return null;
      }
      int guarded = to.fracBits() + rounder.guard();
      int last = Math.max(guarded, fracBits);
      int own = last - to.fracBits();
      int other = last - fracBits;
      boolean fits = to.width() + own <= MAX_BITS && width + other <= MAX_BITS;
      return fits ? new Aligned(own, other, last - guarded) : null;
    }

    /** Guard bits with the rest as a sticky bit. */
    long guarded(long v) {
      return below == 0 ? v : v >> below | (v << 64 - below != 0 ? 1 : 0);
    }
  }

  /** The unit in integers, or null if it is not of that kind. */
  static FixedSgdUpdate of(UpdateUnit unit, Rounder weight, Rounder product) {
    if (!(unit.direction() instanceof FixedFormat g)) {
      return null;
    }
    int width = g.width() + unit.step().width() + 1;
    int fracBits = g.fracBits() + unit.step().fracBits();
    Aligned productAligned = null;
    if (product != null) {
      productAligned = Aligned.of(product, fracBits, width);
      if (productAligned == null) {
        return null;
      }
      FixedFormat p = (FixedFormat) product.quantizer().format();
      width = p.width() + 1;
      fracBits = p.fracBits();
    }
    Aligned aligned = Aligned.of(weight, fracBits, width);
    return aligned == null
        ? null
        : new FixedSgdUpdate(unit, weight, product, productAligned, aligned);
  }

  /** {@link SgdUpdate#update} but for the lanes left over in the last beat. */
  void update(
      long[] w,
      long[] g,
      long step,
      long[] out,
      int[] flags,
      int n,
      Streams draws,
      Streams productDraws,
      int lanes) {
    Aligned to = aligned;
    int lane = 0;
    for (int i = 0; i < n; i++) {
      long subtrahend = step * integer(gradientSign, g[i]);
      int raised = 0;
      if (product != null) {
        long x = productAligned.guarded(subtrahend << productAligned.other);
        long code = product.roundFixed(x, productDraws.draw(lane));
        subtrahend = integer(productSign, code);
        raised = product.flags();
      }
      long difference = (integer(weightSign, w[i]) << to.own) - (subtrahend << to.other);
      out[i] = weight.roundFixed(to.guarded(difference), draws.draw(lane));
      flags[i] = raised | weight.flags();
      lane = lane + 1 == lanes ? 0 : lane + 1;
    }
  }

  private static long sign(Format format) {
    return format.signed() ? 1L << (format.width() - 1) : 0;
  }

  private static long integer(long sign, long code) {
    return (code ^ sign) - sign;
  }
}
