// loop: oscillates while enabled.
`default_nettype none
module loop (
    input  wire enable,
    output wire y
);
  wire a = enable & ~y;
  assign y = a;
endmodule
`default_nettype wire
