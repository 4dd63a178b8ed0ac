package org.halfulp.verify;

import org.halfulp.sim.Batch;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Dut;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilatorBuild;

/** A simulated stream unit whose ports are written and read value by value; plain, not fast. */
final class Rig implements AutoCloseable {
  private final VerilatedLibrary library;
  private final Dut dut;
  private final Batch batch;

  Rig(VerilatorBuild build, int rows) {
    library = Fixtures.cache().build(build);
    dut = Dut.open(library);
    batch = Batch.of(library, rows);
  }

  Dut dut() {
    return dut;
  }

  int rows() {
    return batch.rows();
  }

  /** Writes {@code width} bits of a row's port from bit {@code bit} on. */
  void set(int row, String port, int bit, int width, long value) {
    PortField.of(library.stimulus(), port).set(batch.stimulus(), row, bit, width, value);
  }

  long get(int row, String port, int bit, int width) {
    return PortField.of(library.response(), port).get(batch.response(), row, bit, width);
  }

  BatchResult run(int sent, int wanted, Stalls stalls) {
    return dut.run(batch, sent, wanted, stalls);
  }

  @Override
  public void close() {
    dut.close();
  }
}
