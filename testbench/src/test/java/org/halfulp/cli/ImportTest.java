package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code halfulp import} and {@code halfulp experiment classes}. */
class ImportTest {
  @TempDir Path folder;

  /** Bytes after a magic number and lengths. */
  private static byte[] idx(int magic, int[] lengths, int bytes) {
    ByteBuffer b = ByteBuffer.allocate(4 + 4 * lengths.length + bytes).putInt(magic);
    Arrays.stream(lengths).forEach(b::putInt);
    for (int i = 0; i < bytes; i++) {
      b.put((byte) (magic == 0x801 ? i % 3 : 37 * i));
    }
    return b.array();
  }

  private static byte[] zipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  private Cli from(String more) {
    return Cli.line("", "import mnist " + folder + " --out " + more);
  }

  @Test
  void imagesBecomeTablesThatOthersRead() throws IOException {
    byte[] images = idx(0x803, new int[] {12, 2, 2}, 48);
    byte[] labels = idx(0x801, new int[] {12}, 12);
    Files.write(folder.resolve("t10k-images-idx3-ubyte"), images);
    Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), zipped(labels));
    Path csv = folder.resolve("t.csv");
    from(csv + " --part test").exits(0).shows("12 images of 4 pixels");
    List<String> lines = Files.readAllLines(csv);
    assertEquals("p0,p1,p2,p3,label", lines.get(0));
    assertEquals("148.0,185.0,222.0,3.0,1.0", lines.get(2));
    Path npy = folder.resolve("t.npy");
    from(npy + " --part test").exits(0);
    Cli.line("", "quantize --to float64 " + npy + " " + folder.resolve("q.csv")).exits(0);
    List<String> quantized = Files.readAllLines(folder.resolve("q.csv"));
    assertEquals(lines.subList(1, 13), quantized);
    String run = "experiment classes --quick --data ";
    Cli.line("", run + csv + " --out " + folder.resolve("a")).exits(0).shows("3 classes");
    Cli.line("", run + npy + " --out " + folder.resolve("b")).exits(0);
    assertEquals(
        Files.readString(folder.resolve("a/table.csv")),
        Files.readString(folder.resolve("b/table.csv")));
  }

  @Test
  void filesThatAreNotWholeAreRefused() throws IOException {
    Path out = folder.resolve("t.npy");
    from(out + "").exits(2).says("train-images-idx3-ubyte").says("folder").isCivil();
    Cli.line("", "import fashion-mnist " + folder + " --out " + out).exits(2).says("apt-get");
    Path x = folder.resolve("x");
    Path y = folder.resolve("y");
    byte[] labels = idx(0x801, new int[] {3}, 3);
    byte[] images = idx(0x803, new int[] {3, 2, 2}, 12);
    Object[][] bad = {
      {images, idx(0x801, new int[] {2}, 2), "3 images", "2 labels"},
      {idx(0x802, new int[] {3, 4}, 12), labels, "00000803", "00000802"},
      {Arrays.copyOf(images, 20), labels, "truncated: 4 of its 12"},
      {Arrays.copyOf(images, 9), labels, "truncated"},
      {Arrays.copyOf(images, 40), labels, "bytes follow"},
      {images, Arrays.copyOf(zipped(labels), 15), "truncated or not gzip"},
      {new byte[0], labels, "begins with less"},
      {idx(0x803, new int[] {-1, 2, 2}, 0), labels, "4294967295"},
      {idx(0x803, new int[] {0, 2, 2}, 0), idx(0x801, new int[] {0}, 0), "no images"},
    };
    for (Object[] row : bad) {
      Files.write(x, (byte[]) row[0]);
      Files.write(y, (byte[]) row[1]);
      Cli cli = Cli.line("", "import mnist " + x + " " + y + " --out " + out).exits(2).isCivil();
      for (int i = 2; i < row.length; i++) {
        cli.says((String) row[i]);
      }
    }
    Cli.line("", "import cifar " + folder + " --out " + out).exits(2).says("fashion-mnist");
    from(out + " --part all").exits(2).says("train or test").isCivil();
    Files.write(x, images);
    Files.write(y, labels);
    Cli.line("", "import mnist " + x + " " + y + " --out " + folder.resolve("a.txt"))
        .exits(2)
        .says(".npy or a .csv");
    assertFalse(Files.exists(out));
  }

  @Test
  void digitsComeAsJsonToo() throws IOException {
    Path csv = folder.resolve("t.csv");
    for (int digit = 0; digit < 10; digit++) {
      // of each digit one image more than of the last one, pixel j with level (j + digit) % 256
      StringBuilder json = new StringBuilder("{ \"data\": [");
      for (int i = 0; i <= digit; i++) {
        for (int j = 0; j < 784; j++) {
          int level = (j + digit) % 256;
          json.append(i + j > 0 ? "," : "")
              .append(level % 255 == 0 ? "" + level / 255 : "" + level / 255.0);
        }
      }
      Files.writeString(folder.resolve(digit + ".json"), json + "]}");
    }
    from(csv + "").exits(0).shows("55 images of 784 pixels");
    List<String> lines = Files.readAllLines(csv);
    assertTrue(lines.get(1).startsWith("0.0,1.0,2.0,"), lines.get(1));
    assertTrue(lines.get(55).startsWith("9.0,10.0,"), lines.get(55));
    assertTrue(lines.get(55).endsWith("," + (783 + 9) % 256 + ".0,9.0"), lines.get(55));
    Files.delete(csv);
    String[][] bad = {
      {"[1]", "must be {"},
      {"{\"data\": [0,1.5]}", "value 2 must be a grey level from 0 to 1, got 1.5"},
      {"{\"data\": [0,\"x\"]}", "value 2 must be a grey level"},
      {"{\"data\": [0,1,", "no whole JSON"},
      {"{\"data\": [0,1]}", "2 values are no whole images of 784"},
      {"{\"data\": []}", "0 values"},
    };
    for (String[] row : bad) {
      Files.writeString(folder.resolve("3.json"), row[0]);
      from(csv + "").exits(2).says("3.json").says(row[1]).isCivil();
    }
    Files.delete(folder.resolve("3.json"));
    from(csv + "").exits(2).says("3.json: no such file").isCivil();
    assertFalse(Files.exists(csv));
  }

  @Test
  void digitsAreLearnedAndARunGoesOn() throws IOException {
    String line = "experiment classes --quick --data ../examples/digits.csv --out ";
    Path out = folder.resolve("a");
    Cli cli = Cli.line("", line + out + " --json").exits(0);
    var rows = new ObjectMapper().readTree(cli.out());
    assertEquals(9, rows.size());
    for (var row : rows) {
      boolean easy =
          row.get("series").asText().equals("tanh, 1 layer") && row.get("p").asInt() == 200;
      double error = row.get("sign").asDouble();
      assertTrue(error > 0 && error < (easy ? .08 : .5), row::toString);
    }
    String table = Files.readString(out.resolve("table.csv"));
    List<String> lines = table.lines().toList();
    String marked = lines.get(1).replaceAll(",[^,]*$", ",0.875");
    Files.writeString(out.resolve("table.csv"), lines.get(0) + "\n" + marked + "\n");
    Cli.line("", line + out + " --threads 1").exits(0);
    assertEquals(table.replace(lines.get(1), marked), Files.readString(out.resolve("table.csv")));
    Cli.line("", line + out + " --seed 2").exits(2).says("other settings").isCivil();

    Path bad = folder.resolve("b.csv");
    String read = line.replace("../examples/digits.csv", bad.toString()) + folder.resolve("c");
    String[][] texts = {
      {"1,2\n".repeat(7), "at least 8 rows"},
      {"1,2\n".repeat(9), "all labels are 2"},
      {"1,2\n".repeat(9) + "1,.5\n", "whole numbers from 0 to 999, got 0.5 in row 10"},
      {"1,2\n".repeat(9) + "nan,1\n", "row 10, column 1 must be a finite number"},
    };
    for (String[] text : texts) {
      Files.writeString(bad, text[0]);
      Cli.line("", read).exits(2).says("b.csv").says(text[1]).isCivil();
    }
    Cli.line("", "experiment classes").exits(2).says("--data").isCivil();
    Cli.line("", "experiment q1 --data " + bad).exits(2).says("classes").isCivil();
    assertFalse(Files.exists(folder.resolve("c")));
  }
}
