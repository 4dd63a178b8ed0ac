// delayed: y = a + b after RANKS clocks; an odd reset, an enable, and a valid that goes along.
`default_nettype none
module delayed #(
    parameter integer RANKS = 3
) (
    input  wire       clock,
    input  wire       reset,
    input  wire       enable,
    input  wire       start,
    input  wire [7:0] first,
    input  wire [7:0] second,
    input  wire [1:0] mode,
    output wire       done,
    output wire [7:0] total
);
  reg [7:0] data_q[0:RANKS-1];
  reg [RANKS-1:0] valid_q;
  integer i;

  always @(posedge clock or posedge reset) begin
    if (reset) valid_q <= {RANKS{1'b0}};
    else if (enable) valid_q <= {valid_q[RANKS-2:0], start};
  end

  always @(posedge clock) begin
    if (enable) begin
      data_q[0] <= first + (mode == 2'd2 ? second : 8'd0);
      for (i = 1; i < RANKS; i = i + 1) data_q[i] <= data_q[i-1];
    end
  end

  assign done  = valid_q[RANKS-1];
  assign total = data_q[RANKS-1];
endmodule
`default_nettype wire
