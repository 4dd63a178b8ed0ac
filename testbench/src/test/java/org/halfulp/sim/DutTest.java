package org.halfulp.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DutTest {
  private static final List<Stalls> PATTERNS =
      List.of(
          Stalls.NONE,
          new Stalls(50, 0, 1),
          new Stalls(0, 50, 2),
          new Stalls(30, 30, 3),
          new Stalls(95, 5, 4),
          new Stalls(5, 95, 5));

  private static VerilatedLibrary skid(int fault) {
    return Fixtures.cache()
        .build(VerilatorBuild.of("skid", Fixtures.verilog("skid.v")).with("FAULT", fault));
  }

  // ---- Ports

  @Test
  void portsKeepTheOrderOfTheDeclaration() {
    VerilatedLibrary library = Fixtures.build("widths");
    List<String> names = library.ports().stream().map(Port::name).toList();
    assertEquals(List.of("in_200", "out_200", "in_128", "out_128"), names.subList(0, 4));
    assertEquals(List.of("in_1", "out_1"), names.subList(132, 134));
    assertEquals(4 + 2 + 2 + 64, library.stimulusWords());
    assertEquals(VerilatedLibrary.Shape.COMBINATIONAL, library.shape());
  }

  @Test
  void everyWidthPassesThroughPokeAndPeek() {
    VerilatedLibrary library = Fixtures.build("widths");
    Random random = new Random(1);
    try (Dut dut = Dut.open(library)) {
      for (int round = 0; round < 20; round++) {
        for (Port port : library.stimulus()) {
          long[] value = value(port, random, round);
          dut.poke(port.name(), value);
          if (port.width() <= 64) {
            dut.poke(port.name(), value[0]);
          }
          dut.eval();
          assertArrayEquals(value, dut.peekWords(port.name()), port::toString);
          String out = "out_" + port.width();
          assertArrayEquals(inverted(port, value), dut.peekWords(out), out);
          if (port.width() <= 64) {
            assertEquals(inverted(port, value)[0], dut.peek(out), out);
          }
        }
      }
    }
  }

  @Test
  void everyWidthPassesThroughABatch() {
    VerilatedLibrary library = Fixtures.build("widths");
    Random random = new Random(2);
    int rows = 50;
    Batch batch = Batch.of(library, rows);
    List<long[]> expected = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      for (Port port : library.stimulus()) {
        long[] value = value(port, random, row);
        batch.stimulus().put(value);
        expected.add(inverted(port, value));
      }
    }
    try (Dut dut = Dut.open(library)) {
      assertEquals(rows, dut.run(batch, rows, Stalls.NONE).returned());
    }
    for (long[] value : expected) {
      for (long word : value) {
        assertEquals(word, batch.response().get());
      }
    }
  }

  @Test
  void batchIgnoresBitsAboveTheWidth() {
    VerilatedLibrary library = Fixtures.build("widths");
    Batch batch = Batch.of(library, 1);
    while (batch.stimulus().hasRemaining()) {
      batch.stimulus().put(-1);
    }
    try (Dut dut = Dut.open(library)) {
      dut.run(batch, 1, Stalls.NONE);
    }
    while (batch.response().hasRemaining()) {
      assertEquals(0, batch.response().get());
    }
  }

  @Test
  void pokeRejectsWhatDoesNotFit() {
    try (Dut dut = Dut.open(Fixtures.build("widths"))) {
      assertThrows(IllegalArgumentException.class, () -> dut.poke("in_7", 128));
      assertThrows(IllegalArgumentException.class, () -> dut.poke("in_65", 0, 2));
      assertThrows(IllegalArgumentException.class, () -> dut.poke("in_65", 0, 0, 0));
      assertThrows(IllegalArgumentException.class, () -> dut.poke("out_7", 1));
      assertThrows(IllegalArgumentException.class, () -> dut.peek("in_65"));
      String message =
          assertThrows(IllegalArgumentException.class, () -> dut.poke("nope", 1)).getMessage();
      assertTrue(message.contains("widths has no port nope"), message);
    }
  }

  private static long[] value(Port port, Random random, int round) {
    long[] value = new long[port.words()];
    for (int i = 0; i < value.length; i++) {
      value[i] = round == 0 ? 0 : round == 1 ? -1 : random.nextLong();
    }
    value[value.length - 1] &= top(port);
    return value;
  }

  private static long[] inverted(Port port, long[] value) {
    long[] result = value.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] = ~result[i];
    }
    result[result.length - 1] &= top(port);
    return result;
  }

  private static long top(Port port) {
    return port.width() % 64 == 0 ? -1 : (1L << port.width() % 64) - 1;
  }

  @Test
  void inputsStartWithZeroAndRegistersWithTheSeed() {
    List<Long> values = new ArrayList<>();
    for (long seed : new long[] {1, 1, 2}) {
      try (Dut dut = Dut.open(skid(0), line -> {}, seed)) {
        assertEquals(0, dut.peek("in_data"));
        values.add(dut.peek("out_data"));
      }
    }
    assertEquals(values.get(0), values.get(1));
    assertNotEquals(values.get(0), values.get(2));
  }

  // ---- Streams

  @Test
  void answersDoNotDependOnStalls() {
    VerilatedLibrary pipe = Fixtures.build("pipe4");
    int beats = 1000;
    for (Stalls stalls : PATTERNS) {
      try (Dut dut = Dut.open(pipe)) {
        Random random = new Random(3);
        Batch batch = Batch.of(pipe, beats);
        for (int round = 0; round < 3; round++) {
          LongBuffer in = batch.stimulus();
          for (int i = 0; i < beats; i++) {
            in.put(2 * i, random.nextInt(1 << 16)).put(2 * i + 1, random.nextInt() & 0xffffffffL);
          }
          BatchResult result = dut.run(batch, beats, stalls);
          assertEquals(beats, result.accepted());
          assertEquals(beats, result.returned());
          for (int i = 0; i < beats; i++) {
            long sum = 3 * in.get(2 * i) + in.get(2 * i + 1);
            assertEquals((sum + 2) & 0xfffffffcL, batch.response().get(i), stalls + " beat " + i);
          }
        }
      }
    }
  }

  @Test
  void unstalledPipeTakesOneCycleABeat() {
    VerilatedLibrary pipe = Fixtures.build("pipe4");
    try (Dut dut = Dut.open(pipe)) {
      assertEquals(104, dut.run(Batch.of(pipe, 100), 100, Stalls.NONE).cycles());
    }
  }

  @Test
  void stallPatternDependsOnTheSeedAlone() {
    VerilatedLibrary library = skid(0);
    List<Long> cycles = new ArrayList<>();
    for (long seed : new long[] {7, 7, 8}) {
      try (Dut dut = Dut.open(library)) {
        cycles.add(dut.run(Batch.of(library, 500), 500, new Stalls(40, 40, seed)).cycles());
      }
    }
    assertEquals(cycles.get(0), cycles.get(1));
    assertNotEquals(cycles.get(0), cycles.get(2));
  }

  @Test
  void soundSkidBufferKeepsTheHandshake() {
    for (Stalls stalls : PATTERNS) {
      assertEquals("", runSkid(0, stalls), stalls::toString);
    }
  }

  @Test
  void brokenHandshakesAreCaught() {
    Stalls stalls = new Stalls(20, 50, 1);
    assertContains("no word moved for 500 cycles", runSkid(1, stalls));
    assertContains("out_data changed in cycle", runSkid(2, stalls));
    assertContains("no word moved for 500 cycles", runSkid(3, stalls));
    assertContains("(10 beats accepted, 10 returned)", runSkid(3, stalls));
    assertContains("(10 beats accepted, 10 returned)", runSkid(3, Stalls.NONE));
    assertContains("out_valid fell in cycle", runSkid(4, stalls));
    assertContains("but no word is due", runSkid(5, stalls));
    assertContains("out_valid is high in cycle 0", runSkid(6, Stalls.NONE));
  }

  /** Returns why the run failed, or nothing. */
  private static String runSkid(int fault, Stalls stalls) {
    VerilatedLibrary library = skid(fault);
    int beats = 200;
    Batch batch = Batch.of(library, beats);
    for (int i = 0; i < beats; i++) {
      batch.stimulus().put(i, 31L * i & 0xffff);
    }
    try (Dut dut = Dut.open(library)) {
      dut.patience(500);
      dut.run(batch, beats, stalls);
      for (int i = 0; i < beats; i++) {
        assertEquals(31L * i & 0xffff, batch.response().get(i), "beat " + i);
      }
      return "";
    } catch (DutException e) {
      return e.getMessage();
    }
  }

  @Test
  void unitsThatReduceReturnFewerRows() {
    VerilatedLibrary library = Fixtures.build("half_rate");
    for (Stalls stalls : PATTERNS) {
      Batch batch = Batch.of(library, 256);
      for (int i = 0; i < 256; i++) {
        batch.stimulus().put(i, i);
      }
      try (Dut dut = Dut.open(library)) {
        assertEquals(128, dut.run(batch, 256, 128, stalls).returned());
      }
      for (int i = 0; i < 128; i++) {
        assertEquals(4 * i + 1, batch.response().get(i), stalls::toString);
      }
    }
  }

  @Test
  void zeroBeatsTakeNoCycle() {
    VerilatedLibrary pipe = Fixtures.build("pipe4");
    try (Dut dut = Dut.open(pipe)) {
      assertEquals(0, dut.run(Batch.of(pipe, 1), 0, Stalls.NONE).cycles());
    }
    VerilatedLibrary offset = Fixtures.build("offset");
    try (Dut dut = Dut.open(offset)) {
      assertEquals(0, dut.run(Batch.of(offset, 1), 0, Stalls.NONE).cycles());
    }
  }

  @Test
  void nativeLoopRepeatsTheRows() {
    VerilatedLibrary pipe = Fixtures.build("pipe4");
    try (Dut dut = Dut.open(pipe)) {
      assertEquals(1000, dut.nativeLoop(Batch.of(pipe, 16), 16, 1000).returned());
    }
  }

  @Test
  void batchBeyondItsRowsIsRejected() {
    VerilatedLibrary pipe = Fixtures.build("pipe4");
    try (Dut dut = Dut.open(pipe)) {
      Batch batch = Batch.of(pipe, 4);
      assertThrows(IllegalArgumentException.class, () -> dut.run(batch, 5, Stalls.NONE));
      assertThrows(IllegalArgumentException.class, () -> dut.run(batch, -1, Stalls.NONE));
      Batch other = Batch.of(Fixtures.build("widths"), 4);
      assertThrows(IllegalArgumentException.class, () -> dut.run(other, 4, Stalls.NONE));
      assertThrows(IllegalArgumentException.class, () -> new Stalls(96, 0, 0));
    }
  }

  @Test
  void clockedTopWithoutStreamHasNoBatches() {
    VerilatedLibrary ends = Fixtures.build("ends");
    try (Dut dut = Dut.open(ends, line -> {}, 1)) {
      Batch batch = Batch.of(ends, 1);
      assertThrows(IllegalStateException.class, () -> dut.run(batch, 1, Stalls.NONE));
      dut.tick(3);
      assertEquals(3, dut.peek("count"));
    }
  }

  // ---- Ends

  @Test
  void finishEndsTheModelAndNotTheProcess() {
    for (int what : new int[] {1, 7}) {
      Dut dut = Dut.open(Fixtures.build("ends"), line -> {}, 1);
      dut.poke("what", what);
      dut.tick(10);
      assertEquals(Dut.State.FINISHED, dut.state());
      assertEquals(1, dut.peek("count"));
      for (int i = 0; i < 2; i++) {
        assertContains("$finish", assertThrows(DutException.class, () -> dut.tick(1)).getMessage());
      }
      dut.close();
    }
  }

  @Test
  void stopErrorAndFatalFailTheModelAndNotTheProcess() {
    String[] reasons = {"ends.v:14: $stop", "what is 3", "what was 4"};
    for (int what = 2; what <= 4; what++) {
      List<String> lines = new ArrayList<>();
      Dut dut = Dut.open(Fixtures.build("ends"), lines::add, 1);
      dut.poke("what", what);
      String first = assertThrows(DutException.class, () -> dut.tick(1)).getMessage();
      assertContains(reasons[what - 2], first);
      String second = assertThrows(DutException.class, () -> dut.peek("count")).getMessage();
      assertContains("failed earlier", second);
      assertContains(reasons[what - 2], second);
      assertEquals(Dut.State.FAILED, dut.state());
      if (what > 2) {
        assertContains(reasons[what - 2], String.join("\n", lines));
      }
      dut.close();
      dut.close();
      assertThrows(IllegalStateException.class, dut::eval);
    }
  }

  @Test
  void modelThatDoesNotConvergeFails() {
    try (Dut dut = Dut.open(Fixtures.build("loop"))) {
      dut.poke("enable", 0);
      dut.eval();
      dut.poke("enable", 1);
      assertContains("converge", assertThrows(DutException.class, dut::eval).getMessage());
      assertContains("converge", assertThrows(DutException.class, dut::eval).getMessage());
    }
    try (Dut dut = Dut.open(Fixtures.build("loop"))) {
      dut.poke("enable", 0);
      assertDoesNotThrow(dut::eval, "another instance is not touched");
    }
  }

  @Test
  void closedModelSaysSo() {
    Dut dut = Dut.open(Fixtures.build("offset"));
    dut.close();
    dut.close();
    assertContains(
        "offset is closed",
        assertThrows(IllegalStateException.class, () -> dut.peek("y")).getMessage());
    assertThrows(IllegalStateException.class, () -> dut.poke("a", 1));
    assertThrows(IllegalStateException.class, dut::eval);
    assertThrows(IllegalStateException.class, dut::reset);
  }

  @Test
  void anotherThreadIsTurnedAway() throws InterruptedException {
    try (Dut dut = Dut.open(Fixtures.build("offset"))) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  dut.eval();
                } catch (IllegalStateException e) {
                  thrown.set(e);
                }
              },
              "stranger");
      thread.start();
      thread.join();
      assertContains("used by stranger", thrown.get().getMessage());
    }
  }

  @Test
  void displayReachesJavaLineByLine() {
    List<String> lines = new ArrayList<>();
    try (Dut dut = Dut.open(Fixtures.build("ends"), lines::add, 1)) {
      dut.poke("what", 6);
      dut.tick(1);
      assertEquals(List.of(), lines);
      dut.poke("what", 5);
      dut.tick(2);
      assertEquals(List.of("half count 1", "count 2"), lines);
    }
    assertEquals("ended at 3", lines.get(2));
  }

  @Test
  void floodOfOutputIsCut() {
    List<String> lines = new ArrayList<>();
    try (Dut dut = Dut.open(Fixtures.build("ends"), lines::add, 1)) {
      dut.poke("what", 5);
      dut.tick(300_000);
      assertContains("dropped", lines.get(lines.size() - 1));
      dut.tick(1);
      assertContains("count", lines.get(lines.size() - 1));
    }
  }

  // ---- Recording

  @Test
  void waveformHoldsTheCyclesWhileItWasOpen(@TempDir Path folder) throws Exception {
    VerilatedLibrary library =
        Fixtures.cache()
            .build(VerilatorBuild.of("pipe4", Fixtures.verilog("pipe4.v")).withWaveform());
    Path first = folder.resolve("first wave.vcd");
    Path second = folder.resolve("second.vcd");
    try (Dut dut = Dut.open(library)) {
      dut.openWaveform(first);
      dut.run(Batch.of(library, 10), 10, Stalls.NONE);
      dut.closeWaveform();
      dut.tick(100);
      dut.openWaveform(second);
      dut.tick(1);
    }
    String vcd = Files.readString(first);
    assertTrue(vcd.contains("$var") && vcd.contains("out_y"), vcd);
    assertTrue(vcd.contains("\n#36") && !vcd.contains("\n#37"), vcd); // 8 of reset, 29 of run
    assertTrue(Files.size(second) > 0);
    try (Dut dut = Dut.open(library)) {
      Path impossible = folder.resolve("no/such/folder.vcd");
      assertThrows(IllegalStateException.class, () -> dut.openWaveform(impossible));
      dut.tick(1);
    }
    try (Dut dut = Dut.open(Fixtures.build("pipe4"))) {
      assertContains(
          "built without a waveform",
          assertThrows(IllegalStateException.class, () -> dut.openWaveform(first)).getMessage());
    }
  }

  @Test
  void coverageCountsLines(@TempDir Path folder) throws Exception {
    VerilatedLibrary library =
        Fixtures.cache()
            .build(VerilatorBuild.of("ends", Fixtures.verilog("ends.v")).withCoverage());
    Path file = folder.resolve("coverage.dat");
    try (Dut dut = Dut.open(library, line -> {}, 1)) {
      dut.poke("what", 5);
      dut.tick(7);
      dut.writeCoverage(file);
    }
    assertContains("ends.v", Files.readString(file));
  }

  private static void assertContains(String part, String whole) {
    assertTrue(whole.contains(part), () -> "\"" + part + "\" is not in \"" + whole + "\"");
  }
}
