package org.halfulp.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.halfulp.number.EnumeratedFormat.Exact;
import org.halfulp.number.SmallFormats.Pair;
import org.halfulp.number.SmallFormats.Quantizers;
import org.halfulp.number.SmallFormats.Tally;
import org.junit.jupiter.api.Test;

/**
 * Every code, or pair, or triple of codes of the small formats, against {@link EnumeratedFormat}.
 */
class SmallFormatsTest {
  /** Stochastic draws tried on each operand pair and range rule, beside the six other modes. */
  private static final int DRAWS = 2;

  private static final int CONFIGURATIONS =
      SmallFormats.RULES.size() * (SmallFormats.DETERMINISTIC.size() + DRAWS);

  @Test
  void theFormatsAreThoseWeMean() {
    assertEquals(11, SmallFormats.PUBLISHED.size());
    assertEquals(48, SmallFormats.EDGES.size());
    // K = 2: p1sf, p1ue is empty, p1uf, p2uf; K > 2: K-1 signed and K unsigned precisions, two
    // each.
    assertEquals(3, SmallFormats.p3109(2).size());
    assertEquals(30, SmallFormats.p3109(8).size());
    assertEquals(11 + 48 + 3 + 10 + 14 + 18 + 22 + 26 + 30, SmallFormats.ALL.size());
    Set<String> names = new HashSet<>();
    SmallFormats.ALL.forEach(pair -> names.add(pair.emulated().name()));
    assertEquals(SmallFormats.ALL.size(), names.size(), "a format is listed twice");
    for (FormatName.Published published : FormatName.published()) {
      if (published.format().width() <= 8) {
        assertTrue(
            SmallFormats.PUBLISHED.stream().anyMatch(p -> p.emulated().equals(published.format())),
            published.name());
      }
    }
  }

  @Test
  void decodesEveryCode() {
    Tally tally = new Tally();
    long expected = 0;
    for (Pair pair : SmallFormats.ALL) {
      EnumeratedFormat oracle = pair.oracle();
      FloatFormat format = pair.emulated();
      assertEquals(oracle.width, format.width());
      assertEquals(oracle.largestCode(), format.maxFinite(), oracle.name);
      assertEquals(oracle.hasNan(), format.hasNan(), oracle.name);
      assertEquals(oracle.infinityCode() >= 0, format.hasInfinity(), oracle.name);
      expected += pair.codes();
      for (int i = 0; i < pair.codes(); i++) {
        int code = i;
        tally.add(1);
        double want = oracle.toDouble(code);
        double got = format.toDouble(code);
        boolean signaling = oracle.kind(code) == EnumeratedFormat.Kind.SIGNALING;
        if (Double.doubleToLongBits(want) != Double.doubleToLongBits(got)
            || signaling != format.decode(code).isSignaling()) {
          tally.mismatch(
              () -> "%s %s: %s, not %s".formatted(oracle.name, format.hex(code), got, want));
        }
      }
      int codes = pair.codes();
      assertThrows(IllegalArgumentException.class, () -> format.decode(codes));
      assertThrows(IllegalArgumentException.class, () -> format.decode(-1));
    }
    tally.check(expected);
  }

  @Test
  void encodesValuesMidpointsAndTheirNeighbours() {
    // Each gap between two values of the list is cut in 8; beside the cuts, a hair on each side.
    int[] bits = {1, 2, 3};
    int draws = 2 + 4 + 8; // all of them
    Tally tally = new Tally();
    long expected = 0;
    for (Pair pair : SmallFormats.ALL) {
      int gaps = pair.oracle().values().size() - 1;
      expected +=
          2L
              * gaps
              * 8
              * 3
              * (SmallFormats.RULES.size() * SmallFormats.DETERMINISTIC.size() + draws);
    }
    SmallFormats.ALL.parallelStream()
        .forEach(
            pair -> {
              EnumeratedFormat oracle = pair.oracle();
              Quantizers quantizers = new Quantizers(pair);
              int hair = 40;
              List<BigInteger> values = oracle.values();
              for (int i = 0; i + 1 < values.size(); i++) {
                BigInteger low = values.get(i).shiftLeft(3 + hair);
                BigInteger eighth = values.get(i + 1).subtract(values.get(i)).shiftLeft(hair);
                for (int cut = 0; cut < 8; cut++) {
                  for (int side = -1; side <= 1; side++) {
                    BigInteger magnitude =
                        low.add(eighth.multiply(BigInteger.valueOf(cut)))
                            .add(BigInteger.valueOf(side))
                            .abs();
                    for (boolean negative : new boolean[] {false, true}) {
                      int exponent = oracle.unit - 3 - hair;
                      Real x = Real.of(negative, magnitude, exponent);
                      Exact exact = oracle.in(negative, magnitude, exponent);
                      for (Quantizer q : quantizers.deterministic) {
                        check(tally, pair, exact, q, 0, q.round(x, 0), x);
                      }
                      long count = quantizers.deterministic.size();
                      for (int n : bits) {
                        Quantizer q = quantizers.stochastic[OverflowRule.NONE.ordinal()][n];
                        for (long r = 0; r < 1L << n; r++) {
                          check(tally, pair, exact, q, r, q.round(x, r), x);
                          count++;
                        }
                      }
                      tally.add(count);
                    }
                  }
                }
              }
            });
    tally.check(expected);
  }

