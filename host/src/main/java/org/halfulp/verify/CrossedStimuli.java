package org.halfulp.verify;

import java.util.List;
import org.halfulp.verify.OperandClasses.Draws;

/** Every operand of a class drawn by itself: what {@link Reach} searches with. */
final class CrossedStimuli implements Stimuli {
  private final Unit unit;
  private final List<Field> fields;
  private final int lanes;
  private final long seed;
  private final OperandClasses[] classes;
  private final int[] only; // the class of each counted operand, or null for any

  CrossedStimuli(Unit unit, int lanes, long seed, int[] only) {
    this.unit = unit;
    this.fields = unit.inputs();
    this.lanes = lanes;
    this.seed = Stimuli.mix(seed ^ 0x3C6EF372FE94F82BL);
    this.only = only;
    classes = new OperandClasses[fields.size()];
    for (int f = 0; f < classes.length; f++) {
      classes[f] = fields.get(f).format().map(OperandClasses::of).orElse(null);
    }
  }

  @Override
  public long beats() {
    return Long.MAX_VALUE;
  }

  @Override
  public void fill(long from, int beats, long[][] columns) {
    Draws draws = new Draws();
    int counted = 0;
    for (int f = 0; f < columns.length; f++) {
      Field field = fields.get(f);
      int count = field.perBeat(lanes);
      OperandClasses c = classes[f];
      boolean isCounted = c != null && field.perLane();
      int fixed = isCounted && only != null && counted < only.length ? only[counted] : -1;
      counted += isCounted ? 1 : 0;
      for (int i = 0; i < beats * count; i++) {
        draws.start(seed + (from * count + i) * columns.length + f);
        columns[f][i] =
            c == null
                ? draws.next() >>> 64 - field.width()
                : c.draw(fixed >= 0 ? fixed : draws.below(c.count()), draws);
      }
    }
    unit.shape(from, beats, lanes, columns);
  }
}
