package org.halfulp.kernel;

import java.util.stream.IntStream;

/** Rows of a product, shared among threads where there are enough of them. */
final class RowRanges {
  private static final int ALIGNED = 16; // rows that the widest loops take at once

  /** A range of rows; {@code part} counts the ranges. */
  interface Work {
    void on(int part, int first, int end);
  }

  private RowRanges() {}

  /** How many ranges: each has {@code least} operations. */
  static int count(int threads, int rows, long operations, long least) {
    long most = Math.min((rows + ALIGNED - 1) / ALIGNED, operations / least);
    return (int) Math.max(1, Math.min(threads, most));
  }

  static void each(int count, int rows, Work work) {
    if (count == 1) {
      work.on(0, 0, rows);
      return;
    }
    int blocks = (rows + ALIGNED - 1) / ALIGNED;
    IntStream.range(0, count)
        .parallel()
        .forEach(
            p -> work.on(p, start(p, count, blocks), Math.min(rows, start(p + 1, count, blocks))));
  }

  private static int start(int part, int count, int blocks) {
    return (int) ((long) blocks * part / count) * ALIGNED;
  }
}
