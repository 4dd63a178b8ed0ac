package org.halfulp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Campaign;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.Device;
import org.halfulp.verify.Stimuli;
import org.halfulp.verify.Twin;
import org.halfulp.verify.Unit;
import org.halfulp.verify.UnitRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/** {@code verify} on units of the catalogue. */
class VerifyCommandTest {
  @TempDir Path folder;

  private Cli verify(String line, String... more) {
    List<String> words = new ArrayList<>(List.of("verify"));
    words.addAll(List.of(line.split(" ")));
    words.addAll(List.of("--threads", "1", "--out", folder.resolve("failure").toString()));
    words.addAll(List.of(more));
    return Cli.run(words.toArray(String[]::new)).isCivil();
  }

  @Test
  void badUsageIsNamed() {
    verify("fp_div").exits(2).says("unknown unit 'fp_div'; known: fp_add");
    verify("fp_add --exhaustive --vectors 10").exits(2).says("exclude each other");
    verify("fp_add --minutes -1").exits(2).says("--minutes must be in (0, 100000], got -1.0");
    verify("fp_add --vectors 0").exits(2).says("--vectors");
    verify("fp_add --stalls 96").exits(2).says("--stalls");
    verify("fp_add --rounding half-up").exits(2).says("half-up");
    verify("fp_add --format q4.4").exits(2).says("fp_add takes operands in a signed float format");
    verify("fp_add --overflow wrap").exits(2).says("wrap");
    verify("fp_round_pack --to bf16").exits(2).says("no --to");
    verify("fp_round_pack --set SHIFT=2").exits(2).says("SHIFT must be in [0, 1], got 2");
    verify("fx_mac --format e4m3fn").exits(2).says("fx_mac takes signed fixed point");
    verify("random_bits --format q4.4")
        .exits(2)
        .says("random_bits has no option but --random-bits");
    verify("sgd_update --exhaustive --rounding sr").exits(2).says("it has state; give --vectors");
    verify("sgd_update_select --format e4m3fn --to q4.4").exits(2).says("two float formats or two");
    verify("dot_product --set ORDER=3").exits(2).says("ORDER=2 tree; got ORDER=3");
    verify("dot_product --set ORDER=2 --lanes 3").exits(2).says("dot_product cannot have 3 lanes");
    verify("all --format q31.1 --rounding rne")
        .exits(2)
        .says("no unit of the list has that format");
  }

  @Test
  void aMismatchIsShrunkAndItsCommandShowsItAgain() throws Exception {
    // the Verilog is told another bias than the emulator
    Cli bad = verify("fp_mul --format e4m3fn --set BIAS=8 --lanes 1 --vectors 70000").exits(1);
    bad.shows("shrunk to 1 beat of 1 lane").shows("where they differ").shows("first difference");
    Matcher command = Pattern.compile("halfulp (verify --replay \\S+)").matcher(bad.out());
    assertTrue(command.find(), bad::toString);
    Cli again = Cli.run(command.group(1).split(" ")).exits(1).shows("where they differ");
    assertEquals(port(bad, "out_y emulator"), port(again, "out_y emulator"));
    assertTrue(Files.size(folder.resolve("failure/report.txt")) > 100);
    assertTrue(
        Files.list(folder.resolve("failure")).anyMatch(f -> f.toString().endsWith(".fst")),
        "no waveform");

    Path replay = folder.resolve("failure/replay.json");
    Files.writeString(replay, Files.readString(replay).replace("\"BIAS\" : 8", "\"BIAS\" : 7"));
    Cli.run("verify", "--replay", replay.toString()).exits(0).shows("the failure is gone");
    Files.writeString(replay, "{}");
    Cli.run("verify", "--replay", replay.toString()).exits(2).says("halfulp_replay").isCivil();
    Cli.run("verify", "--replay", folder + "/none").exits(2).says("does not exist").isCivil();
  }

  private static String port(Cli cli, String name) {
    return cli.out().lines().filter(l -> l.contains(name)).findFirst().orElseThrow();
  }

  @Test
  void aMismatchOfAUnitThatReducesStaysLegal() throws Exception {
    verify("fx_mac --format q2.2 --to q2.2 --set RANGE=5 --lanes 1 --vectors 20000")
        .exits(1)
        .shows("in_first")
        .shows("answer beat 0");
    Path replay = folder.resolve("failure/replay.json");
    JsonNode saved = new ObjectMapper().readTree(replay.toFile());
    assertTrue(saved.get("beats").asInt() <= 4, saved::toString);
    Cli.run("verify", "--replay", replay.toString()).exits(1).shows("overflow");
  }

