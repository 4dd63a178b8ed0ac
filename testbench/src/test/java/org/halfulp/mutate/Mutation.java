package org.halfulp.mutate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ToolException;
import org.halfulp.sim.VerilatedLibrary;
import org.halfulp.sim.VerilatorBuild;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.Failure;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UnitRequest;

/**
 * The checker checked: Yosys puts many small faults into a unit, an input chooses one, and the
 * campaign of {@code halfulp verify} must see each. A fault that it does not see must be proved to
 * change no output, or it is a hole.
 *
 * <p>Arguments: the rtl folder, the number of mutants, the table to write, names of units (none for
 * all). The units are combinational here (STAGES is 0), so that the proof is complete.
 */
public final class Mutation {
  private static final long VECTORS = 1 << 16;
  private static final int SEED = 1;
  private static final int PROOF_SECONDS = 10;
  private static final String SELECT = "mutsel";

  private static final Map<String, List<UnitRequest>> UNITS = units();

  private Mutation() {}

  private static Map<String, List<UnitRequest>> units() {
    Map<String, List<UnitRequest>> all = new LinkedHashMap<>();
    for (String top : List.of("fp_add", "fp_mul", "fp_fma")) {
      all.put(top, List.of(request("e4m3fn"), request("bfloat16")));
    }
    for (String top : List.of("fx_add", "fx_mul")) {
      all.put(top, List.of(request("q2.6"), request("q4.12")));
    }
    all.put("fp_convert", List.of(to("float16", "e4m3fn"), to("e5m2", "bfloat16")));
    all.put("fp_to_fx", List.of(to("e4m3fn", "q4.4"), to("bfloat16", "q8.8")));
    all.put("fx_to_fp", List.of(to("q4.4", "e4m3:ieee"), to("q8.8", "bfloat16")));
    return all;
  }

  private static UnitRequest request(String format) {
    return UnitRequest.DEFAULT.format(format).stages(0);
  }

  private static UnitRequest to(String from, String format) {
    return UnitRequest.DEFAULT.format(from).to(format);
  }

