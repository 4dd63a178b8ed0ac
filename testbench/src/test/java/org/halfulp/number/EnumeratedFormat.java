package org.halfulp.number;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * A second truth for float formats of at most 8 bits: the sorted list of a format's values, and
 * rounding by comparing distances to the neighbours in that list.
 *
 * <p>It shares nothing with the emulator. Values come from walking up the codes with a step that
 * doubles at each power of two, specials of the operations from the JDK's doubles, and every
 * rounding decision from comparisons of the exact result with a point between two neighbours.
 *
 * <p>Definitions: OCP OFP8 1.0 tables 1 and 2, OCP MX 1.0 section 5.3, IEEE P3109 draft, LLVM
 * APFloat (FN, UZ, B11), IEEE 754-2019 sections 4.3 and 7.
 */
final class EnumeratedFormat {
  static final int INEXACT = 1;
  static final int UNDERFLOW = 2;
  static final int OVERFLOW = 4;
  static final int DIVIDE_BY_ZERO = 8;
  static final int INVALID = 16;

  enum Kind {
    NAN,
    SIGNALING,
    INFINITE,
    NUMBER
  }

  final String name;
  final int width;
  private final boolean signed;
  private final boolean minusZero;
  private final boolean noZero;
  private final int fracBits;

  /** The values are multiples of 2^unit. */
  final int unit;

  // By code.
  private final Kind[] kinds;
  private final boolean[] negatives;
  private final BigInteger[] magnitudes;

  // What a magnitude may round to, ascending; the last is one step above the largest finite value.
  private final List<BigInteger> values = new ArrayList<>();
  private final List<Integer> valueCodes = new ArrayList<>();
  private final BigInteger minNormal;

  final int nanCode;
  private final int infinityCode;
  private final int largestCode;
  private final int signBit;

  EnumeratedFormat(
      String name, String family, int expBits, int fracBits, int bias, boolean nosub, boolean daz) {
    this.name = name;
    this.fracBits = fracBits;
    signed =
        switch (family) {
          case "ieee", "fn", "fnuz", "finite", "p3109", "p3109sf" -> true;
          case "p3109ue", "p3109uf", "fnu" -> false;
          default -> throw new AssertionError(family);
        };
    minusZero = List.of("ieee", "fn", "finite").contains(family);
    noZero = family.equals("fnu");
    width = (signed ? 1 : 0) + expBits + fracBits;
    int half = 1 << (expBits + fracBits); // codes per sign
    signBit = signed ? half : 0;
    unit = (noZero ? 0 : 1) - bias - fracBits;
    minNormal = BigInteger.ONE.shiftLeft(fracBits);

    int topBinade = half - (1 << fracBits);
    infinityCode =
        switch (family) {
          case "ieee" -> topBinade;
          case "p3109" -> half - 1;
          case "p3109ue" -> half - 2;
          default -> -1;
        };
    nanCode =
        switch (family) {
          case "ieee" -> fracBits == 0 ? -1 : topBinade + (1 << fracBits) / 2;
          case "fn", "p3109ue", "p3109uf", "fnu" -> half - 1;
          case "fnuz", "p3109", "p3109sf" -> half;
          default -> -1;
        };
    int finiteCodes =
        switch (family) {
          case "ieee" -> topBinade;
          case "fn", "p3109", "p3109uf", "fnu" -> half - 1;
          case "p3109ue" -> half - 2;
          default -> half;
        };
    largestCode = finiteCodes - 1;

    BigInteger[] walk = new BigInteger[finiteCodes + 1];
    BigInteger value = noZero ? BigInteger.ONE : BigInteger.ZERO;
    BigInteger step = BigInteger.ONE;
    for (int k = 0; k <= finiteCodes; k++) {
      walk[k] = value;
      // The step of the first normal binade is that of the subnormals; then it doubles.
      if (noZero ? k > 0 : k % (1 << fracBits) == 0 && k >= 2 << fracBits) {
        step = step.shiftLeft(1);
      }
      value = value.add(step);
    }
    if (noZero) {
      values.add(BigInteger.ZERO); // not a value, but what lies below the smallest
      valueCodes.add(0);
    }
    for (int k = 0; k <= finiteCodes; k++) {
      boolean subnormal = !noZero && k > 0 && k < 1 << fracBits;
      if (!(subnormal && nosub)) {
        values.add(walk[k]);
        valueCodes.add(k);
      }
    }

    int codes = 1 << width;
    kinds = new Kind[codes];
    negatives = new boolean[codes];
    magnitudes = new BigInteger[codes];
    for (int code = 0; code < codes; code++) {
      int k = code & (half - 1);
      negatives[code] = code >= half;
      magnitudes[code] = BigInteger.ZERO;
      if (code == nanCode || k == nanCode || family.equals("ieee") && k > topBinade) {
        boolean quiet = !family.equals("ieee") || (k - topBinade) >= (1 << fracBits) / 2;
        kinds[code] = quiet ? Kind.NAN : Kind.SIGNALING;
      } else if (k == infinityCode) {
        kinds[code] = Kind.INFINITE;
      } else {
        kinds[code] = Kind.NUMBER;
        boolean flushed = daz && !noZero && k < 1 << fracBits;
        magnitudes[code] = flushed ? BigInteger.ZERO : walk[k];
      }
    }
  }

