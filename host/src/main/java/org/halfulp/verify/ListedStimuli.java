package org.halfulp.verify;

import java.util.List;

/** Vectors from a list, one a lane; the last one repeats in the lanes left over. */
final class ListedStimuli implements Stimuli {
  private final List<Field> fields;
  private final int lanes;
  private final long[][] vectors;
  private final int perBeat; // vectors of a beat: one if a value of the beat is read

  /**
   * @param vectors a value for each input
   */
  ListedStimuli(Unit unit, int lanes, long[][] vectors) {
    this.fields = unit.inputs();
    this.lanes = lanes;
    this.vectors = vectors;
    perBeat = fields.stream().anyMatch(f -> !f.perLane() && f.read()) ? 1 : lanes;
  }

  @Override
  public long beats() {
    return (vectors.length + perBeat - 1) / perBeat;
  }

  /** The vector of a beat's lane. */
  int vector(long beat, int lane) {
    return (int) Math.min(vectors.length - 1L, beat * perBeat + Math.min(lane, perBeat - 1));
  }

  @Override
  public void fill(long from, int beats, long[][] columns) {
    for (int f = 0; f < columns.length; f++) {
      int count = fields.get(f).perBeat(lanes);
      for (int i = 0; i < beats * count; i++) {
        columns[f][i] = vectors[vector(from + i / count, i % count)][f];
      }
    }
  }
}
