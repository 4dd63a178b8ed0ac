// exact_round: round an exact two's complement number into a code of either kind, with flags.
//
//   in_value    IN_W bits, its last place 2^-IN_F
//   in_sign     sign of a zero and of an infinity; unread otherwise
//   in_nan      the result is NaN (wins over in_inf);  in_inf  it is an infinity of sign in_sign
//   in_invalid  a flag that the operation itself raises
//   in_rand     the draw R (SR only)
//   out_code    fixed point of WIDTH bits, FRAC of them fraction (KIND = 0), or float (KIND = 1)
//   out_flags   {invalid, div0, overflow, underflow, inexact}
//
// The other parameters are those of fx_requantize or fp_round_pack.  An infinity into fixed point saturates, or gives
// code 0 under wrap; NaN into a format without NaN gives code 0 and invalid.
//
// Combinational.  Java twin: Quantizer.round.
`default_nettype none
module exact_round #(
    parameter integer IN_W       = 16,
    parameter integer IN_F       = 12,
    parameter integer KIND       = 0,
    parameter integer WIDTH      = 8,
    parameter integer EXP        = 4,
    parameter integer FRAC       = 3,
    parameter integer BIAS       = 7,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 3,
    parameter integer RAND_BITS  = 1
) (
    input  wire signed [     IN_W-1:0] in_value,
    input  wire                        in_sign,
    input  wire                        in_nan,
    input  wire                        in_inf,
    input  wire                        in_invalid,
    input  wire        [RAND_BITS-1:0] in_rand,
    output wire        [    WIDTH-1:0] out_code,
    output wire        [          4:0] out_flags
);
  localparam integer SYMMETRIC = 4, WRAP = 5, SR = 6;

  generate
    if (KIND < 0 || KIND > 1) begin : g_check_kind
      $error("exact_round: KIND must be 0 (fixed) or 1 (float)");
    end
    if (WIDTH < 2 || WIDTH > 32) begin : g_check_width
      $error("exact_round: a code's WIDTH must be in 2..32");
    end
    if (KIND == 1 && WIDTH != 1 + EXP + FRAC) begin : g_check_sum
      $error("exact_round: a float's WIDTH must be 1 + EXP + FRAC");
    end
    if (ROUND < 0 || ROUND > ((KIND == 1) ? 6 : 9)) begin : g_check_round
      $error("exact_round: ROUND must be in 0..6 (float) or 0..9 (fixed)");
    end
    if ((KIND == 1) ? RANGE < 0 || RANGE > 2 : RANGE < 3 || RANGE > 5) begin : g_check_range
      $error("exact_round: RANGE must be in 0..2 (float) or 3..5 (fixed)");
    end

    if (KIND == 0) begin : g_fixed
      wire [WIDTH-1:0] code;
      wire [4:0] flags;
      fx_requantize #(
          .IN_W     (IN_W),
          .IN_F     (IN_F),
          .OUT_W    (WIDTH),
          .OUT_F    (FRAC),
          .ROUND    (ROUND),
          .RANGE    (RANGE),
          .RAND_BITS(RAND_BITS)
      ) u_round (
          .in_data  (in_value),
          .in_rand  (in_rand),
          .in_round (4'd0),
          .out_data (code),
          .out_flags(flags)
      );
      localparam [WIDTH-1:0] MAX = {1'b0, {(WIDTH - 1) {1'b1}}};
      localparam [WIDTH-1:0] MIN = {1'b1, {(WIDTH - 1) {1'b0}}};
      localparam [WIDTH-1:0] ONE = 1;
      localparam [WIDTH-1:0] LOWEST = (RANGE == SYMMETRIC) ? MIN | ONE : MIN;
      wire [WIDTH-1:0] infinite = (RANGE == WRAP) ? {WIDTH{1'b0}} : in_sign ? LOWEST : MAX;
      assign out_code  = in_nan ? {WIDTH{1'b0}} : in_inf ? infinite : code;
      assign out_flags = in_nan ? 5'b10000 : in_inf ? {in_invalid, 4'b0101} : {in_invalid | flags[4], flags[3:0]};
    end else begin : g_float
      // Magnitude, then normalized but no further than exponent 1.  TOP: the exponent of its first bit, biased.
      localparam integer TOP = IN_W - 1 - IN_F + BIAS;
      localparam integer SPAN = ((TOP < 0) ? -TOP : TOP) + IN_W + 4;
      localparam integer E_W = $clog2(SPAN) + 2;
      localparam [31:0] TOP_BITS = TOP;
      localparam integer LOST_W = (ROUND == SR) ? RAND_BITS : 1;
      localparam integer SIG_W = FRAC + LOST_W + 2;  // what fp_round_pack looks at

      wire negative = in_value[IN_W-1];
      wire [IN_W-1:0] magnitude = negative ? -in_value : in_value;
      wire signed [E_W-1:0] n_exp;
      wire [IN_W-1:0] n_sig;
      fp_normalize #(
          .SIG_W(IN_W),
          .EXP_W(E_W)
      ) u_normalize (
          .in_exp (TOP_BITS[E_W-1:0]),
          .in_sig (magnitude),
          .out_exp(n_exp),
          .out_sig(n_sig)
      );
      wire [SIG_W-1:0] sig;
      wire sticky;
      if (IN_W > SIG_W) begin : g_cut
        assign sig    = n_sig[IN_W-1-:SIG_W];
        assign sticky = |n_sig[IN_W-SIG_W-1:0];
      end else if (IN_W == SIG_W) begin : g_same
        assign sig    = n_sig;
        assign sticky = 1'b0;
      end else begin : g_pad
        assign sig    = {n_sig, {(SIG_W - IN_W) {1'b0}}};
        assign sticky = 1'b0;
      end
      fp_round_pack #(
          .EXP_W     (EXP),
          .FRAC_W    (FRAC),
          .FAMILY    (FAMILY),
          .SUBNORMALS(SUBNORMALS),
          .ROUND     (ROUND),
          .RANGE     (RANGE),
          .RAND_BITS (RAND_BITS),
          .IN_EXP_W  (E_W),
          .IN_SIG_W  (SIG_W),
          .SHIFT     ((TOP < 1) ? 1 : 0)
      ) u_round (
          .in_sign   ((in_inf | ~(|in_value)) ? in_sign : negative),
          .in_nan    (in_nan),
          .in_inf    (in_inf),
          .in_invalid(in_invalid),
          .in_div0   (1'b0),
          .in_exp    (n_exp),
          .in_sig    (sig),
          .in_sticky (sticky),
          .in_rand   (in_rand),
          .in_round  (4'd0),
          .out_code  (out_code),
          .out_flags (out_flags)
      );
    end
  endgenerate
endmodule
`default_nettype wire
