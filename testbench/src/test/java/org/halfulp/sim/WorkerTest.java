package org.halfulp.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Models in processes of their own: what they do and how they die; and ports of other names. */
class WorkerTest {
  private static final Duration LIMIT = Duration.ofMillis(400);

  private static final VerilatedLibrary HOSTILE =
      Fixtures.cache().build(VerilatorBuild.of("hostile", Fixtures.verilog("hostile.sv")));

  private final List<String> printed = new ArrayList<>();

  private Dut isolated(VerilatedLibrary library) {
    return Dut.openIsolated(library, Fixtures.cache().worker(), LIMIT, printed::add, 1);
  }

  private static List<ProcessHandle> workers() {
    return ProcessHandle.current()
        .descendants()
        .filter(p -> p.info().command().orElse("").contains("worker-"))
        .toList();
  }

  /** Runs 100 rows, the last but one of which does something, after 20 that do not. */
  private String death(int what) {
    try (Dut dut = isolated(HOSTILE)) {
      Batch batch = dut.batch(100);
      dut.run(batch, 20, Stalls.NONE);
      batch.stimulus().put(2 * 98, what).put(2 * 98 + 1, 5);
      String message =
          assertThrows(DutException.class, () -> dut.run(batch, 100, Stalls.NONE)).getMessage();
      assertEquals(what == 1 ? Dut.State.FINISHED : Dut.State.FAILED, dut.state());
      assertThrows(DutException.class, () -> dut.run(batch, 1, Stalls.NONE));
      return message;
    } finally {
      assertEquals(List.of(), workers());
    }
  }

  private static void assertContains(String part, String whole) {
    assertTrue(whole.contains(part), () -> "no '" + part + "' in: " + whole);
  }

  // ---- Death

  @Test
  void anEndlessLoopIsKilledAfterTheLimit() {
    String message = death(4);
    assertContains("no vector was finished in 0.4 s: an endless loop? after 118 vectors", message);
    assertContains("last lines printed:\n  going round", message);
    assertEquals(List.of("going round"), printed);
  }

  @Test
  void anEndlessLoopThatPrintsIsKilledToo() {
    String message = death(10);
    assertContains("an endless loop? after 118 vectors", message);
    assertContains("\n  flood 6", message);
    assertTrue(printed.size() < 20_000, () -> printed.size() + " lines");
  }

  @Test
  void aCrashIsReportedByItsSignal() {
    assertContains(
        "hostile failed: its process was ended by signal 11 (SIGSEGV) after 118 vectors", death(5));
    assertContains("its process was ended by signal 6 (SIGABRT) after 118 vectors", death(7));
  }

  @Test
  void anExitIsReportedByItsCode() {
    String message = death(6);
    assertContains("its process ended with exit code 7 after 118 vectors", message);
    assertContains("last lines printed:\n  leaving", message);
  }

  @Test
  void aShellThatHangsIsKilledWithItsProcess() {
    String message = death(8);
    assertContains("an endless loop? after 118 vectors", message);
    assertContains("\n  from a shell", message);
    assertFalse(
        ProcessHandle.current()
            .descendants()
            .anyMatch(p -> p.info().command().orElse("").endsWith("sleep")));
  }

  @Test
  void whatVerilatorReportsIsReportedAsInThisProcess() {
    assertContains("ended by hostile.sv:15: $finish in cycle", death(1));
    assertContains("hostile failed: hostile.sv:16: $stop", death(2));
    assertContains("a was 5", death(3));
    assertContains("Assertion failed in TOP.hostile", death(9));
  }

  @Test
  void noConvergenceIsReported() {
    VerilatedLibrary loop = Fixtures.build("loop");
    try (Dut dut = isolated(loop)) {
      dut.poke("enable", 1);
      assertContains("did not converge", assertThrows(DutException.class, dut::eval).getMessage());
    }
    assertEquals(List.of(), workers());
  }

  @Test
  void aModelThatHangsBeforeTheFirstVectorIsKilled() throws IOException {
    Path file = Files.createTempFile("stuck", ".v");
    Files.writeString(
        file,
        """
        module stuck (input wire [1:0] a, output reg [1:0] y);
          always @* begin y = a; while (a == 2'd0) y = y + 2'd1; end
        endmodule
        """);
    VerilatedLibrary library = Fixtures.cache().build(VerilatorBuild.of("stuck", file));
    Files.delete(file);
    try (Dut dut = isolated(library)) {
      Batch batch = dut.batch(4);
      assertContains(
          "after 0 vectors",
          assertThrows(DutException.class, () -> dut.run(batch, 4, Stalls.NONE)).getMessage());
    }
  }

