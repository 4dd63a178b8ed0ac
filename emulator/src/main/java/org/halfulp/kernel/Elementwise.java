package org.halfulp.kernel;

import java.lang.ref.SoftReference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.halfulp.number.Arithmetic;
import org.halfulp.number.Family;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.Rounded;

/**
 * One operation of section 4 of the contract on codes, rounded once; operands may differ in format.
 * Slow twin: {@link #exactly}. Not thread-safe: {@link #flags} belongs to the last result.
 *
 * <p>RTL twins: {@code fp_add fp_mul fp_fma fp_convert fx_add fx_mul fx_mac fp_to_fx fx_to_fp}.
 *
 * <p>Up to 16 bits of operands: a table, filled by the slow twin. Beyond: {@link Rounder} where it
 * is exact; results of infinities and NaN, which depend on no digit, from a table of kinds. The
 * rest takes the slow twin.
 */
public final class Elementwise {
  /** What is computed; {@code FMA} is {@code a*b + c}. */
  public enum Op {
    ADD(2),
    SUB(2),
    MUL(2),
    FMA(3),
    CONVERT(1);

    private final int operands;

    Op(int operands) {
      this.operands = operands;
    }

    public int operands() {
      return operands;
    }
  }

  private static final int TABLE_BITS = 16;
  private static final int FLAG_BITS = 5;
  private static final int FLAG_MASK = (1 << FLAG_BITS) - 1;
  private static final int KINDS = 8;

  /** Tables take a tenth of a second each, and every thread of a campaign wants the same one. */
  private static final Map<List<Object>, SoftReference<int[]>> TABLES = new ConcurrentHashMap<>();

  private final Op op;
  private final Format[] formats;
  private final Quantizer to;
  private final Rounder rounder;
  private final Decoder[] decoders;
  private final boolean fast; // all operands are doubles
  private final int[] table; // code << FLAG_BITS | flags, or null
  private final int shiftA; // of the table's index
  private final int shiftB;
  private final Rounded[] special; // by the kinds of the operands, filled when met
  private int flags;

  /**
   * @param operands the format of each operand
   * @param to format, rounding and range rule of the result
   */
  public Elementwise(Op op, List<Format> operands, Quantizer to) {
    if (operands.size() != op.operands) {
      throw new IllegalArgumentException(
          "%s takes %d operands, got %d formats".formatted(op, op.operands, operands.size()));
    }
    this.op = op;
    this.formats = operands.toArray(Format[]::new);
    this.to = to;
    rounder = new Rounder(to);
    decoders = new Decoder[formats.length];
    int bits = 0;
    boolean exact = true;
    for (int i = 0; i < formats.length; i++) {
      decoders[i] = Decoder.of(formats[i]);
      exact &= Decoder.isExact(formats[i]);
      bits += formats[i].width();
    }
    fast = exact;
    special = new Rounded[KINDS * KINDS * KINDS];
    boolean tabled = bits <= TABLE_BITS && !to.draws() && to.format().width() < 32 - FLAG_BITS;
    shiftB = op.operands == 3 ? formats[2].width() : 0;
    shiftA = op.operands == 1 ? 0 : shiftB + formats[1].width();
    table = tabled ? table(bits) : null;
  }

  private int[] table(int bits) {
    List<Object> key = List.of(op, List.of(formats), to);
    SoftReference<int[]> known = TABLES.get(key);
    int[] filled = known == null ? null : known.get();
    if (filled == null) {
      filled = fill(bits);
      TABLES.put(key, new SoftReference<>(filled));
    }
    return filled;
  }

  private int[] fill(int bits) {
    int[] filled = new int[1 << bits];
    List<Format> list = List.of(formats);
    for (int i = 0; i < filled.length; i++) {
      long a = i >>> shiftA;
      long b = op.operands < 2 ? 0 : i >>> shiftB & formats[1].mask();
      long c = op.operands < 3 ? 0 : i & formats[2].mask();
      Rounded one = exactly(op, list, a, b, c, to, 0);
      filled[i] = (int) one.code() << FLAG_BITS | one.flags();
    }
    return filled;
  }

  /** One result by its exact meaning. Operands that the operation lacks are not read. */
  public static Rounded exactly(
      Op op, List<Format> formats, long a, long b, long c, Quantizer to, long r) {
    Real x = formats.get(0).decode(a);
    return switch (op) {
      case ADD -> Arithmetic.add(x, formats.get(1).decode(b), to, r);
      case SUB -> Arithmetic.add(x, formats.get(1).decode(b).negate(), to, r);
      case MUL -> Arithmetic.mul(x, formats.get(1).decode(b), to, r);
      case FMA -> Arithmetic.fma(x, formats.get(1).decode(b), formats.get(2).decode(c), to, r);
      case CONVERT -> to.round(x, r);
    };
  }

  public Op op() {
    return op;
  }

  public List<Format> operands() {
    return List.of(formats);
  }

  public Quantizer to() {
    return to;
  }

  /** Flags of the last result. */
  public int flags() {
    return flags;
  }

