package org.halfulp.learn;

import java.util.function.IntSupplier;
import org.halfulp.kernel.DqCompress;
import org.halfulp.learn.DifferentialDescent.Form;
import org.halfulp.number.FixedFormat;

/**
 * A differentially quantized gradient method in fixed point, each value a long: only the gradient
 * is rounded, all else is exact. Section 6.4 of the contract; Lin, Kostina and Hassibi, arXiv
 * 2002.02508v3, algorithms 1 to 3, Lemmas B.1, B.4 and B.7: {@link #point} is bit for bit the
 * iterate without quantization, and {@link #iterate} lies {@code eta e} from it.
 *
 * <p>Worker and server share the codes of {@link #codes} and the range exponents, nothing else.
 * Whatever would drop a bit that is not 0, or overflow, throws {@link ArithmeticException}. Not
 * thread-safe.
 */
public final class FixedDescent {

  /** A gradient in fixed point, any function of the point. */
  @FunctionalInterface
  public interface Gradient {
    /**
     * Writes the gradient.
     *
     * @param z codes of the point, in the last place of the iterates
     * @param g codes in the gradient's format
     */
    void of(long[] z, long[] g);
  }

  private final Form form;
  private final Gradient gradient;
  private final DqCompress unit;
  private final IntSupplier exponents; // null: no quantization
  private final long eta;
  private final long gamma;
  private final int gammaBits;
  private final int etaUp; // eta times a value of u's last place, to that of the iterates
  private final int errorDown; // from u's last place to the error registers'

  private final long[] x;
  private final long[] last; // HB x^_{t-1}, AGD y^_t
  private final long[] z;
  private final long[] g;
  private final long[] e;
  private final long[] before;
  private final long[] codes;
  private long saturations;
  private int shift;

  /**
   * @param start codes of x^_0 in {@code place}
   * @param place fraction bits of x, z and y: at least those of eta and u together
   * @param unit formats and R; with a factor, that of gamma, if the form is AGD or HB
   * @param eta code of the step size in {@code step}
   * @param gamma code of the momentum in the unit's factor format; 0 for GD
   * @param exponents k of each step's range 2^k; null for no quantization
   */
  public FixedDescent(
      Form form,
      Gradient gradient,
      long[] start,
      int place,
      DqCompress unit,
      long eta,
      FixedFormat step,
      long gamma,
      IntSupplier exponents) {
    if ((form == Form.GD) == unit.factor().isPresent()) {
      throw new IllegalArgumentException(
          "%s %s a unit with momentum".formatted(form, form == Form.GD ? "is without" : "needs"));
    }
    if (eta <= 0) {
      throw new IllegalArgumentException("the step size's code must be positive, got " + eta);
    }
    etaUp = place - step.fracBits() - unit.value().fracBits();
    if (etaUp < 0) {
      throw new IllegalArgumentException(
          "the iterates need %d fraction bits for a step of %s, got %d"
              .formatted(place - etaUp, step.name(), place));
    }
    this.form = form;
    this.gradient = gradient;
    this.unit = unit;
    this.exponents = exponents;
    this.eta = eta;
    this.gamma = gamma;
    gammaBits = unit.factor().map(FixedFormat::fracBits).orElse(0);
    errorDown = unit.value().fracBits() - unit.error().fracBits();
    x = start.clone();
    last = start.clone();
    int n = x.length;
    z = new long[n];
    g = new long[n];
    e = new long[n];
    before = new long[n];
    codes = new long[n];
  }

  /** Makes one step. */
  public void step() {
    int n = x.length;
    for (int i = 0; i < n; i++) {
      // eta c_t in AGD, eta e_{t-1} in GD and HB
      long moved = form == Form.AGD ? Math.subtractExact(e[i], before[i]) : 0;
      long c =
          Math.addExact(
              up(e[i], errorDown), up(Math.multiplyExact(gamma, moved), errorDown - gammaBits));
      z[i] = Math.addExact(x[i], up(Math.multiplyExact(eta, c), etaUp));
    }
    gradient.of(z, g);
    if (exponents != null) {
      shift = unit.shift(exponents.getAsInt());
    }
    for (int i = 0; i < n; i++) {
      check(g[i], unit.gradient());
      long error = 0;
      long q = up(g[i], unit.value().fracBits() - unit.gradient().fracBits());
      if (exponents != null) {
        unit.compress(g[i], e[i], before[i], gamma, shift);
        saturations += unit.saturated() ? 1 : 0;
        codes[i] = unit.code();
        error = up(unit.e(), -errorDown);
        check(error, unit.error());
        q = unit.expand(codes[i], shift); // the server's half
      }
      before[i] = e[i];
      e[i] = error;
      long moved = Math.subtractExact(x[i], up(Math.multiplyExact(eta, q), etaUp));
      long from = form == Form.AGD ? moved : x[i];
      long momentum = up(Math.multiplyExact(gamma, Math.subtractExact(from, last[i])), -gammaBits);
      last[i] = from;
      x[i] = Math.addExact(moved, momentum);
    }
  }

  /** Shifts without loss. */
  private static long up(long value, int places) {
    long shifted = places >= 0 ? value << Math.min(places, 63) : value >> Math.min(-places, 63);
    long back = places >= 0 ? shifted >> Math.min(places, 63) : shifted << Math.min(-places, 63);
    if (back != value) {
      throw new ArithmeticException(
          "%d by %d places loses bits; give the registers more fraction bits or fewer steps"
              .formatted(value, places));
    }
    return shifted;
  }

  private static void check(long value, FixedFormat format) {
    if (value != value << 64 - format.width() >> 64 - format.width()) {
      throw new ArithmeticException("%d does not fit in %s".formatted(value, format.name()));
    }
  }

  /** The server's x^_t, for reading; of AGD y^_t is {@link #average}. */
  public long[] iterate() {
    return x;
  }

  /** y^_t of AGD, x^_{t-1} of HB, for reading. */
  public long[] average() {
    return last;
  }

  /** Where the last step took its gradient, for reading. */
  public long[] point() {
    return z;
  }

  /** The last step's gradient, for reading. */
  public long[] gradient() {
    return g;
  }

  /** The error registers e_{t-1}, for reading. */
  public long[] error() {
    return e;
  }

  /** What the last step sent, for reading. */
  public long[] codes() {
    return codes;
  }

  /** The shift of the last step's range. */
  public int shift() {
    return shift;
  }

  /** Values outside their range so far. */
  public long saturations() {
    return saturations;
  }
}
