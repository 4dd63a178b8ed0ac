package org.halfulp.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.halfulp.kernel.Elementwise.Op;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** The fast element-wise operations beside {@code Arithmetic} on exact values. */
class ElementwiseTest {
  private static final String[] FORMATS = {
    "e4m3:ieee",
    "e4m3fn",
    "e5m2fnuz",
    "e3m2:finite",
    "e4m3:p3109",
    "binary8p3sf",
    "e4m3:ieee,nosub",
    "e5m2:ieee,daz",
    "bf16",
    "fp16",
    "e6m9:fn,nosub,daz",
    "e8m7:p3109",
    "e8m15",
    "float32",
    "q4.4",
    "q8.8",
    "q-2.10",
    "q16.16",
    "q2.30",
    "e5m0:ieee"
  };

  private static List<Quantizer> quantizers(Format format) {
    List<Quantizer> all = new ArrayList<>();
    for (RoundingMode mode : RoundingMode.values()) {
      for (OverflowRule rule : OverflowRule.values()) {
        if (rule.fits(format) && !(mode.fixedOnly() && format instanceof FloatFormat)) {
          all.add(new Quantizer(format, mode, rule, mode == RoundingMode.SR ? 7 : 0, true));
        }
      }
    }
    return all;
  }

  /** Codes whose exponents, signs and ends of range meet: a quarter of them are extreme. */
  private static long code(Format f, SplittableRandom random, long near) {
    long any = random.nextLong() & f.mask();
    return switch (random.nextInt(8)) {
      case 0 -> any & 3;
      case 1 -> f.mask() & ~(any & 3);
      case 2 -> f.maxFinite() - (any & 1) & f.mask();
      case 3 -> near + (any & 15) - 8 & f.mask();
      case 4 -> (near ^ 1L << (f.width() - 1)) & f.mask();
      default -> any;
    };
  }

  private static long compare(Op op, List<Format> formats, Quantizer to, int n, long seed) {
    Elementwise fast = new Elementwise(op, formats, to);
    SplittableRandom random = new SplittableRandom(seed);
    long[] a = new long[n];
    long[] b = new long[n];
    long[] c = new long[n];
    long[] r = new long[n];
    for (int i = 0; i < n; i++) {
      a[i] = code(formats.get(0), random, random.nextLong());
      b[i] = op.operands() > 1 ? code(formats.get(1), random, a[i]) : 0;
      c[i] = op.operands() > 2 ? code(formats.get(2), random, b[i]) : 0;
      r[i] = random.nextLong() & (1L << to.randomBits()) - 1;
    }
    long[] out = new long[n];
    long[] flags = new long[n];
    fast.apply(a, b, c, r, out, flags, 0, n);
    for (int i = 0; i < n; i++) {
      int at = i;
      Rounded exact = Elementwise.exactly(op, formats, a[i], b[i], c[i], to, r[i]);
      assertEquals(exact, new Rounded(out[i], (int) flags[i]), () -> what(fast, a, b, c, r, at));
      assertEquals(exact.code(), fast.apply(a[i], b[i], c[i], r[i]));
      assertEquals(exact.flags(), fast.flags());
    }
    return n;
  }

  private static String what(Elementwise fast, long[] a, long[] b, long[] c, long[] r, int i) {
    return "%s a=%x b=%x c=%x r=%x".formatted(fast, a[i], b[i], c[i], r[i]);
  }

  @Test
  void equalsTheExactTwin() {
    long compared = 0;
    for (String name : FORMATS) {
      Format f = FormatName.parse(name).format();
      for (Quantizer to : quantizers(f)) {
        for (Op op : Op.values()) {
          compared += compare(op, Collections.nCopies(op.operands(), f), to, 500, compared);
        }
      }
    }
    System.out.printf("Elementwise: %d results compared%n", compared);
    assertTrue(compared > 1_000_000, "compared " + compared);
  }

  @Test
  void mixesFormats() {
    Format[] all = new Format[FORMATS.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = FormatName.parse(FORMATS[i]).format();
    }
    long compared = 0;
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 400; i++) {
      Op op = Op.values()[i % Op.values().length];
      List<Format> formats = new ArrayList<>();
      for (int k = 0; k < op.operands(); k++) {
        formats.add(all[random.nextInt(all.length)]);
      }
      List<Quantizer> to = quantizers(all[random.nextInt(all.length)]);
      compared += compare(op, formats, to.get(random.nextInt(to.size())), 1000, i);
    }
    assertEquals(400_000, compared);
  }

  @Test
  void tablesHoldEveryPair() {
    Format f = FormatName.parse("e4m3:ieee").format();
    Quantizer to = new Quantizer(f, RoundingMode.RNE);
    Elementwise add = new Elementwise(Op.ADD, List.of(f, f), to);
    for (int i = 0; i < 1 << 16; i++) {
      Rounded exact = Elementwise.exactly(Op.ADD, List.of(f, f), i >> 8, i & 255, 0, to, 0);
      assertEquals(exact, new Rounded(add.apply(i >> 8, i & 255, 0, 0), add.flags()));
    }
  }

  @Test
  void refusesTheWrongNumberOfOperands() {
    Format q = new FixedFormat(true, 8, 4);
    Quantizer to = new Quantizer(q, RoundingMode.RNE);
    assertThrows(IllegalArgumentException.class, () -> new Elementwise(Op.FMA, List.of(q, q), to));
  }
}
