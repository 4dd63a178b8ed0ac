// dq_compress_props: what dq_compress gives, said as distances: q is the middle of a cell, e the way to it, and no other middle
// is nearer.  Proved by prove.sh RANKS beats after any state; no twin in Java.
`default_nettype none
module dq_compress_props #(
    parameter integer G_WIDTH     = 4,
    parameter integer G_FRAC      = 2,
    parameter integer E_WIDTH     = 4,
    parameter integer E_FRAC      = 2,
    parameter integer MOMENTUM    = 0,
    parameter integer GAM_WIDTH   = 2,
    parameter integer GAM_FRAC    = 2,
    parameter integer BITS        = 2,
    parameter integer SHIFT_WIDTH = 3,
    parameter integer U_WIDTH     = 5,
    parameter integer U_FRAC      = 2
) (
    input wire                          clk,
    input wire signed [    G_WIDTH-1:0] in_g,
    input wire signed [    E_WIDTH-1:0] in_e,
    input wire signed [    E_WIDTH-1:0] in_last,
    input wire        [  GAM_WIDTH-1:0] in_gam,
    input wire        [SHIFT_WIDTH-1:0] in_shift
);
  localparam integer RANKS = 2 + MOMENTUM;
  wire [BITS-1:0] code;
  wire [U_WIDTH-1:0] q, e;
  wire sat;
  dq_compress #(
      .LANES      (1),
      .G_WIDTH    (G_WIDTH),
      .G_FRAC     (G_FRAC),
      .E_WIDTH    (E_WIDTH),
      .E_FRAC     (E_FRAC),
      .MOMENTUM   (MOMENTUM),
      .GAM_WIDTH  (GAM_WIDTH),
      .GAM_FRAC   (GAM_FRAC),
      .BITS       (BITS),
      .SHIFT_WIDTH(SHIFT_WIDTH),
      .U_WIDTH    (U_WIDTH),
      .U_FRAC     (U_FRAC)
  ) u_dut (
      .clk      (clk),
      .rst_n    (1'b1),
      .in_valid (1'b1),
      .in_ready (),
      .in_g     (in_g),
      .in_e     (in_e),
      .in_last  (in_last),
      .in_gam   (in_gam),
      .in_shift (in_shift),
      .out_valid(),
      .out_ready(1'b1),
      .out_code (code),
      .out_q    (q),
      .out_e    (e),
      .out_sat  (sat)
  );

  // u and s of the beat that comes out, in D_W bits: g - c, and a shift that leaves the range within u's.
  localparam integer D_W = U_WIDTH + SHIFT_WIDTH + GAM_WIDTH + 4;
  localparam integer C_F = (MOMENTUM == 0) ? E_FRAC : E_FRAC + GAM_FRAC;
  wire signed [D_W-1:0] g = in_g;
  wire signed [D_W-1:0] now = in_e;
  wire signed [D_W-1:0] last = in_last;
  wire signed [D_W-1:0] gam = $signed({{(D_W - GAM_WIDTH) {1'b0}}, in_gam});
  wire signed [D_W-1:0] c = (MOMENTUM == 0) ? now : (now <<< GAM_FRAC) + gam * (now - last);
  localparam integer LARGEST = U_WIDTH - 1 - BITS;
  wire [31:0] asked = {{(32 - SHIFT_WIDTH) {1'b0}}, in_shift};
  reg [D_W*RANKS-1:0] u_q;
  reg [32*RANKS-1:0] s_q;
  always @(posedge clk) begin
    u_q <= {u_q, (g <<< (U_FRAC - G_FRAC)) - (c <<< (U_FRAC - C_F))};
    s_q <= {s_q, (asked > LARGEST) ? LARGEST : asked};
  end
  wire signed [D_W-1:0] u = u_q[D_W*RANKS-1-:D_W];
  wire [31:0] s = s_q[32*RANKS-1-:32];

  localparam signed [D_W-1:0] ONE = 1;
  wire signed [D_W-1:0] half = ONE <<< s;  // of a cell
  wire signed [D_W-1:0] r = half <<< BITS;
  wire signed [D_W-1:0] middle = $signed(q);
  wire signed [D_W-1:0] way = $signed(e);
  wire signed [D_W-1:0] sent = $signed(code);
  wire signed [D_W-1:0] ends = u[D_W-1] ? half - r : r - half;  // the outermost middle on u's side
  always @* begin
    assert (middle == (sent + sent + ONE) <<< s);
    assert (way == middle - u);
    assert (sat == (u > r || u < -r));
    if (sat) assert (middle == ends);
    if (!sat) assert (way <= half && way >= -half);
    if (way == -half) assert (u == r);  // an edge belongs to the cell above it
  end
endmodule
`default_nettype wire
