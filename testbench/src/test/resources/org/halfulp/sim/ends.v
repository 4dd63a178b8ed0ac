// ends: does on a rising edge what its input asks for.
`default_nettype none
module ends (
    input  wire       clk,
    input  wire [3:0] what,
    output reg  [7:0] count
);
  initial count = 8'd0;

  always @(posedge clk) begin
    count <= count + 8'd1;
    case (what)
      4'd1: $finish;
      4'd2: $stop;
      4'd3: $error("what is %0d", what);
      4'd4: $fatal(1, "what was %0d", what);
      4'd5: $display("count %0d", count);
      4'd6: $write("half ");
      4'd7: begin
        $finish;
        $finish;
      end
      default: ;
    endcase
  end

  final $display("ended at %0d", count);
endmodule
`default_nettype wire
