package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.Cases;
import org.halfulp.kernel.DotProduct;
import org.halfulp.kernel.DotUnit;
import org.halfulp.kernel.Streams;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.DutException;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatorBuild;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code dot_product.v} against {@link DotUnit}, its exact twin, and {@link DotProduct} with
 * streams.
 */
class DotProductTest {
  /** One build and how its vectors are drawn. */
  record Case(Format a, Format b, Accumulator accumulator, int lanes, int maxLength, long seed) {
    Quantizer sum() {
      return accumulator.sum().orElseThrow();
    }

    int levels() {
      int beats = (maxLength + lanes - 1) / lanes;
      return 32 - Integer.numberOfLeadingZeros(beats - 1);
    }

    VerilatorBuild build(List<Path> sources) {
      VerilatorBuild build =
          VerilatorBuild.of("dot_product", sources)
              .with("LANES", lanes)
              .with("ORDER", accumulator.order().ordinal())
              .with("MAX_LENGTH", maxLength);
      build = Parameters.operand(Parameters.operand(build, "A_", a), "B_", b);
      return Parameters.quantizer(build, "", sum());
    }
  }

  record Counts(long vectors, long elements, long differing, String first) {}

  private static List<Path> rtl() {
    return RtlSources.of("dot_product", Fixtures.cache().folder());
  }

  static final Stalls[] STALLS = {
    Stalls.NONE, new Stalls(30, 0, 3), new Stalls(0, 40, 4), new Stalls(25, 35, 5)
  };

  static Counts run(List<Path> sources, Case c, int vectors, Stalls stalls) {
    Cases cases = new Cases(c.seed());
    DotUnit unit = new DotUnit(c.a(), c.b(), c.accumulator());
    RandomBits stream = new RandomBits(RandomBits.seed(c.seed(), Streams.FORWARD_SUM, 0));
    DotProduct tensor =
        new DotProduct(
            c.accumulator(),
            c.a(),
            c.b(),
            c.seed(),
            1,
            Streams.FORWARD_SUM,
            Streams.FORWARD_PRODUCT,
            null,
            new Streams(null, 0, 0, 1));
    int lanes = c.lanes();
    int bits = Math.max(1, c.sum().randomBits());
    int bw = c.b().width();
    List<long[]> xs = new ArrayList<>();
    List<long[]> ys = new ArrayList<>();
    List<long[]> draws = new ArrayList<>();
    int rows = 0;
    long elements = 0;
    for (int v = 0; v < vectors; v++) {
      int n =
          cases.oneIn(3)
              ? cases.between(1, c.maxLength())
              : cases.between(1, Math.min(c.maxLength(), 3 * lanes));
      int how = cases.between(0, 5);
      long[] x = codes(cases, c.a(), n, how);
      long[] y = codes(cases, c.b(), n, how);
      if (cases.oneIn(4)) { // cancellation: the second half takes the first one back
        for (int j = n / 2; j < n; j++) {
          x[j] = x[j - n / 2];
          y[j] = y[j - n / 2] ^ 1L << (bw - 1);
        }
      }
      long[] d = new long[unit.roundings(n)];
      if (c.sum().draws()) {
        for (int i = 0; i < d.length; i++) {
          d[i] = stream.draw(bits);
        }
      }
      xs.add(x);
      ys.add(y);
      draws.add(d);
      rows += (n + lanes - 1) / lanes;
      elements += n;
    }
    long differing = 0;
    String first = null;
    try (Rig rig = new Rig(c.build(sources), Math.max(rows, vectors))) {
      int row = 0;
      for (int v = 0; v < vectors; v++) {
        row = fill(rig, row, c, xs.get(v), ys.get(v), draws.get(v), cases);
      }
      assertEquals(rows, row);
      rig.run(rows, vectors, stalls);
      for (int v = 0; v < vectors; v++) {
        int n = xs.get(v).length;
        long got = rig.get(v, "out_y", 0, c.sum().format().width());
        int gotFlags = (int) rig.get(v, "out_flags", 0, 5);
        long want = unit.run(xs.get(v), ys.get(v), n, draws.get(v));
        int wantFlags = unit.flags();
        Rounded exact = unit.exactly(xs.get(v), ys.get(v), n, draws.get(v));
        double[] xv = Arrays.stream(xs.get(v)).mapToDouble(c.a()::toDouble).toArray();
        double[] yv = Arrays.stream(ys.get(v)).mapToDouble(c.b()::toDouble).toArray();
        double[] out = new double[1];
        tensor.run(xv, n, 1, yv, 1, n, false, out, null);
        String what =
            "%s %d lanes vector %d of %d: x=%s y=%s draws=%s rtl=%x/%x emu=%x/%x exact=%x/%x tensor=%s"
                .formatted(
                    unit,
                    lanes,
                    v,
                    n,
                    hex(xs.get(v)),
                    hex(ys.get(v)),
                    hex(draws.get(v)),
                    got,
                    gotFlags,
                    want,
                    wantFlags,
                    exact.code(),
                    exact.flags(),
                    out[0]);
        assertEquals(exact, new Rounded(want, wantFlags), what);
        assertEquals(
            Double.doubleToLongBits(c.sum().format().toDouble(want)),
            Double.doubleToLongBits(out[0]),
            what);
        if (got != want || gotFlags != wantFlags) {
          differing++;
          first = first == null ? what : first;
        }
      }
    }
    return new Counts(vectors, elements, differing, first);
  }

