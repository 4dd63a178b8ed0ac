// fp_round_pack: round sign, exponent and significand into a float code, with flags.
// Each float result leaves through this module, special ones included.
//
//   in_nan      the result is NaN (wins over in_inf);  in_inf  it is an infinity of sign in_sign
//   in_invalid, in_div0   flags that the operation itself raises
//   in_exp      signed, biased by the output format's bias, unbounded: exponent of in_sig's top bit
//   in_sig      top bit set, or in_exp <= 1 (already at the subnormals' place), or all 0 for a zero of sign
//               in_sign.  At least FRAC_W + LOST_W + 2 bits, unless in_sticky is 0: LOST_W is RAND_BITS for ROUND 6 and
//               10, otherwise 1
//   in_sticky   a nonzero part of the magnitude lies below in_sig
//   in_rand     the draw R (SR only)
//   in_round    the mode, as ROUND counts them (7..15 are RNE too); read only if ROUND = 10
//   out_code    | sign | EXP_W | FRAC_W |
//   out_flags   {invalid, div0, overflow, underflow, inexact}
//
//   FAMILY      0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf
//   SUBNORMALS  0: below the smallest normal only 0 and the smallest normal are results
//   ROUND       0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR, 10 as in_round says
//   RANGE       0 none, 1 finite, 2 propagate
//   SHIFT       1: in_exp may be below 1; 0: it never is, which saves the denormalizing shifter.  IN_EXP_W = EXP_W then
//               says that the rounded exponent never needs more bits
//   TINY_LOSS   0: what is below the smallest normal is a multiple of the smallest subnormal, as sums are
//
// Precision first, then range: the packed word {exponent, fraction} is incremented at full exponent width, and it
// overflows iff it exceeds the word of the largest finite value.  Underflow is judged after rounding.
//
// Combinational.  Java twin: Quantizer.round.
`default_nettype none
module fp_round_pack #(
    parameter integer EXP_W      = 4,
    parameter integer FRAC_W     = 3,
    parameter integer FAMILY     = 1,
    parameter integer SUBNORMALS = 1,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 0,
    parameter integer RAND_BITS  = 1,
    parameter integer IN_EXP_W   = 6,
    parameter integer IN_SIG_W   = 8,
    parameter integer SHIFT      = 1,
    parameter integer TINY_LOSS  = 1
) (
    input  wire                        in_sign,
    input  wire                        in_nan,
    input  wire                        in_inf,
    input  wire                        in_invalid,
    input  wire                        in_div0,
    input  wire signed [ IN_EXP_W-1:0] in_exp,
    input  wire        [ IN_SIG_W-1:0] in_sig,
    input  wire                        in_sticky,
    input  wire        [RAND_BITS-1:0] in_rand,
    input  wire        [          3:0] in_round,
    output wire        [EXP_W+FRAC_W:0] out_code,
    output wire        [          4:0] out_flags
);
  generate
    if (RANGE < 0 || RANGE > 2) begin : g_check_range
      $error("fp_round_pack: RANGE must be in 0..2");
    end
  endgenerate

  wire [EXP_W+FRAC_W-1:0] mag;
  wire too_large, beyond, inexact, underflow;
  fp_round #(
      .EXP_W     (EXP_W),
      .FRAC_W    (FRAC_W),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .ROUND     (ROUND),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (IN_EXP_W),
      .IN_SIG_W  (IN_SIG_W),
      .SHIFT     (SHIFT),
      .TINY_LOSS (TINY_LOSS)
  ) u_round (
      .in_sign      (in_sign),
      .in_exp       (in_exp),
      .in_exp_more  ({IN_EXP_W{1'b0}}),
      .in_sig       (in_sig),
      .in_sticky    (in_sticky),
      .in_rand      (in_rand),
      .in_round     (in_round),
      .out_mag      (mag),
      .out_too_large(too_large),
      .out_beyond   (beyond),
      .out_inexact  (inexact),
      .out_underflow(underflow)
  );
  fp_range #(
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .RANGE (RANGE)
  ) u_range (
      .in_sign     (in_sign),
      .in_nan      (in_nan),
      .in_inf      (in_inf),
      .in_invalid  (in_invalid),
      .in_div0     (in_div0),
      .in_mag      (mag),
      .in_too_large(too_large),
      .in_beyond   (beyond),
      .in_inexact  (inexact),
      .in_underflow(underflow),
      .in_round    ((ROUND == 10) ? in_round : ROUND[3:0]),
      .out_code    (out_code),
      .out_flags   (out_flags)
  );
endmodule
`default_nettype wire
