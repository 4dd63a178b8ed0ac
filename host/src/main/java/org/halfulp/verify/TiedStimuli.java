package org.halfulp.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Other stimuli, with one value on some ports in every beat. */
final class TiedStimuli implements Stimuli {
  private final Stimuli others;
  private final List<Field> fields;
  private final int lanes;
  private final Map<String, Long> ties;

  /**
   * @param ties the value of each such port
   * @throws IllegalArgumentException naming the ports, if there is none of a name, or the range
   */
  TiedStimuli(Stimuli others, Unit unit, int lanes, Map<String, Long> ties) {
    this.others = others;
    this.fields = unit.inputs();
    this.lanes = lanes;
    this.ties = ties;
    ties.forEach((port, value) -> check(unit, port, value));
  }

  private void check(Unit unit, String port, long value) {
    Field field =
        fields.stream()
            .filter(f -> f.port().equals(port))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s has no input %s to tie; it has %s"
                            .formatted(
                                unit.name(),
                                port,
                                String.join(" ", fields.stream().map(Field::port).toList()))));
    if ((value & ~field.mask()) != 0) {
      throw new IllegalArgumentException(
          "%s must be in [0, 2^%d), got %d".formatted(port, field.width(), value));
    }
  }

  @Override
  public long beats() {
    return others.beats();
  }

  @Override
  public boolean exhausts() {
    return others.exhausts();
  }

  @Override
  public long distinct() {
    return others.distinct();
  }

  @Override
  public void fill(long from, int beats, long[][] columns) {
    others.fill(from, beats, columns);
    for (int f = 0; f < columns.length; f++) {
      Long value = ties.get(fields.get(f).port());
      if (value != null) {
        Arrays.fill(columns[f], 0, fields.get(f).perBeat(lanes) * beats, value);
      }
    }
  }
}
