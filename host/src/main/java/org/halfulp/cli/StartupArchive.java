package org.halfulp.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs the commands whose classes the launcher keeps in a class data archive; prints nothing.
 *
 * <p>{@code ./halfulp} starts it once a build, under {@code -XX:ArchiveClassesAtExit}.
 */
final class StartupArchive {
  private static final String DESCRIPTION =
      """
      name: archive
      data: {file: d.csv, target: y, test_fraction: 0}
      training: {step_size: 2^-5, epochs: 2}
      datapath:
        quantizers:
          data: {format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}
          gradient: {format: q4.8, rounding: sr, random_bits: 8}
        accumulators: {forward: {order: exact}, backward: {order: sequential}}
        update: {weight: q2.6, product: fused, step_format: uq0.8}
      """;

  /** What {@code train} and {@code verify} load beyond that, up to the call into the model. */
  private static final List<String> BRIDGE =
      List.of(
          "com.sun.jna.Native",
          "com.sun.jna.Function",
          "com.sun.jna.NativeLibrary",
          "org.halfulp.sim.Batch",
          "org.halfulp.sim.BatchResult",
          "org.halfulp.sim.Bridge",
          "org.halfulp.sim.Dut",
          "org.halfulp.sim.Hash",
          "org.halfulp.sim.ModelCache",
          "org.halfulp.sim.Port",
          "org.halfulp.sim.Stalls",
          "org.halfulp.sim.Toolchain",
          "org.halfulp.sim.VerilatedLibrary",
          "org.halfulp.verify.Lockstep",
          "org.halfulp.verify.RtlSources",
          "org.halfulp.verify.UpdateModel");

  private StartupArchive() {}

  public static void main(String[] args) throws IOException {
    run("", "formats");
    run("", "formats", "--json");
    run("", "explain", "e4m3", "0.1");
    run("", "explain", "ap_fixed<16,8>", "-1/3");
    run("3C00 3555\n", "eval", "div", "--format", "float16");
    run("3C00 3555 0000 01\n", "eval", "div", "--format", "float16", "--check");
    run("", "eval", "--help");
    run("", "eval", "add", "--format", "?");
    run("", "verify", "--help");
    run("", "--version");
    train();
  }

  private static void train() throws IOException {
    Path folder = Files.createTempDirectory("halfulp");
    try {
      Files.writeString(folder.resolve("d.csv"), "a,y\n1,2\n2,3\n4,4\n");
      Path description = Files.writeString(folder.resolve("d.yaml"), DESCRIPTION);
      run("", "train", description.toString(), "--no-rtl", "--out", folder + "/run");
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
      }
    }
    for (String name : BRIDGE) {
      try {
        Class.forName(name);
      } catch (ReflectiveOperationException | LinkageError e) {
        // one class less in the archive
      }
    }
  }

  private static void run(String input, String... args) {
    Main.run(
        args,
        new ByteArrayInputStream(input.getBytes(StandardCharsets.US_ASCII)),
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream());
  }
}
