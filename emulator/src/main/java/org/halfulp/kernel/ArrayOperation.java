package org.halfulp.kernel;

import java.lang.reflect.Array;
import java.util.List;
import java.util.Objects;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/**
 * An operation of {@link Elementwise} on arrays of values or of codes, without flags. Arrays belong
 * to the caller; the result may be in the place of an operand. Not thread-safe.
 *
 * <p>Codes of operands of 16 bits in all: a table. Else a result is first computed as a double, and
 * then rounded by {@link ArrayQuantizer}:
 *
 * <ul>
 *   <li>a product of operands of at most 53 significant bits in all is a double;
 *   <li>a sum is, if the places of all the formats' values fit into 53 bits;
 *   <li>any other sum is rounded to odd there, which no rounding to at most 50 bits, random ones
 *       included, can tell from the exact one (Boldo and Melquiond 2008).
 * </ul>
 *
 * <p>Formats beyond these bounds take {@link Elementwise} one by one, the slow twin.
 */
public final class ArrayOperation {
  private static final int CHUNK = 512;
  private static final int TABLE_BITS = 16;

  private final Op op;
  private final List<Format> operands;
  private final Quantizer to;
  private final Elementwise slow;
  private final ShortOperation shorts; // null: by way of doubles
  private final ScalarSums loops = LoopChoice.sums(true);
  private final Rounder rounder;
  private final ArrayQuantizer quantizer;
  private final Decoder[] decoders;
  private final boolean fast;
  private final boolean exact; // what is rounded is a double
  private final boolean down; // an exact sum of zero is -0
  private final byte[] table; // of results by two operands' codes, or null
  private final int shift; // of the first one
  private final double[][] values;
  private final double[] result = new double[CHUNK];
  private final long[] draw = new long[1];

  /**
   * @param operands the format of each operand
   * @param to format, rounding and range rule of the result
   */
  public ArrayOperation(Op op, List<Format> operands, Quantizer to) {
    slow = new Elementwise(op, operands, to);
    shorts = LoopChoice.shorts(op, operands, to);
    this.op = op;
    this.operands = List.copyOf(operands);
    this.to = to;
    rounder = new Rounder(to);
    quantizer = new ArrayQuantizer(to);
    decoders = operands.stream().map(Decoder::of).toArray(Decoder[]::new);
    values = new double[operands.size()][CHUNK];
    Extent[] extents = operands.stream().map(Extent::of).toArray(Extent[]::new);
    boolean doubles = operands.stream().allMatch(Decoder::isExact) && ScalarRounding.fits(to);
    switch (op) {
      case ADD, SUB -> {
        exact = extents[0].plus(extents[1]).areDoubles();
        fast = doubles && (exact || isModerate(extents[0]) && isModerate(extents[1]));
      }
      case MUL -> {
        exact = extents[0].times(extents[1]).areDoubles();
        fast = doubles && exact;
      }
      case FMA -> {
        Extent product = extents[0].times(extents[1]);
        exact = product.areDoubles() && product.plus(extents[2]).areDoubles();
        fast = doubles && product.areDoubles() && isModerate(extents[2]);
      }
      case CONVERT -> {
        exact = true;
        fast = doubles;
      }
      default -> throw new AssertionError(op);
    }
    down = to.rounding() == RoundingMode.RDN;
    int bits = operands.stream().mapToInt(Format::width).sum();
    boolean tabled =
        operands.size() == 2 && bits <= TABLE_BITS && !to.draws() && to.format().width() <= 8;
    shift = tabled ? operands.get(1).width() : 0;
    table = tabled ? new byte[1 << bits] : null;
    if (tabled) {
      for (int i = 0; i < table.length; i++) {
        table[i] = (byte) slow.apply(i >>> shift, i & (1 << shift) - 1, 0, 0);
      }
    }
  }

  /** A sum of two such values neither overflows nor loses an error to underflow. */
  private static boolean isModerate(Extent e) {
    return e.low() >= -1000 && e.high() <= 1000;
  }

  /** Whether arrays take one of the fast ways. */
  public boolean isFast() {
    return table != null || fast;
  }

  /**
   * {@code out[to + i]} from the i-th value of each operand from {@code from} on, i below n.
   *
   * @param in the operands' values, doubles of their formats; as many arrays as the operation has
   *     operands
   * @param draws not read unless stochastic
   * @throws IllegalArgumentException if the number of operands is another, or codes are wider than
   *     the elements of their array
   * @throws org.halfulp.number.NanException as {@link ArrayQuantizer}
   */
  public void apply(double[][] in, int from, double[] out, int to, int n, Draws draws) {
    check(in, from, out, to, n, draws);
    for (int i = 0; i < n; i += CHUNK) {
      int size = Math.min(CHUNK, n - i);
      if (!fast) {
        for (int k = i; k < i + size; k++) {
          out[to + k] = oneByOne(in, from + k, draw(draws));
        }
        continue;
      }
      compute(in, from + i, size);
      quantizer.quantize(result, 0, out, to + i, size, draws);
    }
  }

