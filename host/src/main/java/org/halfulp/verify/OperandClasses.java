package org.halfulp.verify;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.halfulp.kernel.Decoder;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;

/**
 * The codes of a format in classes: which class a code has is a fact of the code, so counts of
 * classes are facts too; and codes of a class, or of an exponent, can be drawn.
 */
abstract sealed class OperandClasses {
  private static final int TABLE_BITS = 16;
  private static final Map<Format, OperandClasses> KNOWN = new ConcurrentHashMap<>();

  final Format format;
  final int width;
  private final int count;
  final long mask;
  final long sign;
  final long maxFinite;
  private final Decoder decoder;
  private byte[] table;

  private OperandClasses(Format format, int count) {
    this.format = format;
    this.count = count;
    width = format.width();
    mask = format.mask();
    maxFinite = format.maxFinite();
    decoder = Decoder.of(format);
    sign = format.signed() ? 1L << format.width() - 1 : 0;
  }

  static OperandClasses of(Format format) {
    return KNOWN.computeIfAbsent(format, OperandClasses::make);
  }

  private static OperandClasses make(Format format) {
    OperandClasses classes = format instanceof FloatFormat f ? new Floats(f) : new Fixeds(format);
    if (format.width() <= TABLE_BITS) {
      byte[] table = new byte[1 << format.width()];
      for (int code = 0; code < table.length; code++) {
        table[code] = (byte) classes.classify(code);
      }
      classes.table = table;
    }
    return classes;
  }

  abstract List<String> names();

  abstract int classify(long code);

  /** A code of a class; of another if the format has none of that class. */
  abstract long draw(int ofClass, Draws draws);

  /** floor(log2 |value|), or the smallest exponent for zero and the largest for specials. */
  abstract int exponent(long code);

  /** A code of about this exponent, either sign, with one of several shapes of fraction. */
  abstract long near(int exponent, Draws draws);

  /** A code of about this value: its neighbours too; the largest finite one beyond the range. */
  abstract long about(double value, Draws draws);

  /** A value at an end of the range: where rounding, overflow or gradual underflow begins. */
  abstract double end(Draws draws);

  abstract int smallestExponent();

  abstract int largestExponent();

  /** A code of about the opposite value. */
  abstract long opposite(long code);

  final int count() {
    return count;
  }

  final double value(long code) {
    return decoder.value(code);
  }

  /** The class of a code; bits above its width are not looked at. */
  final int of(long code) {
    return table != null ? table[(int) (code & mask)] : classify(code & mask);
  }

  /** Appends the class of each code to numbers in the mixed radix of counts; or begins them. */
  final void append(long[] codes, int[] numbers, int n, boolean further) {
    int radix = further ? count : 0;
    if (table != null) {
      for (int i = 0; i < n; i++) {
        numbers[i] = numbers[i] * radix + table[(int) (codes[i] & mask)];
      }
    } else {
      for (int i = 0; i < n; i++) {
        numbers[i] = numbers[i] * radix + classify(codes[i] & mask);
      }
    }
  }

  final long uniform(Draws draws) {
    return draws.next() & mask;
  }

  /** Random bits from a counter, cheap and repeatable. */
  static final class Draws {
    private long state;

    void start(long key) {
      state = Stimuli.mix(key);
    }

    long next() {
      return Stimuli.mix(state += 0x9E3779B97F4A7C15L);
    }

    /** Uniform in {@code [0, n)}. */
    int below(int n) {
      return (int) ((next() >>> 32) * n >>> 32);
    }
  }

  // Shapes: zeros at the end, one and zeros, ones, a one alone, a zero alone, three times any.
  private static final long[] KEEP_HIGH = {-1, -1, 0, 0, 0, 0, 0, 0};
  private static final long[] KEEP_ALL = {0, 0, -1, 0, 0, -1, -1, -1};
  private static final long[] SET_BELOW = {0, 0, -1, 0, 0, 0, 0, 0};
  private static final long[] SET_ONE = {0, -1, 0, -1, 0, 0, 0, 0};
  private static final long[] SET_OTHERS = {0, 0, 0, 0, -1, 0, 0, 0};

  /** {@code bits} bits: of any kind, with few ones, or ending in a run of zeros or ones. */
  static long shaped(int bits, Draws draws) {
    long any = draws.next();
    if (bits == 0) {
      return 0;
    }
    long all = (1L << bits) - 1;
    long one = 1L << ((any >>> 58) * bits >>> 6);
    long below = one - 1;
    int shape = (int) (any >>> 54) & 7;
    return any & all & (KEEP_HIGH[shape] & ~below | KEEP_ALL[shape])
        | SET_BELOW[shape] & below
        | SET_ONE[shape] & one
        | SET_OTHERS[shape] & (all ^ one);
  }

