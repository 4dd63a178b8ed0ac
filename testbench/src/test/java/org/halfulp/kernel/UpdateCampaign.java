package org.halfulp.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Flags;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;

/** Puts an implementation of the update unit beside {@link UpdateUnit#exactly}. */
final class UpdateCampaign {
  private UpdateCampaign() {}

  /** An implementation at work: {@link SgdUpdate#update}, or a mutant. */
  interface Updater {
    void update(long[] w, long[] g, long step, long[] out, int[] flags, int n);
  }

  interface Implementation {
    Updater of(UpdateUnit unit, int lanes, long seed);
  }

  /** One unit and one step code; its operands follow from {@code seed} or are all pairs. */
  record Case(UpdateUnit unit, int lanes, long seed, long step, boolean allPairs, int count) {}

  /**
   * What a campaign saw.
   *
   * @param distinct inputs (unit, w, g, step) that differ from each other
   * @param first the first difference, or null
   */
  record Result(long compared, long distinct, long differing, String first) {}

  static Result run(Implementation implementation, List<Case> cases) {
    long compared = 0;
    long distinct = 0;
    long differing = 0;
    String first = null;
    Set<Case> seen = new HashSet<>();
    for (Case c : cases) {
      UpdateUnit unit = c.unit;
      Updater updater = implementation.of(unit, c.lanes, c.seed);
      int n = c.count;
      long[] w = new long[n];
      long[] g = new long[n];
      operands(c, w, g);
      distinct += seen.add(c) ? distinct(unit, w, g) : 0;
      PlainStreams weights =
          new PlainStreams(Optional.of(unit.weight()), c.seed, Streams.WEIGHT, c.lanes);
      PlainStreams products =
          new PlainStreams(unit.product(), c.seed, Streams.UPDATE_PRODUCT, c.lanes);
      // Two tensors, the first one not a whole number of beats, so that the unused lanes count.
      int cut = n / 3 | 1;
      for (int[] part : new int[][] {{0, cut}, {cut, n}}) {
        long[] pw = Arrays.copyOfRange(w, part[0], part[1]);
        long[] pg = Arrays.copyOfRange(g, part[0], part[1]);
        long[] out = new long[pw.length];
        int[] flags = new int[pw.length];
        updater.update(pw, pg, c.step, out, flags, pw.length);
        for (int i = 0; i < pw.length; i++) {
          Rounded expected =
              unit.exactly(pw[i], pg[i], c.step, weights.forElement(i), products.forElement(i));
          compared++;
          if (expected.code() != out[i] || expected.flags() != flags[i]) {
            differing++;
            first =
                first != null ? first : difference(c, i, pw[i], pg[i], expected, out[i], flags[i]);
          }
        }
        weights.endTensor();
        products.endTensor();
      }
    }
    return new Result(compared, distinct, differing, first);
  }

  private static void operands(Case c, long[] w, long[] g) {
    Cases cases = new Cases(c.seed);
    Format wf = c.unit.weight().format();
    Format gf = c.unit.gradient();
    for (int i = 0; i < w.length; i++) {
      w[i] = c.allPairs ? i & wf.mask() : cases.random().nextLong() & wf.mask();
      g[i] = c.allPairs ? i >>> wf.width() : cases.random().nextLong() & gf.mask();
    }
  }

  private static long distinct(UpdateUnit unit, long[] w, long[] g) {
    long[] keys = new long[w.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = w[i] << unit.gradient().width() | g[i];
    }
    return Arrays.stream(keys).distinct().count();
  }

  private static String difference(
      Case c, int i, long w, long g, Rounded expected, long code, int flags) {
    Format wf = c.unit.weight().format();
    Format gf = c.unit.gradient();
    return "%s, lanes %d seed %d element %d: w=%s (%s) g=%s (%s) step=%d: exactly=%s %s got=%s %s"
        .formatted(
            c.unit,
            c.lanes,
            c.seed,
            i,
            wf.hex(w),
            wf.decode(w),
            gf.hex(g),
            gf.decode(g),
            c.step,
            wf.hex(expected.code()),
            Flags.describe(expected.flags()),
            wf.hex(code),
            Flags.describe(flags));
  }

  static Quantizer quantizer(String format, RoundingMode mode, int bits, OverflowRule rule) {
    return new Quantizer(FormatName.parse(format).format(), mode, rule, bits, true);
  }

  static Quantizer quantizer(String format, RoundingMode mode, int bits) {
    Format f = FormatName.parse(format).format();
    return new Quantizer(f, mode, OverflowRule.defaultFor(f), bits, true);
  }

  static Case pairs(UpdateUnit unit, int lanes, long seed, long step) {
    int count = 1 << unit.weight().format().width() + unit.gradient().width();
    return new Case(unit, lanes, seed, step, true, count);
  }

  static Case random(UpdateUnit unit, int lanes, long seed, long step, int count) {
    return new Case(unit, lanes, seed, step, false, count);
  }

  /** A short list on which every seeded fault shows. */
  static List<Case> faultCases() {
    FixedFormat step = new FixedFormat(false, 8, 6);
    List<UpdateUnit> units = new ArrayList<>();
    for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.SR)) {
      int bits = mode == RoundingMode.SR ? 9 : 0;
      for (String name : List.of("e4m3", "e5m2:daz", "bf16", "e3m4:finite,nosub", "q2.6", "q8.8")) {
        Format gradient = FormatName.parse(name).format();
        Quantizer weight = quantizer(name, mode, bits);
        String wide = name.startsWith("q") ? "q4.10" : "e6m5";
        units.add(new UpdateUnit(weight, gradient, Optional.empty(), step));
        units.add(new UpdateUnit(weight, gradient, Optional.of(quantizer(wide, mode, bits)), step));
      }
    }
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      cases.add(random(units.get(i), 1 + i % 5, 100 + i, 1 + 36L * (i % 7), 3001));
    }
    return cases;
  }
}
