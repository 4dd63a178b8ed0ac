// random_lanes: the random streams of one quantizer, one a lane; ON = 0 leaves them out and gives zeros.
//
//   load       the stream load_lane <- load_data, as random_bits has it; no such lane: nothing
//   draw       draw[l]: the word of lane l is used in this cycle
//   bits       lane l at [l*BITS +: BITS]
//
// One clock per draw.  Java twin: Streams.
`default_nettype none
module random_lanes #(
    parameter integer LANES = 4,
    parameter integer BITS  = 8,
    parameter integer ON    = 1
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  load,
    input  wire [          15:0] load_lane,
    input  wire [          63:0] load_data,
    input  wire [     LANES-1:0] draw,
    output wire [LANES*BITS-1:0] bits
);
  genvar l;
  generate
    if (ON != 0) begin : g_on
      for (l = 0; l < LANES; l = l + 1) begin : g_lane
        random_bits #(
            .BITS(BITS)
        ) u_rand (
            .clk      (clk),
            .rst_n    (rst_n),
            .load     (load && {16'd0, load_lane} == l),
            .load_data(load_data),
            .draw     (draw[l]),
            .bits     (bits[l*BITS+:BITS])
        );
      end
    end else begin : g_off
      assign bits = {(LANES * BITS) {1'b0}};
      wire _unused = &{1'b0, clk, rst_n, load, load_lane, load_data, draw};
    end
  endgenerate
endmodule
`default_nettype wire
