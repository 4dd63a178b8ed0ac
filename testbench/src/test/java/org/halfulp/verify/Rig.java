package org.halfulp.verify;

import java.util.List;
import org.halfulp.sim.Batch;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Dut;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Port;
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

  private static int word(List<Port> ports, String name) {
    int word = 0;
    for (Port port : ports) {
      if (port.name().equals(name)) {
        return word;
      }
      word += port.words();
    }
    throw new IllegalArgumentException("no port " + name + " among " + ports);
  }

  /** Writes {@code width} bits of a row's port from bit {@code bit} on. */
  void set(int row, String port, int bit, int width, long value) {
    int at = row * batch.stimulusWords() + word(library.stimulus(), port) + bit / 64;
    int shift = bit % 64;
    long mask = width == 64 ? -1L : (1L << width) - 1;
    batch.stimulus().put(at, batch.stimulus().get(at) & ~(mask << shift) | value << shift);
    if (shift + width > 64) {
      int rest = 64 - shift;
      batch
          .stimulus()
          .put(at + 1, batch.stimulus().get(at + 1) & ~(mask >>> rest) | value >>> rest);
    }
  }

  long get(int row, String port, int bit, int width) {
    int at = row * batch.responseWords() + word(library.response(), port) + bit / 64;
    int shift = bit % 64;
    long value = batch.response().get(at) >>> shift;
    if (shift + width > 64) {
      value |= batch.response().get(at + 1) << 64 - shift;
    }
    return width == 64 ? value : value & (1L << width) - 1;
  }

  BatchResult run(int sent, int wanted, Stalls stalls) {
    return dut.run(batch, sent, wanted, stalls);
  }

  @Override
  public void close() {
    dut.close();
  }
}
