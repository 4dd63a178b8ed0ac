package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code verify --from}: vectors of another program, right and wrong. */
class VectorFileTest {
  private static final String RIGHT = "3C00 3C00 4000 00\n7C00 FC00 FE01 10\n3C00 1000 3C00 01\n";

  private static Launch.Result run(Path folder, String lines, Object... more) throws Exception {
    Path file = folder.resolve("vectors.txt");
    Files.writeString(file, lines);
    Object[] args = {"verify", "fp_add", "--format", "fp16", "--lanes", "2", "--from", file};
    Object[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Launch.here(all);
  }

  @Test
  void comparesEachLine(@TempDir Path folder) throws Exception {
    Launch.Result good = run(folder, RIGHT);
    assertEquals(0, good.exit(), good::toString);
    assertTrue(good.out().contains("compared   3 lines"), good::toString);
    assertTrue(good.out().contains("differing  RTL 0, emulator 0"), good::toString);
    Launch.Result bad = run(folder, RIGHT + "3C00 3C00 4001 00\n3C00 3C00 4000 01\n");
    assertEquals(1, bad.exit(), bad::toString);
    assertTrue(bad.out().contains("differing  RTL 2, emulator 2"), bad::toString);
    assertTrue(bad.out().contains("line 4:"), bad::toString);
    Launch.Result minus = run(folder, "4000 3C00 3C00 00\n", "--tie", "in_sub=1");
    assertEquals(0, minus.exit(), minus::toString);
  }

  @Test
  void refusesWhatItCannotCompare(@TempDir Path folder) throws Exception {
    assertEquals(1, run(folder, "").exit());
    assertEquals(2, run(folder, "3C00 3C00\n").exit());
    assertEquals(2, run(folder, "3C00 13C00 4000 00\n").exit());
    assertEquals(2, run(folder, "3C00 3C00 4000 20\n").exit());
    assertEquals(2, run(folder, RIGHT, "--rounding", "sr").exit());
    assertEquals(2, run(folder, RIGHT, "--exhaustive").exit());
    assertEquals(
        2, Launch.here("verify", "fp_add", "--from", folder.resolve("none").toString()).exit());
  }
}
