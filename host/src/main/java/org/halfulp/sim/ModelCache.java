package org.halfulp.sim;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Model libraries on disk, named by a hash of all that went into them.
 *
 * <p>An entry is a file that never changes and a note with its hash. It is built in a folder of its
 * own and renamed into place, note last, under a lock that other processes respect. An entry that
 * does not match its note is built again.
 */
public final class ModelCache {
  private static final List<String> SHIM =
      List.of(
          "abi.h",
          "bridge.cpp",
          "exports.map",
          "hooks.h",
          "instance.h",
          "model.cpp",
          "prelude.h",
          "runtime.cpp",
          "worker.cpp");
  private static final Set<String> INCLUDED = Set.of("vh", "svh", "h", "inc");
  private static final Pattern INCLUDE = Pattern.compile("`include\\s+\"([^\"]+/[^\"/]+)\"");

  // Warnings do not matter, but $error at elaboration is one.
  private static final List<String> VERILATE =
      List.of(
          "--cc",
          "--assert",
          "--no-timing",
          "-Wno-fatal",
          "-Wno-lint",
          "-Wno-style",
          "-Werror-USERERROR",
          "-Werror-USERFATAL");
  private static final List<String> LINK_BRIDGE = List.of("-shared", "-o", "out", "bridge.cpp");
  private static final List<String> LINK_WORKER =
      List.of("-o", "out", "worker.cpp", "-ldl", "-lpthread");
  // Nothing of the runtime runs in the beat loop, and -O1 takes 2.9 s, not 3.8.
  private static final List<String> COMPILE_RUNTIME =
      List.of("-O1", "-c", "-o", "out", "runtime.cpp");
  private static final List<String> PRECOMPILE =
      List.of("-x", "c++-header", "-o", "out", "prelude.h");
  private static final List<String> LINK_MODEL =
      List.of(
          "-shared",
          "-Wl,-Bsymbolic",
          "-Wl,--no-undefined",
          "-Wl,--version-script=exports.map",
          "-o",
          "out",
          "unit.cpp");

  private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

  /** Files as they were when this process last saw that their hash was right. */
  private static final Map<Path, Checked> CHECKED = new ConcurrentHashMap<>();

  private final Path folder;
  private final Toolchain tools;
  private final Consumer<String> notice;
  private final Map<String, byte[]> shim = new TreeMap<>();
  private final String identity;

  /** A cache in the default folder, with the tools of this process; notices to standard error. */
  public static ModelCache open() {
    Path folder = defaultFolder(System.getenv());
    return new ModelCache(
        folder, Toolchain.find(System.getenv(), folder), line -> System.err.println(line));
  }

  /**
   * A cache in a folder, which is made when first needed.
   *
   * @param notice takes one line for each damaged entry
   */
  public ModelCache(Path folder, Toolchain tools, Consumer<String> notice) {
    this.folder = folder.toAbsolutePath();
    this.tools = tools;
    this.notice = notice;
    Hash hash = new Hash();
    for (String name : SHIM) {
      byte[] bytes = resource(name);
      shim.put(name, bytes);
      hash.add(name).add(bytes);
    }
    identity =
        hash.add(tools.verilatorBanner())
            .add(tools.include().toString())
            .add(String.join(" ", tools.compiler()))
            .add(tools.compilerBanner())
            .add(String.join(" ", compilerFlags(false, false)))
            .add(String.join(" ", compilerFlags(true, true)))
            .add(String.join(" ", VERILATE))
            .add(String.join(" ", LINK_BRIDGE))
            .add(String.join(" ", LINK_WORKER))
            .add(String.join(" ", COMPILE_RUNTIME))
            .add(String.join(" ", PRECOMPILE))
            .add(String.join(" ", LINK_MODEL))
            .hex();
  }

  /** What Verilator calls itself. */
  public String verilator() {
    return tools.verilatorBanner();
  }

  /** Of the tools, their flags and the bridge. */
  public String identity() {
    return identity;
  }

