package org.halfulp.input;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.jexl3.JexlBuilder;
import org.apache.commons.jexl3.JexlEngine;
import org.apache.commons.jexl3.JexlException;
import org.apache.commons.jexl3.JexlFeatures;
import org.apache.commons.jexl3.JexlScript;
import org.apache.commons.jexl3.MapContext;
import org.apache.commons.jexl3.introspection.JexlPermissions;

/** An expression over parameters, true or false: {@code batch <= 4 || format == 'q2.6'}. */
final class Condition {
  private static final JexlEngine JEXL =
      new JexlBuilder()
          .strict(true)
          .silent(false)
          .safe(false)
          .antish(true)
          .permissions(JexlPermissions.NONE)
          .features(
              JexlFeatures.createNone()
                  .structuredLiteral(true)
                  .register(false)
                  .script(false)
                  .methodCall(false))
          .create();
  private static final Pattern POWER = Pattern.compile("\\b2\\^(-?\\d{1,3})\\b");

  private final String text;
  private final JexlScript script;
  private final List<String> variables = new ArrayList<>();

  private Condition(String text, JexlScript script) {
    this.text = text;
    this.script = script;
    for (List<String> name : script.getVariables()) {
      variables.add(String.join(".", name));
    }
  }

  /**
   * @throws IllegalArgumentException if it is no expression
   */
  static Condition parse(String text) {
    Matcher m = POWER.matcher(text);
    String plain = m.replaceAll(r -> String.valueOf(Math.scalb(1.0, Integer.parseInt(r.group(1)))));
    try {
      return new Condition(text, JEXL.createScript(plain));
    } catch (JexlException e) {
      throw new IllegalArgumentException(
          "'%s' is no condition (%s); for instance: batch <= 4 || format == 'q2.6'"
              .formatted(YamlMap.shortened(text), reason(e)));
    }
  }

  private static String reason(JexlException e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    return message.replaceFirst("^.*?@\\d+:\\d+:? ?", "").strip();
  }

  String text() {
    return text;
  }

  /** The parameters that it asks for. */
  List<String> variables() {
    return variables;
  }

  /**
   * Whether it holds; true where a parameter that it asks for has no part in the point.
   *
   * @throws IllegalArgumentException if it is neither true nor false
   */
  boolean holds(Map<String, String> settings) {
    MapContext context = new MapContext();
    for (String name : variables) {
      String value = settings.get(name);
      if (value == null) {
        return true;
      }
      context.set(name, number(value));
    }
    Object result;
    try {
      result = script.execute(context);
    } catch (JexlException e) {
      throw new IllegalArgumentException("'%s': %s".formatted(text, reason(e)));
    }
    if (!(result instanceof Boolean holds)) {
      throw new IllegalArgumentException(
          "'%s' must be true or false, it is %s".formatted(text, result));
    }
    return holds;
  }

  /** A number where it is one. */
  private static Object number(String text) {
    try {
      if (text.startsWith("2^")) {
        return Math.scalb(1.0, Integer.parseInt(text.substring(2)));
      }
      return Double.valueOf(new java.math.BigDecimal(text).doubleValue());
    } catch (NumberFormatException e) {
      return text;
    }
  }
}
