package org.halfulp.kernel;

import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;

/**
 * Where the finite values of a tensor lie: multiples of {@code 2^low}, below {@code 2^high} in
 * magnitude or equal to it, of at most {@code digits} significant bits.
 */
record Extent(int low, int high, int digits) {

  /** Of all values of a format; of any doubles if it is null. */
  static Extent of(Format format) {
    if (format == null) {
      return new Extent(-1074, 1024, 53);
    }
    if (format instanceof FloatFormat f) {
      return new Extent(f.emin() - f.fracBits(), f.emax() + 1, f.fracBits() + 1);
    }
    FixedFormat f = (FixedFormat) format;
    return new Extent(-f.fracBits(), f.signed() ? f.intBits() - 1 : f.intBits(), f.width());
  }

  /** Of those of magnitudes from {@code least} to {@code most}, and zeros. */
  Extent between(double least, double most) {
    if (!(most <= Double.MAX_VALUE)) {
      return this;
    }
    return new Extent(
        Math.max(low, Math.getExponent(least) - digits + 1),
        Math.min(high, Math.getExponent(most) + 1),
        digits);
  }

  /** Of products. */
  Extent times(Extent other) {
    return new Extent(low + other.low, high + other.high, digits + other.digits);
  }

  /** Of sums of two. */
  Extent plus(Extent other) {
    int sum = Math.max(high, other.high) + 1;
    int last = Math.min(low, other.low);
    return new Extent(last, sum, sum - last);
  }

  /** Of sums of {@code n} such terms. */
  Extent sum(int n) {
    int sum = high + log2(n);
    return new Extent(low, sum, sum - low);
  }

  /** Whether each is a double, and so is each of a product's or sum's parts. */
  boolean areDoubles() {
    return digits <= 53 && low >= -1000 && high <= 1000;
  }

  /** Bits of the difference between its ends, so that these values are exact in a double. */
  boolean fits(int bits) {
    return high - low <= bits && low >= -1000 && high <= 1000;
  }

  /** The least k with {@code n <= 2^k}. */
  static int log2(int n) {
    return n <= 1 ? 0 : 32 - Integer.numberOfLeadingZeros(n - 1);
  }
}
