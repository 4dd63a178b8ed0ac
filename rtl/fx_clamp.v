// fx_clamp: add the rounding's carry to a floor and bring the result into the range of OUT_W bits.
//
//   in_floor      two's complement, IN_W > OUT_W bits; IN_W may exceed what the value needs
//   in_up         add 1
//   out_data      in_floor + in_up if that fits, else as RANGE says
//   out_overflow  it does not fit
//
//   RANGE         3 saturate, 4 symmetric (never the smallest code), 5 wrap
//
// The carry runs through the OUT_W - 1 low bits alone.  What is above is judged before it arrives:
//
//   in_floor  | high: IN_W - OUT_W, the sign on top | b | low: OUT_W - 1 |     c = carry out of low + in_up
//
// The sum fits iff high is all sign (s) and, for s = 0, b and c are 0; for s = 1, b or c is 1.
//
// Combinational.  Java twin: Quantizer.round.
`default_nettype none
module fx_clamp #(
    parameter integer IN_W  = 17,
    parameter integer OUT_W = 16,
    parameter integer RANGE = 3
) (
    input  wire signed [ IN_W-1:0] in_floor,
    input  wire                    in_up,
    output wire signed [OUT_W-1:0] out_data,
    output wire                    out_overflow
);
  localparam integer SATURATE = 3, SYMMETRIC = 4, WRAP = 5;

  generate
    if (OUT_W < 2 || IN_W <= OUT_W) begin : g_check_width
      $error("fx_clamp: OUT_W must be at least 2 and IN_W above it");
    end
    if (RANGE < SATURATE || RANGE > WRAP) begin : g_check_range
      $error("fx_clamp: RANGE must be in 3..5");
    end
  endgenerate

  wire sign = in_floor[IN_W-1];
  wire high_is_sign = in_floor[IN_W-1:OUT_W] == {(IN_W - OUT_W) {sign}};
  wire b = in_floor[OUT_W-1];
  wire [OUT_W-1:0] low = {1'b0, in_floor[OUT_W-2:0]} + {{(OUT_W - 1) {1'b0}}, in_up};
  wire c = low[OUT_W-1];

  // symmetric: the smallest code is out of range too.
  wire smallest = (RANGE == SYMMETRIC) & sign & (b ^ c) & ~(|low[OUT_W-2:0]);
  assign out_overflow = ~high_is_sign | ((b | c) ^ sign) | smallest;

  wire clamped = out_overflow & (RANGE != WRAP);
  wire [OUT_W-2:0] end_bits;  // of the end that sign names
  generate
    if (OUT_W > 2) begin : g_end
      assign end_bits = {{(OUT_W - 2) {~sign}}, ~sign | (RANGE == SYMMETRIC)};
    end else begin : g_end_narrow
      assign end_bits = ~sign | (RANGE == SYMMETRIC);
    end
  endgenerate
  assign out_data = clamped ? {sign, end_bits} : {b ^ c, low[OUT_W-2:0]};
endmodule
`default_nettype wire
