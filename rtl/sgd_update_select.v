// sgd_update_select: sgd_update whose formats and rules are inputs, so that one build serves a whole sweep.
//
//   w <- Qw(w - step * g)        one rounding (FUSED = 1 of sgd_update)
//
//   in_w, in_g     LANES codes each, right-aligned in WIDTH bits, lane l at [l*WIDTH +: WIDTH]; what is above a format's
//                  width is not read;  in_step  unsigned, in_step * 2^-cfg_step_frac
//   in_rand        the draw R of each lane in its low cfg_rand_bits bits; read only for SR
//   out_w          LANES codes, right-aligned, 0 above;  out_flags  5 bits a lane {invalid, div0, overflow, underflow,
//                  inexact}
//
// The cfg_* ports are one selection for every word inside: change them while the unit is empty.
//
//   cfg_kind       0 fixed point: cfg_?_width 2..WIDTH and cfg_?_frac, signed, any; the other cfg_?_* are unread
//                  1 float: cfg_?_exp 1..MAX_EXP_W, cfg_?_frac 0..MAX_FRAC_W, cfg_?_bias signed, cfg_?_family 0 ieee,
//                  1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf, cfg_?_daz, cfg_w_subnormals; at most WIDTH bits in all
//   cfg_round      0 RNE, 1 RNA, 2 RTZ, 3 RUP, 4 RDN, 5 RTO, 6 SR; fixed also 7 half up, 8 half down, 9 half to zero;
//                  others are RNE
//   cfg_range      float 0 none, 1 finite, 2 propagate; fixed 3 saturate, 4 symmetric, 5 wrap
//   cfg_rand_bits  random bits N of SR, 1..RAND_BITS
//   cfg_step_frac  signed
//   out_illegal    the selection is out of these ranges, or a float format has no finite value other than zero; every
//                  out_w is then 0 with the flag invalid alone
//
//   STAGES         0: combinational; 1: cut before the rounding; 2: also before the sum; 3: also behind the product
//   BIAS_W         width of the signed bias and fraction inputs
//
// Latency STAGES, one beat a clock.  Java twin: SgdUpdate, UpdateUnit.exactly.
`default_nettype none
module sgd_update_select #(
    parameter integer LANES      = 1,
    parameter integer STAGES     = 0,
    parameter integer WIDTH      = 16,
    parameter integer MAX_EXP_W  = 8,
    parameter integer MAX_FRAC_W = 10,
    parameter integer BIAS_W     = 10,
    parameter integer STEP_WIDTH = 8,
    parameter integer RAND_BITS  = 12
) (
    input  wire                       clk,
    input  wire                       rst_n,
    input  wire                       cfg_kind,
    input  wire [                4:0] cfg_w_width,
    input  wire [                3:0] cfg_w_exp,
    input  wire [         BIAS_W-1:0] cfg_w_frac,
    input  wire [         BIAS_W-1:0] cfg_w_bias,
    input  wire [                2:0] cfg_w_family,
    input  wire                       cfg_w_subnormals,
    input  wire                       cfg_w_daz,
    input  wire [                4:0] cfg_g_width,
    input  wire [                3:0] cfg_g_exp,
    input  wire [         BIAS_W-1:0] cfg_g_frac,
    input  wire [         BIAS_W-1:0] cfg_g_bias,
    input  wire [                2:0] cfg_g_family,
    input  wire                       cfg_g_daz,
    input  wire [         BIAS_W-1:0] cfg_step_frac,
    input  wire [                3:0] cfg_round,
    input  wire [                2:0] cfg_range,
    input  wire [                5:0] cfg_rand_bits,
    input  wire                       in_valid,
    output wire                       in_ready,
    input  wire [    LANES*WIDTH-1:0] in_w,
    input  wire [    LANES*WIDTH-1:0] in_g,
    input  wire [     STEP_WIDTH-1:0] in_step,
    input  wire [LANES*RAND_BITS-1:0] in_rand,
    output wire                       out_valid,
    input  wire                       out_ready,
    output wire [    LANES*WIDTH-1:0] out_w,
    output wire [        LANES*5-1:0] out_flags,
    output wire                       out_illegal
);
  generate
    if (LANES < 1 || LANES > 32768) begin : g_check_lanes
      $error("sgd_update_select: LANES must be in 1..32768");
    end
    if (STAGES < 0 || STAGES > 3) begin : g_check_stages
      $error("sgd_update_select: STAGES must be in 0..3");
    end
    if (WIDTH < 4 || WIDTH > 30) begin : g_check_width
      $error("sgd_update_select: WIDTH must be in 4..30");
    end
    if (MAX_EXP_W < 2 || MAX_EXP_W > 11 || MAX_FRAC_W < 1 || MAX_FRAC_W > 30) begin : g_check_max
      $error("sgd_update_select: MAX_EXP_W must be in 2..11 and MAX_FRAC_W in 1..30");
    end
    if (WIDTH > 1 + MAX_EXP_W + MAX_FRAC_W) begin : g_check_sum
      $error("sgd_update_select: WIDTH must be at most 1 + MAX_EXP_W + MAX_FRAC_W");
    end
    if (BIAS_W < 7 || BIAS_W > 14) begin : g_check_bias
      $error("sgd_update_select: BIAS_W must be in 7..14");
    end
    if (STEP_WIDTH < 1 || STEP_WIDTH > 16) begin : g_check_step
      $error("sgd_update_select: STEP_WIDTH must be in 1..16");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("sgd_update_select: RAND_BITS must be in 1..32");
    end
  endgenerate

  wire [(STAGES > 0 ? STAGES : 1)-1:0] enable;
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

  wire w_illegal, g_illegal;
  fp_format_check #(
      .MAX_EXP_W (MAX_EXP_W),
      .MAX_FRAC_W(MAX_FRAC_W)
  ) u_check_w (
      .in_exp_w     (cfg_w_exp),
      .in_frac_w    (cfg_w_frac[5:0]),
      .in_family    (cfg_w_family),
      .in_subnormals(cfg_w_subnormals),
      .out_illegal  (w_illegal)
  );
  fp_format_check #(
      .MAX_EXP_W (MAX_EXP_W),
      .MAX_FRAC_W(MAX_FRAC_W)
  ) u_check_g (
      .in_exp_w     (cfg_g_exp),
      .in_frac_w    (cfg_g_frac[5:0]),
      .in_family    (cfg_g_family),
      .in_subnormals(1'b1),
      .out_illegal  (g_illegal)
  );
  wire [4:0] most = WIDTH[4:0];
  wire [6:0] w_bits = {3'd0, cfg_w_exp} + {1'b0, cfg_w_frac[5:0]};
  wire [6:0] g_bits = {3'd0, cfg_g_exp} + {1'b0, cfg_g_frac[5:0]};
  wire too_wide = w_bits >= {2'd0, most} | g_bits >= {2'd0, most} | (|cfg_w_frac[BIAS_W-1:6]) | (|cfg_g_frac[BIAS_W-1:6]);
  wire float_illegal = w_illegal | g_illegal | too_wide | cfg_range > 3'd2;
  wire fixed_illegal = cfg_w_width < 5'd2 | cfg_w_width > most | cfg_g_width < 5'd2 | cfg_g_width > most
      | cfg_range < 3'd3 | cfg_range > 3'd5;
  wire rand_illegal = cfg_round == 4'd6 & (cfg_rand_bits == 6'd0 | cfg_rand_bits > RAND_BITS[5:0]);
  assign out_illegal = rand_illegal | (cfg_kind ? float_illegal : fixed_illegal);

  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      wire [WIDTH-1:0] code;
      wire [4:0] flags;
      sgd_select_lane #(
          .STAGES    (STAGES),
          .WIDTH     (WIDTH),
          .MAX_EXP_W (MAX_EXP_W),
          .MAX_FRAC_W(MAX_FRAC_W),
          .BIAS_W    (BIAS_W),
          .STEP_WIDTH(STEP_WIDTH),
          .RAND_BITS (RAND_BITS)
      ) u_lane (
          .clk             (clk),
          .enable          (enable),
          .cfg_kind        (cfg_kind),
          .cfg_w_width     (cfg_w_width),
          .cfg_w_exp       (cfg_w_exp),
          .cfg_w_frac      (cfg_w_frac),
          .cfg_w_bias      (cfg_w_bias),
          .cfg_w_family    (cfg_w_family),
          .cfg_w_subnormals(cfg_w_subnormals),
          .cfg_w_daz       (cfg_w_daz),
          .cfg_g_width     (cfg_g_width),
          .cfg_g_exp       (cfg_g_exp),
          .cfg_g_frac      (cfg_g_frac),
          .cfg_g_bias      (cfg_g_bias),
          .cfg_g_family    (cfg_g_family),
          .cfg_g_daz       (cfg_g_daz),
          .cfg_step_frac   (cfg_step_frac),
          .cfg_round       (cfg_round),
          .cfg_range       (cfg_range),
          .in_w            (in_w[l*WIDTH+:WIDTH]),
          .in_g            (in_g[l*WIDTH+:WIDTH]),
          .in_step         (in_step),
          .in_draw         (in_rand[l*RAND_BITS+:RAND_BITS] << (RAND_BITS[5:0] - cfg_rand_bits)),
          .out_w           (code),
          .out_flags       (flags)
      );
      assign out_w[l*WIDTH+:WIDTH] = code & {WIDTH{~out_illegal}};
      assign out_flags[l*5+:5] = out_illegal ? 5'b10000 : flags;
    end
  endgenerate
endmodule
`default_nettype wire
