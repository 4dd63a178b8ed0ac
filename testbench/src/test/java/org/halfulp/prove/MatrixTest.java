package org.halfulp.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.halfulp.number.RoundingMode;
import org.halfulp.prove.Results.How;
import org.halfulp.prove.Results.Row;
import org.halfulp.sim.Fixtures;
import org.halfulp.verify.Catalogue;
import org.halfulp.verify.UnitFamily;
import org.halfulp.verify.UnitRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatrixTest {
  private static final Path RTL = Path.of("..", "rtl");

  @TempDir Path folder;

  private static Cell cell(String mode, String reason) {
    UnitRequest r = UnitRequest.DEFAULT.format("e2m1fn").rounding(RoundingMode.parse(mode));
    return new Cell("fp_add", Cell.formats(r), mode, r, Map.of(), 256, Optional.ofNullable(reason));
  }

  private static Row row(String mode, How how, long compared, long differing, String note) {
    String formats = cell("rne", null).formats();
    return new Row("fp_add", formats, mode, how, "2^9", compared, differing, 0.25, "abc", note);
  }

  private static MatrixTable table(List<Cell> cells, Row... rows) {
    return new MatrixTable(cells, List.of(rows));
  }

  @Test
  void everyCellFilledIsGood() {
    MatrixTable t =
        table(
            List.of(cell("rne", null), cell("sr", null), cell("rto", "takes years")),
            row("rne", How.PROVED, 0, 0, ""),
            row("rne", How.EXHAUSTED, 512, 0, ""),
            row("sr", How.SAMPLED, 256, 0, ""));
    assertEquals(List.of(), t.problems());
    assertTrue(t.text().contains("proved, 0.25 s; exhausted 2^9, 0.25 s"), t::text);
    assertTrue(t.text().contains("takes years"), t::text);
    assertTrue(t.text().contains("Proofs took 0 s of CPU time, simulation 1 s, builds"), t::text);
    assertTrue(
        t.summary().startsWith("3 cells: 1 proved (1 of them exhausted as well), 0 exhausted,"));
    assertTrue(t.summary().contains("1 sampled, 1 empty for a reason, 0 not as they should be"));
  }

  @Test
  void aCellWithNeitherResultNorReasonIsAProblem() {
    MatrixTable t =
        table(List.of(cell("rne", null), cell("sr", null)), row("rne", How.EXHAUSTED, 512, 0, ""));
    assertEquals(1, t.problems().size());
    assertTrue(t.problems().get(0).contains("fp_add float4_e2m1fn sr"), t.problems()::toString);
    assertTrue(t.text().contains("**MISSING**"), t::text);
    assertTrue(t.text().contains("\n- fp_add float4_e2m1fn sr: neither"), t::text);
    assertFalse(table(List.of()).problems().isEmpty());
  }

  @Test
  void whatDiffersOrComparedNothingIsAProblemEvenBesideAProof() {
    for (Row bad :
        List.of(
            row("rne", How.EXHAUSTED, 512, 3, "RTL and emulator differ"),
            row("rne", How.SAMPLED, 0, 0, ""),
            row("rne", How.SAMPLED, 256, 0, "not met: zero x zero"))) {
      MatrixTable t = table(List.of(cell("rne", null)), row("rne", How.PROVED, 0, 0, ""), bad);
      assertEquals(1, t.problems().size(), bad::toString);
    }
  }

  @Test
  void theMatrixHasEveryUnitInSevenModesOrMore() {
    List<Cell> plan = MatrixPlan.cells();
    Set<String> units = plan.stream().map(Cell::unit).collect(Collectors.toSet());
    assertEquals(Catalogue.all().stream().map(UnitFamily::top).collect(Collectors.toSet()), units);
    Set<String> met = new HashSet<>();
    for (Cell c : plan) {
      assertTrue(met.add(c.unit() + c.formats() + c.mode()), c::toString);
      Catalogue.of(c.unit()).unit(c.request());
    }
  }

  @Test
  void rowsComeBackAndReplaceWhatTheyRepeat() throws Exception {
    Results results = new Results(folder.resolve("deep/cells.csv"));
    Row proof = row("rne", How.PROVED, 0, 0, "");
    results.add(row("rne", How.SAMPLED, 256, 1, "a, b"));
    results.add(proof);
    results.add(row("rne", How.EXHAUSTED, 512, 0, ""));
    assertEquals(2, results.rows().size());
    assertTrue(results.rows().contains(proof));
    assertTrue(results.rows().contains(row("rne", How.EXHAUSTED, 512, 0, "")));
  }

  @Test
  void aPlantedErrorIsSeenInItsCell() throws Exception {
    Fault fault = new Fault("fp_round.v", "wants = under | is_odd;", "wants = under;");
    Path planted = fault.plant(RTL);
    try {
      Matrix matrix =
          new Matrix(
              planted.toAbsolutePath(), new Results(folder.resolve("x.csv")), Fixtures.cache());
      Row row = matrix.run(cell("rne", null));
      assertTrue(row.differing() > 0 && row.compared() == 512, row::toString);
      assertFalse(row.isGood());
      assertNotEquals(Source.of(RTL, "fp_add"), Source.of(planted, "fp_add"));
    } finally {
      Fault.delete(planted);
    }
  }
}
