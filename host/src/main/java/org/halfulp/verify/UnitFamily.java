package org.halfulp.verify;

import java.util.List;

/** An entry of the {@link Catalogue}: makes units of one top from what is asked for. */
public interface UnitFamily {
  /** Name of the top: {@code fp_add}. */
  String top();

  /** One line for people: {@code "a + b or a - b, one rounding"}. */
  String summary();

  /**
   * The unit that {@code request} describes; what it leaves open takes a default.
   *
   * @throws IllegalArgumentException in words for users, if there is no such unit
   */
  Unit unit(UnitRequest request);

  /** What {@code verify all} runs: a few formats and modes, each short. */
  List<UnitRequest> matrix();
}
