// fp_unpack: take a float code apart.
//
//   in_code   | sign | exponent field: EXP_W | fraction field: FRAC_W |
//   out_exp   biased by the format's own bias, at least 1 (subnormals and zero read as 1)
//   out_sig   | hidden | FRAC_W |, value out_sig * 2^(out_exp - bias - FRAC_W); 0 iff the value is 0
//   out_nan   NaN; out_snan: a signaling one;  out_inf  infinity.  Then out_exp and out_sig mean nothing.
//
//   FAMILY    0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf
//   DAZ       1: subnormal operands read as zero of the same sign
//
// The bias is a constant which whoever compares exponents folds into one offset; it is no parameter here.
// Subnormals are not normalized: the unit that needs a leading one has a normalizer after its sum anyway.
//
// Combinational.  Java twin: FloatFormat.decode.
`default_nettype none
module fp_unpack #(
    parameter integer EXP_W  = 4,
    parameter integer FRAC_W = 3,
    parameter integer FAMILY = 1,
    parameter integer DAZ    = 0
) (
    input  wire [EXP_W+FRAC_W:0] in_code,
    output wire                  out_sign,
    output wire                  out_nan,
    output wire                  out_snan,
    output wire                  out_inf,
    output wire [     EXP_W-1:0] out_exp,
    output wire [      FRAC_W:0] out_sig
);
  localparam integer MAG_W = EXP_W + FRAC_W;
  localparam [EXP_W-1:0] EXP_ONE = 1;

  generate
    if (EXP_W < 1 || EXP_W > 11) begin : g_check_exp
      $error("fp_unpack: EXP_W must be in 1..11");
    end
    if (FRAC_W < 0) begin : g_check_frac
      $error("fp_unpack: FRAC_W must be at least 0");
    end
    if (FAMILY < 0 || FAMILY > 5) begin : g_check_family
      $error("fp_unpack: FAMILY must be in 0..5");
    end
  endgenerate

  wire [MAG_W-1:0] mag = in_code[MAG_W-1:0];
  wire [EXP_W-1:0] field = mag[MAG_W-1:FRAC_W];
  wire hidden = |field;

  assign out_sign = in_code[MAG_W];
  assign out_exp  = field | (EXP_ONE & {EXP_W{~hidden}});

  generate
    if (FRAC_W == 0) begin : g_sig_hidden
      assign out_sig = hidden;
    end else if (DAZ != 0) begin : g_sig_daz
      assign out_sig = {hidden, mag[FRAC_W-1:0] & {FRAC_W{hidden}}};
    end else begin : g_sig
      assign out_sig = {hidden, mag[FRAC_W-1:0]};
    end

    if (FAMILY == 0 && FRAC_W == 0) begin : g_ieee_no_nan
      assign out_nan  = 1'b0;
      assign out_snan = 1'b0;
      assign out_inf  = &field;
    end else if (FAMILY == 0) begin : g_ieee
      wire special = &field;
      wire fraction = |mag[FRAC_W-1:0];
      assign out_nan  = special & fraction;
      assign out_snan = out_nan & ~mag[FRAC_W-1];
      assign out_inf  = special & ~fraction;
    end else if (FAMILY == 1) begin : g_fn
      assign out_nan  = &mag;
      assign out_snan = 1'b0;
      assign out_inf  = 1'b0;
    end else if (FAMILY == 3) begin : g_finite
      assign out_nan  = 1'b0;
      assign out_snan = 1'b0;
      assign out_inf  = 1'b0;
    end else begin : g_one_zero  // the code of -0 is the NaN
      assign out_nan  = out_sign & ~(|mag);
      assign out_snan = 1'b0;
      assign out_inf  = (FAMILY == 4) & (&mag);
    end
  endgenerate
endmodule
`default_nettype wire
