// fp_sgd_lane: one lane of the floating-point weight update, w <- Qw(w - step * g).
//
//   in_w     | sign | W_EXP | W_FRAC |   in_g  | sign | G_EXP | G_FRAC |
//   in_step  unsigned, in_step * 2^-STEP_FRAC
//   in_rand, in_product_rand   draws of the update's and the product's rounding
//   enable   enable[k]: pipeline rank k takes a new word at this edge
//   out_w, out_flags           result, {invalid, div0, overflow, underflow, inexact} (union of both roundings)
//
// FUSED = 0 rounds the product to | sign | P_EXP | P_FRAC | first.  The other parameters are those of sgd_update.
//
// Latency 4 (fused) or 5 (unfused) enabled clocks, one result a clock.  Java twin: SgdUpdate.
`default_nettype none
module fp_sgd_lane #(
    parameter integer W_EXP        = 4,
    parameter integer W_FRAC       = 3,
    parameter integer W_BIAS       = 7,
    parameter integer W_FAMILY     = 1,
    parameter integer W_SUBNORMALS = 1,
    parameter integer W_DAZ        = 0,
    parameter integer G_EXP        = 4,
    parameter integer G_FRAC       = 3,
    parameter integer G_BIAS       = 7,
    parameter integer G_FAMILY     = 1,
    parameter integer G_DAZ        = 0,
    parameter integer FUSED        = 1,
    parameter integer P_EXP        = 4,
    parameter integer P_FRAC       = 3,
    parameter integer P_BIAS       = 7,
    parameter integer P_FAMILY     = 1,
    parameter integer P_SUBNORMALS = 1,
    parameter integer P_DAZ        = 0,
    parameter integer ROUND        = 0,
    parameter integer RANGE        = 0,
    parameter integer RAND_BITS    = 1,
    parameter integer P_ROUND      = 0,
    parameter integer P_RANGE      = 0,
    parameter integer P_RAND_BITS  = 1,
    parameter integer STEP_WIDTH   = 1,
    parameter integer STEP_FRAC    = 4,
    parameter integer RANKS        = 4
) (
    input  wire                   clk,
    input  wire [      RANKS-1:0] enable,
    input  wire [ W_EXP+W_FRAC:0] in_w,
    input  wire [ G_EXP+G_FRAC:0] in_g,
    input  wire [ STEP_WIDTH-1:0] in_step,
    input  wire [  RAND_BITS-1:0] in_rand,
    input  wire [P_RAND_BITS-1:0] in_product_rand,
    output wire [ W_EXP+W_FRAC:0] out_w,
    output wire [            4:0] out_flags
);
  localparam integer RDN = 4, SR = 6;

  // ---- Rank 0: the exact product, sign of g.  | X_W | with its top bit at exponent g_exp + CARRY - STEP_FRAC. ----
  localparam integer CARRY = (STEP_WIDTH == 1) ? 0 : STEP_WIDTH;  // bits that the step adds
  localparam integer X_W = G_FRAC + 1 + CARRY;

  wire g_sign, g_nan, g_snan, g_inf;
  wire [G_EXP-1:0] g_exp;
  wire [G_FRAC:0] g_sig;
  fp_unpack #(
      .EXP_W (G_EXP),
      .FRAC_W(G_FRAC),
      .FAMILY(G_FAMILY),
      .DAZ   (G_DAZ)
  ) u_unpack_g (
      .in_code (in_g),
      .out_sign(g_sign),
      .out_nan (g_nan),
      .out_snan(g_snan),
      .out_inf (g_inf),
      .out_exp (g_exp),
      .out_sig (g_sig)
  );
  wire zero_times_inf = g_inf & ~(|in_step);
  wire [X_W-1:0] x_sig;
  generate
    if (STEP_WIDTH == 1) begin : g_gate
      assign x_sig = g_sig & {X_W{in_step[0]}};
    end else begin : g_multiply
      wire [X_W-1:0] sig_wide = {{STEP_WIDTH{1'b0}}, g_sig};
      wire [X_W-1:0] step_wide = {{(G_FRAC + 1) {1'b0}}, in_step};
      assign x_sig = sig_wide * step_wide;
    end
  endgenerate

  reg [W_EXP+W_FRAC:0] w0_q;
  reg [RAND_BITS-1:0] rand0_q;
  reg x_sign_q, x_nan_q, x_inf_q, x_invalid_q;
  reg [G_EXP-1:0] x_exp_q;
  reg [X_W-1:0] x_sig_q;
  always @(posedge clk)
    if (enable[0]) begin
      w0_q        <= in_w;
      rand0_q     <= in_rand;
      x_sign_q    <= g_sign;
      x_nan_q     <= g_nan | zero_times_inf;
      x_inf_q     <= g_inf;
      x_invalid_q <= g_snan | zero_times_inf;
      x_exp_q     <= g_exp;
      x_sig_q     <= x_sig;
    end

  // ---- The subtrahend s: the exact product, or (rank 1) its rounding unpacked again. ----
  // s_sig: | S_W |, its top bit at the exponent s_exp + S_OFFSET, biased by W_BIAS.
  localparam integer S_W = (FUSED != 0) ? X_W : P_FRAC + 1;
  localparam integer S_EXP_W = (FUSED != 0) ? G_EXP : P_EXP;
  localparam integer S_OFFSET = (FUSED != 0) ? W_BIAS - G_BIAS + CARRY - STEP_FRAC : W_BIAS - P_BIAS;
  wire s_sign, s_nan, s_inf, s_invalid;
  wire [S_EXP_W-1:0] s_exp;
  wire [S_W-1:0] s_sig;
  wire [W_EXP+W_FRAC:0] w;
  wire [RAND_BITS-1:0] rand_aligned;
  wire [4:0] s_flags;
  generate
    if (FUSED != 0) begin : g_fused
      assign s_sign       = x_sign_q;
      assign s_nan        = x_nan_q;
      assign s_inf        = x_inf_q;
      assign s_invalid    = x_invalid_q;
      assign s_exp        = x_exp_q;
      assign s_sig        = x_sig_q;
      assign s_flags      = 5'd0;
      assign w            = w0_q;
      assign rand_aligned = rand0_q;
      wire _unused = &{1'b0, in_product_rand};
    end else begin : g_unfused
      // Biased by P_BIAS, signed; N_SPAN bounds its magnitude, the shift of fp_normalize included.
      localparam integer OFFSET = P_BIAS - G_BIAS + CARRY - STEP_FRAC;
      localparam integer N_SPAN = (1 << G_EXP) + (OFFSET < 0 ? -OFFSET : OFFSET) + 2;
      localparam integer N_W = $clog2(N_SPAN) + 1;
      localparam [31:0] BASE = OFFSET;

      wire signed [N_W-1:0] x_top = $signed({{(N_W - G_EXP) {1'b0}}, x_exp_q}) + $signed(BASE[N_W-1:0]);
      wire signed [N_W-1:0] n_exp;
      wire [X_W-1:0] n_sig;
      fp_normalize #(
          .SIG_W(X_W),
          .EXP_W(N_W)
      ) u_normalize (
          .in_exp (x_top),
          .in_sig (x_sig_q),
          .out_exp(n_exp),
          .out_sig(n_sig)
      );

      reg [P_RAND_BITS-1:0] product_rand_q;
      wire [P_EXP+P_FRAC:0] code;
      wire [4:0] flags;
      fp_round_pack #(
          .EXP_W     (P_EXP),
          .FRAC_W    (P_FRAC),
          .FAMILY    (P_FAMILY),
          .SUBNORMALS(P_SUBNORMALS),
          .ROUND     (P_ROUND),
          .RANGE     (P_RANGE),
          .RAND_BITS (P_RAND_BITS),
          .IN_EXP_W  (N_W),
          .IN_SIG_W  (X_W),
          .SHIFT     (1)
      ) u_round_product (
          .in_sign   (x_sign_q),
          .in_nan    (x_nan_q),
          .in_inf    (x_inf_q),
          .in_invalid(x_invalid_q),
          .in_div0   (1'b0),
          .in_exp    (n_exp),
          .in_sig    (n_sig),
          .in_sticky (1'b0),
          .in_rand   (product_rand_q),
          .in_round  (4'd0),
          .out_code  (code),
          .out_flags (flags)
      );

      reg [P_EXP+P_FRAC:0] code_q;
      reg [4:0] flags_q;
      reg [W_EXP+W_FRAC:0] w1_q;
      reg [RAND_BITS-1:0] rand1_q;
      always @(posedge clk) begin
        if (enable[0]) product_rand_q <= in_product_rand;
        if (enable[1]) begin
          code_q  <= code;
          flags_q <= flags;
          w1_q    <= w0_q;
          rand1_q <= rand0_q;
        end
      end

      fp_unpack #(
          .EXP_W (P_EXP),
          .FRAC_W(P_FRAC),
          .FAMILY(P_FAMILY),
          .DAZ   (P_DAZ)
      ) u_unpack_product (
          .in_code (code_q),
          .out_sign(s_sign),
          .out_nan (s_nan),
          .out_snan(s_invalid),  // never: fp_round_pack produces quiet NaNs
          .out_inf (s_inf),
          .out_exp (s_exp),
          .out_sig (s_sig)
      );
      assign s_flags      = flags_q;
      assign w            = w1_q;
      assign rand_aligned = rand1_q;
    end
  endgenerate

  // ---- Rank ALIGN: the operand with the larger exponent stays, the other moves right. ----
  // Neither is normalized; a subtrahend of zero counts as far below.  Positions kept exactly, from the larger
  // exponent down: DEPTH = S_W + W_FRAC + 1 + LOST_W.  That is enough:
  //   s stays: its leading one is among its S_W bits.  If w reaches below DEPTH, w starts more than two places below
  //     s's last bit, so the difference starts at most S_W places down and has W_FRAC + 1 + LOST_W bits from there.
  //   w stays: if s starts within one place of w it ends within S_W + 1 places.  Else the difference starts at most one
  //     place down, or w is subnormal and nothing is rounded finer than W_FRAC places down (tininess: one more).
  localparam integer LOST_W = (ROUND == SR) ? RAND_BITS : 1;
  localparam integer DEPTH = S_W + W_FRAC + 1 + LOST_W;
  localparam integer BOTH_W = (S_W > W_FRAC + 1) ? S_W : W_FRAC + 1;
  localparam integer T_SPAN = (1 << W_EXP) + (1 << S_EXP_W) + (S_OFFSET < 0 ? -S_OFFSET : S_OFFSET) + 2;
  localparam integer T_W = $clog2(T_SPAN) + 1;  // exponents biased by W_BIAS and their differences, signed
  localparam [31:0] S_BASE = S_OFFSET;

  wire w_sign, w_nan, w_snan, w_inf;
  wire [W_EXP-1:0] w_exp;
  wire [W_FRAC:0] w_sig;
  fp_unpack #(
      .EXP_W (W_EXP),
      .FRAC_W(W_FRAC),
      .FAMILY(W_FAMILY),
      .DAZ   (W_DAZ)
  ) u_unpack_w (
      .in_code (w),
      .out_sign(w_sign),
      .out_nan (w_nan),
      .out_snan(w_snan),
      .out_inf (w_inf),
      .out_exp (w_exp),
      .out_sig (w_sig)
  );

  wire signed [T_W-1:0] w_top = $signed({{(T_W - W_EXP) {1'b0}}, w_exp});
  wire signed [T_W-1:0] s_top = $signed({{(T_W - S_EXP_W) {1'b0}}, s_exp}) + $signed(S_BASE[T_W-1:0]);
  wire signed [T_W-1:0] apart = w_top - s_top;
  wire w_stays = ~apart[T_W-1] | ~(|s_sig);
  wire [T_W-1:0] distance = apart[T_W-1] ? -apart : apart;

  wire [BOTH_W-1:0] w_left, s_left;
  generate
    if (BOTH_W > W_FRAC + 1) begin : g_pad_w
      assign w_left = {w_sig, {(BOTH_W - W_FRAC - 1) {1'b0}}};
    end else begin : g_full_w
      assign w_left = w_sig;
    end
    if (BOTH_W > S_W) begin : g_pad_s
      assign s_left = {s_sig, {(BOTH_W - S_W) {1'b0}}};
    end else begin : g_full_s
      assign s_left = s_sig;
    end
  endgenerate

  wire [BOTH_W-1:0] mover = w_stays ? s_left : w_left;
  wire [DEPTH-1:0] moved;
  wire moved_sticky;
  shift_right_sticky #(
      .W       (DEPTH),
      .AMOUNT_W(T_W)
  ) u_align (
      .in_data   ({mover, {(DEPTH - BOTH_W) {1'b0}}}),
      .in_amount (distance),
      .out_data  (moved),
      .out_sticky(moved_sticky)
  );

  wire opposite = w_sign == s_sign;  // w + (-s): the magnitudes are subtracted
  localparam integer ALIGN = RANKS - 3;
  reg [BOTH_W-1:0] stayed_q;
  reg [DEPTH:0] moved_q;  // | DEPTH | sticky |
  reg signed [T_W-1:0] top_q;  // at least 1, since w_exp is
  reg sign_q, opposite_q, nan_q, inf_q, invalid_q;
  reg [RAND_BITS-1:0] rand_aligned_q;
  reg [4:0] s_flags_aligned_q;
  always @(posedge clk)
    if (enable[ALIGN]) begin
      stayed_q          <= w_stays ? w_left : s_left;
      moved_q           <= {moved, moved_sticky};
      top_q             <= w_stays ? w_top : s_top;
      sign_q            <= (w_inf | (w_stays & ~s_inf)) ? w_sign : ~s_sign;
      opposite_q        <= opposite;
      nan_q             <= w_nan | s_nan | (w_inf & s_inf & opposite);
      inf_q             <= w_inf | s_inf;
      invalid_q         <= w_snan | s_invalid | (w_inf & s_inf & opposite & ~s_nan);
      rand_aligned_q    <= rand_aligned;
      s_flags_aligned_q <= s_flags;
    end

  // ---- Rank ALIGN + 1: subtract or add, magnitude, normalize.  | carry | DEPTH | sticky | ----
  // A sticky 1 subtracted below the last place borrows, so what is above stays the floor of the exact difference.
  localparam integer SUM_W = DEPTH + 2;
  wire [SUM_W-1:0] stayed = {1'b0, stayed_q, {(SUM_W - 1 - BOTH_W) {1'b0}}};
  wire [SUM_W-1:0] other = {1'b0, moved_q};
  wire [SUM_W-1:0] sum = opposite_q ? stayed - other : stayed + other;
  wire reversed = opposite_q & sum[SUM_W-1];
  wire [SUM_W-1:0] magnitude = reversed ? -sum : sum;
  wire cancelled = opposite_q & ~(|sum);  // an exact zero that is not the sum of two like zeros

  localparam signed [T_W-1:0] ONE = 1;
  wire signed [T_W-1:0] carry_top = top_q + ONE;
  wire signed [T_W-1:0] n_exp;
  localparam integer R_W = W_FRAC + LOST_W + 2;  // what fp_round_pack looks at; SUM_W > R_W
  wire [R_W-1:0] n_sig;
  wire n_sticky;
  fp_normalize_cut #(
      .SIG_W(SUM_W),
      .EXP_W(T_W),
      .OUT_W(R_W)
  ) u_normalize (
      .in_exp    (carry_top),
      .in_sig    (magnitude),
      .out_exp   (n_exp),
      .out_sig   (n_sig),
      .out_sticky(n_sticky)
  );

  reg result_sign_q, result_nan_q, result_inf_q, result_invalid_q, result_sticky_q;
  reg signed [T_W-1:0] result_exp_q;
  reg [R_W-1:0] result_sig_q;
  reg [RAND_BITS-1:0] rand_result_q;
  reg [4:0] s_flags_result_q;
  always @(posedge clk)
    if (enable[ALIGN+1]) begin
      result_sign_q    <= (cancelled & ~inf_q) ? ROUND == RDN : sign_q ^ (reversed & ~inf_q);
      result_nan_q     <= nan_q;
      result_inf_q     <= inf_q;
      result_invalid_q <= invalid_q;
      result_exp_q     <= n_exp;
      result_sig_q     <= n_sig;
      result_sticky_q  <= n_sticky;
      rand_result_q    <= rand_aligned_q;
      s_flags_result_q <= s_flags_aligned_q;
    end

  // ---- Last rank: round. ----
  wire [W_EXP+W_FRAC:0] code;
  wire [4:0] flags;
  fp_round_pack #(
      .EXP_W     (W_EXP),
      .FRAC_W    (W_FRAC),
      .FAMILY    (W_FAMILY),
      .SUBNORMALS(W_SUBNORMALS),
      .ROUND     (ROUND),
      .RANGE     (RANGE),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (T_W),
      .IN_SIG_W  (R_W),
      .SHIFT     (0)
  ) u_round (
      .in_sign   (result_sign_q),
      .in_nan    (result_nan_q),
      .in_inf    (result_inf_q),
      .in_invalid(result_invalid_q),
      .in_div0   (1'b0),
      .in_exp    (result_exp_q),
      .in_sig    (result_sig_q),
      .in_sticky (result_sticky_q),
      .in_rand   (rand_result_q),
      .in_round  (4'd0),
      .out_code  (code),
      .out_flags (flags)
  );

  reg [W_EXP+W_FRAC:0] out_w_q;
  reg [4:0] out_flags_q;
  always @(posedge clk)
    if (enable[RANKS-1]) begin
      out_w_q     <= code;
      out_flags_q <= flags | s_flags_result_q;
    end
  assign out_w     = out_w_q;
  assign out_flags = out_flags_q;
endmodule
`default_nettype wire
