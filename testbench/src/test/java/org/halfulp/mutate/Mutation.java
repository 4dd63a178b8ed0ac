package org.halfulp.mutate;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.ToolException;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.sim.Wiring;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.Field;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UnitRequest;

/**
 * The checker checked: Yosys puts many small faults into a unit, an input chooses one, and the
 * campaign of {@code halfulp verify} must see each. A fault that it does not see must be proved to
 * change no output, or it is a hole.
 *
 * <p>Arguments: the rtl folder, the number of mutants, the table to write, names of units (none for
 * all).
 */
public final class Mutation {
  private static final long VECTORS = 1 << 16;
  private static final long MORE_VECTORS = 1 << 20; // those of verify all
  private static final long FEWEST_VECTORS = 1 << 12; // of one of many selections
  private static final int SEED = 1;
  private static final int PROOF_SECONDS = 60;
  private static final String SELECT = "mutsel";
  private static final Stalls STALLS = new Stalls(30, 30, 1);

  private static final Map<String, List<Target>> UNITS = units();

  private Mutation() {}

  /**
   * A unit and the campaigns against each mutant of it.
   *
   * @param requests the first says how it is built; more if its formats are ports
   */
  record Target(String top, List<UnitRequest> requests, int lanes, Stalls stalls) {
    Target(String top, UnitRequest request) {
      this(top, List.of(request), 1, Stalls.NONE);
    }

    Unit unit() {
      return Catalogue.of(top).unit(requests.get(0));
    }

    List<Unit> campaigns() {
      return requests.stream().map(r -> Catalogue.of(top).unit(r)).toList();
    }

    String title() {
      int ranks = requests.get(0).stages().orElse(0);
      String what =
          requests.size() == 1
              ? unit().describe()
              : "%s with %d selections, stages %d".formatted(top, requests.size(), ranks);
      return what
          + (lanes == 1 ? "" : ", %d lanes".formatted(lanes))
          + (stalls.inPercent() == 0 ? "" : ", stalls");
    }
  }

  private static Map<String, List<Target>> units() {
    Map<String, List<Target>> all = new LinkedHashMap<>();
    for (String top : List.of("fp_add", "fp_mul", "fp_fma")) {
      add(all, top, request("e4m3fn"), request("bfloat16"));
    }
    for (String top : List.of("fx_add", "fx_mul")) {
      add(all, top, request("q2.6"), request("q4.12"));
    }
    add(all, "fp_convert", to("float16", "e4m3fn"), to("e5m2", "bfloat16"));
    add(all, "fp_to_fx", to("e4m3fn", "q4.4"), to("bfloat16", "q8.8"));
    add(all, "fx_to_fp", to("q4.4", "e4m3:ieee"), to("q8.8", "bfloat16"));
    add(all, "fx_requantize", to("q4.8", "q4.4"), to("q16.16", "q8.8"));
    add(
        all,
        "fp_round_pack",
        request("e4m3fn").roundingPerBeat(),
        request("bfloat16").roundingPerBeat());
    stalled(all, "fp_add", 1, request("e4m3fn").stages(2), request("bfloat16").stages(2));
    stalled(all, "fx_mul", 1, request("q2.6").stages(2), request("q4.12").stages(2));
    UnitRequest sr = UnitRequest.DEFAULT.rounding(RoundingMode.SR);
    stalled(all, "sgd_update", 1, sr.format("e4m3fn"), sr.format("q8.8").with("MOMENTUM", 1));
    stalled(all, "dot_product", 3, to("e4m3fn", "float16"), to("q4.4", "q8.4").with("ORDER", 1));
    stalled(all, "dot_product", 2, sr.format("e4m3fn").to("e4m3fn").with("ORDER", 2));
    UnitRequest mac = UnitRequest.DEFAULT.format("q2.6");
    stalled(
        all, "fx_mac", 2, mac.stages(2), mac.rounding(RoundingMode.SR).overflow(OverflowRule.WRAP));
    UnitRequest rows = UnitRequest.DEFAULT.with("LENGTH", 20).with("WORD", 8);
    stalled(all, "xnor_dot", 2, rows, rows.with("LENGTH", 5));
    stalled(all, "sign_dot", 2, rows.format("q4.4"), rows.format("q2.2").with("LENGTH", 5));
    stalled(all, "polyak_average", 1, to("e4m3fn", "q4.12"), sr.format("e5m2").to("q4.12"));
    UnitRequest dq = request("q4.4").with("BITS", 4).with("SHIFT_WIDTH", 4);
    stalled(all, "dq_compress", 1, dq, dq.with("MOMENTUM", 1));
    all.put(
        "random_bits",
        List.of(
            new Target("random_bits", UnitRequest.DEFAULT.randomBits(8)),
            new Target("random_bits", UnitRequest.DEFAULT.randomBits(32))));
    add(
        all,
        "fp_quantize_select",
        UnitRequest.DEFAULT,
        request("fp16").with("MAX_EXP_W", 5).with("MAX_FRAC_W", 10));
    List<UnitRequest> selections = Catalogue.of("sgd_update_select").matrix();
    all.put(
        "sgd_update_select",
        List.of(
            new Target("sgd_update_select", selections, 1, Stalls.NONE),
            new Target(
                "sgd_update_select",
                selections.stream().map(r -> r.stages(2)).toList(),
                1,
                STALLS)));
    return all;
  }

