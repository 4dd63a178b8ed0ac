// exact_convert: LANES codes of one format, of either kind, into codes of another, each rounded once.
//
//   in_code    format S_*, see exact_value;  out_code  format and rounding of the others, see exact_round
//   in_rand    LANES draws of RAND_BITS, read only if ROUND = 6
//   out_flags  5 bits a lane {invalid, div0, overflow, underflow, inexact}
//
//   NEGATE     1: the value is negated before it is rounded
//   ON         0: no conversion, the codes are passed on; both formats are the same then
//
// Combinational.  Java twin: Rounder.round.
`default_nettype none
module exact_convert #(
    parameter integer LANES      = 1,
    parameter integer ON         = 1,
    parameter integer NEGATE     = 0,
    parameter integer S_KIND     = 0,
    parameter integer S_WIDTH    = 16,
    parameter integer S_EXP      = 8,
    parameter integer S_FRAC     = 12,
    parameter integer S_BIAS     = 127,
    parameter integer S_FAMILY   = 0,
    parameter integer S_DAZ      = 0,
    parameter integer KIND       = 0,
    parameter integer WIDTH      = 8,
    parameter integer EXP        = 4,
    parameter integer FRAC       = 4,
    parameter integer BIAS       = 7,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 3,
    parameter integer RAND_BITS  = 1
) (
    input  wire [  LANES*S_WIDTH-1:0] in_code,
    input  wire [LANES*RAND_BITS-1:0] in_rand,
    output wire [    LANES*WIDTH-1:0] out_code,
    output wire [        LANES*5-1:0] out_flags
);
  localparam integer V_W = (S_KIND == 1) ? S_FRAC + (1 << S_EXP) : S_WIDTH;
  localparam integer V_F = (S_KIND == 1) ? S_BIAS - 1 + S_FRAC : S_FRAC;

  genvar l;
  generate
    if (ON == 0) begin : g_same
      if (WIDTH != S_WIDTH) begin : g_check_width
        $error("exact_convert: codes that are passed on must be of the same width");
      end
      assign out_code  = in_code;
      assign out_flags = {(LANES * 5) {1'b0}};
      wire _unused = &{1'b0, in_rand};
    end else begin : g_convert
      for (l = 0; l < LANES; l = l + 1) begin : g_lane
        wire signed [V_W-1:0] value;
        wire sign, nan, snan, inf;
        exact_value #(
            .KIND  (S_KIND),
            .WIDTH (S_WIDTH),
            .EXP   (S_EXP),
            .FRAC  (S_FRAC),
            .FAMILY(S_FAMILY),
            .DAZ   (S_DAZ)
        ) u_value (
            .in_code  (in_code[l*S_WIDTH+:S_WIDTH]),
            .out_value(value),
            .out_sign (sign),
            .out_nan  (nan),
            .out_snan (snan),
            .out_inf  (inf)
        );
        wire signed [V_W:0] wide = {value[V_W-1], value};  // the smallest fixed value's negative takes a bit more
        exact_round #(
            .IN_W      (V_W + 1),
            .IN_F      (V_F),
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
            .in_value  ((NEGATE != 0) ? -wide : wide),
            .in_sign   (sign ^ (NEGATE != 0)),
            .in_nan    (nan),
            .in_inf    (inf),
            .in_invalid(snan),
            .in_rand   (in_rand[l*RAND_BITS+:RAND_BITS]),
            .out_code  (out_code[l*WIDTH+:WIDTH]),
            .out_flags (out_flags[l*5+:5])
        );
      end
    end
  endgenerate
endmodule
`default_nettype wire
