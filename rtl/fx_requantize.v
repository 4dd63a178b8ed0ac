// fx_requantize: narrow a signed fixed-point value; round, then bring into range.
//
//   in_data    Q(IN_W - IN_F).IN_F     two's complement
//   in_rand    the draw R (SR only)
//   in_round   the mode of this value; read only if ROUND = 10
//   out_data   Q(OUT_W - OUT_F).OUT_F  two's complement
//   out_flags  {invalid, div0, overflow, underflow, inexact}; only overflow and inexact occur
//
//   IN_F, OUT_F  any integers, negative ones and ones above the width included
//   ROUND        0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR, 7 half up, 8 half down, 9 half to zero;
//                10 as in_round says, where 10..15 are RNE
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
    input  wire        [          3:0] in_round,
    output wire signed [    OUT_W-1:0] out_data,
    output wire        [          4:0] out_flags
);
  localparam integer RNE = 0, RUNTIME = 10, SATURATE = 3, WRAP = 5;

  generate
    if (IN_W < 1) begin : g_check_in
      $error("fx_requantize: IN_W must be at least 1");
    end
    if (OUT_W < 2) begin : g_check_out
      $error("fx_requantize: OUT_W must be at least 2");
    end
    if (ROUND < RNE || ROUND > RUNTIME) begin : g_check_round
      $error("fx_requantize: ROUND must be in 0..10");
    end
    if (RANGE < SATURATE || RANGE > WRAP) begin : g_check_range
      $error("fx_requantize: RANGE must be in 3..5");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("fx_requantize: RAND_BITS must be in 1..32");
    end
  endgenerate

  localparam integer DROP = IN_F - OUT_F;  // fraction bits given up; negative: zeros are appended

  // kept: what is left above OUT_F, and at least OUT_W + 1 bits, so that the range check has a bit above the output's
  // sign bit.
  localparam integer LEFT_W = IN_W - DROP;
  localparam integer KEEP_W = (LEFT_W > OUT_W + 1) ? LEFT_W : OUT_W + 1;

  wire signed [KEEP_W-1:0] kept;
  wire up, inexact;
  generate
    if (DROP <= 0) begin : g_exact
      wire signed [KEEP_W-1:0] wide = {{(KEEP_W - IN_W) {in_data[IN_W-1]}}, in_data};
      assign kept = wide <<< (-DROP);
      assign up = 1'b0;
      assign inexact = 1'b0;
      wire _unused = &{1'b0, in_rand, in_round};
    end else begin : g_round
      // | kept: KEEP_W | lost: DROP |, sign extended from in_data; what is lost lies in [0, 1) of kept's last place.
      wire signed [KEEP_W+DROP-1:0] wide = {{(KEEP_W + DROP - IN_W) {in_data[IN_W-1]}}, in_data};
      assign kept = wide[KEEP_W+DROP-1:DROP];
      fx_round_up #(
          .LOST_W   (DROP),
          .ROUND    (ROUND),
          .RAND_BITS(RAND_BITS)
      ) u_round (
          .in_odd     (kept[0]),
          .in_negative(in_data[IN_W-1]),
          .in_lost    (wide[DROP-1:0]),
          .in_rand    (in_rand),
          .in_round   (in_round),
          .out_up     (up),
          .out_inexact(inexact)
      );
    end
  endgenerate

  wire overflow;
  fx_clamp #(
      .IN_W (KEEP_W),
      .OUT_W(OUT_W),
      .RANGE(RANGE)
  ) u_clamp (
      .in_floor    (kept),
      .in_up       (up),
      .out_data    (out_data),
      .out_overflow(overflow)
  );
  assign out_flags = {2'b00, overflow, 1'b0, inexact | overflow};
endmodule
`default_nettype wire
