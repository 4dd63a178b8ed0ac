package org.halfulp.kernel;

import java.util.Optional;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;

/**
 * The random streams of one quantizer, one a lane; section 5.3 of the contract. A quantizer that
 * does not round stochastically draws nothing.
 */
public final class Streams {
  /** Numbers of the quantizers of a training step; section 5.2 of the contract. */
  public static final int DATA = 0;

  public static final int PARAMETER = 1;
  public static final int ACTIVATION = 2;
  public static final int LABEL = 3;
  public static final int RESIDUAL = 4;
  public static final int GRADIENT = 5;
  public static final int UPDATE_PRODUCT = 6;
  public static final int WEIGHT = 7;
  public static final int FORWARD_SUM = 8;
  public static final int BACKWARD_SUM = 9;
  public static final int FORWARD_PRODUCT = 10;
  public static final int BACKWARD_PRODUCT = 11;
  public static final int VELOCITY = 12;
  public static final int AVERAGE = 13;

  private final int bits;
  private final RandomBits[] streams;

  /**
   * @param quantizer may be null: nothing is drawn
   * @param number which quantizer of the step, see the constants
   */
  public Streams(Quantizer quantizer, long seed, int number, int lanes) {
    bits = quantizer == null ? 0 : quantizer.randomBits();
    streams = new RandomBits[bits == 0 ? 0 : lanes];
    for (int lane = 0; lane < streams.length; lane++) {
      streams[lane] = new RandomBits(RandomBits.seed(seed, number, lane));
    }
  }

  /** The next draw of {@code lane}, 0 where nothing is drawn. */
  public long draw(int lane) {
    return bits == 0 ? 0 : streams[lane].draw(bits);
  }

  /** Draws {@code count} times from each lane at and above {@code lane}, unused. */
  public void skip(int lane, int count) {
    for (int i = lane; i < streams.length; i++) {
      for (int k = 0; k < count; k++) {
        streams[i].draw(bits);
      }
    }
  }

  /**
   * The draw of {@code lane} in {@code beat} (from 0), by running a fresh stream from the seed: for
   * reports. Empty where nothing is drawn.
   */
  public static Optional<Long> drawOf(
      Optional<Quantizer> quantizer, long seed, int number, int lane, long beat) {
    if (quantizer.isEmpty() || !quantizer.get().draws()) {
      return Optional.empty();
    }
    int bits = quantizer.get().randomBits();
    RandomBits stream = new RandomBits(RandomBits.seed(seed, number, lane));
    for (long b = 0; b < beat; b++) {
      stream.draw(bits);
    }
    return Optional.of(stream.draw(bits));
  }
}
