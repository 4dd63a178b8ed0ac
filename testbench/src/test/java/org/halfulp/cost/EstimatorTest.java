package org.halfulp.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EstimatorTest {
  /** As a multiplier grows: with the product of its widths, more where it draws. */
  private static double lut(int a, int b, int round) {
    return 20 + 1.3 * a * b + (round == 6 ? 9 * a : 0);
  }

  private static TreeMap<String, String> parameters(int a, int b, int round) {
    return new TreeMap<>(
        Map.of(
            "A_WIDTH", Integer.toString(a),
            "B_WIDTH", Integer.toString(b),
            "ROUND", Integer.toString(round),
            "LANES", "1"));
  }

  private static Cost cost(int a, int b, int round, double lut) {
    Figure figure = new Figure(Figure.LUT, lut, "cells", "yosys", "Yosys", "synth", List.of());
    return new Cost("", "", "mul", parameters(a, b, round), "ice40", List.of(figure), List.of(), 0);
  }

  private static HardwarePoint point(int a, int b, int round) {
    return new HardwarePoint("mul", parameters(a, b, round), List.of(Path.of("mul.v")));
  }

  /** Units in an order without meaning, some left out to be asked for. */
  private static List<Cost> units() {
    List<Cost> all = new ArrayList<>();
    for (int a = 4; a <= 16; a += 2) {
      for (int b = 4; b <= 16; b += 3) {
        for (int round : new int[] {0, 6}) {
          if ((a + b + round) % 5 != 0) {
            all.add(cost(a, b, round, lut(a, b, round)));
          }
        }
      }
    }
    Collections.shuffle(all, new Random(1));
    return all;
  }

  @Test
  void unitsThatNobodyMeasuredAreEstimated() {
    Estimator estimator = Estimator.fit(Figure.LUT, units());
    for (int[] p : new int[][] {{6, 4, 0}, {8, 7, 0}, {10, 10, 0}, {9, 12, 6}, {14, 5, 6}}) {
      double truth = lut(p[0], p[1], p[2]);
      Estimate e = estimator.estimate(point(p[0], p[1], p[2]));
      assertEquals(truth, e.value(), 0.06 * truth, e::toString);
      assertTrue(e.outside().isEmpty(), e::toString);
    }
    Estimate e = estimator.estimate(point(8, 7, 0));
    assertTrue(e.typical() < 0.02 && e.most() < 0.06, e::toString);
    assertEquals(units().size(), e.points());
  }

  /** Errors come from units that the fit has not seen: what is chance looks like chance. */
  @Test
  void figuresWithoutRuleHaveLargeErrors() {
    SplittableRandom random = new SplittableRandom(1);
    List<Cost> units = new ArrayList<>();
    for (Cost c : units()) {
      units.add(
          new Cost(
              "",
              "",
              "mul",
              c.parameters(),
              "ice40",
              cost(4, 4, 0, 10 + 1000 * random.nextDouble()).figures(),
              List.of(),
              0));
    }
    Estimate e = Estimator.fit(Figure.LUT, units).estimate(point(8, 7, 0));
    assertTrue(e.most() > 0.5, e::toString);
  }

  @Test
  void whatIsOutsideIsNamed() {
    Estimator estimator = Estimator.fit(Figure.LUT, units());
    assertEquals(
        List.of("A_WIDTH=17 (4..16 measured)", "ROUND=2 (0..6 measured)"),
        estimator.estimate(point(17, 8, 2)).outside());
  }

  @Test
  void aFewUnitsAreNotEnough() {
    List<Cost> few = units().subList(0, Estimator.FEWEST - 1);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Estimator.fit(Figure.LUT, few));
    assertTrue(e.getMessage().contains("needs at least 12 measured units"), e::getMessage);
    assertThrows(IllegalArgumentException.class, () -> Estimator.fit(Figure.FMAX, units()));
  }
}
