// dot_product: the sum over j of a[j] * b[j], LANES products a beat, through an accumulator.
//
//   in_a, in_b   LANES codes each, lane l at [l*WIDTH +: WIDTH]
//   in_first, in_last   the first and the last beat of a vector (both in a vector of one beat); MAX_LENGTH elements at most
//   in_keep      bit l: lane l holds an element.  Elements fill a beat from lane 0, and every beat but the last is full.
//                A lane that is not kept adds nothing and rounds nothing; its codes are not read
//   in_rand      DRAWS draws of RAND_BITS, read only if ROUND = 6: see ORDER
//   out_y        one word a vector, when its last beat is through
//   out_flags    {invalid, div0, overflow, underflow, inexact}: the union of all roundings of the vector
//
//   ORDER        0 exact: all products are summed in a fixed-point register and rounded once, with draw 0 of the last beat
//                1 sequential: s = Q(s + a*b) in index order from s = +0, with draw l for lane l; one product a clock
//                2 tree of fan-in 2: each product is rounded (draw l for lane l), then neighbours are added and rounded
//                  level by level, an odd one passed on.  Draws LANES.. 2*LANES-2: the nodes inside a beat, level by level;
//                  then one for each level above, used if that beat completes a node there.  LANES is a power of two
//   *_KIND       0 fixed point: *_WIDTH, *_FRAC; *_EXP, *_BIAS, *_FAMILY, *_SUBNORMALS, *_DAZ are unread
//                1 float: *_WIDTH = 1 + *_EXP + *_FRAC; *_FAMILY 0 ieee, 1 fn, 2 fnuz, 3 finite, 4 p3109, 5 p3109sf
//   ROUND RANGE RAND_BITS   of the result and of every partial sum, as in sgd_update
//   NEGATE       1: the exact sum is negated before it is rounded; ORDER = 0 only
//   DRAWS        follows from the others and is not to be set
//
// The exact register of a float pair holds every product: about 2^A_EXP + 2^B_EXP bits and log2 of MAX_LENGTH more, 578
// at most; longer vectors wrap it.  The other orders align each sum exactly, in at most 640 bits, which the biases decide.
// An exact sum of zero is +0.
//
// Latency from the last beat, II: exact 4, one beat a clock; sequential 2 + the beat's elements, a beat as many clocks as
// it has elements; tree 3 + log2 of LANES + the levels above, one beat a clock.  Java twin: DotUnit.
`default_nettype none
module dot_product #(
    parameter integer LANES      = 4,
    parameter integer ORDER      = 0,
    parameter integer MAX_LENGTH = 256,
    parameter integer A_KIND     = 0,
    parameter integer A_WIDTH    = 8,
    parameter integer A_EXP      = 4,
    parameter integer A_FRAC     = 4,
    parameter integer A_BIAS     = 7,
    parameter integer A_FAMILY   = 0,
    parameter integer A_DAZ      = 0,
    parameter integer B_KIND     = 0,
    parameter integer B_WIDTH    = 8,
    parameter integer B_EXP      = 4,
    parameter integer B_FRAC     = 4,
    parameter integer B_BIAS     = 7,
    parameter integer B_FAMILY   = 0,
    parameter integer B_DAZ      = 0,
    parameter integer KIND       = 0,
    parameter integer WIDTH      = 16,
    parameter integer EXP        = 8,
    parameter integer FRAC       = 8,
    parameter integer BIAS       = 127,
    parameter integer FAMILY     = 0,
    parameter integer SUBNORMALS = 1,
    parameter integer DAZ        = 0,
    parameter integer ROUND      = 0,
    parameter integer RANGE      = 3,
    parameter integer RAND_BITS  = 1,
    parameter integer NEGATE     = 0,
    parameter integer DRAWS      = (ORDER == 2) ? 2 * LANES - 1 + $clog2((MAX_LENGTH + LANES - 1) / LANES) : LANES
) (
    input  wire                       clk,
    input  wire                       rst_n,
    input  wire                       in_valid,
    output wire                       in_ready,
    input  wire [  LANES*A_WIDTH-1:0] in_a,
    input  wire [  LANES*B_WIDTH-1:0] in_b,
    input  wire                       in_first,
    input  wire                       in_last,
    input  wire [          LANES-1:0] in_keep,
    input  wire [DRAWS*RAND_BITS-1:0] in_rand,
    output wire                       out_valid,
    input  wire                       out_ready,
    output wire [          WIDTH-1:0] out_y,
    output wire [                4:0] out_flags
);
  // A product and its last place; the accumulator's codes as exact numbers.
  localparam integer P_W = ((A_KIND == 1) ? A_FRAC + (1 << A_EXP) : A_WIDTH)
                         + ((B_KIND == 1) ? B_FRAC + (1 << B_EXP) : B_WIDTH);
  localparam integer P_F = ((A_KIND == 1) ? A_BIAS - 1 + A_FRAC : A_FRAC) + ((B_KIND == 1) ? B_BIAS - 1 + B_FRAC : B_FRAC);
  localparam integer S_W = (KIND == 1) ? FRAC + (1 << EXP) : WIDTH;
  localparam integer S_F = (KIND == 1) ? BIAS - 1 + FRAC : FRAC;

  // |each product| <= 2^(P_W-2) for fixed operands of their smallest value and floats, so ACC_W bits hold MAX_LENGTH of them.
  localparam integer ACC_W = P_W + $clog2(MAX_LENGTH);

  generate
    if (LANES < 1 || LANES > 1024) begin : g_check_lanes
      $error("dot_product: LANES must be in 1..1024");
    end
    if (ORDER < 0 || ORDER > 2) begin : g_check_order
      $error("dot_product: ORDER must be 0 (exact), 1 (sequential) or 2 (tree)");
    end
    if (ORDER == 2 && (LANES & (LANES - 1)) != 0) begin : g_check_tree
      $error("dot_product: LANES of a tree must be a power of two");
    end
    if (MAX_LENGTH < 1 || MAX_LENGTH > 1048576) begin : g_check_length
      $error("dot_product: MAX_LENGTH must be in 1..1048576");
    end
    if (A_KIND < 0 || A_KIND > 1 || B_KIND < 0 || B_KIND > 1 || KIND < 0 || KIND > 1) begin : g_check_kind
      $error("dot_product: A_KIND, B_KIND and KIND must be 0 (fixed) or 1 (float)");
    end
    if (A_WIDTH < 2 || A_WIDTH > 32 || B_WIDTH < 2 || B_WIDTH > 32 || WIDTH < 2 || WIDTH > 32) begin : g_check_width
      $error("dot_product: A_WIDTH, B_WIDTH and WIDTH must be in 2..32");
    end
    if ((A_KIND == 1 && (A_EXP < 1 || A_EXP > 8)) || (B_KIND == 1 && (B_EXP < 1 || B_EXP > 8)) || (KIND == 1 && (EXP < 1 || EXP > 8)))
    begin : g_check_exp
      $error("dot_product: A_EXP, B_EXP and EXP of floats must be in 1..8");
    end
    if (RAND_BITS < 1 || RAND_BITS > 32) begin : g_check_rand
      $error("dot_product: RAND_BITS must be in 1..32");
    end
    if (NEGATE < 0 || NEGATE > 1 || (NEGATE == 1 && ORDER != 0)) begin : g_check_negate
      $error("dot_product: NEGATE must be 0 or 1, and 0 unless ORDER is 0");
    end
  endgenerate

  genvar l;
  generate
    if (ORDER == 1) begin : g_sequential
      // Hold: a beat whose lane 0 is the element at hand; the others follow by shifting.
      reg hold_valid_q;
      reg [LANES*A_WIDTH-1:0] a_q;
      reg [LANES*B_WIDTH-1:0] b_q;
      reg [LANES-1:0] keep_q;
      reg first_q, last_q;
      reg [LANES*RAND_BITS-1:0] rand_q;
      // Product: registered.  Sum: s_q, complete when done_q.
      reg product_valid_q, product_first_q, product_last_q, product_keep_q;
      reg done_q;
      wire enable_sum = ~done_q | out_ready;
      wire enable_product = enable_sum | ~product_valid_q;
      wire [LANES-1:0] keep_next = keep_q >> 1;
      wire more = |keep_next;
      wire take = in_valid & in_ready;
      assign in_ready  = ~hold_valid_q | (enable_product & ~more);
      assign out_valid = done_q;

      always @(posedge clk)
        if (!rst_n) begin
          hold_valid_q    <= 1'b0;
          product_valid_q <= 1'b0;
          done_q          <= 1'b0;
        end else begin
          hold_valid_q <= take | (hold_valid_q & ~(enable_product & ~more));
          if (enable_product) product_valid_q <= hold_valid_q;
          if (enable_sum) done_q <= product_valid_q & product_last_q;
        end
      always @(posedge clk)
        if (take) begin
          a_q     <= in_a;
          b_q     <= in_b;
          keep_q  <= in_keep;
          first_q <= in_first;
          last_q  <= in_last;
          rand_q  <= in_rand;
        end else if (enable_product) begin
          a_q     <= a_q >> A_WIDTH;
          b_q     <= b_q >> B_WIDTH;
          keep_q  <= keep_next;
          first_q <= 1'b0;
          rand_q  <= rand_q >> RAND_BITS;
        end

      wire signed [P_W-1:0] p;
      wire p_sign, p_nan, p_invalid, p_inf;
      exact_product #(
          .A_KIND  (A_KIND),
          .A_WIDTH (A_WIDTH),
          .A_EXP   (A_EXP),
          .A_FRAC  (A_FRAC),
          .A_FAMILY(A_FAMILY),
          .A_DAZ   (A_DAZ),
          .B_KIND  (B_KIND),
          .B_WIDTH (B_WIDTH),
          .B_EXP   (B_EXP),
          .B_FRAC  (B_FRAC),
          .B_FAMILY(B_FAMILY),
          .B_DAZ   (B_DAZ)
      ) u_product (
          .in_a       (a_q[A_WIDTH-1:0]),
          .in_b       (b_q[B_WIDTH-1:0]),
          .out_value  (p),
          .out_sign   (p_sign),
          .out_nan    (p_nan),
          .out_invalid(p_invalid),
          .out_inf    (p_inf)
      );
      reg signed [P_W-1:0] p_q;
      reg p_sign_q, p_nan_q, p_invalid_q, p_inf_q;
      reg [RAND_BITS-1:0] product_rand_q;
      always @(posedge clk)
        if (enable_product) begin
          p_q             <= p;
          p_sign_q        <= p_sign;
          p_nan_q         <= p_nan;
          p_invalid_q     <= p_invalid;
          p_inf_q         <= p_inf;
          product_keep_q  <= keep_q[0];
          product_first_q <= first_q;
          product_last_q  <= last_q & ~more;
          product_rand_q  <= rand_q[RAND_BITS-1:0];
        end

      reg [WIDTH-1:0] s_q;
      reg [4:0] flags_q;
      wire [WIDTH-1:0] s = product_first_q ? {WIDTH{1'b0}} : s_q;  // code 0 is +0
      wire [4:0] flags_before = product_first_q ? 5'd0 : flags_q;
      wire signed [S_W-1:0] s_value;
      wire s_sign, s_nan, s_snan, s_inf;
      exact_value #(
          .KIND  (KIND),
          .WIDTH (WIDTH),
          .EXP   (EXP),
          .FRAC  (FRAC),
          .FAMILY(FAMILY),
          .DAZ   (DAZ)
      ) u_value (
          .in_code  (s),
          .out_value(s_value),
          .out_sign (s_sign),
          .out_nan  (s_nan),
          .out_snan (s_snan),
          .out_inf  (s_inf)
      );
      wire [WIDTH-1:0] rounded;
      wire [4:0] flags;
      exact_sum #(
          .X_W       (S_W),
          .X_F       (S_F),
          .Y_W       (P_W),
          .Y_F       (P_F),
          .KIND      (KIND),
          .WIDTH     (WIDTH),
          .EXP       (EXP),
          .FRAC      (FRAC),
          .BIAS      (BIAS),
          .FAMILY    (FAMILY),
          .SUBNORMALS(SUBNORMALS),
          .ROUND     (ROUND),
          .RANGE     (RANGE),
          .RAND_BITS (RAND_BITS)
      ) u_sum (
          .in_x        (s_value),
          .in_x_sign   (s_sign),
          .in_x_nan    (s_nan),
          .in_x_invalid(s_snan),
          .in_x_inf    (s_inf),
          .in_y        (p_q),
          .in_y_sign   (p_sign_q),
          .in_y_nan    (p_nan_q),
          .in_y_invalid(p_invalid_q),
          .in_y_inf    (p_inf_q),
          .in_rand     (product_rand_q),
          .out_code    (rounded),
          .out_flags   (flags)
      );
      always @(posedge clk)
        if (enable_sum & product_valid_q) begin
          s_q     <= product_keep_q ? rounded : s;
          flags_q <= product_keep_q ? flags | flags_before : flags_before;
        end
      assign out_y     = s_q;
      assign out_flags = flags_q;

    end else if (ORDER == 0) begin : g_exact
      // Ranks: products | their sum | accumulator, complete when done_q | rounded.
      reg product_valid_q, beat_valid_q, done_q, out_valid_q;
      wire enable_out = ~out_valid_q | out_ready;
      wire enable_acc = ~done_q | enable_out;
      wire enable_beat = ~beat_valid_q | enable_acc;
      wire enable_product = ~product_valid_q | enable_beat;
      reg product_first_q, product_last_q, beat_first_q, beat_last_q;
      assign in_ready  = enable_product;
      assign out_valid = out_valid_q;
      always @(posedge clk)
        if (!rst_n) begin
          product_valid_q <= 1'b0;
          beat_valid_q    <= 1'b0;
          done_q          <= 1'b0;
          out_valid_q     <= 1'b0;
        end else begin
          if (enable_product) product_valid_q <= in_valid;
          if (enable_beat) beat_valid_q <= product_valid_q;
          if (enable_acc) done_q <= beat_valid_q & beat_last_q;
          if (enable_out) out_valid_q <= done_q;
        end

      wire [LANES*P_W-1:0] products;
      wire [LANES-1:0] nans, invalids, plus_infs, minus_infs;
      for (l = 0; l < LANES; l = l + 1) begin : g_lane
        wire signed [P_W-1:0] p;
        wire p_sign, p_nan, p_invalid, p_inf;
        exact_product #(
            .A_KIND  (A_KIND),
            .A_WIDTH (A_WIDTH),
            .A_EXP   (A_EXP),
            .A_FRAC  (A_FRAC),
            .A_FAMILY(A_FAMILY),
            .A_DAZ   (A_DAZ),
            .B_KIND  (B_KIND),
            .B_WIDTH (B_WIDTH),
            .B_EXP   (B_EXP),
            .B_FRAC  (B_FRAC),
            .B_FAMILY(B_FAMILY),
            .B_DAZ   (B_DAZ)
        ) u_product (
            .in_a       (in_a[l*A_WIDTH+:A_WIDTH]),
            .in_b       (in_b[l*B_WIDTH+:B_WIDTH]),
            .out_value  (p),
            .out_sign   (p_sign),
            .out_nan    (p_nan),
            .out_invalid(p_invalid),
            .out_inf    (p_inf)
        );
        assign products[l*P_W+:P_W] = in_keep[l] ? p : {P_W{1'b0}};
        assign nans[l]       = in_keep[l] & p_nan;
        assign invalids[l]   = in_keep[l] & p_invalid;
        assign plus_infs[l]  = in_keep[l] & p_inf & ~p_sign;
        assign minus_infs[l] = in_keep[l] & p_inf & p_sign;
      end

      reg [LANES*P_W-1:0] products_q;
      reg [3:0] product_special_q, beat_special_q, special_q;  // {nan, invalid, +Inf, -Inf} among the terms
      reg [RAND_BITS-1:0] product_rand_q, beat_rand_q, rand_q;
      always @(posedge clk) begin
        if (enable_product) begin
          products_q        <= products;
          product_special_q <= {|nans, |invalids, |plus_infs, |minus_infs};
          product_first_q   <= in_first;
          product_last_q    <= in_last;
          product_rand_q    <= in_rand[RAND_BITS-1:0];
        end
      end

      reg signed [ACC_W-1:0] beat_sum;
      integer k;
      always @* begin
        beat_sum = {ACC_W{1'b0}};
        for (k = 0; k < LANES; k = k + 1)
          beat_sum = beat_sum + {{(ACC_W - P_W) {products_q[k*P_W+P_W-1]}}, products_q[k*P_W+:P_W]};
      end
      reg signed [ACC_W-1:0] beat_q, acc_q;
      always @(posedge clk) begin
        if (enable_beat) begin
          beat_q         <= beat_sum;
          beat_special_q <= product_special_q;
          beat_first_q   <= product_first_q;
          beat_last_q    <= product_last_q;
          beat_rand_q    <= product_rand_q;
        end
        if (enable_acc & beat_valid_q) begin
          acc_q     <= beat_q + (beat_first_q ? {ACC_W{1'b0}} : acc_q);
          special_q <= beat_special_q | (beat_first_q ? 4'd0 : special_q);
          rand_q    <= beat_rand_q;
        end
      end

      wire clash = special_q[1] & special_q[0] & ~special_q[3];
      wire [WIDTH-1:0] rounded;
      wire [4:0] flags;
      exact_round #(
          .IN_W      (ACC_W),
          .IN_F      (P_F),
          .KIND      (KIND),
          .WIDTH     (WIDTH),
          .EXP       (EXP),
          .FRAC      (FRAC),
          .BIAS      (BIAS),
          .FAMILY    (FAMILY),
          .SUBNORMALS(SUBNORMALS),
          .ROUND     (ROUND),
          .RANGE     (RANGE),
          .RAND_BITS (RAND_BITS)
      ) u_round (
          .in_value  ((NEGATE != 0) ? -acc_q : acc_q),
          .in_sign   (special_q[0] ^ (NEGATE != 0)),
          .in_nan    (special_q[3] | clash),
          .in_inf    (special_q[1] | special_q[0]),
          .in_invalid(special_q[2] | clash),
          .in_rand   (rand_q),
          .out_code  (rounded),
          .out_flags (flags)
      );
      reg [WIDTH-1:0] y_q;
      reg [4:0] flags_q;
      always @(posedge clk)
        if (enable_out) begin
          y_q     <= rounded;
          flags_q <= flags;
        end
      assign out_y     = y_q;
      assign out_flags = flags_q;
      wire _unused = &{1'b0, in_rand, DAZ != 0, S_W != 0, S_F != 0};

    end else begin : g_tree
      // Ranks: products | leaves | log2 of LANES levels inside a beat | LEVELS levels across beats.  A word of the tree is
      // a node: {kept, flags, code}.
      localparam integer DEPTH = $clog2(LANES);
      localparam integer LEVELS = DRAWS - 2 * LANES + 1;
      localparam integer NODE_W = WIDTH + 6;
      localparam integer RANKS = 2 + DEPTH;
      reg [RANKS+LEVELS-1:0] valid_q;
      reg [RANKS-1:0] last_q;
      reg [RANKS+LEVELS-1:0] enable;
      reg move;
      integer k;
      always @* begin
        move = out_ready;
        for (k = RANKS + LEVELS - 1; k >= 0; k = k - 1) begin
          move      = move | ~valid_q[k];
          enable[k] = move;
        end
      end
      assign in_ready = enable[0];
      wire [RANKS-1:0] arriving = {valid_q[RANKS-2:0], in_valid};
      wire [RANKS-1:0] arriving_last = {last_q[RANKS-2:0], in_last};
      genvar r, n;
      always @(posedge clk)
        if (!rst_n) valid_q[RANKS-1:0] <= {RANKS{1'b0}};
        else valid_q[RANKS-1:0] <= (enable[RANKS-1:0] & arriving) | (~enable[RANKS-1:0] & valid_q[RANKS-1:0]);
      always @(posedge clk) last_q <= (enable[RANKS-1:0] & arriving_last) | (~enable[RANKS-1:0] & last_q);

      // Draws wait with their beat until their rank.
      localparam integer DRAWN = DRAWS * RAND_BITS;
      reg [RANKS*DRAWN-1:0] rand_q;
      for (r = 0; r < RANKS; r = r + 1) begin : g_draws
        if (r == 0) begin : g_in
          always @(posedge clk) if (enable[0]) rand_q[0+:DRAWN] <= in_rand;
        end else begin : g_on
          always @(posedge clk) if (enable[r]) rand_q[r*DRAWN+:DRAWN] <= rand_q[(r-1)*DRAWN+:DRAWN];
        end
      end

      // Nodes inside a beat: level 0 the leaves, node i of level d at [(base of d + i)*NODE_W].
      wire [(2*LANES-1)*NODE_W-1:0] node_d;
      reg  [(2*LANES-1)*NODE_W-1:0] node_q;
      for (l = 0; l < LANES; l = l + 1) begin : g_leaf
        wire signed [P_W-1:0] p;
        wire p_sign, p_nan, p_invalid, p_inf;
        exact_product #(
            .A_KIND  (A_KIND),
            .A_WIDTH (A_WIDTH),
            .A_EXP   (A_EXP),
            .A_FRAC  (A_FRAC),
            .A_FAMILY(A_FAMILY),
            .A_DAZ   (A_DAZ),
            .B_KIND  (B_KIND),
            .B_WIDTH (B_WIDTH),
            .B_EXP   (B_EXP),
            .B_FRAC  (B_FRAC),
            .B_FAMILY(B_FAMILY),
            .B_DAZ   (B_DAZ)
        ) u_product (
            .in_a       (in_a[l*A_WIDTH+:A_WIDTH]),
            .in_b       (in_b[l*B_WIDTH+:B_WIDTH]),
            .out_value  (p),
            .out_sign   (p_sign),
            .out_nan    (p_nan),
            .out_invalid(p_invalid),
            .out_inf    (p_inf)
        );
        reg signed [P_W-1:0] p_q;
        reg p_sign_q, p_nan_q, p_invalid_q, p_inf_q, keep_q;
        always @(posedge clk)
          if (enable[0]) begin
            p_q         <= p;
            p_sign_q    <= p_sign;
            p_nan_q     <= p_nan;
            p_invalid_q <= p_invalid;
            p_inf_q     <= p_inf;
            keep_q      <= in_keep[l];
          end
        exact_round #(
            .IN_W      (P_W),
            .IN_F      (P_F),
            .KIND      (KIND),
            .WIDTH     (WIDTH),
            .EXP       (EXP),
            .FRAC      (FRAC),
            .BIAS      (BIAS),
            .FAMILY    (FAMILY),
            .SUBNORMALS(SUBNORMALS),
            .ROUND     (ROUND),
            .RANGE     (RANGE),
            .RAND_BITS (RAND_BITS)
        ) u_round (
            .in_value  (p_q),
            .in_sign   (p_sign_q),
            .in_nan    (p_nan_q),
            .in_inf    (p_inf_q),
            .in_invalid(p_invalid_q),
            .in_rand   (rand_q[l*RAND_BITS+:RAND_BITS]),
            .out_code  (node_d[l*NODE_W+:WIDTH]),
            .out_flags (node_d[l*NODE_W+WIDTH+:5])
        );
        assign node_d[l*NODE_W+WIDTH+5] = keep_q;
        always @(posedge clk) if (enable[1]) node_q[l*NODE_W+:NODE_W] <= node_d[l*NODE_W+:NODE_W];
      end
      for (r = 1; r <= DEPTH; r = r + 1) begin : g_level
        localparam integer BASE = 2 * LANES - ((2 * LANES) >> r);  // nodes of the levels below
        localparam integer BELOW = 2 * LANES - ((2 * LANES) >> (r - 1));
        for (n = 0; n < (LANES >> r); n = n + 1) begin : g_node
          dot_node #(
              .KIND      (KIND),
              .WIDTH     (WIDTH),
              .EXP       (EXP),
              .FRAC      (FRAC),
              .BIAS      (BIAS),
              .FAMILY    (FAMILY),
              .SUBNORMALS(SUBNORMALS),
              .DAZ       (DAZ),
              .ROUND     (ROUND),
              .RANGE     (RANGE),
              .RAND_BITS (RAND_BITS)
          ) u_node (
              .in_left (node_q[(BELOW+2*n)*NODE_W+:NODE_W]),
              .in_right(node_q[(BELOW+2*n+1)*NODE_W+:NODE_W]),
              .in_rand (rand_q[r*DRAWN+(BASE+n)*RAND_BITS+:RAND_BITS]),
              .out_node(node_d[(BASE+n)*NODE_W+:NODE_W])
          );
          always @(posedge clk)
            if (enable[r+1]) node_q[(BASE+n)*NODE_W+:NODE_W] <= node_d[(BASE+n)*NODE_W+:NODE_W];
        end
      end

      // Levels across beats: each keeps a left node until the right one comes, or until the vector ends, when it passes
      // on what it has.  An odd node goes up unrounded.
      wire [LEVELS:0] up_valid, up_last;
      wire [(LEVELS+1)*NODE_W-1:0] up_node;
      assign up_valid[0]       = valid_q[RANKS-1];
      assign up_last[0]        = last_q[RANKS-1];
      assign up_node[0+:NODE_W] = node_q[(2*LANES-2)*NODE_W+:NODE_W];
      for (r = 0; r < LEVELS; r = r + 1) begin : g_up
        localparam integer LEFT = LEVELS - r;  // draws that a beat still carries
        reg up_last_q, waiting_q;
        reg [NODE_W-1:0] left_q, up_node_q;
        wire [NODE_W-1:0] sum;
        wire [LEFT*RAND_BITS-1:0] draws;
        if (r == 0) begin : g_from_beat
          assign draws = rand_q[RANKS*DRAWN-1-:LEFT*RAND_BITS];
        end else begin : g_from_level
          assign draws = g_up[r-1].g_carry.draws_q;
        end
        dot_node #(
            .KIND      (KIND),
            .WIDTH     (WIDTH),
            .EXP       (EXP),
            .FRAC      (FRAC),
            .BIAS      (BIAS),
            .FAMILY    (FAMILY),
            .SUBNORMALS(SUBNORMALS),
            .DAZ       (DAZ),
            .ROUND     (ROUND),
            .RANGE     (RANGE),
            .RAND_BITS (RAND_BITS)
        ) u_node (
            .in_left (left_q),
            .in_right(up_node[r*NODE_W+:NODE_W]),
            .in_rand (draws[RAND_BITS-1:0]),
            .out_node(sum)
        );
        wire step = up_valid[r] & enable[RANKS+r];
        always @(posedge clk)
          if (!rst_n) begin
            valid_q[RANKS+r] <= 1'b0;
            waiting_q        <= 1'b0;
          end else if (enable[RANKS+r]) begin
            valid_q[RANKS+r] <= step & (waiting_q | up_last[r]);
            waiting_q        <= step ? ~waiting_q & ~up_last[r] : waiting_q;
          end
        always @(posedge clk)
          if (step) begin
            if (~waiting_q) left_q <= up_node[r*NODE_W+:NODE_W];
            up_node_q <= waiting_q ? sum : up_node[r*NODE_W+:NODE_W];
            up_last_q <= up_last[r];
          end
        if (LEFT > 1) begin : g_carry
          reg [(LEFT-1)*RAND_BITS-1:0] draws_q;
          always @(posedge clk) if (step) draws_q <= draws[LEFT*RAND_BITS-1:RAND_BITS];
        end
        assign up_valid[r+1] = valid_q[RANKS+r];
        assign up_last[r+1]  = up_last_q;
        assign up_node[(r+1)*NODE_W+:NODE_W] = up_node_q;
      end
      assign out_valid = up_valid[LEVELS];
      assign out_y     = up_node[LEVELS*NODE_W+:WIDTH];
      assign out_flags = up_node[LEVELS*NODE_W+WIDTH+:5];
      wire _unused = &{1'b0, in_first, rand_q, up_last[LEVELS], up_node[(LEVELS+1)*NODE_W-1]};
    end
  endgenerate
endmodule
`default_nettype wire
