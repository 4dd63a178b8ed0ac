// dq_compress: differential quantization of a gradient, LANES coordinates a beat, R = BITS bits each.
//
//   u = g - c, q = the middle of u's cell, e = q - u; none of them rounded
//   c = e'                          MOMENTUM = 0: DQ-GD, e' the error of the step before
//   c = e' + gam * (e' - e'')       MOMENTUM = 1: DQ-AGD, DQ-HB, e'' the error before that
//
//   in_g                  LANES codes, lane l at [l*G_WIDTH +: G_WIDTH]: Q(G_WIDTH - G_FRAC).G_FRAC
//   in_e, in_last         e', e'': Q(E_WIDTH - E_FRAC).E_FRAC;  in_last and in_gam are read only if MOMENTUM = 1
//   in_gam                unsigned, in_gam * 2^-GAM_FRAC
//   in_shift              s: the range of this beat is r = 2^(s + BITS - U_FRAC), and at most all of u's
//   out_code              what goes over the link: BITS bits a lane, two's complement
//   out_q, out_e          q and e: Q(U_WIDTH - U_FRAC).U_FRAC
//   out_sat               1 a lane: |u| > r, so |e| is above half a cell, 2^s last places
//
//   U_WIDTH, U_FRAC       hold u exactly: U_FRAC at least G_FRAC and E_FRAC (+ GAM_FRAC with momentum), checked below
//
// The 2^BITS cells divide [-r, r) evenly, a value on an edge belongs to the upper one, and what lies outside goes to the
// outermost: q is an odd multiple of 2^s last places, so quantizing is a shift, a clamp and an appended 1.
// Lin, Kostina and Hassibi, arXiv 2002.02508, algorithms 1 to 3, with ranges that are powers of two.
//
// Latency 2, with MOMENTUM 3; one beat a clock.  Java twin: DqCompress.
`default_nettype none
module dq_compress #(
    parameter integer LANES       = 4,
    parameter integer G_WIDTH     = 16,
    parameter integer G_FRAC      = 8,
    parameter integer E_WIDTH     = 16,
    parameter integer E_FRAC      = 8,
    parameter integer MOMENTUM    = 0,
    parameter integer GAM_WIDTH   = 8,
    parameter integer GAM_FRAC    = 8,
    parameter integer BITS        = 4,
    parameter integer SHIFT_WIDTH = 4,
    parameter integer U_WIDTH     = 17,
    parameter integer U_FRAC      = 8
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire                     in_valid,
    output wire                     in_ready,
    input  wire [LANES*G_WIDTH-1:0] in_g,
    input  wire [LANES*E_WIDTH-1:0] in_e,
    input  wire [LANES*E_WIDTH-1:0] in_last,
    input  wire [    GAM_WIDTH-1:0] in_gam,
    input  wire [  SHIFT_WIDTH-1:0] in_shift,
    output wire                     out_valid,
    input  wire                     out_ready,
    output wire [   LANES*BITS-1:0] out_code,
    output wire [LANES*U_WIDTH-1:0] out_q,
    output wire [LANES*U_WIDTH-1:0] out_e,
    output wire [        LANES-1:0] out_sat
);
  // gam * (e' - e''): one bit more than e', gam unsigned; c one bit more than the wider of its two terms.
  localparam integer P_W = E_WIDTH + 1 + GAM_WIDTH;
  localparam integer E_C = E_WIDTH + GAM_FRAC;
  localparam integer C_W = (MOMENTUM == 0) ? E_WIDTH : ((E_C > P_W) ? E_C : P_W) + 1;
  localparam integer C_F = (MOMENTUM == 0) ? E_FRAC : E_FRAC + GAM_FRAC;
  localparam integer G_U = G_WIDTH + U_FRAC - G_FRAC;
  localparam integer C_U = C_W + U_FRAC - C_F;

  generate
    if (LANES < 1) begin : g_check_lanes
      $error("dq_compress: LANES must be at least 1");
    end
    if (G_WIDTH < 2 || G_WIDTH > 32 || E_WIDTH < 2 || E_WIDTH > 60) begin : g_check_width
      $error("dq_compress: G_WIDTH must be in 2..32, E_WIDTH in 2..60");
    end
    if (MOMENTUM < 0 || MOMENTUM > 1) begin : g_check_momentum
      $error("dq_compress: MOMENTUM must be 0 or 1");
    end
    if (GAM_WIDTH < 1 || GAM_WIDTH > 16 || GAM_FRAC < 0 || GAM_FRAC > 16) begin : g_check_factor
      $error("dq_compress: GAM_WIDTH must be in 1..16, GAM_FRAC in 0..16");
    end
    if (U_FRAC < G_FRAC || U_FRAC < C_F) begin : g_check_frac
      $error("dq_compress: U_FRAC must be at least G_FRAC and E_FRAC (+ GAM_FRAC with momentum)");
    end
    if (U_WIDTH <= G_U || U_WIDTH <= C_U || U_WIDTH > 62) begin : g_check_value
      $error("dq_compress: U_WIDTH must hold g - c and be at most 62");
    end
    if (BITS < 1 || BITS > U_WIDTH - 2) begin : g_check_bits
      $error("dq_compress: BITS must be in 1..U_WIDTH-2");
    end
    if (SHIFT_WIDTH < 1 || SHIFT_WIDTH > 6) begin : g_check_shift
      $error("dq_compress: SHIFT_WIDTH must be in 1..6");
    end
  endgenerate

  localparam integer RANKS = MOMENTUM + 2;
  wire [RANKS-1:0] enable;
  stream_ranks #(
      .RANKS(RANKS)
  ) u_ranks (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .enable   (enable)
  );
  wire [SHIFT_WIDTH-1:0] shift;
  rank_delay #(
      .W    (SHIFT_WIDTH),
      .RANKS(RANKS - 1)
  ) u_shift (
      .clk   (clk),
      .enable(enable[RANKS-2:0]),
      .d     (in_shift),
      .q     (shift)
  );

  // The shift as dq_expand caps it, and the ends of the codes.
  localparam integer LARGEST = U_WIDTH - 1 - BITS;
  localparam [6:0] MAX_SHIFT = LARGEST[6:0];
  localparam [BITS-1:0] LOWEST = {BITS{1'b1}} ^ ({BITS{1'b1}} >> 1);
  wire [6:0] asked = {{(7 - SHIFT_WIDTH) {1'b0}}, shift};
  wire [6:0] s = (asked > MAX_SHIFT) ? MAX_SHIFT : asked;

  genvar l;
  generate
    if (MOMENTUM == 0) begin : g_one_error
      wire _unused = &{1'b0, in_last, in_gam};
    end
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      // ---- c and the g that goes with it. ----
      wire signed [C_W-1:0] c;
      wire [G_WIDTH-1:0] g;
      if (MOMENTUM == 0) begin : g_plain
        assign c = in_e[l*E_WIDTH+:E_WIDTH];
        assign g = in_g[l*G_WIDTH+:G_WIDTH];
      end else begin : g_momentum
        wire signed [E_WIDTH-1:0] e = in_e[l*E_WIDTH+:E_WIDTH];
        wire signed [E_WIDTH-1:0] last = in_last[l*E_WIDTH+:E_WIDTH];
        wire signed [E_WIDTH:0] moved = {e[E_WIDTH-1], e} - {last[E_WIDTH-1], last};
        wire signed [P_W-1:0] moved_wide = {{GAM_WIDTH{moved[E_WIDTH]}}, moved};
        wire signed [P_W-1:0] factor = $signed({{(E_WIDTH + 1) {1'b0}}, in_gam});
        reg signed [P_W-1:0] product_q;
        reg [E_WIDTH-1:0] e_q;
        reg [G_WIDTH-1:0] g_q;
        always @(posedge clk)
          if (enable[0]) begin
            product_q <= moved_wide * factor;
            e_q       <= e;
            g_q       <= in_g[l*G_WIDTH+:G_WIDTH];
          end
        wire signed [C_W-1:0] e_wide = {{(C_W - E_WIDTH) {e_q[E_WIDTH-1]}}, e_q};
        wire signed [C_W-1:0] product = {{(C_W - P_W) {product_q[P_W-1]}}, product_q};
        assign c = (e_wide <<< GAM_FRAC) + product;
        assign g = g_q;
      end

      // ---- u = g - c, exact: U_WIDTH is more than either needs. ----
      wire signed [U_WIDTH-1:0] g_wide = {{(U_WIDTH - G_WIDTH) {g[G_WIDTH-1]}}, g};
      wire signed [U_WIDTH-1:0] c_wide = {{(U_WIDTH - C_W) {c[C_W-1]}}, c};
      reg signed [U_WIDTH-1:0] u_q;
      always @(posedge clk)
        if (enable[RANKS-2]) u_q <= (g_wide <<< (U_FRAC - G_FRAC)) - (c_wide <<< (U_FRAC - C_F));

      // ---- Its cell, of 2^(s + 1) last places; the outermost one for what lies outside. ----
      wire signed [U_WIDTH-1:0] cell_number = (u_q >>> 1) >>> s;
      wire [U_WIDTH-1:0] below_cell = u_q & ~({{(U_WIDTH - 1) {1'b1}}, 1'b0} << s);
      wire [U_WIDTH-BITS:0] top = cell_number[U_WIDTH-1:BITS-1];
      wire above = ~u_q[U_WIDTH-1] & (|top);
      wire below = u_q[U_WIDTH-1] & ~(&top);
      wire [BITS-1:0] code = (above | below) ? {BITS{above}} ^ LOWEST : cell_number[BITS-1:0];
      // u = r is in range: it is half a cell from the last middle.
      wire edge_of_range = (cell_number == $signed({{(U_WIDTH - BITS) {1'b0}}, LOWEST})) & ~(|below_cell);

      wire signed [U_WIDTH-1:0] q;
      dq_expand #(
          .BITS       (BITS),
          .SHIFT_WIDTH(SHIFT_WIDTH),
          .WIDTH      (U_WIDTH)
      ) u_expand (
          .in_code (code),
          .in_shift(shift),
          .out_q   (q)
      );

      // ---- e = q - u: smaller than u where u is outside, half a cell at most elsewhere; it fits. ----
      reg [BITS-1:0] code_q;
      reg [U_WIDTH-1:0] middle_q;
      reg [U_WIDTH-1:0] e_q;
      reg sat_q;
      always @(posedge clk)
        if (enable[RANKS-1]) begin
          code_q   <= code;
          middle_q <= q;
          e_q      <= q - u_q;
          sat_q    <= below | (above & ~edge_of_range);
        end
      assign out_code[l*BITS+:BITS]     = code_q;
      assign out_q[l*U_WIDTH+:U_WIDTH]  = middle_q;
      assign out_e[l*U_WIDTH+:U_WIDTH]  = e_q;
      assign out_sat[l]                 = sat_q;
    end
  endgenerate
endmodule
`default_nettype wire
