package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvalTest {

  /** Worked out by hand from IEEE 754-2019 and section 3 of the contract. */
  @ParameterizedTest
  @CsvSource({
    "add --format float16,                    3C00 3C00 4000 00", // 1 + 1
    "add --format float16,                    3C00 3555 3D55 01", // 1 + 341.25 ulp
    "add --format float16 --rounding rup,     3C00 3555 3D56 01",
    "add --format float16,                    7BFF 7BFF 7C00 05",
    "add --format float16 --rounding rtz,     7BFF 7BFF 7BFF 05",
    "add --format float16 --overflow finite,  7BFF 7BFF 7BFF 05",
    "add --format float16,                    7C00 FC00 7E00 10",
    "add --format float16,                    8000 8000 8000 00",
    "sub --format float16,                    3C00 3C00 0000 00",
    "sub --format float16 --rounding rdn,     3C00 3C00 8000 00",
    "mul --format float16,                    0001 3800 0000 03", // 2^-25: tie to even
    "mul --format float16,                    0001 3E00 0002 03", // 1.5 * 2^-24: tie to even
    "mul --format float16 --rounding rna,     0001 3800 0001 03",
    "mul --format float16 --subnormals off,   0400 3800 0000 03", // 2^-15: tie to 0
    "mul --format float16 --subnormals off --rounding rup, 0001 0001 0400 03",
    "mul --format float16:daz,                0001 3C00 0000 00",
    "div --format float16,                    3C00 4200 3555 01",
    "div --format float16,                    3C00 8000 FC00 08",
    "div --format float16,                    0000 0000 7E00 10",
    "sqrt --format float16,                   4000 3DA8 01", // 1 + 424.15 / 1024
    "sqrt --format float16,                   8000 8000 00",
    "sqrt --format float16,                   BC00 7E00 10",
    "fma --format float16,                    4000 4200 BC00 4500 00", // 2 * 3 - 1
    "fma --format float16,                    0000 7C00 7E00 7E00 10",
    "convert --format float32 --to e4m3,      3DCCCCCD 1D 01",
    "convert --format float32 --to e4m3,      44000000 7F 05", // 512: NaN for want of Inf
    "convert --format float32 --to e4m3 --overflow finite, 44000000 7E 05",
    "convert --format float64 --to bf16,      3FF0000000000000 3F80 00",
    "convert --format e4m3 --to float64,      01 3F60000000000000 00",
    "convert --format float16 --to q8.8 --nan zero, 7E00 0000 10",
    "convert --format q8.8 --to q8.4 --rounding sr --random-bits 8, 0188 7F 018 01",
    "convert --format q8.8 --to q8.4 --rounding sr --random-bits 8, 0188 80 019 01",
    "convert --format q8.8 --to q8.4 --rounding half-down, 0188 018 01",
    "add --format q8.8,                       0180 7FFF 7FFF 05",
    "add --format q8.8 --overflow wrap,       0180 7FFF 817F 05",
    "add --format ap_fixed<16;8>,             0180 7FFF 817F 05",
    "add --format ap_fixed<16;8> --overflow saturate, 0180 7FFF 7FFF 05",
    "sub --format q8.8 --overflow symmetric,  8000 0001 8001 05",
    "mul --format q4.4,                       F8 08 FC 00", // -1/2 * 1/2
    "mul --format e4m3 --to float16,          38 38 3C00 00",
    "add --format e2m3,                       08 08 10 00", // 6 bits: 1 + 1
  })
  void vectors(String command, String line) {
    String arguments = "eval " + command.replace(';', ',');
    int operands = operands(arguments);
    String input = String.join(" ", java.util.Arrays.copyOf(line.split(" "), operands));
    Cli.line(input + "\n", arguments).exits(0).prints(line + "\n");
    Cli.line(line + "\n", arguments + " --check")
        .exits(0)
        .prints("checked 1  differing 0  (distinct 1)\n");
    String withoutFlags = line.substring(0, line.length() - 3);
    Cli.line(withoutFlags + "\n", arguments + " --check").exits(0);
    // Any other flags, or another result, differ.
    Cli.line(withoutFlags + " 1F\n", arguments + " --check").exits(1).shows("differing 1");
  }

  private static int operands(String arguments) {
    String op = arguments.split(" ")[1];
    int operands =
        switch (op) {
          case "sqrt", "convert" -> 1;
          case "fma" -> 3;
          default -> 2;
        };
    return operands + (arguments.contains("--random-bits") ? 1 : 0);
  }

  @Test
  void lineEndsPrefixesTabsAndCaseAreFree() {
    Cli.line("0x3c00\t0X3555\r\n  3c00   3555 \n03C00 3555", "eval add --format half")
        .exits(0)
        .prints("3C00 3555 3D55 01\n".repeat(3));
  }

  @Test
  void noLinesAreFineUnlessSomethingWasToBeChecked() {
    Cli.line("", "eval add --format float16").exits(0).prints("");
    Cli.line("", "eval add --format float16 --check")
        .exits(1)
        .prints("checked 0  differing 0  (distinct 0)\n")
        .says("no lines");
  }

  @Test
  void aDifferenceShowsCodesValuesAndFlags() {
    Cli.line("3C00 3C00 4000 00\n3C00 3555 3D56 00\n", "eval add --format float16 --check")
        .exits(1)
        .prints(
            """
            line 2: 3C00 3555 3D56 00
              a         3C00  1
              b         3555  0.333251953125
              expected  3D56  1.333984375  [-]
              got       3D55  1.3330078125  [inexact]
            checked 2  differing 1  (distinct 2)
            """);
  }

  @Test
  void nansCompareAsNanAndSignedZerosByBits() {
    Cli.line("7C00 FC00 FFFF 10\n", "eval add --format float16 --check").exits(0);
    Cli.line("7C00 FC00 7C00 10\n", "eval add --format float16 --check").exits(1);
    Cli.line("3C00 BC00 8000 00\n", "eval add --format float16 --check").exits(1);
  }

  @Test
  void onlyTheFirstDifferencesAreShownAndAllCounted() {
    String bad = "3C00 3C00 4001 00\n".repeat(25);
    Cli ten = Cli.line(bad, "eval add --format float16 --check").exits(1);
    assertEquals(10, ten.out().lines().filter(line -> line.startsWith("line ")).count());
    ten.shows("... and 15 more").shows("checked 25  differing 25  (distinct 1)");
    Cli.line(bad, "eval add --format float16 --check --max-differences 0")
        .exits(1)
        .prints("checked 25  differing 25  (distinct 1)\n");
  }

  @Test
  void distinctCountsRowsOfOperands() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 150_000; i++) {
      int a = i % 256;
      int b = i / 2 % 3;
      lines.append("%02X %02X 00\n".formatted(a, b));
    }
    Cli.line(lines.toString(), "eval mul --format uq0.8 --overflow wrap --rounding rtz --check")
        .shows("(distinct 768)");
  }

  @Test
  void jsonSummary() throws Exception {
    Cli run =
        Cli.line("3C00 3C00 4000 00\n3C00 3C00 4001\n", "eval add --format float16 --check --json")
            .exits(1);
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertEquals(2, json.get("checked").asInt());
    assertEquals(1, json.get("differing").asInt());
    assertEquals(1, json.get("distinct").asInt());
    assertEquals("4001", json.get("differences").get(0).get("expected").asText());
    assertEquals("4000", json.get("differences").get(0).get("got").asText());
  }

  @ParameterizedTest
  @CsvSource({
    "'',                 empty",
    "'  ',               empty",
    "'# comment',        '#'",
    "'3C00',             '1 word'",
    "'3C00 3C00 3C00',   'needs --check'",
    "'3C00 3C0G',        '3C0G'",
    "'3C00 3C00 0 0 0',  '5 words'",
    "'1 2 3 4 5 6 7 8 9','more than 8'",
    "'13C00 3C00',       'operand a 13C00 does not fit float16'",
    "'3C00 10000',       'operand b 10000'",
    "'3C00 -1',          '-1'",
    "'3C00 0x',          '0x'",
    "'3C00 11111111111111111', 'more than 64 bits'",
    "'3C00,3C00',        '3C00,3C00'",
  })
  void aMalformedLineIsNamedByItsNumber(String bad, String why) {
    Cli.line("3C00 3C00\n" + bad + "\n3C00 3C00\n", "eval add --format float16")
        .exits(2)
        .prints("3C00 3C00 4000 00\n") // the answers before it are not lost, none follow
        .says("stdin, line 2: ")
        .says(why)
        .isCivil();
    String checked = bad.isBlank() || !bad.equals("3C00 3C00 3C00") ? bad : "3C00 3C00";
    Cli.line("3C00 3C00 4000 00\n" + checked + "\n", "eval add --format float16 --check")
        .exits(2)
        .says("stdin, line 2: ")
        .isCivil();
  }

  @Test
  void checkedLinesNeedAResultThatFitsAndKnownFlags() {
    Cli.line("38 38 140 00\n", "eval add --format e4m3 --check").exits(2).says("result 140");
    Cli.line("38 38 40 20\n", "eval add --format e4m3 --check").exits(2).says("flags 20");
  }

  @Test
  void theRandomIntegerMustBeBelowTwoToTheN() {
    String sr = "eval add --format e4m3 --rounding sr --random-bits 4";
    Cli.line("38 38 F\n", sr).exits(0).prints("38 38 F 40 00\n");
    Cli.line("38 38 10\n", sr).exits(2).says("line 1").says("2^4");
    Cli.line("38 38\n", sr).exits(2).says("2 operands of float8_e4m3fn, R");
  }

  @Test
  void nanWithoutACodeNamesTheLine() {
    Cli.line("3C00\n7E00\n", "eval convert --format float16 --to q8.8")
        .exits(2)
        .prints("3C00 0100 00\n")
        .says("line 2")
        .says("--nan zero");
  }

  @ParameterizedTest
  @CsvSource({
    "frob --format e4m3,                                 frob",
    "add --format nonsense,                              nonsense",
    "convert --format e4m3,                              --to",
    "add --format e4m3 --rounding up,                    up",
    "add --format e4m3 --rounding half-up,               half-up",
    "add --format e4m3 --overflow wrap,                  wrap",
    "add --format q8.8 --overflow none,                  none",
    "add --format q8.8 --subnormals off,                 --subnormals",
    "add --format e4m3 --subnormals maybe,               maybe",
    "add --format e4m3 --nan what,                       what",
    "add --format e4m3 --rounding sr,                    --random-bits",
    "add --format e4m3 --rounding sr --random-bits 0,    '[1, 32]'",
    "add --format e4m3 --rounding sr --random-bits x,    '[1, 32]'",
    "add --format e4m3 --random-bits 8,                  rne",
    "add --format e4m3 --check --max-differences -1,     '--max-differences'",
    "add --format e4m3 --json,                           --check",
    "add --format e4m3 /no/such/file,                    does not exist",
    "add --format e4m3 a b,                              'b'",
  })
  void badArgumentsAreNamed(String arguments, String part) {
    Cli.line("38 38\n", "eval " + arguments).exits(2).prints("").says(part).isCivil();
  }

  @Test
  void filesAreReadAndNamed(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("some vectors.txt");
    Files.writeString(file, "3C00 3C00\nx\n");
    Cli.run("eval", "add", "--format", "half", file.toString())
        .exits(2)
        .prints("3C00 3C00 4000 00\n")
        .says("some vectors.txt, line 2: ");
    Cli.run("eval", "add", "--format", "half", folder.toString()).exits(2).says("folder").isCivil();
    Cli.run("eval", "add", "--format", "half", "a\0b").exits(2).isCivil();
  }

  @Test
  void hostileInputGivesAMessage() {
    byte[] garbage = new byte[1 << 20];
    new Random(1).nextBytes(garbage);
    Cli.on(garbage, "eval", "add", "--format", "half").exits(2).says("line 1").isCivil();
    Cli.on(new byte[100_000], "eval", "add", "--format", "half").exits(2).says("line 1").isCivil();
    Cli.on("3C00 \0003C00\n", "eval", "add", "--format", "half").exits(2).says("\\x00").isCivil();
    Cli.on("3C00 3C00\n" + " ".repeat(10 << 20), "eval", "add", "--format", "half")
        .exits(2)
        .says("line 2: longer than")
        .isCivil();
    Cli.on("A".repeat(10 << 20) + "\n", "eval", "add", "--format", "half", "--check")
        .exits(2)
        .says("line 1: longer than")
        .isCivil();
  }

  /** Lines that straddle the reader's buffer, in the odd pieces a pipe may deliver. */
  @Test
  void piecesOfAnySizeGiveTheSameLines() {
    StringBuilder lines = new StringBuilder();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 50_000; i++) {
      String code = "%04X".formatted(i);
      lines.append(code).append(i % 3 == 0 ? "\r\n" : "\n");
      expected.append(code).append(' ').append("%016X".formatted((long) i)).append(" 00\n");
    }
    byte[] bytes = lines.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    Random random = new Random(1);
    InputStream pieces =
        new InputStream() {
          private int at;

          @Override
          public int read() {
            return at < bytes.length ? bytes[at++] : -1;
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            if (at == bytes.length) {
              return -1;
            }
            int n = Math.min(Math.min(length, 1 + random.nextInt(2000)), bytes.length - at);
            System.arraycopy(bytes, at, into, offset, n);
            at += n;
            return n;
          }
        };
    Cli run = Cli.on(pieces, "eval", "convert", "--format", "uq16.0", "--to", "uq64.0").exits(0);
    assertTrue(run.out().equals(expected.toString()), "lines were lost or changed");
  }

  /**
   * After some thousand lines conversions are an array kernel's; --check, which never is, finds no
   * line that differs, and a NaN without a code is still met on its line.
   */
  @Test
  void longConversionsAreFastAndTheSame() {
    SplittableRandom random = new SplittableRandom(11);
    for (String options :
        List.of(
            "--format float32 --to e4m3fn --rounding rne",
            "--format float32 --to e5m2 --rounding sr --random-bits 8",
            "--format bf16 --to e3m2 --rounding rdn --overflow finite --nan zero",
            "--format q8.8 --to e4m3fn --rounding rto",
            "--format float16 --to q4.4 --rounding rup --overflow saturate --nan zero")) {
      int bits = options.contains("float32") ? 32 : 16;
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < 12_000; i++) {
        lines.append(Long.toHexString(random.nextLong() >>> 64 - bits));
        if (options.contains("sr")) {
          lines.append(' ').append(Integer.toHexString(random.nextInt(256)));
        }
        lines.append('\n');
      }
      String answers = Cli.line(lines.toString(), "eval convert " + options).exits(0).out();
      assertEquals(12_000, answers.lines().count());
      Cli.line(answers, "eval convert " + options + " --check")
          .exits(0)
          .shows("checked 12000  differing 0");
    }
    String zeros = "0000\n".repeat(5000);
    Cli.line(zeros + "7fff\n", "eval convert --format float16 --to q4.4 --overflow saturate")
        .exits(2)
        .says("5001")
        .says("no code")
        .isCivil();
  }
}
