package org.halfulp.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Verilated model evaluates the logic between its inputs and its registers whenever it is asked,
 * so twice a cycle: when the inputs change, and at the rising edge, when only the clock does. The
 * second time is left out where none of that logic reads the clock.
 */
final class RisingEdge {
  /** The member of the root class that the beat loop sets for the evaluation of the edge. */
  static final String FLAG = "halfulp_edge";

  private static final Pattern LOOP =
      Pattern.compile("(__VicoContinue = )1U;(\\s+while \\(__VicoContinue\\) \\{)");
  private static final Pattern MEMBERS = Pattern.compile("(?m)^( *)// INTERNAL VARIABLES$");
  private static final Pattern FUNCTION = Pattern.compile("(?m)^(?:VL_\\w+ )*\\w+ (\\w+)\\(.*\\{$");

  /** Functions that may read the clock: they look for its edge, or for bits that a port has not. */
  private static final Pattern EDGES =
      Pattern.compile("\\w+___eval_(triggers__act|debug_assertions)");

  private RisingEdge() {}

  /**
   * Changes the generated sources so; leaves them as they are if they are not as Verilator 5.006
   * writes them, or if logic reads the clock.
   *
   * @param clock the member of the generated class
   * @return whether they were changed
   */
  static boolean shorten(Path work, String prefix, String clock) throws IOException {
    Path root = work.resolve(prefix + "___024root.h");
    if (!Files.exists(root)) {
      return false;
    }
    Matcher members = MEMBERS.matcher(Files.readString(root));
    if (!members.find()) {
      return false;
    }
    Pattern read = Pattern.compile("(?:->|\\.)" + Pattern.quote(clock) + "\\b");
    Path loop = null;
    for (Path file : logic(work, prefix)) {
      String text = Files.readString(file);
      if (isRead(text, read)) {
        return false;
      }
      Matcher found = LOOP.matcher(text);
      if (found.find()) {
        if (loop != null || found.find()) {
          return false; // not one
        }
        loop = file;
      }
    }
    if (loop == null) {
      return false;
    }
    Files.writeString(root, members.replaceFirst("$1bool " + FLAG + " = false;\n$0"));
    Matcher found = LOOP.matcher(Files.readString(loop));
    Files.writeString(loop, found.replaceFirst("$1!vlSelf->" + FLAG + ";$2"));
    return true;
  }

  /** What runs after the first evaluation. */
  private static List<Path> logic(Path work, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      return files
          .filter(
              f -> {
                String name = f.getFileName().toString();
                return name.startsWith(prefix + "_")
                    && name.endsWith(".cpp")
                    && !name.endsWith("__Slow.cpp")
                    && !name.equals(prefix + "__Syms.cpp");
              })
          .sorted()
          .toList();
    }
  }

  private static boolean isRead(String text, Pattern read) {
    Matcher function = FUNCTION.matcher(text);
    int from = 0;
    boolean edges = false;
    while (true) {
      boolean more = function.find();
      if (!edges
          && read.matcher(text.substring(from, more ? function.start() : text.length())).find()) {
        return true;
      }
      if (!more) {
        return false;
      }
      from = function.start();
      edges = EDGES.matcher(function.group(1)).matches();
    }
  }
}
