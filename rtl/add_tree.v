// add_tree: the exact sum of N numbers of W bits, two's complement, by a balanced tree.
//
//   in_x      number i at [i*W +: W]
//   out_sum   W + ceil(log2 N) bits: it cannot overflow, |sum| <= N * 2^(W-1)
//   OUT_W     follows from the others and is not to be set
//
// Combinational.  Java twin: none of its own; the sums of SignMatrix.
`default_nettype none
module add_tree #(
    parameter integer N     = 8,
    parameter integer W     = 4,
    parameter integer OUT_W = W + $clog2(N)
) (
    input  wire        [  N*W-1:0] in_x,
    output wire signed [OUT_W-1:0] out_sum
);
  generate
    if (N < 1 || W < 1) begin : g_check
      $error("add_tree: N and W must be at least 1");
    end
    if (N <= 1) begin : g_leaf
      assign out_sum = in_x;
    end else begin : g_node
      localparam integer LOW_N = (N + 1) / 2;
      localparam integer HIGH_N = N - LOW_N;
      localparam integer LOW_W = W + $clog2(LOW_N);
      localparam integer HIGH_W = W + $clog2(HIGH_N);
      wire signed [LOW_W-1:0] low;
      wire signed [HIGH_W-1:0] high;
      add_tree #(
          .N(LOW_N),
          .W(W)
      ) u_low (
          .in_x   (in_x[0+:LOW_N*W]),
          .out_sum(low)
      );
      add_tree #(
          .N(HIGH_N),
          .W(W)
      ) u_high (
          .in_x   (in_x[LOW_N*W+:HIGH_N*W]),
          .out_sum(high)
      );
      // one bit more than the wider of the two, LOW_W
      assign out_sum = {{(OUT_W - LOW_W) {low[LOW_W-1]}}, low} + {{(OUT_W - HIGH_W) {high[HIGH_W-1]}}, high};
    end
  endgenerate
endmodule
`default_nettype wire