  @Test
  void reportsForMachinesAreValid() throws Exception {
    Path junit = folder.resolve("junit.xml");
    Cli good =
        verify(
                "all --format q4.8 --to q4.4 --rounding rne --vectors 5000 --json",
                "--junit",
                junit.toString())
            .exits(0);
    JsonNode json = new ObjectMapper().readTree(good.out());
    assertTrue(json.get("good").asBoolean());
    assertEquals(1, json.get("runs").size());
    JsonNode run = json.get("runs").get(0);
    assertEquals("fx_requantize", run.get("unit").asText());
    assertEquals("q4.8", run.get("labels").get("format").asText());
    assertEquals(4096, run.get("compared").asInt());
    assertEquals("exhausted", run.get("how").asText());
    assertEquals(0, run.get("holes").size());

    Element suite = suite(junit);
    assertEquals("1", suite.getAttribute("tests"));
    assertEquals("0", suite.getAttribute("failures"));
    Element test = (Element) suite.getElementsByTagName("testcase").item(0);
    assertEquals("halfulp.verify.fx_requantize", test.getAttribute("classname"));

    Cli bad =
        verify(
                "fp_mul --format e4m3fn --set BIAS=8 --lanes 1 --vectors 70000 --json",
                "--junit",
                junit.toString())
            .exits(1)
            .says("RTL and emulator differ in beat");
    run = new ObjectMapper().readTree(bad.out()).get("runs").get(0);
    assertFalse(run.get("good").asBoolean());
    assertTrue(run.get("differing").asInt() > 100, run::toString);
    assertTrue(Files.exists(Path.of(run.get("replay").asText())));
    suite = suite(junit);
    assertEquals("1", suite.getAttribute("failures"));
    assertTrue(suite.getElementsByTagName("failure").item(0).getTextContent().contains("shrunk"));
  }

  private static Element suite(Path file) throws Exception {
    Element suite =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(file.toFile())
            .getDocumentElement();
    assertEquals("testsuite", suite.getTagName());
    return suite;
  }

  @Test
  void minutesRunSoLongAndNoLonger() {
    Cli first = verify("fx_requantize --format q4.8 --to q4.4 --minutes 0.01").exits(0);
    first.shows("sampled by classes").shows("0 holes");
    Matcher time = Pattern.compile("time +([0-9.]+) s").matcher(first.out());
    assertTrue(time.find(), first::toString);
    double seconds = Double.parseDouble(time.group(1));
    assertTrue(seconds >= 0.5 && seconds < 30, first::toString);
  }

  @Test
  void anEmptyBinThatCouldBeMetFails() {
    for (Unit unit :
        List.of(
            Catalogue.of("fp_add").unit(UnitRequest.DEFAULT.format("e5m2")),
            Catalogue.of("fx_mac").unit(UnitRequest.DEFAULT))) { // it has state, and reduces
      holesOf(unit);
    }
  }

  private static void holesOf(Unit unit) {
    Campaign.Options options = Campaign.Options.DEFAULT.lanes(4).vectors(1 << 17);
    Stimuli all = unit.sampled(4, 1);
    Stimuli small =
        new Stimuli() {
          @Override
          public long beats() {
            return all.beats();
          }

          @Override
          public void fill(long from, int beats, long[][] columns) {
            all.fill(from, beats, columns);
            for (int i = 0; i < columns[0].length; i++) {
              columns[0][i] = 1; // nothing but the smallest value
            }
          }
        };
    assertEquals(Main.GOOD, exit(unit, options, all));
    assertEquals(Main.CHECK_FAILED, exit(unit, options, small));
  }

  private static int exit(Unit unit, Campaign.Options options, Stimuli stimuli) {
    Campaign.Result r =
        Campaign.runCovering(unit, n -> new Echo(unit, options.lanes()), options, stimuli, n -> {});
    assertEquals(0, r.differing());
    VerifyReport report =
        new VerifyReport(
            List.of(new VerifyReport.Row(r, null, null, true, Duration.ZERO, List.of())));
    assertEquals(
        r.coverage().holes().size(),
        report.complaints().stream()
            .mapToInt(c -> Integer.parseInt(c.replaceAll(".*: (\\d+) bins are empty.*", "$1")))
            .sum());
    return report.exit();
  }

  /** A device that is right. */
  private static final class Echo implements Device {
    private final Unit unit;
    private final int lanes;
    private Twin twin;
    private long[][] last;

    Echo(Unit unit, int lanes) {
      this.unit = unit;
      this.lanes = lanes;
      twin = unit.twin(lanes, 1);
    }

    @Override
    public BatchResult run(long[][] in, int beats, int wanted, Stalls stalls) {
      last = new long[][] {new long[beats * lanes], new long[beats * lanes]};
      return new BatchResult(beats, beats, twin.respond(in, beats, last), 0);
    }

    @Override
    public boolean matches(long[][] expected, int beats) {
      return Arrays.equals(last[0], 0, beats * lanes, expected[0], 0, beats * lanes);
    }

    @Override
    public void answers(long[][] out, int beats) {
      throw new AssertionError();
    }

    @Override
    public void restart(long seed) {
      twin = unit.twin(lanes, seed);
    }

    @Override
    public void close() {}
  }
}
