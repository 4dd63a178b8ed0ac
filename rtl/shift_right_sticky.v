// shift_right_sticky: logical right shift; out_sticky tells whether a 1 fell off the end.
//
//   in_data    W bits
//   in_amount  AMOUNT_W bits, compared at full width: any amount of W or more leaves only the sticky bit
//
// Combinational, log2(W) stages.  Java twin: none of its own (Quantizer.round counts in exact arithmetic).
`default_nettype none
module shift_right_sticky #(
    parameter integer W        = 8,
    parameter integer AMOUNT_W = 4
) (
    input  wire [       W-1:0] in_data,
    input  wire [AMOUNT_W-1:0] in_amount,
    output wire [       W-1:0] out_data,
    output wire                out_sticky
);
  localparam integer STAGES = $clog2(W + 1);  // 2^STAGES - 1 >= W: the stages alone can empty the word

  reg [W-1:0] data;
  reg         sticky;
  integer     k;

  always @* begin
    data   = in_data;
    sticky = 1'b0;
    // Selections, not branches: simulators predict them badly.
    for (k = 0; k < STAGES && k < AMOUNT_W; k = k + 1) begin
      sticky = sticky | (in_amount[k] & (|(data & ~({W{1'b1}} << (1 << k)))));
      data   = in_amount[k] ? data >> (1 << k) : data;
    end
  end

  generate
    if (AMOUNT_W > STAGES) begin : g_far
      wire far = |in_amount[AMOUNT_W-1:STAGES];
      assign out_data   = far ? {W{1'b0}} : data;
      assign out_sticky = far ? |in_data : sticky;
    end else begin : g_near
      assign out_data   = data;
      assign out_sticky = sticky;
    end
  endgenerate
endmodule
`default_nettype wire
