// fp_add: y = a + b, or a - b where in_sub is 1, rounded once, on a stream of LANES pairs a beat.
//
//   in_a, in_b  LANES codes each, lane l at [l*(1 + EXP_W + FRAC_W) +: 1 + EXP_W + FRAC_W]
//   in_sub      1 subtracts in the beat
//   in_round    the rounding mode of the beat, numbered as ROUND (more than 6 is RNE); read only if ROUND = 10
//   in_rand     LANES draws of RAND_BITS; read only for SR
//   out_y       LANES codes;  out_flags  5 bits a lane {invalid, div0, overflow, underflow, inexact}
//
//   STAGES      0..5 ranks of registers (0: combinational); fp_add_lane says where
//   EXP_W 1..11, FRAC_W 0..23, BIAS any (no sum depends on it)
//   FAMILY      0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf
//   SUBNORMALS  0: results are never subnormal;  DAZ  1: subnormal operands read as zero
//   ROUND       0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR, 10 as in_round says
//   RANGE       0 none, 1 finite, 2 propagate
//   RAND_BITS   1..32, of SR, which is exact to floor(v * 2^RAND_BITS) for every pair
//   TWO_PATH    1: differences that may cancel are normalized beside the alignment of the others: larger, and faster
//
// Latency STAGES, one beat a clock; a beat waits as in stream_ranks.  Java twin: Arithmetic.add (sub), Elementwise.add.
`default_nettype none
module fp_add #(
    parameter integer LANES      = 1,
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
    parameter integer TWO_PATH   = 0
) (
    input  wire                              clk,
    input  wire                              rst_n,
    input  wire                              in_valid,
    output wire                              in_ready,
    input  wire [LANES*(1+EXP_W+FRAC_W)-1:0] in_a,
    input  wire [LANES*(1+EXP_W+FRAC_W)-1:0] in_b,
    input  wire                              in_sub,
    input  wire [                       3:0] in_round,
    input  wire [       LANES*RAND_BITS-1:0] in_rand,
    output wire                              out_valid,
    input  wire                              out_ready,
    output wire [LANES*(1+EXP_W+FRAC_W)-1:0] out_y,
    output wire [               LANES*5-1:0] out_flags
);
  localparam integer WIDTH = 1 + EXP_W + FRAC_W;
  wire _unused = &{1'b0, BIAS[0]};

  generate
    if (LANES < 1) begin : g_check_lanes
      $error("fp_add: LANES must be at least 1");
    end
    if (STAGES < 0 || STAGES > 5) begin : g_check_stages
      $error("fp_add: STAGES must be in 0..5");
    end
    if (FRAC_W > 23) begin : g_check_frac
      $error("fp_add: FRAC_W must be in 0..23");
    end
    if (SUBNORMALS < 0 || SUBNORMALS > 1 || DAZ < 0 || DAZ > 1) begin : g_check_subnormals
      $error("fp_add: SUBNORMALS and DAZ must be 0 or 1");
    end
    if (TWO_PATH < 0 || TWO_PATH > 1) begin : g_check_path
      $error("fp_add: TWO_PATH must be 0 or 1");
    end
    if (RANGE < 0 || RANGE > 2) begin : g_check_range
      $error("fp_add: RANGE must be in 0..2");
    end
    // fp_round checks the other parameters.
  endgenerate

  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable;
  stream_ranks #(
      .RANKS(STAGES)
  ) u_ranks (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .enable   (enable)
  );

  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      fp_add_lane #(
          .STAGES    (STAGES),
          .EXP_W     (EXP_W),
          .FRAC_W    (FRAC_W),
          .FAMILY    (FAMILY),
          .SUBNORMALS(SUBNORMALS),
          .DAZ       (DAZ),
          .ROUND     (ROUND),
          .RANGE     (RANGE),
          .RAND_BITS (RAND_BITS),
          .TWO_PATH  (TWO_PATH)
      ) u_lane (
          .clk      (clk),
          .enable   (enable),
          .in_a     (in_a[l*WIDTH+:WIDTH]),
          .in_b     (in_b[l*WIDTH+:WIDTH]),
          .in_sub   (in_sub),
          .in_round (in_round),
          .in_rand  (in_rand[l*RAND_BITS+:RAND_BITS]),
          .out_y    (out_y[l*WIDTH+:WIDTH]),
          .out_flags(out_flags[l*5+:5])
      );
    end
  endgenerate
endmodule
`default_nettype wire
