package org.halfulp.hardware;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.halfulp.kernel.ArrayOperation;
import org.halfulp.kernel.ArrayQuantizer;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.Family;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;

/**
 * Array kernels beside the instructions of an NVIDIA GPU, built from {@code hardware.cu}: {@code
 * HardwareCheck LIBRARY [BITS [CASE...]]}, with 2^BITS results a case, 2^32 if not said, which is
 * all inputs of a conversion from binary32 and of two operands of 16 bits. NaN must meet NaN,
 * whatever its code. Exit 0: no code differs; 1: one does; 2: usage; 3: no such GPU.
 */
public final class HardwareCheck {
  private static final int CHUNK = 1 << 20;
  private static final Draws NONE = new Draws();

  private static final FloatFormat E4M3FN = FloatFormat.of(4, 3, Family.FN);
  private static final FloatFormat E5M2 = FloatFormat.of(5, 2, Family.IEEE);
  private static final FloatFormat HALF = FloatFormat.FLOAT16;
  private static final FloatFormat BF16 = FloatFormat.BFLOAT16;
  private static final FloatFormat TF32 = FloatFormat.of(8, 10, Family.IEEE);
  private static final FloatFormat SINGLE = FloatFormat.FLOAT32;

  private static final List<RoundingMode> PTX_MODES =
      List.of(RoundingMode.RNE, RoundingMode.RTZ, RoundingMode.RDN, RoundingMode.RUP);

  /** In the order of {@code FILLS} in the library. */
  static final List<Case> CASES = cases();

  interface Library extends com.sun.jna.Library {
    int hardware_fill(int number, int first, int n, Pointer out);

    int hardware_cases();

    int hardware_name(Pointer out, int size);

    String hardware_error(int error);
  }

  /** Never read: no rounding here is stochastic. */
  private static final class Draws implements org.halfulp.kernel.Draws {
    @Override
    public void next(long[] out, int n) {
      throw new AssertionError("a draw");
    }
  }

  /** Codes of results {@code first} to {@code first + out.length - 1} by the kernels. */
  @FunctionalInterface
  interface Results {
    void into(int first, int[] out);
  }

  /**
   * @param bytes of a result of the library
   * @param shift places of it that are no part of the code
   * @param number whether NaN operands are left out: the format has no NaN, or the GPU makes an
   *     infinity of some, as {@code cvt.rna.tf32.f32} does where only low places are set
   */
  record Case(
      String name, FloatFormat to, int bytes, int shift, boolean number, Supplier<Results> maker) {}

  record Count(long compared, long nan, long differing, String first) {
    Count plus(Count o) {
      return new Count(
          compared + o.compared,
          nan + o.nan,
          differing + o.differing,
          first == null ? o.first : first);
    }
  }

  private final Library library;

  private HardwareCheck(Library library) {
    this.library = library;
  }

  public static void main(String[] args) throws InterruptedException {
    if (args.length < 1 || args.length > 1 && !args[1].matches("2[0-9]|3[0-2]")) {
      System.err.println("usage: HardwareCheck LIBRARY [BITS [CASE...]], BITS in [20, 32]");
      System.exit(2);
    }
    int bits = args.length > 1 ? Integer.parseInt(args[1]) : 32;
    List<String> names = List.of(args).subList(Math.min(2, args.length), args.length);
    for (String name : names) {
      if (CASES.stream().noneMatch(c -> c.name.equals(name))) {
        System.err.printf("no case %s; known: %s%n", name, CASES.stream().map(Case::name).toList());
        System.exit(2);
      }
    }
    try {
      Path path = Path.of(args[0]).toAbsolutePath();
      Library library = Native.load(path.toString(), Library.class);
      HardwareCheck check = new HardwareCheck(library);
      System.out.println(check.name());
      if (library.hardware_cases() != CASES.size()) {
        throw new IllegalStateException(
            "the library has %d cases, expected %d"
                .formatted(library.hardware_cases(), CASES.size()));
      }
      System.exit(check.isBlind() ? 3 : check.run(1L << bits, names) ? 0 : 1);
    } catch (UnsatisfiedLinkError | IllegalStateException e) {
      System.err.println(e.getMessage().lines().findFirst().orElse(""));
      System.exit(3);
    }
  }

  private String name() {
    int size = 256;
    try (Memory text = new Memory(size)) {
      succeed(library.hardware_name(text, size));
      return text.getString(0);
    }
  }

  private void succeed(int error) {
    if (error != 0) {
      throw new IllegalStateException("CUDA: " + library.hardware_error(error));
    }
  }

  /** Says whether a wrong rounding in place of each case's goes unseen. */
  private boolean isBlind() throws InterruptedException {
    for (int i = 0; i < CASES.size(); i++) {
      Case right = CASES.get(i);
      Case other = CASES.get(i == CASES.size() - 1 ? i - 1 : i + 1);
      if (other.bytes == right.bytes && other.to.equals(right.to)) {
        Case wrong =
            new Case(right.name, right.to, right.bytes, right.shift, right.number, other.maker);
        // mixed bits at the far end of the range: both signs' normal values
        Count count = chunk(i, wrong, 0x3F000000).plus(chunk(i, wrong, 0xBF000000));
        if (count.differing == 0) {
          System.err.printf("%s passes for %s%n", other.name, right.name);
          return true;
        }
      }
    }
    return false;
  }

