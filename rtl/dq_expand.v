// dq_expand: the quantized value of a code that dq_compress sent; the server's half, and a part of dq_compress.
//
//   in_code    BITS bits, two's complement
//   in_shift   s, at most WIDTH - 1 - BITS, where the range of 2^(s + BITS) last places covers every value
//   out_q      (2 * code + 1) * 2^s, two's complement: the middle of the code's cell of 2^(s + 1)
//
// Combinational.  Java twin: DqCompress.expand.
`default_nettype none
module dq_expand #(
    parameter integer BITS        = 4,
    parameter integer SHIFT_WIDTH = 4,
    parameter integer WIDTH       = 18
) (
    input  wire        [       BITS-1:0] in_code,
    input  wire        [SHIFT_WIDTH-1:0] in_shift,
    output wire signed [      WIDTH-1:0] out_q
);
  generate
    if (SHIFT_WIDTH < 1 || SHIFT_WIDTH > 6) begin : g_check_shift
      $error("dq_expand: SHIFT_WIDTH must be in 1..6");
    end
    if (BITS < 1 || BITS > WIDTH - 2) begin : g_check_bits
      $error("dq_expand: BITS must be in 1..WIDTH-2");
    end
  endgenerate

  // {code, 1} has BITS + 1 bits, so WIDTH bits hold it at this shift and no other.
  localparam integer LARGEST = WIDTH - 1 - BITS;
  localparam [6:0] MAX_SHIFT = LARGEST[6:0];
  wire [6:0] asked = {{(7 - SHIFT_WIDTH) {1'b0}}, in_shift};
  wire [6:0] shift = (asked > MAX_SHIFT) ? MAX_SHIFT : asked;
  wire signed [WIDTH-1:0] middle = {{(WIDTH - BITS - 1) {in_code[BITS-1]}}, in_code, 1'b1};
  assign out_q = middle <<< shift;
endmodule
`default_nettype wire
