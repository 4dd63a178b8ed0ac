// fx_add_lane: one lane of fx_add, y = Q(a + b) or Q(a - b).
//
//   in_a, in_b   Q(A_W - A_F).A_F, Q(B_W - B_F).B_F   two's complement;  in_sub  1 subtracts b
//   in_rand, in_round, out_y, out_flags, parameters   as in fx_requantize
//   enable       enable[k]: rank k takes a new word at this edge (stream_ranks)
//
// STAGES 0, or 1: cut between the exact sum and its rounding.  Java twin: Arithmetic.add, Arithmetic.sub.
`default_nettype none
module fx_add_lane #(
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
    input  wire                               in_sub,
    input  wire [                        3:0] in_round,
    input  wire [              RAND_BITS-1:0] in_rand,
    output wire [                      W-1:0] out_y,
    output wire [                        4:0] out_flags
);
  // Both at the finer of the two last places; one bit more than the wider, so the sum cannot wrap.
  localparam integer D_F = (A_F > B_F) ? A_F : B_F;
  localparam integer A_D = A_W + D_F - A_F;
  localparam integer B_D = B_W + D_F - B_F;
  localparam integer D_W = ((A_D > B_D) ? A_D : B_D) + 1;
  wire signed [D_W-1:0] a_wide = {{(D_W - A_W) {in_a[A_W-1]}}, in_a};
  wire signed [D_W-1:0] b_wide = {{(D_W - B_W) {in_b[B_W-1]}}, in_b};

  // | high: what both reach | low: LOW places that only a reaches, so they pass by the carry chain |
  localparam integer LOW = D_F - B_F;
  wire signed [D_W-1:0] a_at = a_wide <<< (D_F - A_F);
  wire [D_W-LOW-1:0] b_high = b_wide[D_W-LOW-1:0] ^ {(D_W - LOW) {in_sub}};
  wire [D_W-LOW-1:0] high = a_at[D_W-1:LOW] + b_high + {{(D_W - LOW - 1) {1'b0}}, in_sub};
  wire [D_W-1:0] sum;
  generate
    if (LOW > 0) begin : g_low
      assign sum = {high, a_at[LOW-1:0]};
    end else begin : g_no_low
      assign sum = high;
    end
  endgenerate

  wire [D_W-1:0] exact;
  wire [RAND_BITS-1:0] rand_bits;
  wire [3:0] mode;
  pipe_rank #(
      .W (D_W + RAND_BITS + 4),
      .ON(STAGES)
  ) u_rank (
      .clk   (clk),
      .enable(enable[0]),
      .d     ({sum, in_rand, in_round}),
      .q     ({exact, rand_bits, mode})
  );

  fx_requantize #(
      .IN_W     (D_W),
      .IN_F     (D_F),
      .OUT_W    (W),
      .OUT_F    (F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_round (
      .in_data  (exact),
      .in_rand  (rand_bits),
      .in_round (mode),
      .out_data (out_y),
      .out_flags(out_flags)
  );

  wire _unused = &{1'b0, b_wide};
endmodule
`default_nettype wire
