// multiply: the exact product of two unsigned numbers.
//
//   in_a  A_W bits    in_b  B_W bits    out_y  A_W + B_W bits
//
//   DSP   1: written as `*`, for targets with multipliers; 0: an array for LUTs with carry chains
//
// The array takes in_b two bits at a time, as digits -1, 0, 1 or 2: the digits of in_b + ...0101, each less 1, so one
// constant addition recodes the number.  A row is then one LUT4 a bit (two bits of a, two of the digit) and one carry
// chain, and there are half as many rows as bits.  iCE40 cells against `*`: 4x4 as many (`*` is taken), 8x8 114 for 162,
// 11x11 181 for 308.
//
// Combinational.  Java twin: none of its own (Arithmetic.mul).
`default_nettype none
module multiply #(
    parameter integer A_W = 8,
    parameter integer B_W = 8,
    parameter integer DSP = 0
) (
    input  wire [    A_W-1:0] in_a,
    input  wire [    B_W-1:0] in_b,
    output wire [A_W+B_W-1:0] out_y
);
  localparam integer P_W = A_W + B_W;
  localparam integer DIGITS = (B_W + 1) / 2;
  localparam integer H_W = A_W + 3;  // a running sum above the bits already final, signed: within -a..3a

  generate
    if (A_W < 1 || B_W < 1) begin : g_check_width
      $error("multiply: A_W and B_W must be at least 1");
    end

    if (DSP != 0 || A_W < 5 || B_W < 5) begin : g_star
      wire [P_W-1:0] wide_a = {{B_W{1'b0}}, in_a};
      wire [P_W-1:0] wide_b = {{A_W{1'b0}}, in_b};
      assign out_y = wide_a * wide_b;
    end else begin : g_rows
      localparam [2*DIGITS:0] OFFSET = {1'b0, {DIGITS{2'b01}}};
      wire [2*DIGITS:0] digits = {{(2 * DIGITS + 1 - B_W) {1'b0}}, in_b} + OFFSET;  // each digit plus 1

      reg [2*DIGITS-1:0] low;  // final bits
      reg [H_W-1:0] high;
      reg [H_W:0] sum;
      reg [A_W:0] row;
      reg [1:0] digit;
      reg minus;
      integer i;
      always @* begin
        high = {H_W{1'b0}};
        low = {2 * DIGITS{1'b0}};
        for (i = 0; i < DIGITS; i = i + 1) begin
          digit = digits[2*i+:2];
          minus = digit == 2'd0;
          row = digit[1] ? (digit[0] ? {in_a, 1'b0} : {1'b0, in_a})
              : (digit[0] ? {(A_W + 1) {1'b0}} : ~{1'b0, in_a});
          // The last place carries the 1 that completes a negation into the sum.
          sum = {high, 1'b1} + {minus, minus, row, minus};
          high = {{2{sum[H_W]}}, sum[H_W:3]};
          low[2*i+:2] = sum[2:1];
        end
      end

      wire [2*DIGITS+H_W-1:0] full;
      if (B_W % 2 == 0) begin : g_even  // the recoding may carry out of an even number of bits
        assign full = {high + {3'd0, in_a & {A_W{digits[2*DIGITS]}}}, low};
      end else begin : g_odd  // here it cannot
        assign full = {high, low};
      end
      assign out_y = full[P_W-1:0];
      wire _unused = &{1'b0, digits[2*DIGITS], full[2*DIGITS+H_W-1:P_W]};
    end
  endgenerate
endmodule
`default_nettype wire