  /** The same on codes in bytes, of formats of at most 8 bits each; bits above are not read. */
  public void apply(byte[][] in, int from, byte[] out, int to, int n, Draws draws) {
    check(in, from, out, to, n, draws);
    checkWidths(8);
    if (table != null) {
      lookUp(in[0], in[1], from, out, to, n);
    } else {
      applyToCodes(in, from, out, to, n, draws);
    }
  }

  /** The same on codes in shorts, of formats of at most 16 bits each. */
  public void apply(short[][] in, int from, short[] out, int to, int n, Draws draws) {
    check(in, from, out, to, n, draws);
    checkWidths(16);
    if (shorts != null) {
      shorts.apply(in, from, out, to, n);
    } else {
      applyToCodes(in, from, out, to, n, draws);
    }
  }

  /** The same on codes in ints, of formats of at most 32 bits each. */
  public void apply(int[][] in, int from, int[] out, int to, int n, Draws draws) {
    check(in, from, out, to, n, draws);
    checkWidths(32);
    applyToCodes(in, from, out, to, n, draws);
  }

  private void applyToCodes(Object[] in, int from, Object out, int to, int n, Draws draws) {
    for (int i = 0; i < n; i += CHUNK) {
      int size = Math.min(CHUNK, n - i);
      if (fast) {
        for (int o = 0; o < in.length; o++) {
          decoders[o].decode(in[o], from + i, values[o], 0, size);
        }
        compute(values, 0, size);
        quantizer.encodeAny(result, 0, out, to + i, size, draws);
        continue;
      }
      for (int k = i; k < i + size; k++) {
        long b = in.length > 1 ? code(1, in[1], from + k) : 0;
        long c = in.length > 2 ? code(2, in[2], from + k) : 0;
        long result = slow.apply(code(0, in[0], from + k), b, c, draw(draws));
        if (out instanceof byte[] bytes) {
          bytes[to + k] = (byte) result;
        } else if (out instanceof short[] words) {
          words[to + k] = (short) result;
        } else {
          ((int[]) out)[to + k] = (int) result;
        }
      }
    }
  }

  private long code(int operand, Object codes, int i) {
    int code =
        codes instanceof byte[] bytes
            ? bytes[i]
            : codes instanceof short[] words ? words[i] : ((int[]) codes)[i];
    return code & operands.get(operand).mask();
  }

  private void check(Object[] in, int from, Object out, int at, int n, Draws draws) {
    if (in.length != op.operands()) {
      throw new IllegalArgumentException(
          "%s takes %d operands, got %d".formatted(op, op.operands(), in.length));
    }
    for (Object x : in) {
      Objects.checkFromIndexSize(from, n, Array.getLength(x));
    }
    Objects.checkFromIndexSize(at, n, Array.getLength(out));
    if (to.draws()) {
      Objects.requireNonNull(draws, "stochastic rounding needs draws");
    }
  }

  private void checkWidths(int bits) {
    operands.forEach(format -> Decoder.checkWidth(format, bits));
    Decoder.checkWidth(to.format(), bits);
  }

  private long draw(Draws draws) {
    if (to.draws()) {
      draws.next(draw, 1);
    }
    return draw[0];
  }

  private void lookUp(byte[] a, byte[] b, int from, byte[] out, int to, int n) {
    byte[] results = table;
    int mask = (1 << shift) - 1;
    int top = results.length - 1;
    for (int i = 0; i < n; i++) {
      out[to + i] = results[(a[from + i] << shift | b[from + i] & mask) & top];
    }
  }

  /**
   * Results before their rounding. Rounding down, where a sum of zero has the other sign, all signs
   * are turned before and after.
   */
  private void compute(double[][] in, int from, int n) {
    double[] x = in[0];
    double[] y = in[in.length > 1 ? 1 : 0];
    double[] z = in[in.length > 2 ? 2 : 0];
    double[] r = result;
    double turn = down ? -1 : 1;
    double ofY = op == Op.SUB ? -turn : turn;
    switch (op) {
      case ADD, SUB -> {
        if (exact) {
          for (int i = 0; i < n; i++) {
            r[i] = turn * (turn * x[from + i] + ofY * y[from + i]);
          }
        } else {
          loops.oddSums(x, from, turn, y, from, ofY, r, 0, turn, n);
        }
      }
      case MUL -> {
        for (int i = 0; i < n; i++) {
          r[i] = x[from + i] * y[from + i];
        }
      }
      case FMA -> {
        if (exact) {
          for (int i = 0; i < n; i++) {
            r[i] = turn * Math.fma(turn * x[from + i], y[from + i], turn * z[from + i]);
          }
        } else {
          for (int i = 0; i < n; i++) {
            r[i] = x[from + i] * y[from + i];
          }
          loops.oddSums(r, 0, turn, z, from, turn, r, 0, turn, n);
        }
      }
      default -> System.arraycopy(x, from, r, 0, n);
    }
  }

  private double oneByOne(double[][] in, int i, long r) {
    double x = in[0][i];
    return rounder.value(
        switch (op) {
          case ADD -> rounder.roundSum(x, in[1][i], r);
          case SUB -> rounder.roundSum(x, -in[1][i], r);
          case MUL -> rounder.roundProduct(x, in[1][i], r);
          case FMA -> rounder.roundFma(x, in[1][i], in[2][i], r);
          case CONVERT -> rounder.round(x, r);
        });
  }
}
