package org.halfulp.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FrontTest {
  private static SweepStore.Result point(int id, double loss, long bits, double clock) {
    SweepStore.Figure fmax = new SweepStore.Figure("fmax", clock, "MHz", 0, Double.NaN, "t", "1");
    return new SweepStore.Result(
        new SweepStore.Point(
            "p" + id, "s", id, 0, Map.of(), Optional.empty(), bits, Optional.empty()),
        List.of(),
        Map.of("train_loss", new Estimate(loss, Double.NaN, 1)),
        1,
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of("fmax", fmax));
  }

  /** A point is on the front unless some other is nowhere worse and somewhere better. */
  @Test
  void theFrontIsWhatPairwiseComparisonSays() {
    List<Metric> objectives = List.of(Metric.TRAIN_LOSS, Metric.STATE_BITS, Metric.FMAX);
    Random random = new Random(1);
    int sizes = 0;
    for (int round = 0; round < 200; round++) {
      List<SweepStore.Result> all = new ArrayList<>();
      int n = 1 + random.nextInt(40);
      for (int i = 0; i < n; i++) { // few values, so that many are equal
        all.add(point(i, random.nextInt(6), 1 + random.nextInt(6), random.nextInt(6)));
      }
      Set<String> expected = new HashSet<>();
      for (SweepStore.Result a : all) {
        boolean beaten = false;
        for (SweepStore.Result b : all) {
          double da = a.losses().get("train_loss").mean();
          double db = b.losses().get("train_loss").mean();
          double fa = a.figures().get("fmax").value();
          double fb = b.figures().get("fmax").value();
          long sa = a.point().stateBits();
          long sb = b.point().stateBits();
          beaten |= db <= da && sb <= sa && fb >= fa && (db < da || sb < sa || fb > fa);
        }
        if (!beaten) {
          expected.add(a.point().id());
        }
      }
      Front.Builder builder = new Front.Builder(objectives);
      all.forEach(builder::add);
      builder.add(point(1000, Double.NaN, 1, 1));
      Front front = builder.build();
      Set<String> got = new HashSet<>();
      front.points().forEach(p -> got.add(p.point().id()));
      assertEquals(expected, got);
      assertEquals(n - expected.size(), front.dominated());
      assertEquals(1, front.incomplete());
      sizes += expected.size();
    }
    assertTrue(sizes > 400, "the fronts were trivial");
  }
}
