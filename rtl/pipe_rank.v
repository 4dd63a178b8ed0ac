// pipe_rank: one rank of data registers that takes d at an edge with enable; ON = 0 leaves it out.
//
// The registers are not reset: the valid bits of stream_ranks say which rank holds a word.
//
// Latency ON.  Java twin: none of its own.
`default_nettype none
module pipe_rank #(
    parameter integer W  = 1,
    parameter integer ON = 1
) (
    input  wire         clk,
    input  wire         enable,
    input  wire [W-1:0] d,
    output wire [W-1:0] q
);
  generate
    if (W < 1) begin : g_check_width
      $error("pipe_rank: W must be at least 1");
    end

    if (ON != 0) begin : g_rank
      reg [W-1:0] data_q;
      always @(posedge clk) if (enable) data_q <= d;
      assign q = data_q;
    end else begin : g_wire
      assign q = d;
      wire _unused = &{1'b0, clk, enable};
    end
  endgenerate
endmodule
`default_nettype wire
