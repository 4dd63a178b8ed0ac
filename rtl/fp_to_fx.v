// fp_to_fx: a stream of float codes, LANES a beat, to signed fixed point, rounded once.
//
//   in_a         LANES codes | sign | A_EXP_W | A_FRAC_W |, lane l at [l*(1+A_EXP_W+A_FRAC_W) +: ...]
//   in_round     the mode of this beat; read only if ROUND = 10
//   in_rand      the draw R of each lane; read only for SR
//   out_y        LANES codes Q(W - F).F, two's complement, lane l at [l*W +: W]
//   out_flags    5 bits a lane {invalid, div0, overflow, underflow, inexact}
//
// An infinity saturates, or gives 0 under wrap (flags overflow, inexact); NaN gives 0 (flag invalid).
//
//   A_*          the operand's format: exponent and fraction bits, bias, family, A_DAZ = 1 reads subnormals as 0
//   A_FAMILY     0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf
//   W, F         width 2..32 and fraction bits, any integer, of the result
//   ROUND        0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR, 7 half up, 8 half down, 9 half to zero;
//                10 as in_round says, where 10..15 are RNE
//   RANGE        3 saturate, 4 symmetric (never the smallest code), 5 wrap
//   RAND_BITS    random bits of SR
//   STAGES       0: combinational; 1: cut before the rounding
//
// Latency STAGES, one beat a clock.  Java twin: Arithmetic.convert.
`default_nettype none
module fp_to_fx #(
    parameter integer LANES     = 1,
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
    input  wire                                  clk,
    input  wire                                  rst_n,
    input  wire                                  in_valid,
    output wire                                  in_ready,
    input  wire [LANES*(1+A_EXP_W+A_FRAC_W)-1:0] in_a,
    input  wire [                           3:0] in_round,
    input  wire [           LANES*RAND_BITS-1:0] in_rand,
    output wire                                  out_valid,
    input  wire                                  out_ready,
    output wire [                   LANES*W-1:0] out_y,
    output wire [                   LANES*5-1:0] out_flags
);
  generate
    if (LANES < 1 || LANES > 32768) begin : g_check_lanes
      $error("fp_to_fx: LANES must be in 1..32768");
    end
    if (STAGES < 0 || STAGES > 1) begin : g_check_stages
      $error("fp_to_fx: STAGES must be in 0..1");
    end
    if (A_EXP_W < 1 || A_EXP_W > 11) begin : g_check_a_exp
      $error("fp_to_fx: A_EXP_W must be in 1..11");
    end
    if (A_FRAC_W < 0 || A_FRAC_W > 52) begin : g_check_a_frac
      $error("fp_to_fx: A_FRAC_W must be in 0..52");
    end
    if (A_FAMILY < 0 || A_FAMILY > 5) begin : g_check_a_family
      $error("fp_to_fx: A_FAMILY must be in 0..5");
    end
    if (W < 2 || W > 32) begin : g_check_width
      $error("fp_to_fx: W must be in 2..32");
    end
    if (ROUND < 0 || ROUND > 10) begin : g_check_round
      $error("fp_to_fx: ROUND must be in 0..10");
    end
    if (RANGE < 3 || RANGE > 5) begin : g_check_range
      $error("fp_to_fx: RANGE must be in 3..5");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("fp_to_fx: RAND_BITS must be in 1..32");
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

  localparam integer A_W = 1 + A_EXP_W + A_FRAC_W;
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      fp_to_fx_lane #(
          .STAGES   (STAGES),
          .A_EXP_W  (A_EXP_W),
          .A_FRAC_W (A_FRAC_W),
          .A_BIAS   (A_BIAS),
          .A_FAMILY (A_FAMILY),
          .A_DAZ    (A_DAZ),
          .W        (W),
          .F        (F),
          .ROUND    (ROUND),
          .RANGE    (RANGE),
          .RAND_BITS(RAND_BITS)
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