  @Test
  void convertsBetweenEveryOrderedPair() {
    Tally tally = new Tally();
    long codes = SmallFormats.ALL.stream().mapToLong(Pair::codes).sum();
    SmallFormats.ALL.parallelStream()
        .forEach(
            to -> {
              Quantizers quantizers = new Quantizers(to);
              for (Pair from : SmallFormats.ALL) {
                for (int a = 0; a < from.codes(); a++) {
                  int code = a;
                  Exact exact = to.oracle().convert(from.oracle(), a);
                  tryAll(
                      tally,
                      to,
                      quantizers,
                      exact,
                      a,
                      (q, r) -> Arithmetic.convert(from.emulated(), code, q, r),
                      () -> "convert from " + from.oracle().name + " " + hex(from, code));
                }
              }
            });
    tally.check(codes * SmallFormats.ALL.size() * CONFIGURATIONS);
  }

  @Test
  void addsEveryPair() {
    everyPair(
        "add",
        SmallFormats.ALL,
        EnumeratedFormat::add,
        (f, a, b, q, r) -> Arithmetic.add(f, a, b, q, r));
  }

  @Test
  void multipliesEveryPair() {
    everyPair(
        "mul",
        SmallFormats.ALL,
        EnumeratedFormat::mul,
        (f, a, b, q, r) -> Arithmetic.mul(f, a, b, q, r));
  }

  @Test
  void dividesEveryPair() {
    everyPair(
        "div", named(), EnumeratedFormat::div, (f, a, b, q, r) -> Arithmetic.div(f, a, b, q, r));
  }

  @Test
  void subtractsEveryPairAsAddingTheNegative() {
    // The oracle has no sub: for formats with signs, a - b is a + (b with the other sign bit),
    // also for zeros and infinities; NaN stays NaN.
    List<Pair> ieee = new ArrayList<>(named());
    ieee.removeIf(
        pair -> pair.emulated().family() != Family.IEEE && pair.emulated().family() != Family.FN);
    assertEquals(28, ieee.size());
    everyPair(
        "sub",
        ieee,
        (to, from, a, b) -> to.add(from, a, b ^ 1 << (from.width - 1)),
        (f, a, b, q, r) -> Arithmetic.sub(f, a, b, q, r));
  }

  @Test
  void takesEverySquareRoot() {
    Tally tally = new Tally();
    for (Pair pair : SmallFormats.ALL) {
      Quantizers quantizers = new Quantizers(pair);
      for (int a = 0; a < pair.codes(); a++) {
        int code = a;
        tryAll(
            tally,
            pair,
            quantizers,
            pair.oracle().sqrt(pair.oracle(), a),
            a,
            (q, r) -> Arithmetic.sqrt(pair.emulated(), code, q, r),
            () -> "sqrt " + hex(pair, code));
      }
    }
    tally.check(SmallFormats.ALL.stream().mapToLong(Pair::codes).sum() * CONFIGURATIONS);
  }

  @Test
  void fusesEveryTripleOfFormatsOfAtMostFiveBits() {
    List<Pair> formats =
        SmallFormats.ALL.stream().filter(pair -> pair.oracle().width <= 5).toList();
    Tally tally = new Tally();
    formats.parallelStream()
        .forEach(
            pair -> {
              Quantizers quantizers = new Quantizers(pair);
              int n = pair.codes();
              for (int i = 0; i < n * n * n; i++) {
                int a = i / (n * n);
                int b = i / n % n;
                int c = i % n;
                tryAll(
                    tally,
                    pair,
                    quantizers,
                    pair.oracle().fma(pair.oracle(), a, b, c),
                    i,
                    (q, r) -> Arithmetic.fma(pair.emulated(), a, b, c, q, r),
                    () -> "fma " + hex(pair, a) + " " + hex(pair, b) + " " + hex(pair, c));
              }
            });
    long triples = formats.stream().mapToLong(p -> (long) p.codes() * p.codes() * p.codes()).sum();
    tally.check(triples * CONFIGURATIONS);
  }

  @Test
  void refusesExactlyTheShapesWithoutAFiniteValue() {
    int checked = 0;
    int refused = 0;
    for (Family family : Family.values()) {
      for (int e = 1; e <= 8; e++) {
        for (int m = 0; (family.signed() ? 1 : 0) + e + m <= 8; m++) {
          for (boolean subnormals : new boolean[] {true, false}) {
            if (family == Family.FNU && m > 0) {
              continue;
            }
            int bias = family.defaultBias(e);
            boolean useful =
                new EnumeratedFormat("?", family.label(), e, m, bias, !subnormals, false).useful();
            int expBits = e;
            int fracBits = m;
            checked++;
            if (useful) {
              assertEquals(
                  expBits, new FloatFormat(e, m, bias, family, subnormals, false).expBits());
            } else {
              refused++;
              assertThrows(
                  IllegalArgumentException.class,
                  () -> new FloatFormat(expBits, fracBits, bias, family, subnormals, false),
                  () -> "e%dm%d:%s".formatted(expBits, fracBits, family));
            }
          }
        }
      }
    }
    assertEquals(6 * 28 * 2 + 2 * 36 * 2 + 8 * 2, checked);
    assertTrue(refused > 10, "refused " + refused);
  }

