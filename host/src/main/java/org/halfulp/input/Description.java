package org.halfulp.input;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;
import org.halfulp.number.Format;

/**
 * A training run as its user describes it: data, how long and how fast, and the datapath.
 *
 * @param name a word, names the run's folder
 */
public record Description(String name, Data data, Training.Plan training, Datapath datapath) {

  /**
   * Where the data come from.
   *
   * @param file CSV with a header line
   * @param target the label's column
   * @param drop columns that are not features
   * @param standardize to zero mean and unit variance over the training rows
   * @param testFraction rows kept for testing, in [0, 1)
   * @param seed of the split
   * @param input format to which features and labels are rounded (nearest, ties to even, saturated)
   *     before anything else sees them; empty: binary64
   */
  public record Data(
      Path file,
      String target,
      List<String> drop,
      boolean standardize,
      double testFraction,
      long seed,
      Optional<Format> input) {}
}
