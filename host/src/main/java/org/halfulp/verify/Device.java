package org.halfulp.verify;

import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Stalls;

/**
 * What answers beats beside a {@link Twin}: a simulated model, in this process or another. Owned by
 * the thread that opened it.
 */
public interface Device extends AutoCloseable {
  /**
   * Sends beats and takes answers.
   *
   * @param in columns as of {@link Twin#respond}
   * @param wanted answer beats to wait for
   * @throws org.halfulp.sim.DutException if the model ended, hangs or breaks the handshake
   */
  BatchResult run(long[][] in, int beats, int wanted, Stalls stalls);

  /** Whether the answers of the last run equal {@code expected} in every bit. */
  boolean matches(long[][] expected, int beats);

  /** The answers of the last run, as columns. */
  void answers(long[][] out, int beats);

  /** Back to the state after opening, with this seed. */
  void restart(long seed);

  @Override
  void close();
}
