package org.halfulp.cost;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.halfulp.sim.Hash;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.ToolException;
import org.halfulp.sim.ToolRun;
import org.halfulp.sim.Toolchain;
import org.halfulp.sim.VerilogException;

/**
 * Measures units with Yosys and nextpnr, and keeps what it measured under a hash of all that
 * decides it. Threads may share one; processes may share its folder.
 */
public final class Pricer {
  /** Part of every hash: changes when the same tools would be asked or read differently. */
  private static final String REVISION = "2";

  private static final int HASH = 40;
  private static final String WORK = "work-";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> PLACE =
      List.of(
          "--hx8k",
          "--package",
          "ct256",
          "--pcf-allow-unconstrained",
          "--timing-allow-fail",
          "--freq",
          "1");
  private static final Pattern NO_ROOM = Pattern.compile("(?m)^ERROR: .*no BELs remaining.*$");
  private static final Pattern ERROR = Pattern.compile("(?m)^.*ERROR: (.*)$");

  private final Map<String, String> environment;
  private final Path cache;
  private final Path folder;
  private final Toolchain.Other yosys;
  private final Map<String, CompletableFuture<Cost>> running = new ConcurrentHashMap<>();

  /**
   * With the tools of this process, beside its models.
   *
   * @throws ToolException if there is no Yosys
   */
  public static Pricer open() {
    return new Pricer(ModelCache.defaultFolder(System.getenv()), System.getenv());
  }

  /**
   * @param cache in whose folder {@code cost} the figures are kept
   * @param environment names the tools: {@code PATH}, {@code YOSYS}, {@code NEXTPNR}
   * @throws ToolException if there is no Yosys
   */
  public Pricer(Path cache, Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    this.cache = cache.toAbsolutePath();
    this.folder = this.cache.resolve("cost");
    this.yosys = Toolchain.other("yosys", "YOSYS", "-V", environment, this.cache);
  }

  private Toolchain.Other nextpnr() {
    return Toolchain.other("nextpnr-ice40", "NEXTPNR", "--version", environment, cache);
  }

  /** Of all that decides the figures: the hardware, the flow, the tools. */
  public String hash(HardwarePoint point, Flow flow) {
    return Hash.of(basis(point, flow), point.hash()).substring(0, HASH);
  }

  /** Of all but the parameters. */
  private String basis(HardwarePoint point, Flow flow) {
    Hash hash =
        new Hash()
            .add(REVISION)
            .add(point.sourcesHash())
            .add(flow.key())
            .add(flow.target().synthesis(flow))
            .add(flow.target().reports())
            .add(yosys.banner());
    if (flow.isRouted()) {
      hash.add(String.join(" ", PLACE)).add(nextpnr().banner());
    }
    return hash.hex().substring(0, HASH);
  }

