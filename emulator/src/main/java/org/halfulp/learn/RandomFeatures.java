package org.halfulp.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.halfulp.kernel.SignMatrix;

/**
 * Random features of any depth: {@code h_0 = x}, {@code h_l = act(W_l h_{l-1} / sqrt(dim
 * h_{l-1}))}, weights drawn once and not trained. Akhtiamov, Ghane and Hassibi, arXiv:2510.16250,
 * our reading: weights are standard normal or their signs, both of variance 1. Thread-safe.
 */
public final class RandomFeatures {
  private static final int CHUNK = 256; // inputs at a time

  /** What weights are. */
  public enum Weights {
    /** Standard normal, in binary64. */
    NORMAL,
    /** The signs of those, a bit each. */
    SIGN
  }

  private interface Layer {
    int width();

    /** {@code n} rows of sums, before scale and activation. */
    double[] sums(double[] h, int n);

    double[] weights();
  }

  /** W transposed. */
  private record NormalLayer(DMatrixRMaj turned) implements Layer {
    @Override
    public int width() {
      return turned.numCols;
    }

    @Override
    public double[] sums(double[] h, int n) {
      DMatrixRMaj sums = new DMatrixRMaj(n, turned.numCols);
      CommonOps_DDRM.mult(DMatrixRMaj.wrap(n, turned.numRows, h), turned, sums);
      return sums.data;
    }

    @Override
    public double[] weights() {
      return CommonOps_DDRM.transpose(turned, null).data;
    }
  }

  /**
   * @param binaryInput whether h is +-1, so that XNOR and popcount do it
   */
  private record SignLayer(SignMatrix matrix, boolean binaryInput) implements Layer {
    @Override
    public int width() {
      return matrix.rows();
    }

    @Override
    public double[] sums(double[] h, int n) {
      int width = matrix.rows();
      double[] sums = new double[n * width];
      if (!binaryInput) {
        matrix.products(h, n, sums);
        return sums;
      }
      int columns = matrix.columns();
      long[] packed = new long[SignMatrix.words(columns)];
      int[] dots = new int[width];
      for (int i = 0; i < n; i++) {
        SignMatrix.pack(h, i * columns, columns, packed, 0);
        matrix.dots(packed, 0, dots);
        for (int j = 0; j < width; j++) {
          sums[i * width + j] = dots[j];
        }
      }
      return sums;
    }

    @Override
    public double[] weights() {
      return matrix.toDoubles();
    }
  }

  private final int inputs;
  private final Activation activation;
  private final List<Layer> layers;

  private RandomFeatures(int inputs, Activation activation, List<Layer> layers) {
    this.inputs = inputs;
    this.activation = activation;
    this.layers = layers;
  }

  /**
   * Draws the weights.
   *
   * @param inputs length of x
   * @param widths of the layers, first to last; none: the features are x
   * @param random gives each weight in turn; the same one gives {@link Weights#SIGN} the signs of
   *     what {@link Weights#NORMAL} would have
   */
  public static RandomFeatures draw(
      int inputs, int[] widths, Activation activation, Weights kind, Random random) {
    if (inputs < 1) {
      throw new IllegalArgumentException("random features need at least 1 input, got " + inputs);
    }
    List<Layer> layers = new ArrayList<>();
    int dim = inputs;
    for (int width : widths) {
      if (width < 1 || (long) width * dim > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "a layer's width must be at least 1, its weights fewer than 2^31; got %d x %d"
                .formatted(width, dim));
      }
      double[] w = new double[width * dim];
      for (int i = 0; i < w.length; i++) {
        w[i] = random.nextGaussian();
      }
      layers.add(
          kind == Weights.SIGN
              ? new SignLayer(
                  SignMatrix.of(w, width, dim), !layers.isEmpty() && activation == Activation.SIGN)
              : new NormalLayer(
                  CommonOps_DDRM.transpose(DMatrixRMaj.wrap(width, dim, w), (DMatrixRMaj) null)));
      dim = width;
    }
    return new RandomFeatures(inputs, activation, List.copyOf(layers));
  }

  public int depth() {
    return layers.size();
  }

  public int inputs() {
    return inputs;
  }

  /** Length of the features. */
  public int outputs() {
    return layers.isEmpty() ? inputs : layers.get(layers.size() - 1).width();
  }

  /** Weights of a layer, width x (length of its input) row-major; the first layer is 0. */
  public double[] weights(int layer) {
    return layers.get(layer).weights();
  }

  /** Bits that the weights take: 1 each if they are signs, in binary32 if they are not. */
  public long weightBits() {
    long bits = 0;
    for (Layer layer : layers) {
      bits +=
          layer instanceof SignLayer s
              ? s.matrix.weightBits()
              : 32L * ((NormalLayer) layer).turned.getNumElements();
    }
    return bits;
  }

  /**
   * Features of {@code rows} inputs, row-major.
   *
   * @param x rows x inputs
   * @return rows x outputs
   */
  public double[] of(double[] x, int rows) {
    if (x.length != (long) rows * inputs) {
      throw new IllegalArgumentException(
          "%d values are not %d rows of %d".formatted(x.length, rows, inputs));
    }
    int p = outputs();
    double[] z = new double[Math.multiplyExact(rows, p)];
    for (int first = 0; first < rows; first += CHUNK) {
      int n = Math.min(CHUNK, rows - first);
      double[] h = Arrays.copyOfRange(x, first * inputs, (first + n) * inputs);
      int dim = inputs;
      for (Layer layer : layers) {
        double[] sums = layer.sums(h, n);
        double scale = Math.sqrt(dim);
        for (int i = 0; i < sums.length; i++) {
          sums[i] = activation.applyAsDouble(sums[i] / scale);
        }
        h = sums;
        dim = layer.width();
      }
      System.arraycopy(h, 0, z, first * p, n * p);
    }
    return z;
  }
}
