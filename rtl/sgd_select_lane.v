// sgd_select_lane: one lane of sgd_update_select, w <- Qw(w - step * g), fixed point or float, formats as inputs.
//
//   in_w, in_g, in_step, in_draw   codes, step code, and the draw R left-aligned in RAND_BITS bits
//   cfg_*      as in sgd_update_select
//   enable     enable[k]: rank k takes a new word at this edge (stream_ranks)
//   out_w, out_flags               code, right-aligned, and {invalid, div0, overflow, underflow, inexact}
//
// Both kinds share one path of signs and magnitudes:
//
//   product   |g| or g's significand times step, exact                                   (cut, STAGES 3)
//   align     float: the larger exponent stays, the other moves right.  Fixed: w stays at its place in the window, the
//             product starts PLACES - 1 places left of it and moves right.  A sticky bit takes what leaves
//                                                                                        (cut, STAGES 2)
//   sum       | carry | DEPTH | sticky |, magnitude, normalized for floats               (cut, STAGES 1)
//   round     fp_round_select; or fx_round_up, then the range of cfg_w_width bits
//
// Java twin: SgdUpdate.
`default_nettype none
module sgd_select_lane #(
    parameter integer STAGES     = 0,
    parameter integer WIDTH      = 16,
    parameter integer MAX_EXP_W  = 8,
    parameter integer MAX_FRAC_W = 10,
    parameter integer BIAS_W     = 10,
    parameter integer STEP_WIDTH = 8,
    parameter integer RAND_BITS  = 12
) (
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire                                 cfg_kind,
    input  wire [                          4:0] cfg_w_width,
    input  wire [                          3:0] cfg_w_exp,
    input  wire [                   BIAS_W-1:0] cfg_w_frac,
    input  wire [                   BIAS_W-1:0] cfg_w_bias,
    input  wire [                          2:0] cfg_w_family,
    input  wire                                 cfg_w_subnormals,
    input  wire                                 cfg_w_daz,
    input  wire [                          4:0] cfg_g_width,
    input  wire [                          3:0] cfg_g_exp,
    input  wire [                   BIAS_W-1:0] cfg_g_frac,
    input  wire [                   BIAS_W-1:0] cfg_g_bias,
    input  wire [                          2:0] cfg_g_family,
    input  wire                                 cfg_g_daz,
    input  wire [                   BIAS_W-1:0] cfg_step_frac,
    input  wire [                          3:0] cfg_round,
    input  wire [                          2:0] cfg_range,
    input  wire [                    WIDTH-1:0] in_w,
    input  wire [                    WIDTH-1:0] in_g,
    input  wire [               STEP_WIDTH-1:0] in_step,
    input  wire [                RAND_BITS-1:0] in_draw,
    output wire [                    WIDTH-1:0] out_w,
    output wire [                          4:0] out_flags
);
  localparam [3:0] RDN = 4;
  localparam [2:0] SYMMETRIC = 4, WRAP = 5;

  // Widths.  SIG_W: a float's significand or a fixed magnitude, which is at most 2^(WIDTH-1).
  localparam integer SIG_W = (MAX_FRAC_W + 1 > WIDTH) ? MAX_FRAC_W + 1 : WIDTH;
  localparam integer X_W = SIG_W + STEP_WIDTH;
  // As in fp_sgd_lane: X_W + MAX_FRAC_W + 1 + RAND_BITS exact places under the larger exponent are enough for floats.
  // Fixed: | product's first place: X_W + WIDTH - 1 | lost: RAND_BITS |.
  localparam integer FLOAT_DEPTH = X_W + MAX_FRAC_W + 1 + RAND_BITS;
  localparam integer FIXED_DEPTH = X_W + WIDTH - 1 + RAND_BITS;
  localparam integer DEPTH = (FLOAT_DEPTH > FIXED_DEPTH) ? FLOAT_DEPTH : FIXED_DEPTH;
  localparam integer PLACES = DEPTH - RAND_BITS - X_W + 1;  // so far left of w's last place may the product's start, less 1
  localparam integer SUM_W = DEPTH + 2;
  // Exponents and distances: sums of two biases, two exponent fields, a step's places, SUM_W; signed.
  localparam integer SPAN = (3 << BIAS_W) + (2 << MAX_EXP_W) + 4 * SUM_W;
  localparam integer T_W = $clog2(SPAN) + 1;

  wire cfg_float = cfg_kind;
  wire signed [T_W-1:0] w_frac = {{(T_W - BIAS_W) {cfg_w_frac[BIAS_W-1]}}, cfg_w_frac};
  wire signed [T_W-1:0] g_frac = {{(T_W - BIAS_W) {cfg_g_frac[BIAS_W-1]}}, cfg_g_frac};
  wire signed [T_W-1:0] w_bias = {{(T_W - BIAS_W) {cfg_w_bias[BIAS_W-1]}}, cfg_w_bias};
  wire signed [T_W-1:0] g_bias = {{(T_W - BIAS_W) {cfg_g_bias[BIAS_W-1]}}, cfg_g_bias};
  wire signed [T_W-1:0] step_frac = {{(T_W - BIAS_W) {cfg_step_frac[BIAS_W-1]}}, cfg_step_frac};

  // ---- Take apart; product.  Sign of g. ----
  wire g_sign, g_nan, g_snan, g_inf, w_sign, w_nan, w_snan, w_inf;
  wire [MAX_EXP_W-1:0] g_exp, w_exp;
  wire [SIG_W-1:0] g_sig, w_sig;  // floats left-aligned, fixed right-aligned
  sgd_select_operand #(
      .WIDTH     (WIDTH),
      .MAX_EXP_W (MAX_EXP_W),
      .MAX_FRAC_W(MAX_FRAC_W),
      .SIG_W     (SIG_W)
  ) u_g (
      .cfg_float (cfg_float),
      .cfg_width (cfg_g_width),
      .cfg_exp   (cfg_g_exp),
      .cfg_frac  (cfg_g_frac[5:0]),
      .cfg_family(cfg_g_family),
      .cfg_daz   (cfg_g_daz),
      .in_code   (in_g),
      .out_sign  (g_sign),
      .out_nan   (g_nan),
      .out_snan  (g_snan),
      .out_inf   (g_inf),
      .out_exp   (g_exp),
      .out_sig   (g_sig)
  );
  wire zero_times_inf = g_inf & ~(|in_step);
  wire [X_W-1:0] product = {{STEP_WIDTH{1'b0}}, g_sig} * {{SIG_W{1'b0}}, in_step};

  wire [WIDTH-1:0] p_w;
  wire [RAND_BITS-1:0] p_draw;
  wire p_sign, p_nan, p_inf, p_invalid;
  wire [MAX_EXP_W-1:0] p_exp;
  wire [X_W-1:0] p_sig;
  pipe_rank #(
      .W (WIDTH + RAND_BITS + MAX_EXP_W + X_W + 4),
      .ON((STAGES >= 3) ? 1 : 0)
  ) u_product (
      .clk   (clk),
      .enable(enable[0]),
      .d     ({in_w, in_draw, g_sign, g_nan | zero_times_inf, g_inf, g_snan | zero_times_inf, g_exp, product}),
      .q     ({p_w, p_draw, p_sign, p_nan, p_inf, p_invalid, p_exp, p_sig})
  );

  // ---- Align. ----
  sgd_select_operand #(
      .WIDTH     (WIDTH),
      .MAX_EXP_W (MAX_EXP_W),
      .MAX_FRAC_W(MAX_FRAC_W),
      .SIG_W     (SIG_W)
  ) u_w (
      .cfg_float (cfg_float),
      .cfg_width (cfg_w_width),
      .cfg_exp   (cfg_w_exp),
      .cfg_frac  (cfg_w_frac[5:0]),
      .cfg_family(cfg_w_family),
      .cfg_daz   (cfg_w_daz),
      .in_code   (p_w),
      .out_sign  (w_sign),
      .out_nan   (w_nan),
      .out_snan  (w_snan),
      .out_inf   (w_inf),
      .out_exp   (w_exp),
      .out_sig   (w_sig)
  );

  // Float: exponents of the top bits, biased by cfg_w_bias.
  wire signed [T_W-1:0] w_top = {{(T_W - MAX_EXP_W) {1'b0}}, w_exp};
  wire signed [T_W-1:0] p_field = {{(T_W - MAX_EXP_W) {1'b0}}, p_exp};
  wire signed [T_W-1:0] carry = STEP_WIDTH[T_W-1:0];
  wire signed [T_W-1:0] p_top = p_field + w_bias - g_bias + carry - step_frac;
  wire signed [T_W-1:0] apart = w_top - p_top;
  wire w_stays = ~apart[T_W-1] | ~(|p_sig);
  wire [T_W-1:0] float_distance = apart[T_W-1] ? -apart : apart;
  // Fixed: places that the product's last bit stands right of PLACES - 1 above w's last.
  wire signed [T_W-1:0] leftmost = PLACES[T_W-1:0] - 1'b1;
  wire signed [T_W-1:0] fixed_distance = leftmost - w_frac + g_frac + step_frac;
  wire far = ~cfg_float & fixed_distance[T_W-1] & (|p_sig);  // all of it left of what the result can hold

  wire [DEPTH-1:0] w_left = {w_sig, {(DEPTH - SIG_W) {1'b0}}};
  wire [DEPTH-1:0] p_left = {p_sig, {(DEPTH - X_W) {1'b0}}};
  wire [DEPTH-1:0] w_placed = {{(DEPTH - SIG_W - RAND_BITS) {1'b0}}, w_sig, {RAND_BITS{1'b0}}};
  // A float's significand ends up with its top bit at the left; SIG_W may be wider.
  localparam integer SPARE = SIG_W - MAX_FRAC_W - 1;
  wire mover_is_w = cfg_float & ~w_stays;
  wire [DEPTH-1:0] stayer = ~cfg_float ? w_placed : w_stays ? w_left << SPARE : p_left << SPARE;
  wire [DEPTH-1:0] mover = mover_is_w ? w_left << SPARE : cfg_float ? p_left << SPARE : p_left;
  wire [T_W-2:0] distance = cfg_float ? float_distance[T_W-2:0] : fixed_distance[T_W-2:0];
  wire [DEPTH-1:0] moved;
  wire moved_sticky;
  shift_right_sticky #(
      .W       (DEPTH),
      .AMOUNT_W(T_W - 1)
  ) u_align (
      .in_data   (mover & {DEPTH{~far}}),
      .in_amount (distance),
      .out_data  (moved),
      .out_sticky(moved_sticky)
  );
  wire opposite = w_sign == p_sign;  // w + (-p): the magnitudes are subtracted
  wire clash = w_inf & p_inf & opposite;
  // Floats: the sign of what stays.  Fixed: w stays, and far is of the product's opposite sign.
  wire a_sign_d = ~cfg_float ? w_sign : (w_inf | (w_stays & ~p_inf)) ? w_sign : ~p_sign;

  localparam integer ALIGN = (STAGES >= 3) ? 1 : 0;
  wire [DEPTH-1:0] a_stayer;
  wire [DEPTH:0] a_moved;
  wire signed [T_W-1:0] a_top;
  wire a_sign, a_opposite, a_nan, a_inf, a_invalid, a_far, a_far_sign;
  wire [RAND_BITS-1:0] a_draw;
  pipe_rank #(
      .W (2 * DEPTH + 1 + T_W + RAND_BITS + 7),
      .ON((STAGES >= 2) ? 1 : 0)
  ) u_aligned (
      .clk   (clk),
      .enable(enable[ALIGN]),
      .d     ({stayer, moved, moved_sticky, w_stays ? w_top : p_top, a_sign_d, opposite, w_nan | p_nan | clash,
               w_inf | p_inf, w_snan | p_invalid | (clash & ~p_nan), far, ~p_sign, p_draw}),
      .q     ({a_stayer, a_moved, a_top, a_sign, a_opposite, a_nan, a_inf, a_invalid, a_far, a_far_sign, a_draw})
  );

  // ---- Sum; magnitude; normalize. ----
  wire [SUM_W-1:0] stayed = {1'b0, a_stayer, 1'b0};
  wire [SUM_W-1:0] other = {1'b0, a_moved};
  wire [SUM_W-1:0] sum = a_opposite ? stayed - other : stayed + other;
  wire reversed = a_opposite & sum[SUM_W-1];
  wire [SUM_W-1:0] magnitude = reversed ? -sum : sum;
  wire cancelled = a_opposite & ~(|sum);
  wire s_sign_d = (cfg_float & cancelled & ~a_inf) ? cfg_round == RDN : a_sign ^ (reversed & ~a_inf);

  // SUM_W above the true exponent, so that fp_normalize never stops early.
  wire signed [T_W-1:0] roomy = a_top + $signed(SUM_W[T_W-1:0]);
  wire signed [T_W-1:0] n_exp;
  wire [SUM_W-1:0] n_sig;
  fp_normalize #(
      .SIG_W(SUM_W),
      .EXP_W(T_W)
  ) u_normalize (
      .in_exp (roomy),
      .in_sig (magnitude),
      .out_exp(n_exp),
      .out_sig(n_sig)
  );

  localparam integer LAST = (STAGES > 0) ? STAGES - 1 : 0;
  wire s_sign, s_nan, s_inf, s_invalid, s_far, s_far_sign;
  wire signed [T_W-1:0] s_exp;
  wire [SUM_W-1:0] s_sig;
  wire [RAND_BITS-1:0] s_draw;
  pipe_rank #(
      .W (SUM_W + T_W + RAND_BITS + 6),
      .ON((STAGES >= 1) ? 1 : 0)
  ) u_sum (
      .clk   (clk),
      .enable(enable[LAST]),
      .d     ({s_sign_d, a_nan, a_inf, a_invalid, a_far, a_far_sign, n_exp, cfg_float ? n_sig : magnitude, a_draw}),
      .q     ({s_sign, s_nan, s_inf, s_invalid, s_far, s_far_sign, s_exp, s_sig, s_draw})
  );

  // ---- Round: float. ----
  localparam integer BACK = 1 - SUM_W;  // the top bit is the sum's carry, one above the larger exponent
  wire signed [T_W-1:0] r_exp = s_exp + $signed(BACK[T_W-1:0]);
  wire [MAX_EXP_W+MAX_FRAC_W:0] float_code;
  wire [4:0] float_flags;
  fp_round_select #(
      .MAX_EXP_W (MAX_EXP_W),
      .MAX_FRAC_W(MAX_FRAC_W),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (T_W),
      .IN_SIG_W  (SUM_W)
  ) u_round_float (
      .in_sign      (s_sign),
      .in_nan       (s_nan),
      .in_inf       (s_inf),
      .in_invalid   (s_invalid),
      .in_exp       (r_exp),
      .in_sig       (s_sig),
      .in_sticky    (1'b0),
      .in_exp_w     (cfg_w_exp),
      .in_frac_w    (cfg_w_frac[5:0]),
      .in_family    (cfg_w_family),
      .in_subnormals(cfg_w_subnormals),
      .in_range     (cfg_range[1:0]),
      .in_round     (cfg_round),
      .in_rand      (s_draw),
      .out_code     (float_code),
      .out_flags    (float_flags)
  );

  // ---- Round: fixed.  | KEPT_W | lost: RAND_BITS | sticky |; a negative value's floor as in fp_to_fx_lane. ----
  localparam integer KEPT_W = SUM_W - RAND_BITS - 1;
  localparam integer LOST_W = RAND_BITS + 1;
  wire signed [KEPT_W:0] floor = {1'b0, s_sig[SUM_W-1:LOST_W]} ^ {(KEPT_W + 1) {s_sign}};
  wire [LOST_W-1:0] lost = (s_sig[LOST_W-1:0] ^ {LOST_W{s_sign}}) + {{(LOST_W - 1) {1'b0}}, s_sign};
  wire up, inexact;
  fx_round_up #(
      .LOST_W   (LOST_W),
      .ROUND    (10),
      .RAND_BITS(RAND_BITS)
  ) u_round_fixed (
      .in_odd     (floor[0]),
      .in_negative(s_sign),
      .in_lost    (lost),
      .in_rand    (s_draw),
      .in_round   (cfg_round),
      .out_up     (up),
      .out_inexact(inexact)
  );
  wire signed [KEPT_W:0] rounded = floor + $signed({{KEPT_W{1'b0}}, up | (s_sign & ~inexact)});
  localparam [KEPT_W:0] ONES = {(KEPT_W + 1) {1'b1}};
  wire signed [KEPT_W:0] lowest = $signed((ONES << cfg_w_width) >> 1 | (ONES << KEPT_W)) + $signed({{KEPT_W{1'b0}}, cfg_range == SYMMETRIC});
  wire signed [KEPT_W:0] highest = $signed(~(ONES << cfg_w_width) >> 1);
  wire over = s_far ? ~s_far_sign : rounded > highest;
  wire under = s_far ? s_far_sign : rounded < lowest;
  wire clamped = (over | under) & cfg_range != WRAP;
  wire [KEPT_W:0] fitted = ~clamped ? rounded : under ? lowest : highest;
  wire [KEPT_W:0] fixed_code = fitted & ~(ONES << cfg_w_width);
  wire [4:0] fixed_flags = {2'b00, over | under, 1'b0, inexact | over | under};

  assign out_w = cfg_float ? float_code[WIDTH-1:0] : fixed_code[WIDTH-1:0];
  assign out_flags = cfg_float ? float_flags : fixed_flags;
  wire _unused = &{1'b0, float_code, fixed_code, float_distance};
endmodule
`default_nettype wire
