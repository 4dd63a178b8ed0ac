package org.halfulp.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.halfulp.input.MatrixMarket;
import org.halfulp.input.Settings;
import org.halfulp.kernel.DqCompress;
import org.halfulp.learn.DescentRun;
import org.halfulp.learn.DifferentialDescent.Form;
import org.halfulp.learn.FixedDescent;
import org.halfulp.learn.LeastSquares;
import org.halfulp.learn.UniformQuantizer;
import org.halfulp.number.FixedFormat;
import org.halfulp.sim.Hash;
import org.halfulp.sim.ModelCache;
import org.halfulp.theory.DifferentialRange;
import org.halfulp.theory.GradientMethod;
import org.halfulp.verify.CompressLockstep;
import org.halfulp.verify.MismatchException;

/**
 * DQ-GD on least squares in fixed point without a rounding but that of the gradient, its compressor
 * in the RTL beside the emulator. In every step the worker's point is compared with the iterate of
 * gradient descent without quantization, which it equals bit for bit: Lin, Kostina and Hassibi,
 * arXiv 2002.02508v3, algorithm 1 and Lemma B.1, with ranges of powers of two.
 */
public final class ExactDescent {
  private static final int FRACTION = 20; // bits of gradients and errors
  private static final int TARGET_BITS = 12; // fraction bits of the targets
  private static final int STEP_BITS = 5; // significant bits of the step size
  private static final int MOST_WIDTH = 32;
  private static final double LARGEST = 1 << 15;
  private static final String[] COLUMNS = {
    "step", "range_exponent", "estimate", "point", "saturated", "words"
  };

  /**
   * A step.
   *
   * @param rangeExponent k of the range 2^k, within those that the unit has
   * @param estimate distance of the server's estimate from the minimum, over the first distance
   * @param point likewise of the worker's point, the iterate without quantization
   * @param saturated values outside their range so far
   * @param words of the RTL compared so far
   */
  public record Row(
      int step, int rangeExponent, double estimate, double point, long saturated, long words) {}

  /**
   * What came of it.
   *
   * @param points coordinates of the worker's point that were compared with the iterate's
   * @param enough bits R above which it is sure to converge: log2(2 sqrt(n)), the 2 for powers of
   *     two; (38)
   * @param ended why it ended before the last step; empty if it did not
   */
  public record Result(
      List<Row> rows,
      long words,
      long distinct,
      long points,
      double enough,
      Optional<String> ended) {}

  private final int bits;
  private final int steps;
  private final boolean rtl;

  private ExactDescent(int bits, int steps, boolean rtl) {
    this.bits = bits;
    this.steps = steps;
    this.rtl = rtl;
  }

  /** As the user wants it. */
  public static ExactDescent of(Settings s) {
    ExactDescent made =
        new ExactDescent(
            s.whole("bits", "R of a coordinate", 1, 16, 5),
            s.whole("steps", "T", 1, 100_000, s.quick() ? 20 : 90),
            s.flag("rtl", "compare dq_compress.v with the emulator in each step", true));
    s.check();
    return made;
  }

  public int bits() {
    return bits;
  }

