package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.halfulp.number.RoundingMode;
import org.halfulp.sim.BatchResult;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.sim.VerilogException;
import org.halfulp.verify.Campaign.Options;
import org.halfulp.verify.Campaign.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The campaigns of the catalogue: what they count, and that they notice. */
class CampaignTest {
  private static final ModelCache CACHE = Fixtures.cache();

  private static List<Path> sources(Unit unit) {
    return RtlSources.of(unit.name(), CACHE.folder());
  }

  private static Unit unit(String name, UnitRequest request) {
    return Catalogue.of(name).unit(request);
  }

  @Test
  void exhaustsASmallUnit() {
    Unit unit =
        unit("fx_requantize", UnitRequest.DEFAULT.format("q4.8").to("q4.4").roundingPerBeat());
    Result r = Campaign.run(unit, CACHE, sources(unit), Options.DEFAULT.lanes(1).vectors(1L << 24));
    assertEquals(1L << 24, r.compared());
    assertEquals(1L << 24, r.distinct());
    assertTrue(r.exhausted());
    assertTrue(r.exactly() > 1000, "exact " + r.exactly());
    assertTrue(r.isGood(), () -> "" + r.failure());
    long binned = r.bins().all().values().stream().mapToLong(Long::longValue).sum();
    assertEquals(r.compared(), binned);
  }

  @Test
  void exhaustsTheRestOfATiedInput() {
    Unit unit = unit("fp_add", UnitRequest.DEFAULT.format("e2m3fn"));
    Options options = Options.DEFAULT.lanes(8).ties(Map.of("in_sub", 1L));
    Result r = Campaign.run(unit, CACHE, sources(unit), options);
    assertEquals(64 * 64, r.compared());
    assertEquals(64 * 64, r.distinct());
    assertTrue(r.isGood(), () -> "" + r.failure());
    long[][] in = UnitModel.columns(unit.inputs(), 8, 512);
    Campaign.stimuli(unit, options).fill(0, 512, in);
    assertEquals(512, Arrays.stream(in[2]).sum(), "a beat adds");
    for (Map<String, Long> bad : List.of(Map.of("in_sub", 2L), Map.of("in_c", 0L))) {
      Throwable e =
          assertThrows(
              IllegalArgumentException.class, () -> Campaign.stimuli(unit, options.ties(bad)));
      assertTrue(e.getMessage().contains(bad.keySet().iterator().next()), e.getMessage());
    }
  }

  @Test
  void aParameterThatTheVerilogRefusesEndsTheBuild() {
    Unit unit = unit("fp_add", UnitRequest.DEFAULT.format("e2m3fn").stages(6));
    Throwable e =
        assertThrows(
            VerilogException.class,
            () -> Campaign.run(unit, CACHE, sources(unit), Options.DEFAULT));
    assertTrue(e.getMessage().contains("STAGES must be in 0..5"), e.getMessage());
  }

  @Test
  void runsAUnitWithState() {
    for (RoundingMode mode : List.of(RoundingMode.RNE, RoundingMode.SR)) {
      Unit unit = unit("sgd_update", UnitRequest.DEFAULT.format("bf16").rounding(mode));
      Options options =
          Options.DEFAULT.lanes(4).vectors(100_000).threads(2).stalls(new Stalls(20, 20, 5));
      Result r = Campaign.run(unit, CACHE, sources(unit), options);
      assertEquals(100_000, r.compared());
      assertFalse(r.exhausted());
      assertTrue(r.exactly() >= (mode == RoundingMode.SR ? 8192 : 40), "exact " + r.exactly());
      assertTrue(r.isGood(), () -> "" + r.failure());
    }
  }

  /** Answers as the emulator does, and counts its resets. */
  private record Echo(Unit unit, int lanes, AtomicInteger resets) implements Device {
    @Override
    public BatchResult run(long[][] in, int beats, int wanted, Stalls stalls) {
      return new BatchResult(beats, beats, wanted, 0);
    }

    @Override
    public boolean matches(long[][] expected, int beats) {
      return true;
    }

    @Override
    public void answers(long[][] out, int beats) {}

    @Override
    public void restart(long seed) {
      resets.incrementAndGet();
    }

    @Override
    public void close() {}
  }

  @Test
  void threadsShareTheResetsAndNoBinIsAskedForThatIsFurtherFromOne() {
    Unit unit =
        unit("linear_step", UnitRequest.DEFAULT.format("e4m3fn").rounding(RoundingMode.RUP));
    Options options = Options.DEFAULT.lanes(4).vectors(1 << 17).threads(2);
    AtomicInteger resets = new AtomicInteger();
    Result r =
        Campaign.runCovering(
            unit,
            beats -> new Echo(unit, 4, resets),
            options,
            Campaign.stimuli(unit, options),
            n -> {});
    assertEquals(4, resets.get());
    assertEquals(List.of(), r.coverage().holes());
    int near = Reach.of(unit, 1, 1 << 13).count(); // its weights overflow after 2^14 words
    int far = Reach.of(unit, 1, 1 << 16).count();
    assertTrue(near < far, near + " and " + far);
  }

