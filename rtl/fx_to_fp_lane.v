// fx_to_fp_lane: one lane of fx_to_fp, a signed fixed-point value to a float code, rounded once.
//
//   in_a       Q(A_W - A_F).A_F   two's complement;  0 gives +0
//   in_rand, in_round, out_flags, parameters of the result   as in fp_round_pack;  out_y  | sign | EXP_W | FRAC_W |
//   enable     enable[k]: rank k takes a new word at this edge (stream_ranks)
//
// STAGES 0, or 1: cut before the rounding.  Java twin: Arithmetic.convert.
`default_nettype none
module fx_to_fp_lane #(
    parameter integer STAGES     = 0,
    parameter integer A_W        = 16,
    parameter integer A_F        = 8,
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
    input  wire [                      A_W-1:0] in_a,
    input  wire [                          3:0] in_round,
    input  wire [                RAND_BITS-1:0] in_rand,
    output wire [               EXP_W+FRAC_W:0] out_y,
    output wire [                          4:0] out_flags
);
  // |a| is at most 2^(A_W-1): A_W unsigned bits.
  wire sign = in_a[A_W-1];
  wire [A_W-1:0] magnitude = (in_a ^ {A_W{sign}}) + {{(A_W - 1) {1'b0}}, sign};

  // Its top bit's exponent, biased by BIAS.  Below 1 nothing is left to normalize, and fp_round_pack shifts.
  localparam integer TOP = A_W - 1 - A_F + BIAS;
  localparam integer T_W = $clog2((TOP < 0 ? -TOP : TOP) + 2) + 1;
  wire signed [T_W-1:0] n_top;
  wire [A_W-1:0] n_sig;
  generate
    if (TOP > 1) begin : g_normalize
      fp_normalize #(
          .SIG_W(A_W),
          .EXP_W(T_W)
      ) u_normalize (
          .in_exp (TOP[T_W-1:0]),
          .in_sig (magnitude),
          .out_exp(n_top),
          .out_sig(n_sig)
      );
    end else begin : g_as_is
      assign n_top = TOP[T_W-1:0];
      assign n_sig = magnitude;
    end
  endgenerate

  wire r_sign;
  wire signed [T_W-1:0] r_top;
  wire [A_W-1:0] r_sig;
  wire [RAND_BITS-1:0] r_rand;
  wire [3:0] r_round;
  pipe_rank #(
      .W (T_W + A_W + RAND_BITS + 5),
      .ON(STAGES)
  ) u_rank (
      .clk   (clk),
      .enable(enable[0]),
      .d     ({sign, n_top, n_sig, in_rand, in_round}),
      .q     ({r_sign, r_top, r_sig, r_rand, r_round})
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
      .IN_SIG_W  (A_W),
      .SHIFT     (TOP < 1 ? 1 : 0)
  ) u_round (
      .in_sign   (r_sign),
      .in_nan    (1'b0),
      .in_inf    (1'b0),
      .in_invalid(1'b0),
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
