// fp_accumulate: c + p for a float code c and an exact product p of any width, rounded once into c's format.
//
//   in_p_sig    P_W bits: the product's magnitude; 0 iff in_p_zero (or NaN or infinite)
//   in_p_exp    unsigned; in_p_exp + P_OFFSET is the exponent of the top bit of in_p_sig, biased by BIAS
//   in_p_nan, in_p_inf   the product is NaN, is an infinity of sign in_p_sign;  in_p_invalid  and that raises invalid
//   in_c        | sign | EXP_W | FRAC_W |, the addend
//   in_rand     the draw R;  in_round  the mode if ROUND = 10
//   enable      enable[k]: the registers of cut k take a new word at this edge
//   out_y, out_flags     the code of the result; {invalid, div0, overflow, underflow, inexact}
//
//   P_LEAD      a nonzero in_p_sig is at least 2^P_LEAD, unless in_p_exp is 2 or less
//   CUTS        bit k puts registers behind 0 align, 1 add, 2 normalize, 3 round
//   The other parameters are those of fp_fma; EXP_W, FRAC_W, FAMILY, DAZ and so on are those of c and of the result.
//
// For fp_product: P_W = A_FRAC_W + B_FRAC_W + 2, P_OFFSET = BIAS - A's bias - B's bias + 1, P_LEAD the smaller of A_FRAC_W and
// B_FRAC_W, if one has DAZ that one's, if both have their sum; 0 is right, but wide, for every product.
//
// The product has a fixed place in a window; c starts above it and moves right.  K = lost places that matter:
//
//   | c: FRAC_W + 1 | K + 1 | product: P_W | BOTTOM |        BOTTOM: up to FRAC_W + 1 + K
//
// A c that would start still higher stays on top: then the product (and so any product of 0) only decides what lies
// below the K places, also if the difference begins one place lower.  A c that runs out at the bottom starts below the
// product's K places and becomes a sticky bit, which a subtraction borrows from.  Nothing starts above the window, which
// never reaches below exponent 1 with its top, so there is no denormalizing shifter.
//
// Combinational but for the cuts.  Java twin: Arithmetic.fma (slow), Elementwise.fma (fast).
`default_nettype none
module fp_accumulate #(
    parameter integer EXP_W      = 4,
    parameter integer FRAC_W     = 3,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer DAZ        = 0,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 0,
    parameter integer RAND_BITS  = 1,
    parameter integer P_W        = 8,
    parameter integer P_EXP_W    = 5,
    parameter integer P_OFFSET   = -6,
    parameter integer P_LEAD     = 0,
    parameter integer CUTS       = 0
) (
    input  wire                    clk,
    input  wire [             3:0] enable,
    input  wire                    in_p_sign,
    input  wire                    in_p_nan,
    input  wire                    in_p_inf,
    input  wire                    in_p_invalid,
    input  wire                    in_p_zero,
    input  wire [     P_EXP_W-1:0] in_p_exp,
    input  wire [         P_W-1:0] in_p_sig,
    input  wire [  EXP_W+FRAC_W:0] in_c,
    input  wire [             3:0] in_round,
    input  wire [   RAND_BITS-1:0] in_rand,
    output wire [  EXP_W+FRAC_W:0] out_y,
    output wire [             4:0] out_flags
);
  localparam [3:0] RDN = 4;
  localparam integer K = (ROUND == 6 || ROUND == 10) ? RAND_BITS : 1;
  localparam integer ABOVE = FRAC_W + K + 2;
  // Two subnormals (in_p_exp = 2) may begin lower than P_LEAD says.  That is no loss if c ends above the window's end.
  localparam integer LED = (FRAC_W + 1 + K > P_LEAD) ? FRAC_W + 1 + K - P_LEAD : 0;
  localparam integer BOTTOM = (2 + P_OFFSET - (P_W - 1) - LED <= 1 - FRAC_W) ? LED : FRAC_W + 1 + K;
  localparam integer W = ABOVE + P_W + BOTTOM;

  // ---- Align.  top: exponent of the window's top bit, biased, at least 1. ----
  localparam integer OFFSET = P_OFFSET + ABOVE;
  localparam integer SPAN = (1 << EXP_W) + (1 << P_EXP_W) + (OFFSET < 0 ? -OFFSET : OFFSET);
  localparam integer T_W = $clog2(SPAN + 1) + 1;  // exponents and their differences, signed
  localparam [31:0] BASE = OFFSET;

  wire c_sign, c_nan, c_snan, c_inf;
  wire [EXP_W-1:0] c_exp;
  wire [FRAC_W:0] c_sig;
  fp_unpack #(
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .DAZ   (DAZ)
  ) u_unpack_c (
      .in_code (in_c),
      .out_sign(c_sign),
      .out_nan (c_nan),
      .out_snan(c_snan),
      .out_inf (c_inf),
      .out_exp (c_exp),
      .out_sig (c_sig)
  );

  wire signed [T_W-1:0] c_top = $signed({{(T_W - EXP_W) {1'b0}}, c_exp});
  wire signed [T_W-1:0] p_exp = $signed({{(T_W - P_EXP_W) {1'b0}}, in_p_exp});
  wire signed [T_W-1:0] base = BASE[T_W-1:0];
  wire signed [T_W-1:0] p_top = p_exp + base;
  wire signed [T_W-1:0] apart = p_exp + (base - c_top);  // not p_top - c_top: two additions deep, not three
  wire c_stays = apart[T_W-1] | in_p_zero;

  wire [W-1:0] moved;
  wire moved_sticky;
  shift_right_sticky #(
      .W       (W),
      .AMOUNT_W(T_W - 1)
  ) u_align (
      .in_data   ({c_sig, {(W - FRAC_W - 1) {1'b0}}}),
      .in_amount (apart[T_W-2:0] & {(T_W - 1) {~c_stays}}),
      .out_data  (moved),
      .out_sticky(moved_sticky)
  );

  wire opposed = in_p_sign ^ c_sign;
  wire clash = in_p_inf & c_inf & opposed & ~in_p_nan;  // Inf - Inf

  localparam integer ALIGNED_W = 7 + T_W + W + P_W + 4 + RAND_BITS;
  wire opposite, p_sign, nan, inf, inf_sign, invalid, sticky;
  wire signed [T_W-1:0] top;
  wire [W-1:0] addend;  // inverted if opposite
  wire [P_W-1:0] product;
  wire [3:0] round_add;
  wire [RAND_BITS-1:0] rand_add;
  pipe_rank #(
      .W (ALIGNED_W),
      .ON(CUTS % 2)
  ) u_aligned (
      .clk   (clk),
      .enable(enable[0]),
      .d     ({opposed, in_p_sign, in_p_nan | c_nan | clash, in_p_inf | c_inf, in_p_inf ? in_p_sign : c_sign,
               in_p_invalid | c_snan | clash, moved_sticky, c_stays ? c_top : p_top, moved ^ {W{opposed}}, in_p_sig,
               in_round, in_rand}),
      .q     ({opposite, p_sign, nan, inf, inf_sign, invalid, sticky, top, addend, product, round_add, rand_add})
  );

  // ---- Add, or subtract the smaller from the larger: p - c = p + ~c + 1 and c - p = ~(p + ~c). ----
  // Which is larger: the product, if c has nothing above its places and less in them.  The sum cannot carry out: c alone
  // lies above the product if it reaches the top bit.  A sticky 1 below a subtracted c takes the place of the + 1.
  // One chain: the carry out of the comparison enters the sum.  Above the comparison stand a place that keeps the carry if
  // c has nothing above the product and is subtracted, one that tells it, and one that keeps it if no sticky 1 borrows.
  wire [W-1:0] placed;
  generate
    if (BOTTOM > 0) begin : g_bottom
      assign placed = {{ABOVE{1'b0}}, product, {BOTTOM{1'b0}}};
    end else begin : g_no_bottom
      assign placed = {{ABOVE{1'b0}}, product};
    end
  endgenerate
  wire smaller = opposite & (&addend[W-1:BOTTOM+P_W]);
  wire [W+P_W+2:0] sum = {placed, 3'b010, product} + {addend, ~sticky, 1'b0, smaller, addend[BOTTOM+:P_W]};
  wire reversed = opposite & sum[P_W+1];
  wire [W-1:0] magnitude = sum[W+P_W+2:P_W+3] ^ {W{reversed}};
  wire _unused_sum = &{1'b0, sum[P_W+2], sum[P_W:0]};

  localparam integer ADDED_W = 6 + T_W + W + 4 + RAND_BITS;
  wire add_opposite, add_sign, add_nan, add_inf, add_invalid, add_sticky;
  wire signed [T_W-1:0] add_top;
  wire [W-1:0] add_sig;
  wire [3:0] round_norm;
  wire [RAND_BITS-1:0] rand_norm;
  pipe_rank #(
      .W (ADDED_W),
      .ON(CUTS / 2 % 2)
  ) u_added (
      .clk   (clk),
      .enable(enable[1]),
      .d     ({opposite, inf ? inf_sign : p_sign ^ reversed, nan, inf, invalid, sticky, top, magnitude, round_add, rand_add}),
      .q     ({add_opposite, add_sign, add_nan, add_inf, add_invalid, add_sticky, add_top, add_sig, round_norm, rand_norm})
  );

  // ---- Normalize, no further than exponent 1. ----
  localparam integer R_W = FRAC_W + K + 2;  // what fp_round_pack looks at; W > R_W
  wire signed [T_W-1:0] norm_exp;
  wire [R_W-1:0] norm_sig;
  wire norm_sticky;
  fp_normalize_cut #(
      .SIG_W(W),
      .EXP_W(T_W),
      .OUT_W(R_W)
  ) u_normalize (
      .in_exp    (add_top),
      .in_sig    (add_sig),
      .out_exp   (norm_exp),
      .out_sig   (norm_sig),
      .out_sticky(norm_sticky)
  );

  localparam integer NORMALIZED_W = 6 + T_W + R_W + 4 + RAND_BITS;
  wire result_opposite, result_sign, result_nan, result_inf, result_invalid, result_sticky;
  wire signed [T_W-1:0] result_exp;
  wire [R_W-1:0] result_sig;
  wire [3:0] result_round;
  wire [RAND_BITS-1:0] result_rand;
  pipe_rank #(
      .W (NORMALIZED_W),
      .ON(CUTS / 4 % 2)
  ) u_normalized (
      .clk   (clk),
      .enable(enable[2]),
      .d     ({add_opposite, add_sign, add_nan, add_inf, add_invalid, add_sticky | norm_sticky, norm_exp, norm_sig,
               round_norm, rand_norm}),
      .q     ({result_opposite, result_sign, result_nan, result_inf, result_invalid, result_sticky, result_exp,
               result_sig, result_round, result_rand})
  );

  // ---- Round.  An exact zero that is not the sum of two like zeros is +0, or -0 in RDN. ----
  wire down = (ROUND == 10) ? result_round == RDN : ROUND == 4;
  wire cancelled = result_opposite & ~(|result_sig) & ~result_sticky & ~result_inf;
  wire [EXP_W+FRAC_W:0] code;
  wire [4:0] flags;
  fp_round_pack #(
      .EXP_W     (EXP_W),
      .FRAC_W    (FRAC_W),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .ROUND     (ROUND),
      .RANGE     (RANGE),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (T_W),
      .IN_SIG_W  (R_W),
      .SHIFT     (0)
  ) u_round (
      .in_sign   (cancelled ? down : result_sign),
      .in_nan    (result_nan),
      .in_inf    (result_inf),
      .in_invalid(result_invalid),
      .in_div0   (1'b0),
      .in_exp    (result_exp),
      .in_sig    (result_sig),
      .in_sticky (result_sticky),
      .in_rand   (result_rand),
      .in_round  (result_round),
      .out_code  (code),
      .out_flags (flags)
  );
  pipe_rank #(
      .W (EXP_W + FRAC_W + 6),
      .ON(CUTS / 8 % 2)
  ) u_rounded (
      .clk   (clk),
      .enable(enable[3]),
      .d     ({code, flags}),
      .q     ({out_y, out_flags})
  );
endmodule
`default_nettype wire
