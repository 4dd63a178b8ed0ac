package org.halfulp.kernel;

import java.util.Objects;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.NanException;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;

/**
 * A {@link Quantizer} on arrays: values to values of its format, or to its codes.
 *
 * <p>Arrays belong to the caller; input and output may be the same array at the same offset, but
 * must not overlap otherwise. Codes go one to an element of an array at least as wide, or side by
 * side in bytes. Not thread-safe.
 *
 * <p>By vectors where the JVM has them ({@code --add-modules jdk.incubator.vector}), with the same
 * bits otherwise. Slow twin: {@link Quantizer#round}.
 */
public final class ArrayQuantizer {
  /** Elements that go through all passes while they lie in the first cache. */
  static final int CHUNK = 512;

  private final Quantizer quantizer;
  private final Format format;
  private final ScalarRounding loops;
  private final boolean inBounds; // of the loops; else one by one
  private final SingleRounding singles; // null: floats go by way of doubles
  private final Rounder rounder;
  private final boolean checksNan;
  private final boolean unsigned;
  private final double ofNegative; // what an unsigned format makes of a negative result
  private final double ofZero;
  private final double readsAsZero; // magnitudes below, for a format that reads them so
  private final double[] values = new double[CHUNK];
  private final long[] codes = new long[CHUNK];
  private final byte[] side = new byte[CHUNK]; // before they are packed
  private final long[] drawn; // null: not stochastic

  public ArrayQuantizer(Quantizer quantizer) {
    this(quantizer, true);
  }

  /**
   * @param vectors whether to use vectors where the JVM has them
   */
  ArrayQuantizer(Quantizer quantizer, boolean vectors) {
    this(
        quantizer, LoopChoice.rounding(quantizer, vectors), LoopChoice.singles(quantizer, vectors));
  }

  ArrayQuantizer(Quantizer quantizer, ScalarRounding loops, SingleRounding singles) {
    this.quantizer = quantizer;
    this.loops = loops;
    this.singles = singles;
    format = quantizer.format();
    rounder = new Rounder(quantizer);
    inBounds = ScalarRounding.fits(quantizer);
    drawn = quantizer.draws() ? new long[CHUNK] : null;
    checksNan = !format.hasNan() && !quantizer.nanToZero();
    if (format instanceof FloatFormat f) {
      unsigned = !f.signed();
      ofZero = f.hasZero() ? 0 : f.toDouble(0);
      ofNegative = quantizer.overflow() == OverflowRule.NONE ? Double.NaN : ofZero;
      readsAsZero = f.daz() ? Math.scalb(1.0, f.emin()) : 0;
    } else {
      unsigned = false;
      ofZero = 0;
      ofNegative = 0;
      readsAsZero = 0;
    }
  }

  public Quantizer quantizer() {
    return quantizer;
  }

