package org.halfulp.prove;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.ToolException;
import org.halfulp.verify.ElementwiseUnit;
import org.halfulp.verify.UnitRequest;

/**
 * Proves the float units against SMT-LIB's theory of floating point, in the five modes that it has,
 * and that planted errors are found.
 *
 * <p>Arguments: the rtl folder, the file of results, {@code short} or {@code long}. Exit status: 0
 * all proved and all errors found, 1 not, 3 a tool is missing.
 */
public final class Prove {
  private static final List<RoundingMode> MODES =
      List.of(
          RoundingMode.RNE, RoundingMode.RNA, RoundingMode.RTZ, RoundingMode.RUP, RoundingMode.RDN);

  private static final int SHORT_SECONDS = 600;
  private static final int LONG_SECONDS = 4 * 3600;

  private final Path rtl;
  private final Results results;
  private final ModelCache cache;
  private final int seconds;

  private Prove(Path rtl, Results results, ModelCache cache, int seconds) {
    this.rtl = rtl;
    this.results = results;
    this.cache = cache;
    this.seconds = seconds;
  }

  public static void main(String[] args) throws Exception {
    if (args.length != 3 || !args[2].matches("short|long")) {
      System.err.println("usage: Prove RTL_FOLDER RESULTS short|long");
      System.exit(2);
    }
    boolean all = args[2].equals("long");
    try {
      Prove prove =
          new Prove(
              Path.of(args[0]),
              new Results(Path.of(args[1])),
              ModelCache.open(),
              all ? LONG_SECONDS : SHORT_SECONDS);
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (FloatProof p : all ? longProofs() : shortProofs()) {
        tasks.add(() -> prove.holds(p));
      }
      if (!all) {
        FAULTS.forEach((fault) -> tasks.add(() -> prove.caught(fault.fault(), fault.proof())));
      }
      System.out.println(Solver.version());
      System.exit(run(tasks) ? 0 : 1);
    } catch (ToolException e) {
      System.err.println(e.getMessage());
      System.exit(3);
    }
  }

  /** The slowest first, so that no processor waits at the end. */
  static List<FloatProof> shortProofs() {
    List<FloatProof> all = new ArrayList<>();
    all.addAll(inEachMode("fp_fma", "e4m3:ieee"));
    all.addAll(inEachMode("fp_fma", "e5m2"));
    all.add(proof("fp_add", "fp16", RoundingMode.RNE));
    all.add(proof("fp_add", "bf16", RoundingMode.RNE));
    for (String top : List.of("fp_mul", "fp_add")) {
      all.addAll(inEachMode(top, "e4m3:ieee"));
      all.addAll(inEachMode(top, "e5m2"));
    }
    all.addAll(conversions("fp16", "e4m3:ieee"));
    all.addAll(conversions("fp16", "e5m2"));
    all.addAll(conversions("e4m3:ieee", "e5m2"));
    all.addAll(conversions("e5m2", "e4m3:ieee"));
    all.addAll(conversions("e4m3:ieee", "bf16"));
    return all;
  }

  /** What takes minutes to hours. */
  static List<FloatProof> longProofs() {
    List<FloatProof> all = new ArrayList<>();
    all.addAll(inEachMode("fp_mul", "bf16"));
    all.addAll(inEachMode("fp_add", "fp16"));
    all.addAll(inEachMode("fp_add", "bf16"));
    all.addAll(conversions("fp32", "bf16"));
    all.addAll(conversions("bf16", "fp16"));
    all.addAll(conversions("fp16", "bf16"));
    return all;
  }

  private record Planted(Fault fault, FloatProof proof) {}

  private static final List<Planted> FAULTS =
      List.of(
          new Planted(
              new Fault("fp_round.v", "wants = under | is_odd;", "wants = under;"),
              proof("fp_add", "e4m3:ieee", RoundingMode.RNE)),
          new Planted(
              new Fault("fp_round.v", "wants = ~negative;", "wants = negative;"),
              proof("fp_mul", "e5m2", RoundingMode.RUP)),
          new Planted(
              new Fault("fp_round.v", "(&win[WIN_W-2:LOST_W]) & up;", "1'b0;"),
              proof("fp_fma", "e4m3:ieee", RoundingMode.RNE)),
          new Planted(
              new Fault("fp_range.v", "(finite & in_inexact) | overflow", "finite & in_inexact"),
              proof("fp_convert", "fp16", RoundingMode.RTZ)));

  private static FloatProof proof(String top, String format, RoundingMode mode) {
    return new FloatProof(top, UnitRequest.DEFAULT.format(format).rounding(mode).stages(0));
  }

  private static List<FloatProof> inEachMode(String top, String format) {
    return MODES.stream().map(m -> proof(top, format, m)).toList();
  }

  private static List<FloatProof> conversions(String from, String to) {
    return MODES.stream()
        .map(m -> new FloatProof("fp_convert", proof("fp_convert", from, m).request().to(to)))
        .toList();
  }

  private static boolean run(List<Callable<Boolean>> tasks) throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    int failed = 0;
    try {
      for (Future<Boolean> f : pool.invokeAll(tasks)) {
        failed += f.get() ? 0 : 1;
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ToolException t) {
        throw t;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
    System.out.printf("%d proofs and refutations, %d failed%n", tasks.size(), failed);
    return failed == 0 && !tasks.isEmpty();
  }

  private boolean holds(FloatProof proof) throws IOException, InterruptedException {
    ElementwiseUnit unit = proof.unit();
    long start = System.nanoTime();
    long cpu = cpu();
    Optional<FloatProof.Counterexample> found;
    try {
      found = proof.refute(rtl, seconds);
    } catch (IllegalStateException e) {
      say("FAIL", unit.describe() + ": " + e.getMessage(), start);
      return false;
    }
    if (found.isEmpty()) {
      say("OK  ", unit.describe(), start);
      results.add(
          Results.Row.proved(
              unit, (cpu() - cpu) / 1e9, Source.of(rtl.toAbsolutePath(), proof.top())));
      return true;
    }
    Optional<String> seen = proof.replay(rtl, cache, found.get());
    say(
        "FAIL",
        "%s: %s; %s"
            .formatted(
                unit.describe(),
                text(found.get()),
                seen.map(s -> "in the simulator " + s)
                    .orElse(
                        "but simulator and emulator agree there: the solver is wrong, or both")),
        start);
    return false;
  }

  /** Whether an error is found, and the simulator sees what the solver found. */
  private boolean caught(Fault fault, FloatProof proof) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path folder = fault.plant(rtl);
    try {
      String what = "%s with '%s'".formatted(proof.unit().describe(), fault.instead());
      Optional<FloatProof.Counterexample> found = proof.refute(folder, seconds);
      if (found.isEmpty()) {
        say("FAIL", what + ": the planted error was not found", start);
        return false;
      }
      Optional<String> seen = proof.replay(folder, cache, found.get());
      say(
          seen.isPresent() ? "OK  " : "FAIL",
          "planted error: %s: %s; simulator: %s"
              .formatted(what, text(found.get()), seen.orElse("no difference")),
          start);
      return seen.isPresent();
    } finally {
      Fault.delete(folder);
    }
  }

  private static String text(FloatProof.Counterexample found) {
    StringBuilder s = new StringBuilder();
    found.values().forEach((port, v) -> s.append("%s=0x%x ".formatted(port, v)));
    return s + "breaks " + found.claim().name().toLowerCase(Locale.ROOT);
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void say(String verdict, String what, long start) {
    System.out.printf(
        Locale.ROOT, "%s %s  %.1f s%n", verdict, what, (System.nanoTime() - start) / 1e9);
  }
}
