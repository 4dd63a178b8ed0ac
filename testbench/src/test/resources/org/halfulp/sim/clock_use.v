// clock_use: registers of both edges between logic; USE says what else reads the clock.
//   0: nothing  1: an output  2: a latch  3: a gated register  4: a register of a module below
module clock_use #(
    parameter integer USE = 0
) (
    input  wire       clk,
    input  wire       rst_n,
    input  wire [7:0] a,
    output wire [7:0] sum,     // of a and what it was at the last two rising edges
    output reg  [7:0] fallen,  // a at the last falling edge
    output wire [7:0] used
);
  reg [7:0] last, older;
  always @(posedge clk)
    if (!rst_n) begin
      last  <= 8'd0;
      older <= 8'd0;
    end else begin
      last  <= a;
      older <= last;
    end
  assign sum = a + last + older;
  always @(negedge clk) fallen <= a;

  generate
    if (USE == 0) begin : g_none
      assign used = ~a ^ last;
    end
    if (USE == 1) begin : g_data
      assign used = clk ? a : ~a;
    end
    if (USE == 2) begin : g_latch
      reg [7:0] held;
      // verilator lint_off LATCH
      always @* if (clk) held = a + 8'd1;
      // verilator lint_on LATCH
      assign used = held;
    end
    if (USE == 3) begin : g_gate
      wire gated = clk & a[0];
      reg [7:0] taken;
      always @(posedge gated) taken <= a;
      assign used = taken;
    end
    if (USE == 4) begin : g_below
      clock_use_below u_below (
          .c(clk),
          .a(a),
          .q(used)
      );
    end
  endgenerate
endmodule

module clock_use_below (
    input  wire       c,
    input  wire [7:0] a,
    output reg  [7:0] q
);
  /* verilator no_inline_module */
  always @(posedge c) q <= a;
endmodule
