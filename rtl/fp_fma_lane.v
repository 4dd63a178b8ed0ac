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

  localparam integer P_W = 2 * FRAC_W + 2;
  wire sign, product_nan, product_inf, product_invalid, zero;
  wire [EXP_W:0] exponent;
  wire [P_W-1:0] sig;
  fp_product #(
      .A_EXP_W (EXP_W),
      .A_FRAC_W(FRAC_W),
      .A_FAMILY(FAMILY),
      .A_DAZ   (DAZ),
      .B_EXP_W (EXP_W),
      .B_FRAC_W(FRAC_W),
      .B_FAMILY(FAMILY),
      .B_DAZ   (DAZ),
      .DSP     (DSP)
  ) u_multiply (
      .in_a       (in_a),
      .in_b       (in_b),
      .out_sign   (sign),
      .out_nan    (product_nan),
      .out_inf    (product_inf),
      .out_invalid(product_invalid),
      .out_zero   (zero),
      .out_exp    (exponent),
      .out_sig    (sig)
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
      .d     ({sign, product_nan, product_inf, product_invalid, zero, exponent, sig, in_c, in_round, in_rand}),
      .q     ({p_sign, p_nan, p_inf, p_invalid, p_zero, p_exp, p_sig, c, round_align, rand_align})
  );

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
      .P_LEAD    ((DAZ != 0) ? 2 * FRAC_W : FRAC_W),
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
