// exact_product: the product of two codes, each of either kind, as an exact two's complement number.
//
//   in_a, in_b   codes, see exact_operand
//   out_value    W bits; its last place is 2^-(LAST_F of a + LAST_F of b), LAST_F as in exact_operand
//   out_sign     exclusive or of the signs, also of a zero or an infinity
//   out_nan      a NaN operand or 0 * Inf;  out_invalid  a signaling NaN operand or 0 * Inf
//   out_inf      infinite, unless out_nan.  Then out_value means nothing.
//
// W follows from the others and is not to be set.
//
// Combinational.  Java twin: Real.multiply.
`default_nettype none
module exact_product #(
    parameter integer A_KIND   = 0,
    parameter integer A_WIDTH  = 8,
    parameter integer A_EXP    = 4,
    parameter integer A_FRAC   = 3,
    parameter integer A_FAMILY = 0,
    parameter integer A_DAZ    = 0,
    parameter integer B_KIND   = 0,
    parameter integer B_WIDTH  = 8,
    parameter integer B_EXP    = 4,
    parameter integer B_FRAC   = 3,
    parameter integer B_FAMILY = 0,
    parameter integer B_DAZ    = 0,
    parameter integer W        = ((A_KIND == 1) ? A_FRAC + (1 << A_EXP) : A_WIDTH)
                               + ((B_KIND == 1) ? B_FRAC + (1 << B_EXP) : B_WIDTH)
) (
    input  wire        [A_WIDTH-1:0] in_a,
    input  wire        [B_WIDTH-1:0] in_b,
    output wire signed [      W-1:0] out_value,
    output wire                      out_sign,
    output wire                      out_nan,
    output wire                      out_invalid,
    output wire                      out_inf
);
  generate
    if (A_KIND == 0 && B_KIND == 0) begin : g_fixed
      wire signed [W-1:0] a = {{B_WIDTH{in_a[A_WIDTH-1]}}, in_a};
      wire signed [W-1:0] b = {{A_WIDTH{in_b[B_WIDTH-1]}}, in_b};
      assign out_value   = a * b;
      assign out_sign    = in_a[A_WIDTH-1] ^ in_b[B_WIDTH-1];
      assign out_nan     = 1'b0;
      assign out_invalid = 1'b0;
      assign out_inf     = 1'b0;
    end else begin : g_float
      localparam integer A_SIG = (A_KIND == 1) ? A_FRAC + 1 : A_WIDTH;
      localparam integer B_SIG = (B_KIND == 1) ? B_FRAC + 1 : B_WIDTH;
      localparam integer A_SHIFT = (A_KIND == 1) ? A_EXP : 1;
      localparam integer B_SHIFT = (B_KIND == 1) ? B_EXP : 1;
      localparam integer SHIFT_W = ((A_SHIFT > B_SHIFT) ? A_SHIFT : B_SHIFT) + 1;
      localparam integer SIG_W = A_SIG + B_SIG;

      wire a_sign, a_nan, a_snan, a_inf, b_sign, b_nan, b_snan, b_inf;
      wire [A_SIG-1:0] a_sig;
      wire [B_SIG-1:0] b_sig;
      wire [A_SHIFT-1:0] a_shift;
      wire [B_SHIFT-1:0] b_shift;
      exact_operand #(
          .KIND  (A_KIND),
          .WIDTH (A_WIDTH),
          .EXP   (A_EXP),
          .FRAC  (A_FRAC),
          .FAMILY(A_FAMILY),
          .DAZ   (A_DAZ)
      ) u_a (
          .in_code  (in_a),
          .out_sign (a_sign),
          .out_sig  (a_sig),
          .out_shift(a_shift),
          .out_nan  (a_nan),
          .out_snan (a_snan),
          .out_inf  (a_inf)
      );
      exact_operand #(
          .KIND  (B_KIND),
          .WIDTH (B_WIDTH),
          .EXP   (B_EXP),
          .FRAC  (B_FRAC),
          .FAMILY(B_FAMILY),
          .DAZ   (B_DAZ)
      ) u_b (
          .in_code  (in_b),
          .out_sign (b_sign),
          .out_sig  (b_sig),
          .out_shift(b_shift),
          .out_nan  (b_nan),
          .out_snan (b_snan),
          .out_inf  (b_inf)
      );

      // |a| < 2^(W of a - 1) and likewise b, so the product's magnitude has at most W - 2 bits.
      wire [SIG_W-1:0] sig = {{B_SIG{1'b0}}, a_sig} * {{A_SIG{1'b0}}, b_sig};
      wire [SHIFT_W-1:0] shift = {{(SHIFT_W - A_SHIFT) {1'b0}}, a_shift} + {{(SHIFT_W - B_SHIFT) {1'b0}}, b_shift};
      wire signed [SIG_W:0] signed_sig = out_sign ? -{1'b0, sig} : {1'b0, sig};
      if (W > SIG_W + 1) begin : g_widen
        wire signed [W-1:0] wide = {{(W - SIG_W - 1) {signed_sig[SIG_W]}}, signed_sig};
        assign out_value = wide <<< shift;
      end else begin : g_same  // a float of one exponent bit, which never shifts
        assign out_value = signed_sig <<< shift;
      end
      assign out_sign    = a_sign ^ b_sign;
      wire zero_times_inf = (a_inf & ~b_nan & ~(|b_sig) & ~b_inf) | (b_inf & ~a_nan & ~(|a_sig) & ~a_inf);
      assign out_nan     = a_nan | b_nan | zero_times_inf;
      assign out_invalid = a_snan | b_snan | zero_times_inf;
      assign out_inf     = a_inf | b_inf;
    end
  endgenerate
endmodule
`default_nettype wire
