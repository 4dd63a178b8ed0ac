package org.halfulp.kernel;

import java.util.Objects;

/**
 * Codes of fewer than 8 bits side by side: code {@code i} of {@code width} bits takes the bits from
 * {@code i * width} on, where bit {@code k} is bit {@code k % 8} of byte {@code k / 8}, little end
 * first in each byte. Four bits: two codes a byte, the first one low.
 */
public final class BitPacking {
  private BitPacking() {}

  /** Bytes that {@code n} codes take. */
  public static int bytes(int n, int width) {
    return Math.toIntExact(((long) n * width + 7) / 8);
  }

  /**
   * @param codes one a byte, {@code n} of them from {@code from} on; bits above the width are not
   *     read
   * @param width 1..8
   * @param packed written from {@code to} on, {@link #bytes} of them; bits after the last code are
   *     0
   */
  public static void pack(byte[] codes, int from, int width, byte[] packed, int to, int n) {
    check(codes.length, from, width, packed.length, to, n);
    int mask = (1 << width) - 1;
    long word = 0;
    int held = 0;
    int at = to;
    for (int i = from; i < from + n; i++) {
      word |= (long) (codes[i] & mask) << held;
      held += width;
      if (held >= 32) {
        packed[at] = (byte) word;
        packed[at + 1] = (byte) (word >>> 8);
        packed[at + 2] = (byte) (word >>> 16);
        packed[at + 3] = (byte) (word >>> 24);
        at += 4;
        word >>>= 32;
        held -= 32;
      }
    }
    for (; held > 0; held -= 8) {
      packed[at++] = (byte) word;
      word >>>= 8;
    }
  }

  /** The inverse of {@link #pack}: {@code n} codes, one a byte, from {@code to} on. */
  public static void unpack(byte[] packed, int from, int width, byte[] codes, int to, int n) {
    check(codes.length, to, width, packed.length, from, n);
    int mask = (1 << width) - 1;
    int word = 0;
    int held = 0;
    int at = from;
    for (int i = to; i < to + n; i++) {
      if (held < width) {
        word |= (packed[at++] & 0xFF) << held;
        held += 8;
      }
      codes[i] = (byte) (word & mask);
      word >>>= width;
      held -= width;
    }
  }

  private static void check(
      int codesLength, int codesAt, int width, int packedLength, int packedAt, int n) {
    if (width < 1 || width > 8) {
      throw new IllegalArgumentException("the width of packed codes is 1..8, got " + width);
    }
    Objects.checkFromIndexSize(codesAt, n, codesLength);
    Objects.checkFromIndexSize(packedAt, bytes(n, width), packedLength);
  }
}