  private boolean run(long results, List<String> names) throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    boolean good = true;
    long compared = 0;
    try {
      for (int i = 0; i < CASES.size(); i++) {
        Case c = CASES.get(i);
        if (!names.isEmpty() && !names.contains(c.name)) {
          continue;
        }
        int number = i;
        long start = System.nanoTime();
        List<Future<Count>> parts = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
          int part = t;
          parts.add(
              pool.submit(
                  () -> {
                    Count sum = new Count(0, 0, 0, null);
                    Results kernels = c.maker.get();
                    for (long k = part; k * CHUNK < results; k += threads) {
                      sum = sum.plus(chunk(number, c, kernels, (int) (k * CHUNK)));
                    }
                    return sum;
                  }));
        }
        Count all = new Count(0, 0, 0, null);
        for (Future<Count> part : parts) {
          all = all.plus(part.get());
        }
        System.out.printf(
            Locale.ROOT,
            "%-4s %-28s %,13d compared, %,11d of them NaN, %,d differ, %.1f s%s%n",
            all.differing == 0 && all.compared > 0 ? "OK" : "FAIL",
            c.name,
            all.compared,
            all.nan,
            all.differing,
            (System.nanoTime() - start) / 1e9,
            all.first == null ? "" : "; first: " + all.first);
        good &= all.differing == 0 && all.compared > 0;
        compared += all.compared;
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
    System.out.printf(Locale.ROOT, "%,d results compared%n", compared);
    return good;
  }

  private Count chunk(int number, Case c, int first) {
    return chunk(number, c, c.maker.get(), first);
  }

  private Count chunk(int number, Case c, Results kernels, int first) {
    int[] ours = new int[CHUNK];
    kernels.into(first, ours);
    int[] theirs = new int[CHUNK];
    try (Memory memory = new Memory((long) CHUNK * c.bytes)) {
      succeed(library.hardware_fill(number, first, CHUNK, memory));
      switch (c.bytes) {
        case 1 -> {
          byte[] codes = memory.getByteArray(0, CHUNK);
          for (int i = 0; i < CHUNK; i++) {
            theirs[i] = codes[i] & 0xFF;
          }
        }
        case 2 -> {
          short[] codes = memory.getShortArray(0, CHUNK);
          for (int i = 0; i < CHUNK; i++) {
            theirs[i] = codes[i] & 0xFFFF;
          }
        }
        default -> memory.read(0, theirs, 0, CHUNK);
      }
    }
    long compared = 0;
    long nan = 0;
    long differing = 0;
    String what = null;
    for (int i = 0; i < CHUNK; i++) {
      if (c.number && Float.isNaN(Float.intBitsToFloat(first + i))) {
        continue;
      }
      compared++;
      int their = theirs[i] >>> c.shift;
      if (ours[i] == their) {
        nan += isNan(c.to, their) ? 1 : 0;
      } else if (isNan(c.to, ours[i]) && isNan(c, theirs[i])) {
        nan++;
      } else {
        differing++;
        if (what == null) {
          what = "i=%08X here %X there %X".formatted(first + i, ours[i], their);
        }
      }
    }
    return new Count(compared, nan, differing, what);
  }

  /** A NaN of tf32 may keep bits in the places that are no part of the code, and only there. */
  private static boolean isNan(Case c, int result) {
    return isNan(c.shift > 0 ? SINGLE : c.to, result);
  }

  private static boolean isNan(FloatFormat format, int code) {
    return Double.isNaN(format.toDouble(code & format.mask()));
  }

  // ---- the cases ----

