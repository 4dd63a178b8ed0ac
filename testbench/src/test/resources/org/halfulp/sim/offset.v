// offset: adds a constant.
//
// Combinational.
`default_nettype none
module offset #(
    parameter integer K = 1
) (
    input  wire [15:0] a,
    output wire [15:0] y
);
  assign y = a + K[15:0];
endmodule
`default_nettype wire
