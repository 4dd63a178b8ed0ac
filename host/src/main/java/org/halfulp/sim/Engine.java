package org.halfulp.sim;

import java.nio.file.Path;

/**
 * Where a model runs: in this process or in one of its own. Calls return a status of {@link
 * Bridge}; after {@code FAILED} only {@link #reason}, {@link #takeText} and {@link #destroy} are
 * asked.
 */
interface Engine {
  int poke(int port, long[] words);

  int peek(int port, long[] words);

  int eval();

  int tick(long cycles);

  /**
   * @param counts takes cycles, accepted, returned, nanoseconds
   */
  int run(
      Batch batch,
      long sent,
      long wanted,
      long repeat,
      Stalls stalls,
      long patience,
      long[] counts);

  /** Opens a waveform file; null closes it. */
  int wave(Path file);

  int coverage(Path file);

  int finalBlocks();

  void destroy();

  String takeText();

  String reason();

  Batch batch(int rows);
}