  /**
   * The result's code.
   *
   * @param r the draw, in {@code [0, 2^randomBits)}; ignored unless stochastic
   */
  public long apply(long a, long b, long c, long r) {
    if (table != null) {
      int entry = table[(int) (a << shiftA | b << shiftB | c)];
      flags = entry & FLAG_MASK;
      return entry >>> FLAG_BITS;
    }
    return compute(a, b, c, r);
  }

  private long compute(long a, long b, long c, long r) {
    if (!fast) {
      return slow(a, b, c, r);
    }
    double x = decoders[0].value(a);
    if (op == Op.CONVERT) {
      return Math.abs(x) <= Double.MAX_VALUE ? rounded(rounder.round(x, r)) : special(a, b, c);
    }
    double y = decoders[1].value(b);
    double z = op == Op.FMA ? decoders[2].value(c) : 0;
    if (!(Math.abs(x) <= Double.MAX_VALUE
        && Math.abs(y) <= Double.MAX_VALUE
        && Math.abs(z) <= Double.MAX_VALUE)) {
      return special(a, b, c);
    }
    return rounded(
        switch (op) {
          case ADD -> rounder.roundSum(x, y, r);
          case SUB -> rounder.roundSum(x, -y, r);
          case MUL -> rounder.roundProduct(x, y, r);
          case FMA -> rounder.roundFma(x, y, z, r);
          case CONVERT -> throw new AssertionError();
        });
  }

  private long rounded(long code) {
    flags = rounder.flags();
    return code;
  }

  private long slow(long a, long b, long c, long r) {
    Rounded one = exactly(op, List.of(formats), a, b, c, to, r);
    flags = one.flags();
    return one.code();
  }

  /** With an infinity or NaN among the operands, their kinds decide. */
  private long special(long a, long b, long c) {
    int key = kind(0, a);
    if (op.operands > 1) {
      key = key * KINDS + kind(1, b);
    }
    if (op.operands > 2) {
      key = key * KINDS + kind(2, c);
    }
    Rounded one = special[key];
    if (one == null) {
      one = exactly(op, List.of(formats), a, b, c, to, 0);
      special[key] = one;
    }
    flags = one.flags();
    return one.code();
  }

  /** Quiet NaN, signaling NaN, and zero, finite or infinite of either sign. */
  private int kind(int operand, long code) {
    double x = decoders[operand].value(code);
    if (x != x) {
      FloatFormat f = (FloatFormat) formats[operand];
      boolean quiet = (code >>> f.fracBits() - 1 & 1) != 0;
      return quiet || f.family() != Family.IEEE ? 0 : 1;
    }
    int sign = Double.doubleToRawLongBits(x) < 0 ? 1 : 0;
    return (x == 0 ? 2 : Math.abs(x) <= Double.MAX_VALUE ? 4 : 6) + sign;
  }

  /**
   * {@code n} results, one after the other.
   *
   * @param b ignored where the operation has one operand; {@code c} where it has no third
   * @param r draws; may be null unless stochastic
   * @param out the codes, {@code outFlags} their flags
   */
  public void apply(
      long[] a, long[] b, long[] c, long[] r, long[] out, long[] outFlags, int from, int n) {
    int end = from + n;
    if (table != null) {
      lookUp(a, b, c, out, outFlags, from, end);
      return;
    }
    for (int i = from; i < end; i++) {
      out[i] =
          compute(
              a[i],
              b == null ? 0 : b[i],
              c == null ? 0 : c[i],
              r == null || !to.draws() ? 0 : r[i]);
      outFlags[i] = flags;
    }
  }

  private void lookUp(
      long[] a, long[] b, long[] c, long[] out, long[] outFlags, int from, int end) {
    int[] entries = table;
    int up = shiftA;
    int upB = shiftB;
    switch (op.operands) { // outside the loops: the test would be a third of their time
      case 1 -> {
        for (int i = from; i < end; i++) {
          int entry = entries[(int) (a[i] << up)];
          out[i] = entry >>> FLAG_BITS;
          outFlags[i] = entry & FLAG_MASK;
        }
      }
      case 2 -> {
        for (int i = from; i < end; i++) {
          int entry = entries[(int) (a[i] << up | b[i] << upB)];
          out[i] = entry >>> FLAG_BITS;
          outFlags[i] = entry & FLAG_MASK;
        }
      }
      default -> {
        for (int i = from; i < end; i++) {
          int entry = entries[(int) (a[i] << up | b[i] << upB | c[i])];
          out[i] = entry >>> FLAG_BITS;
          outFlags[i] = entry & FLAG_MASK;
        }
      }
    }
  }

  /** Whether the slow twin is needed for finite operands. */
  public boolean isFast() {
    return table != null || fast && rounder.isFast();
  }

  /** {@code "ADD of float16 float16 -> float16 rne none"}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(op.name()).append(" of");
    for (Format f : formats) {
      text.append(' ').append(f.name());
    }
    return text.append(" -> ").append(to).toString();
  }
}
