package org.halfulp.sim;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The Verilog of these tests and one cache that they share. */
public final class Fixtures {
  private static final Path SHARED = Path.of("target", "model-cache").toAbsolutePath();

  private Fixtures() {}

  public static Path verilog(String name) {
    try {
      return Path.of(Fixtures.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  public static Toolchain tools() {
    return Toolchain.find(System.getenv(), SHARED);
  }

  public static ModelCache cache() {
    return new ModelCache(SHARED, tools(), System.err::println);
  }

  public static VerilatedLibrary build(String top) {
    return cache().build(VerilatorBuild.of(top, verilog(top + ".v")));
  }

  /** Saves a private cache the seconds of compiling Verilator's runtime. */
  static void warm(Path folder) throws IOException {
    build("offset");
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(SHARED)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.matches("(runtime|bridge|prelude)-.*\\.(o|so|gch|note)")) {
          Files.copy(file, folder.resolve(name));
        }
      }
    }
  }
}
