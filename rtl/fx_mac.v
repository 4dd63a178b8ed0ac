// fx_mac: fixed-point acc <- Q(acc + a * b) on a stream, one accumulator in each of LANES lanes.
//
//   in_a, in_b   LANES codes each, lane l at [l*A_W +: A_W]: Q(A_W - A_F).A_F, Q(B_W - B_F).B_F, two's complement
//   in_first     1: a run begins with this beat, acc counts as 0;  in_last  1: acc leaves after this beat
//   in_round     the mode of this beat; read only if ROUND = 10
//   in_rand      the draw R of each lane; read only for SR
//   out_y        Q(W - F).F;  out_flags  5 bits a lane {invalid, div0, overflow, underflow, inexact}, of which overflow
//                and inexact occur
//
//   A_F, B_F, F  fraction bits: any integers, negative ones and ones above the width included; widths 2..32
//   ROUND        0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR, 7 half up, 8 half down, 9 half to zero;
//                10 as in_round says, where 10..15 are RNE
//   RANGE        3 saturate, 4 symmetric (never the smallest code), 5 wrap
//   RAND_BITS    random bits of SR
//   STAGES       ranks before the accumulator.  0: product and sum in one clock; 1: product, sum; 2: halves of the
//                product, product, sum
//
// Each beat is one rounding.  A word leaves for each in_last beat alone; its flags are the union over its run.  While it
// waits the accumulator stands still.  A beat without in_first after in_last goes on with the sum.  rst_n empties the
// stream; acc is not reset, a first beat does that.
//
// Latency STAGES + 1, one beat a clock.  Java twin: Arithmetic.fma, beat by beat from +0 (section 7's sequential order).
`default_nettype none
module fx_mac #(
    parameter integer LANES     = 1,
    parameter integer STAGES    = 0,
    parameter integer A_W       = 16,
    parameter integer A_F       = 8,
    parameter integer B_W       = 16,
    parameter integer B_F       = 8,
    parameter integer W         = 16,
    parameter integer F         = 8,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 1
) (
    input  wire                       clk,
    input  wire                       rst_n,
    input  wire                       in_valid,
    output wire                       in_ready,
    input  wire [      LANES*A_W-1:0] in_a,
    input  wire [      LANES*B_W-1:0] in_b,
    input  wire                       in_first,
    input  wire                       in_last,
    input  wire [                3:0] in_round,
    input  wire [LANES*RAND_BITS-1:0] in_rand,
    output wire                       out_valid,
    input  wire                       out_ready,
    output wire [        LANES*W-1:0] out_y,
    output wire [        LANES*5-1:0] out_flags
);
  generate
    if (LANES < 1 || LANES > 32768) begin : g_check_lanes
      $error("fx_mac: LANES must be in 1..32768");
    end
    if (STAGES < 0 || STAGES > 2) begin : g_check_stages
      $error("fx_mac: STAGES must be in 0..2");
    end
    if (A_W < 2 || A_W > 32 || B_W < 2 || B_W > 32 || W < 2 || W > 32) begin : g_check_width
      $error("fx_mac: A_W, B_W and W must be in 2..32");
    end
    if (ROUND < 0 || ROUND > 10) begin : g_check_round
      $error("fx_mac: ROUND must be in 0..10");
    end
    if (RANGE < 3 || RANGE > 5) begin : g_check_range
      $error("fx_mac: RANGE must be in 3..5");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("fx_mac: RAND_BITS must be in 1..32");
    end
  endgenerate

  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable;
  wire product_valid, product_ready;
  stream_ranks #(
      .RANKS(STAGES)
  ) u_ranks (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .out_valid(product_valid),
      .out_ready(product_ready),
      .enable   (enable)
  );

  // in_last keeps pace with the product.
  wire last;
  wire [STAGES:0] last_at;
  assign last_at[0] = in_last;
  assign last = last_at[STAGES];
  genvar k, l;
  generate
    for (k = 0; k < STAGES; k = k + 1) begin : g_last
      pipe_rank #(
          .W(1)
      ) u_last (
          .clk   (clk),
          .enable(enable[k]),
          .d     (last_at[k]),
          .q     (last_at[k+1])
      );
    end
  endgenerate

  // The accumulator is the last rank: it waits while its word is not taken.
  reg valid_q;
  assign product_ready = ~valid_q | out_ready;
  wire accumulate = product_valid & product_ready;
  always @(posedge clk)
    if (!rst_n) valid_q <= 1'b0;
    else if (product_ready) valid_q <= product_valid & last;
  assign out_valid = valid_q;

  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      fx_mac_lane #(
          .STAGES   (STAGES),
          .A_W      (A_W),
          .A_F      (A_F),
          .B_W      (B_W),
          .B_F      (B_F),
          .W        (W),
          .F        (F),
          .ROUND    (ROUND),
          .RANGE    (RANGE),
          .RAND_BITS(RAND_BITS)
      ) u_lane (
          .clk       (clk),
          .enable    (enable),
          .accumulate(accumulate),
          .in_a      (in_a[l*A_W+:A_W]),
          .in_b      (in_b[l*B_W+:B_W]),
          .in_first  (in_first),
          .in_round  (in_round),
          .in_rand   (in_rand[l*RAND_BITS+:RAND_BITS]),
          .out_y     (out_y[l*W+:W]),
          .out_flags (out_flags[l*5+:5])
      );
    end
  endgenerate
endmodule
`default_nettype wire