  /**
   * What was measured of the same top, whatever its parameters, with the same Verilog, flow and
   * tools; sorted by hash.
   */
  public List<Cost> priced(HardwarePoint point, Flow flow) {
    String basis = basis(point, flow);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(f -> f.endsWith(".json"))
          .sorted()
          .map(f -> find(f.substring(0, f.length() - ".json".length())))
          .flatMap(Optional::stream)
          .filter(c -> basis.equals(c.basis())) // of older entries: null
          .toList();
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /**
   * Refuses a flow with place and route where there is no nextpnr.
   *
   * @throws ToolException if it is missing or broken
   */
  public void checkRouter(Flow flow) {
    if (flow.isRouted()) {
      nextpnr();
    }
  }

  /** The figures if they were measured before. */
  public Optional<Cost> known(HardwarePoint point, Flow flow) {
    return find(hash(point, flow));
  }

  /**
   * Measures, or finds what was measured before.
   *
   * @throws VerilogException if Yosys rejects the sources or the parameters
   * @throws ToolException if a tool is missing, breaks or does not end in time, or the cache cannot
   *     be written
   */
  public Cost price(HardwarePoint point, Flow flow) {
    String hash = hash(point, flow);
    Optional<Cost> found = find(hash);
    if (found.isPresent()) {
      return found.get();
    }
    CompletableFuture<Cost> mine = new CompletableFuture<>();
    CompletableFuture<Cost> other = running.putIfAbsent(hash, mine);
    if (other != null) {
      return join(other);
    }
    try {
      Cost cost = find(hash).orElse(null); // by a thread that ended between the two looks
      if (cost == null) {
        cost = measure(hash, point, flow);
        keep(cost);
      }
      mine.complete(cost);
      return cost;
    } catch (RuntimeException e) {
      mine.completeExceptionally(e);
      throw e;
    } finally {
      running.remove(hash);
    }
  }

  private static Cost join(CompletableFuture<Cost> other) {
    try {
      return other.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException r ? r : e;
    }
  }

  // ---- Measuring

  private Cost measure(String hash, HardwarePoint point, Flow flow) {
    long start = System.nanoTime();
    try {
      Files.createDirectories(folder);
      deleteAbandoned();
      Path work = Files.createTempDirectory(folder, WORK + ProcessHandle.current().pid() + "-");
      try {
        List<Figure> figures = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        int extra = synthesize(point, flow, work, figures);
        if (flow.isRouted()) {
          route(flow, extra, work, figures, notes);
        }
        if (extra > 0) {
          notes.add(
              "configuration ports have %d bits, more than the package has pins: they come from a"
                      .formatted(extra)
                  + " shift register, which is not counted");
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Cost(
            hash,
            basis(point, flow),
            point.top(),
            point.parameters(),
            flow.target().label(),
            figures,
            notes,
            seconds);
      } finally {
        delete(work);
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Returns the flip-flops of the wrapper that are not the unit's. */
  private int synthesize(HardwarePoint point, Flow flow, Path work, List<Figure> figures)
      throws IOException {
    String read = read(point, work);
    yosys(
        point,
        flow,
        work,
        "read_verilog %s; %shierarchy -check -libdir . -top %s; blackbox; write_json ports.json"
            .formatted(read, chparam(point), point.top()));
    JsonNode module = Reports.module(json(work.resolve("ports.json")), point.top());
    Wrapper wrapper = Wrapper.of(point, module, flow);
    Files.writeString(work.resolve("wrapper.v"), wrapper.verilog());
    Target target = flow.target();
    String write = flow.isRouted() ? "; write_json wrapper.json" : "";
    yosys(
        point,
        flow,
        work,
        "read_verilog wrapper.v %s; hierarchy -check -libdir . -top wrapper; %s; %s%s"
            .formatted(read, target.synthesis(flow), target.reports(), write));
    String flags = target.synthesis(flow);
    if (target == Target.GENERIC) {
      String text =
          Files.exists(work.resolve("aig.txt")) ? Files.readString(work.resolve("aig.txt")) : "";
      Reports.Graph graph = Reports.graph(text);
      figures.add(of(Figure.AIG_NODES, graph.nodes(), "nodes", flags + "; abc"));
      figures.add(of(Figure.AIG_DEPTH, graph.depth(), "nodes", flags + "; abc"));
      return 0;
    }
    SortedMap<String, Integer> cells = Reports.cells(json(work.resolve("stat.json")));
    add(figures, Figure.LUT, cells, target::isLut, 0, flags);
    add(figures, Figure.CARRY, cells, target::isCarry, 0, flags);
    add(figures, Figure.FF, cells, target::isFlipFlop, wrapper.extra(), flags);
    add(figures, Figure.DSP, cells, target::isMultiplier, 0, flags);
    add(figures, Figure.RAM, cells, target::isMemory, 0, flags);
    int levels = Reports.levels(Files.readString(work.resolve("levels.txt")));
    figures.add(of(Figure.LEVELS, levels, "cells", flags + "; ltp"));
    return wrapper.extra();
  }

  /**
   * Copies the sources; returns those that are read by name. The others are found by their names:
   * the order in which modules are read moves the placement.
   */
  private static String read(HardwarePoint point, Path work) throws IOException {
    List<String> names = new ArrayList<>();
    for (Path source : point.sources()) {
      String name = source.getFileName().toString().replaceAll("[^A-Za-z0-9_.-]", "_");
      if (name.equals("wrapper.v") || names.contains(name)) {
        throw new VerilogException(
            "source %s: its name %s is taken; rename it".formatted(source, name));
      }
      Files.write(work.resolve(name), HardwarePoint.bytes(source));
      names.add(name);
    }
    String first = point.top() + ".v";
    return names.contains(first) ? first : String.join(" ", names);
  }

  private void add(
      List<Figure> figures,
      String name,
      SortedMap<String, Integer> cells,
      Predicate<String> which,
      int extra,
      String flags) {
    figures.add(of(name, Reports.count(cells, which) - extra, "cells", flags));
  }

  private Figure of(String name, int value, String unit, String flags) {
    return new Figure(name, value, unit, "yosys", yosys.banner(), flags, List.of());
  }

  /** Parameters for the module itself; an instance takes them as they are. */
  private static String chparam(HardwarePoint point) {
    StringBuilder text = new StringBuilder();
    point
        .parameters()
        .forEach(
            (name, value) -> {
              boolean negative = value.matches("-\\d+");
              String literal = negative ? "32'h%08x".formatted((int) Long.parseLong(value)) : value;
              text.append(" -set ").append(name).append(' ').append(literal);
            });
    return text.isEmpty() ? "" : "chparam" + text + " " + point.top() + "; ";
  }

  private void yosys(HardwarePoint point, Flow flow, Path work, String script) throws IOException {
    ToolRun run =
        ToolRun.of(List.of(yosys.path().toString(), "-q", "-p", script), work, flow.limit());
    if (run.exit() == 0) {
      return;
    }
    Matcher error = ERROR.matcher(run.output());
    if (run.exit() == 1 && error.find()) {
      if (run.output().contains("Can't open output file")) {
        throw run.failure("is the disk of " + work + " full?");
      }
      throw new VerilogException("Yosys refuses %s: %s".formatted(point, error.group()));
    }
    throw run.failure("try again, and report it if it stays");
  }

  private void route(Flow flow, int extra, Path work, List<Figure> figures, List<String> notes)
      throws IOException {
    Toolchain.Other nextpnr = nextpnr();
    List<Reports.Routed> routes = new ArrayList<>();
    for (int seed = 1; seed <= flow.seeds(); seed++) {
      List<String> command = new ArrayList<>(List.of(nextpnr.path().toString(), "-q"));
      command.addAll(PLACE);
      command.addAll(List.of("--seed", Integer.toString(seed), "--json", "wrapper.json"));
      command.addAll(List.of("--report", "report.json"));
      ToolRun run = ToolRun.of(command, work, flow.limit());
      if (run.exit() != 0) {
        Matcher noRoom = NO_ROOM.matcher(run.output());
        if (noRoom.find()) {
          notes.add("no lc and fmax: it does not fit the hx8k (%s)".formatted(noRoom.group()));
          return;
        }
        throw run.failure("try again, and report it if it stays");
      }
      routes.add(Reports.routed(json(work.resolve("report.json"))));
    }
    routes.sort(Comparator.comparingDouble(Reports.Routed::megahertz));
    Reports.Routed median = routes.get((routes.size() - 1) / 2);
    String flags = String.join(" ", PLACE) + " --seed 1.." + flow.seeds();
    figures.add(
        new Figure(
            Figure.LC,
            median.cells() - extra,
            "cells",
            "nextpnr-ice40",
            nextpnr.banner(),
            flags,
            routes.stream().map(r -> (double) r.cells() - extra).toList()));
    figures.add(
        new Figure(
            Figure.FMAX,
            median.megahertz(),
            "MHz",
            "nextpnr-ice40",
            nextpnr.banner(),
            flags,
            routes.stream().map(Reports.Routed::megahertz).toList()));
  }

  private static JsonNode json(Path file) throws IOException {
    try {
      return JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new ToolException(
          "%s is no JSON: %s".formatted(file.getFileName(), e.getOriginalMessage()), e);
    }
  }

  /** What processes left that were killed. */
  private void deleteAbandoned() throws IOException {
    List<Path> works;
    try (Stream<Path> files = Files.list(folder)) {
      works = files.filter(f -> f.getFileName().toString().startsWith(WORK)).toList();
    }
    for (Path work : works) {
      String pid = work.getFileName().toString().substring(WORK.length()).replaceFirst("-.*", "");
      if (ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
        try {
          delete(work);
        } catch (NoSuchFileException e) {
          // another process was faster
        }
      }
    }
  }

  private static void delete(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(work);
  }

  // ---- Keeping

  private Path file(String hash) {
    return folder.resolve(hash + ".json");
  }

  /** What was kept; an entry that is damaged counts as none. */
  private Optional<Cost> find(String hash) {
    try {
      JsonNode kept = JSON.readTree(file(hash).toFile());
      JsonNode cost = kept.path("cost");
      if (kept.path("sha256").asText().equals(Hash.of(cost.toString()))
          && cost.path("hash").asText().equals(hash)) {
        return Optional.of(JSON.treeToValue(cost, Cost.class));
      }
    } catch (IOException | IllegalArgumentException e) {
      // not there, or damaged
    }
    return Optional.empty();
  }

  private void keep(Cost cost) {
    try {
      ObjectNode kept = JSON.createObjectNode();
      JsonNode tree = JSON.readTree(JSON.writeValueAsString(cost)); // as find() will see it
      kept.put("sha256", Hash.of(tree.toString()));
      kept.set("cost", tree);
      Path draft = Files.createTempFile(folder, cost.hash(), ".tmp");
      Files.writeString(draft, kept + "\n");
      try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.READ)) {
        channel.force(true);
      }
      Files.move(draft, file(cost.hash()), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private ToolException unusable(IOException e) {
    return new ToolException(
        "the cache %s cannot be used: %s; set HALFULP_CACHE to a folder with space that can be written"
            .formatted(folder, e.getMessage()),
        e);
  }
}
