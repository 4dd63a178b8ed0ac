package org.halfulp.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.halfulp.input.InputException;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.RandomBits;
import org.halfulp.number.RoundingMode;
import org.halfulp.verify.UnitRequest;
import picocli.CommandLine.Option;

/** The options that say which unit of a family is meant. */
final class UnitOptions {
  private static final int MAX_REQUESTS = 1000;

  @Option(names = "--format", paramLabel = "F", description = "Format of the operands.")
  private String format;

  @Option(
      names = "--to",
      paramLabel = "F",
      description = "Format of the result where it may differ (sgd_update: of the gradients).")
  private String to;

  @Option(
      names = "--rounding",
      paramLabel = "M",
      description =
          "rne rna rtz rup rdn rto sr; fixed point also half-up half-down half-zero;"
              + " input: as the port in_round says in each beat. Default: rne.")
  private String rounding;

  @Option(
      names = "--overflow",
      paramLabel = "P",
      description = "Float: none finite propagate. Fixed: saturate symmetric wrap.")
  private String overflow;

  @Option(names = "--random-bits", paramLabel = "N", description = "Of sr, 1..32. Default: 8.")
  private String randomBits;

  @Option(names = "--stages", paramLabel = "S", description = "Pipeline ranks. Default: 0.")
  private String stages;

  @Option(
      names = "--set",
      paramLabel = "NAME=V",
      description = "A further Verilog parameter, as TWO_PATH=1; may be repeated.")
  private Map<String, Long> parameters = new LinkedHashMap<>();

  boolean hasRounding() {
    return rounding != null;
  }

  boolean hasStages() {
    return stages != null;
  }

  /** Whether anything was asked for. */
  boolean given() {
    return format != null
        || to != null
        || rounding != null
        || overflow != null
        || randomBits != null
        || stages != null
        || !parameters.isEmpty();
  }

  /** The one request; an option with a list is refused. */
  UnitRequest request() {
    return request(new String[] {format, to, rounding, overflow, randomBits, stages});
  }

  private UnitRequest request(String[] texts) {
    UnitRequest r = UnitRequest.DEFAULT;
    r = with(r, texts[0], (u, t) -> u.format(FormatName.parse(t).format()));
    r = with(r, texts[1], (u, t) -> u.to(FormatName.parse(t).format()));
    r =
        with(
            r,
            texts[2],
            (u, t) -> t.equals("input") ? u.roundingPerBeat() : u.rounding(RoundingMode.parse(t)));
    r = with(r, texts[3], (u, t) -> u.overflow(OverflowRule.parse(t)));
    r =
        with(
            r,
            texts[4],
            (u, t) -> u.randomBits(integer("--random-bits", t, 1, RandomBits.MAX_BITS)));
    r = with(r, texts[5], (u, t) -> u.stages(integer("--stages", t, 0, 64)));
    for (Map.Entry<String, Long> p : parameters.entrySet()) {
      r = r.with(p.getKey(), p.getValue());
    }
    return r;
  }

  /** One request for each combination of what the options list, separated by commas. */
  List<UnitRequest> requests() {
    List<String[]> all = new ArrayList<>();
    all.add(new String[0]);
    for (String option : new String[] {format, to, rounding, overflow, randomBits, stages}) {
      List<String[]> longer = new ArrayList<>();
      for (String[] before : all) {
        for (String value : list(option)) {
          String[] texts = Arrays.copyOf(before, before.length + 1);
          texts[before.length] = value;
          longer.add(texts);
        }
      }
      all = longer;
      if (all.size() > MAX_REQUESTS) {
        throw new InputException(
            "the options list more than %d units; a sweep does not stop at that many"
                .formatted(MAX_REQUESTS));
      }
    }
    return all.stream().map(this::request).toList();
  }

  /** At commas outside the brackets of {@code ap_fixed<8,4>}; one null where nothing is given. */
  static List<String> list(String option) {
    return option == null
        ? Arrays.asList((String) null)
        : List.of(option.split(",(?![^<]*>)(?!bias|nosub|daz)", -1));
  }

  private static UnitRequest with(
      UnitRequest request, String text, BiFunction<UnitRequest, String, UnitRequest> change) {
    return text == null ? request : change.apply(request, text);
  }

  private static int integer(String option, String text, int min, int max) {
    return (int) RoundingOptions.integer(option, text, min, max);
  }
}
