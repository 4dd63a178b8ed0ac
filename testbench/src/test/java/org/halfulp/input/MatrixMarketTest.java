package org.halfulp.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link MatrixMarket}: what it takes, and in what words it refuses the rest. */
class MatrixMarketTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("a.mtx"), text);
  }

  private void reads(String text, int columns, double... values) throws IOException {
    MatrixMarket.Matrix a = MatrixMarket.read(file(text));
    assertEquals(columns, a.columns());
    assertEquals(values.length, a.rows() * columns);
    assertArrayEquals(values, a.values());
  }

  private void refuses(String text, String part) throws IOException {
    Path path = file(text);
    var e = assertThrows(InputException.class, () -> MatrixMarket.read(path));
    assertTrue(e.getMessage().startsWith(path + ":"), e::getMessage);
    assertTrue(e.getMessage().contains(part), e::getMessage);
  }

  @Test
  void readsEveryLayout() throws IOException {
    reads(
        "%%MatrixMarket matrix coordinate real general\n% by hand\n\n2 3 2\n1 2 -1.5e1\n2 3 4\n",
        3, new double[] {0, -15, 0, 0, 0, 4});
    reads("%%MatrixMarket matrix coordinate pattern general\n2 2 1\n2 1\n", 2, 0, 0, 1, 0);
    reads("%%MatrixMarket MATRIX array integer general\n2 2\n1\n2\n3\n4\n", 2, 1, 3, 2, 4);
    reads("%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n", 2, 1, 2, 2, 3);
    reads("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 7\n", 2, 0, -7, 7, 0);
  }

  @Test
  void refusesInWordsForPeople() throws IOException {
    String real = "%%MatrixMarket matrix coordinate real general\n";
    refuses("", "begins with");
    refuses("%%MatrixMarket matrix coordinate complex general\n1 1 1\n1 1 1 1\n", "got complex");
    refuses(real + "2 2 1\n3 1 1\n", ":3: the row must be a whole number in [1, 2], got '3'");
    refuses(real + "2 2 1\n1 1 nan\n", "finite number, got 'nan'");
    refuses(real + "2 2 2\n1 1 1\n", "ends before entry 2 of 2");
    refuses(real + "2 2 1\n1 1 1\n2 2 1\n", "more lines");
    refuses(real + "2 2 2\n1 1 1\n1 1 1\n", "given before");
    refuses(real + "2 2 1\n1 1\n", "must be 3 numbers, got 2");
    refuses(real + "0 2 0\n", "number of rows");
    refuses(real + "2000000000 2000000000 0\n", "do not fit in memory");
    refuses(
        "%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 1\n", "below the diagonal");
    var e = assertThrows(InputException.class, () -> MatrixMarket.read(folder.resolve("none.mtx")));
    assertTrue(e.getMessage().contains("no such file"));
  }
}
