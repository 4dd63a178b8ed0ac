// fx_requantize: narrow a signed fixed-point value; round, then bring into range.
//
//   in_data    Q(IN_W - IN_F).IN_F     two's complement
//   in_rand    the draw R (SR only)
//   out_data   Q(OUT_W - OUT_F).OUT_F  two's complement
//   out_flags  {invalid, div0, overflow, underflow, inexact}; only overflow and inexact occur
//
//   IN_F, OUT_F  any integers, negative ones and ones above the width included
//   ROUND        0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR, 7 half up, 8 half down, 9 half to zero
//   RANGE        3 saturate, 4 symmetric (never the smallest code), 5 wrap
//   RAND_BITS    random bits of SR
//
// Combinational.  Java twin: Quantizer.round.
`default_nettype none
module fx_requantize #(
    parameter integer IN_W      = 16,
    parameter integer IN_F      = 12,
    parameter integer OUT_W     = 8,
    parameter integer OUT_F     = 4,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 1
) (
    input  wire signed [     IN_W-1:0] in_data,
    input  wire        [RAND_BITS-1:0] in_rand,
    output wire signed [    OUT_W-1:0] out_data,
    output wire        [          4:0] out_flags
);
  localparam integer RNE = 0, RNA = 1, RTZ = 2, RUP = 3, RTO = 5, SR = 6;
  localparam integer HALF_UP = 7, HALF_DOWN = 8, HALF_ZERO = 9;
  localparam integer SATURATE = 3, SYMMETRIC = 4, WRAP = 5;

  generate
    if (IN_W < 1) begin : g_check_in
      $error("fx_requantize: IN_W must be at least 1");
    end
    if (OUT_W < 2) begin : g_check_out
      $error("fx_requantize: OUT_W must be at least 2");
    end
    if (ROUND < RNE || ROUND > HALF_ZERO) begin : g_check_round
      $error("fx_requantize: ROUND must be in 0..9");
    end
    if (RANGE < SATURATE || RANGE > WRAP) begin : g_check_range
      $error("fx_requantize: RANGE must be in 3..5");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("fx_requantize: RAND_BITS must be in 1..32");
    end
  endgenerate

  localparam integer DROP = IN_F - OUT_F;  // fraction bits given up; negative: zeros are appended

  // kept: what is left above OUT_F with room for the rounding's carry, and at least OUT_W + 1 bits, so that the
  // range check has a bit above the output's sign bit.
  localparam integer LEFT_W = IN_W - DROP + 1;
  localparam integer KEEP_W = (LEFT_W > OUT_W + 1) ? LEFT_W : OUT_W + 1;

  wire signed [KEEP_W-1:0] rounded;
  wire inexact;
  generate
    if (DROP <= 0) begin : g_exact
      // IN_W - DROP + 1 <= KEEP_W bits hold the shifted value.
      wire signed [KEEP_W-1:0] wide = {{(KEEP_W - IN_W) {in_data[IN_W-1]}}, in_data};
      assign rounded = wide <<< (-DROP);
      assign inexact = 1'b0;
      wire _unused = &{1'b0, in_rand};
    end else begin : g_round
      // | kept: KEEP_W | lost: DROP |, sign extended from in_data; what is lost lies in [0, 1) of kept's last place.
      wire signed [KEEP_W+DROP-1:0] wide = {{(KEEP_W + DROP - IN_W) {in_data[IN_W-1]}}, in_data};
      wire signed [KEEP_W-1:0] kept = wide[KEEP_W+DROP-1:DROP];
      assign inexact = |wide[DROP-1:0];
      wire up;
      assign rounded = kept + {{(KEEP_W - 1) {1'b0}}, up};
      if (ROUND == SR) begin : g_stochastic
        // Bits of R beyond those lost, or bits lost beyond those of R, cannot raise the carry.
        localparam integer SUM_W = (DROP < RAND_BITS) ? DROP : RAND_BITS;
        wire [SUM_W:0] sum = {1'b0, wide[DROP-1-:SUM_W]} + {1'b0, in_rand[RAND_BITS-1-:SUM_W]};
        assign up = sum[SUM_W];
        wire _unused = &{1'b0, in_rand, sum[SUM_W-1:0]};
      end else begin : g_directed
        wire [DROP:0] lost = {wide[DROP-1:0], 1'b0};  // a zero is appended so that DROP = 1 has a tail
        wire guard = lost[DROP];
        wire tail = |lost[DROP-1:0];
        wire negative = in_data[IN_W-1];
        assign up = (ROUND == RNE) ? guard & (tail | kept[0])
                  : (ROUND == RNA) ? guard & (tail | ~negative)
                  : (ROUND == RTZ) ? inexact & negative
                  : (ROUND == RUP) ? inexact
                  : (ROUND == RTO) ? inexact & ~kept[0]
                  : (ROUND == HALF_UP) ? guard
                  : (ROUND == HALF_DOWN) ? guard & tail
                  : (ROUND == HALF_ZERO) ? guard & (tail | negative)
                  : 1'b0;  // RDN
        wire _unused = &{1'b0, in_rand, guard, tail, negative};
      end
    end
  endgenerate

  // It fits iff the bits above the output's sign bit all repeat that sign bit.
  wire [KEEP_W-OUT_W:0] top = rounded[KEEP_W-1:OUT_W-1];
  wire sign = rounded[KEEP_W-1];
  wire smallest = (RANGE == SYMMETRIC) & sign & ~(|rounded[OUT_W-2:0]);
  wire overflow = ((|top) & ~(&top)) | smallest;

  localparam [OUT_W-1:0] MAX = {1'b0, {(OUT_W - 1) {1'b1}}};
  localparam [OUT_W-1:0] MIN = {1'b1, {(OUT_W - 1) {1'b0}}};
  localparam [OUT_W-1:0] ONE = 1;
  localparam [OUT_W-1:0] LOWEST = (RANGE == SYMMETRIC) ? MIN | ONE : MIN;

  assign out_data = (overflow && RANGE != WRAP) ? (sign ? LOWEST : MAX) : rounded[OUT_W-1:0];
  assign out_flags = {2'b00, overflow, 1'b0, inexact | overflow};
endmodule
`default_nettype wire