  private static String hex(long[] codes) {
    return Arrays.stream(codes).mapToObj(Long::toHexString).toList().toString();
  }

  /** Codes of any value, small ones, finite ones around one, or a few distinct ones. */
  private static long[] codes(Cases cases, Format format, int n, int how) {
    long[] codes = new long[n];
    for (int j = 0; j < n; j++) {
      long code = cases.random().nextLong() & format.mask();
      if (how > 0 && format instanceof FloatFormat f) {
        long one = Math.min((long) f.bias() << f.fracBits() & f.mask() >>> 1, f.maxFinite());
        long near =
            Math.max(
                0,
                Math.min(
                    f.maxFinite(), one + cases.between(-(6 << f.fracBits()), 6 << f.fracBits())));
        code = near | (cases.oneIn(2) ? 1L << (f.width() - 1) : 0);
        if (how == 4 && cases.oneIn(40)) {
          code = cases.random().nextLong() & format.mask();
        }
      } else if (how > 2) {
        code = cases.between(-9, 9) & format.mask();
      }
      if (cases.oneIn(12)) {
        code = cases.oneIn(2) ? 0 : 1L << (format.width() - 1);
      }
      if (format instanceof FloatFormat f
          && how > 0
          && how < 4
          && !Double.isFinite(f.toDouble(code))) {
        code = 0;
      }
      if (how == 5 && cases.oneIn(5) && format instanceof FloatFormat f && f.hasInfinity()) {
        code = f.infinity(cases.oneIn(2));
      }
      codes[j] = code;
    }
    return codes;
  }

