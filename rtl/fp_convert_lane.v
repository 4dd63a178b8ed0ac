// fp_convert_lane: one lane of fp_convert, a code of one float format to another, rounded once.
//
//   in_a       | sign | A_EXP_W | A_FRAC_W |
//   in_rand, in_round, out_flags, parameters of the result   as in fp_round_pack;  out_y  | sign | EXP_W | FRAC_W |
//   enable     enable[k]: rank k takes a new word at this edge (stream_ranks)
//
// The operand's exponents move by BIAS - A_BIAS.  If that is positive its subnormals may become normal: they are
// normalized.  If it is negative its normals may become subnormal: fp_round_pack shifts.  Never both.
//
// STAGES 0, or 1: cut before the rounding.  Java twin: Arithmetic.convert.
`default_nettype none
module fp_convert_lane #(
    parameter integer STAGES     = 0,
    parameter integer A_EXP_W    = 8,
    parameter integer A_FRAC_W   = 7,
    parameter integer A_BIAS     = (1 << (A_EXP_W - 1)) - 1,
    parameter integer A_FAMILY   = 0,
    parameter integer A_DAZ      = 0,
    parameter integer EXP_W      = 4,
    parameter integer FRAC_W     = 3,
    parameter integer BIAS       = (1 << (EXP_W - 1)) - 1,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 0,
    parameter integer RAND_BITS  = 1
) (
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire [           A_EXP_W+A_FRAC_W:0] in_a,
    input  wire [                          3:0] in_round,
    input  wire [                RAND_BITS-1:0] in_rand,
    output wire [               EXP_W+FRAC_W:0] out_y,
    output wire [                          4:0] out_flags
);
  wire sign, nan, snan, inf;
  wire [A_EXP_W-1:0] field;
  wire [A_FRAC_W:0] sig;
  fp_unpack #(
      .EXP_W (A_EXP_W),
      .FRAC_W(A_FRAC_W),
      .FAMILY(A_FAMILY),
      .DAZ   (A_DAZ)
  ) u_unpack (
      .in_code (in_a),
      .out_sign(sign),
      .out_nan (nan),
      .out_snan(snan),
      .out_inf (inf),
      .out_exp (field),
      .out_sig (sig)
  );

  // Biased by BIAS, signed: field + OFFSET, and no lower than that or 1 once normalized.
  localparam integer OFFSET = BIAS - A_BIAS;
  localparam integer T_W = $clog2((1 << A_EXP_W) + (OFFSET < 0 ? -OFFSET : OFFSET) + 1) + 1;
  wire signed [T_W-1:0] top = $signed({{(T_W - A_EXP_W) {1'b0}}, field}) + $signed(OFFSET[T_W-1:0]);

  wire signed [T_W-1:0] n_top;
  wire [A_FRAC_W:0] n_sig;
  generate
    if (OFFSET > 0 && A_FRAC_W > 0 && A_DAZ == 0) begin : g_normalize
      fp_normalize #(
          .SIG_W(A_FRAC_W + 1),
          .EXP_W(T_W)
      ) u_normalize (
          .in_exp (top),
          .in_sig (sig),
          .out_exp(n_top),
          .out_sig(n_sig)
      );
    end else begin : g_as_is
      assign n_top = top;
      assign n_sig = sig;
    end
  endgenerate

  wire r_sign, r_nan, r_inf, r_invalid;
  wire signed [T_W-1:0] r_top;
  wire [A_FRAC_W:0] r_sig;
  wire [RAND_BITS-1:0] r_rand;
  wire [3:0] r_round;
  pipe_rank #(
      .W (T_W + A_FRAC_W + RAND_BITS + 9),
      .ON(STAGES)
  ) u_rank (
      .clk   (clk),
      .enable(enable[0]),
      .d     ({sign, nan, inf, snan, n_top, n_sig, in_rand, in_round}),
      .q     ({r_sign, r_nan, r_inf, r_invalid, r_top, r_sig, r_rand, r_round})
  );

  fp_round_pack #(
      .EXP_W     (EXP_W),
      .FRAC_W    (FRAC_W),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .ROUND     (ROUND),
      .RANGE     (RANGE),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (T_W),
      .IN_SIG_W  (A_FRAC_W + 1),
      .SHIFT     (OFFSET < 0 ? 1 : 0)
  ) u_round (
      .in_sign   (r_sign),
      .in_nan    (r_nan),
      .in_inf    (r_inf),
      .in_invalid(r_invalid),
      .in_div0   (1'b0),
      .in_exp    (r_top),
      .in_sig    (r_sig),
      .in_sticky (1'b0),
      .in_rand   (r_rand),
      .in_round  (r_round),
      .out_code  (out_y),
      .out_flags (out_flags)
  );
endmodule
`default_nettype wire
