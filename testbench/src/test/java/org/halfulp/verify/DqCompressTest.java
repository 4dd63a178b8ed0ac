package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.input.MatrixMarket;
import org.halfulp.kernel.Cases;
import org.halfulp.kernel.DqCompress;
import org.halfulp.learn.DifferentialDescent.Form;
import org.halfulp.learn.FixedDescent;
import org.halfulp.learn.UniformQuantizer;
import org.halfulp.number.FixedFormat;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.theory.DifferentialRange;
import org.halfulp.theory.GradientMethod;
import org.halfulp.verify.Campaign.Options;
import org.halfulp.verify.Campaign.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dq_compress.v} and its twins. */
class DqCompressTest {
  private static final int UNITS = Integer.getInteger("compress.units", 2);
  private static final long VECTORS = 20_000;
  private static final ModelCache CACHE = Fixtures.cache();

  private static DqCompressUnit unit(Cases cases, boolean momentum) {
    int g = cases.between(2, 14);
    int e = cases.between(2, 14);
    FixedFormat gradient = new FixedFormat(true, g, cases.between(-2, 10));
    FixedFormat error = new FixedFormat(true, e, cases.between(-2, 10));
    Optional<FixedFormat> factor =
        momentum
            ? Optional.of(new FixedFormat(false, cases.between(1, 8), cases.between(0, 8)))
            : Optional.empty();
    int most = new DqCompress(gradient, error, factor, 1).value().width() - 2;
    return new DqCompressUnit(
        gradient, error, factor, cases.between(1, Math.min(12, most)), cases.between(1, 6));
  }

  private static Result run(DqCompressUnit unit, List<Path> sources, int lanes, Stalls stalls) {
    return Campaign.run(
        unit,
        CACHE,
        sources,
        Options.DEFAULT.lanes(lanes).vectors(VECTORS).threads(1).stalls(stalls));
  }

  @Test
  void theRtlEqualsItsTwins() {
    List<Path> sources = RtlSources.of("dq_compress", CACHE.folder());
    long compared = 0;
    for (int i = 0; i < UNITS; i++) {
      Cases cases = new Cases(2002 + i);
      DqCompressUnit unit = unit(cases, i % 2 == 1);
      Result r = run(unit, sources, cases.between(1, 5), DotProductTest.STALLS[i % 4]);
      assertEquals(0, r.differing(), () -> unit.describe() + ": " + r.failure());
      assertTrue(r.compared() >= VECTORS || r.exhausted(), unit::describe);
      compared += r.compared();
    }
    System.out.printf("dq_compress: %d units, %d words compared, 0 differing%n", UNITS, compared);
  }

  /** Shift, clamp and appended one against the quantizer's formula on integers of any size. */
  @Test
  void theFastTwinEqualsTheFormula() {
    long saturated = 0;
    int edges = 0;
    for (int i = 0; i < 400; i++) {
      Cases cases = new Cases(i);
      DqCompressUnit unit = unit(cases, i % 2 == 1);
      DqCompress kernel = unit.kernel();
      int g = unit.gradient().width();
      int e = unit.error().width();
      for (int k = 0; k < 200; k++) {
        long gradient = cases.between(-(1 << g - 1), (1 << g - 1) - 1);
        long now = cases.between(-(1 << e - 1), (1 << e - 1) - 1);
        long last = cases.between(-(1 << e - 1), (1 << e - 1) - 1);
        long gamma =
            unit.factor().isPresent()
                ? cases.between(0, (1 << unit.factor().get().width()) - 1)
                : 0;
        int shift = cases.between(0, (1 << unit.shiftWidth()) - 1);
        kernel.compress(gradient, now, last, gamma, shift);
        assertEquals(
            kernel.exactly(gradient, now, last, gamma, shift),
            new DqCompress.Compressed(kernel.code(), kernel.q(), kernel.e(), kernel.saturated()),
            unit::describe);
        assertEquals(kernel.q(), kernel.expand(kernel.code(), shift));
        assertTrue(Math.abs(kernel.e()) <= kernel.value().maxFinite());
        saturated += kernel.saturated() ? 1 : 0;
        edges +=
            !kernel.saturated()
                    && kernel.e() < 0
                    && kernel.q() - kernel.e() == -2 * kernel.e() << unit.bits() - 1
                ? 1
                : 0;
      }
    }
    assertTrue(saturated > 1000 && edges > 10, saturated + " saturated, " + edges + " on the edge");
  }

