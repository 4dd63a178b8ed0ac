// fp_round: the rounding of fp_round_pack, before its range rule: fp_range takes what comes out.
//
//   in_sign .. in_round, parameters   as in fp_round_pack; the exponent is in_exp + in_exp_more, modulo 2^IN_EXP_W, added
//                  in the chain that rounds.  0 if SHIFT = 1
//   out_mag        {exponent, fraction} of the rounded magnitude, if that is in range
//   out_too_large  it exceeds the largest finite value;  out_beyond  likewise, earlier: the codes of Inf that rounding alone
//                  makes are left out
//   out_inexact, out_underflow   of a finite result
//
// Combinational.  Java twin: Quantizer.round.
`default_nettype none
module fp_round #(
    parameter integer EXP_W      = 4,
    parameter integer FRAC_W     = 3,
    parameter integer FAMILY     = 1,
    parameter integer SUBNORMALS = 1,
    parameter integer ROUND      = 0,
    parameter integer RAND_BITS  = 1,
    parameter integer IN_EXP_W   = 6,
    parameter integer IN_SIG_W   = 8,
    parameter integer SHIFT      = 1,
    parameter integer TINY_LOSS  = 1
) (
    input  wire                        in_sign,
    input  wire signed [ IN_EXP_W-1:0] in_exp,
    input  wire signed [ IN_EXP_W-1:0] in_exp_more,
    input  wire        [ IN_SIG_W-1:0] in_sig,
    input  wire                        in_sticky,
    input  wire        [RAND_BITS-1:0] in_rand,
    input  wire        [          3:0] in_round,
    output wire [     EXP_W+FRAC_W-1:0] out_mag,
    output wire                        out_too_large,
    output wire                        out_beyond,
    output wire                        out_inexact,
    output wire                        out_underflow
);
  localparam [3:0] RNA = 1, RTZ = 2, RUP = 3, RDN = 4, RTO = 5, SR = 6;

  generate
    if (EXP_W < 1 || EXP_W > 11) begin : g_check_exp
      $error("fp_round: EXP_W must be in 1..11");
    end
    if (FRAC_W < 0 || FRAC_W > 52) begin : g_check_frac
      $error("fp_round: FRAC_W must be in 0..52");
    end
    if (FAMILY < 0 || FAMILY > 5) begin : g_check_family
      $error("fp_round: FAMILY must be in 0..5");
    end
    if (EXP_W + FRAC_W < 2 && FAMILY != 2 && FAMILY != 3 && FAMILY != 5) begin : g_check_values
      $error("fp_round: the format has no finite value other than zero");
    end
    if ((ROUND < 0 || ROUND > 6) && ROUND != 10) begin : g_check_round
      $error("fp_round: ROUND must be in 0..6 or 10");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("fp_round: RAND_BITS must be in 1..32");
    end
  endgenerate

  localparam integer MAG_W = EXP_W + FRAC_W;

  wire [3:0] mode = (ROUND == 10) ? in_round : ROUND[3:0];

  // The window: | hidden | fraction: FRAC_W | lost: LOST_W | one more |.  The last bit serves the judgement of
  // tininess, which rounds one place further down; all that lies below is sticky.
  localparam integer LOST_W = (ROUND == 6 || ROUND == 10) ? RAND_BITS : 1;
  localparam integer WIN_W = FRAC_W + LOST_W + 2;
  localparam integer BIASED_W = (IN_EXP_W > EXP_W || (IN_EXP_W == EXP_W && SHIFT == 0)) ? IN_EXP_W : EXP_W + 1;
  localparam integer WORD_W = BIASED_W + FRAC_W;

  wire [WIN_W+IN_SIG_W-1:0] padded = {in_sig, {WIN_W{1'b0}}};
  wire [WIN_W-1:0] cut = padded[WIN_W+IN_SIG_W-1:IN_SIG_W];
  wire cut_sticky = in_sticky | (|padded[IN_SIG_W-1:0]);

  wire [WIN_W-1:0] win;
  wire sticky;
  generate
    if (SHIFT != 0) begin : g_shift
      localparam signed [IN_EXP_W-1:0] ONE = 1;
      wire [IN_EXP_W-1:0] distance = (in_exp < ONE) ? ONE - in_exp : {IN_EXP_W{1'b0}};
      wire shifted_sticky;
      shift_right_sticky #(
          .W       (WIN_W),
          .AMOUNT_W(IN_EXP_W)
      ) u_shift (
          .in_data   (cut),
          .in_amount (distance),
          .out_data  (win),
          .out_sticky(shifted_sticky)
      );
      assign sticky = cut_sticky | shifted_sticky;
    end else begin : g_no_shift
      assign win    = cut;
      assign sticky = cut_sticky;
    end
  endgenerate

  // No hidden bit, no exponent field: in_exp was at most 1, or all is 0.  If that is flushed, and not with a draw, then
  // beside the chain.
  wire hidden = win[WIN_W-1];
  localparam integer BESIDE = (SUBNORMALS == 0 && ROUND <= 5) ? 1 : 0;
  wire field = hidden | BESIDE != 0;
  wire [BIASED_W-1:0] biased;
  generate
    if (BIASED_W > IN_EXP_W) begin : g_widen
      assign biased = {{(BIASED_W - IN_EXP_W) {1'b0}}, in_exp} & {BIASED_W{field}};
    end else begin : g_same
      assign biased = in_exp & {BIASED_W{field}};
    end
  endgenerate
  wire [BIASED_W:0] more_wide = {{(BIASED_W + 1 - IN_EXP_W) {in_exp_more[IN_EXP_W-1]}}, in_exp_more};
  wire [BIASED_W-1:0] offset = more_wide[BIASED_W-1:0] & {BIASED_W{field}};

  // Subnormals off: below the smallest normal the lower neighbour is 0, and all bits after the hidden one are lost.
  wire flush = (SUBNORMALS == 0) & ~hidden;
  wire folded = flush & BESIDE == 0;
  wire [LOST_W-1:0] lost = folded ? win[WIN_W-2-:LOST_W] : win[LOST_W:1];
  wire rest = sticky | (folded ? |win[FRAC_W:0] : win[0]);

  // The word that is rounded.  The last bit of its upper part is the parity of the code: the fraction's last bit, and
  // where there is no fraction the exponent's.
  wire [WORD_W+LOST_W-1:0] fields = {biased, win[WIN_W-2:1]};
  wire [WORD_W-1:0] lower = fields[WORD_W+LOST_W-1:LOST_W] & {WORD_W{~folded}};
  wire odd = lower[0] ^ (FRAC_W == 0 & offset[0]);

  // Away from zero iff low + more carries.  SR adds the draw; the other modes say in the first bits whether what is lost
  // allows it and whether the mode wants it.
  wire [LOST_W:0] behind = {lost, rest};
  wire guard = behind[LOST_W];
  wire below = |behind[LOST_W-1:0];
  wire [LOST_W:0] allows = {may(mode, guard, below), {LOST_W{1'b0}}};
  wire [LOST_W:0] asks = {wants(mode, below, odd, in_sign), {LOST_W{1'b0}}};
  wire [LOST_W-1:0] low = (mode == SR) ? lost : allows[LOST_W:1];
  wire [LOST_W-1:0] more = (mode == SR) ? in_rand[LOST_W-1:0] : asks[LOST_W:1];

  function may(input [3:0] how, input half, input under);
    case (how)
      RTZ:           may = 1'b0;
      RUP, RDN, RTO: may = half | under;
      default:       may = half;  // RNE, RNA
    endcase
  endfunction

  function wants(input [3:0] how, input under, input is_odd, input negative);
    case (how)
      RNA:     wants = 1'b1;
      RTZ:     wants = 1'b0;
      RUP:     wants = ~negative;
      RDN:     wants = negative;
      RTO:     wants = ~is_odd;
      default: wants = under | is_odd;  // RNE
    endcase
  endfunction

  // One carry chain: | exponent | fraction | lost |.
  wire [WORD_W+LOST_W-1:0] total = {lower, low} + {offset, {FRAC_W{1'b0}}, more};
  wire [WORD_W-1:0] raised = total[WORD_W+LOST_W-1:LOST_W];
  // Flushed in the chain, its last bit tells 0 from the smallest normal.
  wire any = (|win[WIN_W-3:0]) | sticky;
  wire lift = (BESIDE != 0) ? may(mode, win[WIN_W-2], any) & wants(mode, any, 1'b0, in_sign) : raised[0];
  wire [WORD_W-1:0] rounded = flush ? {{(WORD_W - 1) {1'b0}}, lift} << FRAC_W : raised;

  wire above = |(rounded >> MAG_W);
  wire top = (FAMILY == 0) ? &rounded[MAG_W-1:FRAC_W] : (FAMILY == 1 || FAMILY == 4) ? &rounded[MAG_W-1:0] : 1'b0;
  wire too_large = above | top;
  wire inexact = (flush & BESIDE != 0) ? win[WIN_W-2] | any : (|lost) | rest;

  // An ieee result that is rounded up to 2^EXP_W - 1 is the code of Inf by itself: to write Inf it is enough to see what
  // was as large before.  Of sums (IN_EXP_W = EXP_W) that is a carry out of the largest exponent.
  generate
    if (FAMILY != 0 || ROUND > 1 || EXP_W < 2) begin : g_beyond_late
      assign out_beyond = too_large;
    end else if (BIASED_W == EXP_W) begin : g_beyond_sum
      assign out_beyond = (&in_exp[EXP_W-1:1]) & ~in_exp[0] & (in_exp_more == 1);
    end else begin : g_beyond
      assign out_beyond = hidden & ((|biased[BIASED_W-1:EXP_W]) | (&biased[EXP_W-1:0]));
    end
  endgenerate

  // Tiny: the same rounding with FRAC_W + 1 significant bits stays below the smallest normal.  For a value in [1/2, 1) of
  // it this matters only when those bits are all ones, so its lower neighbour is odd (with no fraction: its code is 0).
  // Where even the largest finite value is subnormal (ieee with one exponent bit), what overflows is not tiny.
  wire reaches;
  generate
    if (TINY_LOSS != 0) begin : g_tiny
      wire [LOST_W:0] behind_tiny = {win[LOST_W-1:0], sticky};
      wire under = |behind_tiny[LOST_W-1:0];
      wire [LOST_W:0] sum = {1'b0, win[LOST_W-1:0]} + {1'b0, in_rand[LOST_W-1:0]};
      wire up = (mode == SR) ? sum[LOST_W]
              : may(mode, behind_tiny[LOST_W], under) & wants(mode, under, FRAC_W != 0, in_sign);
      assign reaches = (&win[WIN_W-2:LOST_W]) & up;
      wire _unused = &{1'b0, sum[LOST_W-1:0]};
    end else begin : g_no_tiny
      assign reaches = 1'b0;
    end
  endgenerate
  wire tiny = ~hidden & ~reaches & ~(too_large & EXP_W == 1 & FAMILY == 0);
  wire underflow = tiny & (TINY_LOSS != 0 || SUBNORMALS == 0);

  assign out_mag       = rounded[MAG_W-1:0];
  assign out_too_large = too_large;
  assign out_inexact   = inexact;
  assign out_underflow = underflow;
  wire _unused = &{1'b0, in_rand, in_round, more_wide, fields[LOST_W-1:0], total[LOST_W-1:0], asks[0], allows[0]};
endmodule
`default_nettype wire