  /** {@code HALFULP_CACHE}, else {@code XDG_CACHE_HOME/halfulp}, else {@code ~/.cache/halfulp}. */
  public static Path defaultFolder(Map<String, String> environment) {
    String own = environment.getOrDefault("HALFULP_CACHE", "");
    if (!own.isBlank()) {
      return Path.of(own);
    }
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    return caches.isBlank()
        ? Path.of(System.getProperty("user.home"), ".cache", "halfulp")
        : Path.of(caches, "halfulp");
  }

  public Path folder() {
    return folder;
  }

  /**
   * Finds or builds the library of a top.
   *
   * @throws VerilogException if Verilator rejects the sources
   * @throws ToolException if a tool breaks or the cache cannot be written
   */
  public VerilatedLibrary build(VerilatorBuild build) {
    long start = System.nanoTime();
    List<Source> sources = read(build.sources());
    Hash hash = new Hash().add(identity).add(build.top());
    hash.add(build.waveform() ? "waveform" : "").add(build.coverage() ? "coverage" : "");
    build.wiring().ifPresent(w -> hash.add(w.key()));
    new TreeMap<>(build.parameters()).forEach((name, value) -> hash.add(name).add(value));
    for (Source source : sources) {
      hash.add(source.local).add(source.bytes);
    }
    String key = hash.hex().substring(0, 24);
    Entry bridge =
        obtain(
            "bridge-" + identity.substring(0, 24),
            ".so",
            work -> {
              List<String> line = compiler("hooks.h", false, false);
              line.addAll(LINK_BRIDGE);
              line.add("-ldl");
              compile(line, work);
              return List.of();
            });
    Entry model =
        obtain(build.top() + "-" + key, ".so", work -> model(build, sources, "V" + key, work));
    return new VerilatedLibrary(
        build,
        model.file,
        model.lines.stream().map(ModelCache::port).toList(),
        model.fresh,
        Duration.ofNanos(System.nanoTime() - start),
        bridge.file);
  }

  /** The program in whose processes {@link Dut#openIsolated} runs models. */
  public Path worker() {
    return obtain(
            "worker-" + identity.substring(0, 24),
            "",
            work -> {
              List<String> line = compiler("hooks.h", false, false);
              line.addAll(LINK_WORKER);
              compile(line, work);
              return List.of();
            })
        .file;
  }

