// sign_dot: dot products of a vector of fixed-point numbers with LANES rows of signs: a binary layer's sums, exact and
// without a multiplier.
//
//   y = sum of w_j x_j, w_j = +1 or -1
//     = 2 * (sum of the x_j with w_j = +1) - (sum of all x_j)      the last sum is one for all lanes
//
//   in_x    WORD numbers of the vector, two's complement: number i of beat b, at [i*X_WIDTH +: X_WIDTH], is element b*WORD + i
//   in_w    a bit each, 1 for +1, of each row: lane l at [l*WORD +: WORD]
//   out_y   LANES sums with the fraction bits of x, two's complement of Y_WIDTH bits, one beat for every
//           ceil(LENGTH / WORD) beats in
//
//   LENGTH  elements of a row, 1..1048576.  Numbers past the last element are masked, whatever they are
//   WORD    1..1024
//   X_WIDTH 1..32
//   Y_WIDTH follows from the others and is not to be set: |y| <= LENGTH * 2^(X_WIDTH-1) fits
//
// Where the x_j are +-1 themselves: xnor_dot.  Akhtiamov, Ghane and Hassibi, arXiv 2510.16250.
//
// Latency 2 from the last beat, one beat a clock.  Java twin: SignMatrix.products.
`default_nettype none
module sign_dot #(
    parameter integer LANES   = 4,
    parameter integer LENGTH  = 64,
    parameter integer WORD    = 8,
    parameter integer X_WIDTH = 8,
    parameter integer Y_WIDTH = X_WIDTH + $clog2(LENGTH) + 1
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire                     in_valid,
    output wire                     in_ready,
    input  wire [ WORD*X_WIDTH-1:0] in_x,
    input  wire [   LANES*WORD-1:0] in_w,
    output wire                     out_valid,
    input  wire                     out_ready,
    output wire [LANES*Y_WIDTH-1:0] out_y
);
  localparam integer BEATS = (LENGTH + WORD - 1) / WORD;
  localparam integer PADDING = BEATS * WORD - LENGTH;
  localparam [WORD-1:0] TAIL = {WORD{1'b1}} >> PADDING;  // the elements in the last beat

  generate
    if (LANES < 1) begin : g_check_lanes
      $error("sign_dot: LANES must be at least 1");
    end
    if (LENGTH < 1 || LENGTH > 1048576) begin : g_check_length
      $error("sign_dot: LENGTH must be in 1..1048576");
    end
    if (WORD < 1 || WORD > 1024) begin : g_check_word
      $error("sign_dot: WORD must be in 1..1024");
    end
    if (X_WIDTH < 1 || X_WIDTH > 32) begin : g_check_width
      $error("sign_dot: X_WIDTH must be in 1..32");
    end
  endgenerate

  wire last, enable_part, enable_sum, first;
  sign_row #(
      .BEATS(BEATS)
  ) u_row (
      .clk        (clk),
      .rst_n      (rst_n),
      .in_valid   (in_valid),
      .in_ready   (in_ready),
      .out_valid  (out_valid),
      .out_ready  (out_ready),
      .last       (last),
      .enable_part(enable_part),
      .enable_sum (enable_sum),
      .first_q    (first)
  );

  // Sums of a beat: of any x_j; of w_j x_j a bit more, |it| <= WORD * 2^(X_WIDTH-1).
  localparam integer TREE_W = X_WIDTH + $clog2(WORD);
  localparam integer PART_W = TREE_W + 1;
  localparam integer LONGER = (PART_W > Y_WIDTH) ? PART_W : Y_WIDTH;  // Y_WIDTH holds every sum of a row so far
  wire [WORD-1:0] keep = last ? TAIL : {WORD{1'b1}};
  wire [WORD*X_WIDTH-1:0] x;
  wire [TREE_W-1:0] all;
  genvar l, i;
  generate
    for (i = 0; i < WORD; i = i + 1) begin : g_keep
      assign x[i*X_WIDTH+:X_WIDTH] = in_x[i*X_WIDTH+:X_WIDTH] & {X_WIDTH{keep[i]}};
    end
  endgenerate
  add_tree #(
      .N(WORD),
      .W(X_WIDTH)
  ) u_all (
      .in_x   (x),
      .out_sum(all)
  );
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      wire [WORD*X_WIDTH-1:0] plus;
      for (i = 0; i < WORD; i = i + 1) begin : g_number
        assign plus[i*X_WIDTH+:X_WIDTH] = x[i*X_WIDTH+:X_WIDTH] & {X_WIDTH{in_w[l*WORD+i]}};
      end
      wire [TREE_W-1:0] positive;
      add_tree #(
          .N(WORD),
          .W(X_WIDTH)
      ) u_plus (
          .in_x   (plus),
          .out_sum(positive)
      );
      reg [PART_W-1:0] part_q;
      reg [Y_WIDTH-1:0] sum_q;
      wire [LONGER:0] part = {{(LONGER + 1 - PART_W) {part_q[PART_W-1]}}, part_q};
      wire [LONGER:0] so_far = {{(LONGER + 1 - Y_WIDTH) {sum_q[Y_WIDTH-1]}}, sum_q};
      wire [LONGER:0] sum = first ? part : so_far + part;
      always @(posedge clk) begin
        if (enable_part) part_q <= {positive, 1'b0} - {all[TREE_W-1], all};
        if (enable_sum) sum_q <= sum[Y_WIDTH-1:0];
      end
      wire _unused = &{1'b0, sum[LONGER:Y_WIDTH]};
      assign out_y[l*Y_WIDTH+:Y_WIDTH] = sum_q;
    end
  endgenerate
endmodule
`default_nettype wire
