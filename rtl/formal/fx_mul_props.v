// fx_mul_props: fx_mul rounds a * b as fx_round_props says.  Proved by make prove; no twin in Java.
`default_nettype none
module fx_mul_props #(
    parameter integer A_W       = 4,
    parameter integer A_F       = 2,
    parameter integer B_W       = 4,
    parameter integer B_F       = 2,
    parameter integer W         = 4,
    parameter integer F         = 2,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 3
) (
    input wire signed [      A_W-1:0] in_a,
    input wire signed [      B_W-1:0] in_b,
    input wire        [RAND_BITS-1:0] in_rand,
    input wire        [          3:0] in_round
);
  wire [W-1:0] out;
  wire [4:0] flags;
  fx_mul #(
      .A_W      (A_W),
      .A_F      (A_F),
      .B_W      (B_W),
      .B_F      (B_F),
      .W        (W),
      .F        (F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_dut (
      .clk      (1'b0),
      .rst_n    (1'b1),
      .in_valid (1'b1),
      .in_ready (),
      .out_valid(),
      .out_ready(1'b1),
      .in_a     (in_a),
      .in_b     (in_b),
      .in_rand  (in_rand),
      .in_round (in_round),
      .out_y    (out),
      .out_flags(flags)
  );

  localparam integer X_W = A_W + B_W;
  wire signed [X_W-1:0] a = {{B_W{in_a[A_W-1]}}, in_a};
  wire signed [X_W-1:0] b = {{A_W{in_b[B_W-1]}}, in_b};
  wire signed [X_W-1:0] product = a * b;
  fx_round_props #(
      .X_W      (X_W),
      .OUT_W    (W),
      .DROP     (A_F + B_F - F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_meaning (
      .check   (1'b1),
      .x       (product),
      .out     (out),
      .flags   (flags),
      .before  (5'd0),
      .in_rand (in_rand),
      .in_round(in_round)
  );
endmodule
`default_nettype wire
