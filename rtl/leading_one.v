// leading_one: shift left until the top bit is set, and count the places.
//
//   in_data   W bits
//   out_data  its leading one at the top;  out_count  places shifted.  Both mean nothing if in_data is 0, but that
//             out_data is 0 then
//
// Each stage counts and shifts: "if the top 2^k bits are zero, shift by 2^k".
//
// Combinational, log2(W) stages.  Java twin: none of its own (Quantizer.round).
`default_nettype none
module leading_one #(
    parameter integer W       = 4,
    parameter integer COUNT_W = 2   // clog2(W)
) (
    input  wire [      W-1:0] in_data,
    output wire [      W-1:0] out_data,
    output wire [COUNT_W-1:0] out_count
);
  reg [W-1:0] data;
  reg [COUNT_W-1:0] count;
  integer k;

  always @* begin
    data  = in_data;
    count = {COUNT_W{1'b0}};
    // Selections, not branches: simulators predict them badly.
    for (k = COUNT_W - 1; k >= 0; k = k - 1) begin
      count[k] = ~(|(data >> (W - (1 << k))));
      data     = count[k] ? data << (1 << k) : data;
    end
  end

  assign out_data  = data;
  assign out_count = count;
endmodule
`default_nettype wire