  private static void add(Map<String, List<Target>> all, String top, UnitRequest... requests) {
    all.computeIfAbsent(top, t -> new ArrayList<>())
        .addAll(Arrays.stream(requests).map(r -> new Target(top, r)).toList());
  }

  private static void stalled(
      Map<String, List<Target>> all, String top, int lanes, UnitRequest... requests) {
    all.computeIfAbsent(top, t -> new ArrayList<>())
        .addAll(
            Arrays.stream(requests).map(r -> new Target(top, List.of(r), lanes, STALLS)).toList());
  }

  private static UnitRequest request(String format) {
    return UnitRequest.DEFAULT.format(format);
  }

  private static UnitRequest to(String from, String format) {
    return UnitRequest.DEFAULT.format(from).to(format);
  }

  /** A row of the table. */
  record Score(
      String unit,
      int mutants,
      int killed,
      int equivalent,
      int late,
      int alive,
      long medianVectors) {
    String row() {
      return "| %s | %d | %d | %d | %d | %d | %d |"
          .formatted(unit, mutants, killed, equivalent, late, alive, medianVectors);
    }
  }

  public static void main(String[] args) throws Exception {
    if (args.length < 3 || !args[1].matches("[1-9][0-9]{0,4}")) {
      System.err.println("usage: Mutation RTL_FOLDER MUTANTS TABLE [UNIT...]");
      System.exit(2);
    }
    List<String> wanted = Arrays.asList(args).subList(3, args.length);
    for (String w : wanted) {
      if (!UNITS.containsKey(w)) {
        System.err.printf("unknown unit '%s'; known: %s%n", w, String.join(" ", UNITS.keySet()));
        System.exit(2);
      }
    }
    System.exit(run(Path.of(args[0]), Integer.parseInt(args[1]), Path.of(args[2]), wanted));
  }

  private static int run(Path rtl, int mutants, Path table, List<String> wanted)
      throws IOException, InterruptedException {
    List<Score> scores = new ArrayList<>();
    try {
      for (Map.Entry<String, List<Target>> e : UNITS.entrySet()) {
        if (wanted.isEmpty() || wanted.contains(e.getKey())) {
          for (Target t : e.getValue()) {
            Score s = measure(rtl, t, mutants);
            System.out.println(s.row());
            scores.add(s);
            write(table, s);
          }
        }
      }
    } catch (IOException | ToolException e) {
      System.err.println(e.getMessage());
      return 3;
    } catch (IllegalStateException e) {
      System.err.println(e.getMessage());
      return 1;
    }
    return scores.stream().allMatch(s -> s.alive() == 0) ? 0 : 1;
  }