  /** Runs it from 0, with random targets. */
  public Result run(MatrixMarket.Matrix m, long seed) {
    long[] a = wholes(m);
    int n = m.columns();
    Random random = new Random(seed);
    long[] y = new long[m.rows()];
    double[] target = new double[m.rows()];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.round(Math.scalb(random.nextGaussian(), TARGET_BITS));
      target[i] = Math.scalb((double) y[i], -TARGET_BITS);
    }
    LeastSquares f = LeastSquares.of(m.values(), m.rows(), n, target);
    double[] best = f.minimizer();
    double distance = DescentRun.distance(new double[n], best);
    if (!(distance > 0)) {
      throw new IllegalArgumentException("its minimum is 0, where the run starts");
    }
    double eta = GradientMethod.GD.stepSize(f.smooth(), f.convex());
    int stepFraction = STEP_BITS - 1 - Math.getExponent(eta);
    long etaCode = (long) Math.floor(Math.scalb(eta, stepFraction));
    FixedFormat step = new FixedFormat(false, STEP_BITS, stepFraction);
    int place = stepFraction + FRACTION;
    // eta, rounded down, is 2 / (L + mu) for an L just above the matrix's
    double smooth = 2 / Math.scalb((double) etaCode, -stepFraction) - f.convex();
    DifferentialRange ranges =
        new DifferentialRange(
            GradientMethod.GD,
            smooth,
            f.convex(),
            distance * (1 + 1e-6),
            UniformQuantizer.contraction(n, 1 << bits),
            0,
            true);
    int whole = Math.getExponent(smooth * distance) + 3; // of twice the first range, and a sign
    if (whole + FRACTION > MOST_WIDTH) {
      throw new IllegalArgumentException(
          "L D = %.3g takes gradients of %d bits, %d at most; scale the matrix"
              .formatted(smooth * distance, whole + FRACTION, MOST_WIDTH));
    }
    FixedFormat value = new FixedFormat(true, Math.max(4, whole) + FRACTION, FRACTION);
    FixedDescent.Gradient gradient = (z, g) -> gradient(a, n, y, place, z, g);
    DqCompress kernel = new DqCompress(value, value, Optional.empty(), bits);
    FixedDescent run =
        new FixedDescent(
            Form.GD,
            gradient,
            new long[n],
            place,
            kernel,
            etaCode,
            step,
            0,
            () -> Math.getExponent(ranges.getAsDouble()));
    FixedDescent plain =
        new FixedDescent(Form.GD, gradient, new long[n], place, kernel, etaCode, step, 0, null);
    List<Row> rows = new ArrayList<>();
    long points = 0;
    Optional<String> ended = Optional.empty();
    try (CompressLockstep lockstep =
        rtl ? new CompressLockstep(ModelCache.open(), value, bits, n) : null) {
      for (int t = 0; t < steps && ended.isEmpty(); t++) {
        long[] before = run.error().clone();
        try {
          run.step();
          plain.step();
        } catch (ArithmeticException e) {
          ended = Optional.of("step %d: %s".formatted(t, e.getMessage()));
          continue;
        }
        for (int j = 0; j < n; j++) {
          if (run.point()[j] != plain.point()[j]) {
            throw new MismatchException(
                "step %d, coordinate %d: the worker's point is %d, the iterate without quantization %d, in places of 2^-%d%n"
                    .formatted(t, j, run.point()[j], plain.point()[j], place));
          }
        }
        points += n;
        if (lockstep != null) {
          lockstep.step(t, run.gradient(), before, run.shift(), run.codes());
        }
        rows.add(
            new Row(
                t + 1,
                run.shift() + bits - FRACTION,
                DescentRun.distance(values(run.iterate(), place), best) / distance,
                DescentRun.distance(values(plain.iterate(), place), best) / distance,
                run.saturations(),
                lockstep == null ? 0 : lockstep.compared()));
      }
      return new Result(
          rows,
          lockstep == null ? 0 : lockstep.compared(),
          lockstep == null ? 0 : lockstep.distinct().count(),
          points,
          GradientMethod.GD.convergentRate(f.smooth() / f.convex(), 2 * Math.sqrt(n)),
          ended);
    }
  }

  private static double[] values(long[] codes, int place) {
    return Arrays.stream(codes).mapToDouble(c -> Math.scalb((double) c, -place)).toArray();
  }

  private static long[] wholes(MatrixMarket.Matrix m) {
    long[] a = new long[m.values().length];
    for (int i = 0; i < a.length; i++) {
      double v = m.values()[i];
      if (v != Math.rint(v) || Math.abs(v) > LARGEST) {
        throw new IllegalArgumentException(
            "its values must be whole numbers of at most 2^15, so that A z has no rounding; row %d, column %d is %s"
                .formatted(i / m.columns() + 1, i % m.columns() + 1, v));
      }
      a[i] = (long) v;
    }
    return a;
  }

  /** {@code A^T (A z - y)}, rounded to the gradient's places: half up. */
  private static void gradient(long[] a, int n, long[] y, int place, long[] z, long[] g) {
    Arrays.fill(g, 0);
    for (int i = 0; i < y.length; i++) {
      long residual = -Math.multiplyExact(y[i], 1L << place - TARGET_BITS);
      for (int j = 0; j < n; j++) {
        residual = Math.addExact(residual, Math.multiplyExact(a[i * n + j], z[j]));
      }
      for (int j = 0; j < n; j++) {
        g[j] = Math.addExact(g[j], Math.multiplyExact(a[i * n + j], residual));
      }
    }
    int down = place - FRACTION;
    for (int j = 0; j < n; j++) {
      g[j] = down == 0 ? g[j] : g[j] + (1L << down - 1) >> down;
    }
  }

  /**
   * The folder of a run, free or of the same one.
   *
   * @param file the matrix's name
   */
  public Files files(Path folder, MatrixMarket.Matrix m, String file, long seed) {
    Hash hash = new Hash();
    for (double v : m.values()) {
      hash.add(Double.toString(v));
    }
    Map<String, Object> what = new LinkedHashMap<>();
    what.put("experiment", "exact");
    what.put("matrix", file + " " + hash.hex());
    what.put("seed", seed);
    what.put("bits", bits);
    what.put("steps", steps);
    what.put("rtl", rtl);
    return new Files(new ExperimentFolder(folder, what, COLUMNS));
  }

  /** Where the rows go. */
  public static final class Files {
    private final ExperimentFolder folder;

    private Files(ExperimentFolder folder) {
      this.folder = folder;
    }

    /** Writes table.csv and table.json; returns the latter. */
    public String write(List<Row> rows) {
      List<Object[]> cells = new ArrayList<>();
      for (Row r : rows) {
        cells.add(
            new Object[] {
              r.step(), r.rangeExponent(), r.estimate(), r.point(), r.saturated(), r.words()
            });
      }
      folder.write(cells);
      String json = folder.json(cells);
      folder.file("table.json", json + "\n");
      return json;
    }

    /** A finished file beside the table. */
    public void file(String name, String text) {
      folder.file(name, text);
    }
  }
}
