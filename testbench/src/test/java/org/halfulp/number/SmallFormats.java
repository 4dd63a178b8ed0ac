package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * The formats of at most 8 bits, each as the emulator reads its name and as the oracle lists it.
 */
final class SmallFormats {
  private SmallFormats() {}

  /** One format twice. */
  record Pair(EnumeratedFormat oracle, FloatFormat emulated) {
    int codes() {
      return 1 << oracle.width;
    }
  }

  private static Pair pair(String name, String family, int e, int m, int bias) {
    return pair(name, family, e, m, bias, "");
  }

  private static Pair pair(String name, String family, int e, int m, int bias, String switches) {
    boolean nosub = switches.contains("nosub");
    boolean daz = switches.contains("daz");
    return new Pair(
        new EnumeratedFormat(name, family, e, m, bias, nosub, daz),
        (FloatFormat) FormatName.parse(name).format());
  }

  /** Published names: OCP OFP8 1.0, OCP MX 1.0, LLVM APFloat. */
  static final List<Pair> PUBLISHED =
      List.of(
          pair("float8_e4m3fn", "fn", 4, 3, 7),
          pair("float8_e4m3", "ieee", 4, 3, 7),
          pair("float8_e5m2", "ieee", 5, 2, 15),
          pair("float8_e3m4", "ieee", 3, 4, 3),
          pair("float8_e4m3fnuz", "fnuz", 4, 3, 8),
          pair("float8_e5m2fnuz", "fnuz", 5, 2, 16),
          pair("float8_e4m3b11fnuz", "fnuz", 4, 3, 11),
          pair("float8_e8m0fnu", "fnu", 8, 0, 127),
          pair("float6_e2m3fn", "finite", 2, 3, 1),
          pair("float6_e3m2fn", "finite", 3, 2, 3),
          pair("float4_e2m1fn", "finite", 2, 1, 1));

  /** All of IEEE P3109's formats of {@code k} bits that hold more than zero. */
  static List<Pair> p3109(int k) {
    List<Pair> all = new ArrayList<>();
    for (int p = 1; p <= k; p++) {
      // Bias 2^(K-P-1) signed, 2^(K-P) unsigned.
      if (p < k) {
        int bias = 1 << (k - p - 1);
        if (k > 2) {
          all.add(pair("binary%dp%dse".formatted(k, p), "p3109", k - p, p - 1, bias));
        }
        all.add(pair("binary%dp%dsf".formatted(k, p), "p3109sf", k - p, p - 1, bias));
      }
      if (k > 1) {
        int bias = 1 << (k - p);
        if (k > 2 || p > 2) {
          all.add(pair("binary%dp%due".formatted(k, p), "p3109ue", k - p + 1, p - 1, bias));
        }
        all.add(pair("binary%dp%duf".formatted(k, p), "p3109uf", k - p + 1, p - 1, bias));
      }
    }
    return all;
  }

