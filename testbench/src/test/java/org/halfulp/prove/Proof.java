package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.halfulp.verify.Unit;

/** That a unit means what is said of it in another way. */
interface Proof {
  /**
   * @param found empty: there are no such inputs
   * @param seconds of CPU time
   */
  record Answer(Optional<Counterexample> found, double seconds) {}

  /** Name of the top. */
  String top();

  Unit unit();

  /**
   * Looks for inputs on which it does not hold.
   *
   * @param rtl folder of the Verilog
   * @throws IllegalStateException if there is no answer in time
   */
  Answer refute(Path rtl, int seconds) throws IOException, InterruptedException;

  /** A cell of the matrix that this proves, if it is in it. */
  Optional<Results.Row> row(double seconds, String source);
}
