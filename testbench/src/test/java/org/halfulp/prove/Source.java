package org.halfulp.prove;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.halfulp.number.RoundingMode;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.RtlSources;

/** Hashes of what a result depends on, so that it is not taken for one of something else. */
final class Source {
  private static final int DIGITS = 12;
  private static final List<String> PACKAGES = List.of("number", "kernel", "learn", "verify");

  private Source() {}

  /** Of a unit's Verilog. */
  static String of(Path rtl, String top) throws IOException {
    MessageDigest digest = sha256();
    rtl(digest, rtl, top);
    return hex(digest);
  }

  /** Of a unit's Verilog and the emulator and operands it is compared with. */
  static String withTwins(Path rtl, String top) throws IOException {
    MessageDigest digest = sha256();
    rtl(digest, rtl, top);
    digest.update(Twins.HASH);
    return hex(digest);
  }

  private static void rtl(MessageDigest digest, Path rtl, String top) throws IOException {
    for (Path file : RtlSources.in(rtl, top)) {
      digest.update(Files.readAllBytes(file));
    }
  }

  /** Once a process. */
  private static final class Twins {
    static final byte[] HASH = hash();

    private static byte[] hash() {
      MessageDigest digest = sha256();
      try {
        for (Class<?> in : List.of(RoundingMode.class, Campaign.class)) {
          URI place = in.getProtectionDomain().getCodeSource().getLocation().toURI();
          if (Files.isDirectory(Path.of(place))) {
            classes(digest, Path.of(place));
          } else {
            try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + place), Map.of())) {
              classes(digest, jar.getPath("/"));
            }
          }
        }
        return digest.digest();
      } catch (IOException | URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static void classes(MessageDigest digest, Path root) throws IOException {
    for (String name : PACKAGES) {
      Path folder = root.resolve("org/halfulp/" + name);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          for (Path file : files.sorted().toList()) {
            digest.update(Files.readAllBytes(file));
          }
        }
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
  }
}