  @Test
  void refusesWhatItCannotHold() {
    FixedFormat wide = new FixedFormat(true, 60, 0);
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new DqCompress(new FixedFormat(true, 8, 8), wide, Optional.empty(), 4));
    assertTrue(e.getMessage().contains("at most 62"), e::getMessage);
    FixedFormat q = new FixedFormat(true, 8, 4);
    assertThrows(IllegalArgumentException.class, () -> new DqCompress(q, q, Optional.empty(), 8));
    assertThrows(
        IllegalArgumentException.class,
        () -> Catalogue.of("dq_compress").unit(UnitRequest.DEFAULT.with("LEVELS", 3)));
  }

  /**
   * DQ-GD at 5 bits on ash331: each word of each step, and the points of the unquantized method.
   */
  @Test
  void theSurveyRunsInLockstep() {
    MatrixMarket.Matrix a = MatrixMarket.read(Path.of("..", "examples", "ash331.mtx"));
    int n = a.columns();
    int place = 28;
    long[] y = new long[a.rows()];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.round((7 * (i + 1) % 11 - 5) / 5.0 * (1 << 12)) << place - 12;
    }
    FixedDescent.Gradient f =
        (z, g) -> {
          Arrays.fill(g, 0);
          for (int i = 0; i < y.length; i++) {
            long residual = -y[i];
            for (int j = 0; j < n; j++) {
              residual += (long) a.values()[i * n + j] * z[j];
            }
            for (int j = 0; j < n; j++) {
              g[j] += (long) a.values()[i * n + j] * residual;
            }
          }
          for (int j = 0; j < n; j++) {
            g[j] = g[j] + (1 << 7) >> 8; // to 20 fraction bits
          }
        };
    FixedFormat q = new FixedFormat(true, 28, 20);
    DqCompressUnit unit = new DqCompressUnit(q, q, Optional.empty(), 5, 5);
    // eta = 27/256 is 2 / (L + mu) for an L just above the matrix's and a mu below it
    double l = 17.25;
    double mu = 2 * 256 / 27.0 - l;
    DifferentialRange ranges =
        new DifferentialRange(
            GradientMethod.GD, l, mu, 2.68, UniformQuantizer.contraction(n, 32), 0, true);
    FixedFormat step = new FixedFormat(false, 8, 8);
    FixedDescent run =
        new FixedDescent(
            Form.GD,
            f,
            new long[n],
            place,
            unit.kernel(),
            27,
            step,
            0,
            () -> Math.getExponent(ranges.getAsDouble()));
    FixedDescent plain =
        new FixedDescent(Form.GD, f, new long[n], place, unit.kernel(), 27, step, 0, null);
    int lanes = 8;
    int beats = n / lanes;
    List<Path> sources = RtlSources.of("dq_compress", CACHE.folder());
    long[][] in = UnitModel.columns(unit.inputs(), lanes, beats);
    long[][] got = UnitModel.columns(unit.outputs(), lanes, beats);
    long compared = 0;
    int steps = 90;
    try (UnitModel rtl =
        new UnitModel(
            unit,
            CACHE.build(unit.build(sources, lanes)),
            lanes,
            beats,
            1,
            Map.of(),
            System.err::println)) {
      for (int t = 0; t < steps; t++) {
        long[] before = run.error().clone();
        run.step();
        plain.step();
        assertArrayEquals(plain.point(), run.point(), "step " + t);
        Arrays.fill(in[4], run.shift());
        for (int j = 0; j < n; j++) {
          in[0][j] = run.gradient()[j] & q.mask();
          in[1][j] = before[j] & q.mask();
        }
        rtl.run(in, beats, beats, Stalls.NONE);
        rtl.answers(got, beats);
        for (int j = 0; j < n; j++) {
          assertEquals(run.codes()[j] & 31, got[0][j], "code " + j + " of step " + t);
          assertEquals(run.error()[j] & unit.kernel().value().mask(), got[2][j]);
          assertEquals(0, got[3][j], "saturated");
          compared += 3;
        }
      }
    }
    double error = 0;
    for (int j = 0; j < n; j++) {
      // the minimum is where the unquantized method ends
      error = Math.max(error, Math.abs(run.iterate()[j] - plain.iterate()[j]) * 0x1p-28);
    }
    assertTrue(error < 1e-4 && error > 0, "the estimate is off by " + error);
    assertTrue(Arrays.stream(plain.gradient()).allMatch(g -> Math.abs(g) < 64));
    assertEquals(0, run.saturations());
    System.out.printf(
        "dq_compress on ash331: %d steps in lockstep, %d words equal, last range 2^%d%n",
        steps, compared, run.shift() + 5 - 20);
  }

  private record Seeded(String name, String file, String from, String to) {}

  private static final List<Seeded> FAULTS =
      List.of(
          new Seeded("the error's sign", "dq_compress.v", "<= q - u_q", "<= u_q - q"),
          new Seeded("u = r is outside", "dq_compress.v", "above & ~edge_of_range", "above"),
          new Seeded(
              "gamma times e' alone",
              "dq_compress.v",
              "- {last[E_WIDTH-1], last}",
              "- {(E_WIDTH+1){1'b0}}"),
          new Seeded(
              "no largest shift",
              "dq_expand.v",
              "(asked > MAX_SHIFT) ? MAX_SHIFT : asked",
              "asked"));

  @Test
  void everyFaultIsSeen(@TempDir Path temp) throws Exception {
    List<Path> sources = RtlSources.of("dq_compress", CACHE.folder());
    FixedFormat q = new FixedFormat(true, 6, 3);
    DqCompressUnit unit = new DqCompressUnit(q, q, Optional.of(new FixedFormat(false, 2, 2)), 3, 4);
    Result good = run(unit, sources, 2, DotProductTest.STALLS[3]);
    assertEquals(0, good.differing(), () -> "" + good.failure());
    int n = 0;
    for (Seeded s : FAULTS) {
      RtlMutant mutant = RtlMutant.of(s.name(), s.file(), s.from(), s.to());
      Result r =
          run(unit, mutant.write(sources, temp.resolve("m" + n++)), 2, DotProductTest.STALLS[3]);
      System.out.printf(
          "dq_compress fault '%s': %d of %d differ%n", s.name(), r.differing(), r.compared());
      assertTrue(r.differing() > 0, s.name());
    }
  }
}
