package org.halfulp.prove;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.halfulp.prove.Results.How;
import org.halfulp.prove.Results.Row;

/** The matrix as people read it: how each cell was checked, and what is wrong. */
final class MatrixTable {
  private static final String HEAD =
      """
      # Unit x format x rounding mode: how each was checked

          make prove prove-long matrix

      %s%s

      Written by `make matrix` from its own results and those of `make prove` and `make prove-long`, all of one state of Verilog and emulator:
      a result of another state is left out, by hash. Proofs took %,.0f s of CPU time, simulation %,.0f s, builds not counted.

      **proved**: no inputs exist on which code or flags differ from the meaning ([verification.md](../verification.md) says whose).
      **exhausted**: every input, random words of SR included (8 bits; `fp_fma` 3), ran in the RTL beside the emulator, every word
      and its flags compared. **sampled**: so many words did, operands by classes, since the inputs are more than 2^27 or the unit
      has state (random streams, sums, weights). `STAGES` is 0 and the range rule the format's default; a unit with `in_round` was built
      once a format and had its mode there (some as a parameter). Proofs are of the IEEE family in the five IEEE
      modes, and of fixed point; other families, SR and rounding to odd of floats are simulated.
      **rne and sr only**: a unit made of others, which have every mode, takes a build for each; two were run.
      """;

  private final List<Cell> plan;
  private final List<Row> rows;
  private final List<String> problems = new ArrayList<>();
  private final Map<How, Integer> strongest = new LinkedHashMap<>();
  private int both;
  private int empty;
  private long compared;
  private long differing;
  private double proofs; // seconds
  private double simulation; // seconds
  private final String body;

  /**
   * @param rows of what the plan's units are now
   */
  MatrixTable(List<Cell> plan, List<Row> rows) {
    this.plan = plan;
    this.rows = rows;
    for (How how : How.values()) {
      strongest.put(how, 0);
    }
    body = units().stream().map(this::unit).collect(Collectors.joining("\n"));
    if (plan.isEmpty()) {
      problems.add("the matrix has no cells");
    }
  }

  /** What must not be: cells without result or reason, and differences. */
  List<String> problems() {
    return problems;
  }

  String text() {
    String open = problems.stream().map(p -> "\n- " + p).collect(Collectors.joining());
    return String.format(
            Locale.ROOT, HEAD, summary(), open.isEmpty() ? "" : "\n" + open, proofs, simulation)
        + "\n"
        + body;
  }

  String summary() {
    return String.format(
        Locale.ROOT,
        "%d cells: %d proved (%d of them exhausted as well), %d exhausted, %d sampled, %d empty for a"
            + " reason, %d not as they should be; %,d words compared, %,d differing.",
        plan.size(),
        strongest.get(How.PROVED),
        both,
        strongest.get(How.EXHAUSTED),
        strongest.get(How.SAMPLED),
        empty,
        problems.size(),
        compared,
        differing);
  }

  private Set<String> units() {
    return plan.stream().map(Cell::unit).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private String unit(String name) {
    Map<String, Map<String, String>> lines = new LinkedHashMap<>();
    Set<String> modes = new LinkedHashSet<>();
    for (Cell cell : plan) {
      if (cell.unit().equals(name)) {
        modes.add(cell.mode());
        lines
            .computeIfAbsent(cell.formats(), f -> new LinkedHashMap<>())
            .put(cell.mode(), of(cell));
      }
    }
    StringBuilder text = new StringBuilder("## " + name + "\n\n| |");
    modes.forEach(m -> text.append(' ').append(m).append(" |"));
    text.append("\n|---|").append("---|".repeat(modes.size())).append('\n');
    lines.forEach(
        (formats, cells) -> {
          text.append("| ").append(formats).append(" |");
          modes.forEach(
              m -> text.append(' ').append(cells.getOrDefault(m, "no such mode")).append(" |"));
          text.append('\n');
        });
    return text.toString();
  }

  private String of(Cell cell) {
    List<Row> found = cell.of(rows);
    String where = "%s %s %s".formatted(cell.unit(), cell.formats(), cell.mode());
    if (found.isEmpty()) {
      if (cell.reason().isPresent()) {
        empty++;
        return cell.reason().get();
      }
      problems.add(where + ": neither a result nor a reason");
      return "**MISSING**";
    }
    for (Row row : found) {
      compared += row.compared();
      differing += row.differing();
      if (row.how() == How.PROVED) {
        proofs += row.seconds();
      } else {
        simulation += row.seconds();
      }
    }
    List<Row> bad = found.stream().filter(r -> !r.isGood()).toList();
    if (!bad.isEmpty()) {
      Row r = bad.get(0);
      String what =
          r.differing() > 0 || r.note().isEmpty()
              ? "%d of %d words differ".formatted(r.differing(), r.compared())
              : r.note();
      problems.add(where + ": " + what);
      return "**" + what + "**";
    }
    strongest.merge(found.get(0).how(), 1, Integer::sum);
    if (found.get(0).how() == How.PROVED && found.get(found.size() - 1).how() == How.EXHAUSTED) {
      both++;
    }
    return found.stream().map(MatrixTable::text).collect(Collectors.joining("; "));
  }

  private static String text(Row r) {
    String cases = r.how() == How.PROVED ? "" : " " + r.cases();
    return String.format(Locale.ROOT, "%s%s, %s s", r.how(), cases, seconds(r.seconds()));
  }

  private static String seconds(double s) {
    return String.format(Locale.ROOT, s < 10 ? "%.2f" : "%.0f", s);
  }
}
