// fx_requantize_props: fx_requantize rounds its input as fx_round_props says.  Proved by make prove; no twin in Java.
`default_nettype none
module fx_requantize_props #(
    parameter integer IN_W      = 10,
    parameter integer IN_F      = 6,
    parameter integer OUT_W     = 5,
    parameter integer OUT_F     = 2,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 3
) (
    input wire signed [     IN_W-1:0] in_data,
    input wire        [RAND_BITS-1:0] in_rand,
    input wire        [          3:0] in_round
);
  wire [OUT_W-1:0] out;
  wire [4:0] flags;
  fx_requantize #(
      .IN_W     (IN_W),
      .IN_F     (IN_F),
      .OUT_W    (OUT_W),
      .OUT_F    (OUT_F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_dut (
      .in_data  (in_data),
      .in_rand  (in_rand),
      .in_round (in_round),
      .out_data (out),
      .out_flags(flags)
  );
  fx_round_props #(
      .X_W      (IN_W),
      .OUT_W    (OUT_W),
      .DROP     (IN_F - OUT_F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_meaning (
      .check   (1'b1),
      .x       (in_data),
      .out     (out),
      .flags   (flags),
      .before  (5'd0),
      .in_rand (in_rand),
      .in_round(in_round)
  );
endmodule
`default_nettype wire
