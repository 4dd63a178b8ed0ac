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
//   round      fp_round_pack
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
    parameter integer RAND_BITS  = 1
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

  // Cut c is on iff bit c is set: 0 ordered, 1 aligned, 2 summed, 3 half normalized, 4 normalized.
  localparam [4:0] CUTS = (STAGES == 0) ? 5'b00000 : (STAGES == 1) ? 5'b00010 : (STAGES == 2) ? 5'b00110
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

  // ---- Order.  NaN of the families without -0 is the code of -0; the others' is the larger magnitude. ----
  wire [MAG_W-1:0] a_mag = in_a[MAG_W-1:0];
  wire [MAG_W-1:0] b_mag = in_b[MAG_W-1:0];
  wire a_sign = in_a[MAG_W];
  wire b_sign = in_b[MAG_W] ^ in_sub;
  wire a_normal = |in_a[MAG_W-1:FRAC_W];
  wire b_normal = |in_b[MAG_W-1:FRAC_W];
  wire a_first = a_mag >= b_mag;
  wire zero_nan = (FAMILY == 2 || FAMILY == 4 || FAMILY == 5)
                & ((in_a[MAG_W] & ~(|a_mag)) | (in_b[MAG_W] & ~(|b_mag)));

  wire [MAG_W-1:0] major, minor;
  wire sign_1, opposite_1, major_normal_1, minor_normal_1, zero_nan_1;
  wire [LATE_W-1:0] late_1;
  pipe_rank #(
      .W (2 * MAG_W + 5 + LATE_W),
      .ON(CUTS[0] ? 1 : 0)
  ) u_ordered (
      .clk   (clk),
      .enable(move[0]),
      .d     ({a_first ? a_mag : b_mag, a_first ? b_mag : a_mag, a_first ? a_sign : b_sign, a_sign ^ b_sign,
               a_normal | b_normal, a_normal & b_normal, zero_nan, late_0}),
      .q     ({major, minor, sign_1, opposite_1, major_normal_1, minor_normal_1, zero_nan_1, late_1})
  );

  // ---- Specials: seen on the larger magnitude. ----
  wire nan_d, inf_d, invalid_d;
  generate
    if (FAMILY == 0) begin : g_ieee
      wire [MAG_W:0] major_wide = {major, 1'b0};  // with a 0 behind, so that no fraction is empty
      wire [MAG_W:0] minor_wide = {minor, 1'b0};
      wire [FRAC_W:0] major_frac = major_wide[FRAC_W:0];
      wire [FRAC_W:0] minor_frac = minor_wide[FRAC_W:0];
      wire major_top = &major[MAG_W-1:FRAC_W];
      wire minor_top = &minor[MAG_W-1:FRAC_W];
      wire clash = minor_top & opposite_1 & ~(|major_frac);  // Inf - Inf: the larger is Inf, so both are
      assign inf_d     = major_top;  // NaN wins over it
      assign nan_d     = major_top & ((|major_frac) | clash);
      assign invalid_d = major_top & (clash | ((|major_frac) & ~major_frac[FRAC_W])
                       | (minor_top & (|minor_frac) & ~minor_frac[FRAC_W]));
      wire _unused = &{1'b0, major_wide, minor_wide};
    end else begin : g_others
      wire clash = (FAMILY == 4) & (&minor) & opposite_1 & ~zero_nan_1;
      assign inf_d     = (FAMILY == 4) & (&major);
      assign nan_d     = zero_nan_1 | clash | ((FAMILY == 1) & (&major));
      assign invalid_d = clash;
    end
  endgenerate

  // ---- Align.  A subnormal's exponent 0 stands for 1: a half behind the exponents does it, floor(el - 1/2) = el - 1. ----
  localparam integer K = (ROUND == 6 || ROUND == 10) ? RAND_BITS : 1;
  localparam integer N = FRAC_W + K + 2;
  wire [EXP_W:0] apart = {major[MAG_W-1:FRAC_W], ~major_normal_1 & (DAZ == 0)}
                       - {minor[MAG_W-1:FRAC_W], ~minor_normal_1 & (DAZ == 0)};
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
      .in_amount (apart[EXP_W:1]),
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
      .d     ({major_sig_wide[N-1:K+1], moved, moved_sticky, opposite_1, sign_1, nan_d, inf_d, invalid_d, major_exp, late_1}),
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

  // ---- Normalize.  Step k shifts by 2^k if the first 2^k bits are 0 and there is room: the exponent of major less the
  // places shifted so far.  A step that shifts with no more room than its own bit leaves the bits below k, one that could
  // have shifted leaves more than is needed (`plenty`); so the room is never subtracted from. ----
  localparam integer STEPS = $clog2(SUM_W);
  localparam integer HALF = STEPS / 2;
  wire [STEPS+EXP_W-1:0] room_3 = {{STEPS{1'b0}}, special_3[EXP_W-1:0]};
  reg [SUM_W-1:0] sig_high;
  reg plenty_high, zeros_high;
  reg [STEPS-1:0] count_high;
  integer h;
  always @* begin
    sig_high = sum;
    plenty_high = |room_3[STEPS+EXP_W-1:STEPS];
    count_high = {STEPS{1'b0}};
    zeros_high = 1'b0;
    for (h = STEPS - 1; h >= HALF; h = h - 1) begin
      zeros_high    = ~(|(sig_high >> (SUM_W - (1 << h))));
      count_high[h] = zeros_high & (plenty_high | room_3[h]);
      plenty_high   = plenty_high | (room_3[h] & ~zeros_high);
      sig_high      = count_high[h] ? sig_high << (1 << h) : sig_high;
    end
  end

  // Only exponents at most 1 apart cancel to 0, so the first places tell.
  wire cancelled_3 = opposite_3 & ~(|sum[SUM_W-1:K]);
  wire [SUM_W-1:0] sig_4;
  wire [STEPS-1:0] count_4;
  wire plenty_4, cancelled_4, sticky_4;
  wire [SPECIAL_W-2:0] special_4;
  wire [LATE_W-1:0] late_4;
  pipe_rank #(
      .W (SUM_W + STEPS + 3 + SPECIAL_W - 1 + LATE_W),
      .ON(CUTS[3] ? 1 : 0)
  ) u_half (
      .clk   (clk),
      .enable(move[RANK_3]),
      .d     ({sig_high, count_high, plenty_high, cancelled_3, sticky_3, special_3, late_3}),
      .q     ({sig_4, count_4, plenty_4, cancelled_4, sticky_4, special_4, late_4})
  );

  wire [STEPS+EXP_W-1:0] room_4 = {{STEPS{1'b0}}, special_4[EXP_W-1:0]};
  reg [SUM_W-1:0] sig_low;
  reg plenty_low, zeros_low;
  reg [STEPS-1:0] count_low;
  integer k;
  always @* begin
    sig_low = sig_4;
    plenty_low = plenty_4;
    count_low = count_4;
    zeros_low = 1'b0;
    for (k = HALF - 1; k >= 0; k = k - 1) begin
      zeros_low    = ~(|(sig_low >> (SUM_W - (1 << k))));
      count_low[k] = zeros_low & (plenty_low | room_4[k]);
      plenty_low   = plenty_low | (room_4[k] & ~zeros_low);
      sig_low      = count_low[k] ? sig_low << (1 << k) : sig_low;
    end
  end

  // The exponent is that of major + 1 - count = major + ~count + 2; fp_round_pack adds the 2.  An ieee sum's fits EXP_W
  // bits: twice the largest finite value has the exponent of Inf.
  localparam integer E_W = (FAMILY == 0) ? EXP_W : EXP_W + 1;
  wire [E_W+STEPS-1:0] down = ~{{E_W{1'b0}}, count_low};
  wire [E_W:0] exp_wide = {{(E_W + 1 - EXP_W) {1'b0}}, special_4[EXP_W-1:0]};
  wire signed [E_W-1:0] exp_4 = exp_wide[E_W-1:0] + down[E_W-1:0];

  wire [SUM_W-1:0] sig_5;
  wire signed [E_W-1:0] exp_5;
  wire sticky_5, sign_5, nan_5, inf_5, invalid_5;
  wire [LATE_W-1:0] late_5;
  pipe_rank #(
      .W (SUM_W + E_W + 5 + LATE_W),
      .ON(CUTS[4] ? 1 : 0)
  ) u_normalized (
      .clk   (clk),
      .enable(move[RANK_4]),
      .d     ({sig_low, exp_4, sticky_4, cancelled_4 ? late_4[LATE_W-1-:4] == RDN : special_4[EXP_W+3],
               special_4[EXP_W+2:EXP_W], late_4}),
      .q     ({sig_5, exp_5, sticky_5, sign_5, nan_5, inf_5, invalid_5, late_5})
  );

  fp_round_pack #(
      .EXP_W     (EXP_W),
      .FRAC_W    (FRAC_W),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .ROUND     (ROUND),
      .RANGE     (RANGE),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (E_W),
      .IN_SIG_W  (SUM_W),
      .SHIFT     (0),
      .EXP_OFFSET(2),
      .TINY_LOSS (0)
  ) u_round (
      .in_sign   (sign_5),
      .in_nan    (nan_5),
      .in_inf    (inf_5),
      .in_invalid(invalid_5),
      .in_div0   (1'b0),
      .in_exp    (exp_5),
      .in_sig    (sig_5),
      .in_sticky (sticky_5),
      .in_rand   (late_5[RAND_BITS-1:0]),
      .in_round  (late_5[LATE_W-1-:4]),
      .out_code  (out_y),
      .out_flags (out_flags)
  );

  wire _unused = &{1'b0, clk, move, zero_nan_1, one[EXP_W], major_sig_wide[K:0], apart[0], total[0], down, exp_wide, plenty_low, room_4};
endmodule
`default_nettype wire
