// sgd_update: the weight update of SGD on a stream of LANES weights a beat.
//
//   w <- Qw(w - step * g)                FUSED = 1, one rounding
//   w <- Qw(w - Qprod(step * g))         FUSED = 0
//   v <- Qv(mu * v + g) first, and the new v in the place of g, with MOMENTUM = 1
//
//   in_w, in_g  LANES codes each, lane l at [l*WIDTH +: WIDTH];  in_step  unsigned, in_step * 2^-STEP_FRAC
//   out_w       LANES weight codes;  out_flags  5 bits a lane {invalid, div0, overflow, underflow, inexact}
//   seed_*      loads the stream seed_lane of random bits with seed_data (not 0): l for the update of lane l,
//               LANES + l for its product, 2*LANES + l for its velocity; a rounding that is not SR has no stream.  A beat accepted at the same edge
//               still takes its draw from the old state, the load wins over that beat's advance.
//
//   KIND        0 fixed point: W_WIDTH, W_FRAC and so on; the *_EXP, *_BIAS, *_FAMILY, *_SUBNORMALS, *_DAZ are unread
//               1 float: W_WIDTH = 1 + W_EXP + W_FRAC; *_FAMILY 0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf
//   ROUND       0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR; fixed also 7 half up, 8 half down, 9 half to zero
//   RANGE       float 0 none, 1 finite, 2 propagate; fixed 3 saturate, 4 symmetric, 5 wrap
//   P_*         the product's format, rounding and range rule; unread if FUSED = 1
//   V_*, MU_*   the velocity's format, rounding and range rule, and mu = in_mu * 2^-MU_FRAC; unread if MOMENTUM = 0, where
//               in_v and in_mu are not read and out_v is 0
//
// Each accepted beat (in_valid & in_ready at a rising edge) draws once from each stream.  Ranks collapse bubbles
// (stream_ranks).
//
// Latency: fixed 2 (FUSED) or 3, float 4 or 5, with momentum 2 more; one beat a clock.  Java twin: SgdUpdate.
`default_nettype none
module sgd_update #(
    parameter integer LANES        = 4,
    parameter integer KIND         = 0,
    parameter integer W_WIDTH      = 16,
    parameter integer W_EXP        = 8,
    parameter integer W_FRAC       = 12,
    parameter integer W_BIAS       = 127,
    parameter integer W_FAMILY     = 0,
    parameter integer W_SUBNORMALS = 1,
    parameter integer W_DAZ        = 0,
    parameter integer G_WIDTH      = 16,
    parameter integer G_EXP        = 8,
    parameter integer G_FRAC       = 12,
    parameter integer G_BIAS       = 127,
    parameter integer G_FAMILY     = 0,
    parameter integer G_DAZ        = 0,
    parameter integer FUSED        = 1,
    parameter integer P_WIDTH      = 16,
    parameter integer P_EXP        = 8,
    parameter integer P_FRAC       = 12,
    parameter integer P_BIAS       = 127,
    parameter integer P_FAMILY     = 0,
    parameter integer P_SUBNORMALS = 1,
    parameter integer P_DAZ        = 0,
    parameter integer ROUND        = 0,
    parameter integer RANGE        = 3,
    parameter integer RAND_BITS    = 8,
    parameter integer P_ROUND      = 0,
    parameter integer P_RANGE      = 3,
    parameter integer P_RAND_BITS  = 8,
    parameter integer STEP_WIDTH   = 1,
    parameter integer STEP_FRAC    = 4,
    parameter integer MOMENTUM     = 0,
    parameter integer V_WIDTH      = 16,
    parameter integer V_EXP        = 8,
    parameter integer V_FRAC       = 12,
    parameter integer V_BIAS       = 127,
    parameter integer V_FAMILY     = 0,
    parameter integer V_SUBNORMALS = 1,
    parameter integer V_DAZ        = 0,
    parameter integer V_ROUND      = 0,
    parameter integer V_RANGE      = 3,
    parameter integer V_RAND_BITS  = 8,
    parameter integer MU_WIDTH     = 8,
    parameter integer MU_FRAC      = 8
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire                     seed_valid,
    input  wire [             15:0] seed_lane,
    input  wire [             63:0] seed_data,
    input  wire                     in_valid,
    output wire                     in_ready,
    input  wire [LANES*W_WIDTH-1:0] in_w,
    input  wire [LANES*G_WIDTH-1:0] in_g,
    input  wire [   STEP_WIDTH-1:0] in_step,
    input  wire [LANES*V_WIDTH-1:0] in_v,
    input  wire [     MU_WIDTH-1:0] in_mu,
    output wire                     out_valid,
    input  wire                     out_ready,
    output wire [LANES*W_WIDTH-1:0] out_w,
    output wire [      LANES*5-1:0] out_flags,
    output wire [LANES*V_WIDTH-1:0] out_v
);
  localparam integer SR = 6;

  generate
    if (LANES < 1 || LANES > 32768) begin : g_check_lanes
      $error("sgd_update: LANES must be in 1..32768");
    end
    if (KIND < 0 || KIND > 1) begin : g_check_kind
      $error("sgd_update: KIND must be 0 (fixed) or 1 (float)");
    end
    if (FUSED < 0 || FUSED > 1) begin : g_check_fused
      $error("sgd_update: FUSED must be 0 or 1");
    end
    if (W_WIDTH < 2 || W_WIDTH > 16 || G_WIDTH < 2 || G_WIDTH > 16) begin : g_check_width
      $error("sgd_update: W_WIDTH and G_WIDTH must be in 2..16");
    end
    if (STEP_WIDTH < 1 || STEP_WIDTH > 16) begin : g_check_step
      $error("sgd_update: STEP_WIDTH must be in 1..16");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32 || P_RAND_BITS < 1 || P_RAND_BITS > 32) begin : g_check_rand
      $error("sgd_update: RAND_BITS and P_RAND_BITS must be in 1..32");
    end
    if (FUSED == 0 && (P_WIDTH < 2 || P_WIDTH > 32)) begin : g_check_product_width
      $error("sgd_update: P_WIDTH must be in 2..32");
    end
    if (KIND == 1) begin : g_check_float
      if (W_EXP < 1 || W_EXP > 11 || G_EXP < 1 || G_EXP > 11 || W_FRAC < 0 || G_FRAC < 0) begin : g_exp
        $error("sgd_update: W_EXP and G_EXP must be in 1..11, W_FRAC and G_FRAC at least 0");
      end
      if (W_WIDTH != 1 + W_EXP + W_FRAC || G_WIDTH != 1 + G_EXP + G_FRAC) begin : g_sum
        $error("sgd_update: a float's width must be 1 + its EXP + its FRAC");
      end
      if (W_FAMILY < 0 || W_FAMILY > 5 || G_FAMILY < 0 || G_FAMILY > 5) begin : g_family
        $error("sgd_update: W_FAMILY and G_FAMILY must be in 0..5");
      end
      if (ROUND < 0 || ROUND > 6 || RANGE < 0 || RANGE > 2) begin : g_rules
        $error("sgd_update: a float's ROUND must be in 0..6 and its RANGE in 0..2");
      end
      if (FUSED == 0) begin : g_product
        if (P_EXP < 1 || P_EXP > 11 || P_FRAC < 0 || P_WIDTH != 1 + P_EXP + P_FRAC) begin : g_sum
          $error("sgd_update: P_EXP must be in 1..11, P_FRAC at least 0, P_WIDTH their sum plus 1");
        end
        if (P_FAMILY < 0 || P_FAMILY > 5) begin : g_family
          $error("sgd_update: P_FAMILY must be in 0..5");
        end
        if (P_ROUND < 0 || P_ROUND > 6 || P_RANGE < 0 || P_RANGE > 2) begin : g_rules
          $error("sgd_update: a float product's P_ROUND must be in 0..6 and its P_RANGE in 0..2");
        end
      end
    end else begin : g_check_fixed
      if (ROUND < 0 || ROUND > 9 || RANGE < 3 || RANGE > 5) begin : g_rules
        $error("sgd_update: a fixed format's ROUND must be in 0..9 and its RANGE in 3..5");
      end
      if (FUSED == 0 && (P_ROUND < 0 || P_ROUND > 9 || P_RANGE < 3 || P_RANGE > 5)) begin : g_product
        $error("sgd_update: a fixed product's P_ROUND must be in 0..9 and its P_RANGE in 3..5");
      end
    end
    if (MOMENTUM < 0 || MOMENTUM > 1) begin : g_check_momentum
      $error("sgd_update: MOMENTUM must be 0 or 1");
    end
    if (MOMENTUM == 1) begin : g_check_velocity
      if (LANES > 16384) begin : g_lanes
        $error("sgd_update: LANES must be in 1..16384 with momentum");
      end
      if (V_WIDTH < 2 || V_WIDTH > 16) begin : g_width
        $error("sgd_update: V_WIDTH must be in 2..16");
      end
      if (MU_WIDTH < 1 || MU_WIDTH > 16) begin : g_factor
        $error("sgd_update: MU_WIDTH must be in 1..16");
      end
      if (V_RAND_BITS < 1 || V_RAND_BITS > 32) begin : g_rand
        $error("sgd_update: V_RAND_BITS must be in 1..32");
      end
      if (KIND == 1 && (V_EXP < 1 || V_EXP > 8 || G_EXP > 8 || V_WIDTH != 1 + V_EXP + V_FRAC)) begin : g_sum
        $error("sgd_update: V_EXP and G_EXP must be in 1..8 with momentum, V_WIDTH 1 + V_EXP + V_FRAC");
      end
    end
  endgenerate

  localparam integer LANE_RANKS = ((KIND == 1) ? 4 : 2) + ((FUSED == 1) ? 0 : 1);
  localparam integer V_RANKS = (MOMENTUM == 1) ? 2 : 0;
  localparam integer RANKS = V_RANKS + LANE_RANKS;
  wire [RANKS-1:0] enable;
  stream_ranks #(
      .RANKS(RANKS)
  ) u_ranks (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .enable   (enable)
  );
  wire accept = in_valid & in_ready;

  // What the weights are moved along: the gradient, or the new velocity, with the step of its beat.
  localparam integer D_WIDTH = (MOMENTUM == 1) ? V_WIDTH : G_WIDTH;
  localparam integer D_EXP = (MOMENTUM == 1) ? V_EXP : G_EXP;
  localparam integer D_FRAC = (MOMENTUM == 1) ? V_FRAC : G_FRAC;
  localparam integer D_BIAS = (MOMENTUM == 1) ? V_BIAS : G_BIAS;
  localparam integer D_FAMILY = (MOMENTUM == 1) ? V_FAMILY : G_FAMILY;
  localparam integer D_DAZ = (MOMENTUM == 1) ? V_DAZ : G_DAZ;
  wire [STEP_WIDTH-1:0] step;
  rank_delay #(
      .W    (STEP_WIDTH),
      .RANKS(V_RANKS)
  ) u_step (
      .clk   (clk),
      .enable(enable[(V_RANKS>0?V_RANKS : 1)-1:0]),
      .d     (in_step),
      .q     (step)
  );

  genvar l;
  generate
    if (MOMENTUM == 0) begin : g_no_velocity
      assign out_v = {(LANES * V_WIDTH) {1'b0}};
      wire _unused = &{1'b0, in_v, in_mu};
    end
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      wire [RAND_BITS-1:0] drawn;
      wire [P_RAND_BITS-1:0] product_drawn;
      wire [RAND_BITS-1:0] rand_bits;
      wire [P_RAND_BITS-1:0] product_rand;
      wire [W_WIDTH-1:0] w;
      wire [D_WIDTH-1:0] direction;
      wire [4:0] lane_flags;

      if (ROUND == SR) begin : g_rand
        random_bits #(
            .BITS(RAND_BITS)
        ) u_rand (
            .clk      (clk),
            .rst_n    (rst_n),
            .load     (seed_valid && {16'd0, seed_lane} == l),
            .load_data(seed_data),
            .draw     (accept),
            .bits     (drawn)
        );
      end else begin : g_no_rand
        assign drawn = {RAND_BITS{1'b0}};
      end

      if (P_ROUND == SR && FUSED == 0) begin : g_product_rand
        random_bits #(
            .BITS(P_RAND_BITS)
        ) u_rand (
            .clk      (clk),
            .rst_n    (rst_n),
            .load     (seed_valid && {16'd0, seed_lane} == LANES + l),
            .load_data(seed_data),
            .draw     (accept),
            .bits     (product_drawn)
        );
      end else begin : g_no_product_rand
        assign product_drawn = {P_RAND_BITS{1'b0}};
      end

      if (MOMENTUM == 0) begin : g_gradient
        assign w                 = in_w[l*W_WIDTH+:W_WIDTH];
        assign direction         = in_g[l*G_WIDTH+:G_WIDTH];
        assign rand_bits         = drawn;
        assign product_rand      = product_drawn;
        assign out_flags[l*5+:5] = lane_flags;
      end else begin : g_velocity
        wire [V_RAND_BITS-1:0] velocity_drawn;
        if (V_ROUND == SR) begin : g_rand
          random_bits #(
              .BITS(V_RAND_BITS)
          ) u_rand (
              .clk      (clk),
              .rst_n    (rst_n),
              .load     (seed_valid && {16'd0, seed_lane} == 2 * LANES + l),
              .load_data(seed_data),
              .draw     (accept),
              .bits     (velocity_drawn)
          );
        end else begin : g_no_rand
          assign velocity_drawn = {V_RAND_BITS{1'b0}};
        end

        wire [4:0] flags;
        sgd_velocity #(
            .KIND        (KIND),
            .V_WIDTH     (V_WIDTH),
            .V_EXP       (V_EXP),
            .V_FRAC      (V_FRAC),
            .V_BIAS      (V_BIAS),
            .V_FAMILY    (V_FAMILY),
            .V_SUBNORMALS(V_SUBNORMALS),
            .V_DAZ       (V_DAZ),
            .V_ROUND     (V_ROUND),
            .V_RANGE     (V_RANGE),
            .V_RAND_BITS (V_RAND_BITS),
            .G_WIDTH     (G_WIDTH),
            .G_EXP       (G_EXP),
            .G_FRAC      (G_FRAC),
            .G_BIAS      (G_BIAS),
            .G_FAMILY    (G_FAMILY),
            .G_DAZ       (G_DAZ),
            .MU_WIDTH    (MU_WIDTH),
            .MU_FRAC     (MU_FRAC)
        ) u_velocity (
            .clk      (clk),
            .enable   (enable[1:0]),
            .in_v     (in_v[l*V_WIDTH+:V_WIDTH]),
            .in_g     (in_g[l*G_WIDTH+:G_WIDTH]),
            .in_mu    (in_mu),
            .in_rand  (velocity_drawn),
            .out_v    (direction),
            .out_flags(flags)
        );
        // The weight and its draws wait for the velocity, the velocity and its flags for the weight.
        rank_delay #(
            .W    (W_WIDTH + RAND_BITS + P_RAND_BITS),
            .RANKS(2)
        ) u_wait (
            .clk   (clk),
            .enable(enable[1:0]),
            .d     ({in_w[l*W_WIDTH+:W_WIDTH], drawn, product_drawn}),
            .q     ({w, rand_bits, product_rand})
        );
        wire [4:0] velocity_flags;
        rank_delay #(
            .W    (V_WIDTH + 5),
            .RANKS(LANE_RANKS)
        ) u_beside (
            .clk   (clk),
            .enable(enable[RANKS-1:2]),
            .d     ({direction, flags}),
            .q     ({out_v[l*V_WIDTH+:V_WIDTH], velocity_flags})
        );
        assign out_flags[l*5+:5] = lane_flags | velocity_flags;
      end

      if (KIND == 1) begin : g_float
        fp_sgd_lane #(
            .W_EXP       (W_EXP),
            .W_FRAC      (W_FRAC),
            .W_BIAS      (W_BIAS),
            .W_FAMILY    (W_FAMILY),
            .W_SUBNORMALS(W_SUBNORMALS),
            .W_DAZ       (W_DAZ),
            .G_EXP       (D_EXP),
            .G_FRAC      (D_FRAC),
            .G_BIAS      (D_BIAS),
            .G_FAMILY    (D_FAMILY),
            .G_DAZ       (D_DAZ),
            .FUSED       (FUSED),
            .P_EXP       (P_EXP),
            .P_FRAC      (P_FRAC),
            .P_BIAS      (P_BIAS),
            .P_FAMILY    (P_FAMILY),
            .P_SUBNORMALS(P_SUBNORMALS),
            .P_DAZ       (P_DAZ),
            .ROUND       (ROUND),
            .RANGE       (RANGE),
            .RAND_BITS   (RAND_BITS),
            .P_ROUND     (P_ROUND),
            .P_RANGE     (P_RANGE),
            .P_RAND_BITS (P_RAND_BITS),
            .STEP_WIDTH  (STEP_WIDTH),
            .STEP_FRAC   (STEP_FRAC),
            .RANKS       (LANE_RANKS)
        ) u_lane (
            .clk            (clk),
            .enable         (enable[RANKS-1:V_RANKS]),
            .in_w           (w),
            .in_g           (direction),
            .in_step        (step),
            .in_rand        (rand_bits),
            .in_product_rand(product_rand),
            .out_w          (out_w[l*W_WIDTH+:W_WIDTH]),
            .out_flags      (lane_flags)
        );
      end else begin : g_fixed
        fx_sgd_lane #(
            .W_WIDTH    (W_WIDTH),
            .W_FRAC     (W_FRAC),
            .G_WIDTH    (D_WIDTH),
            .G_FRAC     (D_FRAC),
            .FUSED      (FUSED),
            .P_WIDTH    (P_WIDTH),
            .P_FRAC     (P_FRAC),
            .ROUND      (ROUND),
            .RANGE      (RANGE),
            .RAND_BITS  (RAND_BITS),
            .P_ROUND    (P_ROUND),
            .P_RANGE    (P_RANGE),
            .P_RAND_BITS(P_RAND_BITS),
            .STEP_WIDTH (STEP_WIDTH),
            .STEP_FRAC  (STEP_FRAC),
            .RANKS      (LANE_RANKS)
        ) u_lane (
            .clk            (clk),
            .enable         (enable[RANKS-1:V_RANKS]),
            .in_w           (w),
            .in_g           (direction),
            .in_step        (step),
            .in_rand        (rand_bits),
            .in_product_rand(product_rand),
            .out_w          (out_w[l*W_WIDTH+:W_WIDTH]),
            .out_flags      (lane_flags)
        );
      end
    end
  endgenerate

  wire _unused = &{1'b0, seed_valid, seed_lane, seed_data, accept};
endmodule
`default_nettype wire
