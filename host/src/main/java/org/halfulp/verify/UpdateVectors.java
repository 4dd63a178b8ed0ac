package org.halfulp.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;

/**
 * Operand pairs (weight code, gradient code) by their index, so that any range of them can be made
 * again and no pair of a family repeats.
 */
public sealed interface UpdateVectors {

  /** How many pairs. */
  long size();

  /** Different pairs among them. */
  long distinct();

  /** Writes the pairs {@code from} to {@code from + n - 1}. */
  void fill(long from, int n, long[] w, long[] g);

  /** Every pair of codes. */
  record Exhaustive(Format weight, Format gradient) implements UpdateVectors {
    public Exhaustive {
      if (weight.width() + gradient.width() > 40) {
        throw new IllegalArgumentException(
            "2^%d pairs are too many to exhaust".formatted(weight.width() + gradient.width()));
      }
    }

    @Override
    public long size() {
      return 1L << (weight.width() + gradient.width());
    }

    @Override
    public long distinct() {
      return size();
    }

    @Override
    public void fill(long from, int n, long[] w, long[] g) {
      int shift = gradient.width();
      for (int i = 0; i < n; i++) {
        w[i] = from + i >>> shift;
        g[i] = from + i & (1L << shift) - 1;
      }
    }
  }

  /** Codes drawn over the whole of both formats, without repetition. */
  record Uniform(Format weight, Format gradient, long size, long seed) implements UpdateVectors {
    public Uniform {
      requireRoom(size, weight.width() + gradient.width());
    }

    @Override
    public long distinct() {
      return size;
    }

    @Override
    public void fill(long from, int n, long[] w, long[] g) {
      int shift = gradient.width();
      int bits = weight.width() + shift;
      for (int i = 0; i < n; i++) {
        long pair = scramble(from + i, bits, seed);
        w[i] = pair >>> shift;
        g[i] = pair & (1L << shift) - 1;
      }
    }
  }

  /**
   * Floats whose product {@code step*g} has an exponent near the weight's, where every bit of the
   * alignment and of the rounding matters; without repetition.
   *
   * @param offset added to the weight's exponent field to centre the gradient's
   * @param windowBits the gradient's exponent field takes {@code 2^windowBits} neighbouring values
   */
  record Near(
      FloatFormat weight, FloatFormat gradient, int offset, int windowBits, long size, long seed)
      implements UpdateVectors {
    public Near {
      if (windowBits > gradient.expBits()) {
        throw new IllegalArgumentException(
            "the window must be at most the %d exponent bits, got %d"
                .formatted(gradient.expBits(), windowBits));
      }
      requireRoom(size, weight.width() + windowBits + 1 + gradient.fracBits());
    }

    /** Centres the window for a step of about 2^stepExponent. */
    static Near around(FloatFormat w, FloatFormat g, int stepExponent, long size, long seed) {
      int wanted = 32 - Integer.numberOfLeadingZeros(2 * (w.fracBits() + 3));
      int window = Math.min(g.expBits(), wanted);
      int offset = g.bias() - w.bias() - stepExponent - (1 << window) / 2;
      long room = 1L << (w.width() + window + 1 + g.fracBits());
      return new Near(w, g, offset, window, Math.min(size, room), seed);
    }

    @Override
    public long distinct() {
      return size;
    }

    @Override
    public void fill(long from, int n, long[] w, long[] g) {
      int m = gradient.fracBits();
      int rest = windowBits + 1 + m;
      int bits = weight.width() + rest;
      long fieldMask = (1L << gradient.expBits()) - 1;
      for (int i = 0; i < n; i++) {
        long x = scramble(from + i, bits, seed);
        w[i] = x >>> rest;
        long field = w[i] >>> weight.fracBits() & (1L << weight.expBits()) - 1;
        long delta = x >>> (1 + m) & (1L << windowBits) - 1;
        long sign = x >>> m & 1;
        g[i] =
            sign << (gradient.width() - 1)
                | (field + offset + delta & fieldMask) << m
                | x & (1L << m) - 1;
      }
    }
  }

  /** The corners of both formats, crossed. */
  record Corners(long[] weights, long[] gradients) implements UpdateVectors {
    static Corners of(Format weight, Format gradient) {
      return new Corners(corners(weight), corners(gradient));
    }

