// random_bits: the random bits of one rounding lane, a fresh word of BITS bits for each draw.
//
//   load       state <- load_data at the clock edge (wins over draw); load_data must not be 0
//   draw       the word in `bits` is used in this cycle: state advances at the clock edge
//   bits       the draw R for the current beat; a function of the state alone
//   rst_n = 0  state <- 64'h9E3779B97F4A7C15, which is nonzero; seed each lane before use
//
// BITS steps of the Fibonacci register of x^64 + x^63 + x^61 + x^60 + 1 in one leap.  Bit i of the
// 64-bit word t is the feedback of step 63 - i while the low end has not yet been refilled, which
// holds for the first 60 steps; hence BITS <= 32 is safe.
//
// One clock per draw.  Java twin: RandomBits.
`default_nettype none
module random_bits #(
    parameter integer BITS = 8
) (
    input  wire            clk,
    input  wire            rst_n,
    input  wire            load,
    input  wire [    63:0] load_data,
    input  wire            draw,
    output wire [BITS-1:0] bits
);
  generate
    if (BITS < 1 || BITS > 32) begin : g_check_bits
      $error("random_bits: BITS must be in 1..32");
    end
  endgenerate

  localparam [63:0] DEFAULT = 64'h9E37_79B9_7F4A_7C15;

  reg [63:0] state_q;
  initial state_q = DEFAULT;  // power-up without a reset must not leave the all-zero fixed point

  // Four-input XOR of the top BITS positions; the taps reach at most 4 places down, BITS + 4 <= 64.
  assign bits = state_q[63-:BITS] ^ state_q[62-:BITS] ^ state_q[60-:BITS] ^ state_q[59-:BITS];

  always @(posedge clk)
    if (!rst_n) state_q <= DEFAULT;
    else if (load) state_q <= load_data;
    else if (draw) state_q <= {state_q[63-BITS:0], bits};
endmodule
`default_nettype wire
