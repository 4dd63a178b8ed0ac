package org.halfulp.prove;

import java.io.IOException;
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
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.ToolException;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.UnitRequest;

/**
 * Proves the float units against SMT-LIB's theory of floating point, in the five modes that it has,
 * the fixed-point units against their meaning said a second way, and that planted errors are found.
 *
 * <p>Arguments: the rtl folder, the file of results, {@code short} or {@code long}, names of units
 * (none for all). Exit status: 0 all proved and all errors found, 1 not, 3 a tool is missing.
 */
public final class Prove {
  private static final List<RoundingMode> MODES =
      List.of(
          RoundingMode.RNE, RoundingMode.RNA, RoundingMode.RTZ, RoundingMode.RUP, RoundingMode.RDN);

  private static final List<String> FIXED = List.of("fx_requantize", "fx_add", "fx_mul", "fx_mac");
  private static final int WIDEST = 16;

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
    if (args.length < 3 || !args[2].matches("short|long")) {
      System.err.println("usage: Prove RTL_FOLDER RESULTS short|long [UNIT...]");
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
      List<String> units = List.of(args).subList(3, args.length);
      units.forEach(Catalogue::of);
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (Proof p : all ? longProofs() : shortProofs()) {
        if (units.isEmpty() || units.contains(p.top())) {
          tasks.add(() -> prove.holds(p));
        }
      }
      for (Planted f : all ? List.<Planted>of() : FAULTS) {
        if (units.isEmpty() || units.contains(f.proof().top())) {
          tasks.add(() -> prove.caught(f.fault(), f.proof()));
        }
      }
      System.out.println(Solver.version());
      System.exit(run(tasks) ? 0 : 1);
    } catch (ToolException e) {
      System.err.println(e.getMessage());
      System.exit(3);
    }
  }

  /** The slowest first, so that no processor waits at the end. */
  static List<Proof> shortProofs() {
    List<Proof> all = new ArrayList<>();
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
    for (String[] f : new String[][] {{"q4.8", "q4.4"}, {"q8.8", "q4.4"}, {"q16.16", "q8.8"}}) {
      all.addAll(fixed("fx_requantize", f[0], f[1]));
    }
    for (String f : List.of("q4.4", "q2.6", "q8.8")) {
      all.addAll(fixed("fx_add", f, f));
      all.addAll(fixed("fx_mul", f, f));
    }
    all.addAll(fixed("fx_mac", "q4.4", "q8.4"));
    all.addAll(fixed("fx_mac", "q8.8", "q8.8"));
    for (int w = 2; w <= WIDEST; w++) {
      for (String top : FIXED) {
        all.add(widths(top, w, w, w));
        all.add(widths(top, w, WIDEST + 2 - w, w + 1));
      }
    }
    return all;
  }

  /** What takes minutes to hours. */
  static List<Proof> longProofs() {
    List<Proof> all = new ArrayList<>();
    all.addAll(inEachMode("fp_mul", "bf16"));
    all.addAll(inEachMode("fp_add", "fp16"));
    all.addAll(inEachMode("fp_add", "bf16"));
    all.addAll(conversions("fp32", "bf16"));
    all.addAll(conversions("bf16", "fp16"));
    all.addAll(conversions("fp16", "bf16"));
    for (String top : FIXED) {
      for (int a = 2; a <= WIDEST; a++) {
        for (int b = 2; b <= WIDEST; b++) {
          all.add(widths(top, a, b, a + 5 * b));
        }
      }
    }
    return all;
  }

  /** A fixed-point unit in every mode that it has, with the rule that saturates. */
  private static List<Proof> fixed(String top, String from, String to) {
    FixedFormat a = (FixedFormat) FormatName.parse(from).format();
    FixedFormat y = (FixedFormat) FormatName.parse(to).format();
    List<Proof> all = new ArrayList<>();
    for (RoundingMode m : RoundingMode.values()) {
      int bits = m == RoundingMode.SR ? UnitRequest.RANDOM_BITS : 1;
      all.add(new FixedProof(top, a, a, y, Optional.of(m), OverflowRule.SATURATE, bits));
    }
    return all;
  }

  /**
   * All modes at once in widths {@code a} and {@code b}: of operand and result, or of the operands.
   * What else there is to choose changes from one to the next: places that are lost (none at
   * times), range rule, random bits, the width of a result.
   */
  private static Proof widths(String top, int a, int b, int turn) {
    OverflowRule rule =
        List.of(OverflowRule.SATURATE, OverflowRule.SYMMETRIC, OverflowRule.WRAP).get(turn % 3);
    int bits = 1 + turn % 5;
    Optional<RoundingMode> all = Optional.empty();
    FixedFormat x = new FixedFormat(true, a, turn % (a + 2) - 1);
    if (top.equals("fx_requantize") || top.equals("fx_mac")) {
      FixedFormat y = new FixedFormat(true, b, x.fracBits() - (turn / 2) % (a + 1) + 1);
      return new FixedProof(top, x, x, y, all, rule, bits);
    }
    FixedFormat z = new FixedFormat(true, b, turn % (b + 1));
    FixedFormat y = new FixedFormat(true, 2 + (a + b + turn) % (WIDEST - 1), turn % 7);
    return new FixedProof(top, x, z, y, all, rule, bits);
  }

  private record Planted(Fault fault, Proof proof) {}

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
              proof("fp_convert", "fp16", RoundingMode.RTZ)),
          planted("fx_round_up.v", "guard & (tail | in_odd)", "guard", "fx_requantize"),
          planted(
              "fx_add_lane.v",
              "(D_W - LOW - 1) {1'b0}}, in_sub}",
              "(D_W - LOW) {1'b0}}}",
              "fx_add"),
          planted("fx_clamp.v", "((b | c) ^ sign) | smallest", "((b | c) ^ sign)", "fx_mul"),
          planted("fx_mac_lane.v", "acc_q & {W{~first}}", "acc_q", "fx_mac"),
          planted("fx_mac_lane.v", "(overflow_q & ~first)", "overflow_q", "fx_mac"));

  private static Planted planted(String file, String text, String instead, String top) {
    FixedFormat a = new FixedFormat(true, 5, 3);
    FixedFormat y = new FixedFormat(true, 4, 1);
    OverflowRule rule = OverflowRule.SYMMETRIC;
    return new Planted(
        new Fault(file, text, instead), new FixedProof(top, a, a, y, Optional.empty(), rule, 2));
  }

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

  private boolean holds(Proof proof) throws IOException, InterruptedException {
    String what = proof.unit().describe();
    long start = System.nanoTime();
    Proof.Answer answer;
    try {
      answer = proof.refute(rtl, seconds);
    } catch (IllegalStateException e) {
      say("FAIL", what + ": " + e.getMessage(), start);
      return false;
    }
    Optional<Counterexample> found = answer.found();
    if (found.isEmpty()) {
      say("OK  ", what, start);
      String source = Source.of(rtl.toAbsolutePath(), proof.top());
      Optional<Results.Row> row = proof.row(answer.seconds(), source);
      if (row.isPresent()) {
        results.add(row.get());
      }
      return true;
    }
    Optional<String> seen = found.get().replay(proof.unit(), rtl, cache);
    say(
        "FAIL",
        "%s: %s; %s"
            .formatted(
                what,
                found.get(),
                seen.map(s -> "in the simulator " + s)
                    .orElse(
                        "but simulator and emulator agree there: the solver is wrong, or both")),
        start);
    return false;
  }

  /** Whether an error is found, and the simulator sees what the solver found. */
  private boolean caught(Fault fault, Proof proof) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Path folder = fault.plant(rtl);
    try {
      String what = "%s with '%s'".formatted(proof.unit().describe(), fault.instead());
      Optional<Counterexample> found = proof.refute(folder, seconds).found();
      if (found.isEmpty()) {
        say("FAIL", what + ": the planted error was not found", start);
        return false;
      }
      Optional<String> seen = found.get().replay(proof.unit(), folder, cache);
      say(
          seen.isPresent() ? "OK  " : "FAIL",
          "planted error: %s: %s; simulator: %s"
              .formatted(what, found.get(), seen.orElse("no difference")),
          start);
      return seen.isPresent();
    } finally {
      Fault.delete(folder);
    }
  }

  private static void say(String verdict, String what, long start) {
    System.out.printf(
        Locale.ROOT, "%s %s  %.1f s%n", verdict, what, (System.nanoTime() - start) / 1e9);
  }
}
