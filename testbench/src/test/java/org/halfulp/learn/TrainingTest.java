package org.halfulp.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.SgdUpdate;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;

/** {@link DataSet} and {@link Training}. */
class TrainingTest {
  /** Linear labels with noise; feature 0 numbers the rows when {@code numbered}. */
  private static DataSet set(int rows, int d, boolean numbered) {
    SplittableRandom random = new SplittableRandom(51);
    List<String> names = new ArrayList<>();
    for (int j = 0; j < d; j++) {
      names.add("x" + j);
    }
    double[] x = random.doubles(rows * d, -1, 1).toArray();
    double[] y = new double[rows];
    for (int i = 0; i < rows; i++) {
      if (numbered) {
        x[i * d] = i;
      }
      for (int j = 0; j < d; j++) {
        y[i] += (j + 1) * x[i * d + j];
      }
      y[i] += random.nextDouble(-0.1, 0.1);
    }
    return new DataSet(names, "y", x, y);
  }

  @Test
  void splitsRepeatAndShareNoRow() {
    DataSet all = set(101, 3, true);
    DataSet.Split split = all.split(0.25, 7);
    assertEquals(25, split.test().rows());
    assertEquals(76, split.train().rows());
    Set<Double> rows = new HashSet<>();
    for (DataSet part : List.of(split.train(), split.test())) {
      for (int i = 0; i < part.rows(); i++) {
        double row = part.x()[i * 3];
        assertTrue(rows.add(row), "row " + row + " twice");
        assertEquals(all.y()[(int) row], part.y()[i]);
        assertEquals(all.x()[(int) row * 3 + 2], part.x()[i * 3 + 2]);
      }
    }
    assertEquals(101, rows.size());
    assertArrayEquals(split.train().x(), all.split(0.25, 7).train().x());
    assertArrayEquals(split.test().y(), all.split(0.25, 7).test().y());
    assertTrue(!Arrays.equals(split.train().x(), all.split(0.25, 8).train().x()));
    assertEquals(0, all.split(0, 7).test().rows());
  }

  @Test
  void refusesSplitsThatLeaveNothingToTrainOn() {
    DataSet all = set(4, 2, false);
    for (double fraction : new double[] {-0.1, 1, Double.NaN, 0.9}) {
      assertThrows(IllegalArgumentException.class, () -> all.split(fraction, 1));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new DataSet(List.of("a", "b"), "y", new double[5], new double[2]));
    assertThrows(
        IllegalArgumentException.class,
        () -> new DataSet(List.of(), "y", new double[0], new double[2]));
  }

  @Test
  void permutationsAreUniformPermutations() {
    int[] count = new int[6];
    java.util.Random random = new java.util.Random(3);
    for (int i = 0; i < 6000; i++) {
      int[] p = DataSet.permutation(3, random);
      assertEquals(0b111, 1 << p[0] | 1 << p[1] | 1 << p[2]);
      count[p[0] * 2 + (p[1] > p[2] ? 1 : 0)]++;
    }
    for (int c : count) {
      assertTrue(c > 850 && c < 1150, Arrays.toString(count));
    }
  }

