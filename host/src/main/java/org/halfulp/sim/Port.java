package org.halfulp.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A port of a top, as declared: {@code [msb:lsb]}. */
public record Port(String name, boolean input, int msb, int lsb) {
  private static final Pattern MACRO =
      Pattern.compile(
          "^\\s*VL_(IN|OUT|INOUT)(?:8|16|64|W)?\\(&(\\w+),(-?\\d+),(-?\\d+)(?:,\\d+)?\\);",
          Pattern.MULTILINE);
  private static final Pattern ESCAPE = Pattern.compile("__0([0-9A-F]{2})");
  private static final Pattern COMMENT = Pattern.compile("//[^\\n]*|(?s:/\\*.*?\\*/)");

  public int width() {
    return Math.abs(msb - lsb) + 1;
  }

  /** 64-bit words of a value in a row. */
  public int words() {
    return (width() + 63) / 64;
  }

  @Override
  public String toString() {
    return (input ? "input " : "output ") + "[" + msb + ":" + lsb + "] " + name;
  }

  /** A port and the C++ member that Verilator made for it. */
  record Member(Port port, String cpp) {}

  /**
   * The ports of a generated header, which sorts them by size, put back into the order of the
   * module's declaration.
   *
   * @param sources texts, one of which holds the module
   */
  static List<Member> parse(String header, String top, List<String> sources) {
    List<Member> members = new ArrayList<>();
    Matcher m = MACRO.matcher(header);
    while (m.find()) {
      String name = verilogName(m.group(2));
      if (m.group(1).equals("INOUT")) {
        throw new VerilogException(top + ": port " + name + " is an inout; give input and output");
      }
      int msb = Integer.parseInt(m.group(3));
      int lsb = Integer.parseInt(m.group(4));
      members.add(new Member(new Port(name, m.group(1).equals("IN"), msb, lsb), m.group(2)));
    }
    declaration(top, sources)
        .ifPresent(d -> members.sort(Comparator.comparingInt(p -> position(d, p.port.name))));
    return members;
  }

  /** Verilator writes {@code a__b} as {@code a___05Fb} and a C++ keyword behind a prefix. */
  private static String verilogName(String cpp) {
    String name = cpp.startsWith("__SYM__") ? cpp.substring("__SYM__".length()) : cpp;
    return ESCAPE
        .matcher(name)
        .replaceAll(r -> Matcher.quoteReplacement("" + (char) Integer.parseInt(r.group(1), 16)));
  }

  private static Optional<String> declaration(String top, List<String> sources) {
    Pattern module = Pattern.compile("\\bmodule\\s+" + Pattern.quote(top) + "\\b([^;]*);");
    for (String source : sources) {
      Matcher m = module.matcher(COMMENT.matcher(source).replaceAll(" "));
      if (m.find()) {
        return Optional.of(m.group(1));
      }
    }
    return Optional.empty();
  }

  private static int position(String declaration, String name) {
    Matcher m = Pattern.compile("\\b" + Pattern.quote(name) + "\\b").matcher(declaration);
    return m.find() ? m.start() : Integer.MAX_VALUE;
  }
}
