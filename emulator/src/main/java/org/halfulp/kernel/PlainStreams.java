package org.halfulp.kernel;

import java.util.Optional;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;

/**
 * The streams of one quantizer, kept by the book: each lane counts its draws, and at the end of a
 * tensor every lane has drawn as often as the one that drew most.
 */
public final class PlainStreams {
  private final int bits;
  private final RandomBits[] lanes;
  private final long[] drawn;

  public PlainStreams(Optional<Quantizer> quantizer, long seed, int number, int lanes) {
    bits = quantizer.map(Quantizer::randomBits).orElse(0);
    this.lanes = new RandomBits[lanes];
    drawn = new long[lanes];
    for (int l = 0; l < lanes; l++) {
      this.lanes[l] = new RandomBits(RandomBits.seed(seed, number, l));
    }
  }

  /** A draw for element {@code i} of a tensor. */
  public long forElement(int i) {
    if (bits == 0) {
      return 0;
    }
    drawn[i % lanes.length]++;
    return lanes[i % lanes.length].draw(bits);
  }

  public void endTensor() {
    long most = 0;
    for (long count : drawn) {
      most = Math.max(most, count);
    }
    for (int l = 0; l < lanes.length; l++) {
      while (drawn[l] < most) {
        forElement(l);
      }
    }
  }
}
