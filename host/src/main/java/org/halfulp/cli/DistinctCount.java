package org.halfulp.cli;

/**
 * Counts different rows of words by a 64-bit hash of each, up to a limit of memory.
 *
 * <p>Two different rows share a hash with probability 2^-64, so the count is exact in practice.
 */
final class DistinctCount {
  private static final int LARGEST_TABLE = 1 << 24;

  private final int largestTable;
  private long[] table = new long[1 << 12];
  private int size;
  private boolean full;

  DistinctCount() {
    long bytes = Runtime.getRuntime().maxMemory() / 8;
    int entries = (int) Math.min(LARGEST_TABLE, Long.highestOneBit(bytes / Long.BYTES));
    largestTable = Math.max(table.length, entries);
  }

  void add(long a, long b, long c, long d) {
    if (full) {
      return;
    }
    long hash = mix(mix(mix(mix(a) + b) + c) + d);
    insert(table, hash == 0 ? 1 : hash);
  }

  private void insert(long[] slots, long hash) {
    int i = (int) hash & slots.length - 1;
    while (slots[i] != 0) {
      if (slots[i] == hash) {
        return;
      }
      i = i + 1 & slots.length - 1;
    }
    slots[i] = hash;
    size++;
    if (slots == table && size > slots.length / 4 * 3) {
      grow();
    }
  }

  private void grow() {
    if (table.length >= largestTable) {
      full = true;
      return;
    }
    long[] wider = new long[2 * table.length];
    size = 0;
    for (long hash : table) {
      if (hash != 0) {
        insert(wider, hash);
      }
    }
    table = wider;
  }

  private static long mix(long z) { // SplitMix64's finalizer
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The rows counted; a lower bound unless {@link #exact}. */
  long count() {
    return size;
  }

  boolean exact() {
    return !full;
  }
}
