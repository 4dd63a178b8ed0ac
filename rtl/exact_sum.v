// exact_sum: the exact sum of two numbers, rounded once into a code of either kind, with flags.
//
//   in_x, in_y     two's complement, last places 2^-X_F and 2^-Y_F
//   in_*_sign      sign of a zero and of an infinity
//   in_*_nan       NaN;  in_*_invalid  its operation has raised invalid;  in_*_inf  infinite.  Then in_* means nothing.
//   in_rand, out_code, out_flags and the other parameters: see exact_round
//
// An exact zero is +0, or -0 in RDN, unless both addends are zeros of the same sign.
//
// Combinational.  Java twin: Arithmetic.add.
`default_nettype none
module exact_sum #(
    parameter integer X_W        = 16,
    parameter integer X_F        = 8,
    parameter integer Y_W        = 16,
    parameter integer Y_F        = 8,
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
    input  wire signed [      X_W-1:0] in_x,
    input  wire                        in_x_sign,
    input  wire                        in_x_nan,
    input  wire                        in_x_invalid,
    input  wire                        in_x_inf,
    input  wire signed [      Y_W-1:0] in_y,
    input  wire                        in_y_sign,
    input  wire                        in_y_nan,
    input  wire                        in_y_invalid,
    input  wire                        in_y_inf,
    input  wire        [RAND_BITS-1:0] in_rand,
    output wire        [    WIDTH-1:0] out_code,
    output wire        [          4:0] out_flags
);
  localparam integer RDN = 4;

  // Both at the finer of the two last places; one bit more than the wider, so the sum cannot wrap.
  localparam integer D_F = (X_F > Y_F) ? X_F : Y_F;
  localparam integer X_D = X_W + D_F - X_F;
  localparam integer Y_D = Y_W + D_F - Y_F;
  localparam integer D_W = ((X_D > Y_D) ? X_D : Y_D) + 1;
  generate
    if (D_W > 640) begin : g_check_width
      $error("exact_sum: the exact sum must have at most 640 bits; choose formats of fewer exponent or fraction bits");
    end
  endgenerate
  wire signed [D_W-1:0] x_wide = {{(D_W - X_W) {in_x[X_W-1]}}, in_x};
  wire signed [D_W-1:0] y_wide = {{(D_W - Y_W) {in_y[Y_W-1]}}, in_y};
  wire signed [D_W-1:0] sum = (x_wide <<< (D_F - X_F)) + (y_wide <<< (D_F - Y_F));

  wire opposite = in_x_sign != in_y_sign;
  wire nan = in_x_nan | in_y_nan;
  wire clash = in_x_inf & in_y_inf & opposite & ~nan;
  exact_round #(
      .IN_W      (D_W),
      .IN_F      (D_F),
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
  ) u_round (
      .in_value  (sum),
      .in_sign   (in_x_inf ? in_x_sign : in_y_inf ? in_y_sign : opposite ? ROUND == RDN : in_x_sign),
      .in_nan    (nan | clash),
      .in_inf    (in_x_inf | in_y_inf),
      .in_invalid(in_x_invalid | in_y_invalid | clash),
      .in_rand   (in_rand),
      .out_code  (out_code),
      .out_flags (out_flags)
  );
endmodule
`default_nettype wire
