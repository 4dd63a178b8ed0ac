// pipe4: four stages of y = 3 * a + b, rounded to multiples of 4; the throughput fixture.
`default_nettype none
module pipe4 (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        in_valid,
    output wire        in_ready,
    input  wire [15:0] in_a,
    input  wire [31:0] in_b,
    output wire        out_valid,
    input  wire        out_ready,
    output wire [31:0] out_y
);
  reg [3:0] valid_q;
  reg [17:0] triple_q;
  reg [31:0] b_q, sum_q, half_q, y_q;
  wire go = out_ready | ~valid_q[3];
  assign in_ready = go;
  assign out_valid = valid_q[3];
  assign out_y = y_q;
  always @(posedge clk) begin
    if (!rst_n) valid_q <= 4'd0;
    else if (go) valid_q <= {valid_q[2:0], in_valid};
    if (go) begin
      triple_q <= {2'b0, in_a} + {1'b0, in_a, 1'b0};
      b_q <= in_b;
      sum_q <= {14'd0, triple_q} + b_q;
      half_q <= sum_q + 32'd2;
      y_q <= {half_q[31:2], 2'b00};
    end
  end
endmodule
`default_nettype wire
