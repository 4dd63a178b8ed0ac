// half_rate: adds pairs of words; in_ready follows out_ready in the same cycle.
//
// Two words in, one word out.
`default_nettype none
module half_rate (
    input  wire       clk,
    input  wire       rst_n,
    input  wire       in_valid,
    output wire       in_ready,
    input  wire [7:0] in_data,
    output wire       out_valid,
    input  wire       out_ready,
    output wire [8:0] out_sum
);
  reg second_q;
  reg [7:0] first_q;

  assign in_ready = ~second_q | out_ready;
  assign out_valid = second_q & in_valid;
  assign out_sum = {1'b0, first_q} + {1'b0, in_data};

  always @(posedge clk) begin
    if (!rst_n) second_q <= 1'b0;
    else if (in_valid & in_ready) second_q <= ~second_q;
    if (in_valid & ~second_q) first_q <= in_data;
  end
endmodule
`default_nettype wire
