package org.halfulp.kernel;

import java.util.SplittableRandom;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;

/** Formats, quantizers and operands for campaigns: where rounding is decided, and anywhere. */
public final class Cases {
  private static final Family[] SIGNED = {
    Family.IEEE, Family.FN, Family.FNUZ, Family.FINITE, Family.P3109, Family.P3109_SF
  };
  private static final OverflowRule[] FLOAT_RULES = {
    OverflowRule.NONE, OverflowRule.FINITE, OverflowRule.PROPAGATE
  };
  private static final OverflowRule[] FIXED_RULES = {
    OverflowRule.SATURATE, OverflowRule.SYMMETRIC, OverflowRule.WRAP
  };

  private final SplittableRandom random;

  public Cases(long seed) {
    random = new SplittableRandom(seed);
  }

  public SplittableRandom random() {
    return random;
  }

  public boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** In [least, most]. */
  public int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  /** A signed float format of at most the given field widths, odd biases and switches included. */
  public FloatFormat floatFormat(int mostExpBits, int mostFracBits) {
    while (true) {
      try {
        FloatFormat f =
            FloatFormat.of(
                between(1, mostExpBits),
                between(0, mostFracBits),
                SIGNED[random.nextInt(SIGNED.length)]);
        if (oneIn(3)) {
          f = f.withBias(f.bias() + between(-40, 40));
        }
        return f.withSubnormals(!oneIn(3)).withDaz(oneIn(4));
      } catch (IllegalArgumentException e) {
        continue; // no finite value other than zero: draw again
      }
    }
  }

  /** Any fixed format of at most {@code mostWidth} bits, its point anywhere about the word. */
  public FixedFormat fixedFormat(boolean signed, int mostWidth) {
    int width = between(1, mostWidth);
    int fracBits = oneIn(10) ? between(-500, 500) : between(-12, width + 12);
    return new FixedFormat(signed, width, fracBits);
  }

  public Format smallFormat() {
    return oneIn(3) ? fixedFormat(true, 20) : floatFormat(6, 8);
  }

  /** Any legal quantizer into {@code format}; NaN becomes zero where there is none. */
  public Quantizer quantizer(Format format) {
    RoundingMode mode;
    do {
      mode = RoundingMode.values()[random.nextInt(RoundingMode.values().length)];
      if (oneIn(4)) {
        mode = RoundingMode.SR;
      }
    } while (mode.fixedOnly() && format instanceof FloatFormat);
    OverflowRule[] rules = format instanceof FloatFormat ? FLOAT_RULES : FIXED_RULES;
    int bits = mode == RoundingMode.SR ? between(1, 32) : 0;
    return new Quantizer(format, mode, rules[random.nextInt(rules.length)], bits, true);
  }

  private double pow2(int exponent) {
    return Math.scalb(1.0, exponent);
  }

  private double sign(double x) {
    return random.nextBoolean() ? x : -x;
  }

  /** A finite value of the format. */
  private double member(Format format) {
    while (true) {
      double x = format.toDouble(random.nextLong() & format.mask());
      if (Math.abs(x) <= Double.MAX_VALUE) {
        return x;
      }
    }
  }

  /** Distance of the format's values at {@code x}. */
  private double quantum(Format format, double x) {
    if (format instanceof FixedFormat f) {
      return pow2(-f.fracBits());
    }
    FloatFormat f = (FloatFormat) format;
    int e = x == 0 ? f.emin() : Math.max(Math.getExponent(x), f.emin());
    boolean flushes = !f.subnormals() && Math.abs(x) < pow2(f.emin());
    return pow2(flushes ? f.emin() : e - f.fracBits());
  }

  /** {@code x}, or a double beside it. */
  private double nudge(double x) {
    return switch (random.nextInt(4)) {
      case 0 -> Math.nextUp(x);
      case 1 -> Math.nextDown(x);
      default -> x;
    };
  }

  /** One operand and the draw to round it with. */
  public static final class Operand {
    double x;
    long r;
  }

  private final Operand operand = new Operand();

  /** A double at which rounding into the quantizer's format is hard, or any. */
  public Operand operand(Quantizer q) {
    Format format = q.format();
    int n = q.randomBits();
    operand.r = draw(n);
    operand.x =
        switch (random.nextInt(14)) {
          case 0 -> sign(0.0);
          case 1 -> member(format);
          case 2, 3 -> tie(format);
          case 4, 5 -> drawn(format, n);
          case 6 -> overflowEdge(format);
          case 7 -> anyNear(format);
          case 8 -> binadeEdge(format);
          case 9 -> belowSmallest(format);
          case 10 -> special();
          case 11 -> Double.longBitsToDouble(random.nextLong());
          default -> anyNear(format);
        };
    return operand;
  }

