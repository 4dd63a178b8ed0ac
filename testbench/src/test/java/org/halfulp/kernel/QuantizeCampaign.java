package org.halfulp.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.halfulp.number.Family;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;

/** Arrays through an {@link ArrayQuantizer}, scalar loops and vectors, beside the slow twin. */
final class QuantizeCampaign {
  /** Makes the quantizer under test; the flag asks for vectors. */
  interface Maker extends BiFunction<Quantizer, Boolean, ArrayQuantizer> {}

  /**
   * @param first what differed first, or null
   */
  record Result(long compared, long differing, String first) {
    Result plus(Result other) {
      return new Result(
          compared + other.compared,
          differing + other.differing,
          first == null ? other.first : first);
    }
  }

  private static final Result NOTHING = new Result(0, 0, null);

  /** All binary16 and bfloat16 values, in order, -0 before +0; then NaN. */
  private static final double[] HALVES = halves();

  private QuantizeCampaign() {}

  private static double[] halves() {
    double[] all = new double[1 << 17];
    for (int code = 0; code < 1 << 16; code++) {
      all[code] = FloatFormat.FLOAT16.toDouble(code);
      all[1 << 16 | code] = Float.intBitsToFloat(code << 16);
    }
    double[] sorted = all;
    Arrays.sort(sorted); // by Double.compare
    int distinct = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || Double.compare(sorted[i], sorted[i - 1]) != 0) {
        sorted[distinct++] = sorted[i];
      }
    }
    return Arrays.copyOf(sorted, distinct);
  }

  // ---- formats of up to 8 bits ----

  /**
   * Every format of up to 8 bits, each rounding, over all of {@link #HALVES}, each value of the
   * format, each middle and the doubles beside both.
   *
   * @param every of six combinations of range rule and subnormals (three range rules for fixed
   *     point), which take turns, how many to skip: 1 for all
   */
  static Result narrow(int every, Maker maker) {
    List<Quantizer> quantizers = new ArrayList<>();
    int turn = 0;
    for (Format format : narrowFormats()) {
      for (RoundingMode mode : RoundingMode.values()) {
        for (OverflowRule rule : OverflowRule.values()) {
          if (rule.fits(format)
              && !(mode.fixedOnly() && format instanceof FloatFormat)
              && turn++ % every == 0) {
            int bits = mode == RoundingMode.SR ? 1 + turn % 9 : 0;
            quantizers.add(new Quantizer(format, mode, rule, bits, true));
          }
        }
      }
    }
    return IntStream.range(0, quantizers.size())
        .parallel()
        .mapToObj(i -> narrow(quantizers.get(i), i, maker))
        .reduce(NOTHING, Result::plus);
  }

  private static List<Format> narrowFormats() {
    List<Format> formats = new ArrayList<>();
    for (Family family : Family.values()) {
      for (int e = 1; e <= 8; e++) {
        for (int m = 0; m <= 7; m++) {
          for (boolean subnormals : new boolean[] {true, false}) {
            try {
              FloatFormat f = FloatFormat.of(e, m, family).withSubnormals(subnormals);
              if (f.width() <= 8) {
                formats.add(f);
              }
            } catch (IllegalArgumentException refused) {
              continue; // no finite value other than zero
            }
          }
        }
      }
    }
    for (int width = 1; width <= 8; width++) {
      formats.add(new FixedFormat(true, width, width / 2));
      formats.add(new FixedFormat(false, width, width - 2));
    }
    return formats;
  }

  private static Result narrow(Quantizer q, int seed, Maker maker) {
    double[] in = inputs(q.format());
    long draw = q.draws() ? new Cases(seed).random().nextLong(1L << q.randomBits()) : 0;
    long[] draws = new long[in.length];
    Arrays.fill(draws, draw);
    long[] codes = new long[in.length];
    if (q.overflow() == OverflowRule.WRAP) {
      for (int i = 0; i < in.length; i++) {
        codes[i] = q.round(Real.of(in[i]), draw).code();
      }
      return compare(q, in, draws, codes, maker);
    }
    // For one draw, what rounds to one code is an interval: equal ends have equal middles.
    int zero = Arrays.binarySearch(in, 0.0);
    int nan = in.length - 1;
    codes[nan] = q.round(Real.of(Double.NaN), draw).code();
    fill(q, in, codes, 0, zero - 1, draw);
    fill(q, in, codes, zero, nan - 1, draw);
    return compare(q, in, draws, codes, maker);
  }

  private static void fill(Quantizer q, double[] in, long[] codes, int low, int high, long draw) {
    codes[low] = q.round(Real.of(in[low]), draw).code();
    codes[high] = q.round(Real.of(in[high]), draw).code();
    bisect(q, in, codes, low, high, draw);
  }

  private static void bisect(Quantizer q, double[] in, long[] codes, int low, int high, long draw) {
    if (high - low < 2) {
      return;
    }
    if (codes[low] == codes[high]) {
      Arrays.fill(codes, low, high, codes[low]);
      return;
    }
    int middle = (low + high) >>> 1;
    codes[middle] = q.round(Real.of(in[middle]), draw).code();
    bisect(q, in, codes, low, middle, draw);
    bisect(q, in, codes, middle, high, draw);
  }

  /** In order, NaN last. */
  private static double[] inputs(Format format) {
    int codes = 1 << format.width();
    double[] values = new double[codes];
    int finite = 0;
    for (int code = 0; code < codes; code++) {
      double v = format.toDouble(code);
      if (Math.abs(v) <= Double.MAX_VALUE) {
        values[finite++] = v;
      }
    }
    Arrays.sort(values, 0, finite);
    double[] in = Arrays.copyOf(HALVES, HALVES.length + 6 * finite + 8);
    int n = HALVES.length;
    for (int i = 0; i < finite; i++) {
      // past the largest as well, where overflow begins
      double next = i + 1 < finite ? values[i + 1] : 2 * values[i] - values[Math.max(i - 1, 0)];
      double middle = values[i] + (next - values[i]) / 2;
      for (double x : new double[] {values[i], middle}) {
        in[n++] = Math.nextDown(x);
        in[n++] = x;
        in[n++] = Math.nextUp(x);
      }
    }
    for (double x : new double[] {Double.MIN_VALUE, Double.MIN_NORMAL, Double.MAX_VALUE, 0x1p900}) {
      in[n++] = x;
      in[n++] = -x;
    }
    Arrays.sort(in);
    return in;
  }

  // ---- any format ----

  /** Random formats over {@code elements} operands: random bits, ties, draws about their carry. */
  static Result wide(long seed, long elements, Maker maker) {
    int size = 20_000; // a quantizer: decoders of 16 bits take as long to make
    return IntStream.range(0, (int) (elements / size))
        .parallel()
        .mapToObj(i -> wide(new Cases(seed << 32 | i), size, maker))
        .reduce(NOTHING, Result::plus);
  }

  private static Result wide(Cases cases, int n, Maker maker) {
    Quantizer q = cases.quantizer(wideFormat(cases));
    double[] in = new double[n];
    long[] draws = new long[n];
    long[] codes = new long[n];
    Rounder rounder = new Rounder(q);
    boolean floats = cases.oneIn(3);
    int low;
    int high;
    if (q.format() instanceof FloatFormat f) {
      low = Math.max(f.emin() - f.fracBits() - 3, -1023);
      high = Math.min(f.emax() + 3, 1024);
    } else {
      FixedFormat f = (FixedFormat) q.format();
      low = -f.fracBits() - 3;
      high = f.intBits() + 2;
    }
    for (int i = 0; i < n; i++) {
      if (i % 10 == 0) { // where rounding is decided; else random bits, about the format's range
        Cases.Operand operand = cases.operand(q);
        in[i] = operand.x;
        draws[i] = operand.r;
      } else {
        long random = cases.random().nextLong();
        long exponent = cases.between(low, high) + 1023;
        in[i] = Double.longBitsToDouble(random & 0x800FFFFFFFFFFFFFL | exponent << 52);
        draws[i] = cases.random().nextLong() & (1L << q.randomBits()) - 1;
      }
      in[i] = floats ? (float) in[i] : in[i];
      codes[i] = rounder.round(in[i], draws[i]); // see RounderTest; and by the slow twin itself:
      if (i % 40 == 0) {
        codes[i] = q.round(Real.of(in[i]), draws[i]).code();
      }
    }
    return compare(q, in, draws, codes, maker);
  }

  private static Format wideFormat(Cases cases) {
    while (true) {
      switch (cases.between(0, 3)) {
        case 0 -> {
          return cases.floatFormat(8, 23);
        }
        case 1 -> {
          return cases.floatFormat(cases.oneIn(10) ? 11 : 9, cases.oneIn(10) ? 52 : 30);
        }
        case 2 -> {
          return cases.fixedFormat(!cases.oneIn(3), 50);
        }
        default -> {
          Family family = cases.oneIn(2) ? Family.P3109_UE : Family.P3109_UF;
          try {
            return FloatFormat.of(cases.between(1, 8), cases.between(0, 15), family)
                .withSubnormals(!cases.oneIn(3))
                .withDaz(cases.oneIn(4));
          } catch (IllegalArgumentException refused) {
            continue;
          }
        }
      }
    }
  }

  // ---- both ----

  private static Result compare(Quantizer q, double[] in, long[] draws, long[] codes, Maker maker) {
    Result result = NOTHING;
    int bits = q.format().width();
    float[] floats = new float[in.length];
    int[] places = new int[in.length]; // of the inputs that are floats
    int size = 0;
    if (inSingles(q.format())) {
      for (int i = 0; i < in.length; i++) {
        if ((float) in[i] == in[i] || Double.isNaN(in[i])) {
          places[size] = i;
          floats[size++] = (float) in[i];
        }
      }
    }
    for (boolean vectors : new boolean[] {false, true}) {
      ArrayQuantizer array = maker.apply(q, vectors);
      int n = in.length;
      double[] out = new double[n];
      long[] got = new long[n];
      array.quantize(in, 0, out, 0, n, given(draws));
      if (bits <= 8) {
        byte[] narrow = new byte[n];
        array.encode(in, 0, narrow, 0, n, given(draws));
        Arrays.setAll(got, i -> narrow[i] & q.format().mask());
      } else if (bits <= 16) {
        short[] narrow = new short[n];
        array.encode(in, 0, narrow, 0, n, given(draws));
        Arrays.setAll(got, i -> narrow[i] & q.format().mask());
      } else if (bits <= 32) {
        int[] narrow = new int[n];
        array.encode(in, 0, narrow, 0, n, given(draws));
        Arrays.setAll(got, i -> narrow[i] & q.format().mask());
      } else {
        array.encode(in, 0, got, 0, n, given(draws));
      }
      result = result.plus(compare(q, in, draws, codes, out, got));
      if (size > 0) {
        float[] floatsOut = new float[size];
        long[] some = new long[size];
        Arrays.setAll(some, i -> draws[places[i]]);
        array.quantize(floats, 0, floatsOut, 0, size, given(some));
        Decoder decoder = Decoder.of(q.format());
        Arrays.setAll(out, i -> decoder.value(codes[i]));
        for (int i = 0; i < size; i++) {
          out[places[i]] = floatsOut[i];
        }
        result = result.plus(compare(q, in, draws, codes, out, got));
      }
    }
    return result;
  }

  /** Whether every value of the format is a binary32 value, as the array of floats wants. */
  private static boolean inSingles(Format format) {
    if (format instanceof FixedFormat f) {
      return f.width() <= 24 && f.fracBits() >= -100 && f.fracBits() <= 120;
    }
    FloatFormat f = (FloatFormat) format;
    return f.fracBits() <= 23 && f.emin() - f.fracBits() >= -149 && f.emax() <= 127;
  }

  private static Draws given(long[] draws) {
    int[] at = {0};
    return (out, n) -> {
      System.arraycopy(draws, at[0], out, 0, n);
      at[0] += n;
    };
  }

  private static Result compare(
      Quantizer q, double[] in, long[] draws, long[] codes, double[] out, long[] got) {
    long differing = 0;
    String first = null;
    Decoder decoder = Decoder.of(q.format());
    for (int i = 0; i < in.length; i++) {
      double value = decoder.value(codes[i]);
      if (got[i] != codes[i] || Double.doubleToLongBits(out[i]) != Double.doubleToLongBits(value)) {
        differing++;
        if (first == null) {
          Format f = q.format();
          first =
              "%s x=%s r=%d: expected %s (%s), got %s and the value %s"
                  .formatted(
                      q,
                      Cases.show(in[i]),
                      draws[i],
                      f.hex(codes[i]),
                      value,
                      f.hex(got[i]),
                      out[i]);
        }
      }
    }
    return new Result(2L * in.length, differing, first);
  }
}
