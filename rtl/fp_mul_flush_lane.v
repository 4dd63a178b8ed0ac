// fp_mul_flush_lane: fp_mul_lane where subnormals are neither read nor made and the fractions are short.
//
//   SUBNORMALS = 0, DAZ = 1, EXP_W at least 2, FRAC_W in 1..3, ROUND in 0..5; ports and the other parameters as in fp_mul_lane
//
// The rounded significand of two normals is a function of 2 FRAC_W bits and, in RUP and RDN, the sign: a table, computed
// when the unit is elaborated.  Whether it reaches 2 (carry) picks between two results that the exponents alone decide.
//
// Where the STAGES ranks sit, behind: table and exponents, select, range
//
//   1  table      2  table, select      3  all
//
// Java twin: Arithmetic.mul (slow), Elementwise.mul (fast).
`default_nettype none
module fp_mul_flush_lane #(
    parameter integer STAGES = 0,
    parameter integer EXP_W  = 4,
    parameter integer FRAC_W = 3,
    parameter integer BIAS   = (1 << (EXP_W - 1)) - 1,
    parameter integer FAMILY = 0,
    parameter integer ROUND  = 0,
    parameter integer RANGE  = 0
) (
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire [               EXP_W+FRAC_W:0] in_a,
    input  wire [               EXP_W+FRAC_W:0] in_b,
    output wire [               EXP_W+FRAC_W:0] out_y,
    output wire [                          4:0] out_flags
);
  localparam integer RNE = 0, RNA = 1, RUP = 3, RDN = 4, RTO = 5;

  wire a_sign, a_nan, a_snan, a_inf, b_sign, b_nan, b_snan, b_inf;
  wire [EXP_W-1:0] a_exp, b_exp;
  wire [FRAC_W:0] a_sig, b_sig;
  fp_unpack #(
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .DAZ   (1)
  ) u_unpack_a (
      .in_code (in_a),
      .out_sign(a_sign),
      .out_nan (a_nan),
      .out_snan(a_snan),
      .out_inf (a_inf),
      .out_exp (a_exp),
      .out_sig (a_sig)
  );
  fp_unpack #(
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .DAZ   (1)
  ) u_unpack_b (
      .in_code (in_b),
      .out_sign(b_sign),
      .out_nan (b_nan),
      .out_snan(b_snan),
      .out_inf (b_inf),
      .out_exp (b_exp),
      .out_sig (b_sig)
  );

  wire _unused = &{1'b0, a_exp, b_exp, a_sig, b_sig};

  wire a_zero = ~a_sig[FRAC_W];
  wire b_zero = ~b_sig[FRAC_W];
  wire clash = (a_inf & b_zero & ~b_nan) | (b_inf & a_zero & ~a_nan);  // 0 * Inf
  wire sign_d = a_sign ^ b_sign;

  // ---- The table.  Of index | sign | FRAC_W of a | FRAC_W of b |: bits 0..FRAC_W-1 the rounded fraction, then carry:
  // the rounded significand is at least 2; inexact; lift: a result one place below the smallest normal is nearer to it
  // than to 0 (or a tie, in RNA). ----
  localparam integer ROWS = 1 << (2 * FRAC_W + 1);
  function [ROWS-1:0] column(input integer which);
    integer row, i, a, b, product, place, kept, lost, half, away, carry, out;
    begin
      for (row = 0; row < ROWS; row = row + 1) begin
        a = 1;
        for (i = 0; i < FRAC_W; i = i + 1) a = 2 * a + (row >> (FRAC_W + i)) % 2;
        b = (1 << FRAC_W) + row % (1 << FRAC_W);
        product = a * b;
        place = FRAC_W + (product >> (2 * FRAC_W + 1));
        kept = product >> place;
        lost = product - (kept << place);
        half = 1 << (place - 1);
        away = 0;
        if (ROUND == RNE) away = (lost > half || (lost == half && kept % 2 == 1)) ? 1 : 0;
        if (ROUND == RNA) away = (lost >= half) ? 1 : 0;
        if (ROUND == RUP) away = (lost > 0 && row < ROWS / 2) ? 1 : 0;
        if (ROUND == RDN) away = (lost > 0 && row >= ROWS / 2) ? 1 : 0;
        if (ROUND == RTO) away = (lost > 0 && kept % 2 == 0) ? 1 : 0;
        kept = kept + away;
        carry = (place > FRAC_W || kept == (2 << FRAC_W)) ? 1 : 0;
        half = 1 << (2 * FRAC_W + carry);
        out = kept % (1 << FRAC_W);
        if (carry != 0) out = out + (1 << FRAC_W);
        if (lost != 0) out = out + (2 << FRAC_W);
        if ((ROUND == RNE && product > half) || (ROUND == RNA && product >= half)) out = out + (4 << FRAC_W);
        column[row] = (out >> which) % 2 == 1;
      end
    end
  endfunction

  wire [FRAC_W-1:0] a_backwards;
  wire [2*FRAC_W:0] index = {sign_d, a_backwards, in_b[FRAC_W-1:0]};
  wire [FRAC_W+2:0] entry;
  genvar k;
  generate
    for (k = 0; k < FRAC_W; k = k + 1) begin : g_backwards
      assign a_backwards[k] = in_a[FRAC_W-1-k];
    end
    for (k = 0; k < FRAC_W + 3; k = k + 1) begin : g_column
      localparam [ROWS-1:0] COLUMN = column(k);
      assign entry[k] = COLUMN[index];
    end
  endgenerate

  // ---- Exponents: the sum of both fields and 1, as a - ~b; less BIAS + 1 it is the exponent of the result without
  // carry. ----
  localparam integer S_W = EXP_W + 1;
  wire [S_W-1:0] sum_d = {1'b0, in_a[FRAC_W+:EXP_W]} - ~{1'b0, in_b[FRAC_W+:EXP_W]};

  wire sign, nan, inf, invalid, zero, inexact, carry, lift;
  wire [FRAC_W-1:0] frac;
  wire [S_W-1:0] sum;
  pipe_rank #(
      .W (5 + S_W + FRAC_W + 3),
      .ON(STAGES >= 1 ? 1 : 0)
  ) u_table (
      .clk   (clk),
      .enable(enable[0]),
      .d     ({sign_d, a_nan | b_nan | clash, a_inf | b_inf, a_snan | b_snan | clash, a_zero | b_zero, sum_d, entry}),
      .q     ({sign, nan, inf, invalid, zero, sum, lift, inexact, carry, frac})
  );

  // ---- Select. ----
  localparam integer MAG_W = EXP_W + FRAC_W;
  localparam integer TOP = (1 << EXP_W) - (FAMILY == 0 ? 2 : 1);
  localparam [31:0] LESS = -1 - BIAS;
  wire above = ~below(sum, carry, TOP + BIAS + 2);
  wire at_top = ~below(sum, carry, TOP + BIAS + 1);
  wire under = below(sum, carry, BIAS + 2);
  wire at_zero = ~below(sum, carry, BIAS + 1);
  wire [EXP_W-1:0] exp0 = sum[EXP_W-1:0] + LESS[EXP_W-1:0];
  reg [EXP_W-1:0] exponent;
  reg raise;
  integer e;
  always @* begin
    raise = carry;
    for (e = 0; e < EXP_W; e = e + 1) begin
      exponent[e] = exp0[e] ^ raise;
      raise = raise & exp0[e];
    end
  end

  // x + more < limit, without a carry chain.
  function below(input [S_W-1:0] x, input more, input integer limit);
    integer i, last;
    begin
      last = limit - 1;
      below = (last >= 0 && last < (1 << S_W)) ? ~more : last >= (1 << S_W);
      if (last >= 0 && last < (1 << S_W))
        for (i = 0; i < S_W; i = i + 1) below = last[i] ? below | ~x[i] : below & ~x[i];
    end
  endfunction
  wire too_large = (above | ((FAMILY == 1 || FAMILY == 4) & at_top & (&frac))) & ~zero;
  wire tiny = under & ~zero;
  wire up = (ROUND == RUP) ? ~sign : (ROUND == RDN) ? sign : (ROUND == RTO) ? 1'b1 : at_zero & lift;
  wire [MAG_W-1:0] least = {{(MAG_W - 1) {1'b0}}, up & ~zero} << FRAC_W;
  wire [MAG_W-1:0] mag = (under | zero) ? least : {exponent, frac};

  wire result_sign, result_nan, result_inf, result_invalid, result_too_large, result_inexact, result_tiny;
  wire [MAG_W-1:0] result_mag;
  pipe_rank #(
      .W (7 + MAG_W),
      .ON(STAGES >= 2 ? 1 : 0)
  ) u_selected (
      .clk   (clk),
      .enable(enable[(STAGES>=2) ? 1 : 0]),
      .d     ({sign, nan, inf, invalid, too_large, too_large | tiny | (inexact & ~zero), tiny, mag}),
      .q     ({result_sign, result_nan, result_inf, result_invalid, result_too_large, result_inexact, result_tiny,
               result_mag})
  );

  wire [EXP_W+FRAC_W:0] code;
  wire [4:0] flags;
  fp_range #(
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .RANGE (RANGE)
  ) u_range (
      .in_sign     (result_sign),
      .in_nan      (result_nan),
      .in_inf      (result_inf),
      .in_invalid  (result_invalid),
      .in_div0     (1'b0),
      .in_mag      (result_mag),
      .in_too_large(result_too_large),
      .in_beyond   (result_too_large),
      .in_inexact  (result_inexact),
      .in_underflow(result_tiny),
      .in_round    (ROUND[3:0]),
      .out_code    (code),
      .out_flags   (flags)
  );
  pipe_rank #(
      .W (EXP_W + FRAC_W + 6),
      .ON(STAGES >= 3 ? 1 : 0)
  ) u_rounded (
      .clk   (clk),
      .enable(enable[(STAGES>=3) ? 2 : 0]),
      .d     ({code, flags}),
      .q     ({out_y, out_flags})
  );
endmodule
`default_nettype wire
