// fp_range: the code and the flags of a result that is rounded but may be out of range, special ones included.
//
//   in_sign, in_nan, in_inf, in_invalid, in_div0   as in fp_round_pack
//   in_mag        {exponent, fraction} of the rounded magnitude; read only if it is in range
//   in_too_large  it exceeds the largest finite value;  in_beyond  likewise, but for magnitudes that are the code of Inf
//   in_inexact, in_underflow   of a finite result;  in_round  the mode
//   out_code, out_flags        as in fp_round_pack
//
// Combinational.  Java twin: OverflowRule (Quantizer.round).
`default_nettype none
module fp_range #(
    parameter integer EXP_W  = 4,
    parameter integer FRAC_W = 3,
    parameter integer FAMILY = 1,
    parameter integer RANGE  = 0
) (
    input  wire                    in_sign,
    input  wire                    in_nan,
    input  wire                    in_inf,
    input  wire                    in_invalid,
    input  wire                    in_div0,
    input  wire [EXP_W+FRAC_W-1:0] in_mag,
    input  wire                    in_too_large,
    input  wire                    in_beyond,
    input  wire                    in_inexact,
    input  wire                    in_underflow,
    input  wire [             3:0] in_round,
    output wire [  EXP_W+FRAC_W:0] out_code,
    output wire [             4:0] out_flags
);
  localparam [3:0] RTZ = 2, RUP = 3, RDN = 4, RTO = 5;

  // Codes of the format, sign 0: largest finite, infinity, the NaN that we produce.
  localparam integer MAG_W = EXP_W + FRAC_W;
  localparam integer HAS_INF = (FAMILY == 0 || FAMILY == 4) ? 1 : 0;
  localparam integer HAS_NAN = (FAMILY == 3 || (FAMILY == 0 && FRAC_W == 0)) ? 0 : 1;
  localparam integer HAS_NEG_ZERO = (FAMILY == 0 || FAMILY == 1 || FAMILY == 3) ? 1 : 0;
  localparam [79:0] ALL_ONES = (80'd1 << MAG_W) - 80'd1;
  localparam [79:0] EXP_ONES = ((80'd1 << EXP_W) - 80'd1) << FRAC_W;
  localparam [79:0] MAX_FINITE = (FAMILY == 0) ? EXP_ONES - 80'd1
                               : (FAMILY == 1 || FAMILY == 4) ? ALL_ONES - 80'd1 : ALL_ONES;
  localparam [79:0] INFINITE = (FAMILY == 0) ? EXP_ONES : ALL_ONES;
  localparam [79:0] NAN = (HAS_NAN == 0) ? 80'd0
                        : (FAMILY == 0) ? EXP_ONES | (80'd1 << (FRAC_W - 1))
                        : (FAMILY == 1) ? ALL_ONES : (80'd1 << MAG_W);

  // "Infinite" is what the format has for it: Inf, else NaN, else the largest finite value.
  wire outward = (in_round == RUP) ? ~in_sign : (in_round == RDN) ? in_sign : in_round != RTZ & in_round != RTO;
  wire over = (RANGE == 0) ? in_beyond : in_too_large;
  wire infinite = in_inf ? RANGE != 1 : over & (RANGE == 0) & outward;
  wire largest = (in_inf | over) & ~infinite;

  wire to_nan = in_nan | (infinite & HAS_INF == 0 & HAS_NAN == 1);
  wire [MAG_W-1:0] mag = infinite ? (HAS_INF == 1 ? INFINITE[MAG_W-1:0] : MAX_FINITE[MAG_W-1:0])
                       : largest ? MAX_FINITE[MAG_W-1:0] : in_mag;
  wire sign = in_sign & (HAS_NEG_ZERO == 1 | (|mag));
  assign out_code = to_nan ? NAN[MAG_W:0] : {sign, mag};

  wire finite = ~in_nan & ~in_inf;
  wire replaced = in_inf & ~in_nan & (HAS_INF == 0 || RANGE == 1);
  wire overflow = (finite & in_too_large) | replaced;
  assign out_flags = {
    in_invalid | (in_nan & HAS_NAN == 0), in_div0, overflow, finite & in_inexact & in_underflow,
    (finite & in_inexact) | overflow
  };
endmodule
`default_nettype wire
