// fp_add_lane: one lane of fp_add: in_a + in_b, or in_a - in_b if in_sub, rounded once.
//
//   in_a, in_b  | sign | EXP_W | FRAC_W |;  in_round  the mode if ROUND = 10;  in_rand  the draw R
//   enable[k]   the registers of rank k take a new word at this edge
//   out_y, out_flags   the code of the result; {invalid, div0, overflow, underflow, inexact}
//
//   order      major and minor by one comparison of the raw {exponent, fraction}: nothing below is ever negative
//   align      minor moves right under major: | hidden | FRAC_W | K + 1 |, and a sticky bit.  K = RAND_BITS for SR and
//              1 otherwise.  A difference loses more than one leading place only if the exponents are at most 1 apart,
//              and then nothing is sticky; so K + 1 places below the last keep floor(v * 2^K) exact.
//   sum        | carry | hidden | FRAC_W | K + 1 |, the floor of the exact magnitude
//   normalize  to the left, but no further than exponent 1: gradual underflow needs no denormalizer
//   round      fp_round, whose chain also adds 1 - count to the exponent; fp_range
//
// With TWO_PATH differences of significands at most one place apart, which alone cancel and are always exact, are formed
// and normalized beside the alignment of the others; these move by at most two places, and both meet before the rounding.
//
// Where the STAGES ranks sit is in CUTS below.  Java twin: Arithmetic.add (slow), Elementwise.add (fast).
`default_nettype none
module fp_add_lane #(
    parameter integer STAGES     = 0,
    parameter integer EXP_W      = 4,
    parameter integer FRAC_W     = 3,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer DAZ        = 0,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 0,
    parameter integer RAND_BITS  = 1,
    parameter integer TWO_PATH   = 0
) (
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire [               EXP_W+FRAC_W:0] in_a,
    input  wire [               EXP_W+FRAC_W:0] in_b,
    input  wire                                 in_sub,
    input  wire [                          3:0] in_round,
    input  wire [                RAND_BITS-1:0] in_rand,
    output wire [               EXP_W+FRAC_W:0] out_y,
    output wire [                          4:0] out_flags
);
  localparam [3:0] RDN = 4;
  localparam integer MAG_W = EXP_W + FRAC_W;

  // Cut c is on iff bit c is set: 0 ordered, 1 aligned, 2 summed, then 3 half normalized, 4 normalized, or of two paths
  // 3 merged, 4 rounded.
  localparam [4:0] CUTS = (STAGES == 0) ? 5'b00000 : (STAGES == 1) ? 5'b00010
                        : (STAGES == 2) ? ((TWO_PATH != 0) ? 5'b01010 : 5'b00110)
                        : (STAGES == 3) ? 5'b01011 : (STAGES == 4) ? 5'b01111 : 5'b11111;
  // The rank behind each cut; that of a cut which is off is not read.
  localparam integer RANK_1 = (CUTS[0] ? 1 : 0);
  localparam integer RANK_2 = RANK_1 + (CUTS[1] ? 1 : 0);
  localparam integer RANK_3 = RANK_2 + (CUTS[2] ? 1 : 0);
  localparam integer RANK_4 = RANK_3 + (CUTS[3] ? 1 : 0);
  wire [5:0] move = {{(6 - (STAGES > 0 ? STAGES : 1)) {1'b0}}, enable};

  // What only rounding reads.
  localparam integer LATE_W = 4 + RAND_BITS;
  wire [LATE_W-1:0] late_0 = {(ROUND == 10) ? in_round : ROUND[3:0],
                              (ROUND == 6 || ROUND == 10) ? in_rand : {RAND_BITS{1'b0}}};

  // ---- Order. ----
  wire [MAG_W-1:0] a_mag = in_a[MAG_W-1:0];
  wire [MAG_W-1:0] b_mag = in_b[MAG_W-1:0];
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
  wire opposed = a_sign ^ b_sign ^ in_sub;
  wire clash = a_inf & b_inf & opposed;  // Inf - Inf
  wire a_normal = a_sig[FRAC_W];
  wire b_normal = b_sig[FRAC_W];
  wire a_first = a_mag >= b_mag;
  // Both differences of exponents, beside the comparison.  A subnormal's exponent 0 stands for 1: a half behind the
  // exponents does it, floor(el - 1/2) = el - 1.
  wire [EXP_W:0] a_place = {in_a[MAG_W-1:FRAC_W], ~a_normal & (DAZ == 0)};
  wire [EXP_W:0] b_place = {in_b[MAG_W-1:FRAC_W], ~b_normal & (DAZ == 0)};
  wire [EXP_W:0] a_above = a_place - b_place;
  wire [EXP_W:0] b_above = b_place - a_place;
  wire [MAG_W-1:0] major, minor;
  wire sign_1, opposite_1, major_normal_1, minor_normal_1, nan_1, inf_1, invalid_1;
  wire [EXP_W-1:0] apart;
  wire [LATE_W-1:0] late_1;
  pipe_rank #(
      .W (2 * MAG_W + 7 + EXP_W + LATE_W),
      .ON(CUTS[0] ? 1 : 0)
  ) u_ordered (
      .clk   (clk),
      .enable(move[0]),
      .d     ({a_first ? a_mag : b_mag, a_first ? b_mag : a_mag, a_first ? a_sign : b_sign ^ in_sub, opposed,
               a_normal | b_normal, a_normal & b_normal, a_nan | b_nan | clash, a_inf | b_inf,
               a_snan | b_snan | clash, a_first ? a_above[EXP_W:1] : b_above[EXP_W:1], late_0}),
      .q     ({major, minor, sign_1, opposite_1, major_normal_1, minor_normal_1, nan_1, inf_1, invalid_1, apart, late_1})
  );

  // ---- Align. ----
  localparam integer K = (ROUND == 6 || ROUND == 10) ? RAND_BITS : 1;
  localparam integer N = FRAC_W + K + 2;
  wire [FRAC_W+K+1:0] minor_sig, major_sig_wide;
  generate
    if (FRAC_W == 0) begin : g_hidden
      assign minor_sig = {minor_normal_1, {(K + 1) {1'b0}}};
      assign major_sig_wide = {major_normal_1, {(K + 1) {1'b0}}};
    end else begin : g_fraction
      assign minor_sig = {minor_normal_1, minor[FRAC_W-1:0] & {FRAC_W{minor_normal_1 | DAZ == 0}}, {(K + 1) {1'b0}}};
      assign major_sig_wide = {major_normal_1, major[FRAC_W-1:0] & {FRAC_W{major_normal_1 | DAZ == 0}}, {(K + 1) {1'b0}}};
    end
  endgenerate
  wire [N-1:0] moved;
  wire moved_sticky;
  shift_right_sticky #(
      .W       (N),
      .AMOUNT_W(EXP_W)
  ) u_align (
      .in_data   (minor_sig),
      .in_amount (apart),
      .out_data  (moved),
      .out_sticky(moved_sticky)
  );

  localparam integer SPECIAL_W = 5 + EXP_W;  // sign, opposite, nan, inf, invalid, exponent
  wire [EXP_W:0] one = {{EXP_W{1'b0}}, ~major_normal_1 & (DAZ == 0)};
  wire [EXP_W-1:0] major_exp = major[MAG_W-1:FRAC_W] | one[EXP_W-1:0];
  wire [FRAC_W:0] major_sig;
  wire [N-1:0] moved_2;
  wire sticky_2, opposite_2;
  wire [SPECIAL_W-2:0] special_2;
  wire [LATE_W-1:0] late_2;
  pipe_rank #(
      .W (FRAC_W + 2 + N + SPECIAL_W + LATE_W),
      .ON(CUTS[1] ? 1 : 0)
  ) u_aligned (
      .clk   (clk),
      .enable(move[RANK_1]),
      .d     ({major_sig_wide[N-1:K+1], moved, moved_sticky, opposite_1, sign_1, nan_1, inf_1, invalid_1, major_exp, late_1}),
      .q     ({major_sig, moved_2, sticky_2, opposite_2, special_2, late_2})
  );

  // ---- Sum.  The last place makes the carry of a subtraction, unless a sticky bit borrows it. ----
  localparam integer SUM_W = N + 1;
  wire [SUM_W:0] total = {1'b0, major_sig, {(K + 1) {1'b0}}, opposite_2}
                       + {{1'b0, moved_2} ^ {SUM_W{opposite_2}}, ~sticky_2};
  wire [SUM_W-1:0] sum;
  wire sticky_3, opposite_3;
  wire [SPECIAL_W-2:0] special_3;
  wire [LATE_W-1:0] late_3;
  pipe_rank #(
      .W (SUM_W + 1 + SPECIAL_W + LATE_W),
      .ON(CUTS[2] ? 1 : 0)
  ) u_summed (
      .clk   (clk),
      .enable(move[RANK_2]),
      .d     ({total[SUM_W:1], sticky_2, opposite_2, special_2, late_2}),
      .q     ({sum, sticky_3, opposite_3, special_3, late_3})
  );

  // ---- What is normalized: the sum, or beside it the difference of significands at most one place apart. ----
  localparam integer NORM_W = (TWO_PATH != 0) ? FRAC_W + 3 : SUM_W;
  localparam integer HALF_ON = (TWO_PATH != 0) ? (CUTS[2] ? 1 : 0) : (CUTS[3] ? 1 : 0);
  wire [NORM_W-1:0] whole;
  wire [EXP_W-1:0] room;
  wire near;  // the second path's result counts
  generate
    if (TWO_PATH != 0) begin : g_near
      wire [FRAC_W+1:0] minor_near = apart[0] ? {1'b0, minor_sig[N-1:K+1]} : {minor_sig[N-1:K+1], 1'b0};
      wire [FRAC_W+1:0] difference = {major_sig_wide[N-1:K+1], 1'b0} - minor_near;
      wire [EXP_W:0] far_apart = {1'b0, apart} >> 1;
      pipe_rank #(
          .W (FRAC_W + 3),
          .ON(CUTS[1] ? 1 : 0)
      ) u_near (
          .clk   (clk),
          .enable(move[RANK_1]),
          .d     ({opposite_1 & ~(|far_apart), difference}),
          .q     ({near, whole[FRAC_W+1:0]})
      );
      assign whole[NORM_W-1] = 1'b0;
      assign room = special_2[EXP_W-1:0];
    end else begin : g_sum
      assign near  = opposite_3;
      assign whole = sum;
      assign room  = special_3[EXP_W-1:0];
    end
  endgenerate

  // ---- Normalize.  Step k shifts by 2^k if the first 2^k bits are 0 and there is room: the exponent of major less the
  // places shifted so far.  A step that shifts with no more room than its own bit leaves the bits below k, one that could
  // have shifted leaves more than is needed (`plenty`); so the room is never subtracted from. ----
  localparam integer STEPS = $clog2(NORM_W);
  localparam integer HALF = STEPS / 2;
  wire [STEPS+EXP_W-1:0] room_high = {{STEPS{1'b0}}, room};
  reg [NORM_W-1:0] sig_high;
  reg plenty_high, zeros_high;
  reg [STEPS-1:0] count_high;
  integer h;
  always @* begin
    sig_high = whole;
    plenty_high = |room_high[STEPS+EXP_W-1:STEPS];
    count_high = {STEPS{1'b0}};
    zeros_high = 1'b0;
    for (h = STEPS - 1; h >= HALF; h = h - 1) begin
      zeros_high    = ~(|(sig_high >> (NORM_W - (1 << h))));
      count_high[h] = zeros_high & (plenty_high | room_high[h]);
      plenty_high   = plenty_high | (room_high[h] & ~zeros_high);
      sig_high      = count_high[h] ? sig_high << (1 << h) : sig_high;
    end
  end

  // Only exponents at most 1 apart cancel to 0, so the first places tell.
  wire cancelled_high = near & ~(|whole[NORM_W-1-:FRAC_W+3]);
  wire [NORM_W-1:0] sig_half;
  wire [STEPS-1:0] count_half;
  wire plenty_half, cancelled, near_half;
  pipe_rank #(
      .W (NORM_W + STEPS + 3),
      .ON(HALF_ON)
  ) u_half (
      .clk   (clk),
      .enable(move[(TWO_PATH!=0) ? RANK_2 : RANK_3]),
      .d     ({sig_high, count_high, plenty_high, cancelled_high, near}),
      .q     ({sig_half, count_half, plenty_half, cancelled, near_half})
  );
  wire [SUM_W-1:0] sum_4;
  wire sticky_4, opposite_4;
  wire [SPECIAL_W-2:0] special_4;
  wire [LATE_W-1:0] late_4;
  pipe_rank #(
      .W (SUM_W + 1 + SPECIAL_W + LATE_W),
      .ON((TWO_PATH == 0 && CUTS[3]) ? 1 : 0)
  ) u_beside (
      .clk   (clk),
      .enable(move[RANK_3]),
      .d     ({sum, sticky_3, opposite_3, special_3, late_3}),
      .q     ({sum_4, sticky_4, opposite_4, special_4, late_4})
  );

  wire [STEPS+EXP_W-1:0] room_low = {{STEPS{1'b0}}, special_4[EXP_W-1:0]};
  reg [NORM_W-1:0] sig_low;
  reg plenty_low, zeros_low;
  reg [STEPS-1:0] count_low;
  integer k;
  always @* begin
    sig_low = sig_half;
    plenty_low = plenty_half;
    count_low = count_half;
    zeros_low = 1'b0;
    for (k = HALF - 1; k >= 0; k = k - 1) begin
      zeros_low    = ~(|(sig_low >> (NORM_W - (1 << k))));
      count_low[k] = zeros_low & (plenty_low | room_low[k]);
      plenty_low   = plenty_low | (room_low[k] & ~zeros_low);
      sig_low      = count_low[k] ? sig_low << (1 << k) : sig_low;
    end
  end

  // The exponent is that of major + 1 - count.  1 - count = | -(count / 2) | ~count[0] |; the rounding adds it.  An ieee
  // sum's exponent fits EXP_W bits: twice the largest finite value has the exponent of Inf.
  localparam integer E_W = (FAMILY == 0) ? EXP_W : EXP_W + 1;
  reg [STEPS:0] more_low;
  reg borrow;
  integer m;
  always @* begin
    more_low = {{STEPS{1'b0}}, ~count_low[0]};
    borrow = 1'b0;
    for (m = 1; m < STEPS; m = m + 1) begin
      more_low[m] = count_low[m] ^ borrow;
      borrow = borrow | count_low[m];
    end
    more_low[STEPS] = borrow;
  end

  wire [SUM_W-1:0] sig_d;
  wire [STEPS:0] more_d;
  generate
    if (TWO_PATH != 0) begin : g_merge
      // The other results move by at most a place: a carry stays, a sum moves up to hidden, a difference may once more.
      wire carry = sum_4[SUM_W-1];
      wire lower = opposite_4 & ~sum_4[SUM_W-2];
      wire [SUM_W-1:0] far_sig = carry ? sum_4 : lower ? {sum_4[SUM_W-3:0], 2'b00} : {sum_4[SUM_W-2:0], 1'b0};
      assign sig_d  = near_half ? {sig_low, {K{1'b0}}} : far_sig;
      assign more_d = near_half ? more_low : {{STEPS{lower}}, carry | lower};
    end else begin : g_all
      assign sig_d  = sig_low;
      assign more_d = more_low;
      wire _unused = &{1'b0, sum_4, near_half, opposite_4};
    end
  endgenerate

  localparam integer MORE_W = (E_W > STEPS + 1) ? E_W : STEPS + 1;
  wire [SUM_W-1:0] sig_5;
  wire [STEPS:0] more_5;
  wire [EXP_W-1:0] exp_5;
  wire sticky_5, sign_5, nan_5, inf_5, invalid_5;
  wire [LATE_W-1:0] late_5;
  pipe_rank #(
      .W (SUM_W + STEPS + 1 + EXP_W + 5 + LATE_W),
      .ON((CUTS[(TWO_PATH!=0) ? 3 : 4]) ? 1 : 0)
  ) u_normalized (
      .clk   (clk),
      .enable(move[(TWO_PATH!=0) ? RANK_3 : RANK_4]),
      .d     ({sig_d, more_d, special_4[EXP_W-1:0], sticky_4, cancelled ? late_4[LATE_W-1-:4] == RDN : special_4[EXP_W+3],
               special_4[EXP_W+2:EXP_W], late_4}),
      .q     ({sig_5, more_5, exp_5, sticky_5, sign_5, nan_5, inf_5, invalid_5, late_5})
  );

  // ---- Round. ----
  wire [EXP_W:0] exp_wide = {1'b0, exp_5};
  wire [MORE_W:0] more_wide = {{(MORE_W - STEPS) {more_5[STEPS]}}, more_5};
  wire [MAG_W-1:0] mag_5;
  wire too_large_5, beyond_5, inexact_5, underflow_5;
  fp_round #(
      .EXP_W     (EXP_W),
      .FRAC_W    (FRAC_W),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .ROUND     (ROUND),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (E_W),
      .IN_SIG_W  (SUM_W),
      .SHIFT     (0),
      .TINY_LOSS (0)
  ) u_round (
      .in_sign      (sign_5),
      .in_exp       (exp_wide[E_W-1:0]),
      .in_exp_more  (more_wide[E_W-1:0]),
      .in_sig       (sig_5),
      .in_sticky    (sticky_5),
      .in_rand      (late_5[RAND_BITS-1:0]),
      .in_round     (late_5[LATE_W-1-:4]),
      .out_mag      (mag_5),
      .out_too_large(too_large_5),
      .out_beyond   (beyond_5),
      .out_inexact  (inexact_5),
      .out_underflow(underflow_5)
  );

  wire [MAG_W-1:0] mag_6;
  wire too_large_6, beyond_6, inexact_6, underflow_6, sign_6, nan_6, inf_6, invalid_6;
  wire [3:0] round_6;
  pipe_rank #(
      .W (MAG_W + 12),
      .ON((TWO_PATH != 0 && CUTS[4]) ? 1 : 0)
  ) u_rounded (
      .clk   (clk),
      .enable(move[RANK_4]),
      .d     ({mag_5, too_large_5, beyond_5, inexact_5, underflow_5, sign_5, nan_5, inf_5, invalid_5, late_5[LATE_W-1-:4]}),
      .q     ({mag_6, too_large_6, beyond_6, inexact_6, underflow_6, sign_6, nan_6, inf_6, invalid_6, round_6})
  );
  fp_range #(
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .RANGE (RANGE)
  ) u_range (
      .in_sign     (sign_6),
      .in_nan      (nan_6),
      .in_inf      (inf_6),
      .in_invalid  (invalid_6),
      .in_div0     (1'b0),
      .in_mag      (mag_6),
      .in_too_large(too_large_6),
      .in_beyond   (beyond_6),
      .in_inexact  (inexact_6),
      .in_underflow(underflow_6),
      .in_round    (round_6),
      .out_code    (out_y),
      .out_flags   (out_flags)
  );

  wire _unused = &{1'b0, clk, move, a_exp, b_exp, a_sig, b_sig, minor, one[EXP_W], major_sig_wide[K:0], a_above[0], b_above[0],
                   total[0], plenty_low, room_low, more_wide, exp_wide};
endmodule
`default_nettype wire
