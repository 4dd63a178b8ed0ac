package org.halfulp.kernel;

import java.util.Locale;
import java.util.Optional;
import org.halfulp.number.Quantizer;

/**
 * How a dot product is summed; section 7 of the contract.
 *
 * @param fanIn operands of a tree's node, at least 2; 0 for the other orders
 * @param sum rounds each partial sum; empty: binary64, or for {@code EXACT} no rounding at all
 * @param product rounds each product first; empty: products are exact
 */
public record Accumulator(
    Order order, int fanIn, Optional<Quantizer> sum, Optional<Quantizer> product) {

  /** In which order, and with which roundings between. */
  public enum Order {
    /** The exact sum, rounded once. */
    EXACT,
    /** One after the other, rounded each time. */
    SEQUENTIAL,
    /** Groups of fan-in, each summed exactly and rounded once, level by level. */
    TREE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Accumulator {
    if (order == Order.TREE ? fanIn < 2 || fanIn > 1024 : fanIn != 0) {
      throw new IllegalArgumentException(
          order == Order.TREE
              ? "a tree's fan-in must be in [2, 1024], got " + fanIn
              : "only a tree has a fan-in, got " + fanIn + " with order " + order);
    }
  }

  /** The exact sum, handed on without a rounding. */
  public static Accumulator exact() {
    return new Accumulator(Order.EXACT, 0, Optional.empty(), Optional.empty());
  }

  /** Binary64, one product after the other, as a fused multiply-add does it. */
  public static Accumulator binary64() {
    return new Accumulator(Order.SEQUENTIAL, 0, Optional.empty(), Optional.empty());
  }

  /** Roundings of a sum of {@code n} products, that is its draws if they are stochastic. */
  public int roundings(int n) {
    switch (order) {
      case EXACT:
        return 1;
      case SEQUENTIAL:
        return n;
      default:
        int count = n; // the leaves
        for (int left = n; left > 1; ) {
          int full = left / fanIn;
          int rest = left % fanIn;
          count += full + (rest > 1 ? 1 : 0);
          left = full + (rest > 0 ? 1 : 0);
        }
        return count;
    }
  }
}
