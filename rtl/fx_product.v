// fx_product: exact product of two signed integers, in 0..2 ranks, with the words that travel beside it.
//
//   in_a, in_b   A_W, B_W bits, two's complement;  out_p  A_W + B_W bits
//   in_side      SIDE_W bits, delayed like the product
//   enable       enable[k]: rank k takes a new word at this edge (stream_ranks)
//
// STAGES 0; 1: the product is registered; 2: before that, a times the low and a times the high half of b are.
// `*` throughout, so that a tool may take DSP blocks.  Java twin: none of its own.
`default_nettype none
module fx_product #(
    parameter integer STAGES = 0,
    parameter integer A_W    = 16,
    parameter integer B_W    = 16,
    parameter integer SIDE_W = 1
) (
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire [                      A_W-1:0] in_a,
    input  wire [                      B_W-1:0] in_b,
    input  wire [                   SIDE_W-1:0] in_side,
    output wire [                  A_W+B_W-1:0] out_p,
    output wire [                   SIDE_W-1:0] out_side
);
  localparam integer P_W = A_W + B_W;

  generate
    if (STAGES < 2) begin : g_whole
      wire signed [P_W-1:0] a = {{B_W{in_a[A_W-1]}}, in_a};
      wire signed [P_W-1:0] b = {{A_W{in_b[B_W-1]}}, in_b};
      wire signed [P_W-1:0] p = a * b;
      pipe_rank #(
          .W (P_W + SIDE_W),
          .ON(STAGES)
      ) u_rank (
          .clk   (clk),
          .enable(enable[0]),
          .d     ({p, in_side}),
          .q     ({out_p, out_side})
      );
    end else begin : g_halves
      // b = high * 2^LOW + low with low unsigned
      localparam integer LOW = B_W / 2;
      localparam integer LOW_P = A_W + LOW + 1;  // signed by unsigned
      localparam integer HIGH_P = P_W - LOW;
      wire signed [LOW_P-1:0] a_low = {{(LOW + 1) {in_a[A_W-1]}}, in_a};
      wire signed [LOW_P-1:0] b_low = {{(A_W + 1) {1'b0}}, in_b[LOW-1:0]};
      wire signed [LOW_P-1:0] low = a_low * b_low;
      wire signed [HIGH_P-1:0] a_high = {{(B_W - LOW) {in_a[A_W-1]}}, in_a};
      wire signed [HIGH_P-1:0] b_high = {{A_W{in_b[B_W-1]}}, in_b[B_W-1:LOW]};
      wire signed [HIGH_P-1:0] high = a_high * b_high;

      wire signed [LOW_P-1:0] low_1;
      wire signed [HIGH_P-1:0] high_1;
      wire [SIDE_W-1:0] side_1;
      pipe_rank #(
          .W(LOW_P + HIGH_P + SIDE_W)
      ) u_halves (
          .clk   (clk),
          .enable(enable[0]),
          .d     ({low, high, in_side}),
          .q     ({low_1, high_1, side_1})
      );

      // The low half's last LOW bits pass; the rest, at most A_W + 1 bits, meets the high half.
      wire signed [HIGH_P-1:0] carried = {{(HIGH_P - LOW_P + LOW) {low_1[LOW_P-1]}}, low_1[LOW_P-1:LOW]};
      wire [P_W-1:0] p = {high_1 + carried, low_1[LOW-1:0]};
      pipe_rank #(
          .W(P_W + SIDE_W)
      ) u_product (
          .clk   (clk),
          .enable(enable[1]),
          .d     ({p, side_1}),
          .q     ({out_p, out_side})
      );
    end
  endgenerate
endmodule
`default_nettype wire
