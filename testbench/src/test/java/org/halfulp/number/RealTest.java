package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Exact values: their order, and the way out to double. */
class RealTest {
  @Test
  void ordersAsDoublesDo() {
    FloatFormat f = (FloatFormat) FormatName.parse("e5m2").format();
    int compared = 0;
    for (int a = 0; a < 256; a++) {
      for (int b = 0; b < 256; b++) {
        Real x = f.decode(a);
        Real y = f.decode(b);
        if (!x.isNan() && !y.isNan()) {
          double p = f.toDouble(a);
          double q = f.toDouble(b);
          assertEquals(p < q ? -1 : p > q ? 1 : 0, x.compareTo(y), p + " and " + q);
          compared++;
        }
      }
    }
    assertEquals(250 * 250, compared);
  }

  @Test
  void leavesToTheNearestDouble() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      BigInteger magnitude = new BigInteger(1 + random.nextInt(120), random);
      magnitude = i % 3 == 0 ? magnitude.shiftRight(54).shiftLeft(54) : magnitude;
      int exponent = random.nextInt(300) - (i % 2 == 0 ? 150 : 1200); // normal and subnormal
      BigDecimal power = new BigDecimal(BigInteger.TWO.pow(Math.abs(exponent)));
      BigDecimal exact =
          exponent >= 0
              ? new BigDecimal(magnitude).multiply(power)
              : new BigDecimal(magnitude).multiply(BigDecimal.ONE.divide(power));
      assertEquals(exact.doubleValue(), Real.of(false, magnitude, exponent).toDouble());
      double negative = exact.signum() == 0 ? -0.0 : -exact.doubleValue();
      assertEquals(negative, Real.of(true, magnitude, exponent).toDouble());
    }
    assertEquals(Double.POSITIVE_INFINITY, Real.of(1, 1024).toDouble());
  }

  @Test
  void wideFixedCodesLeaveToTheNearestDouble() {
    FixedFormat signed = new FixedFormat(true, 64, 0);
    FixedFormat unsigned = new FixedFormat(false, 64, 0);
    Random random = new Random(4);
    for (int i = 0; i < 20_000; i++) {
      long code = random.nextLong() >> random.nextInt(12) & -1L << random.nextInt(12);
      assertEquals((double) code, signed.toDouble(code));
      assertEquals(
          new BigInteger(Long.toUnsignedString(code)).doubleValue(), unsigned.toDouble(code));
    }
  }
}
