package org.halfulp.sweep;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.halfulp.input.Description;
import org.halfulp.input.DescriptionWriter;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;
import org.halfulp.sim.Hash;

/** Names for what a sweep finds: SHA-256 over all that determines it. */
final class Identity {
  private final String emulator;

  Identity() {
    emulator = code(Training.class);
  }

  /** The emulator's code: its jar, or its classes. */
  String emulator() {
    return emulator;
  }

  private static String code(Class<?> of) {
    try {
      URL place = of.getProtectionDomain().getCodeSource().getLocation();
      Path path = Path.of(place.toURI());
      Hash hash = new Hash();
      if (Files.isRegularFile(path)) {
        hash.add(Files.readAllBytes(path));
      } else {
        try (Stream<Path> files = Files.walk(path)) {
          for (Path p : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
            hash.add(path.relativize(p).toString());
            try (InputStream in = Files.newInputStream(p)) {
              hash.add(in.readAllBytes());
            }
          }
        }
      }
      return hash.hex();
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("the emulator's code cannot be read", e);
    }
  }

  /**
   * A training run.
   *
   * @param data hash of the data file; empty where the description says all of the data
   */
  String training(Description d, String data) {
    Description.Data from = d.data();
    Description.Source source =
        from.source() instanceof Description.Csv csv
            ? new Description.Csv(Path.of("data"), csv.target(), csv.drop())
            : from.source();
    Description.Data plain =
        new Description.Data(
            source, from.standardize(), from.testFraction(), from.seed(), from.input());
    Description unnamed = new Description("run", plain, d.training(), d.datapath());
    return Hash.of("training", emulator, data, DescriptionWriter.write(unnamed));
  }

  /** The binary64 run of the same steps. */
  static Description reference(Description d) {
    return new Description(d.name(), d.data(), d.training(), Datapath.binary64());
  }

  /** A point: the runs of its seeds, its hardware, and how far the training goes. */
  static String point(List<String> trainings, Optional<String> hardware, int rung) {
    Hash hash = new Hash().add("point").add(Integer.toString(rung)).add(hardware.orElse("none"));
    trainings.forEach(hash::add);
    return hash.hex();
  }

  /** A point that cannot be trained. */
  static String problem(String base, String settings, String problem) {
    return Hash.of("problem", base, settings, problem);
  }
}
