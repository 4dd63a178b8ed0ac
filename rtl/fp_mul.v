// fp_mul: y = a * b, rounded once, on a stream of LANES pairs a beat.
//
//   in_a, in_b  LANES codes each, lane l at [l*(1 + EXP_W + FRAC_W) +: 1 + EXP_W + FRAC_W]
//   in_round    the rounding mode of the beat, numbered as ROUND (more than 6 is RNE); read only if ROUND = 10
//   in_rand     LANES draws of RAND_BITS; read only for SR
//   out_y       LANES codes;  out_flags  5 bits a lane {invalid, div0, overflow, underflow, inexact}
//
//   STAGES      0..3 ranks of registers (0: combinational); fp_mul_lane says where, or fp_mul_flush_lane, which takes its
//               place where subnormals are neither read nor made, fractions have 1..3 bits and ROUND is in 0..5
//   EXP_W 1..11, FRAC_W 0..23 (1 + EXP_W + FRAC_W at least 3), BIAS any
//   FAMILY      0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf
//   SUBNORMALS  0: results are never subnormal;  DAZ  1: subnormal operands read as zero
//   ROUND       0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR, 10 as in_round says
//   RANGE       0 none, 1 finite, 2 propagate
//   RAND_BITS   1..32, of SR, which is exact to floor(v * 2^RAND_BITS) for every operand
//   DSP         1: the product is written as `*`
//
// Latency STAGES, one beat a clock; a beat waits as in stream_ranks.  Java twin: Arithmetic.mul, Elementwise.mul.
`default_nettype none
module fp_mul #(
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
    parameter integer DSP        = 0
) (
    input  wire                              clk,
    input  wire                              rst_n,
    input  wire                              in_valid,
    output wire                              in_ready,
    input  wire [LANES*(1+EXP_W+FRAC_W)-1:0] in_a,
    input  wire [LANES*(1+EXP_W+FRAC_W)-1:0] in_b,
    input  wire [                       3:0] in_round,
    input  wire [       LANES*RAND_BITS-1:0] in_rand,
    output wire                              out_valid,
    input  wire                              out_ready,
    output wire [LANES*(1+EXP_W+FRAC_W)-1:0] out_y,
    output wire [               LANES*5-1:0] out_flags
);
  localparam integer WIDTH = 1 + EXP_W + FRAC_W;

  generate
    if (LANES < 1) begin : g_check_lanes
      $error("fp_mul: LANES must be at least 1");
    end
    if (STAGES < 0 || STAGES > 3) begin : g_check_stages
      $error("fp_mul: STAGES must be in 0..3");
    end
    if (FRAC_W > 23) begin : g_check_frac
      $error("fp_mul: FRAC_W must be in 0..23");
    end
    if (SUBNORMALS < 0 || SUBNORMALS > 1 || DAZ < 0 || DAZ > 1) begin : g_check_subnormals
      $error("fp_mul: SUBNORMALS and DAZ must be 0 or 1");
    end
    // fp_round_pack checks the other parameters.
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
      if (SUBNORMALS == 0 && DAZ != 0 && ROUND <= 5 && EXP_W >= 2 && FRAC_W >= 1 && FRAC_W <= 3) begin : g_short
        fp_mul_flush_lane #(
            .STAGES(STAGES),
            .EXP_W (EXP_W),
            .FRAC_W(FRAC_W),
            .BIAS  (BIAS),
            .FAMILY(FAMILY),
            .ROUND (ROUND),
            .RANGE (RANGE)
        ) u_lane (
            .clk      (clk),
            .enable   (enable),
            .in_a     (in_a[l*WIDTH+:WIDTH]),
            .in_b     (in_b[l*WIDTH+:WIDTH]),
            .out_y    (out_y[l*WIDTH+:WIDTH]),
            .out_flags(out_flags[l*5+:5])
        );
        wire _unused = &{1'b0, in_round, in_rand[l*RAND_BITS+:RAND_BITS]};
      end else begin : g_any
        fp_mul_lane #(
            .STAGES    (STAGES),
            .EXP_W     (EXP_W),
            .FRAC_W    (FRAC_W),
            .BIAS      (BIAS),
            .FAMILY    (FAMILY),
            .SUBNORMALS(SUBNORMALS),
            .DAZ       (DAZ),
            .ROUND     (ROUND),
            .RANGE     (RANGE),
            .RAND_BITS (RAND_BITS),
            .DSP       (DSP)
        ) u_lane (
            .clk      (clk),
            .enable   (enable),
            .in_a     (in_a[l*WIDTH+:WIDTH]),
            .in_b     (in_b[l*WIDTH+:WIDTH]),
            .in_round (in_round),
            .in_rand  (in_rand[l*RAND_BITS+:RAND_BITS]),
            .out_y    (out_y[l*WIDTH+:WIDTH]),
            .out_flags(out_flags[l*5+:5])
        );
      end
    end
  endgenerate
endmodule
`default_nettype wire
