// rank_delay: a word that waits through RANKS ranks of a pipeline beside the data that are worked on.
//
//   enable   enable[k]: rank k takes a new word at this edge (stream_ranks);  RANKS = 0: a wire
//
// Latency RANKS.  Java twin: none of its own.
`default_nettype none
module rank_delay #(
    parameter integer W     = 1,
    parameter integer RANKS = 1
) (
    input  wire                               clk,
    input  wire [(RANKS > 0 ? RANKS : 1)-1:0] enable,
    input  wire [                      W-1:0] d,
    output wire [                      W-1:0] q
);
  genvar k;
  generate
    if (RANKS == 0) begin : g_wire
      assign q = d;
      wire _unused = &{1'b0, clk, enable};
    end else begin : g_ranks
      wire [(RANKS+1)*W-1:0] word;
      assign word[0+:W] = d;
      for (k = 0; k < RANKS; k = k + 1) begin : g_rank
        pipe_rank #(
            .W(W)
        ) u_rank (
            .clk   (clk),
            .enable(enable[k]),
            .d     (word[k*W+:W]),
            .q     (word[(k+1)*W+:W])
        );
      end
      assign q = word[RANKS*W+:W];
    end
  endgenerate
endmodule
`default_nettype wire
