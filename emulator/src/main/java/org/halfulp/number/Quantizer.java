package org.halfulp.number;

import java.math.BigInteger;

/**
 * A format with its rounding and range rule: the one place where an exact result becomes a code.
 * Sections 2 and 3 of the contract.
 *
 * <p>RTL twins: {@code fp_round_pack.v} and {@code fx_requantize.v}, bit for bit.
 *
 * @param randomBits bits of one draw for {@link RoundingMode#SR}, 1..32; 0 for the other modes
 * @param nanToZero whether NaN into a format without NaN gives the code 0 instead of a {@link
 *     NanException}
 */
public record Quantizer(
    Format format,
    RoundingMode rounding,
    OverflowRule overflow,
    int randomBits,
    boolean nanToZero) {

  public Quantizer {
    if (rounding.fixedOnly() && format instanceof FloatFormat) {
      throw new IllegalArgumentException(
          "rounding %s is for fixed point only, and %s is a float format"
              .formatted(rounding, format.name()));
    }
    if (!overflow.fits(format)) {
      throw new IllegalArgumentException(
          "overflow rule %s does not fit %s; choose one of: %s"
              .formatted(overflow, format.name(), OverflowRule.choices(format)));
    }
    if (rounding == RoundingMode.SR
        ? randomBits < 1 || randomBits > RandomBits.MAX_BITS
        : randomBits != 0) {
      throw new IllegalArgumentException(
          rounding == RoundingMode.SR
              ? "random bits of sr must be in [1, %d], got %d"
                  .formatted(RandomBits.MAX_BITS, randomBits)
              : "rounding %s takes no random bits, got %d".formatted(rounding, randomBits));
    }
  }

  /** Any deterministic mode with the format's default range rule, strict about NaN. */
  public Quantizer(Format format, RoundingMode rounding) {
    this(format, rounding, OverflowRule.defaultFor(format), 0, false);
  }

  /** Whether each rounding draws from a stream. */
  public boolean draws() {
    return rounding == RoundingMode.SR;
  }

  /**
   * Rounds the exact value {@code x} once.
   *
   * @param r the draw for stochastic rounding, in {@code [0, 2^randomBits)}; otherwise ignored
   * @throws NanException if {@code x} is NaN, the format has none, and zero was not asked for
   */
  public Rounded round(Real x, long r) {
    if (x.isNan()) {
      return nan(x.isSignaling() ? Flags.INVALID : 0);
    }
    if (format instanceof FloatFormat f) {
      return roundFloat(f, x, r);
    }
    return roundFixed((FixedFormat) format, x, r);
  }

  /** NaN as this quantizer delivers it. */
  Rounded nan(int flags) {
    if (format.hasNan()) {
      return new Rounded(((FloatFormat) format).nan(), flags);
    }
    if (!nanToZero) {
      throw new NanException(format);
    }
    return new Rounded(0, flags | Flags.INVALID);
  }

  /**
   * The exponent of the last place that a rounding of a value of about {@code 2^top} may look at; a
   * value truncated there, with sticky, is rounded as the exact one.
   */
  int lastExponent(int top) {
    int below = randomBits + 3;
    if (format instanceof FloatFormat f) {
      return top - f.fracBits() - below;
    }
    return -((FixedFormat) format).fracBits() - below;
  }

  // ---- float ----

  private Rounded roundFloat(FloatFormat f, Real x, long r) {
    boolean negative = x.negative();
    if (x.isInfinite()) {
      return infinity(f, negative, 0);
    }
    if (x.isZero()) {
      return f.hasZero()
          ? new Rounded(signedZero(f, negative), 0)
          : new Rounded(0, Flags.UNDERFLOW | Flags.INEXACT);
    }
    int top = x.top();
    int emin = f.emin();
    int m = f.fracBits();
    boolean flushes = top < emin && !f.subnormals();
    int e = Math.max(top, emin);
    int quantum = flushes ? emin : e - m;
    Lost lost = Lost.of(x, quantum);
    long n = lost.kept().longValueExact(); // below 2^(m+1) <= 2^53
    boolean inexact = lost.inexact();
    if (roundsAway(lost, negative, oddCode(f, n, e), r)) {
      n++;
    }
    int flags = inexact ? Flags.INEXACT : 0;
    if (inexact && top < emin && isTiny(f, x, r)) {
      flags |= Flags.UNDERFLOW;
    }
    if (n == 0) {
      return f.hasZero()
          ? new Rounded(signedZero(f, negative), flags)
          : new Rounded(0, Flags.UNDERFLOW | Flags.INEXACT);
    }
    if (negative && !f.signed()) {
      return overflow == OverflowRule.NONE
          ? nan(Flags.INVALID)
          : new Rounded(0, Flags.OVERFLOW | Flags.INEXACT);
    }
    long hidden = 1L << m;
    if (flushes) {
      n = hidden; // the smallest normal value
    } else if (n == 2 * hidden) {
      n = hidden;
      e++;
    }
    // A subnormal has n < hidden and e = emin, so its field comes out as firstNormalField - 1 = 0.
    if (e > f.emax() + 1) {
      return overflow(f, negative);
    }
    long code = ((long) (e - emin + f.firstNormalField()) << m) + (n - hidden);
    if (code > f.maxFinite()) {
      return overflow(f, negative);
    }
    return new Rounded(negative ? code | f.signBit() : code, flags);
  }

  /** Whether the multiple n of 2^(e-m) has an odd code; for m = 0 that is its exponent field. */
  private static boolean oddCode(FloatFormat f, long n, int e) {
    if (f.fracBits() > 0) {
      return (n & 1) != 0;
    }
    return n != 0 && ((e - f.emin() + f.firstNormalField()) & 1) != 0;
  }

  /** Tininess after rounding: would m+1 bits at an unbounded exponent still be below 2^emin? */
  private boolean isTiny(FloatFormat f, Real x, long r) {
    int top = x.top();
    if (top < f.emin() - 1) {
      return true; // at most 2^(top+1) after rounding
    }
    Lost lost = Lost.of(x, top - f.fracBits());
    long n = lost.kept().longValueExact();
    boolean away = roundsAway(lost, x.negative(), oddCode(f, n, top), r);
    return !(away && n + 1 == 2L << f.fracBits());
  }

  private boolean roundsAway(Lost lost, boolean negative, boolean odd, long r) {
    return rounding == RoundingMode.SR
        ? lost.scaled(randomBits) + r >= 1L << randomBits
        : rounding.roundsAway(negative, odd, lost.guard(), lost.sticky());
  }

  private static long signedZero(FloatFormat f, boolean negative) {
    return negative && f.family().negativeZero() ? f.signBit() : 0;
  }

  private Rounded overflow(FloatFormat f, boolean negative) {
    int flags = Flags.OVERFLOW | Flags.INEXACT;
    if (overflow == OverflowRule.NONE && rounding.overflowsToInfinity(negative)) {
      return infinity(f, negative, flags);
    }
    return new Rounded(negative ? f.maxFinite() | f.signBit() : f.maxFinite(), flags);
  }

  /** An infinity, exact or from overflow, as the range rule delivers it. */
  private Rounded infinity(FloatFormat f, boolean negative, int flags) {
    boolean keep = overflow != OverflowRule.FINITE;
    if (negative && !f.signed()) {
      return overflow == OverflowRule.NONE
          ? nan(flags | Flags.INVALID)
          : new Rounded(0, flags | Flags.OVERFLOW | Flags.INEXACT);
    }
    if (keep && f.hasInfinity()) {
      return new Rounded(f.infinity(negative), flags);
    }
    int replaced = flags | Flags.OVERFLOW | Flags.INEXACT;
    if (keep && f.hasNan()) {
      return new Rounded(f.nan(), replaced);
    }
    return new Rounded(negative ? f.maxFinite() | f.signBit() : f.maxFinite(), replaced);
  }

  // ---- fixed ----

  private Rounded roundFixed(FixedFormat f, Real x, long r) {
    boolean negative = x.negative();
    if (x.isInfinite()) {
      int flags = Flags.OVERFLOW | Flags.INEXACT;
      return overflow == OverflowRule.WRAP
          ? new Rounded(0, flags)
          : new Rounded(clamp(f, negative), flags);
    }
    if (x.isZero()) {
      return new Rounded(0, 0);
    }
    Lost lost = Lost.of(x, -f.fracBits());
    boolean away;
    if (rounding == RoundingMode.SR && negative) {
      // Measured up from the floor: v' = 1 - v, and a carry toward +inf means "not away".
      long floorOfScaled = (1L << randomBits) - lost.scaledUp(randomBits);
      away = lost.inexact() && floorOfScaled + r < 1L << randomBits;
    } else {
      away = roundsAway(lost, negative, lost.kept().testBit(0), r);
    }
    BigInteger n = away ? lost.kept().add(BigInteger.ONE) : lost.kept();
    if (negative) {
      n = n.negate();
    }
    int flags = lost.inexact() ? Flags.INEXACT : 0;
    boolean fits = n.compareTo(f.largestInteger()) <= 0 && n.compareTo(smallest(f)) >= 0;
    if (fits || overflow == OverflowRule.WRAP) {
      return new Rounded(n.longValue() & f.mask(), fits ? flags : Flags.OVERFLOW | Flags.INEXACT);
    }
    return new Rounded(clamp(f, n.signum() < 0), Flags.OVERFLOW | Flags.INEXACT);
  }

  private BigInteger smallest(FixedFormat f) {
    BigInteger smallest = f.smallestInteger();
    return overflow == OverflowRule.SYMMETRIC && f.signed()
        ? smallest.add(BigInteger.ONE)
        : smallest;
  }

  private long clamp(FixedFormat f, boolean negative) {
    return negative ? smallest(f).longValue() & f.mask() : f.maxFinite();
  }

  /**
   * A magnitude cut at a multiple of {@code 2^quantum}: what is kept, and the fraction lost.
   *
   * @param kept floor of the magnitude in quanta
   * @param rest the bits below, as an integer of {@code drop} bits
   * @param beyond whether anything lies below even those
   */
  private record Lost(BigInteger kept, BigInteger rest, int drop, boolean beyond) {
    static Lost of(Real x, int quantum) {
      int drop = quantum - x.exponent();
      BigInteger magnitude = x.magnitude();
      if (drop <= 0) {
        assert !x.sticky() : "a sticky value must reach below the quantum";
        return new Lost(magnitude.shiftLeft(-drop), BigInteger.ZERO, 0, false);
      }
      if (drop >= magnitude.bitLength()) {
        return new Lost(BigInteger.ZERO, magnitude, drop, x.sticky());
      }
      BigInteger kept = magnitude.shiftRight(drop);
      return new Lost(kept, magnitude.subtract(kept.shiftLeft(drop)), drop, x.sticky());
    }

    boolean inexact() {
      return beyond || rest.signum() != 0;
    }

    boolean guard() {
      return drop > 0 && rest.testBit(drop - 1);
    }

    boolean sticky() {
      return beyond
          || rest.signum() != 0 && (rest.getLowestSetBit() < drop - 1 || !rest.testBit(drop - 1));
    }

    /** floor(v * 2^bits). */
    long scaled(int bits) {
      return (drop >= bits ? rest.shiftRight(drop - bits) : rest.shiftLeft(bits - drop))
          .longValueExact();
    }

    /** ceil(v * 2^bits). */
    long scaledUp(int bits) {
      boolean more =
          beyond || drop > bits && rest.signum() != 0 && rest.getLowestSetBit() < drop - bits;
      return scaled(bits) + (more ? 1 : 0);
    }
  }

  /** {@code "float8_e4m3fn sr(8) none"}. */
  @Override
  public String toString() {
    return format.name()
        + " "
        + rounding
        + (draws() ? "(" + randomBits + ")" : "")
        + " "
        + overflow
        + (nanToZero ? " nan=zero" : "");
  }
}
