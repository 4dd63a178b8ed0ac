package org.halfulp.number;

/**
 * One stream of random bits: a 64-bit Fibonacci register of x^64 + x^63 + x^61 + x^60 + 1 that
 * leaps {@code bits} steps a draw. Section 5 of the contract.
 *
 * <p>RTL twin: {@code random_bits.v}, bit for bit.
 */
public final class RandomBits {
  /** Most bits of one draw. */
  public static final int MAX_BITS = 32;

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  /**
   * @param state the register, not 0
   */
  public RandomBits(long state) {
    if (state == 0) {
      throw new IllegalArgumentException("a random stream's state must not be 0");
    }
    this.state = state;
  }

  /** The state that the stream of {@code quantizer} and {@code lane} starts from. */
  public static long seed(long seed, int quantizer, int lane) {
    if (quantizer < 0 || quantizer > 0xFFFF || lane < 0 || lane > 0xFFFF) {
      throw new IllegalArgumentException(
          "quantizer and lane must be in [0, 65535], got %d and %d".formatted(quantizer, lane));
    }
    long z = seed + ((long) quantizer * 65536 + lane + 1) * GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return z == 0 ? GOLDEN : z;
  }

  /**
   * The next {@code bits} bits as an integer in {@code [0, 2^bits)}.
   *
   * @param bits 1..32
   */
  public long draw(int bits) {
    long next = next(state, bits);
    state = (state << bits) | next;
    return next;
  }

  /**
   * What {@link #draw} returns from {@code state}; the state after is {@code state << bits | it}.
   */
  public static long next(long state, int bits) {
    long t = state ^ (state << 1) ^ (state << 3) ^ (state << 4);
    return t >>> (64 - bits);
  }

  public long state() {
    return state;
  }
}
