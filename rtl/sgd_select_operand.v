// sgd_select_operand: take apart one operand of sgd_select_lane, float or fixed point.
//
//   in_code   right-aligned; what is above the format's width is not read
//   cfg_*     1 float: cfg_exp, cfg_frac, cfg_family, cfg_daz; 0 signed fixed point of cfg_width bits
//   out_sig   float: | hidden | MAX_FRAC_W |, fixed: the magnitude; both right-aligned in SIG_W bits
//   others    as in fp_unpack_select; a fixed value is neither infinite nor NaN
//
// Combinational.  Java twin: Format.decode.
`default_nettype none
module sgd_select_operand #(
    parameter integer WIDTH      = 16,
    parameter integer MAX_EXP_W  = 8,
    parameter integer MAX_FRAC_W = 10,
    parameter integer SIG_W      = 16
) (
    input  wire                 cfg_float,
    input  wire [          4:0] cfg_width,
    input  wire [          3:0] cfg_exp,
    input  wire [          5:0] cfg_frac,
    input  wire [          2:0] cfg_family,
    input  wire                 cfg_daz,
    input  wire [    WIDTH-1:0] in_code,
    output wire                 out_sign,
    output wire                 out_nan,
    output wire                 out_snan,
    output wire                 out_inf,
    output wire [MAX_EXP_W-1:0] out_exp,
    output wire [    SIG_W-1:0] out_sig
);
  wire sign, nan, snan, inf;
  wire [MAX_FRAC_W:0] sig;
  fp_unpack_select #(
      .MAX_EXP_W (MAX_EXP_W),
      .MAX_FRAC_W(MAX_FRAC_W),
      .CODE_W    (WIDTH)
  ) u_unpack (
      .in_code  (in_code),
      .in_exp_w (cfg_exp),
      .in_frac_w(cfg_frac),
      .in_family(cfg_family),
      .in_daz   (cfg_daz),
      .out_sign (sign),
      .out_nan  (nan),
      .out_snan (snan),
      .out_inf  (inf),
      .out_exp  (out_exp),
      .out_sig  (sig)
  );

  wire [WIDTH-1:0] unread = {WIDTH{1'b1}} << cfg_width;
  wire [WIDTH-1:0] top = ~unread & ~(~unread >> 1);  // the sign bit's place
  wire negative = |(in_code & top);
  wire [WIDTH-1:0] value = (in_code & ~unread) | (unread & {WIDTH{negative}});
  wire [WIDTH-1:0] magnitude = (value ^ {WIDTH{negative}}) + {{(WIDTH - 1) {1'b0}}, negative};

  assign out_sign = cfg_float ? sign : negative;
  assign out_nan  = cfg_float & nan;
  assign out_snan = cfg_float & snan;
  assign out_inf  = cfg_float & inf;
  assign out_sig  = cfg_float ? {{(SIG_W - MAX_FRAC_W - 1) {1'b0}}, sig} : {{(SIG_W - WIDTH) {1'b0}}, magnitude};
endmodule
`default_nettype wire
