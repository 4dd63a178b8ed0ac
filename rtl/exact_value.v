// exact_value: a code of either kind as an exact two's complement number.
//
//   in_code    fixed point (KIND = 0) or float (KIND = 1), see exact_operand
//   out_value  W bits, its last place 2^-FRAC (fixed) or 2^-(BIAS - 1 + FRAC) (float)
//   out_sign   the code's sign bit, which also tells -0 and the sign of an infinity
//   out_nan    NaN; out_snan: a signaling one;  out_inf  infinity.  Then out_value means nothing.
//
// W follows from the others and is not to be set: a float of E exponent bits takes about 2^E + FRAC bits.
//
// Combinational.  Java twin: Format.decode.
`default_nettype none
module exact_value #(
    parameter integer KIND   = 0,
    parameter integer WIDTH  = 8,
    parameter integer EXP    = 4,
    parameter integer FRAC   = 3,
    parameter integer FAMILY = 0,
    parameter integer DAZ    = 0,
    parameter integer W      = (KIND == 1) ? FRAC + (1 << EXP) : WIDTH
) (
    input  wire        [WIDTH-1:0] in_code,
    output wire signed [    W-1:0] out_value,
    output wire                    out_sign,
    output wire                    out_nan,
    output wire                    out_snan,
    output wire                    out_inf
);
  generate
    if (KIND == 1) begin : g_float
      wire [ FRAC:0] sig;
      wire [EXP-1:0] shift;
      exact_operand #(
          .KIND  (1),
          .WIDTH (WIDTH),
          .EXP   (EXP),
          .FRAC  (FRAC),
          .FAMILY(FAMILY),
          .DAZ   (DAZ)
      ) u_operand (
          .in_code  (in_code),
          .out_sign (out_sign),
          .out_sig  (sig),
          .out_shift(shift),
          .out_nan  (out_nan),
          .out_snan (out_snan),
          .out_inf  (out_inf)
      );
      // The largest shift is 2^EXP - 2, so FRAC + 1 + 2^EXP - 2 bits hold the magnitude and one more the sign.
      wire signed [W-1:0] unsigned_value = {{(W - FRAC - 1) {1'b0}}, sig};
      wire signed [W-1:0] value = out_sign ? -unsigned_value : unsigned_value;
      assign out_value = value <<< shift;
    end else begin : g_fixed
      assign out_value = in_code;
      assign out_sign  = in_code[WIDTH-1];
      assign out_nan   = 1'b0;
      assign out_snan  = 1'b0;
      assign out_inf   = 1'b0;
    end
  endgenerate
endmodule
`default_nettype wire
