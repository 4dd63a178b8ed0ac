package org.halfulp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code verify --top}: Verilog that is not ours. */
class VerifyTopTest {
  private static final String COPY =
      "module copy (input wire [7:0] x, output wire [7:0] p); assign p = x; endmodule\n";

  @TempDir Path folder;

  private Cli verify(String verilog, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("own.v"), verilog);
    List<String> line =
        new ArrayList<>(
            List.of(
                "verify",
                "--sources",
                file.toString(),
                "--threads",
                "1",
                "--out",
                folder.resolve("failure").toString()));
    line.addAll(List.of(more));
    if (!line.contains("--format")) {
      line.addAll(List.of("--format", "e4m3fn"));
    }
    return Cli.run(line.toArray(String[]::new));
  }

  @Test
  void aCopyConvertsAFormatToItselfButForTheOtherNan() throws IOException {
    String[] copy = {"--top", "copy", "--against", "convert", "--map", "a=x,y=p", "--any-nan"};
    verify(COPY, copy)
        .exits(0)
        .shows("exhausted, all 256 inputs")
        .shows("no port is mapped to flags")
        .shows("1 results were another one than");
    verify(COPY, "--top", "copy", "--against", "convert", "--map", "a=x,y=p")
        .exits(1)
        .shows("p rtl                  0xff")
        .shows("halfulp verify --replay");
    Cli.run("verify", "--replay", folder.resolve("failure/replay.json").toString())
        .exits(1)
        .shows("p emulator             0x7f");
  }

  /** E5M2 without its two fraction bits' subnormals: 0x01 0x02 0x03 are tiny, 0x04 is not. */
  @Test
  void tinyResultsMayBeAskedToBeZero() throws IOException {
    String flush =
        "module flush (input wire [7:0] x, output wire [7:0] p);\n"
            + "  assign p = {x[7], |x[6:2] ? x[6:0] : 7'd0};\n"
            + "endmodule\n";
    String[] line = {
      "--format", "e5m2", "--top", "flush", "--against", "convert", "--map", "a=x,y=p", "--any-nan"
    };
    verify(flush, with(line, "--flush"))
        .exits(0)
        .shows("results below the smallest normal are expected to be zero");
    verify(flush, line).exits(1).shows("p rtl                  0x00");
    verify(flush.replace("{x[7],", "{x[7] & |x[6:2],"), with(line, "--flush"))
        .exits(1)
        .shows("p emulator             0x80");
    Cli.run("verify", "--replay", folder.resolve("failure/replay.json").toString())
        .exits(1)
        .shows("p emulator             0x80");
    verify(COPY.replace("copy", "flush"), with(line, "--flush"))
        .exits(1)
        .shows("p rtl                  0x01");
    verify(flush, with(line, "--flush", "--to", "e5m2:nosub")).exits(2).says("--flush needs");
  }

  private static String[] with(String[] line, String... more) {
    return Stream.concat(Stream.of(line), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void aModelThatEndsItselfEndsTheCheck() throws IOException {
    verify(
            "module fin (input wire clk, input wire [7:0] a, output reg [7:0] y);\n"
                + "  always @(posedge clk) begin y <= a; if (a == 8'h55) $finish; end\n"
                + "endmodule\n",
            "--top",
            "fin",
            "--against",
            "convert",
            "--map",
            "y=y,a=a",
            "--latency",
            "1",
            "--any-nan")
        .exits(1)
        .shows("$finish");
  }

  @Test
  void badRolesAndPortsAreNamed() throws IOException {
    verify(COPY, "--top", "copy", "--against", "convert", "--map", "a=x,q=p")
        .exits(2)
        .says("'q' is no role of a port; roles: a b c");
    verify(COPY, "--top", "copy", "--against", "convert", "--map", "a=x")
        .exits(2)
        .says("which port of copy is y? Say --map y=PORT; it has input [7:0] x, output [7:0] p");
    verify(COPY, "--top", "copy", "--against", "convert", "--map", "a=x,y=nope")
        .exits(2)
        .says("copy has no port nope; it has input [7:0] x");
    verify(COPY, "--top", "copy", "--against", "convert", "--map", "a=x,y=p", "--to", "fp16")
        .exits(2)
        .says("p of copy has 8 bits; y needs 16");
    verify(COPY, "--top", "copy", "--against", "convert", "--map", "a=x,y=p,round=x")
        .exits(2)
        .says("the port x chooses the mode: give --rounding input");
    verify(COPY, "--top", "copy", "--against", "convert", "--map", "a=x,y=p,round=-", "--any-nan")
        .exits(0);
    verify(COPY, "--top", "copy", "--against", "sqrt").exits(2).says("add sub mul fma convert");
    verify(COPY, "--top", "copy").exits(2).says("--top needs --sources");
  }
}