  /**
   * The ports of a top, which Verilator reads but nobody compiles.
   *
   * @throws VerilogException if Verilator rejects the sources
   */
  public List<Port> ports(VerilatorBuild build) {
    List<Source> sources = read(build.sources());
    try {
      Files.createDirectories(folder);
      Path work = Files.createTempDirectory(folder, "ports");
      try {
        return members(build, sources, "Vports", work).stream().map(Port.Member::port).toList();
      } finally {
        delete(work);
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  // ---- What goes in

  /** A source under the name it has in the build folder. */
  private record Source(Path path, String local, byte[] bytes) {
    boolean included() {
      return INCLUDED.contains(local.substring(local.lastIndexOf('.') + 1));
    }
  }

  private static List<Source> read(List<Path> paths) {
    List<Source> sources = new ArrayList<>();
    Set<String> taken = new HashSet<>(SHIM);
    for (Path path : paths) {
      String local = path.getFileName().toString().replaceAll("[^A-Za-z0-9_.-]", "_");
      if (local.startsWith("-") || !taken.add(local)) {
        local = sources.size() + "_" + local;
        taken.add(local);
      }
      try {
        sources.add(new Source(path, local, Files.readAllBytes(path)));
      } catch (NoSuchFileException e) {
        throw new VerilogException("no such Verilog file: " + path);
      } catch (IOException e) {
        throw new VerilogException("Verilog file " + path + " cannot be read: " + e.getMessage());
      }
    }
    return sources;
  }

  private static byte[] resource(String name) {
    try (InputStream in = ModelCache.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ToolException("the program is incomplete: resource " + name, e);
    }
  }

  // ---- Building

  private List<String> model(VerilatorBuild build, List<Source> sources, String prefix, Path work)
      throws IOException {
    List<Port.Member> members = members(build, sources, prefix, work);
    List<Port> ports = members.stream().map(Port.Member::port).toList();
    VerilatedLibrary shape = new VerilatedLibrary(build, work, ports, true, Duration.ZERO, work);
    shape.wiring().check(build.top(), ports);
    StringBuilder include = new StringBuilder(include(prefix, members, shape));
    Optional<String> clock = shape.wiring().clock();
    boolean edge = clock.isPresent() && RisingEdge.shorten(work, prefix, cpp(members, clock.get()));
    define(include, "EDGE", flag(edge));
    Files.writeString(work.resolve("model.inc"), include);
    StringBuilder unit = new StringBuilder();
    try (Stream<Path> files = Files.list(work)) {
      files
          .map(f -> f.getFileName().toString())
          .filter(f -> f.startsWith(prefix) && f.endsWith(".cpp"))
          .sorted()
          .forEach(f -> unit.append("#include \"").append(f).append("\"\n"));
    }
    unit.append("#include \"model.inc\"\n#include \"model.cpp\"\n");
    Files.writeString(work.resolve("unit.cpp"), unit);

    Path runtime = runtime(build.waveform(), build.coverage());
    if (tools.isGcc()) { // three quarters of a small model's compilation are these headers
      Files.createSymbolicLink(
          work.resolve("prelude.h.gch"), prelude(build.waveform(), build.coverage()));
    }
    List<String> line = compiler("prelude.h", build.waveform(), build.coverage());
    line.addAll(LINK_MODEL);
    line.addAll(List.of(runtime.toString(), "-lpthread"));
    compile(line, work);
    return ports.stream().map(ModelCache::line).toList();
  }

  private static String cpp(List<Port.Member> members, String port) {
    return members.stream().filter(m -> m.port().name().equals(port)).findFirst().get().cpp();
  }

  /** Runs Verilator and reads the ports off its header. */
  private List<Port.Member> members(
      VerilatorBuild build, List<Source> sources, String prefix, Path work) throws IOException {
    for (Source source : sources) {
      Files.write(work.resolve(source.local), source.bytes);
    }
    List<String> texts =
        sources.stream().map(s -> new String(s.bytes, StandardCharsets.UTF_8)).toList();
    for (String text : texts) {
      includeFromFolders(text, sources, work);
    }
    verilate(build, sources, prefix, work);
    return Port.parse(Files.readString(work.resolve(prefix + ".h")), build.top(), texts);
  }

  /** Puts a file that is included as {@code "folder/file"} into that folder too. */
  private static void includeFromFolders(String text, List<Source> sources, Path work)
      throws IOException {
    Matcher include = INCLUDE.matcher(text);
    while (include.find()) {
      Path target = work.resolve(include.group(1)).normalize();
      for (Source source : sources) {
        if (target.endsWith(source.local) && target.startsWith(work) && !Files.exists(target)) {
          Files.createDirectories(target.getParent());
          Files.write(target, source.bytes);
        }
      }
    }
  }

  private void verilate(VerilatorBuild build, List<Source> sources, String prefix, Path work)
      throws IOException {
    List<String> line = new ArrayList<>(List.of(tools.verilator().toString()));
    line.addAll(VERILATE);
    line.addAll(List.of("--Mdir", ".", "--prefix", prefix, "--top-module", build.top()));
    if (build.waveform()) {
      line.add(tools.verilatorVersion() < 5036 ? "--trace" : "--trace-vcd");
    }
    if (build.coverage()) {
      line.add("--coverage-line");
      line.add("--coverage-toggle");
    }
    build.parameters().forEach((name, value) -> line.add("-G" + name + "=" + value));
    sources.stream().filter(s -> !s.included()).forEach(s -> line.add(s.local));
    ToolRun run = ToolRun.of(line, work);
    if (run.exit() != 0) {
      if (blames(run.output())) {
        throw new VerilogException(message(run.output(), sources));
      }
      throw run.failure("try again, and report it if it stays");
    }
    // Verilator 5.006 ends with 0 on a full disk and leaves empty files.
    Path header = work.resolve(prefix + ".h");
    if (!Files.isRegularFile(header) || !Files.readString(header).contains("#endif")) {
      throw run.failure(
          "ended with exit code 0 but left no complete " + prefix + ".h",
          "is the disk of " + folder + " full?");
    }
    try (Stream<Path> files = Files.list(work)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".cpp")).toList()) {
        if (Files.size(file) == 0) {
          throw run.failure(
              "ended with exit code 0 but left " + file.getFileName() + " empty",
              "is the disk of " + folder + " full?");
        }
      }
    }
  }

