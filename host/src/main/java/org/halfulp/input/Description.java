package org.halfulp.input;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.GaussianProblem;
import org.halfulp.learn.Training;
import org.halfulp.number.Format;

/**
 * A training run as its user describes it: data, how long and how fast, and the datapath.
 *
 * @param name a word, names the run's folder
 */
public record Description(String name, Data data, Training.Plan training, Datapath datapath) {

  /** Rows of features and labels. */
  public sealed interface Source {}

  /**
   * Rows of a file.
   *
   * @param file CSV with a header line
   * @param target the label's column
   * @param drop columns that are not features
   */
  public record Csv(Path file, String target, List<String> drop) implements Source {
    @Override
    public String toString() {
      return file.toString();
    }
  }

  /**
   * Rows drawn from a {@link GaussianProblem}.
   *
   * @param features d
   * @param decay a of the eigenvalues {@code i^-a}, where {@code spectrum} is empty
   * @param spectrum eigenvalues, length d or 0
   * @param weights w*, length d, or 1: all the same
   * @param noise variance of the labels' noise
   * @param seed of the rows
   */
  public record Gaussian(
      int features,
      int rows,
      double decay,
      List<Double> spectrum,
      List<Double> weights,
      double noise,
      long seed)
      implements Source {
    /** What the rows are drawn from. */
    public GaussianProblem problem() {
      return new GaussianProblem(
          spectrum.isEmpty() ? GaussianProblem.powerLaw(features, decay) : array(spectrum),
          array(weights.size() == 1 ? Collections.nCopies(features, weights.get(0)) : weights),
          noise);
    }

    private static double[] array(List<Double> list) {
      return list.stream().mapToDouble(x -> x).toArray();
    }

    @Override
    public String toString() {
      return "data.gaussian";
    }
  }

  /**
   * The data.
   *
   * @param standardize to zero mean and unit variance over the training rows
   * @param testFraction rows kept for testing, in [0, 1)
   * @param seed of the split
   * @param input format to which features and labels are rounded (nearest, ties to even, saturated)
   *     before anything else sees them; empty: binary64
   */
  public record Data(
      Source source, boolean standardize, double testFraction, long seed, Optional<Format> input) {}
}