  @Test
  void theProcessGoesWithItsModelAndLeavesNoFiles() throws IOException {
    Path shared = Path.of("/dev/shm");
    long before = count(shared);
    try (Dut dut = isolated(HOSTILE)) {
      dut.batch(10);
      assertEquals(1, workers().size());
      assertTrue(count(shared) > before || !Files.isWritable(shared));
    }
    assertEquals(List.of(), workers());
    assertEquals(before, count(shared));
  }

  private static long count(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.getFileName().toString().startsWith("halfulp")).count();
    }
  }

  /** Out of an endless loop too. */
  @Test
  void theProcessDiesWhenTheOtherSideOfItsInputGoes() throws Exception {
    Path watch = Files.createTempFile("watch", "");
    Files.write(watch, new byte[4096]);
    Process worker =
        new ProcessBuilder(
                Fixtures.cache().worker().toString(), HOSTILE.file().toString(), watch.toString())
            .start();
    OutputStream in = worker.getOutputStream();
    in.write(command(0, 0, 1)); // create
    in.write(command(3, 8, 0)); // poke port 0
    in.write(new byte[] {4, 0, 0, 0, 0, 0, 0, 0});
    in.write(command(5, 0, 0)); // eval
    in.flush();
    worker.getInputStream().readNBytes(32);
    Thread.sleep(100);
    assertTrue(worker.isAlive());
    worker.getOutputStream().close();
    assertTrue(worker.waitFor(5, TimeUnit.SECONDS));
    Files.delete(watch);
  }

  private static byte[] command(int op, int payload, long argument) {
    return ByteBuffer.allocate(72)
        .order(ByteOrder.nativeOrder())
        .putInt(op)
        .putInt(payload)
        .putLong(argument)
        .array();
  }

  // ---- Work

  @Test
  void everyWidthPassesThroughAProcess() {
    VerilatedLibrary library = Fixtures.build("widths");
    try (Dut dut = isolated(library)) {
      dut.poke("in_200", 1, 2, 3, 4);
      dut.poke("in_7", 5);
      dut.eval();
      assertEquals(~3L, dut.peekWords("out_200")[2]);
      assertEquals(0x7A, dut.peek("out_7"));
      Batch batch = dut.batch(3);
      batch.stimulus().put(library.stimulusWords(), 6);
      dut.run(batch, 3, Stalls.NONE);
      assertEquals(~6L, batch.response().get(library.responseWords()));
      assertThrows(
          IllegalArgumentException.class, () -> dut.run(Batch.of(library, 3), 3, Stalls.NONE));
    }
  }

  @Test
  void aStreamCountsTheSameCyclesInBothPlaces() {
    VerilatedLibrary pipe = Fixtures.build("pipe4");
    Stalls stalls = new Stalls(30, 30, 7);
    List<Long> cycles = new ArrayList<>();
    List<Long> sums = new ArrayList<>();
    for (boolean apart : new boolean[] {false, true}) {
      try (Dut dut = apart ? isolated(pipe) : Dut.open(pipe)) {
        Batch batch = dut.batch(500);
        for (int i = 0; i < 1000; i++) {
          batch.stimulus().put(i, i * 77L & 0xffff);
        }
        cycles.add(dut.run(batch, 500, stalls).cycles());
        long sum = 0;
        for (int i = 0; i < 500; i++) {
          sum = sum * 31 + batch.response().get(i);
        }
        sums.add(sum);
      }
    }
    assertEquals(cycles.get(0), cycles.get(1));
    assertEquals(sums.get(0), sums.get(1));
  }

  // ---- Ports of other names

  private static final VerilatorBuild DELAYED =
      VerilatorBuild.of("delayed", Fixtures.verilog("delayed.v"));

  private static Wiring delayed(OptionalInt latency, int interval, boolean handshake) {
    return new Wiring(
        Optional.of("clock"),
        Optional.of(new Wiring.Reset("reset", false)),
        handshake ? List.of(new Wiring.Handshake("start", Optional.empty())) : List.of(),
        handshake ? Optional.of(new Wiring.Handshake("done", Optional.empty())) : Optional.empty(),
        latency,
        interval,
        0,
        List.of("second", "first"),
        List.of("total"),
        Map.of("enable", 1L, "mode", 2L));
  }

  private static void sums(VerilatedLibrary library, long cycles) {
    try (Dut dut = Dut.open(library)) {
      Batch batch = dut.batch(50);
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 50; i++) {
          batch.stimulus().put(2 * i, i + round).put(2 * i + 1, 3 * i);
        }
        assertEquals(cycles, dut.run(batch, 50, Stalls.NONE).cycles());
        for (int i = 0; i < 50; i++) {
          assertEquals(4 * i + round, batch.response().get(i));
        }
      }
    }
  }

  @Test
  void aFixedLatencyNeedsNoHandshake() {
    sums(Fixtures.cache().build(DELAYED.withWiring(delayed(OptionalInt.of(3), 1, false))), 53);
    VerilatorBuild longer = DELAYED.with("RANKS", 5);
    sums(Fixtures.cache().build(longer.withWiring(delayed(OptionalInt.of(5), 7, true))), 349);
  }

  @Test
  void validsOfOtherNamesAreAStream() {
    sums(Fixtures.cache().build(DELAYED.withWiring(delayed(OptionalInt.empty(), 1, true))), 53);
  }

  @Test
  void aWrongLatencyIsNoticedByTheValid() {
    VerilatedLibrary library =
        Fixtures.cache().build(DELAYED.withWiring(delayed(OptionalInt.of(2), 1, true)));
    try (Dut dut = Dut.open(library)) {
      Batch batch = dut.batch(5);
      assertContains(
          "done is low in cycle 2 of the batch but the latency of 2 says that a word is due",
          assertThrows(DutException.class, () -> dut.run(batch, 5, Stalls.NONE)).getMessage());
    }
  }

  @Test
  void operandsMayHaveHandshakesOfTheirOwn() {
    Wiring wiring =
        new Wiring(
            Optional.of("clk"),
            Optional.of(new Wiring.Reset("rst", false)),
            List.of(
                new Wiring.Handshake("a_stb", Optional.of("a_ack")),
                new Wiring.Handshake("b_stb", Optional.of("b_ack"))),
            Optional.of(new Wiring.Handshake("z_stb", Optional.of("z_ack"))),
            OptionalInt.empty(),
            1,
            1,
            List.of("a", "b"),
            List.of("z"),
            Map.of());
    VerilatedLibrary library =
        Fixtures.cache()
            .build(
                VerilatorBuild.of("two_ports", Fixtures.verilog("two_ports.v")).withWiring(wiring));
    try (Dut dut = Dut.open(library)) {
      Batch batch = dut.batch(100);
      for (int i = 0; i < 100; i++) {
        batch.stimulus().put(2 * i, 2 * i).put(2 * i + 1, i);
      }
      for (Stalls stalls : List.of(Stalls.NONE, new Stalls(30, 40, 1))) {
        dut.run(batch, 100, stalls);
        for (int i = 0; i < 100; i++) {
          assertEquals(i, batch.response().get(i));
          batch.response().put(i, -1);
        }
      }
    }
  }

  @Test
  void wrongWiringsAreRefusedInWords() {
    refused("first", "nope", "delayed has no port nope; it has input [0:0] clock");
    refused("first", "total", "total of delayed is an output, but an operand must be an");
    refused("first", "second", "second of delayed was given two roles");
    refused("done", "total", "the result's valid must have 1 bit; total of delayed has 8");
  }

  private static void refused(String name, String by, String words) {
    Wiring w = delayed(OptionalInt.empty(), 1, true);
    Wiring wrong =
        new Wiring(
            w.clock(),
            w.reset(),
            w.in(),
            name.equals("done") ? Optional.of(new Wiring.Handshake(by, Optional.empty())) : w.out(),
            w.latency(),
            1,
            0,
            w.stimulus().stream().map(n -> n.equals(name) ? by : n).toList(),
            name.equals("done") ? List.of() : w.response(),
            w.ties());
    assertContains(
        words,
        assertThrows(
                IllegalArgumentException.class,
                () -> Fixtures.cache().build(DELAYED.withWiring(wrong)))
            .getMessage());
  }

  @Test
  void theProgramFindsPortsBeforeItBuilds() {
    assertEquals(
        List.of("clock", "reset", "enable", "start", "first", "second", "mode", "done", "total"),
        Fixtures.cache().ports(DELAYED).stream().map(Port::name).toList());
  }
}
