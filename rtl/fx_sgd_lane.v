// fx_sgd_lane: one lane of the fixed-point weight update, w <- Qw(w - step * g).
//
//   in_w     Q(W_WIDTH - W_FRAC).W_FRAC   in_g  Q(G_WIDTH - G_FRAC).G_FRAC   two's complement
//   in_step  unsigned, in_step * 2^-STEP_FRAC
//   in_rand, in_product_rand   draws of the update's and the product's rounding
//   enable   enable[k]: pipeline rank k takes a new word at this edge
//   out_w, out_flags           result, flags as in fx_requantize (union of both roundings)
//
// FUSED = 0 rounds the product to Q(P_WIDTH - P_FRAC).P_FRAC first.  The other parameters are those of sgd_update.
//
// Latency 2 (fused) or 3 (unfused) enabled clocks, one result a clock.  Java twin: SgdUpdate.
`default_nettype none
module fx_sgd_lane #(
    parameter integer W_WIDTH     = 16,
    parameter integer W_FRAC      = 12,
    parameter integer G_WIDTH     = 16,
    parameter integer G_FRAC      = 12,
    parameter integer FUSED       = 1,
    parameter integer P_WIDTH     = 16,
    parameter integer P_FRAC      = 12,
    parameter integer ROUND       = 0,
    parameter integer RANGE       = 3,
    parameter integer RAND_BITS   = 1,
    parameter integer P_ROUND     = 0,
    parameter integer P_RANGE     = 3,
    parameter integer P_RAND_BITS = 1,
    parameter integer STEP_WIDTH  = 1,
    parameter integer STEP_FRAC   = 4,
    parameter integer RANKS       = 2
) (
    input  wire                   clk,
    input  wire [      RANKS-1:0] enable,
    input  wire [    W_WIDTH-1:0] in_w,
    input  wire [    G_WIDTH-1:0] in_g,
    input  wire [ STEP_WIDTH-1:0] in_step,
    input  wire [  RAND_BITS-1:0] in_rand,
    input  wire [P_RAND_BITS-1:0] in_product_rand,
    output wire [    W_WIDTH-1:0] out_w,
    output wire [            4:0] out_flags
);
  // Exact product: |g| <= 2^(G_WIDTH-1) and step < 2^STEP_WIDTH, so G_WIDTH + STEP_WIDTH signed bits hold it.
  localparam integer X_W = G_WIDTH + STEP_WIDTH;
  localparam integer X_F = G_FRAC + STEP_FRAC;
  wire signed [X_W-1:0] g_wide = $signed({{STEP_WIDTH{in_g[G_WIDTH-1]}}, in_g});
  wire signed [X_W-1:0] step_wide = $signed({{G_WIDTH{1'b0}}, in_step});

  // Rank 0: the product.
  reg signed [X_W-1:0] product_q;
  reg [W_WIDTH-1:0] w0_q;
  reg [RAND_BITS-1:0] rand0_q;
  always @(posedge clk)
    if (enable[0]) begin
      product_q <= g_wide * step_wide;
      w0_q      <= in_w;
      rand0_q   <= in_rand;
    end

  // The subtrahend: the product as it is, or rounded in rank 1.
  localparam integer S_W = (FUSED != 0) ? X_W : P_WIDTH;
  localparam integer S_F = (FUSED != 0) ? X_F : P_FRAC;
  wire signed [S_W-1:0] subtrahend;
  wire signed [W_WIDTH-1:0] w;
  wire [RAND_BITS-1:0] rand_bits;
  wire [4:0] product_flags;
  generate
    if (FUSED != 0) begin : g_fused
      assign subtrahend    = product_q;
      assign w             = w0_q;
      assign rand_bits     = rand0_q;
      assign product_flags = 5'd0;
      wire _unused = &{1'b0, in_product_rand};
    end else begin : g_unfused
      reg [P_RAND_BITS-1:0] product_rand_q;
      reg [P_WIDTH-1:0] rounded_q;
      reg [W_WIDTH-1:0] w1_q;
      reg [RAND_BITS-1:0] rand1_q;
      reg [4:0] flags_q;
      wire [P_WIDTH-1:0] rounded;
      wire [4:0] flags;
      fx_requantize #(
          .IN_W     (X_W),
          .IN_F     (X_F),
          .OUT_W    (P_WIDTH),
          .OUT_F    (P_FRAC),
          .ROUND    (P_ROUND),
          .RANGE    (P_RANGE),
          .RAND_BITS(P_RAND_BITS)
      ) u_product (
          .in_data  (product_q),
          .in_rand  (product_rand_q),
          .in_round (4'd0),
          .out_data (rounded),
          .out_flags(flags)
      );
      always @(posedge clk) begin
        if (enable[0]) product_rand_q <= in_product_rand;
        if (enable[1]) begin
          rounded_q <= rounded;
          flags_q   <= flags;
          w1_q      <= w0_q;
          rand1_q   <= rand0_q;
        end
      end
      assign subtrahend    = rounded_q;
      assign w             = w1_q;
      assign rand_bits     = rand1_q;
      assign product_flags = flags_q;
    end
  endgenerate

  // Both at the finer of the two last places; one bit more than the wider, so the difference cannot wrap.
  localparam integer D_F = (W_FRAC > S_F) ? W_FRAC : S_F;
  localparam integer W_D = W_WIDTH + D_F - W_FRAC;
  localparam integer S_D = S_W + D_F - S_F;
  localparam integer D_W = ((W_D > S_D) ? W_D : S_D) + 1;
  wire signed [D_W-1:0] w_wide = {{(D_W - W_WIDTH) {w[W_WIDTH-1]}}, w};
  wire signed [D_W-1:0] s_wide = {{(D_W - S_W) {subtrahend[S_W-1]}}, subtrahend};
  wire signed [D_W-1:0] difference = (w_wide <<< (D_F - W_FRAC)) - (s_wide <<< (D_F - S_F));

  wire [W_WIDTH-1:0] updated;
  wire [4:0] flags;
  fx_requantize #(
      .IN_W     (D_W),
      .IN_F     (D_F),
      .OUT_W    (W_WIDTH),
      .OUT_F    (W_FRAC),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_update (
      .in_data  (difference),
      .in_rand  (rand_bits),
      .in_round (4'd0),
      .out_data (updated),
      .out_flags(flags)
  );

  // Last rank: the result.
  reg [W_WIDTH-1:0] out_w_q;
  reg [4:0] out_flags_q;
  always @(posedge clk)
    if (enable[RANKS-1]) begin
      out_w_q     <= updated;
      out_flags_q <= flags | product_flags;
    end
  assign out_w     = out_w_q;
  assign out_flags = out_flags_q;
endmodule
`default_nettype wire
