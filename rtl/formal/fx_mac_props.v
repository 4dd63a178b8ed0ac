// fx_mac_props: each beat of fx_mac rounds acc + a * b as fx_round_props says, acc 0 and no flag up at the first one.
// By induction over beats: a sum may be any that one can be.  Proved by make prove; no twin in Java.
`default_nettype none
module fx_mac_props #(
    parameter integer A_W       = 4,
    parameter integer A_F       = 2,
    parameter integer B_W       = 4,
    parameter integer B_F       = 2,
    parameter integer W         = 4,
    parameter integer F         = 2,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 3
) (
    input wire                        clk,
    input wire                        in_first,
    input wire signed [      A_W-1:0] in_a,
    input wire signed [      B_W-1:0] in_b,
    input wire        [RAND_BITS-1:0] in_rand,
    input wire        [          3:0] in_round
);
  wire signed [W-1:0] out;
  wire [4:0] flags;
  fx_mac_lane #(
      .A_W      (A_W),
      .A_F      (A_F),
      .B_W      (B_W),
      .B_F      (B_F),
      .W        (W),
      .F        (F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_dut (
      .clk       (clk),
      .enable    (1'b1),
      .accumulate(1'b1),
      .in_a      (in_a),
      .in_b      (in_b),
      .in_first  (in_first),
      .in_rand   (in_rand),
      .in_round  (in_round),
      .out_y     (out),
      .out_flags (flags)
  );

  reg running = 1'b0;
  always @(posedge clk) running <= 1'b1;
  always @* assume (running || in_first);

  localparam integer P_F = A_F + B_F;
  localparam integer X_F = (P_F > F) ? P_F : F;
  localparam integer X_W = A_W + B_W + W + 2 * X_F - P_F - F + 1;
  wire signed [A_W+B_W-1:0] a = {{B_W{in_a[A_W-1]}}, in_a};
  wire signed [A_W+B_W-1:0] b = {{A_W{in_b[B_W-1]}}, in_b};
  wire signed [A_W+B_W-1:0] product = a * b;
  wire signed [X_W-1:0] product_wide = {{(X_W - A_W - B_W) {product[A_W+B_W-1]}}, product};
  wire signed [X_W-1:0] sum_wide = in_first ? 0 : {{(X_W - W) {out[W-1]}}, out};

  reg signed [X_W-1:0] x;
  reg [4:0] before;
  reg [RAND_BITS-1:0] drawn;
  reg [3:0] round;
  always @(posedge clk) begin
    x      <= (product_wide <<< (X_F - P_F)) + (sum_wide <<< (X_F - F));
    before <= in_first ? 5'd0 : flags;
    drawn  <= in_rand;
    round  <= in_round;
  end
  always @* assert (!running || (!flags[4] && !flags[3] && !flags[1] && (flags[0] || !flags[2])));

  fx_round_props #(
      .X_W      (X_W),
      .OUT_W    (W),
      .DROP     (X_F - F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_meaning (
      .check   (running),
      .x       (x),
      .out     (out),
      .flags   (flags),
      .before  (before),
      .in_rand (drawn),
      .in_round(round)
  );
endmodule
`default_nettype wire
