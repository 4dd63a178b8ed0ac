package org.halfulp.kernel;

import org.halfulp.number.FloatFormat;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;

/**
 * The update unit on arrays, with its random streams.
 *
 * <p>RTL twin: {@code sgd_update.v}, bit for bit. Slow twin: {@link UpdateUnit#exactly}.
 */
public final class SgdUpdate {
  private final UpdateUnit unit;
  private final ScalarSums loops = LoopChoice.sums(true);
  private final int lanes;
  private final Rounder weight;
  private final Rounder product; // null when fused
  private final Decoder gradient;
  private final double stepUnit;
  private final Streams weightStreams;
  private final Streams productStreams;
  private final boolean fast;
  private final boolean exactProducts;
  private final FixedSgdUpdate fixed; // null: not all fixed point, or too wide
  private final Rounder velocity; // null: no momentum
  private final Decoder velocityGradient;
  private final double factorUnit;
  private final Streams velocityStreams;
  private final ArrayQuantizer weightArray;
  private final ArrayQuantizer productArray; // null when fused
  private final boolean takesValues;
  private final boolean exactSums; // each w - p is a double
  private double[] before = new double[0]; // what is rounded to the weights
  private long[] next = new long[0]; // velocities
  private int[] velocityFlags = new int[0];

  /**
   * @param lanes words of a beat, 1..65535
   */
  public SgdUpdate(UpdateUnit unit, int lanes, long seed) {
    if (lanes < 1 || lanes > 0xFFFF) {
      throw new IllegalArgumentException("lanes must be in [1, 65535], got " + lanes);
    }
    this.unit = unit;
    this.lanes = lanes;
    Quantizer productQuantizer = unit.product().orElse(null);
    weight = new Rounder(unit.weight());
    product = productQuantizer == null ? null : new Rounder(productQuantizer);
    gradient = Decoder.of(unit.direction());
    stepUnit = Math.scalb(1.0, -unit.step().fracBits());
    weightStreams = new Streams(unit.weight(), seed, Streams.WEIGHT, lanes);
    productStreams = new Streams(productQuantizer, seed, Streams.UPDATE_PRODUCT, lanes);
    fast =
        weight.isFast()
            && (product == null || product.isFast())
            && Decoder.isExact(unit.direction());
    fixed = FixedSgdUpdate.of(unit, weight, product);
    Momentum momentum = unit.momentum().orElse(null);
    velocity = momentum == null ? null : new Rounder(momentum.velocity());
    velocityGradient = Decoder.of(unit.gradient());
    factorUnit = momentum == null ? 0 : Math.scalb(1.0, -momentum.factor().fracBits());
    velocityStreams =
        new Streams(momentum == null ? null : momentum.velocity(), seed, Streams.VELOCITY, lanes);
    weightArray = new ArrayQuantizer(unit.weight());
    productArray = productQuantizer == null ? null : new ArrayQuantizer(productQuantizer);
    Extent products = Extent.of(unit.step()).times(Extent.of(unit.direction()));
    exactProducts = products.areDoubles();
    takesValues = momentum == null && exactProducts && keepsValues(unit.weight());
    Extent subtrahends = productQuantizer == null ? products : Extent.of(productQuantizer.format());
    exactSums = Extent.of(unit.weight().format()).plus(subtrahends).areDoubles();
  }

  /** Whether a sum may be given rounded to odd, and the value tells the code. */
  private static boolean keepsValues(Quantizer weight) {
    return ScalarRounding.fits(weight)
        && !(weight.format() instanceof FloatFormat f
            && (f.daz() || weight.rounding() == RoundingMode.RDN));
  }

  public UpdateUnit unit() {
    return unit;
  }