  /** Whether the list holds anything but zero to round to. */
  boolean useful() {
    return noZero ? largestCode >= 0 : values.size() > 2;
  }

  boolean hasNan() {
    return nanCode >= 0;
  }

  Kind kind(int code) {
    return kinds[code];
  }

  boolean negative(int code) {
    return negatives[code];
  }

  BigInteger magnitude(int code) {
    return magnitudes[code];
  }

  int largestCode() {
    return largestCode;
  }

  int infinityCode() {
    return infinityCode;
  }

  /** What may be rounded to, the step beyond the largest included. */
  List<BigInteger> values() {
    return values;
  }

  double toDouble(int code) {
    double magnitude =
        switch (kinds[code]) {
          case NAN, SIGNALING -> Double.NaN;
          case INFINITE -> Double.POSITIVE_INFINITY;
          case NUMBER -> magnitudes[code].doubleValue() * Math.pow(2, unit);
        };
    return negatives[code] ? -magnitude : magnitude;
  }

  // ---- exact results ----

  /** A magnitude in units of 2^unit of some format, known only by comparison. */
  interface Magnitude {
    /** The sign of {@code magnitude * 2^shift - point}. */
    int compare(int shift, BigInteger point);
  }

  private static Magnitude ratio(BigInteger numerator, BigInteger denominator) {
    if (denominator.equals(BigInteger.ONE)) {
      return (shift, point) -> numerator.shiftLeft(shift).compareTo(point);
    }
    return (shift, point) -> numerator.shiftLeft(shift).compareTo(denominator.multiply(point));
  }

  private static Magnitude root(BigInteger numerator, BigInteger denominator) {
    return (shift, point) ->
        numerator.shiftLeft(2 * shift).compareTo(denominator.multiply(point.multiply(point)));
  }

  /** {@code numerator/denominator * 2^exponent} (or its square root) in units of this format. */
  private Magnitude inUnits(
      BigInteger numerator, BigInteger denominator, int exponent, boolean sqrt) {
    int scale = exponent - (sqrt ? 2 * unit : unit);
    BigInteger n = numerator.shiftLeft(Math.max(scale, 0));
    BigInteger d = denominator.shiftLeft(Math.max(-scale, 0));
    return sqrt ? root(n, d) : ratio(n, d);
  }

  /** An exact result on its way into this format; see {@link #in}. */
  final class Exact {
    private Kind kind;
    private boolean negative;
    private boolean zero;
    private boolean zeroFollowsMode;
    private int flags;
    private Magnitude magnitude;

    // Where the magnitude lies.
    private int below;
    private boolean exact;
    private int half;
    private boolean mayBeTiny;
    private boolean isTiny;
    private int tinyHalf;

    private Exact special(Kind kind, boolean negative, int flags) {
      this.kind = kind;
      this.negative = negative;
      this.flags = flags;
      return this;
    }

    private Exact zero(boolean negative, boolean followsMode) {
      kind = Kind.NUMBER;
      zero = true;
      zeroFollowsMode = followsMode;
      this.negative = negative;
      return this;
    }

    private Exact number(boolean negative, Magnitude magnitude) {
      kind = Kind.NUMBER;
      this.negative = negative;
      this.magnitude = magnitude;
      int low = 0;
      int high = values.size() - 1;
      if (magnitude.compare(0, values.get(high)) >= 0) {
        low = high;
      }
      while (high - low > 1) {
        int middle = (low + high) / 2;
        if (magnitude.compare(0, values.get(middle)) >= 0) {
          low = middle;
        } else {
          high = middle;
        }
      }
      below = low;
      exact = magnitude.compare(0, values.get(low)) == 0;
      if (low + 1 < values.size()) {
        half = magnitude.compare(1, values.get(low).add(values.get(low + 1)));
      }
      if (magnitude.compare(0, minNormal) < 0) {
        // With an unbounded exponent the step below the smallest normal is half a unit.
        BigInteger lastTiny = minNormal.shiftLeft(1).subtract(BigInteger.ONE);
        isTiny = magnitude.compare(1, lastTiny) <= 0;
        mayBeTiny = !isTiny;
        tinyHalf = magnitude.compare(2, lastTiny.shiftLeft(1).add(BigInteger.ONE));
      }
      return this;
    }