  private static List<Case> cases() {
    List<Case> all = new ArrayList<>();
    all.add(convert("cvt.rn.satfinite.e4m3", E4M3FN, RoundingMode.RNE, OverflowRule.FINITE, 1, 0));
    all.add(convert("cvt.rn.satfinite.e5m2", E5M2, RoundingMode.RNE, OverflowRule.FINITE, 1, 0));
    for (RoundingMode mode : PTX_MODES) {
      all.add(convert("cvt." + ptx(mode) + ".f16.f32", HALF, mode, OverflowRule.NONE, 2, 0));
    }
    for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.RTZ)) {
      all.add(convert("cvt." + ptx(mode) + ".bf16.f32", BF16, mode, OverflowRule.NONE, 2, 0));
    }
    for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.RTZ, RoundingMode.RNA)) {
      all.add(convert("cvt." + ptx(mode) + ".tf32.f32", TF32, mode, OverflowRule.NONE, 4, 13));
    }
    for (int[] e : new int[][] {{2, 1}, {2, 3}, {3, 2}}) {
      FloatFormat format = FloatFormat.of(e[0], e[1], Family.FINITE);
      String name = "library, to " + format.name();
      all.add(convert(name, format, RoundingMode.RNE, OverflowRule.FINITE, 1, 0));
    }
    for (FloatFormat format : List.of(HALF, BF16)) {
      all.add(pairs(Op.ADD, format));
      all.add(pairs(Op.MUL, format));
    }
    all.add(triples(HALF));
    all.add(triples(BF16));
    for (Op op : List.of(Op.ADD, Op.MUL, Op.FMA)) {
      for (RoundingMode mode : PTX_MODES) {
        all.add(singles(op, mode));
      }
    }
    return all;
  }

  private static String ptx(RoundingMode mode) {
    return switch (mode) {
      case RNE -> "rn";
      case RNA -> "rna";
      case RTZ -> "rz";
      case RDN -> "rm";
      case RUP -> "rp";
      default -> throw new IllegalArgumentException(mode + " is no rounding of PTX");
    };
  }

  private static Case convert(
      String name, FloatFormat to, RoundingMode mode, OverflowRule rule, int bytes, int shift) {
    return new Case(
        name,
        to,
        bytes,
        shift,
        !to.hasNan() || shift > 0 && mode == RoundingMode.RNA,
        () -> {
          ArrayQuantizer quantizer = new ArrayQuantizer(new Quantizer(to, mode, rule, 0, true));
          float[] in = new float[CHUNK];
          return (first, out) -> {
            for (int i = 0; i < CHUNK; i++) {
              in[i] = Float.intBitsToFloat(first + i);
            }
            quantizer.encode(in, 0, out, 0, CHUNK, NONE);
          };
        });
  }

  private static Case pairs(Op op, FloatFormat format) {
    return new Case(
        name(op, RoundingMode.RNE, format),
        format,
        2,
        0,
        false,
        () -> {
          ArrayOperation operation = operation(op, format, RoundingMode.RNE);
          short[][] in = new short[2][CHUNK];
          short[] codes = new short[CHUNK];
          return (first, out) -> {
            for (int i = 0; i < CHUNK; i++) {
              in[0][i] = (short) (first + i >>> 16);
              in[1][i] = (short) (first + i);
            }
            operation.apply(in, 0, codes, 0, CHUNK, NONE);
            for (int i = 0; i < CHUNK; i++) {
              out[i] = codes[i] & 0xFFFF;
            }
          };
        });
  }

  private static Case triples(FloatFormat format) {
    return new Case(
        name(Op.FMA, RoundingMode.RNE, format),
        format,
        2,
        0,
        false,
        () -> {
          ArrayOperation operation = operation(Op.FMA, format, RoundingMode.RNE);
          Operands operands = new Operands(format.expBits(), format.fracBits(), false);
          short[][] in = new short[3][CHUNK];
          short[] codes = new short[CHUNK];
          return (first, out) -> {
            for (int i = 0; i < CHUNK; i++) {
              operands.of(first + i);
              in[0][i] = (short) operands.a;
              in[1][i] = (short) operands.b;
              in[2][i] = (short) operands.c;
            }
            operation.apply(in, 0, codes, 0, CHUNK, NONE);
            for (int i = 0; i < CHUNK; i++) {
              out[i] = codes[i] & 0xFFFF;
            }
          };
        });
  }

  private static Case singles(Op op, RoundingMode mode) {
    return new Case(
        name(op, mode, SINGLE),
        SINGLE,
        4,
        0,
        false,
        () -> {
          ArrayOperation operation = operation(op, SINGLE, mode);
          Operands operands = new Operands(8, 23, op == Op.ADD);
          double[][] in = new double[op.operands()][CHUNK];
          double[] values = new double[CHUNK];
          return (first, out) -> {
            for (int i = 0; i < CHUNK; i++) {
              operands.of(first + i);
              in[0][i] = Float.intBitsToFloat(operands.a);
              in[1][i] = Float.intBitsToFloat(operands.b);
              if (op == Op.FMA) {
                in[2][i] = Float.intBitsToFloat(operands.c);
              }
            }
            operation.apply(in, 0, values, 0, CHUNK, NONE);
            for (int i = 0; i < CHUNK; i++) {
              out[i] = Float.floatToIntBits((float) values[i]);
            }
          };
        });
  }

  private static ArrayOperation operation(Op op, Format format, RoundingMode mode) {
    List<Format> operands = Collections.nCopies(op.operands(), format);
    ArrayOperation operation = new ArrayOperation(op, operands, new Quantizer(format, mode));
    if (!operation.isFast()) {
      throw new IllegalStateException(op + " of " + format.name() + " has no array kernel");
    }
    return operation;
  }

  private static String name(Op op, RoundingMode mode, FloatFormat format) {
    String type = format.equals(HALF) ? "f16" : format.equals(BF16) ? "bf16" : "f32";
    return "%s.%s.%s".formatted(op.name().toLowerCase(Locale.ROOT), ptx(mode), type);
  }
}
