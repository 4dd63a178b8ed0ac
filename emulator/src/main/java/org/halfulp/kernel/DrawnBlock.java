package org.halfulp.kernel;

/** Draws made before they are used, for more than one use or in another order. Not thread-safe. */
final class DrawnBlock implements Draws {
  private long[] draws = new long[0];
  private int at;

  /** The next tensor's, in the order of its elements. */
  void ofTensor(Streams streams, int n) {
    reserve(n);
    streams.next(draws, n);
    streams.endTensor();
  }

  /**
   * Those of rows {@code [from, from + rows)} of an accumulator as [rounding][row]: each row's come
   * one after the other from its lane.
   */
  void ofRows(Streams streams, int lanes, int from, int rows, int roundings) {
    reserve(rows * roundings);
    for (int i = 0; i < rows; i++) {
      int lane = (from + i) % lanes;
      for (int k = 0; k < roundings; k++) {
        draws[k * rows + i] = streams.draw(lane);
      }
    }
  }

  private void reserve(int n) {
    if (draws.length < n) {
      draws = new long[n];
    }
    at = 0;
  }

  /** Back to the first. */
  void rewind() {
    at = 0;
  }

  @Override
  public void next(long[] out, int n) {
    System.arraycopy(draws, at, out, 0, n);
    at += n;
  }
}
