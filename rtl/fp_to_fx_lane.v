// fp_to_fx_lane: one lane of fp_to_fx, a float code to a signed fixed-point value, rounded once.
//
//   in_a       | sign | A_EXP_W | A_FRAC_W |
//   in_rand, in_round, parameters of the result   as in fx_requantize;  out_y  Q(W - F).F
//   out_flags  {invalid, div0, overflow, underflow, inexact}
//   enable     enable[k]: rank k takes a new word at this edge (stream_ranks)
//
// An infinity saturates, or gives 0 under wrap (flags overflow, inexact); NaN gives 0 (flag invalid).
//
// The significand starts at the left end of | kept | lost: LOST_W | and moves right by TOP_SHIFT less the places that
// it stands left of the result's last one.  A negative value's floor is ~kept plus 1 if nothing is lost, and then its
// lost part is 1 - lost: so negation and rounding share one carry chain.
//
// STAGES 0, or 1: cut before the rounding.  Java twin: Arithmetic.convert.
`default_nettype none
module fp_to_fx_lane #(
    parameter integer STAGES    = 0,
    parameter integer A_EXP_W   = 8,
    parameter integer A_FRAC_W  = 7,
    parameter integer A_BIAS    = (1 << (A_EXP_W - 1)) - 1,
    parameter integer A_FAMILY  = 0,
    parameter integer A_DAZ     = 0,
    parameter integer W         = 16,
    parameter integer F         = 8,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 1
) (
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire [           A_EXP_W+A_FRAC_W:0] in_a,
    input  wire [                          3:0] in_round,
    input  wire [                RAND_BITS-1:0] in_rand,
    output wire [                        W-1:0] out_y,
    output wire [                          4:0] out_flags
);
  localparam integer SR = 6, WRAP = 5, RUNTIME = 10;

  wire sign, nan, snan, inf;
  wire [A_EXP_W-1:0] field;
  wire [A_FRAC_W:0] sig;
  fp_unpack #(
      .EXP_W (A_EXP_W),
      .FRAC_W(A_FRAC_W),
      .FAMILY(A_FAMILY),
      .DAZ   (A_DAZ)
  ) u_unpack (
      .in_code (in_a),
      .out_sign(sign),
      .out_nan (nan),
      .out_snan(snan),
      .out_inf (inf),
      .out_exp (field),
      .out_sig (sig)
  );

  // sig's last bit stands field + LAST places left of the result's last one.  W or more: the value is out of range, and
  // its low W bits are 0.
  localparam integer LAST = F - A_BIAS - A_FRAC_W;
  localparam integer LOST_W = (ROUND == SR || ROUND == RUNTIME) ? RAND_BITS : 1;
  localparam integer MOST = (1 << A_EXP_W) - 1 + LAST;
  localparam integer MOST_KEPT = (MOST < W - 1) ? MOST : W - 1;
  localparam integer TOP_SHIFT = (MOST_KEPT > -LOST_W) ? MOST_KEPT : -LOST_W;
  localparam integer WIN_W = TOP_SHIFT + LOST_W + A_FRAC_W + 1;
  localparam integer BASE = TOP_SHIFT - LAST;
  localparam integer T_W = $clog2((1 << A_EXP_W) + (BASE < 0 ? -BASE : BASE) + 1) + 1;
  wire [T_W-1:0] distance = BASE[T_W-1:0] - {{(T_W - A_EXP_W) {1'b0}}, field};
  wire far = (distance[T_W-1] & (|sig)) | inf;

  wire [WIN_W-1:0] placed;
  generate
    if (WIN_W > A_FRAC_W + 1) begin : g_place
      assign placed = {sig, {(WIN_W - A_FRAC_W - 1) {1'b0}}};
    end else begin : g_full
      assign placed = sig;
    end
  endgenerate

  wire [WIN_W-1:0] moved;
  wire sticky;
  shift_right_sticky #(
      .W       (WIN_W),
      .AMOUNT_W(T_W - 1)
  ) u_align (
      .in_data   (placed),
      .in_amount (distance[T_W-2:0]),
      .out_data  (moved),
      .out_sticky(sticky)
  );

  wire r_sign, r_nan, r_snan, r_far, r_sticky;
  wire [WIN_W-1:0] r_moved;
  wire [RAND_BITS-1:0] r_rand;
  wire [3:0] r_round;
  pipe_rank #(
      .W (WIN_W + RAND_BITS + 9),
      .ON(STAGES)
  ) u_rank (
      .clk   (clk),
      .enable(enable[0]),
      .d     ({sign, nan, snan, far, moved, sticky, in_rand, in_round}),
      .q     ({r_sign, r_nan, r_snan, r_far, r_moved, r_sticky, r_rand, r_round})
  );

  // | sign | out of range | kept |
  localparam integer KEPT_W = WIN_W - LOST_W;
  localparam integer FLOOR_W = ((KEPT_W > W + 1) ? KEPT_W : W + 1) + 1;
  wire [FLOOR_W+LOST_W-1:0] wide = {{(FLOOR_W - KEPT_W) {1'b0}}, r_moved};
  wire [FLOOR_W-1:0] out_of_range = {1'b0, r_far, {(FLOOR_W - 2) {1'b0}}};
  wire [FLOOR_W-1:0] kept = (wide[FLOOR_W+LOST_W-1:LOST_W] | out_of_range);
  wire [FLOOR_W-1:0] floor = kept ^ {FLOOR_W{r_sign}};
  wire [LOST_W:0] below = {wide[LOST_W-1:0], r_sticky};
  wire [LOST_W:0] lost = (below ^ {(LOST_W + 1) {r_sign}}) + {{LOST_W{1'b0}}, r_sign};

  wire up, inexact;
  fx_round_up #(
      .LOST_W   (LOST_W + 1),
      .ROUND    (ROUND),
      .RAND_BITS(RAND_BITS)
  ) u_round (
      .in_odd     (floor[0]),
      .in_negative(r_sign),
      .in_lost    (lost),
      .in_rand    (r_rand),
      .in_round   (r_round),
      .out_up     (up),
      .out_inexact(inexact)
  );

  wire [W-1:0] fitted;
  wire overflow;
  fx_clamp #(
      .IN_W (FLOOR_W),
      .OUT_W(W),
      .RANGE(RANGE)
  ) u_clamp (
      .in_floor    (floor),
      .in_up       (up | (r_sign & ~inexact)),
      .out_data    (fitted),
      .out_overflow(overflow)
  );

  wire zero = r_nan | (r_far & (RANGE == WRAP));
  assign out_y = fitted & {W{~zero}};
  assign out_flags = {r_nan, 1'b0, overflow & ~r_nan, 1'b0, (overflow | inexact) & ~r_nan};
  wire _unused = &{1'b0, r_snan};
endmodule
`default_nettype wire
