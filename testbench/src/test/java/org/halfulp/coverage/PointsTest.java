package org.halfulp.coverage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts of several runs, added. */
class PointsTest {
  private static String point(String page, String line, String what, int count) {
    return "C '\1f\2rtl/fp_add.v\1l\2%s\1page\2%s\1o\2%s\1h\2TOP' %d"
        .formatted(line, page, what, count);
  }

  @Test
  void aPointIsHitIfOneRunHitsIt(@TempDir Path folder) throws Exception {
    Path one = folder.resolve("one.dat");
    Path two = folder.resolve("two.dat");
    Files.write(
        one,
        List.of(
            "# SystemC::Coverage-3",
            point("v_toggle/fp_add__E4", "3", "in_a[0]", 0),
            point("v_toggle/fp_add__E4", "3", "in_a[1]", 0),
            point("v_toggle/fp_add__E4", "9", "out_flags[3]", 0),
            point("v_line/fp_add__E4", "12", "else", 7)));
    Files.write(
        two,
        List.of(
            point("v_toggle/fp_add__E5", "3", "in_a[1]", 2),
            point("v_line/fp_add__E5", "12", "if", 0)));
    TreeMap<String, Points> modules = new TreeMap<>();
    Points.read(one, modules);
    Points.read(two, modules);
    assertEquals(List.of("fp_add"), List.copyOf(modules.keySet()));
    Exclusions exclusions = Exclusions.ours();
    Points.Sum toggles = modules.get("fp_add").toggles(exclusions);
    assertEquals("1 of 2 (50.0 %)", toggles.toString());
    assertEquals(List.of("in_a[0]"), toggles.missed());
    assertEquals(1, exclusions.rows().size());
    Points.Sum lines = modules.get("fp_add").lines(exclusions);
    assertEquals("1 of 2 (50.0 %)", lines.toString());
    assertEquals(List.of("line 12 if"), lines.missed());
  }
}
