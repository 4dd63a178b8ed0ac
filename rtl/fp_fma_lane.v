// fp_fma_lane: one lane of fp_fma, a * b + c rounded once.
//
//   in_a, in_b, in_c  codes;  in_rand  the draw R;  in_round  the mode if ROUND = 10
//   enable[k]         the registers of rank k take a new word at this edge
//   out_y, out_flags  the code of the result; {invalid, div0, overflow, underflow, inexact}
//
// Subnormal operands are not normalized: fp_accumulate's window has room for products that start lower.
// Where the STAGES ranks sit, behind: multiply, align, add, normalize, round
//
//   1  align      2  align, normalize      3  multiply, add, normalize      4  all but round      5  all
//
// Java twin: Arithmetic.fma (slow), Elementwise.fma (fast).
`default_nettype none
module fp_fma_lane #(
    parameter integer STAGES     = 0,
    parameter integer EXP_W      = 4,
    parameter integer FRAC_W     = 3,
    parameter integer BIAS       = (1 << (EXP_W - 1)) - 1,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer DAZ        = 0,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 0,
    parameter integer RAND_BITS  = 1,
    parameter integer DSP        = 0
) (
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire [               EXP_W+FRAC_W:0] in_a,
    input  wire [               EXP_W+FRAC_W:0] in_b,
    input  wire [               EXP_W+FRAC_W:0] in_c,
    input  wire [                          3:0] in_round,
    input  wire [                RAND_BITS-1:0] in_rand,
    output wire [               EXP_W+FRAC_W:0] out_y,
    output wire [                          4:0] out_flags
);
  // Bit k: a rank behind multiply, align, add, normalize, round.  The rank's number is the count of ranks before it.
  localparam integer CUTS = (STAGES == 0) ? 0 : (STAGES == 1) ? 2 : (STAGES == 2) ? 10
                          : (STAGES == 3) ? 13 : (STAGES == 4) ? 15 : 31;
  wire [4:0] cut_enable;
  genvar k;
  generate
    for (k = 0; k < 5; k = k + 1) begin : g_cut
      localparam integer BEFORE = CUTS % (1 << k);
      localparam integer RANK = BEFORE % 2 + BEFORE / 2 % 2 + BEFORE / 4 % 2 + BEFORE / 8;
      if (CUTS / (1 << k) % 2 == 1) begin : g_on
        assign cut_enable[k] = enable[RANK];
      end else begin : g_off
        assign cut_enable[k] = 1'b0;
      end
    end
  endgenerate
  wire _unused = &{1'b0, enable};

  wire a_sign, a_nan, a_snan, a_inf, b_sign, b_nan, b_snan, b_inf;
  wire [EXP_W-1:0] a_exp, b_exp;
  wire [FRAC_W:0] a_sig, b_sig;
  fp_unpack #(
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .DAZ   (DAZ)
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
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .DAZ   (DAZ)
  ) u_unpack_b (
      .in_code (in_b),
      .out_sign(b_sign),
      .out_nan (b_nan),
      .out_snan(b_snan),
      .out_inf (b_inf),
      .out_exp (b_exp),
      .out_sig (b_sig)
  );

  // ---- The exact product.  zero means its significand is 0. ----
  localparam integer P_W = 2 * FRAC_W + 2;
  wire a_zero = ~(|a_sig);
  wire b_zero = ~(|b_sig);
  wire clash = (a_inf & b_zero & ~b_nan) | (b_inf & a_zero & ~a_nan);  // 0 * Inf
  wire [P_W-1:0] sig;
  multiply #(
      .A_W(FRAC_W + 1),
      .B_W(FRAC_W + 1),
      .DSP(DSP)
  ) u_multiply (
      .in_a (a_sig),
      .in_b (b_sig),
      .out_y(sig)
  );

  localparam integer PRODUCT_W = 5 + EXP_W + 1 + P_W + EXP_W + FRAC_W + 1 + 4 + RAND_BITS;
  wire p_sign, p_nan, p_inf, p_invalid, p_zero;
  wire [EXP_W:0] p_exp;
  wire [P_W-1:0] p_sig;
  wire [EXP_W+FRAC_W:0] c;
  wire [3:0] round_align;
  wire [RAND_BITS-1:0] rand_align;
  pipe_rank #(
      .W (PRODUCT_W),
      .ON(CUTS % 2)
  ) u_product (
      .clk   (clk),
      .enable(cut_enable[0]),
      .d     ({a_sign ^ b_sign, a_nan | b_nan | clash, a_inf | b_inf, a_snan | b_snan | clash, a_zero | b_zero,
               {1'b0, a_exp} + {1'b0, b_exp}, sig, in_c, in_round, in_rand}),
      .q     ({p_sign, p_nan, p_inf, p_invalid, p_zero, p_exp, p_sig, c, round_align, rand_align})
  );

  // A product of two normals has its leading one in the top two places, one with a subnormal at most FRAC_W lower.
  // Two subnormals may leave it lower still, but they end where the addend ends unless the bias is unusually small.
  localparam integer K = (ROUND == 6 || ROUND == 10) ? RAND_BITS : 1;
  localparam integer P_LEAD = (DAZ != 0) ? 2 * FRAC_W : (1 - BIAS - FRAC_W <= 1 + K) ? FRAC_W : 0;
  fp_accumulate #(
      .EXP_W     (EXP_W),
      .FRAC_W    (FRAC_W),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .DAZ       (DAZ),
      .ROUND     (ROUND),
      .RANGE     (RANGE),
      .RAND_BITS (RAND_BITS),
      .P_W       (P_W),
      .P_EXP_W   (EXP_W + 1),
      .P_OFFSET  (1 - BIAS),
      .P_LEAD    (P_LEAD),
      .CUTS      (CUTS / 2)
  ) u_accumulate (
      .clk         (clk),
      .enable      (cut_enable[4:1]),
      .in_p_sign   (p_sign),
      .in_p_nan    (p_nan),
      .in_p_inf    (p_inf),
      .in_p_invalid(p_invalid),
      .in_p_zero   (p_zero),
      .in_p_exp    (p_exp),
      .in_p_sig    (p_sig),
      .in_c        (c),
      .in_round    (round_align),
      .in_rand     (rand_align),
      .out_y       (out_y),
      .out_flags   (out_flags)
  );
endmodule
`default_nettype wire
