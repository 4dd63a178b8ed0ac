package org.halfulp.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.halfulp.learn.DataSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvDataTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("d.csv");
  }

  private DataSet read(String text, String... drop) throws IOException {
    Files.writeString(file, text);
    return CsvData.read(file, "y", List.of(drop));
  }

  /** The message for {@code text} after the file's name. */
  private String refusal(String text, String... drop) throws IOException {
    Files.writeString(file, text);
    return refusal(file, drop);
  }

  private static String refusal(Path path, String... drop) {
    String message =
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () ->
                    assertThrows(
                        InputException.class, () -> CsvData.read(path, "y", List.of(drop))))
            .getMessage();
    assertTrue(message.startsWith(path + ":"), message);
    return message.substring(path.toString().length());
  }

  private static void assertContains(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
    }
  }

  @Test
  void columnsAreFoundByName() throws IOException {
    DataSet d = read("a,y,b,c\n1,2,3,4\n-5.5,6e-1,+.7,8.\n", "b");
    assertEquals(List.of("a", "c"), d.features());
    assertArrayEquals(new double[] {1, 4, -5.5, 8}, d.x());
    assertArrayEquals(new double[] {2, 0.6}, d.y());
  }

  @Test
  void howItWasSavedDoesNotMatter() throws IOException {
    String plain = "a,y\n1,2\n3,4\n";
    DataSet wanted = read(plain);
    for (String same :
        List.of(
            plain.replace("\n", "\r\n"),
            plain.strip(),
            "\uFEFF" + plain,
            "\uFEFF\"a\",y\n1,2\n3,4\n",
            "\n\na,y\n\n1,2\n\r\n3,4\n\n",
            "\"a\",\"y\"\n\"1\",2\n3,\"4\"\n",
            " a , y \n 1 ,\t2\n3,4 \n")) {
      DataSet got = read(same);
      assertEquals(wanted.features(), got.features(), same);
      assertArrayEquals(wanted.x(), got.x(), same);
      assertArrayEquals(wanted.y(), got.y(), same);
    }
    DataSet dropped = read("note,a,y\n\"one\ntwo\",1,2\n\"a \"\"quoted\"\", word\",3,4\n", "note");
    assertArrayEquals(wanted.x(), dropped.x());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "1e400",
        "-1e400",
        "text",
        "1,5",
        "",
        " ",
        "0x10",
        "1f",
        "1d",
        "1 2",
        "--1",
        "1e",
        "1e99999999999",
        "?",
        "NA",
        "é",
        "𝟏"
      })
  void whatIsNotAFiniteNumberNamesLineColumnAndCell(String cell) throws IOException {
    String message = refusal("a,y\n1,2\n\"" + cell + "\",3\n");
    assertContains(message, ":3: column 'a' must be a finite number, got '" + cell.strip());
    assertContains(refusal("a,y\n1,\"" + cell + "\"\n"), ":2: column 'y' must be a finite number");
  }

  @Test
  void linesAreCountedThroughQuotedNewlines() throws IOException {
    String rows = "note,a,y\n\"one\ntwo\nthree\",1,2\n\nx,bad,3\n";
    assertContains(refusal(rows, "note"), ":6: column 'a'", "'bad'");
    assertContains(refusal(rows.replace("\n", "\r\n"), "note"), ":6: column 'a'", "'bad'");
    assertContains(
        refusal("note,a,y\n\"one\ntwo\",bad,2\n3,4,5\n", "note"), ":3: column 'a'", "'bad'");
    assertContains(
        refusal("a,note,y\nbad,\"one\ntwo\",2\n3,4,5\n", "note"), ":2: column 'a'", "'bad'");
    assertContains(refusal("a,y\n1,2\nbad,3"), ":3: column 'a'", "'bad'");
    assertContains(refusal("a,y\n\"1\n2\",3\n"), ":2: column 'a'");
    assertContains(
        refusal("note,a,y\n\"o\nt\",1\n", "note"), ":2: 2 cells where the header names 3");
  }

  @Test
  void headersMustNameEachColumnOnce() throws IOException {
    assertContains(refusal("a,a,y\n1,2,3\n"), ":1: the header names 'a' twice");
    assertContains(refusal("\na,a,y\n1,2,3\n"), ":2: the header names 'a' twice");
    assertContains(refusal("a,,y\n1,2,3\n"), ":1: the header has an empty name");
    assertContains(refusal("a,y,\n1,2,3\n"), ":1: the header has an empty name");
    assertContains(refusal("a,b\n1,2\n3,4\n"), "no target 'y'; its columns: a, b");
    assertContains(refusal("a,y\n1,2\n3,4\n", "b"), "no dropped column 'b'; its columns: a, y");
    assertContains(refusal("1,2\n3,4\n5,6\n"), "no target 'y'; its columns: 1, 2");
    assertContains(refusal("y\n1\n2\n"), "no feature column is left");
    assertContains(refusal("a,y\n1\n2\n", "a"), "no feature column is left");
    assertContains(refusal("a,b,y\n1,2,3\n", "y"), "target 'y'", "drop");
  }

  @Test
  void aWideFileIsNotListedInFull() throws IOException {
    StringBuilder header = new StringBuilder("c0");
    for (int i = 1; i < 3000; i++) {
      header.append(",c").append(i);
    }
    assertTrue(refusal(header + "\n1\n").length() < 1000);
  }

  @Test
  void rowsMustBeComplete() throws IOException {
    assertContains(refusal("a,y\n1,2\n3\n"), ":3: 1 cell where the header names 2");
    assertContains(refusal("a,y\n1,2,3\n"), ":2: 3 cells where the header names 2");
    assertContains(refusal("a,y\n1;2\n"), ":2: 1 cell");
    assertContains(refusal("a,y\n"), "0 data rows; at least 2");
    assertContains(refusal("a,y"), "0 data rows; at least 2");
    assertContains(refusal("a,y\n1,2\n"), "1 data row; at least 2");
    for (String nothing : List.of("", "\n\n", "\uFEFF", " ")) {
      assertTrue(refusal(nothing).length() > 10);
    }
  }

  @Test
  void quotesMustClose() throws IOException {
    assertContains(refusal("a,y\n\"1,2\n3,4\n"), "CSV", "2");
    assertContains(refusal("a,y\n\"1\"x,2\n3,4\n"), "CSV", "2");
  }

  @Test
  void hugeCellsAreRefusedSoon() throws IOException {
    assertContains(refusal("a,y\n" + "1".repeat(3_000_000) + ",2\n"), ":2: column 'a'");
    assertContains(refusal("a,y\n0." + "1".repeat(3_000_000) + ",2\n"), ":2: column 'a'");
    assertTrue(refusal("a,y\n" + "x".repeat(1_000_000) + ",2\n").length() < 1000);
    assertTrue(refusal("x".repeat(1_000_000) + "\n1\n").length() < 1000);
    assertContains(refusal("a,y\n1e999999999,2\n"), ":2: column 'a'");
    read("a,y\n1e-999999999,2\n4.9e-324,1.7976931348623157e308\n");
  }

  @Test
  void filesThatCannotBeReadSaySo() throws IOException {
    assertContains(refusal(folder), "is a folder");
    assertContains(refusal(folder.resolve("none.csv")), "no such file");
    Files.write(file, new byte[] {1, 2, (byte) 0xC0, (byte) 0x80, 0, 0});
    assertContains(refusal(file), "not UTF-8 text");
    Files.write(file, "a,y\n1,2\n".getBytes(StandardCharsets.UTF_16));
    assertContains(refusal(file), "not UTF-8 text");
    Files.write(file, new byte[100_000]);
    refusal(file);
    refusal(file.resolve("x.csv"));
    if (Files.exists(Path.of("/dev/zero"))) {
      refusal(Path.of("/dev/zero"));
    }
  }

  @Test
  void corruptedTextIsReadOrRefused() throws IOException {
    Random random = new Random(4);
    String good = "a,\"b\",y\n1,2,3\n\"4\",5,6\n7,8,9\n";
    String noise = ",\"\n\r \t\u0000;x0\uFEFF\u0085\u2028'#-e.";
    for (int i = 0; i < 1000; i++) {
      StringBuilder text = new StringBuilder(good);
      for (int k = 1 + random.nextInt(4); k > 0; k--) {
        int at = random.nextInt(text.length());
        char c = noise.charAt(random.nextInt(noise.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, c);
          case 1 -> text.insert(at, c);
          default -> text.deleteCharAt(at);
        }
      }
      try {
        read(text.toString());
      } catch (InputException e) {
        assertTrue(e.getMessage().startsWith(file + ":"), e::getMessage);
      }
    }
  }
}
