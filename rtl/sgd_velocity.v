// sgd_velocity: one lane of the momentum of sgd_update, v <- Qv(mu * v + g).
//
//   in_v, in_g   codes of fixed point (KIND = 0) or floats (KIND = 1);  in_mu  unsigned, in_mu * 2^-MU_FRAC
//   in_rand      the draw R (SR only)
//   enable       enable[k]: pipeline rank k takes a new word at this edge
//   out_v, out_flags   result, {invalid, div0, overflow, underflow, inexact}
//
// The other parameters are those of sgd_update.  The sum is exact in at most 640 bits, rounded once.
//
// Latency 2 enabled clocks: product | sum, rounded; one result a clock.  Java twin: UpdateUnit.velocityExactly.
`default_nettype none
module sgd_velocity #(
    parameter integer KIND         = 0,
    parameter integer V_WIDTH      = 16,
    parameter integer V_EXP        = 8,
    parameter integer V_FRAC       = 12,
    parameter integer V_BIAS       = 127,
    parameter integer V_FAMILY     = 0,
    parameter integer V_SUBNORMALS = 1,
    parameter integer V_DAZ        = 0,
    parameter integer V_ROUND      = 0,
    parameter integer V_RANGE      = 3,
    parameter integer V_RAND_BITS  = 8,
    parameter integer G_WIDTH      = 16,
    parameter integer G_EXP        = 8,
    parameter integer G_FRAC       = 12,
    parameter integer G_BIAS       = 127,
    parameter integer G_FAMILY     = 0,
    parameter integer G_DAZ        = 0,
    parameter integer MU_WIDTH     = 8,
    parameter integer MU_FRAC      = 8
) (
    input  wire                   clk,
    input  wire [            1:0] enable,
    input  wire [    V_WIDTH-1:0] in_v,
    input  wire [    G_WIDTH-1:0] in_g,
    input  wire [   MU_WIDTH-1:0] in_mu,
    input  wire [V_RAND_BITS-1:0] in_rand,
    output wire [    V_WIDTH-1:0] out_v,
    output wire [            4:0] out_flags
);
  // The factor as a signed number: one bit more.
  localparam integer P_W = ((KIND == 1) ? V_FRAC + (1 << V_EXP) : V_WIDTH) + MU_WIDTH + 1;
  localparam integer P_F = ((KIND == 1) ? V_BIAS - 1 + V_FRAC : V_FRAC) + MU_FRAC;
  localparam integer VALUE_W = (KIND == 1) ? G_FRAC + (1 << G_EXP) : G_WIDTH;
  localparam integer VALUE_F = (KIND == 1) ? G_BIAS - 1 + G_FRAC : G_FRAC;

  // ---- Rank 0: the exact product. ----
  wire signed [P_W-1:0] p;
  wire p_sign, p_nan, p_invalid, p_inf;
  exact_product #(
      .A_KIND  (KIND),
      .A_WIDTH (V_WIDTH),
      .A_EXP   (V_EXP),
      .A_FRAC  (V_FRAC),
      .A_FAMILY(V_FAMILY),
      .A_DAZ   (V_DAZ),
      .B_KIND  (0),
      .B_WIDTH (MU_WIDTH + 1),
      .B_FRAC  (MU_FRAC)
  ) u_product (
      .in_a       (in_v),
      .in_b       ({1'b0, in_mu}),
      .out_value  (p),
      .out_sign   (p_sign),
      .out_nan    (p_nan),
      .out_invalid(p_invalid),
      .out_inf    (p_inf)
  );
  reg signed [P_W-1:0] p_q;
  reg p_sign_q, p_nan_q, p_invalid_q, p_inf_q;
  reg [G_WIDTH-1:0] g_q;
  reg [V_RAND_BITS-1:0] rand_q;
  always @(posedge clk)
    if (enable[0]) begin
      p_q         <= p;
      p_sign_q    <= p_sign;
      p_nan_q     <= p_nan;
      p_invalid_q <= p_invalid;
      p_inf_q     <= p_inf;
      g_q         <= in_g;
      rand_q      <= in_rand;
    end

  // ---- Rank 1: the sum. ----
  wire signed [VALUE_W-1:0] g;
  wire g_sign, g_nan, g_snan, g_inf;
  exact_value #(
      .KIND  (KIND),
      .WIDTH (G_WIDTH),
      .EXP   (G_EXP),
      .FRAC  (G_FRAC),
      .FAMILY(G_FAMILY),
      .DAZ   (G_DAZ)
  ) u_g (
      .in_code  (g_q),
      .out_value(g),
      .out_sign (g_sign),
      .out_nan  (g_nan),
      .out_snan (g_snan),
      .out_inf  (g_inf)
  );
  wire [V_WIDTH-1:0] v;
  wire [4:0] flags;
  exact_sum #(
      .X_W       (P_W),
      .X_F       (P_F),
      .Y_W       (VALUE_W),
      .Y_F       (VALUE_F),
      .KIND      (KIND),
      .WIDTH     (V_WIDTH),
      .EXP       (V_EXP),
      .FRAC      (V_FRAC),
      .BIAS      (V_BIAS),
      .FAMILY    (V_FAMILY),
      .SUBNORMALS(V_SUBNORMALS),
      .ROUND     (V_ROUND),
      .RANGE     (V_RANGE),
      .RAND_BITS (V_RAND_BITS)
  ) u_sum (
      .in_x        (p_q),
      .in_x_sign   (p_sign_q),
      .in_x_nan    (p_nan_q),
      .in_x_invalid(p_invalid_q),
      .in_x_inf    (p_inf_q),
      .in_y        (g),
      .in_y_sign   (g_sign),
      .in_y_nan    (g_nan),
      .in_y_invalid(g_snan),
      .in_y_inf    (g_inf),
      .in_rand     (rand_q),
      .out_code    (v),
      .out_flags   (flags)
  );
  reg [V_WIDTH-1:0] v_q;
  reg [4:0] flags_q;
  always @(posedge clk)
    if (enable[1]) begin
      v_q     <= v;
      flags_q <= flags;
    end
  assign out_v     = v_q;
  assign out_flags = flags_q;
endmodule
`default_nettype wire
