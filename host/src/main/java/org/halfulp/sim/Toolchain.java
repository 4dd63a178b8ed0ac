package org.halfulp.sim;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Verilator and the C++ compiler, named by {@code HALFULP_VERILATOR} and {@code CXX} or found on
 * {@code PATH}.
 *
 * @param verilatorVersion thousands of the major version plus the minor: 5006, 5046
 * @param verilatorBanner what it calls itself
 * @param include the folder of {@code verilated.h}
 * @param compiler the command, with the arguments of {@code CXX}
 */
public record Toolchain(
    Path verilator,
    int verilatorVersion,
    String verilatorBanner,
    Path include,
    List<String> compiler,
    String compilerBanner) {

  /** The oldest Verilator whose output the shim was run with. */
  public static final int OLDEST_VERILATOR = 5006;

  private static final String SETUP = "make setup";
  private static final String SETUP_AREA = "tools/setup.sh --area";

  private static final Pattern VERSION = Pattern.compile("Verilator (\\d+)\\.(\\d+)");

  /**
   * What is known of one tool.
   *
   * @param path empty when not found
   * @param version its banner, empty when unknown
   * @param problem what is wrong and what to do, empty when nothing is
   */
  public record Tool(
      String name, Optional<Path> path, Optional<String> version, Optional<String> problem) {}

  /** Looks for the tools of this process and throws nothing. */
  public static List<Tool> probe() {
    return probe(System.getenv(), ModelCache.defaultFolder(System.getenv()));
  }

  /**
   * Looks for the tools and throws nothing.
   *
   * @param cache where banners are remembered, so that a warm start runs no tool
   */
  public static List<Tool> probe(Map<String, String> environment, Path cache) {
    List<Tool> tools = new ArrayList<>();
    try {
      Found found = verilator(environment, cache);
      tools.add(tool("verilator", found.path, found.banner));
    } catch (ToolException e) {
      tools.add(broken("verilator", e));
    }
    try {
      Found found = compiler(environment, cache);
      tools.add(tool("g++", found.path, found.banner));
    } catch (ToolException e) {
      tools.add(broken("g++", e));
    }
    return tools;
  }

  /** Finds the tools of this process. */
  public static Toolchain find() {
    return find(System.getenv(), ModelCache.defaultFolder(System.getenv()));
  }

  /**
   * Finds the tools.
   *
   * @param cache where banners are remembered, so that a warm start runs no tool
   * @throws ToolException if one is missing or broken
   */
  public static Toolchain find(Map<String, String> environment, Path cache) {
    Found verilator = verilator(environment, cache);
    Found compiler = compiler(environment, cache);
    Matcher m = VERSION.matcher(verilator.banner);
    if (!m.find()) {
      throw new ToolException(
          verilator.path + " --version does not name a Verilator: " + verilator.banner);
    }
    int version = Integer.parseInt(m.group(1)) * 1000 + Integer.parseInt(m.group(2));
    if (version < OLDEST_VERILATOR) {
      throw new ToolException(
          verilator.path
              + " is too old: Verilator 5.006 or later is needed, got "
              + verilator.banner
              + "; run `make setup`");
    }
    Path include = Path.of(verilator.detail, "include");
    if (!Files.isRegularFile(include.resolve("verilated.cpp"))) {
      throw new ToolException(
          verilator.path + ": verilated.cpp is not in " + include + "; run `make setup`");
    }
    return new Toolchain(
        verilator.path, version, verilator.banner, include, compiler.command, compiler.banner);
  }

  /**
   * A tool that no model needs.
   *
   * @param banner what it calls itself
   */
  public record Other(Path path, String banner) {}

  /**
   * Finds a tool that no model needs.
   *
   * @param name on {@code PATH}, unless {@code variable} names another
   * @param question that makes it name itself
   * @param cache where banners are remembered
   * @throws ToolException if it is missing or broken
   */
  public static Other other(
      String name, String variable, String question, Map<String, String> environment, Path cache) {
    String given = environment.getOrDefault(variable, "");
    Path path = locate(name, variable, given.isBlank() ? name : given, environment, SETUP_AREA);
    List<String> command = List.of(path.toString());
    Found found =
        remembered(
            path,
            command,
            "",
            cache,
            () -> new Found(path, command, answer(path, command, question), ""));
    return new Other(path, found.banner);
  }

  boolean isGcc() {
    return compilerBanner.contains("Free Software Foundation");
  }

  private record Found(Path path, List<String> command, String banner, String detail) {}

  private static Tool tool(String name, Path path, String banner) {
    return new Tool(name, Optional.of(path), banner.lines().findFirst(), Optional.empty());
  }

  private static Tool broken(String name, ToolException e) {
    return new Tool(name, Optional.empty(), Optional.empty(), Optional.of(e.getMessage()));
  }

  private static Found verilator(Map<String, String> environment, Path cache) {
    String name = environment.getOrDefault("HALFULP_VERILATOR", "verilator");
    Path path = locate("verilator", "HALFULP_VERILATOR", name, environment, SETUP);
    List<String> command = List.of(path.toString());
    return remembered(
        path,
        command,
        environment.getOrDefault("VERILATOR_ROOT", ""),
        cache,
        () -> {
          String banner = answer(path, command, "--version");
          String root = answer(path, command, "--getenv", "VERILATOR_ROOT");
          return new Found(path, command, banner, root);
        });
  }

  private static Found compiler(Map<String, String> environment, Path cache) {
    String name = environment.getOrDefault("CXX", "").isBlank() ? "g++" : environment.get("CXX");
    List<String> words = List.of(name.strip().split("\\s+"));
    Path path = locate("g++", "CXX", words.get(0), environment, SETUP);
    List<String> command = new ArrayList<>(words);
    command.set(0, path.toString());
    return remembered(
        path,
        command,
        "",
        cache,
        () -> new Found(path, command, answer(path, command, "--version"), ""));
  }

  private static Path locate(
      String tool, String variable, String name, Map<String, String> environment, String setup) {
    try {
      if (name.contains(File.separator)) {
        Path path = Path.of(name).toAbsolutePath();
        if (Files.isExecutable(path) && Files.isRegularFile(path)) {
          return path;
        }
        throw new ToolException(
            tool + " is missing: " + variable + " names " + name + ", which cannot be run");
      }
      for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
        Path path = Path.of(folder).resolve(name).toAbsolutePath();
        if (!folder.isEmpty() && Files.isExecutable(path) && Files.isRegularFile(path)) {
          return path;
        }
      }
    } catch (InvalidPathException e) {
      throw new ToolException(tool + " is missing: " + e.getMessage(), e);
    }
    throw new ToolException(
        tool
            + " is missing: no "
            + name
            + " on PATH; run `"
            + setup
            + "` or set "
            + variable
            + " to its path");
  }

  private static String answer(Path path, List<String> command, String... arguments) {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of(arguments));
    ToolRun run = ToolRun.of(line, null);
    if (run.exit() != 0) {
      throw run.failure("run `make setup`");
    }
    if (run.output().isBlank()) {
      throw run.failure("answered nothing", "run `make setup`");
    }
    return run.output().strip();
  }

  private interface Question {
    Found ask();
  }

  /** Asks a tool what it is, unless the same file was asked before. */
  private static Found remembered(
      Path path, List<String> command, String extra, Path cache, Question question) {
    Path note;
    try {
      Path real = path.toRealPath();
      note =
          cache.resolve(
              "tool-"
                  + Hash.of(
                          String.join(" ", command),
                          real.toString(),
                          Files.getLastModifiedTime(real).toString(),
                          Long.toString(Files.size(real)),
                          extra)
                      .substring(0, 16));
    } catch (IOException e) {
      throw new ToolException(path + " cannot be read: " + e.getMessage(), e);
    }
    try {
      String[] parts = Files.readString(note).split("\0", -1);
      if (parts.length == 3 && parts[2].equals(Hash.of(parts[0], parts[1]))) {
        return new Found(path, command, parts[0], parts[1]);
      }
    } catch (IOException e) {
      // Not asked yet.
    }
    Found found = question.ask();
    try {
      Files.createDirectories(cache);
      Path draft = Files.createTempFile(cache, "tool-", ".tmp");
      Files.writeString(
          draft, found.banner + "\0" + found.detail + "\0" + Hash.of(found.banner, found.detail));
      Files.move(draft, note, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // ModelCache reports a cache that cannot be written; asking again is only slower.
    }
    return found;
  }
}