  private static final class Floats extends OperandClasses {
    private static final List<String> NAMES =
        List.of(
            "zero",
            "subnormal",
            "min-normal",
            "one",
            "binade-edge",
            "normal",
            "max",
            "inf",
            "nan",
            "snan");
    private static final int ZERO = 0;
    private static final int SUBNORMAL = 1;
    private static final int MIN_NORMAL = 2;
    private static final int ONE = 3;
    private static final int EDGE = 4;
    private static final int NORMAL = 5;
    private static final int MAX = 6;
    private static final int INF = 7;
    private static final int NAN = 8;
    private static final int SNAN = 9;

    private final FloatFormat f;
    private final int m;
    private final long fraction;
    private final int fields;
    private final long one;
    private final long minNormal;
    private final int emin;
    private final int emax;
    private final int bias;
    private final boolean negativeZero;
    private final boolean hasInfinity;
    private final boolean hasNan;
    private final long nan;
    private final long infinity;

    Floats(FloatFormat f) {
      super(f, NAMES.size());
      this.f = f;
      m = f.fracBits();
      minNormal = f.minNormal();
      emin = f.emin();
      emax = f.emax();
      bias = f.bias();
      negativeZero = f.family().negativeZero();
      hasInfinity = f.hasInfinity();
      hasNan = f.hasNan();
      nan = hasNan ? f.nan() : 0;
      infinity = hasInfinity ? f.infinity(false) : 0;
      fraction = (1L << m) - 1;
      fields = 1 << f.expBits();
      long code = (long) bias << m;
      one = code >= minNormal && code <= maxFinite ? code : -1;
    }

    @Override
    List<String> names() {
      return NAMES;
    }

    @Override
    int classify(long code) {
      long magnitude = code & ~sign;
      if (magnitude > maxFinite || code == sign && !negativeZero) {
        if (f.decode(code).isInfinite()) {
          return INF;
        }
        boolean signaling = f.family() == Family.IEEE && m > 0 && (code >>> m - 1 & 1) == 0;
        return signaling ? SNAN : NAN;
      }
      if (magnitude == 0) {
        return ZERO;
      }
      if (magnitude >= maxFinite - 1) {
        return MAX;
      }
      if (magnitude == minNormal || magnitude == minNormal - 1) {
        return MIN_NORMAL;
      }
      if (magnitude < minNormal) {
        return SUBNORMAL;
      }
      if (magnitude == one) {
        return ONE;
      }
      long low = magnitude & fraction;
      return low == 0 || low == fraction ? EDGE : NORMAL;
    }

    @Override
    long draw(int ofClass, Draws draws) {
      long any = draws.next();
      long s = any << 63 >> 63 & sign;
      long bit = any >>> 1 & 1;
      return switch (ofClass) {
        case ZERO -> negativeZero ? s : 0;
        case SUBNORMAL -> s | shaped(m, draws);
        case MIN_NORMAL -> s | minNormal - bit & ~sign;
        case ONE -> one < 0 ? s | minNormal : s | one;
        case EDGE ->
            s | Math.min((long) draws.below(fields) << m | (bit == 0 ? 0 : fraction), maxFinite);
        case MAX -> s | Math.max(maxFinite - bit, 0);
        case INF -> hasInfinity ? s | infinity : s | maxFinite;
        case NAN, SNAN -> nan(ofClass, s, any);
        default -> s | (long) draws.below(fields) << m | shaped(m, draws);
      };
    }

    private long nan(int ofClass, long s, long any) {
      if (!hasNan) {
        return s | maxFinite;
      }
      if (f.family() != Family.IEEE) {
        return f.family() == Family.FN ? s | nan : nan;
      }
      long quiet = nan;
      long low = any >>> 8 & fraction >>> 1;
      return ofClass == NAN || m < 2 ? s | quiet | low : s | infinity | Math.max(low, 1);
    }

    @Override
    int exponent(long code) {
      long magnitude = code & ~sign;
      if (magnitude < minNormal) {
        int top = 63 - Long.numberOfLeadingZeros(magnitude | 1);
        return emin - m + top;
      }
      return (int) (magnitude >>> m) - bias;
    }

    @Override
    long near(int exponent, Draws draws) {
      long s = draws.next() & sign;
      if (exponent < emin) {
        int top = Math.max(exponent - emin + m, 0);
        return s | 1L << top & fraction | shaped(Math.min(top, m), draws);
      }
      int field = Math.min(exponent + bias, fields - 1);
      return s | Math.min((long) field << m | shaped(m, draws), maxFinite);
    }

