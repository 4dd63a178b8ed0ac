// fx_round_props: what rounding an exact value x to fixed point means, said a second way: as distances on the number line.
//
//   x        the exact value in units of 2^-X_F;  out  the result in units of 2^(DROP - X_F);  flags  the unit's
//   before   flags that were up already;  check  look at all this now
//
//   d = out - x, in units of the finer of the two last places, exact in D_W bits.
//
// Where nothing is clamped: |d| is at most half a last place of the output (below one for directed modes), ties are
// as the mode says, and inexact iff d != 0.  Clamped only if x rounds beyond the end it is clamped to.
// Used by the other fx_*_props; no twin in Java.
`default_nettype none
module fx_round_props #(
    parameter integer X_W       = 10,
    parameter integer OUT_W     = 5,
    parameter integer DROP      = 4,
    parameter integer ROUND     = 0,
    parameter integer RANGE     = 3,
    parameter integer RAND_BITS = 3
) (
    input wire                        check,
    input wire signed [      X_W-1:0] x,
    input wire signed [    OUT_W-1:0] out,
    input wire        [          4:0] flags,
    input wire        [          4:0] before,
    input wire        [RAND_BITS-1:0] in_rand,
    input wire        [          3:0] in_round
);
  localparam integer CUT = (DROP > 0) ? DROP : 0;
  localparam integer LIFT = CUT - DROP;
  localparam integer D_W = ((X_W + LIFT > OUT_W + CUT) ? X_W + LIFT : OUT_W + CUT) + 3;
  localparam integer RNE = 0, RNA = 1, RTZ = 2, RUP = 3, RDN = 4, RTO = 5, SR = 6;
  localparam integer HALF_UP = 7, HALF_DOWN = 8;

  wire signed [D_W-1:0] at = {{(D_W - X_W) {x[X_W-1]}}, x} <<< LIFT;
  wire signed [D_W-1:0] y = {{(D_W - OUT_W) {out[OUT_W-1]}}, out} <<< CUT;
  wire signed [D_W-1:0] d = y - at;
  wire signed [D_W-1:0] size = d[D_W-1] ? -d : d;
  localparam signed [D_W-1:0] ONE = 1;
  localparam signed [D_W-1:0] PLACE = ONE <<< CUT;
  localparam signed [D_W-1:0] HALF = PLACE >>> 1;
  localparam signed [D_W-1:0] TOP = ((ONE <<< (OUT_W - 1)) - ONE) <<< CUT;
  localparam signed [D_W-1:0] BOTTOM = (RANGE == 4) ? -TOP : -TOP - PLACE;
  wire signed [D_W-1:0] lost = at & (PLACE - ONE);
  wire negative = at[D_W-1];

  localparam [31:0] FIXED = ROUND;
  wire [3:0] asked = (ROUND == 10) ? in_round : FIXED[3:0];
  wire [3:0] mode = (asked > 9) ? RNE : asked;

  // x rounds beyond an end?  From the definition of each mode at that end: the last x that still rounds to TOP is
  // TOP + HALF - 1, or TOP + HALF, or TOP, or TOP + PLACE - 1, as the mode breaks ties or directs.  TOP is odd.
  reg signed [D_W-1:0] above, below;  // the greatest and the least x that stay
  wire signed [D_W+RAND_BITS-1:0] drawn = {{D_W{1'b0}}, in_rand} << CUT;
  wire signed [D_W-1:0] noise = drawn[D_W+RAND_BITS-1:RAND_BITS];  // SR: R at x's last place
  always @* begin
    above = TOP + HALF - ONE;
    below = BOTTOM - HALF;
    case (mode)
      RNE:     below = (RANGE == 4) ? BOTTOM - HALF + ONE : BOTTOM - HALF;  // -2^k is even, -(2^k - 1) is odd
      RNA:     below = BOTTOM - HALF + ONE;
      RTZ:     begin above = TOP + PLACE - ONE; below = BOTTOM - PLACE + ONE; end
      RUP:     begin above = TOP; below = BOTTOM - PLACE + ONE; end
      RDN:     begin above = TOP + PLACE - ONE; below = BOTTOM; end
      RTO:     begin above = TOP + PLACE - ONE; below = (RANGE == 4) ? BOTTOM - PLACE + ONE : BOTTOM; end
      SR:      begin above = TOP + PLACE - ONE - noise; below = BOTTOM - noise; end
      HALF_UP: below = BOTTOM - HALF;
      HALF_DOWN: begin above = TOP + HALF; below = BOTTOM - HALF + ONE; end
      default: begin above = TOP + HALF; below = BOTTOM - HALF; end  // HALF_ZERO
    endcase
    if (CUT == 0) begin
      above = TOP;
      below = BOTTOM;
    end
  end
  wire fits = at <= above && at >= below;

  wire signed [OUT_W+CUT-1:0] around = d[OUT_W+CUT-1:0];  // the distance on the circle of wrapped values

  always @*
    if (check) begin
      assert (flags[2] == (!fits || before[2]));
      assert (flags[0] == (!fits || |lost || before[0]));
      assert (!flags[4] && !flags[3] && !flags[1]);
      if (RANGE == 4) assert (y >= BOTTOM);
      if (!fits && RANGE != 5) assert (y == (negative ? BOTTOM : TOP));
      if (!fits && RANGE == 5) assert (around < PLACE && around > -PLACE);
      if (fits) begin
        assert (size < PLACE);
        if (lost == 0) assert (d == 0);
        case (mode)
          RTZ: assert (d == 0 || (d > 0) == negative);
          RUP: assert (d >= 0);
          RDN: assert (d <= 0);
          RTO: assert (d == 0 || out[0]);
          SR:  assert ((d > 0) == (lost + noise >= PLACE));
          default: begin
            assert (size <= HALF);
            if (size == HALF && CUT > 0)
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
