// fx_to_fp: a stream of signed fixed-point values, LANES a beat, to float codes, rounded once.
//
//   in_a         LANES codes Q(A_W - A_F).A_F, two's complement, lane l at [l*A_W +: A_W]; 0 gives +0
//   in_round     the mode of this beat; read only if ROUND = 10
//   in_rand      the draw R of each lane; read only for SR
//   out_y        LANES codes | sign | EXP_W | FRAC_W |
//   out_flags    5 bits a lane {invalid, div0, overflow, underflow, inexact}
//
//   A_W, A_F     width 2..32 and fraction bits, any integer, of the operand
//   FAMILY       0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf;  SUBNORMALS  0: results are never subnormal
//   ROUND        0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR; 10 as in_round says, where 7..15 are RNE
//   RANGE        0 none, 1 finite, 2 propagate
//   RAND_BITS    random bits of SR
//   STAGES       0: combinational; 1: cut before the rounding
//
// Latency STAGES, one beat a clock.  Java twin: Arithmetic.convert.
`default_nettype none
module fx_to_fp #(
    parameter integer LANES      = 1,
    parameter integer STAGES     = 0,
    parameter integer A_W        = 16,
    parameter integer A_F        = 8,
    parameter integer EXP_W      = 4,
    parameter integer FRAC_W     = 3,
    parameter integer BIAS       = (1 << (EXP_W - 1)) - 1,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 0,
    parameter integer RAND_BITS  = 1
) (
    input  wire                              clk,
    input  wire                              rst_n,
    input  wire                              in_valid,
    output wire                              in_ready,
    input  wire [             LANES*A_W-1:0] in_a,
    input  wire [                       3:0] in_round,
    input  wire [       LANES*RAND_BITS-1:0] in_rand,
    output wire                              out_valid,
    input  wire                              out_ready,
    output wire [LANES*(1+EXP_W+FRAC_W)-1:0] out_y,
    output wire [               LANES*5-1:0] out_flags
);
  generate
    if (LANES < 1 || LANES > 32768) begin : g_check_lanes
      $error("fx_to_fp: LANES must be in 1..32768");
    end
    if (STAGES < 0 || STAGES > 1) begin : g_check_stages
      $error("fx_to_fp: STAGES must be in 0..1");
    end
    if (A_W < 2 || A_W > 32) begin : g_check_a_width
      $error("fx_to_fp: A_W must be in 2..32");
    end
    if (EXP_W < 1 || EXP_W > 11) begin : g_check_exp
      $error("fx_to_fp: EXP_W must be in 1..11");
    end
    if (FRAC_W < 0 || FRAC_W > 52) begin : g_check_frac
      $error("fx_to_fp: FRAC_W must be in 0..52");
    end
    if (FAMILY < 0 || FAMILY > 5) begin : g_check_family
      $error("fx_to_fp: FAMILY must be in 0..5");
    end
    if ((ROUND < 0 || ROUND > 6) && ROUND != 10) begin : g_check_round
      $error("fx_to_fp: ROUND must be in 0..6 or 10");
    end
    if (RANGE < 0 || RANGE > 2) begin : g_check_range
      $error("fx_to_fp: RANGE must be in 0..2");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("fx_to_fp: RAND_BITS must be in 1..32");
    end
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

  localparam integer W = 1 + EXP_W + FRAC_W;
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      fx_to_fp_lane #(
          .STAGES    (STAGES),
          .A_W       (A_W),
          .A_F       (A_F),
          .EXP_W     (EXP_W),
          .FRAC_W    (FRAC_W),
          .BIAS      (BIAS),
          .FAMILY    (FAMILY),
          .SUBNORMALS(SUBNORMALS),
          .ROUND     (ROUND),
          .RANGE     (RANGE),
          .RAND_BITS (RAND_BITS)
      ) u_lane (
          .clk      (clk),
          .enable   (enable),
          .in_a     (in_a[l*A_W+:A_W]),
          .in_round (in_round),
          .in_rand  (in_rand[l*RAND_BITS+:RAND_BITS]),
          .out_y    (out_y[l*W+:W]),
          .out_flags(out_flags[l*5+:5])
      );
    end
  endgenerate
endmodule
`default_nettype wire