  /** Whether the output blames the sources, not the tool or the disk. */
  private static boolean blames(String output) {
    return output
        .lines()
        .filter(l -> l.startsWith("%Error"))
        .anyMatch(
            l ->
                !l.contains("Internal Error")
                    && !l.contains("Verilator aborted")
                    && !l.contains("Command Failed")
                    && !l.contains("Can't write")
                    && !l.contains("Cannot write")
                    && !l.startsWith("%Error: Exiting due to"));
  }

  /** Verilator's lines, with the paths of the sources for the names in the build folder. */
  private static String message(String output, List<Source> sources) {
    StringBuilder message = new StringBuilder();
    output
        .lines()
        .filter(l -> !l.startsWith("%Error: Exiting due to") && !l.contains("Command Failed"))
        .forEach(
            l -> {
              String line = l;
              for (Source source : sources) {
                line = line.replace(" " + source.local + ":", " " + source.path + ":");
              }
              message.append(line).append('\n');
            });
    return message.toString().strip();
  }

  private static String include(String prefix, List<Port.Member> members, VerilatedLibrary shape) {
    StringBuilder text = new StringBuilder();
    define(text, "TOP", prefix);
    Wiring wiring = shape.wiring();
    Map<String, String> cpp = new HashMap<>();
    members.forEach(m -> cpp.put(m.port().name(), m.cpp()));
    define(text, "CLOCKED", flag(wiring.clock().isPresent()));
    wiring.clock().ifPresent(c -> define(text, "CLOCK", cpp.get(c)));
    define(text, "STREAM", flag(shape.shape() == VerilatedLibrary.Shape.STREAM));
    define(text, "PIPELINE", flag(shape.shape() == VerilatedLibrary.Shape.PIPELINE));
    define(text, "LATENCY", Integer.toString(wiring.latency().orElse(0)));
    define(text, "INTERVAL", Integer.toString(wiring.interval()));
    define(text, "OUTSTANDING", Integer.toString(wiring.outstanding()));
    handshakes(text, wiring, cpp);
    define(text, "IN_WORDS", Integer.toString(shape.stimulusWords()));
    define(text, "OUT_WORDS", Integer.toString(shape.responseWords()));
    define(text, "INPUTS(X)", numbered(members, true));
    define(text, "OUTPUTS(X)", numbered(members, false));
    define(text, "STIMULUS(X)", row(members, shape.stimulus()));
    define(text, "RESPONSE(X)", row(members, shape.response()));
    return text.toString();
  }

