package org.halfulp.learn;

import java.util.SplittableRandom;
import org.halfulp.kernel.Perturbation;
import org.halfulp.kernel.TensorQuantizer;

/** A {@link Perturbation} with its random numbers, on the tensors of one run. */
final class PerturbedTensor {
  private final TensorQuantizer quantizer; // null: ideal noise
  private final Perturbation.Kind kind;
  private final double deviation;
  private final SplittableRandom random;

  /**
   * @param number which quantizer of the step, see {@link org.halfulp.kernel.Streams}
   */
  PerturbedTensor(Perturbation p, long seed, int number, int lanes) {
    if (p instanceof Perturbation.Noise noise) {
      quantizer = null;
      kind = noise.kind();
      deviation = Math.sqrt(noise.variance());
      random = new SplittableRandom(new SplittableRandom(seed ^ ~number).nextLong());
    } else {
      quantizer =
          new TensorQuantizer(
              p instanceof Perturbation.Rounding r ? r.quantizer() : null, seed, number, lanes);
      kind = null;
      deviation = 0;
      random = null;
    }
  }

  /** {@code out[i] = Q(in[i])} for i below n, which is a number of vectors of that length. */
  void apply(double[] in, double[] out, int n, int length) {
    if (quantizer != null) {
      quantizer.quantize(in, out, n);
      return;
    }
    disturb(in, out, n, length);
  }

  /** {@code out[i] = Q(a[i] - b[i])}, one vector. */
  void applyToDifference(double[] a, double[] b, double[] out, int n) {
    if (quantizer != null) {
      quantizer.quantizeDifference(a, b, out, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      out[i] = a[i] - b[i];
    }
    disturb(out, out, n, n);
  }

  private void disturb(double[] in, double[] out, int n, int length) {
    switch (kind) {
      case ADDITIVE -> {
        for (int i = 0; i < n; i++) {
          out[i] = in[i] + deviation * random.nextGaussian();
        }
      }
      case ELEMENTWISE -> {
        for (int i = 0; i < n; i++) {
          out[i] = in[i] * (1 + deviation * random.nextGaussian());
        }
      }
      case SHARED -> {
        double scale = 0;
        for (int i = 0; i < n; i++) {
          if (i % length == 0) {
            scale = 1 + deviation * random.nextGaussian();
          }
          out[i] = in[i] * scale;
        }
      }
    }
  }
}