  // ---- the machinery ----

  /**
   * The published formats, the edges, and of P3109's those of 6 bits: for the slower operations.
   */
  private static List<Pair> named() {
    List<Pair> named = new ArrayList<>(SmallFormats.PUBLISHED);
    named.addAll(SmallFormats.p3109(6));
    named.addAll(SmallFormats.EDGES);
    return named;
  }

  private interface OraclePair {
    Exact of(EnumeratedFormat to, EnumeratedFormat from, int a, int b);
  }

  private interface EmulatedPair {
    Rounded of(FloatFormat from, long a, long b, Quantizer to, long r);
  }

  private interface Emulated {
    Rounded of(Quantizer to, long r);
  }

  private interface What {
    String text();
  }

  private static void everyPair(
      String op, List<Pair> formats, OraclePair oracle, EmulatedPair emulated) {
    Tally tally = new Tally();
    formats.parallelStream()
        .forEach(
            pair -> {
              Quantizers quantizers = new Quantizers(pair);
              int n = pair.codes();
              for (int i = 0; i < n * n; i++) {
                int a = i / n;
                int b = i % n;
                tryAll(
                    tally,
                    pair,
                    quantizers,
                    oracle.of(pair.oracle(), pair.oracle(), a, b),
                    i,
                    (q, r) -> emulated.of(pair.emulated(), a, b, q, r),
                    () -> op + " " + hex(pair, a) + " " + hex(pair, b));
              }
            });
    long pairs = formats.stream().mapToLong(p -> (long) p.codes() * p.codes()).sum();
    tally.check(pairs * CONFIGURATIONS);
  }

  private static String hex(Pair pair, int code) {
    return pair.emulated().hex(code) + " (" + pair.oracle().toDouble(code) + ")";
  }

  private static void tryAll(
      Tally tally,
      Pair to,
      Quantizers quantizers,
      Exact exact,
      int index,
      Emulated emulated,
      What what) {
    int count = 0;
    for (Quantizer q : quantizers.deterministic) {
      compare(tally, to, exact, q, 0, emulated.of(q, 0), what);
      count++;
    }
    for (OverflowRule rule : SmallFormats.RULES) {
      for (int draw = 0; draw < DRAWS; draw++) {
        long mixed = ((long) index * 6 + rule.ordinal() * 2 + draw) * 0x9E3779B97F4A7C15L;
        int bits = SmallFormats.RANDOM_BITS[(int) (mixed >>> 40) % SmallFormats.RANDOM_BITS.length];
        long r = (mixed >>> 7) & ((1L << bits) - 1);
        Quantizer q = quantizers.stochastic[rule.ordinal()][bits];
        compare(tally, to, exact, q, r, emulated.of(q, r), what);
        count++;
      }
    }
    tally.add(count);
  }

  private static void compare(
      Tally tally, Pair to, Exact exact, Quantizer q, long r, Rounded got, What what) {
    int want = exact.round(q.rounding(), q.randomBits(), r, q.overflow());
    if (want != EnumeratedFormat.pack((int) got.code(), got.flags()) || got.code() > 255) {
      tally.mismatch(
          () ->
              "%s to %s r=%d: %s %s, not %s %s"
                  .formatted(
                      what.text(),
                      q,
                      r,
                      hex(to, (int) got.code()),
                      Flags.describe(got.flags()),
                      hex(to, want & 0xFFFF),
                      Flags.describe(want >>> 16)));
    }
  }

  private static void check(
      Tally tally, Pair to, Exact exact, Quantizer q, long r, Rounded got, Real x) {
    compare(tally, to, exact, q, r, got, () -> "encode " + x);
  }

  @Test
  void strictUseThrowsWhereTheOracleHasNoNan() {
    int thrown = 0;
    for (Pair pair : SmallFormats.ALL) {
      if (pair.oracle().hasNan()) {
        continue;
      }
      Quantizer strict = new Quantizer(pair.emulated(), RoundingMode.RNE);
      FloatFormat from = FloatFormat.FLOAT16;
      assertThrows(NanException.class, () -> Arithmetic.convert(from, from.nan(), strict, 0));
      thrown++;
    }
    assertEquals(
        thrown,
        IntStream.range(0, SmallFormats.ALL.size())
            .filter(i -> !SmallFormats.ALL.get(i).oracle().hasNan())
            .count());
    assertTrue(thrown > 10);
  }
}
