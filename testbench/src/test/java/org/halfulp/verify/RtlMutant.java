package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The update unit's Verilog with one fault in it.
 *
 * @param after the edit is the first place behind this text, which occurs once; empty: the file's
 *     start
 * @param from occurs once behind {@code after}
 */
record RtlMutant(String name, String file, String after, String from, String to) {
  static RtlMutant of(String name, String file, String from, String to) {
    return new RtlMutant(name, file, "", from, to);
  }

  /** Copies of {@code sources} in {@code folder}, with the fault; asserts that it went in once. */
  List<Path> write(List<Path> sources, Path folder) throws IOException {
    Files.createDirectories(folder);
    List<Path> copies = new ArrayList<>();
    int edits = 0;
    for (Path source : sources) {
      String text = Files.readString(source);
      Path copy = folder.resolve(source.getFileName().toString());
      if (copy.endsWith(file)) {
        int start = after.isEmpty() ? 0 : text.indexOf(after);
        assertEquals(start, after.isEmpty() ? 0 : text.lastIndexOf(after), name + ": " + after);
        int at = text.indexOf(from, start);
        assertEquals(true, at >= 0, () -> "%s: '%s' is not in %s".formatted(name, from, file));
        assertEquals(at, text.lastIndexOf(from), () -> name + ": more than once: " + from);
        text = text.substring(0, at) + to + text.substring(at + from.length());
        edits++;
      }
      Files.writeString(copy, text);
      copies.add(copy);
    }
    assertEquals(1, edits, name);
    return copies;
  }
}