  /**
   * Updates {@code n} velocities, then the weights: {@code ceil(n / lanes)} beats.
   *
   * @param v velocity codes, updated in place
   * @param mu the momentum factor's code; the others as in the update without momentum
   */
  public void update(
      long[] w, long[] v, long[] g, long step, long mu, long[] out, int[] flags, int n) {
    if (next.length < n) {
      next = new long[n];
      velocityFlags = new int[n];
    }
    double m = mu * factorUnit;
    boolean simple =
        velocity.isFast() && Decoder.isExact(unit.gradient()) && Decoder.isExact(unit.direction());
    int lane = 0;
    for (int i = 0; i < n; i++) {
      long r = velocityStreams.draw(lane);
      double vv = velocity.value(v[i]);
      double gv = velocityGradient.value(g[i]);
      if (simple && Math.abs(vv) <= Double.MAX_VALUE && Math.abs(gv) <= Double.MAX_VALUE) {
        next[i] = velocity.roundFma(m, vv, gv, r);
        velocityFlags[i] = velocity.flags();
      } else {
        Rounded rounded = unit.velocityExactly(v[i], g[i], mu, r);
        next[i] = rounded.code();
        velocityFlags[i] = rounded.flags();
      }
      lane = lane + 1 == lanes ? 0 : lane + 1;
    }
    if (n % lanes != 0) {
      velocityStreams.skip(n % lanes, 1);
    }
    System.arraycopy(next, 0, v, 0, n);
    updateWeights(w, v, step, out, flags, n);
    for (int i = 0; i < n; i++) {
      flags[i] |= velocityFlags[i];
    }
  }

  /**
   * Updates {@code n} weights: {@code ceil(n / lanes)} beats. Not for a unit with momentum.
   *
   * @param w weight codes
   * @param g gradient codes
   * @param step the step's code
   * @param out new weight codes; may be {@code w}
   * @param flags flags of each update
   * @throws org.halfulp.number.NanException if a result is NaN and the weight format has none,
   *     unless its quantizer gives zero instead
   */
  public void update(long[] w, long[] g, long step, long[] out, int[] flags, int n) {
    if (velocity != null) {
      throw new IllegalStateException("a unit with momentum needs its velocities: " + unit);
    }
    updateWeights(w, g, step, out, flags, n);
  }

  /** Whether the update of values will do, so that codes need not be made. */
  public boolean takesValues() {
    return takesValues;
  }

  /**
   * {@link #update(long[], long[], long, long[], int[], int)} on values, and without flags.
   *
   * @param w the weights' values, updated in place
   * @param g values of the gradient's format
   */
  public void update(double[] w, double[] g, long step, int n) {
    if (!takesValues) {
      throw new IllegalStateException("this unit updates codes alone: " + unit);
    }
    if (before.length < n) {
      before = new double[n];
    }
    double minusStep = -(step * stepUnit);
    if (product == null && exactSums) {
      for (int i = 0; i < n; i++) {
        before[i] = Math.fma(minusStep, g[i], w[i]);
      }
    } else if (product == null) {
      loops.oddSums(w, 0, 1, g, 0, minusStep, before, 0, 1, n);
    } else {
      for (int i = 0; i < n; i++) {
        before[i] = step * stepUnit * g[i];
      }
      productArray.quantize(before, 0, before, 0, n, productStreams);
      productStreams.endTensor();
      loops.oddSums(w, 0, 1, before, 0, -1, before, 0, 1, n);
    }
    weightArray.quantize(before, 0, w, 0, n, weightStreams);
    weightStreams.endTensor();
  }

  private void updateWeights(long[] w, long[] g, long step, long[] out, int[] flags, int n) {
    if (fixed != null) {
      fixed.update(w, g, step, out, flags, n, weightStreams, productStreams, lanes);
    } else {
      double s = step * stepUnit;
      int lane = 0;
      for (int i = 0; i < n; i++) {
        long r = weightStreams.draw(lane);
        long rp = productStreams.draw(lane);
        out[i] = one(w[i], g[i], step, s, r, rp);
        flags[i] = oneFlags;
        lane = lane + 1 == lanes ? 0 : lane + 1;
      }
    }
    if (n % lanes != 0) {
      weightStreams.skip(n % lanes, 1);
      productStreams.skip(n % lanes, 1);
    }
  }

  private int oneFlags;

  private long one(long w, long g, long step, double s, long r, long rp) {
    double wv = weight.value(w);
    double gv = gradient.value(g);
    double p = s * gv;
    if (fast
        && Math.abs(wv) <= Double.MAX_VALUE
        && Math.abs(p) <= Double.MAX_VALUE
        && (exactProducts || Rounder.isExactProduct(s, gv, p))) {
      int productFlags = 0;
      if (product != null) {
        p = product.value(product.round(p, rp));
        productFlags = product.flags();
      }
      if (Math.abs(p) <= Double.MAX_VALUE) {
        long code = weight.roundSum(wv, -p, r);
        oneFlags = weight.flags() | productFlags;
        return code;
      }
    }
    Rounded rounded = unit.exactly(w, g, step, r, rp);
    oneFlags = rounded.flags();
    return rounded.code();
  }
}
