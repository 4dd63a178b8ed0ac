package org.halfulp.verify;

import org.halfulp.sim.VerilatedLibrary;

/** RTL in the loop of a training run, the emulator beside it: what was compared so far. */
public sealed interface Twins extends AutoCloseable permits Lockstep, StepLockstep {

  /** The simulated design. */
  VerilatedLibrary library();

  /** Words compared so far, none of which differs. */
  long compared();

  /** Different operands and results among them. */
  DistinctCount distinct();

  /** Clock cycles simulated. */
  long cycles();

  /** Time in the RTL. */
  long simulateNanos();

  @Override
  void close();
}
