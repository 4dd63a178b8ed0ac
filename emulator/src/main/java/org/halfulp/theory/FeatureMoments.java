package org.halfulp.theory;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.halfulp.kernel.Perturbation;
import org.halfulp.number.Quantizer;

/**
 * Moments of a Gaussian feature {@code x} of mean 0 and its quantized value {@code q}: all that the
 * second-moment recursion wants to know of a data quantizer that works element by element.
 *
 * @param second E q^2
 * @param k22 E q^2 x^2
 * @param k31 E q^3 x
 * @param k4 E q^4
 * @param cross E q x, the variance itself if the quantizer is unbiased
 */
public record FeatureMoments(double second, double k22, double k31, double k4, double cross) {
  private record Key(Quantizer quantizer, double variance) {}

  private static final int MOST_KNOWN = 10_000;

  /** The latest: the points of a sweep ask for the same moments, of milliseconds each. */
  private static final Map<Key, FeatureMoments> KNOWN =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, FeatureMoments> eldest) {
              return size() > MOST_KNOWN;
            }
          });

  /**
   * @param variance of the feature, positive
   * @throws IllegalArgumentException for a quantizer without finite moments, see {@link
   *     #of(Quantizer, double)}
   */
  public static FeatureMoments of(Perturbation data, double variance) {
    if (data instanceof Perturbation.Rounding rounding) {
      return of(rounding.quantizer(), variance);
    }
    double l = variance;
    if (data instanceof Perturbation.Noise noise) {
      double e = noise.variance();
      if (noise.kind() == Perturbation.Kind.ADDITIVE) {
        double s = l + e;
        return new FeatureMoments(s, s * l + 2 * l * l, 3 * s * l, 3 * s * s, l);
      }
      return new FeatureMoments(
          (1 + e) * l,
          3 * (1 + e) * l * l,
          3 * (1 + 3 * e) * l * l,
          3 * (1 + 6 * e + 3 * e * e) * l * l,
          l);
    }
    return new FeatureMoments(l, 3 * l * l, 3 * l * l, 3 * l * l, l);
  }

  /**
   * By integrals over each rounding cell of the format in closed form. Ties have measure zero.
   * Where cells are narrower than 1/64 of the standard deviation, a binade of them is taken
   * together by the Euler-Maclaurin formula with its first end term. Each moment has a relative
   * error below 1e-6.
   *
   * @throws IllegalArgumentException for a directed rounding mode, a format without zero or without
   *     negative floats, subnormals read as zero, or a range rule that gives Inf, NaN or a wrapped
   *     value within 10 standard deviations
   */
  public static FeatureMoments of(Quantizer quantizer, double variance) {
    if (!(variance > 0 && variance <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("variance must be positive, got " + variance);
    }
    Key key = new Key(quantizer, variance);
    FeatureMoments known = KNOWN.get(key);
    if (known == null) {
      known = new QuantizedNormal(quantizer, Math.sqrt(variance)).moments();
      KNOWN.put(key, known);
    }
    return known;
  }
}
