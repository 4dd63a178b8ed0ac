// sgd_update_select_legal: sgd_update_select whose exponent fields have a width that a format can have, 1..8; others are
// read as 8.  All else, legal or not, is as in sgd_update_select.
//
// The sgd_update_select inside is a netlist of the default widths, whose parameters are chosen.  For make mutate.
`default_nettype none
module sgd_update_select_legal #(
    parameter integer LANES = 1
) (
    input  wire                clk,
    input  wire                rst_n,
    input  wire                cfg_kind,
    input  wire [         4:0] cfg_w_width,
    input  wire [         3:0] cfg_w_exp,
    input  wire [         9:0] cfg_w_frac,
    input  wire [         9:0] cfg_w_bias,
    input  wire [         2:0] cfg_w_family,
    input  wire                cfg_w_subnormals,
    input  wire                cfg_w_daz,
    input  wire [         4:0] cfg_g_width,
    input  wire [         3:0] cfg_g_exp,
    input  wire [         9:0] cfg_g_frac,
    input  wire [         9:0] cfg_g_bias,
    input  wire [         2:0] cfg_g_family,
    input  wire                cfg_g_daz,
    input  wire [         9:0] cfg_step_frac,
    input  wire [         3:0] cfg_round,
    input  wire [         2:0] cfg_range,
    input  wire [         5:0] cfg_rand_bits,
    input  wire                in_valid,
    output wire                in_ready,
    input  wire [LANES*16-1:0] in_w,
    input  wire [LANES*16-1:0] in_g,
    input  wire [         7:0] in_step,
    input  wire [LANES*12-1:0] in_rand,
    output wire                out_valid,
    input  wire                out_ready,
    output wire [LANES*16-1:0] out_w,
    output wire [ LANES*5-1:0] out_flags,
    output wire                out_illegal
);
  sgd_update_select u_dut (
      .clk             (clk),
      .rst_n           (rst_n),
      .cfg_kind        (cfg_kind),
      .cfg_w_width     (cfg_w_width),
      .cfg_w_exp       ((cfg_w_exp == 4'd0) | (cfg_w_exp > 4'd8) ? 4'd8 : cfg_w_exp),
      .cfg_w_frac      (cfg_w_frac),
      .cfg_w_bias      (cfg_w_bias),
      .cfg_w_family    (cfg_w_family),
      .cfg_w_subnormals(cfg_w_subnormals),
      .cfg_w_daz       (cfg_w_daz),
      .cfg_g_width     (cfg_g_width),
      .cfg_g_exp       ((cfg_g_exp == 4'd0) | (cfg_g_exp > 4'd8) ? 4'd8 : cfg_g_exp),
      .cfg_g_frac      (cfg_g_frac),
      .cfg_g_bias      (cfg_g_bias),
      .cfg_g_family    (cfg_g_family),
      .cfg_g_daz       (cfg_g_daz),
      .cfg_step_frac   (cfg_step_frac),
      .cfg_round       (cfg_round),
      .cfg_range       (cfg_range),
      .cfg_rand_bits   (cfg_rand_bits),
      .in_valid        (in_valid),
      .in_ready        (in_ready),
      .in_w            (in_w),
      .in_g            (in_g),
      .in_step         (in_step),
      .in_rand         (in_rand),
      .out_valid       (out_valid),
      .out_ready       (out_ready),
      .out_w           (out_w),
      .out_flags       (out_flags),
      .out_illegal     (out_illegal)
  );
endmodule
`default_nettype wire