  @Test
  void noticesAFault(@TempDir Path folder) throws Exception {
    Unit unit = unit("fx_requantize", UnitRequest.DEFAULT.format("q8.8").to("q4.4"));
    RtlMutant mutant = RtlMutant.of("flags", "fx_requantize.v", "inexact | overflow}", "inexact}");
    List<Path> broken = mutant.write(sources(unit), folder);
    Result r = Campaign.run(unit, CACHE, broken, Options.DEFAULT.lanes(1));
    assertFalse(r.isGood());
    assertTrue(r.differing() > 100 && r.differing() < r.compared(), () -> "" + r.differing());
    assertTrue(r.failure().orElseThrow().what().contains("differ in beat"), r.failure()::toString);
  }

  @Test
  void noticesAWordThatIsLate(@TempDir Path folder) throws Exception {
    Unit unit = unit("fx_mul", UnitRequest.DEFAULT.format("q2.6").stages(2));
    RtlMutant lazy =
        RtlMutant.of("ranks stay empty", "stream_ranks.v", "move | ~valid_q[k];", "move;");
    List<Path> broken = lazy.write(sources(unit), folder);
    Options options = Options.DEFAULT.lanes(1).vectors(1000).threads(1);
    assertTrue(Campaign.run(unit, CACHE, broken, options).isGood());
    Result r = Campaign.run(unit, CACHE, broken, options.stalls(new Stalls(30, 30, 1)));
    assertTrue(r.failure().orElseThrow().what().contains("with 2 ranks"), r.failure()::toString);
    Result right = Campaign.run(unit, CACHE, sources(unit), options.stalls(new Stalls(30, 30, 1)));
    assertTrue(right.isGood(), () -> "" + right.failure());
  }

  @Test
  void noticesABeatThatWaitsForNothing(@TempDir Path folder) throws Exception {
    Unit unit = unit("dot_product", UnitRequest.DEFAULT.format("q4.4").with("ORDER", 1));
    RtlMutant lazy =
        RtlMutant.of("empty first", "dot_product.v", "| (enable_product & ~more);", ";");
    Options options = Options.DEFAULT.lanes(3).vectors(3000).threads(1);
    Result r = Campaign.run(unit, CACHE, lazy.write(sources(unit), folder), options);
    assertTrue(r.failure().orElseThrow().what().contains("with 3 ranks"), r.failure()::toString);
    Result right = Campaign.run(unit, CACHE, sources(unit), options);
    assertTrue(right.isGood(), () -> "" + right.failure());
  }

  @Test
  void knowsItsUnits() {
    for (UnitFamily family : Catalogue.all()) {
      Unit unit = family.unit(UnitRequest.DEFAULT);
      assertEquals(family.top(), unit.name());
      assertFalse(family.matrix().isEmpty());
      family.matrix().forEach(family::unit);
    }
    Throwable e = assertThrows(IllegalArgumentException.class, () -> Catalogue.of("fp_div"));
    assertTrue(e.getMessage().contains("fp_add"), e.getMessage());
  }

  @Test
  void stimuliOfAnyRangeAreTheSame() {
    Unit unit = unit("fp_fma", UnitRequest.DEFAULT.format("fp16").roundingPerBeat());
    Stimuli stimuli = unit.sampled(3, 7);
    long[][] all = UnitModel.columns(unit.inputs(), 3, 40);
    long[][] part = UnitModel.columns(unit.inputs(), 3, 10);
    stimuli.fill(1000, 40, all);
    stimuli.fill(1020, 10, part);
    for (int f = 0; f < all.length; f++) {
      int per = unit.inputs().get(f).perBeat(3);
      for (int i = 0; i < 10 * per; i++) {
        assertEquals(all[f][20 * per + i], part[f][i], unit.inputs().get(f).port());
        assertEquals(0, part[f][i] & ~unit.inputs().get(f).mask());
      }
    }
  }

  @Test
  void everyUnitIsSentWhatItAllows() {
    for (UnitFamily family : Catalogue.all()) {
      for (UnitRequest request : family.matrix()) {
        Unit unit = family.unit(request);
        int lanes = unit.lanes();
        int frame = unit.frame();
        int beats = (2 + 30 / frame) * frame;
        long[][] all = UnitModel.columns(unit.inputs(), lanes, beats);
        unit.sampled(lanes, 7).fill(0, beats, all);
        assertTrue(unit.isLegal(all, beats, lanes), unit::describe);
        int from = beats - (10 + frame - 1) / frame * frame;
        long[][] part = UnitModel.columns(unit.inputs(), lanes, beats - from);
        unit.sampled(lanes, 7).fill(from, beats - from, part);
        for (int f = 0; f < all.length; f++) {
          Field field = unit.inputs().get(f);
          long[] tail =
              java.util.Arrays.copyOfRange(all[f], from * field.perBeat(lanes), all[f].length);
          assertArrayEquals(tail, part[f], () -> unit.describe() + " " + field.port());
          assertEquals(
              0, java.util.Arrays.stream(tail).filter(v -> (v & ~field.mask()) != 0).count());
        }
      }
    }
  }
}