    /** Expected code and flags, as {@code code | flags << 16}. */
    int round(RoundingMode mode, int randomBits, long r, OverflowRule rule) {
      switch (kind) {
        case NAN, SIGNALING -> {
          return nan(flags);
        }
        case INFINITE -> {
          return infinite(rule, flags);
        }
        case NUMBER -> {}
      }
      if (zero) {
        if (noZero) {
          return pack(0, UNDERFLOW | INEXACT);
        }
        boolean minus = zeroFollowsMode ? mode == RoundingMode.RDN : negative;
        return pack(minus && minusZero ? signBit : 0, 0);
      }
      int last = values.size() - 1;
      int landed = below;
      int raised = exact ? 0 : INEXACT;
      if (below == last) {
        landed = last;
      } else if (!exact) {
        BigInteger lower = values.get(below);
        boolean odd = (noZero && below == 0 ? 0 : valueCodes.get(below) & 1) != 0;
        if (away(mode, half, odd, randomBits, r, 0, lower, values.get(below + 1))) {
          landed++;
        }
        if (isTiny || mayBeTiny && staysTiny(mode, randomBits, r)) {
          raised |= UNDERFLOW;
        }
      }
      boolean toZero = landed == 0;
      if (toZero && noZero) {
        return pack(0, UNDERFLOW | INEXACT);
      }
      if (toZero) {
        return pack(negative && minusZero ? signBit : 0, raised);
      }
      if (negative && !signed) {
        return rule == OverflowRule.NONE ? nan(INVALID) : pack(0, OVERFLOW | INEXACT);
      }
      if (landed == last) {
        boolean toInfinity =
            switch (mode) {
              case RNE, RNA, SR -> true;
              case RUP -> !negative;
              case RDN -> negative;
              default -> false;
            };
        return toInfinity && rule == OverflowRule.NONE
            ? infinite(rule, OVERFLOW | INEXACT)
            : pack(largestCode | (negative ? signBit : 0), OVERFLOW | INEXACT);
      }
      return pack(valueCodes.get(landed) | (negative ? signBit : 0), raised);
    }

    private boolean staysTiny(RoundingMode mode, int randomBits, long r) {
      BigInteger upper = minNormal.shiftLeft(1);
      // The last code below: an all-ones fraction, or for no fraction the code below the first.
      boolean odd = fracBits > 0 || noZero;
      return !away(mode, tinyHalf, odd, randomBits, r, 1, upper.subtract(BigInteger.ONE), upper);
    }

    private boolean away(
        RoundingMode mode,
        int half,
        boolean odd,
        int randomBits,
        long r,
        int shift,
        BigInteger lower,
        BigInteger upper) {
      return switch (mode) {
        case RNE -> half > 0 || half == 0 && odd;
        case RNA -> half >= 0;
        case RTZ -> false;
        case RUP -> !negative;
        case RDN -> negative;
        case RTO -> !odd;
        case SR -> {
          // floor(v 2^N) + R >= 2^N  iff  v >= (2^N - R) / 2^N
          BigInteger from = BigInteger.valueOf((1L << randomBits) - r);
          BigInteger point = lower.shiftLeft(randomBits).add(upper.subtract(lower).multiply(from));
          yield r > 0 && magnitude.compare(shift + randomBits, point) >= 0;
        }
        default -> throw new AssertionError(mode);
      };
    }

    private int infinite(OverflowRule rule, int raised) {
      if (negative && !signed) {
        return rule == OverflowRule.NONE
            ? nan(raised | INVALID)
            : pack(0, raised | OVERFLOW | INEXACT);
      }
      int sign = negative ? signBit : 0;
      if (rule != OverflowRule.FINITE && infinityCode >= 0) {
        return pack(infinityCode | sign, raised);
      }
      if (rule != OverflowRule.FINITE && hasNan()) {
        return pack(nanCode, raised | OVERFLOW | INEXACT);
      }
      return pack(largestCode | sign, raised | OVERFLOW | INEXACT);
    }

    private int nan(int raised) {
      return hasNan() ? pack(nanCode, raised) : pack(0, raised | INVALID);
    }
  }

  static int pack(int code, int flags) {
    return code | flags << 16;
  }

