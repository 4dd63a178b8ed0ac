// fp_quantize_select: quantize a stream of floats of one wide format, LANES a beat, to a format chosen with each beat.
//
//   in_a           LANES codes | sign | A_EXP_W | A_FRAC_W |; by default binary32
//   in_exp_w       exponent bits of the result, 1..MAX_EXP_W;  in_frac_w  fraction bits, 0..MAX_FRAC_W
//   in_bias        exponent bias, signed
//   in_family      0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf;  in_subnormals  0: results are never subnormal
//   in_range       0 none, 1 finite, 2 propagate
//   in_round       0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR; 7..15 are RNE
//   in_rand_bits   random bits N of SR, 1..RAND_BITS;  in_rand  the draw R of each lane in its low N bits
//   out_y          LANES words of W = 1 + MAX_EXP_W + MAX_FRAC_W bits: the code, right-aligned, 0 above
//   out_flags      5 bits a lane {invalid, div0, overflow, underflow, inexact}
//   out_illegal    the beat's selection is out of the ranges above, or its format has no finite value other than zero;
//                  every out_y is then 0 with the flag invalid alone
//
// One build serves every format that fits: the same words and flags as fp_convert with the format as parameters.
// STAGES 0: combinational; 1: cut before the rounding.
//
// Latency STAGES, one beat a clock.  Java twin: Arithmetic.convert.
`default_nettype none
module fp_quantize_select #(
    parameter integer LANES      = 1,
    parameter integer STAGES     = 0,
    parameter integer A_EXP_W    = 8,
    parameter integer A_FRAC_W   = 23,
    parameter integer A_BIAS     = (1 << (A_EXP_W - 1)) - 1,
    parameter integer A_FAMILY   = 0,
    parameter integer A_DAZ      = 0,
    parameter integer MAX_EXP_W  = 8,
    parameter integer MAX_FRAC_W = 23,
    parameter integer BIAS_W     = 10,
    parameter integer RAND_BITS  = 12
) (
    input  wire                                  clk,
    input  wire                                  rst_n,
    input  wire                                  in_valid,
    output wire                                  in_ready,
    input  wire [LANES*(1+A_EXP_W+A_FRAC_W)-1:0] in_a,
    input  wire [                           3:0] in_exp_w,
    input  wire [                           5:0] in_frac_w,
    input  wire [                    BIAS_W-1:0] in_bias,
    input  wire [                           2:0] in_family,
    input  wire                                  in_subnormals,
    input  wire [                           1:0] in_range,
    input  wire [                           3:0] in_round,
    input  wire [                           5:0] in_rand_bits,
    input  wire [           LANES*RAND_BITS-1:0] in_rand,
    output wire                                  out_valid,
    input  wire                                  out_ready,
    output wire [LANES*(1+MAX_EXP_W+MAX_FRAC_W)-1:0] out_y,
    output wire [                   LANES*5-1:0] out_flags,
    output wire                                  out_illegal
);
  generate
    if (LANES < 1 || LANES > 32768) begin : g_check_lanes
      $error("fp_quantize_select: LANES must be in 1..32768");
    end
    if (STAGES < 0 || STAGES > 1) begin : g_check_stages
      $error("fp_quantize_select: STAGES must be in 0..1");
    end
    if (A_EXP_W < 1 || A_EXP_W > 11) begin : g_check_a_exp
      $error("fp_quantize_select: A_EXP_W must be in 1..11");
    end
    if (A_FRAC_W < 0 || A_FRAC_W > 52) begin : g_check_a_frac
      $error("fp_quantize_select: A_FRAC_W must be in 0..52");
    end
    if (A_FAMILY < 0 || A_FAMILY > 5) begin : g_check_a_family
      $error("fp_quantize_select: A_FAMILY must be in 0..5");
    end
    if (MAX_EXP_W < 2 || MAX_EXP_W > 11 || MAX_FRAC_W < 1 || MAX_FRAC_W > 52) begin : g_check_max
      $error("fp_quantize_select: MAX_EXP_W must be in 2..11 and MAX_FRAC_W in 1..52");
    end
    if (BIAS_W < 2 || BIAS_W > 14) begin : g_check_bias
      $error("fp_quantize_select: BIAS_W must be in 2..14");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("fp_quantize_select: RAND_BITS must be in 1..32");
    end
  endgenerate

  wire enable;
  stream_ranks #(
      .RANKS(STAGES)
  ) u_ranks (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .enable   (enable)
  );

  wire format_illegal;
  fp_format_check #(
      .MAX_EXP_W (MAX_EXP_W),
      .MAX_FRAC_W(MAX_FRAC_W)
  ) u_check (
      .in_exp_w     (in_exp_w),
      .in_frac_w    (in_frac_w),
      .in_family    (in_family),
      .in_subnormals(in_subnormals),
      .out_illegal  (format_illegal)
  );
  wire rand_illegal = in_round == 4'd6 & (in_rand_bits == 6'd0 | in_rand_bits > RAND_BITS[5:0]);
  wire illegal = format_illegal | in_range == 2'd3 | rand_illegal;

  wire [3:0] exp_w, round;
  wire [5:0] frac_w;
  wire [2:0] family;
  wire subnormals;
  wire [1:0] range;
  pipe_rank #(
      .W (21),
      .ON(STAGES)
  ) u_rank (
      .clk   (clk),
      .enable(enable),
      .d     ({in_exp_w, in_frac_w, in_family, in_subnormals, in_range, in_round, illegal}),
      .q     ({exp_w, frac_w, family, subnormals, range, round, out_illegal})
  );

  // Exponents are biased by in_bias: field + in_bias - A_BIAS less the places normalized, signed.
  localparam integer A_W = 1 + A_EXP_W + A_FRAC_W;
  localparam integer W = 1 + MAX_EXP_W + MAX_FRAC_W;
  localparam integer SPAN = (1 << A_EXP_W) + (1 << BIAS_W) + (A_BIAS < 0 ? -A_BIAS : A_BIAS) + 2 * A_FRAC_W + 2;
  localparam integer T_W = $clog2(SPAN) + 1;
  localparam integer ROOM = A_FRAC_W + 1;  // so that fp_normalize never stops early
  localparam integer BACK = -ROOM - A_BIAS;
  wire [T_W-1:0] rebias = {{(T_W - BIAS_W) {in_bias[BIAS_W-1]}}, in_bias} + BACK[T_W-1:0];

  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      wire sign, nan, snan, inf;
      wire [A_EXP_W-1:0] field;
      wire [A_FRAC_W:0] sig, n_sig;
      fp_unpack #(
          .EXP_W (A_EXP_W),
          .FRAC_W(A_FRAC_W),
          .FAMILY(A_FAMILY),
          .DAZ   (A_DAZ)
      ) u_unpack (
          .in_code (in_a[l*A_W+:A_W]),
          .out_sign(sign),
          .out_nan (nan),
          .out_snan(snan),
          .out_inf (inf),
          .out_exp (field),
          .out_sig (sig)
      );

      wire signed [T_W-1:0] roomy = $signed({{(T_W - A_EXP_W) {1'b0}}, field}) + $signed(ROOM[T_W-1:0]);
      wire signed [T_W-1:0] n_exp;
      fp_normalize #(
          .SIG_W(A_FRAC_W + 1),
          .EXP_W(T_W)
      ) u_normalize (
          .in_exp (roomy),
          .in_sig (sig),
          .out_exp(n_exp),
          .out_sig(n_sig)
      );
      wire signed [T_W-1:0] top = n_exp + $signed(rebias);
      wire [RAND_BITS-1:0] draw = in_rand[l*RAND_BITS+:RAND_BITS] << (RAND_BITS[5:0] - in_rand_bits);

      wire r_sign, r_nan, r_inf, r_invalid;
      wire signed [T_W-1:0] r_top;
      wire [A_FRAC_W:0] r_sig;
      wire [RAND_BITS-1:0] r_draw;
      pipe_rank #(
          .W (T_W + A_FRAC_W + RAND_BITS + 5),
          .ON(STAGES)
      ) u_rank (
          .clk   (clk),
          .enable(enable),
          .d     ({sign, nan, inf, snan, top, n_sig, draw}),
          .q     ({r_sign, r_nan, r_inf, r_invalid, r_top, r_sig, r_draw})
      );

      wire [W-1:0] code;
      wire [4:0] flags;
      fp_round_select #(
          .MAX_EXP_W (MAX_EXP_W),
          .MAX_FRAC_W(MAX_FRAC_W),
          .RAND_BITS (RAND_BITS),
          .IN_EXP_W  (T_W),
          .IN_SIG_W  (A_FRAC_W + 1)
      ) u_round (
          .in_sign      (r_sign),
          .in_nan       (r_nan),
          .in_inf       (r_inf),
          .in_invalid   (r_invalid),
          .in_exp       (r_top),
          .in_sig       (r_sig),
          .in_sticky    (1'b0),
          .in_exp_w     (exp_w),
          .in_frac_w    (frac_w),
          .in_family    (family),
          .in_subnormals(subnormals),
          .in_range     (range),
          .in_round     (round),
          .in_rand      (r_draw),
          .out_code     (code),
          .out_flags    (flags)
      );
      assign out_y[l*W+:W] = code & {W{~out_illegal}};
      assign out_flags[l*5+:5] = out_illegal ? 5'b10000 : flags;
    end
  endgenerate
endmodule
`default_nettype wire
