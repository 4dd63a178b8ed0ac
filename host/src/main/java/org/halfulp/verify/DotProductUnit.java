package org.halfulp.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Accumulator.Order;
import org.halfulp.kernel.DotUnit;
import org.halfulp.kernel.Rounder;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.halfulp.number.Rounded;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.verify.OperandClasses.Draws;
import org.halfulp.verify.Pace.Rank;

/**
 * {@code dot_product.v} as a unit of the catalogue: whole vectors, a word for each. Twins: {@link
 * DotUnit#run}, {@link DotUnit#exactly}.
 *
 * @param operands format of both
 * @param accumulator without a product quantizer
 */
record DotProductUnit(Format operands, Accumulator accumulator) implements Unit {
  private static final int A = 0;
  private static final int B = 1;
  private static final int FIRST = 2;
  private static final int LAST = 3;
  private static final int KEEP = 4;
  private static final int RAND = 5;
  private static final int FRAME = 64;
  private static final int FLAT_LEVELS = 5;
  private static final int TREE_DRAWS = 3;
  private static final int MAX_TREE = 8;

  @Override
  public String name() {
    return "dot_product";
  }

  @Override
  public String describe() {
    return "dot_product " + new DotUnit(operands, operands, accumulator);
  }

  @Override
  public Map<String, String> labels() {
    return Map.of(
        "format", operands.name(),
        "to", sum().format().name(),
        "rounding", sum().rounding().label(),
        "overflow", sum().overflow().label(),
        "random_bits", Integer.toString(sum().randomBits()),
        "order", accumulator.order().toString());
  }

  private Quantizer sum() {
    return accumulator.sum().orElseThrow();
  }

  private boolean isTree() {
    return accumulator.order() == Order.TREE;
  }

  /**
   * The longest vector has {@code 2^levels} beats. A tree draws 2 lanes - 1 + levels times a beat:
   * with these levels as often for each lane.
   */
  private int levels(int lanes) {
    return isTree() ? lanes + 1 : FLAT_LEVELS;
  }

  private int drawsALane() {
    return isTree() ? TREE_DRAWS : 1;
  }

  private int bits() {
    return Math.max(1, sum().randomBits());
  }

  @Override
  public boolean allows(int lanes) {
    return lanes >= 1 && (!isTree() || Integer.bitCount(lanes) == 1 && lanes <= MAX_TREE);
  }

  @Override
  public VerilatorBuild build(List<Path> sources, int lanes) {
    VerilatorBuild build =
        VerilatorBuild.of(name(), sources)
            .with("LANES", lanes)
            .with("ORDER", accumulator.order().ordinal())
            .with("MAX_LENGTH", (long) lanes << levels(lanes));
    build = Parameters.operand(build, "A_", operands);
    return Parameters.quantizer(Parameters.operand(build, "B_", operands), "", sum());
  }

  @Override
  public int lanes() {
    return 4;
  }

  @Override
  public List<Field> inputs() {
    Field rand = Field.bits("in_rand", bits() * drawsALane());
    return List.of(
        Field.code("in_a", operands),
        Field.code("in_b", operands),
        Field.perBeat("in_first", 1),
        Field.perBeat("in_last", 1),
        Field.bits("in_keep", 1),
        sum().draws() ? rand : rand.unread());
  }

  @Override
  public List<Field> outputs() {
    Format to = sum().format();
    return List.of(
        new Field("out_y", to.width(), false, Optional.of(to), true),
        Field.perBeat("out_flags", 5));
  }

  @Override
  public boolean stateless() {
    return false;
  }

  @Override
  public boolean reduces() {
    return true;
  }

  @Override
  public boolean answers(long[][] in, int beat) {
    return in[LAST][beat] != 0;
  }

