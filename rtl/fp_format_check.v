// fp_format_check: whether a float format chosen at run time is one that the *_select units have.
//
//   in_exp_w       1..MAX_EXP_W;  in_frac_w  0..MAX_FRAC_W;  in_family  0..5;  in_subnormals  as in fp_round_select
//   out_illegal    one of them is out of range, or the format has no finite value other than zero: of ieee, fn and p3109
//                  the two-bit ones, and ieee with one exponent bit and no subnormals
//
// Combinational.  Java twin: FloatFormat, which refuses the same.
`default_nettype none
module fp_format_check #(
    parameter integer MAX_EXP_W  = 8,
    parameter integer MAX_FRAC_W = 10
) (
    input  wire [3:0] in_exp_w,
    input  wire [5:0] in_frac_w,
    input  wire [2:0] in_family,
    input  wire       in_subnormals,
    output wire       out_illegal
);
  wire range = in_exp_w == 4'd0 | in_exp_w > MAX_EXP_W[3:0] | in_frac_w > MAX_FRAC_W[5:0] | in_family > 3'd5;
  wire two_bits = in_exp_w == 4'd1 & in_frac_w == 6'd0;
  wire takes_top = in_family == 3'd0 | in_family == 3'd1 | in_family == 3'd4;
  wire no_normal = in_family == 3'd0 & in_exp_w == 4'd1 & ~in_subnormals;
  assign out_illegal = range | (two_bits & takes_top) | no_normal;
endmodule
`default_nettype wire
