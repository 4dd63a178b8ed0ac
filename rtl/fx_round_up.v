// fx_round_up: does a signed fixed-point value, cut down to its floor, round up to the next multiple?
//
//   in_odd       the floor's last kept bit
//   in_negative  the exact value is below 0
//   in_lost      what lies below the last kept bit, in [0, 1) of its place: LOST_W bits, the last one may be sticky
//   in_rand      the draw R (SR only)
//   in_round     the mode of this value; read only if ROUND = 10
//   out_up       the result is the floor plus 1;  out_inexact  something is lost.  Never up if nothing is lost
//
//   ROUND        0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR, 7 half up, 8 half down, 9 half to zero;
//                10 as in_round says, where 10..15 are RNE
//   RAND_BITS    random bits of SR
//
// Combinational.  Java twin: RoundingMode.roundsAway, which speaks of magnitudes; here a negative value's floor lies
// farther from zero.
`default_nettype none
module fx_round_up #(
    parameter integer LOST_W    = 8,
    parameter integer ROUND     = 0,
    parameter integer RAND_BITS = 1
) (
    input  wire                 in_odd,
    input  wire                 in_negative,
    input  wire [   LOST_W-1:0] in_lost,
    input  wire [RAND_BITS-1:0] in_rand,
    input  wire [          3:0] in_round,
    output wire                 out_up,
    output wire                 out_inexact
);
  localparam integer RNE = 0, RUNTIME = 10;

  generate
    if (ROUND < RNE || ROUND > RUNTIME) begin : g_check_round
      $error("fx_round_up: ROUND must be in 0..10");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("fx_round_up: RAND_BITS must be in 1..32");
    end
  endgenerate

  wire [LOST_W:0] lost = {in_lost, 1'b0};  // a zero is appended so that LOST_W = 1 has a tail
  wire guard = lost[LOST_W];
  wire tail = |lost[LOST_W-1:0];

  // SR adds R below the last kept bit.  Bits of R beyond those lost, or bits lost beyond those of R, cannot raise the
  // carry.
  localparam integer SUM_W = (LOST_W < RAND_BITS) ? LOST_W : RAND_BITS;
  wire [SUM_W:0] sum = {1'b0, in_lost[LOST_W-1-:SUM_W]} + {1'b0, in_rand[RAND_BITS-1-:SUM_W]};

  localparam [31:0] FIXED = ROUND;
  wire [3:0] mode = (ROUND == RUNTIME) ? in_round : FIXED[3:0];
  reg up;
  always @*
    case (mode)
      4'd1: up = guard & (tail | ~in_negative);  // RNA
      4'd2: up = (guard | tail) & in_negative;  // RTZ
      4'd3: up = guard | tail;  // RUP
      4'd4: up = 1'b0;  // RDN
      4'd5: up = (guard | tail) & ~in_odd;  // RTO
      4'd6: up = sum[SUM_W];  // SR
      4'd7: up = guard;  // half up
      4'd8: up = guard & tail;  // half down
      4'd9: up = guard & (tail | in_negative);  // half to zero
      default: up = guard & (tail | in_odd);  // RNE
    endcase

  assign out_up = up;
  assign out_inexact = guard | tail;

  wire _unused = &{1'b0, in_odd, in_negative, in_rand, in_round, sum};
endmodule
`default_nettype wire
