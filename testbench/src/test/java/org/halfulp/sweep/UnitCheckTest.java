package org.halfulp.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.halfulp.kernel.Momentum;
import org.halfulp.kernel.UpdateUnit;
import org.halfulp.number.FixedFormat;
import org.halfulp.number.Format;
import org.halfulp.number.FormatName;
import org.halfulp.number.OverflowRule;
import org.halfulp.number.Quantizer;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.RtlSources;
import org.halfulp.verify.UpdateModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitCheckTest {
  @TempDir Path folder;

  private static final UpdateUnit UNIT =
      new UpdateUnit(
          new Quantizer(
              FormatName.parse("e3m2fn").format(), RoundingMode.RNE, OverflowRule.FINITE, 0, true),
          FormatName.parse("e2m1fn").format(),
          Optional.empty(),
          new FixedFormat(false, 8, 8));

  private SweepStore.Verification check(Path rtl) {
    return UnitCheck.run(Fixtures.cache(), RtlSources.in(rtl, "sgd_update"), "id", UNIT, 1, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "q1.2,false,false",
    "q1.2,true,false",
    "q1.2,false,true",
    "q1.2,true,true",
    "e2m1fn,false,false",
    "e2m1fn,true,false",
    "e2m1fn,false,true",
    "e2m1fn,true,true"
  })
  void theLatencyIsThatOfTheRtl(String format, boolean product, boolean momentum) {
    Format f = FormatName.parse(format).format();
    OverflowRule rule = f instanceof FixedFormat ? OverflowRule.SATURATE : OverflowRule.FINITE;
    Quantizer q = new Quantizer(f, RoundingMode.RNE, rule, 0, true);
    UpdateUnit unit =
        new UpdateUnit(
            q,
            f,
            product ? Optional.of(q) : Optional.empty(),
            new FixedFormat(false, 4, 4),
            momentum
                ? Optional.of(new Momentum(q, new FixedFormat(false, 4, 4)))
                : Optional.empty());
    List<Path> sources = RtlSources.in(Path.of("..", "rtl"), "sgd_update");
    try (UpdateModel model = UpdateModel.open(Fixtures.cache(), sources, unit, 1, 1, 8)) {
      int latency = UpdateModel.latency(model.library().build().parameters());
      for (int beats : new int[] {1, 5}) {
        long[] zeros = new long[beats];
        model.fill(zeros, momentum ? zeros : null, zeros, 1, 1, beats);
        // its words leave behind the latency, one a clock
        assertEquals(latency + beats, model.run(beats, Stalls.NONE).cycles(), beats + " beats");
      }
    }
  }

  @Test
  void aFaultInTheRtlIsADifference() throws IOException {
    Path rtl = Path.of("..", "rtl");
    SweepStore.Verification good = check(rtl);
    assertEquals(Status.DONE, good.status(), good::toString);
    assertEquals(4 << 10, good.compared(), "all pairs of 6 and 4 bits at four step codes");
    assertEquals(4 << 10, good.distinct());
    assertTrue(good.exhausted());
    try (Stream<Path> files = Files.list(rtl)) {
      for (Path f : files.filter(p -> p.toString().matches(".*\\.(v|vlt)")).toList()) {
        Files.copy(f, folder.resolve(f.getFileName()));
      }
    }
    Path faulty = folder.resolve("fp_round.v");
    String text = Files.readString(faulty);
    assertTrue(text.contains("wants = under | is_odd;"));
    Files.writeString(faulty, text.replace("wants = under | is_odd;", "wants = 1'b1;"));
    SweepStore.Verification bad = check(folder);
    assertEquals(Status.DIFFERS, bad.status(), bad::toString);
    assertTrue(bad.differing() > 0);
    assertTrue(bad.reason().orElse("").contains("rtl"), bad::toString);
  }
}
