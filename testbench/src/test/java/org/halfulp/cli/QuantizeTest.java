package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import java.util.stream.Stream;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RandomBits;
import org.halfulp.number.Real;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code halfulp quantize} on files of each kind; every number against the exact rounding. */
class QuantizeTest {
  private static final int HEADER = 128;

  @TempDir private Path folder;
  private Path in;
  private Path out;

  @BeforeEach
  void names() {
    in = folder.resolve("in.npy");
    out = folder.resolve("out.npy");
  }

  /** A file as NumPy writes it: version 1.0, 128 bytes of header. */
  private static byte[] npy(String descr, boolean fortran, String shape, byte[] data) {
    String text =
        "{'descr': %s, 'fortran_order': %s, 'shape': %s, }"
            .formatted(descr, fortran ? "True" : "False", shape);
    ByteBuffer b = ByteBuffer.allocate(HEADER + data.length).order(ByteOrder.LITTLE_ENDIAN);
    b.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    b.put((byte) 1).put((byte) 0).putShort((short) (HEADER - 10));
    b.put(text.getBytes(StandardCharsets.US_ASCII));
    while (b.position() < HEADER - 1) {
      b.put((byte) ' ');
    }
    return b.put((byte) '\n').put(data).array();
  }

  private static byte[] floats(ByteOrder order, float... values) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(order);
    for (float v : values) {
      b.putFloat(v);
    }
    return b.array();
  }

  private static float[] random(int n) {
    Random random = new Random(5);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = Math.scalb((float) random.nextGaussian(), random.nextInt(30) - 20);
    }
    values[0] = Float.POSITIVE_INFINITY;
    values[1] = -0.0f;
    values[2] = Float.MIN_VALUE;
    return values;
  }

  private Cli quantize(String options, Object... files) {
    String[] args = ("quantize " + options).split(" ");
    String[] all =
        Stream.concat(Stream.of(args), Stream.of(files).map(String::valueOf))
            .toArray(String[]::new);
    return Cli.run(all);
  }

  private ByteBuffer data(Path file, ByteOrder order) throws IOException {
    ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(file)).order(order);
    return b.position(10 + (b.order(ByteOrder.LITTLE_ENDIAN).getShort(8) & 0xFFFF))
        .slice()
        .order(order);
  }

  private String header(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    return new String(bytes, 10, (bytes[8] & 0xFF) + 256 * bytes[9], StandardCharsets.US_ASCII);
  }

  @Test
  void roundsEachNumberOnceInOrder() throws IOException {
    float[] x = random(70_000); // more than one chunk
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      String descr = order == ByteOrder.BIG_ENDIAN ? "'>f4'" : "'<f4'";
      Files.write(in, npy(descr, true, "(7, 10000)", floats(order, x)));
      quantize("--to e4m3fn --rounding rup", in, out).exits(0).shows("70,000 elements");
      assertTrue(header(out).contains(descr), header(out));
      assertTrue(header(out).contains("'fortran_order': True, 'shape': (7, 10000)"), header(out));
      Quantizer q = new Quantizer(FormatName.parse("e4m3fn").format(), RoundingMode.RUP);
      ByteBuffer y = data(out, order);
      assertEquals(4 * x.length, y.remaining());
      for (float v : x) {
        float expected = (float) q.format().toDouble(q.round(Real.of(v), 0).code());
        assertEquals(expected, y.getFloat());
      }
    }
  }

  @Test
  void codesGoOutAndComeBack() throws IOException {
    Files.write(
        in, npy("'<f4'", false, "(70000,)", floats(ByteOrder.LITTLE_ENDIAN, random(70_000))));
    Path codes = folder.resolve("codes.npy");
    Path back = folder.resolve("back.npy");
    for (String format : new String[] {"q3.7", "e4m3fn", "bf16"}) {
      quantize("--codes --to " + format, in, codes).exits(0);
      assertTrue(
          header(codes).contains(format.equals("e4m3fn") ? "'|u1'" : "'<u2'"), header(codes));
      quantize("--to float32 --from " + format, codes, back).exits(0).shows("changed    0;");
      quantize("--to " + format, in, out).exits(0);
      assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(back), format);
    }
  }

  /** Over the ends of what is read at once, and a number of codes that fills no byte. */
  @Test
  void packsNarrowCodes() throws IOException {
    float[] x = random(70_001);
    Files.write(in, npy("'<f4'", false, "(70001,)", floats(ByteOrder.LITTLE_ENDIAN, x)));
    Path raw = folder.resolve("packed.raw");
    for (String name : new String[] {"e2m1fn", "q2.1", "uq1.0"}) {
      Format format = FormatName.parse(name).format();
      int width = format.width();
      quantize("--codes --packed --to " + name, in, raw).exits(0).shows("packed codes");
      BitSet expected = new BitSet();
      Quantizer q = new Quantizer(format, RoundingMode.RNE);
      for (int i = 0; i < x.length; i++) {
        long code = q.round(Real.of(x[i]), 0).code();
        for (int k = 0; k < width; k++) {
          expected.set(i * width + k, (code >>> k & 1) != 0);
        }
      }
      byte[] written = Files.readAllBytes(raw);
      int bytes = (x.length * width + 7) / 8;
      assertArrayEquals(Arrays.copyOf(expected.toByteArray(), bytes), written, name);
    }
    quantize("--codes --packed --to bf16", in, raw).exits(2).says("bfloat16 has 16");
    quantize("--codes --packed --to q2.1", in, out).exits(2).says("out.npy is none").isCivil();
    quantize("--packed --to q2.1", in, out).exits(2).says("--packed goes with --codes");
  }

  @Test
  void drawsLaneAfterLane() throws IOException {
    float[] x = random(70_001);
    Files.write(in, npy("'<f4'", false, "(70001,)", floats(ByteOrder.LITTLE_ENDIAN, x)));
    quantize(
            "--to e2m3 --overflow finite --rounding sr --random-bits 5 --seed 9 --lanes 3", in, out)
        .exits(0);
    Format format = FormatName.parse("e2m3").format();
    Quantizer q = new Quantizer(format, RoundingMode.SR, OverflowRule.FINITE, 5, false);
    RandomBits[] lanes = new RandomBits[3];
    for (int l = 0; l < 3; l++) {
      lanes[l] = new RandomBits(RandomBits.seed(9, 0, l));
    }
    ByteBuffer y = data(out, ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < x.length; i++) {
      long code = q.round(Real.of(x[i]), lanes[i % 3].draw(5)).code();
      assertEquals((float) format.toDouble(code), y.getFloat(), "element " + i);
    }
  }

  @Test
  void tablesKeepTheirNames() throws IOException {
    Path table = folder.resolve("a.csv");
    Path rounded = folder.resolve("b.csv");
    Files.writeString(table, "\uFEFFx,\"y,z\"\n1.3,inf\n\n -2e1 , nan\n");
    quantize("--to e4m3fn", table, rounded).exits(0);
    assertEquals("x,\"y,z\"\n1.25,nan\n-20.0,nan\n", Files.readString(rounded));
    quantize("--codes --nan zero --to q4.4", table, rounded).exits(0);
    assertEquals("x,\"y,z\"\n0x15,0x7f\n0x80,0x00\n", Files.readString(rounded));
    quantize("--from q4.4 --to q4.4", rounded, out).exits(0);
    assertTrue(header(out).contains("'<f4', 'fortran_order': False, 'shape': (2, 2)"), header(out));
    quantize("--to e5m2", out, out).exits(0); // in place
    assertEquals(1.25f, data(out, ByteOrder.LITTLE_ENDIAN).getFloat());
    Files.writeString(table, "0x15,0x7f\n0x80,0x00\n");
    quantize("--from q4.4 --to q4.4", table, rounded).exits(0).shows("4 elements");
    assertEquals("1.3125,7.9375\n-8.0,0.0\n", Files.readString(rounded));
    assertEquals("1.25\n0.5\n", onInput("1.3\n.5", "--to e5m2 -", rounded));
  }

  private String onInput(String input, String options, Path file) throws IOException {
    Cli.line(input, "quantize " + options + " " + file).exits(0);
    return Files.readString(file);
  }

  @Test
  void scalarsAndEmptyArraysAreArrays() throws IOException {
    Files.write(in, npy("'<f8'", false, "()", ByteBuffer.allocate(8).array()));
    quantize("--to bf16", in, out).exits(0).shows("1 elements");
    assertTrue(header(out).contains("'shape': ()"), header(out));
    Files.write(in, npy("'<f2'", false, "(0, 4)", new byte[0]));
    quantize("--to e4m3fn", in, out).exits(0).shows(": 0 elements");
    assertTrue(header(out).contains("'shape': (0, 4)"), header(out));
  }

  @Test
  void whatIsWrongIsSaidAndNothingIsLeft() throws IOException {
    byte[] two = floats(ByteOrder.LITTLE_ENDIAN, 1, Float.NaN);
    Object[][] cases = {
      {npy("'<f4'", false, "(3,)", two), "--to e4m3fn", "truncated: 2 of its 3 elements"},
      {npy("'<f4'", false, "(1,)", two), "--to e4m3fn", "bytes follow its 1 elements"},
      {npy("'|O'", false, "(1,)", two), "--to e4m3fn", "its dtype is '|O'"},
      {npy("[('a', '<f4')]", false, "(1,)", two), "--to e4m3fn", "its dtype is a structure"},
      {npy("'<c8'", false, "(1,)", two), "--to e4m3fn", "its dtype is '<c8'"},
      {npy("'<f4'", false, "(-1,)", two), "--to e4m3fn", "tuple of lengths"},
      {npy("'<f4'", false, "(9999999999, 9999999999)", two), "--to e4m3fn", "too large"},
      {npy("'<f4'", false, "(2,", two), "--to e4m3fn", "cannot be read"},
      {npy("'<f4'", false, "(2,)", two), "--to q4.4", "element 1 (from 0) is NaN"},
      {npy("'<f4'", false, "(2,)", two), "--to q16.16", "f4 does not hold every value of q16.16"},
      {npy("'<f4'", false, "(2,)", two), "--to q4.4 --from q4.4", "codes of q4.4 are unsigned"},
      {npy("'|u1'", false, "(8,)", two), "--to q4.4 --from q2.4", "does not fit q2.4"},
      {npy("'<f4'", false, "(2,)", two), "--to e4m3fn --type f4", "--type is for raw files"},
      {npy("'<f4'", false, "(2,)", two), "--to e4m3fn --seed 4", "go with --rounding sr"},
      {"nonsense".getBytes(StandardCharsets.US_ASCII), "--to e4m3fn", "not a .npy file"},
      {new byte[0], "--to e4m3fn", "not a .npy file"},
    };
    for (Object[] c : cases) {
      Files.write(in, (byte[]) c[0]);
      quantize((String) c[1], in, out).exits(2).says((String) c[2]).isCivil();
      assertFalse(Files.exists(out), (String) c[2]);
    }
    quantize("--to e4m3fn", folder.resolve("none.npy"), out).exits(2).says("does not exist");
    quantize("--type f4 --to e4m3fn", folder, out).exits(2).says("is a folder");
    Files.write(in, npy("'<f4'", false, "(2,)", two));
    quantize("--to e4m3fn", in, folder).exits(2).says("is a folder");
    quantize("--to e4m3fn", in, folder.resolve("no/out.npy")).exits(2).says("does not exist");
    Path raw = folder.resolve("a.raw");
    Files.write(raw, new byte[7]);
    quantize("--to e4m3fn", raw, out).exits(2).says("say by --type");
    quantize("--to e4m3fn --type f4", raw, out).exits(2).says("7 bytes are no whole number");
    quantize("--to e4m3fn --type x9", raw, out).exits(2).says("must be one of f2");
    Path table = folder.resolve("t.csv");
    Files.writeString(table, "a,b\n1,2\n3\n");
    quantize("--to e4m3fn", table, out).exits(2).says("1 cells in a table of 2 columns");
    Files.writeString(table, "a,b\n1,2\n3,x\n");
    quantize("--to e4m3fn", table, out).exits(2).says("row 3, column 'b': 'x' is not a number");
    Files.writeString(table, "0x38\n0x40\n");
    quantize("--to e4m3fn", table, out).exits(2).says("'0x38' is a code, not a number");
    Files.writeString(table, "a,b\n\n");
    quantize("--to e4m3fn", table, out).exits(2).says("no row follows the first one");
    for (String empty : new String[] {"", "\n\n"}) {
      Files.writeString(table, empty);
      quantize("--to e4m3fn", table, out).exits(2).says("is empty; a table has a row").isCivil();
    }
    quantize("--to e4m3fn", in, "-").exits(2).says("/dev/stdout, with --quiet").isCivil();
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(3, left.count(), "only what the test wrote");
    }
  }

  @Test
  void whoMayReadTheFileIsKept() throws IOException {
    var posix = Files.getFileAttributeView(folder, PosixFileAttributeView.class);
    org.junit.jupiter.api.Assumptions.assumeTrue(posix != null);
    Files.write(in, npy("'<f4'", false, "(1,)", floats(ByteOrder.LITTLE_ENDIAN, 1)));
    for (String mode : new String[] {"rw-------", "rw-rw-rw-"}) {
      Files.setPosixFilePermissions(in, PosixFilePermissions.fromString(mode));
      quantize("--to e4m3fn", in, in).exits(0);
      assertEquals(mode, PosixFilePermissions.toString(Files.getPosixFilePermissions(in)));
    }
  }

  @Test
  void aFullDiskIsSaid() throws IOException {
    Path full = Path.of("/dev/full");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(full));
    Files.write(in, npy("'<f4'", false, "(2,)", floats(ByteOrder.LITTLE_ENDIAN, 1, 2)));
    quantize("--to e4m3fn", in, full).exits(3).says("cannot write /dev/full: No space left");
  }
}
