// fx_mul_lane: one lane of fx_mul, y = Q(a * b).
//
//   in_a, in_b   Q(A_W - A_F).A_F, Q(B_W - B_F).B_F   two's complement
//   in_rand, in_round, out_y, out_flags, parameters   as in fx_requantize
//   enable       enable[k]: rank k takes a new word at this edge (stream_ranks)
//
// STAGES 0; 1: cut between the product and its rounding; 2: also inside fx_product.  Java twin: Arithmetic.mul.
`default_nettype none
module fx_mul_lane #(
    parameter integer STAGES    = 0,
    parameter integer A_W       = 16,
    parameter integer A_F       = 8,
    parameter integer B_W       = 16,
    parameter integer B_F       = 8,
    parameter integer W         = 16,
    parameter integer F         = 8,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 1
) (
    input  wire                               clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire [                    A_W-1:0] in_a,
    input  wire [                    B_W-1:0] in_b,
    input  wire [                        3:0] in_round,
    input  wire [              RAND_BITS-1:0] in_rand,
    output wire [                      W-1:0] out_y,
    output wire [                        4:0] out_flags
);
  wire [A_W+B_W-1:0] product;
  wire [RAND_BITS-1:0] rand_bits;
  wire [3:0] mode;
  fx_product #(
      .STAGES(STAGES),
      .A_W   (A_W),
      .B_W   (B_W),
      .SIDE_W(RAND_BITS + 4)
  ) u_product (
      .clk    (clk),
      .enable (enable),
      .in_a   (in_a),
      .in_b   (in_b),
      .in_side({in_rand, in_round}),
      .out_p  (product),
      .out_side({rand_bits, mode})
  );

  fx_requantize #(
      .IN_W     (A_W + B_W),
      .IN_F     (A_F + B_F),
      .OUT_W    (W),
      .OUT_F    (F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_round (
      .in_data  (product),
      .in_rand  (rand_bits),
      .in_round (mode),
      .out_data (out_y),
      .out_flags(out_flags)
  );
endmodule
`default_nettype wire