  @Test
  void standardizedColumnsHaveMeanZeroAndVarianceOne() {
    DataSet all = set(500, 4, true);
    DataSet s = all.standardized(all.scaling());
    for (int j = 0; j <= 4; j++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < 500; i++) {
        double v = j < 4 ? s.x()[i * 4 + j] : s.y()[i];
        sum += v;
        squares += v * v;
      }
      assertEquals(0, sum / 500, 1e-13);
      assertEquals(1, squares / 500, 1e-12);
    }
    // The other part is scaled by the training part's figures.
    DataSet.Split split = all.split(0.2, 1);
    DataSet.Scaling scaling = split.train().scaling();
    DataSet test = split.test().standardized(scaling);
    assertEquals((split.test().x()[5] - scaling.mean()[1]) / scaling.deviation()[1], test.x()[5]);
    assertEquals((split.test().y()[3] - scaling.mean()[4]) / scaling.deviation()[4], test.y()[3]);
  }

  @Test
  void refusesToStandardizeConstantColumnsByName() {
    double[] x = {1e9, 1, 3, 1e9, 2, 3, 1e9, 5, 3};
    DataSet set = new DataSet(List.of("big", "varies", "three"), "y", x, new double[] {1, 2, 3});
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, set::scaling);
    assertTrue(refusal.getMessage().endsWith("3 training rows: big, three"), refusal.getMessage());
    DataSet label = new DataSet(List.of("a"), "price", new double[] {1, 2}, new double[] {4, 4});
    assertTrue(
        assertThrows(IllegalArgumentException.class, label::scaling)
            .getMessage()
            .contains("price"));
  }

  @Test
  void lossIsTheMeanSquaredResidual() {
    DataSet set =
        new DataSet(List.of("a", "b"), "y", new double[] {1, 2, 3, 4}, new double[] {5, 6});
    // residuals 5 - (0.5 + 2) = 2.5 and 6 - (1.5 + 4) = 0.5
    assertEquals((6.25 + 0.25) / 2, set.loss(new double[] {0.5, 1}));
    DataSet none = new DataSet(List.of("a"), "y", new double[0], new double[0]);
    assertTrue(Double.isNaN(none.loss(new double[] {1})));
  }

  private static Datapath fixed(long seed) {
    Optional<Quantizer> q =
        Optional.of(
            new Quantizer(
                new FixedFormat(true, 16, 10), RoundingMode.SR, OverflowRule.SATURATE, 10, false));
    return new Datapath(
        q,
        q,
        q,
        q,
        q,
        q,
        Accumulator.exact(),
        Accumulator.exact(),
        q,
        Optional.empty(),
        new FixedFormat(false, 8, 8),
        4,
        seed);
  }

  private static Training training(DataSet.Split data, Training.Plan plan, Datapath path) {
    WeightUpdate update =
        path.updateUnit()
            .map(u -> WeightUpdate.emulated(new SgdUpdate(u, path.lanes(), path.seed())))
            .orElse(null);
    return new Training(data, plan, path, update);
  }

  @Test
  void theSameSeedsGiveTheSameHistory() {
    DataSet.Split data = set(90, 5, false).split(0.2, 1);
    Training.Plan plan = new Training.Plan(0.125, 4, 6, 11, 2);
    Training a = training(data, plan, fixed(1));
    Training b = training(data, plan, fixed(1));
    Training otherBits = training(data, plan, fixed(2));
    Training otherOrder = training(data, new Training.Plan(0.125, 4, 6, 12, 2), fixed(1));
    for (int e = 0; e < 6; e++) {
      Training.Epoch epoch = a.epoch();
      assertEquals(epoch, b.epoch());
      otherBits.epoch();
      otherOrder.epoch();
      assertEquals(e + 1, epoch.epoch());
      assertEquals((e + 1L) * 18, epoch.steps()); // 72 rows, batches of 4
      assertEquals(e == 0, Double.isNaN(epoch.averageTrainLoss()));
      assertEquals(data.train().loss(a.step().weights()), epoch.trainLoss());
      assertEquals(data.test().loss(a.step().weights()), epoch.testLoss());
    }
    assertEquals(a.history(), b.history());
    assertNotEquals(a.history(), otherBits.history());
    assertNotEquals(a.history(), otherOrder.history());
    assertEquals(18, a.stepsPerEpoch());
    assertTrue(a.history().get(5).trainLoss() < 0.05, a.history().toString());
  }

  @Test
  void anEpochMayEndEarly() {
    DataSet.Split data = set(90, 5, false).split(0.2, 1);
    Training.Plan plan = new Training.Plan(0.125, 4, 6, 11, 2);
    Training part = training(data, plan, fixed(1));
    Training whole = training(data, plan, fixed(1));
    assertEquals(whole.epoch(), part.epochUpTo(18)); // all 18 steps
    assertEquals(23, part.epochUpTo(23).steps());
    assertEquals(2, part.history().size());
    assertThrows(IllegalArgumentException.class, () -> part.epochUpTo(23));
  }

  @Test
  void averagesTheIteratesBeforeEachStep() {
    DataSet.Split data = set(33, 3, false).split(0, 1);
    Datapath path = fixed(3);
    List<double[]> iterates = new ArrayList<>();
    WeightUpdate inner =
        WeightUpdate.emulated(new SgdUpdate(path.updateUnit().orElseThrow(), 4, 3));
    FixedFormat format = new FixedFormat(true, 16, 10);
    WeightUpdate recording =
        (w, g, step) -> {
          iterates.add(Arrays.stream(w).mapToDouble(format::toDouble).toArray());
          inner.update(w, g, step);
        };
    Training training = new Training(data, new Training.Plan(0.125, 4, 3, 5, 2), path, recording);
    training.epoch();
    assertNull(training.average());
    training.epoch();
    training.epoch();
    assertEquals(24, iterates.size()); // 33 rows: 8 full batches an epoch, one row left over
    assertEquals(24, training.steps());
    double[] mean = new double[3];
    for (double[] w : iterates.subList(8, 24)) {
      for (int j = 0; j < 3; j++) {
        mean[j] += w[j] / 16; // exact: multiples of 2^-14
      }
    }
    assertArrayEquals(mean, training.average());
    Training.Epoch last = training.history().get(2);
    assertEquals(data.train().loss(mean), last.averageTrainLoss());
    assertTrue(Double.isNaN(last.testLoss()) && Double.isNaN(last.averageTestLoss()));
  }

  /** One epoch of batch 1 shows every row to the step exactly once. */
  @Test
  void anEpochShowsEveryRowOnce() {
    DataSet.Split data = set(40, 1, true).split(0, 1);
    Optional<Quantizer> none = Optional.empty();
    // An update that does nothing keeps w = 0, so that g = -x*y tells the row.
    Quantizer weight = new Quantizer(new FixedFormat(true, 8, 4), RoundingMode.RNE);
    Datapath path =
        new Datapath(
            none,
            none,
            none,
            none,
            none,
            none,
            Accumulator.exact(),
            Accumulator.exact(),
            Optional.of(weight),
            none,
            new FixedFormat(false, 1, 0),
            1,
            0);
    List<Double> seen = new ArrayList<>();
    WeightUpdate recording = (w, g, step) -> seen.add(Double.longBitsToDouble(g[0]));
    Training training = new Training(data, new Training.Plan(1, 1, 2, 5, 1), path, recording);
    training.epoch();
    List<Double> expected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      expected.add(-(data.train().x()[i] * data.train().y()[i]));
    }
    List<Double> first = List.copyOf(seen);
    assertEquals(expected.stream().sorted().toList(), first.stream().sorted().toList());
    assertNotEquals(expected, first);
    training.epoch();
    List<Double> second = seen.subList(40, 80);
    assertEquals(expected.stream().sorted().toList(), second.stream().sorted().toList());
    assertNotEquals(first, second); // shuffled anew
  }

  @Test
  void refusesPlansThatCannotRun() {
    DataSet.Split data = set(10, 2, false).split(0.2, 1);
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> training(data, new Training.Plan(0.125, 9, 1, 1, 1), Datapath.binary64()));
    assertTrue(refusal.getMessage().contains("8 training rows, got 9"), refusal.getMessage());
    for (double eta : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> new Training.Plan(eta, 1, 1, 1, 1));
    }
    assertThrows(IllegalArgumentException.class, () -> new Training.Plan(1, 0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Training.Plan(1, 1, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Training.Plan(1, 1, 3, 1, 4));
    assertThrows(IllegalArgumentException.class, () -> new Training.Plan(1, 1, 3, 1, 0));
  }
}
