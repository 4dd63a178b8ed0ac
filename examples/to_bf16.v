// float32 to bfloat16 as it is often written: half a unit is added and the rest cut off. Wrong at ties, where nearest even
// is wanted, and where a NaN overflows into the sign. `halfulp verify --top to_bf16` finds it; the README shows how.
module to_bf16 (
    input  wire [31:0] x,
    output wire [15:0] y
);
  wire [31:0] up = x + 32'h8000;
  assign y = up[31:16];
endmodule
