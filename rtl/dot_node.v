// dot_node: one node of dot_product's tree, Q(left + right), or what is there if only the left one is.
//
//   in_left, in_right, out_node   {kept, flags: 5, code: WIDTH}; the flags are the union of all roundings below
//
// Combinational.  Java twin: DotUnit.
`default_nettype none
module dot_node #(
    parameter integer KIND       = 0,
    parameter integer WIDTH      = 8,
    parameter integer EXP        = 4,
    parameter integer FRAC       = 3,
    parameter integer BIAS       = 7,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer DAZ        = 0,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 3,
    parameter integer RAND_BITS  = 1
) (
    input  wire [  WIDTH+5:0] in_left,
    input  wire [  WIDTH+5:0] in_right,
    input  wire [RAND_BITS-1:0] in_rand,
    output wire [  WIDTH+5:0] out_node
);
  localparam integer V_W = (KIND == 1) ? FRAC + (1 << EXP) : WIDTH;
  localparam integer V_F = (KIND == 1) ? BIAS - 1 + FRAC : FRAC;

  wire signed [V_W-1:0] left, right;
  wire left_sign, left_nan, left_snan, left_inf, right_sign, right_nan, right_snan, right_inf;
  exact_value #(
      .KIND  (KIND),
      .WIDTH (WIDTH),
      .EXP   (EXP),
      .FRAC  (FRAC),
      .FAMILY(FAMILY),
      .DAZ   (DAZ)
  ) u_left (
      .in_code  (in_left[WIDTH-1:0]),
      .out_value(left),
      .out_sign (left_sign),
      .out_nan  (left_nan),
      .out_snan (left_snan),
      .out_inf  (left_inf)
  );
  exact_value #(
      .KIND  (KIND),
      .WIDTH (WIDTH),
      .EXP   (EXP),
      .FRAC  (FRAC),
      .FAMILY(FAMILY),
      .DAZ   (DAZ)
  ) u_right (
      .in_code  (in_right[WIDTH-1:0]),
      .out_value(right),
      .out_sign (right_sign),
      .out_nan  (right_nan),
      .out_snan (right_snan),
      .out_inf  (right_inf)
  );

  wire [WIDTH-1:0] code;
  wire [4:0] flags;
  exact_sum #(
      .X_W       (V_W),
      .X_F       (V_F),
      .Y_W       (V_W),
      .Y_F       (V_F),
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
      .in_x        (left),
      .in_x_sign   (left_sign),
      .in_x_nan    (left_nan),
      .in_x_invalid(left_snan),
      .in_x_inf    (left_inf),
      .in_y        (right),
      .in_y_sign   (right_sign),
      .in_y_nan    (right_nan),
      .in_y_invalid(right_snan),
      .in_y_inf    (right_inf),
      .in_rand     (in_rand),
      .out_code    (code),
      .out_flags   (flags)
  );

  // Elements fill a beat from lane 0, so a right node never stands alone.
  wire both = in_right[WIDTH+5];
  assign out_node = both ? {1'b1, in_left[WIDTH+4:WIDTH] | in_right[WIDTH+4:WIDTH] | flags, code} : in_left;
endmodule
`default_nettype wire
