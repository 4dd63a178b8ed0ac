// exact_difference: a - b of two codes, each of either kind, rounded once into a code of either kind.
//
//   in_a, in_b   codes, see exact_value;  in_rand  the draw R (SR only)
//   out_code     see exact_round;  out_flags  {invalid, div0, overflow, underflow, inexact}
//
// The exact difference takes at most 640 bits (exact_sum).
//
// Combinational.  Java twin: Arithmetic.sub.
`default_nettype none
module exact_difference #(
    parameter integer A_KIND     = 0,
    parameter integer A_WIDTH    = 8,
    parameter integer A_EXP      = 4,
    parameter integer A_FRAC     = 3,
    parameter integer A_BIAS     = 7,
    parameter integer A_FAMILY   = 0,
    parameter integer A_DAZ      = 0,
    parameter integer B_KIND     = 0,
    parameter integer B_WIDTH    = 8,
    parameter integer B_EXP      = 4,
    parameter integer B_FRAC     = 3,
    parameter integer B_BIAS     = 7,
    parameter integer B_FAMILY   = 0,
    parameter integer B_DAZ      = 0,
    parameter integer KIND       = 0,
    parameter integer WIDTH      = 8,
    parameter integer EXP        = 4,
    parameter integer FRAC       = 3,
    parameter integer BIAS       = 7,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 3,
    parameter integer RAND_BITS  = 1
) (
    input  wire [  A_WIDTH-1:0] in_a,
    input  wire [  B_WIDTH-1:0] in_b,
    input  wire [RAND_BITS-1:0] in_rand,
    output wire [    WIDTH-1:0] out_code,
    output wire [          4:0] out_flags
);
  localparam integer A_W = (A_KIND == 1) ? A_FRAC + (1 << A_EXP) : A_WIDTH;
  localparam integer A_F = (A_KIND == 1) ? A_BIAS - 1 + A_FRAC : A_FRAC;
  localparam integer B_W = (B_KIND == 1) ? B_FRAC + (1 << B_EXP) : B_WIDTH;
  localparam integer B_F = (B_KIND == 1) ? B_BIAS - 1 + B_FRAC : B_FRAC;

  wire signed [A_W-1:0] a;
  wire a_sign, a_nan, a_snan, a_inf;
  exact_value #(
      .KIND  (A_KIND),
      .WIDTH (A_WIDTH),
      .EXP   (A_EXP),
      .FRAC  (A_FRAC),
      .FAMILY(A_FAMILY),
      .DAZ   (A_DAZ)
  ) u_a (
      .in_code  (in_a),
      .out_value(a),
      .out_sign (a_sign),
      .out_nan  (a_nan),
      .out_snan (a_snan),
      .out_inf  (a_inf)
  );
  wire signed [B_W-1:0] b;
  wire b_sign, b_nan, b_snan, b_inf;
  exact_value #(
      .KIND  (B_KIND),
      .WIDTH (B_WIDTH),
      .EXP   (B_EXP),
      .FRAC  (B_FRAC),
      .FAMILY(B_FAMILY),
      .DAZ   (B_DAZ)
  ) u_b (
      .in_code  (in_b),
      .out_value(b),
      .out_sign (b_sign),
      .out_nan  (b_nan),
      .out_snan (b_snan),
      .out_inf  (b_inf)
  );
  wire signed [B_W:0] b_wide = {b[B_W-1], b};  // the smallest fixed value's negative takes a bit more
  exact_sum #(
      .X_W       (A_W),
      .X_F       (A_F),
      .Y_W       (B_W + 1),
      .Y_F       (B_F),
      .KIND      (KIND),
      .WIDTH     (WIDTH),
      .EXP       (EXP),
      .FRAC      (FRAC),
      .BIAS      (BIAS),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .ROUND     (ROUND),
      .RANGE     (RANGE),
      .RAND_BITS (RAND_BITS)
  ) u_sum (
      .in_x        (a),
      .in_x_sign   (a_sign),
      .in_x_nan    (a_nan),
      .in_x_invalid(a_snan),
      .in_x_inf    (a_inf),
      .in_y        (-b_wide),
      .in_y_sign   (~b_sign),
      .in_y_nan    (b_nan),
      .in_y_invalid(b_snan),
      .in_y_inf    (b_inf),
      .in_rand     (in_rand),
      .out_code    (out_code),
      .out_flags   (out_flags)
  );
endmodule
`default_nettype wire
