package org.halfulp.verify;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.halfulp.sim.ToolException;

/** The Verilog of the units: a checkout's {@code rtl/}, or the copy that the jar carries. */
public final class RtlSources {
  /** Names the folder with the .v files; the launcher sets it in a checkout. */
  public static final String PROPERTY = "halfulp.rtl";

  private static final String RESOURCES = "/org/halfulp/rtl/";

  /** The files that {@code sgd_update} is made of, top first. */
  private static final List<String> SGD_UPDATE =
      List.of(
          "sgd_update.v",
          "fp_sgd_lane.v",
          "fx_sgd_lane.v",
          "fp_unpack.v",
          "fp_normalize.v",
          "shift_right_sticky.v",
          "fp_round_pack.v",
          "fx_requantize.v",
          "fx_round_up.v",
          "fx_clamp.v",
          "random_bits.v",
          "stream_ranks.v",
          "lint.vlt");

  private RtlSources() {}

  /**
   * The files of {@code sgd_update}.
   *
   * @param cache where the jar's copy is unpacked if there is no checkout
   */
  public static List<Path> sgdUpdate(Path cache) {
    return files(SGD_UPDATE, System.getProperty(PROPERTY), cache);
  }

  static List<Path> files(List<String> names, String checkout, Path cache) {
    List<Path> paths = new ArrayList<>();
    if (checkout != null) {
      for (String name : names) {
        Path path = Path.of(checkout, name);
        if (!Files.isRegularFile(path)) {
          throw new ToolException(
              "%s is missing; %s must name the rtl folder of a checkout, it is %s"
                  .formatted(path, PROPERTY, checkout));
        }
        paths.add(path);
      }
      return paths;
    }
    try {
      Path folder = Files.createDirectories(cache.resolve("rtl"));
      for (String name : names) {
        paths.add(unpack(name, folder));
      }
      return paths;
    } catch (IOException e) {
      throw new ToolException(
          "the cache %s cannot be used: %s; set HALFULP_CACHE to a folder that can be written"
              .formatted(cache, e.getMessage()),
          e);
    }
  }

  private static Path unpack(String name, Path folder) throws IOException {
    byte[] wanted;
    try (InputStream in = RtlSources.class.getResourceAsStream(RESOURCES + name)) {
      if (in == null) {
        throw new IllegalStateException("the jar does not carry " + name);
      }
      wanted = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Path path = folder.resolve(name);
    if (!Files.isRegularFile(path) || !java.util.Arrays.equals(Files.readAllBytes(path), wanted)) {
      Path draft = Files.createTempFile(folder, name, ".tmp");
      Files.write(draft, wanted);
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
    }
    return path;
  }
}