  /** Replaces the row of one unit and format; the others stay. */
  private static void write(Path table, Score score) throws IOException, InterruptedException {
    List<String> rows = new ArrayList<>();
    if (Files.exists(table)) {
      Files.readAllLines(table).stream()
          .filter(l -> l.matches("\\| \\w+_.*"))
          .filter(l -> !l.startsWith("| " + score.unit() + " |"))
          .forEach(rows::add);
    }
    rows.add(score.row());
    rows.sort(null);
    List<String> lines =
        new ArrayList<>(
            List.of(
                "# Mutation score of the campaigns",
                "",
                "Written by `make mutate`: %s, `mutate -list` with seed %d;"
                    .formatted(version(), SEED),
                "late: every word right, and not in the cycle in which the unit gives it;",
                "at most %d vectors a mutant, %d before one is called not killed;"
                    .formatted(VECTORS, MORE_VECTORS),
                "one lane and STAGES 0 where no other is named.",
                "",
                "| unit | mutants | killed | equivalent (proved) | late | not killed | median vectors to the kill |",
                "|---|---:|---:|---:|---:|---:|---:|"));
    lines.addAll(rows);
    Files.write(table, lines);
  }

  private static String version() throws IOException, InterruptedException {
    Process p = new ProcessBuilder("yosys", "-V").start();
    String text = new String(p.getInputStream().readAllBytes()).trim();
    p.waitFor();
    return text.replaceAll(" \\(.*", "");
  }

  static Score measure(Path rtl, Target target, int mutants)
      throws IOException, InterruptedException {
    Unit unit = target.unit();
    Path folder =
        Files.createDirectories(
            Path.of("target", "mutate", target.title().replaceAll("[^\\w.]+", "-")));
    List<Path> sources = RtlSources.in(rtl.toAbsolutePath(), unit.name());
    String files =
        sources.stream()
            .map(Path::toString)
            .filter(f -> f.endsWith(".v"))
            .collect(Collectors.joining(" "));
    StringBuilder set = new StringBuilder();
    unit.build(sources, target.lanes())
        .parameters()
        .forEach((k, v) -> set.append(" -set ").append(k).append(' ').append(v));
    int width = 32 - Integer.numberOfLeadingZeros(mutants + 1);
    yosys(
        folder,
        "read_verilog %s; %s; hierarchy -check -top %s; proc; flatten; opt; rename -top %s; "
                .formatted(
                    files,
                    set.isEmpty() ? "" : "chparam" + set + " " + unit.name(),
                    unit.name(),
                    unit.name())
            + "write_ilang base.il; mutate -list %d -seed %d -ctrl %s %d 1 -o list"
                .formatted(mutants, SEED, SELECT, width),
        600);
    Files.deleteIfExists(folder.resolve("gold.aig"));
    List<String> list = Files.readAllLines(folder.resolve("list"));
    Campaign.Result clean =
        run(
            target,
            unit,
            build(target, folder, List.of()),
            Campaign.Options.DEFAULT,
            share(target, VECTORS));
    if (!isClean(clean)) {
      throw new IllegalStateException(target.title() + " differs without a mutation");
    }
    Tally tally = new Tally();
    tally.cycles = clean.cycles();
    measure(rtl, target, folder, list, 1, tally);
    List<Long> kills = tally.kills;
    kills.sort(null);
    long median = kills.isEmpty() ? 0 : kills.get(kills.size() / 2);
    return new Score(
        target.title(),
        list.size(),
        kills.size(),
        tally.equivalent,
        tally.late,
        tally.alive,
        median);
  }

  private static final class Tally {
    final List<Long> kills = new ArrayList<>();
    int equivalent;
    int late;
    int alive;
    long cycles; // of the first campaign without a mutation
  }