  /** As many ranks as dot_product.v says for each order. */
  @Override
  public Optional<Pace> pace(int lanes) {
    List<Rank> ranks = new ArrayList<>();
    switch (accumulator.order()) {
      case EXACT -> ranks.addAll(List.of(Rank.PLAIN, Rank.PLAIN, Rank.REDUCING, Rank.PLAIN));
      case SEQUENTIAL -> ranks.addAll(List.of(Rank.SPLITTING, Rank.PLAIN, Rank.REDUCING));
      case TREE -> {
        ranks.addAll(Pace.of(2 + Integer.numberOfTrailingZeros(lanes)).ranks());
        ranks.addAll(Collections.nCopies(levels(lanes), Rank.PAIRING));
      }
    }
    return Optional.of(new Pace(ranks));
  }

  @Override
  public int elements(long[][] in, int beat, int lanes) {
    int kept = 0;
    for (int l = 0; l < lanes; l++) {
      kept += (int) in[KEEP][beat * lanes + l];
    }
    return kept;
  }

  @Override
  public int frame() {
    return FRAME;
  }

  /** Frames cut into vectors; in most of them finite terms of like size, which may cancel. */
  @Override
  public void shape(long from, int beats, int lanes, long[][] in) {
    Draws draws = new Draws();
    int longest = 1 << levels(lanes);
    for (int b = 0; b < beats; ) {
      draws.start(from + b ^ 0x3956C25BF348B538L);
      int left = (int) (FRAME - (from + b) % FRAME);
      int most = Math.min(Math.min(left, longest), draws.below(3) == 0 ? longest : 3);
      int n = Math.min(1 + draws.below(most), beats - b);
      int kept = 1 + draws.below(lanes);
      for (int k = 0; k < n; k++) {
        in[FIRST][b + k] = k == 0 ? 1 : 0;
        in[LAST][b + k] = k == n - 1 ? 1 : 0;
        for (int l = 0; l < lanes; l++) {
          in[KEEP][(b + k) * lanes + l] = k < n - 1 || l < kept ? 1 : 0;
        }
      }
      terms(in, b * lanes, (b + n) * lanes, lanes, draws);
      b += n;
    }
  }

  private void terms(long[][] in, int from, int to, int lanes, Draws draws) {
    int kind = draws.below(9);
    if (kind == 0) { // as they were drawn: soon NaN
      return;
    }
    OperandClasses codes = OperandClasses.of(operands);
    if (kind == 8) {
      powers(in, from, to, Integer.highestOneBit(to - from - lanes + 1), codes, draws);
      return;
    }
    OperandClasses sums = OperandClasses.of(sum().format());
    int size =
        sums.smallestExponent() + draws.below(sums.largestExponent() - sums.smallestExponent() + 1);
    int range = codes.largestExponent() - codes.smallestExponent() + 1;
    int half = (to - from) / 2;
    for (int i = from; i < to; i++) {
      int ea = codes.smallestExponent() + draws.below(range);
      in[A][i] = codes.near(ea, draws);
      in[B][i] = codes.near(size - ea + draws.below(kind < 4 ? 3 : 9) - 1, draws);
      if (kind > 5 && i >= from + half && i - half < to) {
        in[A][i] = in[A][i - half];
        in[B][i] = codes.opposite(in[B][i - half]);
      }
      if (kind == 7 && draws.below(64) == 0) {
        in[A][i] = codes.draw(draws.below(codes.count()), draws);
      }
    }
  }

  /** {@code n} times the same power of two, a sum with one bit, and at times a last term below. */
  private void powers(long[][] in, int from, int to, int n, OperandClasses codes, Draws draws) {
    Rounder rounder = new Rounder(new Quantizer(operands, RoundingMode.RTZ));
    int least = codes.smallestExponent();
    int range = codes.largestExponent() - least + 1;
    long a = rounder.round(Math.scalb(1.0, least + draws.below(range)), 0);
    long b = rounder.round(Math.scalb(1.0, least + draws.below(range)), 0);
    a = draws.below(2) == 0 ? a : codes.opposite(a);
    long zero = rounder.round(0.0, 0);
    for (int i = from; i < to; i++) {
      in[A][i] = i < from + n ? a : zero;
      in[B][i] = i < from + n ? b : zero;
    }
    if (from + n < to && draws.below(2) == 0) {
      in[A][from + n] = codes.near(least + draws.below(range), draws);
      in[B][from + n] = codes.near(least + draws.below(range), draws);
    }
  }

