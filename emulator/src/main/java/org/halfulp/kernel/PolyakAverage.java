package org.halfulp.kernel;

import org.halfulp.number.Arithmetic;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;

/**
 * The running average of weights, {@code a <- Qa(a + c*(w - a))}; section 6.3 of the contract.
 *
 * <p>RTL twin: {@code polyak_average.v}, bit for bit. Slow twin: {@link #exactly}. Not thread-safe.
 */
public final class PolyakAverage {
  private static final int MAX_BITS = 61; // of the aligned sum

  private final Format weight;
  private final Quantizer average;
  private final FixedFormat factor;
  private final int lanes;
  private final Streams streams;
  private final Decoder decoder;
  private final Rounder rounder;
  private final boolean fast;
  private final double scale; // of weights: 2^differenceBits
  private final long sign; // of an average's code
  private final int averageUp; // to the difference's last place
  private final int sumUp; // from there to the sum's
  private final int productUp;
  private final int below; // bits of the sum below the rounder's guard bits
  private int flags;

  /**
   * @param average format, rounding and range rule; signed fixed point
   * @param factor unsigned fixed format of c, width 1..16
   */
  public PolyakAverage(Format weight, Quantizer average, FixedFormat factor, int lanes, long seed) {
    if (!(average.format() instanceof FixedFormat a) || !a.signed()) {
      throw new IllegalArgumentException(
          "an average's format must be signed fixed point, got " + average.format().name());
    }
    if (factor.signed() || factor.width() > 16) {
      throw new IllegalArgumentException(
          "the averaging factor's format must be unsigned fixed point of 1 to 16 bits, got "
              + factor.name());
    }
    this.weight = weight;
    this.average = average;
    this.factor = factor;
    this.lanes = lanes;
    streams = new Streams(average, seed, Streams.AVERAGE, lanes);
    decoder = Decoder.of(weight);
    rounder = new Rounder(average);
    sign = 1L << (a.width() - 1);
    int weightBits = weight instanceof FloatFormat f ? f.fracBits() - f.emin() : fracBits(weight);
    int weightWidth =
        weight instanceof FloatFormat f ? f.emax() + 2 + weightBits : weight.width() + 1;
    int differenceBits = Math.max(weightBits, a.fracBits());
    int width =
        1 + Math.max(weightWidth + differenceBits - weightBits, a.intBits() + differenceBits);
    int guarded = a.fracBits() + rounder.guard();
    int sumBits = Math.max(differenceBits + factor.fracBits(), guarded);
    fast =
        rounder.isFast()
            && Decoder.isExact(weight)
            && width + factor.width() + sumBits - (differenceBits + factor.fracBits()) <= MAX_BITS
            && a.width() + sumBits - a.fracBits() <= MAX_BITS
            && Math.abs(differenceBits) <= 900;
    scale = fast ? Math.scalb(1.0, differenceBits) : 0;
    averageUp = differenceBits - a.fracBits();
    productUp = sumBits - (differenceBits + factor.fracBits());
    sumUp = sumBits - a.fracBits();
    below = sumBits - guarded;
  }

  private static int fracBits(Format format) {
    return ((FixedFormat) format).fracBits();
  }

  /** Flags of the last result. */
  public int flags() {
    return flags;
  }

  /**
   * Averages {@code n} weights: {@code ceil(n / lanes)} beats of draws.
   *
   * @param a codes of the averages, updated in place
   * @param c the factor's code
   */
  public void update(long[] w, long c, long[] a, int n) {
    int lane = 0;
    for (int i = 0; i < n; i++) {
      a[i] = one(w[i], a[i], c, streams.draw(lane));
      lane = lane + 1 == lanes ? 0 : lane + 1;
    }
    if (lane != 0) {
      streams.skip(lane, 1);
    }
  }

  /**
   * One average's new code.
   *
   * @param r the draw of its rounding
   */
  public long one(long w, long a, long c, long r) {
    double value = decoder.value(w);
    if (!fast || !(Math.abs(value) <= Double.MAX_VALUE)) {
      Rounded rounded = exactly(w, a, c, r);
      flags = rounded.flags();
      return rounded.code();
    }
    long before = (a ^ sign) - sign;
    long difference = (long) (value * scale) - (before << averageUp);
    long sum = (before << sumUp) + (c * difference << productUp);
    long guarded = below == 0 ? sum : sum >> below | (sum << 64 - below != 0 ? 1 : 0);
    long code = rounder.roundFixed(guarded, r);
    flags = rounder.flags();
    return code;
  }

  /** {@link #one} on exact values. */
  public Rounded exactly(long w, long a, long c, long r) {
    Real before = average.format().decode(a);
    Real value = weight.decode(w);
    if (value.isNan()) {
      return average.round(value, r);
    }
    Real difference = value.add(before.negate(), false);
    return Arithmetic.fma(factor.decode(c), difference, before, average, r);
  }

  /** {@code "bfloat16 into q4.20 rne saturate, c uq0.8"}. */
  @Override
  public String toString() {
    return weight.name() + " into " + average + ", c " + factor.name();
  }
}