  /**
   * Mutants of one model, the first of them chosen by {@code from}. A mutation can close a loop
   * through its neighbours, on which a model does not settle even while none is chosen; then each
   * half gets a model of its own, and at last a mutant alone.
   */
  private static void measure(
      Path rtl, Target target, Path folder, List<String> list, int from, Tally tally)
      throws IOException, InterruptedException {
    VerilatedLibrary library = build(target, folder, list);
    Campaign.Options options = Campaign.Options.DEFAULT;
    if (!isClean(run(target, target.unit(), library, options.poke(SELECT, 0), VECTORS))) {
      if (list.size() > 1) {
        int half = list.size() / 2;
        measure(rtl, target, folder, list.subList(0, half), from, tally);
        measure(rtl, target, folder, list.subList(half, list.size()), from + half, tally);
        return;
      }
      String one = list.get(0);
      count(rtl, target, folder, one, build(target, folder, List.of(alone(one))), options, tally);
      return;
    }
    for (int m = 0; m < list.size(); m++) {
      count(rtl, target, folder, list.get(m), library, options.poke(SELECT, from + m), tally);
    }
  }

  private static Campaign.Result run(
      Target target, Unit unit, VerilatedLibrary library, Campaign.Options options, long vectors) {
    return Campaign.run(
        unit,
        library,
        options.lanes(target.lanes()).vectors(vectors).stopAtFirst(true).stalls(target.stalls()),
        n -> {});
  }

  /** Vectors of one campaign, of all those against a mutant. */
  private static long share(Target target, long vectors) {
    return Math.max(vectors / target.requests().size(), FEWEST_VECTORS);
  }

  private static boolean isClean(Campaign.Result r) {
    return r.differing() == 0 && r.failure().isEmpty() && r.compared() != 0;
  }

  private static void count(
      Path rtl,
      Target target,
      Path folder,
      String mutation,
      VerilatedLibrary library,
      Campaign.Options options,
      Tally tally)
      throws IOException, InterruptedException {
    long[] cycles = new long[1];
    if (isKilled(target, library, options, VECTORS, cycles, tally)) {
      return;
    }
    if (isEquivalent(rtl, folder, target, mutation)) {
      tally.equivalent++;
    } else if (cycles[0] != tally.cycles) {
      tally.late++;
    } else if (!isKilled(target, library, options, MORE_VECTORS, cycles, tally)) {
      tally.alive++;
      System.out.printf("not killed, not proved: %s: %s%n", target.title(), mutation);
    }
  }

  /** Leaves the cycles of the first campaign. */
  private static boolean isKilled(
      Target target,
      VerilatedLibrary library,
      Campaign.Options options,
      long vectors,
      long[] cycles,
      Tally tally) {
    long before = 0;
    for (Unit unit : target.campaigns()) {
      Campaign.Result r = run(target, unit, library, options, share(target, vectors));
      if (r.failure().isPresent()) {
        tally.kills.add(before + vectors(r.failure().get().what(), r.compared()));
        return true;
      }
      if (before == 0) {
        cycles[0] = r.cycles();
      }
      before += r.compared();
    }
    return false;
  }

  /**
   * A model with mutations. Cells become gates and words bits: words that depend on themselves, one
   * bit on another, are loops to Verilator, and 5.006 gives wrong values on some that a netlist
   * has.
   */
  private static VerilatedLibrary build(Target target, Path folder, List<String> mutations)
      throws IOException, InterruptedException {
    Path verilog = folder.resolve(target.top() + ".v");
    Files.write(folder.resolve("some"), mutations);
    Files.writeString(
        folder.resolve("pad.v"), "module pad(input a, output y); assign y = a; endmodule\n");
    yosys(
        folder,
        "read_ilang base.il; script some; techmap; opt -fast; iopadmap -bits -outpad pad a:y %1$s; "
                .formatted(target.top())
            + "opt_clean; splitnets; read_verilog pad.v; write_verilog -noattr %1$s.v"
                .formatted(target.top()),
        600);
    VerilatorBuild build = VerilatorBuild.of(target.top(), verilog);
    Unit unit = target.unit();
    Optional<Wiring> wiring = unit.build(List.of(verilog), target.lanes()).wiring();
    if (wiring.isEmpty() && !Files.readString(verilog).contains("input clk;")) {
      wiring = Optional.of(combinational(unit));
    }
    return Fixtures.cache().build(wiring.map(build::withWiring).orElse(build));
  }

