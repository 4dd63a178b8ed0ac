// fp_round_pack_props: what fp_round_pack means, said a second way: by the values of a code and its two neighbours.
//
// V(c) is the value of magnitude code c with the exponent unbounded above, as an integer; x is the input on the same
// scale.  The result c is right iff x lies in c's interval, whose ends are the midpoints (nearest modes) or the
// neighbours (directed modes), the ends themselves going by code parity, sign or the draw.  It overflows iff x lies
// above the interval of the largest finite code.
// Proved by formal/prove.sh; no twin in Java.
`default_nettype none
module fp_round_pack_props #(
    parameter integer EXP_W      = 3,
    parameter integer FRAC_W     = 2,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 0,
    parameter integer RAND_BITS  = 2
) (
    input wire                            in_sign,
    input wire                            in_nan,
    input wire                            in_inf,
    input wire                            in_invalid,
    input wire signed [              5:0] in_exp,
    input wire        [FRAC_W+RAND_BITS+2:0] in_sig,
    input wire                            in_sticky,
    input wire        [    RAND_BITS-1:0] in_rand,
    input wire        [              3:0] in_round
);
  localparam [3:0] RNE = 0, RNA = 1, RTZ = 2, RUP = 3, RDN = 4, RTO = 5, SR = 6;
  wire [3:0] mode = (ROUND != 10) ? ROUND[3:0] : (in_round > SR) ? RNE : in_round;
  localparam integer SIG_W = FRAC_W + RAND_BITS + 3;
  localparam integer MAG_W = EXP_W + FRAC_W;
  localparam integer LEAST = -FRAC_W - 4;  // exponents of the inputs tried: below the subnormals ...
  localparam integer MOST = (1 << EXP_W) + 1;  // ... to above the largest finite value
  localparam integer X_W = SIG_W + 1 + MOST - LEAST + RAND_BITS + 4;

  wire [MAG_W:0] code;
  wire [4:0] flags;
  fp_round_pack #(
      .EXP_W     (EXP_W),
      .FRAC_W    (FRAC_W),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .ROUND     (ROUND),
      .RANGE     (RANGE),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (6),
      .IN_SIG_W  (SIG_W),
      .SHIFT     (1)
  ) u_dut (
      .in_sign   (in_sign),
      .in_nan    (in_nan),
      .in_inf    (in_inf),
      .in_invalid(in_invalid),
      .in_div0   (1'b0),
      .in_exp    (in_exp),
      .in_sig    (in_sig),
      .in_sticky (in_sticky),
      .in_rand   (in_rand),
      .in_round  (in_round),
      .out_code  (code),
      .out_flags (flags)
  );

  // Scale: | in_sig | sticky | shifted left by in_exp - LEAST.  The smallest normal has its bit at exponent 1.
  wire [5:0] lift = in_exp - LEAST;
  wire [X_W-1:0] x = {{(X_W - SIG_W - 1) {1'b0}}, in_sig, in_sticky} << lift;
  localparam integer UNIT = SIG_W + 1 - LEAST - FRAC_W;  // log2 of the smallest subnormal
  function [X_W-1:0] V(input [MAG_W+1:0] c);
    V = (c >> FRAC_W) == 0 ? c << UNIT : ((c & ((1 << FRAC_W) - 1)) | (1 << FRAC_W)) << (UNIT - 1 + (c >> FRAC_W));
  endfunction

  // The family's codes, straight from the table.
  localparam [MAG_W+1:0] ALL = (1 << MAG_W) - 1;
  localparam [MAG_W+1:0] SPECIAL = ((1 << EXP_W) - 1) << FRAC_W;
  localparam [MAG_W+1:0] MAX = (FAMILY == 0) ? SPECIAL - 1 : (FAMILY == 1 || FAMILY == 4) ? ALL - 1 : ALL;
  localparam [MAG_W+1:0] MIN_NORMAL = 1 << FRAC_W;
  localparam integer INF = (FAMILY == 0 || FAMILY == 4) ? 1 : 0;
  localparam integer NAN = (FAMILY == 3 || (FAMILY == 0 && FRAC_W == 0)) ? 0 : 1;
  localparam integer ONE_ZERO = (FAMILY == 2 || FAMILY == 4 || FAMILY == 5) ? 1 : 0;
  localparam [MAG_W+1:0] INF_CODE = (FAMILY == 0) ? SPECIAL : ALL;
  localparam [MAG_W+1:0] NAN_CODE = (NAN == 0) ? 0 : (FAMILY == 0) ? SPECIAL | (1 << (FRAC_W > 0 ? FRAC_W - 1 : 0))
                                  : (FAMILY == 1) ? ALL : 1 << MAG_W;

  // Does x in [low, high] go to high?  odd: of the lower code.
  function up(input [X_W-1:0] low, input [X_W-1:0] high, input odd);
    case (mode)
      RNE: up = (x - low) + (x - low) > high - low || ((x - low) + (x - low) == high - low && odd);
      RNA: up = (x - low) + (x - low) >= high - low;
      RTZ: up = 0;
      RUP: up = x != low && !in_sign;
      RDN: up = x != low && in_sign;
      RTO: up = x != low && !odd;
      default: up = ((x - low) << RAND_BITS) + in_rand * (high - low) >= (high - low) << RAND_BITS;  // SR
    endcase
  endfunction

  // x rounds to c: it is c's value, or between c and the next one and stays, or between the one before and c and rises.
  function rounds_to(input [MAG_W+1:0] c);
    reg [MAG_W+1:0] before, after;
    begin
      before = (SUBNORMALS == 0 && c == MIN_NORMAL) ? 0 : c - 1;
      after = (SUBNORMALS == 0 && c == 0) ? MIN_NORMAL : c + 1;
      rounds_to = x == V(c) || (x > V(c) && x < V(after) && !up(V(c), V(after), c[0]))
          || (c != 0 && x < V(c) && x > V(before) && up(V(before), V(c), before[0]));
    end
  endfunction

  // Nets, since Yosys takes a call with constant arguments for a constant function.
  wire [MAG_W+1:0] one = 1;
  wire [MAG_W+1:0] max = MAX;
  wire [MAG_W+1:0] min_normal = MIN_NORMAL;

  // One more place below the smallest normal: the value that the unbounded rounding has just below it.
  wire [X_W-1:0] just_below = V(min_normal) - (V(one) >> 1);
  wire tiny = x < V(min_normal) && !(x > just_below && up(just_below, V(min_normal), FRAC_W > 0));

  wire overflows = x > V(max) && !rounds_to(max);
  wire outward = mode == RNE || mode == RNA || mode == SR || (mode == RUP && !in_sign) || (mode == RDN && in_sign);
  wire [MAG_W-1:0] mag = code[MAG_W-1:0];

  wire usable = in_exp >= LEAST && in_exp <= MOST && (in_sig[SIG_W-1] || in_exp <= 1 || (in_sig == 0 && !in_sticky));

  always @* begin
    assume (usable);
    assert (flags[3] == 0);
    if (in_nan) begin
      assert (code == NAN_CODE[MAG_W:0] && flags == {in_invalid || NAN == 0, 4'd0});
    end else begin
      assert (flags[4] == in_invalid);
      if (in_inf || overflows) begin
        if (in_inf ? RANGE == 1 : (RANGE != 0 || !outward)) assert (code == {in_sign, MAX[MAG_W-1:0]});
        else if (INF == 1) assert (code == {in_sign, INF_CODE[MAG_W-1:0]});
        else if (NAN == 1) assert (code == NAN_CODE[MAG_W:0]);
        else assert (code == {in_sign, MAX[MAG_W-1:0]});
        if (in_inf) assert (flags[2:0] == ((RANGE == 1 || INF == 0) ? 3'b101 : 3'b000));
        else assert (flags[2:0] == 3'b101);
      end else begin
        assert (mag <= MAX);
        assert (SUBNORMALS != 0 || mag == 0 || mag >= MIN_NORMAL);
        assert (rounds_to({2'b00, mag}));
        assert (code[MAG_W] == (in_sign && !(ONE_ZERO == 1 && mag == 0)));
        assert (flags[2] == 0 && flags[0] == (x != V({2'b00, mag})));
        assert (flags[1] == (flags[0] && tiny));
      end
    end
  end
endmodule
`default_nettype wire
