package org.halfulp.verify;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.halfulp.sim.ToolException;

/** The Verilog of the units: a checkout's {@code rtl/}, or the copy that the jar carries. */
public final class RtlSources {
  /** Names the folder with the .v files; the launcher sets it in a checkout. */
  public static final String PROPERTY = "halfulp.rtl";

  private static final String RESOURCES = "/org/halfulp/rtl/";

  private static final String WAIVERS = "lint.vlt";
  private static final Pattern COMMENT = Pattern.compile("//[^\\n]*|(?s:/\\*.*?\\*/)");
  private static final Pattern INSTANCE =
      Pattern.compile("\\b([A-Za-z_][A-Za-z0-9_]*)\\s*#\\s*\\(");
  private static final Pattern WORD = Pattern.compile("\\b[A-Za-z_][A-Za-z0-9_]*\\b");

  private RtlSources() {}

  /**
   * The files of {@code sgd_update}.
   *
   * @param cache where the jar's copy is unpacked if there is no checkout
   */
  public static List<Path> sgdUpdate(Path cache) {
    return of("sgd_update", cache);
  }

  /**
   * The file of a module, top first, those of the modules it names, and the lint waivers. Files are
   * named after their modules, so every word of a text that names a file counts.
   *
   * @param cache where the jar's copy is unpacked if there is no checkout
   */
  public static List<Path> of(String top, Path cache) {
    String checkout = System.getProperty(PROPERTY);
    return checkout == null ? carried(top, cache) : in(Path.of(checkout), top);
  }

  /** As {@link #of}, from a folder. */
  public static List<Path> in(Path folder, String top) {
    Path first = folder.resolve(top + ".v");
    if (!Files.isRegularFile(first)) {
      throw new ToolException(
          "%s is missing; %s must name the rtl folder of a checkout, it is %s"
              .formatted(first, PROPERTY, folder));
    }
    List<Path> paths = new ArrayList<>();
    for (String name : closure(top, file -> text(folder.resolve(file)))) {
      Path path = folder.resolve(name);
      if (!Files.isRegularFile(path)) {
        throw new ToolException("%s is missing; %s needs it".formatted(path, first.getFileName()));
      }
      paths.add(path);
    }
    return paths;
  }

  private static List<Path> carried(String top, Path cache) {
    try {
      Path folder = Files.createDirectories(cache.resolve("rtl"));
      List<Path> paths = new ArrayList<>();
      for (String name : closure(top, RtlSources::resource)) {
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

  /**
   * Names of files, {@code texts} giving null for those that do not exist; only an instance's file
   * may be named and not exist.
   */
  private static List<String> closure(String top, Function<String, String> texts) {
    List<String> names = new ArrayList<>(List.of(top + ".v"));
    Set<String> met = new HashSet<>(names);
    for (int i = 0; i < names.size(); i++) {
      String text = texts.apply(names.get(i));
      if (text == null) {
        continue;
      }
      String code = COMMENT.matcher(text).replaceAll(" ");
      Matcher instance = INSTANCE.matcher(code);
      while (instance.find()) {
        String name = instance.group(1) + ".v";
        if (met.add(name)) {
          names.add(name);
        }
      }
      Matcher word = WORD.matcher(code);
      while (word.find()) {
        String name = word.group() + ".v";
        if (met.add(name) && texts.apply(name) != null) {
          names.add(name);
        }
      }
    }
    if (texts.apply(WAIVERS) != null) {
      names.add(WAIVERS);
    }
    return names;
  }

  private static String text(Path path) {
    try {
      return Files.isRegularFile(path) ? Files.readString(path) : null;
    } catch (IOException e) {
      throw new ToolException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = RtlSources.class.getResourceAsStream(RESOURCES + name)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