  /** A row of the table. */
  record Score(
      String unit, int mutants, int killed, int equivalent, int alive, long medianVectors) {
    String row() {
      return "| %s | %d | %d | %d | %d | %d |"
          .formatted(unit, mutants, killed, equivalent, alive, medianVectors);
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
      for (Map.Entry<String, List<UnitRequest>> e : UNITS.entrySet()) {
        if (wanted.isEmpty() || wanted.contains(e.getKey())) {
          for (UnitRequest r : e.getValue()) {
            Score s = measure(rtl, Catalogue.of(e.getKey()).unit(r), mutants);
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
          .filter(l -> l.matches("\\| f[px]_.*"))
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
                "at most %d vectors a mutant, one lane, STAGES 0.".formatted(VECTORS),
                "",
                "| unit | mutants | killed | equivalent (proved) | not killed | median vectors to the kill |",
                "|---|---:|---:|---:|---:|---:|"));
    lines.addAll(rows);
    Files.write(table, lines);
  }

  private static String version() throws IOException, InterruptedException {
    Process p = new ProcessBuilder("yosys", "-V").start();
    String text = new String(p.getInputStream().readAllBytes()).trim();
    p.waitFor();
    return text.replaceAll(" \\(.*", "");
  }

  static Score measure(Path rtl, Unit unit, int mutants) throws IOException, InterruptedException {
    Path folder =
        Files.createDirectories(Path.of("target", "mutate", unit.describe().replace(' ', '-')));
    List<Path> sources = RtlSources.in(rtl.toAbsolutePath(), unit.name());
    String files =
        sources.stream()
            .map(Path::toString)
            .filter(f -> f.endsWith(".v"))
            .collect(Collectors.joining(" "));
    StringBuilder set = new StringBuilder();
    unit.build(sources, 1)
        .parameters()
        .forEach((k, v) -> set.append(" -chparam ").append(k).append(' ').append(v));
    int width = 32 - Integer.numberOfLeadingZeros(mutants + 1);
    yosys(
        folder,
        "read_verilog -defer %s; hierarchy -check -top %s%s; proc; flatten; opt; rename -top %s; "
                .formatted(files, unit.name(), set, unit.name())
            + "write_ilang base.il; mutate -list %d -seed %d -ctrl %s %d 1 -o list"
                .formatted(mutants, SEED, SELECT, width),
        600);
    List<String> list = Files.readAllLines(folder.resolve("list"));
    Tally tally = new Tally();
    measure(unit, folder, list, 1, tally);
    List<Long> kills = tally.kills;
    kills.sort(null);
    long median = kills.isEmpty() ? 0 : kills.get(kills.size() / 2);
    return new Score(
        unit.describe(), list.size(), kills.size(), tally.equivalent, tally.alive, median);
  }

  private static final class Tally {
    final List<Long> kills = new ArrayList<>();
    int equivalent;
    int alive;
  }

  /**
   * Mutants of one model, the first of them chosen by {@code from}. A mutation can close a loop
   * through its neighbours, on which a model does not settle even while none is chosen; then each
   * half gets a model of its own, and at last a mutant alone.
   */
  private static void measure(Unit unit, Path folder, List<String> list, int from, Tally tally)
      throws IOException, InterruptedException {
    VerilatedLibrary library = build(unit, folder, list);
    Campaign.Options options = Campaign.Options.DEFAULT.lanes(1).vectors(VECTORS).stopAtFirst(true);
    Campaign.Result clean = Campaign.run(unit, library, options.poke(SELECT, 0), n -> {});
    if (clean.differing() != 0 || clean.failure().isPresent() || clean.compared() == 0) {
      if (list.size() > 1) {
        int half = list.size() / 2;
        measure(unit, folder, list.subList(0, half), from, tally);
        measure(unit, folder, list.subList(half, list.size()), from + half, tally);
        return;
      }
      if (list.isEmpty()) {
        throw new IllegalStateException(
            "%s differs without a mutation: %s"
                .formatted(
                    unit.describe(),
                    clean.failure().map(Failure::what).orElse("nothing was compared")));
      }
      library = build(unit, folder, List.of(alone(list.get(0))));
      options = options.pokes(Map.of());
      count(unit, folder, list.get(0), Campaign.run(unit, library, options, n -> {}), tally);
      return;
    }
    for (int m = 0; m < list.size(); m++) {
      Campaign.Result r = Campaign.run(unit, library, options.poke(SELECT, from + m), n -> {});
      count(unit, folder, list.get(m), r, tally);
    }
  }

  private static void count(Unit unit, Path folder, String mutation, Campaign.Result r, Tally tally)
      throws IOException, InterruptedException {
    if (r.failure().isPresent()) {
      tally.kills.add(vectors(r.failure().get().what(), r.compared()));
    } else if (isEquivalent(folder, unit.name(), mutation)) {
      tally.equivalent++;
    } else {
      tally.alive++;
      System.out.printf("not killed, not proved: %s: %s%n", unit.describe(), mutation);
    }
  }

  private static VerilatedLibrary build(Unit unit, Path folder, List<String> mutations)
      throws IOException, InterruptedException {
    Path verilog = folder.resolve(unit.name() + ".v");
    Files.write(folder.resolve("some"), mutations);
    yosys(
        folder,
        "read_ilang base.il; script some; write_verilog -noattr %s.v".formatted(unit.name()),
        600);
    return Fixtures.cache().build(VerilatorBuild.of(unit.name(), verilog));
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

  /** Whether SAT finds no input of one step on which an output differs. */
  private static boolean isEquivalent(Path folder, String top, String mutation)
      throws IOException, InterruptedException {
    Files.writeString(folder.resolve("one"), alone(mutation) + "\n");
    return 0
        == tryYosys(
            folder,
            "read_ilang base.il; rename %1$s gold; read_ilang base.il; script one; rename %1$s gate; "
                    .formatted(top)
                + "miter -equiv -flatten -make_assert gold gate miter; hierarchy -top miter; "
                + "opt -full; select -assert-none t:$*dff* t:$*latch*; "
                + "sat -verify -prove-asserts -timeout %d miter".formatted(PROOF_SECONDS),
            PROOF_SECONDS * 3);
  }

  private static void yosys(Path folder, String script, int seconds)
      throws IOException, InterruptedException {
    if (tryYosys(folder, script, seconds) != 0) {
      throw new IOException("yosys failed: " + Files.readString(folder.resolve("log")));
    }
  }

  private static int tryYosys(Path folder, String script, int seconds)
      throws IOException, InterruptedException {
    Process p =
        new ProcessBuilder("yosys", "-q", "-p", script)
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