  /** Shapes at the edges: no fraction, one exponent bit, odd biases, both switches. */
  static final List<Pair> EDGES =
      List.of(
          pair("e1m2:ieee", "ieee", 1, 2, 0),
          pair("e1m6:ieee", "ieee", 1, 6, 0),
          pair("e2m0:ieee", "ieee", 2, 0, 1),
          pair("e4m0:ieee", "ieee", 4, 0, 7),
          pair("e7m0:ieee", "ieee", 7, 0, 63),
          pair("e2m1:ieee", "ieee", 2, 1, 1),
          pair("e3m1", "ieee", 3, 1, 3),
          pair("e2m2", "ieee", 2, 2, 1),
          pair("e3m2:ieee", "ieee", 3, 2, 3),
          pair("e6m1", "ieee", 6, 1, 31),
          pair("e2m0:fn", "fn", 2, 0, 1),
          pair("e3m0:fn", "fn", 3, 0, 3),
          pair("e1m1:fn", "fn", 1, 1, 0),
          pair("e1m3:fn", "fn", 1, 3, 0),
          pair("e5m2:fn", "fn", 5, 2, 15),
          pair("e4m3:fn,bias=20", "fn", 4, 3, 20),
          pair("e4m3:fn,bias=-5", "fn", 4, 3, -5),
          pair("e1m0:fnuz", "fnuz", 1, 0, 1),
          pair("e2m0:fnuz", "fnuz", 2, 0, 2),
          pair("e1m2:fnuz", "fnuz", 1, 2, 1),
          pair("e3m1:fnuz", "fnuz", 3, 1, 4),
          pair("e1m0:finite", "finite", 1, 0, 0),
          pair("e3m0:finite", "finite", 3, 0, 3),
          pair("e1m1:finite", "finite", 1, 1, 0),
          pair("e1m2:finite", "finite", 1, 2, 0),
          pair("e3m1:finite", "finite", 3, 1, 3),
          pair("e3m4:finite", "finite", 3, 4, 3),
          pair("e1m0:fnu", "fnu", 1, 0, 0),
          pair("e2m0:fnu", "fnu", 2, 0, 1),
          pair("e4m0:fnu,bias=3", "fnu", 4, 0, 3),
          pair("e8m0fnu:nosub,daz", "fnu", 8, 0, 127, "nosub,daz"),
          pair("e4m3fn:nosub", "fn", 4, 3, 7, "nosub"),
          pair("e4m3fn:daz", "fn", 4, 3, 7, "daz"),
          pair("e4m3fn:nosub,daz", "fn", 4, 3, 7, "nosub,daz"),
          pair("e5m2:nosub", "ieee", 5, 2, 15, "nosub"),
          pair("e5m2:nosub,daz", "ieee", 5, 2, 15, "nosub,daz"),
          pair("e4m3fnuz:nosub,daz", "fnuz", 4, 3, 8, "nosub,daz"),
          pair("e3m2fn:nosub", "finite", 3, 2, 3, "nosub"),
          pair("e2m1fn:nosub", "finite", 2, 1, 1, "nosub"),
          pair("e2m1fn:daz", "finite", 2, 1, 1, "daz"),
          pair("e2m2:ieee,nosub", "ieee", 2, 2, 1, "nosub"),
          pair("e2m0:ieee,nosub,daz", "ieee", 2, 0, 1, "nosub,daz"),
          pair("e3m0:finite,nosub", "finite", 3, 0, 3, "nosub"),
          pair("binary8p3se:nosub", "p3109", 5, 2, 16, "nosub"),
          pair("binary8p4se:daz", "p3109", 4, 3, 8, "daz"),
          pair("binary8p1se:nosub", "p3109", 7, 0, 64, "nosub"),
          pair("binary6p3ue:nosub,daz", "p3109ue", 4, 2, 8, "nosub,daz"),
          pair("binary8p3uf:nosub", "p3109uf", 6, 2, 32, "nosub"));

  /** Every format above, once. */
  static final List<Pair> ALL = all();

  private static List<Pair> all() {
    List<Pair> all = new ArrayList<>(PUBLISHED);
    for (int k = 2; k <= 8; k++) {
      all.addAll(p3109(k));
    }
    all.addAll(EDGES);
    return List.copyOf(all);
  }

  static final List<RoundingMode> DETERMINISTIC =
      List.of(
          RoundingMode.RNE,
          RoundingMode.RNA,
          RoundingMode.RTZ,
          RoundingMode.RUP,
          RoundingMode.RDN,
          RoundingMode.RTO);

  static final List<OverflowRule> RULES =
      List.of(OverflowRule.NONE, OverflowRule.FINITE, OverflowRule.PROPAGATE);

  /** Random-bit counts to sample: alone, few, about a significand, and the most. */
  static final int[] RANDOM_BITS = {1, 2, 3, 4, 7, 12, 32};

  /** The quantizers that a result format is tried with. */
  static final class Quantizers {
    final List<Quantizer> deterministic = new ArrayList<>();
    final Quantizer[][] stochastic = new Quantizer[RULES.size()][33];

    Quantizers(Pair to) {
      boolean nanToZero = !to.oracle.hasNan();
      for (OverflowRule rule : RULES) {
        for (RoundingMode mode : DETERMINISTIC) {
          deterministic.add(new Quantizer(to.emulated, mode, rule, 0, nanToZero));
        }
        for (int n = 1; n <= 32; n++) {
          stochastic[rule.ordinal()][n] =
              new Quantizer(to.emulated, RoundingMode.SR, rule, n, nanToZero);
        }
      }
    }
  }

  /** Counts comparisons and keeps the first mismatch; shared by threads. */
  static final class Tally {
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicReference<String> first = new AtomicReference<>();

    void add(long comparisons) {
      count.addAndGet(comparisons);
    }

    void mismatch(Supplier<String> what) {
      if (wrong.incrementAndGet() == 1) {
        first.set(what.get());
      }
    }

    void check(long expectedComparisons) {
      assertEquals(0, wrong.get(), () -> "first mismatch: " + first.get());
      assertEquals(expectedComparisons, count.get(), "number of comparisons");
    }
  }
}
