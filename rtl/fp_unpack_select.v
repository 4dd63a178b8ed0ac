// fp_unpack_select: take apart a float code whose format is chosen at run time.
//
//   in_code    | unread | sign | exponent field: in_exp_w | fraction field: in_frac_w |, right-aligned
//   in_exp_w   1..MAX_EXP_W;  in_frac_w  0..MAX_FRAC_W;  in_family  0..5 as in fp_unpack;  in_daz  1: subnormals read as 0
//   out_exp    biased by the format's own bias, at least 1;  out_sig  | hidden | MAX_FRAC_W |, left-aligned
//   out_nan, out_snan, out_inf   as in fp_unpack
//
// Combinational.  Java twin: FloatFormat.decode.
`default_nettype none
module fp_unpack_select #(
    parameter integer MAX_EXP_W  = 8,
    parameter integer MAX_FRAC_W = 10,
    parameter integer CODE_W     = 1 + MAX_EXP_W + MAX_FRAC_W
) (
    input  wire [   CODE_W-1:0] in_code,
    input  wire [          3:0] in_exp_w,
    input  wire [          5:0] in_frac_w,
    input  wire [          2:0] in_family,
    input  wire                 in_daz,
    output wire                 out_sign,
    output wire                 out_nan,
    output wire                 out_snan,
    output wire                 out_inf,
    output wire [MAX_EXP_W-1:0] out_exp,
    output wire [ MAX_FRAC_W:0] out_sig
);
  // What is below the sign, of a code that may have less than all bits of both fields.
  localparam integer FIELDS_W = MAX_EXP_W + MAX_FRAC_W;
  localparam integer LONGER_W = (MAX_EXP_W > MAX_FRAC_W) ? MAX_EXP_W : MAX_FRAC_W;
  localparam integer MAG_W = (CODE_W > FIELDS_W) ? FIELDS_W : (CODE_W > LONGER_W) ? CODE_W - 1 : LONGER_W;
  localparam integer WIDE_W = (CODE_W > MAG_W + 1) ? CODE_W : MAG_W + 1;
  localparam [MAX_EXP_W-1:0] EXP_ONE = 1;
  localparam [MAG_W-1:0] ONES = {MAG_W{1'b1}};

  wire [WIDE_W-1:0] code = {{(WIDE_W - CODE_W) {1'b0}}, in_code};
  wire [MAG_W-1:0] fraction_mask = ~(ONES << in_frac_w);
  wire [MAG_W-1:0] mask = ~((ONES << in_exp_w) << in_frac_w);
  wire [MAG_W-1:0] mag = code[MAG_W-1:0] & mask;
  wire [WIDE_W-1:0] from_sign = (code >> in_exp_w) >> in_frac_w;
  wire [MAG_W-1:0] from_field = mag >> in_frac_w;
  wire [MAG_W-1:0] fraction = (mag & fraction_mask) << (MAX_FRAC_W[5:0] - in_frac_w);

  wire hidden = |from_field;
  wire field_ones = (mag | fraction_mask) == mask;
  wire mag_ones = mag == mask;
  wire has_fraction = |fraction;

  assign out_sign = from_sign[0];
  assign out_exp = hidden ? from_field[MAX_EXP_W-1:0] : EXP_ONE;
  assign out_sig = {hidden, fraction[MAX_FRAC_W-1:0] & {MAX_FRAC_W{hidden | ~in_daz}}};

  wire ieee = in_family == 3'd0;
  wire one_zero = in_family == 3'd2 | in_family == 3'd4 | in_family == 3'd5;  // the code of -0 is the NaN
  assign out_nan  = (ieee & field_ones & has_fraction) | (in_family == 3'd1 & mag_ones) | (one_zero & out_sign & ~(|mag));
  assign out_snan = ieee & field_ones & has_fraction & ~fraction[MAX_FRAC_W-1];
  assign out_inf  = (ieee & field_ones & ~has_fraction) | (in_family == 3'd4 & mag_ones);

  wire _unused = &{1'b0, code, from_sign, from_field, fraction};
endmodule
`default_nettype wire
