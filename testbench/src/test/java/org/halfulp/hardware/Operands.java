package org.halfulp.hardware;

/**
 * The operands of result i, from i alone; {@code hardware.cu} has the same rules. Random bits; of
 * half the triples, c (of sums: b) has an exponent near the product's (near a's).
 */
final class Operands {
  private final int exponent;
  private final int frac;
  private final boolean sum;
  int a;
  int b;
  int c;

  Operands(int exponent, int frac, boolean sum) {
    this.exponent = exponent;
    this.frac = frac;
    this.sum = sum;
  }

  void of(int i) {
    long index = Integer.toUnsignedLong(i);
    long u = mix(2 * index);
    long v = mix(2 * index + 1);
    int mask = (int) ((1L << (1 + exponent + frac)) - 1);
    int top = (1 << exponent) - 1;
    a = (int) u & mask;
    b = (int) (u >>> 32) & mask;
    c = (int) v & mask;
    int delta = (int) (v >>> 40) & 63;
    if (v < 0) {
      int ea = a >>> frac & top;
      int eb = b >>> frac & top;
      if (sum) {
        b = near(b, ea, delta, top);
      } else {
        c = near(c, ea + eb - (top >> 1), delta, top);
      }
    }
  }

  private int near(int code, int e, int delta, int top) {
    int moved = Math.max(0, Math.min(e + delta - 32, top));
    return code & ~(top << frac) | moved << frac;
  }

  private static long mix(long seed) {
    long x = seed + 0x9E3779B97F4A7C15L;
    x = (x ^ x >>> 30) * 0xBF58476D1CE4E5B9L;
    x = (x ^ x >>> 27) * 0x94D049BB133111EBL;
    return x ^ x >>> 31;
  }
}
