// stream_unit_props: what a stream promises, of a unit as a whole.
//
//   UNIT   the module;  SET  its parameters (both macros, as are OUT and W: an output and its bits)
//   RANKS  its ranks, 0 if it has none; -1: an answer may have many beats, and beats are not counted
//
// At most RANKS beats are inside, none is lost and none comes out twice (those that went in less those that came out are
// the valid ranks); one enters whenever there is room; while an answer waits it stays as it is.  The data ports of the
// unit are left open, and so take any value at any time.
//
// formal/prove.sh connects `valid` to the unit's stream_ranks.  No twin in Java.
`default_nettype none
module stream_unit_props #(
    parameter integer RANKS  = 2,
    parameter integer STABLE = 1  // 0: for units whose formats are inputs, which may change while they wait
) (
    input wire clk,
    input wire rst_n,
    input wire in_valid,
    input wire out_ready
);
  localparam integer N = (RANKS > 0) ? RANKS : 1;
  localparam integer C = $clog2(N + 1) + 1;
  (* keep *) wire [N-1:0] valid;
  wire in_ready, out_valid;
  wire [`W-1:0] out;
  `UNIT `SET u_dut (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .`OUT     (out)
  );

  reg started = 0;
  reg waits = 0;
  reg [`W-1:0] waiting;
  reg [C-1:0] inside;  // beats in less beats out
  always @(posedge clk) begin
    started <= 1;
    waits   <= rst_n & out_valid & ~out_ready;
    waiting <= out;
    inside  <= rst_n ? inside + (in_valid & in_ready) - (out_valid & out_ready) : 0;
  end

  reg [C-1:0] count;
  integer i;
  always @* begin
    if (!started) assume (!rst_n);
    count = 0;
    for (i = 0; i < N; i = i + 1) count = count + valid[i];
    if (started) begin
      if (RANKS > 0) begin
        assert (inside == count);
        assert (out_valid == valid[N-1]);
        assert (in_ready == (out_ready | ~(&valid)));
      end
      if (RANKS == 0) assert (inside == 0 & in_ready == out_ready & out_valid == in_valid);
      if (RANKS != 0 && STABLE != 0 && waits) assert (out_valid & out == waiting);
    end
  end
endmodule
`default_nettype wire
