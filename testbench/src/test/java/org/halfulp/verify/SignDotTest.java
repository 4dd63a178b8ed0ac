package org.halfulp.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.halfulp.kernel.Cases;
import org.halfulp.number.FixedFormat;
import org.halfulp.sim.Fixtures;
import org.halfulp.sim.ModelCache;
import org.halfulp.sim.Stalls;
import org.halfulp.verify.Campaign.Options;
import org.halfulp.verify.Campaign.Result;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code xnor_dot.v}, {@code sign_dot.v} and their twins. */
class SignDotTest {
  private static final ModelCache CACHE = Fixtures.cache();

  private static Result run(
      SignDotUnit unit, List<Path> sources, int lanes, long vectors, Stalls stalls) {
    return Campaign.run(
        unit,
        CACHE,
        sources,
        Options.DEFAULT.lanes(lanes).vectors(vectors).threads(1).stalls(stalls));
  }

  private static SignDotUnit xnor(int length, int word) {
    return new SignDotUnit(Optional.empty(), length, word);
  }

  private static SignDotUnit sign(int width, int length, int word) {
    return new SignDotUnit(Optional.of(new FixedFormat(true, width, 2)), length, word);
  }

  /** All pairs of words with padding, and rows of many beats. */
  @Test
  void theRtlEqualsItsTwins() {
    check(xnor(7, 8), 16, 1 << 16, true);
    check(xnor(200, 33), 3, 100_000, false);
    check(sign(5, 3, 3), 8, 1 << 18, true);
    check(sign(12, 17, 5), 3, 100_000, false);
  }

  private static long check(SignDotUnit unit, int lanes, long vectors, boolean all) {
    List<Path> sources = RtlSources.of(unit.name(), CACHE.folder());
    Result r = run(unit, sources, lanes, vectors, DotProductTest.STALLS[3]);
    assertEquals(0, r.differing(), () -> unit.describe() + ": " + r.failure());
    assertEquals(all, r.exhausted(), unit::describe);
    assertTrue(r.compared() >= vectors / (2 * unit.frame()), () -> "" + r.compared());
    System.out.printf(
        "%s: %,d words compared%s, 0 differing%n",
        unit.describe(), r.compared(), all ? ", all inputs" : "");
    return r.compared();
  }

  /** All pairs of words up to 10 bits; lengths about words and lanes at random. */
  @Test
  @Tag("long")
  void smallRowsAreExhausted() {
    for (int word : new int[] {1, 2, 5, 10}) {
      check(xnor(word, word), 16, 1L << 2 * word, true);
    }
    check(xnor(9, 10), 16, 1L << 20, true);
    for (int[] s : new int[][] {{1, 4}, {2, 3}, {4, 4}}) {
      check(sign(s[0], s[1], s[1]), 16, 1L << s[1] * (s[0] + 1), true);
    }
    Cases cases = new Cases(2510);
    for (int i = 0; i < 4; i++) {
      check(
          xnor(cases.between(65, 300), cases.between(1, 64)), cases.between(1, 5), 200_000, false);
      int width = cases.between(1, 32);
      int most = cases.between(1, 64 / width);
      check(sign(width, cases.between(most + 1, 90), most), cases.between(1, 5), 200_000, false);
    }
  }

  private record Seeded(String name, SignDotUnit unit, String file, String from, String to) {}

  private static final List<Seeded> FAULTS =
      List.of(
          new Seeded("padding counts", xnor(6, 4), "xnor_dot.v", "last ? TAIL : ", ""),
          new Seeded(
              "an empty rank is added",
              xnor(6, 4),
              "sign_row.v",
              "((BEATS == 1) | part_valid_q)",
              "1'b1"),
          new Seeded(
              "a partial sum survives reset",
              xnor(6, 4),
              "sign_row.v",
              "part_valid_q <= 1'b0;",
              ""),
          new Seeded(
              "a sum is not signed",
              sign(4, 5, 3),
              "add_tree.v",
              "{(OUT_W - HIGH_W) {high[HIGH_W-1]}}",
              "{(OUT_W - HIGH_W) {1'b0}}"));

  private static final List<Seeded> MORE_FAULTS =
      List.of(
          new Seeded("xor", xnor(6, 4), "xnor_dot.v", "~(in_w", "(in_w"),
          new Seeded(
              "a row does not begin anew", xnor(6, 4), "xnor_dot.v", "first ? -ELEMENTS : ", ""),
          new Seeded(
              "w = 0 adds nothing", sign(4, 5, 3), "sign_dot.v", "{positive, 1'b0}", "positive"));

  @Test
  void everyFaultIsSeen(@TempDir Path temp) throws Exception {
    see(FAULTS, temp);
  }

  @Test
  @Tag("long")
  void moreFaultsAreSeen(@TempDir Path temp) throws Exception {
    see(MORE_FAULTS, temp);
  }

  private static void see(List<Seeded> faults, Path temp) throws Exception {
    int n = 0;
    for (Seeded s : faults) {
      List<Path> sources = RtlSources.of(s.unit().name(), CACHE.folder());
      RtlMutant mutant = RtlMutant.of(s.name(), s.file(), s.from(), s.to());
      Result r =
          run(
              s.unit(),
              mutant.write(sources, temp.resolve("m" + n++)),
              2,
              4000,
              DotProductTest.STALLS[3]);
      System.out.printf(
          "%s fault '%s': %d of %d differ%n",
          s.unit().name(), s.name(), r.differing(), r.compared());
      assertTrue(r.differing() > 0, s.name());
    }
  }

  @Test
  void refusesWhatItCannotHold() {
    assertThrows(IllegalArgumentException.class, () -> xnor(0, 8));
    assertThrows(IllegalArgumentException.class, () -> xnor(8, 65));
    assertThrows(IllegalArgumentException.class, () -> sign(8, 8, 9));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Catalogue.of("xnor_dot").unit(UnitRequest.DEFAULT.format("q4.4")));
    assertTrue(e.getMessage().contains("--set LENGTH, WORD"), e::getMessage);
    assertThrows(
        IllegalArgumentException.class,
        () -> Catalogue.of("sign_dot").unit(UnitRequest.DEFAULT.format("e4m3fn")));
  }
}