    @Override
    long about(double value, Draws draws) {
      long any = draws.next();
      long s = value < 0 ? sign : 0;
      double v = Math.abs(value);
      if (!(v <= value(maxFinite))) {
        return s | maxFinite;
      }
      int exponent = Math.max(Math.getExponent(v), emin);
      long units = (long) Math.scalb(v, m - exponent); // below 2^(m + 1)
      long code = ((long) (exponent - emin) << m) + units + (any & 3) - 1;
      return s | Math.max(0, Math.min(code, maxFinite));
    }

    @Override
    double end(Draws draws) {
      long any = draws.next();
      long code = (any & 1) == 0 ? maxFinite : minNormal;
      double value = value(Math.max(code - (any >>> 1 & 1), 0));
      double half = Math.scalb(1.0, Math.max(Math.getExponent(value), emin) - m - 1);
      return ((any & 4) == 0 ? value : value + half) * ((any & 8) == 0 ? 1 : -1);
    }

    @Override
    int smallestExponent() {
      return emin - m;
    }

    @Override
    int largestExponent() {
      return emax;
    }

    @Override
    long opposite(long code) {
      return code ^ sign;
    }
  }

  private static final class Fixeds extends OperandClasses {
    private static final List<String> NAMES =
        List.of("zero", "unit", "power", "positive", "negative", "max", "min");
    private static final int ZERO = 0;
    private static final int UNIT = 1;
    private static final int POWER = 2;
    private static final int POSITIVE = 3;
    private static final int NEGATIVE = 4;
    private static final int MAX = 5;
    private static final int MIN = 6;

    private final int fracBits;

    Fixeds(Format format) {
      super(format, NAMES.size());
      fracBits = ((FixedFormat) format).fracBits();
    }

    private long integer(long code) {
      return sign == 0 ? code : code << 64 - width >> 64 - width;
    }

    @Override
    List<String> names() {
      return NAMES;
    }

    @Override
    int classify(long code) {
      long value = integer(code);
      if (value == 0) {
        return ZERO;
      }
      if (code == sign) {
        return MIN;
      }
      if (code == maxFinite || value == -maxFinite) {
        return MAX;
      }
      long magnitude = Math.abs(value);
      if (magnitude == 1) {
        return UNIT;
      }
      if ((magnitude & magnitude - 1) == 0) {
        return POWER;
      }
      return value > 0 ? POSITIVE : NEGATIVE;
    }

    @Override
    long draw(int ofClass, Draws draws) {
      long any = draws.next();
      boolean minus = sign != 0 && (any & 1) != 0;
      long magnitude =
          switch (ofClass) {
            case ZERO -> 0;
            case UNIT -> 1;
            case POWER -> 1L << draws.below(width - (sign == 0 ? 0 : 1));
            case MAX -> maxFinite;
            case MIN -> sign;
            default -> (any >>> 1 & maxFinite) >>> draws.below(width);
          };
      if (ofClass == POSITIVE || ofClass == NEGATIVE) {
        minus = sign != 0 && ofClass == NEGATIVE;
      }
      return (minus ? -magnitude : magnitude) & mask;
    }

    @Override
    int exponent(long code) {
      long magnitude = Math.abs(integer(code));
      return 63 - Long.numberOfLeadingZeros(magnitude | 1) - fracBits;
    }

    @Override
    long near(int exponent, Draws draws) {
      int top = Math.max(0, Math.min(exponent + fracBits, width - (sign == 0 ? 1 : 2)));
      long magnitude = 1L << top | shaped(top, draws);
      boolean minus = sign != 0 && (draws.next() & 1) != 0;
      return (minus ? -magnitude : magnitude) & mask;
    }

    @Override
    long about(double value, Draws draws) {
      long any = draws.next();
      double units = Math.floor(Math.scalb(value, fracBits)) + (any & 3) - 1;
      double least = sign == 0 ? 0 : -Math.scalb(1.0, width - 1);
      return (long) Math.max(least, Math.min(units, maxFinite)) & mask;
    }

    @Override
    double end(Draws draws) {
      long any = draws.next();
      double units = (any & 1) == 0 || sign == 0 ? maxFinite : -maxFinite - 1.0;
      return Math.scalb(units + ((any >>> 1 & 3) - 1) * 0.5, -fracBits);
    }

    @Override
    int smallestExponent() {
      return -fracBits;
    }

    @Override
    int largestExponent() {
      return width - (sign == 0 ? 1 : 2) - fracBits;
    }

    @Override
    long opposite(long code) {
      return -code & mask;
    }
  }
}
