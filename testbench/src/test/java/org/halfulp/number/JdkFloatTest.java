package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.Random;
import java.util.function.LongSupplier;
import org.halfulp.number.SmallFormats.Tally;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** float32 and float64 against the JDK's own arithmetic, which is IEEE 754 to nearest even. */
class JdkFloatTest {
  private static final int CASES = 1_000_000;
  private static final FloatFormat F32 = FloatFormat.FLOAT32;
  private static final FloatFormat F64 = FloatFormat.FLOAT64;

  private enum Op {
    ADD,
    SUB,
    MUL,
    DIV,
    FMA,
    SQRT
  }

  @ParameterizedTest
  @EnumSource(Op.class)
  void float32IsTheJdks(Op op) {
    Quantizer q = new Quantizer(F32, RoundingMode.RNE);
    Operands operands = new Operands(F32, 32 + op.ordinal());
    Tally tally = new Tally();
    for (int i = 0; i < CASES; i++) {
      long[] x = operands.next();
      float a = Float.intBitsToFloat((int) x[0]);
      float b = Float.intBitsToFloat((int) x[1]);
      float c = Float.intBitsToFloat((int) x[2]);
      float want =
          switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case FMA -> Math.fma(a, b, c);
            case SQRT -> (float) Math.sqrt(a); // innocuous: 53 >= 2*24 + 2 (Figueroa 1995)
          };
      compare(tally, op, F32, x, emulate(op, F32, x, q), Float.floatToIntBits(want) & 0xFFFFFFFFL);
    }
    tally.check(CASES);
  }

  @ParameterizedTest
  @EnumSource(Op.class)
  void float64IsTheJdks(Op op) {
    Quantizer q = new Quantizer(F64, RoundingMode.RNE);
    Operands operands = new Operands(F64, 64 + op.ordinal());
    Tally tally = new Tally();
    for (int i = 0; i < CASES; i++) {
      long[] x = operands.next();
      double a = Double.longBitsToDouble(x[0]);
      double b = Double.longBitsToDouble(x[1]);
      double c = Double.longBitsToDouble(x[2]);
      double want =
          switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case FMA -> Math.fma(a, b, c);
            case SQRT -> Math.sqrt(a);
          };
      compare(tally, op, F64, x, emulate(op, F64, x, q), Double.doubleToLongBits(want));
    }
    tally.check(CASES);
  }

  private static Rounded emulate(Op op, FloatFormat f, long[] x, Quantizer q) {
    return switch (op) {
      case ADD -> Arithmetic.add(f, x[0], x[1], q, 0);
      case SUB -> Arithmetic.sub(f, x[0], x[1], q, 0);
      case MUL -> Arithmetic.mul(f, x[0], x[1], q, 0);
      case DIV -> Arithmetic.div(f, x[0], x[1], q, 0);
      case FMA -> Arithmetic.fma(f, x[0], x[1], x[2], q, 0);
      case SQRT -> Arithmetic.sqrt(f, x[0], q, 0);
    };
  }

  private static void compare(Tally tally, Op op, FloatFormat f, long[] x, Rounded got, long want) {
    tally.add(1);
    if (got.code() != want) { // NaN is compared as well: both sides give the canonical one
      tally.mismatch(
          () ->
              "%s %s a=%s b=%s c=%s: %s, not %s"
                  .formatted(
                      f,
                      op,
                      f.hex(x[0]),
                      f.hex(x[1]),
                      f.hex(x[2]),
                      f.hex(got.code()),
                      f.hex(want)));
    }
  }

  @Test
  void float64NarrowsToFloat32AsTheJdkCasts() {
    Quantizer q = new Quantizer(F32, RoundingMode.RNE);
    Operands operands = new Operands(F64, 7);
    Random random = new Random(8);
    Tally tally = new Tally();
    for (int i = 0; i < CASES; i++) {
      double a = Double.longBitsToDouble(operands.next()[0]);
      if (i % 2 == 0) { // in and around the range of float32, many next to ties
        int exponent = random.nextInt(290) - 155;
        long fraction = random.nextLong() & 0xFFFFFFFFFFFFFL;
        fraction = random.nextBoolean() ? fraction & -1L << 28 + random.nextInt(3) : fraction;
        a = Math.scalb(Double.longBitsToDouble(0x3FFL << 52 | fraction), exponent);
        a = i % 4 == 0 ? a : Math.nextUp(a);
      }
      long[] x = {Double.doubleToRawLongBits(a), 0, 0};
      Rounded got = Arithmetic.convert(F64, x[0], q, 0);
      compare(tally, Op.ADD, F64, x, got, Float.floatToIntBits((float) a) & 0xFFFFFFFFL);
    }
    tally.check(CASES);
  }

  @Test
  void everyDoubleSurvivesRealAndBack() {
    Operands operands = new Operands(F64, 9);
    for (int i = 0; i < 200_000; i++) {
      double a = Double.longBitsToDouble(operands.next()[0]);
      assertEquals(Double.doubleToLongBits(a), Double.doubleToLongBits(Real.of(a).toDouble()));
    }
  }

  /**
   * The directed modes and to-odd, by another way: take the JDK's nearest result, ask BigDecimal on
   * which side of it the exact result lies, and step with nextUp and nextDown.
   */
  @Test
  void float64DirectedModesEncloseTheExactResult() {
    RoundingMode[] modes = {RoundingMode.RUP, RoundingMode.RDN, RoundingMode.RTZ, RoundingMode.RTO};
    Random random = new Random(11);
    Tally tally = new Tally();
    int cases = 40_000;
    for (int i = 0; i < cases; i++) {
      double a = moderate(random);
      double b = i % 3 == 0 ? Math.scalb(a, random.nextInt(3) - 1) * -1.0000001 : moderate(random);
      Op op = Op.values()[i % Op.values().length];
      double c = moderate(random);
      a = op == Op.SQRT ? Math.abs(a) : a;
      double nearest =
          switch (op) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case FMA -> Math.fma(a, b, c);
            case SQRT -> Math.sqrt(a);
          };
      BigDecimal x = new BigDecimal(a);
      BigDecimal y = new BigDecimal(b);
      BigDecimal n = new BigDecimal(nearest);
      int side = // of the exact result, seen from the nearest
          switch (op) {
            case ADD -> x.add(y).compareTo(n);
            case SUB -> x.subtract(y).compareTo(n);
            case MUL -> x.multiply(y).compareTo(n);
            case DIV -> x.compareTo(n.multiply(y)) * y.signum();
            case FMA -> x.multiply(y).add(new BigDecimal(c)).compareTo(n);
            case SQRT -> x.compareTo(n.multiply(n));
          };
      double up = side > 0 ? Math.nextUp(nearest) : nearest;
      double down = side < 0 ? Math.nextDown(nearest) : nearest;
      long[] bits = {
        Double.doubleToRawLongBits(a), Double.doubleToRawLongBits(b), Double.doubleToRawLongBits(c)
      };
      for (RoundingMode mode : modes) {
        double want =
            switch (mode) {
              case RUP -> up;
              case RDN -> down;
              case RTZ -> nearest > 0 ? down : up;
              default -> (Double.doubleToRawLongBits(up) & 1) != 0 ? up : down;
            };
        Rounded got = emulate(op, F64, bits, new Quantizer(F64, mode));
        long wanted = Double.doubleToRawLongBits(want);
        compare(tally, op, F64, bits, got, wanted);
        if (got.flags() != (side == 0 ? 0 : Flags.INEXACT)) {
          tally.mismatch(
              () -> "%s flags %s, side %d".formatted(op, Flags.describe(got.flags()), side));
        }
      }
    }
    tally.check((long) cases * modes.length);
  }

  /** A double whose products and quotients stay away from both ends of the range. */
  private static double moderate(Random random) {
    double x = random.nextDouble() + 0.5;
    if (random.nextInt(4) == 0) {
      x = (float) x; // products and sums that are exact, and ties
    }
    return Math.scalb(random.nextBoolean() ? x : -x, random.nextInt(120) - 60);
  }

  /** Triples of codes: random bits, cancelling pairs, subnormals, powers of two, specials. */
  static final class Operands {
    private final FloatFormat f;
    private final Random random;
    private final long[] specials;
    private final long[] operands = new long[3];

    Operands(FloatFormat f, long seed) {
      this.f = f;
      random = new Random(seed);
      long inf = f.infinity(false);
      long one = (long) f.bias() << f.fracBits();
      specials =
          new long[] {
            0,
            1,
            2,
            f.minNormal() - 1,
            f.minNormal(),
            f.minNormal() + 1,
            one - 1,
            one,
            one + 1,
            f.maxFinite() - 1,
            f.maxFinite(),
            inf,
            inf + 1,
            f.nan(),
            f.nan() + 1
          };
    }

    long[] next() {
      LongSupplier[] kinds = {
        this::bits,
        this::bits,
        this::bits,
        this::near,
        this::near,
        this::subnormal,
        this::sparse,
        this::special
      };
      operands[0] = bits();
      for (int i = 0; i < 3; i++) {
        operands[i] = kinds[random.nextInt(kinds.length)].getAsLong();
      }
      return operands;
    }

    private long bits() {
      return random.nextLong() & f.mask();
    }

    /** Within two binades of the first operand, often its negative with few bits changed. */
    private long near() {
      long flip = 1L << f.width() - 1;
      long step = (long) (random.nextInt(5) - 2) << f.fracBits();
      long tweak = random.nextLong() >> 64 - 1 - random.nextInt(f.fracBits());
      return (random.nextBoolean() ? operands[0] ^ flip : operands[0]) + step + tweak & f.mask();
    }

    private long subnormal() {
      long fraction = random.nextLong() & f.minNormal() - 1;
      return fraction >>> random.nextInt(f.fracBits()) | sign();
    }

    /** Few bits set, so that results are exact or ties. */
    private long sparse() {
      long field = (long) random.nextInt(1 << f.expBits()) << f.fracBits();
      long fraction = 1L << random.nextInt(f.fracBits()) | 1L << random.nextInt(f.fracBits());
      return field | fraction | sign();
    }

    private long special() {
      return specials[random.nextInt(specials.length)] | sign();
    }

    private long sign() {
      return random.nextBoolean() ? 1L << f.width() - 1 : 0;
    }
  }
}
