// fp_normalize: shift a significand left until its top bit is set, but no further than exponent 1.
//
//   in_exp   signed, biased by the output format's bias: exponent of the top bit of in_sig
//   out_exp  in_exp - places shifted.  Either out_sig's top bit is set, or out_exp <= 1, or out_sig = 0
//
// Stopping at 1 gives gradual underflow with no denormalizer behind it.  Each stage counts and shifts:
// "if the top 2^k bits are zero and 2^k places are left, shift by 2^k".
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
  localparam [EXP_W-1:0] ONE = 1;

  reg [EXP_W-1:0] room;  // in_exp - 1: the places left; negative (top bit set) means none
  reg [SIG_W-1:0] sig;
  reg shift;
  integer k;

  always @* begin
    sig  = in_sig;
    room = in_exp - ONE;
    shift = 1'b0;
    // Selections, not branches: simulators predict them badly.
    for (k = STAGES - 1; k >= 0; k = k - 1) begin
      shift = ~(|(sig >> (SIG_W - (1 << k)))) & ~room[EXP_W-1] & (|(room >> k));
      sig   = shift ? sig << (1 << k) : sig;
      room  = shift ? room - (ONE << k) : room;
    end
  end

  assign out_exp = room + ONE;
  assign out_sig = sig;
endmodule
`default_nettype wire
