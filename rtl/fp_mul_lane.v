// fp_mul_lane: one lane of fp_mul, a * b rounded once.
//
//   in_a, in_b  codes;  in_rand  the draw R;  in_round  the mode if ROUND = 10
//   enable[k]   the registers of rank k take a new word at this edge
//   out_y, out_flags  the code of the result; {invalid, div0, overflow, underflow, inexact}
//
// Where the STAGES ranks sit, behind: multiply, place, round
//
//   1  multiply      2  multiply, place      3  all
//
// Java twin: Arithmetic.mul (slow), Elementwise.mul (fast).
`default_nettype none
module fp_mul_lane #(
    parameter integer STAGES     = 0,
    parameter integer EXP_W      = 4,
    parameter integer FRAC_W     = 3,
    parameter integer BIAS       = (1 << (EXP_W - 1)) - 1,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer DAZ        = 0,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 0,
    parameter integer RAND_BITS  = 1,
    parameter integer DSP        = 0
) (
    input  wire                                 clk,
    input  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable,
    input  wire [               EXP_W+FRAC_W:0] in_a,
    input  wire [               EXP_W+FRAC_W:0] in_b,
    input  wire [                          3:0] in_round,
    input  wire [                RAND_BITS-1:0] in_rand,
    output wire [               EXP_W+FRAC_W:0] out_y,
    output wire [                          4:0] out_flags
);
  wire a_sign, a_nan, a_snan, a_inf, b_sign, b_nan, b_snan, b_inf;
  wire [EXP_W-1:0] a_exp, b_exp;
  wire [FRAC_W:0] a_sig, b_sig;
  fp_unpack #(
      .EXP_W (EXP_W),
      .FRAC_W(FRAC_W),
      .FAMILY(FAMILY),
      .DAZ   (DAZ)
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
      .DAZ   (DAZ)
  ) u_unpack_b (
      .in_code (in_b),
      .out_sign(b_sign),
      .out_nan (b_nan),
      .out_snan(b_snan),
      .out_inf (b_inf),
      .out_exp (b_exp),
      .out_sig (b_sig)
  );

  wire a_zero = ~(|a_sig);
  wire b_zero = ~(|b_sig);
  wire clash = (a_inf & b_zero & ~b_nan) | (b_inf & a_zero & ~a_nan);  // 0 * Inf

  // ---- Normalize the operands.  An exponent sinks by at most FRAC_W below 1: biased, signed, N_W bits. ----
  localparam integer COUNT_W = (FRAC_W == 0) ? 1 : $clog2(FRAC_W + 1);
  localparam integer N_W = ((EXP_W > COUNT_W) ? EXP_W : COUNT_W) + 1;
  wire [FRAC_W:0] a_norm, b_norm;
  wire [N_W-1:0] a_place, b_place;
  generate
    if (DAZ != 0 || FRAC_W == 0) begin : g_normal
      assign a_norm  = a_sig;
      assign b_norm  = b_sig;
      assign a_place = {{(N_W - EXP_W) {1'b0}}, a_exp};
      assign b_place = {{(N_W - EXP_W) {1'b0}}, b_exp};
    end else begin : g_normalize
      wire [COUNT_W-1:0] a_count, b_count;
      leading_one #(
          .W      (FRAC_W + 1),
          .COUNT_W(COUNT_W)
      ) u_leading_a (
          .in_data  (a_sig),
          .out_data (a_norm),
          .out_count(a_count)
      );
      leading_one #(
          .W      (FRAC_W + 1),
          .COUNT_W(COUNT_W)
      ) u_leading_b (
          .in_data  (b_sig),
          .out_data (b_norm),
          .out_count(b_count)
      );
      assign a_place = place(a_sig[FRAC_W], a_exp, a_count);
      assign b_place = place(b_sig[FRAC_W], b_exp, b_count);
    end
  endgenerate

  // exponent of a normal; 1 - count of a subnormal, which is {-(count / 2), ~count[0]}
  function [N_W-1:0] place(input normal, input [EXP_W-1:0] exponent, input [COUNT_W-1:0] count);
    reg [N_W:0] wide;
    begin
      wide  = {{(N_W + 1 - COUNT_W) {1'b0}}, count};
      wide  = {{N_W{1'b0}} - wide[N_W:1], ~count[0]};
      place = normal ? {{(N_W - EXP_W) {1'b0}}, exponent} : wide[N_W-1:0];
    end
  endfunction

  // ---- Multiply.  low: exponent of the product's top bit less 2, biased. ----
  localparam integer P_W = 2 * FRAC_W + 2;
  localparam integer SPAN = 2 * (1 << N_W) + (BIAS < 0 ? -BIAS : BIAS) + 4;
  localparam integer T_W = $clog2(SPAN) + 1;
  localparam integer OFFSET = -BIAS - 1;
  localparam [31:0] BASE = OFFSET;
  wire [T_W-1:0] sum = {{(T_W - N_W) {a_place[N_W-1]}}, a_place} + {{(T_W - N_W) {b_place[N_W-1]}}, b_place};
  wire signed [T_W-1:0] low_d = sum + BASE[T_W-1:0];
  wire [P_W-1:0] sig_d;
  multiply #(
      .A_W(FRAC_W + 1),
      .B_W(FRAC_W + 1),
      .DSP(DSP)
  ) u_multiply (
      .in_a (a_norm),
      .in_b (b_norm),
      .out_y(sig_d)
  );

  wire sign, nan, inf, invalid;
  wire signed [T_W-1:0] low;
  wire [P_W-1:0] sig;
  wire [3:0] round_place;
  wire [RAND_BITS-1:0] rand_place;
  pipe_rank #(
      .W (4 + T_W + P_W + 4 + RAND_BITS),
      .ON(STAGES >= 1 ? 1 : 0)
  ) u_multiplied (
      .clk   (clk),
      .enable(enable[0]),
      .d     ({a_sign ^ b_sign, a_nan | b_nan | clash, a_inf | b_inf, a_snan | b_snan | clash, low_d, sig_d, in_round,
               in_rand}),
      .q     ({sign, nan, inf, invalid, low, sig, round_place, rand_place})
  );

  // ---- Place: down to exponent 1 if the top bit is below that (by -1 - low places, which is ~low), else up by one if the
  // top bit is 0.  The window has one place more than fp_round_pack looks at. ----
  localparam integer K = (ROUND == 6 || ROUND == 10) ? RAND_BITS : 1;
  localparam integer R_W = FRAC_W + K + 2;
  localparam integer W = R_W + 1;
  wire [P_W+W-1:0] padded = {sig, {W{1'b0}}};
  wire below = low[T_W-1];
  wire [W-1:0] moved;
  wire moved_sticky;
  shift_right_sticky #(
      .W       (W),
      .AMOUNT_W(T_W - 1)
  ) u_down (
      .in_data   (padded[P_W+W-1-:W]),
      .in_amount (~low[T_W-2:0] & {(T_W - 1) {below}}),
      .out_data  (moved),
      .out_sticky(moved_sticky)
  );
  wire up = ~moved[W-1] & ~below;
  wire result_sign, result_nan, result_inf, result_invalid, result_sticky;
  wire signed [T_W-1:0] result_exp;
  wire [R_W-1:0] result_sig;
  wire [3:0] result_round;
  wire [RAND_BITS-1:0] result_rand;
  localparam [T_W-1:0] ONE = 1;
  pipe_rank #(
      .W (5 + T_W + R_W + 4 + RAND_BITS),
      .ON(STAGES >= 2 ? 1 : 0)
  ) u_placed (
      .clk   (clk),
      .enable(enable[(STAGES>=2) ? 1 : 0]),
      .d     ({sign, nan, inf, invalid, moved_sticky | (|padded[P_W-1:0]) | (moved[0] & ~up),
               low + ONE + {{(T_W - 1) {1'b0}}, moved[W-1]}, up ? moved[W-2:0] : moved[W-1:1],
               round_place, rand_place}),
      .q     ({result_sign, result_nan, result_inf, result_invalid, result_sticky, result_exp, result_sig,
               result_round, result_rand})
  );

  wire [EXP_W+FRAC_W:0] code;
  wire [4:0] flags;
  fp_round_pack #(
      .EXP_W     (EXP_W),
      .FRAC_W    (FRAC_W),
      .FAMILY    (FAMILY),
      .SUBNORMALS(SUBNORMALS),
      .ROUND     (ROUND),
      .RANGE     (RANGE),
      .RAND_BITS (RAND_BITS),
      .IN_EXP_W  (T_W),
      .IN_SIG_W  (R_W),
      .SHIFT     (0)
  ) u_round (
      .in_sign   (result_sign),
      .in_nan    (result_nan),
      .in_inf    (result_inf),
      .in_invalid(result_invalid),
      .in_div0   (1'b0),
      .in_exp    (result_exp),
      .in_sig    (result_sig),
      .in_sticky (result_sticky),
      .in_rand   (result_rand),
      .in_round  (result_round),
      .out_code  (code),
      .out_flags (flags)
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
