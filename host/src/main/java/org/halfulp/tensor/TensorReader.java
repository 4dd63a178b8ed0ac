package org.halfulp.tensor;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.halfulp.input.InputException;

/** The elements of an array, in the order in which its file has them. */
public interface TensorReader extends Closeable {
  /** Elements in all; -1 if only the end will tell. */
  long elements();

  /** Elements of a row: of the last dimension, or of a line. */
  int columns();

  /** What an element is in the file; text is {@link ElementType#FLOAT64}. */
  ElementType type();

  /** Lengths of the dimensions; the first is -1 if only the end will tell. */
  List<Long> shape();

  /** Whether a column of a matrix is contiguous, not a row. */
  boolean fortran();

  /**
   * The next elements.
   *
   * @return how many; 0 at the end
   * @throws InputException for what is no number, with its place
   */
  int read(double[] to) throws IOException;

  /** The next elements as bits, of an unsigned type. */
  int read(long[] to) throws IOException;
}
