package org.halfulp.kernel;

import java.math.BigInteger;
import java.util.Optional;
import org.halfulp.number.FixedFormat;

/**
 * The worker's half of a differentially quantized gradient method in fixed point: {@code u = g - c}
 * to R bits, and its error, all of it exact. Section 6.4 of the contract; Lin, Kostina and Hassibi,
 * arXiv 2002.02508, algorithms 1 to 3, with ranges that are powers of two.
 *
 * <p>RTL twin: {@code dq_compress.v}, bit for bit. Slow twin: {@link #exactly}. Values are signed
 * longs, codes of which a port holds the low bits. Not thread-safe.
 */
public final class DqCompress {
  /** The widest u, q and e. */
  public static final int MAX_WIDTH = 62;

  private final FixedFormat gradient;
  private final FixedFormat error;
  private final Optional<FixedFormat> factor;
  private final FixedFormat value;
  private final int bits;
  private final int gradientUp; // to u's last place
  private final int errorUp; // c's terms to u's last place
  private final int productUp;
  private final int maxShift;
  private final long top; // the largest code
  private long code;
  private long q;
  private long e;
  private boolean saturated;

  /**
   * @param gradient signed, of 2 to 32 bits
   * @param error of e' and e'', signed, of 2 to 60 bits
   * @param factor of gamma, unsigned, of 1 to 16 bits, 0 to 16 of fraction; empty: no momentum
   * @param bits R of a coordinate, 1 to the width of u less 2
   */
  public DqCompress(
      FixedFormat gradient, FixedFormat error, Optional<FixedFormat> factor, int bits) {
    check("gradient", gradient, true, 2, 32);
    check("error", error, true, 2, 60);
    factor.ifPresent(
        f -> {
          check("momentum factor", f, false, 1, 16);
          if (f.fracBits() < 0 || f.fracBits() > 16) {
            throw new IllegalArgumentException(
                "a momentum factor has 0 to 16 fraction bits, got " + f.name());
          }
        });
    this.gradient = gradient;
    this.error = error;
    this.factor = factor;
    this.bits = bits;
    int down = factor.map(FixedFormat::fracBits).orElse(0);
    int width =
        factor
            .map(f -> Math.max(error.width() + down, error.width() + 1 + f.width()) + 1)
            .orElse(error.width());
    int frac = error.fracBits() + down;
    int fine = Math.max(frac, gradient.fracBits());
    int wide = Math.max(gradient.width() + fine - gradient.fracBits(), width + fine - frac) + 1;
    if (wide > MAX_WIDTH) {
      throw new IllegalArgumentException(
          "%s less %s%s takes %d bits; at most %d are kept"
              .formatted(
                  gradient.name(),
                  error.name(),
                  factor.map(f -> " with factor " + f.name()).orElse(""),
                  wide,
                  MAX_WIDTH));
    }
    if (bits < 1 || bits > wide - 2) {
      throw new IllegalArgumentException(
          "the bits R of a coordinate must be in [1, %d], got %d".formatted(wide - 2, bits));
    }
    value = new FixedFormat(true, wide, fine);
    gradientUp = fine - gradient.fracBits();
    errorUp = fine - error.fracBits();
    productUp = fine - frac;
    maxShift = wide - 1 - bits;
    top = (1L << bits - 1) - 1;
  }

  private static void check(String what, FixedFormat f, boolean signed, int low, int high) {
    if (f.signed() != signed || f.width() < low || f.width() > high) {
      throw new IllegalArgumentException(
          "the %s must be %s fixed point of %d to %d bits, got %s"
              .formatted(what, signed ? "signed" : "unsigned", low, high, f.name()));
    }
  }

  public FixedFormat gradient() {
    return gradient;
  }

  public FixedFormat error() {
    return error;
  }

  public Optional<FixedFormat> factor() {
    return factor;
  }

  /** Format of u, q and e. */
  public FixedFormat value() {
    return value;
  }

  public int bits() {
    return bits;
  }

  /** The shift of the range {@code 2^exponent}; at the floor, where a cell is 2 last places, 0. */
  public int shift(int exponent) {
    return Math.max(0, Math.min(maxShift, exponent - bits + value.fracBits()));
  }

  /**
   * Compresses one coordinate; {@link #code}, {@link #q}, {@link #e} and {@link #saturated} say
   * what came of it.
   *
   * @param g in the gradient's format
   * @param now e', the error of the step before, in the error's format
   * @param last e'', the error before that
   * @param gamma in the factor's format; read with momentum only, as {@code last}
   * @param shift s: the range is {@code 2^(s + R)} last places of u
   */
  public void compress(long g, long now, long last, long gamma, int shift) {
    long c = now << errorUp;
    if (factor.isPresent()) {
      c += gamma * (now - last) << productUp;
    }
    long u = (g << gradientUp) - c;
    int s = Math.min(shift, maxShift);
    long cell = u >> s + 1;
    code = Math.max(-top - 1, Math.min(top, cell));
    q = expand(code, shift);
    e = q - u;
    saturated = code != cell && e != -(1L << s); // u = r is in range
  }

  /** The server's half: the quantized value of a code, in the format {@link #value}. */
  public long expand(long code, int shift) {
    return 2 * code + 1 << Math.min(shift, maxShift);
  }

  /** What goes over the link, in [-2^(R-1), 2^(R-1)). */
  public long code() {
    return code;
  }

  public long q() {
    return q;
  }

  public long e() {
    return e;
  }

  /** Whether u was outside the range. */
  public boolean saturated() {
    return saturated;
  }

  /** What {@link #exactly} gives: as the accessors of the same names. */
  public record Compressed(long code, long q, long e, boolean saturated) {}

  /**
   * {@link #compress} by the formula of the uniform quantizer with M = 2^R levels, {@code k =
   * floor(u / Delta + M / 2)}, {@code q = (k - M / 2 + 1/2) Delta}, on integers of any size.
   */
  public Compressed exactly(long g, long now, long last, long gamma, int shift) {
    BigInteger c = BigInteger.valueOf(now).shiftLeft(errorUp);
    if (factor.isPresent()) {
      BigInteger moved = BigInteger.valueOf(now).subtract(BigInteger.valueOf(last));
      c = c.add(moved.multiply(BigInteger.valueOf(gamma)).shiftLeft(productUp));
    }
    BigInteger u = BigInteger.valueOf(g).shiftLeft(gradientUp).subtract(c);
    BigInteger range = BigInteger.ONE.shiftLeft(Math.min(shift, maxShift) + bits);
    BigInteger delta = range.shiftLeft(1).shiftRight(bits);
    BigInteger half = BigInteger.ONE.shiftLeft(bits - 1);
    BigInteger[] k = u.add(delta.multiply(half)).divideAndRemainder(delta);
    BigInteger floor = k[1].signum() < 0 ? k[0].subtract(BigInteger.ONE) : k[0];
    BigInteger largest = half.shiftLeft(1).subtract(BigInteger.ONE);
    BigInteger level = floor.max(BigInteger.ZERO).min(largest).subtract(half);
    BigInteger middle = level.multiply(delta).add(delta.shiftRight(1));
    return new Compressed(
        level.longValueExact(),
        middle.longValueExact(),
        middle.subtract(u).longValueExact(),
        u.abs().compareTo(range) > 0);
  }

  /** {@code "q8.8 less q8.8, 4 bits"}. */
  @Override
  public String toString() {
    return "%s less %s%s, %d bit%s"
        .formatted(
            gradient.name(),
            error.name(),
            factor.map(f -> " with momentum " + f.name()).orElse(""),
            bits,
            bits == 1 ? "" : "s");
  }
}
