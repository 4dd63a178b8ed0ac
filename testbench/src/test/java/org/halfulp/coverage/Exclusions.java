package org.halfulp.coverage;

import java.util.List;
import java.util.regex.Pattern;

/** Points that no input can reach, each with the reason. */
final class Exclusions {
  private static final class Rule {
    final Pattern module;
    final Pattern point;
    final String reason;
    int used;

    Rule(String module, String point, String reason) {
      this.module = Pattern.compile(module);
      this.point = Pattern.compile(point);
      this.reason = reason;
    }

    String row() {
      return "| %s | %s | %s | %d |"
          .formatted(cell(module.pattern()), cell(point.pattern()), reason, used);
    }

    private static String cell(String pattern) {
      return "`" + pattern.replace("|", "\\|") + "`";
    }
  }

  private final List<Rule> rules;

  private Exclusions(List<Rule> rules) {
    this.rules = rules;
  }

  static Exclusions ours() {
    return new Exclusions(
        List.of(
            new Rule(".*", "(out_)?flags\\[3\\]", "division by zero: no unit here divides"),
            new Rule(
                "fx_(add|mul|mac)(_lane)?",
                "out_flags\\[4\\]",
                "invalid: fixed-point operands have no NaN or infinity")));
  }

  /** Whether a point that was missed is excluded; counts it. */
  boolean has(String module, String point) {
    for (Rule rule : rules) {
      if (rule.module.matcher(module).matches() && rule.point.matcher(point).matches()) {
        rule.used++;
        return true;
      }
    }
    return false;
  }

  List<String> rows() {
    return rules.stream().filter(r -> r.used > 0).map(Rule::row).toList();
  }

  /** Rules that excluded nothing: the reason is gone. */
  List<String> unused() {
    return rules.stream().filter(r -> r.used == 0).map(Rule::row).toList();
  }
}