  /**
   * {@code out[to + i] = Q(in[from + i])} for i below n.
   *
   * @param draws one draw is taken for each element; not read unless stochastic
   * @throws NanException for a NaN that the format has no code for, unless the quantizer makes it
   *     zero; some of {@code out} may have been written
   */
  public void quantize(double[] in, int from, double[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    for (int i = 0; i < n; i += CHUNK) {
      int size = Math.min(CHUNK, n - i);
      round(in, from + i, out, to + i, size, draws);
      if (readsAsZero != 0 && inBounds) {
        flush(out, to + i, size);
      }
    }
  }

  /** The same in binary32, which must hold every value of the format. */
  public void quantize(float[] in, int from, float[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    for (int i = 0; i < n; i += CHUNK) {
      int size = Math.min(CHUNK, n - i);
      if (singles != null) {
        draw(draws, size);
        singles.round(in, from + i, out, to + i, size, drawn);
        if (checksNan && singles.hasNan(out, to + i, size)) {
          throwForNan();
        }
        continue;
      }
      loops.widen(in, from + i, values, size);
      quantize(values, 0, values, 0, size, draws);
      loops.narrow(values, out, to + i, size);
    }
  }

  /**
   * The code of {@code in[from + i]} into {@code out[to + i]}; as the first {@link #quantize}.
   *
   * @throws IllegalArgumentException if the codes are wider than a byte
   */
  public void encode(double[] in, int from, byte[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    encodeAny(in, from, out, to, n, draws);
  }

  public void encode(double[] in, int from, short[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    encodeAny(in, from, out, to, n, draws);
  }

  public void encode(double[] in, int from, int[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    encodeAny(in, from, out, to, n, draws);
  }

  public void encode(double[] in, int from, long[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    encodeAny(in, from, out, to, n, draws);
  }

  public void encode(float[] in, int from, byte[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    encodeAny(in, from, out, to, n, draws);
  }

  public void encode(float[] in, int from, short[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    encodeAny(in, from, out, to, n, draws);
  }

  public void encode(float[] in, int from, int[] out, int to, int n, Draws draws) {
    check(in.length, from, out.length, to, n, draws);
    encodeAny(in, from, out, to, n, draws);
  }

  /**
   * Codes of fewer than 8 bits side by side, see {@link BitPacking}.
   *
   * @param to counts codes, not bytes; neighbours keep their bits
   */
  public void encodePacked(double[] in, int from, byte[] out, int to, int n, Draws draws) {
    packed(in, in.length, from, out, to, n, draws);
  }

  public void encodePacked(float[] in, int from, byte[] out, int to, int n, Draws draws) {
    packed(in, in.length, from, out, to, n, draws);
  }

  private void packed(Object in, int length, int from, byte[] out, int to, int n, Draws draws) {
    Decoder.checkWidth(format, 8);
    check(length, from, BitPacking.places(out.length, format.width()), to, n, draws);
    for (int i = 0; i < n; i += CHUNK) {
      int size = Math.min(CHUNK, n - i);
      encodeAny(in, from + i, side, 0, size, draws);
      BitPacking.pack(side, 0, format.width(), out, to + i, size);
    }
  }

  /** The same between arrays of any of these types. */
  void encodeAny(Object in, int from, Object out, int to, int n, Draws draws) {
    int bits =
        out instanceof byte[] ? 8 : out instanceof short[] ? 16 : out instanceof int[] ? 32 : 64;
    Decoder.checkWidth(format, bits);
    for (int i = 0; i < n; i += CHUNK) {
      int size = Math.min(CHUNK, n - i);
      double[] source = values;
      int at = 0;
      if (in instanceof float[] f) {
        loops.widen(f, from + i, values, size);
      } else {
        source = (double[]) in;
        at = from + i;
      }
      encode(source, at, size, draws);
      if (out instanceof byte[] b) {
        loops.pack(codes, b, to + i, size);
      } else if (out instanceof short[] s) {
        loops.pack(codes, s, to + i, size);
      } else if (out instanceof int[] w) {
        loops.pack(codes, w, to + i, size);
      } else {
        System.arraycopy(codes, 0, out, to + i, size);
      }
    }
  }

  /** A chunk into {@link #codes}. */
  private void encode(double[] in, int from, int n, Draws draws) {
    if (!inBounds) {
      draw(draws, n);
      for (int i = 0; i < n; i++) {
        codes[i] = rounder.round(in[from + i], drawn == null ? 0 : drawn[i]);
      }
    } else {
      round(in, from, values, 0, n, draws);
      loops.encode(values, codes, n);
    }
  }

  /** See {@link ScalarRounding#accumulates}. */
  int accumulates() {
    return inBounds && !unsigned && readsAsZero == 0 ? loops.accumulates() : 0;
  }

  /** See {@link ScalarRounding#accumulate}. */
  boolean accumulate(
      double[] a,
      int at,
      int step,
      double[] b,
      int from,
      int n,
      boolean exact,
      double[] s,
      int rows) {
    return loops.accumulate(a, at, step, b, from, n, exact, s, rows);
  }

  private void check(int inLength, int from, int outLength, int to, int n, Draws draws) {
    Objects.checkFromIndexSize(from, n, inLength);
    Objects.checkFromIndexSize(to, n, outLength);
    if (quantizer.draws()) {
      Objects.requireNonNull(draws, "stochastic rounding needs draws");
    }
  }

  /** A chunk, before a format that reads subnormals as zero has done so. */
  private void round(double[] in, int from, double[] out, int to, int n, Draws draws) {
    draw(draws, n);
    if (!inBounds) {
      for (int i = 0; i < n; i++) {
        out[to + i] = rounder.value(rounder.round(in[from + i], drawn == null ? 0 : drawn[i]));
      }
      return;
    }
    loops.round(in, from, out, to, n, drawn);
    if (unsigned) {
      for (int i = to; i < to + n; i++) {
        double v = out[i];
        out[i] = v < 0 ? ofNegative : v == 0 ? ofZero : v;
      }
    }
    if (checksNan && loops.hasNan(out, to, n)) {
      throwForNan();
    }
  }

  private void throwForNan() {
    quantizer.round(Real.of(Double.NaN), 0);
  }

  private void draw(Draws draws, int n) {
    if (drawn != null) {
      draws.next(drawn, n);
    }
  }

  private void flush(double[] out, int to, int n) {
    for (int i = to; i < to + n; i++) {
      out[i] = Math.abs(out[i]) < readsAsZero ? Math.copySign(0.0, out[i]) : out[i];
    }
  }
}
