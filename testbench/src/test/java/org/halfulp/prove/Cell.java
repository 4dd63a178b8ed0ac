package org.halfulp.prove;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.halfulp.number.Format;
import org.halfulp.number.RoundingMode;
import org.halfulp.verify.UnitRequest;

/**
 * A place of the matrix: a unit in one format and mode.
 *
 * @param formats of operands and result, and further parameters
 * @param mode a label, or {@code -} for a unit that does not round
 * @param ties inputs that keep one value while the others are exhausted
 * @param samples words to send where the inputs are too many
 * @param reason why it is empty; empty if it is to be filled
 */
record Cell(
    String unit,
    String formats,
    String mode,
    UnitRequest request,
    Map<String, Long> ties,
    long samples,
    Optional<String> reason) {

  static final String NO_MODE = "-";

  static String formats(UnitRequest r) {
    String from = r.format().map(Format::name).orElse("");
    String to =
        r.to().map(Format::name).filter(n -> !n.equals(from)).map(n -> " -> " + n).orElse("");
    String more =
        r.parameters().entrySet().stream()
            .map(p -> " " + p.getKey() + "=" + p.getValue())
            .collect(Collectors.joining());
    return from + to + more;
  }

  /** What makes a unit with the mode as an input this cell's. */
  Map<String, Long> modeTies() {
    RoundingMode mode = request.rounding().orElseThrow();
    Map<String, Long> ties = new LinkedHashMap<>(Map.of("in_round", (long) mode.ordinal()));
    if (mode != RoundingMode.SR) {
      ties.put("in_rand", 0L); // is read in one mode alone
    }
    return ties;
  }

  boolean isOf(Results.Row row) {
    return row.unit().equals(unit) && row.formats().equals(formats) && row.mode().equals(mode);
  }

  /** Its rows, the strongest first. */
  List<Results.Row> of(List<Results.Row> rows) {
    return rows.stream().filter(this::isOf).sorted((a, b) -> a.how().compareTo(b.how())).toList();
  }
}
