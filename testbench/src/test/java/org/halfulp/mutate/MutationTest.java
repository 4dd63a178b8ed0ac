package org.halfulp.mutate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.halfulp.verify.UnitRequest;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A small set of what {@code make mutate} does. */
class MutationTest {
  private static boolean hasYosys() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(p -> Files.isExecutable(Path.of(p, "yosys")));
  }

  @Test
  void everyMutantIsKilledOrProvedEquivalent() throws Exception {
    Assumptions.assumeTrue(hasYosys(), "yosys is not installed");
    for (String[] c : new String[][] {{"fp_mul", "e3m2fn"}, {"fx_mul", "q4.12"}}) {
      Mutation.Target target = new Mutation.Target(c[0], UnitRequest.DEFAULT.format(c[1]));
      Mutation.Score s = Mutation.measure(Path.of("..", "rtl"), target, 25);
      System.out.println(s.row());
      assertEquals(25, s.mutants());
      assertEquals(0, s.alive());
      assertTrue(s.killed() > 15, s::row);
    }
  }
}
