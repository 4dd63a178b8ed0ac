// stream_ranks: the handshake of a pipeline of RANKS ranks; the data ranks (pipe_rank) take its enables.
//
//   enable      enable[k]: rank k takes a new word at this edge, since it is empty or rank k + 1 moves.  With no rank
//               it is one bit, 0
//   in_*        a word enters where in_valid & in_ready at a rising edge;  out_* likewise leaves it
//
// Empty ranks fill while the output waits, and in_ready depends on out_ready through one OR per rank.  RANKS = 0: wires.
// rst_n is synchronous and empties the ranks.
//
// Latency RANKS, one word a clock.  Java twin: Pace (its time).
`default_nettype none
module stream_ranks #(
    parameter integer RANKS = 1
) (
    input  wire                               clk,
    input  wire                               rst_n,
    input  wire                               in_valid,
    output wire                               in_ready,
    output wire                               out_valid,
    input  wire                               out_ready,
    output wire [(RANKS > 0 ? RANKS : 1)-1:0] enable
);
  generate
    if (RANKS < 0) begin : g_check_ranks
      $error("stream_ranks: RANKS must be at least 0");
    end

    if (RANKS == 0) begin : g_wires
      assign in_ready  = out_ready;
      assign out_valid = in_valid;
      assign enable    = 1'b0;
      wire _unused = &{1'b0, clk, rst_n};
    end else begin : g_ranks
      reg [RANKS-1:0] valid_q;
      reg [RANKS-1:0] moves;
      reg move;
      integer k;
      always @* begin
        move = out_ready;
        for (k = RANKS - 1; k >= 0; k = k - 1) begin
          move     = move | ~valid_q[k];
          moves[k] = move;
        end
      end

      wire [RANKS:0] arriving = {valid_q, in_valid};  // the last bit leaves
      always @(posedge clk)
        if (!rst_n) valid_q <= {RANKS{1'b0}};
        else valid_q <= (moves & arriving[RANKS-1:0]) | (~moves & valid_q);

      assign enable    = moves;
      assign in_ready  = moves[0];
      assign out_valid = arriving[RANKS];
    end
  endgenerate
endmodule
`default_nettype wire
