package org.halfulp.verify;

import java.util.Arrays;

/** How many different keys were seen, exactly up to a limit that an eighth of the heap can hold. */
public final class DistinctCount {
  private static final int LIMIT =
      (int) Math.min(1 << 24, Long.highestOneBit(Runtime.getRuntime().maxMemory() / 8 / 24));

  private long[] table = new long[1 << 12];
  private int used;
  private boolean hasZero;

  /** Adds a key; any long. */
  public void add(long key) {
    if (key == 0) {
      hasZero = true;
      return;
    }
    int i = slot(table, key);
    if (table[i] == key || used == LIMIT) {
      return;
    }
    table[i] = key;
    if (++used > table.length / 2) {
      long[] larger = new long[table.length * 2];
      Arrays.stream(table).filter(k -> k != 0).forEach(k -> larger[slot(larger, k)] = k);
      table = larger;
    }
  }

  private static int slot(long[] table, long key) {
    int mask = table.length - 1;
    int i = (int) (key * 0x9E3779B97F4A7C15L >>> 32) & mask;
    while (table[i] != 0 && table[i] != key) {
      i = i + 1 & mask;
    }
    return i;
  }

  /** Different keys so far; {@link #isFull} tells whether there may be more. */
  public long count() {
    return used + (hasZero ? 1 : 0);
  }

  public boolean isFull() {
    return used == LIMIT;
  }
}
