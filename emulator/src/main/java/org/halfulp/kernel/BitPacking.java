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
   * Places from {@code to} on; neighbours keep their bits, also those that share a byte.
   *
   * @param codes one a byte, {@code n} of them from {@code from} on; bits above the width are not
   *     read
   * @param width 1..8
   * @param to counts codes, not bytes
   */
  public static void pack(byte[] codes, int from, int width, byte[] packed, int to, int n) {
    check(codes.length, from, width, packed.length, to, n);
    if (n == 0) {
      return;
    }
    int mask = (1 << width) - 1;
    long first = (long) to * width;
    int at = (int) (first >>> 3);
    int held = (int) (first & 7);
    long word = packed[at] & (1 << held) - 1;
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
    for (; held >= 8; held -= 8) {
      packed[at++] = (byte) word;
      word >>>= 8;
    }
    if (held > 0) {
      packed[at] = (byte) (packed[at] & -1 << held | word);
    }
  }

  /**
   * The inverse of {@link #pack}: the {@code n} codes at places from {@code from} on, one a byte.
   */
  public static void unpack(byte[] packed, int from, int width, byte[] codes, int to, int n) {
    check(codes.length, to, width, packed.length, from, n);
    int mask = (1 << width) - 1;
    long bit = (long) from * width;
    for (int i = to; i < to + n; i++, bit += width) {
      int at = (int) (bit >>> 3);
      int skipped = (int) bit & 7;
      int word = packed[at] & 0xFF;
      if (skipped + width > 8) {
        word |= packed[at + 1] << 8;
      }
      codes[i] = (byte) (word >>> skipped & mask);
    }
  }

  private static void check(
      int codesLength, int codesAt, int width, int packedLength, int packedAt, int n) {
    if (width < 1 || width > 8) {
      throw new IllegalArgumentException("the width of packed codes is 1..8, got " + width);
    }
    Objects.checkFromIndexSize(codesAt, n, codesLength);
    Objects.checkFromIndexSize(packedAt, n, places(packedLength, width));
  }

  /** Codes that so many bytes have room for. */
  static int places(int bytes, int width) {
    return (int) Math.min(bytes * 8L / width, Integer.MAX_VALUE);
  }
}