  private static int fill(
      Rig rig, int from, Case c, long[] x, long[] y, long[] draws, Cases cases) {
    int lanes = c.lanes();
    int n = x.length;
    int beats = (n + lanes - 1) / lanes;
    int bits = Math.max(1, c.sum().randomBits());
    int aw = c.a().width();
    int bw = c.b().width();
    int perBeat = c.accumulator().order() == Order.TREE ? 2 * lanes - 1 + c.levels() : lanes;
    for (int b = 0; b < beats; b++) {
      int row = from + b;
      for (int l = 0; l < lanes; l++) {
        int j = b * lanes + l;
        boolean kept = j < n;
        rig.set(row, "in_a", l * aw, aw, kept ? x[j] : cases.random().nextLong() & c.a().mask());
        rig.set(row, "in_b", l * bw, bw, kept ? y[j] : cases.random().nextLong() & c.b().mask());
        rig.set(row, "in_keep", l, 1, kept ? 1 : 0);
      }
      rig.set(row, "in_first", 0, 1, b == 0 ? 1 : 0);
      rig.set(row, "in_last", 0, 1, b == beats - 1 ? 1 : 0);
      for (int i = 0; i < perBeat; i++) {
        rig.set(row, "in_rand", i * bits, bits, cases.random().nextLong() & (1L << bits) - 1);
      }
    }
    switch (c.accumulator().order()) {
      case EXACT -> rig.set(from + beats - 1, "in_rand", 0, bits, draws[0]);
      case SEQUENTIAL -> {
        for (int j = 0; j < n; j++) {
          rig.set(from + j / lanes, "in_rand", j % lanes * bits, bits, draws[j]);
        }
      }
      case TREE -> {
        for (int j = 0; j < n; j++) {
          rig.set(from + j / lanes, "in_rand", j % lanes * bits, bits, draws[j]);
        }
        int draw = n;
        int span = 2; // leaves of a full node of this level
        int inside = lanes; // draws before this level's, inside a beat
        int level = 0; // across beats
        for (int left = n; left > 1; left = (left + 1) / 2, span *= 2) {
          for (int i = 0; i + 1 < left; i += 2) {
            int first = i / 2 * span; // its first leaf
            // the right child's last leaf decides the beat
            int last = Math.min(n, first + span) - 1;
            int row = from + last / lanes;
            int slice = span <= lanes ? inside + first % lanes / span : 2 * lanes - 1 + level;
            rig.set(row, "in_rand", slice * bits, bits, draws[draw++]);
          }
          if (span <= lanes) {
            inside += lanes / span;
          } else {
            level++;
          }
        }
      }
    }
    return from + beats;
  }

  static Quantizer q(String format, RoundingMode mode, OverflowRule rule, int bits) {
    return new Quantizer(FormatName.parse(format).format(), mode, rule, bits, true);
  }

  static Accumulator acc(Order order, Quantizer sum) {
    return new Accumulator(order, order == Order.TREE ? 2 : 0, Optional.of(sum), Optional.empty());
  }

  private static final int[] LANES = {1, 4, 2, 8};

  static List<Case> cases(int from, int to) {
    List<Case> list = new ArrayList<>();
    for (int i = from; i < to; i++) {
      Cases cases = new Cases(9000 + i);
      Order order = Order.values()[i % 3];
      Format a = format(cases);
      Format b = format(cases);
      Quantizer sum =
          cases.quantizer(
              cases.oneIn(3)
                  ? new FixedFormat(true, cases.between(2, 32), cases.between(-4, 20))
                  : format(cases));
      int lanes = order == Order.TREE ? LANES[cases.between(0, 3)] : cases.between(1, 6);
      list.add(new Case(a, b, acc(order, sum), lanes, cases.between(lanes, 60), 100 + i));
    }
    return list;
  }

  static Format format(Cases cases) {
    if (cases.oneIn(3)) {
      return new FixedFormat(true, cases.between(2, 12), cases.between(-3, 12));
    }
    Format f;
    do {
      f = cases.floatFormat(6, 8);
    } while (f.width() < 2);
    return f;
  }

  @Test
  void equalsItsTwinsInEveryOrder() throws Exception {
    long vectors = 0;
    long elements = 0;
    int i = 0;
    int count = Integer.getInteger("dot.cases", 24);
    for (Case c :
        cases(Integer.getInteger("dot.from", 0), Integer.getInteger("dot.from", 0) + count)) {
      Counts r = run(rtl(), c, 400, STALLS[i++ % 4]);
      assertEquals(0, r.differing(), r.first());
      vectors += r.vectors();
      elements += r.elements();
    }
    System.out.printf(
        "dot_product: %d units, %d vectors of %d elements, 0 differing%n", i, vectors, elements);
    assertTrue(i > 0);
  }

  // ---- faults put in on purpose ----

  private record Seeded(String name, String file, String from, String to, Case check) {}

