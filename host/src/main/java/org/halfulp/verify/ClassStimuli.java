package org.halfulp.verify;

import java.util.ArrayList;
import java.util.List;
import org.halfulp.number.Format;
import org.halfulp.verify.OperandClasses.Draws;

/**
 * Operands by recipe, without end, as TestFloat (Hauser) has them: classes crossed with classes,
 * exponents near each other, near cancellation, products near the ends of the result's range, a
 * third operand that cancels the product, fractions that make ties, and uniform codes.
 */
final class ClassStimuli implements Stimuli {
  private static final int RECIPES = 8;
  private static final int FEW = 4;

  /** Words that share a recipe. */
  static final int BLOCK = 8;

  private static final long FIELD = 0x3C6EF372FE94F82BL; // keeps the fields of a word apart

  private final Unit unit;
  private final List<Field> fields;
  private final int lanes;
  private final long seed;
  private final OperandClasses[] classes; // null where a field has no format or is not of a lane
  private final OperandClasses[] shared; // of codes that a beat's lanes share, likewise
  private final int[] operands; // numbers of the fields that have classes
  private final OperandClasses result;

  ClassStimuli(Unit unit, int lanes, long seed) {
    this.unit = unit;
    this.fields = unit.inputs();
    this.lanes = lanes;
    this.seed = Stimuli.mix(seed);
    classes = new OperandClasses[fields.size()];
    shared = new OperandClasses[fields.size()];
    List<Integer> numbers = new ArrayList<>();
    for (int f = 0; f < classes.length; f++) {
      Field field = fields.get(f);
      if (field.format().isPresent() && field.perLane() && field.read()) {
        classes[f] = OperandClasses.of(field.format().get());
        numbers.add(f);
      } else if (field.format().isPresent() && field.read()) {
        shared[f] = OperandClasses.of(field.format().get());
      }
    }
    operands = numbers.stream().mapToInt(Integer::intValue).toArray();
    Format to =
        unit.outputs().stream()
            .flatMap(f -> f.format().stream())
            .findFirst()
            .orElseGet(() -> fields.get(0).format().orElse(null));
    result = to == null ? null : OperandClasses.of(to);
  }

  @Override
  public long beats() {
    return Long.MAX_VALUE;
  }

  @Override
  public void fill(long from, int beats, long[][] columns) {
    Draws draws = new Draws();
    for (int f = 0; f < columns.length; f++) {
      if (classes[f] == null) {
        raw(fields.get(f), from, beats, columns[f], draws, f);
      }
    }
    long first = from * lanes;
    int n = beats * lanes;
    for (int i = 0; i < n; ) {
      long block = Math.floorDiv(first + i, BLOCK);
      int end = (int) Math.min(n, (block + 1) * BLOCK - first);
      draws.start(~seed + block);
      block(columns, i, end, first, draws);
      i = end;
    }
    unit.shape(from, beats, lanes, columns);
  }

  /** Bits without a format: choices, modes, draws, and a format's codes that a beat shares. */
  private void raw(Field field, long from, int beats, long[] column, Draws draws, int f) {
    int count = field.perBeat(lanes);
    for (int i = 0; i < beats * count; i++) {
      draws.start(seed + (from * count + i) * RECIPES + f ^ 0x6A09E667F3BCC909L);
      long any = draws.next();
      long value = any >>> 64 - field.width();
      if (shared[f] != null && (any & 1) != 0) {
        value = shared[f].draw(draws.below(shared[f].count()), draws);
      } else if (field.width() > FEW && (any & 15) == 0) { // draws of all zeros and all ones
        value = (any & 16) == 0 ? 0 : field.mask();
      }
      column[i] = value;
    }
  }

