// xnor_dot: dot products of a vector of signs with LANES rows of signs; a binary layer whose input is binary.
//
//   y = 2 * popcount(xnor(w, h)) - LENGTH
//
//   in_h    WORD bits of the vector, 1 for +1 and 0 for -1: bit i of beat b is element b*WORD + i
//   in_w    the same bits of each row, lane l at [l*WORD +: WORD]
//   out_y   LANES sums, two's complement of Y_WIDTH bits, one beat for every ceil(LENGTH / WORD) beats in
//
//   LENGTH  elements of a row, 1..1048576.  Bits past the last element are masked, whatever they are
//   WORD    1..1024
//   Y_WIDTH follows from LENGTH and is not to be set: it holds -LENGTH..LENGTH
//
// Akhtiamov, Ghane and Hassibi, arXiv 2510.16250: all layers but the last of random features.
//
// Latency 2 from the last beat, one beat a clock.  Java twin: SignMatrix.dots.
`default_nettype none
module xnor_dot #(
    parameter integer LANES   = 4,
    parameter integer LENGTH  = 64,
    parameter integer WORD    = 16,
    parameter integer Y_WIDTH = $clog2(LENGTH + 1) + 1
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire                     in_valid,
    output wire                     in_ready,
    input  wire [         WORD-1:0] in_h,
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
      $error("xnor_dot: LANES must be at least 1");
    end
    if (LENGTH < 1 || LENGTH > 1048576) begin : g_check_length
      $error("xnor_dot: LENGTH must be in 1..1048576");
    end
    if (WORD < 1 || WORD > 1024) begin : g_check_word
      $error("xnor_dot: WORD must be in 1..1024");
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

  // Bits that agree, counted as {0, bit}: the tree's numbers are signed.
  localparam integer PART_W = 2 + $clog2(WORD);
  localparam integer LONGER = (PART_W > Y_WIDTH) ? PART_W : Y_WIDTH;
  localparam [LONGER:0] ELEMENTS = LENGTH[LONGER:0];
  wire [WORD-1:0] keep = last ? TAIL : {WORD{1'b1}};
  genvar l, i;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      wire [WORD-1:0] equal = ~(in_w[l*WORD+:WORD] ^ in_h) & keep;
      wire [2*WORD-1:0] ones;
      for (i = 0; i < WORD; i = i + 1) begin : g_bit
        assign ones[2*i+:2] = {1'b0, equal[i]};
      end
      wire [PART_W-1:0] count;
      add_tree #(
          .N(WORD),
          .W(2)
      ) u_count (
          .in_x   (ones),
          .out_sum(count)
      );
      // 2 * count - LENGTH in the end, so a row starts at -LENGTH: each sum on the way is within -LENGTH..LENGTH.
      reg [PART_W-1:0] part_q;
      reg [Y_WIDTH-1:0] sum_q;
      wire [LONGER:0] twice = {{(LONGER - PART_W) {1'b0}}, part_q, 1'b0};
      wire [LONGER:0] so_far = first ? -ELEMENTS : {{(LONGER + 1 - Y_WIDTH) {sum_q[Y_WIDTH-1]}}, sum_q};
      wire [LONGER:0] sum = so_far + twice;
      always @(posedge clk) begin
        if (enable_part) part_q <= count;
        if (enable_sum) sum_q <= sum[Y_WIDTH-1:0];
      end
      wire _unused = &{1'b0, sum[LONGER:Y_WIDTH]};
      assign out_y[l*Y_WIDTH+:Y_WIDTH] = sum_q;
    end
  endgenerate
endmodule
`default_nettype wire