  private long draw(int n) {
    long top = (1L << n) - 1;
    return switch (random.nextInt(4)) {
      case 0 -> top;
      case 1 -> 0;
      default -> random.nextLong() & top;
    };
  }

  private double tie(Format format) {
    double x = member(format);
    return nudge(x + sign(quantum(format, x) / 2));
  }

  /** k/2^N of a quantum above a value, with the draws on both sides of the carry. */
  private double drawn(Format format, int n) {
    double low = member(format);
    if (format instanceof FloatFormat) {
      low = Math.abs(low);
    }
    int bits = n == 0 ? 2 : n;
    long k = random.nextLong() & (1L << bits) - 1;
    if (n > 0) {
      operand.r = Math.max(0, Math.min((1L << n) - 1, (1L << n) - k - between(0, 1)));
    }
    double x = nudge(low + quantum(format, low) * Math.scalb((double) k, -bits));
    return format instanceof FloatFormat ? sign(x) : x;
  }

  private double overflowEdge(Format format) {
    double most = format.toDouble(format.maxFinite());
    if (format.signed() && format instanceof FixedFormat && random.nextBoolean()) {
      most = format.toDouble(1L << (format.width() - 1));
    }
    return sign(nudge(most + sign(quantum(format, most) * between(0, 8) / 4)));
  }

  private double anyNear(Format format) {
    int low;
    int high;
    if (format instanceof FloatFormat f) {
      low = f.emin() - f.fracBits() - 45;
      high = f.emax() + 3;
    } else {
      FixedFormat f = (FixedFormat) format;
      low = -f.fracBits() - 40;
      high = f.intBits() + 15;
    }
    return sign(Math.scalb(1 + random.nextDouble(), between(low, high)));
  }

  private double binadeEdge(Format format) {
    int e = Math.getExponent(anyNear(format));
    double x = pow2(e);
    return sign(random.nextBoolean() ? nudge(x) : x - quantum(format, x / 2) / between(1, 4));
  }

  private double belowSmallest(Format format) {
    double least =
        format instanceof FloatFormat f
            ? pow2(f.emin() - (f.subnormals() && oneIn(2) ? f.fracBits() : 0))
            : pow2(-((FixedFormat) format).fracBits());
    return sign(nudge(least * Math.scalb((double) between(1, 15), -between(0, 40))));
  }

  private double special() {
    return switch (random.nextInt(8)) {
      case 0 -> Double.NaN;
      case 1, 2 -> sign(Double.POSITIVE_INFINITY);
      case 3 -> sign(Double.MIN_VALUE * random.nextInt(100));
      case 4 -> sign(Double.MAX_VALUE);
      case 5 -> sign(Math.scalb(1 + random.nextDouble(), between(-1074, -900)));
      case 6 -> sign(Math.scalb(1 + random.nextDouble(), between(890, 1023)));
      default -> sign(Double.MIN_NORMAL);
    };
  }

  /** A second addend for a sum that should come out at {@code target}; else a tail of any size. */
  public double addend(double target, Quantizer q) {
    double magnitude = Math.abs(target) <= Double.MAX_VALUE ? Math.abs(target) : 1;
    return switch (random.nextInt(8)) {
      case 0 -> sign(0.0);
      case 1 -> sign(magnitude * Math.scalb(1 + random.nextDouble(), -between(50, 110)));
      case 2 -> sign(Double.MIN_VALUE);
      case 3 -> sign(magnitude * Math.scalb(1 + random.nextDouble(), between(-56, 56)));
      case 4 -> sign(magnitude);
      case 5 -> sign(nudge(magnitude));
      case 6 -> sign(Math.scalb(1.0, between(-1000, 0)) * magnitude);
      default -> {
        long r = operand.r;
        double x = operand(q).x;
        operand.r = r;
        yield x;
      }
    };
  }

  /** A factor: few bits, many bits, or special. */
  public double factor(Quantizer q) {
    return switch (random.nextInt(8)) {
      case 0 -> special();
      case 1 -> sign(0.0);
      case 2 -> sign(Math.scalb(1 + random.nextDouble(), between(-60, 60)));
      case 3 -> sign(Math.scalb((double) between(1, 1 << 26), between(-60, 30)));
      case 4 -> member(q.format());
      default -> sign(Math.scalb((double) between(1, 255), between(-12, 4)));
    };
  }

  /** {@code 0x1.8p3 (code 0x3c)} and such, for messages. */
  static String show(double x) {
    return Double.toHexString(x) + " " + Real.of(x);
  }
}