  @Override
  public boolean isLegal(long[][] in, int beats, int lanes) {
    int length = 0;
    for (int b = 0; b < beats; b++) {
      int kept = 0;
      while (kept < lanes && in[KEEP][b * lanes + kept] != 0) {
        kept++;
      }
      for (int l = kept; l < lanes; l++) {
        if (in[KEEP][b * lanes + l] != 0) {
          return false;
        }
      }
      boolean first = length == 0;
      boolean last = in[LAST][b] != 0;
      length++;
      if (first != (in[FIRST][b] != 0)
          || kept == 0
          || !last && kept < lanes
          || length > 1 << levels(lanes)) {
        return false;
      }
      length = last ? 0 : length;
    }
    return length == 0;
  }

  /** Sums a vector. */
  @FunctionalInterface
  private interface Dot {
    Rounded of(long[] x, long[] y, int n, long[] draws);
  }

  private Twin twin(int lanes, DotUnit unit, Dot dot) {
    return (in, beats, out) -> {
      int answers = 0;
      for (int from = 0, b = 0; b < beats; b++) {
        if (in[LAST][b] == 0) {
          continue;
        }
        int n = (b - from) * lanes;
        while (n < (b + 1 - from) * lanes && in[KEEP][from * lanes + n] != 0) {
          n++;
        }
        long[] x = Arrays.copyOfRange(in[A], from * lanes, from * lanes + n);
        long[] y = Arrays.copyOfRange(in[B], from * lanes, from * lanes + n);
        Rounded one = dot.of(x, y, n, draws(in[RAND], from, n, lanes, unit.roundings(n)));
        out[0][answers] = one.code();
        out[1][answers] = one.flags();
        answers++;
        from = b + 1;
      }
      return answers;
    };
  }

  /** Draw {@code k} of a beat. */
  private long draw(long[] rand, int beat, int k, int lanes) {
    int per = drawsALane();
    return rand[beat * lanes + k / per] >>> k % per * bits() & (1L << bits()) - 1;
  }

  /** The draws of a vector in the contract's order, from where the beats carry them. */
  private long[] draws(long[] rand, int from, int n, int lanes, int count) {
    long[] draws = new long[count];
    if (!sum().draws()) {
      return draws;
    }
    if (accumulator.order() == Order.EXACT) {
      draws[0] = draw(rand, from + (n - 1) / lanes, 0, lanes);
      return draws;
    }
    for (int j = 0; j < n; j++) {
      draws[j] = draw(rand, from + j / lanes, j % lanes, lanes);
    }
    int next = n;
    int slot = lanes; // of the level's first node in a beat
    for (int left = n, span = 2; isTree() && left > 1; left = (left + 1) / 2, span *= 2) {
      for (int i = 0; i + 1 < left; i += 2) {
        int leaf = i / 2 * span; // its first one; its last one's beat completes the node
        int beat = from + (Math.min(n, leaf + span) - 1) / lanes;
        draws[next++] = draw(rand, beat, slot + leaf % lanes / span, lanes);
      }
      slot += Math.max(1, lanes / span);
    }
    return draws;
  }

  @Override
  public Twin twin(int lanes, long seed) {
    DotUnit unit = new DotUnit(operands, operands, accumulator);
    return twin(
        lanes, unit, (x, y, n, draws) -> new Rounded(unit.run(x, y, n, draws), unit.flags()));
  }

  @Override
  public Twin exact(int lanes, long seed) {
    DotUnit unit = new DotUnit(operands, operands, accumulator);
    return twin(lanes, unit, unit::exactly);
  }
}
