// fp_normalize: shift a significand left until its top bit is set, but no further than exponent 1.
//
//   in_exp   signed, biased by the output format's bias: exponent of the top bit of in_sig
//   out_exp  in_exp - places shifted.  Either out_sig's top bit is set, or out_exp <= 1, or out_sig = 0
//
// Stopping at 1 gives gradual underflow with no denormalizer behind it.  Each stage counts and shifts: "if the top 2^k
// bits are zero and 2^k places are left, shift by 2^k".
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
  localparam integer STAGES = $clog2(SIG_W);
  localparam integer WIDE_W = (EXP_W > STAGES) ? EXP_W : STAGES + 1;
  localparam [EXP_W-1:0] ONE = 1;

  // The places left, in_exp - 1, none if that is negative.  The count grows from its first bit.  As long as it equals the
  // first bits of places (tight), it takes a bit only where places has it; once it is below them, anything fits.
  wire [EXP_W-1:0] left = in_exp - ONE;
  wire none = left[EXP_W-1];
  wire [WIDE_W-1:0] places = {{(WIDE_W - EXP_W) {1'b0}}, left} & {WIDE_W{~none}};

  reg [SIG_W-1:0] sig;
  reg [WIDE_W-1:0] count;
  reg tight;
  integer k;

  always @* begin
    sig   = in_sig;
    count = {WIDE_W{1'b0}};
    tight = ~(|(places >> STAGES));
    // Selections, not branches: simulators predict them badly.
    for (k = STAGES - 1; k >= 0; k = k - 1) begin
      count[k] = ~(|(sig >> (SIG_W - (1 << k)))) & (~tight | places[k]);
      sig      = count[k] ? sig << (1 << k) : sig;
      tight    = tight & (count[k] | ~places[k]);
    end
  end

  assign out_exp = in_exp - count[EXP_W-1:0];
  assign out_sig = sig;
endmodule
`default_nettype wire
