// fp_normalize: shift a significand left until its top bit is set, but no further than exponent 1.
//
//   in_exp   signed, biased by the output format's bias: exponent of the top bit of in_sig
//   out_exp  in_exp - places shifted.  Either out_sig's top bit is set, or out_exp <= 1, or out_sig = 0
//
// Stopping at 1 gives gradual underflow with no denormalizer behind it.  fp_normalize_cut does it.
//
// Combinational, log2(SIG_W) stages.  Java twin: none of its own (Quantizer.round).
`default_nettype none
module fp_normalize #(
    parameter integer SIG_W = 8,
    parameter integer EXP_W = 6   // width of the signed exponent
) (
    input  wire signed [EXP_W-1:0] in_exp,
    input  wire        [SIG_W-1:0] in_sig,
    output wire signed [EXP_W-1:0] out_exp,
    output wire        [SIG_W-1:0] out_sig
);
  wire never;  // nothing is cut
  fp_normalize_cut #(
      .SIG_W(SIG_W),
      .EXP_W(EXP_W),
      .OUT_W(SIG_W)
  ) u_cut (
      .in_exp    (in_exp),
      .in_sig    (in_sig),
      .out_exp   (out_exp),
      .out_sig   (out_sig),
      .out_sticky(never)
  );
  wire _unused = &{1'b0, never};
endmodule
`default_nettype wire
