package org.halfulp.verify;

import java.util.List;
import java.util.Map;
import org.halfulp.sim.Stalls;

/**
 * Beats on which a device and the emulator differ, or on which the device broke down.
 *
 * @param in columns of {@code beats} beats, from the state after reset
 * @param what in words, one line
 */
public record Failure(
    Unit unit,
    int lanes,
    long seed,
    Stalls stalls,
    Map<String, Long> pokes,
    long[][] in,
    int beats,
    String what) {

  public Failure {
    pokes = Map.copyOf(pokes);
  }

  Failure with(long[][] newIn, int newBeats, String newWhat) {
    return new Failure(unit, lanes, seed, stalls, pokes, newIn, newBeats, newWhat);
  }

  List<Field> inputs() {
    return unit.inputs();
  }
}
