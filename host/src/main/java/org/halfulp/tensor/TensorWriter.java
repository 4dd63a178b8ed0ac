package org.halfulp.tensor;

import java.io.Closeable;
import java.io.IOException;

/** Takes an array's elements in order. Nothing has the file's name before {@link #finish}. */
public interface TensorWriter extends Closeable {
  void write(double[] values, int n) throws IOException;

  /** Codes of a format. */
  void write(long[] codes, int n) throws IOException;

  /** Writes what is left and gives the file its name; {@link #close} without it drops all. */
  void finish() throws IOException;
}
