// linear_step: SGD on a linear model, the whole training step in one unit, with weights in on-chip memory.
//
//   w <- update(w, g),  g = Qg(-sum over b of xq[b] * o[b]),  o[b] = Qo(Ql(y[b]) - Qa(sum over j of xq[b][j] * Qp(w[j])))
//
// A row of the mini-batch is a vector of beats of LANES features; element j is lane j mod LANES of beat j / LANES.
//
//   in_x         LANES features, lane l at [l*X_WIDTH +: X_WIDTH];  xq = Qd(in_x)
//   in_keep      bit l: lane l holds a feature, as in dot_product.  The same in each row
//   in_last      the last beat of a row, with in_y: its label
//   in_end       on each beat of a row: it is the last of its mini-batch, of at most ROWS rows, and the step follows
//   in_step      eta / B, unsigned, in_step * 2^-STEP_FRAC;  in_mu  as in sgd_update.  Read in the last beat of the batch
//   out_w        LANES new weights a beat, in order; out_keep, out_last as they came in; 0 in other lanes
//   out_flags    5 bits a lane {invalid, div0, overflow, underflow, inexact} of the update
//   out_step_flags   with out_last: the union of all other roundings of the step; 0 in the beats before
//   out_residual o of the batch's last row, in each of its beats
//   load_*       between mini-batches (load_ready), and before a row that waits: load_write sets the weights of beat
//                load_addr, their velocities to code 0; otherwise load_weights has them in the next clock
//   seed_*       loads the stream of quantizer seed_number, lane seed_lane with seed_data (not 0).  Numbers are the contract's:
//                0 D, 1 P, 2 A, 3 L, 4 O, 5 G, 6 U, 7 the update (W), 8 F, 9 B, 12 V
//
//   X_ Y_        formats of features and of labels as they come
//   D_ P_ L_ A_ O_ G_   Qd, Qp, Ql, Qa, Qo, Qg: format, rounding and range rule; *_ON = 0: none, the codes are passed on and
//                the format is that of what goes in (X_ W_ Y_ F_, B_ for G_; there is always an O_)
//   F_ B_        the accumulators, forwards over j and backwards over b: as in dot_product, *_ORDER 0 exact, 1 sequential, 2
//                tree.  An exact one without a format of its own takes the next quantizer's (A_, G_), which is then not ON
//   W_ U_ V_     the stored weight and its update, the update's product (unread if FUSED = 1), the velocity (unread if
//                MOMENTUM = 0): as in sgd_update, U_ for its P_.  G_KIND = W_KIND is the kind of all of them
//   *_KIND *_WIDTH *_EXP *_FRAC *_BIAS *_FAMILY *_SUBNORMALS *_DAZ   as in dot_product
//
// Random streams are those of the contract: weights, features and gradients take the lane of their element, a row's
// activation, label and residual that of the row, row mod LANES; each draw advances what the contract says, idle and stalled
// clocks nothing.  A stochastic Qd in mini-batches of several rows needs rows that fill their beats.  A tree that draws is
// refused: its draws come level by level, which takes the whole row (but a tree of one row, backwards).
//
// A step of B rows of N beats takes about (2 B + 1) N clocks and the latencies of its parts, more with a sequential F_ (LANES
// clocks a beat); the next row waits for it.  Java twin: TrainingStep.
`default_nettype none
module linear_step #(
    parameter integer LANES        = 4,
    parameter integer DEPTH        = 64,
    parameter integer ROWS         = 1,
    parameter integer X_KIND       = 0,
    parameter integer X_WIDTH      = 16,
    parameter integer X_EXP        = 8,
    parameter integer X_FRAC       = 12,
    parameter integer X_BIAS       = 127,
    parameter integer X_FAMILY     = 0,
    parameter integer X_DAZ        = 0,
    parameter integer Y_KIND       = 0,
    parameter integer Y_WIDTH      = 16,
    parameter integer Y_EXP        = 8,
    parameter integer Y_FRAC       = 12,
    parameter integer Y_BIAS       = 127,
    parameter integer Y_FAMILY     = 0,
    parameter integer Y_DAZ        = 0,
    parameter integer D_ON         = 1,
    parameter integer D_KIND       = 0,
    parameter integer D_WIDTH      = 8,
    parameter integer D_EXP        = 8,
    parameter integer D_FRAC       = 6,
    parameter integer D_BIAS       = 127,
    parameter integer D_FAMILY     = 0,
    parameter integer D_SUBNORMALS = 1,
    parameter integer D_DAZ        = 0,
    parameter integer D_ROUND      = 0,
    parameter integer D_RANGE      = 3,
    parameter integer D_RAND_BITS  = 8,
    parameter integer W_KIND       = 0,
    parameter integer W_WIDTH      = 16,
    parameter integer W_EXP        = 8,
    parameter integer W_FRAC       = 12,
    parameter integer W_BIAS       = 127,
    parameter integer W_FAMILY     = 0,
    parameter integer W_SUBNORMALS = 1,
    parameter integer W_DAZ        = 0,
    parameter integer W_ROUND      = 0,
    parameter integer W_RANGE      = 3,
    parameter integer W_RAND_BITS  = 8,
    parameter integer P_ON         = 1,
    parameter integer P_KIND       = 0,
    parameter integer P_WIDTH      = 8,
    parameter integer P_EXP        = 8,
    parameter integer P_FRAC       = 6,
    parameter integer P_BIAS       = 127,
    parameter integer P_FAMILY     = 0,
    parameter integer P_SUBNORMALS = 1,
    parameter integer P_DAZ        = 0,
    parameter integer P_ROUND      = 0,
    parameter integer P_RANGE      = 3,
    parameter integer P_RAND_BITS  = 8,
    parameter integer F_ORDER      = 0,
    parameter integer F_KIND       = 0,
    parameter integer F_WIDTH      = 24,
    parameter integer F_EXP        = 8,
    parameter integer F_FRAC       = 16,
    parameter integer F_BIAS       = 127,
    parameter integer F_FAMILY     = 0,
    parameter integer F_SUBNORMALS = 1,
    parameter integer F_DAZ        = 0,
    parameter integer F_ROUND      = 0,
    parameter integer F_RANGE      = 3,
    parameter integer F_RAND_BITS  = 8,
    parameter integer A_ON         = 1,
    parameter integer A_KIND       = 0,
    parameter integer A_WIDTH      = 16,
    parameter integer A_EXP        = 8,
    parameter integer A_FRAC       = 10,
    parameter integer A_BIAS       = 127,
    parameter integer A_FAMILY     = 0,
    parameter integer A_SUBNORMALS = 1,
    parameter integer A_DAZ        = 0,
    parameter integer A_ROUND      = 0,
    parameter integer A_RANGE      = 3,
    parameter integer A_RAND_BITS  = 8,
    parameter integer L_ON         = 1,
    parameter integer L_KIND       = 0,
    parameter integer L_WIDTH      = 16,
    parameter integer L_EXP        = 8,
    parameter integer L_FRAC       = 10,
    parameter integer L_BIAS       = 127,
    parameter integer L_FAMILY     = 0,
    parameter integer L_SUBNORMALS = 1,
    parameter integer L_DAZ        = 0,
    parameter integer L_ROUND      = 0,
    parameter integer L_RANGE      = 3,
    parameter integer L_RAND_BITS  = 8,
    parameter integer O_KIND       = 0,
    parameter integer O_WIDTH      = 16,
    parameter integer O_EXP        = 8,
    parameter integer O_FRAC       = 10,
    parameter integer O_BIAS       = 127,
    parameter integer O_FAMILY     = 0,
    parameter integer O_SUBNORMALS = 1,
    parameter integer O_DAZ        = 0,
    parameter integer O_ROUND      = 0,
    parameter integer O_RANGE      = 3,
    parameter integer O_RAND_BITS  = 8,
    parameter integer B_ORDER      = 0,
    parameter integer B_KIND       = 0,
    parameter integer B_WIDTH      = 24,
    parameter integer B_EXP        = 8,
    parameter integer B_FRAC       = 16,
    parameter integer B_BIAS       = 127,
    parameter integer B_FAMILY     = 0,
    parameter integer B_SUBNORMALS = 1,
    parameter integer B_DAZ        = 0,
    parameter integer B_ROUND      = 0,
    parameter integer B_RANGE      = 3,
    parameter integer B_RAND_BITS  = 8,
    parameter integer G_ON         = 1,
    parameter integer G_KIND       = 0,
    parameter integer G_WIDTH      = 16,
    parameter integer G_EXP        = 8,
    parameter integer G_FRAC       = 12,
    parameter integer G_BIAS       = 127,
    parameter integer G_FAMILY     = 0,
    parameter integer G_SUBNORMALS = 1,
    parameter integer G_DAZ        = 0,
    parameter integer G_ROUND      = 0,
    parameter integer G_RANGE      = 3,
    parameter integer G_RAND_BITS  = 8,
    parameter integer FUSED        = 1,
    parameter integer U_WIDTH      = 16,
    parameter integer U_EXP        = 8,
    parameter integer U_FRAC       = 12,
    parameter integer U_BIAS       = 127,
    parameter integer U_FAMILY     = 0,
    parameter integer U_SUBNORMALS = 1,
    parameter integer U_DAZ        = 0,
    parameter integer U_ROUND      = 0,
    parameter integer U_RANGE      = 3,
    parameter integer U_RAND_BITS  = 8,
    parameter integer STEP_WIDTH   = 1,
    parameter integer STEP_FRAC    = 4,
    parameter integer MOMENTUM     = 0,
    parameter integer V_WIDTH      = 16,
    parameter integer V_EXP        = 8,
    parameter integer V_FRAC       = 12,
    parameter integer V_BIAS       = 127,
    parameter integer V_FAMILY     = 0,
    parameter integer V_SUBNORMALS = 1,
    parameter integer V_DAZ        = 0,
    parameter integer V_ROUND      = 0,
    parameter integer V_RANGE      = 3,
    parameter integer V_RAND_BITS  = 8,
    parameter integer MU_WIDTH     = 8,
    parameter integer MU_FRAC      = 8,
    parameter integer ADDR_W       = (DEPTH > LANES) ? $clog2((DEPTH + LANES - 1) / LANES) : 1
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire                     seed_valid,
    input  wire [              3:0] seed_number,
    input  wire [             15:0] seed_lane,
    input  wire [             63:0] seed_data,
    input  wire                     load_valid,
    output wire                     load_ready,
    input  wire                     load_write,
    input  wire [       ADDR_W-1:0] load_addr,
    input  wire [LANES*W_WIDTH-1:0] load_data,
    output wire [LANES*W_WIDTH-1:0] load_weights,
    input  wire                     in_valid,
    output wire                     in_ready,
    input  wire [LANES*X_WIDTH-1:0] in_x,
    input  wire [        LANES-1:0] in_keep,
    input  wire                     in_last,
    input  wire                     in_end,
    input  wire [      Y_WIDTH-1:0] in_y,
    input  wire [   STEP_WIDTH-1:0] in_step,
    input  wire [     MU_WIDTH-1:0] in_mu,
    output wire                     out_valid,
    input  wire                     out_ready,
    output wire [LANES*W_WIDTH-1:0] out_w,
    output wire [        LANES-1:0] out_keep,
    output wire                     out_last,
    output wire [      LANES*5-1:0] out_flags,
    output wire [              4:0] out_step_flags,
    output wire [      O_WIDTH-1:0] out_residual
);
  localparam integer SR = 6;
  localparam integer BEATS = (DEPTH + LANES - 1) / LANES;
  localparam integer ROW_W = (ROWS > 1) ? $clog2(ROWS) : 1;
  localparam integer SLOTS = (ROWS < LANES) ? ROWS : LANES;  // lanes that rows take
  localparam integer SLOT_W = (SLOTS > 1) ? $clog2(SLOTS) : 1;
  localparam integer V_LANES = LANES * V_WIDTH;
  localparam integer ROW_ADDR_W = ADDR_W + ((ROWS > 1) ? ROW_W : 0);
  localparam [ADDR_W-1:0] ADDR_ONE = 1;
  localparam [ROW_W-1:0] ROW_ONE = 1;
  localparam [SLOT_W-1:0] SLOT_ONE = 1;
  localparam [SLOTS-1:0] LANE_ONE = 1;
  localparam integer SLOT_TOP = SLOTS - 1;
  localparam [SLOT_W-1:0] SLOT_MAX = SLOT_TOP[SLOT_W-1:0];

  generate
    if (LANES < 1 || LANES > 1024) begin : g_check_lanes
      $error("linear_step: LANES must be in 1..1024");
    end
    if (DEPTH < 1 || DEPTH > 1048576) begin : g_check_depth
      $error("linear_step: DEPTH must be in 1..1048576");
    end
    if (ROWS < 1 || ROWS > 4096) begin : g_check_rows
      $error("linear_step: ROWS must be in 1..4096");
    end
    if (G_KIND != W_KIND) begin : g_check_kind
      $error("linear_step: G_KIND must be W_KIND, the update takes one kind");
    end
    if (F_ORDER == 2 && F_ROUND == SR || B_ORDER == 2 && B_ROUND == SR && ROWS > 1) begin : g_check_tree
      $error("linear_step: a tree must not round stochastically");
    end
    if (G_ON == 0 && B_ORDER != 0) begin : g_check_gradient
      $error("linear_step: G_ON must be 1 unless B_ORDER is 0 (exact)");
    end
  endgenerate

  // A row goes forwards; its sum, then its residual, is rounded; after the last row the batch goes backwards, beat by beat.
  localparam [1:0] FORWARD = 2'd0, SUM = 2'd1, RESIDUAL = 2'd2, BACKWARD = 2'd3;
  reg [1:0] state_q;
  reg [ADDR_W-1:0] beat_q;  // the beat that comes next
  reg [ADDR_W-1:0] top_q;  // the last beat of a row, and its lanes
  reg [LANES-1:0] top_keep_q;
  reg [ROW_W-1:0] row_q;  // the row at hand, at last the last one
  reg [SLOT_W-1:0] slot_q;  // its lane: row_q mod LANES
  reg end_q;

  wire forward_ready, beat_valid, beat_ready;
  wire [1:0] forward_enable;
  assign load_ready = state_q == FORWARD && beat_q == {ADDR_W{1'b0}} && row_q == {ROW_W{1'b0}};
  wire loading = load_valid & load_ready;
  wire may_enter = state_q == FORWARD && !loading;
  assign in_ready = forward_ready & may_enter;
  wire accept = in_valid & in_ready;

  wire sum_valid;
  wire sum_taken = sum_valid && state_q == SUM;
  wire step_taken = out_valid & out_ready & out_last;
  always @(posedge clk)
    if (!rst_n) begin
      state_q <= FORWARD;
      beat_q  <= {ADDR_W{1'b0}};
      row_q   <= {ROW_W{1'b0}};
      slot_q  <= {SLOT_W{1'b0}};
    end else begin
      if (accept) begin
        beat_q <= in_last ? {ADDR_W{1'b0}} : beat_q + ADDR_ONE;
        if (in_last) state_q <= SUM;
      end
      if (sum_taken) state_q <= RESIDUAL;
      if (state_q == RESIDUAL) begin
        state_q <= end_q ? BACKWARD : FORWARD;
        if (!end_q) begin
          row_q  <= row_q + ROW_ONE;
          slot_q <= (slot_q == SLOT_MAX) ? {SLOT_W{1'b0}} : slot_q + SLOT_ONE;
        end
      end
      if (step_taken) begin
        state_q <= FORWARD;
        row_q   <= {ROW_W{1'b0}};
        slot_q  <= {SLOT_W{1'b0}};
      end
    end
  always @(posedge clk)
    if (accept) begin
      top_q      <= beat_q;
      top_keep_q <= in_keep;
      end_q      <= in_end;
    end

  // The lanes that a row's draw advances: its own, and in the last row those that the batch leaves unused.
  wire [SLOTS-1:0] own_lane = LANE_ONE << slot_q;
  wire [SLOTS-1:0] last_lanes = {SLOTS{1'b1}} << slot_q;

  // ---- The weights and the rows on chip. ----
  wire [LANES*W_WIDTH-1:0] w, new_w;
  wire [LANES*5-1:0] new_flags;
  wire [LANES*D_WIDTH-1:0] xq, row;
  wire [O_WIDTH-1:0] residual, row_residual;
  wire issue_enable, gradient_enable;
  reg [ADDR_W-1:0] issue_beat_q, gradient_beat_q, write_beat_q;
  reg [ROW_W-1:0] issue_row_q;
  wire gradient_taken;
  wire backward = state_q == BACKWARD;
  wire written = out_valid & out_ready;
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_weight
      ram_sync #(
          .W    (W_WIDTH),
          .DEPTH(BEATS)
      ) u_weights (
          .clk       (clk),
          .write     ((loading & load_write) | (written & out_keep[l])),
          .write_addr(backward ? write_beat_q : load_addr),
          .write_data(backward ? new_w[l*W_WIDTH+:W_WIDTH] : load_data[l*W_WIDTH+:W_WIDTH]),
          .read      (backward ? gradient_enable : (loading | forward_enable[0])),
          .read_addr (backward ? gradient_beat_q : loading ? load_addr : beat_q),
          .read_data (w[l*W_WIDTH+:W_WIDTH])
      );
    end
  endgenerate
  assign load_weights = w;

  wire [V_LANES-1:0] v, new_v;
  generate
    if (MOMENTUM == 1) begin : g_velocities
      for (l = 0; l < LANES; l = l + 1) begin : g_lane
        ram_sync #(
            .W    (V_WIDTH),
            .DEPTH(BEATS)
        ) u_velocities (
            .clk       (clk),
            .write     ((loading & load_write) | (written & out_keep[l])),
            .write_addr(backward ? write_beat_q : load_addr),
            .write_data(backward ? new_v[l*V_WIDTH+:V_WIDTH] : {V_WIDTH{1'b0}}),
            .read      (gradient_enable),
            .read_addr (gradient_beat_q),
            .read_data (v[l*V_WIDTH+:V_WIDTH])
        );
      end
    end else begin : g_no_velocities
      assign v = {V_LANES{1'b0}};
      wire _unused = &{1'b0, new_v};
    end
  endgenerate

  wire [ROW_W+ADDR_W-1:0] write_row = {row_q, beat_q};
  wire [ROW_W+ADDR_W-1:0] read_row = {issue_row_q, issue_beat_q};
  ram_sync #(
      .W    (LANES * D_WIDTH),
      .DEPTH(ROWS << ADDR_W)
  ) u_rows (
      .clk       (clk),
      .write     (accept),
      .write_addr(write_row[ROW_ADDR_W-1:0]),
      .write_data(xq),
      .read      (issue_enable),
      .read_addr (read_row[ROW_ADDR_W-1:0]),
      .read_data (row)
  );
  ram_sync #(
      .W    (O_WIDTH),
      .DEPTH(ROWS)
  ) u_residuals (
      .clk       (clk),
      .write     (state_q == RESIDUAL),
      .write_addr(row_q),
      .write_data(residual),
      .read      (issue_enable),
      .read_addr (issue_row_q),
      .read_data (row_residual)
  );

  // ---- Forwards: features quantized, weights read | weights quantized | dot product. ----
  stream_ranks #(
      .RANKS(2)
  ) u_forward (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid & may_enter),
      .in_ready (forward_ready),
      .out_valid(beat_valid),
      .out_ready(beat_ready),
      .enable   (forward_enable)
  );

  wire [LANES*D_RAND_BITS-1:0] d_rand;
  wire [LANES*5-1:0] d_flags;
  random_lanes #(
      .LANES(LANES),
      .BITS (D_RAND_BITS),
      .ON   ((D_ON == 1 && D_ROUND == SR) ? 1 : 0)
  ) u_d_rand (
      .clk      (clk),
      .rst_n    (rst_n),
      .load     (seed_valid && seed_number == 4'd0),
      .load_lane(seed_lane),
      .load_data(seed_data),
      .draw     ({LANES{accept}}),
      .bits     (d_rand)
  );
  exact_convert #(
      .LANES        (LANES),
      .ON           (D_ON),
      .S_KIND       (X_KIND),
      .S_WIDTH      (X_WIDTH),
      .S_EXP        (X_EXP),
      .S_FRAC       (X_FRAC),
      .S_BIAS       (X_BIAS),
      .S_FAMILY     (X_FAMILY),
      .S_DAZ        (X_DAZ),
      .KIND         (D_KIND),
      .WIDTH        (D_WIDTH),
      .EXP          (D_EXP),
      .FRAC         (D_FRAC),
      .BIAS         (D_BIAS),
      .FAMILY       (D_FAMILY),
      .SUBNORMALS   (D_SUBNORMALS),
      .ROUND        (D_ROUND),
      .RANGE        (D_RANGE),
      .RAND_BITS    (D_RAND_BITS)
  ) u_d (
      .in_code  (in_x),
      .in_rand  (d_rand),
      .out_code (xq),
      .out_flags(d_flags)
  );

  wire [SLOTS*L_RAND_BITS-1:0] l_rand;
  wire [L_WIDTH-1:0] label;
  wire [4:0] l_flags;
  random_lanes #(
      .LANES(SLOTS),
      .BITS (L_RAND_BITS),
      .ON   ((L_ON == 1 && L_ROUND == SR) ? 1 : 0)
  ) u_l_rand (
      .clk      (clk),
      .rst_n    (rst_n),
      .load     (seed_valid && seed_number == 4'd3),
      .load_lane(seed_lane),
      .load_data(seed_data),
      .draw     ({SLOTS{accept & in_last}} & (in_end ? last_lanes : own_lane)),
      .bits     (l_rand)
  );
  exact_convert #(
      .ON           (L_ON),
      .S_KIND       (Y_KIND),
      .S_WIDTH      (Y_WIDTH),
      .S_EXP        (Y_EXP),
      .S_FRAC       (Y_FRAC),
      .S_BIAS       (Y_BIAS),
      .S_FAMILY     (Y_FAMILY),
      .S_DAZ        (Y_DAZ),
      .KIND         (L_KIND),
      .WIDTH        (L_WIDTH),
      .EXP          (L_EXP),
      .FRAC         (L_FRAC),
      .BIAS         (L_BIAS),
      .FAMILY       (L_FAMILY),
      .SUBNORMALS   (L_SUBNORMALS),
      .ROUND        (L_ROUND),
      .RANGE        (L_RANGE),
      .RAND_BITS    (L_RAND_BITS)
  ) u_l (
      .in_code  (in_y),
      .in_rand  (l_rand[slot_q*L_RAND_BITS+:L_RAND_BITS]),
      .out_code (label),
      .out_flags(l_flags)
  );
  reg [L_WIDTH-1:0] label_q;
  reg [STEP_WIDTH-1:0] step_q;
  reg [MU_WIDTH-1:0] mu_q;
  always @(posedge clk)
    if (accept) begin
      label_q <= label;
      step_q  <= in_step;
      mu_q    <= in_mu;
    end

  // Rank 0.  A stochastic Qp draws in the first row; the other rows read what it gave.
  localparam integer P_KEPT = (P_ON == 1 && P_ROUND == SR && ROWS > 1) ? 1 : 0;
  wire [LANES*P_RAND_BITS-1:0] p_rand, p_rand0;
  wire [LANES*D_WIDTH-1:0] x0, x1;
  wire [LANES-1:0] keep0, keep1;
  wire valid0, first0, last0, end0, first1, last1, end1;
  wire in_first = beat_q == {ADDR_W{1'b0}};
  wire first_row = row_q == {ROW_W{1'b0}};
  random_lanes #(
      .LANES(LANES),
      .BITS (P_RAND_BITS),
      .ON   ((P_ON == 1 && P_ROUND == SR) ? 1 : 0)
  ) u_p_rand (
      .clk      (clk),
      .rst_n    (rst_n),
      .load     (seed_valid && seed_number == 4'd1),
      .load_lane(seed_lane),
      .load_data(seed_data),
      .draw     ({LANES{accept & first_row}}),
      .bits     (p_rand)
  );
  pipe_rank #(
      .W(LANES * (P_RAND_BITS + D_WIDTH + 1) + 4)
  ) u_rank0 (
      .clk   (clk),
      .enable(forward_enable[0]),
      .d     ({p_rand, xq, in_keep, in_first, in_last, in_end, accept}),
      .q     ({p_rand0, x0, keep0, first0, last0, end0, valid0})
  );

  // Rank 1.
  wire [LANES*P_WIDTH-1:0] p, p0, p1;
  wire [LANES*5-1:0] p_flags;
  wire [4:0] p_flags1;
  exact_convert #(
      .LANES        (LANES),
      .ON           (P_ON),
      .S_KIND       (W_KIND),
      .S_WIDTH      (W_WIDTH),
      .S_EXP        (W_EXP),
      .S_FRAC       (W_FRAC),
      .S_BIAS       (W_BIAS),
      .S_FAMILY     (W_FAMILY),
      .S_DAZ        (W_DAZ),
      .KIND         (P_KIND),
      .WIDTH        (P_WIDTH),
      .EXP          (P_EXP),
      .FRAC         (P_FRAC),
      .BIAS         (P_BIAS),
      .FAMILY       (P_FAMILY),
      .SUBNORMALS   (P_SUBNORMALS),
      .ROUND        (P_ROUND),
      .RANGE        (P_RANGE),
      .RAND_BITS    (P_RAND_BITS)
  ) u_p (
      .in_code  (w),
      .in_rand  (p_rand0),
      .out_code (p),
      .out_flags(p_flags)
  );
  generate
    if (P_KEPT == 1) begin : g_kept
      wire [LANES*P_WIDTH-1:0] kept;
      reg [ADDR_W-1:0] beat0_q;
      always @(posedge clk) if (forward_enable[0]) beat0_q <= beat_q;
      ram_sync #(
          .W    (LANES * P_WIDTH),
          .DEPTH(BEATS)
      ) u_parameters (
          .clk       (clk),
          .write     (forward_enable[1] & valid0 & first_row),
          .write_addr(beat0_q),
          .write_data(p),
          .read      (forward_enable[0]),
          .read_addr (beat_q),
          .read_data (kept)
      );
      assign p0 = first_row ? p : kept;
    end else begin : g_not_kept
      assign p0 = p;
      wire _unused = &{1'b0, valid0};
    end
  endgenerate
  pipe_rank #(
      .W(LANES * (D_WIDTH + P_WIDTH + 1) + 8)
  ) u_rank1 (
      .clk   (clk),
      .enable(forward_enable[1]),
      .d     ({x0, p0, keep0, first0, last0, end0, any_flags(p_flags, keep0 & {LANES{first_row}})}),
      .q     ({x1, p1, keep1, first1, last1, end1, p_flags1})
  );

  // Draws of the sum: one with the last beat, or one an element, gathered before their beat goes on.
  localparam integer F_DRAWS = (F_ORDER == 2) ? 2 * LANES - 1 + $clog2(BEATS) : LANES;
  wire sum_ready;
  wire [SLOTS*F_RAND_BITS-1:0] f_rand;
  wire [F_RAND_BITS-1:0] f_draw = f_rand[slot_q*F_RAND_BITS+:F_RAND_BITS];
  wire [F_DRAWS*F_RAND_BITS-1:0] f_draws;
  wire f_drawing, f_drawn;
  random_lanes #(
      .LANES(SLOTS),
      .BITS (F_RAND_BITS),
      .ON   ((F_ROUND == SR) ? 1 : 0)
  ) u_f_rand (
      .clk      (clk),
      .rst_n    (rst_n),
      .load     (seed_valid && seed_number == 4'd8),
      .load_lane(seed_lane),
      .load_data(seed_data),
      .draw     ({SLOTS{f_drawing}} & (end1 ? last_lanes : own_lane)),
      .bits     (f_rand)
  );
  generate
    if (F_ROUND == SR && F_ORDER == 1) begin : g_gather
      reg [LANES:0] turn_q;  // whose draw it is; the last bit: all are there
      reg [LANES*F_RAND_BITS-1:0] gathered_q;
      wire [(LANES+1)*F_RAND_BITS-1:0] gathering = {f_draw, gathered_q};
      assign f_drawn   = turn_q[LANES];
      assign f_drawing = beat_valid & (|(turn_q[LANES-1:0] & keep1));
      assign f_draws   = gathered_q;
      always @(posedge clk)
        if (!rst_n) turn_q <= {{LANES{1'b0}}, 1'b1};
        else if (beat_valid & (~f_drawn | sum_ready)) turn_q <= {turn_q[LANES-1:0], turn_q[LANES]};
      always @(posedge clk) if (beat_valid & ~f_drawn) gathered_q <= gathering[(LANES+1)*F_RAND_BITS-1:F_RAND_BITS];
      wire _unused = &{1'b0, gathering[F_RAND_BITS-1:0]};
    end else begin : g_at_once
      assign f_drawn   = 1'b1;
      assign f_drawing = beat_valid & sum_ready & last1;
      assign f_draws   = {F_DRAWS{f_draw}};
    end
  endgenerate
  assign beat_ready = sum_ready & f_drawn;

  wire [F_WIDTH-1:0] sum;
  wire [4:0] sum_flags;
  dot_product #(
      .LANES        (LANES),
      .ORDER        (F_ORDER),
      .MAX_LENGTH   (DEPTH),
      .A_KIND       (D_KIND),
      .A_WIDTH      (D_WIDTH),
      .A_EXP        (D_EXP),
      .A_FRAC       (D_FRAC),
      .A_BIAS       (D_BIAS),
      .A_FAMILY     (D_FAMILY),
      .A_DAZ        (D_DAZ),
      .B_KIND       (P_KIND),
      .B_WIDTH      (P_WIDTH),
      .B_EXP        (P_EXP),
      .B_FRAC       (P_FRAC),
      .B_BIAS       (P_BIAS),
      .B_FAMILY     (P_FAMILY),
      .B_DAZ        (P_DAZ),
      .KIND         (F_KIND),
      .WIDTH        (F_WIDTH),
      .EXP          (F_EXP),
      .FRAC         (F_FRAC),
      .BIAS         (F_BIAS),
      .FAMILY       (F_FAMILY),
      .SUBNORMALS   (F_SUBNORMALS),
      .DAZ          (F_DAZ),
      .ROUND        (F_ROUND),
      .RANGE        (F_RANGE),
      .RAND_BITS    (F_RAND_BITS)
  ) u_sum (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (beat_valid & f_drawn),
      .in_ready (sum_ready),
      .in_a     (x1),
      .in_b     (p1),
      .in_first (first1),
      .in_last  (last1),
      .in_keep  (keep1),
      .in_rand  (f_draws),
      .out_valid(sum_valid),
      .out_ready(state_q == SUM),
      .out_y    (sum),
      .out_flags(sum_flags)
  );

  // ---- The row's activation and residual. ----
  wire [SLOTS*A_RAND_BITS-1:0] a_rand;
  wire [A_WIDTH-1:0] activation;
  wire [4:0] a_flags;
  random_lanes #(
      .LANES(SLOTS),
      .BITS (A_RAND_BITS),
      .ON   ((A_ON == 1 && A_ROUND == SR) ? 1 : 0)
  ) u_a_rand (
      .clk      (clk),
      .rst_n    (rst_n),
      .load     (seed_valid && seed_number == 4'd2),
      .load_lane(seed_lane),
      .load_data(seed_data),
      .draw     ({SLOTS{sum_taken}} & (end_q ? last_lanes : own_lane)),
      .bits     (a_rand)
  );
  exact_convert #(
      .ON           (A_ON),
      .S_KIND       (F_KIND),
      .S_WIDTH      (F_WIDTH),
      .S_EXP        (F_EXP),
      .S_FRAC       (F_FRAC),
      .S_BIAS       (F_BIAS),
      .S_FAMILY     (F_FAMILY),
      .S_DAZ        (F_DAZ),
      .KIND         (A_KIND),
      .WIDTH        (A_WIDTH),
      .EXP          (A_EXP),
      .FRAC         (A_FRAC),
      .BIAS         (A_BIAS),
      .FAMILY       (A_FAMILY),
      .SUBNORMALS   (A_SUBNORMALS),
      .ROUND        (A_ROUND),
      .RANGE        (A_RANGE),
      .RAND_BITS    (A_RAND_BITS)
  ) u_a (
      .in_code  (sum),
      .in_rand  (a_rand[slot_q*A_RAND_BITS+:A_RAND_BITS]),
      .out_code (activation),
      .out_flags(a_flags)
  );
  reg [A_WIDTH-1:0] activation_q;
  always @(posedge clk) if (sum_taken) activation_q <= activation;

  wire [SLOTS*O_RAND_BITS-1:0] o_rand;
  wire [4:0] o_flags;
  random_lanes #(
      .LANES(SLOTS),
      .BITS (O_RAND_BITS),
      .ON   ((O_ROUND == SR) ? 1 : 0)
  ) u_o_rand (
      .clk      (clk),
      .rst_n    (rst_n),
      .load     (seed_valid && seed_number == 4'd4),
      .load_lane(seed_lane),
      .load_data(seed_data),
      .draw     ({SLOTS{state_q == RESIDUAL}} & (end_q ? last_lanes : own_lane)),
      .bits     (o_rand)
  );
  exact_difference #(
      .A_KIND       (L_KIND),
      .A_WIDTH      (L_WIDTH),
      .A_EXP        (L_EXP),
      .A_FRAC       (L_FRAC),
      .A_BIAS       (L_BIAS),
      .A_FAMILY     (L_FAMILY),
      .A_DAZ        (L_DAZ),
      .B_KIND       (A_KIND),
      .B_WIDTH      (A_WIDTH),
      .B_EXP        (A_EXP),
      .B_FRAC       (A_FRAC),
      .B_BIAS       (A_BIAS),
      .B_FAMILY     (A_FAMILY),
      .B_DAZ        (A_DAZ),
      .KIND         (O_KIND),
      .WIDTH        (O_WIDTH),
      .EXP          (O_EXP),
      .FRAC         (O_FRAC),
      .BIAS         (O_BIAS),
      .FAMILY       (O_FAMILY),
      .SUBNORMALS   (O_SUBNORMALS),
      .ROUND        (O_ROUND),
      .RANGE        (O_RANGE),
      .RAND_BITS    (O_RAND_BITS)
  ) u_o (
      .in_a     (label_q),
      .in_b     (activation_q),
      .in_rand  (o_rand[slot_q*O_RAND_BITS+:O_RAND_BITS]),
      .out_code (residual),
      .out_flags(o_flags)
  );

  reg [O_WIDTH-1:0] residual_q;
  always @(posedge clk) if (state_q == RESIDUAL) residual_q <= residual;
  assign out_residual = residual_q;

  // ---- Backwards: rows read | one dot product a lane, over the rows | gradient quantized, weights read | update. ----
  reg issuing_q;
  wire issue_ready, issued_valid, issued_ready;
  wire issue_end = issue_row_q == row_q;
  stream_ranks #(
      .RANKS(1)
  ) u_issue (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (issuing_q),
      .in_ready (issue_ready),
      .out_valid(issued_valid),
      .out_ready(issued_ready),
      .enable   (issue_enable)
  );
  always @(posedge clk)
    if (!rst_n) issuing_q <= 1'b0;
    else if (state_q == RESIDUAL) issuing_q <= end_q;
    else if (issuing_q & issue_ready & issue_end) issuing_q <= issue_beat_q != top_q;
  always @(posedge clk)
    if (!backward) begin
      issue_beat_q    <= {ADDR_W{1'b0}};
      issue_row_q     <= {ROW_W{1'b0}};
      gradient_beat_q <= {ADDR_W{1'b0}};
      write_beat_q    <= {ADDR_W{1'b0}};
    end else begin
      if (issuing_q & issue_ready) begin
        issue_row_q <= issue_end ? {ROW_W{1'b0}} : issue_row_q + ROW_ONE;
        if (issue_end) issue_beat_q <= issue_beat_q + ADDR_ONE;
      end
      if (gradient_taken) gradient_beat_q <= gradient_beat_q + ADDR_ONE;
      if (written) write_beat_q <= write_beat_q + ADDR_ONE;
    end
  wire issued_first, issued_last;
  pipe_rank #(
      .W(2)
  ) u_issued (
      .clk   (clk),
      .enable(issue_enable),
      .d     ({issue_row_q == {ROW_W{1'b0}}, issue_end}),
      .q     ({issued_first, issued_last})
  );

  localparam integer B_DRAWS = (B_ORDER == 2) ? 1 + $clog2(ROWS) : 1;
  wire [LANES*B_RAND_BITS-1:0] b_rand;
  wire [LANES*B_WIDTH-1:0] b;
  wire [LANES*5-1:0] b_flags;
  wire [LANES-1:0] b_ready, b_valid;  // the lanes go in step
  wire gradient_ready;
  assign issued_ready = b_ready[0];
  assign gradient_taken = b_valid[0] & gradient_ready;
  random_lanes #(
      .LANES(LANES),
      .BITS (B_RAND_BITS),
      .ON   ((B_ROUND == SR) ? 1 : 0)
  ) u_b_rand (
      .clk      (clk),
      .rst_n    (rst_n),
      .load     (seed_valid && seed_number == 4'd9),
      .load_lane(seed_lane),
      .load_data(seed_data),
      .draw     ({LANES{issued_valid & issued_ready & (issued_last | (B_ORDER != 0))}}),
      .bits     (b_rand)
  );
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_back
      dot_product #(
          .LANES        (1),
          .ORDER        (B_ORDER),
          .MAX_LENGTH   (ROWS),
          .NEGATE       ((G_ON == 0) ? 1 : 0),
          .A_KIND       (D_KIND),
          .A_WIDTH      (D_WIDTH),
          .A_EXP        (D_EXP),
          .A_FRAC       (D_FRAC),
          .A_BIAS       (D_BIAS),
          .A_FAMILY     (D_FAMILY),
          .A_DAZ        (D_DAZ),
          .B_KIND       (O_KIND),
          .B_WIDTH      (O_WIDTH),
          .B_EXP        (O_EXP),
          .B_FRAC       (O_FRAC),
          .B_BIAS       (O_BIAS),
          .B_FAMILY     (O_FAMILY),
          .B_DAZ        (O_DAZ),
          .KIND         (B_KIND),
          .WIDTH        (B_WIDTH),
          .EXP          (B_EXP),
          .FRAC         (B_FRAC),
          .BIAS         (B_BIAS),
          .FAMILY       (B_FAMILY),
          .SUBNORMALS   (B_SUBNORMALS),
          .DAZ          (B_DAZ),
          .ROUND        (B_ROUND),
          .RANGE        (B_RANGE),
          .RAND_BITS    (B_RAND_BITS)
      ) u_sum (
          .clk      (clk),
          .rst_n    (rst_n),
          .in_valid (issued_valid),
          .in_ready (b_ready[l]),
          .in_a     (row[l*D_WIDTH+:D_WIDTH]),
          .in_b     (row_residual),
          .in_first (issued_first),
          .in_last  (issued_last),
          .in_keep  (1'b1),
          .in_rand  ({B_DRAWS{b_rand[l*B_RAND_BITS+:B_RAND_BITS]}}),
          .out_valid(b_valid[l]),
          .out_ready(gradient_ready),
          .out_y    (b[l*B_WIDTH+:B_WIDTH]),
          .out_flags(b_flags[l*5+:5])
      );
    end
  endgenerate

  wire [LANES*G_RAND_BITS-1:0] g_rand;
  wire [LANES*G_WIDTH-1:0] g, g1;
  wire [LANES*5-1:0] g_flags;
  random_lanes #(
      .LANES(LANES),
      .BITS (G_RAND_BITS),
      .ON   ((G_ON == 1 && G_ROUND == SR) ? 1 : 0)
  ) u_g_rand (
      .clk      (clk),
      .rst_n    (rst_n),
      .load     (seed_valid && seed_number == 4'd5),
      .load_lane(seed_lane),
      .load_data(seed_data),
      .draw     ({LANES{gradient_taken}}),
      .bits     (g_rand)
  );
  exact_convert #(
      .LANES        (LANES),
      .ON           (G_ON),
      .NEGATE       (1),
      .S_KIND       (B_KIND),
      .S_WIDTH      (B_WIDTH),
      .S_EXP        (B_EXP),
      .S_FRAC       (B_FRAC),
      .S_BIAS       (B_BIAS),
      .S_FAMILY     (B_FAMILY),
      .S_DAZ        (B_DAZ),
      .KIND         (G_KIND),
      .WIDTH        (G_WIDTH),
      .EXP          (G_EXP),
      .FRAC         (G_FRAC),
      .BIAS         (G_BIAS),
      .FAMILY       (G_FAMILY),
      .SUBNORMALS   (G_SUBNORMALS),
      .ROUND        (G_ROUND),
      .RANGE        (G_RANGE),
      .RAND_BITS    (G_RAND_BITS)
  ) u_g (
      .in_code  (b),
      .in_rand  (g_rand),
      .out_code (g),
      .out_flags(g_flags)
  );
  wire gradient_valid, update_ready;
  stream_ranks #(
      .RANKS(1)
  ) u_gradient (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (b_valid[0]),
      .in_ready (gradient_ready),
      .out_valid(gradient_valid),
      .out_ready(update_ready),
      .enable   (gradient_enable)
  );
  pipe_rank #(
      .W(LANES * G_WIDTH)
  ) u_gradients (
      .clk   (clk),
      .enable(gradient_enable),
      .d     (g),
      .q     (g1)
  );

  // The update's streams: of the weights, of its products, of the velocities.
  localparam integer TWICE = 2 * LANES;
  wire update_seed = seed_number == 4'd7 || seed_number == 4'd6 || seed_number == 4'd12;
  wire [15:0] update_lane = seed_lane + ((seed_number == 4'd7) ? 16'd0 : (seed_number == 4'd6) ? LANES[15:0] : TWICE[15:0]);
  sgd_update #(
      .LANES        (LANES),
      .KIND         (W_KIND),
      .W_WIDTH      (W_WIDTH),
      .W_EXP        (W_EXP),
      .W_FRAC       (W_FRAC),
      .W_BIAS       (W_BIAS),
      .W_FAMILY     (W_FAMILY),
      .W_SUBNORMALS (W_SUBNORMALS),
      .W_DAZ        (W_DAZ),
      .G_WIDTH      (G_WIDTH),
      .G_EXP        (G_EXP),
      .G_FRAC       (G_FRAC),
      .G_BIAS       (G_BIAS),
      .G_FAMILY     (G_FAMILY),
      .G_DAZ        (G_DAZ),
      .FUSED        (FUSED),
      .P_WIDTH      (U_WIDTH),
      .P_EXP        (U_EXP),
      .P_FRAC       (U_FRAC),
      .P_BIAS       (U_BIAS),
      .P_FAMILY     (U_FAMILY),
      .P_SUBNORMALS (U_SUBNORMALS),
      .P_DAZ        (U_DAZ),
      .P_ROUND      (U_ROUND),
      .P_RANGE      (U_RANGE),
      .P_RAND_BITS  (U_RAND_BITS),
      .ROUND        (W_ROUND),
      .RANGE        (W_RANGE),
      .RAND_BITS    (W_RAND_BITS),
      .STEP_WIDTH   (STEP_WIDTH),
      .STEP_FRAC    (STEP_FRAC),
      .MOMENTUM     (MOMENTUM),
      .V_WIDTH      (V_WIDTH),
      .V_EXP        (V_EXP),
      .V_FRAC       (V_FRAC),
      .V_BIAS       (V_BIAS),
      .V_FAMILY     (V_FAMILY),
      .V_SUBNORMALS (V_SUBNORMALS),
      .V_DAZ        (V_DAZ),
      .V_ROUND      (V_ROUND),
      .V_RANGE      (V_RANGE),
      .V_RAND_BITS  (V_RAND_BITS),
      .MU_WIDTH     (MU_WIDTH),
      .MU_FRAC      (MU_FRAC)
  ) u_update (
      .clk       (clk),
      .rst_n     (rst_n),
      .seed_valid(seed_valid & update_seed & {16'd0, seed_lane} < LANES),
      .seed_lane (update_lane),
      .seed_data (seed_data),
      .in_valid  (gradient_valid),
      .in_ready  (update_ready),
      .in_w      (w),
      .in_g      (g1),
      .in_step   (step_q),
      .in_v      (v),
      .in_mu     (mu_q),
      .out_valid (out_valid),
      .out_ready (out_ready),
      .out_w     (new_w),
      .out_flags (new_flags),
      .out_v     (new_v)
  );
  assign out_last = write_beat_q == top_q;
  assign out_keep = out_last ? top_keep_q : {LANES{1'b1}};
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_out
      assign out_w[l*W_WIDTH+:W_WIDTH] = out_keep[l] ? new_w[l*W_WIDTH+:W_WIDTH] : {W_WIDTH{1'b0}};
      assign out_flags[l*5+:5]         = out_keep[l] ? new_flags[l*5+:5] : 5'd0;
    end
  endgenerate

  // ---- Flags of all but the update. ----
  function [4:0] any_flags(input [LANES*5-1:0] flags, input [LANES-1:0] keep);
    integer k;
    begin
      any_flags = 5'd0;
      for (k = 0; k < LANES; k = k + 1) if (keep[k]) any_flags = any_flags | flags[k*5+:5];
    end
  endfunction
  wire [LANES-1:0] gradient_keep = (gradient_beat_q == top_q) ? top_keep_q : {LANES{1'b1}};
  reg [4:0] flags_q;
  always @(posedge clk)
    if (!rst_n | step_taken) flags_q <= 5'd0;
    else
      flags_q <= flags_q
        | (accept ? any_flags(d_flags, in_keep) | (in_last ? l_flags : 5'd0) : 5'd0)
        | (beat_valid & beat_ready ? p_flags1 : 5'd0)
        | (sum_taken ? sum_flags | a_flags : 5'd0)
        | (state_q == RESIDUAL ? o_flags : 5'd0)
        | (gradient_taken ? any_flags(b_flags | g_flags, gradient_keep) : 5'd0);
  assign out_step_flags = out_last ? flags_q : 5'd0;
  wire _unused = &{1'b0, b_ready, b_valid, write_row, read_row};
endmodule
`default_nettype wire
