package org.halfulp.prove;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A planted error: a text of one file of the RTL, and what stands there instead. */
record Fault(String file, String text, String instead) {
  private static final String FORMAL = "formal";

  /**
   * Copies the RTL, and what is said of it, with the error in it.
   *
   * @throws IllegalStateException unless the text is in the file once
   */
  Path plant(Path rtl) throws IOException {
    String before = Files.readString(rtl.resolve(file));
    int at = before.indexOf(text);
    if (at < 0 || before.indexOf(text, at + 1) >= 0) {
      throw new IllegalStateException("'%s' is not once in %s".formatted(text, file));
    }
    Path folder = Files.createTempDirectory("fault");
    for (String sub : List.of("", FORMAL)) {
      Files.createDirectories(folder.resolve(sub));
      try (Stream<Path> files = Files.list(rtl.resolve(sub))) {
        for (Path f : files.filter(Files::isRegularFile).toList()) {
          Files.copy(f, folder.resolve(sub).resolve(f.getFileName()));
        }
      }
    }
    Files.writeString(folder.resolve(file), before.replace(text, instead));
    return folder;
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path f : List.copyOf(files.sorted(Comparator.reverseOrder()).toList())) {
        Files.delete(f);
      }
    }
  }
}
