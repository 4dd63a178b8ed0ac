// exact_operand: take a code of either kind apart, value (-1)^sign * out_sig * 2^(out_shift - LAST_F).
//
//   KIND 0   signed fixed point of WIDTH bits, FRAC of them fraction: sig is the magnitude, shift 0, LAST_F = FRAC
//   KIND 1   float of WIDTH = 1 + EXP + FRAC bits: shift is the exponent above the smallest, LAST_F = BIAS - 1 + FRAC
//   out_nan  NaN; out_snan: a signaling one;  out_inf  infinity.  Then out_sig and out_shift mean nothing.
//
// SIG_W and SHIFT_W follow from the others and are not to be set.
//
// Combinational.  Java twin: Format.decode.
`default_nettype none
module exact_operand #(
    parameter integer KIND    = 0,
    parameter integer WIDTH   = 8,
    parameter integer EXP     = 4,
    parameter integer FRAC    = 3,
    parameter integer FAMILY  = 0,
    parameter integer DAZ     = 0,
    parameter integer SIG_W   = (KIND == 1) ? FRAC + 1 : WIDTH,
    parameter integer SHIFT_W = (KIND == 1) ? EXP : 1
) (
    input  wire [  WIDTH-1:0] in_code,
    output wire               out_sign,
    output wire [  SIG_W-1:0] out_sig,
    output wire [SHIFT_W-1:0] out_shift,
    output wire               out_nan,
    output wire               out_snan,
    output wire               out_inf
);
  generate
    if (KIND < 0 || KIND > 1) begin : g_check_kind
      $error("exact_operand: KIND must be 0 (fixed) or 1 (float)");
    end
    if (WIDTH < 2 || WIDTH > 32) begin : g_check_width
      $error("exact_operand: a code's WIDTH must be in 2..32");
    end
    if (KIND == 1 && WIDTH != 1 + EXP + FRAC) begin : g_check_sum
      $error("exact_operand: a float's WIDTH must be 1 + EXP + FRAC");
    end

    if (KIND == 1) begin : g_float
      localparam [EXP-1:0] ONE = 1;
      wire [EXP-1:0] exponent;
      fp_unpack #(
          .EXP_W (EXP),
          .FRAC_W(FRAC),
          .FAMILY(FAMILY),
          .DAZ   (DAZ)
      ) u_unpack (
          .in_code (in_code),
          .out_sign(out_sign),
          .out_nan (out_nan),
          .out_snan(out_snan),
          .out_inf (out_inf),
          .out_exp (exponent),
          .out_sig (out_sig)
      );
      assign out_shift = exponent - ONE;  // at least 0: out_exp is at least 1
    end else begin : g_fixed
      assign out_sign  = in_code[WIDTH-1];
      assign out_sig   = out_sign ? -in_code : in_code;  // 2^(WIDTH-1) at most, which WIDTH unsigned bits hold
      assign out_shift = {SHIFT_W{1'b0}};
      assign out_nan   = 1'b0;
      assign out_snan  = 1'b0;
      assign out_inf   = 1'b0;
    end
  endgenerate
endmodule
`default_nettype wire
