package org.halfulp.kernel;

import org.halfulp.number.Quantizer;

/** One quantizer of a training step with its streams, on whole tensors; section 5.3. */
public final class TensorQuantizer {
  private final Rounder rounder; // null: the tensor stays binary64
  private final ArrayQuantizer array;
  private final Streams streams;
  private final int lanes;

  /**
   * @param quantizer or null, which leaves the tensor as it is
   * @param number which quantizer of the step, see {@link Streams}
   */
  public TensorQuantizer(Quantizer quantizer, long seed, int number, int lanes) {
    this.rounder = quantizer == null ? null : new Rounder(quantizer);
    this.array = quantizer == null ? null : new ArrayQuantizer(quantizer);
    this.streams = new Streams(quantizer, seed, number, lanes);
    this.lanes = lanes;
  }

  /** The rounder, or null. */
  public Rounder rounder() {
    return rounder;
  }

  public Streams streams() {
    return streams;
  }

  /** {@code out[i] = Q(in[i])} for i below n, in row-major order; may be in place. */
  public void quantize(double[] in, double[] out, int n) {
    if (rounder == null) {
      System.arraycopy(in, 0, out, 0, n);
      return;
    }
    array.quantize(in, 0, out, 0, n, streams);
    streams.endTensor();
  }

  /** {@code out[i] = Q(a[i] - b[i])}, the difference being exact (binary64 without a quantizer). */
  public void quantizeDifference(double[] a, double[] b, double[] out, int n) {
    int lane = 0;
    for (int i = 0; i < n; i++) {
      out[i] =
          rounder == null
              ? a[i] - b[i]
              : rounder.value(rounder.roundSum(a[i], -b[i], streams.draw(lane)));
      lane = lane + 1 == lanes ? 0 : lane + 1;
    }
    if (lane != 0) {
      streams.skip(lane, 1);
    }
  }
}
