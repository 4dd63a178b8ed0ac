// sign_row: the pace of xnor_dot and sign_dot: rows of BEATS beats, a partial sum in rank 1, the row's sum in rank 2.
//
//   last          the beat at in_* is the last one of its row
//   enable_part   rank 1 takes the partial sums of the beat at in_*
//   enable_sum    rank 2 takes rank 1's: alone if first_q, else added to what it has
//   out_valid     rank 2 has a whole row
//
// rst_n is synchronous, empties the ranks and begins a row.
//
// Latency 2 from the last beat, one beat a clock.  Java twin: Pace.
`default_nettype none
module sign_row #(
    parameter integer BEATS = 1
) (
    input  wire clk,
    input  wire rst_n,
    input  wire in_valid,
    output wire in_ready,
    output wire out_valid,
    input  wire out_ready,
    output wire last,
    output wire enable_part,
    output wire enable_sum,
    output wire first_q
);
  generate
    if (BEATS < 1) begin : g_check_beats
      $error("sign_row: BEATS must be at least 1");
    end
  endgenerate

  localparam integer COUNT_W = (BEATS > 1) ? $clog2(BEATS) : 1;
  localparam integer LAST_BEAT = BEATS - 1;
  localparam [COUNT_W-1:0] LAST = LAST_BEAT[COUNT_W-1:0];

  reg [COUNT_W-1:0] beat_q;
  reg part_valid_q, part_first_q, part_last_q;
  reg done_q;
  assign last        = beat_q == LAST;
  wire free = ~done_q | out_ready;
  assign enable_sum  = free & ((BEATS == 1) | part_valid_q);  // a row of one beat has nothing to keep
  assign enable_part = free | ~part_valid_q;
  assign in_ready    = enable_part;
  assign out_valid   = done_q;
  assign first_q     = (BEATS == 1) | part_first_q;  // no register then

  always @(posedge clk)
    if (!rst_n) begin
      beat_q       <= {COUNT_W{1'b0}};
      part_valid_q <= 1'b0;
      done_q       <= 1'b0;
    end else begin
      if (in_valid & in_ready) beat_q <= last ? {COUNT_W{1'b0}} : beat_q + 1'b1;
      if (enable_part) part_valid_q <= in_valid;
      if (free) done_q <= part_valid_q & ((BEATS == 1) | part_last_q);
    end
  always @(posedge clk)
    if (enable_part) begin
      part_first_q <= beat_q == {COUNT_W{1'b0}};
      part_last_q  <= last;
    end
endmodule
`default_nettype wire
