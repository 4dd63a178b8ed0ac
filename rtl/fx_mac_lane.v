// fx_mac_lane: one lane of fx_mac, acc <- Q(acc + a * b).
//
//   in_a, in_b   Q(A_W - A_F).A_F, Q(B_W - B_F).B_F   two's complement
//   in_first     the run begins: acc counts as 0 and no flag is up
//   in_rand, in_round, parameters   as in fx_requantize
//   enable       enable[k]: product rank k takes a new word at this edge (stream_ranks)
//   accumulate   the last rank's word enters the accumulator at this edge
//   out_y        acc, Q(W - F).F;  out_flags  union of the run's flags
//
// The product's bits below acc's last place pass by the sum: acc + floor(product), then the rounding's carry in the
// same chain.  For RNE, RTO, half up and half down, and SR the carry is known before the sum is.
//
// Latency STAGES + 1.  Java twin: Arithmetic.fma, product by product.
`default_nettype none
module fx_mac_lane #(
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
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire                                 accumulate,
    input  wire [                      A_W-1:0] in_a,
    input  wire [                      B_W-1:0] in_b,
    input  wire                                 in_first,
    input  wire [                          3:0] in_round,
    input  wire [                RAND_BITS-1:0] in_rand,
    output wire [                        W-1:0] out_y,
    output wire [                          4:0] out_flags
);
  localparam integer P_W = A_W + B_W;
  localparam integer DROP = A_F + B_F - F;  // the product's bits below acc's last place; negative: zeros are appended

  wire [P_W-1:0] product;
  wire [RAND_BITS-1:0] rand_bits;
  wire [3:0] mode;
  wire first;
  fx_product #(
      .STAGES(STAGES),
      .A_W   (A_W),
      .B_W   (B_W),
      .SIDE_W(RAND_BITS + 5)
  ) u_product (
      .clk     (clk),
      .enable  (enable),
      .in_a    (in_a),
      .in_b    (in_b),
      .in_side ({in_rand, in_round, in_first}),
      .out_p   (product),
      .out_side({rand_bits, mode, first})
  );

  // acc + floor(product) + 1 fits in one bit more than the wider addend: the product is at most 2^(P_W-2).
  localparam integer FLOOR_W = (P_W - DROP > 1) ? P_W - DROP : 1;
  localparam integer SUM_W = ((W > FLOOR_W) ? W : FLOOR_W) + 1;
  reg [W-1:0] acc_q;
  wire [W-1:0] acc = acc_q & {W{~first}};
  wire signed [SUM_W-1:0] acc_wide = {{(SUM_W - W) {acc[W-1]}}, acc};
  wire signed [SUM_W-1:0] floor;
  wire up, inexact;
  generate
    if (DROP <= 0) begin : g_exact
      wire signed [SUM_W-1:0] wide = {{(SUM_W - P_W) {product[P_W-1]}}, product};
      assign floor   = wide <<< (-DROP);
      assign up      = 1'b0;
      assign inexact = 1'b0;
      wire _unused = &{1'b0, rand_bits, mode};
    end else begin : g_round
      wire signed [SUM_W+DROP-1:0] wide = {{(SUM_W + DROP - P_W) {product[P_W-1]}}, product};
      assign floor = wide[SUM_W+DROP-1:DROP];
      wire signed [SUM_W-1:0] sum_floor = acc_wide + floor;
      fx_round_up #(
          .LOST_W   (DROP),
          .ROUND    (ROUND),
          .RAND_BITS(RAND_BITS)
      ) u_round (
          .in_odd     (acc[0] ^ floor[0]),
          .in_negative(sum_floor[SUM_W-1]),
          .in_lost    (wide[DROP-1:0]),
          .in_rand    (rand_bits),
          .in_round   (mode),
          .out_up     (up),
          .out_inexact(inexact)
      );
      wire _unused = &{1'b0, sum_floor[SUM_W-2:0]};
    end
  endgenerate

  wire signed [SUM_W-1:0] sum = acc_wide + floor + {{(SUM_W - 1) {1'b0}}, up};
  wire [W-1:0] next;
  wire overflow;
  fx_clamp #(
      .IN_W (SUM_W),
      .OUT_W(W),
      .RANGE(RANGE)
  ) u_clamp (
      .in_floor    (sum),
      .in_up       (1'b0),
      .out_data    (next),
      .out_overflow(overflow)
  );

  reg overflow_q, inexact_q;
  always @(posedge clk)
    if (accumulate) begin
      acc_q      <= next;
      overflow_q <= overflow | (overflow_q & ~first);
      inexact_q  <= overflow | inexact | (inexact_q & ~first);
    end
  assign out_y     = acc_q;
  assign out_flags = {2'b00, overflow_q, 1'b0, inexact_q};
endmodule
`default_nettype wire
