// fp_normalize_cut: fp_normalize, of which only the top bits and a sticky bit are wanted.
//
//   in_exp      signed, biased by the output format's bias: exponent of the top bit of in_sig
//   out_exp     in_exp - places shifted.  Either out_sig's top bit is set, or out_exp <= 1, or out_sig and out_sticky are 0
//   out_sig     the top OUT_W bits of the shifted significand;  out_sticky  a 1 lies below them
//
// Stopping at 1 gives gradual underflow with no denormalizer behind it.  Each stage counts and shifts: "if the top 2^k
// bits are zero and 2^k places are left, shift by 2^k", and drops the bits that no later stage can raise into out_sig.
//
// Combinational, log2(SIG_W) stages.  Java twin: none of its own (Quantizer.round).
`default_nettype none
module fp_normalize_cut #(
    parameter integer SIG_W = 8,
    parameter integer EXP_W = 6,     // width of the signed exponent
    parameter integer OUT_W = SIG_W
) (
    input  wire signed [EXP_W-1:0] in_exp,
    input  wire        [SIG_W-1:0] in_sig,
    output wire signed [EXP_W-1:0] out_exp,
    output wire        [OUT_W-1:0] out_sig,
    output wire                    out_sticky
);
  localparam integer STAGES = $clog2(SIG_W);
  localparam integer WIDE_W = (EXP_W > STAGES) ? EXP_W : STAGES + 1;
  localparam [EXP_W-1:0] ONE = 1;
  localparam [SIG_W-1:0] ONES = {SIG_W{1'b1}};

  generate
    if (OUT_W < 1 || OUT_W > SIG_W) begin : g_check_out
      $error("fp_normalize_cut: OUT_W must be in 1..SIG_W");
    end
  endgenerate

  // The places left, in_exp - 1, none if that is negative.  The count grows from its first bit.  As long as it equals the
  // first bits of places (tight), it takes a bit only where places has it; once it is below them, anything fits.
  wire [EXP_W-1:0] left = in_exp - ONE;
  wire none = left[EXP_W-1];
  wire [WIDE_W-1:0] places = {{(WIDE_W - EXP_W) {1'b0}}, left} & {WIDE_W{~none}};

  reg [SIG_W-1:0] sig;
  reg [SIG_W-1:0] kept;
  reg [WIDE_W-1:0] count;
  reg tight;
  reg sticky;
  integer k;

  always @* begin
    sig    = in_sig;
    count  = {WIDE_W{1'b0}};
    tight  = ~(|(places >> STAGES));
    sticky = 1'b0;
    kept   = ONES;
    // Selections, not branches: simulators predict them badly.
    for (k = STAGES - 1; k >= 0; k = k - 1) begin
      count[k] = ~(|(sig >> (SIG_W - (1 << k)))) & (~tight | places[k]);
      sig      = count[k] ? sig << (1 << k) : sig;
      tight    = tight & (count[k] | ~places[k]);
      kept     = ~(ONES >> (OUT_W - 1) >> (1 << k));  // the stages to come shift by at most 2^k - 1
      sticky   = sticky | (|(sig & ~kept));
      sig      = sig & kept;
    end
  end

  assign out_exp    = in_exp - count[EXP_W-1:0];
  assign out_sig    = sig[SIG_W-1-:OUT_W];
  assign out_sticky = sticky;
  wire _unused = &{1'b0, sig};
endmodule
`default_nettype wire
