package org.halfulp.input;

import java.nio.file.Path;
import java.util.List;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;

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
   */
  public record Data(
      Path file,
      String target,
      List<String> drop,
      boolean standardize,
      double testFraction,
      long seed) {}
}