  private static void handshakes(StringBuilder text, Wiring wiring, Map<String, String> cpp) {
    StringBuilder valids = new StringBuilder();
    StringBuilder readys = new StringBuilder();
    int always = 0;
    for (int i = 0; i < wiring.in().size(); i++) {
      Wiring.Handshake pair = wiring.in().get(i);
      valids.append("X(" + i + ", " + cpp.get(pair.valid()) + ") ");
      if (pair.ready().isPresent()) {
        readys.append("X(" + i + ", " + cpp.get(pair.ready().get()) + ") ");
      } else {
        always |= 1 << i;
      }
    }
    define(text, "HANDSHAKES", Integer.toString(wiring.in().size()));
    define(text, "ALWAYS_READY", always + "U");
    define(text, "VALIDS(X)", valids.toString());
    define(text, "READYS(X)", readys.toString());
    Optional<String> valid = wiring.out().map(Wiring.Handshake::valid);
    define(text, "HAS_OUT_VALID", flag(valid.isPresent()));
    valid.ifPresent(
        v -> {
          define(text, "OUT_VALID", cpp.get(v));
          define(text, "OUT_VALID_NAME", '"' + v.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
        });
    Optional<String> ready = wiring.out().flatMap(Wiring.Handshake::ready);
    define(text, "HAS_OUT_READY", flag(ready.isPresent()));
    ready.ifPresent(r -> define(text, "OUT_READY", cpp.get(r)));
  }

  private static void define(StringBuilder text, String name, String value) {
    text.append("#define HALFULP_").append(name).append(' ').append(value).append('\n');
  }

  private static String flag(boolean value) {
    return value ? "1" : "0";
  }

  private static String numbered(List<Port.Member> members, boolean input) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < members.size(); i++) {
      Port.Member m = members.get(i);
      if (m.port().input() == input) {
        text.append(String.format(Locale.ROOT, "X(%d, %s, %d) ", i, m.cpp(), m.port().width()));
      }
    }
    return text.toString();
  }

  private static String row(List<Port.Member> members, List<Port> ports) {
    StringBuilder text = new StringBuilder();
    int word = 0;
    for (Port port : ports) {
      Port.Member m = members.stream().filter(n -> n.port().equals(port)).findFirst().get();
      text.append(String.format(Locale.ROOT, "X(%s, %d, %d) ", m.cpp(), port.width(), word));
      word += port.words();
    }
    return text.toString();
  }

  private Path runtime(boolean waveform, boolean coverage) {
    return shared("runtime", ".o", "hooks.h", COMPILE_RUNTIME, waveform, coverage);
  }

  /** The headers that every model includes, as GCC reads them fastest: 60 MB. */
  private Path prelude(boolean waveform, boolean coverage) {
    return shared("prelude", ".gch", "hooks.h", PRECOMPILE, waveform, coverage);
  }

  /** What models of one kind share, compiled when the first needs it. */
  private Path shared(
      String name,
      String suffix,
      String first,
      List<String> arguments,
      boolean waveform,
      boolean coverage) {
    String kind = (waveform ? "w" : "") + (coverage ? "c" : "");
    return obtain(
            name + kind + "-" + identity.substring(0, 24),
            suffix,
            work -> {
              List<String> line = compiler(first, waveform, coverage);
              line.addAll(arguments);
              compile(line, work);
              return List.of();
            })
        .file;
  }

  private List<String> compiler(String first, boolean waveform, boolean coverage) {
    List<String> line = new ArrayList<>(tools.compiler());
    line.addAll(compilerFlags(waveform, coverage));
    line.addAll(List.of("-include", first));
    return line;
  }

  private List<String> compilerFlags(boolean waveform, boolean coverage) {
    List<String> flags = new ArrayList<>();
    flags.addAll(
        List.of("-std=gnu++17", coverage ? "-O1" : "-O3", "-fPIC", "-w", "-fvisibility=hidden"));
    if (tools.isGcc()) {
      // The second spares a call for each thread_local that the model reads: 19.1 -> 17.3 ns a
      // beat of pipe4 (BridgeBenchmark). Verilator's thread_locals are plain data.
      flags.addAll(List.of("-fno-semantic-interposition", "-fno-extern-tls-init"));
    }
    flags.add("-I.");
    flags.add("-I" + tools.include());
    flags.add("-I" + tools.include().resolve("vltstd"));
    flags.add("-DHALFULP_WAVEFORM=" + flag(waveform));
    flags.add("-DHALFULP_COVERAGE=" + flag(coverage));
    flags.add("-DVM_COVERAGE=" + flag(coverage));
    flags.addAll(List.of("-DVM_TRACE=" + flag(waveform), "-DVM_TRACE_VCD=" + flag(waveform)));
    flags.addAll(List.of("-DVM_TRACE_FST=0", "-DVM_TRACE_SAIF=0", "-DVM_SC=0"));
    return flags;
  }

  private void compile(List<String> line, Path work) throws IOException {
    ToolRun run = ToolRun.of(line, work);
    if (run.exit() != 0) {
      throw run.failure(
          run.output().contains("No space left")
              ? "the disk of " + folder + " is full"
              : "run `halfulp doctor`");
    }
    Path out = work.resolve("out");
    if (Files.notExists(out) || Files.size(out) == 0) {
      throw run.failure(
          "ended with exit code 0 but left nothing", "is the disk of " + folder + " full?");
    }
  }

  // ---- Entries

  private record Entry(Path file, List<String> lines, boolean fresh) {}

  private interface Recipe {
    /** Leaves a file named out in the folder; returns the lines of the note. */
    List<String> make(Path work) throws IOException;
  }

  private Entry obtain(String name, String suffix, Recipe recipe) {
    Path file = folder.resolve(name + suffix);
    Path note = folder.resolve(name + ".note");
    Entry entry = find(file, note, null);
    if (entry != null) {
      return entry;
    }
    ReentrantLock threads = null;
    try {
      Files.createDirectories(folder);
      // A file lock is the whole JVM's; its threads need one of their own.
      threads =
          THREADS.computeIfAbsent(folder.toRealPath().resolve(name), n -> new ReentrantLock());
      threads.lock();
      try (FileChannel lock =
          FileChannel.open(
              folder.resolve(name + ".lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE)) {
        lock.lock();
        entry = find(file, note, notice);
        if (entry != null) {
          return entry;
        }
        Path work = folder.resolve(name + ".build");
        delete(work); // what a killed build left
        Files.createDirectory(work);
        try {
          for (Map.Entry<String, byte[]> e : shim.entrySet()) {
            Files.write(work.resolve(e.getKey()), e.getValue());
          }
          List<String> lines = recipe.make(work);
          publish(work, file, note, lines);
          return new Entry(file, lines, true);
        } finally {
          delete(work);
        }
      }
    } catch (IOException e) {
      throw unusable(e);
    } finally {
      if (threads != null) {
        threads.unlock();
      }
    }
  }

  private ToolException unusable(IOException e) {
    return new ToolException(
        "the cache "
            + folder
            + " cannot be used: "
            + reason(e)
            + "; set HALFULP_CACHE to a folder with space that can be written",
        e);
  }

  /** Many file exceptions say no more than the file's name. */
  private static String reason(IOException e) {
    return e instanceof FileSystemException f && f.getReason() == null
        ? "cannot make or write " + f.getFile()
        : e.getMessage();
  }

  private static void publish(Path work, Path file, Path note, List<String> lines)
      throws IOException {
    Path out = work.resolve("out");
    Path draft = work.resolve("note");
    List<String> body = new ArrayList<>(List.of("halfulp 1", "sha256 " + Hash.of(out)));
    body.addAll(lines);
    body.add("end " + Hash.of(body.toArray(String[]::new)));
    Files.write(draft, body);
    sync(out);
    sync(draft);
    Files.move(out, file, StandardCopyOption.ATOMIC_MOVE);
    Files.move(draft, note, StandardCopyOption.ATOMIC_MOVE);
    sync(file.getParent());
  }

  /** Returns an entry that matches its note, or null; says to {@code damage} why it does not. */
  private static Entry find(Path file, Path note, Consumer<String> damage) {
    String problem;
    try {
      List<String> body = Files.readAllLines(note);
      int last = body.size() - 1;
      if (last < 2
          || !body.get(0).equals("halfulp 1")
          || !body.get(last)
              .equals("end " + Hash.of(body.subList(0, last).toArray(String[]::new)))) {
        problem = "its note is damaged";
      } else if (!isSound(file, body.get(1))) {
        problem = "its hash differs from its note";
      } else {
        return new Entry(file, body.subList(2, last), false);
      }
    } catch (IOException e) {
      if (Files.notExists(note)) {
        return null; // never finished
      }
      problem = e.toString();
    }
    if (damage != null) {
      damage.accept("cache entry " + file + " is built again: " + problem);
    }
    return null;
  }

  private record Checked(FileTime changed, long size, String hash) {}

  /** Hashes a file that this process has not seen as it is now. */
  private static boolean isSound(Path file, String hash) throws IOException {
    Checked now = new Checked(Files.getLastModifiedTime(file), Files.size(file), hash);
    if (now.equals(CHECKED.get(file))) {
      return true;
    }
    boolean sound = hash.equals("sha256 " + Hash.of(file));
    if (sound) {
      CHECKED.put(file, now);
    }
    return sound;
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.notExists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  // ---- Ports in a note

  private static String line(Port port) {
    return String.format(
        Locale.ROOT,
        "%s %d %d %s",
        port.input() ? "input" : "output",
        port.msb(),
        port.lsb(),
        port.name());
  }

  private static Port port(String line) {
    String[] parts = line.split(" ", 4);
    return new Port(
        parts[3], parts[0].equals("input"), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
  }
}