  private static Case floats(Order order, RoundingMode mode, int bits) {
    return new Case(
        FormatName.parse("e5m2").format(),
        FormatName.parse("e4m3:ieee").format(),
        acc(order, q("e5m4:ieee", mode, OverflowRule.NONE, bits)),
        4,
        40,
        5);
  }

  private static List<Seeded> faults() {
    Case exact = floats(Order.EXACT, RoundingMode.SR, 5);
    Case sequential = floats(Order.SEQUENTIAL, RoundingMode.RDN, 0);
    Case tree = floats(Order.TREE, RoundingMode.SR, 5);
    return List.of(
        new Seeded(
            "the register is not cleared",
            "dot_product.v",
            "(beat_first_q ? {ACC_W{1'b0}} : acc_q)",
            "acc_q",
            exact),
        new Seeded(
            "a lane without an element is added",
            "dot_product.v",
            "in_keep[l] ? p : {P_W{1'b0}}",
            "p",
            exact),
        new Seeded(
            "Inf - Inf in the exact sum",
            "dot_product.v",
            "special_q[1] & special_q[0] & ~special_q[3]",
            "1'b0",
            exact),
        new Seeded(
            "the draw of another beat",
            "dot_product.v",
            "rand_q    <= beat_rand_q;",
            "if (beat_first_q) rand_q <= beat_rand_q;",
            exact),
        new Seeded(
            "0 * Inf", "exact_product.v", "(b_inf & ~a_nan & ~(|a_sig) & ~a_inf)", "1'b0", exact),
        new Seeded(
            "the sum starts from the last one",
            "dot_product.v",
            "product_first_q ? {WIDTH{1'b0}} : s_q",
            "s_q",
            sequential),
        new Seeded(
            "flags of the last rounding alone",
            "dot_product.v",
            "flags | flags_before : flags_before",
            "flags : flags_before",
            sequential),
        new Seeded(
            "the sign of a cancelled sum",
            "exact_sum.v",
            "opposite ? ROUND == RDN : in_x_sign",
            "opposite ? 1'b0 : in_x_sign",
            sequential),
        new Seeded("the odd one is added to nothing", "dot_node.v", "both ?", "1'b1 ?", tree),
        new Seeded(
            "a left node survives its vector",
            "dot_product.v",
            "step ? ~waiting_q & ~up_last[r]",
            "step ? ~waiting_q",
            tree),
        new Seeded(
            "a level above draws its neighbour's bits",
            "dot_product.v",
            "draws[LEFT*RAND_BITS-1:RAND_BITS]",
            "draws[(LEFT-1)*RAND_BITS-1:0]",
            tree),
        new Seeded(
            "leaves in the wrong lanes",
            "dot_product.v",
            "rand_q[l*RAND_BITS+:RAND_BITS]",
            "rand_q[(l^1)*RAND_BITS+:RAND_BITS]",
            tree));
  }

  @Test
  void everyFaultIsSeen(@TempDir Path temp) throws Exception {
    int n = 0;
    for (Seeded s : faults()) {
      RtlMutant mutant = RtlMutant.of(s.name(), s.file(), s.from(), s.to());
      Counts r;
      try {
        r = run(mutant.write(rtl(), temp.resolve("mutant" + n++)), s.check(), 600, STALLS[3]);
      } catch (DutException e) {
        System.out.printf("dot_product fault '%s': %s%n", s.name(), e.getMessage());
        continue;
      }
      System.out.printf(
          "dot_product fault '%s': %d of %d vectors differ%n",
          s.name(), r.differing(), r.vectors());
      assertTrue(r.differing() > 0, s.name());
      assertTrue(r.differing() < r.vectors(), s.name());
    }
  }

  @Test
  void nothingDiffersWithoutAFault() throws Exception {
    for (Seeded s : faults()) {
      Counts r = run(rtl(), s.check(), 600, STALLS[3]);
      assertEquals(0, r.differing(), r.first());
    }
  }
}
