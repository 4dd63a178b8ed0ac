package org.halfulp.kernel;

import java.util.Optional;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;

/**
 * The random streams of one quantizer, one a lane; section 5.3 of the contract. A quantizer that
 * does not round stochastically draws nothing.
 */
public final class Streams implements Draws {
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
  private final int lanes;
  private final long[] states; // of each lane, empty where nothing is drawn
  private final int ahead; // draws of one lane that are made side by side
  private final long[] registers; // lane by lane, then their states after one draw, and on
  private final ScalarStreams loops;
  private int lane; // of the next element

  /**
   * @param quantizer may be null: nothing is drawn
   * @param number which quantizer of the step, see the constants
   */
  public Streams(Quantizer quantizer, long seed, int number, int lanes) {
    this(quantizer, seed, number, lanes, true);
  }

  /**
   * @param vectors whether to use vectors where the JVM has them
   */
  Streams(Quantizer quantizer, long seed, int number, int lanes, boolean vectors) {
    bits = quantizer == null ? 0 : quantizer.randomBits();
    this.lanes = lanes;
    states = new long[bits == 0 ? 0 : lanes];
    for (int l = 0; l < states.length; l++) {
      states[l] = RandomBits.seed(seed, number, l);
    }
    loops = LoopChoice.streams(vectors);
    int wanted = 1;
    while (lanes * wanted % loops.width() != 0 && 2 * wanted * bits <= ScalarStreams.MOST_LEAP) {
      wanted *= 2;
    }
    ahead = wanted;
    registers = new long[bits == 0 ? 0 : lanes * ahead];
  }

  /** The next draw of {@code lane}, 0 where nothing is drawn. */
  public long draw(int lane) {
    if (bits == 0) {
      return 0;
    }
    long next = RandomBits.next(states[lane], bits);
    states[lane] = states[lane] << bits | next;
    return next;
  }

  /**
   * Draws of the lanes in turn; see {@link #endTensor}. Nothing is written where none are drawn.
   */
  @Override
  public void next(long[] out, int n) {
    if (bits == 0) {
      return;
    }
    int i = 0;
    while (lane != 0 && i < n) {
      out[i++] = drawInTurn();
    }
    int side = (n - i) / registers.length * registers.length;
    if (side > 0) {
      System.arraycopy(states, 0, registers, 0, lanes);
      for (int r = lanes; r < registers.length; r++) {
        long s = registers[r - lanes];
        registers[r] = s << bits | RandomBits.next(s, bits);
      }
      loops.draw(registers, bits, bits * ahead, out, i, side);
      System.arraycopy(registers, 0, states, 0, lanes);
      i += side;
    }
    while (i < n) {
      out[i++] = drawInTurn();
    }
  }

  private long drawInTurn() {
    long r = draw(lane);
    lane = lane + 1 == lanes ? 0 : lane + 1;
    return r;
  }

  /** The lanes that the last beat of {@link #next} left out draw too, unused. */
  public void endTensor() {
    if (lane != 0) {
      skip(lane, 1);
      lane = 0;
    }
  }

  /** Draws {@code count} times from each lane at and above {@code lane}, unused. */
  public void skip(int lane, int count) {
    for (int i = lane; i < states.length; i++) {
      for (int k = 0; k < count; k++) {
        draw(i);
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
