// dot_product_legal: dot_product fed as it asks to be: elements fill a beat from lane 0, every beat but a vector's last is full,
// and in_first stands on the beat that follows a last one.
//
//   in_keep   bit l > 0 of a last beat: lane l is kept if the lane below it is;  all else as in dot_product
//
// The dot_product inside is a netlist, whose parameters are chosen: ports are as wide as its widest.  For make mutate.
`default_nettype none
module dot_product_legal #(
    parameter integer LANES  = 4,
    parameter integer A_W    = 1024,
    parameter integer B_W    = 1024,
    parameter integer RAND_W = 1024,
    parameter integer Y_W    = 32
) (
    input  wire              clk,
    input  wire              rst_n,
    input  wire              in_valid,
    output wire              in_ready,
    input  wire [   A_W-1:0] in_a,
    input  wire [   B_W-1:0] in_b,
    input  wire              in_last,
    input  wire [ LANES-1:0] in_keep,
    input  wire [RAND_W-1:0] in_rand,
    output wire              out_valid,
    input  wire              out_ready,
    output wire [   Y_W-1:0] out_y,
    output wire [       4:0] out_flags
);
  reg inside_q;  // of a vector
  always @(posedge clk)
    if (!rst_n) inside_q <= 1'b0;
    else if (in_valid & in_ready) inside_q <= ~in_last;

  wire [LANES-1:0] keep;
  genvar l;
  generate
    assign keep[0] = 1'b1;
    for (l = 1; l < LANES; l = l + 1) begin : g_keep
      assign keep[l] = keep[l-1] & (in_keep[l] | ~in_last);
    end
  endgenerate
  dot_product u_dut (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .in_a     (in_a),
      .in_b     (in_b),
      .in_first (~inside_q),
      .in_last  (in_last),
      .in_keep  (keep),
      .in_rand  (in_rand),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .out_y    (out_y),
      .out_flags(out_flags)
  );
endmodule
`default_nettype wire
