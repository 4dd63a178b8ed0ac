// two_ports: takes a, then b, each by a handshake of its own; offers a - b.
`default_nettype none
module two_ports (
    input  wire       clk,
    input  wire       rst,
    input  wire [7:0] a,
    input  wire       a_stb,
    output wire       a_ack,
    input  wire [7:0] b,
    input  wire       b_stb,
    output wire       b_ack,
    output reg  [7:0] z,
    output wire       z_stb,
    input  wire       z_ack
);
  reg [1:0] state;
  assign a_ack = state == 2'd0;
  assign b_ack = state == 2'd1;
  assign z_stb = state == 2'd2;

  always @(posedge clk) begin
    if (a_stb && a_ack) begin
      z <= a;
      state <= 2'd1;
    end
    if (b_stb && b_ack) begin
      z <= z - b;
      state <= 2'd2;
    end
    if (z_stb && z_ack) state <= 2'd0;
    if (rst) state <= 2'd0;
  end
endmodule
`default_nettype wire