    @Override
    public long size() {
      return (long) weights.length * gradients.length;
    }

    @Override
    public long distinct() {
      return size();
    }

    @Override
    public void fill(long from, int n, long[] w, long[] g) {
      for (int i = 0; i < n; i++) {
        w[i] = weights[(int) ((from + i) / gradients.length)];
        g[i] = gradients[(int) ((from + i) % gradients.length)];
      }
    }
  }

  /** One after the other. */
  record Joined(List<UpdateVectors> parts) implements UpdateVectors {
    public Joined {
      parts = List.copyOf(parts);
    }

    @Override
    public long size() {
      return parts.stream().mapToLong(UpdateVectors::size).sum();
    }

    /** At least as many as the part with the most. */
    @Override
    public long distinct() {
      return parts.stream().mapToLong(UpdateVectors::distinct).max().orElse(0);
    }

    @Override
    public void fill(long from, int n, long[] w, long[] g) {
      int done = 0;
      long skip = from;
      for (UpdateVectors part : parts) {
        if (skip >= part.size()) {
          skip -= part.size();
          continue;
        }
        int count = (int) Math.min(n - done, part.size() - skip);
        if (count == n) { // most calls: one part gives all
          part.fill(skip, n, w, g);
          return;
        }
        if (count > 0) {
          long[] pw = new long[count];
          long[] pg = new long[count];
          part.fill(skip, count, pw, pg);
          System.arraycopy(pw, 0, w, done, count);
          System.arraycopy(pg, 0, g, done, count);
          done += count;
        }
        skip = 0;
      }
    }
  }

  /**
   * {@code count} pairs for wide formats: the corners, half of the rest uniform, half near
   * (floats).
   */
  static UpdateVectors mixed(Format w, Format g, int stepExponent, long count, long seed) {
    List<UpdateVectors> parts = new ArrayList<>();
    Corners corners = Corners.of(w, g);
    parts.add(corners);
    long left = Math.max(0, count - corners.size());
    if (w instanceof FloatFormat wf && g instanceof FloatFormat gf) {
      Near near = Near.around(wf, gf, stepExponent, left / 2, seed);
      parts.add(near);
      left -= near.size();
    }
    parts.add(new Uniform(w, g, Math.min(left, 1L << (w.width() + g.width())), seed + 1));
    return new Joined(parts);
  }

  /** Zeros, the ends of every range, their neighbours, one, a half, and the specials. */
  private static long[] corners(Format format) {
    TreeSet<Long> codes = new TreeSet<>();
    long mask = format.mask();
    long sign = format.signed() ? 1L << (format.width() - 1) : 0;
    List<Long> centres = new ArrayList<>(List.of(0L, format.maxFinite(), mask, sign));
    if (format instanceof FloatFormat f) {
      centres.add(f.minNormal());
      centres.add((long) f.bias() << f.fracBits());
      centres.add((long) (f.bias() - 1) << f.fracBits());
      centres.add((1L << f.expBits()) - 1 << f.fracBits());
    } else {
      for (int bit = 0; bit < format.width(); bit++) {
        centres.add(1L << bit);
      }
    }
    for (long centre : centres) {
      for (long d = -2; d <= 2; d++) {
        codes.add(centre + d & mask);
        codes.add((centre + d ^ sign) & mask);
      }
    }
    return codes.stream().mapToLong(Long::longValue).toArray();
  }

  private static void requireRoom(long size, int bits) {
    if (size < 0 || bits < 63 && size > 1L << bits) {
      throw new IllegalArgumentException(
          "%d pairs do not fit 2^%d different ones".formatted(size, bits));
    }
  }

  /** A permutation of the integers of {@code bits} bits, at most 62. */
  private static long scramble(long i, int bits, long seed) {
    long mask = (1L << bits) - 1;
    int half = (bits + 1) / 2;
    long x = i + seed * 0x9E3779B97F4A7C15L & mask;
    x = x * 0xD1342543DE82EF95L & mask;
    x ^= x >>> half;
    x = x * 0xBF58476D1CE4E5B9L & mask;
    x ^= x >>> half;
    x = x * 0x94D049BB133111EBL & mask;
    return x ^ x >>> half;
  }
}
