// fp_product: the exact product of two float codes, of formats A and B, unrounded; fp_accumulate takes it.
//
//   in_a, in_b   codes
//   out_sig      A_FRAC_W + B_FRAC_W + 2 bits; 0 if out_zero, and of no meaning if out_nan or out_inf
//   out_exp      unsigned; its top bit stands for 2^(out_exp + 1 - A's bias - B's bias)
//   out_nan      NaN (or 0 * Inf);  out_inf  an infinity of sign out_sign;  out_invalid  the product raises invalid
//
// Nothing is normalized: of two normals the leading one is in the top two places; if one is subnormal, out_sig is at
// least 2^(fraction width of the other).
//
// Combinational.  Java twin: Arithmetic.mul of a format that holds it exactly.
`default_nettype none
module fp_product #(
    parameter integer A_EXP_W  = 4,
    parameter integer A_FRAC_W = 3,
    parameter integer A_FAMILY = 0,
    parameter integer A_DAZ    = 0,
    parameter integer B_EXP_W  = 4,
    parameter integer B_FRAC_W = 3,
    parameter integer B_FAMILY = 0,
    parameter integer B_DAZ    = 0,
    parameter integer DSP      = 0,
    parameter integer EXP_W    = (A_EXP_W > B_EXP_W ? A_EXP_W : B_EXP_W) + 1  // of out_exp; fixed by the others
) (
    input  wire [  A_EXP_W+A_FRAC_W:0] in_a,
    input  wire [  B_EXP_W+B_FRAC_W:0] in_b,
    output wire                        out_sign,
    output wire                        out_nan,
    output wire                        out_inf,
    output wire                        out_invalid,
    output wire                        out_zero,
    output wire [           EXP_W-1:0] out_exp,
    output wire [A_FRAC_W+B_FRAC_W+1:0] out_sig
);
  wire a_sign, a_nan, a_snan, a_inf, b_sign, b_nan, b_snan, b_inf;
  wire [A_EXP_W-1:0] a_exp;
  wire [B_EXP_W-1:0] b_exp;
  wire [A_FRAC_W:0] a_sig;
  wire [B_FRAC_W:0] b_sig;
  fp_unpack #(
      .EXP_W (A_EXP_W),
      .FRAC_W(A_FRAC_W),
      .FAMILY(A_FAMILY),
      .DAZ   (A_DAZ)
  ) u_unpack_a (
      .in_code (in_a),
      .out_sign(a_sign),
      .out_nan (a_nan),
      .out_snan(a_snan),
      .out_inf (a_inf),
      .out_exp (a_exp),
      .out_sig (a_sig)
  );
  fp_unpack #(
      .EXP_W (B_EXP_W),
      .FRAC_W(B_FRAC_W),
      .FAMILY(B_FAMILY),
      .DAZ   (B_DAZ)
  ) u_unpack_b (
      .in_code (in_b),
      .out_sign(b_sign),
      .out_nan (b_nan),
      .out_snan(b_snan),
      .out_inf (b_inf),
      .out_exp (b_exp),
      .out_sig (b_sig)
  );

  wire a_zero = ~(|a_sig);
  wire b_zero = ~(|b_sig);
  wire clash = (a_inf & b_zero & ~b_nan) | (b_inf & a_zero & ~a_nan);  // 0 * Inf
  assign out_sign    = a_sign ^ b_sign;
  assign out_nan     = a_nan | b_nan | clash;
  assign out_inf     = a_inf | b_inf;
  assign out_invalid = a_snan | b_snan | clash;
  assign out_zero    = a_zero | b_zero;
  assign out_exp     = {{(EXP_W - A_EXP_W) {1'b0}}, a_exp} + {{(EXP_W - B_EXP_W) {1'b0}}, b_exp};
  multiply #(
      .A_W(A_FRAC_W + 1),
      .B_W(B_FRAC_W + 1),
      .DSP(DSP)
  ) u_multiply (
      .in_a (a_sig),
      .in_b (b_sig),
      .out_y(out_sig)
  );
endmodule
`default_nettype wire
