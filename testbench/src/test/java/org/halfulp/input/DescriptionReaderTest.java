package org.halfulp.input;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Momentum;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;
import org.halfulp.learn.TrainingStep;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.FloatFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptionReaderTest {
  /** Every key of a description, each on a line of its own. */
  private static final String FULL =
      """
      name: full
      data:
        file: some.csv
        target: y
        drop: [a, b]
        standardize: false
        test_fraction: 0.25
        input: q4.12
        seed: 3
      training:
        step_size: 2^-5
        batch: 4
        epochs: 10
        shuffle_seed: -1
        average_from: 6
      datapath:
        seed: 0x7
        lanes: 4
        nan: zero
        quantizers:
          data: e4m3fn
          parameter: none
          activation: bf16
          label: {format: e4m3fn, rounding: sr, random_bits: 8, overflow: finite}
          residual: q4.4
          gradient: {format: q4.8, rounding: half-up}
        accumulators:
          forward: {order: tree, fan_in: 4, format: float16, product: bf16}
          backward:
            order: sequential
            format: float16
            rounding: sr
            random_bits: 9
            overflow: finite
        update:
          weight:
            format: q2.10
            rounding: sr
            random_bits: 12
            overflow: saturate
          product: q4.12
          step_format: uq0.8
      """;

  @TempDir Path folder;

  private Description parse(String text) {
    return DescriptionReader.parse("x.yaml", text, folder);
  }

  /** The message for {@code text}, which must name the file. */
  private String refusal(String text) {
    InputException e =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> assertThrows(InputException.class, () -> parse(text), "accepted"));
    assertTrue(e.getMessage().startsWith("x.yaml"), e::getMessage);
    return e.getMessage();
  }

  /** {@link #FULL} with the value of its line that starts with {@code key} replaced. */
  private static String with(String key, String value) {
    return replaced(key, line -> line.substring(0, line.indexOf(key)) + key + ": " + value);
  }

  private static String replaced(String key, java.util.function.UnaryOperator<String> change) {
    List<String> lines = new ArrayList<>(FULL.lines().toList());
    int at = line(key) - 1;
    lines.set(at, change.apply(lines.get(at)));
    return String.join("\n", lines) + "\n";
  }

  /** The number of the last line of {@link #FULL} that starts with {@code key}. */
  private static int line(String key) {
    List<String> lines = FULL.lines().toList();
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (lines.get(i).strip().startsWith(key + ":")) {
        return i + 1;
      }
    }
    throw new AssertionError(key);
  }

  private static void assertContains(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
    }
  }

  // ---- what is read

  @Test
  void everyKeyIsRead() {
    Description d = parse(FULL);
    assertEquals("full", d.name());
    assertEquals(
        new Description.Data(
            new Description.Csv(folder.resolve("some.csv"), "y", List.of("a", "b")),
            false,
            0.25,
            3,
            Optional.of(FormatName.parse("q4.12").format())),
        d.data());
    assertEquals(new Training.Plan(0.03125, 4, 10, -1, 6), d.training());
    Datapath p = d.datapath();
    assertEquals(7, p.seed());
    assertEquals(
        Optional.of(new Quantizer(e4m3(), RoundingMode.SR, OverflowRule.FINITE, 8, true)),
        p.label());
    assertEquals(Optional.empty(), p.parameter());
    assertEquals(
        Optional.of(
            new Quantizer(
                new FixedFormat(true, 12, 8),
                RoundingMode.HALF_UP,
                OverflowRule.SATURATE,
                0,
                true)),
        p.gradient());
    assertEquals(Accumulator.Order.TREE, p.forward().order());
    assertEquals(4, p.forward().fanIn());
    assertTrue(p.forward().product().isPresent());
    assertEquals(9, p.backward().sum().orElseThrow().randomBits());
    assertEquals(new FixedFormat(false, 8, 8), p.step());
    assertEquals("q4.12", p.product().orElseThrow().format().name());
  }

  @Test
  void integersAreDecimalUnlessTheySayHex() {
    assertEquals(8, parse(with("average_from", "08")).training().averageFrom());
    assertEquals(10, parse(with("average_from", "010")).training().averageFrom());
    assertEquals(-16, parse(with("shuffle_seed", "-0x10")).training().shuffleSeed());
    assertEquals(
        Long.MIN_VALUE,
        parse(with("shuffle_seed", "-9223372036854775808")).training().shuffleSeed());
  }

  @Test
  void defaultsLeaveEverythingElseInBinary64() {
    Description d =
        parse(
            "name: a\ndata: {file: f, target: t}\ntraining: {step_size: 0.1, epochs: 3}\ndatapath: {}\n");
    assertEquals(new Training.Plan(0.1, 1, 3, 1, 2), d.training());
    assertEquals(Optional.empty(), d.datapath().updateUnit());
    assertEquals(4, d.datapath().lanes());
  }

  @Test
  void byteOrderMarkAndWindowsLineEndsAreFine() throws IOException {
    Path file = folder.resolve("windows.yaml");
    Files.writeString(file, "\uFEFF" + FULL.replace("\n", "\r\n"));
    assertEquals(parse(FULL), DescriptionReader.read(file));
  }

  @Test
  void anchorsMaySpareRepetition() {
    String anchored =
        FULL.replace("data: e4m3fn", "data: &q {format: e4m3fn}")
            .replace("activation: bf16", "activation: *q");
    Datapath d = parse(anchored).datapath();
    assertEquals(d.data(), d.activation());
  }

  // ---- keys and types

  @ParameterizedTest
  @CsvSource({
    "'', name",
    "'  ', file",
    "'  ', step_size",
    "'  ', seed",
    "'    ', label",
    "'    ', forward",
    "'      ', rounding",
    "'    ', weight",
    "'    ', step_format"
  })
  void unknownKeyNamesItsLineAndTheKnownOnes(String indent, String known) {
    String message = refusal(replaced(known, line -> indent + "typo_here: 1\n" + line));
    assertContains(message, "x.yaml:" + line(known) + ": unknown key 'typo_here'", "known:", known);
  }

  @Test
  void unknownKeyInFlowMapping() {
    assertContains(
        refusal(FULL.replace("random_bits: 8", "randombits: 8")),
        "x.yaml:" + line("label") + ": unknown key 'randombits' in datapath.quantizers.label",
        "known: format rounding overflow random_bits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"name", "data", "training", "datapath"})
  void missingSectionIsNamed(String key) {
    String text = FULL.replaceFirst("(?m)^" + key + ":.*\n(  .*\n)*", "");
    assertContains(refusal(text), "x.yaml:1: ", "misses '" + key + "'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "target", "step_size", "epochs"})
  void missingKeyIsNamed(String key) {
    assertContains(refusal(replaced(key, line -> "")), "misses '" + key + "'");
  }

  @Test
  void keyGivenTwiceNamesTheSecondLine() {
    for (String key : List.of("name", "file", "lanes", "label", "rounding", "step_format")) {
      assertContains(
          refusal(replaced(key, line -> line + "\n" + line)),
          "x.yaml:" + (line(key) + 1) + ": ",
          "'" + key + "'",
          "twice");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name|a b|letters, digits, - or _",
        "name|../up|letters, digits, - or _",
        "name||letters, digits, - or _",
        "name|[a]|a word",
        "file|{a: b}|the path of a CSV file",
        "file||the path of a CSV file",
        "file|\"a\\0b\"|the path of a CSV file",
        "target|[y]|the name of the label's column",
        "target||the name of the label's column",
        "drop|a|a list of words",
        "drop|[a, [b]]|a list of words",
        "drop|{a: b}|a list of words",
        "standardize|yes|true or false",
        "standardize|1|true or false",
        "standardize|[true]|true or false",
        "input|q40.12|32 bits",
        "input|0.5|input",
        "test_fraction|1|[0, 1)",
        "test_fraction|-0.1|[0, 1)",
        "test_fraction|NaN|[0, 1)",
        "test_fraction|.inf|[0, 1)",
        "test_fraction|1e-999999999999|[0, 1)",
        "step_size|0|positive",
        "step_size|-1|positive",
        "step_size|fast|positive",
        "step_size|2^|positive",
        "step_size|2^5000|positive",
        "step_size|1e999|positive",
        "step_size|[1]|positive",
        "batch|0|an integer in [1, 1048576]",
        "batch|2.5|an integer in [1, 1048576]",
        "batch|1e3|an integer in [1, 1048576]",
        "batch|99999999999999999999|an integer in [1, 1048576]",
        "batch|[4]|an integer in [1, 1048576]",
        "epochs|0|an integer in [1, 1000000]",
        "epochs|-3|an integer in [1, 1000000]",
        "epochs|0x|an integer in [1, 1000000]",
        "average_from|11|an integer in [1, 10]",
        "average_from|0|an integer in [1, 10]",
        "shuffle_seed|9223372036854775808|an integer in [-9223372036854775808,",
        "lanes|0|an integer in [1, 64]",
        "lanes|65|an integer in [1, 64]",
        "lanes|four|an integer in [1, 64]",
        "nan|ignore|error or zero",
        "forward|exact|must be a mapping with the keys: order",
        "forward|{order: pairwise}|exact, sequential or tree",
        "forward|{order: tree, fan_in: 1}|an integer in [2, 1024]",
        "forward|{order: tree, fan_in: 1025}|an integer in [2, 1024]",
        "forward|{order: exact, fan_in: 2}|only order tree has a fan-in",
        "forward|{rounding: rne}|needs a format beside it",
        "forward|{random_bits: 3}|needs a format beside it",
        "forward|{overflow: finite}|needs a format beside it",
        "label|e99m3|e99m3",
        "label|e4m|see 'halfulp formats'",
        "label|[e4m3fn]|a format",
        "label|q0.0|takes 1 to 64",
        "label|q40.40|takes 1 to 64",
        "label|uq-4.4|takes 1 to 64",
        "label|{rounding: rne}|misses 'format'",
        "label|{format: e4m3fn, rounding: nearest}|rne",
        "label|{format: e4m3fn, rounding: half-up}|for fixed point only",
        "label|{format: e4m3fn, overflow: wrap}|none finite propagate",
        "label|{format: e4m3fn, overflow: clip}|none finite propagate",
        "label|{format: q4.4, overflow: finite}|saturate symmetric wrap",
        "label|{format: e4m3fn, rounding: sr}|misses 'random_bits'",
        "label|{format: e4m3fn, rounding: sr, random_bits: 0}|an integer in [1, 32]",
        "label|{format: e4m3fn, rounding: sr, random_bits: 33}|an integer in [1, 32]",
        "label|{format: e4m3fn, rounding: rne, random_bits: 8}|only rounding sr draws random bits",
        "label|{format: e4m3fn, random_bits: 8}|only rounding sr draws random bits",
        "step_format|q0.8|unsigned fixed-point format of 1 to 16 bits",
        "step_format|uq0.17|unsigned fixed-point format of 1 to 16 bits",
        "step_format|e4m3fn|unsigned fixed-point format of 1 to 16 bits",
        "step_format|nonsense|see 'halfulp formats'",
        "step_format|uq0.4|around it: 0.0 and 0.0625",
        "step_size|0.3|around it:",
        "step_size|2^-900|around it: 0.0",
        "step_size|2^20|around it:",
        "batch|3|around it:",
      })
  void wrongValueNamesTheLineAndTheChoices(String key, String value, String choices) {
    String message = refusal(with(key, value == null ? "" : value));
    int line = line(choices.startsWith("around") ? "step_size" : key);
    assertContains(message, "x.yaml:" + line + ": ", choices);
  }

  @Test
  void aMappingIsNotAWord() {
    String head = FULL.substring(0, FULL.indexOf("  quantizers:"));
    for (String key : List.of("quantizers", "accumulators", "update")) {
      for (String value : List.of("e4m3fn", "[]", "", "1")) {
        assertContains(
            refusal(head + "  " + key + ": " + value + "\n"),
            "x.yaml:%d: datapath.%s must be a mapping with the keys: "
                .formatted(line("quantizers"), key));
      }
    }
  }

  @Test
  void theUpdateNeedsAWeightBeforeItHasMore() {
    String base = FULL.substring(0, FULL.indexOf("  update:"));
    for (String update :
        List.of("{product: q4.4}", "{step_format: uq0.8}", "{weight: none, product: q4.4}")) {
      assertContains(refusal(base + "  update: " + update + "\n"), "datapath.update", "weight");
    }
    assertContains(refusal(base + "  update: {weight: q2.6}\n"), "misses 'step_format'", "uq0.8");
  }

  // ---- what is not YAML, or more of it than anybody writes

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name: a\n\tdata: b\n",
        "name: [a\n",
        "name: {a\n",
        "name: 'a\n",
        "name: \"a\n",
        "name: \"\\q\"\n",
        "name: a\n bad indent: b\n- c\n",
        "name: *nowhere\n",
        "name: a: b\n",
        "%YAML 9.9\n---\nname: a\n",
        "name: a\n---\nname: b\n",
        "&a",
        "? [complex]\n: 1\n",
        "- a\n- b\n",
        "just text",
        "name: \u0001\n",
        "name: a\u0000b\n",
        "<<: {name: a}\n",
        "data: &a\n  file: *a\n",
        "&a name: *a",
        "@",
        "`",
        "!!",
        "|",
        ">",
        "!<",
        "---",
        "...",
        "%",
        "?",
        ":",
        "-",
        "[",
        "}",
        ",",
        "'",
        "\"",
        "*",
        "&"
      })
  void whatIsNotADescriptionIsRefusedWithItsPlace(String text) {
    String message = refusal(text);
    assertTrue(message.matches("(?s)x\\.yaml:( empty|\\d+:).*"), message);
    assertTrue(message.length() < 400, message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# only a comment\n", "\uFEFF", "---\n"})
  void nothingIsRefused(String text) {
    assertContains(refusal(text), "x.yaml", "name", "data", "training", "datapath");
  }

  @Test
  void nestingOfAnyDepthIsRefused() {
    for (String open : List.of("[", "{a: ", "- ", "{? ", "!t [")) {
      for (int depth : new int[] {100, 5_000, 1_000_000}) {
        assertContains(refusal("name: " + open.repeat(depth)), "x.yaml:");
        assertContains(refusal(open.repeat(depth) + "\n"), "x.yaml:");
      }
    }
    StringBuilder steps = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      steps.append(" ".repeat(i)).append("a:\n");
    }
    assertContains(refusal(steps.toString()), "x.yaml:");
  }

  @Test
  void aliasesDoNotMultiply() {
    StringBuilder bomb = new StringBuilder("name: &a0 [lol, lol, lol]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i));
      bomb.append(("*a" + (i - 1) + ",").repeat(9)).append("]\n");
    }
    assertContains(refusal(bomb.toString()), "x.yaml:6: ", "more than 40 aliases");
    String drop = FULL.replace("drop: [a, b]", "drop: &d [*d, *d]");
    assertContains(refusal(drop), "a list of words");
  }

  @Test
  void hugeValuesAreRefusedSoon() {
    String digits = "1".repeat(200_000);
    assertContains(refusal(with("batch", digits)), "an integer in");
    assertContains(refusal(with("step_size", digits)), "positive");
    assertContains(refusal(with("step_size", "0." + digits)), "positive");
    assertContains(refusal(with("label", "q" + digits + ".4")), "x.yaml:" + line("label"));
    assertContains(refusal(with("label", "e" + digits + "m4")), "x.yaml:" + line("label"));
    assertContains(refusal(with("name", digits)), "1 to 64 letters");
  }

  // ---- files

  @Test
  void filesThatCannotBeReadSaySo() throws IOException {
    Path binary =
        Files.write(folder.resolve("b.yaml"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});
    Path latin =
        Files.write(folder.resolve("l.yaml"), "name: é\n".getBytes(StandardCharsets.ISO_8859_1));
    for (Path file : List.of(binary, latin)) {
      assertContains(fileRefusal(file), file + ": not UTF-8 text");
    }
    Path utf16 = Files.write(folder.resolve("u.yaml"), FULL.getBytes(StandardCharsets.UTF_16));
    assertContains(fileRefusal(utf16), utf16 + ": not UTF-8 text");
    assertContains(fileRefusal(folder), folder + ": is a folder");
    assertContains(fileRefusal(folder.resolve("none.yaml")), "none.yaml: no such file");
    Path through = folder.resolve("b.yaml").resolve("x.yaml");
    assertContains(fileRefusal(through), through + ": ");
    Path large = Files.writeString(folder.resolve("large.yaml"), "#" + "x".repeat(1 << 18));
    assertContains(fileRefusal(large), "large.yaml: ", "at most 256 KiB");
    Path huge = folder.resolve("huge.yaml");
    try (var out =
        Files.newByteChannel(
            huge,
            java.nio.file.StandardOpenOption.CREATE_NEW,
            java.nio.file.StandardOpenOption.WRITE)) {
      out.position(3L << 30).write(java.nio.ByteBuffer.wrap("x".getBytes(UTF_8)));
    }
    assertContains(fileRefusal(huge), "huge.yaml: ");
    if (Files.exists(Path.of("/dev/zero"))) {
      assertContains(fileRefusal(Path.of("/dev/zero")), "/dev/zero: ");
    }
  }

  private static String fileRefusal(Path file) {
    return assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> assertThrows(InputException.class, () -> DescriptionReader.read(file)))
        .getMessage();
  }

  /** Every prefix and many small corruptions are read or refused, never anything else. */
  @Test
  void corruptedTextIsReadOrRefused() {
    Random random = new Random(20);
    String noise = "{}[]:,-#&*!|>'\"%@`?\n\t \u0000\u0085\u2028\uFEFF~<=0aé\uD83D";
    int read = 0;
    for (int i = 0; i < 1500; i++) {
      StringBuilder text = new StringBuilder(FULL);
      if (i < FULL.length() / 2) {
        text.setLength(2 * i);
      } else {
        for (int k = 1 + random.nextInt(3); k > 0; k--) {
          int at = random.nextInt(text.length());
          char c = noise.charAt(random.nextInt(noise.length()));
          switch (random.nextInt(3)) {
            case 0 -> text.setCharAt(at, c);
            case 1 -> text.insert(at, c);
            default -> text.deleteCharAt(at);
          }
        }
      }
      try {
        parse(text.toString());
        read++;
      } catch (InputException e) {
        assertTrue(e.getMessage().startsWith("x.yaml"), e::getMessage);
      }
    }
    assertTrue(read > 50, "only " + read + " were readable");
  }

  // ---- the resolved description

  @Test
  void theResolvedDescriptionReadsAsTheSame() {
    assertRoundTrip(parse(FULL));
    Random random = new Random(11);
    for (int i = 0; i < 500; i++) {
      assertRoundTrip(random(random));
    }
  }

  private void assertRoundTrip(Description description) {
    String text = DescriptionWriter.write(description);
    Description again;
    try {
      // another folder: the resolved description must not depend on where it stands
      again = DescriptionReader.parse("resolved.yaml", text, Path.of("/elsewhere"));
    } catch (InputException e) {
      throw new AssertionError(e.getMessage() + "\n" + text, e);
    }
    assertEquals(description, again, text);
    assertEquals(text, DescriptionWriter.write(again));
  }

  private static FloatFormat e4m3() {
    return (FloatFormat) FormatName.parse("e4m3fn").format();
  }

  private static final List<String> ODD_WORDS =
      List.of(
          "true",
          "no",
          "null",
          "none",
          "~",
          "1",
          "0x10",
          "1e3",
          "a: b",
          "- a",
          "#x",
          "'",
          "\"",
          "a\tb",
          "é",
          "日本",
          "a\nb",
          "{",
          "[a]",
          "&a",
          "*a",
          "!t",
          "%",
          "@",
          "a  b",
          "\\",
          "=",
          "<<",
          "\u0085x",
          "\u2028x",
          "😀",
          "y".repeat(300),
          "fused",
          ".",
          "..",
          "a,b");

  private static String word(Random random) {
    return ODD_WORDS.get(random.nextInt(ODD_WORDS.size()));
  }

  private static Description random(Random random) {
    while (true) {
      int epochs = 1 + random.nextInt(1_000_000);
      int batch = 1 << random.nextInt(10);
      Datapath datapath;
      try {
        datapath = randomDatapath(random);
      } catch (IllegalArgumentException e) {
        continue; // not every value of a format is in binary64
      }
      double eta;
      if (datapath.weight().isPresent()) {
        FixedFormat step = datapath.step();
        eta =
            Math.scalb((double) (1 + random.nextInt(1 << step.width())), -step.fracBits()) * batch;
      } else {
        eta = random.nextBoolean() ? random.nextDouble() : Math.exp(700 * random.nextGaussian());
      }
      try {
        if (datapath.weight().isPresent()) {
          TrainingStep.stepCode(datapath, eta, batch);
        }
        Training.Plan plan =
            new Training.Plan(eta, batch, epochs, random.nextLong(), 1 + random.nextInt(epochs));
        Description.Data data =
            new Description.Data(
                source(random),
                random.nextBoolean(),
                random.nextBoolean() ? random.nextDouble() : random.nextDouble() * 1e-12,
                random.nextLong(),
                random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(
                        FormatName.parse(random.nextBoolean() ? "q4.12" : "bf16").format()));
        String name =
            List.of("a", "true", "null", "12", "0x1F", "-", "1e5", "_", "no")
                .get(random.nextInt(9));
        return new Description(name, data, plan, datapath);
      } catch (IllegalArgumentException e) {
        // that step does not fit; another
      }
    }
  }

  private static Description.Source source(Random random) {
    if (random.nextBoolean()) {
      return new Description.Csv(
          Path.of("/data", word(random).replace("\n", ""), "x.csv").normalize(),
          word(random),
          random.ints(random.nextInt(4)).mapToObj(i -> word(random)).toList());
    }
    int d = 1 + random.nextInt(3);
    List<Double> spectrum =
        random.nextBoolean() ? List.of() : random.doubles(d).mapToObj(x -> 1 - x).toList();
    return new Description.Gaussian(
        d,
        2 + random.nextInt(100),
        spectrum.isEmpty() ? 20 * random.nextDouble() : 0,
        spectrum,
        random
            .doubles(random.nextBoolean() ? 1 : d)
            .mapToObj(x -> Math.exp(700 * (x - .5)))
            .toList(),
        random.nextDouble(),
        random.nextLong());
  }

  @Test
  void syntheticDataAreReadAndRefused() {
    String gaussian =
        replacedData("gaussian: {features: 3, rows: 20, spectrum: i^-2, noise: 0.5, seed: 4}");
    Description.Data data = parse(gaussian).data();
    assertEquals(
        new Description.Gaussian(3, 20, 2, List.of(), List.of(1.0), 0.5, 4), data.source());
    assertFalse(data.standardize());
    String all = "gaussian: {features: 3, rows: 20, spectrum: [4, 2^-1, .25], weights: %s}";
    assertEquals(
        new Description.Gaussian(3, 20, 0, List.of(4.0, .5, .25), List.of(1.0, -2.0, 0.0), 1, 1),
        parse(replacedData(all.formatted("[1, -2, 0]"))).data().source());
    String[][] bad = {
      {"features: 0, rows: 9, spectrum: i^-2", "data.gaussian.features", "[1, 65536]", "'0'"},
      {"features: 9, rows: 1, spectrum: i^-2", "data.gaussian.rows", "[2, 100000000]", "'1'"},
      {"features: 9, rows: 9", "spectrum", "i^-a"},
      {"features: 9, rows: 9, spectrum: i^2", "spectrum", "[0, 20]", "'i^2'"},
      {"features: 9, rows: 9, spectrum: i^-NaN", "spectrum", "'i^-NaN'"},
      {"features: 3, rows: 9, spectrum: [1, 2]", "each of the 3 features, got 2"},
      {"features: 2, rows: 9, spectrum: [1, 0]", "eigenvalue 1 must be positive, got 0.0"},
      {"features: 2, rows: 9, spectrum: [1, x]", "list of positive numbers, got 'x'"},
      {"features: 2, rows: 9, spectrum: i^-1, weights: [1]", "each of the 2 features, got 1"},
      {"features: 2, rows: 9, spectrum: i^-1, noise: -1", "at least 0, got -1.0"},
      {"features: 2, rows: 9, spectrum: i^-1, rank: 2", "unknown key 'rank'", "weights noise"},
    };
    for (String[] row : bad) {
      String message = refusal(replacedData("gaussian: {" + row[0] + "}"));
      assertContains(message, Arrays.copyOfRange(row, 1, row.length));
    }
    assertContains(
        refusal(with("target", "y\n  gaussian: {features: 2, rows: 9, spectrum: i^-1}")),
        "data.file: must not be beside 'gaussian'");
  }

  /** {@link #FULL} with other data. */
  private static String replacedData(String data) {
    return FULL.replaceFirst("(?s)\ndata:.*\ntraining:", "\ndata:\n  " + data + "\ntraining:");
  }

  private static Datapath randomDatapath(Random random) {
    boolean zero = random.nextBoolean();
    Optional<Quantizer> weight = quantizer(random, zero);
    Datapath path =
        new Datapath(
            quantizer(random, zero),
            quantizer(random, zero),
            quantizer(random, zero),
            quantizer(random, zero),
            quantizer(random, zero),
            quantizer(random, zero),
            accumulator(random, zero),
            accumulator(random, zero),
            weight,
            weight.isEmpty() ? Optional.empty() : quantizer(random, zero),
            weight.isEmpty()
                ? new FixedFormat(false, 16, 16)
                : new FixedFormat(false, 1 + random.nextInt(16), random.nextInt(40) - 10),
            1 + random.nextInt(64),
            random.nextLong());
    Optional<Quantizer> velocity = quantizer(random, zero);
    if (weight.isEmpty() || velocity.isEmpty()) {
      return path;
    }
    FixedFormat factor = new FixedFormat(false, 1 + random.nextInt(16), random.nextInt(40) - 10);
    return path.with(new Momentum(velocity.get(), factor), random.nextLong() & factor.mask());
  }

  @Test
  void readsMomentumAndRefusesWhatItCannotBe() {
    String base = FULL.substring(0, FULL.indexOf("  update:"));
    String update =
        "  update: {weight: q2.10, step_format: uq0.8, "
            + "momentum: {velocity: q3.9, mu: 0.9, mu_format: uq0.8}}\n";
    Datapath path = parse(base + update).datapath();
    assertEquals("q3.9", path.momentum().orElseThrow().velocity().format().name());
    assertEquals(230, path.mu()); // 0.9 * 256 = 230.4
    for (String[] wrong :
        new String[][] {
          {"mu: 0.9", "mu: 1.0", "[0, 0.99609375]"},
          {"mu: 0.9", "mu: -0.1", "[0, 0.99609375]"},
          {"mu: 0.9, ", "", "mu"},
          {"velocity: q3.9", "velocity: none", "not none"},
          {"mu_format: uq0.8", "mu_format: q0.8", "unsigned"},
          {"weight: q2.10, step_format: uq0.8, ", "", "momentum"},
          {"mu_format", "nu_format", "nu_format"},
        }) {
      assertContains(refusal(base + update.replace(wrong[0], wrong[1])), wrong[2]);
    }
  }

  private static Accumulator accumulator(Random random, boolean zero) {
    Accumulator.Order order = Accumulator.Order.values()[random.nextInt(3)];
    return new Accumulator(
        order,
        order == Accumulator.Order.TREE ? 2 + random.nextInt(1023) : 0,
        quantizer(random, zero),
        quantizer(random, zero));
  }

  private static Optional<Quantizer> quantizer(Random random, boolean zero) {
    while (true) {
      if (random.nextInt(5) == 0) {
        return Optional.empty();
      }
      try {
        Format format = format(random);
        RoundingMode rounding = RoundingMode.values()[random.nextInt(RoundingMode.values().length)];
        OverflowRule rule = OverflowRule.values()[random.nextInt(OverflowRule.values().length)];
        int bits = rounding == RoundingMode.SR ? 1 + random.nextInt(32) : 0;
        return Optional.of(new Quantizer(format, rounding, rule, bits, zero));
      } catch (IllegalArgumentException e) {
        // that rounding or rule does not fit the format; another
      }
    }
  }

  private static Format format(Random random) {
    if (random.nextBoolean()) {
      return new FixedFormat(
          random.nextBoolean(), 1 + random.nextInt(53), random.nextInt(1500) - 960);
    }
    if (random.nextBoolean()) {
      List<FormatName.Published> all = FormatName.published();
      return all.get(random.nextInt(all.size())).format();
    }
    String family = List.of("ieee", "fn", "fnuz", "finite").get(random.nextInt(4));
    return FormatName.parse(
            "e%dm%d:%s,bias=%d%s%s"
                .formatted(
                    1 + random.nextInt(11),
                    random.nextInt(30),
                    family,
                    random.nextInt(300) - 100,
                    random.nextBoolean() ? ",nosub" : "",
                    random.nextBoolean() ? ",daz" : ""))
        .format();
  }
}
