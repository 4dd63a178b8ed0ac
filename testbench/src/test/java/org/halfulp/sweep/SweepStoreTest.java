package org.halfulp.sweep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.halfulp.input.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepStoreTest {
  @TempDir Path folder;

  private static final SweepStore.Sweep SWEEP =
      new SweepStore.Sweep(
          "s", "name", "base", "{}", List.of("train_loss", "luts"), "2026-01-01T00:00:00Z");

  private static SweepStore.Point point(String id, long number) {
    return new SweepStore.Point(
        id, "s", number, 0, Map.of("format", "q2.6"), Optional.of("h"), 64, Optional.empty());
  }

  private static SweepStore.TrainingRow training(String id, double loss) {
    return new SweepStore.TrainingRow(
        id,
        Status.DONE,
        Optional.empty(),
        1,
        206,
        loss,
        Double.NaN,
        loss,
        Double.NaN,
        SweepStore.Risk.NONE,
        0.1);
  }

  private static void fill(SweepStore store) {
    store.put(SWEEP).join();
    store
        .put(
            point("p", 0),
            List.of(
                new SweepStore.Member("p", 1, "t1", "b"),
                new SweepStore.Member("p", 2, "t2", "b"),
                new SweepStore.Member("p", 3, "t3", "b")))
        .join();
    store.put(
        training("t1", 1),
        List.of(new SweepStore.EpochRow(1, 206, 1, Double.NaN, 1, Double.NaN)),
        "now");
    store.put(training("t2", 3), List.of(), "now");
    store.put(training("b", 0.5), List.of(), "now").join();
  }

  @Test
  void whatWasAcknowledgedIsReadByAnotherWhileTheWriterIsOpen() {
    try (SweepStore store = SweepStore.write(folder)) {
      fill(store);
      try (SweepStore other = SweepStore.read(folder)) {
        assertEquals(Optional.of(SWEEP), other.latest());
        List<SweepStore.Result> results = other.results("s");
        assertEquals(1, results.size());
        SweepStore.Result r = results.get(0);
        assertEquals(3, r.members().size());
        assertEquals(2, r.trained(), "t3 is not there yet");
        // by hand: mean 2, s = sqrt 2, t(1, .975) = 12.7062047
        assertEquals(2, r.losses().get("train_loss").mean());
        assertEquals(12.7062047362, r.losses().get("train_loss").halfWidth(), 1e-9);
        assertEquals(4, r.losses().get("ratio").mean());
        assertTrue(Double.isNaN(r.losses().get("test_loss").mean()));
        assertFalse(r.isVerified());
        assertEquals(1, other.curve("t1").size());
        assertTrue(Double.isNaN(other.curve("t1").get(0).testLoss()));
      }
    }
  }

  @Test
  void aPointIsVerifiedWhenWordsWereComparedAndNoneDiffered() {
    try (SweepStore store = SweepStore.write(folder)) {
      fill(store);
      for (long compared : new long[] {0, 100}) {
        store
            .put(
                new SweepStore.Verification(
                    "h", Status.DONE, Optional.empty(), compared, -1, false, 0, 9, 0.1, 2),
                "tools",
                "now")
            .join();
        assertEquals(compared > 0, store.results("s").get(0).isVerified());
      }
      store
          .put(
              new SweepStore.Verification(
                  "h", Status.DIFFERS, Optional.of("w"), 100, -1, false, 1, 9, 0.1, 2),
              "tools",
              "now")
          .join();
      assertFalse(store.results("s").get(0).isVerified());
    }
  }

  private static void price(SweepStore store, Status status, double luts, double error) {
    store
        .put(
            new SweepStore.CostRow("h", "ice40", status, Optional.empty(), 1),
            List.of(new SweepStore.Figure("lut", luts, "cells", Double.NaN, error, "t", "1")),
            "tools",
            "now")
        .join();
  }

  @Test
  void aMeasurementTakesThePlaceOfAnEstimateAndNeverTheOtherWayRound() {
    Path estimated = folder.resolve("estimated");
    Path measured = folder.resolve("measured");
    try (SweepStore store = SweepStore.write(estimated)) {
      fill(store);
      price(store, Status.ESTIMATED, 90, .05);
      SweepStore.Result r = store.results("s").get(0);
      assertEquals(90, Metric.LUTS.of(r));
      assertTrue(Metric.LUTS.isEstimated(r));
      assertEquals(.05, Metric.LUTS.error(r));
      assertFalse(store.cost("h", "tools").orElseThrow().isFinal(), "it is measured later");
    }
    try (SweepStore store = SweepStore.write(measured)) {
      fill(store);
      price(store, Status.DONE, 100, Double.NaN);
    }
    for (boolean first : new boolean[] {true, false}) {
      try (SweepStore both = SweepStore.write(folder.resolve("both" + first))) {
        both.merge(first ? estimated : measured);
        both.merge(first ? measured : estimated);
        SweepStore.Result r = both.results("s").get(0);
        assertEquals(100, Metric.LUTS.of(r), "estimate first: " + first);
        assertFalse(Metric.LUTS.isEstimated(r));
        assertEquals(Optional.of(Status.DONE), both.cost("h", "tools"));
      }
    }
  }

  @Test
  void oneProcessWritesAtATime() {
    try (SweepStore store = SweepStore.write(folder)) {
      InputException e = assertThrows(InputException.class, () -> SweepStore.write(folder));
      assertTrue(e.getMessage().contains("in use"), e.getMessage());
      fill(store);
    }
    try (SweepStore again = SweepStore.write(folder)) {
      assertEquals(Optional.of(Status.DONE), again.training("t1"));
    }
  }

  @Test
  void whatIsNoStoreIsRefused() throws IOException {
    assertTrue(refusal(() -> SweepStore.read(folder)).contains("holds no sweep"));
    Files.writeString(folder.resolve("other.txt"), "x");
    assertTrue(refusal(() -> SweepStore.write(folder)).contains("not empty"));
    Files.createFile(folder.resolve("sweep.db")); // as after a kill in its first moment
    assertTrue(refusal(() -> SweepStore.read(folder)).contains("has no tables"));
    Files.writeString(folder.resolve("sweep.db"), "this is no database, but it is long enough");
    assertTrue(refusal(() -> SweepStore.write(folder)).contains("cannot be used"));
    assertTrue(refusal(() -> SweepStore.read(folder)).contains("cannot be used"));
  }

  private static String refusal(org.junit.jupiter.api.function.Executable attempt) {
    return assertThrows(InputException.class, attempt).getMessage();
  }
}