  /**
   * Words {@code from} to {@code end}: one recipe and one set of classes, since a branch that each
   * word takes its own way costs more than the word's arithmetic.
   */
  private void block(long[][] columns, int from, int end, long first, Draws draws) {
    if (operands.length == 0) {
      return;
    }
    int recipe = draws.below(RECIPES);
    boolean crossed = recipe < 2 || operands.length == 1 && recipe < 5;
    if (crossed) {
      for (int f : operands) {
        int of = draws.below(classes[f].count());
        for (int i = from; i < end; i++) {
          draws.start(seed + first + i + (long) f * FIELD);
          columns[f][i] = classes[f].draw(of, draws);
        }
      }
      return;
    }
    if (recipe == 7) {
      for (int f : operands) {
        uniform(columns[f], f, from, end, first, draws);
      }
      return;
    }
    long choice = draws.next();
    for (int i = from; i < end; i++) {
      draws.start(seed + first + i);
      related(columns, i, recipe, choice, draws);
    }
    for (int k = 3; k < operands.length; k++) {
      uniform(columns[operands[k]], operands[k], from, end, first, draws);
    }
  }

  private void uniform(long[] column, int f, int from, int end, long first, Draws draws) {
    for (int i = from; i < end; i++) {
      draws.start(seed + first + i + (long) f * FIELD);
      column[i] = classes[f].uniform(draws);
    }
  }

  /** Up to three operands whose exponents have to do with each other. */
  private void related(long[][] columns, int i, int recipe, long choice, Draws draws) {
    int a = operands[0];
    long codeA = first(classes[a], recipe, choice, draws);
    columns[a][i] = codeA;
    if (operands.length == 1) {
      return;
    }
    int b = operands[1];
    int ea = classes[a].exponent(codeA);
    long codeB = second(classes[a], classes[b], codeA, ea, recipe, choice, draws);
    columns[b][i] = codeB;
    if (operands.length > 2) {
      int c = operands[2];
      int product = ea + classes[b].exponent(codeB);
      int spread =
          recipe == 5
              ? draws.below(3) - 1
              : draws.below(2 * reach(classes[c]) + 1) - reach(classes[c]);
      columns[c][i] = classes[c].near(product + spread, draws);
    }
  }

  /** A conversion meets the ends of the result's range in half of its exponents. */
  private long first(OperandClasses a, int recipe, long choice, Draws draws) {
    if (recipe == 5 && operands.length == 1) {
      int end = (choice & 1) == 0 ? result.largestExponent() : result.smallestExponent();
      return a.near(end + draws.below(5) - 2, draws);
    }
    int range = a.largestExponent() - a.smallestExponent() + 1;
    return a.near(a.smallestExponent() + draws.below(range), draws);
  }

  private long second(
      OperandClasses a,
      OperandClasses b,
      long codeA,
      int ea,
      int recipe,
      long choice,
      Draws draws) {
    switch (recipe) {
      case 3 -> { // a + b comes to an end of the range, or cancels
        if ((choice & 3) == 0) {
          return b.about(result.end(draws) - a.value(codeA), draws);
        }
        if (a == b) { // one instance a format
          return b.opposite(codeA + draws.below(2 * FEW + 1) - FEW & a.mask);
        }
        return b.near(ea + draws.below(3) - 1, draws);
      }
      case 4 -> { // a * b comes to an end of the range, or near
        double x = a.value(codeA);
        if ((choice & 1) == 0 && x != 0) {
          return b.about(result.end(draws) / x, draws);
        }
        int end = (choice & 2) == 0 ? result.largestExponent() : result.smallestExponent();
        return b.near(end - ea + draws.below(5) - 2, draws);
      }
      case 5 -> { // any product
        int range = b.largestExponent() - b.smallestExponent() + 1;
        return b.near(b.smallestExponent() + draws.below(range), draws);
      }
      default -> {
        int spread = draws.below(2 * reach(b) + 1) - reach(b);
        return b.near(ea + spread, draws);
      }
    }
  }

  /** How far exponents may lie apart for every bit to matter. */
  private int reach(OperandClasses c) {
    return Math.min(c.largestExponent() - c.smallestExponent(), 12 + (c.width >> 2));
  }
}
