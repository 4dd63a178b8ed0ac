// fp_round_select: fp_round_pack with the format and every rule chosen at run time.
//
//   in_sign, in_nan, in_inf, in_invalid   as in fp_round_pack
//   in_exp         signed, biased by the format's bias, unbounded: exponent of in_sig's top bit
//   in_sig         top bit set, or all 0;  in_sticky  a nonzero part lies below it: then at least MAX_FRAC_W + RAND_BITS
//                  + 1 bits
//   in_exp_w, in_frac_w, in_family        1..MAX_EXP_W, 0..MAX_FRAC_W, 0..5 as in fp_round_pack
//   in_subnormals, in_range, in_round     as in fp_round_pack
//   in_rand        the draw R, left-aligned: N random bits stand in the top N of RAND_BITS, 0 below
//   out_code       | 0 | sign | in_exp_w | in_frac_w |, right-aligned;  out_flags  as in fp_round_pack
//
// The significand moves right twice: until its last kept bit is bit 0, then to the subnormals' place (or, without
// subnormals, until the smallest normal is 1).  What lies between is the rounding at an unbounded exponent, which tells
// whether the result is tiny.
//
// Combinational.  Java twin: Quantizer.round.
`default_nettype none
module fp_round_select #(
    parameter integer MAX_EXP_W  = 8,
    parameter integer MAX_FRAC_W = 23,
    parameter integer RAND_BITS  = 12,
    parameter integer IN_EXP_W   = 11,
    parameter integer IN_SIG_W   = 24
) (
    input  wire                                 in_sign,
    input  wire                                 in_nan,
    input  wire                                 in_inf,
    input  wire                                 in_invalid,
    input  wire signed [          IN_EXP_W-1:0] in_exp,
    input  wire        [          IN_SIG_W-1:0] in_sig,
    input  wire                                 in_sticky,
    input  wire        [                   3:0] in_exp_w,
    input  wire        [                   5:0] in_frac_w,
    input  wire        [                   2:0] in_family,
    input  wire                                 in_subnormals,
    input  wire        [                   1:0] in_range,
    input  wire        [                   3:0] in_round,
    input  wire        [         RAND_BITS-1:0] in_rand,
    output wire        [MAX_EXP_W+MAX_FRAC_W:0] out_code,
    output wire        [                   4:0] out_flags
);
  localparam [3:0] RNA = 1, RTZ = 2, RUP = 3, RDN = 4, RTO = 5, SR = 6;
  localparam integer MAG_W = MAX_EXP_W + MAX_FRAC_W;
  localparam integer KEPT_W = MAX_FRAC_W + 1;
  localparam integer WIN_W = KEPT_W + RAND_BITS;
  localparam integer BIASED_W = (IN_EXP_W > MAX_EXP_W) ? IN_EXP_W : MAX_EXP_W + 1;
  localparam integer WORD_W = BIASED_W + MAX_FRAC_W;
  localparam signed [IN_EXP_W-1:0] ONE = 1;
  localparam [WORD_W-1:0] WORD_ONE = 1;
  localparam [WORD_W-1:0] ONES = {WORD_W{1'b1}};

  // Codes of the format, sign 0.
  wire [WORD_W-1:0] min_normal = WORD_ONE << in_frac_w;
  wire [WORD_W-1:0] sign_bit = min_normal << in_exp_w;
  wire [WORD_W-1:0] fraction_mask = min_normal - WORD_ONE;
  wire [WORD_W-1:0] all_ones = sign_bit - WORD_ONE;
  wire [WORD_W-1:0] special = all_ones & ~fraction_mask;
  wire ieee = in_family == 3'd0;
  wire fn = in_family == 3'd1;
  wire finite_only = in_family == 3'd3;
  wire p3109 = in_family == 3'd4;
  wire has_inf = ieee | p3109;
  wire has_nan = ~finite_only & ~(ieee & in_frac_w == 6'd0);
  wire has_neg_zero = ieee | fn | finite_only;
  wire [WORD_W-1:0] max_finite = ieee ? special - WORD_ONE : all_ones - {{(WORD_W - 1) {1'b0}}, fn | p3109};
  wire [WORD_W-1:0] infinity = ieee ? special : all_ones;
  wire [WORD_W-1:0] nan = ~has_nan ? {WORD_W{1'b0}}
                        : ieee ? special | (min_normal >> 1) : fn ? all_ones : sign_bit;

  // The window at full precision: | KEPT_W | lost: RAND_BITS |, its last kept bit at its place.
  wire [WIN_W+IN_SIG_W-1:0] padded = {in_sig, {WIN_W{1'b0}}};
  wire [WIN_W-1:0] precise;
  wire precise_fell;
  shift_right_sticky #(
      .W       (WIN_W),
      .AMOUNT_W(6)
  ) u_precision (
      .in_data   (padded[WIN_W+IN_SIG_W-1:IN_SIG_W]),
      .in_amount (MAX_FRAC_W[5:0] - in_frac_w),
      .out_data  (precise),
      .out_sticky(precise_fell)
  );
  wire precise_sticky = in_sticky | (|padded[IN_SIG_W-1:0]) | precise_fell;

  // At the place of the result.
  wire below = in_exp < ONE;
  wire hidden = in_sig[IN_SIG_W-1] & ~below;
  wire flush = ~in_subnormals & ~hidden;
  localparam integer AMOUNT_W = ((IN_EXP_W > 6) ? IN_EXP_W : 6) + 1;
  wire [AMOUNT_W-1:0] under = {{(AMOUNT_W - IN_EXP_W) {1'b0}}, below ? ONE - in_exp : {IN_EXP_W{1'b0}}};
  wire [AMOUNT_W-1:0] further = {{(AMOUNT_W - 6) {1'b0}}, in_frac_w & {6{flush}}};
  wire [WIN_W-1:0] win;
  wire win_fell;
  shift_right_sticky #(
      .W       (WIN_W),
      .AMOUNT_W(AMOUNT_W)
  ) u_place (
      .in_data   (precise),
      .in_amount (under + further),
      .out_data  (win),
      .out_sticky(win_fell)
  );
  wire [RAND_BITS-1:0] lost = win[RAND_BITS-1:0];
  wire rest = precise_sticky | win_fell;

  wire [WORD_W-1:0] biased = {{(WORD_W - IN_EXP_W) {1'b0}}, in_exp & {IN_EXP_W{hidden}}};
  wire [WORD_W-1:0] fraction = {{(WORD_W - KEPT_W) {1'b0}}, win[WIN_W-1:RAND_BITS]} & fraction_mask;
  wire [WORD_W-1:0] lower = (biased << in_frac_w) | fraction;

  function away(input [3:0] how, input [RAND_BITS:0] behind, input [RAND_BITS-1:0] draw, input is_odd, input negative);
    reg guard, tail;
    reg [RAND_BITS:0] sum;
    begin
      guard = behind[RAND_BITS];
      tail = |behind[RAND_BITS-1:0];
      sum = {1'b0, behind[RAND_BITS:1]} + {1'b0, draw};
      case (how)
        RNA:     away = guard;
        RTZ:     away = 1'b0;
        RUP:     away = (guard | tail) & ~negative;
        RDN:     away = (guard | tail) & negative;
        RTO:     away = (guard | tail) & ~is_odd;
        SR:      away = sum[RAND_BITS];
        default: away = guard & (tail | is_odd);  // RNE
      endcase
    end
  endfunction

  wire up = away(in_round, {lost, rest}, in_rand, lower[0] & ~flush, in_sign);

  // In [1/2, 1) of the smallest normal, with in_frac_w + 1 bits that are all ones.
  wire near_normal = in_exp == {IN_EXP_W{1'b0}}
      && {{(WORD_W - KEPT_W) {1'b0}}, precise[WIN_W-1:RAND_BITS]} == {fraction_mask[WORD_W-2:0], 1'b1};
  wire up_unbounded =
      away(in_round, {precise[RAND_BITS-1:0], precise_sticky}, in_rand, in_frac_w != 6'd0, in_sign);

  wire [WORD_W-1:0] rounded = flush ? min_normal & {WORD_W{up}} : lower + {{(WORD_W - 1) {1'b0}}, up};
  wire too_large = rounded > max_finite;
  wire inexact = (|lost) | rest;
  wire tiny = ~hidden & ~(near_normal & up_unbounded) & ~(too_large & max_finite < min_normal);

  wire outward = (in_round == RUP) ? ~in_sign : (in_round == RDN) ? in_sign : in_round != RTZ & in_round != RTO;
  wire infinite = in_inf ? in_range != 2'd1 : too_large & in_range == 2'd0 & outward;
  wire largest = (in_inf | too_large) & ~infinite;
  wire to_nan = in_nan | (infinite & ~has_inf & has_nan);
  wire [WORD_W-1:0] mag = infinite ? (has_inf ? infinity : max_finite) : largest ? max_finite : rounded;
  wire sign = in_sign & (has_neg_zero | (|mag));
  wire [WORD_W-1:0] code = to_nan ? nan : mag | (sign_bit & {WORD_W{sign}});
  assign out_code = code[MAG_W:0];

  wire finite = ~in_nan & ~in_inf;
  wire replaced = in_inf & ~in_nan & (~has_inf | in_range == 2'd1);
  wire overflow = (finite & too_large) | replaced;
  assign out_flags = {
    in_invalid | (in_nan & ~has_nan), 1'b0, overflow, finite & inexact & tiny, (finite & inexact) | overflow
  };
  wire _unused = &{1'b0, code, ONES};
endmodule
`default_nettype wire
