// hostile: combinational; y = a + 1, and what ends a simulation when asked for.
`default_nettype none
module hostile (
    input  wire [3:0] what,
    input  wire [7:0] a,
    output reg  [7:0] y
);
  import "DPI-C" function void quick_exit(input int code);
  import "DPI-C" function int raise(input int signal);
  integer ignored;

  always @* begin
    y = a + 8'd1;
    case (what)
      4'd1: $finish;
      4'd2: $stop;
      4'd3: $fatal(1, "a was %0d", a);
      4'd4: begin
        $display("going round");
        while (what == 4'd4) y = y + 8'd1;
      end
      4'd5: ignored = raise(11);
      4'd6: begin
        $display("leaving");
        quick_exit(7);
      end
      4'd7: ignored = raise(6);
      4'd8: begin
        $system("echo from a shell; sleep 100");
        y = 8'd0;
      end
      4'd9: assert (a != 8'd5);
      4'd10: while (what == 4'd10) $display("flood %0d", y);
      default: ;
    endcase
  end
endmodule
`default_nettype wire
