// polyak_average: the running average of the weights on a stream of LANES weights a beat.
//
//   a <- Qa(a + c * (w - a))
//
//   in_w        LANES weight codes, fixed point (W_KIND = 0) or floats (W_KIND = 1)
//   in_avg      LANES averages, Q(AVG_WIDTH - AVG_FRAC).AVG_FRAC, two's complement
//   in_c        unsigned, in_c * 2^-C_FRAC: 2^-k is a window of 2^k steps, 1/t in step t the mean so far
//   in_rand     LANES draws of RAND_BITS, read only if ROUND = 6
//   out_avg     LANES averages;  out_flags  5 bits a lane {invalid, div0, overflow, underflow, inexact}
//
//   W_*         as in sgd_update;  ROUND RANGE RAND_BITS  of the average, as in fx_requantize (0..9)
//
// The difference and its product are exact, so a weight keeps every bit however far below the average it lies; that takes
// at most 640 bits for a float.  NaN gives code 0 and invalid, an infinity the end of the range.
//
// Latency 3: difference | product | sum, rounded; one beat a clock.  Java twin: PolyakAverage.
`default_nettype none
module polyak_average #(
    parameter integer LANES     = 4,
    parameter integer W_KIND    = 0,
    parameter integer W_WIDTH   = 8,
    parameter integer W_EXP     = 4,
    parameter integer W_FRAC    = 6,
    parameter integer W_BIAS    = 7,
    parameter integer W_FAMILY  = 0,
    parameter integer W_DAZ     = 0,
    parameter integer AVG_WIDTH = 16,
    parameter integer AVG_FRAC  = 14,
    parameter integer C_WIDTH   = 8,
    parameter integer C_FRAC    = 8,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 1
) (
    input  wire                       clk,
    input  wire                       rst_n,
    input  wire                       in_valid,
    output wire                       in_ready,
    input  wire [  LANES*W_WIDTH-1:0] in_w,
    input  wire [LANES*AVG_WIDTH-1:0] in_avg,
    input  wire [        C_WIDTH-1:0] in_c,
    input  wire [LANES*RAND_BITS-1:0] in_rand,
    output wire                       out_valid,
    input  wire                       out_ready,
    output wire [LANES*AVG_WIDTH-1:0] out_avg,
    output wire [        LANES*5-1:0] out_flags
);
  generate
    if (LANES < 1) begin : g_check_lanes
      $error("polyak_average: LANES must be at least 1");
    end
    if (W_KIND == 1 && (W_EXP < 1 || W_EXP > 8)) begin : g_check_exp
      $error("polyak_average: W_EXP of a float must be in 1..8");
    end
    if (AVG_WIDTH < 2 || AVG_WIDTH > 32) begin : g_check_average
      $error("polyak_average: AVG_WIDTH must be in 2..32");
    end
    if (C_WIDTH < 1 || C_WIDTH > 16) begin : g_check_factor
      $error("polyak_average: C_WIDTH must be in 1..16");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("polyak_average: RAND_BITS must be in 1..32");
    end
  endgenerate

  wire [2:0] enable;
  stream_ranks #(
      .RANKS(3)
  ) u_ranks (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .enable   (enable)
  );

  // Exact weight, difference at the finer last place, product, sum: each with a bit more than its operands need.
  localparam integer V_W = (W_KIND == 1) ? W_FRAC + (1 << W_EXP) : W_WIDTH;
  localparam integer V_F = (W_KIND == 1) ? W_BIAS - 1 + W_FRAC : W_FRAC;
  localparam integer D_F = (V_F > AVG_FRAC) ? V_F : AVG_FRAC;
  localparam integer V_D = V_W + D_F - V_F;
  localparam integer A_D = AVG_WIDTH + D_F - AVG_FRAC;
  localparam integer D_W = ((V_D > A_D) ? V_D : A_D) + 1;
  localparam integer P_W = D_W + C_WIDTH;
  localparam integer P_F = D_F + C_FRAC;

  reg [C_WIDTH-1:0] c_q;
  always @(posedge clk) if (enable[0]) c_q <= in_c;

  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      // ---- Rank 0: w - a. ----
      wire signed [V_W-1:0] w;
      wire w_sign, w_nan, w_snan, w_inf;
      exact_value #(
          .KIND  (W_KIND),
          .WIDTH (W_WIDTH),
          .EXP   (W_EXP),
          .FRAC  (W_FRAC),
          .FAMILY(W_FAMILY),
          .DAZ   (W_DAZ)
      ) u_w (
          .in_code  (in_w[l*W_WIDTH+:W_WIDTH]),
          .out_value(w),
          .out_sign (w_sign),
          .out_nan  (w_nan),
          .out_snan (w_snan),
          .out_inf  (w_inf)
      );
      wire signed [AVG_WIDTH-1:0] average = in_avg[l*AVG_WIDTH+:AVG_WIDTH];
      wire signed [D_W-1:0] w_wide = {{(D_W - V_W) {w[V_W-1]}}, w};
      wire signed [D_W-1:0] a_wide = {{(D_W - AVG_WIDTH) {average[AVG_WIDTH-1]}}, average};
      reg signed [D_W-1:0] difference_q;
      reg [AVG_WIDTH-1:0] average0_q;
      reg [RAND_BITS-1:0] rand0_q;
      reg sign0_q, nan0_q, invalid0_q, inf0_q;
      always @(posedge clk)
        if (enable[0]) begin
          difference_q <= (w_wide <<< (D_F - V_F)) - (a_wide <<< (D_F - AVG_FRAC));
          average0_q   <= average;
          rand0_q      <= in_rand[l*RAND_BITS+:RAND_BITS];
          sign0_q      <= w_sign;
          nan0_q       <= w_nan;
          invalid0_q   <= w_snan;
          inf0_q       <= w_inf;
        end

      // ---- Rank 1: c * (w - a). ----
      wire zero_times_inf = inf0_q & ~nan0_q & ~(|c_q);
      wire signed [P_W-1:0] d_wide = {{C_WIDTH{difference_q[D_W-1]}}, difference_q};
      wire signed [P_W-1:0] c_wide = $signed({{D_W{1'b0}}, c_q});
      reg signed [P_W-1:0] product_q;
      reg [AVG_WIDTH-1:0] average1_q;
      reg [RAND_BITS-1:0] rand1_q;
      reg sign1_q, nan1_q, invalid1_q, inf1_q;
      always @(posedge clk)
        if (enable[1]) begin
          product_q  <= d_wide * c_wide;
          average1_q <= average0_q;
          rand1_q    <= rand0_q;
          sign1_q    <= inf0_q ? sign0_q : difference_q[D_W-1];
          nan1_q     <= nan0_q | zero_times_inf;
          invalid1_q <= invalid0_q | zero_times_inf;
          inf1_q     <= inf0_q;
        end

      // ---- Rank 2: a + c * (w - a), rounded. ----
      wire [AVG_WIDTH-1:0] rounded;
      wire [4:0] flags;
      exact_sum #(
          .X_W      (AVG_WIDTH),
          .X_F      (AVG_FRAC),
          .Y_W      (P_W),
          .Y_F      (P_F),
          .KIND     (0),
          .WIDTH    (AVG_WIDTH),
          .FRAC     (AVG_FRAC),
          .ROUND    (ROUND),
          .RANGE    (RANGE),
          .RAND_BITS(RAND_BITS)
      ) u_sum (
          .in_x        (average1_q),
          .in_x_sign   (average1_q[AVG_WIDTH-1]),
          .in_x_nan    (1'b0),
          .in_x_invalid(1'b0),
          .in_x_inf    (1'b0),
          .in_y        (product_q),
          .in_y_sign   (sign1_q),
          .in_y_nan    (nan1_q),
          .in_y_invalid(invalid1_q),
          .in_y_inf    (inf1_q),
          .in_rand     (rand1_q),
          .out_code    (rounded),
          .out_flags   (flags)
      );
      reg [AVG_WIDTH-1:0] average_q;
      reg [4:0] flags_q;
      always @(posedge clk)
        if (enable[2]) begin
          average_q <= rounded;
          flags_q   <= flags;
        end
      assign out_avg[l*AVG_WIDTH+:AVG_WIDTH] = average_q;
      assign out_flags[l*5+:5] = flags_q;
    end
  endgenerate
endmodule
`default_nettype wire