  /** {@code numerator * 2^exponent} on its way into this format. */
  Exact in(boolean negative, BigInteger numerator, int exponent) {
    return numerator.signum() == 0
        ? new Exact().zero(negative, false)
        : new Exact().number(negative, inUnits(numerator, BigInteger.ONE, exponent, false));
  }

  // ---- operations: from gives the operands' codes, this is the result's format ----

  Exact convert(EnumeratedFormat from, int a) {
    return switch (from.kinds[a]) {
      case NAN -> new Exact().special(Kind.NAN, false, 0);
      case SIGNALING -> new Exact().special(Kind.NAN, false, INVALID);
      case INFINITE -> new Exact().special(Kind.INFINITE, from.negatives[a], 0);
      case NUMBER -> in(from.negatives[a], from.magnitudes[a], from.unit);
    };
  }

  Exact add(EnumeratedFormat from, int a, int b) {
    double x = from.toDouble(a);
    double y = from.toDouble(b);
    double sum = x + y;
    if (!Double.isFinite(sum)) {
      return notFinite(sum, 0, from, a, b);
    }
    return sum(x, y, from.signedMagnitude(a).add(from.signedMagnitude(b)), from.unit);
  }

  private Exact sum(double x, double y, BigInteger exact, int exponent) {
    if (exact.signum() == 0) {
      boolean minus = Double.doubleToRawLongBits(x) < 0;
      boolean sameZeros = x == 0 && y == 0 && minus == Double.doubleToRawLongBits(y) < 0;
      return new Exact().zero(minus, !sameZeros);
    }
    return in(exact.signum() < 0, exact.abs(), exponent);
  }

  Exact mul(EnumeratedFormat from, int a, int b) {
    double product = from.toDouble(a) * from.toDouble(b);
    if (!Double.isFinite(product)) {
      return notFinite(product, 0, from, a, b);
    }
    boolean negative = from.negatives[a] ^ from.negatives[b];
    return in(negative, from.magnitudes[a].multiply(from.magnitudes[b]), 2 * from.unit);
  }

  Exact div(EnumeratedFormat from, int a, int b) {
    double x = from.toDouble(a);
    double y = from.toDouble(b);
    double quotient = x / y;
    if (!Double.isFinite(quotient)) {
      int byZero = Double.isFinite(x) && y == 0 && x != 0 ? DIVIDE_BY_ZERO : 0;
      return notFinite(quotient, byZero, from, a, b);
    }
    boolean negative = from.negatives[a] ^ from.negatives[b];
    return quotient == 0
        ? new Exact().zero(negative, false)
        : new Exact().number(negative, inUnits(from.magnitudes[a], from.magnitudes[b], 0, false));
  }

  Exact sqrt(EnumeratedFormat from, int a) {
    double root = Math.sqrt(from.toDouble(a));
    if (!Double.isFinite(root)) {
      return notFinite(root, 0, from, a);
    }
    return root == 0
        ? new Exact().zero(from.negatives[a], false)
        : new Exact().number(false, inUnits(from.magnitudes[a], BigInteger.ONE, from.unit, true));
  }

  Exact fma(EnumeratedFormat from, int a, int b, int c) {
    double x = from.toDouble(a);
    double y = from.toDouble(b);
    double z = from.toDouble(c);
    double result = x * y + z; // for the specials alone
    if (!Double.isFinite(result)) {
      boolean zeroTimesInfinity = Double.isInfinite(x) && y == 0 || x == 0 && Double.isInfinite(y);
      return notFinite(result, zeroTimesInfinity ? INVALID : 0, from, a, b, c);
    }
    BigInteger product = from.signedMagnitude(a).multiply(from.signedMagnitude(b));
    int low = Math.min(2 * from.unit, from.unit);
    BigInteger exact =
        product
            .shiftLeft(2 * from.unit - low)
            .add(from.signedMagnitude(c).shiftLeft(from.unit - low));
    return sum(x * y, z, exact, low);
  }

  private BigInteger signedMagnitude(int code) {
    return negatives[code] ? magnitudes[code].negate() : magnitudes[code];
  }

  private Exact notFinite(double result, int flags, EnumeratedFormat from, int... operands) {
    if (!Double.isNaN(result)) {
      return new Exact().special(Kind.INFINITE, result < 0, flags);
    }
    boolean quietOperand = false;
    boolean signaling = false;
    for (int operand : operands) {
      quietOperand |= from.kinds[operand] == Kind.NAN;
      signaling |= from.kinds[operand] == Kind.SIGNALING;
    }
    boolean invalid = signaling || !quietOperand;
    return new Exact().special(Kind.NAN, false, flags | (invalid ? INVALID : 0));
  }
}
