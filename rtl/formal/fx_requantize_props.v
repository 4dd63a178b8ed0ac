// fx_requantize_props: what fx_requantize means, said a second way: as distances on the number line.
//
//   d = out - in, in units of in's last place (2^-IN_F), exact in D_W bits.
//
// Where nothing is clamped: |d| is at most half a last place of the output (below one for directed modes), ties are
// as the mode says, and inexact iff d != 0.  Clamped only if the input rounds beyond the end it is clamped to.
// Proved by formal/prove.sh; no twin in Java.
`default_nettype none
module fx_requantize_props #(
    parameter integer IN_W      = 10,
    parameter integer IN_F      = 6,
    parameter integer OUT_W     = 5,
    parameter integer OUT_F     = 2,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 3
) (
    input wire signed [     IN_W-1:0] in_data,
    input wire        [RAND_BITS-1:0] in_rand,
    input wire        [          3:0] in_round
);
  localparam integer DROP = IN_F - OUT_F;  // at least 1 here
  localparam integer D_W = ((IN_W > OUT_W + DROP) ? IN_W : OUT_W + DROP) + 3;
  localparam integer RNE = 0, RNA = 1, RTZ = 2, RUP = 3, RDN = 4, RTO = 5, SR = 6;
  localparam integer HALF_UP = 7, HALF_DOWN = 8;

  wire signed [OUT_W-1:0] out;
  wire [4:0] flags;
  fx_requantize #(
      .IN_W     (IN_W),
      .IN_F     (IN_F),
      .OUT_W    (OUT_W),
      .OUT_F    (OUT_F),
      .ROUND    (ROUND),
      .RANGE    (RANGE),
      .RAND_BITS(RAND_BITS)
  ) u_dut (
      .in_data  (in_data),
      .in_rand  (in_rand),
      .in_round (in_round),
      .out_data (out),
      .out_flags(flags)
  );

  wire signed [D_W-1:0] x = {{(D_W - IN_W) {in_data[IN_W-1]}}, in_data};
  wire signed [D_W-1:0] y = {{(D_W - OUT_W) {out[OUT_W-1]}}, out} <<< DROP;
  wire signed [D_W-1:0] d = y - x;
  wire signed [D_W-1:0] size = d[D_W-1] ? -d : d;
  localparam signed [D_W-1:0] PLACE = 1 <<< DROP;
  localparam signed [D_W-1:0] HALF = PLACE >>> 1;
  localparam signed [D_W-1:0] TOP = ((1 <<< (OUT_W - 1)) - 1) <<< DROP;
  localparam signed [D_W-1:0] BOTTOM = (RANGE == 4) ? -TOP : -TOP - PLACE;
  wire negative = x < 0;

  localparam [31:0] FIXED = ROUND;
  wire [3:0] asked = (ROUND == 10) ? in_round : FIXED[3:0];
  wire [3:0] mode = (asked > 9) ? RNE : asked;

  // x rounds beyond an end?  From the definition of each mode at that end: the last x that still rounds to TOP is
  // TOP + HALF - 1, or TOP + HALF, or TOP, or TOP + PLACE - 1, as the mode breaks ties or directs.  TOP is odd.
  reg signed [D_W-1:0] above, below;  // the greatest and the least x that stay
  reg signed [D_W-1:0] noise;  // SR: R at in's last place
  always @* begin
    noise = (DROP >= RAND_BITS) ? in_rand * (1 <<< (DROP >= RAND_BITS ? DROP - RAND_BITS : 0))
                                : in_rand / (1 <<< (DROP >= RAND_BITS ? 0 : RAND_BITS - DROP));
    above = TOP + HALF - 1;
    below = BOTTOM - HALF;
    case (mode)
      RNE:     below = (RANGE == 4) ? BOTTOM - HALF + 1 : BOTTOM - HALF;  // -2^k is even, -(2^k - 1) is odd
      RNA:     below = BOTTOM - HALF + 1;
      RTZ:     begin above = TOP + PLACE - 1; below = BOTTOM - PLACE + 1; end
      RUP:     begin above = TOP; below = BOTTOM - PLACE + 1; end
      RDN:     begin above = TOP + PLACE - 1; below = BOTTOM; end
      RTO:     begin above = TOP + PLACE - 1; below = (RANGE == 4) ? BOTTOM - PLACE + 1 : BOTTOM; end
      SR:      begin above = TOP + PLACE - 1 - noise; below = BOTTOM - noise; end
      HALF_UP: below = BOTTOM - HALF;
      HALF_DOWN: begin above = TOP + HALF; below = BOTTOM - HALF + 1; end
      default: begin above = TOP + HALF; below = BOTTOM - HALF; end  // HALF_ZERO
    endcase
  end
  wire fits = x <= above && x >= below;

  wire signed [OUT_W+DROP-1:0] around = d[OUT_W+DROP-1:0];  // the distance on the circle of wrapped values

  always @* begin
    assert (flags[2] == !fits);
    assert (flags[0] == (!fits || |x[DROP-1:0]));
    assert (!flags[4] && !flags[3] && !flags[1]);
    if (RANGE == 4) assert (y >= BOTTOM);
    if (!fits && RANGE != 5) assert (y == (negative ? BOTTOM : TOP));
    if (!fits && RANGE == 5) assert (around < PLACE && around > -PLACE);
    if (fits) begin
      assert (size < PLACE);
      if (x[DROP-1:0] == 0) assert (d == 0);
      case (mode)
        RTZ: assert (d == 0 || (d > 0) == negative);
        RUP: assert (d >= 0);
        RDN: assert (d <= 0);
        RTO: assert (d == 0 || out[0]);
        SR:  assert (d > -PLACE && (d > 0) == ((x & (PLACE - 1)) + noise >= PLACE));
        default: begin
          assert (size <= HALF);
          if (size == HALF)
            case (mode)
              RNE:       assert (!out[0]);
              RNA:       assert ((d > 0) != negative);
              HALF_UP:   assert (d > 0);
              HALF_DOWN: assert (d < 0);
              default:   assert ((d > 0) == negative);
            endcase
        end
      endcase
    end
  end
endmodule
`default_nettype wire
