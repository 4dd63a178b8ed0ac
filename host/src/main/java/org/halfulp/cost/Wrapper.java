package org.halfulp.cost;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The unit between a register rank on every input and one on every output, so that every path is
 * from register to register.
 *
 * <p>{@code in_round} is an input if the mode is one, {@code in_rand} if a mode draws; otherwise
 * they are 0. Ports that configure ({@code seed_*, cfg_*}) come straight from pins. Where the
 * package has too few pins, the input rank is a shift register and the output rank drives nothing,
 * which are the same cells; ports that configure then come from a shift register of their own,
 * whose cells are taken off again.
 *
 * @param verilog the module {@code wrapper}
 * @param extra flip-flops that are none of the unit's
 */
record Wrapper(String verilog, int extra) {
  /** Of 206 pins of the ct256, less clock and slack. */
  private static final int PINS = 200;

  private static final int ROUND_IS_INPUT = 10;
  private static final int ROUND_DRAWS = 6;

  private static final class Rank {
    private int bits;

    String take(int width) {
      bits += width;
      return "[%d:%d]".formatted(bits - 1, bits - width);
    }
  }

  /**
   * @param module of the unit, as Yosys writes it: {@code ports} and {@code
   *     parameter_default_values}
   */
  static Wrapper of(HardwarePoint point, JsonNode module, Flow flow) {
    int round = round(module);
    Rank in = new Rank();
    Rank out = new Rank();
    Map<String, Integer> direct = new TreeMap<>();
    List<String> connections = new ArrayList<>();
    module
        .get("ports")
        .properties()
        .forEach(
            e -> {
              String port = e.getKey();
              int width = e.getValue().get("bits").size();
              String net;
              if (e.getValue().get("direction").asText().equals("output")) {
                net = counts(port, flow) ? "q" + out.take(width) : "";
              } else if (port.equals("clk")) {
                net = "clk";
              } else if (port.startsWith("seed_") || port.startsWith("cfg_")) {
                direct.put(port, width);
                net = port;
              } else if (isOne(port, flow)) {
                net = "{%d{1'b1}}".formatted(width);
              } else if (isZero(port, round, flow)) {
                net = "{%d{1'b0}}".formatted(width);
              } else {
                net = "d" + in.take(width);
              }
              connections.add(".%s(%s)".formatted(port, net));
            });
    return of(point, in.bits, out.bits, direct, connections);
  }

  private static boolean counts(String port, Flow flow) {
    return switch (port) {
      case "in_ready", "out_valid" -> flow.stream();
      case "out_flags" -> flow.flags();
      default -> true;
    };
  }

  private static boolean isOne(String port, Flow flow) {
    return !flow.stream() && List.of("rst_n", "in_valid", "out_ready").contains(port);
  }

  private static boolean isZero(String port, int round, Flow flow) {
    return switch (port) {
      case "in_sub" -> !flow.sub();
      case "in_round" -> round != ROUND_IS_INPUT;
      case "in_rand" -> round != ROUND_IS_INPUT && round != ROUND_DRAWS;
      default -> false;
    };
  }

  /** The parameter ROUND, in binary; 0 where there is none. */
  private static int round(JsonNode module) {
    JsonNode round = module.path("parameter_default_values").path("ROUND");
    return round.isTextual() ? new BigInteger(round.asText(), 2).intValue() : 0;
  }

  private static Wrapper of(
      HardwarePoint point, int in, int out, Map<String, Integer> direct, List<String> connections) {
    int held = direct.values().stream().mapToInt(w -> w).sum();
    boolean fits = in + out + held <= PINS;
    boolean holds = held > PINS - 10; // even with both ranks off the pins
    StringBuilder ports = new StringBuilder("input wire clk");
    StringBuilder body = new StringBuilder();
    StringBuilder clocked = new StringBuilder();
    if (in > 0) {
      ports.append(", input wire ").append(fits ? "[%d:0] ".formatted(in - 1) : "").append("in");
      body.append("  reg [%d:0] d;\n".formatted(in - 1));
      String next = fits || in == 1 ? "in" : "{d[%d:0], in}".formatted(in - 2);
      clocked.append("    d <= ").append(next).append(";\n");
    }
    if (out > 0) {
      String keep = fits ? "" : "(* keep *) ";
      body.append("  %sreg [%d:0] q_q;\n  wire [%d:0] q;\n".formatted(keep, out - 1, out - 1));
      clocked.append("    q_q <= q;\n");
      if (fits) {
        ports.append(", output wire [%d:0] out".formatted(out - 1));
        body.append("  assign out = q_q;\n");
      }
    }
    if (holds) {
      ports.append(", input wire cfg");
      body.append("  reg [%d:0] c;\n".formatted(held - 1));
      clocked.append("    c <= {c[%d:0], cfg};\n".formatted(held - 2));
    }
    Rank cut = new Rank();
    direct.forEach(
        (port, width) -> {
          if (holds) {
            String slice = "c" + cut.take(width);
            body.append("  wire [%d:0] %s = %s;\n".formatted(width - 1, port, slice));
          } else {
            ports.append(", input wire [%d:0] %s".formatted(width - 1, port));
          }
        });
    List<String> parameters = new ArrayList<>();
    point.parameters().forEach((name, value) -> parameters.add(".%s(%s)".formatted(name, value)));
    String verilog =
        """
        module wrapper (%s);
        %s  always @(posedge clk) begin
        %s  end
          %s #(%s) u_unit (%s);
        endmodule
        """
            .formatted(
                ports,
                body,
                clocked,
                point.top(),
                String.join(", ", parameters),
                String.join(", ", connections));
    return new Wrapper(verilog, holds ? held : 0);
  }
}
