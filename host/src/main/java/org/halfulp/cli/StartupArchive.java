package org.halfulp.cli;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Runs the commands whose classes the launcher keeps in a class data archive; prints nothing.
 *
 * <p>{@code ./halfulp} starts it once a build, under {@code -XX:ArchiveClassesAtExit}.
 */
final class StartupArchive {
  private StartupArchive() {}

  public static void main(String[] args) {
    run("", "formats");
    run("", "formats", "--json");
    run("", "explain", "e4m3", "0.1");
    run("", "explain", "ap_fixed<16,8>", "-1/3");
    run("3C00 3555\n", "eval", "div", "--format", "float16");
    run("3C00 3555 0000 01\n", "eval", "div", "--format", "float16", "--check");
    run("", "eval", "--help");
    run("", "eval", "add", "--format", "?");
    run("", "--version");
  }

  private static void run(String input, String... args) {
    Main.run(
        args,
        new ByteArrayInputStream(input.getBytes(StandardCharsets.US_ASCII)),
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream());
  }
}