  /** The unit's own ports are its words; the choice of a mutant is beside them. */
  private static Wiring combinational(Unit unit) {
    return new Wiring(
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        OptionalInt.empty(),
        1,
        0,
        unit.inputs().stream().map(Field::port).toList(),
        unit.outputs().stream().map(Field::port).toList(),
        Map.of());
  }

  private static String alone(String mutation) {
    return mutation.replaceFirst("-ctrl \\S+ \\S+ \\S+ ", "");
  }

  /**
   * The beat of the first difference, counted from 1; all that were compared if it is not known.
   */
  private static long vectors(String what, long compared) {
    Matcher m = Pattern.compile("beat (\\d+)").matcher(what);
    return m.find() ? Long.parseLong(m.group(1)) + 1 : Math.max(1, compared);
  }

  /**
   * Whether ABC proves that no inputs, in any number of cycles, make an output differ: from the
   * state in which every register is 0, with resets at any time.
   */
  private static boolean isEquivalent(Path rtl, Path folder, Target target, String mutation)
      throws IOException, InterruptedException {
    Files.writeString(folder.resolve("one"), alone(mutation) + "\n");
    String environment = environment(rtl, target);
    Path gold = folder.resolve("gold.aig");
    for (String side : Files.exists(gold) ? List.of("gate") : List.of("gold", "gate")) {
      yosys(
          folder,
          "read_ilang base.il; %s%s flatten; techmap; opt -fast; dffunmap; simplemap; "
                  .formatted(side.equals("gate") ? "script one; " : "", environment)
              + "dfflegalize -cell $_DFF_P_ 0; setundef -undriven -zero; setundef -init -zero; "
              + "opt_expr; opt_merge; opt_clean; aigmap; opt_clean; write_aiger -zinit %s.aig"
                  .formatted(side),
          600);
    }
    String header; // aig: maximum, inputs, latches, outputs, gates
    try (BufferedReader aig = Files.newBufferedReader(gold, StandardCharsets.ISO_8859_1)) {
      header = aig.readLine();
    }
    boolean registers = !header.split(" ")[3].equals("0");
    String prove =
        "%s -T %d gold.aig gate.aig".formatted(registers ? "dsec" : "cec", PROOF_SECONDS);
    int exit = run(folder, PROOF_SECONDS * 3, "yosys-abc", "-c", prove);
    return exit == 0 && Files.readString(folder.resolve("log")).contains("Networks are equivalent");
  }

  /** What keeps the inputs to what the unit asks of them; nothing if it takes any. */
  private static String environment(Path rtl, Target target) {
    Path legal = rtl.toAbsolutePath().resolve("formal/%s_legal.v".formatted(target.top()));
    return Files.exists(legal)
        ? "read_verilog %1$s; chparam -set LANES %2$d %3$s_legal; hierarchy -top %3$s_legal; proc; "
            .formatted(legal, target.lanes(), target.top())
        : "";
  }

  private static void yosys(Path folder, String script, int seconds)
      throws IOException, InterruptedException {
    if (tryYosys(folder, script, seconds) != 0) {
      throw new IOException("yosys failed: " + Files.readString(folder.resolve("log")));
    }
  }

  private static int tryYosys(Path folder, String script, int seconds)
      throws IOException, InterruptedException {
    return run(folder, seconds, "yosys", "-q", "-p", script);
  }

  /** Exit status, -1 if it takes too long; leaves its text in {@code log}. */
  private static int run(Path folder, int seconds, String... line)
      throws IOException, InterruptedException {
    Process p =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    if (!p.waitFor(seconds, TimeUnit.SECONDS)) {
      p.destroyForcibly().waitFor();
      return -1;
    }
    return p.exitValue();
  }
}
